//! Generator and discriminator: dense layers with dropout, from noise to a piece and from a piece to a verdict.

use cantus_nn::{Parameters, Rng, Tape, Var, math};
use serde::{Deserialize, Serialize};

use super::super::Lessons;
use crate::gan::dense::Dense;

/// Most numbers of a piece: both networks have a weight for each of them and each unit of the layer beside.
pub(super) const MOST_NUMBERS: usize = 1 << 16;
/// Probabilities nearer to 0 or 1 than this would never be moved by what is learnt.
const LEAST_CHANCE: f32 = 0.01;

/// How large the networks are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Shape {
    /// Numbers of the noise.
    pub(super) noise: usize,
    /// Units of the smaller hidden layer.
    pub(super) units: usize,
    /// Numbers of a piece: frames times features.
    pub(super) numbers: usize,
    /// Whether they are on or off.
    pub(super) is_binary: bool,
}

/// Three dense layers.
#[derive(Debug, Clone)]
struct Dense3([Dense; 3]);

impl Dense3 {
    fn new(params: &mut Parameters, network: &str, sizes: [usize; 4], rng: &mut Rng) -> Self {
        Self(std::array::from_fn(|layer| {
            Dense::new(params, &format!("{network}.{layer}"), [sizes[layer], sizes[layer + 1]], rng)
        }))
    }

    fn forward(&self, tape: &mut Tape, params: &Parameters, x: Var, dropout: &mut Dropout) -> Var {
        let [one, two, out] = &self.0;
        let h = one.leaky(tape, params, x);
        let h = dropout.of(tape, h);
        let h = two.leaky(tape, params, h);
        let h = dropout.of(tape, h);
        out.forward(tape, params, h)
    }
}

/// What is left out while networks learn: alike in each batch of a judgement, for what is said of a piece and of the same piece
/// blurred must differ by the blur alone.
#[derive(Debug)]
pub(super) struct Dropout {
    chance: f32,
    batch: usize,
    rng: Rng,
}

impl Dropout {
    /// Leaves out numbers by a chance, in batches of some rows.
    pub(super) fn new((chance, batch): (f32, usize), rng: Rng) -> Self {
        Self { chance, batch, rng }
    }

    /// Leaves out nothing.
    pub(super) fn none() -> Self {
        Self::new((0.0, 1), Rng::new(0))
    }

    fn of(&mut self, tape: &mut Tape, x: Var) -> Var {
        if self.chance <= 0.0 {
            return x;
        }
        let (rows, columns) = tape.shape(x);
        let kept = 1.0 / (1.0 - self.chance);
        let mask: Vec<f32> = (0..self.batch * columns)
            .map(|_| if self.rng.uniform() < self.chance { 0.0 } else { kept })
            .collect();
        let mask = tape.constant(&mask.repeat(rows / self.batch), [rows, columns]);
        tape.mul(x, mask)
    }
}

/// From noise to pieces.
#[derive(Debug, Clone)]
pub(super) struct Generator {
    layers: Dense3,
    pub(super) shape: Shape,
}

impl Generator {
    /// Adds its tensors, whose names begin with `g.`.
    pub(super) fn new(shape: Shape, params: &mut Parameters, rng: &mut Rng) -> Self {
        let Shape { noise, units, numbers, .. } = shape;
        Self { layers: Dense3::new(params, "g", [noise, units, 2 * units, numbers], rng), shape }
    }

    /// Begins with each number as likely as it is in training: of rolls, most of which is silence, it need not be learnt.
    pub(super) fn begin_with(&self, params: &mut Parameters, lessons: &Lessons) {
        let features = &lessons.scale.features;
        if self.shape.is_binary {
            let biases: Vec<f32> = features
                .iter()
                .map(|feature| {
                    let chance = (feature.mean as f32).clamp(LEAST_CHANCE, 1.0 - LEAST_CHANCE);
                    math::ln(chance / (1.0 - chance))
                })
                .collect();
            self.layers.0[2].begin_with(params, &biases);
        }
    }

    /// Pieces as networks see them, `[n, numbers]`, of noise `[n, noise]`.
    pub(super) fn make(
        &self,
        tape: &mut Tape,
        params: &Parameters,
        noise: &[f32],
        dropout: &mut Dropout,
    ) -> Var {
        let noise = tape.constant(noise, [noise.len() / self.shape.noise, self.shape.noise]);
        let made = self.layers.forward(tape, params, noise, dropout);
        if self.shape.is_binary { tape.binary(made) } else { made }
    }
}

/// From pieces to how real they look.
#[derive(Debug, Clone)]
pub(super) struct Discriminator(Dense3);

impl Discriminator {
    /// Adds its tensors, whose names begin with `d.`.
    pub(super) fn new(shape: Shape, params: &mut Parameters, rng: &mut Rng) -> Self {
        let Shape { units, numbers, .. } = shape;
        Self(Dense3::new(params, "d", [numbers, 2 * units, units, 1], rng))
    }

    /// Logits of being real, `[n, 1]`.
    pub(super) fn judge(
        &self,
        tape: &mut Tape,
        params: &Parameters,
        pieces: Var,
        dropout: &mut Dropout,
    ) -> Var {
        self.0.forward(tape, params, pieces, dropout)
    }
}
