//! The one table of descriptors.

use cantus_score::{Mode, Score};

use crate::{Window, key, texture};

/// Where a descriptor makes sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Level {
    /// Of whole pieces only.
    Piece,
    /// Of whole pieces and of each bar.
    PieceAndBar,
}

/// One descriptor of music.
#[derive(Debug, Clone, Copy)]
pub struct Descriptor {
    /// Its name, as it stands in tables and on the command line.
    pub name: &'static str,
    /// Its unit; empty where it is a bare number.
    pub unit: &'static str,
    /// The least and the greatest value that it can take; infinite where nothing bounds it.
    pub range: (f64, f64),
    /// How it is computed, in one line.
    pub formula: &'static str,
    /// Where the definition is from.
    pub source: &'static str,
    /// Of what it can be measured.
    pub level: Level,
    measure: fn(&Window) -> Option<f64>,
}

impl Descriptor {
    /// Measures it on a window; none where the music says nothing about it (the range of a rest, the tempo of a score that
    /// states none).
    pub fn measure(&self, window: &Window) -> Option<f64> {
        (self.measure)(window)
    }
}

const OWN: &str = "defined here";
const ANY: f64 = f64::INFINITY;

/// All descriptors. Their order is part of a model's conditions: new ones go to the end.
pub const CATALOGUE: &[Descriptor] = &[
    Descriptor {
        name: "key",
        unit: "tonic's pitch class, plus 12 in minor",
        range: (0.0, 23.0),
        formula: "the key whose profile correlates best with the sounding time of each pitch class",
        source: "Krumhansl 1990; profile of Albrecht and Shanahan 2013",
        level: Level::PieceAndBar,
        measure: |window| {
            let key = estimate(window)?.key;
            Some(f64::from(key.tonic().get()) + if key.mode() == Mode::Minor { 12.0 } else { 0.0 })
        },
    },
    Descriptor {
        name: "key_correlation",
        unit: "",
        range: (-1.0, 1.0),
        formula: "Pearson's correlation of the pitch classes with the profile of `key`",
        source: "Krumhansl 1990",
        level: Level::PieceAndBar,
        measure: |window| Some(estimate(window)?.correlation),
    },
    Descriptor {
        name: "key_margin",
        unit: "",
        range: (0.0, 2.0),
        formula: "`key_correlation` less that of the second-best key",
        source: OWN,
        level: Level::PieceAndBar,
        measure: |window| Some(estimate(window)?.margin),
    },
    Descriptor {
        name: "tempo",
        unit: "quarters a minute",
        range: (0.0, ANY),
        formula: "quarter notes by seconds, times 60",
        source: OWN,
        level: Level::PieceAndBar,
        measure: |window| window.tempo,
    },
    Descriptor {
        name: "meter_beats",
        unit: "beats",
        range: (1.0, 255.0),
        formula: "the upper number of the metre at the beginning, after a pickup",
        source: OWN,
        level: Level::PieceAndBar,
        measure: |window| Some(f64::from(window.meter?.beats())),
    },
    Descriptor {
        name: "meter_unit",
        unit: "parts of a whole note",
        range: (1.0, 128.0),
        formula: "the lower number of the metre at the beginning, after a pickup",
        source: OWN,
        level: Level::PieceAndBar,
        measure: |window| Some(f64::from(window.meter?.unit())),
    },
    Descriptor {
        name: "density",
        unit: "notes a quarter",
        range: (0.0, ANY),
        formula: "notes that begin, drums included, by the length in quarter notes",
        source: OWN,
        level: Level::PieceAndBar,
        measure: texture::density,
    },
    Descriptor {
        name: "polyphony",
        unit: "notes",
        range: (1.0, ANY),
        formula: "sounding time of all notes by the time in which any sounds, drums left out",
        source: OWN,
        level: Level::PieceAndBar,
        measure: texture::polyphony,
    },
    Descriptor {
        name: "lowest",
        unit: "semitones (60 is middle C)",
        range: (0.0, 127.0),
        formula: "the lowest pitch that sounds, drums left out",
        source: OWN,
        level: Level::PieceAndBar,
        measure: texture::lowest,
    },
    Descriptor {
        name: "highest",
        unit: "semitones (60 is middle C)",
        range: (0.0, 127.0),
        formula: "the highest pitch that sounds, drums left out",
        source: OWN,
        level: Level::PieceAndBar,
        measure: texture::highest,
    },
    Descriptor {
        name: "range",
        unit: "semitones",
        range: (0.0, 127.0),
        formula: "`highest` less `lowest`",
        source: OWN,
        level: Level::PieceAndBar,
        measure: texture::range,
    },
];

/// The key of a window in which anything sounds.
fn estimate(window: &Window) -> Option<key::KeyEstimate> {
    (!window.sounding.is_empty()).then(|| key::estimate(&key::pitch_classes(window)))
}

/// The descriptor of a name.
pub fn find(name: &str) -> Option<&'static Descriptor> {
    CATALOGUE.iter().find(|descriptor| descriptor.name == name)
}

/// Measures every descriptor on a whole piece, in the order of [`CATALOGUE`].
pub fn of_piece(score: &Score) -> Vec<Option<f64>> {
    let window = Window::of_piece(score);
    CATALOGUE.iter().map(|descriptor| descriptor.measure(&window)).collect()
}

/// Measures every descriptor on every bar: one row a bar, in the order of [`CATALOGUE`]; none for those of whole pieces.
pub fn of_bars(score: &Score) -> Vec<Vec<Option<f64>>> {
    let row = |window: &Window| {
        let measured = |descriptor: &Descriptor| match descriptor.level {
            Level::Piece => None,
            Level::PieceAndBar => descriptor.measure(window),
        };
        CATALOGUE.iter().map(measured).collect()
    };
    Window::of_bars(score).iter().map(row).collect()
}
