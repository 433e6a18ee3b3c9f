//! Who watches a run: told what happens, asked whether to go on, and for a sample of the music.

use std::path::Path;
use std::time::Duration;

use super::metrics::EpochMetric;
use super::{Described, RunError, Units};

/// Something that happened in a run.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Event<'a> {
    /// Training begins, or goes on.
    Began(Began<'a>),
    /// A step was taken.
    Step(Step),
    /// An epoch is over and measured.
    Epoch(&'a EpochMetric),
    /// A file was written that the run can go on from.
    Saved(&'a Path),
    /// Training is over.
    Stopped(Stop),
}

/// What a run begins with.
#[derive(Debug, Clone, Copy)]
pub struct Began<'a> {
    /// What is learnt from.
    pub data: &'a Described,
    /// How losses are counted.
    pub units: Units,
    /// Numbers that are learnt.
    pub parameters: usize,
    /// Steps of an epoch.
    pub steps_in_epoch: usize,
    /// Epochs at most.
    pub epochs: u32,
    /// Steps taken before; 0 unless the run goes on.
    pub step: u64,
    /// Why the run goes on from an earlier checkpoint than its last, where it does.
    pub damage: Option<&'a RunError>,
}

/// How a step went.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Step {
    /// Steps taken since the beginning.
    pub step: u64,
    /// Steps in all, if nothing ends training early.
    pub steps: u64,
    /// The epoch, from 1.
    pub epoch: u32,
    /// Training loss, smoothed over some twenty steps.
    pub loss: f64,
    /// How much is learnt from in a second.
    pub per_second: f64,
    /// How long it may take at most.
    pub left: Duration,
}

/// Why training ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// All epochs are over.
    Done,
    /// The validation loss has not got better for as many epochs as the recipe has patience.
    Patience,
    /// The watcher asked for it.
    Asked,
}

/// Watches a run.
pub trait Watch {
    /// Is told what happens.
    fn event(&mut self, event: Event<'_>);

    /// Whether training shall stop. It is asked after each step; what was learnt is saved.
    fn stops(&mut self) -> bool {
        false
    }

    /// Composes a sample with the model as it stands after an epoch, given as its file, in lines of text; none where
    /// nothing comes. `part` names the largest part of the validation data: a style, where there are styles.
    fn sample(&mut self, _model: &[u8], _part: &str) -> Vec<String> {
        Vec::new()
    }
}

/// Nobody.
impl Watch for () {
    fn event(&mut self, _: Event<'_>) {}
}
