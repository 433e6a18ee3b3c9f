//! Arrays of one's own, `[pieces, time, features]`: training on them, composing like them, measuring and describing them.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use cantus_model::array::{
    ArrayError, ArrayTask, Clips, Composer, Division, Evaluation, Lessons, Model, Music, Recipe, Source,
    Target, Telling, Told, Values, Wish, evaluate, gan, open,
};
use cantus_model::recipe::RecipeError;
use cantus_nn::Tape;
use cantus_score::npy::{self, Array, Element};
use cantus_score::{Warning, roll};

use crate::error::{Error, Kind};
use crate::learned::threads;
use crate::write_file;

/// Most numbers that are composed at once, 2 GiB of them.
const MOST_NUMBERS: usize = 1 << 28;
/// The name of the array in an archive that is written.
const NAME: &str = "music";

/// What differs from the preset in a recipe for arrays; nothing where nothing is said.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ArraySettings {
    /// Where every random choice begins.
    pub seed: Option<u64>,
    /// Recurrent layers.
    pub layers: Option<usize>,
    /// Units of each layer.
    pub units: Option<usize>,
    /// The chance that a number drops out after each layer.
    pub dropout: Option<f32>,
    /// Times that the training pieces are gone through.
    pub epochs: Option<u32>,
    /// Pieces side by side in one step.
    pub batch: Option<usize>,
    /// The learning rate.
    pub learning_rate: Option<f32>,
    /// The share of pieces that are held out.
    pub held_out: Option<f64>,
    /// Which pieces are held out.
    pub division: Option<Division>,
    /// Whether the network tells the next frame or the same.
    pub target: Option<Target>,
    /// What the numbers are taken for.
    pub values: Option<Values>,
    /// Whether real features are brought to mean 0 and deviation 1 inside the network.
    pub standardise: Option<bool>,
}

impl ArraySettings {
    /// Whether nothing differs.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// A recipe with what differs in it.
    pub(crate) fn change(&self, mut recipe: Recipe, cell: Option<&str>) -> Result<Recipe, RecipeError> {
        set(&mut recipe.cell, cell.map(str::to_owned).as_ref());
        set(&mut recipe.seed, self.seed.as_ref());
        set(&mut recipe.layers, self.layers.as_ref());
        set(&mut recipe.units, self.units.as_ref());
        set(&mut recipe.dropout, self.dropout.as_ref());
        set(&mut recipe.epochs, self.epochs.as_ref());
        set(&mut recipe.batch, self.batch.as_ref());
        set(&mut recipe.learning_rate, self.learning_rate.as_ref());
        set(&mut recipe.held_out, self.held_out.as_ref());
        set(&mut recipe.division, self.division.as_ref());
        set(&mut recipe.target, self.target.as_ref());
        set(&mut recipe.values, self.values.as_ref());
        set(&mut recipe.standardise, self.standardise.as_ref());
        recipe.checked()
    }

    /// The same of a recipe for adversarial networks.
    pub(crate) fn change_adversarial(&self, mut recipe: gan::Recipe) -> Result<gan::Recipe, RecipeError> {
        set(&mut recipe.seed, self.seed.as_ref());
        set(&mut recipe.units, self.units.as_ref());
        set(&mut recipe.dropout, self.dropout.as_ref());
        set(&mut recipe.epochs, self.epochs.as_ref());
        set(&mut recipe.batch, self.batch.as_ref());
        set(&mut recipe.learning_rate, self.learning_rate.as_ref());
        set(&mut recipe.held_out, self.held_out.as_ref());
        set(&mut recipe.division, self.division.as_ref());
        set(&mut recipe.values, self.values.as_ref());
        set(&mut recipe.standardise, self.standardise.as_ref());
        recipe.checked()
    }
}

fn set<T: Clone>(value: &mut T, wish: Option<&T>) {
    if let Some(wish) = wish {
        value.clone_from(wish);
    }
}

