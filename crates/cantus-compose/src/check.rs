//! The rules once more, found in a finished score: by other means than the masks that should have kept them.

use std::collections::BTreeMap;

use cantus_model::encoding::{STEPS_PER_QUARTER, Steps};
use cantus_model::styles::StylePart;
use cantus_score::{Key, Meter, Note, Pitch, Score, Ticks, Track};

use crate::plan::Plan;
use crate::player::Player;
use crate::request::Ending;
use crate::restraint::{Restraint, Restraints};
use crate::rules::{FIFTH, OCTAVE, Rule, are_parallel, can_sound, lines};

/// The rules that a finished score breaks, each with where; found from the score alone, not by the masks.
pub fn violations(score: &Score, plan: &Plan) -> Vec<(Rule, String)> {
    let mut found = Vec::new();
    let ticks = |steps: Steps| Ticks(steps * score.resolution.ticks_per_quarter() / STEPS_PER_QUARTER);
    let ends = [ticks(plan.end()), ticks(plan.end()).saturating_add(score.pickup())];
    let end = if score.end() == ends[0] { ends[0] } else { ends[1] };
    if score.tracks.len() != plan.parts.len() {
        found.push((Rule::Range, format!("{} parts instead of {}", score.tracks.len(), plan.parts.len())));
    }
    for (track, part) in score.tracks.iter().zip(&plan.parts) {
        for note in &track.notes {
            let place = || format!("{} in {} at tick {}", note.pitch, track.name, note.start.0);
            if !(part.low..=part.high).contains(&note.pitch.get()) {
                found.push((Rule::Range, place()));
            }
            if note.end() > end || note.start >= end {
                found.push((Rule::Length, place()));
            }
        }
        let overlap = track.notes.windows(2).find(|pair| pair[0].end() > pair[1].start);
        if let Some([_, late]) = overlap.filter(|_| part.part.monophonic) {
            found.push((Rule::Rhythm, format!("{} overlaps itself at tick {}", track.name, late.start.0)));
        }
        if part.part.monophonic && can_sound(part, plan.scale) && track.end() != end {
            found.push((Rule::Ending, format!("{} ends at tick {} of {}", track.name, track.end().0, end.0)));
        }
    }
    let played: Vec<Played> = score.tracks.iter().zip(&plan.parts).collect();
    found.extend(beside_each_other(&played, &plan.restraints, plan.scale));
    meter_violations(score, plan, &mut found);
    if score.end() != end {
        found.push((Rule::Length, format!("it ends at tick {} of {}", score.end().0, end.0)));
    }
    if !score.tracks.iter().any(|track| track.notes.first().is_some_and(|note| note.start == Ticks::ZERO)) {
        found.push((Rule::Opening, "no note at the beginning".into()));
    }
    found
}

/// A track and the part that it is.
pub(crate) type Played<'a> = (&'a Track, &'a StylePart);

/// The rules about what parts play beside each other that some tracks break: those that always hold, and those that are asked for.
pub(crate) fn beside_each_other(
    played: &[Played],
    restraints: &Restraints,
    scale: Option<Key>,
) -> Vec<(Rule, String)> {
    let mut found = Vec::new();
    let is_forbidden = |restraint: Restraint| restraints.forbidden.contains(&restraint);
    let parts: Vec<StylePart> = played.iter().map(|(_, part)| (*part).clone()).collect();
    let places = lines(&parts, scale);
    let lines: Vec<(usize, &Track)> =
        played.iter().zip(places).filter_map(|((track, _), place)| Some((place?, *track))).collect();
    outside(played, scale, &mut found);
    unplayable(played, &mut found);
    if let Some(most) = restraints.most_notes {
        too_many(played, usize::from(most), &mut found);
    }
    for (restraint, interval) in Restraint::PARALLELS.into_iter().zip([FIFTH, OCTAVE]) {
        if is_forbidden(restraint) {
            parallels(&lines, (Rule::against(restraint), interval), &mut found);
        }
    }
    if is_forbidden(Restraint::Crossings) {
        crossings(&lines, &mut found);
    }
    if is_forbidden(Restraint::Rests) {
        rests(&lines, &mut found);
    }
    if is_forbidden(Restraint::Repeats) {
        repeats(&lines, &mut found);
    }
    found
}

/// Notes outside the scale that alone is allowed.
fn outside(played: &[Played], scale: Option<Key>, found: &mut Vec<(Rule, String)>) {
    let Some(scale) = scale else { return };
    for (track, _) in played.iter().filter(|(_, part)| !part.part.drums) {
        for note in track.notes.iter().filter(|note| !scale.contains(note.pitch.class())) {
            found.push((Rule::Scale, format!("{} in {} at tick {}", note.pitch, track.name, note.start.0)));
        }
    }
}

