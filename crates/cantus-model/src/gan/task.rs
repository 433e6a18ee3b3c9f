//! The engine `gan` as a run sees it.

use std::path::{Path, PathBuf};

use cantus_nn::{NnError, Weights};

use super::model::{Model, VERSION};
use super::phrase::Phrase;
use super::recipe::Recipe;
use super::set::{PhraseSet, PiecePhrases};
use super::sheet;
use super::training::{Costs, Measured, Training};
use crate::corpus::{Corpus, Progress, ScanOptions, Split};
use crate::model::Card;
use crate::run::{Described, Learner, PartMetric, Place, Ready, RunError, StepReport, Task, Units};
use crate::styles::Style;
use crate::training::{given::Given, inventory};

/// Music to be learnt as phrases by two networks against each other.
#[derive(Debug, Clone, PartialEq)]
pub struct GanTask {
    /// Files and folders of music.
    pub paths: Vec<PathBuf>,
    /// How they are read and divided.
    pub scan: ScanOptions,
    /// How the networks learn.
    pub recipe: Recipe,
}

impl GanTask {
    /// The engine's name.
    pub const ENGINE: &str = "gan";
    /// The version of what its networks are asked.
    pub const VERSION: u32 = VERSION;

    /// Music that is read as usual.
    pub fn new(paths: &[PathBuf], recipe: Recipe) -> Self {
        Self { paths: paths.to_vec(), scan: ScanOptions::default(), recipe }
    }

    /// Reads the tables that [`Task::data`] and [`Task::recipe`] made, or says what is wrong with them.
    pub(crate) fn read(data: &toml::Table, recipe: &toml::Table) -> Result<Self, String> {
        let Given { paths, scan, .. } = Given::read(data)?;
        let recipe = Recipe::read(&recipe.to_string()).map_err(|error| error.to_string())?;
        Ok(Self { paths, scan, recipe })
    }
}

impl Task for GanTask {
    fn engine(&self) -> &'static str {
        Self::ENGINE
    }

    fn version(&self) -> u32 {
        Self::VERSION
    }

    fn data(&self) -> Result<toml::Table, RunError> {
        Given { paths: self.paths.clone(), scan: self.scan, base: None }.table()
    }

    fn recipe(&self) -> toml::Table {
        // By way of the text, for a number keeps its short decimal form there.
        self.recipe.write().parse().unwrap_or_default()
    }

    fn prepare(&self, _: &Path, progress: &(dyn Fn(Progress) + Sync)) -> Result<Ready, RunError> {
        let recipe = Recipe::read(&self.recipe.write())?;
        let chosen = (recipe.phrases_per_style, recipe.seed);
        let (set, corpus) = PhraseSet::read(&self.paths, &self.scan, chosen, progress)?;
        let inventory = inventory::of_corpus(&corpus);
        let card = Card::of_corpus("", &corpus);
        let summary = summary(&set, &corpus);
        let training = Training::new(recipe, set);
        let learner = GanLearner { training, card, summary, measured: Vec::new(), costs: Costs::default() };
        Ok(Ready { learner: Box::new(learner), inventory })
    }

    fn difference(&self, was: &str, now: &str) -> String {
        inventory::difference(was, now)
    }
}

fn summary(set: &PhraseSet, corpus: &Corpus<PiecePhrases>) -> String {
    let [train, valid, test] = Split::ALL.map(|split| set.of(split).iter().map(Vec::len).sum::<usize>());
    format!(
        "{train} phrases of four bars to learn from, {valid} to measure by, {test} kept for the end; {} copies dropped, \
         {} files or tunes skipped, {} faults forgiven",
        corpus.duplicates,
        corpus.skipped.len(),
        corpus.warnings
    )
}

/// A training with what its models' users should know.
#[derive(Debug)]
struct GanLearner {
    training: Training,
    card: Card,
    summary: String,
    /// What was measured last, by style.
    measured: Vec<Measured>,
    /// What steps cost of late.
    costs: Costs,
}

/// With a smaller share of different phrases, the generator has collapsed.
const FEWEST_DISTINCT: f64 = 0.9;
/// Losses of a generator that has lost its way.
const LOST: f64 = 20.0;