/// The task of learning an array, or sound as one.
pub(crate) fn task(paths: &[PathBuf], told: Told, recipe: Recipe) -> ArrayTask {
    let music = if paths.iter().any(|path| Clips::are_at(path)) {
        Music::Clips(Clips { paths: paths.to_vec(), telling: Telling::of(told) })
    } else {
        Music::Array(Source::of(paths.first().map_or(Path::new(""), PathBuf::as_path)))
    };
    ArrayTask { music, recipe }
}

/// Whether a path leads to a file of arrays: by its content, and an archive by its name too, for a ZIP archive may be
/// many things; one of them is a published set of piano rolls, which is music. `music.npz#NAME` is one array of an archive.
pub fn is_array(path: &Path) -> bool {
    let Source { file, name } = Source::of(path);
    let ending = file.extension().map(|ending| ending.to_string_lossy().to_lowercase());
    let mut beginning = Vec::new();
    let read = File::open(&file).and_then(|file| file.take(8).read_to_end(&mut beginning));
    match ending.as_deref() {
        Some("npz") if name.is_none() && is_set(&file) => false,
        Some("npz") => read.is_err() || npy::is_archive(&beginning) || name.is_some(),
        Some("npy") if read.is_err() || beginning.is_empty() => true,
        _ => beginning.starts_with(b"\x93NUMPY"),
    }
}

/// Whether a file is a published set of piano rolls, which is music of many pieces.
fn is_set(file: &Path) -> bool {
    let names = std::fs::read(file).ok().and_then(|bytes| npy::names(&bytes).ok());
    names.is_some_and(|names| roll::is_set(&names))
}

/// Whether a path leads to clips of sound: a file that is called so, or a folder with one in it.
pub fn are_clips(path: &Path) -> bool {
    Clips::are_at(path)
}

/// An array as a file holds it.
#[derive(Debug, Clone, PartialEq)]
pub struct ArrayFile {
    /// Its numbers.
    pub array: Array,
    /// What the reader forgave.
    pub warnings: Vec<Warning>,
}

/// Reads an array: `music.npy`, or `music.npz#NAME`.
pub fn read_array(path: &Path) -> Result<ArrayFile, Error> {
    let (read, _) = open(&Source::of(path)).map_err(|error| unusable(error, path))?;
    Ok(ArrayFile { array: read.value, warnings: read.warnings })
}

/// The arrays of a file, each as a path that [`read_array`] takes: the path itself, or each array of an archive.
pub fn arrays_in(path: &Path) -> Result<Vec<PathBuf>, Error> {
    let source = Source::of(path);
    let bytes = std::fs::read(&source.file).unwrap_or_default();
    let names = if source.name.is_none() { npy::names(&bytes) } else { Ok(Vec::new()) };
    let names = names.map_err(|error| unusable(error.into(), path))?;
    let named = |name: &String| PathBuf::from(format!("{}#{name}", path.display()));
    Ok(if names.len() > 1 { names.iter().map(named).collect() } else { vec![path.to_owned()] })
}

/// Says what helps against an array that cannot be used.
pub(crate) fn unusable(error: ArrayError, path: &Path) -> Error {
    let kind = if error == ArrayError::Missing { Kind::Missing } else { Kind::Input };
    let hint = error.hint();
    Error::of(kind, error).at(path).with_hint(hint)
}

/// What is to be composed by a model of arrays.
#[derive(Debug, Clone, PartialEq)]
pub struct ArrayRequest {
    /// How many pieces.
    pub count: usize,
    /// New frames of each; as many as the pieces learned from have where nothing is said.
    pub frames: Option<usize>,
    /// The first piece's seed; the others' count on from it.
    pub seed: u64,
    /// How daring: 0 takes what is likeliest, 1 is as varied as the music learned from.
    pub temperature: f32,
    /// An array whose pieces' beginnings are gone on from, one after the other.
    pub primer: Option<PathBuf>,
    /// How many frames of a beginning; a quarter of a piece where nothing is said.
    pub primer_frames: Option<usize>,
}

