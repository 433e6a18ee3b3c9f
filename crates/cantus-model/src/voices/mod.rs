//! Pieces of four voices on a grid of sixteenths, as benchmarks have them.
//!
//! The network of slices must tell how long a note is when it begins. Where a note struck again cannot be told from one that
//! is held, as on a grid of what sounds, that takes knowing the harmony to come. Here each voice is asked anew whether it holds
//! whenever something changes.

mod choir;
mod markov;
mod measure;
mod model;
mod network;
mod past;
mod piece;
mod questions;
mod recipe;
mod task;
#[cfg(test)]
mod tests;
mod training;

pub use choir::{Choir, Ear, Manner, Song, SongQuestion};
pub use markov::Markov;
pub use measure::{Evaluation, Expected, PieceCost};
pub use model::Model;
pub use piece::{Frame, NotVoices, VOICES, VoicedPiece};
pub use questions::CLASSES;
pub use recipe::Recipe;
pub use task::{VoicesTask, read_splits};
