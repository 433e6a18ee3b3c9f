//! Models as files: opening them and measuring music by them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use cantus_compose::Composer;
use cantus_model::array;
use cantus_model::corpus::{self, Copies, Corpus, CorpusError, Progress, ScanOptions};
use cantus_model::encoding::Sliced;
use cantus_model::evaluate::{Evaluation, evaluate};
use cantus_model::gan;
use cantus_model::model::{Model, ModelError};
use cantus_model::run::BEST_FILE;
use cantus_model::voices;
use cantus_nn::Tape;

use crate::compose::impossible;
use crate::error::{Error, Kind};

/// The largest file that is taken for a model, in bytes.
const LARGEST_MODEL: u64 = 1 << 30;

/// A model of whatever engine.
#[derive(Debug, Clone)]
pub enum AnyModel {
    /// It learned scores.
    Scores(Box<Model>),
    /// It learned an array.
    Array(Box<array::Model>),
    /// It learned an array as a generator of whole pieces.
    Pieces(Box<array::gan::Model>),
    /// It learned phrases of scores.
    Phrases(Box<gan::Model>),
    /// It learned pieces of four voices.
    Voices(Box<voices::Model>),
}

/// Opens a model: a file, or a run's folder, which means its best checkpoint.
pub fn open_model(path: &Path) -> Result<Model, Error> {
    let (file, bytes) = model_bytes(path)?;
    Model::from_bytes(&bytes).map_err(|error| unusable(error).at(&file))
}

/// Opens a model of whatever engine, or the built-in one where there is no path.
pub fn open_any_model(path: Option<&Path>) -> Result<AnyModel, Error> {
    let Some(path) = path else {
        return model_or_default(None).map(|model| AnyModel::Scores(Box::new(model)));
    };
    let (file, bytes) = model_bytes(path)?;
    let model = if array::Model::is_model(&bytes) {
        array::Model::from_bytes(&bytes).map(|model| AnyModel::Array(Box::new(model)))
    } else if array::gan::Model::is_model(&bytes) {
        array::gan::Model::from_bytes(&bytes).map(|model| AnyModel::Pieces(Box::new(model)))
    } else if voices::Model::is_model(&bytes) {
        voices::Model::from_bytes(&bytes).map(|model| AnyModel::Voices(Box::new(model)))
    } else if gan::Model::is_model(&bytes) {
        gan::Model::from_bytes(&bytes).map(|model| AnyModel::Phrases(Box::new(model)))
    } else {
        Model::from_bytes(&bytes).map(|model| AnyModel::Scores(Box::new(model)))
    };
    model.map_err(|error| unusable(error).at(&file))
}

/// The built-in generator of phrases.
pub fn built_in_phrases() -> Result<gan::Model, Error> {
    gan::Model::from_bytes(cantus_weights::PHRASES).map_err(unusable)
}

/// The built-in networks of four voices, which compose plain chorales.
pub fn built_in_choir() -> Result<voices::Model, Error> {
    voices::Model::from_bytes(cantus_weights::CHORALES).map_err(unusable)
}

/// The built-in network of drums alone.
pub fn built_in_drummers() -> Result<Model, Error> {
    Model::from_bytes(cantus_weights::DRUMMERS).map_err(unusable)
}

/// The composer of the model that was opened at a path; the built-in one has a choir for plain chorales, and drummers.
pub fn composer(model: &Model, path: Option<&Path>) -> Result<Composer, Error> {
    let composer = Composer::new(model);
    if path.is_some() {
        return Ok(composer);
    }
    let composer = composer.with_drummers(&built_in_drummers()?);
    composer.with_choir(&built_in_choir()?).map_err(impossible)
}

/// The file of a model and its content.
fn model_bytes(path: &Path) -> Result<(PathBuf, Vec<u8>), Error> {
    let file = if path.is_dir() { path.join(BEST_FILE) } else { path.to_owned() };
    let bytes = read_model(&file).map_err(|error| unreadable(error, path, &file))?;
    Ok((file, bytes))
}

/// Opens the model of a path, or the built-in one where there is no path.
pub fn model_or_default(path: Option<&Path>) -> Result<Model, Error> {
    match path {
        Some(path) => open_model(path),
        None => Model::from_bytes(cantus_weights::DEFAULT).map_err(unusable),
    }
}

fn read_model(file: &Path) -> std::io::Result<Vec<u8>> {
    let size = fs::metadata(file)?.len();
    if size > LARGEST_MODEL {
        let message = format!("a model has at most {LARGEST_MODEL} bytes, but this file has {size}");
        return Err(std::io::Error::new(std::io::ErrorKind::FileTooLarge, message));
    }
    fs::read(file)
}

