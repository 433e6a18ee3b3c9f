//! What is settled before a walk and what it asks.

use cantus_nn::Term;
use cantus_score::Key;

use super::Kind;
use crate::controls::Controls;
use crate::encoding::{MeterSpan, Part, Sliced, Steps};

/// What is asked for, each thing optional: the network has learnt to do without.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Conditions {
    /// Index of a style in the model's list.
    pub style: Option<u32>,
    /// The key of the piece.
    pub key: Option<Key>,
    /// Quarter notes a minute.
    pub tempo: Option<f64>,
    /// Notes a quarter, all parts together.
    pub density: Option<f64>,
    /// The time from the first whole bar to the last bar's end.
    pub length: Option<Steps>,
}

/// What is settled before the first note.
#[derive(Debug, Clone, PartialEq)]
pub struct Setup {
    /// The parts.
    pub parts: Vec<Part>,
    /// The metres; times count from the first whole bar.
    pub meters: Vec<MeterSpan>,
    /// Whether velocities are asked for.
    pub dynamics: bool,
    /// What is asked for.
    pub conditions: Conditions,
    /// What is asked of the piece and its bars.
    pub controls: Controls,
}

impl Setup {
    /// The setup of a piece that exists, under the conditions given.
    pub fn of_piece(piece: &Sliced, conditions: Conditions) -> Self {
        let from_whole_bar =
            |span: &MeterSpan| MeterSpan { from: span.from.saturating_sub(piece.pickup), ..*span };
        Self {
            parts: piece.parts.clone(),
            meters: piece.meters.iter().map(from_whole_bar).collect(),
            dynamics: piece.has_dynamics(),
            conditions,
            controls: Controls::default(),
        }
    }

    /// The same with controls.
    #[must_use]
    pub fn with_controls(self, controls: Controls) -> Self {
        Self { controls, ..self }
    }
}

/// A set of at most 192 classes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ClassSet(pub [u64; 3]);

impl ClassSet {
    /// All classes below a number.
    pub fn below(classes: u32) -> Self {
        let mut set = Self::default();
        for class in 0..classes {
            set.insert(class);
        }
        set
    }

    /// Adds a class.
    pub fn insert(&mut self, class: u32) {
        self.0[class as usize / 64] |= 1 << (class % 64);
    }

    /// Takes a class out.
    pub fn remove(&mut self, class: u32) {
        self.0[class as usize / 64] &= !(1 << (class % 64));
    }

    /// Whether a class is in the set.
    pub const fn contains(self, class: u32) -> bool {
        self.0[class as usize / 64] >> (class % 64) & 1 == 1
    }

    /// How many classes the set has.
    pub fn len(self) -> usize {
        self.0.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// Whether the set has no class.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }
}

/// What is asked next, and all that bears on it.
#[derive(Debug, Clone, Default)]
pub struct Question {
    /// What is asked for.
    pub kind: Kind,
    /// Index of the part that is asked about, for questions about notes.
    pub part: usize,
    /// Rows of the kind's embedding table.
    pub items: Vec<u32>,
    /// How the head's raw outputs add up to the logits of the classes.
    pub terms: Vec<Term>,
    /// The classes that are possible at all.
    pub allowed: ClassSet,
}
