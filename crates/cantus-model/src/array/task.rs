//! The engine `array` as a run sees it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use cantus_nn::{NnError, Tensor, Weights};
use cantus_score::npy::Array;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::clips::{Clip, ClipArray, Clips, Telling};
use super::{
    ArrayError, Evaluation, Lessons, Model, Recipe, Source, Target, Training, VERSION, Values, open,
};
use crate::corpus::{LedgerEntry, Progress, Rights, Skipped, hex};
use crate::model::{Card, CardSource, CardStyle};
use crate::run::{
    Described, Inventory, Learner, PartMetric, Place, Ready, RunError, StepReport, Task, Units,
};

/// What the array engine learns from.
#[derive(Debug, Clone, PartialEq)]
pub enum Music {
    /// An array in a file.
    Array(Source),
    /// Sound.
    Clips(Clips),
}

/// An array, or sound as one, to be learnt.
#[derive(Debug, Clone, PartialEq)]
pub struct ArrayTask {
    /// What is learnt from.
    pub music: Music,
    /// How the network is built and trained.
    pub recipe: Recipe,
}

/// The music of a run as `run.toml` tells of it.
#[derive(Serialize, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
enum Data {
    Array {
        /// The file, from the root.
        path: String,
        /// The array's name in an archive.
        #[serde(skip_serializing_if = "Option::is_none")]
        array: Option<String>,
    },
    Clips {
        /// Files and folders, from the root.
        clips: Vec<String>,
        /// How they are told.
        telling: Telling,
    },
}

/// A line of `corpus.jsonl`: an array, or a clip of sound.
#[derive(Serialize, Deserialize)]
pub(super) struct Line {
    /// The file's name.
    name: String,
    /// The shape of the array, or of what a clip became.
    shape: Vec<usize>,
    /// The kind of its numbers.
    kind: String,
    /// SHA-256 over shape, kind and numbers; of a clip over its file.
    numbers: String,
    #[serde(flatten)]
    ledger: LedgerEntry,
}

/// What was read, before it is divided.
pub(super) struct Heard {
    pub(super) array: Array,
    pub(super) groups: Vec<usize>,
    pub(super) lines: Vec<Line>,
    pub(super) faults: Vec<String>,
}

impl ArrayTask {
    /// The engine's name.
    pub const ENGINE: &str = "array";
    /// The version of what its networks are asked.
    pub const VERSION: u32 = VERSION;

    /// Reads the tables that [`Task::data`] and [`Task::recipe`] made, or says what is wrong with them.
    pub(crate) fn read(data: &toml::Table, recipe: &toml::Table) -> Result<Self, String> {
        let music = music(data)?;
        let recipe = Recipe::read(&recipe.to_string()).map_err(|error| error.to_string())?;
        Ok(Self { music, recipe })
    }

    fn failed(&self, source: ArrayError) -> RunError {
        let path = match &self.music {
            Music::Array(source) => source.file.clone(),
            Music::Clips(clips) => clips.paths.first().cloned().unwrap_or_default(),
        };
        RunError::Array { path, source }
    }

    fn telling(&self) -> Option<Telling> {
        match &self.music {
            Music::Array(_) => None,
            Music::Clips(clips) => Some(clips.telling),
        }
    }

    pub(super) fn hear(&self, progress: &(dyn Fn(Progress) + Sync)) -> Result<Heard, ArrayError> {
        match &self.music {
            Music::Array(source) => {
                let heard = heard_array(source);
                progress(Progress { done: 1, files: 1 });
                heard
            }
            Music::Clips(clips) => clips.read(progress).map(heard_clips),
        }
    }
}

/// The music that a table of a run's data names.
pub(super) fn music(data: &toml::Table) -> Result<Music, String> {
    Ok(match data.clone().try_into().map_err(|error: toml::de::Error| error.to_string())? {
        Data::Array { path, array: name } => Music::Array(Source { file: path.into(), name }),
        Data::Clips { clips, telling } => {
            Music::Clips(Clips { paths: clips.into_iter().map(PathBuf::from).collect(), telling })
        }
    })
}

