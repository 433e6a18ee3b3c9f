//! The engine `array` as a run sees it.

use std::path::Path;

use cantus_nn::{NnError, Tensor, Weights};
use cantus_score::npy::Array;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{ArrayError, Evaluation, Lessons, Model, Recipe, Source, Target, Training, VERSION, open};
use crate::corpus::{LedgerEntry, Progress, Rights, hex};
use crate::model::{Card, CardSource, CardStyle};
use crate::run::{
    Described, Inventory, Learner, PartMetric, Place, Ready, RunError, StepReport, Task, Units,
};

/// An array to be learnt.
#[derive(Debug, Clone, PartialEq)]
pub struct ArrayTask {
    /// Where the array lies.
    pub source: Source,
    /// How the network is built and trained.
    pub recipe: Recipe,
}

/// The array of a run as `run.toml` tells of it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Data {
    /// The file, from the root.
    path: String,
    /// The array's name in an archive.
    #[serde(skip_serializing_if = "Option::is_none")]
    array: Option<String>,
}

/// The line of `corpus.jsonl`.
#[derive(Serialize, Deserialize)]
struct Line {
    /// The file's name.
    name: String,
    shape: Vec<usize>,
    /// The kind of its numbers.
    kind: String,
    /// SHA-256 over shape, kind and numbers.
    numbers: String,
    #[serde(flatten)]
    ledger: LedgerEntry,
}

impl ArrayTask {
    /// The engine's name.
    pub const ENGINE: &str = "array";
    /// The version of what its networks are asked.
    pub const VERSION: u32 = VERSION;

    /// Reads the tables that [`Task::data`] and [`Task::recipe`] made, or says what is wrong with them.
    pub(crate) fn read(data: &toml::Table, recipe: &toml::Table) -> Result<Self, String> {
        let Data { path, array: name } = data.clone().try_into().map_err(|error| error.to_string())?;
        let recipe = Recipe::read(&recipe.to_string()).map_err(|error| error.to_string())?;
        Ok(Self { source: Source { file: path.into(), name }, recipe })
    }

    fn failed(&self, source: ArrayError) -> RunError {
        RunError::Array { path: self.source.file.clone(), source }
    }

    /// The file's name, and the array's where it has one.
    fn name(&self) -> String {
        let file = self.source.file.file_name().unwrap_or_default().to_string_lossy();
        self.source.name.as_ref().map_or_else(|| file.to_string(), |name| format!("{file}#{name}"))
    }
}

impl Task for ArrayTask {
    fn engine(&self) -> &'static str {
        Self::ENGINE
    }

    fn version(&self) -> u32 {
        Self::VERSION
    }

    fn data(&self) -> Result<toml::Table, RunError> {
        let file = &self.source.file;
        let whole = std::path::absolute(file).unwrap_or_else(|_| file.clone());
        let path = whole.to_str().ok_or_else(|| RunError::PathText(file.clone()))?.to_owned();
        let data = Data { path, array: self.source.name.clone() };
        // A struct of plain strings always has a TOML form.
        Ok(toml::Table::try_from(data).unwrap_or_default())
    }

    fn recipe(&self) -> toml::Table {
        // By way of the text, for a number keeps its short decimal form there.
        self.recipe.write().parse().unwrap_or_default()
    }

    fn prepare(&self, _: &Path, progress: &(dyn Fn(Progress) + Sync)) -> Result<Ready, RunError> {
        let recipe = self.recipe.clone().checked()?;
        let (read, hash) = open(&self.source).map_err(|error| self.failed(error))?;
        progress(Progress { done: 1, files: 1 });
        let folder = self.source.file.parent().filter(|folder| !folder.as_os_str().is_empty());
        let terms = Rights::of_folder(folder.unwrap_or(Path::new(".")), &Rights::default(), &mut Vec::new());
        let array = read.value;
        let line = Line {
            name: self.name(),
            shape: array.shape().to_vec(),
            kind: array.element().to_string(),
            numbers: digest(&array),
            ledger: LedgerEntry { source: self.source.file.clone(), hash, terms, ..LedgerEntry::default() },
        };
        let lessons = Lessons::new(array, &recipe).map_err(|error| self.failed(error))?;
        let inventory = Inventory {
            text: serde_json::to_string(&line).unwrap_or_default() + "\n",
            digest: line.numbers.clone(),
        };
        let faults = read.warnings.iter().map(ToString::to_string).collect();
        let learner = ArrayLearner::new(Training::new(recipe, lessons)?, &line, faults);
        Ok(Ready { learner: Box::new(learner), inventory })
    }

    fn difference(&self, was: &str, now: &str) -> String {
        let line = |text: &str| serde_json::from_str::<Line>(text.trim()).ok();
        match (line(was), line(now)) {
            (Some(was), Some(now)) if was.shape != now.shape => {
                format!("{} had the shape {:?} and has {:?} now", was.name, was.shape, now.shape)
            }
            (Some(was), Some(now)) if was.kind != now.kind => {
                format!("{} held {} and holds {} now", was.name, was.kind, now.kind)
            }
            _ => format!("{} holds other numbers now", self.name()),
        }
    }
}

/// SHA-256 over shape, kind and numbers, wherever they lie and however they are packed.
fn digest(array: &Array) -> String {
    let mut hash = Sha256::new();
    hash.update(format!("{:?} {}\n", array.shape(), array.element()));
    hash.update(array.bytes());
    hex(&hash.finalize())
}

