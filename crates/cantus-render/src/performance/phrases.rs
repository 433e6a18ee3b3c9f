//! Phrases: found in the leading part from rests, long notes and groups of bars.

use cantus_score::{Score, Ticks, Track};

use super::metre::place;

/// Where in a phrase its peak lies.
const PEAK: f64 = 0.6;
/// A stretch without rest or long note longer than this is heard in groups.
const LONGEST_BARS: u32 = 8;
const GROUP_BARS: u32 = 4;

/// A stretch between two breaths, heard in groups of bars where it is long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stretch {
    start: Ticks,
    end: Ticks,
    /// The length of its groups; the last takes what is left.
    group: Ticks,
}

/// The phrases of a piece.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Phrases {
    stretches: Vec<Stretch>,
}

impl Phrases {
    /// Finds them in the part that leads.
    pub(super) fn find(score: &Score) -> Self {
        let Some(lead) = lead(score) else { return Self { stretches: Vec::new() } };
        let line = line(lead);
        let mut starts = vec![Ticks::ZERO];
        starts.extend(breaths(score, &line));
        let ends = starts.iter().copied().skip(1).chain([score.end()]).collect::<Vec<_>>();
        let stretches = starts.into_iter().zip(ends).map(|(start, end)| {
            let bar = bar_at(score, start);
            let longest = u64::from(bar.0) * u64::from(LONGEST_BARS);
            let is_long = u64::from(end.saturating_sub(start).0) > longest;
            let group = if is_long { Ticks(bar.0 * GROUP_BARS) } else { end.saturating_sub(start) };
            Stretch { start, end, group }
        });
        Self { stretches: stretches.collect() }
    }

    /// How far a phrase has swollen at a time: 0 at its ends, 1 at its peak, along two parabolas.
    pub(super) fn arch(&self, at: Ticks) -> f64 {
        let begun = self.stretches.partition_point(|stretch| stretch.start <= at);
        let Some(stretch) = self.stretches[..begun].last() else { return PEAK };
        let (length, group) = (stretch.end.saturating_sub(stretch.start).0, stretch.group.0.max(1));
        let within = at.saturating_sub(stretch.start).0;
        // What is left after the last whole group belongs to that group.
        let index = (within / group).min((length / group).max(1) - 1);
        let is_last = index + 1 >= length / group;
        let from = index * group;
        let whole = if is_last { length.saturating_sub(from).max(1) } else { group };
        let x = (f64::from(within - from) / f64::from(whole)).min(1.0);
        let away = if x < PEAK { (PEAK - x) / PEAK } else { (x - PEAK) / (1.0 - PEAK) };
        1.0 - away * away
    }

    /// Where each phrase that a breath opens begins.
    #[cfg(test)]
    pub(super) fn starts(&self) -> Vec<Ticks> {
        self.stretches.iter().map(|stretch| stretch.start).collect()
    }
}

/// The tuned part with the highest mean pitch.
fn lead(score: &Score) -> Option<&Track> {
    let tuned = score.tracks.iter().filter(|track| !track.is_drums() && !track.notes.is_empty());
    tuned.min_by(|one, other| mean_pitch(other).total_cmp(&mean_pitch(one)))
}

/// The mean pitch of a part that has notes.
pub(super) fn mean_pitch(track: &Track) -> f64 {
    let sum: u64 = track.notes.iter().map(|note| u64::from(note.pitch.get())).sum();
    sum as f64 / track.notes.len().max(1) as f64
}

/// The beginnings in a part with the end of the longest note there: chords count once.
fn line(track: &Track) -> Vec<(Ticks, Ticks)> {
    let chords = track.notes.chunk_by(|one, next| one.start == next.start);
    let line = chords.filter_map(|chord| {
        let end = chord.iter().map(|note| note.end()).max()?;
        Some((chord.first()?.start, end))
    });
    line.collect()
}

/// Where a line begins anew after a breath: a rest of half a beat, or a note of at least one and a half beats that is
/// twice as long as most. Phrases shorter than a bar join the one before.
fn breaths(score: &Score, line: &[(Ticks, Ticks)]) -> Vec<Ticks> {
    let mut steps: Vec<u32> = line.windows(2).map(|pair| pair[1].0.saturating_sub(pair[0].0).0).collect();
    steps.sort_unstable();
    let usual = steps.get(steps.len() / 2).copied().unwrap_or(0);
    let mut breaths = Vec::new();
    let mut last = Ticks::ZERO;
    for pair in line.windows(2) {
        let [(start, end), (next, _)] = *pair else { continue };
        let beat = score.meter_at(start).beat(score.resolution).0;
        let step = next.saturating_sub(start).0;
        let is_rest = u64::from(next.saturating_sub(end).0) * 2 >= u64::from(beat);
        let is_long = u64::from(step) * 2 >= u64::from(beat) * 3 && step / 2 >= usual;
        if (is_rest || is_long) && next.saturating_sub(last) >= bar_at(score, last) {
            breaths.push(next);
            last = next;
        }
    }
    breaths
}

fn bar_at(score: &Score, at: Ticks) -> Ticks {
    place(score, at).0.bar(score.resolution)
}
