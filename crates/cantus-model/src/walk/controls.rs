//! What is asked of the piece and its bars, as rows. Where nothing is asked there is no row: a request without controls
//! asks the very questions of a network that knows none.

use cantus_features::control::{Chord, Control, Quality};

use super::spec::VOICES;
use super::table::{self, DEGREES, Group};
use super::{Question, Walker};
use crate::controls::{CONTROL_LEVELS, Levels};

/// Levels of all controls.
pub(super) const LEVELS: u32 = Control::COUNT as u32 * CONTROL_LEVELS;
/// Kinds of chords.
pub(super) const QUALITIES: u32 = Quality::ALL.len() as u32;
/// Chords: twelve roots, each with its kinds.
pub(super) const CHORDS: u32 = 12 * QUALITIES;

/// The rows of the trunk: of the piece, of this bar and of the next.
pub(super) fn trunk(walker: &Walker, items: &mut Vec<u32>) {
    if !walker.spec.has_controls {
        return;
    }
    let rows = &walker.spec.trunk;
    let (now, next) = walker.asked_bars();
    let controls = &walker.setup.controls;
    levels(rows.control_piece, &controls.piece, items);
    levels(rows.control_now, now, items);
    levels(rows.control_next, next, items);
    let (now, next) = walker.asked_chords();
    for (index, chord) in [now, next].into_iter().enumerate() {
        let Some(chord) = chord else { continue };
        let index = index as u32;
        items.push(rows.chord.pair(index, CHORDS, number(chord)));
        items.push(rows.chord_degree.pair(index, DEGREES, degree(walker, chord)));
    }
}

/// The rows of a head: of this bar.
pub(super) fn head(walker: &Walker, rows: Group, items: &mut Vec<u32>) {
    if walker.spec.has_controls {
        levels(rows, walker.asked_bars().0, items);
    }
}

/// The rows of this chord for the pitch of a part.
pub(super) fn chord(walker: &Walker, question: &mut Question) {
    let Some(chord) = walker.asked_chords().0.filter(|_| walker.spec.has_controls) else { return };
    let rows = &walker.spec.pitch;
    let voice = walker.slot(question.part).min(VOICES - 1);
    let above = walker.voices[question.part]
        .last
        .map_or(12, |last| (12 + u32::from(last.class().get()) - u32::from(chord.root.get())) % 12);
    question.items.push(rows.chord_quality.row(chord.quality.index() as u32));
    question.items.push(rows.chord_degree.row(degree(walker, chord)));
    question.items.push(rows.chord_last.pair(voice, 13, above));
}

fn levels(rows: Group, levels: &Levels, items: &mut Vec<u32>) {
    for (control, level) in levels.iter().enumerate() {
        if let Some(level) = level {
            items.push(rows.pair(control as u32, CONTROL_LEVELS, u32::from(*level)));
        }
    }
}

fn number(chord: Chord) -> u32 {
    u32::from(chord.root.get()) * QUALITIES + chord.quality.index() as u32
}

/// The root above the tonic of the key heard.
fn degree(walker: &Walker, chord: Chord) -> u32 {
    table::degree_of_class(walker.key, chord.root)
}
