//! Picking rows and columns.

use std::ops::Range;

use super::{Op, Slot, Tape, Var};

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
        for (row, &index) in slot.value.chunks_exact_mut(columns).zip(indices) {
            row.copy_from_slice(&source.value[index as usize * columns..][..columns]);
        }
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

pub(super) fn rows_backward(slot: &Slot, x: &mut Slot) {
    if !x.wants {
        return;
    }
    let columns = slot.columns;
    let out = x.grad_to_add();
    for (grad, &index) in slot.grad.chunks_exact(columns).zip(&slot.indices) {
        for (total, value) in out[index as usize * columns..].iter_mut().zip(grad) {
            *total += value;
        }
    }
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