impl ArrayRequest {
    /// Asks for so many pieces, as long and as varied as those that were learnt.
    pub fn new(count: usize, seed: u64) -> Self {
        Self { count, frames: None, seed, temperature: 1.0, primer: None, primer_frames: None }
    }
}

/// Composes pieces: `[count, primer frames + frames, features]`, numbers of the kind that the model learned from.
pub fn compose_array(model: &Model, request: &ArrayRequest) -> Result<Array, Error> {
    let impossible = |error: ArrayError| {
        let hint = error.hint();
        Error::of(Kind::Request, error).with_hint(hint)
    };
    let composer = Composer::new(model).map_err(impossible)?;
    let primers = request.primer.as_deref().map(|path| primers(model, path)).transpose()?;
    let begun = primers.as_ref().map_or(0, |primers| {
        request.primer_frames.unwrap_or(primers.frames().div_ceil(4)).min(primers.frames())
    });
    let (frames, features) = (request.frames.unwrap_or(model.frames), model.scale.features.len());
    expect_few_enough(request.count, (begun + frames, features))?;
    let mut music = Vec::new();
    for index in 0..request.count {
        let primer = primers
            .as_ref()
            .map_or_else(Vec::new, |primers| primers.beginning(index % primers.pieces(), begun));
        let seed = request.seed.wrapping_add(index as u64);
        let wish = Wish { frames, seed, temperature: request.temperature, primer };
        music.extend(composer.compose(&wish).map_err(impossible)?);
    }
    let shape = [request.count, begun + frames, features];
    let array = Array::from_values(&shape, model.scale.element(), &music);
    array.map_err(|error| Error::of(Kind::Output, error))
}

/// Makes whole pieces by adversarial networks: `[count, frames, features]`, numbers of the kind that the model learned from.
pub fn make_pieces(model: gan::Model, request: &ArrayRequest) -> Result<Array, Error> {
    let (whole, features) = (model.frames(), model.features());
    let frames = request.frames.unwrap_or(whole);
    if frames > whole {
        let message =
            format!("this model makes pieces of {whole} frames at once, but {frames} were asked for");
        return Err(Error::new(Kind::Request, message).with_hint(
            "ask for as many or fewer; the recurrent network, train --engine array, makes any number",
        ));
    }
    if request.primer.is_some() {
        let message = "this model makes whole pieces of noise, but a beginning to go on from was given";
        return Err(Error::new(Kind::Request, message)
            .with_hint("leave --primer out; the recurrent network, train --engine array, goes on from one"));
    }
    expect_few_enough(request.count, (frames, features))?;
    let element = model.scale.element();
    let seeds: Vec<u64> = (0..request.count as u64).map(|index| request.seed.wrapping_add(index)).collect();
    let pieces = gan::Player::new(model).play(&seeds, request.temperature);
    let music: Vec<f64> =
        pieces.iter().flat_map(|piece| piece.iter().take(frames * features)).copied().collect();
    Array::from_values(&[request.count, frames, features], element, &music)
        .map_err(|error| Error::of(Kind::Output, error))
}

/// Fails where more is asked for than is composed at once.
fn expect_few_enough(count: usize, (frames, features): (usize, usize)) -> Result<(), Error> {
    let numbers = frames.checked_mul(features).and_then(|size| size.checked_mul(count));
    if numbers.is_some_and(|numbers| numbers <= MOST_NUMBERS) {
        return Ok(());
    }
    let message = format!(
        "up to {MOST_NUMBERS} numbers are composed at once, but {count} pieces of {frames} frames of {features} have more"
    );
    Err(Error::new(Kind::Request, message).with_hint("ask for fewer frames or pieces at a time"))
}

