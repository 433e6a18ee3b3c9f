//! The engine as a run sees it.

use std::path::Path;

use cantus_nn::{NnError, Weights};

use super::super::task::{self, Heard};
use super::super::{ArrayError, ArrayTask, Lessons, Music, Source};
use super::model::{Model, VERSION};
use super::networks::MOST_NUMBERS;
use super::recipe::Recipe;
use super::training::{Check, Training};
use crate::corpus::Progress;
use crate::model::Card;
use crate::run::{
    Described, Inventory, Learner, PartMetric, Place, Ready, RunError, StepReport, Task, Units,
};

/// With fewer pieces a discriminator would know each of them by heart.
const FEWEST_PIECES: usize = 20;
/// With a smaller share of different pieces, the generator has collapsed.
const FEWEST_DISTINCT: f64 = 0.9;
/// Or with pieces that lie so much nearer to each other than those held out.
const LEAST_SPREAD: f64 = 0.3;
/// A discriminator that is right so often teaches the generator nothing any more.
const ALWAYS_RIGHT: f64 = 0.995;

/// An array to be learnt by two dense networks against each other.
#[derive(Debug, Clone, PartialEq)]
pub struct AdversarialTask {
    /// The array.
    pub source: Source,
    /// How the networks learn.
    pub recipe: Recipe,
}

impl AdversarialTask {
    /// The engine's name.
    pub const ENGINE: &str = "array-gan";
    /// The version of what its networks are asked.
    pub const VERSION: u32 = VERSION;

    /// Reads the tables that [`Task::data`] and [`Task::recipe`] made, or says what is wrong with them.
    pub(crate) fn read(data: &toml::Table, recipe: &toml::Table) -> Result<Self, String> {
        let Music::Array(source) = task::music(data)? else {
            return Err("its data must be an array".to_owned());
        };
        let recipe = Recipe::read(&recipe.to_string()).map_err(|error| error.to_string())?;
        Ok(Self { source, recipe })
    }

    /// The array as the recurrent engine has it, which reads and names it alike.
    fn array(&self) -> ArrayTask {
        ArrayTask { music: Music::Array(self.source.clone()), recipe: self.recipe.lessons() }
    }

    fn failed(&self, source: ArrayError) -> RunError {
        RunError::Array { path: self.source.file.clone(), source }
    }
}

impl Task for AdversarialTask {
    fn engine(&self) -> &'static str {
        Self::ENGINE
    }

    fn version(&self) -> u32 {
        Self::VERSION
    }

    fn data(&self) -> Result<toml::Table, RunError> {
        self.array().data()
    }

    fn recipe(&self) -> toml::Table {
        // By way of the text, for a number keeps its short decimal form there.
        self.recipe.write().parse().unwrap_or_default()
    }

    fn prepare(&self, _: &Path, progress: &(dyn Fn(Progress) + Sync)) -> Result<Ready, RunError> {
        let recipe = self.recipe.clone().checked()?;
        let Heard { array, groups, lines, faults } =
            self.array().hear(progress).map_err(|error| self.failed(error))?;
        let lessons = Lessons::new(array, &recipe.lessons()).map_err(|error| self.failed(error))?;
        let numbers = lessons.frames() * lessons.features();
        if numbers > MOST_NUMBERS {
            let [frames, features] = [lessons.frames(), lessons.features()];
            return Err(self.failed(ArrayError::LargePiece { most: MOST_NUMBERS, frames, features }));
        }
        if lessons.train.len() < FEWEST_PIECES {
            let found = lessons.train.len();
            return Err(self.failed(ArrayError::FewPieces { fewest: FEWEST_PIECES, found }));
        }
        let inventory = Inventory { text: task::text(&lines), digest: self.array().digest(&lines) };
        let card = Card {
            notes: vec![
                "it makes whole pieces of noise at once, each as long as those it learned from".to_owned(),
            ],
            ..task::card(&lessons, &lines, &groups, &inventory.digest)
        };
        let training = Training::new(recipe, lessons);
        let learner = AdversarialLearner { training, card, faults, check: Check::default() };
        Ok(Ready { learner: Box::new(learner), inventory })
    }

    fn difference(&self, was: &str, now: &str) -> String {
        self.array().difference(was, now)
    }
}