/// What sounds together where notes begin, in the order of time.
fn together(mut notes: Vec<&Note>) -> impl Iterator<Item = (Ticks, Vec<&Note>)> {
    notes.sort_by_key(|note| note.start);
    let mut sounding: Vec<&Note> = Vec::new();
    let mut next = 0;
    std::iter::from_fn(move || {
        let at = notes.get(next)?.start;
        sounding.retain(|note| note.end() > at);
        while let Some(note) = notes.get(next).filter(|note| note.start == at) {
            sounding.push(note);
            next += 1;
        }
        Some((at, sounding.clone()))
    })
}

/// Where more is to be played at once than a player can.
fn unplayable(played: &[Played], found: &mut Vec<(Rule, String)>) {
    for (track, part) in played {
        let player = Player::of(&part.part);
        for (at, notes) in together(track.notes.iter().collect()) {
            let held = notes.iter().filter(|note| player.holds() || note.start == at);
            let pitches: Vec<Pitch> = held.map(|note| note.pitch).collect();
            if !player.can_play(&pitches) {
                found.push((
                    Rule::Playable,
                    format!("{} notes of {} at tick {}", pitches.len(), track.name, at.0),
                ));
            }
        }
    }
}

/// Where more notes sound at once than were asked for.
fn too_many(played: &[Played], most: usize, found: &mut Vec<(Rule, String)>) {
    let pitched = played.iter().filter(|(_, part)| !part.part.drums);
    let notes = pitched.flat_map(|(track, _)| &track.notes).collect();
    for (at, notes) in together(notes).filter(|(_, notes)| notes.len() > most) {
        found.push((Rule::Polyphony, format!("{} notes at tick {}", notes.len(), at.0)));
    }
}

/// Where a line goes below one that lies lower.
fn crossings(lines: &[(usize, &Track)], found: &mut Vec<(Rule, String)>) {
    for (place, track) in lines {
        for (_, other) in lines.iter().filter(|(other, _)| other > place) {
            for note in &track.notes {
                let from = other.notes.partition_point(|below| below.end() <= note.start);
                let beside = other.notes[from..].iter().take_while(|below| below.start < note.end());
                if beside.into_iter().any(|below| below.pitch > note.pitch) {
                    found.push((
                        Rule::Crossing,
                        format!("{} and {} at tick {}", track.name, other.name, note.start.0),
                    ));
                }
            }
        }
    }
}

/// Where a line falls silent.
fn rests(lines: &[(usize, &Track)], found: &mut Vec<(Rule, String)>) {
    for (_, track) in lines {
        let mut until = Ticks::ZERO;
        for note in &track.notes {
            if note.start > until {
                found.push((Rule::Rests, format!("{} at tick {}", track.name, until.0)));
            }
            until = note.end();
        }
    }
}

/// Where a line strikes the note again that it has just played.
fn repeats(lines: &[(usize, &Track)], found: &mut Vec<(Rule, String)>) {
    for (_, track) in lines {
        for pair in track.notes.windows(2).filter(|pair| pair[0].pitch == pair[1].pitch) {
            found.push((
                Rule::Repeats,
                format!("{} in {} at tick {}", pair[1].pitch, track.name, pair[1].start.0),
            ));
        }
    }
}

/// Where a part goes from a pitch to another.
type Moves = BTreeMap<Ticks, (Pitch, Pitch)>;

/// Steps that two parts take at the same time to an interval that must not follow itself.
fn parallels(lines: &[(usize, &Track)], (rule, interval): (Rule, u8), found: &mut Vec<(Rule, String)>) {
    let lines: Vec<(&str, Moves)> = lines
        .iter()
        .map(|(_, track)| {
            let steps = track.notes.windows(2).map(|pair| (pair[1].start, (pair[0].pitch, pair[1].pitch)));
            (track.name.as_str(), steps.collect())
        })
        .collect();
    for (index, (name, steps)) in lines.iter().enumerate() {
        for (other, beside) in &lines[index + 1..] {
            for (at, step) in steps {
                if beside.get(at).is_some_and(|beside| are_parallel(*step, *beside, interval)) {
                    found.push((rule, format!("{name} and {other} at tick {}", at.0)));
                }
            }
        }
    }
}

fn meter_violations(score: &Score, plan: &Plan, found: &mut Vec<(Rule, String)>) {
    let pickup = score.pickup();
    let whole = score.meters.iter().filter(|meter| pickup == Ticks::ZERO || meter.at > Ticks::ZERO);
    let meters: Vec<(Ticks, Meter)> = whole.map(|meter| (meter.at, meter.value)).collect();
    if meters != [(pickup, plan.meter)] {
        found.push((Rule::Meter, format!("{} metres, the first {:?}", meters.len(), meters.first())));
    }
    if (plan.ending == Ending::Loop || !plan.has_pickup) && pickup > Ticks::ZERO {
        found.push((Rule::Ending, format!("it must not have a pickup of {} ticks", pickup.0)));
    }
    let bars = score.bar_lines().len() - usize::from(pickup > Ticks::ZERO);
    if bars != plan.bars as usize {
        found.push((Rule::Length, format!("{bars} bars instead of {}", plan.bars)));
    }
}
