//! Inference, one step of one sequence at a time, without allocation, with the same bits on every machine.
//!
//! Every output is accumulated over the inputs in order by fused multiply-add, starting from its bias; vectors run
//! across outputs, and exp, tanh and sigmoid are our own.

mod cell;
#[cfg(test)]
mod tests;

pub use cell::{RecurrentCell, State};

use crate::kernel::map::{self, Gelu};
use crate::kernel::matvec::Packed;
use crate::weights::{from_bf16, to_bf16};
use crate::{Path, Precision, Tensor, Term};

/// A weight matrix and a bias.
#[derive(Debug, Clone)]
pub struct Linear {
    weights: Packed,
    bias: Vec<f32>,
}

impl Linear {
    /// Takes weights `[in, out]` and a bias `[out]` (zeros if there is none); the bias stays as it is.
    ///
    /// # Panics
    /// If the bias has another length.
    pub fn new(weights: &Tensor, bias: Option<&Tensor>, precision: Precision) -> Self {
        Self::on(Path::best(), weights, bias, precision)
    }

    /// Like [`Linear::new`], with given instructions.
    ///
    /// # Panics
    /// If the bias has another length.
    pub fn on(path: Path, weights: &Tensor, bias: Option<&Tensor>, precision: Precision) -> Self {
        let outputs = weights.columns();
        let bias = bias.map_or_else(|| vec![0.0; outputs], |bias| bias.data().to_vec());
        assert!(bias.len() == outputs, "a bias must have {outputs} numbers, but has {}", bias.len());
        Self { weights: Packed::new(path, precision, weights), bias }
    }

    /// How many numbers it reads.
    pub fn inputs(&self) -> usize {
        self.weights.depth()
    }

    /// How many numbers it writes.
    pub fn outputs(&self) -> usize {
        self.weights.columns()
    }

    /// `out = x w + b`.
    ///
    /// # Panics
    /// If `x` or `out` has another length than the matrix.
    pub fn forward(&self, x: &[f32], out: &mut [f32]) {
        out.copy_from_slice(&self.bias);
        self.weights.accumulate(x, out);
    }
}

/// An embedding table.
#[derive(Debug, Clone)]
pub struct Table {
    rows: Vec<f32>,
    width: usize,
}

impl Table {
    /// Takes a table `[rows, width]`; with [`Precision::Bf16`] its numbers are rounded.
    pub fn new(table: &Tensor, precision: Precision) -> Self {
        let rounded = |value: &f32| match precision {
            Precision::F32 => *value,
            Precision::Bf16 => from_bf16(to_bf16(*value)),
        };
        Self { rows: table.data().iter().map(rounded).collect(), width: table.columns() }
    }

    /// How long a row is.
    pub fn width(&self) -> usize {
        self.width
    }

    /// The sum of some rows, added in order; zeros for none.
    ///
    /// # Panics
    /// If there is no such row, or `out` is not as wide as a row.
    pub fn sum(&self, items: &[u32], out: &mut [f32]) {
        assert!(out.len() == self.width, "a sum must have {} numbers, but has {}", self.width, out.len());
        out.fill(0.0);
        for &item in items {
            let row = &self.rows[item as usize * self.width..][..self.width];
            for (total, value) in out.iter_mut().zip(row) {
                *total += value;
            }
        }
    }
}

/// GELU of each number, as [`Tape::gelu`](crate::Tape::gelu), with given instructions.
pub fn gelu(path: Path, x: &mut [f32]) {
    map::map(path, Gelu, x);
}

/// Adds every term's part of `x` to `out`, as [`Tape::shifted_sum`](crate::Tape::shifted_sum), but `out` is not
/// cleared first.
///
/// # Panics
/// If a term reads beyond `x` or writes beyond `out`.
pub fn shifted_sum(x: &[f32], terms: &[Term], out: &mut [f32]) {
    for term in terms {
        term.check(x.len(), out.len());
        term.add_to(x, out);
    }
}

/// Turns logits into probabilities with given instructions; a logit of −∞ gets exactly 0.
pub fn softmax(path: Path, logits: &mut [f32]) {
    map::softmax(path, logits);
}