fn unreadable(error: std::io::Error, path: &Path, file: &Path) -> Error {
    let missing = error.kind() == std::io::ErrorKind::NotFound;
    if missing && path.is_dir() {
        return Error::new(
            Kind::Missing,
            format!("the folder of a run holds {BEST_FILE}, but this one does not"),
        )
        .at(path)
        .with_hint("name the folder given to `cantus train -o`, after its first epoch");
    }
    let (kind, message) = if missing {
        (Kind::Missing, "there is no such model".to_owned())
    } else {
        (Kind::Model, format!("the model cannot be read ({error})"))
    };
    Error::because(kind, message, error)
        .at(file)
        .with_hint("name a model file or the folder of a run; without one the built-in model is used")
}

/// Says what helps against a file that is no model that can be used.
pub(crate) fn unusable(error: ModelError) -> Error {
    let hint = match error {
        ModelError::NotAModel(_) => {
            "the file may be cut off or something else; take the run's best checkpoint"
        }
        ModelError::OtherEngine(_) => {
            "it is of another engine, which not every command uses; `cantus card` tells what it is, and `cantus compose --model` \
             composes with it"
        }
        ModelError::OtherVersion(_) => "train it again, or use the version of Cantus that made it",
        _ => "take a model that `cantus train` wrote",
    };
    Error::of(Kind::Model, error).with_hint(hint)
}

/// Reads files and folders as a corpus.
pub fn scan(
    paths: &[PathBuf],
    options: &ScanOptions,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Corpus, Error> {
    corpus::scan(paths, options, progress).map_err(no_corpus)
}

/// Says what helps where no corpus can be made.
pub(crate) fn no_corpus(error: CorpusError) -> Error {
    match &error {
        CorpusError::Missing(path) => {
            let path = path.clone();
            Error::new(Kind::Missing, "there is no such file or folder")
                .at(&path)
                .with_hint("check the path; names are case-sensitive on most systems")
        }
        CorpusError::Unreadable { path, .. } => {
            let path = path.clone();
            Error::because(Kind::Input, "it cannot be opened", error)
                .at(&path)
                .with_hint("check that you may read it")
        }
        CorpusError::Unkept(_) => Error::of(Kind::Output, error)
            .with_hint("make room on the disk of the run's folder, and try again"),
        CorpusError::NoMusic { .. } => Error::of(Kind::Input, error)
            .with_hint("name folders or archives with .mid, .musicxml, .mxl, .krn or .abc files in them"),
        CorpusError::AllLeftOut(_) => {
            Error::of(Kind::Request, error).with_hint("leave --rights or --only out, or name others")
        }
        CorpusError::NoSuchRights { .. } | CorpusError::NoSuchStyle { .. } => {
            Error::of(Kind::Request, error).with_hint("check the name; `*` stands for anything in a style")
        }
        CorpusError::Exists(_) => Error::of(Kind::Output, error)
            .with_hint("give the corpus another name, or delete the file if it is to be built anew"),
        CorpusError::Busy(_) => Error::of(Kind::Output, error)
            .with_hint("wait until the other one is done, or choose another name"),
        CorpusError::Unwritable { .. } => Error::of(Kind::Output, error)
            .with_hint("check that the folder exists and has room; what was read so far is kept"),
        CorpusError::Damaged { .. } => Error::of(Kind::Input, error)
            .with_hint("copy it again to its end, or build it anew with `cantus corpus build`"),
        CorpusError::OtherVersion { .. } => {
            Error::of(Kind::Input, error).with_hint("build it anew with `cantus corpus build`")
        }
        CorpusError::CorpusAmongOthers(_) => Error::of(Kind::Request, error)
            .with_hint("build one corpus of all the music: cantus corpus build PATH… -o FILE"),
    }
}

/// What the pieces of one style cost a model.
#[derive(Debug, Clone, PartialEq)]
pub struct StyleCost {
    /// The style's name in the corpus.
    pub style: String,
    /// Whether the model knows a style of this name; else its pieces are measured without one.
    pub known: bool,
    /// Nats by piece and kind of question, notes and slices.
    pub evaluation: Evaluation,
}

/// Measures a model on all pieces below the paths, style by style. Copies are measured too: what is given is what
/// is measured.
pub fn evaluate_model(
    model: &Model,
    paths: &[PathBuf],
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<(Vec<StyleCost>, Corpus), Error> {
    let options = ScanOptions { copies: Copies::Keep, ..ScanOptions::default() };
    let corpus = scan(paths, &options, progress)?;
    let mut by_style: BTreeMap<&str, Vec<Sliced>> = BTreeMap::new();
    for piece in &corpus.pieces {
        by_style.entry(&piece.style).or_default().push(Sliced::learned_from(&piece.score));
    }
    let mut tape = Tape::new(threads());
    let costs = by_style.into_iter().map(|(name, pieces)| {
        let style = model.style(name);
        let pieces: Vec<_> = pieces.iter().map(|piece| (piece, style)).collect();
        let evaluation = evaluate(&mut tape, &model.network, &model.params, &pieces);
        StyleCost { style: name.to_owned(), known: style.is_some(), evaluation }
    });
    Ok((costs.collect(), corpus))
}

/// How many threads work; results never depend on it.
pub(crate) fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}
