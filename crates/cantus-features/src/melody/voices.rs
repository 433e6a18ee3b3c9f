//! Voice leading: what tracks, taken as voices, do to each other from moment to moment.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use cantus_score::Ticks;

use crate::Window;
use crate::window::Sounding;

/// So many tracks are held against each other at most.
const MOST_VOICES: usize = 16;

/// Moments at which any voice moves, and what happens there.
#[derive(Default)]
struct Events {
    changes: u32,
    fifths: u32,
    octaves: u32,
    crossings: u32,
}

/// What sounds in each voice, the highest note of its track, from one moment to the next.
fn events(window: &Window) -> Option<Events> {
    let voices = voices(window);
    if voices.len() < 2 {
        return None;
    }
    let mut moments: Vec<Ticks> = voices.iter().flatten().map(|note| note.begin).collect();
    moments.sort_unstable();
    moments.dedup();
    let mut events = Events::default();
    let mut readers: Vec<Reader> = voices.iter().map(|notes| Reader::new(notes)).collect();
    let mut before: Vec<Option<i32>> = Vec::new();
    for at in moments {
        let here: Vec<Option<i32>> = readers.iter_mut().map(|reader| reader.at(at)).collect();
        if here != before {
            events.changes += u32::from(!before.is_empty());
            count(&before, &here, &mut events);
        }
        before = here;
    }
    Some(events)
}

/// Counts what every two voices do.
fn count(before: &[Option<i32>], here: &[Option<i32>], events: &mut Events) {
    for (upper, high) in here.iter().enumerate() {
        for (lower, low) in here.iter().enumerate().skip(upper + 1) {
            let (Some(high), Some(low)) = (high, low) else { continue };
            // Voices stand from the highest on average down: the second above the first has crossed it.
            events.crossings += u32::from(low > high);
            let was = |voice: usize| before.get(voice).copied().flatten();
            let (Some(from_high), Some(from_low)) = (was(upper), was(lower)) else { continue };
            let together = (high - from_high).signum() == (low - from_low).signum() && *high != from_high;
            let stays = (high - low).rem_euclid(12) == (from_high - from_low).rem_euclid(12);
            if together && stays {
                events.fifths += u32::from((high - low).rem_euclid(12) == 7);
                events.octaves += u32::from((high - low).rem_euclid(12) == 0);
            }
        }
    }
}

/// The notes of each track, the tracks from the highest mean pitch to the lowest.
fn voices(window: &Window) -> Vec<Vec<Sounding>> {
    let mut voices: Vec<Vec<Sounding>> = Vec::new();
    for notes in window.sounding.chunk_by(|one, other| one.track == other.track).take(MOST_VOICES) {
        let mut notes = notes.to_vec();
        notes.sort_by_key(|note| note.begin);
        voices.push(notes);
    }
    let mean = |notes: &Vec<Sounding>| {
        let sum: u64 = notes.iter().map(|note| u64::from(note.pitch.get())).sum();
        sum * 1000 / notes.len() as u64
    };
    voices.sort_by_key(|notes| Reverse(mean(notes)));
    voices
}

/// Follows a voice through time.
struct Reader<'a> {
    notes: &'a [Sounding],
    next: usize,
    /// How many notes of each pitch sound.
    sounding: [u32; 128],
    /// When each of them ends, the earliest first out.
    ends: BinaryHeap<Reverse<(Ticks, u8)>>,
}

impl<'a> Reader<'a> {
    fn new(notes: &'a [Sounding]) -> Self {
        Self { notes, next: 0, sounding: [0; 128], ends: BinaryHeap::new() }
    }

    /// The highest pitch that sounds at a moment; moments come in order.
    fn at(&mut self, at: Ticks) -> Option<i32> {
        while let Some(note) = self.notes.get(self.next).filter(|note| note.begin <= at) {
            self.next += 1;
            self.sounding[usize::from(note.pitch.get())] += 1;
            self.ends.push(Reverse((note.end, note.pitch.get())));
        }
        while let Some(&Reverse((_, pitch))) = self.ends.peek().filter(|Reverse((end, _))| *end <= at) {
            self.ends.pop();
            self.sounding[usize::from(pitch)] -= 1;
        }
        self.sounding.iter().rposition(|&count| count > 0).map(|pitch| pitch as i32)
    }
}

fn by_hundred(window: &Window, of: impl Fn(&Events) -> u32) -> Option<f64> {
    let events = events(window)?;
    (events.changes > 0).then(|| f64::from(of(&events)) * 100.0 / f64::from(events.changes))
}

/// Parallel fifths in 100 changes.
pub(crate) fn parallel_fifths(window: &Window) -> Option<f64> {
    by_hundred(window, |events| events.fifths)
}

/// Parallel octaves and unisons in 100 changes.
pub(crate) fn parallel_octaves(window: &Window) -> Option<f64> {
    by_hundred(window, |events| events.octaves)
}

/// Crossed voices in 100 changes.
pub(crate) fn crossings(window: &Window) -> Option<f64> {
    by_hundred(window, |events| events.crossings)
}
