//! The engine `slices` as a run sees it: music on the grid, learnt by the recurrent network of slices.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use cantus_nn::{NnError, Precision, Tape, Weights};

use super::given::Given;
use super::{Prepared, Training, TrainingSet, Validated, base, inventory};
use crate::corpus::{self, Corpus, Progress, ScanOptions};
use crate::model::{Card, Model, VERSION};
use crate::recipe::Recipe;
use crate::run::{
    Described, Learner, PartMetric, Place, RUN_FILE, Ready, RunError, StepReport, Task, Units, text_of,
};

/// Music to be learnt as slices.
#[derive(Debug, Clone, PartialEq)]
pub struct SliceTask {
    /// Files and folders of music.
    pub paths: Vec<PathBuf>,
    /// How they are read and divided.
    pub scan: ScanOptions,
    /// How the network is built and trained.
    pub recipe: Recipe,
    /// Where it begins from a model that has learnt already, music which that model knows: files and folders, of which
    /// each epoch takes the recipe's share. The model itself is [`BASE_FILE`] in the run's folder.
    pub base: Option<Vec<PathBuf>>,
}

/// The model that a run began from, in the run's folder: a copy, for the run must go on when the model itself is gone.
pub const BASE_FILE: &str = "base.safetensors";

impl SliceTask {
    /// The engine's name.
    pub const ENGINE: &str = "slices";
    /// The version of what its networks are asked.
    pub const VERSION: u32 = VERSION;

    /// Music that is read as usual.
    pub fn new(paths: &[PathBuf], recipe: Recipe) -> Self {
        Self { paths: paths.to_vec(), scan: ScanOptions::default(), recipe, base: None }
    }

    /// The model that the run in a folder began from, and the music that it knew; nothing where it began from none.
    pub fn base_of(folder: &Path) -> Result<Option<(Model, Vec<PathBuf>)>, RunError> {
        let text = text_of(&folder.join(RUN_FILE))?.unwrap_or_default();
        // What is wrong with the file is found and told where the run is read.
        let table: toml::Table = text.parse().unwrap_or_default();
        let given = table.get("data").and_then(|data| Given::read(data.as_table()?).ok());
        let Some(paths) = given.and_then(|given| given.base) else { return Ok(None) };
        Ok(Some((base::model(&folder.join(BASE_FILE))?, paths)))
    }

    /// Reads the tables that [`Task::data`] and [`Task::recipe`] made, or says what is wrong with them.
    pub(crate) fn read(data: &toml::Table, recipe: &toml::Table) -> Result<Self, String> {
        let Given { paths, scan, base } = Given::read(data)?;
        let recipe = Recipe::read(&recipe.to_string()).map_err(|error| error.to_string())?;
        Ok(Self { paths, scan, recipe, base })
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
        Given { paths: self.paths.clone(), scan: self.scan, base: self.base.clone() }.table()
    }

    fn recipe(&self) -> toml::Table {
        // By way of the text, for a number keeps its short decimal form there.
        self.recipe.write().parse().unwrap_or_default()
    }

    fn prepare(&self, folder: &Path, progress: &(dyn Fn(Progress) + Sync)) -> Result<Ready, RunError> {
        let recipe = Recipe::read(&self.recipe.write())?;
        let read =
            |paths: &[PathBuf]| TrainingSet::read(paths, &self.scan, recipe.transposition, folder, progress);
        let (set, corpus) = read(&self.paths)?;
        let mut inventory = inventory::of_corpus(&corpus);
        let counted = Counted { pieces: set.train.len(), notes: set.train.iter().map(Prepared::notes).sum() };
        let (mut card, mut summary) = (Card::of_corpus("", &corpus), summary(&corpus));
        let training = match &self.base {
            None => Training::new(recipe, set, 1)?,
            Some(paths) => {
                let model = base::model(&folder.join(BASE_FILE))?;
                let known =
                    if paths.is_empty() { None } else { Some(base::without_kin(read(paths)?.0, &set)?) };
                inventory.digest = base::digest_with(&inventory.digest, &model, known.as_ref());
                card = base::card_after(&model, card);
                let pieces = known.as_ref().map_or(0, |known| known.train.len());
                let _ = write!(
                    summary,
                    "; it knows {}, and {pieces} pieces like those it knows go along",
                    model.card.name
                );
                Training::from_model(&model, recipe, set, known, 1)?
            }
        };
        Ok(Ready { learner: Box::new(SliceLearner { training, card, summary, counted }), inventory })
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

/// How much there is to learn from.
#[derive(Debug, Clone, Copy)]
struct Counted {
    pieces: usize,
    /// Some; exactly they are not counted.
    notes: u64,
}

impl Counted {
    /// What to say where it is little: fewer pieces are learnt by heart sooner than they teach anything. A model that
    /// knows music needs less.
    fn advice(self, knows: bool) -> Option<String> {
        let Self { pieces, notes } = self;
        let (few_pieces, few_notes) = if knows { (5, 500) } else { (20, 5000) };
        if pieces >= few_pieces && notes >= few_notes {
            return None;
        }
        let help = if knows {
            format!("{few_pieces} pieces or more would be heard in what it composes")
        } else {
            "begin from a model that knows music, with --from built-in".to_owned()
        };
        let plural = if pieces == 1 { "piece" } else { "pieces" };
        Some(format!("{pieces} {plural} with some {notes} notes are little to learn from: {help}"))
    }
}

/// A training with what its models' users should know.
#[derive(Debug)]
struct SliceLearner {
    training: Training,
    card: Card,
    summary: String,
    counted: Counted,
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
            notes: Some(self.counted.notes),
            advice: self.counted.advice(self.begins_learnt()),
        }
    }

    fn begins_learnt(&self) -> bool {
        self.training.began_learnt
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
        let validated = self.training.validate()?;
        let metric = |Validated { style, is_known, evaluation }: &Validated| {
            let name = &self.training.set.styles[*style as usize].name;
            PartMetric {
                name: if *is_known { format!("{name} as known before") } else { name.clone() },
                pieces: evaluation.pieces.len(),
                valid: evaluation.per_note(),
                loss: evaluation.per_slice(),
                is_known: *is_known,
            }
        };
        Ok(validated.iter().map(metric).collect())
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
