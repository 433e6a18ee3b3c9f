//! The loops where the time goes, each written once and compiled for every [`Path`](crate::Path).
#![allow(
    clippy::inline_always,
    reason = "a function takes on its caller's instructions only if it is inlined"
)]

pub(crate) mod gru;
pub(crate) mod lstm;
pub(crate) mod map;
pub(crate) mod matvec;
mod tile;

use crate::Path;
use crate::buffer::Buffer;
use crate::team::Team;

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

    /// How many threads are worth waking: a barrier a step must not cost more than the step.
    fn threads(self, team: &Team) -> usize {
        let work = self.batch * self.units * self.units;
        if work < 32 * 1024 { 1 } else { team.threads().min(self.padded() / PAD) }
    }
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
