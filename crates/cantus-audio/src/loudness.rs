//! How loud sound is, to the ear and to the machine (EBU R 128, ITU-R BS.1770).

use std::fmt;

use ebur128::{EbuR128, Mode};

use crate::buffer::{AudioBuffer, SampleRate};

/// Loudness in LUFS: units of a decibel below full scale, weighted as the ear does.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Lufs(pub f64);

impl fmt::Display for Lufs {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "{:.1} LUFS", self.0)
    }
}

/// A ratio in decibels.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Decibels(pub f64);

impl fmt::Display for Decibels {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "{:.1} dB", self.0)
    }
}

/// What is measured of a sound.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Loudness {
    /// The loudness of the whole; nothing where it is shorter than 0.4 seconds or never louder than -70 LUFS.
    pub integrated: Option<Lufs>,
    /// How far loud passages stand above quiet ones (EBU Tech 3342); nothing where there is no loudness.
    pub range: Option<Decibels>,
    /// The highest point of the wave, also between samples, as a factor of full scale.
    pub peak: f64,
}

impl Loudness {
    /// The highest point of the wave against full scale (dBTP); nothing where all is silence.
    pub fn true_peak(&self) -> Option<Decibels> {
        (self.peak > 0.0).then(|| Decibels(20.0 * self.peak.log10()))
    }
}

/// Measures sound block by block.
pub struct LoudnessMeter(EbuR128);

impl LoudnessMeter {
    /// A meter for so many channels; nothing where there are none, or more than the standard's meter takes.
    pub fn new(rate: SampleRate, channels: usize) -> Option<Self> {
        let mode = Mode::I | Mode::LRA | Mode::TRUE_PEAK;
        EbuR128::new(channels.try_into().ok()?, rate.hertz(), mode).ok().map(Self)
    }

    /// Takes the next samples of each channel.
    ///
    /// # Shapes
    /// `[channels, frames]`, with the channels that the meter was made for; a block of another shape is passed over.
    pub fn add(&mut self, block: &[&[f32]]) {
        let frames = block.first().map_or(0, |channel| channel.len());
        if block.len() == self.0.channels() as usize && block.iter().all(|channel| channel.len() == frames) {
            // Only a wrong shape is refused.
            let _ = self.0.add_frames_planar_f32(block);
        }
    }

    /// What was measured so far.
    pub fn loudness(&self) -> Loudness {
        let finite = |measured: f64| measured.is_finite().then_some(measured);
        let integrated = self.0.loudness_global().ok().and_then(finite).map(Lufs);
        let range =
            self.0.loudness_range().ok().and_then(finite).filter(|_| integrated.is_some()).map(Decibels);
        let peaks = (0..self.0.channels()).filter_map(|channel| self.0.true_peak(channel).ok());
        Loudness { integrated, range, peak: peaks.fold(0.0, f64::max) }
    }
}

impl AudioBuffer {
    /// How loud it is; nothing where it has no channels.
    ///
    /// ```
    /// use cantus_audio::{AudioBuffer, SampleRate};
    ///
    /// let tone = (0..96_000).map(|i| (i as f32 * 0.13).sin() * 0.1).collect();
    /// let sound = AudioBuffer::of_mono(SampleRate::new(48_000)?, tone);
    /// let loudness = sound.loudness().and_then(|measured| measured.integrated);
    /// assert!(loudness.is_some_and(|lufs| (-25.0..-20.0).contains(&lufs.0)));
    /// # Ok::<(), cantus_audio::SampleRateError>(())
    /// ```
    pub fn loudness(&self) -> Option<Loudness> {
        let mut meter = LoudnessMeter::new(self.rate(), self.channels().len())?;
        let planes: Vec<&[f32]> = self.channels().iter().map(Vec::as_slice).collect();
        meter.add(&planes);
        Some(meter.loudness())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A tone of 997 Hz whose peaks stand at a level in decibels.
    fn tone(rate: u32, decibels: f64, seconds: f64) -> Vec<f32> {
        let step = 997.0 * std::f64::consts::TAU / f64::from(rate);
        let size = 10_f64.powf(decibels / 20.0);
        (0..(f64::from(rate) * seconds) as usize).map(|i| ((i as f64 * step).sin() * size) as f32).collect()
    }

    fn stereo(rate: u32, channel: Vec<f32>) -> Loudness {
        let rate = SampleRate::new(rate).unwrap();
        AudioBuffer::new(rate, vec![channel.clone(), channel]).loudness().unwrap()
    }

    /// EBU Tech 3341, cases 1 and 2: a stereo tone of -23 or -33 dB is as loud in LUFS, within a tenth, at any rate.
    #[test]
    fn a_tone_has_the_loudness_that_the_standard_states() {
        for rate in [22_050, 44_100, 48_000, 96_000] {
            for level in [-23.0, -33.0] {
                let measured = stereo(rate, tone(rate, level, 20.0));
                assert!((measured.integrated.unwrap().0 - level).abs() < 0.1, "{rate}: {measured:?}");
                assert!((measured.true_peak().unwrap().0 - level).abs() < 0.2, "{rate}: {measured:?}");
            }
        }
    }

    /// EBU Tech 3342, case 1: 20 seconds of -20 and 20 of -30 dB range over 10 units, within one.
    #[test]
    fn the_range_is_that_between_the_loud_and_the_quiet() {
        let both = [tone(48_000, -20.0, 20.0), tone(48_000, -30.0, 20.0)].concat();
        let range = stereo(48_000, both).range.unwrap().0;
        assert!((range - 10.0).abs() < 1.0, "{range}");
    }

    #[test]
    fn a_peak_between_the_samples_is_found() {
        // A quarter of the rate, an eighth of a turn away: every sample is 3 dB below the wave's top.
        let wave =
            |i: usize| (i as f32).mul_add(std::f32::consts::FRAC_PI_2, std::f32::consts::FRAC_PI_4).sin();
        let peak = stereo(48_000, (0..48_000).map(wave).collect()).true_peak().unwrap().0;
        assert!((-0.4..0.3).contains(&peak), "{peak}");
    }

    #[test]
    fn blocks_measure_as_the_whole_and_silence_has_no_loudness() {
        let whole = tone(44_100, -20.0, 3.0);
        let mut meter = LoudnessMeter::new(SampleRate::CD, 1).unwrap();
        whole.chunks(777).for_each(|block| meter.add(&[block]));
        let expected = AudioBuffer::of_mono(SampleRate::CD, whole).loudness().unwrap();
        assert_eq!(meter.loudness(), expected);
        let silence = AudioBuffer::of_mono(SampleRate::CD, vec![0.0; 88_200]).loudness().unwrap();
        assert_eq!((silence.integrated, silence.range, silence.true_peak()), (None, None, None));
    }
}
