//! Taking a step: clipping, AdamW, the learning rate's schedule, and the running average of the weights.

use crate::{Decay, Gradients, NnError, Parameters, Tensor, Weights, math};

/// Scales all gradients so that their joint Euclidean norm is at most `max`; gives the norm before.
pub fn clip_norm(grads: &mut Gradients, max: f32) -> f32 {
    // Eight sums side by side: a fixed order that the processor can still follow in vectors.
    let mut sums = [0.0f64; 8];
    for tensor in grads.iter() {
        let (blocks, rest) = tensor.as_chunks::<8>();
        for block in blocks {
            for (sum, value) in sums.iter_mut().zip(block) {
                *sum += f64::from(*value) * f64::from(*value);
            }
        }
        for value in rest {
            sums[0] += f64::from(*value) * f64::from(*value);
        }
    }
    let norm = sums.iter().sum::<f64>().sqrt() as f32;
    if norm > max {
        let scale = max / norm;
        for value in grads.iter_mut().flatten() {
            *value *= scale;
        }
    }
    norm
}

/// Adam with decoupled weight decay (Loshchilov and Hutter, 2019).
#[derive(Debug, Clone)]
pub struct AdamW {
    /// How much of the running mean of gradients stays at a step.
    pub beta1: f32,
    /// How much of the running mean of squared gradients stays at a step.
    pub beta2: f32,
    /// Added to the root of the second, against division by zero.
    pub epsilon: f32,
    /// How fast tensors with [`Decay::Yes`] shrink, times the learning rate.
    pub weight_decay: f32,
    steps: u64,
    means: Vec<Vec<f32>>,
    squares: Vec<Vec<f32>>,
}

impl AdamW {
    /// The usual constants (.9, .999, 1e-8) and no step taken.
    pub fn new(params: &Parameters, weight_decay: f32) -> Self {
        let zeros: Vec<Vec<f32>> = params.iter().map(|(_, tensor)| vec![0.0; tensor.data().len()]).collect();
        Self {
            beta1: 0.9,
            beta2: 0.999,
            epsilon: 1e-8,
            weight_decay,
            steps: 0,
            means: zeros.clone(),
            squares: zeros,
        }
    }

    /// How many steps were taken.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// Moves every parameter against its gradient; those without one stay as they are, undecayed.
    pub fn step(&mut self, params: &mut Parameters, grads: &Gradients, learning_rate: f32) {
        self.steps += 1;
        let mean_scale = 1.0 / (1.0 - math::power(f64::from(self.beta1), self.steps));
        let square_scale = (1.0 / (1.0 - math::power(f64::from(self.beta2), self.steps)).sqrt()) as f32;
        let rate = (f64::from(learning_rate) * mean_scale) as f32;
        let moments = self.means.iter_mut().zip(&mut self.squares);
        for ((id, grad), (mean, square)) in params.ids().zip(grads.iter()).zip(moments) {
            let keep = match params.decay(id) {
                Decay::Yes => 1.0 - learning_rate * self.weight_decay,
                Decay::No => 1.0,
            };
            let weights = params.get_mut(id).data_mut();
            for (((weight, &g), m), v) in weights.iter_mut().zip(grad).zip(mean).zip(square) {
                *m = self.beta1 * *m + (1.0 - self.beta1) * g;
                *v = self.beta2 * *v + (1.0 - self.beta2) * g * g;
                *weight = keep * *weight - rate * *m / (v.sqrt() * square_scale + self.epsilon);
            }
        }
    }

    /// Its memory as named tensors, `mean.NAME`, `square.NAME` and `steps`, for a checkpoint.
    pub fn state(&self, params: &Parameters) -> Vec<(String, Tensor)> {
        let mut state = vec![("steps".to_owned(), count_tensor(self.steps))];
        for ((name, tensor), (mean, square)) in params.iter().zip(self.means.iter().zip(&self.squares)) {
            for (kind, values) in [("mean", mean), ("square", square)] {
                let mut copy = Tensor::zeros(tensor.shape());
                copy.data_mut().copy_from_slice(values);
                state.push((format!("{kind}.{name}"), copy));
            }
        }
        state
    }

