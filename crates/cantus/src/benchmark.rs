//! Models on a published benchmark, beside what others reported of theirs.

use std::path::{Path, PathBuf};

use cantus_model::corpus::{Progress, Split};
use cantus_model::encoding::Sliced;
use cantus_model::evaluate::evaluate;
use cantus_model::model::Model;
use cantus_model::voices::{self, CLASSES, Expected, Markov, VOICES, VoicedPiece};
use cantus_nn::Tape;
use cantus_score::npy::{self, Array, Element, NpyError};

use crate::error::{Error, Kind};
use crate::learned::{AnyModel, threads};
use crate::train::failed;
use crate::write_file;

/// Chorales by J. S. Bach in the division that Boulanger-Lewandowski et al. (2012) published, on a grid of sixteenths, voices told
/// apart: what each of four voices does at each sixteenth is to be foretold.
#[derive(Debug)]
pub struct Jsb16 {
    train: Vec<VoicedPiece>,
    /// Validation and test.
    held_out: [HeldOut; 2],
}

#[derive(Debug)]
struct HeldOut {
    name: &'static str,
    voiced: Vec<VoicedPiece>,
    sliced: Vec<Sliced>,
}

/// A line of the table.
#[derive(Debug, Clone, PartialEq)]
pub struct BenchmarkRow {
    /// Whose it is.
    pub name: String,
    /// Validation and test; nothing where that was not reported.
    pub costs: [Option<BenchmarkCost>; 2],
}

/// What held-out pieces cost, in nats of a voice at a sixteenth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BenchmarkCost {
    /// Over all voices and sixteenths together.
    pub pooled: f64,
    /// The mean over the pieces of what each costs; nothing where that was not reported.
    pub per_piece: Option<f64>,
    /// Of those at which a voice begins something alone; nothing where that cannot be told apart.
    pub onsets_only: Option<f64>,
}

/// What others reported, of the validation pieces.
const REPORTED: [(&str, f64); 5] = [
    ("Coconet, one voice after the other (Huang et al. 2017)", 0.436),
    ("Transformer (Huang et al. 2018)", 0.417),
    ("TonicNet, all voices and chords (Peracha 2019)", 0.396),
    ("Music Transformer, relative attention (Huang et al. 2018)", 0.357),
    ("Music Transformer, relative pitch and time (Huang et al. 2018)", 0.335),
];

/// Semitones by which the chain of variable order hears pieces transposed, as networks do.
const TRANSPOSITION: i32 = 6;

impl Jsb16 {
    /// Reads the pieces: a file of steps with its sections train, valid and test.
    pub fn read(paths: &[PathBuf], progress: &(dyn Fn(Progress) + Sync)) -> Result<Self, Error> {
        let (corpus, [train, valid, test]) = voices::read_splits(paths, progress).map_err(failed)?;
        let held_out = [(Split::Valid, valid), (Split::Test, test)].map(|(split, voiced)| HeldOut {
            name: split.name(),
            voiced,
            sliced: corpus.of(split).map(|piece| Sliced::of_score(&piece.score)).collect(),
        });
        match held_out.iter().find(|held_out| held_out.voiced.is_empty()) {
            Some(HeldOut { name, .. }) => {
                let message = format!(
                    "a benchmark needs pieces to learn from, to choose by and to report on, but {name} has none"
                );
                let path = paths.first().cloned().unwrap_or_default();
                Err(Error::new(Kind::Input, message)
                    .at(&path)
                    .with_hint("name a file of steps whose sections are train, valid and test"))
            }
            None => Ok(Self { train, held_out }),
        }
    }

    /// The table: some models, the plain chain of variable order, and what others reported.
    pub fn rows(&self, models: &[AnyModel]) -> Result<Vec<BenchmarkRow>, Error> {
        let own = models.iter().map(|model| match model {
            AnyModel::Scores(model) => Ok(self.of_slices(model)),
            AnyModel::Voices(model) => Ok(self.row(&model.card.name, |pieces| model.expected(pieces))),
            _ => Err(unmeasurable()),
        });
        let own = own.collect::<Result<Vec<_>, Error>>()?;
        let chain = Markov::learn(&self.train, TRANSPOSITION);
        let chain = self.row("chain of variable order on the same moments", |pieces| chain.expected(pieces));
        let reported = REPORTED.map(|(name, pooled)| BenchmarkRow {
            name: name.to_owned(),
            costs: [Some(BenchmarkCost { pooled, per_piece: None, onsets_only: None }), None],
        });
        Ok(own.into_iter().chain([chain]).chain(reported).collect())
    }

