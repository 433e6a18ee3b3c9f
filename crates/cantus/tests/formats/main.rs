//! Laws: music that goes into a format comes back with pitch, beginning, length, parts, metre, key and tempo, to the
//! format's own resolution.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

mod generated;
mod real;
mod told;
