//! Sound: what it is in memory, where it comes from, and its spectrum.

mod buffer;
pub mod stft;
mod decode;
mod encode;
mod read;

pub use buffer::{AudioBuffer, SampleRate, SampleRateError};
pub use decode::{DecodeError, Decoder, MOST_CHANNELS, SoundFormat, Source, decode};
pub use encode::{Depth, EncodeError, Quality, encode_flac, encode_ogg, encode_wav};
pub use read::{MOST_WARNINGS, Place, Read, Strictness, Warning};
