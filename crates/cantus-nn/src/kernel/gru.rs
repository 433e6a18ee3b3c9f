//! The GRU's steps: recurrent product, gates and state in registers; and the way back.
#![allow(
    unsafe_code,
    reason = "threads read and write parts of shared sequences, kept apart by unit and by barrier"
)]

use super::tile::{Factors, Panel, accumulate, tiles, with_rows};
use super::{Share, Size, Workers, each_share};
use crate::simd::{Kernel, Simd};
use crate::team::{Barrier, Parts};

/// A sequence's buffers; `units` are padded.
pub(crate) struct Sequence<'a> {
    /// `[steps, batch, 3, units]`. Forward: in, what inputs and biases add to the gates; out, the values of reset,
    /// update and candidate. Backward: out, the gradients of what goes into them from the input.
    pub(crate) gates: &'a mut [f32],
    /// `[steps, batch, 3, units]`. Forward: in the last third, what the state adds to the candidate before the reset
    /// gate scales it. Backward: out, the gradients of what goes into the gates from the state.
    pub(crate) sides: &'a mut [f32],
    /// The outputs, `[steps, batch, units]`.
    pub(crate) outputs: &'a mut [f32],
    /// Backward only: the outputs' gradients from outside, `[steps, batch, units]`.
    pub(crate) grads: &'a mut [f32],
    /// Backward only: what of an output's gradient goes straight to the step before, `[batch, units]`, zeros at first.
    pub(crate) carry: &'a mut [f32],
    /// The bias of what the state adds to the candidate, `[units]`.
    pub(crate) bias: &'a [f32],
    /// The state weights, packed for the direction.
    pub(crate) weights: &'a [f32],
    pub(crate) size: Size,
}

/// Pointers into a [`Sequence`], for several threads.
#[derive(Clone, Copy)]
struct Shared<'a> {
    gates: Parts<'a>,
    sides: Parts<'a>,
    outputs: Parts<'a>,
    grads: Parts<'a>,
    carry: Parts<'a>,
    bias: &'a [f32],
    weights: &'a [f32],
    size: Size,
    width: usize,
}

impl Sequence<'_> {
    /// Runs every step; the team's threads share the units.
    pub(crate) fn forward(self, workers: &Workers) {
        let shared = self.share();
        each_share(shared.size, workers, &|share, barrier| {
            workers.path.run(Forward { shared, share, barrier });
        });
    }

    /// Walks every step back.
    pub(crate) fn backward(self, workers: &Workers) {
        let shared = self.share();
        each_share(shared.size, workers, &|share, barrier| {
            workers.path.run(Backward { shared, share, barrier });
        });
    }

    fn share<'a>(self) -> Shared<'a>
    where
        Self: 'a,
    {
        let (size, width) = (self.size, self.size.padded());
        let (steps, block) = (size.steps, size.batch * width);
        assert!(
            self.gates.len() == 3 * steps * block
                && self.sides.len() == 3 * steps * block
                && self.outputs.len() == steps * block
                && (self.grads.is_empty() || self.grads.len() == steps * block)
                && self.grads.is_empty() == self.carry.is_empty()
                && (self.carry.is_empty() || self.carry.len() == block)
                && self.bias.len() == width
                && self.weights.len() >= 3 * width * size.units,
            "the buffers of a sequence must fit its size"
        );
        Shared {
            gates: Parts::new(self.gates),
            sides: Parts::new(self.sides),
            outputs: Parts::new(self.outputs),
            grads: Parts::new(self.grads),
            carry: Parts::new(self.carry),
            bias: self.bias,
            weights: self.weights,
            size,
            width,
        }
    }
}

struct Forward<'a> {
    shared: Shared<'a>,
    share: Share,
    barrier: &'a Barrier,
}

impl Kernel for Forward<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Shared { size, .. } = self.shared;
        for step in 0..size.steps {
            for unit in self.share.units.clone().step_by(S::LANES) {
                for (row, rows) in tiles(&self.share.rows, S::ROWS) {
                    // SAFETY: `share` checked the buffers; this thread alone writes these units, and the step before
                    // is complete, as every thread has passed the barrier after it.
                    with_rows!(S, rows, |R| unsafe { self.shared.forward::<S, R>(simd, (step, row, unit)) });
                }
            }
            self.barrier.wait();
        }
    }
}

