//! A score of the user's, and the same music on the grid.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use cantus_model::encoding::{STEPS_PER_QUARTER, SliceNote, Sliced, Steps};
use cantus_model::styles::{Style, StylePart};
use cantus_score::{Note, Score, Ticks, Track, Velocity};

use super::asked::Asked;
use super::holes::Holes;
use super::task::Task;
use crate::check::beside_each_other;
use crate::error::ComposeError;
use crate::rules::Rule;

/// How far beyond the pitches of a part notes may be made, in semitones.
const BEYOND: u8 = 3;

/// A score to be worked on.
#[derive(Debug, Clone)]
pub struct Original {
    /// As it is.
    pub score: Score,
    /// On the grid.
    pub piece: Sliced,
    /// The track of each part.
    tracks: Vec<usize>,
}

impl Original {
    /// Takes a score. Fails where it has no notes.
    pub fn new(score: Score) -> Result<Self, ComposeError> {
        let (piece, tracks) = (Sliced::of_score(&score), Sliced::tracks_of(&score));
        if piece.note_count() == 0 {
            let rule = "music with at least one note";
            return Err(ComposeError::Range { what: "a piece to work on", rule, value: "silent".into() });
        }
        Ok(Self { score, piece, tracks })
    }

    /// Its parts, each with its own range and a little more.
    pub fn parts(&self) -> Vec<StylePart> {
        let notes = || self.piece.slices.iter().flat_map(|slice| &slice.notes);
        let part = |(index, part): (usize, &cantus_model::encoding::Part)| {
            let own = || notes().filter(|note| usize::from(note.part) == index).map(|note| note.pitch.get());
            let beyond = if part.drums { 0 } else { BEYOND };
            let low = own().min().unwrap_or(0).saturating_sub(beyond);
            let high = own().max().unwrap_or(127).saturating_add(beyond).min(127);
            StylePart { part: part.clone(), low, high, share: 0 }
        };
        self.piece.parts.iter().enumerate().map(part).collect()
    }

    /// Where its bars begin, a pickup among them, and where the last ends; in grid steps.
    pub fn bars(&self) -> Vec<Steps> {
        let step = |at: Ticks| Sliced::step_of(&self.score, at);
        let lines = self.score.bar_lines();
        let last = lines.last().copied().unwrap_or_default();
        let whole = self.score.meter_at(last).bar(self.score.resolution);
        let end = last.saturating_add(whole).max(self.score.end());
        lines.into_iter().chain([end]).map(step).collect()
    }

    /// The time of some bars, the first whole bar being number 1. Fails where there are no such bars.
    pub fn span(&self, bars: &Range<u32>) -> Result<Range<Steps>, ComposeError> {
        let lines = self.bars();
        let pickup = u32::from(self.piece.pickup > 0);
        let whole = (lines.len() as u32).saturating_sub(1 + pickup);
        let at = |bar: u32| lines.get((bar + pickup).checked_sub(1)? as usize).copied();
        match (at(bars.start), at(bars.end)) {
            (Some(from), Some(until)) if from < until => Ok(from..until),
            _ => {
                let value = match bars.len() {
                    1 => bars.start.to_string(),
                    _ => format!("{}-{}", bars.start, bars.end.saturating_sub(1)),
                };
                let rule = match whole {
                    0 => "in a piece of at least one whole bar".to_owned(),
                    whole => format!("from 1 to {whole}, which the piece has"),
                };
                Err(ComposeError::Place { what: "bars", rule, value })
            }
        }
    }

    /// The part that a track is, tracks being counted from 1 as a musician counts them. Fails where it has no notes or is not
    /// there.
    pub fn part_of_track(&self, number: usize) -> Result<usize, ComposeError> {
        let found = self.tracks.iter().position(|track| track + 1 == number);
        found.ok_or_else(|| ComposeError::Place {
            what: "a track",
            rule: format!("one that has notes: {}", self.told_tracks()),
            value: number.to_string(),
        })
    }

    /// The track of a part.
    pub(super) fn track_of(&self, part: usize) -> Option<usize> {
        self.tracks.get(part).copied()
    }

    /// A part by the number and the name of its track, such as `track 2 (Cello)`.
    pub fn told_part(&self, part: usize) -> String {
        format!("track {}", self.track_of(part).map_or_else(String::new, |track| self.told(track)))
    }

    fn told_tracks(&self) -> String {
        self.tracks.iter().map(|track| self.told(*track)).collect::<Vec<_>>().join(", ")
    }

    fn told(&self, track: usize) -> String {
        match self.score.tracks[track].name.as_str() {
            "" => (track + 1).to_string(),
            name => format!("{} ({name})", track + 1),
        }
    }

