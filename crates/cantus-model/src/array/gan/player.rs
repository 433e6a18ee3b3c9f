//! New pieces of noise, each whole at once, with the same bits on every machine.

use cantus_nn::{Mode, Parameters, Path, Rng, Tape};

use super::super::Scale;
use super::model::Model;
use super::networks::{Dropout, Generator};

/// Pieces that are made side by side: memory is bounded, however many are asked for.
pub(super) const SIDE_BY_SIDE: usize = 32;

/// Noise for one piece.
pub(super) fn noise(size: usize, rng: &mut Rng) -> Vec<f32> {
    (0..size).map(|_| rng.normal()).collect()
}

/// A piece for each noise, as networks see it.
pub(super) fn make(
    tape: &mut Tape,
    (generator, params): (&Generator, &Parameters),
    noises: &[Vec<f32>],
) -> Vec<Vec<f32>> {
    let mut pieces = Vec::with_capacity(noises.len());
    for noises in noises.chunks(SIDE_BY_SIDE) {
        tape.begin(Mode::Eval);
        let made = generator.make(tape, params, &noises.concat(), &mut Dropout::none());
        pieces.extend(tape.value(made).chunks_exact(generator.shape.numbers).map(<[f32]>::to_vec));
    }
    pieces
}

/// A generator of arrays, ready to play.
#[derive(Debug)]
pub struct Player {
    generator: Generator,
    params: Parameters,
    scale: Scale,
    tape: Tape,
}

impl Player {
    /// Takes over a model.
    pub fn new(model: Model) -> Self {
        Self::on(Path::best(), model)
    }

    /// Like [`Player::new`], with given instructions of the processor.
    pub fn on(path: Path, model: Model) -> Self {
        let Model { generator, params, scale, .. } = model;
        Self { generator, params, scale, tape: Tape::on(path, 1) }
    }

    /// Makes a piece of each seed in the array's own numbers, `[frames, features]`. Temperature widens the noise: 1 is as varied
    /// as the music learned from, 0 makes the same piece of every seed.
    pub fn play(&mut self, seeds: &[u64], temperature: f32) -> Vec<Vec<f64>> {
        let size = self.generator.shape.noise;
        let noise = |seed: &u64| noise(size, &mut Rng::new(*seed)).iter().map(|x| x * temperature).collect();
        let noises: Vec<Vec<f32>> = seeds.iter().map(noise).collect();
        let pieces = make(&mut self.tape, (&self.generator, &self.params), &noises);
        let features = &self.scale.features;
        let decoded = |piece: Vec<f32>| {
            piece
                .iter()
                .zip(features.iter().cycle())
                .map(|(&x, feature)| self.scale.decode(feature, x))
                .collect()
        };
        pieces.into_iter().map(decoded).collect()
    }
}
