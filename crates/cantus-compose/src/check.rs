//! The rules once more, found in a finished score: by other means than the masks that should have kept them.

use std::collections::BTreeMap;

use cantus_model::encoding::{STEPS_PER_QUARTER, Steps};
use cantus_score::{Channel, Key, Meter, Note, Pitch, Score, Ticks, Track};

use crate::plan::Plan;
use crate::player::Player;
use crate::request::Ending;
use crate::restraint::Restraint;
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
            let outside = |key: Key| !key.contains(note.pitch.class());
            if !part.part.drums && plan.scale.is_some_and(outside) {
                found.push((Rule::Scale, place()));
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
    let is_forbidden = |restraint: Restraint| plan.restraints.forbidden.contains(&restraint);
    unplayable(score, plan, &mut found);
    if let Some(most) = plan.restraints.most_notes {
        too_many(score, usize::from(most), &mut found);
    }
    for (restraint, interval) in Restraint::PARALLELS.into_iter().zip([FIFTH, OCTAVE]) {
        if is_forbidden(restraint) {
            parallels(score, plan, (Rule::against(restraint), interval), &mut found);
        }
    }
    if is_forbidden(Restraint::Crossings) {
        crossings(score, plan, &mut found);
    }
    if is_forbidden(Restraint::Rests) {
        rests(score, plan, &mut found);
    }
    if is_forbidden(Restraint::Repeats) {
        repeats(score, plan, &mut found);
    }
    meter_violations(score, plan, &mut found);
    if score.end() != end {
        found.push((Rule::Length, format!("it ends at tick {} of {}", score.end().0, end.0)));
    }
    if !score.tracks.iter().any(|track| track.notes.first().is_some_and(|note| note.start == Ticks::ZERO)) {
        found.push((Rule::Opening, "no note at the beginning".into()));
    }
    found
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
fn unplayable(score: &Score, plan: &Plan, found: &mut Vec<(Rule, String)>) {
    for (track, part) in score.tracks.iter().zip(&plan.parts) {
        let player = Player::of(&part.part);
        for (at, notes) in together(track.notes.iter().collect()) {
            let played = notes.iter().filter(|note| player.holds() || note.start == at);
            let pitches: Vec<Pitch> = played.map(|note| note.pitch).collect();
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
fn too_many(score: &Score, most: usize, found: &mut Vec<(Rule, String)>) {
    let pitched = score.tracks.iter().filter(|track| track.channel != Channel::DRUMS);
    let notes = pitched.flat_map(|track| &track.notes).collect();
    if let Some((at, notes)) = together(notes).find(|(_, notes)| notes.len() > most) {
        found.push((Rule::Polyphony, format!("{} notes at tick {}", notes.len(), at.0)));
    }
}

/// Where a line goes below one that lies lower.
fn crossings(score: &Score, plan: &Plan, found: &mut Vec<(Rule, String)>) {
    let places = lines(&plan.parts, plan.scale);
    let lines: Vec<(usize, &Track)> =
        score.tracks.iter().zip(places).filter_map(|(track, place)| Some((place?, track))).collect();
    for (place, track) in &lines {
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
fn rests(score: &Score, plan: &Plan, found: &mut Vec<(Rule, String)>) {
    for (track, place) in score.tracks.iter().zip(lines(&plan.parts, plan.scale)) {
        let mut until = Ticks::ZERO;
        for note in track.notes.iter().filter(|_| place.is_some()) {
            if note.start > until {
                found.push((Rule::Rests, format!("{} at tick {}", track.name, until.0)));
            }
            until = note.end();
        }
    }
}

/// Where a line strikes the note again that it has just played.
fn repeats(score: &Score, plan: &Plan, found: &mut Vec<(Rule, String)>) {
    for (track, _) in
        score.tracks.iter().zip(lines(&plan.parts, plan.scale)).filter(|(_, place)| place.is_some())
    {
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
fn parallels(score: &Score, plan: &Plan, (rule, interval): (Rule, u8), found: &mut Vec<(Rule, String)>) {
    let lines = score.tracks.iter().zip(&plan.parts).filter(|(_, part)| part.part.monophonic);
    let lines: Vec<(&str, Moves)> = lines
        .map(|(track, _)| {
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
