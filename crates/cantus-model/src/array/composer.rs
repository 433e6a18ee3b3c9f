//! New frames, one after the other, with the same bits on every machine.

use cantus_nn::decode::{Linear, RecurrentCell, State};
use cantus_nn::{Path, Precision, Rng, math};

use super::network::Tells;
use super::{ArrayError, Model, Scale, Target};

/// What is to be composed.
#[derive(Debug, Clone, PartialEq)]
pub struct Wish {
    /// How many new frames.
    pub frames: usize,
    /// Where every random choice begins.
    pub seed: u64,
    /// How daring: 0 takes what is likeliest, 1 is as varied as the music learned from.
    pub temperature: f32,
    /// Frames to go on from, in the array's own numbers, `[frames, features]`; none to begin from nothing.
    pub primer: Vec<f64>,
}

/// A model, ready to compose.
#[derive(Debug)]
pub struct Composer {
    layers: Vec<RecurrentCell>,
    out: Linear,
    scale: Scale,
    tells: Tells,
    /// `[n, features]`
    errors: Vec<f32>,
}

impl Composer {
    /// Makes a model ready. Fails if it was trained to tell the frame that it reads.
    pub fn new(model: &Model) -> Result<Self, ArrayError> {
        Self::on(Path::best(), model)
    }

    /// Like [`Composer::new`], with given instructions, for tests.
    pub fn on(path: Path, model: &Model) -> Result<Self, ArrayError> {
        if model.recipe.target == Target::Same {
            return Err(ArrayError::SameTarget);
        }
        let params = &model.params;
        let cell = |layer| RecurrentCell::on(path, params, layer, Precision::F32);
        let (weight, bias) = model.network.out;
        Ok(Self {
            layers: model.network.layers.iter().map(cell).collect(),
            out: Linear::on(path, params.get(weight), Some(params.get(bias)), Precision::F32),
            scale: model.scale.clone(),
            tells: Tells::of(&model.recipe, &model.scale),
            errors: model.errors.clone(),
        })
    }

    /// Composes frames in the array's own numbers: `[frames, features]`, the primer's first. Fails if the primer's
    /// numbers fill no whole frames.
    pub fn compose(&self, wish: &Wish) -> Result<Vec<f64>, ArrayError> {
        let features = self.scale.features.len();
        if !wish.primer.len().is_multiple_of(features) {
            return Err(ArrayError::Features { expected: features, found: wish.primer.len() % features });
        }
        let mut rng = Rng::new(wish.seed);
        let mut states: Vec<State> = self.layers.iter().map(State::new).collect();
        let mut seen = vec![0.0; features];
        let mut told = vec![0.0; features];
        let mut music = wish.primer.clone();
        // Before the first frame the network reads zeros.
        self.step(&seen, &mut states, &mut told);
        for frame in wish.primer.chunks_exact(features) {
            self.read(frame, &mut seen);
            self.step(&seen, &mut states, &mut told);
        }
        for _ in 0..wish.frames {
            self.choose(&mut told, wish.temperature, &mut rng);
            let begin = music.len();
            music.extend(
                self.scale.features.iter().zip(&told).map(|(feature, &x)| self.scale.decode(feature, x)),
            );
            // What is heard is what the network reads next.
            self.read(music.get(begin..).unwrap_or_default(), &mut seen);
            self.step(&seen, &mut states, &mut told);
        }
        Ok(music)
    }

    fn read(&self, frame: &[f64], seen: &mut [f32]) {
        for ((seen, &value), feature) in seen.iter_mut().zip(frame).zip(&self.scale.features) {
            *seen = self.scale.encode(feature, value);
        }
    }

    fn step(&self, seen: &[f32], states: &mut [State], told: &mut [f32]) {
        let mut input = seen;
        for (layer, state) in self.layers.iter().zip(states) {
            layer.step(input, state);
            input = state.output();
        }
        self.out.forward(input, told);
        if self.tells == Tells::Changes {
            told.iter_mut().zip(seen).for_each(|(told, seen)| *told += seen);
        }
    }

    /// Turns what the network told into what is played, as the network sees it.
    fn choose(&self, told: &mut [f32], temperature: f32, rng: &mut Rng) {
        if self.scale.is_binary() {
            for x in told {
                let is_on = if temperature > 0.0 {
                    rng.uniform() < math::sigmoid(*x / temperature)
                } else {
                    *x > 0.0
                };
                *x = f32::from(u8::from(is_on));
            }
        } else if let Some(error) = self.error(rng) {
            for (x, error) in told.iter_mut().zip(error) {
                *x = temperature.mul_add(*error, *x);
            }
        }
    }

    /// A whole frame of errors that the network made on held-out music. The mean alone would lead every piece to a
    /// standstill; errors drawn feature by feature would not hang together as those of a frame do.
    fn error(&self, rng: &mut Rng) -> Option<&[f32]> {
        let features = self.scale.features.len();
        let count = self.errors.len() / features;
        let index = (count > 0).then(|| rng.below(count))?;
        self.errors.get(index * features..(index + 1) * features)
    }
}
