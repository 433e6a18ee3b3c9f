//! Sounds that last: bowed, blown, sung, organs and pads, made in the frequency domain.
//!
//! A loop of a second or so is filled with lines that all have whole periods in it, so it repeats without a seam.
//! Each harmonic is a narrow bundle of lines: a very narrow one for a soloist, a wide one for an ensemble, whose
//! players never agree. Three bands (low, middle, high harmonics) and the breath come in each in their own time.

use rustfft::num_complex::Complex;
use rustfft::{Fft, FftPlannerScalar};
use std::sync::Arc;

use super::tone::{Chance, Cycle, Peak, RATE_F, Tone, resonance, smooth_step};

/// A sound that lasts for as long as its key is held.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sustained {
    /// How strong its harmonics are.
    pub(super) shape: Shape,
    /// Series of harmonics that sound together: (ratio to the key's pitch, level), as the stops of an organ.
    pub(super) stops: &'static [(f32, f32)],
    /// Resonances of the throat or the body; none where nothing resonates.
    pub(super) formants: &'static [Peak],
    /// How far the players of an ensemble lie apart, in cents; 0 for one player.
    pub(super) spread: f32,
    /// The breath or the bow's rustle.
    pub(super) breath: Breath,
    /// Seconds in which the low, the middle and the high harmonics come in.
    pub(super) onset: [f32; 3],
    /// Seconds of the loop.
    pub(super) seconds: f32,
}

/// How strong the harmonics of a sound are: 1 / number ^ slope, weaker above a corner.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shape {
    /// The exponent; large leaves the fundamental alone.
    pub(super) slope: f32,
    /// The level of the even harmonics; small for closed pipes and hollow waves.
    pub(super) even: f32,
    /// The corner in hertz.
    pub(super) corner: f32,
    /// How steeply the harmonics fall above the corner: their level is divided by 1 + (f / corner) ^ steep.
    pub(super) steep: f32,
}

/// Noise that goes with a tone.
#[derive(Debug, Clone, Copy)]
pub(super) struct Breath {
    /// Its level beside the tone's while the tone lasts.
    pub(super) level: f32,
    /// Its level at the beginning, above that.
    pub(super) chiff: f32,
    /// The middle of its band in hertz.
    pub(super) hertz: f32,
}

/// No breath at all.
pub(super) const NO_BREATH: Breath = Breath { level: 0.0, chiff: 0.0, hertz: 1000.0 };

/// The loops of the three bands and of the breath.
struct Bands([Vec<f32>; 4]);

impl Sustained {
    /// The sound at a pitch.
    pub(super) fn tone(&self, hertz: f64, planner: &mut Planner, chance: &mut Chance) -> Tone {
        let cycle = Cycle::smooth_near(hertz, f64::from(self.seconds));
        let bands = self.bands(hertz, cycle, planner, chance);
        self.with_onset(cycle.len, &bands)
    }

    fn bands(&self, hertz: f64, cycle: Cycle, planner: &mut Planner, chance: &mut Chance) -> Bands {
        let mut spectra: [Vec<Complex<f32>>; 3] =
            std::array::from_fn(|_| vec![Complex::default(); cycle.len / 2]);
        let mut power = 0.0;
        for &(stop, stop_level) in self.stops {
            let count = (17_500.0 / (hertz as f32 * stop)) as usize;
            for n in 1..=count.clamp(1, 400) {
                let level = stop_level * self.level(n, hertz as f32 * stop);
                let ratio = stop * n as f32;
                let band = if ratio < 2.5 { 0 } else { 1 + usize::from(ratio > 7.5) };
                power += level * level;
                self.add_harmonic(&mut spectra[band], cycle, (ratio, level), chance);
            }
        }
        let noise = self.noise(cycle, power.sqrt(), chance);
        let [low, middle, high] = spectra;
        let fft = planner.inverse(cycle.len);
        let (low, middle) = transform(&fft, &low, &middle);
        let (high, noise) = transform(&fft, &high, &noise);
        Bands([low, middle, high, noise])
    }

    fn level(&self, n: usize, hertz: f32) -> f32 {
        let frequency = n as f32 * hertz;
        let shape = &self.shape;
        let even = if n.is_multiple_of(2) { shape.even } else { 1.0 };
        let corner = 1.0 + (frequency / shape.corner).powf(shape.steep);
        let throat = if self.formants.is_empty() { 1.0 } else { resonance(self.formants, 0.04, frequency) };
        throat * even / ((n as f32).powf(shape.slope) * corner)
    }

