//! Where grace notes sound: before the beat, in the time of the note before. It depends on the music alone and not on the
//! resolution in which a file is read.

use std::collections::{BTreeMap, HashSet};

use crate::{Resolution, Ticks};

use super::runs::Run;
use super::{Sound, Written};

/// The part of a quarter note that a grace note lasts: a thirty-second note.
pub(super) const LONGEST: u32 = 8;
/// Where there is no room it is halved, down to this part.
const SHORTEST: u32 = 256;

/// Notes of a part that begin together.
pub(super) struct Moment<'a> {
    pub(super) run: &'a Run,
    pub(super) notes: &'a [&'a Written],
    /// When they are played.
    pub(super) at: Ticks,
    /// When the last note before them began, in whatever voice: what one format calls two voices another calls one.
    before: Option<Ticks>,
}

impl<'a> Moment<'a> {
    /// Goes through the notes of a part, sorted, as they are played.
    pub(super) fn each(runs: &[Run], notes: &[&Written], mut take: impl FnMut(&Moment)) {
        let (mut before, mut held) = (None, BTreeMap::<Ticks, HashSet<Sound>>::new());
        for run in runs {
            let within = run.within(notes, |note| note.start);
            for notes in within.chunk_by(|a, b| a.start == b.start) {
                let Some(at) = notes.first().map(|first| run.played(first.start)) else { continue };
                take(&Moment { run, notes, at, before });
                while held.first_key_value().is_some_and(|held| *held.0 < at) {
                    held.pop_first();
                }
                let mut plain = notes.iter().filter(|note| note.grace.is_none());
                let is_held =
                    |note: &Written| held.get(&at).is_some_and(|held| held.contains(&note.pitch.sound()));
                // A piece of a longer note does not begin where it is tied to the one before.
                if plain.any(|note| !is_held(note)) {
                    before = Some(at);
                }
                for note in notes.iter().filter(|note| note.tied && note.grace.is_none()) {
                    held.entry(run.played(note.end())).or_default().insert(note.pitch.sound());
                }
            }
        }
    }

    /// The grace notes of each voice, in the order in which they are played.
    pub(super) fn graces(&self) -> BTreeMap<u8, Vec<&'a Written>> {
        let mut voices: BTreeMap<u8, Vec<&Written>> = BTreeMap::new();
        for note in self.notes.iter().filter(|note| note.grace.is_some()) {
            voices.entry(note.voice).or_default().push(note);
        }
        voices
    }

    /// The part of a quarter note that each of so many grace notes lasts: together they take half the time since the note
    /// before at most. Nothing where the shortest have no room.
    pub(super) fn part(&self, count: usize, resolution: Resolution) -> Option<u32> {
        let room =
            self.before.map_or(2 * u64::from(self.at.0), |before| self.at.0.saturating_sub(before.0).into());
        let wanted = 2 * count as u64 * u64::from(resolution.ticks_per_quarter());
        let halved =
            std::iter::successors(Some(LONGEST), |part| Some(2 * part).filter(|part| *part <= SHORTEST));
        halved.into_iter().find(|part| wanted <= room * u64::from(*part))
    }
}

/// The notes of a part by their beginnings.
pub(super) fn sorted(notes: &[Written]) -> Vec<&Written> {
    let mut notes: Vec<&Written> = notes.iter().collect();
    notes.sort_by_key(|note| note.start);
    notes
}
