//! From sound to a file.

mod flac;
mod ogg;
#[cfg(test)]
mod tests;
mod wav;

use crate::buffer::AudioBuffer;

pub use flac::encode_flac;
pub use ogg::{Quality, encode_ogg};
pub use wav::encode_wav;

/// How a sample is written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Depth {
    /// Whole numbers of 16 bits with triangular dither of one step, which turns the error of rounding into an even, faint noise.
    #[default]
    Bits16,
    /// Whole numbers of 24 bits, rounded.
    Bits24,
    /// Floating point of 32 bits: nothing is lost, and nothing is held at full scale.
    Float32,
}

impl Depth {
    fn bits(self) -> u16 {
        match self {
            Self::Bits16 => 16,
            Self::Bits24 => 24,
            Self::Float32 => 32,
        }
    }
}

/// Why a sound cannot be written in a format.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum EncodeError {
    /// More channels than the format has, or none.
    #[error("{format} must have 1 to {most} channels, but the sound has {channels}")]
    Channels {
        /// The format.
        format: &'static str,
        /// The most channels that it has.
        most: usize,
        /// Those of the sound.
        channels: usize,
    },
    /// A rate beyond the format's.
    #[error("{format} must have at most {most} samples a second, but the sound has {rate}")]
    Rate {
        /// The format.
        format: &'static str,
        /// The highest rate that it has, in hertz.
        most: u32,
        /// That of the sound.
        rate: u32,
    },
    /// Floats, where a format has none.
    #[error("{0} must hold whole numbers of 16 or 24 bits, but floats were asked for")]
    Floats(&'static str),
    /// More than a file of the format can hold.
    #[error("{0} must hold less than 4 GiB, but the sound is longer")]
    TooLong(&'static str),
    /// A quality outside its range.
    #[error("a quality must be between {min} and {max}, but was {0}", min = Quality::MIN, max = Quality::MAX)]
    Quality(f32),
    /// What the encoder says.
    #[error("{format} could not be written: {reason}")]
    Encoder {
        /// The format.
        format: &'static str,
        /// The reason in the encoder's words.
        reason: String,
    },
}

/// Refuses what a format has no room for.
fn check(
    sound: &AudioBuffer,
    format: &'static str,
    (channels, rate): (usize, u32),
) -> Result<(), EncodeError> {
    let own = sound.channels().len();
    if own == 0 || own > channels {
        return Err(EncodeError::Channels { format, most: channels, channels: own });
    }
    if sound.rate().hertz() > rate {
        return Err(EncodeError::Rate { format, most: rate, rate: sound.rate().hertz() });
    }
    Ok(())
}

/// The samples as whole numbers, frame by frame, held within full scale. The same sound always gives the same numbers.
///
/// # Shapes
/// `[frames * channels]`
fn whole_numbers(sound: &AudioBuffer, depth: Depth) -> impl Iterator<Item = i32> {
    let full = if depth == Depth::Bits16 { 32_768.0_f32 } else { 8_388_608.0 };
    let mut dither = Dither::new();
    frames(sound).map(move |sample| {
        let noise = if depth == Depth::Bits16 { dither.unit() - dither.unit() } else { 0.0 };
        (sample * full + noise).round().clamp(-full, full - 1.0) as i32
    })
}

/// The samples frame by frame; what is no number is silence.
fn frames(sound: &AudioBuffer) -> impl Iterator<Item = f32> {
    let at = |frame: usize| sound.channels().iter().map(move |channel| channel[frame]);
    (0..sound.frames()).flat_map(at).map(|sample| if sample.is_nan() { 0.0 } else { sample })
}

/// Chance for the dither: `SplitMix64`, which gives the same numbers everywhere.
struct Dither(u64);

impl Dither {
    fn new() -> Self {
        let mut dither = Self(0x9E37_79B9_7F4A_7C15_u64.wrapping_mul(16) ^ 0x5851_F42D_4C95_7F2D);
        dither.next();
        dither
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number from 0 up to 1.
    fn unit(&mut self) -> f32 {
        (self.next() >> 40) as f32 / (1_u64 << 24) as f32
    }
}
