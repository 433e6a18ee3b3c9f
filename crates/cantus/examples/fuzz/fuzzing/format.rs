//! The formats that are read: how their files are damaged, and what always holds for them.

use std::time::Duration;

use cantus::score::midi::damage::{self, Damage};
use cantus::score::sheet::Sheet;
use cantus::score::{MOST_WARNINGS, Read, Score, Strictness, abc, kern, midi, musicxml, notation};

use super::{notation as sheets, pieces};

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

/// What means much in MusicXML.
const XML_WORDS: [&str; 30] = [
    "<measure>",
    "</measure>",
    "<part id=\"P2\">",
    "</part>",
    "<note>",
    "</note>",
    "<chord/>",
    "<grace/>",
    "<rest/>",
    "<cue/>",
    "<unpitched/>",
    "<dot/>",
    "<duration>0</duration>",
    "<duration>999999999</duration>",
    "<divisions>0</divisions>",
    "<divisions>1000000007</divisions>",
    "<voice>200</voice>",
    "<staff>32</staff>",
    "<backup><duration>4</duration></backup>",
    "<forward><duration>99999</duration></forward>",
    "<tie type=\"start\"/>",
    "<barline><repeat direction=\"backward\" times=\"255\"/></barline>",
    "<barline location=\"left\"><ending number=\"1-255\" type=\"start\"/></barline>",
    "<sound dacapo=\"yes\" tocoda=\"x\" tempo=\"0.001\"/>",
    "<attributes><time><beats>3+2</beats><beat-type>8</beat-type></time><transpose><chromatic>-60</chromatic></transpose></attributes>",
    "<![CDATA[",
    "<!--",
    "&amp;&x;",
    "<!DOCTYPE a [<!ENTITY x \"y\">]>",
    "<a b=\"",
];
/// What means much in kern.
const KERN_WORDS: [&str; 30] = [
    "\n*^\n",
    "\n*v\t*v\n",
    "\n*x\t*x\n",
    "\n*+\n",
    "\n*-\n",
    "\n**kern\t**text\n",
    "\n=\n",
    "\n=:|!|:\n",
    "\n*>A\n",
    "\n*>[A,B,A]\n",
    "\n*>norep[A,B]\n",
    "\n*M1/128\n",
    "\n*M255/1\n",
    "\n*MM0.001\n",
    "\n*k[f#c#]\n",
    "\n*clefF4\n",
    "\n*ITrd1c2\n",
    "\t.",
    "\t",
    "\n",
    "000000a",
    "999983a",
    "3%2",
    "[",
    "_",
    "]",
    "q",
    "..",
    "r",
    "\n!!!OTL: \u{e9}\n",
];

/// What means much in files of sound.
pub(super) const SOUND_WORDS: [&str; 26] = [
    "RIFF",
    "RF64",
    "WAVE",
    "fmt ",
    "data",
    "ds64",
    "fact",
    "LIST",
    "FORM",
    "AIFC",
    "COMM",
    "SSND",
    "fLaC",
    "OggS",
    "\u{1}vorbis",
    "\u{5}vorbis",
    "moov",
    "mdat",
    "stsz",
    "stts",
    "esds",
    "ftypM4A ",
    "ID3\u{3}\0",
    "Xing",
    "\0\0\0\0",
    "\u{7f}\u{7f}\u{7f}\u{7f}",
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
    /// MusicXML.
    MusicXml,
    /// MusicXML in archives.
    Mxl,
    /// Humdrum's kern.
    Kern,
    /// Sound of every format.
    Sound,
}

impl Format {
    /// All of them.
    #[allow(dead_code, reason = "the program alone needs it")]
    pub(crate) const ALL: [Self; 7] =
        [Self::Midi, Self::Abc, Self::Notation, Self::MusicXml, Self::Mxl, Self::Kern, Self::Sound];

    /// The ending of its files.
    pub(crate) const fn extension(self) -> &'static str {
        match self {
            Self::Midi => "mid",
            Self::Abc => "abc",
            Self::Notation => "txt",
            Self::MusicXml => "musicxml",
            Self::Mxl => "mxl",
            Self::Kern => "krn",
            Self::Sound => "sound",
        }
    }

    /// Processor time in which a copy must be read. A book holds many tunes.
    pub(super) const fn most_time(self) -> Duration {
        match self {
            Self::Midi | Self::Notation => Duration::from_millis(100),
            Self::Abc | Self::MusicXml | Self::Mxl | Self::Kern | Self::Sound => Duration::from_secs(1),
        }
    }

    /// Memory in which a copy of a size must be read.
    pub(super) const fn most_memory(self, size: usize) -> usize {
        match self {
            Self::Midi | Self::Notation | Self::Abc => 50 * size + (16 << 20),
            Self::MusicXml | Self::Mxl | Self::Kern => 100 * size + (64 << 20),
            // Blocks, however long the sound is.
            Self::Sound => 10 * size + (16 << 20),
        }
    }

    /// A damaged copy of a file, told by a seed.
    pub(super) fn damaged(self, seed: u64, file: &[u8], other: &[u8]) -> Vec<u8> {
        let mut damage = Damage::new(seed);
        match self {
            Self::Midi => damage.copy(file, other),
            Self::Abc => damage.copy_with_words(file, other, &ABC_WORDS),
            Self::Notation => damage.copy_with_words(file, other, &NOTATION_WORDS),
            Self::MusicXml => pieces::damaged(seed, file, other, (b">", &XML_WORDS)),
            Self::Mxl => within(seed, file, other).unwrap_or_else(|| {
                damage.copy_with_words(
                    file,
                    other,
                    &["PK\u{1}\u{2}", "PK\u{5}\u{6}", "../", "META-INF/container.xml"],
                )
            }),
            Self::Kern => pieces::damaged(seed, file, other, (b"\t\n", &KERN_WORDS)),
            Self::Sound => damage.copy_with_words(file, other, &SOUND_WORDS),
        }
    }

    /// The pieces of a file, none where it is refused or sound. The error tells what must not be.
    pub(super) fn read(self, bytes: &[u8]) -> Result<Vec<Score>, String> {
        let (scores, warnings) = match self {
            Self::Sound => (Vec::new(), 0),
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
            Self::MusicXml | Self::Mxl | Self::Kern => match self.sheet(bytes) {
                Some(read) => (vec![read.value.performed()], read.warnings.len()),
                None => (Vec::new(), 0),
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
            Self::Abc | Self::Notation | Self::Sound => Ok(()),
            Self::MusicXml | Self::Mxl | Self::Kern => {
                self.sheet(bytes).map_or(Ok(()), |read| sheets::check(&read.value))
            }
        }
    }

    /// What a file of written music holds.
    fn sheet(self, bytes: &[u8]) -> Option<Read<Sheet>> {
        if self == Self::Kern {
            return kern::read(bytes, Strictness::Tolerant).ok();
        }
        musicxml::read(bytes, Strictness::Tolerant).ok()
    }
}

/// For every other seed, an archive whose score is damaged.
fn within(seed: u64, file: &[u8], other: &[u8]) -> Option<Vec<u8>> {
    let (file, other) =
        (pieces::unpacked(file).filter(|_| seed.is_multiple_of(2))?, pieces::unpacked(other)?);
    pieces::packed(&Format::MusicXml.damaged(seed, &file, &other))
}