    fn row(&self, name: &str, expected: impl Fn(&[VoicedPiece]) -> Vec<Expected>) -> BenchmarkRow {
        let cost = |HeldOut { voiced, .. }: &HeldOut| {
            let evaluation = voices::Evaluation::of(voiced, &expected(voiced));
            Some(BenchmarkCost {
                pooled: evaluation.pooled(),
                per_piece: Some(evaluation.per_piece()),
                onsets_only: Some(evaluation.onsets_only()),
            })
        };
        BenchmarkRow { name: name.to_owned(), costs: self.held_out.each_ref().map(cost) }
    }

    /// A model of slices tells lengths when notes begin, and so nothing of sixteenths one by one.
    fn of_slices(&self, model: &Model) -> BenchmarkRow {
        let style = model.style("chorale").or((model.styles.len() == 1).then_some(0));
        let cost = |HeldOut { voiced, sliced, .. }: &HeldOut| {
            let pieces: Vec<_> = sliced.iter().map(|piece| (piece, style)).collect();
            let nats = evaluate(&mut Tape::new(threads()), &model.network, &model.params, &pieces).pieces;
            let tokens = voiced.iter().map(|piece| (VOICES * piece.frames.len()) as f64);
            let tokens: Vec<f64> = tokens.collect();
            let each = nats.iter().zip(&tokens).map(|(nats, tokens)| nats / tokens);
            Some(BenchmarkCost {
                pooled: nats.iter().sum::<f64>() / tokens.iter().sum::<f64>(),
                per_piece: Some(each.sum::<f64>() / nats.len().max(1) as f64),
                onsets_only: None,
            })
        };
        BenchmarkRow { name: model.card.name.clone(), costs: self.held_out.each_ref().map(cost) }
    }

    /// Writes what a model expects at every question as `.npz`, for others to compute costs from: of each split `NAME_logits`
    /// (questions × classes, natural logarithms of probabilities; −∞ where a class is impossible), `NAME_right` (questions × 2: the
    /// first and the last right class), `NAME_piece` and `NAME_asked` (soprano, bass, tenor, alto, gap), and `NAME_frames`, the
    /// sixteenths of each piece. The cost of a piece is −Σ ln Σ exp of the right classes' logits.
    pub fn dump(&self, model: &AnyModel, path: &Path) -> Result<(), Error> {
        let AnyModel::Voices(model) = model else {
            return Err(Error::new(
                Kind::Request,
                "--dump tells what a model of four voices expects, but built-in and other models of \
                 scores are asked other questions",
            )
            .with_hint("train one for it: cantus eval RUN --benchmark jsb16 jsb16_satb.json --train"));
        };
        let mut arrays: Vec<(String, Array)> = Vec::new();
        for HeldOut { name, voiced, .. } in &self.held_out {
            let all = model.expected(voiced);
            let logits =
                all.iter().flat_map(|expected| &expected.probabilities).map(|chance| f64::from(*chance).ln());
            let right = all.iter().flat_map(|expected| [expected.right.0, expected.right.1]).map(f64::from);
            let array = |shape: &[usize], element, values: Vec<f64>| -> Result<Array, NpyError> {
                Array::from_values(shape, element, &values)
            };
            let columns = [
                ("logits", array(&[all.len(), CLASSES], Element::F32, logits.collect())),
                ("right", array(&[all.len(), 2], Element::I32, right.collect())),
                (
                    "piece",
                    array(
                        &[all.len()],
                        Element::I32,
                        all.iter().map(|expected| expected.piece as f64).collect(),
                    ),
                ),
                (
                    "asked",
                    array(
                        &[all.len()],
                        Element::I32,
                        all.iter().map(|expected| expected.asked as f64).collect(),
                    ),
                ),
                (
                    "frames",
                    array(
                        &[voiced.len()],
                        Element::I32,
                        voiced.iter().map(|piece| piece.frames.len() as f64).collect(),
                    ),
                ),
            ];
            for (column, array) in columns {
                arrays.push((
                    format!("{name}_{column}"),
                    array.map_err(|error| Error::of(Kind::Output, error).at(path))?,
                ));
            }
        }
        let arrays: Vec<(&str, &Array)> = arrays.iter().map(|(name, array)| (name.as_str(), array)).collect();
        let bytes = npy::write_archive(&arrays).map_err(|error| Error::of(Kind::Output, error).at(path))?;
        write_file(path, &bytes)
    }
}

fn unmeasurable() -> Error {
    Error::new(Kind::Model, "this benchmark is for models that foretell scores, but this one does not")
        .with_hint("train one for it: cantus eval RUN --benchmark jsb16 jsb16_satb.json --train")
}
