//! Chords as a model can be told of them: a root and one of six kinds.

use std::fmt;

use cantus_score::PitchClass;

/// What is built on a root.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Quality {
    /// Major triad.
    Major,
    /// Minor triad.
    Minor,
    /// Diminished triad, or with its diminished or minor seventh.
    Diminished,
    /// Major triad with a minor seventh.
    Dominant,
    /// Major triad with a major seventh.
    MajorSeventh,
    /// Minor triad with a minor seventh.
    MinorSeventh,
}

impl Quality {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 6] =
        [Self::Major, Self::Minor, Self::Diminished, Self::Dominant, Self::MajorSeventh, Self::MinorSeventh];

    /// Its number.
    pub const fn index(self) -> usize {
        self as usize
    }

    /// As it is written behind a root.
    pub const fn name(self) -> &'static str {
        ["", "m", "dim", "7", "maj7", "m7"][self as usize]
    }

    /// The notes of the chord, in semitones above its root.
    pub const fn tones(self) -> &'static [usize] {
        match self {
            Self::Major => &[0, 4, 7],
            Self::Minor => &[0, 3, 7],
            Self::Diminished => &[0, 3, 6],
            Self::Dominant => &[0, 4, 7, 10],
            Self::MajorSeventh => &[0, 4, 7, 11],
            Self::MinorSeventh => &[0, 3, 7, 10],
        }
    }
}

/// A chord.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Chord {
    /// The pitch class on which it is built.
    pub root: PitchClass,
    /// What is built on it.
    pub quality: Quality,
}

impl Chord {
    /// The chord so many semitones higher.
    #[must_use]
    pub fn transposed(self, semitones: i32) -> Self {
        Self { root: self.root.transposed(semitones), ..self }
    }
}

/// As `F#m7`.
impl fmt::Display for Chord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.root, self.quality.name())
    }
}

/// The least likeness, as a cosine, of what sounds and a chord: less is no chord.
const LIKENESS: f64 = 0.7;

/// The chord that is likest to pitch classes by weight (the greatest cosine); of equals the one that is named first, by
/// kind and then by root above the heaviest pitch class, so that transposed music has transposed chords.
pub(super) fn of(weights: &[u64; 12]) -> Option<Chord> {
    let heaviest = (0..12).reduce(|best, class| if weights[class] > weights[best] { class } else { best })?;
    let square: u64 = weights.iter().map(|weight| weight * weight).sum();
    let mut best: Option<(f64, Chord)> = None;
    for quality in Quality::ALL {
        for above in 0..12 {
            let root = (heaviest + above) % 12;
            let tones = quality.tones();
            let inside: u64 = tones.iter().map(|tone| weights[(root + tone) % 12]).sum();
            // Seventh chords have more notes to be like by chance.
            let likeness = inside as f64 / (tones.len() as f64 * square as f64).sqrt();
            let chord = Chord { root: PitchClass::saturating(root as i64), quality };
            if weights[root] > 0 && likeness >= LIKENESS && best.is_none_or(|(most, _)| likeness > most) {
                best = Some((likeness, chord));
            }
        }
    }
    best.map(|(_, chord)| chord)
}
