//! Frequency modulation: electric pianos, bells and basses of two pairs of operators.
//!
//! Source of the principle: J. Chowning, "The Synthesis of Complex Audio Spectra by Means of Frequency Modulation",
//! JAES 21 (7), 1973.

use super::modal::Hit;
use super::tone::{Cycle, Fade, RATE_F, Tone, fade_out, smooth_step};
use std::f64::consts::TAU;

/// A sound of operator pairs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fm {
    /// The pairs, which sound together.
    pub(super) pairs: &'static [Pair],
    /// Seconds in which the level of middle C falls by 60 dB.
    pub(super) t60: f32,
    /// How much shorter each octave higher rings, as a factor.
    pub(super) octave: f32,
}

/// A carrier and its modulator.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pair {
    /// The carrier's ratio to the key's pitch.
    pub(super) carrier: f32,
    /// The modulator's ratio to the key's pitch.
    pub(super) modulator: f32,
    /// The depth of the modulation at the beginning, in radians.
    pub(super) depth: f32,
    /// The depth that stays.
    pub(super) rest: f32,
    /// Seconds in which the depth falls to a third.
    pub(super) fall: f32,
    /// The pair's level.
    pub(super) level: f32,
    /// How much faster than the sound the pair's level falls.
    pub(super) speed: f32,
}

/// A pair in one line of a table.
pub(super) const fn pair(ratios: (f32, f32), depths: (f32, f32, f32), level: f32, speed: f32) -> Pair {
    let (carrier, modulator) = ratios;
    let (depth, rest, fall) = depths;
    Pair { carrier, modulator, depth, rest, fall, level, speed }
}

impl Fm {
    /// The sound at a pitch.
    pub(super) fn tone(&self, hertz: f64) -> Tone {
        let octaves = (hertz / 261.626).log2() as f32;
        let t60 = (self.t60 * self.octave.powf(octaves)).clamp(0.3, 20.0);
        let cycle = Cycle::near(hertz, 0.1);
        let rings_on = t60 > 2.0;
        let body = ((if rings_on { 1.2 } else { f64::from(t60) * 1.05 }) * RATE_F) as usize;
        let len = if rings_on { body + cycle.len } else { body };
        let mut samples = vec![0.0_f32; len];
        for pair in self.pairs {
            // High keys would fold back from beyond the hearing: they are modulated less.
            let calm = (2_000.0 / (hertz as f32 * pair.modulator)).min(1.0);
            pair.add_to(&mut samples, cycle, body, (t60, calm));
        }
        for (i, sample) in samples.iter_mut().take(60).enumerate() {
            *sample *= smooth_step(i as f32 / 60.0);
        }
        if !rings_on {
            fade_out(&mut samples, 0.03);
            return Tone { samples, loop_start: None, fade: None };
        }
        let fade = Fade { hold: (body as f64 / RATE_F) as f32, t60 };
        Tone { samples, loop_start: Some(body), fade: Some(fade) }
    }
}

impl Pair {
    fn add_to(&self, samples: &mut [f32], cycle: Cycle, body: usize, (t60, calm): (f32, f32)) {
        let carrier = cycle.step(cycle.line(f64::from(self.carrier)));
        let modulator = cycle.step(cycle.line(f64::from(self.modulator)));
        let rate = 6.908 * self.speed / t60;
        for (i, sample) in samples.iter_mut().enumerate() {
            let t = i.min(body) as f32 / RATE_F as f32;
            // The depth comes to rest before the loop begins, so that the loop closes.
            let settle = 1.0 - t * RATE_F as f32 / body as f32;
            let depth = (self.rest + (self.depth - self.rest) * (-t / self.fall).exp() * settle) * calm;
            let swing = ((modulator * i as f64) % TAU) as f32;
            let phase = ((carrier * i as f64) % TAU) as f32;
            *sample += self.level * (-rate * t).exp() * (phase + depth * swing.sin()).sin();
        }
    }
}

/// A silent hit, for sounds without one.
pub(super) const NO_HIT: Hit = Hit { level: 0.0, seconds: 0.01, hertz: 1000.0 };
