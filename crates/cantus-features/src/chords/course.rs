//! The likeliest course of chords through the beats of a piece (Viterbi).

use super::evidence::{Beat, Evidence, Strength};
use super::fit::{self, Taste};
use super::{Chord, Quality};

/// The state of no chord, after those of all chords.
const NONE: usize = 12 * Quality::ALL.len();

/// For each beat the state of its chord, or [`NONE`].
pub(super) fn through(heard: &[Option<Evidence>], beats: &[Beat], taste: &Taste) -> Vec<usize> {
    let mut back: Vec<Vec<u16>> = Vec::with_capacity(heard.len());
    let mut reached = vec![0.0; NONE + 1];
    for (evidence, beat) in heard.iter().zip(beats) {
        let best = best_of(&reached);
        let from_best = reached[best] - change(beat.strength, taste);
        let fits = fits(evidence.as_ref(), taste);
        let step = |state: usize| {
            let stays = reached[state] >= from_best;
            let before = if stays { state } else { best };
            (reached[state].max(from_best) + fits[state], before as u16)
        };
        let (next, from): (Vec<f64>, Vec<u16>) = (0..=NONE).map(step).unzip();
        reached = next;
        back.push(from);
    }
    let mut state = best_of(&reached);
    let mut states = Vec::with_capacity(back.len());
    for from in back.iter().rev() {
        states.push(state);
        state = usize::from(from[state]);
    }
    states.reverse();
    states
}

fn change(strength: Strength, taste: &Taste) -> f64 {
    taste.change[strength as usize]
}

fn fits(evidence: Option<&Evidence>, taste: &Taste) -> Vec<f64> {
    match evidence {
        Some(evidence) => {
            let mut fits = fit::all(evidence, taste);
            fits.push(-2.0);
            fits
        }
        None => (0..=NONE).map(|state| if state == NONE { taste.silence } else { 0.0 }).collect(),
    }
}

fn best_of(values: &[f64]) -> usize {
    (0..values.len()).fold(0, |best, next| if values[next] > values[best] { next } else { best })
}

/// The chord of each beat; its bass is that of all beats through which it lasts.
pub(super) fn chords(heard: &[Option<Evidence>], states: &[usize]) -> Vec<Option<Chord>> {
    let mut chords = Vec::with_capacity(states.len());
    for run in states.chunk_by(|one, other| one == other) {
        let beats = heard[chords.len()..].iter().take(run.len()).flatten();
        let together = beats.copied().reduce(|one, other| one.with(&other));
        let chord = together.filter(|_| run[0] != NONE).map(|evidence| evidence.chord(run[0]));
        chords.extend(std::iter::repeat_n(chord, run.len()));
    }
    chords
}
