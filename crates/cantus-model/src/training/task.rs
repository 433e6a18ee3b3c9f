//! The engine `slices` as a run sees it: music on the grid, learnt by the recurrent network of slices.

use std::path::{Path, PathBuf};

use cantus_nn::{NnError, Precision, Tape, Weights};
use serde::{Deserialize, Serialize};

use super::{Training, TrainingSet, inventory};
use crate::corpus::{self, Copies, Corpus, Progress, ScanOptions};
use crate::evaluate::Evaluation;
use crate::model::{Card, Model, VERSION};
use crate::recipe::Recipe;
use crate::run::{Described, Learner, PartMetric, Place, Ready, RunError, StepReport, Task, Units};

/// Music to be learnt as slices.
#[derive(Debug, Clone, PartialEq)]
pub struct SliceTask {
    /// Files and folders of music.
    pub paths: Vec<PathBuf>,
    /// How they are read and divided.
    pub scan: ScanOptions,
    /// How the network is built and trained.
    pub recipe: Recipe,
}

/// The music of a run as `run.toml` tells of it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Source {
    /// The files and folders given, from the root.
    paths: Vec<String>,
    /// `drop`, `keep-named` or `keep`: what becomes of pieces that stand there twice.
    copies: String,
    /// How many notes in a row two pieces must share to belong together.
    run: usize,
    /// The largest file that is read, in bytes.
    largest_file: u64,
}

const COPIES: [(&str, Copies); 3] =
    [("drop", Copies::Drop), ("keep-named", Copies::KeepNamed), ("keep", Copies::Keep)];

impl SliceTask {
    /// The engine's name.
    pub const ENGINE: &str = "slices";
    /// The version of what its networks are asked.
    pub const VERSION: u32 = VERSION;

    /// Music that is read as usual.
    pub fn new(paths: &[PathBuf], recipe: Recipe) -> Self {
        Self { paths: paths.to_vec(), scan: ScanOptions::default(), recipe }
    }

    /// Reads the tables that [`Task::data`] and [`Task::recipe`] made, or says what is wrong with them.
    pub(crate) fn read(data: &toml::Table, recipe: &toml::Table) -> Result<Self, String> {
        let source: Source = data.clone().try_into().map_err(|error| error.to_string())?;
        let copies = COPIES.iter().find(|(name, _)| *name == source.copies).map(|(_, copies)| *copies);
        let copies = copies.ok_or_else(|| format!("copies is {}", source.copies))?;
        let recipe = Recipe::read(&recipe.to_string()).map_err(|error| error.to_string())?;
        let scan = ScanOptions { copies, run: source.run, largest_file: source.largest_file };
        Ok(Self { paths: source.paths.iter().map(PathBuf::from).collect(), scan, recipe })
    }
}

impl Task for SliceTask {
    fn engine(&self) -> &'static str {
        Self::ENGINE
    }

    fn version(&self) -> u32 {
        Self::VERSION
    }

    fn data(&self) -> Result<toml::Table, RunError> {
        let text = |path: &PathBuf| {
            let whole = std::path::absolute(path).unwrap_or_else(|_| path.clone());
            whole.to_str().map(str::to_owned).ok_or_else(|| RunError::PathText(path.clone()))
        };
        let copies = COPIES.iter().find(|(_, copies)| *copies == self.scan.copies);
        let source = Source {
            paths: self.paths.iter().map(text).collect::<Result<_, _>>()?,
            copies: copies.map_or("drop", |(name, _)| name).to_owned(),
            run: self.scan.run,
            largest_file: self.scan.largest_file,
        };
        // A struct of plain numbers and strings always has a TOML form.
        Ok(toml::Table::try_from(source).unwrap_or_default())
    }

    fn recipe(&self) -> toml::Table {
        // By way of the text, for a number keeps its short decimal form there.
        self.recipe.write().parse().unwrap_or_default()
    }

    fn prepare(&self, folder: &Path, progress: &(dyn Fn(Progress) + Sync)) -> Result<Ready, RunError> {
        let recipe = Recipe::read(&self.recipe.write())?;
        let (set, corpus) =
            TrainingSet::read(&self.paths, &self.scan, recipe.transposition, folder, progress)?;
        let learner = SliceLearner {
            card: Card::of_corpus("", &corpus),
            summary: summary(&corpus),
            training: Training::new(recipe, set, 1)?,
        };
        Ok(Ready { learner: Box::new(learner), inventory: inventory::of_corpus(&corpus) })
    }

    fn difference(&self, was: &str, now: &str) -> String {
        inventory::difference(was, now)
    }
}

fn summary<Music>(corpus: &Corpus<Music>) -> String {
    let [train, valid, test] = corpus::Split::ALL.map(|split| corpus.of(split).count());
    format!(
        "{train} pieces to learn from, {valid} to stop by, {test} kept for the end; {} copies dropped, \
         {} files or tunes skipped, {} faults forgiven",
        corpus.duplicates,
        corpus.skipped.len(),
        corpus.warnings
    )
}

/// A training with what its models' users should know.
#[derive(Debug)]
struct SliceLearner {
    training: Training,
    card: Card,
    summary: String,
}

impl Learner for SliceLearner {
    fn units(&self) -> Units {
        Units { items: "slices", loss: "nats a slice", valid: "nats a note" }
    }

    fn described(&self) -> Described {
        let row = |style: &crate::model::CardStyle| {
            let counts = [style.train, style.valid, style.test].map(|count| count.to_string());
            [style.name.clone()].into_iter().chain(counts).collect()
        };
        Described {
            summary: self.summary.clone(),
            columns: ["style", "learnt", "validation", "test"].map(str::to_owned).into(),
            rows: self.card.styles.iter().map(row).collect(),
        }
    }

    fn parameters(&self) -> usize {
        self.training.weights().count()
    }

    fn use_threads(&mut self, threads: usize) {
        self.training.tape = Tape::new(threads);
    }

    fn place(&self) -> Place {
        self.training.place()
    }

    fn steps_in_epoch(&self) -> usize {
        self.training.steps_in_epoch()
    }

    fn epochs(&self) -> u32 {
        self.training.recipe.epochs
    }

    fn patience(&self) -> u32 {
        self.training.recipe.patience
    }

    fn rate(&self, step: u64) -> f32 {
        self.training.rate(step)
    }

    fn step(&mut self) -> Result<StepReport, RunError> {
        Ok(self.training.step()?)
    }

    fn validate(&mut self) -> Result<Vec<PartMetric>, RunError> {
        let evaluations = self.training.validate()?;
        let named = self.training.set.styles.iter().zip(evaluations);
        let metric = |name: &str, evaluation: &Evaluation| PartMetric {
            name: name.to_owned(),
            pieces: evaluation.pieces.len(),
            valid: evaluation.per_note(),
            loss: evaluation.per_slice(),
        };
        let measured = named.filter(|(_, evaluation)| evaluation.notes > 0);
        Ok(measured.map(|(style, evaluation)| metric(&style.name, &evaluation)).collect())
    }

    fn model(&self, name: &str, measured: &[PartMetric]) -> Vec<u8> {
        let mut card = Card { name: name.to_owned(), epochs: self.training.epoch(), ..self.card.clone() };
        for part in measured {
            card.numbers.insert(format!("validation nats a note, {}", part.name), part.valid);
        }
        self.training.model(card).to_bytes(Precision::Bf16)
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
