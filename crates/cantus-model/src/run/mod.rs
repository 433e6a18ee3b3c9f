//! Runs: training that lives in a folder, can be watched, stopped and gone on with.
//!
//! [`Run::create`] reads the music and writes down what the run is; [`train`] learns, and saves as it goes;
//! [`Run::resume`] goes on where a run was stopped, by whatever, to the same bits as if it never had been.
//!
//! The folder holds `run.toml` (recipe and music), `corpus.jsonl` (each piece with its terms), `metrics.jsonl`,
//! `report.html`, `best.safetensors` and `last.safetensors` (models to compose with) and `state.safetensors` (what
//! the next step depends on). Each is replaced as a whole.

mod checkpoint;
mod disk;
mod error;
mod metrics;
mod music;
mod report;
mod settings;
#[cfg(test)]
mod tests;
mod trainer;
mod watch;

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

pub use checkpoint::STATE_FILE;
pub use error::RunError;
pub use metrics::{EpochMetric, METRICS_FILE, Metric, StepMetric, StyleMetric};
pub use music::{CORPUS_FILE, Summary};
pub use report::REPORT_FILE;
pub use settings::{RUN_FILE, Settings, Source};
pub use trainer::{BEST_FILE, LAST_FILE, Outcome, TrainOptions, train};
pub use watch::{Began, Event, Step, Stop, Watch};

use crate::corpus::{self, Progress, ScanOptions};
use crate::model::{Card, VERSION};
use crate::recipe::Recipe;
use crate::training::TrainingSet;
use checkpoint::Saved;
use disk::{Disk, Folder, RealDisk};

/// What a new run is made of.
#[derive(Debug, Clone, PartialEq)]
pub struct NewRun {
    /// Its folder; made if it is not there.
    pub folder: PathBuf,
    /// Files and folders of music.
    pub paths: Vec<PathBuf>,
    /// How they are read and divided.
    pub scan: ScanOptions,
    /// How the network is built and trained.
    pub recipe: Recipe,
    /// The name that its models bear.
    pub name: String,
}

impl NewRun {
    /// A run in a folder whose name its models bear, on music that is read as usual.
    pub fn new(folder: &Path, paths: &[PathBuf], recipe: Recipe) -> Self {
        let name =
            folder.file_name().map_or_else(|| "model".into(), |name| name.to_string_lossy().into_owned());
        Self { folder: folder.to_owned(), paths: paths.to_vec(), scan: ScanOptions::default(), recipe, name }
    }
}

/// A run, ready to be trained.
#[derive(Debug)]
pub struct Run {
    folder: PathBuf,
    settings: Settings,
    set: TrainingSet,
    card: Card,
    music: Summary,
    saved: Option<Saved>,
    metrics: Vec<Metric>,
    /// Keeps other programs away from the folder for as long as the run lives, however it ends.
    _lock: File,
}

impl Run {
    /// Reads the music and writes what the run is into its folder. Fails, and leaves all files as they are, if the
    /// folder holds a run already. `progress` is called after each file of music, from any thread.
    pub fn create(new: &NewRun, progress: &(dyn Fn(Progress) + Sync)) -> Result<Self, RunError> {
        Self::create_on(&mut RealDisk, new, progress)
    }

    fn create_on(
        disk: &mut dyn Disk,
        new: &NewRun,
        progress: &(dyn Fn(Progress) + Sync),
    ) -> Result<Self, RunError> {
        let NewRun { folder, paths, scan, recipe, name } = new;
        let files = [RUN_FILE, CORPUS_FILE, METRICS_FILE, REPORT_FILE, STATE_FILE, BEST_FILE, LAST_FILE];
        if let Some(taken) = files.iter().map(|file| folder.join(file)).find(|path| path.exists()) {
            return Err(RunError::Taken(taken));
        }
        let recipe = Recipe::read(&recipe.write())?;
        let music = Music::read(paths, scan, &recipe, progress)?;
        let settings = Settings {
            version: VERSION,
            program: env!("CARGO_PKG_VERSION").to_owned(),
            name: name.clone(),
            corpus: Source::new(paths, scan, music::digest(&music.lines))?,
            recipe,
        };
        let unwritable = |source| RunError::Write { path: folder.clone(), source };
        fs::create_dir_all(folder).map_err(unwritable)?;
        let mut files = Folder { path: folder, disk };
        files.replace(RUN_FILE, settings.write().as_bytes())?;
        files.replace(CORPUS_FILE, music::write(&music.lines).as_bytes())?;
        let lock = lock(&folder.join(RUN_FILE))?;
        Ok(music.into_run(folder, settings, lock))
    }

