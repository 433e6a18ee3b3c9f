//! Archives of pypianoroll: sparse rolls by columns, and an `info.json`.
//!
//! A roll of `[time, 128]` is four arrays: its shape, where each key's numbers begin, their times, the numbers.
//! The format is described at <https://salu133445.github.io/pypianoroll/save_load.html>.

use serde_json::Value;

use crate::npy::{self, Array};
use crate::{Channel, MOST_WARNINGS, Place, Program, Score, Tempo, Ticks, Timed, Track, Warning};

use super::cells::Cells;
use super::{Keys, MOST_NUMBERS, MOST_STEPS, ReadOptions, RollError};

const INFO: &str = "info.json";
/// What pypianoroll takes where nothing is said.
const RESOLUTION: u64 = 24;

/// Whether the names of an archive's arrays are those of pypianoroll.
pub(super) fn is_one(names: &[String]) -> bool {
    names.iter().any(|name| name.starts_with("pianoroll_") && name.ends_with("_csc_shape"))
}

/// Reads an archive.
pub(super) fn read(
    bytes: &[u8],
    options: ReadOptions,
    warnings: &mut Vec<Warning>,
) -> Result<Score, RollError> {
    let info = npy::member(bytes, INFO)?.unwrap_or_default();
    let info: Value = serde_json::from_slice(&info).unwrap_or(Value::Null);
    if info.is_null() && warnings.len() < MOST_WARNINGS {
        let message = format!(
            "{INFO} is missing or cannot be read: {RESOLUTION} steps a quarter and a piano are taken"
        );
        warnings.push(Warning { place: Place::Byte { offset: 0, track: None }, message });
    }
    let told = info.get("resolution").or_else(|| info.get("beat_resolution")).and_then(Value::as_u64);
    let steps = u16::try_from(told.unwrap_or(RESOLUTION)).unwrap_or(u16::MAX);
    let mut score = super::empty(steps)?;
    info.get("name").and_then(Value::as_str).unwrap_or_default().clone_into(&mut score.title);
    let file = File { bytes, options };
    score.tempos = tempos(&file.numbers("tempo").unwrap_or_default(), super::ticks_a_step(steps));
    for index in 0.. {
        let Ok(shape) = file.numbers(&format!("pianoroll_{index}_csc_shape")) else { break };
        let cells = file.roll(index, &shape)?;
        score.tracks.push(track(&info, index, &cells, steps));
    }
    Ok(score)
}

/// A tempo for each step, of which the changes count.
fn tempos(numbers: &[f64], ticks_a_step: u32) -> Vec<Timed<Tempo>> {
    let mut tempos: Vec<Timed<Tempo>> = Vec::new();
    for (step, &bpm) in numbers.iter().enumerate() {
        let Ok(tempo) = Tempo::from_bpm(bpm) else { continue };
        if tempos.last().is_none_or(|last| last.value != tempo) {
            tempos.push(Timed::new(Ticks((step as u32).saturating_mul(ticks_a_step)), tempo));
        }
    }
    tempos
}

fn track(info: &Value, index: usize, cells: &Cells, steps: u16) -> Track {
    let about = info.get(index.to_string()).unwrap_or(&Value::Null);
    let name = about.get("name").and_then(Value::as_str).unwrap_or_default();
    let mut track = super::part(name, index, cells, steps);
    if about.get("is_drum").and_then(Value::as_bool) == Some(true) {
        track.channel = Channel::DRUMS;
    }
    let program = Program::saturating(about.get("program").and_then(Value::as_i64).unwrap_or_default());
    let plain = Track::new("", track.channel, program);
    Track { controls: plain.controls, ..track }
}

struct File<'a> {
    bytes: &'a [u8],
    options: ReadOptions,
}

impl File<'_> {
    fn array(&self, name: &str) -> Result<Array, RollError> {
        Ok(npy::read(self.bytes, Some(name), self.options.strictness)?.value)
    }

    fn numbers(&self, name: &str) -> Result<Vec<f64>, RollError> {
        self.array(name).map(|array| array.values(0..array.len()))
    }

    /// A roll, unpacked.
    fn roll(&self, index: usize, shape: &[f64]) -> Result<Cells, RollError> {
        let shape: Vec<usize> = shape.iter().map(|&length| length as usize).collect();
        let &[steps, 128] = shape.as_slice() else { return Err(RollError::Shape(shape)) };
        // A sparse roll may claim any size, so what is there bounds what is unpacked.
        if steps > MOST_STEPS || steps * Keys::All.count() > MOST_NUMBERS {
            return Err(RollError::TooLong(steps));
        }
        let part = |what: &str| format!("pianoroll_{index}_csc_{what}");
        let data = self.array(&part("data"))?;
        let (times, begins) = (self.numbers(&part("indices"))?, self.numbers(&part("indptr"))?);
        let used = times.iter().fold(0.0_f64, |most, &time| most.max(time + 1.0));
        let used = (used as usize).min(steps);
        let mut cells = Cells::silent(used, Keys::All);
        let fill = |dense: &mut Cells| -> Option<()> {
            let values = data.values(0..data.len());
            let is_on = data.element() == crate::npy::Element::Bool;
            for (key, pair) in begins.windows(2).enumerate() {
                let &[begin, end] = pair else { return None };
                let pitch = crate::Pitch::new(key as i64).ok()?;
                for place in (begin as usize)..(end as usize).min(times.len()) {
                    let (time, value) = (*times.get(place)? as usize, *values.get(place)?);
                    let value = if is_on { 1 } else { value.round().clamp(0.0, 127.0) as u8 };
                    *dense.cell(time, pitch)? = value;
                }
            }
            Some(())
        };
        match fill(&mut cells) {
            Some(()) => Ok(cells),
            None => Err(RollError::Archive(format!("the numbers of roll {index} do not fit its shape"))),
        }
    }
}
