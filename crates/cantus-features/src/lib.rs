//! What can be measured on music: one catalogue of descriptors, of whole pieces and of single bars.
//!
//! A descriptor is measured on training data, asked for when composing, and shown to explain a piece. [`CATALOGUE`] alone
//! holds its name, unit, range and formula; a row added there is measured everywhere ([`of_piece`], [`of_bars`]).
//! All arithmetic on scores is `+ - * /` and the square root in a fixed order: every machine measures the same bits.

mod catalogue;
pub mod chords;
pub mod control;
pub mod distance;
pub mod form;
mod harmony;
pub mod key;
mod logarithm;
mod melody;
mod published;
pub mod pulse;
mod rhythm;
pub mod sound;
mod tension;
#[cfg(test)]
mod tests;
mod texture;
mod touch;
mod window;

pub use catalogue::{
    CATALOGUE, Columns, Descriptor, Level, Measure, Numbers, Origin, document, find, numbers, of_bars,
    of_piece, schema,
};
pub use harmony::{FinalChord, ends_on_tonic, final_chord};
pub use tension::tonal_distance;
pub use window::{Begun, Sounding, Window};
