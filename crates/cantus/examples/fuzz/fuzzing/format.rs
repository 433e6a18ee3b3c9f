//! The formats that are read: how their files are damaged, and what always holds for them.

use std::time::Duration;

use cantus::score::midi::damage::{self, Damage};
use cantus::score::{MOST_WARNINGS, Score, Strictness, abc, midi, notation};

/// What means much in ABC: fields, bars, repeats, tuplets, lengths without measure.
const ABC_WORDS: [&str; 34] = [
    "X:1\n",
    "\nK:C\n",
    "\nM:1/128\n",
    "\nM:C|\n",
    "\nM:0/0\n",
    "\nL:1/1000000\n",
    "\nL:1/1\n",
    "\nQ:1/4=1\n",
    "\nQ:99999999999\n",
    "\nV:1 clef=bass\n",
    "\nV:2\n",
    "[V:3]",
    "[M:7/8]",
    "[K:F#min]",
    "[L:1/64]",
    "|:",
    ":|",
    "::",
    "|1",
    ":|2",
    "[1",
    "(3",
    "(9:1:9",
    "(2:99999",
    "4294967295",
    "/////",
    "99999999",
    "z999",
    "Z64",
    "{ab}",
    "[CEG]",
    "\"Am7\"",
    "\nw: la - la __\n",
    "\n%%MIDI program 1\n",
];
/// What means much in the text notation.
const NOTATION_WORDS: [&str; 20] = [
    "key=",
    "meter=1/128 ",
    "tempo=0.0001 ",
    "pickup=255/4 ",
    "resolution=1 ",
    "resolution=32767 ",
    " | ",
    "S: ",
    "*4294967295/1",
    "/4294967295",
    "/1",
    "/3",
    "@/1",
    "[C4 E4]",
    "C-1",
    "G9",
    "r",
    ".",
    "é",
    "title=",
];

/// A format whose files people hand to the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// Standard MIDI files.
    Midi,
    /// Books of ABC tunes.
    Abc,
    /// The text notation.
    Notation,
}

impl Format {
    /// All of them.
    #[allow(dead_code, reason = "the program alone needs it")]
    pub(crate) const ALL: [Self; 3] = [Self::Midi, Self::Abc, Self::Notation];

    /// The ending of its files.
    pub(crate) const fn extension(self) -> &'static str {
        match self {
            Self::Midi => "mid",
            Self::Abc => "abc",
            Self::Notation => "txt",
        }
    }

    /// Processor time in which a copy must be read. A book holds many tunes.
    pub(super) const fn most_time(self) -> Duration {
        match self {
            Self::Midi | Self::Notation => Duration::from_millis(100),
            Self::Abc => Duration::from_secs(1),
        }
    }

    /// A damaged copy of a file.
    pub(super) fn damaged(self, damage: &mut Damage, file: &[u8], other: &[u8]) -> Vec<u8> {
        match self {
            Self::Midi => damage.copy(file, other),
            Self::Abc => damage.copy_with_words(file, other, &ABC_WORDS),
            Self::Notation => damage.copy_with_words(file, other, &NOTATION_WORDS),
        }
    }

    /// The pieces of a file, none where it is refused. The error tells what must not be.
    pub(super) fn read(self, bytes: &[u8]) -> Result<Vec<Score>, String> {
        let (scores, warnings) = match self {
            Self::Midi => match midi::read(bytes, Strictness::Tolerant) {
                Ok(read) => (vec![read.value], read.warnings.len()),
                Err(_) => (Vec::new(), 0),
            },
            Self::Abc => match abc::read_book(bytes, Strictness::Tolerant) {
                Ok(read) => {
                    let scores = read.value.into_iter().map(|tune| tune.sheet.performed());
                    (scores.collect(), read.warnings.len())
                }
                Err(_) => (Vec::new(), 0),
            },
            Self::Notation => {
                let score = notation::parse(&String::from_utf8_lossy(bytes)).ok();
                (score.into_iter().collect(), 0)
            }
        };
        if warnings > MOST_WARNINGS { Err(format!("{warnings} warnings")) } else { Ok(scores) }
    }

    /// What else must hold for any bytes.
    pub(super) fn check(self, bytes: &[u8]) -> Result<(), String> {
        match self {
            Self::Midi => damage::check(bytes),
            Self::Abc | Self::Notation => Ok(()),
        }
    }
}
