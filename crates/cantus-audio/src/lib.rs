//! Sound: what it is in memory, where it comes from, and its spectrum.

mod buffer;
pub mod stft;

pub use buffer::{AudioBuffer, SampleRate, SampleRateError};
