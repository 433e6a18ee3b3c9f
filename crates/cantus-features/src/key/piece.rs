//! The key of a whole piece: what sounds in all of it, and how it begins and ends.

use cantus_score::Ticks;

use super::{KeyEstimate, Profile, correlations, pitch_classes, ranked};
use crate::Window;

/// What the beginning and the end count for, beside the correlation of the whole; chosen on labelled music.
const OPENING: f64 = 0.1;
const FINAL_BASS: f64 = 0.06;
const FINAL_CHORD: f64 = 0.02;
/// The bars at the beginning that count apart.
const OPENING_BARS: usize = 2;

/// Estimates the key of a piece from its bars; drums are left out. A piece in which nothing sounds is in none.
///
/// Formula: the correlation of the square roots of the sounding times with the profile of each key, plus 0.1 times that of
/// the first two bars that sound, plus 0.06 for the key on the lowest note of the final chord, plus 0.02 by the tonic's
/// share in that chord. The square root weighs what is heard against how long it is held.
pub fn of_piece(bars: &[Window]) -> Option<KeyEstimate> {
    let times: Vec<[f64; 12]> = bars.iter().map(pitch_classes).collect();
    let sounding = || times.iter().filter(|bar| bar.iter().any(|&ticks| ticks > 0.0));
    let whole = sum(sounding()).map(f64::sqrt);
    let opening = sum(sounding().take(OPENING_BARS));
    let (bass, chord) = final_chord(bars)?;
    let of_opening = correlations(&opening, &Profile::DEFAULT);
    let mut scores = correlations(&whole, &Profile::DEFAULT);
    let plain = scores;
    for ((key, score), (_, opening)) in scores.iter_mut().zip(of_opening) {
        let tonic = usize::from(key.tonic().get());
        *score += OPENING * opening + FINAL_CHORD * chord[tonic];
        *score += if tonic == bass { FINAL_BASS } else { 0.0 };
    }
    let (best, margin) = ranked(&scores);
    let (key, correlation) = plain[best];
    Some(KeyEstimate { key, correlation, margin })
}

fn sum<'a>(bars: impl Iterator<Item = &'a [f64; 12]>) -> [f64; 12] {
    let mut sum = [0.0; 12];
    for bar in bars {
        for (sum, ticks) in sum.iter_mut().zip(bar) {
            *sum += ticks;
        }
    }
    sum
}

/// The pitch class of the lowest note at the last onset, and each pitch class's share of those that sound there.
fn final_chord(bars: &[Window]) -> Option<(usize, [f64; 12])> {
    let last = bars.iter().rev().find(|bar| !bar.sounding.is_empty())?;
    let at = last.sounding.iter().map(|note| note.begin).max().unwrap_or(Ticks::ZERO);
    let sounds = || last.sounding.iter().filter(|note| note.begin <= at && at < note.end);
    let bass = sounds().map(|note| note.pitch).min()?;
    let mut classes = [0.0; 12];
    for note in sounds() {
        classes[usize::from(note.pitch.class().get())] = 1.0;
    }
    let count: f64 = classes.iter().sum();
    Some((usize::from(bass.class().get()), classes.map(|class| class / count)))
}
