//! A gated linear recurrence over a whole sequence: its gates do not depend on its state, so that nothing but sums runs step by step.

use super::{Op, Slot, Tape, Var};
use crate::math;

impl Tape {
    /// A state that forgets what it holds for what comes: `h[t] = f · h[t − 1] + (1 − f) · c`, with f = σ of the first half of the
    /// columns at t and c the second half, from a state of zeros (Martin and Cundy 2018; Feng et al. 2024).
    ///
    /// # Shapes
    /// `x` `[steps * batch, 2 * units]` with time outermost, result `[steps * batch, units]`.
    ///
    /// # Panics
    /// If the shapes do not fit.
    pub fn gated_scan(&mut self, x: Var, batch: usize) -> Var {
        let (rows, columns) = self.shape(x);
        assert!(
            batch > 0 && rows.is_multiple_of(batch) && columns.is_multiple_of(2),
            "sequences of {batch} side by side cannot be cut from {rows} rows of {columns}"
        );
        let units = columns / 2;
        let (var, slot, earlier) = self.graph.next([rows, units]);
        let source = &earlier[x.0];
        // The share of the state that is kept.
        slot.saved[0].resize(rows * units);
        for (row, input) in source.value.chunks_exact(columns.max(1)).enumerate() {
            let (before, now) = slot.value.split_at_mut(row * units);
            let before = row.checked_sub(batch).map(|before_row| &before[before_row * units..]);
            let kept = &mut slot.saved[0][row * units..][..units];
            for unit in 0..units {
                let keep = math::sigmoid(input[unit]);
                kept[unit] = keep;
                let held = before.map_or(0.0, |before| before[unit]);
                now[unit] = keep * held + (1.0 - keep) * input[units + unit];
            }
        }
        slot.wants = source.wants;
        slot.op = Op::GatedScan { x, batch };
        var
    }
}

pub(super) fn backward(slot: &mut Slot, x: &mut Slot, batch: usize) {
    if !x.wants {
        return;
    }
    let (rows, units) = (slot.rows, slot.columns);
    x.grad_to_add();
    for row in (0..rows).rev() {
        let (earlier, grads) = slot.grad.split_at_mut(row * units);
        let before = row.checked_sub(batch);
        for unit in 0..units {
            let (place, input) = (row * units + unit, row * 2 * units + unit);
            let (arrived, keep) = (grads[unit], slot.saved[0][place]);
            let held = before.map_or(0.0, |before| slot.value[before * units + unit]);
            let candidate = x.value[input + units];
            x.grad[input] += arrived * (held - candidate) * keep * (1.0 - keep);
            x.grad[input + units] += arrived * (1.0 - keep);
            if let Some(before) = before {
                earlier[before * units + unit] += arrived * keep;
            }
        }
    }
}
