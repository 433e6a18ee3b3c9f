//! Bars, and the signs that say which one is played next.

use crate::{Key, Meter, Ticks};

/// One bar of all parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bar {
    /// Where it begins, in written time: the sum of the lengths before it.
    pub start: Ticks,
    /// How long it is. A pickup, and a bar that a repeat sign divides, are shorter than their metre.
    pub length: Ticks,
    /// Its printed number, such as `12` or `12a`; empty where none is printed.
    pub number: String,
    /// The metre, where it is written new.
    pub meter: Option<Meter>,
    /// The key, where it is written new.
    pub key: Option<Key>,
    /// What repeats here.
    pub repeats: Repeats,
}

impl Bar {
    /// A plain bar.
    pub fn new(start: Ticks, length: Ticks) -> Self {
        Self { start, length, number: String::new(), meter: None, key: None, repeats: Repeats::default() }
    }

    /// Where it ends.
    pub fn end(&self) -> Ticks {
        self.start.saturating_add(self.length)
    }
}

/// The signs of repetition at one bar.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Repeats {
    /// A repeated part begins with this bar.
    pub begins: bool,
    /// A repeated part ends with this bar and is played so many times in all.
    pub ends: Option<u8>,
    /// The passes on which this bar is played, sorted, where it lies under a bracket (first and second endings);
    /// empty: on every pass.
    pub endings: Vec<u8>,
    /// Signs and words.
    pub jumps: Vec<Jump>,
}

/// A sign or words that lead somewhere else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Jump {
    /// The sign stands at the beginning of the bar.
    Segno,
    /// The coda begins with this bar.
    Coda,
    /// After this bar, once a jump back was made, go to the coda.
    ToCoda,
    /// After this bar, once a jump back was made, the piece is over.
    Fine,
    /// After this bar go back to the beginning.
    DaCapo,
    /// After this bar go back to the sign.
    DalSegno,
}
