//! Sound as a FLAC file.

use flacenc::bitsink::ByteSink;
use flacenc::component::BitRepr as _;
use flacenc::config::Encoder;
use flacenc::error::Verify as _;
use flacenc::source::MemSource;

use super::{Depth, EncodeError, check, whole_numbers};
use crate::buffer::AudioBuffer;

const FORMAT: &str = "FLAC";
const MOST_CHANNELS: usize = 8;
const MOST_HERTZ: u32 = 655_350;

/// The bytes of a FLAC file of 16 or 24 bits. The same sound always gives the same bytes, and the samples are those of the WAV
/// file of the same depth.
///
/// Fails where the sound has no channel or more than 8, or a rate above 655,350 Hz, and where floats are asked for.
pub fn encode_flac(sound: &AudioBuffer, depth: Depth) -> Result<Vec<u8>, EncodeError> {
    check(sound, FORMAT, (MOST_CHANNELS, MOST_HERTZ))?;
    if depth == Depth::Float32 {
        return Err(EncodeError::Floats(FORMAT));
    }
    let failed = |reason: String| EncodeError::Encoder { format: FORMAT, reason };
    let samples: Vec<i32> = whole_numbers(sound, depth).collect();
    let (channels, rate) = (sound.channels().len(), sound.rate().hertz() as usize);
    let source = MemSource::from_samples(&samples, channels, depth.bits().into(), rate);
    let config = Encoder::default().into_verified().map_err(|(_, error)| failed(error.to_string()))?;
    let stream = flacenc::encode_with_fixed_block_size(&config, source, config.block_size)
        .map_err(|error| failed(error.to_string()))?;
    let mut sink = ByteSink::new();
    stream.write(&mut sink).map_err(|error| failed(error.to_string()))?;
    Ok(sink.into_inner())
}
