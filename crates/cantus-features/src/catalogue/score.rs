//! Key, tempo, metre, texture and register.

use super::{ANY, Descriptor, Level, Measure, OWN};
use crate::{Window, key, texture};

/// The rows of this topic.
pub(super) const ROWS: &[Descriptor] = &[
    Descriptor {
        name: "key",
        label: "key",
        unit: "tonic's pitch class, plus 12 in minor",
        range: (0.0, 23.0),
        formula: "the key whose profile correlates best with the sounding time of each pitch class; of a piece, with the square \
                  roots of the times, with weight on the first two bars and the final chord",
        source: "Krumhansl 1990; profile of Albrecht and Shanahan 2013; weights chosen on labelled music",
        level: Level::PieceAndBar,
        measure: Measure::Number(|window| Some(key::number(estimate(window)?.key))),
    },
    Descriptor {
        name: "key_correlation",
        label: "certainty of the key",
        unit: "",
        range: (-1.0, 1.0),
        formula: "Pearson's correlation of the pitch classes (of a piece, of their square roots) with the profile of `key`",
        source: "Krumhansl 1990",
        level: Level::PieceAndBar,
        measure: Measure::Number(|window| Some(estimate(window)?.correlation)),
    },
    Descriptor {
        name: "key_margin",
        label: "lead of the key over the next",
        unit: "",
        range: (0.0, 2.3),
        formula: "what speaks for `key` less what speaks for the second-best key: their correlations, of a piece with the \
                  weight of beginning and end",
        source: OWN,
        level: Level::PieceAndBar,
        measure: Measure::Number(|window| Some(estimate(window)?.margin)),
    },
    Descriptor {
        name: "tempo",
        label: "tempo",
        unit: "quarters a minute",
        range: (0.0, ANY),
        formula: "quarter notes by seconds, times 60",
        source: OWN,
        level: Level::PieceAndBar,
        measure: Measure::Number(|window| window.tempo),
    },
    Descriptor {
        name: "meter_beats",
        label: "beats in a bar",
        unit: "beats",
        range: (1.0, 255.0),
        formula: "the upper number of the metre at the beginning, after a pickup",
        source: OWN,
        level: Level::PieceAndBar,
        measure: Measure::Number(|window| Some(f64::from(window.meter?.beats()))),
    },
    Descriptor {
        name: "meter_unit",
        label: "unit of the metre",
        unit: "parts of a whole note",
        range: (1.0, 128.0),
        formula: "the lower number of the metre at the beginning, after a pickup",
        source: OWN,
        level: Level::PieceAndBar,
        measure: Measure::Number(|window| Some(f64::from(window.meter?.unit()))),
    },
    Descriptor {
        name: "density",
        label: "density",
        unit: "notes a quarter",
        range: (0.0, ANY),
        formula: "notes that begin, drums included, by the length in quarter notes",
        source: OWN,
        level: Level::PieceAndBar,
        measure: Measure::Number(texture::density),
    },
    Descriptor {
        name: "polyphony",
        label: "notes at once",
        unit: "notes",
        range: (1.0, ANY),
        formula: "sounding time of all notes by the time in which any sounds, drums left out",
        source: OWN,
        level: Level::PieceAndBar,
        measure: Measure::Number(texture::polyphony),
    },
    Descriptor {
        name: "lowest",
        label: "lowest pitch",
        unit: "semitones (60 is middle C)",
        range: (0.0, 127.0),
        formula: "the lowest pitch that sounds, drums left out",
        source: OWN,
        level: Level::PieceAndBar,
        measure: Measure::Number(texture::lowest),
    },
    Descriptor {
        name: "highest",
        label: "highest pitch",
        unit: "semitones (60 is middle C)",
        range: (0.0, 127.0),
        formula: "the highest pitch that sounds, drums left out",
        source: OWN,
        level: Level::PieceAndBar,
        measure: Measure::Number(texture::highest),
    },
    Descriptor {
        name: "range",
        label: "range",
        unit: "semitones",
        range: (0.0, 127.0),
        formula: "`highest` less `lowest`",
        source: OWN,
        level: Level::PieceAndBar,
        measure: Measure::Number(texture::range),
    },
    Descriptor {
        name: "mean_pitch",
        label: "register",
        unit: "semitones (60 is middle C)",
        range: (0.0, 127.0),
        formula: "the mean of the pitches, each weighed by how long it sounds, drums left out",
        source: OWN,
        level: Level::PieceAndBar,
        measure: Measure::Number(texture::mean_pitch),
    },
    Descriptor {
        name: "pitch_spread",
        label: "spread of pitch",
        unit: "semitones",
        range: (0.0, 127.0),
        formula: "the standard deviation of the pitches about `mean_pitch`, each weighed by how long it sounds",
        source: OWN,
        level: Level::PieceAndBar,
        measure: Measure::Number(texture::pitch_spread),
    },
];

/// The key of a window in which anything sounds.
fn estimate(window: &Window) -> Option<key::KeyEstimate> {
    if !window.bars.is_empty() {
        return key::of_piece(&window.bars);
    }
    (!window.sounding.is_empty()).then(|| key::estimate(&key::pitch_classes(window)))
}
