//! Two dense networks that learn against each other, and the check that tells when to stop.

use std::collections::BTreeSet;

use cantus_nn::{Mode, NnError, Parameters, Rng, Tape, Weights};

use super::super::Lessons;
use super::distance::Views;
use super::networks::{Discriminator, Dropout, Generator, Shape};
use super::player;
use super::recipe::Recipe;
use crate::gan::adversaries::{Adversaries, discriminator_loss, generator_loss};
use crate::run::{Place, StepReport};

/// Streams of random numbers, lest one choice move another.
mod stream {
    pub(super) const WEIGHTS: u64 = 0;
    pub(super) const STEPS: u64 = 1 << 32;
    pub(super) const CHECKS: u64 = 2 << 32;
}

const NETWORKS: [&str; 2] = ["g.", "d."];
const GENERATOR: usize = 0;
const DISCRIMINATOR: usize = 1;

/// What a check found.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Check {
    /// How far what is made is from what is held out.
    pub(super) distance: f64,
    /// How often a held-out piece looks more real to the discriminator than one that is made.
    pub(super) told_apart: f64,
    /// Different pieces, as a share.
    pub(super) distinct: f64,
    /// How far made pieces lie apart, as a share of how far those held out do.
    pub(super) spread: f64,
}

/// An adversarial run on an array in progress.
#[derive(Debug)]
pub(super) struct Training {
    pub(super) recipe: Recipe,
    pub(super) lessons: Lessons,
    pub(super) generator: Generator,
    discriminator: Discriminator,
    networks: Adversaries,
    tape: Tape,
    place: Place,
    held_out: Vec<Vec<f32>>,
    views: Views,
    /// How far training pieces are from those held out.
    pub(super) floor: f64,
    /// What the last step cost generator and discriminator.
    pub(super) costs: [f64; 2],
}

/// Pieces as networks see them.
fn seen(lessons: &Lessons, pieces: &[usize]) -> Vec<Vec<f32>> {
    let features = lessons.features();
    let piece = |piece: &usize| {
        let mut numbers = vec![0.0; lessons.frames() * features];
        for (frame, out) in numbers.chunks_exact_mut(features).enumerate() {
            lessons.frame(*piece, frame, out);
        }
        numbers
    };
    pieces.iter().map(piece).collect()
}

/// As many of the numbers as a check compares, evenly spread.
fn some(pieces: &[usize], most: usize) -> Vec<usize> {
    let count = pieces.len().min(most);
    (0..count).map(|index| pieces[index * pieces.len() / count]).collect()
}

impl Training {
    pub(super) fn new(recipe: Recipe, lessons: Lessons) -> Self {
        let mut rng = Rng::new(recipe.seed).fork(stream::WEIGHTS);
        let mut params = Parameters::new();
        let shape = Shape {
            noise: recipe.noise,
            units: recipe.units,
            numbers: lessons.frames() * lessons.features(),
            is_binary: lessons.scale.is_binary(),
        };
        let generator = Generator::new(shape, &mut params, &mut rng);
        let discriminator = Discriminator::new(shape, &mut params, &mut rng);
        generator.begin_with(&mut params, &lessons);
        let held_out = seen(&lessons, &some(&lessons.valid, recipe.measured));
        let views = Views::of(&held_out, lessons.features());
        let learnt = seen(&lessons, &some(&lessons.train, recipe.measured));
        let floor = Views::of(&learnt, lessons.features()).distance(&views);
        Self {
            networks: Adversaries::new(params, &NETWORKS, recipe.ema),
            tape: Tape::new(1),
            place: Place::default(),
            costs: [0.0; 2],
            recipe,
            lessons,
            generator,
            discriminator,
            held_out,
            views,
            floor,
        }
    }

    pub(super) fn use_threads(&mut self, threads: usize) {
        self.tape = Tape::new(threads);
    }

    /// The weights that a run is for.
    pub(super) fn weights(&self) -> &Parameters {
        self.networks.weights()
    }

    pub(super) fn place(&self) -> Place {
        self.place
    }

    /// Takes one step of both networks; the last before a check makes the place's epoch rise.
    pub(super) fn step(&mut self) -> StepReport {
        let step = self.place.step;
        let mut rng = Rng::new(self.recipe.seed).fork(stream::STEPS).fork(step);
        let count = self.recipe.batch;
        let train = &self.lessons.train;
        let drawn: Vec<usize> = (0..count).map(|_| train[rng.below(train.len())]).collect();
        let real = seen(&self.lessons, &drawn).concat();
        let noise: Vec<f32> = (0..count * self.recipe.noise).map(|_| rng.normal()).collect();
        self.learn(&real, &noise, &mut rng);
        self.place.step += 1;
        self.place.step_in_epoch += 1;
        if self.place.step_in_epoch == self.recipe.steps {
            self.place.epoch += 1;
            self.place.step_in_epoch = 0;
        }
        let cost = self.costs[DISCRIMINATOR] * count as f64;
        StepReport { step: step + 1, cost, items: count, gradient: 0.0 }
    }

