//! The LSTM's steps: recurrent product, gates and state in registers; and the way back.
#![allow(
    unsafe_code,
    reason = "threads read and write parts of shared sequences, kept apart by unit and by barrier"
)]

use super::tile::{Factors, Panel, accumulate, tiles, with_rows};
use super::{Share, Size, Workers, each_share};
use crate::buffer::Buffer;
use crate::simd::{Kernel, Simd};
use crate::team::{Barrier, Parts};

/// A sequence's buffers; `units` are padded.
pub(crate) struct Sequence<'a> {
    /// `[steps, batch, 4, units]`. Forward: in, what inputs and biases add to the gates; out, the gates' values.
    /// Backward: in, the gates' values; out, the gradients of what goes into them.
    pub(crate) gates: &'a mut [f32],
    /// `[steps + 1, batch, units]`, the first step zeros.
    pub(crate) cells: &'a mut [f32],
    /// tanh of the cells, `[steps, batch, units]`.
    pub(crate) curved: &'a mut [f32],
    /// Forward: the outputs. Backward: their gradients from outside. `[steps, batch, units]`.
    pub(crate) outputs: &'a mut [f32],
    /// Backward only: the cell's gradient from the step after, `[batch, units]`, zeros at first.
    pub(crate) carry: &'a mut [f32],
    /// The state weights, packed for the direction.
    pub(crate) weights: &'a [f32],
    pub(crate) size: Size,
}

/// Packs `[units, gates * units]` for the forward pass: `[block of lanes][k][gate][lane]`, zeros as padding.
pub(crate) fn pack_forward(weights: &[f32], gates: usize, units: usize, lanes: usize, out: &mut Buffer) {
    let blocks = units.next_multiple_of(super::PAD) / lanes;
    out.zeros(blocks * units * gates * lanes);
    for (place, lane) in out.chunks_exact_mut(lanes).enumerate() {
        let (gate, k, block) = (place % gates, place / gates % units, place / gates / units);
        let first = block * lanes;
        let count = units.saturating_sub(first).min(lanes);
        let from = &weights[(k * gates + gate) * units + first.min(units)..];
        lane[..count].copy_from_slice(&from[..count]);
    }
}

/// Packs `[units, gates * units]` for the way back: `[block of lanes][gate][k padded][lane]`, the lanes running over
/// rows, zeros as padding.
pub(crate) fn pack_backward(weights: &[f32], gates: usize, units: usize, lanes: usize, out: &mut Buffer) {
    let padded = units.next_multiple_of(super::PAD);
    let columns = gates * units;
    out.zeros(padded / lanes * gates * padded * lanes);
    for (block, panel) in out.chunks_exact_mut(gates * padded * lanes).enumerate() {
        let first = block * lanes;
        let rows = weights.chunks_exact(columns).skip(first).take(lanes);
        // Sixteen rows are read side by side and written together.
        let rows: [&[f32]; super::PAD] = {
            let mut rows = rows;
            std::array::from_fn(|_| rows.next().unwrap_or_default())
        };
        for (gate, panel) in panel.chunks_exact_mut(padded * lanes).enumerate() {
            for (k, to) in panel.chunks_exact_mut(lanes).take(units).enumerate() {
                for (value, row) in to.iter_mut().zip(rows) {
                    *value = row.get(gate * units + k).copied().unwrap_or_default();
                }
            }
        }
    }
}

/// Pointers into a [`Sequence`], for several threads.
#[derive(Clone, Copy)]
struct Shared<'a> {
    gates: Parts<'a>,
    cells: Parts<'a>,
    curved: Parts<'a>,
    outputs: Parts<'a>,
    carry: Parts<'a>,
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
            self.gates.len() == 4 * steps * block
                && self.cells.len() == (steps + 1) * block
                && self.curved.len() == steps * block
                && self.outputs.len() == steps * block
                && (self.carry.is_empty() || self.carry.len() == block)
                && self.weights.len() >= 4 * width * size.units,
            "the buffers of a sequence must fit its size"
        );
        Shared {
            gates: Parts::new(self.gates),
            cells: Parts::new(self.cells),
            curved: Parts::new(self.curved),
            outputs: Parts::new(self.outputs),
            carry: Parts::new(self.carry),
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
        let (width, units) = (self.width, self.size.units);
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
            if step > 0 {
                let before = Factors::rows(
                    self.outputs.pointer().cast_const().add((first - self.size.batch) * width),
                    width,
                );
                let start = self.weights.as_ptr().add(unit * units * 4);
                let panel = Panel { start, row_step: 4 * S::LANES, column_step: S::LANES };
                sums = accumulate(simd, sums, before, panel, units);
            }
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
                simd.store(self.outputs.pointer().add(place), simd.mul(o, curved));
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
        let width = self.width;
        let batch = self.size.batch;
        let first = step * batch + row;
        // SAFETY: by the promises above.
        unsafe {
            let outside = self.outputs.pointer().add(first * width + unit);
            let mut sums = [[simd.splat(0.0); N]; R];
            for (r, row) in sums.iter_mut().enumerate() {
                for (n, sum) in row.iter_mut().enumerate() {
                    *sum = simd.load(outside.add(r * width + n * S::LANES));
                }
            }
            if step + 1 < self.size.steps {
                let later = Factors::rows(
                    self.gates.pointer().cast_const().add((first + batch) * 4 * width),
                    4 * width,
                );
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

    /// The gates of one vector of units of one row, given the gradient `dh` of its output.
    ///
    /// # Safety
    /// As for `backward`.
    #[inline(always)]
    unsafe fn unit_backward<S: Simd>(&self, simd: S, dh: S::V, (first, row, unit): (usize, usize, usize)) {
        let width = self.width;
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
