//! Training a model on one's own music.

use std::path::PathBuf;

use cantus_model::corpus::Progress;
use cantus_model::recipe::Recipe;
use cantus_model::run::{NewRun, Outcome, Run, RunError, Task as _, TrainOptions, Watch};
use cantus_model::training::SliceTask;

use crate::error::{Error, Kind};
use crate::learned::no_corpus;

/// What is to be trained.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TrainSettings {
    /// Files and folders of music; not looked at where a run goes on.
    pub paths: Vec<PathBuf>,
    /// The folder of the run.
    pub folder: PathBuf,
    /// The preset of the recipe; `standard` where nothing is said.
    pub preset: Option<String>,
    /// The kind of recurrent cell, `lstm` or `gru`, where it is not the preset's.
    pub cell: Option<String>,
    /// Whether a run that was stopped goes on.
    pub resumes: bool,
}

impl TrainSettings {
    /// The recipe: the preset with what differs from it.
    fn recipe(&self) -> Result<Recipe, RunError> {
        let mut recipe = Recipe::preset(self.preset.as_deref().unwrap_or("standard"))?;
        if let Some(cell) = &self.cell {
            recipe.cell.clone_from(cell);
        }
        Ok(recipe)
    }

    fn run(&self, progress: &(dyn Fn(Progress) + Sync)) -> Result<Run, RunError> {
        let task = SliceTask::new(&self.paths, self.recipe()?);
        if !self.resumes {
            return Run::create(&NewRun::new(&self.folder, task), progress);
        }
        let run = Run::resume(&self.folder, progress)?;
        if self.preset.is_some() {
            run.expect_recipe(&task.recipe())?;
        }
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
    cantus_model::run::train(run, &TrainOptions::default(), watch).map_err(failed)
}

fn failed(error: RunError) -> Error {
    if let RunError::Corpus(error) = error {
        return no_corpus(error);
    }
    let hint = error.hint();
    let kind = if matches!(error, RunError::Write { .. }) { Kind::Output } else { Kind::Training };
    Error::of(kind, error).with_hint(hint)
}
