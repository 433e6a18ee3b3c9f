//! The parameters of a recurrent layer.

use crate::{Decay, Init, ParamId, Parameters, Rng, Tensor};

/// The kind of a recurrent layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Cell {
    /// Long short-term memory: gates input, forget, candidate, output, in this order.
    #[default]
    Lstm,
    /// Gated recurrent unit: gates reset, update, candidate, in this order.
    Gru,
}

impl Cell {
    /// How many gates a unit has.
    pub fn gates(self) -> usize {
        match self {
            Self::Lstm => 4,
            Self::Gru => 3,
        }
    }
}

/// A recurrent layer: its kind and the tensors that it reads.
///
/// # Shapes
/// With `g` gates: `input` is `[inputs, g * units]`, `hidden` is `[units, g * units]`, gate after gate in the columns.
/// `bias` is `[4 * units]`: for the LSTM one number a gate; for the GRU reset, update, candidate from the input and
/// candidate from the state (the reset gate scales the last), as in PyTorch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recurrent {
    /// The kind of cell.
    pub cell: Cell,
    /// Input weights.
    pub input: ParamId,
    /// State weights.
    pub hidden: ParamId,
    /// Biases.
    pub bias: ParamId,
    /// How many numbers the layer reads at a step.
    pub inputs: usize,
    /// How many numbers it gives at a step.
    pub units: usize,
}

impl Recurrent {
    /// Adds the tensors `name.input`, `name.hidden` and `name.bias`.
    ///
    /// Weights are uniform within ±1/√units and biases 0, but for the LSTM's forget gate, whose bias is 1 so that a
    /// new network remembers. Weights decay, biases do not.
    pub fn new(
        params: &mut Parameters,
        name: &str,
        cell: Cell,
        inputs: usize,
        units: usize,
        rng: &mut Rng,
    ) -> Self {
        let init = Init::Uniform(1.0 / (units as f32).sqrt());
        let columns = cell.gates() * units;
        let input = params.add(&format!("{name}.input"), &[inputs, columns], init, Decay::Yes, rng);
        let hidden = params.add(&format!("{name}.hidden"), &[units, columns], init, Decay::Yes, rng);
        let mut biases = Tensor::zeros(&[4 * units]);
        if cell == Cell::Lstm {
            biases.data_mut()[units..2 * units].fill(1.0);
        }
        let bias = params.insert(&format!("{name}.bias"), biases, Decay::No);
        Self { cell, input, hidden, bias, inputs, units }
    }
}
