//! The metrics of `MuseGAN`.

use super::{Descriptor, Level, Measure};
use crate::published::musegan;

const SOURCE: &str = "MuseGAN, Dong and others 2018";

/// The rows of this topic.
pub(super) const ROWS: &[Descriptor] = &[
    Descriptor {
        name: "musegan_eb",
        label: "empty bars (MuseGAN)",
        unit: "share",
        range: (0.0, 1.0),
        formula: "EB: the share of bars in which a track is silent, the mean of all tracks",
        source: SOURCE,
        level: Level::Piece,
        measure: Measure::Number(musegan::empty_bars),
    },
    Descriptor {
        name: "musegan_upc",
        label: "pitch classes in a bar (MuseGAN)",
        unit: "pitch classes",
        range: (0.0, 12.0),
        formula: "UPC: pitch classes that a track uses in a bar, the mean of all bars and of the tracks that are not drums",
        source: SOURCE,
        level: Level::Piece,
        measure: Measure::Number(musegan::used_pitch_classes),
    },
    Descriptor {
        name: "musegan_qn",
        label: "notes that are not fragments (MuseGAN)",
        unit: "share",
        range: (0.0, 1.0),
        formula: "QN: the share of notes no shorter than three time steps of 24 in a quarter note (a 32nd note), drums left out",
        source: SOURCE,
        level: Level::Piece,
        measure: Measure::Number(musegan::qualified_notes),
    },
    Descriptor {
        name: "musegan_dp",
        label: "drums on sixteenths (MuseGAN)",
        unit: "share",
        range: (0.0, 1.0),
        formula: "DP: the share of drum notes on the 8 or 16 beats of bars of 4/4, to the nearest of 24 steps in a quarter note",
        source: SOURCE,
        level: Level::Piece,
        measure: Measure::Number(musegan::drum_pattern),
    },
    Descriptor {
        name: "musegan_td",
        label: "tonal distance of tracks (MuseGAN)",
        unit: "",
        range: (0.0, 6.0),
        formula: "TD: the distance of the tonal centroids of two tracks in a bar in which both sound, the mean of bars, then of pairs of tracks",
        source: SOURCE,
        level: Level::Piece,
        measure: Measure::Number(musegan::tonal_distance),
    },
];
