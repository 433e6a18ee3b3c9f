//! Networks of four voices in training, side by side.

use cantus_nn::{AdamW, Ema, Gradients, Mode, NnError, Parameters, Rng, Schedule, Tape, Weights, clip_norm};
use rayon::prelude::*;

use super::measure::{Evaluation, expected};
use super::network::{Network, sign};
use super::past::Asked;
use super::piece::{VOICES, VoicedPiece};
use super::recipe::Recipe;
use crate::lesson::{Batch, Lesson};
use crate::run::{Place, StepReport};

/// A network that learns.
#[derive(Debug)]
struct Member {
    number: u64,
    params: Parameters,
    optimiser: AdamW,
    average: Ema,
    gradients: Gradients,
    tape: Tape,
}

/// A piece to learn from, and the semitones by which it may be moved.
#[derive(Debug)]
struct Lessoned {
    piece: VoicedPiece,
    moments: usize,
    shifts: (i32, i32),
}

/// A run in progress.
#[derive(Debug)]
pub(super) struct Training {
    pub(super) recipe: Recipe,
    train: Vec<Lessoned>,
    valid: Vec<VoicedPiece>,
    network: Network,
    members: Vec<Member>,
    schedule: Schedule,
    place: Place,
    pool: Option<rayon::ThreadPool>,
}

impl Training {
    pub(super) fn new(recipe: Recipe, train: Vec<VoicedPiece>, valid: Vec<VoicedPiece>) -> Self {
        let rng = Rng::new(recipe.seed);
        let (network, _) = Network::new(&recipe, &mut rng.fork(0));
        let member = |number: u64| {
            let (_, params) = Network::new(&recipe, &mut rng.fork(number));
            let mut optimiser = AdamW::new(&params, recipe.weight_decay);
            optimiser.beta2 = 0.98;
            Member {
                number,
                average: Ema::new(&params, recipe.ema),
                gradients: Gradients::zeros_like(&params),
                tape: Tape::new(1),
                optimiser,
                params,
            }
        };
        let members = (0..recipe.members as u64).map(member).collect();
        let steps = steps_in_epoch(train.len(), &recipe) as u64 * u64::from(recipe.epochs);
        let schedule = Schedule {
            peak: recipe.learning_rate,
            floor: 0.0,
            warm_up: recipe.warm_up.min(steps / 4),
            steps,
        };
        let lessoned = |(piece, shifts): (VoicedPiece, _)| {
            let moments = piece.moments().len();
            Lessoned { piece, moments, shifts }
        };
        let train = with_shifts(train, recipe.transposition).into_iter().map(lessoned).collect();
        Self { recipe, train, valid, network, members, schedule, place: Place::default(), pool: None }
    }

    pub(super) fn use_threads(&mut self, threads: usize) {
        // Without threads of its own a run uses those that there are.
        self.pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().ok();
    }

    pub(super) fn parameters(&self) -> usize {
        self.members.iter().map(|member| member.params.count()).sum()
    }

    pub(super) fn place(&self) -> Place {
        self.place
    }

    pub(super) fn steps_in_epoch(&self) -> usize {
        steps_in_epoch(self.train.len(), &self.recipe)
    }

    pub(super) fn rate(&self, step: u64) -> f32 {
        self.schedule.rate(step)
    }

    /// Takes one step of every network, each with pieces of its own.
    pub(super) fn step(&mut self) -> StepReport {
        let Self { recipe, train, network, members, place, pool, schedule, .. } = self;
        let rate = schedule.rate(place.step);
        let mut learn = || {
            let learnt = members.par_iter_mut().map(|member| {
                let batch = batch(train, recipe, network, (member.number, *place));
                member.learn(network, recipe, &batch, (place.step, rate))
            });
            learnt.collect::<Vec<(f64, usize, f32)>>()
        };
        let learnt = match pool {
            Some(pool) => pool.install(&mut learn),
            None => learn(),
        };
        place.step += 1;
        place.step_in_epoch += 1;
        if place.step_in_epoch == steps_in_epoch(train.len(), recipe) {
            place.epoch += 1;
            place.step_in_epoch = 0;
        }
        StepReport {
            step: place.step,
            cost: learnt.iter().map(|(cost, ..)| cost).sum(),
            items: learnt.iter().map(|(_, items, _)| items).sum(),
            gradient: learnt.iter().map(|(.., gradient)| *gradient).fold(0.0, f32::max),
        }
    }

    /// The networks as they stand: the averages of their weights.
    pub(super) fn weights(&self) -> Vec<Parameters> {
        self.members.iter().map(|member| member.average.average().clone()).collect()
    }

    /// What held-out pieces cost.
    pub(super) fn validate(&self) -> Evaluation {
        let weights: Vec<&Parameters> = self.members.iter().map(|member| member.average.average()).collect();
        let measure = || expected(&self.network, &weights, &self.valid);
        let expected = self.pool.as_ref().map_or_else(measure, |pool| pool.install(measure));
        Evaluation::of(&self.valid, &expected)
    }

    pub(super) fn state(&self) -> Weights {
        let mut state = Weights::new();
        for member in &self.members {
            let number = member.number;
            for (name, tensor) in member.params.iter() {
                state.insert(format!("{number}.raw.{name}"), tensor.clone());
            }
            for (name, tensor) in member.average.state() {
                state.insert(format!("{number}.average.{name}"), tensor);
            }
            for (name, tensor) in member.optimiser.state(&member.params) {
                state.insert(format!("{number}.optimiser.{name}"), tensor);
            }
        }
        state
    }

