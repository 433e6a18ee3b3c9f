//! The GRU's step: recurrent product, gates and state in registers; and the way back.
#![allow(
    unsafe_code,
    reason = "threads read and write parts of shared sequences, kept apart by unit and by barrier"
)]

use super::Workers;
use super::steps::{self, Place, Size, Steps};
use super::tile::{Factors, Panel, accumulate};
use crate::simd::Simd;
use crate::team::Parts;

/// A sequence's buffers; `units` are padded.
#[derive(Clone, Copy)]
pub(crate) struct Sequence<'a> {
    /// `[steps, batch, 3, units]`. Forward: in, what inputs and biases add to the gates; out, the values of reset,
    /// update and candidate. Backward: out, the gradients of what goes into them from the input.
    pub(crate) gates: Parts<'a>,
    /// `[steps, batch, 3, units]`. Forward: in the last third, what the state adds to the candidate before the reset
    /// gate scales it. Backward: out, the gradients of what goes into the gates from the state.
    pub(crate) sides: Parts<'a>,
    /// The outputs, `[steps + 1, batch, units]`, the first step zeros.
    pub(crate) outputs: Parts<'a>,
    /// Backward: the outputs' gradients from outside, `[steps, batch, units]`.
    pub(crate) grads: Parts<'a>,
    /// Backward: what of an output's gradient goes straight to the step before, `[batch, units]`, zeros at first.
    pub(crate) carry: Parts<'a>,
    /// Forward: the bias of what the state adds to the candidate, `[units]`.
    pub(crate) bias: &'a [f32],
    /// The state weights, packed for the direction.
    pub(crate) weights: &'a [f32],
    pub(crate) size: Size,
}

impl Sequence<'_> {
    /// Runs every step; `grads` and `carry` may be empty.
    pub(crate) fn forward(self, workers: &Workers) {
        self.check();
        assert!(self.bias.len() == self.size.padded(), "the bias of a sequence must fit its size");
        steps::forward(&self, workers);
    }

    /// Walks every step back; `bias` may be empty.
    pub(crate) fn backward(self, workers: &Workers) {
        self.check();
        let block = self.size.batch * self.size.padded();
        assert!(
            self.grads.len() == self.size.steps * block && self.carry.len() == block,
            "the gradients of a sequence must fit its size"
        );
        steps::backward(&self, workers);
    }

    fn check(&self) {
        let (steps, block) = (self.size.steps, self.size.batch * self.size.padded());
        assert!(
            self.gates.len() == 3 * steps * block
                && self.sides.len() == 3 * steps * block
                && self.outputs.len() == (steps + 1) * block
                && self.weights.len() >= 3 * self.size.padded() * self.size.units,
            "the buffers of a sequence must fit its size"
        );
    }
}

impl Steps for Sequence<'_> {
    fn size(&self) -> Size {
        self.size
    }

    #[inline(always)]
    unsafe fn forward<S: Simd, const R: usize>(&self, simd: S, Place { step, row, unit }: Place) {
        let (width, units, batch) = (self.size.padded(), self.size.units, self.size.batch);
        let first = step * batch + row;
        // SAFETY: by the promises above.
        unsafe {
            let gates = self.gates.pointer().add(first * 3 * width + unit);
            let bias = simd.load(self.bias.as_ptr().add(unit));
            let mut sums = [[bias; 3]; R];
            for (r, row) in sums.iter_mut().enumerate() {
                row[0] = simd.load(gates.add(r * 3 * width));
                row[1] = simd.load(gates.add((r * 3 + 1) * width));
            }
            let outputs = self.outputs.pointer().add(first * width);
            let start = self.weights.as_ptr().add(unit * units * 3);
            let panel = Panel { start, row_step: 3 * S::LANES, column_step: S::LANES };
            let sums = accumulate(simd, sums, Factors::rows(outputs, width), panel, units);
            for (r, sums) in sums.iter().enumerate() {
                let place = (first + r) * width + unit;
                let reset = simd.sigmoid(sums[0]);
                let update = simd.sigmoid(sums[1]);
                let candidate =
                    simd.tanh(simd.fma(reset, sums[2], simd.load(gates.add((r * 3 + 2) * width))));
                let before = simd.load(outputs.add(r * width + unit));
                for (q, value) in [reset, update, candidate].into_iter().enumerate() {
                    simd.store(gates.add((r * 3 + q) * width), value);
                }
                simd.store(self.sides.pointer().add((first + r) * 3 * width + 2 * width + unit), sums[2]);
                let output = simd.fma(update, simd.sub(before, candidate), candidate);
                simd.store(self.outputs.pointer().add(place + batch * width), output);
            }
        }
    }

    #[inline(always)]
    unsafe fn backward<S: Simd, const R: usize, const N: usize>(
        &self,
        simd: S,
        Place { step, row, unit }: Place,
    ) {
        let (width, batch) = (self.size.padded(), self.size.batch);
        let first = step * batch + row;
        // SAFETY: by the promises above.
        unsafe {
            let outside = self.grads.pointer().add(first * width + unit);
            let carry = self.carry.pointer().add(row * width + unit);
            let mut sums = [[simd.splat(0.0); N]; R];
            for (r, row) in sums.iter_mut().enumerate() {
                for (n, sum) in row.iter_mut().enumerate() {
                    let place = r * width + n * S::LANES;
                    *sum = simd.add(simd.load(outside.add(place)), simd.load(carry.add(place)));
                }
            }
            if step + 1 < self.size.steps {
                let later = Factors::rows(self.sides.pointer().add((first + batch) * 3 * width), 3 * width);
                let start = self.weights.as_ptr().add(unit * 3 * width);
                let panel = Panel { start, row_step: S::LANES, column_step: 3 * width * S::LANES };
                sums = accumulate(simd, sums, later, panel, 3 * width);
            }
            for (r, sums) in sums.iter().enumerate() {
                for (n, &dh) in sums.iter().enumerate() {
                    self.unit_backward(simd, dh, (first + r, row + r, unit + n * S::LANES));
                }
            }
        }
    }
}

impl Sequence<'_> {
    /// The gates of one vector of units of one row, given the gradient `dh` of its output.
    ///
    /// # Safety
    /// As for `backward`.
    #[inline(always)]
    unsafe fn unit_backward<S: Simd>(&self, simd: S, dh: S::V, (first, row, unit): (usize, usize, usize)) {
        let width = self.size.padded();
        // SAFETY: by the promises above.
        unsafe {
            let gates = self.gates.pointer().add(first * 3 * width + unit);
            let sides = self.sides.pointer().add(first * 3 * width + unit);
            // The state before a step lies at the step's own place, as outputs begin with a step of zeros.
            let before = simd.load(self.outputs.pointer().add(first * width + unit));
            let (reset, update) = (simd.load(gates), simd.load(gates.add(width)));
            let candidate = simd.load(gates.add(2 * width));
            let rest = simd.sub(simd.splat(1.0), update);
            let d_candidate = simd.mul(simd.mul(dh, rest), simd.tanh_slope(candidate));
            let d_update = simd.mul(simd.mul(dh, simd.sub(before, candidate)), simd.sigmoid_slope(update));
            let d_reset =
                simd.mul(simd.mul(d_candidate, simd.load(sides.add(2 * width))), simd.sigmoid_slope(reset));
            for (q, grad) in [d_reset, d_update, d_candidate].into_iter().enumerate() {
                simd.store(gates.add(q * width), grad);
                simd.store(sides.add(q * width), if q == 2 { simd.mul(grad, reset) } else { grad });
            }
            simd.store(self.carry.pointer().add(row * width + unit), simd.mul(dh, update));
        }
    }
}
