//! Cantus learns music and makes music: the public library.
//!
//! By stage: [`read`] a file into a [`score`], [`convert`] it, hear it ([`encode`] as [`OutputFormat::Wav`]). What
//! the crates below offer is under [`score`], [`features`], [`model`], [`compose`] and [`render`].

mod convert;
mod error;
mod input;
pub mod json;
mod learned;
mod output;
pub mod parse;
mod sound;
#[cfg(test)]
mod tests;

pub use cantus_features as features;
pub use cantus_model as model;
pub use cantus_render as render;
pub use cantus_score as score;

pub use convert::{OutputFormat, convert, encode};
pub use error::Error;
pub use input::{Music, Piece, read};
pub use learned::{BEST, StyleCost, evaluate_model, model_or_default, open_model, scan};
pub use output::{numbered, write_file};
pub use sound::SoundOptions;
