//! The voices of a part in one bar: chords, grace notes before them, and the rests between, in lanes without overlaps.

use std::collections::BTreeMap;

use crate::Ticks;
use crate::sheet::{Bar, Written};

/// Notes that begin and end together, within one bar; or a silence that carries grace notes.
#[derive(Debug, Clone, Default)]
pub(super) struct Event {
    /// Within the bar.
    pub(super) start: Ticks,
    pub(super) length: Ticks,
    /// Indices into the part's notes; none in a silence.
    pub(super) notes: Vec<usize>,
    /// Grace notes before it, by index.
    pub(super) graces: Vec<usize>,
}

/// Events of one voice that do not overlap. A voice with overlaps has several.
#[derive(Debug, Clone)]
pub(super) struct Lane {
    pub(super) voice: u8,
    pub(super) events: Vec<Event>,
    /// Grace notes after the last of them.
    pub(super) after: Vec<usize>,
}

/// The lanes of a bar by voice. `notes` are those that sound in it, each with its index in the part.
pub(super) fn lanes<'a>(bar: &Bar, notes: impl Iterator<Item = (usize, &'a Written)>) -> Vec<Lane> {
    let mut voices: BTreeMap<u8, Voice> = BTreeMap::new();
    for (index, note) in notes {
        voices.entry(note.voice).or_default().add(bar, index, note);
    }
    voices.into_iter().flat_map(|(number, voice)| voice.lanes(bar, number)).collect()
}

#[derive(Default)]
struct Voice {
    /// By beginning and length.
    chords: BTreeMap<(Ticks, Ticks), Vec<usize>>,
    graces: BTreeMap<Ticks, Vec<usize>>,
}

impl Voice {
    fn add(&mut self, bar: &Bar, index: usize, note: &Written) {
        let start = note.start.max(bar.start).saturating_sub(bar.start);
        let end = note.end().min(bar.end()).saturating_sub(bar.start);
        if note.length == Ticks::ZERO {
            self.graces.entry(start.min(bar.length)).or_default().push(index);
        } else {
            self.chords.entry((start, end.saturating_sub(start))).or_default().push(index);
        }
    }

    fn lanes(mut self, bar: &Bar, voice: u8) -> Vec<Lane> {
        let after = self.graces.remove(&bar.length).unwrap_or_default();
        let mut lanes = vec![Lane { voice, events: Vec::new(), after }];
        let mut starts: Vec<Ticks> = self.chords.keys().map(|key| key.0).collect();
        let mut events: Vec<Event> = self
            .chords
            .into_iter()
            .map(|((start, length), notes)| {
                let graces = self.graces.remove(&start).unwrap_or_default();
                Event { start, length, notes, graces }
            })
            .collect();
        // Grace notes before a rest: the rest begins with them.
        starts.extend(self.graces.keys());
        starts.sort_unstable();
        for (start, graces) in self.graces {
            let next = starts.get(starts.partition_point(|other| *other <= start));
            let length = next.copied().unwrap_or(bar.length).saturating_sub(start);
            events.push(Event { start, length, notes: Vec::new(), graces });
        }
        events.sort_by_key(|event| (event.start, event.length));
        for event in events {
            place(&mut lanes, event);
        }
        lanes
    }
}

/// A voice has so many lanes at most; more chords that overlap are drawn as one.
const MOST_LANES: usize = 16;

/// Puts an event into the first lane that is free; where there are too many, it joins the last.
fn place(lanes: &mut Vec<Lane>, event: Event) {
    let end =
        |lane: &Lane| lane.events.last().map_or(Ticks::ZERO, |last| last.start.saturating_add(last.length));
    if let Some(lane) = lanes.iter_mut().find(|lane| end(lane) <= event.start) {
        lane.events.push(event);
    } else if let Some(last) = lanes.get_mut(MOST_LANES - 1).and_then(|lane| lane.events.last_mut()) {
        last.graces.extend(event.graces);
        last.notes.extend(event.notes);
    } else {
        let voice = lanes.first().map_or(1, |lane| lane.voice);
        lanes.push(Lane { voice, events: vec![event], after: Vec::new() });
    }
}
