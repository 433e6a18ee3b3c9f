//! Sound in memory.

use std::fmt;

/// Samples a second of each channel, in hertz.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SampleRate(u32);

/// A rate that no sound has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a sample rate must be between {min} and {max} Hz, but was {0}", min = SampleRate::MIN, max = SampleRate::MAX)]
pub struct SampleRateError(pub u32);

impl SampleRate {
    /// The lowest rate: nothing musical is left below.
    pub const MIN: Self = Self(100);
    /// The highest rate that files state.
    pub const MAX: Self = Self(768_000);
    /// The rate of a compact disc.
    pub const CD: Self = Self(44_100);
    /// The rate at which descriptors are usually measured.
    pub const ANALYSIS: Self = Self(22_050);

    /// Takes a rate; fails outside the range of the type.
    pub const fn new(hertz: u32) -> Result<Self, SampleRateError> {
        if hertz < Self::MIN.0 || hertz > Self::MAX.0 { Err(SampleRateError(hertz)) } else { Ok(Self(hertz)) }
    }

    /// The number itself.
    pub const fn hertz(self) -> u32 {
        self.0
    }
}

impl fmt::Display for SampleRate {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(to)
    }
}

/// Sound as samples: full scale is -1 to 1.
#[derive(Debug, Clone, PartialEq)]
pub struct AudioBuffer {
    rate: SampleRate,
    channels: Vec<Vec<f32>>, // [channels, frames]
}

impl AudioBuffer {
    /// Takes the samples of each channel. Channels of unequal length are filled up with silence.
    pub fn new(rate: SampleRate, mut channels: Vec<Vec<f32>>) -> Self {
        let frames = channels.iter().map(Vec::len).max().unwrap_or(0);
        for channel in &mut channels {
            channel.resize(frames, 0.0);
        }
        Self { rate, channels }
    }

    /// Sound of one channel.
    pub fn of_mono(rate: SampleRate, samples: Vec<f32>) -> Self {
        Self { rate, channels: vec![samples] }
    }

    /// Samples a second.
    pub fn rate(&self) -> SampleRate {
        self.rate
    }

    /// The samples of each channel.
    ///
    /// # Shapes
    /// `[channels, frames]`
    pub fn channels(&self) -> &[Vec<f32>] {
        &self.channels
    }

    /// Samples of each channel.
    pub fn frames(&self) -> usize {
        self.channels.first().map_or(0, Vec::len)
    }

    /// How long it lasts, in seconds.
    pub fn seconds(&self) -> f64 {
        self.frames() as f64 / f64::from(self.rate.hertz())
    }

    /// All channels as one: their mean.
    ///
    /// # Shapes
    /// `[frames]`
    pub fn to_mono(&self) -> Vec<f32> {
        let mut mono = vec![0.0; self.frames()];
        let share = 1.0 / self.channels.len().max(1) as f32;
        for channel in &self.channels {
            for (sum, sample) in mono.iter_mut().zip(channel) {
                *sum += sample * share;
            }
        }
        mono
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unequal_channels_are_filled_up_and_mixed_evenly() {
        let sound = AudioBuffer::new(SampleRate::CD, vec![vec![1.0, 0.5, 0.25], vec![0.0]]);
        assert_eq!(sound.frames(), 3);
        assert_eq!(sound.channels()[1], [0.0; 3]);
        assert_eq!(sound.to_mono(), [0.5, 0.25, 0.125]);
    }

    #[test]
    fn a_rate_that_no_sound_has_is_refused_with_the_rule() {
        let error = SampleRate::new(0).unwrap_err().to_string();
        assert_eq!(error, "a sample rate must be between 100 and 768000 Hz, but was 0");
        assert!(SampleRate::new(48_000).is_ok());
    }
}
