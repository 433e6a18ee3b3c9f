//! Training on an array: the recipe's steps, the validation that chooses the best weights, and the state from which a
//! run goes on.

use cantus_nn::{AdamW, Ema, Gradients, Mode, NnError, Parameters, Rng, Schedule, Tape, Weights, clip_norm};

use super::network::{Batch, Tells};
use super::{Evaluation, Lessons, Network, Recipe, Shape, evaluate};
use crate::recipe::RecipeError;
use crate::run::{Place, StepReport};

/// As Keras has it.
const EPSILON: f32 = 1e-7;

/// A stretch of a piece: the piece, and the frame that it begins with.
type Pick = (usize, usize);

/// A run on an array in progress.
#[derive(Debug)]
pub struct Training {
    /// The recipe.
    pub recipe: Recipe,
    /// What is learnt from.
    pub lessons: Lessons,
    /// The network.
    pub network: Network,
    params: Parameters,
    optimiser: AdamW,
    /// Where the recipe wants one.
    average: Option<Ema>,
    gradients: Gradients,
    tape: Tape,
    schedule: Schedule,
    place: Place,
    /// The steps of this epoch.
    plan: Vec<Vec<Pick>>,
    batch: Batch,
    weights: Vec<f32>,
}

impl Training {
    /// Stands before the first step.
    pub fn new(recipe: Recipe, lessons: Lessons) -> Result<Self, RecipeError> {
        let shape = Shape {
            cell: recipe.cell()?,
            features: lessons.features(),
            layers: recipe.layers,
            units: recipe.units,
        };
        let (network, params) = Network::new(shape, &mut Rng::new(recipe.seed).fork(0));
        let mut optimiser = AdamW::new(&params, recipe.weight_decay);
        optimiser.epsilon = EPSILON;
        let plan = plan(&lessons, &recipe, 0);
        let steps = plan.len() as u64 * u64::from(recipe.epochs);
        let schedule = Schedule {
            peak: recipe.learning_rate,
            floor: recipe.learning_rate * recipe.final_rate,
            warm_up: recipe.warm_up.min(steps / 4),
            steps,
        };
        Ok(Self {
            average: (recipe.ema > 0.0).then(|| Ema::new(&params, recipe.ema)),
            gradients: Gradients::zeros_like(&params),
            tape: Tape::new(1),
            optimiser,
            schedule,
            place: Place::default(),
            plan,
            batch: Batch::default(),
            weights: Vec::new(),
            recipe,
            lessons,
            network,
            params,
        })
    }

    /// Computes with so many threads from now on, to the same bits.
    pub fn use_threads(&mut self, threads: usize) {
        self.tape = Tape::new(threads);
    }

    /// The weights that a run is for: averaged, where the recipe says so.
    pub fn weights(&self) -> &Parameters {
        self.average.as_ref().map_or(&self.params, Ema::average)
    }

    /// Which step comes next.
    pub fn place(&self) -> Place {
        self.place
    }

    /// Steps of an epoch.
    pub fn steps_in_epoch(&self) -> usize {
        self.plan.len()
    }

    /// The learning rate of a step, counted from 0.
    pub fn rate(&self, step: u64) -> f32 {
        self.schedule.rate(step)
    }

    /// Takes one step; the last of an epoch makes the place's epoch rise.
    pub fn step(&mut self) -> StepReport {
        let picks = self.plan.get(self.place.step_in_epoch).map_or(&[][..], Vec::as_slice);
        let steps = self.lessons.frames().min(self.recipe.longest);
        self.batch.fill(&self.lessons, picks, steps, self.recipe.target);
        let report = self.learn();
        self.place.step += 1;
        self.place.step_in_epoch += 1;
        if self.place.step_in_epoch == self.plan.len() {
            self.place.epoch += 1;
            self.place.step_in_epoch = 0;
            self.plan = plan(&self.lessons, &self.recipe, self.place.epoch);
        }
        report
    }

