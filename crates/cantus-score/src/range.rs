//! Numbers that MIDI and notation bound, each a type with one fallible door.

use std::fmt;

/// A number fell outside the range that its type allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{what} must be between {min} and {max}, but was {value}")]
pub struct RangeError {
    /// What the number means, as a musician would say it: "a pitch".
    pub what: &'static str,
    /// The smallest number allowed.
    pub min: i64,
    /// The largest number allowed.
    pub max: i64,
    /// The number given.
    pub value: i64,
}

/// Defines an integer type that holds only `min..=max`.
macro_rules! ranged {
    ($(#[$doc:meta])* $name:ident($int:ty), $what:literal, $min:literal..=$max:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name($int);

        impl $name {
            /// The smallest value.
            pub const MIN: Self = Self($min);
            /// The largest value.
            pub const MAX: Self = Self($max);

            /// Takes a number; fails outside the type's range.
            pub const fn new(value: i64) -> Result<Self, RangeError> {
                if value < $min || value > $max {
                    return Err(RangeError { what: $what, min: $min, max: $max, value });
                }
                Ok(Self(value as $int))
            }

            /// Takes a number, drawn to the nearer end of the range where it lies outside.
            pub const fn saturating(value: i64) -> Self {
                if value < $min {
                    Self($min)
                } else if value > $max {
                    Self($max)
                } else {
                    Self(value as $int)
                }
            }

            /// The number itself.
            pub const fn get(self) -> $int {
                self.0
            }
        }
    };
}

ranged! {
    /// A key of the MIDI keyboard in semitones; 60 is middle C, which shows as `C4`.
    Pitch(u8), "a pitch", 0..=127
}
ranged! {
    /// How hard a note is struck. MIDI keeps 0 for "note off", so a sounding note has at least 1.
    Velocity(u8), "a velocity", 1..=127
}
ranged! {
    /// A MIDI channel counted from 0; channel 9 plays drums in General MIDI.
    Channel(u8), "a channel", 0..=15
}
ranged! {
    /// A General MIDI program counted from 0; 0 is the acoustic grand piano.
    Program(u8), "a program", 0..=127
}
ranged! {
    /// Seven bits of MIDI data: a controller's number or value, or a pressure.
    Data(u8), "a MIDI data value", 0..=127
}
ranged! {
    /// A pitch bend; 0 is the middle, and the ends are two semitones away unless a controller says otherwise.
    Bend(i16), "a pitch bend", -8192..=8191
}
ranged! {
    /// One of the twelve pitch classes; 0 is C.
    PitchClass(u8), "a pitch class", 0..=11
}

const CLASS_NAMES: [&str; 12] = ["C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B"];

impl Pitch {
    /// Middle C.
    pub const C4: Self = Self(60);

    /// The pitch class, the octave forgotten.
    pub const fn class(self) -> PitchClass {
        PitchClass(self.0 % 12)
    }

    /// The octave in scientific notation; middle C begins octave 4, and the lowest keys lie in octave -1.
    pub const fn octave(self) -> i8 {
        (self.0 / 12) as i8 - 1
    }

    /// The pitch so many semitones higher (lower where negative), or nothing where it leaves the keyboard.
    pub const fn transposed(self, semitones: i32) -> Option<Self> {
        match Self::new(self.0 as i64 + semitones as i64) {
            Ok(pitch) => Some(pitch),
            Err(_) => None,
        }
    }
}

impl fmt::Display for Pitch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.class(), self.octave())
    }
}

impl PitchClass {
    /// The pitch class so many semitones higher, round the circle.
    #[must_use]
    pub const fn transposed(self, semitones: i32) -> Self {
        Self((self.0 as i32 + semitones).rem_euclid(12) as u8)
    }
}

impl fmt::Display for PitchClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(CLASS_NAMES[self.0 as usize])
    }
}

impl Channel {
    /// The channel on which General MIDI plays drums.
    pub const DRUMS: Self = Self(9);
}

impl Program {
    /// The acoustic grand piano.
    pub const PIANO: Self = Self(0);
}
