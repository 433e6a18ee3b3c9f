//! Training: the recipe's steps on a training set, the validation that chooses the best weights, and the state
//! from which a run goes on where it stopped.

mod base;
mod codec;
pub mod curve;
pub(crate) mod given;
pub(crate) mod inventory;
mod part;
mod plan;
mod set;
mod state;
mod store;
mod task;
#[cfg(test)]
pub(crate) mod tests;
mod told;

use cantus_nn::{AdamW, Ema, Gradients, Mode, Parameters, Rng, Schedule, Tape, clip_norm};

pub use set::{Prepared, SetError, TrainingSet};
pub use store::{Kept, Store, StoreError};
pub use task::{BASE_FILE, SliceTask};

use crate::controls::{Controls, MeasuredControls};
use crate::encoding::Sliced;
use crate::evaluate::{Evaluation, evaluate_asked};
use crate::lesson::Batch;
use crate::model::{Card, Model};
use crate::network::{Dropout, Network, Shape};
use crate::recipe::{Recipe, RecipeError};
use crate::run::StepReport;
use crate::styles::heard_key;
use crate::walk::{Conditions, Setup};
use part::Part;
use plan::{Music, Pick};

/// A run in progress.
#[derive(Debug)]
pub struct Training {
    /// The recipe.
    pub recipe: Recipe,
    /// What is learnt from.
    pub set: TrainingSet,
    /// Music of the model that the run began from, lest that be forgotten.
    known: Option<TrainingSet>,
    /// What of the network learns, where not all of it does.
    learns: Option<Part>,
    /// Whether its network had learnt before the first step.
    began_learnt: bool,
    /// The network.
    pub network: Network,
    params: Parameters,
    optimiser: AdamW,
    average: Ema,
    gradients: Gradients,
    tape: Tape,
    schedule: Schedule,
    /// Steps taken since the beginning.
    step: u64,
    epoch: u32,
    /// The steps of this epoch.
    plan: Vec<Vec<Pick>>,
    step_in_epoch: usize,
    /// The questions of the next step, read and made while the last one was learnt.
    ready: Option<Result<Batch, StoreError>>,
}

impl Training {
    /// Stands before the first step of a new network.
    pub fn new(recipe: Recipe, set: TrainingSet, threads: usize) -> Result<Self, RecipeError> {
        recipe.expect_all_learnt()?;
        let shape = recipe.shape(set.styles.len() as u32, set.has_drums, set.has_dynamics)?;
        let (network, params) = Network::new(shape, &mut Rng::new(recipe.seed).fork(0));
        Ok(Self::of_network(recipe, set, None, (network, params), threads))
    }

    /// Stands before the first step of a network that has learnt already: `model`'s, with the styles of `set` beside
    /// its own. Of `known`, music of its own styles, each epoch takes the recipe's share. Fails if the recipe is for
    /// another network.
    pub fn from_model(
        model: &Model,
        recipe: Recipe,
        mut set: TrainingSet,
        mut known: Option<TrainingSet>,
        threads: usize,
    ) -> Result<Self, RecipeError> {
        recipe.expect_sizes_of(&model.network.shape)?;
        let mut styles = if recipe.only_controls {
            base::rescaled(&model.styles, &set.styles)
        } else {
            base::joined(&model.styles, &set.styles)
        };
        if let Some(known) = &known {
            let new = known.styles.iter().filter(|style| styles.iter().all(|own| own.name != style.name));
            let new: Vec<_> = new.cloned().collect();
            styles.extend(new);
        }
        base::renumber(&mut set, &styles);
        if let Some(known) = &mut known {
            base::renumber(known, &styles);
        }
        let old = model.network.shape;
        let any = |has: fn(&TrainingSet) -> bool| has(&set) || known.as_ref().is_some_and(has);
        let shape = Shape {
            styles: styles.len() as u32,
            drums: old.drums || any(|set| set.has_drums),
            dynamics: old.dynamics || any(|set| set.has_dynamics),
            controls: old.controls || recipe.controls,
            ..old
        };
        let grown = base::grown(model, shape, &mut Rng::new(recipe.seed).fork(0));
        let learns = recipe.only_controls.then(|| Part::of_controls(&shape, &grown.1));
        Ok(Self { began_learnt: true, learns, ..Self::of_network(recipe, set, known, grown, threads) })
    }

