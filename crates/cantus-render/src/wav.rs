//! Sound as a WAV file.

use std::io::Cursor;

use hound::{SampleFormat, WavSpec, WavWriter};

use crate::bank::Dice;
use crate::synth::StereoBuffer;

/// How many bits a sample of a file has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Depth {
    /// 16 bits with triangular dither of one step, which turns the error of rounding into an even, faint noise.
    #[default]
    Bits16,
    /// 24 bits, rounded.
    Bits24,
}

/// The bytes of a WAV file with 16-bit samples. The same sound always gives the same bytes.
pub fn write(sound: &StereoBuffer) -> Vec<u8> {
    write_as(sound, Depth::Bits16)
}

/// The bytes of a WAV file.
pub fn write_as(sound: &StereoBuffer, depth: Depth) -> Vec<u8> {
    let bits_per_sample = match depth {
        Depth::Bits16 => 16,
        Depth::Bits24 => 24,
    };
    let spec = WavSpec {
        channels: 2,
        sample_rate: StereoBuffer::RATE,
        bits_per_sample,
        sample_format: SampleFormat::Int,
    };
    let mut bytes = Cursor::new(Vec::new());
    // Writing to memory fails only where a file would pass the format's 4 GB, which `render` prevents.
    let written = WavWriter::new(&mut bytes, spec).and_then(|mut writer| {
        let full = (1_u32 << (bits_per_sample - 1)) as f32;
        let mut dice = Dice::new(16);
        for frame in sound.left.iter().zip(&sound.right) {
            for sample in [frame.0, frame.1] {
                let dither = if depth == Depth::Bits16 { dice.unit() - dice.unit() } else { 0.0 };
                let value = (sample * full + dither).round().clamp(-full, full - 1.0);
                writer.write_sample(value as i32)?;
            }
        }
        writer.finalize()
    });
    debug_assert!(written.is_ok(), "a WAV file in memory");
    bytes.into_inner()
}

#[cfg(test)]
mod tests;
