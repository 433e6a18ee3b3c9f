//! Two networks that learn against each other: one makes phrases, the other tells them from real ones. A third listens
//! whether they are what was asked for.

use cantus_nn::{Mode, NnError, Parameters, Rng, Schedule, Tape, Weights};

use super::adversaries::{Adversaries, discriminator_loss, generator_loss};
use super::batch::{self, Asked, Planes, Question};
use super::condition::Condition;
use super::discriminator::Discriminator;
use super::generator::{Generator, NOISE, Played};
use super::habits::{Habits, as_usual, made_by_habit, plainly};
use super::listener::{self, Listener, ToHear};
use super::measure::{Distributions, mean_divergence};
use super::phrase::Phrase;
use super::recipe::Recipe;
use super::roles::Role;
use super::set::PhraseSet;
use crate::corpus::Split;
use crate::run::{Place, StepReport};

/// Streams of random numbers, lest one choice move another.
mod stream {
    pub(super) const WEIGHTS: u64 = 0;
    pub(super) const STEPS: u64 = 1 << 32;
    pub(super) const MEASURING: u64 = 2 << 32;
}

/// How the names of each network's tensors begin.
const NETWORKS: [&str; 3] = ["g.", "d.", "l."];
const GENERATOR: usize = 0;
const DISCRIMINATOR: usize = 1;
const LISTENER: usize = 2;

/// An adversarial run in progress.
#[derive(Debug)]
pub(super) struct Training {
    pub(super) recipe: Recipe,
    pub(super) set: PhraseSet,
    pub(super) generator: Generator,
    discriminator: Discriminator,
    /// Nothing where nothing is asked that could be heard.
    listener: Option<Listener>,
    /// Generator, discriminator and listener.
    networks: Adversaries,
    schedule: Schedule,
    tape: Tape,
    place: Place,
    /// What the last step cost.
    pub(super) costs: Costs,
}

/// What a step cost each network.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Costs {
    /// The generator's loss.
    pub(super) generator: f64,
    /// The discriminator's loss without its penalty.
    pub(super) discriminator: f64,
    /// The penalty.
    pub(super) penalty: f64,
    /// The listener's loss on real phrases.
    pub(super) listener: f64,
    /// What the generator pays for what the listener does not hear.
    pub(super) pleased: f64,
}

impl Costs {
    /// These costs moved a little towards those of another step.
    pub(super) fn towards(self, other: Self) -> Self {
        if self == Self::default() {
            return other;
        }
        let moved = |from: f64, to: f64| from + 0.05 * (to - from);
        Self {
            generator: moved(self.generator, other.generator),
            discriminator: moved(self.discriminator, other.discriminator),
            penalty: moved(self.penalty, other.penalty),
            listener: moved(self.listener, other.listener),
            pleased: moved(self.pleased, other.pleased),
        }
    }
}

/// What was measured of one style.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Measured {
    /// Phrases made and measured, with the style's habits.
    pub(super) phrases: Vec<Phrase>,
    /// What phrases of the style are used to, and the generator is not.
    pub(super) habits: Habits,
    /// The mean divergence from held-out phrases.
    pub(super) divergence: f64,
    /// How often held-out phrases look more real to the discriminator than those that are made.
    pub(super) told_apart: f64,
    /// Different phrases, as a share.
    pub(super) distinct: f64,
    /// How often the listener hears the style in held-out phrases and in those that are made.
    pub(super) heard: [f64; 2],
}

