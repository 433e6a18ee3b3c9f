//! A layer whose outputs all see all inputs.

use cantus_nn::{Decay, Init, ParamId, Parameters, Rng, Tape, Tensor, Var};

/// What is left of negative numbers.
pub(crate) const LEAK: f32 = 0.2;

/// Where a layer lies in the parameters.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Dense {
    weight: ParamId,
    bias: ParamId,
}

impl Dense {
    /// Adds a layer of some inputs and outputs.
    pub(crate) fn new(params: &mut Parameters, name: &str, sizes: [usize; 2], rng: &mut Rng) -> Self {
        Self::scaled(params, name, sizes, 1.0, rng)
    }

    /// The same with first weights so many times as large.
    pub(crate) fn scaled(
        params: &mut Parameters,
        name: &str,
        [inputs, outputs]: [usize; 2],
        scale: f32,
        rng: &mut Rng,
    ) -> Self {
        let init = Init::Uniform(scale / (inputs as f32).sqrt());
        let weight = params.add(&format!("{name}.weight"), &[inputs, outputs], init, Decay::Yes, rng);
        let bias = params.insert(&format!("{name}.bias"), Tensor::zeros(&[outputs]), Decay::No);
        Self { weight, bias }
    }

    /// Sets the biases, over and over where there are fewer.
    pub(crate) fn begin_with(&self, params: &mut Parameters, biases: &[f32]) {
        let own = params.get_mut(self.bias).data_mut();
        own.iter_mut().zip(biases.iter().cycle()).for_each(|(own, bias)| *own = *bias);
    }

    /// `[n, inputs]` to `[n, outputs]`.
    pub(crate) fn forward(&self, tape: &mut Tape, params: &Parameters, x: Var) -> Var {
        tape.linear(params, x, self.weight, Some(self.bias))
    }

    /// The same with a leaky rectifier.
    pub(crate) fn leaky(&self, tape: &mut Tape, params: &Parameters, x: Var) -> Var {
        let x = self.forward(tape, params, x);
        tape.leaky_relu(x, LEAK)
    }
}

/// Writes numbers over a tensor.
pub(crate) fn filled(tensor: &mut Tensor, values: &[f32]) {
    tensor.data_mut().iter_mut().zip(values).for_each(|(own, value)| *own = *value);
}
