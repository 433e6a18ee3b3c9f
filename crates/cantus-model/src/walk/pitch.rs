//! What bears on the pitch that a part begins: its own line, every note around it, the key and the past.
//!
//! The logits are a sum: absolute pitch, pitch class above the tonic (heard and asked for), interval from the
//! part's last pitch, interval and pitch class above every note that sounds or was just chosen, and what the
//! pointers foretell. So one weight says "no parallel fifth with the bass" for all keys and all pitches.

use cantus_nn::{Edge, Term};
use cantus_score::{Key, Pitch};

use super::pointers::STRENGTHS;
use super::spec::{
    PITCH_ABSOLUTE, PITCH_ASKED, PITCH_CHORD, PITCH_HEARD, PITCH_POINTED, PITCH_RELATION, PITCH_STEP,
    RELATION_WIDTH, ROLES, VOICES,
};
use super::table::{self, BRIEFS, DEGREES, DIRECTIONS, INTERVALS, PITCHES};
use super::{Question, STOP, Walker, controls, trunk};
use crate::encoding::Length;

/// Most other notes that are looked at; a cluster beyond it says nothing new.
const MOST_OTHERS: usize = 16;

/// A note that sounds or was just chosen, seen from the part asked about.
#[derive(Debug, Clone, Copy)]
pub(super) struct Other {
    pub(super) pitch: Pitch,
    /// The pitch that its part had begun before.
    before: Option<Pitch>,
    pub(super) role: u32,
    pub(super) is_new: bool,
    /// How long it goes on from now.
    pub(super) remaining: u32,
}

pub(super) fn fill(walker: &Walker, ceiling: Option<Pitch>, question: &mut Question) {
    let part = question.part;
    let last = walker.voices[part].last;
    own_line(walker, part, ceiling, question);
    question.terms.push(term(PITCH_ABSOLUTE, PITCHES, 0, Edge::Clamp, 0..PITCHES));
    tonic_term(PITCH_HEARD, walker.key, question);
    tonic_term(PITCH_ASKED, walker.setup.conditions.key, question);
    if let Some(last) = last {
        interval_term(PITCH_STEP, last, question);
    }
    for other in others(walker, part) {
        relation(walker, part, other, question);
    }
    past(walker, part, ceiling, question);
    controls::head(walker, walker.spec.pitch.control, &mut question.items);
    asked_chord(walker, question);
    forbid_sounding(walker, part, ceiling, question);
}

fn own_line(walker: &Walker, part: usize, ceiling: Option<Pitch>, question: &mut Question) {
    let (rows, voice) = (&walker.spec.pitch, &walker.voices[part]);
    let slot = walker.slot(part);
    let v = slot.min(VOICES - 1);
    let items = &mut question.items;
    let age = voice.last_onset.map(|onset| walker.now - onset);
    let length = voice.last_length.map(Length::steps);
    let asked = walker.setup.conditions.key;
    items.push(rows.slot.row(slot));
    items.push(rows.style.row(trunk::style(walker)));
    items.push(rows.family.row(trunk::family(walker, part)));
    items.push(rows.last.pair(v, PITCHES, table::pitch(voice.last)));
    items.push(rows.step.pair(v, INTERVALS, table::interval(voice.before, voice.last)));
    items.push(rows.age.pair(v, BRIEFS, table::brief(age)));
    items.push(rows.length.pair(v, BRIEFS, table::brief(length)));
    items.push(rows.position.pair(v, 64, walker.position() / 3));
    items.push(rows.heard_key.row(table::key(walker.key)));
    items.push(rows.asked_key.row(table::key(asked)));
    items.push(rows.heard_degree.pair(v, DEGREES, table::degree(walker.key, voice.last)));
    items.push(rows.asked_degree.pair(v, DEGREES, table::degree(asked, voice.last)));
    items.push(rows.to_go.pair(v, 5, few_bars(walker)));
    if ceiling.is_some() {
        items.push(rows.ceiling.row(table::interval(voice.last, ceiling)));
    }
}

/// Bars to go: 0, 1, 2, more, or not said.
pub(super) fn few_bars(walker: &Walker) -> u32 {
    walker.bars_to_go().map_or(4, |bars| bars.min(3))
}

/// Every note that sounds beside the one asked for, drums left out.
pub(super) fn others(walker: &Walker, own: usize) -> impl Iterator<Item = Other> {
    let parts =
        walker.order.iter().map(|&part| part as usize).filter(|&part| !walker.setup.parts[part].drums);
    let notes = parts.flat_map(move |part| {
        let voice = &walker.voices[part];
        voice.sounding.iter().map(move |&(pitch, end)| {
            let is_new = voice.last_onset == Some(walker.now) && begun_now(walker, part, pitch);
            let before = if is_new { voice.before } else { Some(pitch) };
            Other { pitch, before, role: role(walker, own, part), is_new, remaining: end - walker.now }
        })
    });
    notes.take(MOST_OTHERS)
}

