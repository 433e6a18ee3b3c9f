//! Training a model on one's own music or arrays.

use std::path::{Path, PathBuf};

use cantus_model::array as model;
use cantus_model::corpus::Progress;
use cantus_model::recipe::Recipe;
use cantus_model::run::{NewRun, Outcome, Run, RunError, Task, TrainOptions, Watch};
use cantus_model::training::SliceTask;

use crate::ArraySettings;
use crate::array;
use crate::error::{Error, Kind};
use crate::learned::no_corpus;

/// What learns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Engine {
    /// The recurrent network of scores.
    #[default]
    Scores,
    /// The recurrent network of arrays.
    Array,
}

/// What is to be trained.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TrainSettings {
    /// What learns.
    pub engine: Engine,
    /// Files and folders of music, or one file of an array; none, or the same ones, where a run goes on.
    pub paths: Vec<PathBuf>,
    /// The folder of the run.
    pub folder: PathBuf,
    /// The preset of the recipe, or a file of one that ends in `.toml`; `standard` for scores and `article` for arrays
    /// where nothing is said.
    pub preset: Option<String>,
    /// The kind of recurrent cell, `lstm` or `gru`, where it is not the preset's.
    pub cell: Option<String>,
    /// What differs from the preset where an array is learnt.
    pub array: ArraySettings,
    /// Whether a run that was stopped goes on.
    pub resumes: bool,
    /// How it is carried out, which changes nothing that is learnt.
    pub options: TrainOptions,
}

impl TrainSettings {
    /// The recipe for scores: the preset with what differs from it.
    fn recipe(&self) -> Result<Recipe, RunError> {
        let mut recipe = match self.recipe_file()? {
            Some(text) => Recipe::read(&text)?,
            None => Recipe::preset(self.preset.as_deref().unwrap_or("standard"))?,
        };
        if let Some(cell) = &self.cell {
            recipe.cell.clone_from(cell);
        }
        Ok(recipe)
    }

    /// The recipe for an array, likewise.
    fn array_recipe(&self) -> Result<model::Recipe, RunError> {
        let preset = match self.recipe_file()? {
            Some(text) => model::Recipe::read(&text)?,
            None => model::Recipe::preset(self.preset.as_deref().unwrap_or("article"))?,
        };
        Ok(self.array.change(preset, self.cell.as_deref())?)
    }

    /// The text of a recipe of one's own, where the preset names a file of one.
    fn recipe_file(&self) -> Result<Option<String>, RunError> {
        let path =
            self.preset.as_deref().map(Path::new).filter(|path| path.extension() == Some("toml".as_ref()));
        let text = path.map(|path| {
            std::fs::read_to_string(path).map_err(|source| RunError::Read { path: path.to_owned(), source })
        });
        text.transpose()
    }

    fn run(&self, progress: &(dyn Fn(Progress) + Sync)) -> Result<Run, RunError> {
        match self.engine {
            Engine::Scores => self.run_task(SliceTask::new(&self.paths, self.recipe()?), progress),
            Engine::Array => {
                let path = self.paths.first().map_or(Path::new(""), PathBuf::as_path);
                self.run_task(array::task(path, self.array_recipe()?), progress)
            }
        }
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

/// Begins a run, or goes on with one, and trains until it ends or the watcher stops it.
pub fn train(
    settings: &TrainSettings,
    progress: &(dyn Fn(Progress) + Sync),
    watch: &mut dyn Watch,
) -> Result<Outcome, Error> {
    let run = settings.run(progress).map_err(failed)?;
    cantus_model::run::train(run, &settings.options, watch).map_err(failed)
}

fn failed(error: RunError) -> Error {
    if let RunError::Corpus(error) = error {
        return no_corpus(error);
    }
    let hint = error.hint();
    let kind = if matches!(error, RunError::Write { .. }) { Kind::Output } else { Kind::Training };
    Error::of(kind, error).with_hint(hint)
}
