//! Decorations: signs at notes, dynamics, and words that lead somewhere else.

use crate::Velocity;
use crate::sheet::dynamics::velocity_of;
use crate::sheet::{Articulation, Jump};

/// What a decoration means, where a sheet can hold it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Decoration {
    /// A sign at the next note.
    Sign(Articulation),
    /// How hard notes are struck from here on.
    Dynamics(Velocity),
    /// A sign of repetition.
    Jump(Jump),
}

/// Names of signs; the first of each is the one that is written.
const SIGNS: [(&str, Articulation); 29] = [
    (".", Articulation::Staccato),
    ("staccato", Articulation::Staccato),
    ("wedge", Articulation::Staccatissimo),
    ("staccatissimo", Articulation::Staccatissimo),
    ("tenuto", Articulation::Tenuto),
    ("accent", Articulation::Accent),
    (">", Articulation::Accent),
    ("emphasis", Articulation::Accent),
    ("sf", Articulation::Accent),
    ("sfz", Articulation::Accent),
    ("sforzando", Articulation::Accent),
    ("marcato", Articulation::Marcato),
    ("^", Articulation::Marcato),
    ("fermata", Articulation::Fermata),
    ("invertedfermata", Articulation::Fermata),
    ("trill", Articulation::Trill),
    ("tr", Articulation::Trill),
    ("trill(", Articulation::Trill),
    ("uppermordent", Articulation::Mordent),
    ("pralltriller", Articulation::Mordent),
    ("mordent", Articulation::Mordent),
    ("lowermordent", Articulation::Mordent),
    ("turn", Articulation::Turn),
    ("roll", Articulation::Turn),
    ("turnx", Articulation::Turn),
    ("invertedturn", Articulation::Turn),
    ("invertedturnx", Articulation::Turn),
    ("arpeggio", Articulation::Arpeggio),
    ("~", Articulation::Turn),
];

/// Names of jumps; the first of each is the one that is written.
const JUMPS: [(&str, Jump); 12] = [
    ("segno", Jump::Segno),
    ("coda", Jump::Coda),
    ("dacoda", Jump::ToCoda),
    ("tocoda", Jump::ToCoda),
    ("fine", Jump::Fine),
    ("d.c.", Jump::DaCapo),
    ("dacapo", Jump::DaCapo),
    ("d.c.alfine", Jump::DaCapo),
    ("d.c.alcoda", Jump::DaCapo),
    ("d.s.", Jump::DalSegno),
    ("d.s.alfine", Jump::DalSegno),
    ("d.s.alcoda", Jump::DalSegno),
];

impl Decoration {
    /// The decoration of a name, such as `trill`; nothing for one that a sheet cannot hold.
    pub(super) fn named(name: &str) -> Option<Self> {
        if let Some(sign) = SIGNS.iter().find(|sign| sign.0 == name) {
            return Some(Self::Sign(sign.1));
        }
        if let Some(velocity) = velocity_of(name) {
            return Some(Self::Dynamics(velocity));
        }
        let lower = name.to_ascii_lowercase();
        JUMPS.iter().find(|jump| jump.0 == lower).map(|jump| Self::Jump(jump.1))
    }

    /// What a letter or sign stands for where no field `U:` says otherwise.
    pub(super) fn short(letter: char) -> Option<Self> {
        Some(match letter {
            '.' => Self::Sign(Articulation::Staccato),
            '~' => Self::Sign(Articulation::Turn),
            'H' => Self::Sign(Articulation::Fermata),
            'L' => Self::Sign(Articulation::Accent),
            'M' | 'P' => Self::Sign(Articulation::Mordent),
            'T' => Self::Sign(Articulation::Trill),
            'O' => Self::Jump(Jump::Coda),
            'S' => Self::Jump(Jump::Segno),
            _ => return None,
        })
    }
}

/// How a sign at a note is written.
pub(super) fn sign_name(sign: Articulation) -> &'static str {
    SIGNS.iter().find(|named| named.1 == sign).map_or("", |named| named.0)
}

/// How a jump is written.
pub(super) fn jump_name(jump: Jump) -> &'static str {
    match jump {
        Jump::DaCapo => "D.C.",
        Jump::DalSegno => "D.S.",
        other => JUMPS.iter().find(|named| named.1 == other).map_or("", |named| named.0),
    }
}

/// All signs, in their order.
const ALL: [Articulation; 10] = [
    Articulation::Staccato,
    Articulation::Staccatissimo,
    Articulation::Tenuto,
    Articulation::Accent,
    Articulation::Marcato,
    Articulation::Fermata,
    Articulation::Trill,
    Articulation::Mordent,
    Articulation::Turn,
    Articulation::Arpeggio,
];

/// A set of signs at a note.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct SignSet(u16);

impl SignSet {
    pub(super) fn add(&mut self, sign: Articulation) {
        self.0 |= 1 << sign as u16;
    }

    /// Those of both.
    pub(super) fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The signs, sorted.
    pub(super) fn list(self) -> Vec<Articulation> {
        if self.0 == 0 {
            return Vec::new();
        }
        ALL.into_iter().filter(|&sign| self.0 & (1 << sign as u16) != 0).collect()
    }
}