    /// The score with what was made in holes: notes of its own that begin in holes go, those of `filled` that begin there come.
    /// Everything else is as it was. Parts of `filled` that the score does not have become new tracks.
    pub fn with(&self, filled: &Sliced, holes: &Holes) -> Score {
        let mut score = self.score.clone();
        for (part, described) in filled.parts.iter().enumerate() {
            let track = self.tracks.get(part).copied().unwrap_or_else(|| {
                let track = new_track(&score, described);
                score.tracks.push(track);
                score.tracks.len() - 1
            });
            let is_new = |start: Ticks| holes.has(part, Sliced::step_of(&self.score, start));
            let usual = usual_velocity(&score.tracks[track]);
            let made = filled.slices.iter().flat_map(|slice| {
                let own = slice.notes.iter().filter(|note| usize::from(note.part) == part);
                own.filter(|_| holes.has(part, slice.at)).map(|note| (slice.at, *note))
            });
            let made: Vec<Note> = made.map(|(at, note)| self.written(at, note, usual)).collect();
            let track = &mut score.tracks[track];
            if made.is_empty() && !track.notes.iter().any(|note| is_new(note.start)) {
                continue;
            }
            track.notes.retain(|note| !is_new(note.start));
            track.notes.extend(made);
            track.notes.sort();
        }
        score
    }

    /// What was asked of the notes that were made and is not so, each thing with where: rules that the score breaks now, with what a task made, and
    /// did not before.
    pub fn not_as_asked(
        &self,
        after: &Score,
        task: &Task,
        styles: &[Style],
    ) -> Result<Vec<String>, ComposeError> {
        let style = task.how.style.and_then(|style| styles.get(style as usize));
        let asked = Asked::new(task, style)?;
        // Parts that were added are tracks after those that were there.
        let added = |part: usize| self.score.tracks.len() + part - self.tracks.len();
        let broken = |score: &Score| {
            let tracks =
                (0..asked.parts.len()).map(|part| self.tracks.get(part).copied().unwrap_or(added(part)));
            let played =
                tracks.zip(&asked.parts).filter_map(|(track, part)| Some((score.tracks.get(track)?, part)));
            beside_each_other(&played.collect::<Vec<_>>(), &asked.restraints, asked.scale)
        };
        let before: BTreeSet<(Rule, String)> = broken(&self.score).into_iter().collect();
        let mut told = BTreeMap::<Rule, (String, usize)>::new();
        for (rule, place) in broken(after).into_iter().filter(|fault| !before.contains(fault)) {
            told.entry(rule).or_insert((place, 0)).1 += 1;
        }
        let more = |count: usize| if count > 1 { format!(" and {} more", count - 1) } else { String::new() };
        let remark = |(rule, (place, count)): (Rule, (String, usize))| {
            format!("it breaks the rule of {}: {place}{}", rule.name(), more(count))
        };
        let silent = |part: &usize| {
            let track = after.tracks.get(added(*part));
            *part >= self.tracks.len() && track.is_none_or(|track| track.notes.is_empty())
        };
        let silent = (0..asked.parts.len()).filter(silent);
        let silent = silent.map(|part| format!("{} has no notes", asked.parts[part].part.name));
        Ok(told.into_iter().map(remark).chain(silent).collect())
    }

    fn written(&self, at: Steps, note: SliceNote, usual: Option<Velocity>) -> Note {
        let ticks = |steps: Steps| {
            let per_quarter = u64::from(self.score.resolution.ticks_per_quarter());
            let ticks = (2 * u64::from(steps) * per_quarter + u64::from(STEPS_PER_QUARTER))
                / (2 * u64::from(STEPS_PER_QUARTER));
            Ticks(ticks.min(u64::from(u32::MAX)) as u32)
        };
        let (start, end) = (ticks(at), ticks(at + note.length.steps()));
        let plain = Note::new(start, end.saturating_sub(start).max(Ticks(1)), note.pitch);
        let own = note.level.map(|level| Velocity::saturating(i64::from(level) * 4 + 2));
        match own.or(usual) {
            Some(velocity) => plain.with_velocity(velocity),
            None => plain,
        }
    }
}

/// The velocity in the middle of those of a track, where it has any.
fn usual_velocity(track: &Track) -> Option<Velocity> {
    let mut velocities: Vec<Velocity> = track.notes.iter().filter_map(|note| note.velocity).collect();
    velocities.sort_unstable();
    velocities.get(velocities.len() / 2).copied()
}

/// A track for a part, on a channel that no other has.
fn new_track(score: &Score, part: &cantus_model::encoding::Part) -> Track {
    use cantus_score::{Channel, Program};
    let is_taken = |channel: Channel| score.tracks.iter().any(|track| track.channel == channel);
    let free =
        (0..16).map(Channel::saturating).find(|channel| *channel != Channel::DRUMS && !is_taken(*channel));
    let channel = if part.drums { Channel::DRUMS } else { free.unwrap_or(Channel::saturating(15)) };
    Track::new(part.name.clone(), channel, Program::saturating(i64::from(part.program)))
}
