//! The keys that a piece goes through.

use cantus_score::{Key, Ticks};

use super::{Profile, correlations, pitch_classes};
use crate::Window;

/// Bars in one key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Passage {
    /// When it begins.
    pub begin: Ticks,
    /// When it ends.
    pub end: Ticks,
    /// The key.
    pub key: Key,
}

/// By how much the bars of a passage together must speak more for another key than for the one before.
const CHANGE: f64 = 1.5;

/// The likeliest course of keys through the bars of a piece (Viterbi): each bar speaks for a key by the correlation of the
/// square roots of its sounding times with the key's profile, and each change costs 1.5. Silent bars stay in their key.
pub fn passages(bars: &[Window]) -> Vec<Passage> {
    let mut reached = [0.0; 24];
    let mut back: Vec<[usize; 24]> = Vec::with_capacity(bars.len());
    for bar in bars {
        let heard = correlations(&pitch_classes(bar).map(f64::sqrt), &Profile::DEFAULT);
        let best = best_of(&reached);
        let from = std::array::from_fn(|key| if reached[key] >= reached[best] - CHANGE { key } else { best });
        reached = std::array::from_fn(|key| reached[key].max(reached[best] - CHANGE) + heard[key].1);
        back.push(from);
    }
    let mut state = best_of(&reached);
    let mut passages: Vec<Passage> = Vec::new();
    let keys = correlations(&[0.0; 12], &Profile::DEFAULT).map(|(key, _)| key);
    for (bar, from) in bars.iter().zip(&back).rev() {
        match passages.last_mut() {
            Some(next) if next.key == keys[state] => next.begin = bar.begin,
            _ => passages.push(Passage { begin: bar.begin, end: bar.end, key: keys[state] }),
        }
        state = from[state];
    }
    passages.reverse();
    passages
}

fn best_of(values: &[f64; 24]) -> usize {
    (0..24).fold(0, |best, next| if values[next] > values[best] { next } else { best })
}
