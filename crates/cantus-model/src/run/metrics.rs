//! `metrics.jsonl`: how a run goes, one line every few steps and one an epoch.

use serde::{Deserialize, Serialize};

use super::{PartMetric, StepReport};

/// The file's name in the folder of a run.
pub const METRICS_FILE: &str = "metrics.jsonl";

/// One line of the metrics. The units of losses are the engine's: see [`super::Units`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Metric {
    /// Some steps.
    Step(StepMetric),
    /// A finished epoch.
    Epoch(EpochMetric),
}

/// How the last few steps went.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StepMetric {
    /// Steps taken since the beginning.
    pub step: u64,
    /// The epoch, from 1.
    pub epoch: u32,
    /// Training loss.
    pub loss: f64,
    /// The learning rate of the last of them.
    pub rate: f32,
    /// The mean length of the gradient before clipping.
    pub gradient: f64,
    /// How much was learnt from in a second.
    pub per_second: f64,
}

/// How an epoch went.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EpochMetric {
    /// The epoch, from 1.
    pub epoch: u32,
    /// Steps taken since the beginning.
    pub step: u64,
    /// Training loss over the whole epoch, with dropout.
    pub loss: f64,
    /// The mean over the parts of the validation data, which training stops and chooses by.
    pub valid: f64,
    /// Validation by part: by style, where the data has styles.
    pub parts: Vec<PartMetric>,
    /// Whether no epoch before was better.
    pub best: bool,
    /// The learning rate at its end.
    pub rate: f32,
    /// Seconds that training has taken so far.
    pub seconds: f64,
    /// A sample of what the model composes, as text.
    pub sample: Vec<String>,
    /// What its owner should know of what was measured, in sentences.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<String>,
}

impl Metric {
    /// The step after which the line was written.
    pub fn step(&self) -> u64 {
        match self {
            Self::Step(metric) => metric.step,
            Self::Epoch(metric) => metric.step,
        }
    }

    pub(super) fn write(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// The lines up to a step. What was written after the last checkpoint will be written again, and a line that a power
/// cut left unfinished is none.
pub(super) fn read(text: &str, last_step: u64) -> impl Iterator<Item = Metric> {
    let lines = text.lines().filter_map(|line| serde_json::from_str::<Metric>(line).ok());
    lines.filter(move |metric| metric.step() <= last_step)
}

/// What some steps came to.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Tally {
    steps: u64,
    cost: f64,
    items: usize,
    gradient: f64,
}

impl Tally {
    pub(super) fn add(&mut self, report: StepReport) {
        self.steps += 1;
        self.cost += report.cost;
        self.items += report.items;
        self.gradient += f64::from(report.gradient);
    }

    /// All of it, without losing a bit to decimal fractions.
    pub(super) fn to_bits(self) -> [u64; 4] {
        [self.steps, self.cost.to_bits(), self.items as u64, self.gradient.to_bits()]
    }

    /// What [`Tally::to_bits`] gave.
    pub(super) fn from_bits([steps, cost, items, gradient]: [u64; 4]) -> Self {
        let [cost, gradient] = [cost, gradient].map(f64::from_bits);
        Self { steps, cost, items: items as usize, gradient }
    }

    /// The mean loss.
    pub(super) fn loss(&self) -> f64 {
        self.cost / self.items.max(1) as f64
    }

    pub(super) fn items(&self) -> usize {
        self.items
    }

    /// The mean length of the gradient.
    pub(super) fn gradient(&self) -> f64 {
        self.gradient / self.steps.max(1) as f64
    }
}
