//! What a model knows of each style besides its weights: the parts, metres, tempi and lengths of its pieces.

use std::collections::BTreeMap;

use cantus_features::key;
use cantus_score::{Key, Meter, Mode};
use serde::{Deserialize, Serialize};

use crate::encoding::{Part, STEPS_PER_QUARTER, Sliced, Steps};
use crate::lesson::whole_length;
use crate::walk::bar_steps;

/// A part of a style's usual setting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StylePart {
    /// Name, program and whether it is monophonic or drums.
    pub part: Part,
    /// The lowest pitch that training pieces have in it.
    pub low: u8,
    /// The highest.
    pub high: u8,
}

/// A metre and how many training pieces begin with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MeterCount {
    /// The upper number.
    pub beats: u8,
    /// The lower number.
    pub unit: u8,
    /// Pieces.
    pub pieces: u32,
}

/// A key and how many training pieces are heard in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyCount {
    /// Sharps of the signature; flats are negative.
    pub fifths: i8,
    /// Whether it is minor.
    pub minor: bool,
    /// Pieces.
    pub pieces: u32,
}

impl KeyCount {
    /// The key, unless the file that it was read from is damaged.
    pub fn key(self) -> Option<Key> {
        let mode = if self.minor { Mode::Minor } else { Mode::Major };
        Key::new(i64::from(self.fifths), mode).ok()
    }
}

/// A style as its training pieces show it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Style {
    /// Its name, as the user writes it.
    pub name: String,
    /// Training pieces.
    pub pieces: u32,
    /// The setting most pieces have.
    pub parts: Vec<StylePart>,
    /// Metres, the commonest first.
    pub meters: Vec<MeterCount>,
    /// Keys, the commonest first.
    pub keys: Vec<KeyCount>,
    /// Quarter notes a minute in the middle of the pieces that state a tempo; 100 where none does.
    pub tempo: f64,
    /// Bars of a piece, in the middle of all.
    pub bars: u32,
    /// Notes a quarter, in the middle of all.
    pub density: f64,
    /// The share of pieces that end on their tonic, from 0 to 1.
    pub tonic_endings: f64,
    /// Whether notes have velocities.
    pub dynamics: bool,
}

/// What is measured of a piece to train and to describe styles by.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measured {
    /// The key heard over the whole piece.
    pub key: Option<Key>,
    /// Quarter notes a minute, where the piece states a tempo.
    pub tempo: Option<f64>,
    /// Notes a quarter.
    pub density: f64,
    /// From the first whole bar to the last bar's end.
    pub length: Steps,
    /// Whether it ends on its tonic: the lowest note of those that sound last.
    pub ends_on_tonic: bool,
}

/// Measures a piece.
pub fn measure(piece: &Sliced) -> Measured {
    let key = heard_key(piece);
    let quarters = f64::from(piece.end().max(1)) / f64::from(STEPS_PER_QUARTER);
    let last_bass = last_bass(piece);
    Measured {
        key,
        tempo: piece.tempo.map(cantus_score::Tempo::bpm),
        density: piece.note_count() as f64 / quarters,
        length: whole_length(piece),
        ends_on_tonic: key.is_some_and(|key| last_bass.is_some_and(|bass| bass.class() == key.tonic())),
    }
}

/// The key of a whole piece by the time that its pitch classes sound. Of a relative pair of keys, which share
/// their notes, the one on whose tonic the piece ends is taken.
pub fn heard_key(piece: &Sliced) -> Option<Key> {
    let mut sounded = [0.0; 12];
    for note in piece.slices.iter().flat_map(|slice| &slice.notes) {
        if !piece.parts[note.part as usize].drums {
            sounded[note.pitch.class().get() as usize] += f64::from(note.length.steps());
        }
    }
    if sounded.iter().sum::<f64>() <= 0.0 {
        return None;
    }
    let heard = key::estimate(&sounded).key;
    let relative = relative_of(heard);
    let ends_on = |key: Key| last_bass(piece).is_some_and(|bass| bass.class() == key.tonic());
    Some(if !ends_on(heard) && ends_on(relative) { relative } else { heard })
}

fn relative_of(key: Key) -> Key {
    let mode = if key.mode() == Mode::Major { Mode::Minor } else { Mode::Major };
    Key::new(i64::from(key.fifths()), mode).unwrap_or(key)
}