    /// Reads a run where it was stopped, with its music. Fails, and leaves all files as they are, if the music or the
    /// recipe is not what it was, or if a file of the run is not what was written. `progress` is called after each
    /// file of music, from any thread.
    pub fn resume(folder: &Path, progress: &(dyn Fn(Progress) + Sync)) -> Result<Self, RunError> {
        let path = folder.join(RUN_FILE);
        let Some(text) = text_of(&path)? else { return Err(RunError::NoRun(path)) };
        let lock = lock(&path)?;
        let settings = Settings::read(&path, &text)?;
        let state = folder.join(STATE_FILE);
        let saved = bytes_of(&state)?.map(|bytes| checkpoint::read(&state, &bytes, &settings)).transpose()?;
        let music =
            Music::read(&settings.corpus.paths(), &settings.corpus.options(), &settings.recipe, progress)?;
        let list = folder.join(CORPUS_FILE);
        if music::digest(&music.lines) != settings.corpus.digest {
            let was = music::read(&text_of(&list)?.unwrap_or_default());
            let what = music::difference(&was, &music.lines);
            return Err(RunError::CorpusChanged { path: list, what });
        }
        let step = saved.as_ref().map_or(0, |saved| saved.progress.place.step);
        let lines = text_of(&folder.join(METRICS_FILE))?.unwrap_or_default();
        let mut run = music.into_run(folder, settings, lock);
        run.metrics = metrics::read(&lines, step);
        run.saved = saved;
        run.check_best()?;
        Ok(run)
    }

    /// The best model was written before the state that knows of it, so it must be there.
    fn check_best(&self) -> Result<(), RunError> {
        if self.saved.as_ref().is_none_or(|saved| saved.progress.best.is_none()) {
            return Ok(());
        }
        let path = self.folder.join(BEST_FILE);
        let rule = "the best model so far must be a whole file that this run wrote";
        let damaged = |found: String| RunError::Damaged { path: path.clone(), rule, found };
        let bytes = bytes_of(&path)?.ok_or_else(|| damaged("it is gone".to_owned()))?;
        crate::model::Model::from_bytes(&bytes).map(|_| ()).map_err(|error| damaged(error.to_string()))
    }

    /// Fails if a recipe is not the run's own: a run keeps the one it began with.
    pub fn expect_recipe(&self, recipe: &Recipe) -> Result<(), RunError> {
        let path = self.folder.join(RUN_FILE);
        match settings::difference(&self.settings.recipe, recipe) {
            Some([name, was, now]) => Err(RunError::RecipeChanged { path, name, was, now }),
            None => Ok(()),
        }
    }

    /// Its folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// What it is.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// What its corpus gave.
    pub fn music(&self) -> &Summary {
        &self.music
    }
}

/// The music of a run, read and prepared.
struct Music {
    lines: Vec<music::Line>,
    set: TrainingSet,
    card: Card,
    summary: Summary,
}

impl Music {
    fn read(
        paths: &[PathBuf],
        scan: &ScanOptions,
        recipe: &Recipe,
        progress: &(dyn Fn(Progress) + Sync),
    ) -> Result<Self, RunError> {
        let corpus = corpus::scan(paths, scan, progress)?;
        let set = TrainingSet::of_corpus(&corpus, recipe.transposition)?;
        let card = Card::of_corpus("", &corpus);
        Ok(Self { lines: music::lines(&corpus), set, card, summary: Summary::of(&corpus) })
    }

    fn into_run(self, folder: &Path, settings: Settings, lock: File) -> Run {
        let card = Card { name: settings.name.clone(), ..self.card };
        Run {
            folder: folder.to_owned(),
            settings,
            set: self.set,
            card,
            music: self.summary,
            saved: None,
            metrics: Vec::new(),
            _lock: lock,
        }
    }
}

/// Takes a run for this program alone. The system takes the lock back when the program ends, even by force.
fn lock(path: &Path) -> Result<File, RunError> {
    let unreadable = |source| RunError::Read { path: path.to_owned(), source };
    let file = File::open(path).map_err(unreadable)?;
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => Err(RunError::Busy(path.to_owned())),
        // Some file systems know no locks; there, care must do.
        Ok(()) | Err(TryLockError::Error(_)) => Ok(file),
    }
}

/// A file's content, or nothing where there is no such file.
fn bytes_of(path: &Path) -> Result<Option<Vec<u8>>, RunError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(RunError::Read { path: path.to_owned(), source }),
    }
}

/// A file's text, or nothing where there is no such file; signs that are no text are replaced.
fn text_of(path: &Path) -> Result<Option<String>, RunError> {
    Ok(bytes_of(path)?.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
}
