//! Our archives: a roll a part, and what rolls do not tell.
//!
//! | array | shape | says |
//! |---|---|---|
//! | `steps` | `[1]` | steps of a quarter note |
//! | `roll_1` … | `[time, keys]` | a part's roll |
//! | `programs` | `[parts]` | MIDI's programs, from 0 |
//! | `drums` | `[parts]` | which parts are drums |
//! | `names` | `[parts, longest]` | names of parts in UTF-8, filled up with zeros |
//! | `title` | `[bytes]` | the title in UTF-8 |
//! | `tempos` | `[changes, 2]` | step, quarter notes a minute |
//! | `meters` | `[changes, 3]` | step, upper and lower number |
//! | `keys` | `[changes, 3]` | step, sharps (flats are negative), whether minor |

use crate::npy::{self, Array, Element, NpyError};
use crate::{Channel, Key, Meter, Mode, Program, Score, Tempo, Ticks, Timed, Track, Warning};

use super::cells::Cells;
use super::grid::{self, Grid};
use super::{ReadOptions, RollError, RollOptions};

const STEPS: &str = "steps";
const ROLL: &str = "roll_";

/// Whether the arrays of an archive have the names that are written here.
pub(super) fn is_ours(names: &[String]) -> bool {
    let has = |name: &str| names.iter().any(|other| other == name);
    has(STEPS) && has("programs")
}

/// The rolls of all parts, each in an array, with tempo, metre, key, instruments and names beside them, as an `.npz`
/// archive. The module's tables say what stands in it.
pub fn write(score: &Score, options: RollOptions) -> Result<Vec<u8>, RollError> {
    let grid = Grid { resolution: score.resolution, steps: options.steps };
    let mut arrays: Vec<(String, Array)> = Vec::new();
    let mut add = |name: &str, shape: &[usize], element: Element, values: &[f64]| {
        Array::from_values(shape, element, values).map(|array| arrays.push((name.to_owned(), array)))
    };
    let parts = score.tracks.len();
    add(STEPS, &[1], Element::U16, &[f64::from(options.steps)])?;
    let programs: Vec<f64> = score.tracks.iter().map(|track| f64::from(track.program().get())).collect();
    add("programs", &[parts], Element::U8, &programs)?;
    let drums: Vec<f64> = score.tracks.iter().map(|track| f64::from(u8::from(track.is_drums()))).collect();
    add("drums", &[parts], Element::Bool, &drums)?;
    let (longest, names) = names(score);
    add("names", &[parts, longest], Element::U8, &names)?;
    let title: Vec<f64> = score.title.bytes().map(f64::from).collect();
    add("title", &[title.len()], Element::U8, &title)?;
    let tempos = table(grid, &score.tempos, |tempo| [tempo.bpm()]);
    add("tempos", &[tempos.len() / 2, 2], Element::F64, &tempos)?;
    let meters = table(grid, &score.meters, |meter| [meter.beats().into(), meter.unit().into()]);
    add("meters", &[meters.len() / 3, 3], Element::I32, &meters)?;
    let keys =
        table(grid, &score.keys, |key| [key.fifths().into(), f64::from(u8::from(key.mode() == Mode::Minor))]);
    add("keys", &[keys.len() / 3, 3], Element::I32, &keys)?;
    for (index, track) in score.tracks.iter().enumerate() {
        let cells = grid::of_tracks(&[track], score.resolution, options)?;
        arrays.push((format!("{ROLL}{}", index + 1), super::one(&cells, options)?));
    }
    let named: Vec<(&str, &Array)> = arrays.iter().map(|(name, array)| (name.as_str(), array)).collect();
    Ok(npy::write_archive(&named)?)
}

/// The names of the parts, each as many bytes as the longest.
fn names(score: &Score) -> (usize, Vec<f64>) {
    let longest = score.tracks.iter().map(|track| track.name.len()).max().unwrap_or_default();
    let filled = |track: &Track| {
        let bytes: Vec<u8> = track.name.bytes().chain(std::iter::repeat(0)).take(longest).collect();
        bytes.into_iter().map(f64::from)
    };
    (longest, score.tracks.iter().flat_map(filled).collect())
}