    pub(super) fn restore(&mut self, state: &Weights, place: Place) -> Result<(), NnError> {
        let steps = self.steps_in_epoch();
        if place.step_in_epoch >= steps {
            let reason = format!("an epoch has {steps} steps, but {} are done", place.step_in_epoch);
            return Err(NnError::File { reason });
        }
        let mut restored = Vec::with_capacity(self.members.len());
        for member in &self.members {
            let under = |part: &str| state.under(&format!("{}.{part}.", member.number));
            let (mut params, mut average) = (member.params.clone(), member.average.clone());
            let mut optimiser = member.optimiser.clone();
            params.load(&under("raw"))?;
            average.restore(&under("average"))?;
            optimiser.restore(&params, &under("optimiser"))?;
            restored.push((params, average, optimiser));
        }
        for (member, (params, average, optimiser)) in self.members.iter_mut().zip(restored) {
            (member.params, member.average, member.optimiser) = (params, average, optimiser);
        }
        self.place = place;
        Ok(())
    }
}

impl Member {
    /// Learns a batch: nats, moments, and the length of the gradient.
    fn learn(
        &mut self,
        network: &Network,
        recipe: &Recipe,
        batch: &Batch,
        (step, rate): (u64, f32),
    ) -> (f64, usize, f32) {
        let rng = Rng::new(recipe.seed).fork(1 << 32).fork(step).fork(self.number);
        let Self { tape, params, gradients, optimiser, average, .. } = self;
        tape.begin(Mode::Train(rng));
        let costs = network.costs(tape, params, batch, recipe.dropout);
        let answers = batch.questions() as f32;
        let mut loss = None;
        for (exercise, cost) in costs.into_iter().enumerate() {
            let Some(cost) = cost else { continue };
            let rows = tape.shape(cost).0;
            let sum = tape.weighted_sum(cost, &vec![sign(exercise) / answers; rows]);
            loss = Some(loss.map_or(sum, |loss| tape.add(loss, sum)));
        }
        gradients.clear();
        let mut nats = 0.0;
        if let Some(loss) = loss {
            nats = f64::from(tape.value(loss)[0]) * f64::from(answers);
            tape.backward(params, loss, gradients);
        }
        let gradient = clip_norm(gradients, recipe.clip);
        optimiser.step(params, gradients, rate);
        average.update(params);
        (nats, batch.slices, gradient)
    }
}

fn steps_in_epoch(pieces: usize, recipe: &Recipe) -> usize {
    pieces.div_ceil(recipe.batch)
}

/// The pieces of a member's step, as questions.
fn batch(train: &[Lessoned], recipe: &Recipe, network: &Network, (member, place): (u64, Place)) -> Batch {
    let mut rng = Rng::new(recipe.seed).fork(2 << 32).fork(u64::from(place.epoch)).fork(member);
    let mut order: Vec<usize> = (0..train.len()).collect();
    rng.shuffle(&mut order);
    // Pieces of like length go together, so that little is padded.
    for stretch in order.chunks_mut(8 * recipe.batch) {
        stretch.sort_by_key(|piece| train[*piece].moments);
    }
    let mut steps: Vec<&[usize]> = order.chunks(recipe.batch).collect();
    rng.shuffle(&mut steps);
    let mut rng = rng.fork(place.step);
    let lessons = steps[place.step_in_epoch].iter().map(|piece| {
        let Lessoned { piece, shifts: (down, up), .. } = &train[*piece];
        let shift = down + rng.below((up - down + 1) as usize) as i32;
        // A shift within the ranges of the voices leaves no keyboard.
        let moved = piece.transposed(shift);
        let piece = moved.as_ref().unwrap_or(piece);
        let mut is_told = || recipe.asked && rng.below(2) == 0;
        let asked = Asked {
            key: if is_told() { piece.key() } else { None },
            end: is_told().then_some(piece.frames.len()),
        };
        network.spec.lesson(piece, asked)
    });
    Batch::of_lessons(&lessons.collect::<Vec<Lesson>>())
}

/// Each piece with how far it may move: as every voice stays in the range that it has in some piece.
pub(super) fn with_shifts(pieces: Vec<VoicedPiece>, most: i32) -> Vec<(VoicedPiece, (i32, i32))> {
    let mut ranges = [None; VOICES];
    for piece in &pieces {
        for (range, own) in ranges.iter_mut().zip(piece.ranges()) {
            *range = match (*range, own) {
                (Some((low, high)), Some((own_low, own_high))) => {
                    Some((own_low.min(low), own_high.max(high)))
                }
                (range, own) => range.or(own),
            };
        }
    }
    let of_piece = |piece: VoicedPiece| {
        let own = piece.ranges();
        let fits = |shift: i32| {
            own.iter().zip(ranges).all(|(own, range)| {
                let (Some((low, high)), Some((lowest, highest))) = (own, range) else { return true };
                let (low, high) = (i32::from(low.get()) + shift, i32::from(high.get()) + shift);
                low >= i32::from(lowest.get()) && high <= i32::from(highest.get())
            })
        };
        let down = (1..=most).take_while(|shift| fits(-shift)).count() as i32;
        let up = (1..=most).take_while(|shift| fits(*shift)).count() as i32;
        (piece, (-down, up))
    };
    pieces.into_iter().map(of_piece).collect()
}
