//! What a tolerant reader returns: the music, and each fault that it forgave.

use std::fmt;

/// Where in a file something stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// A byte from the file's beginning, and the track (from 0) where it lies in one.
    Byte {
        /// The byte's offset.
        offset: usize,
        /// The track that holds it.
        track: Option<usize>,
    },
    /// A line and a column, both from 1.
    Line {
        /// The line.
        line: usize,
        /// The column in characters.
        column: usize,
    },
    /// A bar, from 1, counted as they are written.
    Bar(usize),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Byte { offset, track: Some(track) } => write!(f, "track {}, byte {offset}", track + 1),
            Self::Byte { offset, track: None } => write!(f, "byte {offset}"),
            Self::Line { line, column } => write!(f, "line {line}, column {column}"),
            Self::Bar(bar) => write!(f, "bar {bar}"),
        }
    }
}

/// One fault that a reader forgave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// Where it stands.
    pub place: Place,
    /// What was wrong and what was done instead, in a musician's words.
    pub message: String,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.message)
    }
}

/// How many warnings a reader keeps; a file that is noise from end to end would fill memory with more.
pub const MOST_WARNINGS: usize = 100;

/// What a reader made of a file.
#[derive(Debug, Clone, PartialEq)]
pub struct Read<T> {
    /// The music.
    pub value: T,
    /// The faults forgiven, in the order of the file, at most [`MOST_WARNINGS`].
    pub warnings: Vec<Warning>,
}

/// Whether faults are forgiven.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Strictness {
    /// Rescue what can be rescued and warn.
    #[default]
    Tolerant,
    /// Fail at the first fault.
    Strict,
}