struct Backward<'a> {
    shared: Shared<'a>,
    share: Share,
    barrier: &'a Barrier,
}

impl Kernel for Backward<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Shared { size, .. } = self.shared;
        for step in (0..size.steps).rev() {
            let mut unit = self.share.units.start;
            while unit < self.share.units.end {
                let vectors = match (self.share.units.end - unit) / S::LANES {
                    4.. => 4,
                    2..4 => 2,
                    _ => 1,
                };
                for (row, rows) in tiles(&self.share.rows, S::ROWS) {
                    let place = (step, row, unit);
                    // SAFETY: as for `Forward`, with the step after.
                    with_rows!(S, rows, |R| unsafe {
                        match vectors {
                            4 => self.shared.backward::<S, R, 4>(simd, place),
                            2 => self.shared.backward::<S, R, 2>(simd, place),
                            _ => self.shared.backward::<S, R, 1>(simd, place),
                        }
                    });
                }
                unit += vectors * S::LANES;
            }
            self.barrier.wait();
        }
    }
}

impl Shared<'_> {
    /// One vector of units of `R` rows at one step.
    ///
    /// # Safety
    /// Rows and units must lie inside, the step before must be complete, and no one else may touch these units.
    #[inline(always)]
    unsafe fn forward<S: Simd, const R: usize>(&self, simd: S, (step, row, unit): (usize, usize, usize)) {
        let (width, units, batch) = (self.width, self.size.units, self.size.batch);
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
            if step > 0 {
                let before =
                    Factors::rows(self.outputs.pointer().cast_const().add((first - batch) * width), width);
                let start = self.weights.as_ptr().add(unit * units * 3);
                let panel = Panel { start, row_step: 3 * S::LANES, column_step: S::LANES };
                sums = accumulate(simd, sums, before, panel, units);
            }
            for (r, sums) in sums.iter().enumerate() {
                let place = (first + r) * width + unit;
                let reset = simd.sigmoid(sums[0]);
                let update = simd.sigmoid(sums[1]);
                let candidate =
                    simd.tanh(simd.fma(reset, sums[2], simd.load(gates.add((r * 3 + 2) * width))));
                let before = if step == 0 {
                    simd.splat(0.0)
                } else {
                    simd.load(self.outputs.pointer().add(place - batch * width))
                };
                for (q, value) in [reset, update, candidate].into_iter().enumerate() {
                    simd.store(gates.add((r * 3 + q) * width), value);
                }
                simd.store(self.sides.pointer().add((first + r) * 3 * width + 2 * width + unit), sums[2]);
                let output = simd.fma(update, simd.sub(before, candidate), candidate);
                simd.store(self.outputs.pointer().add(place), output);
            }
        }
    }

    /// `N` vectors of units of `R` rows at one step, walked back.
    ///
    /// # Safety
    /// As for `forward`, with the step after complete.
    #[inline(always)]
    unsafe fn backward<S: Simd, const R: usize, const N: usize>(
        &self,
        simd: S,
        (step, row, unit): (usize, usize, usize),
    ) {
        let (width, batch) = (self.width, self.size.batch);
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
                let later = Factors::rows(
                    self.sides.pointer().cast_const().add((first + batch) * 3 * width),
                    3 * width,
                );
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

    /// The gates of one vector of units of one row, given the gradient `dh` of its output.
    ///
    /// # Safety
    /// As for `backward`.
    #[inline(always)]
    unsafe fn unit_backward<S: Simd>(&self, simd: S, dh: S::V, (first, row, unit): (usize, usize, usize)) {
        let (width, batch) = (self.width, self.size.batch);
        // SAFETY: by the promises above.
        unsafe {
            let gates = self.gates.pointer().add(first * 3 * width + unit);
            let sides = self.sides.pointer().add(first * 3 * width + unit);
            let before = if first < batch {
                simd.splat(0.0)
            } else {
                simd.load(self.outputs.pointer().add((first - batch) * width + unit))
            };
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
