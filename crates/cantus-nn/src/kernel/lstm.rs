//! The LSTM's step: recurrent product, gates and state in registers; and the way back.
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
    /// `[steps, batch, 4, units]`. Forward: in, what inputs and biases add to the gates; out, the gates' values.
    /// Backward: in, the gates' values; out, the gradients of what goes into them.
    pub(crate) gates: Parts<'a>,
    /// `[steps + 1, batch, units]`, the first step zeros.
    pub(crate) cells: Parts<'a>,
    /// tanh of the cells, `[steps, batch, units]`.
    pub(crate) curved: Parts<'a>,
    /// Forward: the outputs, `[steps + 1, batch, units]`, the first step zeros.
    pub(crate) outputs: Parts<'a>,
    /// Backward: the outputs' gradients from outside, `[steps, batch, units]`.
    pub(crate) grads: Parts<'a>,
    /// Backward: the cell's gradient from the step after, `[batch, units]`, zeros at first.
    pub(crate) carry: Parts<'a>,
    /// The state weights, packed for the direction.
    pub(crate) weights: &'a [f32],
    pub(crate) size: Size,
}

impl Sequence<'_> {
    /// Runs every step; `grads` and `carry` may be empty.
    pub(crate) fn forward(self, workers: &Workers) {
        self.check();
        steps::forward(&self, workers);
    }

    /// Walks every step back.
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
            self.gates.len() == 4 * steps * block
                && self.cells.len() == (steps + 1) * block
                && self.curved.len() == steps * block
                && self.outputs.len() == (steps + 1) * block
                && self.weights.len() >= 4 * self.size.padded() * self.size.units,
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
        let (width, units) = (self.size.padded(), self.size.units);
        let first = step * self.size.batch + row;
        // SAFETY: by the promises above.
        unsafe {
            let gates = self.gates.pointer().add(first * 4 * width + unit);
            let mut sums = [[simd.splat(0.0); 4]; R];
            for (r, row) in sums.iter_mut().enumerate() {
                for (q, sum) in row.iter_mut().enumerate() {
                    *sum = simd.load(gates.add((r * 4 + q) * width));
                }
            }
            let before = Factors::rows(self.outputs.pointer().add(first * width), width);
            let start = self.weights.as_ptr().add(unit * units * 4);
            let panel = Panel { start, row_step: 4 * S::LANES, column_step: S::LANES };
            let sums = accumulate(simd, sums, before, panel, units);
            for (r, sums) in sums.iter().enumerate() {
                let place = (first + r) * width + unit;
                let after = place + self.size.batch * width;
                let (i, f) = (simd.sigmoid(sums[0]), simd.sigmoid(sums[1]));
                let (g, o) = (simd.tanh(sums[2]), simd.sigmoid(sums[3]));
                let cell = simd.fma(f, simd.load(self.cells.pointer().add(place)), simd.mul(i, g));
                let curved = simd.tanh(cell);
                for (q, value) in [i, f, g, o].into_iter().enumerate() {
                    simd.store(gates.add((r * 4 + q) * width), value);
                }
                simd.store(self.cells.pointer().add(after), cell);
                simd.store(self.curved.pointer().add(place), curved);
                simd.store(self.outputs.pointer().add(after), simd.mul(o, curved));
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
            let mut sums = [[simd.splat(0.0); N]; R];
            for (r, row) in sums.iter_mut().enumerate() {
                for (n, sum) in row.iter_mut().enumerate() {
                    *sum = simd.load(outside.add(r * width + n * S::LANES));
                }
            }
            if step + 1 < self.size.steps {
                let later = Factors::rows(self.gates.pointer().add((first + batch) * 4 * width), 4 * width);
                let start = self.weights.as_ptr().add(unit * 4 * width);
                let panel = Panel { start, row_step: S::LANES, column_step: 4 * width * S::LANES };
                sums = accumulate(simd, sums, later, panel, 4 * width);
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
        let place = first * width + unit;
        // SAFETY: by the promises above.
        unsafe {
            let gates = self.gates.pointer().add(first * 4 * width + unit);
            let (i, f) = (simd.load(gates), simd.load(gates.add(width)));
            let (g, o) = (simd.load(gates.add(2 * width)), simd.load(gates.add(3 * width)));
            let curved = simd.load(self.curved.pointer().add(place));
            let before = simd.load(self.cells.pointer().add(place));
            let carry = self.carry.pointer().add(row * width + unit);
            let dc = simd.fma(simd.mul(dh, o), simd.tanh_slope(curved), simd.load(carry));
            simd.store(gates, simd.mul(simd.mul(dc, g), simd.sigmoid_slope(i)));
            simd.store(gates.add(width), simd.mul(simd.mul(dc, before), simd.sigmoid_slope(f)));
            simd.store(gates.add(2 * width), simd.mul(simd.mul(dc, i), simd.tanh_slope(g)));
            simd.store(gates.add(3 * width), simd.mul(simd.mul(dh, curved), simd.sigmoid_slope(o)));
            simd.store(carry, simd.mul(dc, f));
        }
    }
}
