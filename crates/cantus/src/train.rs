//! Training a model on one's own music or arrays.

use std::path::{Path, PathBuf};

use cantus_model::array as model;
use cantus_model::array::gan::{AdversarialTask, Recipe as AdversarialRecipe};
use cantus_model::corpus::{Progress, ScanOptions};
use cantus_model::gan::{self, GanTask};
use cantus_model::model::{CurvePoint, Model};
use cantus_model::recipe::Recipe;
use cantus_model::run::{NewRun, Outcome, Run, RunError, Task, TrainOptions, Watch};
use cantus_model::training::curve::{self, CurveProgress};
use cantus_model::training::{BASE_FILE, SliceTask, TrainingSet};
use cantus_model::voices::{self, VoicesTask};
use cantus_nn::Precision;

use crate::ArraySettings;
use crate::array;
use crate::error::{Error, Kind};
use crate::learned::{model_or_default, no_corpus, open_model};
use crate::{rehearsal, write_file};

/// What learns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Engine {
    /// The recurrent network of scores.
    #[default]
    Scores,
    /// The recurrent network of arrays.
    Array,
    /// The adversarial networks of phrases.
    Phrases,
    /// The adversarial networks of arrays.
    Pieces,
    /// The recurrent networks of four voices.
    Voices,
}

/// What is to be trained.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TrainSettings {
    /// What learns.
    pub engine: Engine,
    /// Files and folders of music, one file of an array, or sound; none, or the same ones, where a run goes on.
    pub paths: Vec<PathBuf>,
    /// The folder of the run.
    pub folder: PathBuf,
    /// The preset of the recipe, or a file of one that ends in `.toml`; `standard` for scores, `article` for arrays,
    /// `sound` for clips of it, `phrases` for phrases and `dense` for arrays by adversarial networks where nothing is said.
    pub preset: Option<String>,
    /// A model of scores to begin from: a file, the folder of a run, or [`BUILT_IN`].
    pub from: Option<PathBuf>,
    /// Music that this model knows, of which each epoch takes a share; where none is named, the model composes some.
    pub base: Vec<PathBuf>,
    /// The kind of recurrent cell, `lstm` or `gru`, where it is not the preset's.
    pub cell: Option<String>,
    /// What differs from the preset where an array is learnt; of phrases seed, epochs, batch and learning rate.
    pub array: ArraySettings,
    /// What is told of each frame where sound is learnt.
    pub told: model::Told,
    /// Whether a run that was stopped goes on.
    pub resumes: bool,
    /// How it is carried out, which changes nothing that is learnt.
    pub options: TrainOptions,
}

/// The name of the model inside the program, where a model is to be named.
pub const BUILT_IN: &str = "built-in";

/// The folder of a run in which its model composed what it knew.
const REHEARSAL: &str = "rehearsal";

impl TrainSettings {
    /// The recipe for scores: the preset with what differs from it.
    fn recipe(&self, begins_from: Option<&Model>) -> Result<Recipe, RunError> {
        let usual = if begins_from.is_some() { "fine-tune" } else { "standard" };
        let mut recipe = named_recipe(self.preset.as_deref(), usual)?;
        if let Some(model) = begins_from {
            recipe = recipe.sized_as(&model.network.shape);
        }
        if let Some(cell) = &self.cell {
            recipe.cell.clone_from(cell);
        }
        Ok(recipe)
    }

    /// The recipe for an array, likewise.
    fn array_recipe(&self) -> Result<model::Recipe, RunError> {
        let are_clips = self.paths.iter().any(|path| array::are_clips(path));
        let usual = if are_clips { "sound" } else { "article" };
        let preset = match recipe_file(self.preset.as_deref())? {
            Some(text) => model::Recipe::read(&text)?,
            None => model::Recipe::preset(self.preset.as_deref().unwrap_or(usual))?,
        };
        Ok(self.array.change(preset, self.cell.as_deref())?)
    }

    /// The recipe for phrases, likewise.
    fn phrase_recipe(&self) -> Result<gan::Recipe, RunError> {
        let mut recipe = match recipe_file(self.preset.as_deref())? {
            Some(text) => gan::Recipe::read(&text)?,
            None => gan::Recipe::preset(self.preset.as_deref().unwrap_or("phrases"))?,
        };
        let ArraySettings { seed, epochs, batch, learning_rate, .. } = self.array;
        recipe.seed = seed.unwrap_or(recipe.seed);
        recipe.epochs = epochs.unwrap_or(recipe.epochs);
        recipe.batch = batch.unwrap_or(recipe.batch);
        recipe.learning_rate = learning_rate.unwrap_or(recipe.learning_rate);
        Ok(gan::Recipe::read(&recipe.write())?)
    }

