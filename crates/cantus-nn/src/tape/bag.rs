//! Sums of rows of an embedding table.

use super::{Op, Slot, Tape, Var};
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
        for (row, sum) in slot.value.chunks_exact_mut(width).enumerate() {
            sum.fill(0.0);
            for &item in slot.bags.bag(row) {
                for (total, value) in sum.iter_mut().zip(&weights.data()[item as usize * width..]) {
                    *total += value;
                }
            }
        }
        slot.op = Op::EmbeddingBag { table };
        var
    }
}

pub(super) fn backward(slot: &Slot, table: &mut [f32]) {
    let width = slot.columns;
    for (row, grad) in slot.grad.chunks_exact(width).enumerate() {
        for &item in slot.bags.bag(row) {
            for (total, value) in table[item as usize * width..].iter_mut().zip(grad) {
                *total += value;
            }
        }
    }
}
