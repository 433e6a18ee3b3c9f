//! Walking through a recurrent sequence: which thread does which part of every step.
#![allow(unsafe_code, reason = "a cell reads what other threads wrote the step before")]

use std::ops::Range;

use super::tile::{tiles, with_rows};
use super::{PAD, Workers};
use crate::simd::{Kernel, Simd};
use crate::team::Barrier;

/// What a kind of cell computes at one step; both must be `#[inline(always)]`.
pub(super) trait Steps: Sync {
    /// The sizes of the sequence.
    fn size(&self) -> Size;

    /// One vector of units of `R` sequences.
    ///
    /// # Safety
    /// The place must lie inside, the step before must be complete, and no one else may touch these units.
    unsafe fn forward<S: Simd, const R: usize>(&self, simd: S, place: Place);

    /// `N` vectors of units of `R` sequences, on the way back.
    ///
    /// # Safety
    /// As for `forward`, with the step after complete.
    unsafe fn backward<S: Simd, const R: usize, const N: usize>(&self, simd: S, place: Place);
}

/// A place in a sequence: a step, the first of some sequences of the batch, and the first of some units.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) step: usize,
    pub(super) row: usize,
    pub(super) unit: usize,
}

/// The sizes of a recurrent sequence.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Size {
    /// How many steps.
    pub(crate) steps: usize,
    /// How many sequences side by side.
    pub(crate) batch: usize,
    /// How many units.
    pub(crate) units: usize,
}

impl Size {
    /// Units with padding.
    pub(crate) fn padded(self) -> usize {
        self.units.next_multiple_of(PAD)
    }
}

/// The part of a sequence that is one thread's.
#[derive(Clone)]
struct Share {
    /// Which sequences of the batch.
    rows: Range<usize>,
    /// Which padded units, whole pads.
    units: Range<usize>,
}

/// State weights of so many numbers stay in a core's second cache from step to step.
const CACHED: usize = 128 * 1024;

/// Gives each thread its share of a recurrent sequence, and the barrier to wait at after each step.
///
/// Sequences do not need one another, so threads that share the batch never wait; but each then reads all weights at
/// every step. Large weights are shared instead, by units, and every step waits for the slowest.
fn each_share(size: Size, workers: &Workers, work: &(dyn Fn(Share, &Barrier) + Sync)) {
    let (rows, units) = (size.batch, size.padded());
    let by_rows = size.units * size.units * 4 <= CACHED && rows >= 8 * workers.team.threads();
    let (parts, part) = if by_rows { (rows, 1) } else { (units / PAD, PAD) };
    // A barrier a step must not cost more than the step.
    let small = rows * size.units * size.units < 32 * 1024;
    let threads = if small { 1 } else { workers.team.threads().min(parts) };
    let barrier = Barrier::new(if by_rows { 1 } else { threads });
    let share = |index: usize| {
        let own = parts * index / threads * part..parts * (index + 1) / threads * part;
        if by_rows { Share { rows: own, units: 0..units } } else { Share { rows: 0..rows, units: own } }
    };
    if threads == 1 {
        return work(share(0), &barrier);
    }
    workers.team.run(&|index| {
        if index < threads {
            work(share(index), &barrier);
        }
    });
}

/// Runs every step.
pub(super) fn forward(cell: &impl Steps, workers: &Workers) {
    each_share(cell.size(), workers, &|share, barrier| {
        workers.path.run(Forward { cell, share, barrier });
    });
}

/// Walks every step back.
pub(super) fn backward(cell: &impl Steps, workers: &Workers) {
    each_share(cell.size(), workers, &|share, barrier| {
        workers.path.run(Backward { cell, share, barrier });
    });
}

struct Forward<'a, C> {
    cell: &'a C,
    share: Share,
    barrier: &'a Barrier,
}

impl<C: Steps> Kernel for Forward<'_, C> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        for step in 0..self.cell.size().steps {
            for unit in self.share.units.clone().step_by(S::LANES) {
                for (row, rows) in tiles(&self.share.rows, S::ROWS) {
                    let place = Place { step, row, unit };
                    // SAFETY: shares lie inside and do not overlap; what a share reads of the step before is its own,
                    // or complete as every thread has passed the barrier.
                    with_rows!(S, rows, |R| unsafe { self.cell.forward::<S, R>(simd, place) });
                }
            }
            self.barrier.wait();
        }
    }
}

struct Backward<'a, C> {
    cell: &'a C,
    share: Share,
    barrier: &'a Barrier,
}

impl<C: Steps> Kernel for Backward<'_, C> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        for step in (0..self.cell.size().steps).rev() {
            let mut unit = self.share.units.start;
            while unit < self.share.units.end {
                let vectors = match (self.share.units.end - unit) / S::LANES {
                    4.. => 4,
                    2..4 => 2,
                    _ => 1,
                };
                for (row, rows) in tiles(&self.share.rows, S::ROWS) {
                    let place = Place { step, row, unit };
                    // SAFETY: as for `Forward`, with the step after.
                    with_rows!(S, rows, |R| unsafe {
                        match vectors {
                            4 => self.cell.backward::<S, R, 4>(simd, place),
                            2 => self.cell.backward::<S, R, 2>(simd, place),
                            _ => self.cell.backward::<S, R, 1>(simd, place),
                        }
                    });
                }
                unit += vectors * S::LANES;
            }
            self.barrier.wait();
        }
    }
}
