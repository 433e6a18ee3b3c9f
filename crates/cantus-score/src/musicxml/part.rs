//! One part while it is read: where in time it is, and what was found.

use super::MusicXmlError;
use super::faults::Faults;
use super::header::{Instrument, PartHead};
use super::measures::Measure;
use super::moment::{self, Moment, QUARTER};
use super::xml::{Node, Tag};
use super::{attributes, barline, direction, harmony, note};
use crate::sheet::{ChordSymbol, Clef, Transposition, Written};
use crate::{Key, Tempo, Text, Velocity};

/// Something in a measure.
#[derive(Debug, Clone)]
pub(super) struct Found<T> {
    /// The measure, from 0.
    pub(super) measure: u32,
    /// When in it.
    pub(super) at: Moment,
    pub(super) value: T,
}

/// A note, and what its [`Written`] form cannot say yet.
#[derive(Debug, Clone)]
pub(super) struct FoundNote {
    pub(super) note: Written,
    pub(super) length: Moment,
    pub(super) unpitched: bool,
}

/// What all parts tell of together.
#[derive(Debug, Default)]
pub(super) struct Shared {
    pub(super) measures: Vec<Measure>,
    pub(super) tempos: Vec<Found<Tempo>>,
    pub(super) texts: Vec<Found<Text>>,
    /// The divisions in which parts count.
    pub(super) divisions: Vec<i64>,
}

impl Shared {
    /// A measure, which is new where no part had so many.
    pub(super) fn measure(&mut self, index: usize) -> &mut Measure {
        if self.measures.len() <= index {
            self.measures.resize_with(index + 1, Measure::default);
        }
        &mut self.measures[index]
    }
}

/// One part while it is read.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) head: PartHead,
    /// How many divisions make a quarter note; nothing before the part says so.
    pub(super) divisions: Option<i64>,
    /// How the part is written now.
    pub(super) transposition: Transposition,
    pub(super) staves: u8,
    /// The measures begun so far.
    pub(super) begun: usize,
    /// When in the measure the part is.
    pub(super) cursor: Moment,
    /// When the last note began.
    pub(super) chord_start: Moment,
    /// How long a measure is in the metre that holds; zero in free time.
    pub(super) nominal: Moment,
    /// Names of voices that are no numbers.
    pub(super) voices: Vec<String>,
    pub(super) tempo: f64,
    pub(super) notes: Vec<Found<FoundNote>>,
    pub(super) clefs: Vec<Found<(u8, Clef)>>,
    pub(super) keys: Vec<Found<Key>>,
    pub(super) chords: Vec<Found<ChordSymbol>>,
    pub(super) dynamics: Vec<Found<Velocity>>,
    pub(super) texts: Vec<Found<Text>>,
    /// How the part is written at its first note.
    pub(super) first_transposition: Option<Transposition>,
}

impl Part {
    pub(super) fn new(head: PartHead) -> Self {
        Self {
            head,
            divisions: None,
            transposition: Transposition::default(),
            staves: 1,
            begun: 0,
            cursor: 0,
            chord_start: 0,
            nominal: 4 * QUARTER,
            voices: Vec::new(),
            tempo: 120.0,
            notes: Vec::new(),
            clefs: Vec::new(),
            keys: Vec::new(),
            chords: Vec::new(),
            dynamics: Vec::new(),
            texts: Vec::new(),
            first_transposition: None,
        }
    }

    /// The measure that is being read, from 0.
    pub(super) fn measure(&self) -> usize {
        self.begun.saturating_sub(1)
    }

    /// Puts something at a time in the present measure.
    pub(super) fn found<T>(&self, at: Moment, value: T) -> Found<T> {
        Found { measure: self.measure() as u32, at: at.max(0), value }
    }

    /// Puts something where the part is.
    pub(super) fn here<T>(&self, value: T) -> Found<T> {
        self.found(self.cursor, value)
    }

    /// Begins the measure of an index.
    pub(super) fn begin_measure(&mut self, index: usize, tag: &Tag<'_>, shared: &mut Shared) {
        self.begun = index + 1;
        self.cursor = 0;
        self.chord_start = 0;
        let measure = shared.measure(index);
        if measure.number.is_empty() && !tag.says_yes("implicit") {
            measure.number = tag.attribute("number").unwrap_or_default().into_owned();
        }
    }

