//! Sound: what it is in memory, where it comes from, and its spectrum.

mod buffer;
mod decode;
mod encode;
mod loudness;
mod read;
mod resample;
pub mod stft;

pub use buffer::{AudioBuffer, SampleRate, SampleRateError};
pub use decode::{DecodeError, Decoder, MOST_CHANNELS, SoundFormat, Source, decode, looks_like_sound};
pub use encode::{Depth, EncodeError, Quality, encode_flac, encode_ogg, encode_wav};
pub use loudness::{Decibels, Loudness, LoudnessMeter, Lufs};
pub use read::{MOST_WARNINGS, Place, Read, Strictness, Warning};
pub use resample::Resampler;
