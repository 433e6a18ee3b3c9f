//! What is measured on samples, without a spectrum.

use cantus_audio::stft::Frame;

use super::lanes;

/// Samples nearer to zero than this count as zero, which is positive.
const ZERO: f32 = 1e-10;

/// The envelope: the greatest absolute sample of a frame.
pub fn envelope(frame: &Frame<'_>) -> f32 {
    lanes::peak(frame.samples)
}

/// The root of the mean square of a frame; silence outside the sound counts.
pub fn rms(frame: &Frame<'_>) -> f32 {
    (lanes::sum_of_squares(frame.samples) / frame.samples.len() as f32).sqrt()
}

/// Changes of sign within a frame, by its samples.
pub fn zero_crossings(frame: &Frame<'_>) -> f32 {
    let inside = frame.inside();
    let signs = inside.iter().zip(inside.iter().skip(1));
    let crossings: u32 = signs.map(|(a, b)| u32::from((*a < -ZERO) != (*b < -ZERO))).sum();
    crossings as f32 / frame.samples.len() as f32
}
