//! The loops where the time goes, each written once and compiled for every [`Path`](crate::Path).
#![allow(
    clippy::inline_always,
    reason = "a function takes on its caller's instructions only if it is inlined"
)]

pub(crate) mod block;
pub(crate) mod gru;
pub(crate) mod lstm;
pub(crate) mod map;
pub(crate) mod matvec;
pub(crate) mod peak;
pub(crate) mod tile;

use std::ops::Range;

use crate::Path;
use crate::buffer::Buffer;
use crate::team::{Barrier, Team};

/// Units are padded to a multiple of this, which every path's vectors divide.
pub(crate) const PAD: usize = 16;

/// Who works on a kernel, and with what.
pub(crate) struct Workers<'a> {
    pub(crate) team: &'a Team,
    pub(crate) path: Path,
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

/// Copies a matrix of `gates` column blocks of `units` into one whose blocks are padded with zeros.
pub(crate) fn pad_columns(matrix: &[f32], gates: usize, units: usize, out: &mut Buffer) {
    let padded = units.next_multiple_of(PAD);
    let rows = matrix.len() / (gates * units);
    out.resize(rows * gates * padded);
    for (block, from) in out.chunks_exact_mut(padded).zip(matrix.chunks_exact(units)) {
        let (used, rest) = block.split_at_mut(units);
        used.copy_from_slice(from);
        rest.fill(0.0);
    }
}

/// The reverse of [`pad_columns`], adding to what is there.
pub(crate) fn add_unpadded(padded: &[f32], units: usize, out: &mut [f32]) {
    let blocks = padded.chunks_exact(units.next_multiple_of(PAD));
    for (to, from) in out.chunks_exact_mut(units).zip(blocks) {
        for (total, value) in to.iter_mut().zip(from) {
            *total += value;
        }
    }
}