    pub(super) fn end_measure(&self, shared: &mut Shared) {
        let measure = shared.measure(self.measure());
        measure.nominal = measure.nominal.max(self.nominal);
    }

    /// Takes an element of a measure.
    pub(super) fn take(
        &mut self,
        node: Node<'_, '_>,
        shared: &mut Shared,
        faults: &mut Faults<'_>,
    ) -> Result<(), MusicXmlError> {
        let before = self.cursor;
        match node.name() {
            "note" => note::read(self, node, faults)?,
            "backup" => self.go(node, -1, faults)?,
            "forward" => self.go(node, 1, faults)?,
            "attributes" => attributes::read(self, node, shared, faults)?,
            "direction" => direction::read(self, node, shared, faults)?,
            "sound" => direction::sound(self, node, self.cursor, shared, faults)?,
            "barline" => barline::read(self, node, shared, faults)?,
            "harmony" => {
                if let Some(chord) = harmony::read(node, faults)? {
                    let at = self.cursor + self.offset_within(node);
                    self.chords.push(self.found(at, chord));
                }
            }
            _ => {}
        }
        let measure = shared.measure(self.measure());
        measure.length = measure.length.max(self.cursor);
        if node.name() == "note" && self.cursor > before {
            measure.latest = measure.latest.max(before);
        }
        Ok(())
    }

    /// How far from its place an element says that it stands.
    pub(super) fn offset_within(&self, node: Node<'_, '_>) -> Moment {
        node.child("offset").map_or(0, |offset| self.length(offset).unwrap_or(0))
    }

    /// How long an element lasts; nothing where that is no number.
    pub(super) fn length(&self, node: Node<'_, '_>) -> Option<Moment> {
        Some(self.way(node)?.clamp(-moment::LONGEST, moment::LONGEST))
    }

    /// A length in divisions, which may lead through a whole measure; nothing where it is no number.
    fn way(&self, node: Node<'_, '_>) -> Option<Moment> {
        let divisions = self.divisions.unwrap_or(1);
        if let Some(whole) = node.number::<i64>() {
            return Some(moment::of_divisions(whole, divisions));
        }
        let decimal = node.number::<f64>().filter(|decimal| decimal.is_finite())?;
        Some(moment::of_quarters(decimal / divisions as f64))
    }

    /// Moves to and fro.
    fn go(&mut self, node: Node<'_, '_>, sign: i64, faults: &mut Faults<'_>) -> Result<(), MusicXmlError> {
        let length = |duration| if sign < 0 { self.way(duration) } else { self.length(duration) };
        let Some(length) = node.child("duration").and_then(length) else {
            return faults
                .add(node.offset(), format_args!("<{}> has no duration; it is left out", node.name()));
        };
        let to = self.cursor.saturating_add(sign * length);
        self.cursor = to.clamp(0, moment::LONGEST_MEASURE);
        // Lengths that no part of a quarter note tells exactly are rounded one by one.
        if to < -QUARTER / 1000 {
            let message = format_args!("the music goes back beyond the beginning of its bar; it goes there");
            faults.add(node.offset(), message)?;
        }
        Ok(())
    }

    /// The voice of a name; numbers keep theirs.
    pub(super) fn voice(&mut self, name: &str) -> u8 {
        if let Some(voice) = name.parse().ok().filter(|voice| *voice > 0) {
            return voice;
        }
        let known = self.voices.iter().position(|voice| voice == name);
        let index = known.unwrap_or(self.voices.len()).min(100);
        if known.is_none() && index < 100 {
            self.voices.push(name.to_owned());
        }
        255 - index as u8
    }

    /// The instrument that a note names, else the part's only one.
    pub(super) fn instrument(&self, id: Option<&str>) -> Option<&Instrument> {
        match id {
            Some(id) => self.head.instruments.iter().find(|instrument| instrument.id == id),
            None => self.head.instruments.first().filter(|_| self.head.instruments.len() == 1),
        }
    }
}
