//! Fixed works, timed: the numbers that may be held against other programs' on the same machine.
//!
//! Each work gives [`Report`]s, which print as the JSON lines that a comparison reads or as a line of text. Nothing
//! here asserts a time: a bench only tells.

mod adversaries;
mod decoding;
mod features;
mod midi;
mod networks;
mod reading;
mod report;
mod slices;

pub use adversaries::nn_d;
pub use decoding::decode;
pub use features::features;
pub use midi::{midi_encode, midi_read};
pub use networks::{nn_a, nn_b, nn_c};
pub use reading::{Reading, read};
pub use report::{Measured, Report, measure};
pub use slices::{notes, slices};

use cantus_nn::Path as Instructions;

use crate::error::{Error, Kind};

/// What a work runs on.
#[derive(Debug, Clone, Copy)]
pub struct Machine {
    /// How many threads share a training step; works of one thread take no notice.
    pub threads: usize,
    instructions: Instructions,
}

impl Machine {
    /// This machine, with the fastest instructions that it has.
    pub fn new(threads: usize) -> Self {
        Self { threads: threads.max(1), instructions: Instructions::best() }
    }

    /// The same machine limited to `avx512`, `avx2` or `portable` instructions. Fails if it has no such.
    pub fn limited_to(self, name: &str) -> Result<Self, Error> {
        let known = [Instructions::Avx512, Instructions::Avx2, Instructions::Portable];
        let asked = known.into_iter().find(|&path| name_of(path) == name);
        match asked {
            Some(instructions) if instructions.is_supported() => Ok(Self { instructions, ..self }),
            Some(_) => {
                let message = format!("this machine has no {name} instructions");
                Err(Error::new(Kind::Request, message).with_hint("portable instructions run everywhere"))
            }
            None => {
                let message = format!("instructions are avx512, avx2 or portable, but were {name}");
                Err(Error::new(Kind::Request, message))
            }
        }
    }

    /// The instructions in use, by name.
    pub fn instructions(&self) -> &'static str {
        name_of(self.instructions)
    }
}

fn name_of(path: Instructions) -> &'static str {
    match path {
        Instructions::Avx512 => "avx512",
        Instructions::Avx2 => "avx2",
        Instructions::Portable => "portable",
    }
}
