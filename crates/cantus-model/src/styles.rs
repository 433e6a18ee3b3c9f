//! What a model knows of each style besides its weights: the parts, metres, tempi and lengths of its pieces.

use std::collections::BTreeMap;

use cantus_features::key;
use cantus_score::{Key, Meter, Mode};
use serde::{Deserialize, Serialize};

use crate::controls::{ControlScale, MeasuredControls, ScaleTally};
use crate::critic::Critic;
use crate::encoding::{Part, STEPS_PER_QUARTER, Sliced, Steps};
use crate::lesson::whole_length;
use crate::walk::bar_steps;

/// The fewest pieces of one setting that tell what its parts are usually given to play.
const FEWEST_ALIKE: usize = 5;

/// One note in so many may lie beyond the range of a part, at each end: often a slip of the pen.
const RAREST: u32 = 500;

/// A part of a style's usual setting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StylePart {
    /// Name, program and whether it is monophonic or drums.
    pub part: Part,
    /// The lowest pitch that training pieces have in it, but for one note in five hundred.
    pub low: u8,
    /// The highest, but for as many.
    pub high: u8,
    /// How many of a hundred notes are its own in the training pieces of this setting; 0 where that was not counted.
    #[serde(default)]
    pub share: u8,
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
    /// Quarter notes a minute in the middle of the pieces that state a tempo; 100 where fewer than a tenth do.
    pub tempo: f64,
    /// Bars of a piece, in the middle of all.
    pub bars: u32,
    /// Notes a quarter, in the middle of all.
    pub density: f64,
    /// The share of pieces that end on their tonic, from 0 to 1.
    pub tonic_endings: f64,
    /// Whether notes have velocities.
    pub dynamics: bool,
    /// What values each control takes in its pieces; empty where that was not measured.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub controls: Vec<ControlScale>,
    /// What its pieces have less of than what a network makes of itself, by the names of restraints, and by how many nats that is weighed so
    /// that there is about as much of it; empty where that was not measured.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub avoids: BTreeMap<String, f32>,
    /// What tells its pieces from those that a network makes of itself; none where that was not learnt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub critic: Option<Critic>,
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
        let mut tally = Tally::default();
        for piece in pieces {
            tally.add(piece, &measure(piece));
        }
        tally.style(name)
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

/// The middle of the tempi that are stated; 100 quarters a minute where too few pieces state one to speak for the rest.
fn usual_tempo(stated: Vec<f64>, pieces: u32) -> f64 {
    let speaks = stated.len() * 10 >= pieces as usize;
    Some(stated).filter(|_| speaks).and_then(median).unwrap_or(100.0)
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

/// The pieces of a style, counted one after the other, so that none need stay in memory.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tally {
    pieces: u32,
    tempi: Vec<f64>,
    lengths: Vec<f64>,
    densities: Vec<f64>,
    tonic_endings: usize,
    with_dynamics: usize,
    meters: BTreeMap<(u8, u8), u32>,
    keys: BTreeMap<(i8, bool), u32>,
    scales: ScaleTally,
    /// By the programs of the parts, and which of them are drums.
    settings: BTreeMap<Vec<(u8, bool)>, Setting>,
}

/// The pieces whose parts have the same programs.
#[derive(Debug, Clone, Default)]
struct Setting {
    pieces: usize,
    parts: Vec<SettingPart>,
}

#[derive(Debug, Clone)]
struct SettingPart {
    /// As the first of the pieces has it.
    part: Part,
    monophonic: usize,
    notes: usize,
    /// How often each pitch is played.
    pitches: Vec<u32>,
}

impl Tally {
    /// Counts one more piece, and what was measured of it.
    pub(crate) fn add(&mut self, piece: &Sliced, measured: &Measured) {
        self.pieces += 1;
        self.scales.add(&MeasuredControls::of_piece(piece, measured.key));
        self.tempi.extend(measured.tempo);
        self.lengths.push(f64::from(measured.length));
        self.densities.push(measured.density);
        self.tonic_endings += usize::from(measured.ends_on_tonic);
        self.with_dynamics += usize::from(piece.has_dynamics());
        if let Some(span) = piece.meters.first() {
            *self.meters.entry((span.meter.beats(), span.meter.unit())).or_insert(0) += 1;
        }
        if let Some(key) = measured.key {
            *self.keys.entry((key.fifths(), key.mode() == Mode::Minor)).or_insert(0) += 1;
        }
        let programs = piece.parts.iter().map(|part| (part.program, part.drums)).collect();
        self.settings.entry(programs).or_default().add(piece);
    }

