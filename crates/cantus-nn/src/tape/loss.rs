//! Losses, one number a row, and their weighted sum.
#![allow(unsafe_code, reason = "threads share the rows of one loss")]

use super::{Machine, Op, Slot, Tape, Var};
use crate::kernel::map::{ExpBelow, Sigmoid, map, softmax};
use crate::team::Parts;
use crate::{ClassMask, math};

impl Tape {
    /// What each row's target costs: −ln of its probability in nats, classes not allowed having none.
    ///
    /// # Shapes
    /// `logits` `[n, classes]`, `targets` `[n]`, result `[n, 1]`.
    ///
    /// # Panics
    /// If the sizes do not match, or a target is no class or not allowed.
    pub fn softmax_cross_entropy(
        &mut self,
        logits: Var,
        targets: &[u32],
        allowed: Option<&ClassMask>,
    ) -> Var {
        let (rows, classes) = self.shape(logits);
        assert!(targets.len() == rows, "there must be {rows} targets, but there are {}", targets.len());
        if let Some(mask) = allowed {
            assert!(
                mask.len() == rows && mask.classes() == classes,
                "the mask must be of {rows} rows and {classes} classes, but is of {} and {}",
                mask.len(),
                mask.classes()
            );
        }
        let path = self.machine.path;
        self.loss(logits, |row, input, slope| {
            let target = targets[row] as usize;
            let fits = target < classes && allowed.is_none_or(|mask| mask.allows(row, target));
            assert!(fits, "row {row}'s target {target} must be an allowed class");
            slope.copy_from_slice(input);
            if let Some(mask) = allowed {
                forbid(slope, mask.row(row));
            }
            let total = softmax(path, slope);
            slope[target] -= 1.0;
            total - input[target]
        })
    }

    /// The sum over a row of −ln of the probability of each target, which is 0, 1 or between, logits being given.
    ///
    /// # Shapes
    /// `logits` and `targets` `[n, columns]`, result `[n, 1]`.
    ///
    /// # Panics
    /// If the sizes do not match.
    pub fn sigmoid_cross_entropy(&mut self, logits: Var, targets: &[f32]) -> Var {
        let (rows, columns) = self.shape(logits);
        assert!(
            targets.len() == rows * columns,
            "there must be {} targets, but there are {}",
            rows * columns,
            targets.len()
        );
        let path = self.machine.path;
        self.loss(logits, |row, input, slope| {
            let targets = &targets[row * columns..][..columns];
            // −ln of the probability is ln(1 + e^−|x|) + max(x, 0) − target · x, which cannot overflow.
            slope.copy_from_slice(input);
            map(path, ExpBelow, slope);
            // One logarithm for 64 factors, each between 1 and 2.
            let factors = |part: &[f32]| part.iter().fold(1.0, |product, e| product * (1.0 + e));
            let mut total: f32 = slope.chunks(64).map(|part| math::ln(factors(part))).sum();
            slope.copy_from_slice(input);
            map(path, Sigmoid, slope);
            for ((x, slope), target) in input.iter().zip(slope).zip(targets) {
                total += x.max(0.0) - x * target;
                *slope -= target;
            }
            total
        })
    }

    /// The mean over a row of the squared difference from the targets.
    ///
    /// # Shapes
    /// `x` and `targets` `[n, columns]`, result `[n, 1]`.
    ///
    /// # Panics
    /// If the sizes do not match.
    pub fn mean_squared_error(&mut self, x: Var, targets: &[f32]) -> Var {
        let (rows, columns) = self.shape(x);
        assert!(
            targets.len() == rows * columns,
            "there must be {} targets, but there are {}",
            rows * columns,
            targets.len()
        );
        let share = 1.0 / columns as f32;
        self.loss(x, |row, input, slope| {
            let targets = &targets[row * columns..][..columns];
            let mut total = 0.0;
            for ((x, slope), target) in input.iter().zip(slope).zip(targets) {
                let difference = x - target;
                total += difference * difference * share;
                *slope = 2.0 * difference * share;
            }
            total
        })
    }

    /// The sum of each number times its weight: `[n, 1]` to a single number.
    ///
    /// # Panics
    /// If the sizes do not match.
    pub fn weighted_sum(&mut self, x: Var, weights: &[f32]) -> Var {
        let (rows, columns) = self.shape(x);
        assert!(
            weights.len() == rows * columns,
            "there must be {} weights, but there are {}",
            rows * columns,
            weights.len()
        );
        let (var, slot, earlier) = self.graph.next([1, 1]);
        let source = &earlier[x.0];
        let terms = source.value.iter().zip(weights).map(|(x, w)| f64::from(*x) * f64::from(*w));
        slot.value[0] = terms.sum::<f64>() as f32;
        slot.saved[0].copy_from(weights);
        slot.wants = source.wants;
        slot.op = Op::WeightedSum { x };
        var
    }

    /// Records a loss: `row(index, input, slope)` gives a row's loss and writes its derivative.
    fn loss(&mut self, x: Var, row: impl Fn(usize, &[f32], &mut [f32]) -> f32 + Sync) -> Var {
        let (rows, columns) = self.shape(x);
        let (var, slot, earlier) = self.graph.next([rows, 1]);
        let source = &earlier[x.0];
        let slopes = &mut slot.saved[0];
        slopes.resize(rows * columns);
        let (slopes, losses) = (Parts::new(slopes), Parts::new(&mut slot.value));
        self.machine.team.split(rows, 1, rows * columns * 2, &|range| {
            let input = &source.value[range.start * columns..range.end * columns];
            // SAFETY: the ranges of rows are disjoint.
            let (slopes, losses) = unsafe {
                (slopes.range(range.start * columns..range.end * columns), losses.range(range.clone()))
            };
            let rows = input.chunks_exact(columns).zip(slopes.chunks_exact_mut(columns)).zip(losses);
            for (index, ((input, slope), out)) in range.zip(rows) {
                *out = row(index, input, slope);
            }
        });
        slot.wants = source.wants;
        slot.op = Op::Loss { x };
        var
    }
}

/// Gives classes whose bit is not set the logit −∞.
fn forbid(logits: &mut [f32], words: &[u64]) {
    for (logits, &word) in logits.chunks_mut(64).zip(words) {
        for (bit, logit) in logits.iter_mut().enumerate() {
            if word >> bit & 1 == 0 {
                *logit = f32::NEG_INFINITY;
            }
        }
    }
}

pub(super) fn backward(slot: &Slot, x: &mut Slot, machine: &Machine) {
    if !x.wants {
        return;
    }
    let (columns, cost) = (x.columns, x.value.len() / 4);
    let (out, add) = x.grad_to_set();
    machine.team.rows(out, columns, cost, &|range, out| {
        let slopes = slot.saved[0][range.start * columns..].chunks_exact(columns).zip(&slot.grad[range]);
        for (out, (slopes, grad)) in out.chunks_exact_mut(columns).zip(slopes) {
            for (total, slope) in out.iter_mut().zip(slopes) {
                *total = slope * grad + if add { *total } else { 0.0 };
            }
        }
    });
}

pub(super) fn weighted_backward(slot: &Slot, x: &mut Slot) {
    if x.wants {
        let grad = slot.grad[0];
        for (total, weight) in x.grad_to_add().iter_mut().zip(slot.saved[0].iter()) {
            *total += grad * weight;
        }
    }
}
