//! For writers: the voices of a staff, in lanes where one chord follows the other.

use std::collections::HashMap;

use super::values::Piece;
use super::{Part, Sheet, Sound, Written};
use crate::Ticks;

/// Notes of one voice that begin and end together.
#[derive(Debug, Clone)]
pub(crate) struct Chord<'a> {
    pub(crate) start: Ticks,
    pub(crate) end: Ticks,
    pub(crate) notes: Vec<Held<'a>>,
}

/// A note, and whether a tie leads to it and from it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Held<'a> {
    pub(crate) note: &'a Written,
    pub(crate) from: bool,
    pub(crate) on: bool,
}

/// A column of a staff.
#[derive(Debug, Default)]
pub(crate) struct Lane<'a> {
    pub(crate) chords: Vec<Chord<'a>>,
    /// Sorted by their beginnings, in the order in which they are played.
    pub(crate) graces: Vec<Held<'a>>,
}

impl Lane<'_> {
    /// Whether a note sounds or a grace note stands between two times.
    pub(crate) fn has_within(&self, from: Ticks, until: Ticks) -> bool {
        let chord = self.chords.partition_point(|chord| chord.end <= from);
        let grace = self.graces.partition_point(|grace| grace.note.start < from);
        self.chords.get(chord).is_some_and(|chord| chord.start < until)
            || self.graces.get(grace).is_some_and(|grace| grace.note.start < until)
    }

    /// The times of grace notes in a piece of a bar that begins at a time, as times in the bar.
    pub(crate) fn graces_within(&self, piece: &Piece, bar: Ticks) -> Vec<Ticks> {
        let (from, until) = (bar.saturating_add(piece.start), bar.saturating_add(piece.end()));
        let begin = self.graces.partition_point(|grace| grace.note.start <= from);
        let times = self.graces.iter().skip(begin).map(|grace| grace.note.start);
        let mut times: Vec<Ticks> =
            times.take_while(|time| *time < until).map(|time| time.saturating_sub(bar)).collect();
        times.dedup();
        times
    }
}

/// A staff of a part.
#[derive(Debug)]
pub(crate) struct Staff<'a> {
    pub(crate) part: usize,
    /// Its number in the part, from 1 at the top.
    pub(crate) number: u8,
    /// Its number in the whole sheet, from 1 at the top.
    pub(crate) of_sheet: usize,
    pub(crate) lanes: Vec<Lane<'a>>,
    /// How many verses are sung.
    pub(crate) verses: u8,
    pub(crate) dynamics: bool,
    pub(crate) chords: bool,
}

/// All staves, from the bottom of the page up, as spines stand from left to right.
pub(crate) fn staves(sheet: &Sheet) -> Vec<Staff<'_>> {
    let mut staves: Vec<Staff> = Vec::new();
    for (index, part) in sheet.parts.iter().enumerate() {
        let held = held(part);
        let count = part.notes.iter().map(|note| note.staff).max().unwrap_or(1).max(part.staves).max(1);
        for number in 1..=count {
            let own: Vec<Held> =
                held.iter().copied().filter(|held| held.note.staff.max(1) == number).collect();
            let sung = own.iter().flat_map(|held| &held.note.syllables);
            staves.push(Staff {
                part: index,
                number,
                of_sheet: staves.len() + 1,
                verses: sung.map(|syllable| syllable.verse).max().unwrap_or(0),
                lanes: lanes(&own),
                dynamics: number == 1 && !part.dynamics.is_empty(),
                chords: number == 1 && !part.chords.is_empty(),
            });
        }
    }
    staves.reverse();
    staves
}

/// The notes of a part with their ties.
fn held(part: &Part) -> Vec<Held<'_>> {
    let mut begins: HashMap<(Sound, Ticks), Vec<usize>> = HashMap::new();
    // A tie leads past the grace notes that stand where it ends.
    let plain = |(_, note): &(usize, &Written)| note.grace.is_none() && note.length > Ticks::ZERO;
    for (index, note) in part.notes.iter().enumerate().rev().filter(plain) {
        begins.entry((note.pitch.sound(), note.start)).or_default().push(index);
    }
    let mut held: Vec<Held> = part.notes.iter().map(|note| Held { note, from: false, on: false }).collect();
    for (index, note) in part.notes.iter().enumerate().filter(|(_, note)| note.tied) {
        let Some(next) = begins.get_mut(&(note.pitch.sound(), note.end())) else { continue };
        let voice = |&other: &usize| part.notes.get(other).is_some_and(|other| other.voice == note.voice);
        let place = next.iter().rposition(|other| *other > index && voice(other));
        let place = place.or_else(|| next.iter().rposition(|other| *other > index));
        let Some(target) = place.map(|place| next.remove(place)) else { continue };
        for (at, from) in [(index, false), (target, true)] {
            if let Some(held) = held.get_mut(at) {
                (held.from, held.on) = (held.from || from, held.on || !from);
            }
        }
    }
    held
}

/// A voice has so many lanes at most; where more of its chords overlap, they end where the next begins.
const MOST_LANES: usize = 16;

/// Puts each voice into a lane; where its chords overlap, into several.
fn lanes<'a>(notes: &[Held<'a>]) -> Vec<Lane<'a>> {
    let mut voices: Vec<u8> = notes.iter().map(|held| held.note.voice).collect();
    voices.sort_unstable();
    voices.dedup();
    let mut lanes = Vec::new();
    for voice in voices {
        let own = notes.iter().copied().filter(|held| held.note.voice == voice);
        let (graces, plain): (Vec<Held>, Vec<Held>) =
            own.partition(|held| held.note.grace.is_some() || held.note.length == Ticks::ZERO);
        let mut of_voice = vec![Lane { graces, chords: Vec::new() }];
        for held in plain {
            add(&mut of_voice, held);
        }
        lanes.append(&mut of_voice);
    }
    if lanes.is_empty() {
        lanes.push(Lane::default());
    }
    lanes
}

fn add<'a>(lanes: &mut Vec<Lane<'a>>, held: Held<'a>) {
    let (start, end) = (held.note.start, held.note.end());
    let same = |chord: &Chord| chord.start == start && chord.end == end;
    for lane in lanes.iter_mut() {
        match lane.chords.last_mut() {
            Some(last) if same(last) => {
                last.notes.push(held);
                return;
            }
            Some(last) if last.end > start => {}
            _ => {
                lane.chords.push(Chord { start, end, notes: vec![held] });
                return;
            }
        }
    }
    let chord = Chord { start, end, notes: vec![held] };
    if lanes.len() < MOST_LANES {
        lanes.push(Lane { graces: Vec::new(), chords: vec![chord] });
        return;
    }
    let last = lanes.last_mut().map(|lane| &mut lane.chords).filter(|chords| !chords.is_empty());
    let Some(chords) = last else { return };
    match chords.last_mut() {
        Some(last) if last.start == start => last.notes.push(held),
        Some(last) => {
            last.end = start;
            chords.push(chord);
        }
        None => {}
    }
}
