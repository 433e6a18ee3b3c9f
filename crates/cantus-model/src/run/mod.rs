//! Runs: training that lives in a folder, can be watched, stopped and gone on with.
//!
//! [`Run::create`] reads the data of a [`Task`] and writes down what the run is; [`train`] learns, and saves as it
//! goes; [`Run::resume`] goes on where a run was stopped, by whatever, to the same bits as if it never had been. What
//! learns, a [`Learner`], is the business of the engines: a run knows nothing of networks or music.
//!
//! The folder holds `run.toml` (engine, data and recipe), `corpus.jsonl` (each piece with its terms), `metrics.jsonl`,
//! `report.html`, `best.safetensors` and `last.safetensors` (models to compose with), `state.safetensors` (what the next
//! step depends on) and `state-before.safetensors` (the same one checkpoint earlier). Each is replaced as a whole.

mod checkpoint;
mod disk;
mod error;
mod history;
mod learner;
mod metrics;
mod report;
mod seal;
mod settings;
#[cfg(test)]
mod tests;
mod trainer;
mod watch;

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

pub use checkpoint::{STATE_BEFORE_FILE, STATE_FILE};
pub use error::RunError;
pub use learner::{Described, Inventory, Learner, PartMetric, Place, Ready, StepReport, Task, Units};
pub use metrics::{EpochMetric, METRICS_FILE, Metric, StepMetric};
pub use report::REPORT_FILE;
pub use settings::{RUN_FILE, Settings};
pub use trainer::{BEST_FILE, LAST_FILE, Outcome, TrainOptions, train};
pub use watch::{Began, Event, Step, Stop, Watch};

use crate::corpus::Progress;
use checkpoint::{Found, Saved, damaged};
use disk::{Disk, Folder, RealDisk};
use history::History;

/// The list of all that is learnt from, a piece a line.
pub const CORPUS_FILE: &str = "corpus.jsonl";

/// Every file of a run, by whatever engine.
const FILES: [&str; 8] =
    [RUN_FILE, CORPUS_FILE, METRICS_FILE, REPORT_FILE, STATE_FILE, STATE_BEFORE_FILE, BEST_FILE, LAST_FILE];

/// What a new run is made of.
#[derive(Debug)]
pub struct NewRun {
    /// Its folder; made if it is not there.
    pub folder: PathBuf,
    /// The name that its models bear.
    pub name: String,
    /// What is to be learnt.
    pub task: Box<dyn Task>,
}

impl NewRun {
    /// A run in a folder whose name its models bear.
    pub fn new(folder: &Path, task: impl Task + 'static) -> Self {
        let name =
            folder.file_name().map_or_else(|| "model".into(), |name| name.to_string_lossy().into_owned());
        Self { folder: folder.to_owned(), name, task: Box::new(task) }
    }
}

/// A run, ready to be trained.
#[derive(Debug)]
pub struct Run {
    folder: PathBuf,
    settings: Settings,
    learner: Box<dyn Learner>,
    progress: checkpoint::Progress,
    history: History,
    /// Why the run goes on from an earlier checkpoint than its last.
    damage: Option<RunError>,
    /// Keeps other programs away from the folder for as long as the run lives, however it ends.
    _lock: File,
}

impl Run {
    /// Fails if a folder holds a run, or a file that a run would write over.
    pub fn expect_none(folder: &Path) -> Result<(), RunError> {
        let taken = FILES.iter().map(|file| folder.join(file)).find(|path| path.exists());
        taken.map_or(Ok(()), |path| Err(RunError::Taken(path)))
    }

    /// Reads the data and writes what the run is into its folder. Fails, and leaves all files as they are, if the
    /// folder holds a run already. `progress` is called after each file of data, from any thread.
    pub fn create(new: &NewRun, progress: &(dyn Fn(Progress) + Sync)) -> Result<Self, RunError> {
        Self::create_on(&mut RealDisk, new, progress)
    }