    fn learn(&mut self, real: &[f32], noise: &[f32], rng: &mut Rng) {
        let Self { networks, tape, generator, discriminator, recipe, .. } = self;
        let count = recipe.batch;
        let mut dropout = Dropout::new((recipe.dropout, count), rng.fork(0));
        tape.begin(Mode::Train(rng.fork(1)));
        let made = generator.make(tape, &networks.params, noise, &mut dropout);
        let real = tape.constant(real, [count, generator.shape.numbers]);
        let fixed = tape.detach(made);
        let both = tape.below(real, fixed);
        let blurred = tape.add_noise(both, recipe.blur, rng);
        let shown = if recipe.penalty > 0.0 { tape.below(both, blurred) } else { both };
        let told = discriminator.judge(tape, &networks.params, shown, &mut dropout);
        let (loss, [cost, _]) = discriminator_loss(tape, (told, count), (recipe.penalty, recipe.blur));
        networks.learn(DISCRIMINATOR, tape, loss, recipe.learning_rate);
        self.costs[DISCRIMINATOR] = cost;

        // What the discriminator said of the real ones serves again: it has moved by one step since.
        let of_real = tape.row_range(told, 0..count);
        let of_real = tape.detach(of_real);
        let of_made = discriminator.judge(tape, &networks.params, made, &mut dropout);
        let (loss, cost) = generator_loss(tape, (of_real, of_made), count);
        networks.learn(GENERATOR, tape, loss, recipe.learning_rate);
        networks.follow();
        self.costs[GENERATOR] = cost;
    }

    /// Makes pieces and holds them against those held out.
    pub(super) fn check(&mut self) -> Check {
        let mut rng = Rng::new(self.recipe.seed).fork(stream::CHECKS);
        let Self { networks, tape, generator, discriminator, held_out, .. } = self;
        let noises: Vec<Vec<f32>> =
            (0..self.recipe.measured).map(|_| player::noise(generator.shape.noise, &mut rng)).collect();
        let made = player::make(tape, (generator, networks.weights()), &noises);
        let mut told = |pieces: &[Vec<f32>]| {
            let mut all = Vec::with_capacity(pieces.len());
            for pieces in pieces.chunks(player::SIDE_BY_SIDE) {
                tape.begin(Mode::Eval);
                let numbers = tape.constant(&pieces.concat(), [pieces.len(), generator.shape.numbers]);
                let told = discriminator.judge(tape, &networks.params, numbers, &mut Dropout::none());
                all.extend_from_slice(tape.value(told));
            }
            all
        };
        let (of_real, of_made) = (told(held_out), told(&made));
        let pairs = of_real.iter().flat_map(|real| of_made.iter().map(move |made| real > made));
        let told_apart =
            pairs.filter(|is_right| *is_right).count() as f64 / (of_real.len() * of_made.len()).max(1) as f64;
        let different: BTreeSet<Vec<u32>> =
            made.iter().map(|piece| piece.iter().map(|x| x.to_bits()).collect()).collect();
        Check {
            distance: Views::of(&made, self.lessons.features()).distance(&self.views),
            told_apart,
            distinct: different.len() as f64 / made.len().max(1) as f64,
            spread: deviation(&made) / deviation(&self.held_out).max(f64::MIN_POSITIVE),
        }
    }

    /// Weights, their average and the optimisers' memories.
    pub(super) fn state(&self) -> Weights {
        self.networks.state()
    }

    /// Goes on from a state at its place; fails, and changes nothing, if it does not fit.
    pub(super) fn restore(&mut self, state: &Weights, place: Place) -> Result<(), NnError> {
        if place.step_in_epoch >= self.recipe.steps {
            let reason = format!(
                "there are {} steps between checks, but {} are done",
                self.recipe.steps, place.step_in_epoch
            );
            return Err(NnError::File { reason });
        }
        self.networks.restore(state)?;
        self.place = place;
        Ok(())
    }
}

/// The mean deviation of numbers from their mean over all pieces.
fn deviation(pieces: &[Vec<f32>]) -> f64 {
    let count = pieces.len().max(1) as f64;
    let numbers = pieces.first().map_or(0, Vec::len);
    let of = |number: usize| {
        let (sum, squares) =
            pieces.iter().filter_map(|piece| piece.get(number)).fold((0.0, 0.0), |sums, x| {
                let x = f64::from(*x);
                (sums.0 + x, sums.1 + x * x)
            });
        (squares / count - (sum / count) * (sum / count)).max(0.0).sqrt()
    };
    (0..numbers).map(of).sum::<f64>() / numbers.max(1) as f64
}
