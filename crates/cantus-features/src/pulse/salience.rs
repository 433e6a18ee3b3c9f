//! How much an onset sounds like a beat, and a beat like the first of its bar.

use super::evidence::BEAT_FEATURES;
use super::onsets::{FEATURES, Onset};

/// For a beat against other onsets, by feature. This and [`DOWNBEAT`] were fitted by logistic regression.
const BEAT: [f64; FEATURES] = [0.8, 0.65, 0.65, 0.8, 0.4, 0.1, 0.8, 0.35, 0.12, -0.3, 0.5, -0.3];

/// For the first beat of a bar against the other beats, by feature.
const DOWNBEAT: [f64; BEAT_FEATURES] =
    [-0.15, 0.22, 0.5, 0.25, -0.07, 0.4, 0.15, 0.18, 0.1, 0.1, 1.5, -1.5, -0.5, 1.2, 0.15, 0.3, 0.3, 0.33];

/// How much an onset sounds like a beat, in nats; 0 is as likely as any.
pub(crate) fn beat(onset: &Onset) -> f64 {
    dot(&BEAT, &onset.features)
}

/// How much a beat sounds like the first of a bar.
pub(crate) fn downbeat(features: &[f64; BEAT_FEATURES]) -> f64 {
    dot(&DOWNBEAT, features)
}

fn dot(weights: &[f64], features: &[f64]) -> f64 {
    weights.iter().zip(features).map(|(weight, feature)| weight * feature).sum::<f64>().clamp(-3.0, 3.0)
}
