//! The spectrum of sound over time: the short-time Fourier transform, its exact inverse, and phases for magnitudes that
//! have lost theirs.
//!
//! [`Stft`] takes sound in blocks of any length and hands out one frame after the other: its memory is that of one frame.
//! [`InverseStft`] takes frames and hands out sound. [`Spectrogram`] is a whole transform in memory.

mod forward;
mod framing;
mod inverse;
mod phase;
mod real;
mod spectrogram;
#[cfg(test)]
mod tests;

pub use forward::{Frame, Stft};
pub use framing::{Framing, FramingError, Window};
pub use inverse::InverseStft;
pub use phase::{PhaseSearch, Start, inconsistency};
pub use realfft::num_complex::Complex;
pub use spectrogram::Spectrogram;
