//! What bears on the time to the next slice: when the sounding notes end, the metre, and the past.

use super::length::ends_with;
use super::pitch::{few_bars, plain};
use super::pointers::{STRENGTHS, gap_after};
use super::spec::{GAP_ENDS, GAP_FIRST_END, GAP_POINTED, SLOTS};
use super::table::{self, SPANS};
use super::{Question, Walker, controls, trunk};
use crate::encoding::LENGTH_CLASSES;

pub(super) fn fill(walker: &Walker, question: &mut Question) {
    question.terms.push(plain(LENGTH_CLASSES as u32 + 1));
    time(walker, question);
    ends(walker, question);
    controls::head(walker, walker.spec.gap.control, &mut question.items);
    for (index, pointer) in walker.pointers.iter().enumerate() {
        let Some(at) = pointer.at else { continue };
        let foretold = gap_after(&walker.slices, at);
        let (rows, row, agreed) = (&walker.spec.gap, index as u32, u32::from(walker.agreed[index]));
        question.items.push(rows.trust.pair(row, STRENGTHS * 2, pointer.strength * 2 + agreed));
        question.items.push(rows.pointed.pair(row, SPANS, table::span(foretold)));
        if let Some(gap) = foretold {
            ends_with(GAP_POINTED + row, gap, question);
        }
    }
}

fn time(walker: &Walker, question: &mut Question) {
    let rows = &walker.spec.gap;
    let position = walker.position();
    let items = &mut question.items;
    items.push(rows.style.row(trunk::style(walker)));
    items.push(rows.meter.row(trunk::meter(walker.meter())));
    items.push(rows.position.row(position));
    items.push(rows.in_beat.row(position % 24));
    items.push(rows.last_gap.row(table::span(walker.last_gap)));
    let bars = few_bars(walker);
    items.push(rows.to_go.row(bars));
    if bars == 0 {
        items.push(rows.to_end.row(table::span(walker.time_left())));
    }
}

fn ends(walker: &Walker, question: &mut Question) {
    let rows = &walker.spec.gap;
    let mut first_end = None;
    for &part in walker.order.iter().take(SLOTS as usize) {
        let part = part as usize;
        let remaining = walker.remaining(part);
        question.items.push(rows.remaining.pair(walker.slot(part), SPANS, table::span(remaining)));
        if let Some(steps) = remaining {
            ends_with(GAP_ENDS + walker.slot(part), steps, question);
            first_end = Some(first_end.map_or(steps, |first: u32| first.min(steps)));
        }
    }
    question.items.push(rows.first_end.row(table::span(first_end)));
    if let Some(steps) = first_end {
        ends_with(GAP_FIRST_END, steps, question);
    }
    let onsets = walker.slices.last().map_or(0, |slice| slice.notes.len() as u32);
    let all_busy = walker.voices.iter().all(|voice| !voice.sounding.is_empty());
    question.items.push(rows.onsets.row(onsets));
    question.items.push(rows.all_busy.row(u32::from(all_busy)));
}
