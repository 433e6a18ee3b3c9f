//! What the trunk reads at the beginning of a slice: the state that the music so far has left.

use cantus_score::{Meter, Pitch};

use super::pointers::{STRENGTHS, slice_at};
use super::spec::{FAMILIES, LEVELS, SLOTS, TO_GO, VOICES};
use super::table::{self, BRIEFS, DEGREES, INTERVALS, PITCHES};
use super::{Voice, Walker, controls};

pub(super) fn fill(walker: &Walker, items: &mut Vec<u32>) {
    conditions(walker, items);
    time(walker, items);
    for (part, voice) in walker.voices.iter().enumerate() {
        if walker.setup.parts[part].drums {
            drums(walker, part, items);
        } else {
            this_voice(walker, part, voice, items);
        }
    }
    past(walker, items);
    controls::trunk(walker, items);
}

fn conditions(walker: &Walker, items: &mut Vec<u32>) {
    let (rows, asked) = (&walker.spec.trunk, &walker.setup.conditions);
    items.push(rows.style.row(style(walker)));
    items.push(rows.asked_key.row(table::key(asked.key)));
    items.push(rows.tempo.row(asked.tempo.map_or(LEVELS - 1, |bpm| level(bpm, 40.0))));
    items.push(rows.density.row(asked.density.map_or(LEVELS - 1, |density| level(density, 0.5))));
    let to_go = walker.bars_to_go();
    items.push(rows.to_go.row(to_go.map_or(TO_GO - 1, |bars| bars.min(TO_GO - 2))));
    if to_go == Some(0) {
        items.push(rows.to_end.row(table::span(walker.time_left())));
    }
    items.push(rows.parts.row(walker.setup.parts.len() as u32 - 1));
}

/// The style as a row; the first is "not said".
pub(super) fn style(walker: &Walker) -> u32 {
    walker.setup.conditions.style.map_or(0, |style| style + 1)
}

/// Twelve levels from `lowest` to eight times as much, each the fourth root of two above the one before.
fn level(value: f64, lowest: f64) -> u32 {
    let (mut level, mut bound) = (0, lowest);
    while value > bound && level < LEVELS - 2 {
        bound *= 1.189_207_115_002_721;
        level += 1;
    }
    level
}

/// The metres told apart.
pub(super) fn meter(meter: Meter) -> u32 {
    const KNOWN: [(u8, u8); 11] =
        [(2, 4), (3, 4), (4, 4), (2, 2), (3, 8), (6, 8), (9, 8), (12, 8), (6, 4), (3, 2), (5, 4)];
    let known = KNOWN.iter().position(|&known| known == (meter.beats(), meter.unit()));
    known.map_or(KNOWN.len() as u32, |index| index as u32)
}

fn time(walker: &Walker, items: &mut Vec<u32>) {
    let rows = &walker.spec.trunk;
    let (position, bar) = (walker.position(), walker.bar_index());
    items.push(rows.meter.row(meter(walker.meter())));
    items.push(rows.position.row(position));
    items.push(rows.in_beat.row(position % 24));
    items.push(rows.bar.row(bar));
    items.push(rows.bar_in_eight.row(bar % 8));
    items.push(rows.last_gap.row(table::span(walker.last_gap)));
    items.push(rows.heard_key.row(table::key(walker.key)));
}

fn this_voice(walker: &Walker, part: usize, voice: &Voice, items: &mut Vec<u32>) {
    let rows = &walker.spec.trunk;
    let slot = walker.slot(part);
    let now = walker.now;
    items.push(rows.family.pair(slot, FAMILIES, family(walker, part)));
    items.push(rows.last.pair(slot, PITCHES, table::pitch(voice.last)));
    items.push(rows.sounding.pair(slot, BRIEFS, table::brief(walker.remaining(part))));
    items.push(rows.age.pair(slot, BRIEFS, table::brief(voice.last_onset.map(|onset| now - onset))));
    items.push(rows.step.pair(slot, INTERVALS, table::interval(voice.before, voice.last)));
    items.push(rows.heard_degree.pair(slot, DEGREES, table::degree(walker.key, voice.last)));
    items.push(rows.asked_degree.pair(slot, DEGREES, table::degree(walker.setup.conditions.key, voice.last)));
    items.push(rows.above_bass.pair(slot, 13, above_bass(walker, voice.last)));
    items.push(rows.onset.pair(slot, 2, u32::from(began_last_slice(walker, voice))));
    if !walker.setup.parts[part].monophonic {
        items.extend(voice.sounding.iter().map(|(pitch, _)| rows.chord_tone.row(u32::from(pitch.get()))));
    }
}

fn began_last_slice(walker: &Walker, voice: &Voice) -> bool {
    let last_slice = walker.last_gap.map(|gap| walker.now - gap);
    last_slice.is_some() && voice.last_onset == last_slice
}

/// The instrument family of a part.
pub(super) fn family(walker: &Walker, part: usize) -> u32 {
    let part = &walker.setup.parts[part];
    if part.drums { FAMILIES - 1 } else { u32::from(part.program / 8) }
}

/// Pitch class above the bass part's last pitch, or 12.
fn above_bass(walker: &Walker, pitch: Option<Pitch>) -> u32 {
    let bass = walker.order.get(1).and_then(|&part| walker.voices[part as usize].last);
    match (bass, pitch) {
        (Some(bass), Some(pitch)) => table::semitones(bass, pitch).rem_euclid(12) as u32,
        _ => 12,
    }
}

fn drums(walker: &Walker, part: usize, items: &mut Vec<u32>) {
    let rows = &walker.spec.trunk;
    let before = walker.slices.len().checked_sub(2).and_then(|index| walker.slices.get(index));
    let struck = before.iter().flat_map(|slice| &slice.notes).filter(|note| note.part as usize == part);
    items.extend(struck.map(|note| rows.drum.row(u32::from(note.pitch.get()))));
}

/// How far each pointer is to be trusted, and what the three matches foretell of the first parts.
fn past(walker: &Walker, items: &mut Vec<u32>) {
    let rows = &walker.spec.trunk;
    for (index, pointer) in walker.pointers.iter().enumerate() {
        items.push(rows.trust.pair(index as u32, STRENGTHS, pointer.strength));
    }
    for (index, pointer) in walker.pointers[..3].iter().enumerate() {
        let Some(at) = pointer.at else { continue };
        if slice_at(&walker.slices, at).is_none() {
            continue;
        }
        for &part in walker.order.iter().take(VOICES.min(SLOTS) as usize) {
            let part = part as usize;
            let foretold = walker.foretold(index, part, None).map(|(pitch, _)| pitch);
            // Nothing begun there is told apart from nothing to point at.
            let last = walker.voices[part].last;
            let value = foretold.map_or(INTERVALS, |pitch| table::interval(last, Some(pitch)));
            items.push(rows.pointed.pair(walker.slot(part) * 3 + index as u32, INTERVALS + 1, value));
        }
    }
}
