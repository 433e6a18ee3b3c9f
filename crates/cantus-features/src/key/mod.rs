//! The key of a piece or a bar, estimated from how long each pitch class sounds.

mod passages;
mod piece;
mod profile;
#[cfg(test)]
mod tests;

use cantus_score::{Key, Mode, PitchClass, Score};

use crate::Window;

pub use passages::{Passage, passages};
pub use piece::of_piece;
pub use profile::Profile;

/// A key and how sure it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct KeyEstimate {
    /// The key that fits best, in the spelling with the fewer accidentals.
    pub key: Key,
    /// Pearson's correlation of the pitch classes with the key's profile, from -1 to 1.
    pub correlation: f64,
    /// By how much the correlation exceeds that of the second-best key, 0 or more.
    pub margin: f64,
}

/// Estimates the key from the weight of each pitch class (C first), by [`Profile::DEFAULT`].
///
/// Weights are sounding lengths or counts in any unit. Formula: the key whose profile, turned to its tonic, has the highest
/// Pearson correlation with the weights. Where all weights are equal (silence too) nothing speaks for any key: C major with
/// correlation and margin 0. Ties go to major before minor, then to the lower tonic. Only `+ - * /` and the square root
/// are used, in a fixed order, so that every machine gives the same bits.
pub fn estimate(weights: &[f64; 12]) -> KeyEstimate {
    estimate_with(weights, &Profile::DEFAULT)
}

/// Estimates the key as [`estimate`] does, by another profile.
pub fn estimate_with(weights: &[f64; 12], profile: &Profile) -> KeyEstimate {
    let all = correlations(weights, profile);
    let (best, margin) = ranked(&all);
    let (key, correlation) = all[best];
    KeyEstimate { key, correlation, margin }
}

/// The place of the greatest score, the first of equals, and its lead over the second.
fn ranked(scores: &[(Key, f64); 24]) -> (usize, f64) {
    let (mut best, mut second) = (0, f64::NEG_INFINITY);
    for (index, &(_, score)) in scores.iter().enumerate().skip(1) {
        if score > scores[best].1 {
            second = scores[best].1;
            best = index;
        } else if score > second {
            second = score;
        }
    }
    (best, scores[best].1 - second)
}

/// The correlation of the weights with each of the 24 keys: twelve major from C, then twelve minor.
pub fn correlations(weights: &[f64; 12], profile: &Profile) -> [(Key, f64); 24] {
    let mut all = [(Key::C_MAJOR, 0.0); 24];
    for (index, slot) in all.iter_mut().enumerate() {
        let (mode, shape) =
            if index < 12 { (Mode::Major, &profile.major) } else { (Mode::Minor, &profile.minor) };
        let tonic = index % 12;
        let turned: [f64; 12] = std::array::from_fn(|degree| weights[(degree + tonic) % 12]);
        *slot = (Key::of_tonic(PitchClass::saturating(tonic as i64), mode), pearson(&turned, shape));
    }
    all
}

/// Pearson's correlation; 0 where either side does not vary.
fn pearson(a: &[f64; 12], b: &[f64; 12]) -> f64 {
    let mean = |values: &[f64; 12]| values.iter().sum::<f64>() / 12.0;
    let (mean_a, mean_b) = (mean(a), mean(b));
    let (mut both, mut of_a, mut of_b) = (0.0, 0.0, 0.0);
    for (x, y) in a.iter().zip(b) {
        let (x, y) = (x - mean_a, y - mean_b);
        both += x * y;
        of_a += x * x;
        of_b += y * y;
    }
    let scale = (of_a * of_b).sqrt();
    if scale > 0.0 { both / scale } else { 0.0 }
}

/// A key as the number that stands in tables: the pitch class of its tonic, plus 12 in minor.
pub fn number(key: Key) -> f64 {
    f64::from(key.tonic().get()) + if key.mode() == Mode::Minor { 12.0 } else { 0.0 }
}

/// The key of such a number.
pub fn of_number(number: f64) -> Key {
    let mode = if number < 12.0 { Mode::Major } else { Mode::Minor };
    Key::of_tonic(PitchClass::saturating(number as i64 % 12), mode)
}

/// How long each pitch class (C first) sounds in a window, in ticks, drums left out.
pub fn pitch_classes(window: &Window) -> [f64; 12] {
    let mut ticks = [0_u64; 12];
    for note in &window.sounding {
        ticks[usize::from(note.pitch.class().get())] += u64::from(note.end.0 - note.begin.0);
    }
    ticks.map(|ticks| ticks as f64)
}

/// Estimates the key of a whole score by [`of_piece`]; one in which nothing sounds is in C major with margin 0.
pub fn of_score(score: &Score) -> KeyEstimate {
    let silence = KeyEstimate { key: Key::C_MAJOR, correlation: 0.0, margin: 0.0 };
    of_piece(&Window::of_bars(score)).unwrap_or(silence)
}

/// Estimates the key of each bar of [`Score::bar_lines`].
pub fn of_bars(score: &Score) -> Vec<KeyEstimate> {
    Window::of_bars(score).iter().map(|bar| estimate(&pitch_classes(bar))).collect()
}
