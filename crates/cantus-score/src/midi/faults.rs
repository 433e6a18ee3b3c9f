//! Collects what the reader forgives.

use std::fmt;

use super::MidiError;
use crate::{MOST_WARNINGS, Place, Strictness, Warning};

/// The faults met so far; the first one is an error where the reader is strict.
pub(super) struct Faults {
    strictness: Strictness,
    kept: Vec<Warning>,
    more: usize,
}

impl Faults {
    pub(super) fn new(strictness: Strictness) -> Self {
        Self { strictness, kept: Vec::new(), more: 0 }
    }

    /// Notes a fault at a byte, in a track or outside; the text is made only where it is kept.
    pub(super) fn add(
        &mut self,
        offset: usize,
        track: Option<usize>,
        message: fmt::Arguments<'_>,
    ) -> Result<(), MidiError> {
        if self.kept.len() + 1 >= MOST_WARNINGS && self.strictness == Strictness::Tolerant {
            self.more += 1;
            return Ok(());
        }
        let warning = Warning { place: Place::Byte { offset, track }, message: message.to_string() };
        if self.strictness == Strictness::Strict {
            return Err(MidiError::Fault(warning));
        }
        self.kept.push(warning);
        Ok(())
    }

    /// The faults in the order in which they were met; the last says how many more there were.
    pub(super) fn finish(mut self, file_length: usize) -> Vec<Warning> {
        if self.more > 0 {
            let place = Place::Byte { offset: file_length, track: None };
            self.kept.push(Warning { place, message: format!("and {} more faults in this file", self.more) });
        }
        self.kept
    }
}
