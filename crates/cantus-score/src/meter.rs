//! Metre and key as they are written in a score.

use std::fmt;

use crate::{Pitch, PitchClass, RangeError, Resolution, Ticks};

/// A metre such as 6/8.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Meter {
    beats: u8,
    unit: u8,
}

impl Meter {
    /// Common time.
    pub const FOUR_FOUR: Self = Self { beats: 4, unit: 4 };

    /// Takes the upper and the lower number; the lower is a power of two from 1 to 128.
    pub const fn new(beats: i64, unit: i64) -> Result<Self, RangeError> {
        if beats < 1 || beats > 255 {
            return Err(RangeError { what: "the upper number of a metre", min: 1, max: 255, value: beats });
        }
        if unit < 1 || unit > 128 || !(unit as u64).is_power_of_two() {
            return Err(RangeError {
                what: "the lower number of a metre (a power of two)",
                min: 1,
                max: 128,
                value: unit,
            });
        }
        Ok(Self { beats: beats as u8, unit: unit as u8 })
    }

    /// The upper number.
    pub const fn beats(self) -> u8 {
        self.beats
    }

    /// The lower number: 4 is a quarter note.
    pub const fn unit(self) -> u8 {
        self.unit
    }

    /// The length of a bar, at least one tick.
    pub const fn bar(self, resolution: Resolution) -> Ticks {
        let ticks = resolution.ticks_per_quarter() * 4 * self.beats as u32 / self.unit as u32;
        Ticks(if ticks == 0 { 1 } else { ticks })
    }

    /// The length of one felt beat: a dotted note in compound metres (6/8, 9/8, 12/8 …), else the lower number's note.
    pub const fn beat(self, resolution: Resolution) -> Ticks {
        let unit = resolution.ticks_per_quarter() * 4 / self.unit as u32;
        let compound = self.unit >= 8 && self.beats > 3 && self.beats.is_multiple_of(3);
        let ticks = if compound { unit * 3 } else { unit };
        Ticks(if ticks == 0 { 1 } else { ticks })
    }
}

impl fmt::Display for Meter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.beats, self.unit)
    }
}

/// Major or minor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mode {
    /// The major mode.
    Major,
    /// The minor mode.
    Minor,
}

/// A key with its spelling: the sharps (positive) or flats (negative) of its signature, and its mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key {
    fifths: i8,
    mode: Mode,
}

impl Key {
    /// C major.
    pub const C_MAJOR: Self = Self { fifths: 0, mode: Mode::Major };

    /// Takes the signature, from seven flats (-7) to seven sharps (7), and the mode.
    pub const fn new(fifths: i64, mode: Mode) -> Result<Self, RangeError> {
        if fifths < -7 || fifths > 7 {
            return Err(RangeError { what: "a key signature (sharps)", min: -7, max: 7, value: fifths });
        }
        Ok(Self { fifths: fifths as i8, mode })
    }

    /// The key on a pitch class, in the spelling with the fewer accidentals (six flats rather than six sharps).
    pub fn of_tonic(tonic: PitchClass, mode: Mode) -> Self {
        let offset = if mode == Mode::Minor { 3 } else { 0 };
        let circle = (i32::from(tonic.get()) * 7 - offset).rem_euclid(12);
        let fifths = if circle > 5 { circle - 12 } else { circle };
        Self { fifths: fifths as i8, mode }
    }

    /// Sharps of the signature; flats are negative.
    pub const fn fifths(self) -> i8 {
        self.fifths
    }

    /// Major or minor.
    pub const fn mode(self) -> Mode {
        self.mode
    }

    /// The pitch class of the tonic.
    pub fn tonic(self) -> PitchClass {
        let offset = if self.mode == Mode::Minor { 3 } else { 0 };
        Pitch::saturating(60).class().transposed((i32::from(self.fifths) + offset) * 7)
    }

    /// The key so many semitones higher, in the spelling with the fewer accidentals.
    #[must_use]
    pub fn transposed(self, semitones: i32) -> Self {
        if semitones.rem_euclid(12) == 0 {
            return self;
        }
        Self::of_tonic(self.tonic().transposed(semitones), self.mode)
    }

    /// Whether a pitch class belongs to the key's scale; in minor both sixths and both sevenths do.
    pub fn contains(self, class: PitchClass) -> bool {
        let degree = (12 + class.get() - self.tonic().get()) % 12;
        match self.mode {
            Mode::Major => [0, 2, 4, 5, 7, 9, 11].contains(&degree),
            Mode::Minor => [0, 2, 3, 5, 7, 8, 9, 10, 11].contains(&degree),
        }
    }

    /// The name of the tonic as it is spelled, such as `F#`.
    fn tonic_name(self) -> &'static str {
        const NAMES: [&str; 18] = [
            "Fb", "Cb", "Gb", "Db", "Ab", "Eb", "Bb", "F", "C", "G", "D", "A", "E", "B", "F#", "C#", "G#",
            "D#",
        ];
        let offset = if self.mode == Mode::Minor { 3 } else { 0 };
        NAMES.get((i32::from(self.fifths) + offset + 8) as usize).copied().unwrap_or("A#")
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mode = match self.mode {
            Mode::Major => "major",
            Mode::Minor => "minor",
        };
        write!(f, "{} {mode}", self.tonic_name())
    }
}
