//! A spine: what one `**` line begins.

use super::token::Sign;
use crate::sheet::{ChordSymbol, Clef, Grace, Spelled, Syllable, Transposition};
use crate::{Program, Velocity};

/// What a spine holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Kind {
    /// Notes.
    Notes,
    /// Syllables.
    Words,
    /// Dynamics.
    Dynamics,
    /// Chord symbols.
    Chords,
    /// What is passed over.
    #[default]
    Other,
}

impl Kind {
    /// The kind of a spine by its interpretation, such as `**kern`.
    pub(super) fn of(interpretation: &str) -> Self {
        match interpretation {
            "**kern" => Self::Notes,
            "**text" | "**silbe" | "**lyrics" => Self::Words,
            "**dynam" => Self::Dynamics,
            "**mxhm" => Self::Chords,
            _ => Self::Other,
        }
    }
}

/// A note, its times in grains.
#[derive(Debug, Clone)]
pub(super) struct SpineNote {
    pub(super) start: u64,
    pub(super) length: u64,
    pub(super) pitch: Spelled,
    pub(super) sub: u8,
    pub(super) grace: Option<Grace>,
    pub(super) leads: bool,
    pub(super) led_to: bool,
    pub(super) articulations: Vec<crate::sheet::Articulation>,
    pub(super) syllables: Vec<Syllable>,
    /// The line on which it stands.
    pub(super) line: usize,
}

impl SpineNote {
    pub(super) fn new(sign: Sign, pitch: Spelled, (start, length): (u64, u64), sub: u8, line: usize) -> Self {
        let Sign { grace, leads, led_to, articulations, .. } = sign;
        let syllables = Vec::new();
        Self { start, length, pitch, sub, grace, leads, led_to, articulations, syllables, line }
    }
}

/// What is known of a spine.
#[derive(Debug, Default)]
pub(super) struct Spine {
    pub(super) kind: Kind,
    /// The spine of notes to which words, dynamics and chord symbols belong.
    pub(super) of: Option<usize>,
    /// Which verse a spine of words is, from 1.
    pub(super) verse: u8,
    /// `*part1`
    pub(super) part: Option<u32>,
    /// `*staff1`
    pub(super) staff: Option<u32>,
    /// `*I"Violin`
    pub(super) name: String,
    /// `*Ivioln`
    pub(super) instrument: String,
    pub(super) program: Option<Program>,
    pub(super) class_program: Option<Program>,
    pub(super) transposition: Transposition,
    pub(super) clefs: Vec<(u64, Clef)>,
    pub(super) notes: Vec<SpineNote>,
    pub(super) dynamics: Vec<(u64, Velocity)>,
    pub(super) chords: Vec<(u64, ChordSymbol)>,
    /// The first note on the line that is being read: the line and the note's index.
    pub(super) on_line: (usize, usize),
}
