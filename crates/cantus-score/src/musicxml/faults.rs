//! Collects what the reader forgives.

use std::fmt;

use super::MusicXmlError;
use crate::{MOST_WARNINGS, Place, Strictness, Warning};

/// The faults met so far; the first one is an error where the reader is strict.
pub(super) struct Faults<'a> {
    strictness: Strictness,
    text: &'a str,
    kept: Vec<Warning>,
    more: usize,
    /// The last place that was looked up (byte, line, column): the next is counted from there.
    last: (usize, usize, usize),
}

impl<'a> Faults<'a> {
    pub(super) fn new(text: &'a str, strictness: Strictness) -> Self {
        Self { strictness, text, kept: Vec::new(), more: 0, last: (0, 1, 1) }
    }

    /// Notes a fault at a byte of the text; its words are made only where they are kept.
    pub(super) fn add(&mut self, offset: usize, message: fmt::Arguments<'_>) -> Result<(), MusicXmlError> {
        if self.kept.len() + 1 >= MOST_WARNINGS && self.strictness == Strictness::Tolerant {
            self.more += 1;
            return Ok(());
        }
        let warning = Warning { place: self.place(offset), message: message.to_string() };
        if self.strictness == Strictness::Strict {
            return Err(MusicXmlError::Fault(warning));
        }
        self.kept.push(warning);
        Ok(())
    }

    fn place(&mut self, offset: usize) -> Place {
        let (from, mut line, mut column) = if offset < self.last.0 { (0, 1, 1) } else { self.last };
        for char in self.text.get(from..offset).unwrap_or_default().chars() {
            (line, column) = if char == '\n' { (line + 1, 1) } else { (line, column + 1) };
        }
        self.last = (offset, line, column);
        Place::Line { line, column }
    }

    /// The faults in the order in which they were met; the last says how many more there were.
    pub(super) fn finish(mut self) -> Vec<Warning> {
        if self.more > 0 {
            let place = self.place(self.text.len());
            self.kept.push(Warning { place, message: format!("and {} more faults in this file", self.more) });
        }
        self.kept
    }
}