/// A training with what its models' users should know.
#[derive(Debug)]
struct AdversarialLearner {
    training: Training,
    card: Card,
    faults: Vec<String>,
    check: Check,
}

impl Learner for AdversarialLearner {
    fn units(&self) -> Units {
        Units { items: "pieces", loss: "nats of the discriminator", valid: "of distance" }
    }

    fn described(&self) -> Described {
        let lessons = &self.training.lessons;
        let taken = if lessons.scale.is_binary() { "on or off" } else { "quantities" };
        let mut summary = format!(
            "{} pieces to learn from, {} held out, {} copies dropped; {} frames of {} features, taken for {taken}; pieces to learn \
             from have a distance of {:.4} from those held out, which is as near as can be hoped for",
            lessons.train.len(),
            lessons.valid.len(),
            lessons.copies,
            lessons.frames(),
            lessons.features(),
            self.training.floor,
        );
        for fault in &self.faults {
            summary.push_str("; ");
            summary.push_str(fault);
        }
        Described { summary, ..Described::default() }
    }

    fn parameters(&self) -> usize {
        self.training.weights().count()
    }

    fn use_threads(&mut self, threads: usize) {
        self.training.use_threads(threads);
    }

    fn place(&self) -> Place {
        self.training.place()
    }

    fn steps_in_epoch(&self) -> usize {
        self.training.recipe.steps
    }

    fn epochs(&self) -> u32 {
        self.training.recipe.epochs
    }

    fn patience(&self) -> u32 {
        match self.training.recipe.patience {
            0 => u32::MAX,
            patience => patience,
        }
    }

    fn rate(&self, _: u64) -> f32 {
        self.training.recipe.learning_rate
    }

    fn step(&mut self) -> Result<StepReport, RunError> {
        Ok(self.training.step())
    }

    fn validate(&mut self) -> Result<Vec<PartMetric>, RunError> {
        self.check = self.training.check();
        let Check { distance, .. } = self.check;
        let pieces = self.training.recipe.measured;
        Ok(vec![PartMetric {
            name: "made pieces".to_owned(),
            pieces,
            valid: distance,
            loss: distance,
            is_known: false,
        }])
    }

    fn remarks(&self) -> Vec<String> {
        let Check { distance, told_apart, distinct, spread } = self.check;
        let [generator, discriminator] = self.training.costs;
        let mut remarks = vec![format!(
            "generator {generator:.3} nats, discriminator {discriminator:.3}; it tells {:.0} % of held-out pieces from made \
             ones; {:.0} % of those differ, and lie {:.0} % as far apart; distance {distance:.4}, of training pieces {:.4}",
            100.0 * told_apart,
            100.0 * distinct,
            100.0 * spread,
            self.training.floor,
        )];
        if distinct < FEWEST_DISTINCT || spread < LEAST_SPREAD {
            remarks.push(
                "the generator has collapsed: its pieces are much the same; begin again with more --dropout or a lower \
                 --learning-rate"
                    .to_owned(),
            );
        }
        if !(generator + discriminator).is_finite() || told_apart > ALWAYS_RIGHT {
            remarks.push(
                "the discriminator is always right, so that the generator learns nothing: begin again with more --dropout, or give \
                 it more pieces"
                    .to_owned(),
            );
        }
        remarks
    }

    fn model(&self, name: &str, measured: &[PartMetric]) -> Vec<u8> {
        let epochs = self.training.place().epoch;
        let mut card = Card { name: name.to_owned(), epochs, ..self.card.clone() };
        for part in measured {
            card.numbers.insert(format!("distance of {} from held-out ones", part.name), part.valid);
        }
        card.numbers.insert("distance of training pieces from held-out ones".to_owned(), self.training.floor);
        let Training { generator, lessons, recipe, .. } = &self.training;
        let weights = (generator.shape, self.training.weights());
        Model::new(weights, lessons.scale.clone(), recipe.clone(), card).to_bytes()
    }

    fn check_model(&self, bytes: &[u8]) -> Result<(), String> {
        Model::from_bytes(bytes).map(|_| ()).map_err(|error| error.to_string())
    }

    fn state(&self) -> Weights {
        self.training.state()
    }

    fn restore(&mut self, state: &Weights, place: Place) -> Result<(), NnError> {
        self.training.restore(state, place)
    }
}
