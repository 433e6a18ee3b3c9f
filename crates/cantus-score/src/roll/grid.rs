//! From notes to the cells of a roll.

use crate::{Note, Pitch, Resolution, Score, Ticks, Track};

use super::cells::{AGAIN, Cells, UNKNOWN};
use super::{MOST_STEPS, RollError, RollOptions};

/// The roll of all parts but drums; of these too where there are no others.
pub(super) fn of_score(score: &Score, options: RollOptions) -> Result<Cells, RollError> {
    let pitched = || score.tracks.iter().filter(|track| !track.is_drums() && !track.notes.is_empty());
    let tracks: Vec<&Track> =
        if pitched().next().is_some() { pitched().collect() } else { score.tracks.iter().collect() };
    of_tracks(&tracks, score.resolution, options)
}

/// The roll of some parts together.
///
/// A note begins and ends at the nearest steps and has one at least. Of notes that begin together on one key the hardest
/// and the longest counts; a note that still sounds where its key is struck again ends there.
pub(super) fn of_tracks(
    tracks: &[&Track],
    resolution: Resolution,
    options: RollOptions,
) -> Result<Cells, RollError> {
    if !(1..=960).contains(&options.steps) {
        return Err(RollError::Steps(options.steps));
    }
    let grid = Grid { resolution, steps: options.steps };
    let lowest = options.keys.lowest();
    let on_keys = |pitch: Pitch| (lowest..lowest + options.keys.count()).contains(&usize::from(pitch.get()));
    let notes = tracks.iter().flat_map(|track| &track.notes).filter(|note| on_keys(note.pitch));
    let mut struck: Vec<Struck> = notes.map(|note| grid.struck(note)).collect();
    struck.sort_unstable();
    // The last of those that begin together is the hardest; it takes the latest end of them.
    let mut last: Vec<Struck> = Vec::with_capacity(struck.len());
    for note in struck {
        match last.last_mut() {
            Some(before) if (before.pitch, before.begin) == (note.pitch, note.begin) => {
                *before = Struck { end: before.end.max(note.end), ..note };
            }
            Some(before) if before.pitch == note.pitch => {
                before.end = before.end.min(note.begin);
                last.push(note);
            }
            _ => last.push(note),
        }
    }
    let steps = last.iter().map(|note| note.end).max().unwrap_or_default();
    if steps > MOST_STEPS {
        return Err(RollError::TooLong(steps));
    }
    let mut cells = Cells::silent(steps, options.keys);
    for note in &last {
        let is_again = note.begin.checked_sub(1).and_then(|before| cells.cell(before, note.pitch).copied());
        let again = if is_again.is_some_and(|before| before != 0) { AGAIN } else { 0 };
        for step in note.begin..note.end {
            if let Some(cell) = cells.cell(step, note.pitch) {
                *cell = note.value + if step == note.begin { again } else { 0 };
            }
        }
    }
    Ok(cells)
}

/// A note on the grid; sorted by key, then time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Struck {
    pitch: Pitch,
    begin: usize,
    value: u8,
    end: usize,
}

/// A grid over ticks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Grid {
    pub(super) resolution: Resolution,
    pub(super) steps: u16,
}

impl Grid {
    /// The nearest step, the later of two.
    pub(super) fn step(self, at: Ticks) -> usize {
        let quarter = u64::from(self.resolution.ticks_per_quarter());
        ((u64::from(at.0) * u64::from(self.steps) * 2 + quarter) / (quarter * 2)) as usize
    }

    fn struck(self, note: &Note) -> Struck {
        let begin = self.step(note.start);
        let end = self.step(note.end()).max(begin + 1);
        // A known velocity of 1 is told as 2, for 1 says that it is unknown.
        let value = note.velocity.map_or(UNKNOWN, |velocity| velocity.get().max(UNKNOWN + 1));
        Struck { pitch: note.pitch, begin, value, end }
    }
}