/// The pieces of an array, or of clips where the model learned sound.
fn primers(model: &Model, path: &Path) -> Result<Lessons, Error> {
    let array = match model.telling {
        Some(telling) if are_clips(path) => {
            let clips = Clips { paths: vec![path.to_owned()], telling };
            clips.read(&|_| ()).map_err(|error| unusable(error, path))?.array
        }
        _ => read_array(path)?.array,
    };
    Lessons::of_model(array, &model.scale).map_err(|error| unusable(error, path))
}

/// Whether a name asks for an array: `.npy` or `.npz`.
fn is_archive_name(path: &Path) -> Result<bool, Error> {
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
    match ending.as_deref() {
        Some("npy") => Ok(false),
        Some("npz") => Ok(true),
        other => {
            let has = other.map_or("has none".to_owned(), |ending| format!("has .{ending}"));
            let message = format!(
                "a model of arrays composes an array, whose name ends in .npy or .npz, but this one {has}"
            );
            Err(Error::new(Kind::Request, message).at(path).with_hint("end the name in .npy"))
        }
    }
}

/// Fails if a name asks for something else than an array.
pub fn check_array_name(path: &Path) -> Result<(), Error> {
    is_archive_name(path).map(|_| ())
}

/// Writes an array as `.npy`, or as `.npz` under the name `music`.
pub fn write_array(array: &Array, path: &Path) -> Result<(), Error> {
    let bytes = if is_archive_name(path)? {
        npy::write_archive(&[(NAME, array)]).map_err(|error| Error::of(Kind::Output, error).at(path))?
    } else {
        npy::write(array)
    };
    write_file(path, &bytes)
}

/// What an array costs a model.
#[derive(Debug, Clone, PartialEq)]
pub struct ArrayCost {
    /// The model's own cost.
    pub evaluation: Evaluation,
    /// The cost of knowing only each feature's mean in training, in the same unit.
    pub baseline: f64,
    /// The cost of taking each frame for the one before it, of quantities.
    pub repeating: Option<f64>,
}

/// Measures a model on every piece of an array: nats a frame for what is on or off, else squared error a number.
pub fn evaluate_array(model: &Model, path: &Path) -> Result<ArrayCost, Error> {
    let lessons = primers(model, path)?;
    let mut tape = Tape::new(threads());
    let evaluation = evaluate(&mut tape, &model.network, &model.params, &lessons, &model.recipe);
    Ok(ArrayCost { evaluation, baseline: lessons.baseline(), repeating: lessons.repeating() })
}

/// What the numbers of an array are like.
#[derive(Debug, Clone, PartialEq)]
pub struct ArrayFacts {
    /// The length of each dimension.
    pub shape: Vec<usize>,
    /// The kind of numbers.
    pub element: Element,
    /// The least and the largest finite number; none where there is no number.
    pub range: Option<(f64, f64)>,
    /// Numbers that are infinite or none.
    pub not_finite: usize,
    /// Whether there are just two different numbers.
    pub is_binary: bool,
    /// The share of numbers above the least.
    pub above_least: f64,
}

/// Describes an array.
pub fn describe_array(array: &Array) -> ArrayFacts {
    let (mut least, mut most, mut not_finite) = (f64::INFINITY, f64::NEG_INFINITY, 0);
    array.each(0..array.len(), |value| {
        if value.is_finite() {
            (least, most) = (least.min(value), most.max(value));
        } else {
            not_finite += 1;
        }
    });
    let (mut above, mut between) = (0, 0);
    array.each(0..array.len(), |value| {
        above += usize::from(value > least);
        between += usize::from(value > least && value < most);
    });
    ArrayFacts {
        shape: array.shape().to_vec(),
        element: array.element(),
        range: (least <= most).then_some((least, most)),
        not_finite,
        is_binary: least < most && between == 0 && not_finite == 0,
        above_least: above as f64 / array.len().max(1) as f64,
    }
}
