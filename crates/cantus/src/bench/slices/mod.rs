//! The slice model's own numbers: slices a second in training, the time of a slice and of a note in composing, and
//! a whole piece.

mod composing;
mod export;

use std::path::{Path, PathBuf};

use cantus_compose::{Composer, Request};
use cantus_model::corpus::ScanOptions;
use cantus_model::encoding::Sliced;
use cantus_model::recipe::Recipe;
use cantus_model::training::{Kept, Store, Training, TrainingSet};

use super::{Machine, Measured, Report, measure};
use crate::error::{Error, Kind};
use crate::learned::model_or_default;

/// Pieces that the built-in model makes in each of its styles where no music is named.
const PIECES: u64 = 48;
/// Epochs that are timed.
const EPOCHS: usize = 7;

/// Measures the slice model: training by the `standard` preset on the music below the paths, or, where none is
/// named, on pieces that the built-in model makes, which are the same on every machine; then composing with it.
///
/// With `export` the steps of the first epoch, the first weights and what the steps cost are written as a safetensors
/// file, from which `benches/slice-model/slice_torch.py` does the same work.
pub fn slices(machine: Machine, paths: &[PathBuf], export: Option<&Path>) -> Result<Vec<Report>, Error> {
    let composer = Composer::on(machine.instructions, &model_or_default(None)?);
    let recipe = Recipe::preset("standard").map_err(failed)?;
    let folder = tempfile::tempdir().map_err(|error| Error::of(Kind::Output, error))?;
    let set = if paths.is_empty() {
        made(&composer, folder.path())?
    } else {
        let options = ScanOptions::default();
        let set = TrainingSet::read(paths, &options, recipe.transposition, folder.path(), &|_| ());
        set.map_err(failed)?.0
    };
    let mut training = Training::new(recipe, set, machine.threads).map_err(failed)?;
    if let Some(file) = export {
        export::write(file, &mut training)?;
    }
    let mut reports = vec![epochs(&mut training, machine)?];
    reports.extend(composing::decisions(&composer)?);
    reports.push(composing::piece(machine)?);
    Ok(reports)
}

/// The time from note to note and from slice to slice while the built-in model composes in each of its styles.
pub fn notes(machine: Machine) -> Result<Vec<Report>, Error> {
    composing::decisions(&Composer::on(machine.instructions, &model_or_default(None)?))
}

/// Pieces of every style of a model, of the lengths and metres that are usual in it, and one of each to validate by.
fn made(composer: &Composer, folder: &Path) -> Result<TrainingSet, Error> {
    let unkept = |error| Error::of(Kind::Output, error);
    let store = Store::new(folder).map_err(unkept)?;
    let draw = |style: &str, seed| -> Result<Kept, Error> {
        let composition = crate::compose(composer, &Request::new(seed).style(style), false, &mut |_| {})?;
        store.put(&Sliced::of_score(&composition.score)).map_err(unkept)
    };
    let (mut train, mut valid) = (Vec::new(), Vec::new());
    for (index, style) in composer.styles().iter().enumerate() {
        for seed in 0..PIECES {
            train.push((index as u32, draw(&style.name, seed)?));
        }
        valid.push((index as u32, draw(&style.name, PIECES)?));
    }
    let names: Vec<&str> = composer.styles().iter().map(|style| style.name.as_str()).collect();
    let transposition = Recipe::default().transposition;
    let set = TrainingSet::of_pieces(store, &names, train.into_iter(), valid.into_iter(), transposition);
    set.map_err(failed)
}

/// Whole steps as in a run: the next step's questions are written while the network learns.
fn epochs(training: &mut Training, machine: Machine) -> Result<Report, Error> {
    let mut slices = 0;
    let mut outcome = Ok(());
    let measured = measure(EPOCHS, 1, || match epoch(training) {
        Ok(count) => slices = count,
        Err(error) => outcome = Err(error),
    });
    outcome?;
    let each = 1e6 / slices as f64;
    Ok(Report::new("slice-train", "us/slice", measured, each)
        .with_fact("threads", machine.threads)
        .with_fact("slices", slices)
        .with_fact("steps", training.steps_in_epoch())
        .with_fact("slices_per_second", (slices as f64 / measured.median).round()))
}

/// Learns an epoch; gives its slices.
fn epoch(training: &mut Training) -> Result<usize, Error> {
    let mut slices = 0;
    for _ in 0..training.steps_in_epoch() {
        slices += training.step().map_err(failed)?.items;
    }
    Ok(slices)
}

fn failed(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::of(Kind::Training, error)
}

/// Times that were taken one by one; gives the 99th percentile in seconds too.
fn spread(mut seconds: Vec<f64>) -> (Measured, f64) {
    seconds.sort_by(f64::total_cmp);
    let at = |share: f64| seconds.get((seconds.len() as f64 * share) as usize).copied().unwrap_or_default();
    (Measured { median: at(0.5), best: at(0.0), runs: seconds.len() }, at(0.99))
}
