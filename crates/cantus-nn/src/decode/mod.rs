//! Inference, one step of one sequence at a time, without allocation, with the same bits on every machine.
//!
//! Every output is accumulated over the inputs in order by fused multiply-add, starting from its bias.

use crate::tape::{GELU_CUBIC, GELU_SCALE};
use crate::weights::{from_bf16, to_bf16};
use crate::{Cell, Parameters, Precision, Recurrent, Tensor, Term, math};

/// A weight matrix and a bias.
#[derive(Debug, Clone)]
pub struct Linear {
    weights: Vec<f32>,
    bias: Vec<f32>,
    inputs: usize,
}

impl Linear {
    /// Takes weights `[in, out]` and a bias `[out]` (zeros if there is none).
    ///
    /// # Panics
    /// If the bias has another length.
    pub fn new(weights: &Tensor, bias: Option<&Tensor>, precision: Precision) -> Self {
        let outputs = weights.columns();
        let bias = bias.map_or_else(|| vec![0.0; outputs], |bias| bias.data().to_vec());
        assert!(bias.len() == outputs, "a bias must have {outputs} numbers, but has {}", bias.len());
        Self { weights: rounded(weights.data(), precision), bias, inputs: weights.rows() }
    }

    /// How many numbers it reads.
    pub fn inputs(&self) -> usize {
        self.inputs
    }

    /// How many numbers it writes.
    pub fn outputs(&self) -> usize {
        self.bias.len()
    }

    /// `out = x w + b`.
    ///
    /// # Panics
    /// If `x` or `out` has another length than the matrix.
    pub fn forward(&self, x: &[f32], out: &mut [f32]) {
        assert!(
            x.len() == self.inputs && out.len() == self.bias.len(),
            "input and output must fit the matrix"
        );
        out.copy_from_slice(&self.bias);
        accumulate(&self.weights, x, out);
    }
}

/// The numbers as a weight file of that precision would give them back.
fn rounded(values: &[f32], precision: Precision) -> Vec<f32> {
    match precision {
        Precision::F32 => values.to_vec(),
        Precision::Bf16 => values.iter().map(|&value| from_bf16(to_bf16(value))).collect(),
    }
}

fn accumulate(weights: &[f32], x: &[f32], out: &mut [f32]) {
    for (&x, row) in x.iter().zip(weights.chunks_exact(out.len())) {
        for (total, weight) in out.iter_mut().zip(row) {
            *total = x.mul_add(*weight, *total);
        }
    }
}

/// An embedding table.
#[derive(Debug, Clone)]
pub struct Table {
    rows: Vec<f32>,
    width: usize,
}

impl Table {
    /// Takes a table `[rows, width]`.
    pub fn new(table: &Tensor, precision: Precision) -> Self {
        Self { rows: rounded(table.data(), precision), width: table.columns() }
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

/// A recurrent layer, one step at a time.
#[derive(Debug, Clone)]
pub struct RecurrentCell {
    cell: Cell,
    inputs: usize,
    units: usize,
    input: Vec<f32>,
    hidden: Vec<f32>,
    bias: Vec<f32>,
}

/// What a [`RecurrentCell`] remembers between steps.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    h: Vec<f32>,
    c: Vec<f32>,
    scratch: Vec<f32>,
}

impl State {
    /// The state before the first step, zeros.
    pub fn new(cell: &RecurrentCell) -> Self {
        Self { h: vec![0.0; cell.units], c: vec![0.0; cell.units], scratch: vec![0.0; 6 * cell.units] }
    }

    /// The layer's output at the last step.
    pub fn output(&self) -> &[f32] {
        &self.h
    }

    /// Back to before the first step.
    pub fn reset(&mut self) {
        self.h.fill(0.0);
        self.c.fill(0.0);
    }
}

impl RecurrentCell {
    /// Takes the tensors of a layer.
    pub fn new(params: &Parameters, layer: &Recurrent, precision: Precision) -> Self {
        Self {
            cell: layer.cell,
            inputs: layer.inputs,
            units: layer.units,
            input: rounded(params.get(layer.input).data(), precision),
            hidden: rounded(params.get(layer.hidden).data(), precision),
            bias: params.get(layer.bias).data().to_vec(),
        }
    }

    /// How many numbers it reads at a step.
    pub fn inputs(&self) -> usize {
        self.inputs
    }

    /// How many numbers it gives at a step.
    pub fn units(&self) -> usize {
        self.units
    }

    /// One step; [`State::output`] is the result.
    ///
    /// # Panics
    /// If `x` has another length than the layer reads.
    pub fn step(&self, x: &[f32], state: &mut State) {
        assert!(x.len() == self.inputs, "the layer reads {} numbers, but got {}", self.inputs, x.len());
        match self.cell {
            Cell::Lstm => self.lstm(x, state),
            Cell::Gru => self.gru(x, state),
        }
    }

    fn lstm(&self, x: &[f32], State { h, c, scratch }: &mut State) {
        let n = self.units;
        let gates = &mut scratch[..4 * n];
        gates.copy_from_slice(&self.bias);
        accumulate(&self.input, x, gates);
        accumulate(&self.hidden, h, gates);
        for unit in 0..n {
            let i = math::sigmoid(gates[unit]);
            let f = math::sigmoid(gates[n + unit]);
            let g = math::tanh(gates[2 * n + unit]);
            let o = math::sigmoid(gates[3 * n + unit]);
            c[unit] = f.mul_add(c[unit], i * g);
            h[unit] = o * math::tanh(c[unit]);
        }
    }

    fn gru(&self, x: &[f32], State { h, scratch, .. }: &mut State) {
        let n = self.units;
        let (gates, sides) = scratch.split_at_mut(3 * n);
        gates.copy_from_slice(&self.bias[..3 * n]);
        accumulate(&self.input, x, gates);
        sides[..2 * n].fill(0.0);
        sides[2 * n..].copy_from_slice(&self.bias[3 * n..]);
        accumulate(&self.hidden, h, sides);
        for unit in 0..n {
            let r = math::sigmoid(gates[unit] + sides[unit]);
            let z = math::sigmoid(gates[n + unit] + sides[n + unit]);
            let candidate = math::tanh(r.mul_add(sides[2 * n + unit], gates[2 * n + unit]));
            h[unit] = z.mul_add(h[unit] - candidate, candidate);
        }
    }
}

/// GELU of each number, as [`Tape::gelu`](crate::Tape::gelu).
pub fn gelu(x: &mut [f32]) {
    for x in x {
        let cubic = GELU_CUBIC * *x * *x * *x + *x;
        *x *= math::sigmoid(2.0 * GELU_SCALE * cubic);
    }
}

/// Adds every term's part of `x` to `out`, as [`Tape::shifted_sum`](crate::Tape::shifted_sum), but `out` is not
/// cleared first.
///
/// # Panics
/// If a term reads beyond `x` or writes beyond `out`.
pub fn shifted_sum(x: &[f32], terms: &[Term], out: &mut [f32]) {
    for term in terms {
        term.check(x.len(), out.len());
        term.each(|class, column| out[class] += x[column]);
    }
}

/// Turns logits into probabilities; a logit of −∞ gets exactly 0.
pub fn softmax(logits: &mut [f32]) {
    let most = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mut total = 0.0;
    for value in logits.iter_mut() {
        *value = math::exp(*value - most);
        total += *value;
    }
    for value in logits {
        *value /= total;
    }
}