    /// Learns the batch. Like Keras it makes the mean loss of a number less, whatever the number of features.
    fn learn(&mut self) -> StepReport {
        let step = self.place.step;
        let (tape, params) = (&mut self.tape, &mut self.params);
        let is_binary = self.lessons.scale.is_binary();
        let tells = Tells::of(&self.recipe, &self.lessons.scale);
        tape.begin(Mode::Train(Rng::new(self.recipe.seed).fork(1 << 32).fork(step)));
        let (losses, _) = self.network.losses(tape, params, &self.batch, (tells, self.recipe.dropout));
        let frames = self.batch.steps * self.batch.pieces;
        let numbers = if is_binary { frames * self.lessons.features() } else { frames };
        let share = 1.0 / numbers.max(1) as f32;
        self.weights.clear();
        self.weights.resize(frames, share);
        let loss = tape.weighted_sum(losses, &self.weights);
        let cost = f64::from(tape.value(loss)[0]) * numbers as f64;
        self.gradients.clear();
        tape.backward(params, loss, &mut self.gradients);
        let longest = if self.recipe.clip > 0.0 { self.recipe.clip } else { f32::INFINITY };
        let gradient = clip_norm(&mut self.gradients, longest);
        self.optimiser.step(params, &self.gradients, self.schedule.rate(step));
        if let Some(average) = &mut self.average {
            average.update(params);
        }
        StepReport { step: step + 1, cost, items: frames, gradient }
    }

    /// Measures the weights that a run is for on the pieces held out.
    pub fn validate(&mut self) -> Evaluation {
        let params = self.average.as_ref().map_or(&self.params, Ema::average);
        evaluate(&mut self.tape, &self.network, params, &self.lessons, &self.recipe)
    }

    /// The weights as they are learnt, their average and the optimiser's memory. Together with the [`Place`], the
    /// recipe and the array they decide every later step to the last bit.
    pub fn state(&self) -> Weights {
        let mut state = Weights::new();
        for (name, tensor) in self.params.iter() {
            state.insert(format!("raw.{name}"), tensor.clone());
        }
        for (name, tensor) in self.average.iter().flat_map(Ema::state) {
            state.insert(format!("average.{name}"), tensor);
        }
        for (name, tensor) in self.optimiser.state(&self.params) {
            state.insert(format!("optimiser.{name}"), tensor);
        }
        state
    }

    /// Goes on from a [`Training::state`] at its place; fails, and changes nothing, if a tensor is missing or of
    /// another shape, or if the place lies outside the epoch.
    pub fn restore(&mut self, state: &Weights, place: Place) -> Result<(), NnError> {
        let plan = plan(&self.lessons, &self.recipe, place.epoch);
        if place.step_in_epoch >= plan.len() {
            let reason = format!("an epoch has {} steps, but {} are done", plan.len(), place.step_in_epoch);
            return Err(NnError::File { reason });
        }
        let (mut params, mut average) = (self.params.clone(), self.average.clone());
        let mut optimiser = self.optimiser.clone();
        params.load(&state.under("raw."))?;
        if let Some(average) = &mut average {
            average.restore(&state.under("average."))?;
        }
        optimiser.restore(&params, &state.under("optimiser."))?;
        (self.params, self.average, self.optimiser) = (params, average, optimiser);
        (self.place, self.plan) = (place, plan);
        Ok(())
    }
}

/// The steps of an epoch, each with its pieces.
fn plan(lessons: &Lessons, recipe: &Recipe, epoch: u32) -> Vec<Vec<Pick>> {
    let mut rng = Rng::new(recipe.seed).fork(u64::from(epoch) + 1);
    let mut order = lessons.train.clone();
    rng.shuffle(&mut order);
    let beyond = lessons.frames().saturating_sub(recipe.longest);
    let mut pick = |&piece: &usize| (piece, if beyond == 0 { 0 } else { rng.below(beyond + 1) });
    order.chunks(recipe.batch).map(|pieces| pieces.iter().map(&mut pick).collect()).collect()
}