fn heard_array(source: &Source) -> Result<Heard, ArrayError> {
    let (read, hash) = open(source)?;
    let array = read.value;
    let line = Line {
        name: source.to_string(),
        shape: array.shape().to_vec(),
        kind: array.element().to_string(),
        numbers: digest(&array),
        ledger: LedgerEntry {
            source: source.file.clone(),
            hash,
            terms: terms_of(&source.file),
            ..LedgerEntry::default()
        },
    };
    let groups = (0..array.shape().first().copied().unwrap_or(0)).collect();
    let faults = read.warnings.iter().map(ToString::to_string).collect();
    Ok(Heard { array, groups, lines: vec![line], faults })
}

fn heard_clips(read: ClipArray) -> Heard {
    let ClipArray { array, groups, clips, skipped } = read;
    let inner = array.shape().get(1..).unwrap_or_default().to_vec();
    let line = |clip: Clip| Line {
        name: clip.path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        shape: [vec![clip.pieces], inner.clone()].concat(),
        kind: array.element().to_string(),
        numbers: clip.hash.clone(),
        ledger: LedgerEntry {
            terms: terms_of(&clip.path),
            source: clip.path,
            hash: clip.hash,
            ..LedgerEntry::default()
        },
    };
    let lines = clips.into_iter().map(line).collect();
    let fault = |Skipped { path, reason }: Skipped| format!("left out {}: {reason}", path.display());
    Heard { array, groups, lines, faults: skipped.into_iter().map(fault).collect() }
}

/// The terms of a file's folder.
fn terms_of(file: &Path) -> Rights {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    Rights::of_folder(folder.unwrap_or(Path::new(".")), &Rights::default(), &mut Vec::new())
}

/// A path from the root, as text.
fn whole(path: &Path) -> Result<String, RunError> {
    let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    whole.to_str().map(str::to_owned).ok_or_else(|| RunError::PathText(path.to_owned()))
}

impl Task for ArrayTask {
    fn engine(&self) -> &'static str {
        Self::ENGINE
    }

    fn version(&self) -> u32 {
        Self::VERSION
    }

    fn data(&self) -> Result<toml::Table, RunError> {
        let data = match &self.music {
            Music::Array(source) => Data::Array { path: whole(&source.file)?, array: source.name.clone() },
            Music::Clips(Clips { paths, telling }) => {
                let clips = paths.iter().map(|path| whole(path)).collect::<Result<_, _>>()?;
                Data::Clips { clips, telling: *telling }
            }
        };
        // A struct of plain strings and numbers always has a TOML form.
        Ok(toml::Table::try_from(data).unwrap_or_default())
    }

    fn recipe(&self) -> toml::Table {
        // By way of the text, for a number keeps its short decimal form there.
        self.recipe.write().parse().unwrap_or_default()
    }

    fn prepare(&self, _: &Path, progress: &(dyn Fn(Progress) + Sync)) -> Result<Ready, RunError> {
        let mut recipe = self.recipe.clone().checked()?;
        if self.telling().is_some() {
            // Levels are quantities, whatever they happen to be.
            recipe.values = Values::Real;
        }
        let Heard { array, groups, lines, faults } =
            self.hear(progress).map_err(|error| self.failed(error))?;
        let lessons = match self.music {
            Music::Array(_) => Lessons::new(array, &recipe),
            Music::Clips(_) => Lessons::of_groups(array, &groups, &recipe),
        };
        let lessons = lessons.map_err(|error| self.failed(error))?;
        let text = text(&lines);
        let digest = self.digest(&lines);
        let card = card(&lessons, &lines, &groups, &digest);
        let training = Training::new(recipe, lessons)?;
        let learner = ArrayLearner::new(training, card, faults, self.telling());
        Ok(Ready { learner: Box::new(learner), inventory: Inventory { text, digest } })
    }

    fn difference(&self, was: &str, now: &str) -> String {
        let lines = |text: &str| {
            text.lines().filter_map(|line| serde_json::from_str::<Line>(line).ok()).collect::<Vec<_>>()
        };
        let (was, now) = (lines(was), lines(now));
        if was.len() != now.len() {
            return format!("it had {} clips and has {} now", was.len(), now.len());
        }
        let other =
            was.iter().zip(&now).find(|(was, now)| was.name != now.name || was.numbers != now.numbers);
        match other.map_or((was.first(), now.first()), |(was, now)| (Some(was), Some(now))) {
            (Some(was), Some(now)) if was.name != now.name => {
                format!("it had {} and has {} now", was.name, now.name)
            }
            (Some(was), Some(now)) if was.shape != now.shape => {
                format!("{} had the shape {:?} and has {:?} now", was.name, was.shape, now.shape)
            }
            (Some(was), Some(now)) if was.kind != now.kind => {
                format!("{} held {} and holds {} now", was.name, was.kind, now.kind)
            }
            (Some(was), _) => format!("{} holds other numbers now", was.name),
            _ => "its music is another".to_owned(),
        }
    }
}

