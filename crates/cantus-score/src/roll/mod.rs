//! Piano rolls: music as arrays of time × keys, as learning programs take it.
//!
//! A roll says of each step of a grid and each key how hard the key sounds there. [`write()`] makes the one array of an
//! `.npy` file of all parts but drums, [`stack`] one of many pieces, [`write_archive`] an `.npz` archive with a roll a
//! part beside tempo, metre, key, instruments and names; [`read()`] takes all of these, and what other programs make.
//!
//! # What stands in a cell
//! Nothing (0) is silence. A key that sounds has its velocity, and 1 where nobody says how hard it is struck. A note
//! that follows the one before on its key without a gap has 128 more in its first step, so that repeated notes stay
//! apart; elsewhere a change of the number begins no note. As fractions all of these are divided by 127 and 128 more
//! is one more. An array of yes and no has room for neither: repeated notes become one.
//!
//! # What is read
//! - `[time, 128]` or `[time, 88]` (from A0), and the same with the axes changed, as `pretty_midi` has them; of yes and
//!   no, of whole numbers and of fractions; MIDI's velocities or fractions of them, told by the largest number.
//! - `[pieces, time, 128]`: as many pieces, or as many parts ([`Axis`]).
//! - `.npz`: the archives that [`write_archive`] makes, those of pypianoroll, those of published sets (`train_roll` and
//!   `train_len`: all pieces end to end, and the steps of each), else an array a part.
//! - Where every key that sounds has the same number 1 (or 255), nobody says how hard keys are struck.

mod archive;
mod cells;
mod grid;
mod pypianoroll;
mod sections;
#[cfg(test)]
mod tests;

pub use archive::write as write_archive;

use crate::npy::{self, Array, Element, NpyError};
use crate::{Channel, MOST_WARNINGS, Program, Read, Resolution, Score, Strictness, Track, Warning};

use cells::Cells;

/// Steps of a quarter note where nobody says: sixteenths, the grid of the published sets of rolls.
pub const STEPS: u16 = 4;
/// The most steps of a roll: three days of sixteenths.
pub const MOST_STEPS: usize = 1 << 20;
/// The most numbers of a roll or stack that is written.
pub const MOST_NUMBERS: usize = 1 << 30;

/// How a roll is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RollOptions {
    /// Steps of a quarter note, at least 1.
    pub steps: u16,
    /// Which keys there are.
    pub keys: Keys,
    /// What a number says.
    pub values: Values,
}

impl Default for RollOptions {
    fn default() -> Self {
        Self { steps: STEPS, keys: Keys::All, values: Values::Velocity }
    }
}

/// The keys of a roll.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Keys {
    /// All 128 of MIDI.
    #[default]
    All,
    /// The 88 of a piano, from A0.
    Piano,
}

impl Keys {
    /// How many there are.
    pub const fn count(self) -> usize {
        match self {
            Self::All => 128,
            Self::Piano => 88,
        }
    }

    /// MIDI's number of the lowest.
    pub const fn lowest(self) -> usize {
        match self {
            Self::All => 0,
            Self::Piano => 21,
        }
    }

    /// The keys of which there are so many.
    pub fn of_count(count: usize) -> Option<Self> {
        [Self::All, Self::Piano].into_iter().find(|keys| keys.count() == count)
    }
}

/// What the numbers of a roll say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Values {
    /// How hard a key is struck, from 1 to 127, in bytes.
    #[default]
    Velocity,
    /// The same as a fraction of 127, in 32 bits.
    Fraction,
    /// Whether it sounds.
    On,
}

impl Values {
    const fn element(self) -> Element {
        match self {
            Self::Velocity => Element::U8,
            Self::Fraction => Element::F32,
            Self::On => Element::Bool,
        }
    }
}

/// What the first of an array's three axes counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Axis {
    /// Pieces.
    #[default]
    Pieces,
    /// The parts of one piece.
    Parts,
}

/// Why a roll cannot be read or written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RollError {
    /// The file is no array that can be read.
    #[error("{0}")]
    Npy(#[from] NpyError),
    /// The shape is not that of a roll.
    #[error(
        "a piano roll must have the shape [time, 128], [time, 88] or a stack of such, but this array has {0:?}"
    )]
    Shape(Vec<usize>),
    /// It would be longer than any piece.
    #[error("a piano roll may have up to {MOST_STEPS} steps, but this one has {0}")]
    TooLong(usize),
    /// Altogether it would be larger than is written at once.
    #[error(
        "piano rolls of up to {MOST_NUMBERS} numbers are written at once, but these {pieces} of {steps} steps have more"
    )]
    TooLarge {
        /// How many rolls.
        pieces: usize,
        /// The steps of the longest.
        steps: usize,
    },
    /// The grid is too coarse or too fine.
    #[error("a quarter note of a piano roll must have between 1 and 960 steps, but was to have {0}")]
    Steps(u16),
    /// An archive's parts do not fit together.
    #[error("an archive of piano rolls must be whole, but {0}")]
    Archive(String),
}

/// The roll of all parts but drums (those too where there are only drums): `[steps, keys]`.
pub fn write(score: &Score, options: RollOptions) -> Result<Array, RollError> {
    one(&grid::of_score(score, options)?, options)
}

/// The rolls of many pieces, as [`write()`] makes them, in one array: `[pieces, steps of the longest, keys]`. Shorter ones
/// end in silence.
pub fn stack<'a>(
    scores: impl IntoIterator<Item = &'a Score>,
    options: RollOptions,
) -> Result<Array, RollError> {
    let rolls = scores.into_iter().map(|score| grid::of_score(score, options));
    stacked(&rolls.collect::<Result<Vec<_>, _>>()?, options)
}