    /// The recipe for four voices, likewise.
    fn voices_recipe(&self) -> Result<voices::Recipe, RunError> {
        let mut recipe = match recipe_file(self.preset.as_deref())? {
            Some(text) => voices::Recipe::read(&text)?,
            None => voices::Recipe::preset(self.preset.as_deref().unwrap_or("jsb16"))?,
        };
        recipe.seed = self.array.seed.unwrap_or(recipe.seed);
        Ok(recipe)
    }

    /// The recipe for adversarial networks of an array, likewise.
    fn piece_recipe(&self) -> Result<AdversarialRecipe, RunError> {
        let preset = match recipe_file(self.preset.as_deref())? {
            Some(text) => AdversarialRecipe::read(&text)?,
            None => AdversarialRecipe::preset(self.preset.as_deref().unwrap_or("dense"))?,
        };
        Ok(self.array.change_adversarial(preset)?)
    }

    fn run(&self, progress: &(dyn Fn(Progress) + Sync)) -> Result<Run, Error> {
        if self.engine == Engine::Phrases {
            let recipe = self.phrase_recipe().map_err(failed)?;
            return self.run_task(GanTask::new(&self.paths, recipe), progress).map_err(failed);
        }
        if self.engine == Engine::Voices {
            let recipe = self.voices_recipe().map_err(failed)?;
            return self.run_task(VoicesTask { paths: self.paths.clone(), recipe }, progress).map_err(failed);
        }
        if self.engine == Engine::Pieces {
            let recipe = self.piece_recipe().map_err(failed)?;
            let source = model::Source::of(self.paths.first().map_or(Path::new(""), PathBuf::as_path));
            return self.run_task(AdversarialTask { source, recipe }, progress).map_err(failed);
        }
        if self.engine == Engine::Array {
            let recipe = self.array_recipe().map_err(failed)?;
            return self.run_task(array::task(&self.paths, self.told, recipe), progress).map_err(failed);
        }
        if self.resumes {
            let began = SliceTask::base_of(&self.folder).map_err(failed)?;
            let recipe = self.recipe(began.as_ref().map(|(model, _)| model)).map_err(failed)?;
            let base = began.map(|(_, paths)| paths);
            let task = SliceTask { base, ..SliceTask::new(&self.paths, recipe) };
            return self.run_task(task, progress).map_err(failed);
        }
        let Some(from) = &self.from else {
            let recipe = self.recipe(None).map_err(failed)?;
            return self.run_task(SliceTask::new(&self.paths, recipe), progress).map_err(failed);
        };
        let model = open_named(from)?;
        let recipe = self.recipe(Some(&model)).map_err(failed)?;
        Run::expect_none(&self.folder).map_err(failed)?;
        let run = self.begin_from(&model, recipe, progress);
        if run.is_err() {
            // What could not even begin leaves nothing behind.
            let _ = std::fs::remove_file(self.folder.join(BASE_FILE));
            let _ = std::fs::remove_dir_all(self.folder.join(REHEARSAL));
            let _ = std::fs::remove_dir(&self.folder);
        }
        run
    }

    /// Begins a run from a model: keeps a copy of it, and the music by which it remembers.
    fn begin_from(
        &self,
        model: &Model,
        recipe: Recipe,
        progress: &(dyn Fn(Progress) + Sync),
    ) -> Result<Run, Error> {
        let unwritable = |source| failed(RunError::Write { path: self.folder.clone(), source });
        std::fs::create_dir_all(&self.folder).map_err(unwritable)?;
        write_file(&self.folder.join(BASE_FILE), &model.to_bytes(Precision::Bf16))?;
        let mut base = self.base.clone();
        if base.is_empty() && recipe.base_share > 0.0 {
            let folder = self.folder.join(REHEARSAL);
            rehearsal::compose(model, &folder, progress)?;
            base.push(folder);
        }
        let task = SliceTask { base: Some(base), ..SliceTask::new(&self.paths, recipe) };
        self.run_task(task, progress).map_err(failed)
    }

