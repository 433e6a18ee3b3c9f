//! Tied notes become one.

use std::collections::BTreeMap;

use crate::{Note, Pitch, Ticks};

/// A note in played time that may be tied to the next.
#[derive(Clone, Copy)]
pub(crate) struct Sounding {
    pub(crate) note: Note,
    pub(crate) voice: u8,
    pub(crate) tied: bool,
}

/// Joins each tied note and the one of the same pitch that begins where it ends, in its own voice where that has one. A tie
/// that leads nowhere is forgotten.
pub(crate) fn joined(mut notes: Vec<Sounding>) -> Vec<Note> {
    notes.sort_by_key(|sounding| sounding.note.start);
    let mut joiner = Joiner { whole: Vec::with_capacity(notes.len()), open: BTreeMap::new() };
    for together in notes.chunk_by(|a, b| a.note.start == b.note.start) {
        joiner.take(together);
    }
    joiner.whole.sort_unstable();
    joiner.whole
}

/// Where a tie waits for its note.
type Place = (Ticks, Pitch, u8);

struct Joiner {
    whole: Vec<Note>,
    /// Tied notes by where they end: indices into `whole`.
    open: BTreeMap<Place, Vec<usize>>,
}

impl Joiner {
    /// Takes notes that begin together.
    fn take(&mut self, together: &[Sounding]) {
        let Some(start) = together.first().map(|first| first.note.start) else { return };
        while self.open.first_key_value().is_some_and(|open| open.0.0 < start) {
            self.open.pop_first();
        }
        let own: Vec<Option<usize>> = together
            .iter()
            .map(|&Sounding { note, voice, .. }| self.close((start, note.pitch, voice)))
            .collect();
        for (sounding, own) in together.iter().zip(own) {
            let begun = own.or_else(|| self.close_any(start, sounding.note.pitch));
            self.add(*sounding, begun);
        }
    }

    fn close(&mut self, place: Place) -> Option<usize> {
        let waiting = self.open.get_mut(&place)?;
        let index = waiting.pop();
        if waiting.is_empty() {
            self.open.remove(&place);
        }
        index
    }

    fn close_any(&mut self, end: Ticks, pitch: Pitch) -> Option<usize> {
        let place = self.open.range((end, pitch, 0)..=(end, pitch, u8::MAX)).next().map(|entry| *entry.0)?;
        self.close(place)
    }

    fn add(&mut self, sounding: Sounding, begun: Option<usize>) {
        let Sounding { note, voice, tied } = sounding;
        let index = begun.unwrap_or(self.whole.len());
        match self.whole.get_mut(index) {
            Some(whole) => whole.length = note.end().saturating_sub(whole.start),
            None => self.whole.push(note),
        }
        if tied && note.length > Ticks::ZERO {
            self.open.entry((note.end(), note.pitch, voice)).or_default().push(index);
        }
    }
}
