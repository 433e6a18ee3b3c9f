//! Pointers into the piece's own past: music repeats, so the network is shown what followed last time.
//!
//! A pointer is an earlier time that corresponds to now: where the longest passage that leads up to now was heard
//! before (whole slices; the lead part alone; the lead part at another pitch), or some whole bars ago.

use cantus_score::Pitch;

use super::suffix::SuffixMatcher;
use super::table;
use crate::encoding::{Slice, Steps};

/// How many kinds of pointers there are.
pub(crate) const POINTERS: usize = 3 + LAGS.len();

/// Bars that the pointers at fixed distances look back.
const LAGS: [u32; 4] = [1, 2, 4, 8];

/// Values of [`Pointer::strength`].
pub(crate) const STRENGTHS: u32 = 8;

/// Where a pointer of some kind points, if anywhere.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Pointer {
    /// The time that corresponds to now.
    pub(crate) at: Option<Steps>,
    /// How well the past agreed so far, from 0 (nothing to point at) to 7.
    pub(crate) strength: u32,
    /// Semitones to add to the pitches found there.
    pub(crate) transposition: i32,
}

/// All pointers of a piece that is being written.
#[derive(Debug, Clone, Default)]
pub(crate) struct Pointers {
    whole: SuffixMatcher,
    lead: SuffixMatcher,
    sequence: SuffixMatcher,
    lead_pitches: Vec<Pitch>,
    last_lead_onset: Steps,
    /// For each lag, how many slices in a row were as so many bars before.
    streaks: [u32; LAGS.len()],
}

impl Pointers {
    /// Takes a finished slice with the time to the next one. The lead part is part 0.
    pub(crate) fn push(&mut self, slices: &[Slice], gap: Steps, bar: Steps) {
        let Some(slice) = slices.last() else { return };
        self.whole.push(symbol_of(slice, gap), slice.at);
        let lead = slice.notes.iter().filter(|note| note.part == 0).map(|note| note.pitch).max();
        if let Some(pitch) = lead {
            self.push_lead(pitch, slice.at);
        }
        for (streak, lag) in self.streaks.iter_mut().zip(LAGS) {
            let earlier = slice.at.checked_sub(lag * bar).and_then(|at| slice_at(slices, at));
            let same = earlier.is_some_and(|earlier| earlier.notes == slice.notes);
            *streak = if same { *streak + 1 } else { 0 };
        }
    }

    fn push_lead(&mut self, pitch: Pitch, at: Steps) {
        let since = u64::from(at - self.last_lead_onset);
        self.lead.push(u64::from(pitch.get()) << 32 | since, at);
        let moved = self.lead_pitches.last().map_or(0, |&before| table::semitones(before, pitch));
        self.sequence.push(((moved + 128) as u64) << 32 | since, at);
        self.lead_pitches.push(pitch);
        self.last_lead_onset = at;
    }

    /// The pointers as they stand at `now`, in a metre whose bar is `bar` steps long.
    pub(crate) fn at(&self, now: Steps, bar: Steps) -> [Pointer; POINTERS] {
        let mut pointers = [Pointer::default(); POINTERS];
        pointers[0] = matched(&self.whole, now);
        pointers[1] = matched(&self.lead, now);
        pointers[2] = matched(&self.sequence, now);
        if let (Some((_, index, _)), Some(&last)) = (self.sequence.best(), self.lead_pitches.last()) {
            pointers[2].transposition = table::semitones(self.lead_pitches[index], last);
        }
        for (pointer, (lag, streak)) in pointers[3..].iter_mut().zip(LAGS.into_iter().zip(self.streaks)) {
            if let Some(at) = now.checked_sub(lag * bar) {
                *pointer = Pointer { at: Some(at), strength: strength(streak + 1), transposition: 0 };
            }
        }
        pointers
    }
}

fn matched(matcher: &SuffixMatcher, now: Steps) -> Pointer {
    match matcher.best() {
        Some((run, _, ago)) => {
            Pointer { at: now.checked_sub(ago), strength: strength(run), transposition: 0 }
        }
        None => Pointer::default(),
    }
}

/// Buckets of a match's length: 1, 2, 3–4, 5–8, 9–16, 17–32 and more.
fn strength(run: u32) -> u32 {
    (run.max(1).next_power_of_two().trailing_zeros() + 1).min(STRENGTHS - 1)
}

/// The slice that begins at a time.
pub(crate) fn slice_at(slices: &[Slice], at: Steps) -> Option<&Slice> {
    slices.binary_search_by_key(&at, |slice| slice.at).ok().map(|index| &slices[index])
}

/// The time from `at` to the next slice after it.
pub(crate) fn gap_after(slices: &[Slice], at: Steps) -> Option<Steps> {
    let next = slices.partition_point(|slice| slice.at <= at);
    slices.get(next).map(|slice| slice.at - at)
}

/// A slice and the time to the next as one number (FNV-1a over its notes).
fn symbol_of(slice: &Slice, gap: Steps) -> u64 {
    let mix = |hash: u64, value: u32| (hash ^ u64::from(value)).wrapping_mul(0x0100_0000_01b3);
    let start = mix(0xcbf2_9ce4_8422_2325, gap);
    slice.notes.iter().fold(start, |hash, note| {
        let key = mix(hash, u32::from(note.part) << 8 | u32::from(note.pitch.get()));
        mix(key, note.length.steps())
    })
}
