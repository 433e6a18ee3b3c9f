//! Pitches by name: F sharp and G flat are two.

use std::fmt;

use crate::Pitch;

/// A letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Step {
    /// C
    C,
    /// D
    D,
    /// E
    E,
    /// F
    F,
    /// G
    G,
    /// A
    A,
    /// B
    B,
}

impl Step {
    /// All letters from C up.
    pub const ALL: [Self; 7] = [Self::C, Self::D, Self::E, Self::F, Self::G, Self::A, Self::B];

    /// The letter of a sign, of either case.
    pub fn of_letter(letter: char) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.letter() == letter.to_ascii_uppercase())
    }

    /// The letter as a sign.
    pub fn letter(self) -> char {
        char::from(b"CDEFGAB"[self as usize])
    }

    /// Semitones above C.
    pub fn semitones(self) -> i8 {
        [0, 2, 4, 5, 7, 9, 11][self as usize]
    }
}

/// A letter with its accidental, such as `Bb`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Tone {
    /// The letter.
    pub step: Step,
    /// Semitones that the accidental adds: 1 for a sharp, -2 for a double flat.
    pub alter: i8,
}

impl Tone {
    /// Puts a letter and its accidental together.
    pub const fn new(step: Step, alter: i8) -> Self {
        Self { step, alter }
    }
}

impl fmt::Display for Tone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.step.letter())?;
        let sign = if self.alter < 0 { "b" } else { "#" };
        (0..self.alter.unsigned_abs()).try_for_each(|_| f.write_str(sign))
    }
}

/// A pitch as it is spelled, such as `Bb3`; `C4` is the middle C.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Spelled {
    /// The octave of the letter: `Cb4` sounds as B3.
    pub octave: i8,
    /// Letter and accidental.
    pub tone: Tone,
}

impl Spelled {
    /// Puts a pitch together.
    pub const fn new(step: Step, alter: i8, octave: i8) -> Self {
        Self { octave, tone: Tone::new(step, alter) }
    }

    /// The key that sounds; nothing where it lies beyond MIDI's keys.
    pub fn pitch(self) -> Option<Pitch> {
        let semitones = self.tone.step.semitones() as i64 + self.tone.alter as i64;
        Pitch::new(12 * (self.octave as i64 + 1) + semitones).ok()
    }
}

/// What sounds, so that E flat and D sharp are the same; the name itself where no key sounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Sound {
    Key(Pitch),
    Beyond(Spelled),
}

impl Spelled {
    /// By what ties join notes.
    pub(crate) fn sound(self) -> Sound {
        self.pitch().map_or(Sound::Beyond(self), Sound::Key)
    }
}

impl fmt::Display for Spelled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.tone, self.octave)
    }
}
