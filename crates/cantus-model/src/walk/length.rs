//! What bears on a note's length: the metre, the part's rhythm, the notes it may end with, and the past.

use cantus_score::Pitch;

use super::pitch::{few_bars, others, plain, single};
use super::pointers::STRENGTHS;
use super::spec::{LENGTH_HELD, LENGTH_POINTED, LENGTH_TO_BAR, LENGTH_TOGETHER, POSITIONS, ROLES, VOICES};
use super::table::{self, DEGREES, INTERVALS, SPANS};
use super::{Question, Walker, controls, trunk};
use crate::encoding::{ESCAPE, LENGTH_CLASSES, Length};

pub(super) fn fill(walker: &Walker, pitch: Pitch, question: &mut Question) {
    let part = question.part;
    question.terms.push(plain(LENGTH_CLASSES as u32));
    own_rhythm(walker, part, pitch, question);
    for other in others(walker, part) {
        let rows = &walker.spec.length;
        let (group, column) =
            if other.is_new { (rows.together, LENGTH_TOGETHER) } else { (rows.held, LENGTH_HELD) };
        question.items.push(group.pair(other.role.min(ROLES - 1), SPANS, table::span(Some(other.remaining))));
        ends_with(column + other.role, other.remaining, question);
        // A dissonance is passed through, a consonance may rest.
        let above = table::semitones(other.pitch, pitch).rem_euclid(12) as u32;
        let group = rows.vertical.pair(other.role * 2 + u32::from(other.is_new), 12, above);
        question.items.push(group);
    }
    ends_with(LENGTH_TO_BAR, walker.bar() - walker.position(), question);
    if let Some(left) = walker.time_left().filter(|left| *left > 0) {
        ends_with(LENGTH_TO_BAR + 1, left, question);
    }
    past(walker, part, pitch, question);
    controls::head(walker, walker.spec.length.control, &mut question.items);
}

fn own_rhythm(walker: &Walker, part: usize, pitch: Pitch, question: &mut Question) {
    let (rows, voice) = (&walker.spec.length, &walker.voices[part]);
    let slot = walker.slot(part);
    let v = slot.min(VOICES - 1);
    let position = walker.position();
    let steps = |length: Option<Length>| table::span(length.map(Length::steps));
    let items = &mut question.items;
    items.push(rows.slot.row(slot));
    items.push(rows.style.row(trunk::style(walker)));
    items.push(rows.family.row(trunk::family(walker, part)));
    items.push(rows.meter.row(trunk::meter(walker.meter())));
    items.push(rows.position.pair(v, POSITIONS / 2, position / 2));
    items.push(rows.in_beat.row(position % 24));
    items.push(rows.last.pair(v, SPANS, steps(voice.last_length)));
    items.push(rows.before.pair(v, SPANS, steps(voice.length_before)));
    items.push(rows.step.pair(v, INTERVALS, table::interval(voice.last, Some(pitch))));
    items.push(rows.degree.pair(v, DEGREES, table::degree(walker.key, Some(pitch))));
    let bars = few_bars(walker);
    items.push(rows.to_go.row(bars));
    if bars == 0 {
        items.push(rows.to_end.row(table::span(walker.time_left())));
    }
}

/// Adds a raw output to the class of a length, unless that is spelled.
pub(super) fn ends_with(column: u32, steps: u32, question: &mut Question) {
    let class = Length::saturating(steps).class();
    if class != ESCAPE {
        question.terms.push(single(column, class));
    }
}

fn past(walker: &Walker, part: usize, pitch: Pitch, question: &mut Question) {
    let rows = &walker.spec.length;
    for (index, pointer) in walker.pointers.iter().enumerate() {
        if pointer.at.is_none() {
            continue;
        }
        let any = || walker.foretold(index, part, None).map(|(_, length)| length);
        let foretold = walker.foretold_at(index, part, pitch).or_else(any);
        let agreed = u32::from(walker.agreed[index]);
        let row = index as u32;
        question.items.push(rows.trust.pair(row, STRENGTHS * 2, pointer.strength * 2 + agreed));
        question.items.push(rows.pointed.pair(row, SPANS, table::span(foretold.map(Length::steps))));
        if let Some(length) = foretold {
            ends_with(LENGTH_POINTED + row, length.steps(), question);
        }
    }
}
