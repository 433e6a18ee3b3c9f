//! The questions with small heads: pickup, drums, velocity, and the two digits of a rare length.

use cantus_score::Pitch;

use super::pitch::{forbid_sounding, plain, single};
use super::pointers::STRENGTHS;
use super::spec::ROLES;
use super::table::{self, PITCHES};
use super::{Kind, NO_PICKUP, Question, STOP, Walker, bar_steps, controls, trunk};
use crate::encoding::{ESCAPE, Length, VELOCITY_LEVELS};

/// A pickup is shorter than the bar that follows it.
pub(super) fn pickup(walker: &Walker, question: &mut Question) {
    let rows = &walker.spec.simple;
    let meter = walker.meter();
    question.items.push(rows.pickup_style.row(trunk::style(walker)));
    question.items.push(rows.pickup_meter.row(trunk::meter(meter)));
    question.terms.push(plain(Kind::Pickup.classes() as u32));
    for class in 0..NO_PICKUP {
        if Length::of_class(class).is_none_or(|length| length.steps() >= bar_steps(meter)) {
            question.allowed.remove(class);
        }
    }
}

pub(super) fn drum(walker: &Walker, ceiling: Option<Pitch>, question: &mut Question) {
    let (rows, part) = (&walker.spec.simple, question.part);
    let struck_in = |back: usize| {
        let slice = walker.slices.len().checked_sub(back).and_then(|index| walker.slices.get(index));
        slice.into_iter().flat_map(|slice| &slice.notes).filter(move |note| note.part as usize == part)
    };
    question.terms.push(plain(PITCHES));
    question.items.push(rows.drum_style.row(trunk::style(walker)));
    question.items.push(rows.drum_position.row(walker.position()));
    question.items.extend(struck_in(1).map(|note| rows.drum_struck.row(u32::from(note.pitch.get()))));
    question.items.extend(struck_in(2).map(|note| rows.drum_before.row(u32::from(note.pitch.get()))));
    question.items.push(rows.drum_ceiling.row(table::pitch(ceiling)));
    for (index, pointer) in walker.pointers.iter().enumerate() {
        if pointer.at.is_none() {
            continue;
        }
        let foretold = walker.foretold(index, part, ceiling).map(|(pitch, _)| pitch);
        let (row, agreed) = (index as u32, u32::from(walker.agreed[index]));
        question.items.push(rows.drum_trust.pair(row, STRENGTHS * 2, pointer.strength * 2 + agreed));
        let value = foretold.map_or(PITCHES, |pitch| u32::from(pitch.get()));
        question.items.push(rows.drum_pointed.pair(row, PITCHES + 1, value));
        question.terms.push(single(PITCHES + row, foretold.map_or(STOP, |pitch| u32::from(pitch.get()) + 1)));
    }
    controls::head(walker, rows.drum_control, &mut question.items);
    forbid_sounding(walker, part, ceiling, question);
}

pub(super) fn velocity(walker: &Walker, pitch: Pitch, question: &mut Question) {
    let (rows, part) = (&walker.spec.simple, question.part);
    let drums = u32::from(walker.setup.parts[part].drums);
    question.terms.push(plain(VELOCITY_LEVELS));
    question.items.push(rows.velocity_style.row(trunk::style(walker)));
    question.items.push(rows.velocity_slot.row(walker.slot(part)));
    question.items.push(rows.velocity_family.row(trunk::family(walker, part)));
    question.items.push(rows.velocity_position.row(walker.position() / 3));
    question.items.push(rows.velocity_pitch.pair(drums, PITCHES, u32::from(pitch.get())));
    controls::head(walker, rows.velocity_control, &mut question.items);
    let before = walker.voices[part].level.map_or(VELOCITY_LEVELS, u32::from);
    question.items.push(rows.velocity_before.row(before));
    let together = walker.slices.last().into_iter().flat_map(|slice| &slice.notes);
    for note in together.take(8) {
        let role = super::pitch::role(walker, part, note.part as usize).min(ROLES - 1);
        let level = note.level.map_or(VELOCITY_LEVELS, u32::from);
        question.items.push(rows.velocity_together.pair(role, VELOCITY_LEVELS + 1, level));
    }
}

pub(super) fn coarse(walker: &Walker, question: &mut Question) {
    question.items.push(walker.spec.simple.coarse_of.row(u32::from(walker.asks_gap())));
    question.terms.push(plain(Kind::Coarse.classes() as u32));
    // Every length below a quarter is common.
    question.allowed.remove(0);
}

/// Only rare lengths are spelled, so the steps that would make a common one (or none) are out.
pub(super) fn fine(walker: &Walker, quarters: u32, question: &mut Question) {
    let row = walker.spec.simple.fine_of.pair(
        u32::from(walker.asks_gap()),
        crate::encoding::MAX_QUARTERS,
        quarters,
    );
    question.items.push(row);
    question.terms.push(plain(Kind::Fine.classes() as u32));
    let steps = crate::encoding::STEPS_PER_QUARTER;
    for class in 0..steps {
        let length = quarters * steps + class;
        if length == 0 || Length::saturating(length).class() != ESCAPE {
            question.allowed.remove(class);
        }
    }
}
