//! How long notes are written.

use super::quantise::PARTS;

/// A note with its place, and where it was released, both in [`PARTS`] of a beat.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Held {
    pub(crate) key: u8,
    pub(crate) start: i64,
    pub(crate) released: f64,
    /// Until when the pedal holds it.
    pub(crate) sounded: f64,
}

/// Notes further apart than this are not of one hand.
const REACH: u8 = 12;
/// The longest note without an end in sight, in beats.
const LONGEST: i64 = 8;

/// The written length of each note of one part, in [`PARTS`]; the notes are sorted by start.
///
/// Players release notes early, or hold them on into the next; what is written lasts rather until something else begins in
/// the same hand, and is rather a simple value. Each note takes the length for which this speaks most.
pub(crate) fn lengths(notes: &[Held], compound: bool) -> Vec<i64> {
    notes.iter().enumerate().map(|(index, note)| length(notes, index, *note, compound)).collect()
}

fn length(notes: &[Held], index: usize, note: Held, compound: bool) -> i64 {
    let held = (note.released - note.start as f64).max(0.5);
    let sounded = (note.sounded - note.start as f64).max(held);
    let mut best = (f64::INFINITY, PARTS / 4);
    let mut consider = |length: i64, ends_at_onset: bool| {
        let cost = cost(length, held, sounded, compound) - if ends_at_onset { 0.55 } else { 0.0 };
        if length > 0 && cost < best.0 {
            best = (cost, length);
        }
    };
    let most = (held.max(sounded.min(held * 4.0)) * 2.0) as i64 + PARTS;
    let mut last = note.start;
    let mut seen = 0;
    for other in notes.iter().skip(index + 1) {
        if other.start - note.start > most || seen > 24 {
            break;
        }
        if other.start > last && other.key.abs_diff(note.key) <= REACH {
            consider(other.start - note.start, true);
            last = other.start;
            seen += 1;
        }
        // A key cannot be struck again while it is held.
        if other.key == note.key && other.start > note.start {
            break;
        }
    }
    let grid: &[i64] = if compound {
        &[4, 8, 12, 16, 24, 36, 48, 72, 96]
    } else {
        &[3, 4, 6, 8, 12, 18, 24, 36, 48, 72, 96, 144, 192]
    };
    for &value in grid {
        if value <= LONGEST * PARTS {
            consider(value, false);
        }
    }
    if held > 1.5 * PARTS as f64 {
        let beats = (held / PARTS as f64).round() as i64 * PARTS;
        let end = ((note.start as f64 + held) / PARTS as f64).round() as i64 * PARTS;
        consider(beats, false);
        consider(end - note.start, false);
    }
    best.1
}

/// What speaks against a written length for a note that was held so long.
fn cost(length: i64, held: f64, sounded: f64, compound: bool) -> f64 {
    let length = length as f64;
    let misfit = if length >= held {
        // Released early: less so where the pedal held it on.
        let gap = length / held - 1.0;
        let pedalled = (length / sounded - 1.0).max(0.0);
        0.55 * (0.5 * gap + 0.5 * pedalled)
    } else {
        2.2 * ((held - length - 1.5).max(0.0) / length)
    };
    misfit.min(6.0) + complexity(length as i64, compound)
}

/// What speaks against a length, whatever was played.
fn complexity(length: i64, compound: bool) -> f64 {
    match (length, compound) {
        (24 | 48 | 96 | 12, false) | (8 | 24 | 48 | 16, true) => 0.0,
        (6 | 36 | 72, false) | (4 | 72 | 96, true) => 0.1,
        (18 | 8 | 192 | 144, false) | (12, true) => 0.25,
        (16 | 4 | 3, false) => 0.4,
        (length, _) if length % PARTS == 0 => 0.3,
        (length, _) if length % 6 == 0 || length % 8 == 0 => 0.5,
        _ => 0.9,
    }
}
