//! Logits as sums of shifted tables.

use super::{Machine, Op, Slot, Tape, Var};
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
        for term in terms.items() {
            term.check(columns, classes);
        }
        let (var, slot, earlier) = self.graph.next([rows, classes]);
        slot.terms.copy_from(terms);
        let source = &earlier[x.0];
        let terms = &slot.terms;
        let cost = terms.items().len() * (classes / 8 + 10);
        self.machine.team.rows(&mut slot.value, classes, cost, &|range, out| {
            out.fill(0.0);
            for (row, out) in range.zip(out.chunks_exact_mut(classes)) {
                let input = &source.value[row * columns..][..columns];
                terms.row(row).iter().for_each(|term| term.add_to(input, out));
            }
        });
        slot.wants = source.wants;
        slot.op = Op::ShiftedSum { x };
        var
    }
}

pub(super) fn backward(slot: &Slot, x: &mut Slot, machine: &Machine) {
    if !x.wants {
        return;
    }
    let (columns, classes) = (x.columns, slot.columns);
    let cost = slot.terms.items().len() * (classes / 8 + 10);
    machine.team.rows(x.grad_to_add(), columns, cost, &|range, out| {
        for (row, out) in range.zip(out.chunks_exact_mut(columns)) {
            let grad = &slot.grad[row * classes..][..classes];
            slot.terms.row(row).iter().for_each(|term| term.add_back(grad, out));
        }
    });
}