/// The lowest pitch that sounds at the piece's end.
fn last_bass(piece: &Sliced) -> Option<cantus_score::Pitch> {
    let end = piece.end();
    let notes = piece.slices.iter().flat_map(|slice| slice.notes.iter().map(move |note| (slice.at, note)));
    let last =
        notes.filter(|(at, note)| at + note.length.steps() == end && !piece.parts[note.part as usize].drums);
    last.map(|(_, note)| note.pitch).min()
}

impl Style {
    /// Describes the pieces of a style.
    pub fn of_pieces(name: &str, pieces: &[&Sliced]) -> Self {
        let measured: Vec<Measured> = pieces.iter().map(|piece| measure(piece)).collect();
        let tempi = measured.iter().filter_map(|piece| piece.tempo).collect();
        let meters = meters(pieces);
        let bar = meters.first().and_then(|meter| Meter::new(meter.beats.into(), meter.unit.into()).ok());
        let bar = f64::from(bar_steps(bar.unwrap_or(Meter::FOUR_FOUR)));
        let tonic = measured.iter().filter(|piece| piece.ends_on_tonic).count();
        Self {
            name: name.to_owned(),
            pieces: pieces.len() as u32,
            parts: usual_parts(pieces),
            meters,
            keys: keys(&measured),
            tempo: median(tempi).unwrap_or(100.0),
            bars: median(measured.iter().map(|piece| f64::from(piece.length) / bar).collect()).unwrap_or(16.0)
                as u32,
            density: median(measured.iter().map(|piece| piece.density).collect()).unwrap_or(1.0),
            tonic_endings: tonic as f64 / pieces.len().max(1) as f64,
            dynamics: pieces.iter().filter(|piece| piece.has_dynamics()).count() * 2 > pieces.len(),
        }
    }

    /// Its commonest metre.
    pub fn meter(&self) -> Meter {
        let first =
            self.meters.first().and_then(|meter| Meter::new(meter.beats.into(), meter.unit.into()).ok());
        first.unwrap_or(Meter::FOUR_FOUR)
    }

    /// Whether its pieces end on their tonic as a rule.
    pub fn ends_on_tonic(&self) -> bool {
        self.tonic_endings > 0.5
    }
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

fn keys(measured: &[Measured]) -> Vec<KeyCount> {
    let mut counts = BTreeMap::new();
    for key in measured.iter().filter_map(|piece| piece.key) {
        *counts.entry((key.fifths(), key.mode() == Mode::Minor)).or_insert(0) += 1;
    }
    let mut keys: Vec<KeyCount> =
        counts.into_iter().map(|((fifths, minor), pieces)| KeyCount { fifths, minor, pieces }).collect();
    keys.sort_by_key(|key| std::cmp::Reverse(key.pieces));
    keys
}

fn meters(pieces: &[&Sliced]) -> Vec<MeterCount> {
    let mut counts = BTreeMap::new();
    for meter in pieces.iter().filter_map(|piece| piece.meters.first()).map(|span| span.meter) {
        *counts.entry((meter.beats(), meter.unit())).or_insert(0) += 1;
    }
    let mut meters: Vec<MeterCount> =
        counts.into_iter().map(|((beats, unit), pieces)| MeterCount { beats, unit, pieces }).collect();
    meters.sort_by_key(|meter| std::cmp::Reverse(meter.pieces));
    meters
}

/// The parts of the commonest setting: as many, with these programs.
fn usual_parts(pieces: &[&Sliced]) -> Vec<StylePart> {
    let setting =
        |piece: &Sliced| piece.parts.iter().map(|part| (part.program, part.drums)).collect::<Vec<_>>();
    let mut counts: BTreeMap<Vec<(u8, bool)>, usize> = BTreeMap::new();
    for piece in pieces {
        *counts.entry(setting(piece)).or_insert(0) += 1;
    }
    let Some((usual, _)) = counts.into_iter().max_by_key(|(_, count)| *count) else { return Vec::new() };
    let alike: Vec<&&Sliced> = pieces.iter().filter(|piece| setting(piece) == usual).collect();
    (0..usual.len()).filter_map(|index| usual_part(&alike, index)).collect()
}

fn usual_part(pieces: &[&&Sliced], index: usize) -> Option<StylePart> {
    let notes = || pieces.iter().flat_map(|piece| &piece.slices).flat_map(|slice| &slice.notes);
    let pitches = || notes().filter(|note| note.part as usize == index).map(|note| note.pitch.get());
    let monophonic = pieces.iter().filter(|piece| piece.parts[index].monophonic).count() * 2 > pieces.len();
    let first = pieces.first()?.parts.get(index)?;
    Some(StylePart {
        part: Part { monophonic, ..first.clone() },
        low: pitches().min()?,
        high: pitches().max()?,
    })
}
