//! Sound and performance of scores, and pictures.

pub mod bank;
pub mod drawing;
pub mod mix;
pub mod performance;
pub mod plot;
pub mod roll;
pub mod synth;
