//! What a run asks of the thing that it trains, whatever network that is and whatever it learns from.

use std::fmt::Debug;
use std::path::Path;

use cantus_nn::{NnError, Weights};
use serde::{Deserialize, Serialize};

use super::RunError;
use crate::corpus::Progress;

/// What is to be learnt, from what and how, before anything of it is read: what `run.toml` says of a run.
pub trait Task: Debug {
    /// The engine that learns, by the name that users give it: `slices`, `array`.
    fn engine(&self) -> &'static str;

    /// The version of what the engine's networks are asked; a run goes on with the version that it began with.
    fn version(&self) -> u32;

    /// Where the data is and how it is read: the table `[data]` of `run.toml`.
    fn data(&self) -> Result<toml::Table, RunError>;

    /// How the network is built and trained: the table `[recipe]` of `run.toml`.
    fn recipe(&self) -> toml::Table;

    /// Reads the data and stands before the first step. `folder` is the run's, where data too large for memory may be
    /// kept; `progress` is called after each file of data, from any thread.
    fn prepare(&self, folder: &Path, progress: &(dyn Fn(Progress) + Sync)) -> Result<Ready, RunError>;

    /// What differs between two inventories of the data, in words that go on "a run keeps its data, but …".
    fn difference(&self, was: &str, now: &str) -> String;
}

/// A task whose data has been read.
#[derive(Debug)]
pub struct Ready {
    /// What learns, before its first step.
    pub learner: Box<dyn Learner>,
    /// What it learns from.
    pub inventory: Inventory,
}

/// Exactly which data a run learns from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inventory {
    /// The text of `corpus.jsonl`: a JSON object a line for each piece, with where it comes from.
    pub text: String,
    /// A hash over all that training reads, wherever the files lie, as hexadecimal digits.
    pub digest: String,
}

/// A network in training. All that a step does follows from the recipe, the data, the state and the place.
pub trait Learner: Debug {
    /// How its losses are counted.
    fn units(&self) -> Units;

    /// What it learns from, for telling.
    fn described(&self) -> Described;

    /// Whether it had learnt before its first step: then it is measured there too, and must get better to be kept.
    fn begins_learnt(&self) -> bool {
        false
    }

    /// Whether its models compose; else they can only be measured.
    fn composes(&self) -> bool {
        true
    }

    /// How many numbers are learnt.
    fn parameters(&self) -> usize;

    /// Computes with so many threads from now on, to the same bits.
    fn use_threads(&mut self, threads: usize);

    /// Which step comes next.
    fn place(&self) -> Place;

    /// Steps of an epoch, at least one.
    fn steps_in_epoch(&self) -> usize;

    /// Epochs that its recipe wants.
    fn epochs(&self) -> u32;

    /// Epochs without a better validation after which its recipe ends training.
    fn patience(&self) -> u32;

    /// The learning rate of a step, counted from 0.
    fn rate(&self, step: u64) -> f32;

    /// Takes one step; the last of an epoch makes the place's epoch rise.
    fn step(&mut self) -> Result<StepReport, RunError>;

    /// Measures what has been learnt on what is not learnt from. Training stops and chooses by the mean of
    /// [`PartMetric::valid`] over the parts that were not known before. It must change nothing that a step depends on.
    fn validate(&mut self) -> Result<Vec<PartMetric>, RunError>;

    /// What its owner should know of what was measured last, in sentences; nothing where that needs no more words.
    fn remarks(&self) -> Vec<String> {
        Vec::new()
    }

    /// A picture of what was made when it was measured last, as SVG; empty where there is none.
    fn picture(&self) -> String {
        String::new()
    }

    /// The file of the model as it stands, under a name and with what was measured of it; equal models give equal
    /// bytes.
    fn model(&self, name: &str, measured: &[PartMetric]) -> Vec<u8>;

    /// Says what is wrong with the file of a model, if it is not one that this engine wrote.
    fn check_model(&self, bytes: &[u8]) -> Result<(), String>;

    /// All that later steps depend on besides recipe, data and place: weights, averages, the optimiser's memory.
    fn state(&self) -> Weights;

    /// Goes on from a [`Learner::state`] at its place; fails, and changes nothing, if the state does not fit.
    fn restore(&mut self, state: &Weights, place: Place) -> Result<(), NnError>;
}

/// How losses are counted, in words for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Units {
    /// What is learnt from, in the plural: `slices`, `frames`.
    pub items: &'static str,
    /// The unit of the training loss: `nats a slice`.
    pub loss: &'static str,
    /// The unit of the number that training stops and chooses by: `nats a note`.
    pub valid: &'static str,
}

/// What a run learns from, for telling.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Described {
    /// One sentence without a full stop.
    pub summary: String,
    /// The heads of a table; empty where there is none.
    pub columns: Vec<String>,
    /// Its rows.
    pub rows: Vec<Vec<String>>,
    /// How many notes there are to learn from, nearly, where there are notes.
    pub notes: Option<u64>,
    /// What its owner had better know before training begins, in one line.
    pub advice: Option<String>,
}

/// Which step comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Place {
    /// Steps taken since the beginning.
    pub step: u64,
    /// Epochs finished.
    pub epoch: u32,
    /// Steps taken in the epoch that is not finished.
    pub step_in_epoch: usize,
}

/// What a step cost.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StepReport {
    /// Steps taken since the beginning, this one among them.
    pub step: u64,
    /// The loss, summed over what was learnt from.
    pub cost: f64,
    /// How much was learnt from, in [`Units::items`].
    pub items: usize,
    /// The gradient's length before it was clipped.
    pub gradient: f32,
}

impl StepReport {
    /// The loss in [`Units::loss`].
    pub fn loss(self) -> f64 {
        self.cost / self.items.max(1) as f64
    }
}

/// How a part of the validation data fares: a style, or all of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PartMetric {
    /// Its name.
    pub name: String,
    /// Pieces measured.
    pub pieces: usize,
    /// What training stops and chooses by, in [`Units::valid`]; less is better.
    pub valid: f64,
    /// The same measure as the training loss, in [`Units::loss`].
    pub loss: f64,
    /// Whether it is music that was known before: measured to see whether it is forgotten, not to choose by.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_known: bool,
}

/// The means of [`PartMetric::valid`] and of [`PartMetric::loss`] over the parts that training chooses by.
pub(super) fn means(parts: &[PartMetric]) -> (f64, f64) {
    let chosen_by = || parts.iter().filter(|part| !part.is_known);
    let count = chosen_by().count().max(1) as f64;
    let valid: f64 = chosen_by().map(|part| part.valid).sum();
    let loss: f64 = chosen_by().map(|part| part.loss).sum();
    (valid / count, loss / count)
}
