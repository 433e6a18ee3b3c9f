//! Weights in the order in which the recurrent kernels read them, and columns padded to whole vectors.

use super::{PAD, Workers};
use crate::buffer::Buffer;
use crate::team::Team;

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

/// As [`pad_columns`] with one block a row, for many rows.
pub(crate) fn pad_rows(team: &Team, rows: &[f32], units: usize, out: &mut Buffer) {
    let padded = units.next_multiple_of(PAD);
    out.resize(rows.len() / units * padded);
    let cost = out.len() / 8;
    team.rows(out, padded, cost, &|range, out| {
        for (to, from) in out.chunks_exact_mut(padded).zip(rows[range.start * units..].chunks_exact(units)) {
            let (used, rest) = to.split_at_mut(units);
            used.copy_from_slice(from);
            rest.fill(0.0);
        }
    });
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

/// Packs `[units, gates * units]` for the forward pass: `[block of lanes][k][gate][lane]`, zeros as padding.
pub(crate) fn pack_forward(weights: &[f32], gates: usize, units: usize, workers: &Workers, out: &mut Buffer) {
    let lanes = workers.path.lanes();
    let blocks = units.next_multiple_of(PAD) / lanes;
    out.resize(blocks * units * gates * lanes);
    workers.team.rows(out, units * gates * lanes, weights.len(), &|range, out| {
        for (block, out) in range.zip(out.chunks_exact_mut(units * gates * lanes)) {
            let first = (block * lanes).min(units);
            let count = (units - first).min(lanes);
            // A row of `weights` holds the gates' units one gate after the other.
            for (from, to) in weights.chunks_exact(units).zip(out.chunks_exact_mut(lanes)) {
                to[..count].copy_from_slice(&from[first..first + count]);
                to[count..].fill(0.0);
            }
        }
    });
}

/// Packs `[units, gates * units]` for the way back: `[block of lanes][gate][k padded][lane]`, the lanes running over
/// rows, zeros as padding.
pub(crate) fn pack_backward(
    weights: &[f32],
    gates: usize,
    units: usize,
    workers: &Workers,
    out: &mut Buffer,
) {
    let (lanes, padded) = (workers.path.lanes(), units.next_multiple_of(PAD));
    out.resize(padded / lanes * gates * padded * lanes);
    workers.team.rows(out, gates * padded * lanes, 2 * weights.len(), &|range, out| {
        for (block, panel) in range.zip(out.chunks_exact_mut(gates * padded * lanes)) {
            // Rows are read side by side and written together.
            let mut rows = weights.chunks_exact(gates * units).skip(block * lanes).take(lanes);
            let rows: [&[f32]; PAD] = std::array::from_fn(|_| rows.next().unwrap_or_default());
            for (gate, panel) in panel.chunks_exact_mut(padded * lanes).enumerate() {
                for (k, to) in panel.chunks_exact_mut(lanes).enumerate() {
                    for (value, row) in to.iter_mut().zip(rows) {
                        let own = if k < units { row.get(gate * units + k) } else { None };
                        *value = own.copied().unwrap_or_default();
                    }
                }
            }
        }
    });
}
