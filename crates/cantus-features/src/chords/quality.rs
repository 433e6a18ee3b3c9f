//! What can be built on a root.

/// A kind of chord.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Quality {
    /// Major triad.
    Major,
    /// Minor triad.
    Minor,
    /// Diminished triad.
    Diminished,
    /// Augmented triad.
    Augmented,
    /// Second and fifth.
    Second,
    /// Fourth and fifth.
    Fourth,
    /// Dominant seventh.
    Seventh,
    /// Major seventh.
    MajorSeventh,
    /// Minor seventh.
    MinorSeventh,
    /// Diminished seventh.
    DiminishedSeventh,
    /// Half-diminished seventh.
    HalfDiminished,
    /// Minor triad with a major seventh.
    MinorMajorSeventh,
    /// Major triad with a sixth.
    MajorSixth,
    /// Minor triad with a sixth.
    MinorSixth,
}

impl Quality {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 14] = [
        Self::Major,
        Self::Minor,
        Self::Diminished,
        Self::Augmented,
        Self::Second,
        Self::Fourth,
        Self::Seventh,
        Self::MajorSeventh,
        Self::MinorSeventh,
        Self::DiminishedSeventh,
        Self::HalfDiminished,
        Self::MinorMajorSeventh,
        Self::MajorSixth,
        Self::MinorSixth,
    ];

    /// Its number in tables, from 0.
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// Its name in the syntax of Harte and others 2005.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Major => "maj",
            Self::Minor => "min",
            Self::Diminished => "dim",
            Self::Augmented => "aug",
            Self::Second => "sus2",
            Self::Fourth => "sus4",
            Self::Seventh => "7",
            Self::MajorSeventh => "maj7",
            Self::MinorSeventh => "min7",
            Self::DiminishedSeventh => "dim7",
            Self::HalfDiminished => "hdim7",
            Self::MinorMajorSeventh => "minmaj7",
            Self::MajorSixth => "maj6",
            Self::MinorSixth => "min6",
        }
    }

    /// The semitones of its notes above the root, the root first.
    pub const fn intervals(self) -> &'static [usize] {
        match self {
            Self::Major => &[0, 4, 7],
            Self::Minor => &[0, 3, 7],
            Self::Diminished => &[0, 3, 6],
            Self::Augmented => &[0, 4, 8],
            Self::Second => &[0, 2, 7],
            Self::Fourth => &[0, 5, 7],
            Self::Seventh => &[0, 4, 7, 10],
            Self::MajorSeventh => &[0, 4, 7, 11],
            Self::MinorSeventh => &[0, 3, 7, 10],
            Self::DiminishedSeventh => &[0, 3, 6, 9],
            Self::HalfDiminished => &[0, 3, 6, 10],
            Self::MinorMajorSeventh => &[0, 3, 7, 11],
            Self::MajorSixth => &[0, 4, 7, 9],
            Self::MinorSixth => &[0, 3, 7, 9],
        }
    }
}