    fn of_network(
        recipe: Recipe,
        set: TrainingSet,
        known: Option<TrainingSet>,
        (network, params): (Network, Parameters),
        threads: usize,
    ) -> Self {
        // What must stay as it is must not decay either.
        let decay = if recipe.only_controls { 0.0 } else { recipe.weight_decay };
        let mut optimiser = AdamW::new(&params, decay);
        optimiser.beta2 = 0.98;
        let plan = plan::epoch(Music { own: &set, known: known.as_ref() }, &recipe, 0);
        let steps = plan.len() as u64 * u64::from(recipe.epochs);
        let schedule = Schedule {
            peak: recipe.learning_rate,
            floor: 0.0,
            warm_up: recipe.warm_up.min(steps / 4),
            steps,
        };
        Self {
            average: Ema::new(&params, recipe.ema),
            gradients: Gradients::zeros_like(&params),
            tape: Tape::new(threads),
            optimiser,
            schedule,
            step: 0,
            epoch: 0,
            plan,
            step_in_epoch: 0,
            ready: None,
            recipe,
            set,
            known,
            learns: None,
            began_learnt: false,
            network,
            params,
        }
    }

    /// The set, for another training.
    pub fn into_set(self) -> TrainingSet {
        self.set
    }

    /// The averaged weights, which are what a run is for.
    pub fn weights(&self) -> &Parameters {
        self.average.average()
    }

    /// Epochs finished.
    pub fn epoch(&self) -> u32 {
        self.epoch
    }

    /// Steps of an epoch.
    pub fn steps_in_epoch(&self) -> usize {
        self.plan.len()
    }

    /// Whether all epochs are over.
    pub fn is_done(&self) -> bool {
        self.epoch >= self.recipe.epochs
    }

    /// The learning rate of a step, counted from 0.
    pub fn rate(&self, step: u64) -> f32 {
        self.schedule.rate(step)
    }

    /// What the next step learns.
    pub fn next_batch(&self) -> Result<Batch, StoreError> {
        let music = Music { own: &self.set, known: self.known.as_ref() };
        plan::batch(music, &self.recipe, &self.network.spec, &self.plan[self.step_in_epoch])
    }

    /// Takes one step. The last of an epoch makes [`Training::epoch`] rise.
    pub fn step(&mut self) -> Result<StepReport, StoreError> {
        let music = Music { own: &self.set, known: self.known.as_ref() };
        let (recipe, spec) = (&self.recipe, &self.network.spec);
        let batch = self.ready.take();
        let batch =
            batch.unwrap_or_else(|| plan::batch(music, recipe, spec, &self.plan[self.step_in_epoch]))?;
        self.step_in_epoch += 1;
        if self.step_in_epoch == self.plan.len() {
            self.epoch += 1;
            self.step_in_epoch = 0;
            self.plan = plan::epoch(music, recipe, self.epoch);
        }
        let mut learner = Learner {
            recipe,
            network: &self.network,
            learns: self.learns.as_ref(),
            params: &mut self.params,
            optimiser: &mut self.optimiser,
            average: &mut self.average,
            gradients: &mut self.gradients,
            tape: &mut self.tape,
            rate: self.schedule.rate(self.step),
        };
        let (next, step) = (&self.plan[self.step_in_epoch], self.step);
        let (report, ready) =
            rayon::join(|| learner.learn(&batch, step), || plan::batch(music, recipe, spec, next));
        self.step += 1;
        self.ready = Some(ready);
        Ok(report)
    }

    /// The model as it stands: the averaged weights with the run's styles, recipe and card.
    pub fn model(&self, card: Card) -> Model {
        Model {
            network: self.network.clone(),
            params: self.average.average().clone(),
            styles: self.set.styles.clone(),
            recipe: self.recipe.clone(),
            card,
            digest: String::new(),
        }
    }