/// A training with what its models' users should know.
#[derive(Debug)]
struct ArrayLearner {
    training: Training,
    card: Card,
    baseline: f64,
    faults: Vec<String>,
    /// The errors of the last validation, `[frames, features]`.
    errors: Vec<f32>,
}

const ERRORS: &str = "errors";

impl ArrayLearner {
    fn new(training: Training, line: &Line, faults: Vec<String>) -> Self {
        let said = |value: &Option<String>| value.clone().unwrap_or_else(|| "not stated".into());
        let terms = &line.ledger.terms;
        let (train, valid) = (training.lessons.train.len() as u32, training.lessons.valid.len() as u32);
        let source = CardSource {
            credit: terms.credit.clone().unwrap_or_else(|| line.name.clone()),
            licence: said(&terms.licence),
            rights: said(&terms.rights),
            pieces: train,
            composers: Vec::new(),
        };
        let card = Card {
            sources: vec![source],
            styles: vec![CardStyle { name: line.name.clone(), train, valid, test: 0 }],
            ledger: line.numbers.clone(),
            notes: notes(&training),
            ..Card::default()
        };
        Self { baseline: training.lessons.baseline(), training, card, faults, errors: Vec::new() }
    }

    fn is_binary(&self) -> bool {
        self.training.lessons.scale.is_binary()
    }
}

/// What the users of a model should know.
fn notes(training: &Training) -> Vec<String> {
    let lessons = &training.lessons;
    let mut notes = vec![if lessons.scale.is_binary() {
        "numbers are on or off; each feature of a frame is drawn by itself with its own chance".to_owned()
    } else {
        "numbers are quantities; to the number expected an error is added that the network made on held-out music"
            .to_owned()
    }];
    if training.recipe.target == Target::Same {
        notes.push("it tells the frame that it reads, for comparison; it cannot compose".to_owned());
    }
    let constants = lessons.scale.constants();
    if !constants.is_empty() {
        let list = ranges(&constants);
        notes.push(format!("features {list} never changed in training and are composed as they were"));
    }
    notes
}

/// Rising numbers in words: `0–20, 45, 97–127`.
fn ranges(numbers: &[usize]) -> String {
    let runs = numbers.chunk_by(|one, next| one + 1 == *next);
    let word = |run: &[usize]| match run {
        [first, .., last] => format!("{first}–{last}"),
        [one] => one.to_string(),
        [] => String::new(),
    };
    runs.map(word).collect::<Vec<_>>().join(", ")
}

impl Learner for ArrayLearner {
    fn units(&self) -> Units {
        let loss = if self.is_binary() { "nats a frame" } else { "squared error a number" };
        Units { items: "frames", loss, valid: loss }
    }

    fn described(&self) -> Described {
        let lessons = &self.training.lessons;
        let taken = if self.is_binary() { "on or off" } else { "quantities" };
        let mut summary = format!(
            "{} pieces to learn from, {} held out, {} copies dropped; {} frames of {} features, taken for {taken}; \
             knowing only each feature's mean costs {:.4} {}",
            lessons.train.len(),
            lessons.valid.len(),
            lessons.copies,
            lessons.frames(),
            lessons.features(),
            self.baseline,
            self.units().valid,
        );
        for remark in self.faults.iter().chain(self.card.notes.iter().skip(1)) {
            summary.push_str("; ");
            summary.push_str(remark);
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
        self.training.steps_in_epoch()
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
        Ok(self.training.step())
    }

    fn validate(&mut self) -> Result<Vec<PartMetric>, RunError> {
        let evaluation = self.training.validate();
        let loss = evaluation.per_frame();
        let Evaluation { pieces, errors, .. } = evaluation;
        self.errors = errors;
        Ok(vec![PartMetric { name: "held out".to_owned(), pieces, valid: loss, loss, is_known: false }])
    }

    fn model(&self, name: &str, measured: &[PartMetric]) -> Vec<u8> {
        let unit = self.units().valid;
        let mut card =
            Card { name: name.to_owned(), epochs: self.training.place().epoch, ..self.card.clone() };
        card.numbers.insert(format!("{unit}, knowing only each feature's mean"), self.baseline);
        for part in measured {
            card.numbers.insert(format!("{unit}, {}", part.name), part.valid);
        }
        Model {
            network: self.training.network.clone(),
            params: self.training.weights().clone(),
            scale: self.training.lessons.scale.clone(),
            frames: self.training.lessons.frames(),
            errors: self.errors.clone(),
            recipe: self.training.recipe.clone(),
            card,
            digest: String::new(),
        }
        .to_bytes()
    }

    fn check_model(&self, bytes: &[u8]) -> Result<(), String> {
        Model::from_bytes(bytes).map(|_| ()).map_err(|error| error.to_string())
    }

    fn state(&self) -> Weights {
        let mut state = self.training.state();
        let features = self.training.lessons.features();
        if let Ok(errors) = Tensor::new(&[self.errors.len() / features, features], self.errors.clone()) {
            state.insert(ERRORS, errors);
        }
        state
    }

    fn restore(&mut self, state: &Weights, place: Place) -> Result<(), NnError> {
        let errors = state.get(ERRORS).ok_or_else(|| NnError::Missing { name: ERRORS.to_owned() })?;
        self.training.restore(state, place)?;
        self.errors = errors.data().to_vec();
        Ok(())
    }
}
