//! Chords and tonal tension.

use super::{ANY, Descriptor, Level, Measure, Numbers, OWN};
use crate::{chords, tension};

/// The numbers of chords' kinds.
const KINDS: &str = "0 maj, 1 min, 2 dim, 3 aug, 4 sus2, 5 sus4, 6 7, 7 maj7, 8 min7, 9 dim7, 10 hdim7, 11 minmaj7, 12 maj6, \
                     13 min6";

/// The rows of this topic.
pub(super) const ROWS: &[Descriptor] = &[
    Descriptor {
        name: "chord_root",
        label: "root of the chord",
        unit: "pitch class",
        range: (0.0, 11.0),
        formula: "the root of the chord that fits the bar best: sounding time inside it less that outside it, less what it \
                  lacks, with weight on the bass",
        source: "template matching after Pardo and Birmingham 2002; weights chosen on labelled music",
        level: Level::Bar,
        measure: Measure::Number(|bar| Some(f64::from(chords::of_window(bar)?.root.get()))),
    },
    Descriptor {
        name: "chord_quality",
        label: "kind of the chord",
        unit: KINDS,
        range: (0.0, 13.0),
        formula: "the kind of the chord that fits the bar best",
        source: "as `chord_root`",
        level: Level::Bar,
        measure: Measure::Number(|bar| Some(f64::from(chords::of_window(bar)?.quality.number()))),
    },
    Descriptor {
        name: "chord_bass",
        label: "bass of the chord",
        unit: "pitch class",
        range: (0.0, 11.0),
        formula: "the note of the bar's chord that is the lowest for the longest time",
        source: OWN,
        level: Level::Bar,
        measure: Measure::Number(|bar| Some(f64::from(chords::of_window(bar)?.bass.get()))),
    },
    Descriptor {
        name: "tension",
        label: "tension",
        unit: "radii of the spiral array",
        range: (0.0, ANY),
        formula: "the distance between the centre of what sounds and the centre of the piece's key in the spiral array: \
                  tensile strain",
        source: "Herremans and Chew 2016; spiral array of Chew 2000",
        level: Level::PieceAndBar,
        measure: Measure::Number(tension::strain),
    },
    Descriptor {
        name: "cloud_diameter",
        label: "dissonance",
        unit: "radii of the spiral array",
        range: (0.0, ANY),
        formula: "the greatest distance between two pitch classes that sound, in the spiral array",
        source: "Herremans and Chew 2016",
        level: Level::PieceAndBar,
        measure: Measure::Number(tension::diameter),
    },
    Descriptor {
        name: "harmonic_change",
        label: "change of harmony",
        unit: "",
        range: (0.0, 6.0),
        formula: "the distance of the bar's tonal centroid from that of the bar before; of a piece, the mean of its bars",
        source: "Harte, Sandler and Gasser 2006",
        level: Level::PieceAndBar,
        measure: Measure::Number(tension::change),
    },
    Descriptor {
        name: "chord",
        label: "chord",
        unit: "pitch class; kind as in `chord_quality`; pitch class",
        range: (-1.0, 13.0),
        formula: "the likeliest course of chords through the beats (Viterbi), by how well each fits what sounds and against \
                  changes off the bar line; -1 where nothing sounds",
        source: "as `chord_root`",
        level: Level::Beat,
        measure: Measure::Rows(Numbers { parts: chords::PARTS, of: chords::table }),
    },
];
