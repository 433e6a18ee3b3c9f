//! What is asked of the notes that are made, settled against the piece and the style.

use std::ops::Range;

use cantus_features::control::Control;
use cantus_model::controls::{ChordSpan, Controls, MeasuredControls, bar_at_time, bar_of};
use cantus_model::encoding::Steps;
use cantus_model::styles::{Style, StylePart, heard_key};
use cantus_model::walk::{Conditions, Setup};
use cantus_score::Key;

use super::task::{Keep, Task};
use crate::error::ComposeError;
use crate::plan::{chord_beyond_scale, set_ranges, unmet_by_lines};
use crate::restraint::{Restraint, Restraints};
use crate::rules::lines;

/// What is asked, settled.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    /// The parts with the ranges in which notes are made.
    pub(crate) parts: Vec<StylePart>,
    /// The key of the scale: the one asked for, or the one that is heard.
    pub(crate) key: Option<Key>,
    /// The key whose scale alone is allowed.
    pub(crate) scale: Option<Key>,
    /// Rules that are asked for, and what the style avoids.
    pub(crate) restraints: Restraints,
    /// What is asked of the bars in which notes are made; nothing of the others.
    pub(crate) controls: Controls,
    /// The first of these bars, counted from 0.
    pub(crate) first: u32,
    /// How strongly it is followed.
    pub(crate) strength: f32,
}

impl Asked {
    /// Nothing but what the task itself says: no rule is asked for or a habit.
    pub(super) fn nothing(task: &Task) -> Self {
        let key = task.how.scale.or_else(|| heard_key(&task.piece));
        let (restraints, controls, first) = Default::default();
        let (parts, scale) = (task.parts.clone(), task.how.scale);
        Self { parts, key, scale, restraints, controls, first, strength: 1.0 }
    }

    /// Settles what is asked in a style, if one is known.
    pub(crate) fn new(task: &Task, style: Option<&Style>) -> Result<Self, ComposeError> {
        let how = &task.how;
        contradiction(task).map_or(Ok(()), Err)?;
        let mut parts = task.parts.clone();
        set_ranges(&mut parts, &how.restraints.ranges, "this piece")?;
        let key = how.scale.or_else(|| heard_key(&task.piece));
        let is_forbidden = how.restraints.forbidden.contains(&Restraint::Accidentals);
        let scale = if is_forbidden { key } else { how.scale };
        let count = lines(&parts, scale).into_iter().flatten().count();
        if let Some((restraint, why)) = unmet_by_lines(&how.restraints, count) {
            let (one, other) = (format!("a rule against {}", restraint.name()), "this piece".to_owned());
            return Err(ComposeError::Contradiction { one, other, why: why.to_owned() });
        }
        if let (Some(scale), Some(chart)) = (scale, &how.wishes.chords) {
            chord_beyond_scale(scale, chart).map_or(Ok(()), Err)?;
        }
        let restraints = match style {
            Some(style) => how.restraints.with_habits(&style.avoids, count),
            None => how.restraints.clone(),
        };
        let (controls, first) = match style {
            _ if how.wishes.is_empty() => Default::default(),
            Some(style) => controls(task, style)?,
            None => return Err(ComposeError::NoStyle),
        };
        Ok(Self { parts, key, scale, restraints, controls, first, strength: how.wishes.strength() })
    }
}

/// What is asked for that cannot be where something is kept.
fn contradiction(task: &Task) -> Option<ComposeError> {
    let (wishes, restraints) = (&task.how.wishes, &task.how.restraints);
    let error = |one: String, other: &str, why: &str| {
        Some(ComposeError::Contradiction { one, other: other.to_owned(), why: why.to_owned() })
    };
    match task.keep {
        Keep::Rhythm => {
            let of_rhythm = [Control::Density, Control::Polyphony, Control::Rhythm];
            let asked = of_rhythm.iter().find(|control| wishes.controls.contains_key(control.name()))?;
            error(format!("a {}", asked.name()), "the rhythm that is kept", "notes begin and end as they did")
        }
        Keep::Chords => {
            let chords = wishes.chords.as_ref()?;
            error(
                format!("chords ({chords})"),
                "the chords that are kept",
                "they are those of the notes that go",
            )
        }
        Keep::Contour if restraints.forbidden.contains(&Restraint::Repeats) => error(
            "a rule against repeats".to_owned(),
            "the contour that is kept",
            "where a line stays on a note it is to stay",
        ),
        Keep::Contour | Keep::Nothing => None,
    }
}

/// The whole bars of a task, by times since the first of them, and whether notes are made in each.
fn bars(task: &Task) -> Vec<(Range<Steps>, bool)> {
    let piece = &task.piece;
    let meters = Setup::of_piece(piece, Conditions::default()).meters;
    let length = task.end.saturating_sub(piece.pickup);
    let count = if length == 0 { 0 } else { bar_at_time(&meters, length - 1) + 1 };
    let bar = |number: u32| {
        let bar = bar_of(&meters, number).0..bar_of(&meters, number + 1).0;
        let (from, until) = (bar.start + piece.pickup, bar.end + piece.pickup);
        let is_made = task.holes.iter().any(|(_, hole)| hole.start < until && hole.end > from);
        (bar, is_made)
    };
    (0..count).map(bar).collect()
}

/// Controls and chords as they are asked of the bars in which notes are made, and the first of these: curves lie over them, from the first to
/// the last.
fn controls(task: &Task, style: &Style) -> Result<(Controls, u32), ComposeError> {
    let bars = bars(task);
    let is_made = |(_, is_made): &(Range<Steps>, bool)| *is_made;
    let Some(first) = bars.iter().position(is_made) else { return Ok(Default::default()) };
    let last = bars.iter().rposition(is_made).unwrap_or(first);
    let stretch: Vec<Range<Steps>> = bars[first..=last].iter().map(|(bar, _)| bar.clone()).collect();
    let mut settled = task.how.wishes.settled(style, &stretch)?;
    for (levels, (_, is_made)) in settled.bars.iter_mut().zip(&bars[first..=last]) {
        if !is_made {
            *levels = Default::default();
        }
    }
    if !settled.bars.is_empty() {
        settled.bars.splice(0..0, vec![Default::default(); first]);
    }
    if !settled.chords.is_empty() {
        // The chart ends with what is made.
        settled.chords.push(ChordSpan { from: bars[last].0.end, chord: None });
    }
    // Of the whole piece only what all of it is made by.
    if !bars.iter().all(is_made) {
        settled.piece = Default::default();
    }
    Ok((settled, first as u32))
}

/// The chords that a network is told: those asked for where notes are made, and those heard where all of the music stays.
pub(super) fn told_chords(task: &Task, asked: &Controls, key: Option<Key>) -> Vec<ChordSpan> {
    let pickup = task.piece.pickup;
    let mut chords = MeasuredControls::of_piece(&task.piece, key).chords;
    for span in &mut chords {
        // A chord is known only where all parts are.
        let is_made = (0..task.parts.len()).any(|part| task.holes.has(part, span.from + pickup));
        if is_made && task.keep != Keep::Chords {
            span.chord = None;
        }
    }
    if asked.chords.is_empty() {
        return chords;
    }
    let mut all = Vec::new();
    for (bar, is_made) in bars(task) {
        let side = if is_made { &asked.chords } else { &chords };
        all.extend(side.iter().filter(|span| bar.contains(&span.from)).copied());
    }
    all
}
