//! Works features/*: descriptors of a minute of sound, on one thread.

use std::f64::consts::TAU;
use std::hint::black_box;

use cantus_features::sound::{beat, cepstrum, chroma, mel, onset, shape};

use super::{Report, measure};
use crate::audio::SampleRate;
use crate::audio::stft::Framing;

/// Runs of each work that count, and runs before them that do not.
const RUNS: (usize, usize) = (7, 2);
const SECONDS: usize = 60;

/// Times mel bands, cepstral coefficients, chroma, the centroid, onset strength and the beats of one made clip of 60 s at
/// 22,050 Hz: a chord, two clicks a second and a little noise.
pub fn features() -> Vec<Report> {
    let (rate, framing) = (SampleRate::ANALYSIS, Framing::DEFAULT);
    let clip = clip(rate);
    let time =
        |work, descriptor: &dyn Fn()| Report::new(work, "ms", measure(RUNS.0, RUNS.1, descriptor), 1e3);
    vec![
        time("features/mel", &|| drop(black_box(mel::power(&clip, rate, framing)))),
        time("features/mfcc", &|| drop(black_box(cepstrum::mfcc(&clip, rate, framing)))),
        time("features/chroma", &|| drop(black_box(chroma::of_sound(&clip, rate, framing)))),
        time("features/centroid", &|| drop(black_box(shape::centroid(&clip, rate, framing)))),
        time("features/onset", &|| drop(black_box(onset::strength(&clip, rate, framing)))),
        time("features/tempo", &|| drop(black_box(beat::track(&clip, rate, framing)))),
    ]
}

/// Twelve uniform numbers from an integer generator, added up, make noise that is nearly normal.
fn clip(rate: SampleRate) -> Vec<f32> {
    let hertz = rate.hertz() as usize;
    let mut state = 1_u32;
    let mut uniform = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(state >> 8) / f64::from(1 << 24)
    };
    let sample = |n: usize| {
        let time = n as f64 / hertz as f64;
        let chord: f64 = [220.0, 277.18, 329.63].iter().map(|f| (TAU * f * time).sin()).sum();
        let noise: f64 = (0..12).map(|_| uniform()).sum::<f64>() - 6.0;
        let click = if n.is_multiple_of(hertz / 2) { 0.5 } else { 0.0 };
        (chord / 6.0 + 0.01 * noise + click) as f32
    };
    (0..SECONDS * hertz).map(sample).collect()
}