    fn create_on(
        disk: &mut dyn Disk,
        new: &NewRun,
        progress: &(dyn Fn(Progress) + Sync),
    ) -> Result<Self, RunError> {
        let NewRun { folder, name, task } = new;
        Self::expect_none(folder)?;
        let is_new = !folder.exists();
        let unwritable = |source| RunError::Write { path: folder.clone(), source };
        fs::create_dir_all(folder).map_err(unwritable)?;
        let prepared = task.prepare(folder, progress).inspect_err(|_| {
            if is_new {
                // What could not even begin leaves nothing behind.
                let _ = fs::remove_dir(folder);
            }
        });
        let Ready { learner, inventory } = prepared?;
        let settings = Settings::new(task.as_ref(), name, inventory.digest)?;
        let mut files = Folder { path: folder, disk };
        files.replace(RUN_FILE, settings.write().as_bytes())?;
        files.replace(CORPUS_FILE, inventory.text.as_bytes())?;
        let lock = lock(&folder.join(RUN_FILE))?;
        let (folder, progress) = (folder.clone(), checkpoint::Progress::default());
        let history = History::default();
        Ok(Self { folder, settings, learner, progress, history, damage: None, _lock: lock })
    }

    /// Reads a run where it was stopped, with its data. Fails, and leaves all files as they are, if the data or the
    /// recipe is not what it was, or if a file of the run is not what was written. `progress` is called after each
    /// file of data, from any thread.
    pub fn resume(folder: &Path, progress: &(dyn Fn(Progress) + Sync)) -> Result<Self, RunError> {
        let path = folder.join(RUN_FILE);
        let Some(text) = text_of(&path)? else { return Err(RunError::NoRun(path)) };
        let lock = lock(&path)?;
        let (settings, task) = Settings::read(&path, &text)?;
        let Found { saved, damage } = checkpoint::find(folder, &settings)?;
        let Ready { mut learner, inventory } = task.prepare(folder, progress)?;
        let list = folder.join(CORPUS_FILE);
        if inventory.digest != settings.digest {
            let was = text_of(&list)?.unwrap_or_default();
            return Err(RunError::DataChanged { path: list, what: task.difference(&was, &inventory.text) });
        }
        let progress = match saved {
            None => checkpoint::Progress::default(),
            Some(Saved { weights, progress }) => {
                let state = folder.join(STATE_FILE);
                let unfit = |error: cantus_nn::NnError| damaged(&state, error.to_string());
                learner.restore(&weights, progress.place).map_err(unfit)?;
                progress
            }
        };
        let (folder, history) = (folder.to_owned(), History::default());
        let run = Self { folder, settings, learner, progress, history, damage, _lock: lock };
        run.check_best()?;
        Ok(run)
    }

    /// The best model was written before the state that knows of it, so it must be there.
    fn check_best(&self) -> Result<(), RunError> {
        if self.progress.best.is_none() {
            return Ok(());
        }
        let path = self.folder.join(BEST_FILE);
        let rule = "the best model so far must be a whole file that this run wrote";
        let damaged = |found: String| RunError::Damaged { path: path.clone(), rule, found };
        let bytes = bytes_of(&path)?.ok_or_else(|| damaged("it is gone".to_owned()))?;
        self.learner.check_model(&bytes).map_err(damaged)
    }

    /// Fails if a recipe is not the run's own: a run keeps the one it began with.
    pub fn expect_recipe(&self, recipe: &toml::Table) -> Result<(), RunError> {
        let path = self.folder.join(RUN_FILE);
        match settings::difference(&self.settings.recipe, recipe) {
            Some([name, was, now]) => Err(RunError::RecipeChanged { path, name, was, now }),
            None => Ok(()),
        }
    }

    /// Fails if a task's data is not found where the run's own is: a run keeps what it began with.
    pub fn expect_data(&self, task: &dyn Task) -> Result<(), RunError> {
        let path = self.folder.join(RUN_FILE);
        let what = if self.settings.engine != task.engine() {
            format!("it is of the engine {}, and {} was asked for", self.settings.engine, task.engine())
        } else if let Some([name, was, now]) = settings::difference(&self.settings.data, &task.data()?) {
            format!("{name} was {was} and is now {now}")
        } else {
            return Ok(());
        };
        Err(RunError::DataChanged { path, what })
    }

    /// Its folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// What it is.
    pub fn settings(&self) -> &Settings {
        &self.settings
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
pub(crate) fn bytes_of(path: &Path) -> Result<Option<Vec<u8>>, RunError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(RunError::Read { path: path.to_owned(), source }),
    }
}

/// A file's text, or nothing where there is no such file; signs that are no text are replaced.
pub(crate) fn text_of(path: &Path) -> Result<Option<String>, RunError> {
    Ok(bytes_of(path)?.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
}