    /// A bundle of lines round a harmonic, as strong together as one line of its level.
    fn add_harmonic(
        &self,
        spectrum: &mut [Complex<f32>],
        cycle: Cycle,
        (ratio, level): (f32, f32),
        chance: &mut Chance,
    ) {
        if level < 1e-5 {
            return;
        }
        let middle = cycle.line(f64::from(ratio));
        let width = (middle as f32 * ((self.spread / 1200.0).exp2() - 1.0)).max(0.6);
        // Part of each harmonic stays in one line, or it would now and then vanish as its lines cancel each other.
        // A soloist has narrow bundles too: they let each harmonic swell and fade a little.
        let apart = (self.spread / 8.0).min(1.0);
        let steady = (0.95 - 0.1 * apart - 0.05 * apart * ratio).max(0.4);
        let reach = if self.spread > 0.0 { (2.5 * width).ceil() as usize } else { 1 };
        let bell = |line: usize| {
            let x = (line as f32 - middle as f32) / width;
            if line == middle { 0.0 } else { (-0.5 * x * x).exp() }
        };
        let lines = middle.saturating_sub(reach).max(1)..=middle + reach;
        let norm = lines.clone().map(|line| bell(line).powi(2)).sum::<f32>().sqrt().max(1e-9);
        for line in lines {
            let phase = chance.unit() * std::f32::consts::TAU;
            let share =
                if line == middle { steady.sqrt() } else { (1.0 - steady).sqrt() * bell(line) / norm };
            if let Some(bin) = spectrum.get_mut(line) {
                *bin += Complex::from_polar(level * share, phase);
            }
        }
    }

    /// Lines of breath all over the spectrum; `tone` is the level of the tone that it goes with.
    fn noise(&self, cycle: Cycle, tone: f32, chance: &mut Chance) -> Vec<Complex<f32>> {
        let mut spectrum = vec![Complex::default(); cycle.len / 2];
        if self.breath.level <= 0.0 && self.breath.chiff <= 0.0 {
            return spectrum;
        }
        let hertz_per_line = (RATE_F / cycle.len as f64) as f32;
        let band = |hertz: f32| {
            let octaves = (hertz / self.breath.hertz).log2();
            (-0.5 * (octaves / 1.1).powi(2)).exp() / hertz.sqrt()
        };
        let lines =
            (100.0 / hertz_per_line) as usize..spectrum.len().min((16_000.0 / hertz_per_line) as usize);
        let norm = lines.clone().map(|line| band(line as f32 * hertz_per_line).powi(2)).sum::<f32>().sqrt();
        for line in lines {
            let phase = chance.unit() * std::f32::consts::TAU;
            let level = tone * band(line as f32 * hertz_per_line) / norm;
            if let Some(bin) = spectrum.get_mut(line) {
                *bin = Complex::from_polar(level, phase);
            }
        }
        spectrum
    }

    /// Puts the rise of the bands before the loop; the samples run on into the loop as if it had always turned.
    fn with_onset(&self, len: usize, bands: &Bands) -> Tone {
        let longest = self.onset.iter().copied().fold(0.02, f32::max).max(0.08);
        let before = (f64::from(longest) * RATE_F) as usize;
        let mut samples = Vec::with_capacity(before + len);
        let offset = len - before % len;
        for i in 0..before + len {
            let seconds = i as f32 / RATE_F as f32;
            let place = (i + offset) % len;
            let mut sum = 0.0;
            for (band, onset) in bands.0.iter().zip(self.onset) {
                sum += smooth_step(seconds / onset) * band[place];
            }
            samples.push(sum + self.breath_at(seconds, longest) * bands.0[3][place]);
        }
        Tone { samples, loop_start: Some(before), fade: None }
    }

    fn breath_at(&self, seconds: f32, longest: f32) -> f32 {
        let rise = smooth_step(seconds / 0.012);
        let chiff = self.breath.chiff * (-seconds / 0.035).exp() * (1.0 - seconds / longest).max(0.0);
        rise * (self.breath.level + chiff)
    }
}

/// Two real signals from one complex transform: the spectra go in as `a + ib`.
fn transform(fft: &Arc<dyn Fft<f32>>, a: &[Complex<f32>], b: &[Complex<f32>]) -> (Vec<f32>, Vec<f32>) {
    let len = fft.len();
    let mut both = vec![Complex::<f32>::default(); len];
    let i = Complex::new(0.0, 1.0);
    for (line, (a, b)) in a.iter().zip(b).enumerate().skip(1) {
        both[line] = (a + i * b) * 0.5;
        both[len - line] = (a.conj() + i * b.conj()) * 0.5;
    }
    fft.process(&mut both);
    both.into_iter().map(|z| (z.re, z.im)).unzip()
}

/// Makes Fourier transforms whose results are the same on every processor.
pub(super) struct Planner(FftPlannerScalar<f32>);

impl Planner {
    /// A planner without plans.
    pub(super) fn new() -> Self {
        Self(FftPlannerScalar::new())
    }

    fn inverse(&mut self, len: usize) -> Arc<dyn Fft<f32>> {
        self.0.plan_fft_inverse(len)
    }
}