impl Training {
    pub(super) fn new(recipe: Recipe, set: PhraseSet) -> Self {
        let mut rng = Rng::new(recipe.seed).fork(stream::WEIGHTS);
        let mut params = Parameters::new();
        let styles = set.styles.len();
        let generator = Generator::new(styles, &mut params, &mut rng);
        let discriminator = Discriminator::new(styles, &mut params, &mut rng);
        let hears = !recipe.unconditional;
        let listener = Listener::new(styles, &mut params, &mut rng);
        let steps = recipe.steps as u64 * u64::from(recipe.epochs);
        Self {
            networks: Adversaries::new(params, &NETWORKS, recipe.ema),
            schedule: Schedule {
                peak: recipe.learning_rate,
                floor: recipe.learning_rate * recipe.final_rate,
                warm_up: recipe.warm_up.min(steps / 4),
                steps,
            },
            tape: Tape::new(1),
            place: Place::default(),
            costs: Costs::default(),
            recipe,
            set,
            generator,
            discriminator,
            listener: hears.then_some(listener),
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

    pub(super) fn rate(&self, step: u64) -> f32 {
        self.schedule.rate(step)
    }

    /// Takes one step of both networks; the last of an epoch makes the place's epoch rise.
    pub(super) fn step(&mut self) -> StepReport {
        let step = self.place.step;
        let mut rng = Rng::new(self.recipe.seed).fork(stream::STEPS).fork(step);
        let drawn = draw(&self.set, &self.recipe, &mut rng);
        let questions: Vec<Question> = drawn.iter().map(|(condition, phrase)| (condition, phrase)).collect();
        let asked = Asked::of(&questions, self.set.styles.len());
        let real = batch::played(drawn.iter().map(|(_, phrase)| phrase));
        let noise: Vec<f32> = (0..asked.phrases * NOISE).map(|_| rng.normal()).collect();
        let to_hear =
            [ToHear::of_phrases(&drawn), ToHear::asked(drawn.iter().map(|(condition, _)| condition))];
        self.learn((&asked, &noise), &real, &to_hear, &mut rng);
        self.place.step += 1;
        self.place.step_in_epoch += 1;
        if self.place.step_in_epoch == self.recipe.steps {
            self.place.epoch += 1;
            self.place.step_in_epoch = 0;
        }
        let items = asked.phrases;
        StepReport { step: step + 1, cost: self.costs.discriminator * items as f64, items, gradient: 0.0 }
    }

    fn learn(
        &mut self,
        (asked, noise): (&Asked, &[f32]),
        real: &Planes,
        [is_real, is_asked]: &[ToHear; 2],
        rng: &mut Rng,
    ) {
        let rate = self.schedule.rate(self.place.step);
        let count = asked.phrases;
        let (tape, networks) = (&mut self.tape, &mut self.networks);
        tape.begin(Mode::Train(rng.fork(0)));
        let made = self.generator.play(tape, &networks.params, asked, noise);
        let real = Played::constant(tape, real, count);

        let fixed = Played { pitched: tape.detach(made.pitched), drums: tape.detach(made.drums) };
        let both = joined(tape, real, fixed);
        let deviation = self.recipe.noise;
        let blurred = Played {
            pitched: tape.add_noise(both.pitched, deviation, rng),
            drums: tape.add_noise(both.drums, deviation, rng),
        };
        let penalty = self.recipe.penalty
            + (self.recipe.final_penalty - self.recipe.penalty) * self.place.step as f32
                / (self.recipe.steps as f32 * self.recipe.epochs as f32);
        let shown = if penalty > 0.0 { joined(tape, both, blurred) } else { both };
        let told = self.discriminator.judge(tape, &networks.params, asked, shown); // [2 or 4 batches, 1]
        let (loss, [cost, paid]) = discriminator_loss(tape, (told.real, count), (penalty, deviation));
        (self.costs.discriminator, self.costs.penalty) = (cost, paid);
        let loss = if self.recipe.fit_style > 0.0 {
            let heard = tape.row_range(told.heard, 0..count);
            let fits = self.discriminator.fits(tape, &networks.params, (asked, self.set.styles.len()), heard);
            let cost = tape.softmax_cross_entropy(fits, &is_real.styles, None);
            let cost = tape.weighted_sum(cost, &vec![self.recipe.fit_style / count as f32; count]);
            tape.add(loss, cost)
        } else {
            loss
        };
        let of_real = tape.row_range(told.real, 0..count);
        networks.learn(DISCRIMINATOR, tape, loss, rate);

        if let Some(listener) = &self.listener {
            let cost =
                listener.cost(tape, &networks.params, (asked, real), (is_real, listener::Weights::ALL));
            self.costs.listener = f64::from(tape.value(cost)[0]);
            networks.learn(LISTENER, tape, cost, rate);
        }

        // What the discriminator said of the real ones serves again: it has moved by one step since.
        let of_real = tape.detach(of_real);
        let of_made = self.discriminator.judge(tape, &networks.params, asked, made).real;
        let (mut loss, cost) = generator_loss(tape, (of_real, of_made), count);
        self.costs.generator = cost;
        if let Some(listener) = &self.listener {
            let weights = listener::Weights::of_recipe(&self.recipe);
            if !weights.are_none() {
                let cost = listener.cost(tape, &networks.params, (asked, made), (is_asked, weights));
                self.costs.pleased = f64::from(tape.value(cost)[0]);
                loss = tape.add(loss, cost);
            }
        }
        networks.learn(GENERATOR, tape, loss, rate);
        networks.follow();
    }

    /// Makes phrases of each style to what held-out ones answer to, and holds them against those.
    pub(super) fn measure(&mut self) -> Vec<Measured> {
        let styles = self.set.styles.len();
        let rng = Rng::new(self.recipe.seed).fork(stream::MEASURING);
        (0..styles).map(|style| self.measure_style(style, &mut rng.fork(style as u64))).collect()
    }

    fn measure_style(&mut self, style: usize, rng: &mut Rng) -> Measured {
        let styles = self.set.styles.len();
        let held_out = self.set.held_out(style);
        let count = self.recipe.measured;
        let real: Vec<Phrase> = (0..count).map(|_| held_out[rng.below(held_out.len())].alone()).collect();
        let conditions: Vec<Condition> =
            real.iter().map(|phrase| plainly(&Condition::of_phrase(style, phrase), &self.recipe)).collect();
        let train = &self.set.of(Split::Train)[style];
        let usual = Habits::of_style(train);
        let busy: Vec<Condition> =
            conditions.iter().map(|plain| as_usual(plain, &usual, &self.recipe, rng)).collect();
        let params = self.networks.weights();
        let (phrases, habits) = made_by_habit(
            &mut self.tape,
            ((&self.generator, params), styles),
            (&busy.iter().zip(&real).collect::<Vec<_>>(), rng),
            (usual, train),
        );
        let questions: Vec<Question> = conditions.iter().zip(&real).collect();
        let mut told_apart = 0;
        let heard = [real.as_slice(), phrases.as_slice()].map(|phrases| {
            let questions: Vec<Question> = conditions.iter().zip(phrases).collect();
            let heard = self
                .listener
                .iter()
                .flat_map(|listener| listener.styles_of(&mut self.tape, params, &questions));
            let heard: Vec<f32> = heard.collect();
            let is_heard = |row: &&[f32]| row.iter().all(|other| row[style] >= *other);
            heard.chunks_exact(styles).filter(is_heard).count() as f64 / count as f64
        });
        for (questions, phrases) in questions.chunks(32).zip(phrases.chunks(32)) {
            let asked = Asked::of(questions, styles);
            self.tape.begin(Mode::Eval);
            let of = |tape: &mut Tape, planes: &Planes| {
                let played = Played::constant(tape, planes, asked.phrases);
                let told = self.discriminator.judge(tape, &self.networks.params, &asked, played);
                tape.value(told.real).to_vec()
            };
            let real = of(&mut self.tape, &batch::played(questions.iter().map(|(_, phrase)| *phrase)));
            let made = of(&mut self.tape, &batch::played(phrases.iter()));
            told_apart += real.iter().zip(&made).filter(|(real, made)| real > made).count();
        }
        let own = Distributions::of_phrases(phrases.iter());
        let divergence = mean_divergence(&own.divergences(&Distributions::of_phrases(real.iter())));
        let distinct: std::collections::BTreeSet<_> = phrases.iter().map(|phrase| &phrase.notes).collect();
        Measured {
            divergence,
            told_apart: told_apart as f64 / count as f64,
            distinct: distinct.len() as f64 / count as f64,
            heard,
            phrases,
            habits,
        }
    }

    /// Weights, their average and the optimisers' memories.
    pub(super) fn state(&self) -> Weights {
        self.networks.state()
    }

    /// Goes on from a state at its place; fails, and changes nothing, if it does not fit.
    pub(super) fn restore(&mut self, state: &Weights, place: Place) -> Result<(), NnError> {
        if place.step_in_epoch >= self.recipe.steps {
            let reason =
                format!("an epoch has {} steps, but {} are done", self.recipe.steps, place.step_in_epoch);
            return Err(NnError::File { reason });
        }
        self.networks.restore(state)?;
        self.place = place;
        Ok(())
    }
}

/// Phrases to learn from with what is asked of each, of every style as many.
fn draw(set: &PhraseSet, recipe: &Recipe, rng: &mut Rng) -> Vec<(Condition, Phrase)> {
    let train = set.of(Split::Train);
    let styles = train.len();
    let first = rng.below(styles);
    (0..recipe.batch)
        .map(|index| {
            let style = (first + index) % styles;
            let phrase = &train[style][rng.below(train[style].len())];
            // The same numbers are drawn whatever comes of them.
            let (alone, given) = (rng.uniform() < recipe.alone, rng.uniform() < recipe.given);
            let (chords, density) =
                (rng.uniform() < recipe.condition_dropout, rng.uniform() < recipe.condition_dropout);
            let kept: [bool; 4] = std::array::from_fn(|_| rng.below(2) == 0);
            let phrase = if alone { phrase.alone() } else { phrase.clone() };
            let mut condition = Condition::of_phrase(style, &phrase);
            if chords {
                condition.chords = Default::default();
            }
            if density {
                condition.density = Default::default();
            }
            let made = |role: Role| condition.plays[role.index()] && !kept[role.index()];
            if given && Role::ALL.into_iter().any(made) {
                condition.given = Role::ALL.map(|role| condition.plays[role.index()] && kept[role.index()]);
            }
            if recipe.unconditional {
                condition = plainly(&condition, recipe);
            }
            (condition, phrase)
        })
        .collect()
}

fn joined(tape: &mut Tape, one: Played, other: Played) -> Played {
    Played { pitched: tape.below(one.pitched, other.pitched), drums: tape.below(one.drums, other.drums) }
}
