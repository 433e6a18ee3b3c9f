//! What a tolerant reader returns: the sound, and each fault that it forgave.

use std::fmt;

/// Where in a file something stands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Place {
    /// A byte from the file's beginning.
    Byte(u64),
    /// A moment of the sound, in seconds from its beginning.
    Second(f64),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Byte(offset) => write!(f, "byte {offset}"),
            Self::Second(second) => write!(f, "second {second:.3}"),
        }
    }
}

/// One fault that a reader forgave.
#[derive(Debug, Clone, PartialEq)]
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
    /// The sound.
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

/// The faults forgiven so far.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    strictness: Strictness,
    warnings: Vec<Warning>,
}

impl Faults {
    pub(crate) fn new(strictness: Strictness) -> Self {
        Self { strictness, warnings: Vec::new() }
    }

    /// Takes note of a fault; gives it back where none is forgiven.
    pub(crate) fn forgive(&mut self, place: Place, message: impl Into<String>) -> Result<(), Warning> {
        let warning = Warning { place, message: message.into() };
        if self.strictness == Strictness::Strict {
            return Err(warning);
        }
        if self.warnings.len() < MOST_WARNINGS {
            self.warnings.push(warning);
        }
        Ok(())
    }

    pub(crate) fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    pub(crate) fn into_warnings(self) -> Vec<Warning> {
        self.warnings
    }
}
