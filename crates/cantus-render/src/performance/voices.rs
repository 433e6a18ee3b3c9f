//! Which voice a note is: the upper one, the bass, or one between.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use cantus_score::Score;

/// A note's place among those that sound when it begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Voice {
    /// Nothing sounds above it; a note alone is the upper voice too.
    Upper,
    Inner,
    /// Nothing sounds below it.
    Bass,
}

impl Voice {
    /// How far it stands out, in dB.
    pub(super) fn level(self) -> f64 {
        match self {
            Self::Upper => 1.2,
            Self::Bass => 0.0,
            Self::Inner => -1.2,
        }
    }
}

/// The voice of each note of each track; drums, which have no pitch, count as the bass.
pub(super) fn voices(score: &Score) -> Vec<Vec<Voice>> {
    let mut voices: Vec<_> = score.tracks.iter().map(|track| vec![Voice::Bass; track.notes.len()]).collect();
    let mut notes = Vec::new();
    for (index, track) in score.tracks.iter().enumerate().filter(|(_, track)| !track.is_drums()) {
        notes.extend(track.notes.iter().enumerate().map(|(place, &note)| (note, index, place)));
    }
    notes.sort_unstable_by_key(|&(note, track, place)| (note.start, track, place));

    let mut sounding = [0_u32; 128];
    let mut ends = BinaryHeap::new();
    for together in notes.chunk_by(|one, next| one.0.start == next.0.start) {
        for &(note, ..) in together {
            while let Some(&Reverse((end, key))) = ends.peek().filter(|Reverse((end, _))| *end <= note.start)
            {
                debug_assert!(end <= note.start);
                sounding[usize::from(key)] -= 1;
                ends.pop();
            }
        }
        for &(note, ..) in together {
            sounding[usize::from(note.pitch.get())] += 1;
            ends.push(Reverse((note.end(), note.pitch.get())));
        }
        for &(note, track, place) in together {
            voices[track][place] = voice(&sounding, usize::from(note.pitch.get()));
        }
    }
    voices
}

fn voice(sounding: &[u32; 128], key: usize) -> Voice {
    if sounding[key + 1..].iter().all(|&count| count == 0) {
        Voice::Upper
    } else if sounding[..key].iter().all(|&count| count == 0) {
        Voice::Bass
    } else {
        Voice::Inner
    }
}
