//! Sound as an Ogg Vorbis file.

use std::fmt;
use std::num::{NonZeroU8, NonZeroU32};

use vorbis_rs::{VorbisBitrateManagementStrategy, VorbisEncoderBuilder, VorbisError};

use super::{EncodeError, check};
use crate::buffer::AudioBuffer;

const FORMAT: &str = "Ogg Vorbis";
const MOST_CHANNELS: usize = 8;
const MOST_HERTZ: u32 = 192_000;
/// Frames that are handed over at a time.
const BLOCK: usize = 1024;
/// The number of the stream in its file, which is the only one.
const SERIAL: i32 = 1;

/// How much of a sound is kept: from -1, the smallest file, to 10, the best; 5 (some 160 kbit/s in stereo) is hard to tell from
/// the original.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Quality(f32);

impl Quality {
    /// The smallest file.
    pub const MIN: Self = Self(-1.0);
    /// The best sound.
    pub const MAX: Self = Self(10.0);

    /// Takes a quality; fails outside the range of the type.
    pub fn new(quality: f32) -> Result<Self, EncodeError> {
        let is_in_range = (Self::MIN.0..=Self::MAX.0).contains(&quality);
        if is_in_range { Ok(Self(quality)) } else { Err(EncodeError::Quality(quality)) }
    }

    /// The number itself.
    pub fn get(self) -> f32 {
        self.0
    }
}

impl Default for Quality {
    fn default() -> Self {
        Self(5.0)
    }
}

impl fmt::Display for Quality {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(to)
    }
}

/// The bytes of an Ogg Vorbis file. The same sound gives the same bytes on the same kind of machine.
///
/// Fails where the sound has no channel or more than 8, or a rate that the codec has no mode for.
pub fn encode_ogg(sound: &AudioBuffer, quality: Quality) -> Result<Vec<u8>, EncodeError> {
    check(sound, FORMAT, (MOST_CHANNELS, MOST_HERTZ))?;
    encode(sound, quality).map_err(|error| EncodeError::Encoder { format: FORMAT, reason: error.to_string() })
}

fn encode(sound: &AudioBuffer, quality: Quality) -> Result<Vec<u8>, VorbisError> {
    let rate = NonZeroU32::new(sound.rate().hertz()).unwrap_or(NonZeroU32::MIN);
    let channels = NonZeroU8::new(sound.channels().len() as u8).unwrap_or(NonZeroU8::MIN);
    let strategy = VorbisBitrateManagementStrategy::QualityVbr { target_quality: quality.0 / 10.0 };
    let mut builder = VorbisEncoderBuilder::new_with_serial(rate, channels, Vec::new(), SERIAL);
    let mut encoder = builder.bitrate_management_strategy(strategy).build()?;
    let mut block = vec![Vec::with_capacity(BLOCK); sound.channels().len()]; // [channels, frames]
    for start in (0..sound.frames()).step_by(BLOCK) {
        let end = (start + BLOCK).min(sound.frames());
        for (piece, channel) in block.iter_mut().zip(sound.channels()) {
            piece.clear();
            // Vorbis takes what is beyond full scale, but no sample that is no number.
            piece.extend(
                channel[start..end].iter().map(|sample| if sample.is_finite() { *sample } else { 0.0 }),
            );
        }
        encoder.encode_audio_block(&block)?;
    }
    encoder.finish()
}
