//! Reading and writing MIDI files: by table, on damaged copies, and on collections where they are at hand.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "helpers of tests fail and skip like tests")]

#[path = "midi/collections.rs"]
mod collections;
#[path = "midi/damaged.rs"]
mod damaged;
#[path = "midi/fixtures.rs"]
mod fixtures;
#[path = "midi/table.rs"]
mod table;
