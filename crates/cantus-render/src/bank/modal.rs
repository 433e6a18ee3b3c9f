//! Struck and plucked sounds as sums of dying partials, with the knock of the hammer or the finger.
//!
//! Each partial falls in two stages, fast and then slow, and beats a little, as the strings of one key do.
//! Where a sound rings for long, the samples end in a loop of whole periods that the player lets die.

use super::level::Biquad;
use super::tone::{Chance, Cycle, Fade, Peak, RATE_F, Tone, fade_out, resonance, smooth_step};

/// A sound that is struck or plucked and then left alone.
#[derive(Debug, Clone, Copy)]
pub(super) struct Struck {
    /// Where its partials lie and how strong they are.
    pub(super) partials: Partials,
    /// How long it rings.
    pub(super) ring: Ring,
    /// The noise at its beginning.
    pub(super) hit: Hit,
    /// The resonances of its body; none where nothing resonates.
    pub(super) body: &'static [Peak],
}

/// The partials of a struck or plucked sound.
#[derive(Debug, Clone, Copy)]
pub(super) enum Partials {
    /// A string.
    String {
        /// Where it is struck or plucked, as a fraction of its length.
        place: f32,
        /// How fast partials weaken: level = 1 / number ^ slope.
        slope: f32,
        /// Hertz above which they weaken by 12 dB an octave more: the softness of the hammer.
        soft: f32,
        /// How stiff the string is at middle C: partial n lies at n * sqrt(1 + stiffness * n²).
        stiffness: f32,
    },
    /// A bar, a plate or a bell: (ratio to the fundamental, level, ring relative to the fundamental's).
    Table(&'static [(f32, f32, f32)]),
}

/// How long a sound rings.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ring {
    /// Seconds in which the fundamental of middle C falls by 60 dB.
    pub(super) t60: f32,
    /// How much shorter each octave higher rings, as a factor.
    pub(super) octave: f32,
    /// How much faster each further partial of a string falls: rate = 1 + damping * (number - 1).
    pub(super) damping: f32,
    /// The share that falls slowly; the rest falls three times as fast.
    pub(super) slow: f32,
    /// How deep the partials beat, from 0 to 1.
    pub(super) beat: f32,
}

/// The noise of a hammer, a pick or a stick.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hit {
    /// Its level beside the tone's.
    pub(super) level: f32,
    /// Seconds in which it falls to a third.
    pub(super) seconds: f32,
    /// The middle of its band in hertz.
    pub(super) hertz: f32,
}

/// One partial, ready to sound.
struct Partial {
    line: usize,
    level: f32,
    phase: f64,
    /// Falls of the fast and the slow part in nepers a second.
    fast: f32,
    slow: f32,
    share: f32,
    beat_depth: f32,
    beat_rate: f32,
    beat_phase: f32,
}

/// Samples between two points of a partial's envelope.
const BLOCK: usize = 256;
/// Oscillators that turn side by side, so that the processor's wide registers are full.
const LANES: usize = 8;
/// A partial this weak is left out.
const INAUDIBLE: f32 = 2e-5;
/// Nepers of a fall by 60 dB.
const NEPERS_60: f32 = 6.908;

impl Struck {
    /// The sound at a pitch.
    pub(super) fn tone(&self, hertz: f64, chance: &mut Chance) -> Tone {
        let octaves = (hertz / 261.626).log2() as f32;
        let t60 = (self.ring.t60 * self.ring.octave.powf(octaves)).clamp(0.12, 24.0);
        let cycle = Cycle::near(hertz, 0.4);
        let rings_on = t60 > 2.6;
        let body = if rings_on { 1.6 } else { f64::from(t60) * 1.05 };
        let body = (body * RATE_F) as usize;
        let len = if rings_on { body + cycle.len } else { body };
        let partials = self.partials_at(hertz, t60, cycle, chance);
        let mut samples = vec![0.0; len];
        for partial in &partials {
            partial.add_to(&mut samples, cycle, body);
        }
        self.add_hit(&mut samples, chance);
        soften_start(&mut samples);
        if !rings_on {
            fade_out(&mut samples, 0.03);
            return Tone { samples, loop_start: None, fade: None };
        }
        let fade = Fade { hold: (body as f64 / RATE_F) as f32, t60 };
        Tone { samples, loop_start: Some(body), fade: Some(fade) }
    }

    fn partials_at(&self, hertz: f64, t60: f32, cycle: Cycle, chance: &mut Chance) -> Vec<Partial> {
        let slow = NEPERS_60 / t60;
        let mut partials = Vec::new();
        for (ratio, level, speed) in self.spectrum(hertz) {
            let frequency = ratio * hertz as f32;
            let level =
                level * if self.body.is_empty() { 1.0 } else { resonance(self.body, 0.35, frequency) };
            partials.push(Partial {
                line: cycle.line(f64::from(ratio)),
                level,
                phase: f64::from(chance.unit()) * std::f64::consts::TAU,
                fast: slow * speed * 3.0,
                slow: slow * speed,
                share: self.ring.slow,
                beat_depth: self.ring.beat * (0.5 + chance.unit()),
                beat_rate: 0.4 + 1.6 * chance.unit(),
                beat_phase: chance.unit() * std::f32::consts::TAU,
            });
        }
        partials
    }

