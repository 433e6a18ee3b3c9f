//! Sums of rows of an embedding table.
#![allow(unsafe_code, reason = "threads share the columns of one table")]

use super::{Machine, Op, Slot, Tape, Var};
use crate::team::Parts;
use crate::{Bags, ParamId, Parameters};

impl Tape {
    /// Row `b` is the sum of the table's rows that bag `b` names, added in order; an empty bag gives zeros.
    ///
    /// In training each item is left out with the chance `item_dropout`, and the rest is not rescaled: a feature that
    /// is missing now and then, not noise on the sum.
    ///
    /// # Shapes
    /// Table `[rows, width]`, result `[bags, width]`.
    ///
    /// # Panics
    /// If a bag names a row that the table does not have.
    pub fn embedding_bag(
        &mut self,
        params: &Parameters,
        table: ParamId,
        bags: &Bags,
        item_dropout: f32,
    ) -> Var {
        let weights = params.get(table);
        let width = weights.columns();
        let most = bags.items().iter().max().copied().unwrap_or(0) as usize;
        assert!(
            most < weights.rows() || bags.items().is_empty(),
            "the table has {} rows, no row {most}",
            weights.rows()
        );
        let rng = self.fork();
        let (var, slot, _) = self.graph.next([bags.len(), width]);
        slot.bags.copy_from(bags);
        if let Some(mut rng) = rng.filter(|_| item_dropout > 0.0) {
            slot.bags.retain(|| rng.uniform() >= item_dropout);
        }
        let (bags, table_rows) = (&slot.bags, weights.data());
        let cost = bags.items().len() * width / 8;
        self.machine.team.rows(&mut slot.value, width, cost, &|range, sums| {
            sums.fill(0.0);
            for (row, sum) in range.zip(sums.chunks_exact_mut(width)) {
                for &item in bags.row(row) {
                    for (total, value) in sum.iter_mut().zip(&table_rows[item as usize * width..]) {
                        *total += value;
                    }
                }
            }
        });
        slot.op = Op::EmbeddingBag { table };
        var
    }
}

/// Threads share the columns, so that every number of the table gets its additions in the same order.
pub(super) fn backward(slot: &Slot, table: &mut [f32], machine: &Machine) {
    let width = slot.columns;
    let cost = slot.bags.items().len() * width / 8;
    let parts = Parts::new(table);
    machine.team.split(width, 16, cost, &|range| {
        for (row, grad) in slot.grad.chunks_exact(width).enumerate() {
            let grad = &grad[range.clone()];
            for &item in slot.bags.row(row) {
                let first = item as usize * width;
                // SAFETY: the ranges of columns are disjoint, and one thread holds one part at a time.
                let totals = unsafe { parts.range(first + range.start..first + range.end) };
                for (total, value) in totals.iter_mut().zip(grad) {
                    *total += value;
                }
            }
        }
    });
}
