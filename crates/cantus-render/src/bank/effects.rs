//! The sound effects that General MIDI ends with, made of shaped noise and gliding tones.

use std::f64::consts::TAU;

use super::level::Biquad;
use super::tone::{Chance, RATE_F, Tone, fade_out, smooth_step};

/// A sound effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    /// A cymbal played backwards.
    ReverseCymbal,
    /// A finger on a wound string.
    FretNoise,
    /// A breath.
    Breath,
    /// Waves on a shore.
    Seashore,
    /// A bird.
    Bird,
    /// A telephone.
    Telephone,
    /// A helicopter.
    Helicopter,
    /// Applause.
    Applause,
    /// A shot.
    Gunshot,
}

impl Effect {
    /// The sound, which does not depend on the key.
    pub(super) fn tone(self, chance: &mut Chance) -> Tone {
        match self {
            Self::ReverseCymbal => once(noise(1.6, 6_000.0, 0.4, chance, |t| (t / 1.6).powi(3))),
            Self::FretNoise => once(noise(0.18, 2_800.0, 3.0, chance, |t| (t * 17.0).sin().abs())),
            Self::Breath => {
                once(noise(0.7, 1_400.0, 0.6, chance, |t| smooth_step(t * 6.0) * (-t * 4.0).exp()))
            }
            Self::Gunshot => {
                once(noise(1.2, 500.0, 0.3, chance, |t| (-t * 9.0).exp() + 0.2 * (-t * 3.0).exp()))
            }
            Self::Seashore => turning(noise(6.0, 900.0, 0.4, chance, |t| {
                0.35 + 0.65 * (t * std::f32::consts::PI / 5.6).sin().powi(2)
            })),
            Self::Applause => {
                let mut claps = [0.0_f32; 160];
                claps.fill_with(|| chance.unit() * 2.9);
                turning(noise(3.0, 1_900.0, 0.7, chance, |t| {
                    0.15 + claps
                        .iter()
                        .map(|&at| if t > at { (-(t - at) * 140.0).exp() } else { 0.0 })
                        .sum::<f32>()
                }))
            }
            Self::Helicopter => turning(noise(1.9, 220.0, 0.5, chance, |t| {
                let beat = (t * 11.0).fract();
                (-beat * 5.0).exp() * smooth_step(beat * 12.0) + 0.1
            })),
            Self::Bird => once(bird(chance)),
            Self::Telephone => turning(telephone()),
        }
    }
}

fn once(mut samples: Vec<f32>) -> Tone {
    for (i, sample) in samples.iter_mut().take(40).enumerate() {
        *sample *= smooth_step(i as f32 / 40.0);
    }
    fade_out(&mut samples, 0.03);
    Tone { samples, loop_start: None, fade: None }
}

/// Makes a loop of a sound that does not repeat: its end is faded over into what lies before its beginning.
fn turning(mut samples: Vec<f32>) -> Tone {
    let fade = samples.len() / 6;
    let len = samples.len();
    for i in 0..fade {
        let x = i as f32 / fade as f32;
        // Two noises that know nothing of each other keep their power in this fade.
        samples[len - fade + i] = samples[len - fade + i] * (1.0 - x).sqrt() + samples[i] * x.sqrt();
    }
    for (i, sample) in samples.iter_mut().take(60).enumerate() {
        *sample *= smooth_step(i as f32 / 60.0);
    }
    Tone { samples, loop_start: Some(fade), fade: None }
}

fn noise(seconds: f64, hertz: f64, q: f64, chance: &mut Chance, level: impl Fn(f32) -> f32) -> Vec<f32> {
    let mut band = Biquad::band_pass(hertz, q);
    let count = (seconds * RATE_F) as usize;
    (0..count)
        .map(|i| level(i as f32 / RATE_F as f32) * band.next(f64::from(chance.signed())) as f32)
        .collect()
}

fn bird(chance: &mut Chance) -> Vec<f32> {
    let mut samples = vec![0.0; (1.1 * RATE_F) as usize];
    let mut at = 0.0;
    while at < 0.95 {
        let (from, to) = (2_600.0 + 1_500.0 * chance.unit(), 2_600.0 + 1_800.0 * chance.unit());
        let length = 0.05 + 0.07 * chance.unit();
        let (start, count) = ((at * RATE_F as f32) as usize, (length * RATE_F as f32) as usize);
        let mut phase = 0.0_f64;
        for (i, sample) in samples.iter_mut().skip(start).take(count).enumerate() {
            let x = i as f32 / count as f32;
            phase += TAU * f64::from(from + (to - from) * x) / RATE_F;
            *sample += phase.sin() as f32 * (x * std::f32::consts::PI).sin();
        }
        at += length + 0.03 + 0.08 * chance.unit();
    }
    samples
}

fn telephone() -> Vec<f32> {
    let count = (2.4 * RATE_F) as usize;
    let sound = |i: usize| {
        let t = i as f64 / RATE_F;
        let clapper = 0.75 + 0.25 * (TAU * 20.0 * t).sin();
        let tone =
            (TAU * 1_500.0 * t).sin() + 0.8 * (TAU * 1_870.0 * t).sin() + 0.4 * (TAU * 4_100.0 * t).sin();
        (clapper * tone * 0.4) as f32
    };
    (0..count).map(sound).collect()
}