    /// (ratio, level, speed of the fall) of each partial below 17 kHz.
    fn spectrum(&self, hertz: f64) -> Vec<(f32, f32, f32)> {
        let f0 = hertz as f32;
        let highest = 17_000.0 / f0;
        match self.partials {
            Partials::Table(table) => table
                .iter()
                .filter(|p| p.0 < highest)
                .map(|&(r, level, ring)| (r, level, 1.0 / ring))
                .collect(),
            Partials::String { place, slope, soft, stiffness } => {
                // Stiffness grows towards the treble, where strings are short.
                let stiff = stiffness * (f0 / 261.6).max(0.4);
                let count = (highest as usize).clamp(1, 72);
                let string = |n: usize| {
                    let n = n as f32;
                    let ratio = n * ((1.0 + stiff * n * n) / (1.0 + stiff)).sqrt();
                    let hammer = 1.0 / (1.0 + (ratio * f0 / soft).powi(2));
                    let comb = (n * std::f32::consts::PI * place).sin().abs().max(0.04);
                    (ratio, comb * hammer / n.powf(slope), 1.0 + self.ring.damping * (n - 1.0))
                };
                (1..=count).map(string).filter(|p| p.0 < highest).collect()
            }
        }
    }

    fn add_hit(&self, samples: &mut [f32], chance: &mut Chance) {
        if self.hit.level <= 0.0 {
            return;
        }
        let mut band = Biquad::band_pass(f64::from(self.hit.hertz), 0.8);
        let count = ((f64::from(self.hit.seconds) * 7.0 * RATE_F) as usize).min(samples.len());
        let fall = -1.0 / (self.hit.seconds * RATE_F as f32);
        let level = self.hit.level * 2.0;
        for (i, sample) in samples.iter_mut().take(count).enumerate() {
            let noise = band.next(f64::from(chance.signed())) as f32;
            let end = 1.0 - i as f32 / count as f32;
            *sample += level * noise * (i as f32 * fall).exp() * end;
        }
    }
}

impl Partial {
    /// Its level at a time in seconds; after `body` seconds it is still, because the player takes over.
    fn level_at(&self, seconds: f32, body: f32) -> f32 {
        let t = seconds.min(body);
        let fall = (1.0 - self.share) * (-self.fast * t).exp() + self.share * (-self.slow * t).exp();
        let calm = (1.0 - t / body).max(0.0);
        let turn = (std::f32::consts::TAU * self.beat_rate * t + self.beat_phase).sin();
        self.level * fall * (1.0 + self.beat_depth * calm * turn * smooth_step(t * 4.0))
    }

    fn add_to(&self, samples: &mut [f32], cycle: Cycle, body: usize) {
        let step = cycle.step(self.line);
        let body = body as f32 / RATE_F as f32;
        let lanes: [(f64, f64); LANES] = std::array::from_fn(|i| (step * i as f64).sin_cos());
        let (turn_sin, turn_cos) = (step * LANES as f64).sin_cos();
        let (turn_sin, turn_cos) = (turn_sin as f32, turn_cos as f32);
        for (block, out) in samples.chunks_mut(BLOCK).enumerate() {
            let at = block * BLOCK;
            let from = self.level_at(at as f32 / RATE_F as f32, body);
            let to = self.level_at((at + BLOCK) as f32 / RATE_F as f32, body);
            if from.max(to) < INAUDIBLE {
                return;
            }
            // The phase is taken anew for each block, so that no error gathers.
            let (sin, cos) = (self.phase + step * at as f64).sin_cos();
            let mut re: [f32; LANES] = std::array::from_fn(|i| (cos * lanes[i].1 - sin * lanes[i].0) as f32);
            let mut im: [f32; LANES] = std::array::from_fn(|i| (sin * lanes[i].1 + cos * lanes[i].0) as f32);
            let slope = (to - from) / BLOCK as f32;
            for (chunk, eight) in out.chunks_mut(LANES).enumerate() {
                let level = from + slope * (chunk * LANES) as f32;
                for (i, sample) in eight.iter_mut().enumerate() {
                    *sample += (level + slope * i as f32) * im[i];
                }
                for i in 0..LANES {
                    let next = re[i] * turn_cos - im[i] * turn_sin;
                    im[i] = re[i] * turn_sin + im[i] * turn_cos;
                    re[i] = next;
                }
            }
        }
    }
}

/// The first millisecond rises from nothing: the partials begin anywhere in their turns, which would click.
fn soften_start(samples: &mut [f32]) {
    let count = 48;
    for (i, sample) in samples.iter_mut().take(count).enumerate() {
        *sample *= smooth_step(i as f32 / count as f32);
    }
}