fn stacked(rolls: &[Cells], options: RollOptions) -> Result<Array, RollError> {
    let steps = rolls.iter().map(Cells::steps).max().unwrap_or_default();
    let (pieces, keys) = (rolls.len(), options.keys.count());
    let numbers = steps.checked_mul(keys).and_then(|size| size.checked_mul(pieces));
    if numbers.is_none_or(|numbers| numbers > MOST_NUMBERS) {
        return Err(RollError::TooLarge { pieces, steps });
    }
    let mut bytes = Vec::with_capacity(numbers.unwrap_or_default() * options.values.element().size());
    for roll in rolls {
        roll.add_to(&mut bytes, options.values);
        let missing = (steps - roll.steps()) * keys * options.values.element().size();
        bytes.resize(bytes.len() + missing, 0);
    }
    Ok(Array::new(&[pieces, steps, keys], options.values.element(), bytes)?)
}

fn one(roll: &Cells, options: RollOptions) -> Result<Array, RollError> {
    let mut bytes = Vec::new();
    roll.add_to(&mut bytes, options.values);
    Ok(Array::new(&[roll.steps(), options.keys.count()], options.values.element(), bytes)?)
}

/// How a file of rolls is read that does not say so itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadOptions {
    /// Steps of a quarter note.
    pub steps: u16,
    /// What the first of three axes counts.
    pub first: Axis,
    /// Whether faults are forgiven.
    pub strictness: Strictness,
}

impl Default for ReadOptions {
    fn default() -> Self {
        Self { steps: STEPS, first: Axis::Pieces, strictness: Strictness::Tolerant }
    }
}

/// Whether the names of an archive's arrays are those of a published set: sections of many pieces.
pub fn is_set(names: &[String]) -> bool {
    sections::are_sections(names)
}

/// Pieces of a file that belong together.
#[derive(Debug, Clone, PartialEq)]
pub struct Section {
    /// Its name, such as `train`; none where the file has no sections.
    pub name: Option<String>,
    /// The pieces.
    pub scores: Vec<Score>,
}

/// Reads the pieces of an `.npy` or `.npz` file.
pub fn read(bytes: &[u8], options: ReadOptions) -> Result<Read<Vec<Score>>, RollError> {
    let Read { value, warnings } = read_sections(bytes, options)?;
    Ok(Read { value: value.into_iter().flat_map(|section| section.scores).collect(), warnings })
}

/// The same by section; all pieces are in one without a name where the file has no sections.
pub fn read_sections(bytes: &[u8], options: ReadOptions) -> Result<Read<Vec<Section>>, RollError> {
    let mut warnings = Vec::new();
    let names = npy::names(bytes)?;
    if is_set(&names) {
        let value = sections::read(bytes, &names, options, &mut warnings)?;
        warnings.truncate(MOST_WARNINGS);
        return Ok(Read { value, warnings });
    }
    let scores = if archive::is_ours(&names) {
        vec![archive::read(bytes, options, &mut warnings)?]
    } else if pypianoroll::is_one(&names) {
        vec![pypianoroll::read(bytes, options, &mut warnings)?]
    } else if names.len() > 1 {
        vec![parts_by_name(bytes, &names, options, &mut warnings)?]
    } else {
        let array = npy::read(bytes, None, options.strictness)?;
        warnings.extend(array.warnings);
        of_array(&array.value, options, &mut warnings)?
    };
    Ok(Read { value: vec![Section { name: None, scores }], warnings })
}

/// An array a part.
fn parts_by_name(
    bytes: &[u8],
    names: &[String],
    options: ReadOptions,
    warnings: &mut Vec<Warning>,
) -> Result<Score, RollError> {
    let mut score = empty(options.steps)?;
    for name in names {
        let array = npy::read(bytes, Some(name), options.strictness)?;
        warnings.extend(array.warnings);
        for cells in Cells::of_array(&array.value, warnings)? {
            let index = score.tracks.len();
            score.tracks.push(part(name, index, &cells, options.steps));
        }
    }
    Ok(score)
}

/// The pieces of one array.
fn of_array(
    array: &Array,
    options: ReadOptions,
    warnings: &mut Vec<Warning>,
) -> Result<Vec<Score>, RollError> {
    let rolls = Cells::of_array(array, warnings)?;
    let score = empty(options.steps)?;
    let with = |tracks: Vec<Track>| Score { tracks, ..score.clone() };
    Ok(match options.first {
        Axis::Parts => {
            vec![with(
                rolls
                    .iter()
                    .enumerate()
                    .map(|(index, cells)| part("", index, cells, options.steps))
                    .collect(),
            )]
        }
        Axis::Pieces => rolls.iter().map(|cells| with(vec![part("", 0, cells, options.steps)])).collect(),
    })
}

/// A score without parts whose ticks fit the grid.
fn empty(steps: u16) -> Result<Score, RollError> {
    if !(1..=960).contains(&steps) {
        return Err(RollError::Steps(steps));
    }
    let ticks = ticks_a_step(steps) * u32::from(steps);
    Ok(Score::new(Resolution::new(i64::from(ticks)).unwrap_or(Resolution::STANDARD)))
}

/// So many that a quarter has 480 ticks, or the least number above that the grid divides.
fn ticks_a_step(steps: u16) -> u32 {
    Resolution::STANDARD.ticks_per_quarter().div_ceil(u32::from(steps.max(1)))
}

/// A part of the notes of a roll.
fn part(name: &str, index: usize, cells: &Cells, steps: u16) -> Track {
    // The tenth channel is the drums'.
    let channel = (0..16).filter(|&channel| channel != Channel::DRUMS.get()).nth(index % 15);
    let mut track = Track::new(name, Channel::saturating(channel.unwrap_or(0).into()), Program::PIANO);
    track.notes = cells.notes(ticks_a_step(steps));
    track
}
