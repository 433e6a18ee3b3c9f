//! Picking rows and columns.
#![allow(unsafe_code, reason = "threads share the columns of one matrix")]

use std::ops::Range;

use super::{Machine, Op, Slot, Tape, Var};
use crate::team::Parts;

impl Tape {
    /// Row `i` of the result is row `indices[i]` of `x`; a row may be named often or never.
    ///
    /// # Panics
    /// If `x` has no such row.
    pub fn rows(&mut self, x: Var, indices: &[u32]) -> Var {
        let (_, columns) = self.shape(x);
        let (var, slot, earlier) = self.graph.next([indices.len(), columns]);
        slot.indices.clear();
        slot.indices.extend_from_slice(indices);
        let source = &earlier[x.0];
        self.machine.team.rows(&mut slot.value, columns, indices.len() * columns / 2, &|range, out| {
            for (row, &index) in out.chunks_exact_mut(columns).zip(&indices[range]) {
                row.copy_from_slice(&source.value[index as usize * columns..][..columns]);
            }
        });
        slot.wants = source.wants;
        slot.op = Op::Rows { x };
        var
    }

    /// Some neighbouring columns of `x`.
    ///
    /// # Panics
    /// If `x` has fewer columns.
    pub fn columns(&mut self, x: Var, range: Range<usize>) -> Var {
        let (rows, columns) = self.shape(x);
        assert!(range.end <= columns, "columns must end at {columns}, but the range ends at {}", range.end);
        let (var, slot, earlier) = self.graph.next([rows, range.len()]);
        let source = &earlier[x.0];
        for (row, from) in
            slot.value.chunks_exact_mut(range.len().max(1)).zip(source.value.chunks_exact(columns))
        {
            row.copy_from_slice(&from[range.clone()]);
        }
        slot.wants = source.wants;
        slot.op = Op::Columns { x, start: range.start };
        var
    }
}

/// Threads share the columns, so that every number gets its additions in the same order.
pub(super) fn rows_backward(slot: &Slot, x: &mut Slot, machine: &Machine) {
    if !x.wants {
        return;
    }
    let columns = slot.columns;
    let parts = Parts::new(x.grad_to_add());
    machine.team.split(columns, 16, slot.grad.len() / 2, &|range| {
        for (grad, &index) in slot.grad.chunks_exact(columns).zip(&slot.indices) {
            let first = index as usize * columns;
            // SAFETY: the ranges of columns are disjoint, and one thread holds one part at a time.
            let totals = unsafe { parts.range(first + range.start..first + range.end) };
            for (total, value) in totals.iter_mut().zip(&grad[range.clone()]) {
                *total += value;
            }
        }
    });
}

pub(super) fn columns_backward(slot: &Slot, x: &mut Slot, start: usize) {
    if !x.wants || slot.columns == 0 {
        return;
    }
    let columns = x.columns;
    let out = x.grad_to_add();
    for (grad, row) in slot.grad.chunks_exact(slot.columns).zip(out.chunks_exact_mut(columns)) {
        for (total, value) in row.iter_mut().skip(start).zip(grad) {
            *total += value;
        }
    }
}
