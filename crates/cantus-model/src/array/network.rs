//! The network: recurrent layers one on top of the other, each followed by dropout, and an output at every frame.

use cantus_nn::{Cell, Decay, Init, ParamId, Parameters, Recurrent, Rng, Tape, Var};
use serde::{Deserialize, Serialize};

/// Sizes of a network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shape {
    /// The recurrent cell.
    #[serde(with = "crate::network::cell_name")]
    pub cell: Cell,
    /// Features of a frame.
    pub features: usize,
    /// Recurrent layers.
    pub layers: usize,
    /// Units of each of them.
    pub units: usize,
}

/// Where in the parameters each layer lies.
#[derive(Debug, Clone)]
pub struct Network {
    /// Its sizes.
    pub shape: Shape,
    pub(super) layers: Vec<Recurrent>,
    /// `[units, features]` and `[features]`.
    pub(super) out: (ParamId, ParamId),
}

/// Frames of some pieces side by side.
#[derive(Debug, Clone, Default)]
pub(super) struct Batch {
    pub(super) steps: usize,
    pub(super) pieces: usize,
    /// What is read, `[steps * pieces, features]`, time outermost.
    pub(super) input: Vec<f32>,
    /// What is to be told, likewise.
    pub(super) target: Vec<f32>,
}

impl Network {
    /// A new network and its first weights.
    pub fn new(shape: Shape, rng: &mut Rng) -> (Self, Parameters) {
        let Shape { cell, features, units, .. } = shape;
        let mut params = Parameters::new();
        let layers = (0..shape.layers).map(|index| {
            let inputs = if index == 0 { features } else { units };
            Recurrent::new(&mut params, &format!("layer{index}"), cell, inputs, units, rng)
        });
        let layers = layers.collect();
        // As wide as Glorot and Bengio (2010) say, which suits an output that nothing bends.
        let bound = (6.0 / (units + features) as f32).sqrt();
        let out = (
            params.add("out.weight", &[units, features], Init::Uniform(bound), Decay::Yes, rng),
            params.add("out.bias", &[features], Init::Zeros, Decay::No, rng),
        );
        (Self { shape, layers, out }, params)
    }

    /// The loss of each frame of a batch, `[steps * pieces, 1]`, and what the network told, `[steps * pieces, features]`:
    /// for binary numbers logits and the sum of nats, for real ones values and their mean squared error.
    pub(super) fn losses(
        &self,
        tape: &mut Tape,
        params: &Parameters,
        batch: &Batch,
        (is_binary, dropout): (bool, f32),
    ) -> (Var, Var) {
        let rows = batch.steps * batch.pieces;
        let mut hidden = tape.constant(&batch.input, [rows, self.shape.features]);
        for layer in &self.layers {
            hidden = tape.recurrent(params, hidden, layer, batch.steps, batch.pieces); // [steps * pieces, units]
            hidden = tape.dropout(hidden, dropout);
        }
        let told = tape.linear(params, hidden, self.out.0, Some(self.out.1)); // [steps * pieces, features]
        let loss = if is_binary {
            tape.sigmoid_cross_entropy(told, &batch.target)
        } else {
            tape.mean_squared_error(told, &batch.target)
        };
        (loss, told)
    }
}
