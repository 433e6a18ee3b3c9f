//! A critic: how much more what is written sounds like real pieces of its style than like what a network writes of itself.
//!
//! It weighs traits of the last bars and of all that is written so far. Of several takes of a bar one is drawn by what the critic says of
//! each, so that composed pieces come to have the traits of real ones (residual energies: Deng et al. 2020). Weights are learnt in
//! rounds, each from pieces that were composed with what the rounds before had learnt.

mod learn;
mod strokes;
#[cfg(test)]
mod tests;
mod traits;

use serde::{Deserialize, Serialize};

use crate::encoding::{Part, STEPS_PER_QUARTER, Slice, Sliced, Steps};
use crate::walk::{Walker, bar_steps};
use strokes::{STROKE_TRAITS, strokes_of};
use traits::{TRAITS, traits_of};

/// Bars of what was written last that are heard for themselves.
const RECENT_BARS: u32 = 2;
/// Bars before a time that count as all that is written: critics learn from excerpts that are no longer.
const MOST_BARS: u32 = 36;
/// Traits that are heard: of the last bars, and of all; of music with pitches, and of drums alone.
const HEARD: [usize; 2] = [2 * TRAITS, 2 * STROKE_TRAITS];
/// Traits that are further from the mean, in deviations, count as if they were as far.
const FURTHEST: f32 = 4.0;

/// What tells real pieces of a style from composed ones.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Told", into = "Told")]
pub struct Critic {
    weights: Vec<Weight>,
}

/// What a trait is worth.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Weight {
    mean: f32,
    deviation: f32,
    /// Nats of a deviation above the mean.
    linear: f32,
    /// Nats of its square.
    square: f32,
}

/// A critic as files have it: of each trait its mean, its deviation, and what a deviation and its square are worth.
#[derive(Serialize, Deserialize)]
struct Told(Vec<[f32; 4]>);

impl TryFrom<Told> for Critic {
    type Error = String;

    fn try_from(Told(all): Told) -> Result<Self, String> {
        let is_sound = |of: &[f32; 4]| of.iter().all(|number| number.is_finite()) && of[1] > 0.0;
        if !HEARD.contains(&all.len()) || !all.iter().all(is_sound) {
            let [pitched, drums] = HEARD;
            return Err(format!(
                "a critic must weigh {pitched} or {drums} traits by numbers, but this one does not"
            ));
        }
        let weight = |[mean, deviation, linear, square]: [f32; 4]| Weight { mean, deviation, linear, square };
        Ok(Self { weights: all.into_iter().map(weight).collect() })
    }
}

impl From<Critic> for Told {
    fn from(critic: Critic) -> Self {
        let told = |Weight { mean, deviation, linear, square }| [mean, deviation, linear, square];
        Self(critic.weights.into_iter().map(told).collect())
    }
}

/// A piece, or what is written of it, as a critic hears it.
#[derive(Debug, Clone, Copy)]
pub struct Heard<'a> {
    /// The parts.
    pub parts: &'a [Part],
    /// The slices so far.
    pub slices: &'a [Slice],
    /// When the first whole bar begins.
    pub pickup: Steps,
    /// The length of a bar.
    pub bar: Steps,
}

impl<'a> Heard<'a> {
    /// A whole piece, all of it in the metre that it begins with.
    pub fn piece(piece: &'a Sliced) -> Self {
        let bar = piece.meters.first().map_or(4 * STEPS_PER_QUARTER, |span| bar_steps(span.meter));
        Self { parts: &piece.parts, slices: &piece.slices, pickup: piece.pickup, bar }
    }

    /// What is written so far.
    pub fn draft(walker: &'a Walker) -> Self {
        let (parts, slices) = (&walker.setup().parts, walker.slices());
        Self { parts, slices, pickup: walker.pickup(), bar: walker.bar() }
    }

    /// The traits of the last bars before a time, and of all before it.
    fn traits(&self, until: Steps) -> Vec<f32> {
        let stretch = |bars: u32| until.saturating_sub(bars.saturating_mul(self.bar))..until;
        let has_drums_alone = self.parts.iter().all(|part| part.drums);
        let of =
            |stretch| if has_drums_alone { strokes_of(self, &stretch) } else { traits_of(self, stretch) };
        [RECENT_BARS, MOST_BARS].into_iter().flat_map(|bars| of(stretch(bars))).collect()
    }
}

impl Critic {
    /// How much more what was written before a time sounds like real pieces, in nats; 0 of drums alone where it hears pitches, and the other way
    /// round.
    pub fn nats(&self, heard: &Heard, until: Steps) -> f32 {
        self.nats_of(&heard.traits(until))
    }

    fn nats_of(&self, traits: &[f32]) -> f32 {
        if traits.len() != self.weights.len() {
            return 0.0;
        }
        let worth = |(own, weight): (&f32, &Weight)| {
            let apart = weight.apart(*own);
            weight.linear * apart + weight.square * apart * apart
        };
        traits.iter().zip(&self.weights).map(worth).sum()
    }
}

impl Weight {
    /// How far a trait is from its mean, in deviations.
    fn apart(self, own: f32) -> f32 {
        ((own - self.mean) / self.deviation).clamp(-FURTHEST, FURTHEST)
    }
}