    fn run_task(
        &self,
        task: impl Task + 'static,
        progress: &(dyn Fn(Progress) + Sync),
    ) -> Result<Run, RunError> {
        if !self.resumes {
            return Run::create(&NewRun::new(&self.folder, task), progress);
        }
        let run = Run::resume(&self.folder, progress)?;
        if !self.paths.is_empty() {
            run.expect_data(&task)?;
        }
        let mut said = run.settings().recipe.clone();
        if self.preset.is_some() || !self.array.is_empty() {
            said = task.recipe();
        } else if let Some(cell) = &self.cell {
            said.insert("cell".to_owned(), cell.as_str().into());
        }
        run.expect_recipe(&said)?;
        Ok(run)
    }
}

/// The recipe of a name, or of a file of one's own; the usual one where none is named.
fn named_recipe(preset: Option<&str>, usual: &str) -> Result<Recipe, RunError> {
    match recipe_file(preset)? {
        Some(text) => Ok(Recipe::read(&text)?),
        None => Ok(Recipe::preset(preset.unwrap_or(usual))?),
    }
}

/// The text of a recipe of one's own, where the preset names a file of one.
fn recipe_file(preset: Option<&str>) -> Result<Option<String>, RunError> {
    let path = preset.map(Path::new).filter(|path| path.extension() == Some("toml".as_ref()));
    let text = path.map(|path| {
        std::fs::read_to_string(path).map_err(|source| RunError::Read { path: path.to_owned(), source })
    });
    text.transpose()
}

/// Begins a run, or goes on with one, and trains until it ends or the watcher stops it.
pub fn train(
    settings: &TrainSettings,
    progress: &(dyn Fn(Progress) + Sync),
    watch: &mut dyn Watch,
) -> Result<Outcome, Error> {
    let run = settings.run(progress)?;
    cantus_model::run::train(run, &settings.options, watch).map_err(failed)
}

/// The model of a name: a file, the folder of a run, or the one inside the program.
fn open_named(name: &Path) -> Result<Model, Error> {
    if name == Path::new(BUILT_IN) && !name.exists() { model_or_default(None) } else { open_model(name) }
}

/// How a learning curve is measured.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CurveSettings {
    /// Files and folders of music.
    pub paths: Vec<PathBuf>,
    /// The preset of the recipe, or a file of one that ends in `.toml`; `curve` where nothing is said. Its epochs are the
    /// most that a share is gone through.
    pub preset: Option<String>,
    /// Where every random choice begins, where it is not the preset's.
    pub seed: Option<u64>,
    /// Threads that learn.
    pub threads: usize,
}

/// Trains small networks (the preset `curve`) on shares of some music, and measures each on music held out.
pub fn learning_curve(
    settings: &CurveSettings,
    progress: &(dyn Fn(Progress) + Sync),
    is_stopped: &mut dyn FnMut(CurveProgress) -> bool,
) -> Result<Vec<CurvePoint>, Error> {
    let mut recipe = named_recipe(settings.preset.as_deref(), "curve").map_err(failed)?;
    recipe.seed = settings.seed.unwrap_or(recipe.seed);
    let (options, folder) = (ScanOptions::default(), std::env::temp_dir());
    let read = TrainingSet::read(&settings.paths, &options, recipe.transposition, &folder, progress);
    let (set, _) = read.map_err(RunError::from).map_err(failed)?;
    curve::learning_curve(set, &recipe, settings.threads.max(1), is_stopped).map_err(failed)
}

/// Where so many notes stand on the learning curve of the built-in model's corpus, in one sentence; nothing where that
/// was not measured.
pub fn standing(notes: u64) -> Option<String> {
    let curve = model_or_default(None).ok()?.card.curve;
    let here = curve::foretold(&curve, notes)?;
    let more = curve::foretold(&curve, notes.saturating_mul(4))?;
    Some(format!(
        "some {notes} notes to learn from: of the built-in model's corpus so many teach a small network {here:.2} nats a \
         note, and four times as many {more:.2}"
    ))
}

pub(crate) fn failed(error: RunError) -> Error {
    if let RunError::Corpus(error) = error {
        return no_corpus(error);
    }
    let hint = error.hint();
    let kind = if matches!(error, RunError::Write { .. }) { Kind::Output } else { Kind::Training };
    Error::of(kind, error).with_hint(hint)
}
