//! Sound, performance and pictures of scores.

pub mod roll;
