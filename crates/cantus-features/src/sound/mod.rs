//! Descriptors of sound.
//!
//! Most are measured frame by frame on one spectrum that they share: [`FrameFeatures`] takes sound in blocks of any length
//! and holds one frame of it, whatever its length; what grows is the [`FrameTable`] that comes out. Each is also a plain
//! function of samples: [`mel::power`], [`cepstrum::mfcc`], [`chroma::of_sound`], [`onset::strength`], [`beat::track`] and
//! so on. Definitions and defaults are those of librosa 0.11; `fixtures/golden/sound` holds its numbers.
//!
//! What takes a walk of its own is streamed as well: [`constant_q::ConstantQ`], [`hpss::Parting`], [`pitch::PitchTracker`].
//! [`harmony`] hears key and chords in chroma, [`invert`] makes sound of mel bands.
//!
//! Sound is one channel of samples at full scale 1. Logarithms and sines differ in their last bits from machine to machine,
//! and so do these descriptors.

pub mod beat;
pub mod cepstrum;
pub mod chroma;
mod columns;
pub mod constant_q;
mod filter;
mod frames;
mod halve;
pub mod harmony;
pub mod hpss;
pub mod invert;
mod lanes;
mod likeness;
pub(crate) mod listen;
pub mod mel;
pub mod octaves;
pub mod onset;
pub mod pitch;
pub mod shape;
pub mod similarity;
mod spectrum;
pub mod tempo;
#[cfg(test)]
mod tests;
pub mod tuning;
pub mod wave;

pub use columns::Gathered;
pub use filter::FilterBank;
pub use frames::{FrameFeatures, FrameTable};
pub use likeness::unlikeness;
pub use listen::{Listener, Setting, classes};
pub use spectrum::Spectrum;
