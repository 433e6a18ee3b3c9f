//! Weights in the order in which the recurrent kernels read them, and columns padded to whole vectors.

use super::PAD;
use crate::buffer::Buffer;

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

/// Packs `[units, gates * units]` for the forward pass: `[block of lanes][k][gate][lane]`, zeros as padding.
pub(crate) fn pack_forward(weights: &[f32], gates: usize, units: usize, lanes: usize, out: &mut Buffer) {
    let blocks = units.next_multiple_of(PAD) / lanes;
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
    let padded = units.next_multiple_of(PAD);
    let columns = gates * units;
    out.zeros(padded / lanes * gates * padded * lanes);
    for (block, panel) in out.chunks_exact_mut(gates * padded * lanes).enumerate() {
        let first = block * lanes;
        let rows = weights.chunks_exact(columns).skip(first).take(lanes);
        // Sixteen rows are read side by side and written together.
        let rows: [&[f32]; PAD] = {
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