impl ArrayTask {
    /// A hash over all that training reads.
    pub(super) fn digest(&self, lines: &[Line]) -> String {
        if let (Music::Array(_), [line]) = (&self.music, lines) {
            return line.numbers.clone();
        }
        let mut hash = Sha256::new();
        hash.update(format!("{:?}\n", self.telling()));
        for line in lines {
            hash.update(format!("{} {:?}\n", line.numbers, line.shape));
        }
        hex(&hash.finalize())
    }
}

/// What a run keeps of its music: a line of JSON for each array or clip.
pub(super) fn text(lines: &[Line]) -> String {
    lines.iter().map(|line| serde_json::to_string(line).unwrap_or_default() + "\n").collect()
}

/// What the users of a model should know of its music: where what it learned from came from, and under which terms.
pub(super) fn card(lessons: &Lessons, lines: &[Line], groups: &[usize], digest: &str) -> Card {
    let mut sources: BTreeMap<[String; 3], u32> = BTreeMap::new();
    let learnt: BTreeSet<usize> =
        lessons.train.iter().filter_map(|piece| groups.get(*piece).copied()).collect();
    let said = |value: &Option<String>| value.clone().unwrap_or_else(|| "not stated".into());
    let is_one = lines.len() == 1;
    for (index, line) in lines.iter().enumerate() {
        let pieces = if is_one { lessons.train.len() as u32 } else { u32::from(learnt.contains(&index)) };
        let terms = &line.ledger.terms;
        let credit = terms.credit.clone().unwrap_or_else(|| line.name.clone());
        *sources.entry([credit, said(&terms.licence), said(&terms.rights)]).or_default() += pieces;
    }
    let sources =
        sources.into_iter().filter(|(_, pieces)| *pieces > 0).map(|([credit, licence, rights], pieces)| {
            CardSource { credit, licence, rights, pieces, composers: Vec::new() }
        });
    let name = if is_one { lines[0].name.clone() } else { "clips".to_owned() };
    let (train, valid) = (lessons.train.len() as u32, lessons.valid.len() as u32);
    Card {
        sources: sources.collect(),
        styles: vec![CardStyle { name, train, valid, test: 0 }],
        ledger: digest.to_owned(),
        ..Card::default()
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
    /// What a frame costs that is told without a network, by how it is told.
    baselines: Vec<(&'static str, f64)>,
    faults: Vec<String>,
    /// How sound was told, where it was sound.
    telling: Option<Telling>,
    /// The errors of the last validation, `[frames, features]`.
    errors: Vec<f32>,
}

const ERRORS: &str = "errors";

impl ArrayLearner {
    fn new(training: Training, card: Card, faults: Vec<String>, telling: Option<Telling>) -> Self {
        let lessons = &training.lessons;
        let mut baselines = vec![("knowing only each feature's mean", lessons.baseline())];
        baselines.extend(lessons.repeating().map(|cost| ("repeating the frame before", cost)));
        let card = Card { notes: notes(&training), ..card };
        Self { baselines, training, card, faults, telling, errors: Vec::new() }
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
            "{} pieces to learn from, {} held out, {} copies dropped; {} frames of {} features, taken for {taken}",
            lessons.train.len(),
            lessons.valid.len(),
            lessons.copies,
            lessons.frames(),
            lessons.features(),
        );
        for (how, cost) in &self.baselines {
            let _ = write!(summary, "; {how} costs {cost:.4} {}", self.units().valid);
        }
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
        for (how, cost) in &self.baselines {
            card.numbers.insert(format!("{unit}, {how}"), *cost);
        }
        for part in measured {
            card.numbers.insert(format!("{unit}, {}", part.name), part.valid);
        }
        Model {
            network: self.training.network.clone(),
            params: self.training.weights().clone(),
            scale: self.training.lessons.scale.clone(),
            frames: self.training.lessons.frames(),
            errors: self.errors.clone(),
            telling: self.telling,
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
