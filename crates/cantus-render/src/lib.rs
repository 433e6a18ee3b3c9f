//! Sound, performance and pictures of scores.

pub mod performance;
pub mod roll;
