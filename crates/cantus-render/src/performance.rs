//! Performance: the dynamics and the timing that players give to written music.
//!
//! Notation without dynamics says when a note begins, not how hard it is struck. [`perform`] adds what is missing by
//! rules in the manner of the KTH system (A. Friberg, R. Bresin, J. Sundberg, *Overview of the KTH rule system for
//! musical performance*, Advances in Cognitive Psychology 2, 2006), each with a quantity that scales it:
//!
//! | rule | what it does at quantity 1 | after |
//! |---|---|---|
//! | accents | the downbeat is 1.5 dB up, what falls between the beats 0.7 to 1.2 dB down | the metre's own weights, ours |
//! | phrases | each phrase swells and fades by 3 dB along a parabola | KTH *phrase arch* |
//! | contour | 3 dB an octave about the part's mean pitch | KTH *high loud* |
//! | voices | the upper voice 1.2 dB over the bass, inner voices as much under it | ours |
//! | articulation | 35 ms of silence before a repeated note | KTH *repetition articulation* |
//! | ritardando | tempo falls as a runner stops, to 0.6 of itself at the last chord | Friberg and Sundberg 1999 |
//!
//! Levels become velocities by the slope of the curve that MIDI synthesisers share, 40 · log₁₀(velocity / 127) dB. Only
//! sums, products, quotients and square roots are used, so that every machine computes the same performance.

mod articulation;
mod loudness;
mod metre;
mod phrases;
mod ritardando;
#[cfg(test)]
mod tests;
mod voices;

use cantus_score::{Score, Velocity};

/// How written music is performed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Performance {
    /// By the rules of this module.
    Expressive(Expression),
    /// Every unknown velocity becomes [`Expression::DEFAULT_VELOCITY`]; nothing else changes.
    Flat,
}

impl Default for Performance {
    fn default() -> Self {
        Self::Expressive(Expression::default())
    }
}

/// How much of each rule: 0 leaves it out, 1 is its usual amount, and more than 3 counts as 3.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Expression {
    /// The velocity that a note without any accent has.
    pub velocity: Velocity,
    /// Weight of downbeats, beats and what lies between.
    pub accents: f64,
    /// Swelling and fading of the phrases.
    pub phrases: f64,
    /// The higher, the louder.
    pub contour: f64,
    /// The upper voice before the inner ones.
    pub voices: f64,
    /// Silence between repeated notes.
    pub articulation: f64,
    /// Slowing at the end. A piece that is to be looped wants 0.
    pub ritardando: f64,
}

impl Expression {
    /// A middling velocity, *mezzo-forte*.
    pub const DEFAULT_VELOCITY: Velocity = Velocity::saturating(80);
    /// No rule makes a note softer.
    pub const SOFTEST: Velocity = Velocity::saturating(30);
    /// No rule makes a note louder.
    pub const LOUDEST: Velocity = Velocity::saturating(118);
}

impl Default for Expression {
    fn default() -> Self {
        Self {
            velocity: Self::DEFAULT_VELOCITY,
            accents: 1.0,
            phrases: 1.0,
            contour: 1.0,
            voices: 1.0,
            articulation: 1.0,
            ritardando: 1.0,
        }
    }
}

/// Gives a score the dynamics and the timing that it lacks.
///
/// Notes keep their number, pitch and beginning; a note whose velocity is known stays as it is. The tempo changes only
/// where most velocities were unknown, and only over the last bar, unless the score changes tempo there itself.
#[must_use]
pub fn perform(score: &Score, performance: Performance) -> Score {
    let mut performed = score.clone();
    match performance {
        Performance::Flat => fill(&mut performed, |_, _| Expression::DEFAULT_VELOCITY),
        Performance::Expressive(expression) => {
            let loudness = loudness::Loudness::new(score, &expression);
            articulation::part_repeated_notes(&mut performed, amount(expression.articulation));
            fill(&mut performed, |track, note| loudness.velocity(track, note));
            ritardando::slow_down(&mut performed, score, amount(expression.ritardando));
        }
    }
    performed
}

/// Sets each unknown velocity, by the track's place and the note's place in it.
fn fill(score: &mut Score, velocity: impl Fn(usize, usize) -> Velocity) {
    for (track_index, track) in score.tracks.iter_mut().enumerate() {
        for (index, note) in track.notes.iter_mut().enumerate() {
            if note.velocity.is_none() {
                note.velocity = Some(velocity(track_index, index));
            }
        }
    }
}

/// A quantity within its limits; what is not a number counts as 0.
fn amount(quantity: f64) -> f64 {
    if quantity.is_nan() { 0.0 } else { quantity.clamp(0.0, 3.0) }
}
