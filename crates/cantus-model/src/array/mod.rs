//! The array engine: a stacked recurrent network on numbers of one's own, `[pieces, time, features]`.
//!
//! [`Lessons`] are an array, checked, described by a [`Scale`] and divided; the [`Network`] reads a frame a step and
//! tells the next one (or, for comparison, the same one); [`Training`] takes the steps; a [`Model`] is one file; and a
//! [`Composer`] plays new frames, one after the other.

mod clips;
mod composer;
mod error;
pub mod gan;
mod lessons;
mod measure;
mod model;
mod network;
mod recipe;
mod scale;
mod source;
mod task;
#[cfg(test)]
mod tests;
mod training;

pub use clips::{Clip, ClipArray, Clips, Telling, Told};
pub use composer::{Composer, Wish};
pub use error::ArrayError;
pub use lessons::Lessons;
pub use measure::{Evaluation, evaluate};
pub use model::{Model, VERSION};
pub use network::{Network, Shape};
pub use recipe::{Division, Recipe, Target, Values};
pub use scale::{Feature, Kind, Scale};
pub use source::{Source, open};
pub use task::{ArrayTask, Music};
pub use training::Training;
