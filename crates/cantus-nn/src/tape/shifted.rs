//! Logits as sums of shifted tables.

use super::{Op, Slot, Tape, Var};
use crate::Terms;

impl Tape {
    /// For row `r`, every term of `terms.row(r)` adds its part of `x`'s row to the classes it names (see
    /// [`Term`](crate::Term)). A class that no term names stays 0.
    ///
    /// # Shapes
    /// `x` `[n, columns]`, `terms` of `n` rows, result `[n, classes]`.
    ///
    /// # Panics
    /// If the rows do not match, or a term reads beyond `x` or writes beyond `classes`.
    pub fn shifted_sum(&mut self, x: Var, classes: usize, terms: &Terms) -> Var {
        let (rows, columns) = self.shape(x);
        assert!(
            terms.len() == rows,
            "there must be terms for {rows} rows, but there are for {}",
            terms.len()
        );
        for term in terms.terms() {
            term.check(columns, classes);
        }
        let (var, slot, earlier) = self.graph.next([rows, classes]);
        slot.terms.copy_from(terms);
        let source = &earlier[x.0];
        slot.value.fill(0.0);
        for (row, out) in slot.value.chunks_exact_mut(classes).enumerate() {
            let input = &source.value[row * columns..][..columns];
            for term in terms.row(row) {
                term.each(|class, column| out[class] += input[column]);
            }
        }
        slot.wants = source.wants;
        slot.op = Op::ShiftedSum { x };
        var
    }
}

pub(super) fn backward(slot: &Slot, x: &mut Slot) {
    if !x.wants {
        return;
    }
    let columns = x.columns;
    let out = x.grad_to_add();
    for (row, grad) in slot.grad.chunks_exact(slot.columns).enumerate() {
        let target = &mut out[row * columns..][..columns];
        for term in slot.terms.row(row) {
            term.each(|class, column| target[column] += grad[class]);
        }
    }
}