    /// Goes on from the tensors that [`AdamW::state`] gave; fails if one is missing or of another shape.
    pub fn restore(&mut self, params: &Parameters, state: &Weights) -> Result<(), NnError> {
        self.steps = count_of(state)?;
        for ((name, tensor), (mean, square)) in
            params.iter().zip(self.means.iter_mut().zip(&mut self.squares))
        {
            for (kind, values) in [("mean", mean), ("square", square)] {
                values.copy_from_slice(state.expect(&format!("{kind}.{name}"), tensor.shape())?.data());
            }
        }
        Ok(())
    }
}

/// A running average of the parameters, which generalises better than their last value.
///
/// At update `n` it keeps `min(decay, (1 + n) / (10 + n))` of itself, so that it forgets the first steps.
#[derive(Debug, Clone)]
pub struct Ema {
    decay: f32,
    updates: u64,
    average: Parameters,
}

impl Ema {
    /// Begins at the parameters as they are.
    pub fn new(params: &Parameters, decay: f32) -> Self {
        Self { decay, updates: 0, average: params.clone() }
    }

    /// Takes in the parameters after a step.
    pub fn update(&mut self, params: &Parameters) {
        self.updates += 1;
        let n = self.updates as f32;
        let keep = self.decay.min((1.0 + n) / (10.0 + n));
        for id in params.ids() {
            let averages = self.average.get_mut(id).data_mut();
            for (average, value) in averages.iter_mut().zip(params.get(id).data()) {
                *average += (1.0 - keep) * (value - *average);
            }
        }
    }

    /// The averaged parameters.
    pub fn average(&self) -> &Parameters {
        &self.average
    }

    /// Its memory as named tensors, the averages and `updates`, for a checkpoint.
    pub fn state(&self) -> Vec<(String, Tensor)> {
        let averages = self.average.iter().map(|(name, tensor)| (format!("average.{name}"), tensor.clone()));
        std::iter::once(("steps".to_owned(), count_tensor(self.updates))).chain(averages).collect()
    }

    /// Goes on from the tensors that [`Ema::state`] gave; fails if one is missing or of another shape.
    pub fn restore(&mut self, state: &Weights) -> Result<(), NnError> {
        self.updates = count_of(state)?;
        for id in self.average.ids() {
            let name = format!("average.{}", self.average.name(id));
            let tensor = state.expect(&name, self.average.get(id).shape())?;
            self.average.get_mut(id).data_mut().copy_from_slice(tensor.data());
        }
        Ok(())
    }
}

/// A learning rate that rises in a straight line and falls along half a cosine to a floor.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Schedule {
    /// The highest rate.
    pub peak: f32,
    /// The rate at the end and after it.
    pub floor: f32,
    /// How many steps it rises.
    pub warm_up: u64,
    /// How many steps there are in all.
    pub steps: u64,
}

impl Schedule {
    /// The rate of a step; the first is 0.
    pub fn rate(&self, step: u64) -> f32 {
        if step < self.warm_up {
            return self.peak * (step + 1) as f32 / self.warm_up as f32;
        }
        let falling = self.steps.saturating_sub(self.warm_up).max(1);
        let part = ((step - self.warm_up) as f64 / falling as f64).min(1.0);
        let height = (0.5 + 0.5 * (std::f64::consts::PI * part).cos()) as f32;
        self.floor + (self.peak - self.floor) * height
    }
}

/// A whole number in four pieces of 16 bits, each of which f32 tells exactly.
fn count_tensor(count: u64) -> Tensor {
    let mut tensor = Tensor::zeros(&[4]);
    for (piece, value) in tensor.data_mut().iter_mut().enumerate() {
        *value = (count >> (16 * piece) & 0xffff) as f32;
    }
    tensor
}

/// The number that [`count_tensor`] wrote as `steps`.
fn count_of(state: &Weights) -> Result<u64, NnError> {
    let pieces = state.expect("steps", &[4])?;
    Ok(pieces.data().iter().rev().fold(0, |count, &piece| count << 16 | piece as u64))
}
