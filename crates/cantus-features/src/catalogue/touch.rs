//! How notes are struck and held.

use super::{Descriptor, Level, Measure, OWN};
use crate::touch;

/// The rows of this topic.
pub(super) const ROWS: &[Descriptor] = &[
    Descriptor {
        name: "velocity",
        label: "loudness of the notes",
        unit: "MIDI velocity",
        range: (1.0, 127.0),
        formula: "the mean velocity of the notes that begin, drums included; none where no velocity is known",
        source: OWN,
        level: Level::PieceAndBar,
        measure: Measure::Number(touch::velocity),
    },
    Descriptor {
        name: "velocity_spread",
        label: "spread of loudness",
        unit: "MIDI velocity",
        range: (0.0, 63.0),
        formula: "the standard deviation of the velocities of the notes that begin",
        source: OWN,
        level: Level::PieceAndBar,
        measure: Measure::Number(touch::velocity_spread),
    },
    Descriptor {
        name: "articulation",
        label: "articulation",
        unit: "share of the time to the next note",
        range: (0.0, 2.0),
        formula: "a note's length by the time to the next onset of its track, 2 at most: 1 is legato, 0.5 staccato; the \
                  mean, without drums and without notes before a rest of a quarter note or more",
        source: "duration ratio of Bresin and Battel 2000",
        level: Level::PieceAndBar,
        measure: Measure::Number(touch::articulation),
    },
];