    /// Measures the averaged weights, style by style, on the validation pieces (under all of their controls where these alone
    /// are learnt): those of what is to be learnt, then those
    /// of the music known before. At most as many pieces of a style as the recipe says.
    pub fn validate(&mut self) -> Result<Vec<Validated>, StoreError> {
        let styles = self.set.styles.len() as u32;
        let own = (0..styles).map(|style| (false, style));
        let known_styles = if self.known.is_some() { styles } else { 0 };
        let known = (0..known_styles).map(|style| (true, style));
        let measured = own.chain(known).map(|(is_known, style)| {
            Ok(Validated { style, is_known, evaluation: self.validate_style(is_known, style)? })
        });
        measured.filter(|one| one.as_ref().map_or(true, |one| one.evaluation.notes > 0)).collect()
    }

    fn validate_style(&mut self, is_known: bool, style: u32) -> Result<Evaluation, StoreError> {
        let set = self.known.as_ref().filter(|_| is_known).unwrap_or(&self.set);
        let kept = set.valid.iter().filter(|piece| piece.style == style).map(|piece| piece.kept);
        let pieces = kept.take(self.recipe.validation_pieces).map(|kept| set.store.get(kept));
        let pieces: Vec<Sliced> = pieces.collect::<Result<_, _>>()?;
        let scales = &set.styles[style as usize].controls;
        let asked = |piece: &Sliced| {
            let setup = Setup::of_piece(piece, Conditions { style: Some(style), ..Conditions::default() });
            // Where controls alone are learnt, only what is told of them can change.
            let measured =
                self.recipe.only_controls.then(|| MeasuredControls::of_piece(piece, heard_key(piece)));
            setup.with_controls(measured.map_or_else(Controls::default, |measured| measured.told(scales)))
        };
        let asked: Vec<_> = pieces.iter().map(|piece| (piece, asked(piece))).collect();
        Ok(evaluate_asked(&mut self.tape, &self.network, self.average.average(), &asked))
    }
}

/// How a style fares on its validation pieces.
#[derive(Debug, Clone, PartialEq)]
pub struct Validated {
    /// The number of the style.
    pub style: u32,
    /// Whether the pieces are of the music known before.
    pub is_known: bool,
    /// What they cost.
    pub evaluation: Evaluation,
}

/// What a step changes, apart from the music that it reads.
struct Learner<'a> {
    recipe: &'a Recipe,
    network: &'a Network,
    learns: Option<&'a Part>,
    params: &'a mut Parameters,
    optimiser: &'a mut AdamW,
    average: &'a mut Ema,
    gradients: &'a mut Gradients,
    tape: &'a mut Tape,
    rate: f32,
}

impl Learner<'_> {
    /// Learns a batch as the step of a number, from 0.
    fn learn(&mut self, batch: &Batch, step: u64) -> StepReport {
        let tape = &mut *self.tape;
        tape.begin(Mode::Train(Rng::new(self.recipe.seed).fork(1 << 32).fork(step)));
        let costs = self.network.costs(tape, self.params, batch, self.recipe.dropout);
        let answers = batch.questions();
        let scale = 1.0 / answers.max(1) as f32;
        let sums = costs.into_iter().flatten().map(|cost| {
            let rows = tape.shape(cost).0;
            tape.weighted_sum(cost, &vec![scale; rows])
        });
        let sums: Vec<_> = sums.collect();
        let loss = sums.into_iter().reduce(|one, other| tape.add(one, other));
        self.gradients.clear();
        let mut nats = 0.0;
        if let Some(loss) = loss {
            nats = f64::from(tape.value(loss)[0]) * answers as f64;
            tape.backward(self.params, loss, self.gradients);
        }
        if let Some(part) = self.learns {
            part.keep(self.gradients);
        }
        let gradient = clip_norm(self.gradients, self.recipe.clip);
        self.optimiser.step(self.params, self.gradients, self.rate);
        self.average.update(self.params);
        StepReport { step: step + 1, cost: nats, items: batch.slices, gradient }
    }
}

/// Nothing drops out.
pub(crate) const NO_DROPOUT: Dropout = Dropout { feature: 0.0, input: 0.0, hidden: 0.0, head: 0.0 };