fn begun_now(walker: &Walker, part: usize, pitch: Pitch) -> bool {
    let slice = walker.slices.last();
    slice
        .is_some_and(|slice| slice.notes.iter().any(|note| note.part as usize == part && note.pitch == pitch))
}

/// What a part is to the part asked about.
pub(super) fn role(walker: &Walker, own: usize, part: usize) -> u32 {
    match walker.slot(part) {
        _ if part == own => 3,
        0 => 0,
        1 => 1,
        _ => 2,
    }
}

fn relation(walker: &Walker, part: usize, other: Other, question: &mut Question) {
    let (rows, last) = (&walker.spec.pitch, walker.voices[part].last);
    let pair = walker.slot(part).min(VOICES - 1) * ROLES + other.role;
    let apart = match (other.before, last) {
        (Some(before), Some(last)) => table::semitones(before, last).rem_euclid(12) as u32,
        _ => 12,
    };
    let motion = table::direction(other.before, Some(other.pitch));
    let items = &mut question.items;
    items.push(rows.interval.pair(pair, INTERVALS, table::interval(last, Some(other.pitch))));
    items.push(rows.parallel.pair(pair, 13 * DIRECTIONS, apart * DIRECTIONS + motion));
    items.push(rows.degree.pair(other.role, DEGREES, table::degree(walker.key, Some(other.pitch))));
    items.push(rows.is_new.pair(pair, 2, u32::from(other.is_new)));
    let column = PITCH_RELATION + other.role * RELATION_WIDTH;
    interval_term(column, other.pitch, question);
    let above = -1 - i32::from(other.pitch.get());
    question.terms.push(term(column + 51, 12, above, Edge::Wrap, 1..PITCHES));
}

fn past(walker: &Walker, part: usize, ceiling: Option<Pitch>, question: &mut Question) {
    let (rows, last) = (&walker.spec.pitch, walker.voices[part].last);
    for (index, pointer) in walker.pointers.iter().enumerate() {
        if pointer.at.is_none() {
            continue;
        }
        let foretold = walker.foretold(index, part, ceiling).map(|(pitch, _)| pitch);
        let agreed = u32::from(walker.agreed[index]);
        let value = foretold.map_or(INTERVALS, |pitch| table::interval(last, Some(pitch)));
        let class = foretold.map_or(STOP, |pitch| u32::from(pitch.get()) + 1);
        let index = index as u32;
        question.items.push(rows.trust.pair(index, STRENGTHS * 2, pointer.strength * 2 + agreed));
        question.items.push(rows.pointed.pair(index, INTERVALS + 1, value));
        question.terms.push(single(PITCH_POINTED + index, class));
    }
}

/// A key that sounds in the part cannot be struck, and notes of a slice come from high to low.
pub(super) fn forbid_sounding(walker: &Walker, part: usize, ceiling: Option<Pitch>, question: &mut Question) {
    for (pitch, _) in &walker.voices[part].sounding {
        question.allowed.remove(u32::from(pitch.get()) + 1);
    }
    for class in ceiling.map_or(PITCHES, |ceiling| u32::from(ceiling.get()) + 1)..PITCHES {
        question.allowed.remove(class);
    }
}

fn tonic_term(column: u32, key: Option<Key>, question: &mut Question) {
    if let Some(key) = key {
        let above = -1 - i32::from(key.tonic().get());
        question.terms.push(term(column, 12, above, Edge::Wrap, 1..PITCHES));
    }
}

/// Pitch classes above the root of the chord asked for.
fn asked_chord(walker: &Walker, question: &mut Question) {
    controls::chord(walker, question);
    if let Some(chord) = walker.asked_chords().0.filter(|_| walker.spec.has_controls) {
        let above = -1 - i32::from(chord.root.get());
        question.terms.push(term(PITCH_CHORD, 12, above, Edge::Wrap, 1..PITCHES));
    }
}

/// Columns for the intervals from a pitch, two octaves and a semitone either way.
fn interval_term(column: u32, from: Pitch, question: &mut Question) {
    question.terms.push(term(column, 51, 24 - i32::from(from.get()), Edge::Clamp, 1..PITCHES));
}

fn term(source: u32, width: u32, shift: i32, edge: Edge, classes: std::ops::Range<u32>) -> Term {
    Term { source, width, shift, edge, classes }
}

/// One raw output added to one class.
pub(super) fn single(source: u32, class: u32) -> Term {
    term(source, 1, 0, Edge::Clamp, class..class + 1)
}

/// A raw output for each class.
pub(super) fn plain(classes: u32) -> Term {
    term(0, classes, 0, Edge::Clamp, 0..classes)
}
