//! `state.safetensors`: where a run stands, in one file, so that it is always of one moment; and the one before it.

use std::path::Path;

use cantus_nn::{Precision, Weights};
use serde::{Deserialize, Serialize};

use super::metrics::Tally;
use super::settings::{Settings, difference};
use super::{Place, RunError, bytes_of, seal};

/// The file's name in the folder of a run.
pub const STATE_FILE: &str = "state.safetensors";
/// The checkpoint before the last one, which the run goes on from where the last one is damaged.
pub const STATE_BEFORE_FILE: &str = "state-before.safetensors";

const VERSION_KEY: &str = "cantus.state";
const RECIPE_KEY: &str = "cantus.recipe";
const DATA_KEY: &str = "cantus.data";
const PROGRESS_KEY: &str = "cantus.progress";

/// Where a run stands, besides its weights.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Progress {
    pub(super) place: Place,
    /// The best epoch so far and its validation loss.
    pub(super) best: Option<Best>,
    /// The epoch that goes on.
    pub(super) tally: Tally,
    /// Seconds that training has taken.
    pub(super) seconds: f64,
}

/// The best epoch so far.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Best {
    pub(super) epoch: u32,
    pub(super) valid: f64,
}

/// The progress as it is written: decimal fractions could lose a bit, on which early stopping may hang.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    step: u64,
    epoch: u32,
    step_in_epoch: usize,
    best: Option<(u32, u64)>,
    tally: [u64; 4],
    seconds: f64,
}

impl Progress {
    fn write(&self) -> String {
        let Place { step, epoch, step_in_epoch } = self.place;
        let best = self.best.map(|best| (best.epoch, best.valid.to_bits()));
        let (tally, seconds) = (self.tally.to_bits(), self.seconds);
        let written = Written { step, epoch, step_in_epoch, best, tally, seconds };
        serde_json::to_string(&written).unwrap_or_default()
    }

    fn read(text: &str) -> Result<Self, String> {
        let Written { step, epoch, step_in_epoch, best, tally, seconds } =
            serde_json::from_str(text).map_err(|error| error.to_string())?;
        let best = best.map(|(epoch, bits)| Best { epoch, valid: f64::from_bits(bits) });
        let place = Place { step, epoch, step_in_epoch };
        Ok(Self { place, best, tally: Tally::from_bits(tally), seconds })
    }
}

/// The file's bytes.
pub(super) fn write(mut state: Weights, settings: &Settings, progress: &Progress) -> Vec<u8> {
    let fields = [
        (VERSION_KEY, settings.version.to_string()),
        (RECIPE_KEY, settings.recipe.to_string()),
        (DATA_KEY, settings.digest.clone()),
        (PROGRESS_KEY, progress.write()),
    ];
    state.metadata = fields.map(|(key, value)| (key.to_owned(), value)).into();
    state.metadata.extend([seal::open()]);
    seal::seal(state.save(Precision::F32))
}

/// A state as it was read: its tensors and its progress.
#[derive(Debug)]
pub(super) struct Saved {
    pub(super) weights: Weights,
    pub(super) progress: Progress,
}

/// What a run can go on from.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// The latest checkpoint that is whole; none where there is no checkpoint yet.
    pub(super) saved: Option<Saved>,
    /// Why an earlier one had to do.
    pub(super) damage: Option<RunError>,
}

/// Reads the last checkpoint of a folder, or the one before where the last is damaged. A program that is killed while
/// it puts a new checkpoint in place leaves only the one before, which then is the last that was finished.
pub(super) fn find(folder: &Path, settings: &Settings) -> Result<Found, RunError> {
    let damage = match read_file(&folder.join(STATE_FILE), settings) {
        Ok(Some(saved)) => return Ok(Found { saved: Some(saved), damage: None }),
        Ok(None) => None,
        Err(error @ RunError::Damaged { .. }) => Some(error),
        Err(other) => return Err(other),
    };
    match (read_file(&folder.join(STATE_BEFORE_FILE), settings), damage) {
        (Ok(saved @ Some(_)), damage) => Ok(Found { saved, damage }),
        (Ok(None), None) => Ok(Found::default()),
        // What is wrong with the last one is what its owner must know of.
        (_, Some(damage)) => Err(damage),
        (Err(error), None) => Err(error),
    }
}

fn read_file(path: &Path, settings: &Settings) -> Result<Option<Saved>, RunError> {
    bytes_of(path)?.map(|bytes| read(path, &bytes, settings)).transpose()
}

/// Reads the file and holds it against the run's settings.
fn read(path: &Path, bytes: &[u8], settings: &Settings) -> Result<Saved, RunError> {
    let weights = Weights::load(bytes).map_err(|error| damaged(path, error.to_string()))?;
    let field = |key: &str| {
        let missing = || damaged(path, format!("there is no {key} in its metadata"));
        weights.metadata.get(key).ok_or_else(missing)
    };
    seal::check(bytes).map_err(|found| damaged(path, found))?;
    let version = field(VERSION_KEY)?;
    if *version != settings.version.to_string() {
        let found = version.clone();
        return Err(RunError::OtherVersion { path: path.to_owned(), ours: settings.version, found });
    }
    let began: toml::Table =
        field(RECIPE_KEY)?.parse().map_err(|error: toml::de::Error| damaged(path, error.to_string()))?;
    if let Some([name, was, now]) = difference(&began, &settings.recipe) {
        return Err(RunError::RecipeChanged { path: path.with_file_name(super::RUN_FILE), name, was, now });
    }
    if *field(DATA_KEY)? != settings.digest {
        return Err(damaged(path, "it is of a run on other data".to_owned()));
    }
    let progress = Progress::read(field(PROGRESS_KEY)?).map_err(|found| damaged(path, found))?;
    Ok(Saved { weights, progress })
}

/// A checkpoint that cannot be gone on from.
pub(super) fn damaged(path: &Path, found: String) -> RunError {
    let rule = "a checkpoint must be a whole file that this run wrote";
    RunError::Damaged { path: path.to_owned(), rule, found }
}