impl GanLearner {
    /// What is wrong with the networks, and what to do.
    fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        let names = self.training.set.styles.iter().map(|style| &style.name);
        for (name, measured) in names.zip(&self.measured) {
            if measured.distinct < FEWEST_DISTINCT {
                warnings.push(format!(
                    "the generator has collapsed in {name}: only {:.0} % of its phrases differ; begin again with a larger \
                     penalty or a lower learning_rate",
                    100.0 * measured.distinct
                ));
            } else if measured.phrases.iter().all(|phrase| phrase.notes.is_empty()) {
                warnings.push(format!("the generator is silent in {name}: begin again with another seed"));
            }
        }
        let Costs { generator, discriminator, .. } = self.costs;
        if !(generator + discriminator).is_finite() || generator > LOST {
            warnings.push(format!(
                "the networks diverge: the generator's loss is {generator:.1}; begin again with a lower learning_rate"
            ));
        }
        warnings
    }
}

impl Learner for GanLearner {
    fn units(&self) -> Units {
        Units { items: "phrases", loss: "nats of the discriminator", valid: "bits of divergence" }
    }

    fn described(&self) -> Described {
        let set = &self.training.set;
        let row = |(index, name): (usize, &String)| {
            let counts = Split::ALL.map(|split| set.of(split)[index].len().to_string());
            [name.clone()].into_iter().chain(counts).collect()
        };
        Described {
            summary: self.summary.clone(),
            columns: ["style", "phrases learnt", "validation", "test"].map(str::to_owned).into(),
            rows: set.styles.iter().map(|style| &style.name).enumerate().map(row).collect(),
            notes: None,
            advice: None,
        }
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

    fn rate(&self, step: u64) -> f32 {
        self.training.rate(step)
    }

    fn step(&mut self) -> Result<StepReport, RunError> {
        let report = self.training.step();
        self.costs = self.costs.towards(self.training.costs);
        Ok(report)
    }

    fn validate(&mut self) -> Result<Vec<PartMetric>, RunError> {
        self.measured = self.training.measure();
        let metric = |(style, measured): (&Style, &Measured)| PartMetric {
            name: style.name.clone(),
            pieces: measured.phrases.len(),
            valid: measured.divergence,
            loss: measured.divergence,
            is_known: false,
        };
        Ok(self.training.set.styles.iter().zip(&self.measured).map(metric).collect())
    }

    fn remarks(&self) -> Vec<String> {
        let Costs { generator, discriminator, penalty, listener, pleased } = self.costs;
        let count = self.measured.len().max(1) as f64;
        let mean = |of: fn(&Measured) -> f64| self.measured.iter().map(of).sum::<f64>() / count;
        let mut remarks = vec![format!(
            "generator {generator:.3} nats, discriminator {discriminator:.3} and a penalty of {penalty:.3}; it tells {:.0} % of \
             held-out phrases from made ones; {:.1} % of those differ",
            100.0 * mean(|measured| measured.told_apart),
            100.0 * mean(|measured| measured.distinct),
        )];
        if listener > 0.0 {
            remarks.push(format!(
                "listener {listener:.3} nats, of which the generator pays {pleased:.3}; it hears the style in {:.0} % of held-out \
                 phrases and {:.0} % of made ones",
                100.0 * mean(|measured| measured.heard[0]),
                100.0 * mean(|measured| measured.heard[1]),
            ));
        }
        remarks.extend(self.warnings());
        remarks
    }

    fn picture(&self) -> String {
        let names = self.training.set.styles.iter().map(|style| style.name.as_str());
        let phrases: Vec<(&str, Vec<&Phrase>)> = names
            .zip(&self.measured)
            .map(|(name, measured)| (name, measured.phrases.iter().take(4).collect()))
            .collect();
        sheet::draw(&phrases)
    }

    fn model(&self, name: &str, measured: &[PartMetric]) -> Vec<u8> {
        let epochs = self.training.place().epoch;
        let mut card = Card { name: name.to_owned(), epochs, ..self.card.clone() };
        for part in measured {
            card.numbers.insert(format!("validation divergence in bits, {}", part.name), part.valid);
        }
        let Training { set, recipe, .. } = &self.training;
        let habits = |style: usize| self.measured.get(style).map(|measured| measured.habits.clone());
        let habits = (0..set.styles.len()).map(|style| habits(style).unwrap_or_default()).collect();
        Model::new(self.training.weights(), (set.styles.clone(), habits), recipe.clone(), card).to_bytes()
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