/// A row a change: its step and what it says. Of changes at one step the last holds.
fn table<T: Copy, const N: usize>(
    grid: Grid,
    changes: &[Timed<T>],
    says: impl Fn(T) -> [f64; N],
) -> Vec<f64> {
    let mut rows: Vec<(usize, [f64; N])> = Vec::with_capacity(changes.len());
    for change in changes {
        let row = (grid.step(change.at), says(change.value));
        match rows.last_mut() {
            Some(last) if last.0 == row.0 => *last = row,
            _ => rows.push(row),
        }
    }
    rows.into_iter().flat_map(|(step, says)| std::iter::once(step as f64).chain(says)).collect()
}

/// Reads an archive that [`write`] made.
pub(super) fn read(
    bytes: &[u8],
    options: ReadOptions,
    warnings: &mut Vec<Warning>,
) -> Result<Score, RollError> {
    let mut file = File { bytes, options, warnings };
    let steps = file.numbers(STEPS)?.first().map_or(options.steps, |&steps| steps as u16);
    let mut score = super::empty(steps)?;
    let (programs, drums) = (file.numbers("programs")?, file.numbers("drums")?);
    let names = file.texts("names", programs.len())?;
    score.title = file.texts("title", 1)?.pop().unwrap_or_default();
    let ticks = super::ticks_a_step(steps);
    score.tempos = changes(&file.numbers("tempos")?, ticks, |&[bpm]| Tempo::from_bpm(bpm).ok());
    score.meters =
        changes(&file.numbers("meters")?, ticks, |&[over, under]| Meter::new(over as i64, under as i64).ok());
    score.keys = changes(&file.numbers("keys")?, ticks, |&[fifths, minor]| {
        Key::new(fifths as i64, if minor == 0.0 { Mode::Major } else { Mode::Minor }).ok()
    });
    for (index, &program) in programs.iter().enumerate() {
        let name = format!("{ROLL}{}", index + 1);
        let array = file.array(&name)?;
        let Some(array) = array else {
            return Err(RollError::Archive(format!("it has {} parts and no {name}", programs.len())));
        };
        let Some(cells) = Cells::of_array(&array, file.warnings)?.pop() else {
            return Err(RollError::Shape(array.shape().to_vec()));
        };
        let mut track = super::part(names.get(index).map_or("", String::as_str), index, &cells, steps);
        if drums.get(index).is_some_and(|&drums| drums != 0.0) {
            track.channel = Channel::DRUMS;
        }
        let program = Program::saturating(program as i64);
        let plain = Track::new("", track.channel, program);
        score.tracks.push(Track { controls: plain.controls, ..track });
    }
    Ok(score)
}

/// The changes of a table whose rows say something.
fn changes<T, const N: usize>(
    numbers: &[f64],
    ticks_a_step: u32,
    means: impl Fn(&[f64; N]) -> Option<T>,
) -> Vec<Timed<T>> {
    let row = |row: &[f64]| {
        let (&step, says) = row.split_first()?;
        let at = Ticks((step.max(0.0) as u32).saturating_mul(ticks_a_step));
        Some(Timed::new(at, means(says.try_into().ok()?)?))
    };
    let mut changes: Vec<Timed<T>> = numbers.chunks(N + 1).filter_map(row).collect();
    changes.sort_by_key(|change| change.at);
    changes
}

/// An archive that is read.
struct File<'a> {
    bytes: &'a [u8],
    options: ReadOptions,
    warnings: &'a mut Vec<Warning>,
}

impl File<'_> {
    fn array(&mut self, name: &str) -> Result<Option<Array>, RollError> {
        match npy::read(self.bytes, Some(name), self.options.strictness) {
            Ok(read) => {
                self.warnings.extend(read.warnings);
                Ok(Some(read.value))
            }
            Err(NpyError::NoSuchArray { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// The numbers of an array; none where it is missing.
    fn numbers(&mut self, name: &str) -> Result<Vec<f64>, RollError> {
        Ok(self.array(name)?.map(|array| array.values(0..array.len())).unwrap_or_default())
    }

    /// The rows of an array as texts.
    fn texts(&mut self, name: &str, rows: usize) -> Result<Vec<String>, RollError> {
        let bytes: Vec<u8> = self.numbers(name)?.into_iter().map(|number| number as u8).collect();
        let width = (bytes.len() / rows.max(1)).max(1);
        let text = |row: &[u8]| String::from_utf8_lossy(row).trim_end_matches('\0').to_owned();
        Ok(bytes.chunks(width).map(text).collect())
    }
}
