//! The network: recurrent layers one on top of the other, each followed by dropout, and an output at every frame.

use cantus_nn::{Cell, Decay, Init, ParamId, Parameters, Recurrent, Rng, Tape, Tensor, Var};
use serde::{Deserialize, Serialize};

use super::{Recipe, Scale};

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

/// What the output of a network is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tells {
    /// Logits of what is on.
    Chances,
    /// Real numbers.
    Numbers,
    /// By how much real numbers differ from those that are read.
    Changes,
}

impl Tells {
    /// What the network of a recipe tells of numbers of a scale.
    pub(super) fn of(recipe: &Recipe, scale: &Scale) -> Self {
        match (scale.is_binary(), recipe.changes) {
            (true, _) => Self::Chances,
            (false, true) => Self::Changes,
            (false, false) => Self::Numbers,
        }
    }
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
            let layer = Recurrent::new(&mut params, &format!("layer{index}"), cell, inputs, units, rng);
            // As in Keras: widths by Glorot and Bengio (2010), and a state that neither fades nor grows at first.
            fill(params.get_mut(layer.input), glorot(inputs, cell.gates() * units), rng);
            if units <= MOST_ORTHOGONAL {
                orthogonal(params.get_mut(layer.hidden), rng);
            }
            layer
        });
        let layers = layers.collect();
        let out = (
            params.add(
                "out.weight",
                &[units, features],
                Init::Uniform(glorot(units, features)),
                Decay::Yes,
                rng,
            ),
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
        (telling, dropout): (Tells, f32),
    ) -> (Var, Var) {
        let rows = batch.steps * batch.pieces;
        let input = tape.constant(&batch.input, [rows, self.shape.features]);
        let mut hidden = input;
        for layer in &self.layers {
            hidden = tape.recurrent(params, hidden, layer, batch.steps, batch.pieces); // [steps * pieces, units]
            hidden = tape.dropout(hidden, dropout);
        }
        let mut told = tape.linear(params, hidden, self.out.0, Some(self.out.1)); // [steps * pieces, features]
        if telling == Tells::Changes {
            told = tape.add(told, input);
        }
        let loss = if telling == Tells::Chances {
            tape.sigmoid_cross_entropy(told, &batch.target)
        } else {
            tape.mean_squared_error(told, &batch.target)
        };
        (loss, told)
    }
}

/// Wider layers keep their usual first weights: making rows orthogonal takes time by the cube of their number.
const MOST_ORTHOGONAL: usize = 1024;

fn glorot(inputs: usize, outputs: usize) -> f32 {
    (6.0 / (inputs + outputs) as f32).sqrt()
}

fn fill(tensor: &mut Tensor, bound: f32, rng: &mut Rng) {
    for value in tensor.data_mut() {
        *value = bound * (2.0 * rng.uniform() - 1.0);
    }
}

/// Fills a matrix with random rows of length 1 at right angles to each other (Gram and Schmidt; Saxe et al., 2014).
fn orthogonal(tensor: &mut Tensor, rng: &mut Rng) {
    let columns = tensor.columns();
    let rows = tensor.data_mut();
    for begin in (0..rows.len()).step_by(columns) {
        let (before, rest) = rows.split_at_mut(begin);
        let row = rest.get_mut(..columns).unwrap_or_default();
        row.fill_with(|| rng.normal());
        for other in before.chunks_exact(columns) {
            let along = dot(row, other);
            row.iter_mut().zip(other).for_each(|(x, y)| *x -= along * y);
        }
        let length = dot(row, row).sqrt();
        for x in row {
            *x /= length;
        }
    }
}

fn dot(one: &[f32], other: &[f32]) -> f32 {
    one.iter().zip(other).map(|(x, y)| x * y).sum()
}
