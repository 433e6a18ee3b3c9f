//! Sound, performance and pictures of scores.

pub mod bank;
pub mod matrix;
pub mod mix;
pub mod performance;
pub mod roll;
pub mod synth;
