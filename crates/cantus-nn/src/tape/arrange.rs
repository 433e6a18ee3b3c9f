//! The same numbers in another arrangement: reshaped, cut off from their gradient, set side by side.

use super::{Machine, Op, Slot, Tape, Var};

impl Tape {
    /// The same numbers in another number of columns: rows are joined or cut.
    ///
    /// # Panics
    /// If the numbers do not fill whole rows.
    pub fn reshape(&mut self, x: Var, columns: usize) -> Var {
        let count = self.len(x);
        assert!(
            columns > 0 && count.is_multiple_of(columns),
            "{count} numbers do not fill rows of {columns}"
        );
        let (var, slot, earlier) = self.graph.next([count / columns, columns]);
        let source = &earlier[x.0];
        copy(&source.value, &mut slot.value, &self.machine);
        slot.wants = source.wants;
        slot.op = Op::Reshape { x };
        var
    }

    /// The same numbers as a constant: no gradient passes.
    pub fn detach(&mut self, x: Var) -> Var {
        let (rows, columns) = self.shape(x);
        let (var, slot, earlier) = self.graph.next([rows, columns]);
        copy(&earlier[x.0].value, &mut slot.value, &self.machine);
        slot.wants = false;
        slot.op = Op::Constant;
        var
    }

    /// The columns of `a` and then those of `b`: channels after channels.
    ///
    /// # Shapes
    /// `[n, p]` and `[n, q]`, result `[n, p + q]`.
    ///
    /// # Panics
    /// If the numbers of rows differ.
    pub fn beside(&mut self, a: Var, b: Var) -> Var {
        let ((rows, left), (others, right)) = (self.shape(a), self.shape(b));
        assert!(rows == others, "results side by side need equal numbers of rows, not {rows} and {others}");
        let columns = left + right;
        let (var, slot, earlier) = self.graph.next([rows, columns]);
        let (a_slot, b_slot) = (&earlier[a.0], &earlier[b.0]);
        self.machine.team.rows(&mut slot.value, columns, rows * columns / 2, &|range, out| {
            let a_rows = a_slot.value[range.start * left..].chunks_exact(left);
            let b_rows = b_slot.value[range.start * right..].chunks_exact(right);
            for (out, (a, b)) in out.chunks_exact_mut(columns).zip(a_rows.zip(b_rows)) {
                out[..left].copy_from_slice(a);
                out[left..].copy_from_slice(b);
            }
        });
        slot.wants = a_slot.wants || b_slot.wants;
        slot.op = Op::Beside { a, b };
        var
    }

    /// The rows of `a` and then those of `b`: samples after samples.
    ///
    /// # Shapes
    /// `[n, columns]` and `[m, columns]`, result `[n + m, columns]`.
    ///
    /// # Panics
    /// If the numbers of columns differ.
    pub fn below(&mut self, a: Var, b: Var) -> Var {
        let ((above, columns), (under, others)) = (self.shape(a), self.shape(b));
        assert!(
            columns == others,
            "results one below the other need equal columns, not {columns} and {others}"
        );
        let (var, slot, earlier) = self.graph.next([above + under, columns]);
        let (a_slot, b_slot) = (&earlier[a.0], &earlier[b.0]);
        let (upper, lower) = slot.value.split_at_mut(above * columns);
        copy(&a_slot.value, upper, &self.machine);
        copy(&b_slot.value, lower, &self.machine);
        slot.wants = a_slot.wants || b_slot.wants;
        slot.op = Op::Below { a, b };
        var
    }

    /// Some neighbouring rows of `x`: some samples of a batch.
    ///
    /// # Panics
    /// If `x` has fewer rows.
    pub fn row_range(&mut self, x: Var, range: std::ops::Range<usize>) -> Var {
        let (rows, columns) = self.shape(x);
        assert!(range.end <= rows, "rows must end at {rows}, but the range ends at {}", range.end);
        let (var, slot, earlier) = self.graph.next([range.len(), columns]);
        let source = &earlier[x.0];
        copy(&source.value[range.start * columns..range.end * columns], &mut slot.value, &self.machine);
        slot.wants = source.wants;
        slot.op = Op::RowRange { x, start: range.start };
        var
    }
}

fn copy(from: &[f32], to: &mut [f32], machine: &Machine) {
    machine.team.rows(to, 1, from.len() / 8, &|range, to| to.copy_from_slice(&from[range]));
}

/// Adds numbers to a part of a gradient, or writes them where nothing has arrived.
fn add(from: &[f32], to: &mut [f32], machine: &Machine) {
    machine.team.rows(to, 1, from.len() / 4, &|range, to| {
        for (total, value) in to.iter_mut().zip(&from[range]) {
            *total += value;
        }
    });
}

pub(super) fn reshape_backward(slot: &Slot, x: &mut Slot, machine: &Machine) {
    if x.wants {
        let (out, adds) = x.grad_to_set();
        if adds {
            add(&slot.grad, out, machine);
        } else {
            copy(&slot.grad, out, machine);
        }
    }
}

pub(super) fn beside_backward(slot: &Slot, x: &mut Slot, start: usize, machine: &Machine) {
    if !x.wants {
        return;
    }
    let (columns, wide, cost) = (x.columns, slot.columns, x.value.len() / 2);
    machine.team.rows(x.grad_to_add(), columns, cost, &|range, out| {
        let grads = slot.grad[range.start * wide..].chunks_exact(wide);
        for (out, grad) in out.chunks_exact_mut(columns).zip(grads) {
            for (total, value) in out.iter_mut().zip(&grad[start..]) {
                *total += value;
            }
        }
    });
}

/// `x` is the part of the result that begins at a row.
pub(super) fn below_backward(slot: &Slot, x: &mut Slot, start: usize, machine: &Machine) {
    if x.wants {
        let (first, count) = (start * x.columns, x.value.len());
        let (out, adds) = x.grad_to_set();
        let grad = &slot.grad[first..first + count];
        if adds {
            add(grad, out, machine);
        } else {
            copy(grad, out, machine);
        }
    }
}

/// The result is the part of `x` that begins at a row.
pub(super) fn row_range_backward(slot: &Slot, x: &mut Slot, start: usize, machine: &Machine) {
    if x.wants {
        let first = start * x.columns;
        add(&slot.grad, &mut x.grad_to_add()[first..first + slot.grad.len()], machine);
    }
}