    /// Counts the pieces that another has counted; settings, whose parts would have to be joined one by one, are left out.
    pub(crate) fn join_but_for_settings(&mut self, other: Self) {
        self.pieces += other.pieces;
        self.tempi.extend(other.tempi);
        self.lengths.extend(other.lengths);
        self.densities.extend(other.densities);
        self.tonic_endings += other.tonic_endings;
        self.with_dynamics += other.with_dynamics;
        for (meter, pieces) in other.meters {
            *self.meters.entry(meter).or_insert(0) += pieces;
        }
        for (key, pieces) in other.keys {
            *self.keys.entry(key).or_insert(0) += pieces;
        }
        self.scales.join(other.scales);
    }

    /// What the pieces have in common.
    pub(crate) fn style(self, name: &str) -> Style {
        let meters = commonest(
            self.meters.iter().map(|(&(beats, unit), &pieces)| MeterCount { beats, unit, pieces }),
            |meter| meter.pieces,
        );
        let keys = commonest(
            self.keys.iter().map(|(&(fifths, minor), &pieces)| KeyCount { fifths, minor, pieces }),
            |key| key.pieces,
        );
        let bar = meters.first().and_then(|meter| Meter::new(meter.beats.into(), meter.unit.into()).ok());
        let bar = f64::from(bar_steps(bar.unwrap_or(Meter::FOUR_FOUR)));
        let usual = self.settings.into_values().max_by_key(|setting| setting.pieces);
        Style {
            name: name.to_owned(),
            pieces: self.pieces,
            parts: usual.map(Setting::parts).unwrap_or_default(),
            meters,
            keys,
            tempo: usual_tempo(self.tempi, self.pieces),
            bars: median(self.lengths.iter().map(|length| length / bar).collect()).unwrap_or(16.0) as u32,
            density: median(self.densities).unwrap_or(1.0),
            tonic_endings: self.tonic_endings as f64 / f64::from(self.pieces.max(1)),
            dynamics: self.with_dynamics * 2 > self.pieces as usize,
            controls: self.scales.scales(),
            avoids: BTreeMap::new(),
            critic: None,
        }
    }
}

/// The counts, the highest first.
fn commonest<T>(counts: impl Iterator<Item = T>, pieces: impl Fn(&T) -> u32) -> Vec<T> {
    let mut counts: Vec<T> = counts.collect();
    counts.sort_by_key(|count| std::cmp::Reverse(pieces(count)));
    counts
}

impl Setting {
    fn add(&mut self, piece: &Sliced) {
        if self.pieces == 0 {
            let part = |part: &Part| SettingPart {
                part: part.clone(),
                monophonic: 0,
                notes: 0,
                pitches: vec![0; 128],
            };
            self.parts = piece.parts.iter().map(part).collect();
        }
        self.pieces += 1;
        for (own, part) in self.parts.iter_mut().zip(&piece.parts) {
            own.monophonic += usize::from(part.monophonic);
        }
        for note in piece.slices.iter().flat_map(|slice| &slice.notes) {
            let SettingPart { notes, pitches, .. } = &mut self.parts[note.part as usize];
            *notes += 1;
            pitches[usize::from(note.pitch.get())] += 1;
        }
    }

    fn parts(self) -> Vec<StylePart> {
        let all: usize = self.parts.iter().map(|part| part.notes).sum();
        let usual = |own: SettingPart| {
            let (low, high) = range(&own.pitches)?;
            let monophonic = own.monophonic * 2 > self.pieces;
            let share = if self.pieces < FEWEST_ALIKE { 0 } else { (100 * own.notes / all.max(1)) as u8 };
            Some(StylePart { part: Part { monophonic, ..own.part }, low, high, share })
        };
        self.parts.into_iter().filter_map(usual).collect()
    }
}

/// The lowest and the highest pitch that are played, but for the rarest.
fn range(pitches: &[u32]) -> Option<(u8, u8)> {
    let left_out = pitches.iter().sum::<u32>() / RAREST;
    let passes = |passed: &mut u32, pitch: usize| {
        *passed += pitches[pitch];
        Some((pitch, *passed > left_out))
    };
    let low = (0..pitches.len()).scan(0, passes).find(|(_, is_in)| *is_in);
    let high = (0..pitches.len()).rev().scan(0, passes).find(|(_, is_in)| *is_in);
    Some((low?.0 as u8, high?.0 as u8))
}
