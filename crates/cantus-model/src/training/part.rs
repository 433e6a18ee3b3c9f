//! The part of a network that learns, where the rest is to stay as it is.

use cantus_nn::{Gradients, ParamId, Parameters};

use crate::network::{Network, Shape};

/// The rows and columns of each tensor from which on it learns.
#[derive(Debug)]
pub(super) struct Part {
    tensors: Vec<Learning>,
}

#[derive(Debug)]
struct Learning {
    id: ParamId,
    /// Its columns, and those that stay.
    columns: (usize, usize),
    /// Its rows that stay.
    rows: usize,
}

impl Part {
    /// What a network with controls has more than the same network without.
    pub(super) fn of_controls(shape: &Shape, params: &Parameters) -> Self {
        let (_, plain) = Network::unlearnt(Shape { controls: false, ..*shape });
        let learning = |id| {
            let tensor = params.get(id);
            let known = plain.id(params.name(id)).map(|id| plain.get(id));
            let (rows, columns) = known.map_or((0, 0), |known| (known.rows(), known.columns()));
            Learning { id, columns: (tensor.columns(), columns), rows }
        };
        Self { tensors: params.ids().map(learning).collect() }
    }

    /// Forgets every gradient that does not belong to it.
    pub(super) fn keep(&self, gradients: &mut Gradients) {
        for Learning { id, columns: (width, stays), rows } in &self.tensors {
            for row in gradients.get_mut(*id).chunks_mut((*width).max(1)).take(*rows) {
                let known = (*stays).min(row.len());
                row[..known].fill(0.0);
            }
        }
    }
}
