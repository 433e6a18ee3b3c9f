//! Networks that learn in turn from one set of parameters, and the average of what they learn.

use cantus_nn::{AdamW, Ema, Gradients, NnError, Parameters, Tape, Var, Weights};

/// Some networks, each with an optimiser of its own.
#[derive(Debug)]
pub(crate) struct Adversaries {
    /// Of all networks.
    pub(crate) params: Parameters,
    average: Option<Ema>,
    /// How the names of each network's tensors begin.
    names: &'static [&'static str],
    optimisers: Vec<AdamW>,
    gradients: Vec<Gradients>,
}

impl Adversaries {
    /// Networks whose tensors' names begin as given, with an average of some decay, or without one where it is 0.
    pub(crate) fn new(params: Parameters, names: &'static [&'static str], decay: f32) -> Self {
        let optimiser = |_| {
            let mut optimiser = AdamW::new(&params, 0.0);
            // Against an adversary old gradients mislead.
            (optimiser.beta1, optimiser.beta2) = (0.0, 0.99);
            optimiser
        };
        Self {
            optimisers: names.iter().map(optimiser).collect(),
            gradients: names.iter().map(|own| Gradients::of(&params, |name| name.starts_with(own))).collect(),
            average: (decay > 0.0).then(|| Ema::new(&params, decay)),
            names,
            params,
        }
    }

    /// The weights that a run is for.
    pub(crate) fn weights(&self) -> &Parameters {
        self.average.as_ref().map_or(&self.params, Ema::average)
    }

    /// Makes a loss less by a step of one network alone.
    pub(crate) fn learn(&mut self, network: usize, tape: &mut Tape, loss: Var, rate: f32) {
        let Self { params, optimisers, gradients, .. } = self;
        if let (Some(optimiser), Some(gradients)) = (optimisers.get_mut(network), gradients.get_mut(network))
        {
            gradients.clear();
            tape.backward(params, loss, gradients);
            optimiser.step(params, gradients, rate);
        }
    }

    /// Moves the average towards the weights.
    pub(crate) fn follow(&mut self) {
        if let Some(average) = &mut self.average {
            average.update(&self.params);
        }
    }

    /// Weights, their average and the optimisers' memories.
    pub(crate) fn state(&self) -> Weights {
        let mut state = Weights::new();
        for (name, tensor) in self.params.iter() {
            state.insert(format!("raw.{name}"), tensor.clone());
        }
        for (name, tensor) in self.average.iter().flat_map(Ema::state) {
            state.insert(format!("average.{name}"), tensor);
        }
        for (own, optimiser) in self.names.iter().zip(&self.optimisers) {
            for (name, tensor) in optimiser.state(&self.params) {
                state.insert(format!("optimiser.{own}{name}"), tensor);
            }
        }
        state
    }

    /// Goes on from a state; fails, and changes nothing, if it does not fit.
    pub(crate) fn restore(&mut self, state: &Weights) -> Result<(), NnError> {
        let (mut params, mut average) = (self.params.clone(), self.average.clone());
        let mut optimisers = self.optimisers.clone();
        params.load(&state.under("raw."))?;
        if let Some(average) = &mut average {
            average.restore(&state.under("average."))?;
        }
        for (own, optimiser) in self.names.iter().zip(&mut optimisers) {
            optimiser.restore(&params, &state.under(&format!("optimiser.{own}")))?;
        }
        (self.params, self.average, self.optimisers) = (params, average, optimisers);
        Ok(())
    }
}

/// How the discriminator learns from what it said of a batch of real things, of a batch of made ones and, where there is a
/// penalty, of both blurred by noise of some deviation.
///
/// The loss pairs each real thing with one that is made (Huang et al. 2024, "The GAN is dead; long live the GAN!"), which no
/// generator can answer by making one thing alone; the penalty is that on the length of the discriminator's gradient at both,
/// approximated by how much a little noise moves what it says.
///
/// # Shapes
/// `told` `[2 or 4 · count, 1]`: real, made, real blurred, made blurred. The result is the loss with, apart, what the pairs cost
/// and the penalty.
pub(crate) fn discriminator_loss(
    tape: &mut Tape,
    (told, count): (Var, usize),
    (penalty, deviation): (f32, f32),
) -> (Var, [f64; 2]) {
    let [of_real, of_made] = [0, 1].map(|batch| tape.row_range(told, batch * count..(batch + 1) * count));
    let margin = tape.sub(of_made, of_real);
    let (loss, cost) = mean_softplus(tape, margin, count);
    if penalty <= 0.0 {
        return (loss, [cost, 0.0]);
    }
    let [sharp, blurred] = [0, 2].map(|batch| tape.row_range(told, batch * count..(batch + 2) * count));
    let change = tape.sub(sharp, blurred);
    let square = tape.mul(change, change);
    let weight = penalty / (2.0 * deviation * deviation * count as f32);
    let penalty = tape.weighted_sum(square, &vec![weight; 2 * count]);
    let paid = f64::from(tape.value(penalty)[0]);
    (tape.add(loss, penalty), [cost, paid])
}

/// How the generator learns from what was said of a batch of real things, which it cannot move, and of its own.
pub(crate) fn generator_loss(tape: &mut Tape, (of_real, of_made): (Var, Var), count: usize) -> (Var, f64) {
    let margin = tape.sub(of_real, of_made);
    mean_softplus(tape, margin, count)
}

/// The mean of ln(1 + eˣ), and its value.
fn mean_softplus(tape: &mut Tape, x: Var, count: usize) -> (Var, f64) {
    let costs = tape.softplus(x);
    let mean = tape.weighted_sum(costs, &vec![1.0 / count as f32; count]);
    (mean, f64::from(tape.value(mean)[0]))
}
