//! When notes begin.

use super::{ANY, Descriptor, Level, Measure, Numbers, OWN};
use crate::rhythm;

/// The rows of this topic.
pub(super) const ROWS: &[Descriptor] = &[
    Descriptor {
        name: "onset_rate",
        label: "moments at which notes begin",
        unit: "onsets a quarter",
        range: (0.0, ANY),
        formula: "moments at which notes begin, each counted once, drums included, by the length in quarter notes",
        source: OWN,
        level: Level::PieceAndBar,
        measure: Measure::Number(rhythm::rate),
    },
    Descriptor {
        name: "on_beat",
        label: "onsets on the beat",
        unit: "share",
        range: (0.0, 1.0),
        formula: "moments on a felt beat of the metre (to the nearest twelfth of a quarter note) by all moments at which \
                  notes begin",
        source: OWN,
        level: Level::PieceAndBar,
        measure: Measure::Number(rhythm::on_beat),
    },
    Descriptor {
        name: "syncopation",
        label: "syncopation",
        unit: "levels of the metre",
        range: (0.0, ANY),
        formula: "for each onset on the grid of sixteenths, by how many levels of the metre the strongest place before the \
                  next onset lies above its own, summed over a bar; of a piece, the mean of its bars",
        source: "Longuet-Higgins and Lee 1984, as summed by Fitch and Rosenfeld 2007",
        level: Level::PieceAndBar,
        measure: Measure::Number(rhythm::syncopation),
    },
    Descriptor {
        name: "swing",
        label: "swing",
        unit: "ratio",
        range: (0.25, 4.5),
        formula: "in quarter notes that two onsets divide, the first on the beat and the second 0.4 to 0.8 later, the \
                  first part by the second; the mean",
        source: "Friberg and Sundström 2002",
        level: Level::PieceAndBar,
        measure: Measure::Number(rhythm::swing),
    },
    Descriptor {
        name: "onset_profile",
        label: "onsets in the quarter note",
        unit: "share",
        range: (0.0, 1.0),
        formula: "the share of the moments at which notes begin that lies on each twelfth of the quarter notes, counted \
                  from the bar line",
        source: OWN,
        level: Level::PieceAndBar,
        measure: Measure::Numbers(Numbers { parts: rhythm::TWELFTHS, of: rhythm::profile }),
    },
];
