//! The engine `voices` as a run sees it.

use std::path::{Path, PathBuf};

use cantus_nn::{NnError, Weights};

use super::measure::Evaluation;
use super::model::{Model, VERSION};
use super::piece::VoicedPiece;
use super::recipe::Recipe;
use super::training::Training;
use crate::corpus::{self, Copies, Corpus, Piece, Progress, ScanOptions, Split};
use crate::encoding::Sliced;
use crate::model::Card;
use crate::run::{Described, Learner, PartMetric, Place, Ready, RunError, StepReport, Task, Units};
use crate::training::{SetError, given::Given, inventory};

/// Pieces of four voices, in the division that their source states, to be learnt.
#[derive(Debug, Clone, PartialEq)]
pub struct VoicesTask {
    /// Files and folders of music.
    pub paths: Vec<PathBuf>,
    /// How the networks learn.
    pub recipe: Recipe,
}

/// A published division is taken as it is, with its relatives on both sides: else no number could be held against others'.
const AS_PUBLISHED: ScanOptions = ScanOptions { copies: Copies::KeepNamed, run: 24, largest_file: 64 << 20 };

/// Pieces of a split, in their order.
fn pieces_of(corpus: &Corpus, split: Split) -> Result<Vec<VoicedPiece>, RunError> {
    let voiced = |piece: &Piece| {
        let unfit = |source| RunError::Voices { piece: piece.name.clone(), source };
        VoicedPiece::of_piece(&Sliced::of_score(&piece.score)).map_err(unfit)
    };
    corpus.of(split).map(voiced).collect()
}

/// Reads the pieces of a benchmark by split: to learn from, to choose by, to report on.
pub fn read_splits(
    paths: &[PathBuf],
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<(Corpus, [Vec<VoicedPiece>; 3]), RunError> {
    let corpus = corpus::scan(paths, &AS_PUBLISHED, progress).map_err(RunError::Corpus)?;
    let [train, valid, test] = Split::ALL.map(|split| pieces_of(&corpus, split));
    let splits = [train?, valid?, test?];
    Ok((corpus, splits))
}

impl VoicesTask {
    /// The engine's name.
    pub const ENGINE: &str = "voices";
    /// The version of what its networks are asked.
    pub const VERSION: u32 = VERSION;

    /// Reads the tables that [`Task::data`] and [`Task::recipe`] made, or says what is wrong with them.
    pub(crate) fn read(data: &toml::Table, recipe: &toml::Table) -> Result<Self, String> {
        let Given { paths, .. } = Given::read(data)?;
        let recipe = Recipe::read(&recipe.to_string()).map_err(|error| error.to_string())?;
        Ok(Self { paths, recipe })
    }
}

impl Task for VoicesTask {
    fn engine(&self) -> &'static str {
        Self::ENGINE
    }

    fn version(&self) -> u32 {
        Self::VERSION
    }

    fn data(&self) -> Result<toml::Table, RunError> {
        Given { paths: self.paths.clone(), scan: AS_PUBLISHED, base: None }.table()
    }

    fn recipe(&self) -> toml::Table {
        // By way of the text, for a number keeps its short decimal form there.
        self.recipe.write().parse().unwrap_or_default()
    }

    fn prepare(&self, _: &Path, progress: &(dyn Fn(Progress) + Sync)) -> Result<Ready, RunError> {
        let recipe = Recipe::read(&self.recipe.write())?;
        let (corpus, [train, valid, test]) = read_splits(&self.paths, progress)?;
        if train.is_empty() {
            return Err(RunError::Set(SetError::NoTraining));
        }
        if valid.is_empty() {
            return Err(RunError::Set(SetError::NoValidation));
        }
        let summary = format!(
            "{} pieces of four voices to learn from, {} to choose by, {} kept for the end; {} networks side by side",
            train.len(),
            valid.len(),
            test.len(),
            recipe.members,
        );
        let card = Card {
            notes: vec![
                "it expects four voices on sixteenths, for measuring; it composes nothing".to_owned(),
            ],
            ..Card::of_corpus("", &corpus)
        };
        let inventory = inventory::of_corpus(&corpus);
        let learner = VoicesLearner { training: Training::new(recipe, train, valid), card, summary };
        Ok(Ready { learner: Box::new(learner), inventory })
    }

    fn difference(&self, was: &str, now: &str) -> String {
        inventory::difference(was, now)
    }
}

/// A training with what its models' users should know.
#[derive(Debug)]
struct VoicesLearner {
    training: Training,
    card: Card,
    summary: String,
}

impl Learner for VoicesLearner {
    fn units(&self) -> Units {
        Units { items: "moments", loss: "nats a moment", valid: "nats a voice and sixteenth" }
    }

    fn described(&self) -> Described {
        Described { summary: self.summary.clone(), ..Described::default() }
    }

    fn composes(&self) -> bool {
        false
    }

    fn parameters(&self) -> usize {
        self.training.parameters()
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
        self.training.recipe.patience
    }

    fn rate(&self, step: u64) -> f32 {
        self.training.rate(step)
    }

    fn step(&mut self) -> Result<StepReport, RunError> {
        Ok(self.training.step())
    }

    fn validate(&mut self) -> Result<Vec<PartMetric>, RunError> {
        let evaluation: Evaluation = self.training.validate();
        let (valid, loss) = (evaluation.pooled(), evaluation.per_moment());
        let pieces = evaluation.pieces.len();
        Ok(vec![PartMetric { name: "all".to_owned(), pieces, valid, loss, is_known: false }])
    }

    fn model(&self, name: &str, measured: &[PartMetric]) -> Vec<u8> {
        let epochs = self.training.place().epoch;
        let mut card = Card { name: name.to_owned(), epochs, ..self.card.clone() };
        for part in measured {
            card.numbers.insert("validation nats a voice and sixteenth".to_owned(), part.valid);
        }
        Model::new(self.training.weights(), self.training.recipe.clone(), card).to_bytes()
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
