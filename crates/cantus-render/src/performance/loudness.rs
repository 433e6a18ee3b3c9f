//! Loudness: the sum of the rules for one note, as a velocity.

use cantus_score::{Score, Velocity};

use super::metre::accent;
use super::phrases::{Phrases, mean_pitch};
use super::voices::{Voice, voices};
use super::{Expression, amount};

/// The share of a velocity that one dB more adds: the slope of 40 · log₁₀(v) is 40 / (v · ln 10).
const SHARE_OF_A_DECIBEL: f64 = 0.057_565;

/// What the rules need to know of a whole piece before they can weigh a note.
pub(super) struct Loudness<'a> {
    score: &'a Score,
    expression: Expression,
    phrases: Phrases,
    voices: Vec<Vec<Voice>>,
    /// The mean pitch of each track.
    means: Vec<f64>,
}

impl<'a> Loudness<'a> {
    pub(super) fn new(score: &'a Score, expression: &Expression) -> Self {
        Self {
            score,
            expression: *expression,
            phrases: Phrases::find(score),
            voices: voices(score),
            means: score.tracks.iter().map(mean_pitch).collect(),
        }
    }

    /// The velocity of a note by its track's place and its own in the track.
    pub(super) fn velocity(&self, track: usize, note: usize) -> Velocity {
        let usual = f64::from(self.expression.velocity.get());
        let velocity = usual * (1.0 + SHARE_OF_A_DECIBEL * self.decibels(track, note));
        let (softest, loudest) = (Expression::SOFTEST.get(), Expression::LOUDEST.get());
        Velocity::saturating(velocity.round().clamp(f64::from(softest), f64::from(loudest)) as i64)
    }

    /// How far the note stands out from the usual, in dB. Drums follow the metre alone.
    fn decibels(&self, track: usize, index: usize) -> f64 {
        let Some(part) = self.score.tracks.get(track) else { return 0.0 };
        let Some(note) = part.notes.get(index) else { return 0.0 };
        let accent = amount(self.expression.accents) * accent(self.score, note.start);
        if part.is_drums() {
            return accent;
        }
        let phrase = amount(self.expression.phrases) * (3.0 * self.phrases.arch(note.start) - 1.8);
        let above = f64::from(note.pitch.get()) - self.means.get(track).copied().unwrap_or(60.0);
        let contour = amount(self.expression.contour) * (above / 4.0).clamp(-3.0, 3.0);
        let voice = self.voices.get(track).and_then(|voices| voices.get(index));
        let voice = amount(self.expression.voices) * voice.map_or(0.0, |voice| voice.level());
        accent + phrase + contour + voice
    }
}
