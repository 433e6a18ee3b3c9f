//! What the report shows of a run, in memory that does not grow with it.

use std::collections::VecDeque;

use super::learner::means;
use super::metrics::{EpochMetric, Metric};

/// A curve has no more points than these.
const MOST_POINTS: usize = 600;
/// The latest epochs that are kept whole.
const MOST_EPOCHS: usize = 200;

/// How a run has gone so far.
#[derive(Debug, Clone, Default)]
pub(super) struct History {
    /// Training loss by step.
    pub(super) loss: Curve,
    /// The learning rate by step.
    pub(super) rate: Curve,
    /// Validation loss by step, the mean over the parts.
    pub(super) valid: Curve,
    /// By part of the validation data: what training stops by, by epoch.
    pub(super) parts: Vec<(String, Curve)>,
    /// The latest epochs.
    pub(super) epochs: VecDeque<EpochMetric>,
    /// The best epoch.
    pub(super) best: Option<EpochMetric>,
}

impl History {
    /// Takes a line of the metrics to the others.
    pub(super) fn add(&mut self, metric: Metric) {
        match metric {
            Metric::Step(step) => {
                self.loss.add(step.step as f64, step.loss);
                self.rate.add(step.step as f64, f64::from(step.rate));
            }
            Metric::Epoch(epoch) => self.add_epoch(epoch),
        }
    }

    fn add_epoch(&mut self, epoch: EpochMetric) {
        self.valid.add(epoch.step as f64, means(&epoch.parts).1);
        for part in &epoch.parts {
            let point = (f64::from(epoch.epoch), part.valid);
            match self.parts.iter_mut().find(|(name, _)| *name == part.name) {
                Some((_, curve)) => curve.add(point.0, point.1),
                None => self.parts.push((part.name.clone(), Curve::of(point))),
            }
        }
        if epoch.best {
            self.best = Some(epoch.clone());
        }
        if self.epochs.len() == MOST_EPOCHS {
            self.epochs.pop_front();
        }
        self.epochs.push_back(epoch);
    }
}

/// Points in order; where they become too many, means take the place of neighbours.
#[derive(Debug, Clone, Default)]
pub(super) struct Curve {
    /// Means of so many points each.
    means: Vec<(f64, f64)>,
    group: usize,
    /// The sum of the points that make no whole group yet, and how many they are.
    open: (f64, f64),
    waiting: usize,
}

impl Curve {
    fn of(point: (f64, f64)) -> Self {
        let mut curve = Self::default();
        curve.add(point.0, point.1);
        curve
    }

    fn add(&mut self, x: f64, y: f64) {
        self.group = self.group.max(1);
        self.open = (self.open.0 + x, self.open.1 + y);
        self.waiting += 1;
        if self.waiting == self.group {
            let count = self.group as f64;
            self.means.push((self.open.0 / count, self.open.1 / count));
            (self.open, self.waiting) = ((0.0, 0.0), 0);
        }
        if self.means.len() == MOST_POINTS {
            let middle = |[one, other]: &[(f64, f64); 2]| {
                (f64::midpoint(one.0, other.0), f64::midpoint(one.1, other.1))
            };
            self.means = self.means.as_chunks().0.iter().map(middle).collect();
            self.group *= 2;
        }
    }

    /// The points to draw.
    pub(super) fn points(&self) -> &[(f64, f64)] {
        &self.means
    }
}
