//! Sound as a WAV file.

use std::io::Cursor;

use hound::{SampleFormat, WavSpec, WavWriter};

use super::{Depth, EncodeError, check, frames, whole_numbers};
use crate::buffer::{AudioBuffer, SampleRate};

const FORMAT: &str = "WAV";

/// The bytes of a WAV file. The same sound always gives the same bytes.
///
/// Fails where the sound has no channel, or is too long for the 4 GiB of the format.
pub fn encode_wav(sound: &AudioBuffer, depth: Depth) -> Result<Vec<u8>, EncodeError> {
    check(sound, FORMAT, (crate::decode::MOST_CHANNELS, SampleRate::MAX.hertz()))?;
    let bytes_per_frame = sound.channels().len() as u64 * u64::from(depth.bits() / 8);
    let length = sound.frames() as u64 * bytes_per_frame;
    if length > u64::from(u32::MAX) - 4096 {
        return Err(EncodeError::TooLong(FORMAT));
    }
    let spec = WavSpec {
        channels: sound.channels().len() as u16,
        sample_rate: sound.rate().hertz(),
        bits_per_sample: depth.bits(),
        sample_format: if depth == Depth::Float32 { SampleFormat::Float } else { SampleFormat::Int },
    };
    let mut bytes = Cursor::new(Vec::with_capacity(length as usize + 128));
    let written = WavWriter::new(&mut bytes, spec).and_then(|mut writer| {
        if depth == Depth::Float32 {
            frames(sound).try_for_each(|sample| writer.write_sample(sample))?;
        } else {
            whole_numbers(sound, depth).try_for_each(|sample| writer.write_sample(sample))?;
        }
        writer.finalize()
    });
    written.map_err(|error| EncodeError::Encoder { format: FORMAT, reason: error.to_string() })?;
    Ok(bytes.into_inner())
}
