//! What notation calls things, for reader and writer.

use crate::sheet::{Articulation, Clef, Spelled, Step};

/// Articulations by element, within `<articulations>`, `<ornaments>` or directly in `<notations>`. The first of each
/// is the one that is written.
const ARTICULATIONS: [(&str, Articulation); 19] = [
    ("staccato", Articulation::Staccato),
    ("staccatissimo", Articulation::Staccatissimo),
    ("spiccato", Articulation::Staccatissimo),
    ("tenuto", Articulation::Tenuto),
    ("detached-legato", Articulation::Tenuto),
    ("accent", Articulation::Accent),
    ("strong-accent", Articulation::Marcato),
    ("fermata", Articulation::Fermata),
    ("trill-mark", Articulation::Trill),
    ("shake", Articulation::Trill),
    ("inverted-mordent", Articulation::Mordent),
    ("mordent", Articulation::Mordent),
    ("turn", Articulation::Turn),
    ("inverted-turn", Articulation::Turn),
    ("delayed-turn", Articulation::Turn),
    ("delayed-inverted-turn", Articulation::Turn),
    ("inverted-vertical-turn", Articulation::Turn),
    ("vertical-turn", Articulation::Turn),
    ("arpeggiate", Articulation::Arpeggio),
];

/// The articulation that an element stands for.
pub(super) fn articulation(name: &str) -> Option<Articulation> {
    ARTICULATIONS.iter().find(|known| known.0 == name).map(|known| known.1)
}

/// The element of an articulation.
pub(super) fn element_of(articulation: Articulation) -> &'static str {
    ARTICULATIONS.iter().find(|known| known.1 == articulation).map_or("accent", |known| known.0)
}

/// The clef of a sign, a line and octaves; the nearest one that there is.
pub(super) fn clef(sign: &str, line: i64, octaves: i64) -> Option<Clef> {
    Some(match (sign, line) {
        ("G", _) if octaves < 0 => Clef::TenorVoice,
        ("G" | "TAB", _) => Clef::Treble,
        ("C", ..=1) => Clef::Soprano,
        ("C", 2 | 3) => Clef::Alto,
        ("C", _) => Clef::Tenor,
        ("F", _) => Clef::Bass,
        ("percussion", _) => Clef::Percussion,
        _ => return None,
    })
}

/// Sign, line and octaves of a clef.
pub(super) fn clef_sign(clef: Clef) -> (&'static str, u8, i8) {
    match clef {
        Clef::Treble => ("G", 2, 0),
        Clef::TenorVoice => ("G", 2, -1),
        Clef::Alto => ("C", 3, 0),
        Clef::Tenor => ("C", 4, 0),
        Clef::Soprano => ("C", 1, 0),
        Clef::Bass => ("F", 4, 0),
        Clef::Percussion => ("percussion", 2, 0),
    }
}

/// A key of the drum kit, spelled.
pub(super) fn drum(key: u8) -> Spelled {
    let (step, alter) = [
        (Step::C, 0),
        (Step::C, 1),
        (Step::D, 0),
        (Step::E, -1),
        (Step::E, 0),
        (Step::F, 0),
        (Step::F, 1),
        (Step::G, 0),
        (Step::A, -1),
        (Step::A, 0),
        (Step::B, -1),
        (Step::B, 0),
    ][usize::from(key % 12)];
    Spelled::new(step, alter, (key.min(127) / 12) as i8 - 1)
}

/// Words in the names of drums, each with its key of General MIDI; what stands first counts first.
const DRUMS: [(&str, u8); 28] = [
    ("bass drum", 36),
    ("kick", 36),
    ("grosse caisse", 36),
    ("gran cassa", 36),
    ("side stick", 37),
    ("rim", 37),
    ("snare", 38),
    ("side drum", 38),
    ("clap", 39),
    ("low floor tom", 41),
    ("floor tom", 43),
    ("pedal hi-hat", 44),
    ("closed hi-hat", 42),
    ("open hi-hat", 46),
    ("hi-hat", 42),
    ("low tom", 45),
    ("high tom", 50),
    ("tom", 47),
    ("ride bell", 53),
    ("ride", 51),
    ("crash", 49),
    ("cymbal", 49),
    ("tambourine", 54),
    ("cowbell", 56),
    ("triangle", 81),
    ("wood block", 76),
    ("woodblock", 76),
    ("gong", 52),
];

/// The drum that a name tells of.
pub(super) fn drum_named(name: &str) -> Option<u8> {
    let name = name.to_lowercase();
    DRUMS.iter().find(|drum| name.contains(drum.0)).map(|drum| drum.1)
}

/// The drum that usually stands on a place of the staff of a drum kit, counted in steps from the C of octave 0.
pub(super) fn drum_at(step: Step, octave: i64) -> u8 {
    match octave * 7 + step as i64 {
        ..=29 => 44,
        30 => 35,
        31 => 36,
        32 => 41,
        33 => 43,
        34 => 45,
        35 | 36 => 38,
        37 => 47,
        38 => 51,
        39 => 42,
        40 => 49,
        _ => 55,
    }
}

/// Where a drum stands on the staff, as it is written.
pub(super) fn place_of(drum: u8) -> (Step, i8) {
    match drum {
        35 | 36 => (Step::F, 4),
        41 => (Step::G, 4),
        43 => (Step::A, 4),
        45 | 47 => (Step::B, 4),
        48 => (Step::D, 5),
        50 => (Step::E, 5),
        51 | 53 | 59 => (Step::F, 5),
        42 | 46 => (Step::G, 5),
        49 | 52 | 55 | 57 => (Step::A, 5),
        44 => (Step::D, 4),
        _ => (Step::C, 5),
    }
}
