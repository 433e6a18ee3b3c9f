//! A part: its notes and what is written around them.

use crate::{Channel, Pitch, Program, Text, Ticks, Timed, Velocity};

use super::{Spelled, Step, Tone};

/// One part of a sheet. A piano is one part of two staves.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// Its name; empty where the source gives none.
    pub name: String,
    /// The channel on which it sounds; [`Channel::DRUMS`] makes it a part of drums, whose pitches name instruments.
    pub channel: Channel,
    /// The instrument.
    pub program: Program,
    /// How the part is written apart from how it sounds; everything here is as it sounds.
    pub transposition: Transposition,
    /// How many staves it has, at least one.
    pub staves: u8,
    /// Clefs by staff (from 1), sorted by time.
    pub clefs: Vec<Timed<(u8, Clef)>>,
    /// Its notes, sorted by beginning, then voice, then pitch.
    pub notes: Vec<Written>,
    /// Chord symbols, sorted.
    pub chords: Vec<Timed<ChordSymbol>>,
    /// Dynamics: how hard notes are struck from here on, sorted.
    pub dynamics: Vec<Timed<Velocity>>,
    /// Words, sorted.
    pub texts: Vec<Timed<Text>>,
}

impl Part {
    /// A part without notes, on one staff.
    pub fn new(name: impl Into<String>, channel: Channel, program: Program) -> Self {
        Self {
            name: name.into(),
            channel,
            program,
            transposition: Transposition::default(),
            staves: 1,
            clefs: Vec::new(),
            notes: Vec::new(),
            chords: Vec::new(),
            dynamics: Vec::new(),
            texts: Vec::new(),
        }
    }

    /// Whether the part plays drums.
    pub fn is_drums(&self) -> bool {
        self.channel == Channel::DRUMS
    }
}

/// How far a part sounds from where it is written: a clarinet in B flat sounds one step and two semitones lower.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Transposition {
    /// Steps of the staff from written to sounding.
    pub steps: i8,
    /// Semitones from written to sounding.
    pub semitones: i8,
}

/// More sharps or flats come from steps and semitones that do not belong together; such a tone is spelled anew.
const MOST_ACCIDENTALS: i32 = 4;

/// A key, counted in semitones from the C of octave 0, with one sharp at most.
fn plain(key: i32) -> Spelled {
    let within = key.rem_euclid(12);
    let below = Step::ALL.into_iter().rev().find(|step| i32::from(step.semitones()) <= within);
    let step = below.unwrap_or(Step::C);
    Spelled::new(step, (within - i32::from(step.semitones())) as i8, key.div_euclid(12) as i8)
}

impl Transposition {
    /// How a written pitch sounds.
    pub fn sounding(self, written: Spelled) -> Spelled {
        if self == Self::default() {
            return written;
        }
        let place = |spelled: Spelled| i32::from(spelled.octave) * 7 + spelled.tone.step as i32;
        let key = |spelled: Spelled| {
            i32::from(spelled.octave) * 12
                + i32::from(spelled.tone.step.semitones())
                + i32::from(spelled.tone.alter)
        };
        let target = place(written) + i32::from(self.steps);
        let step = Step::ALL[target.rem_euclid(7) as usize];
        let natural = Spelled::new(step, 0, target.div_euclid(7) as i8);
        let sounds = key(written) + i32::from(self.semitones);
        let alter = sounds - key(natural);
        if alter.abs() > MOST_ACCIDENTALS {
            return plain(sounds);
        }
        Spelled::new(step, alter as i8, natural.octave)
    }
}

/// One note as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Where it begins, in written time.
    pub start: Ticks,
    /// How long it is; zero for a grace note. It may cross bar lines: dividing it into tied note values is the writers' business.
    pub length: Ticks,
    /// The sounding pitch as it is spelled. In a part of drums, the key of the General MIDI drum kit, spelled somehow.
    pub pitch: Spelled,
    /// The voice within the part, from 1. Voices of different staves are different voices.
    pub voice: u8,
    /// The staff within the part, from 1.
    pub staff: u8,
    /// Whether a tie leads to the next note of the same pitch in the part.
    pub tied: bool,
    /// Whether it is a grace note.
    pub grace: Option<Grace>,
    /// How hard it is struck, where the source says so of this note alone.
    pub velocity: Option<Velocity>,
    /// Signs at the note, sorted, none twice.
    pub articulations: Vec<Articulation>,
    /// What is sung, by verse.
    pub syllables: Vec<Syllable>,
}

impl Written {
    /// A plain note of the first voice on the first staff.
    pub fn new(start: Ticks, length: Ticks, pitch: Spelled) -> Self {
        Self {
            start,
            length,
            pitch,
            voice: 1,
            staff: 1,
            tied: false,
            grace: None,
            velocity: None,
            articulations: Vec::new(),
            syllables: Vec::new(),
        }
    }

    /// Where it ends.
    pub fn end(&self) -> Ticks {
        self.start.saturating_add(self.length)
    }

    /// The key that sounds.
    pub fn sounding(&self) -> Option<Pitch> {
        self.pitch.pitch()
    }
}

/// How a grace note is played. Grace notes before one note stand in the part in the order in which they are played.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Grace {
    /// With a stroke through its stem: before the beat.
    pub slashed: bool,
}

/// A sign that shapes a note.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Articulation {
    /// Short.
    Staccato,
    /// Very short.
    Staccatissimo,
    /// Held out.
    Tenuto,
    /// Struck harder.
    Accent,
    /// Struck much harder.
    Marcato,
    /// Held longer than written.
    Fermata,
    /// A short trill.
    Trill,
    /// A shake with the note above.
    Mordent,
    /// A turn around the note.
    Turn,
    /// A chord broken from the bottom up.
    Arpeggio,
}

/// A syllable under a note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Syllable {
    /// The verse, from 1.
    pub verse: u8,
    /// The syllable, without hyphens.
    pub text: String,
    /// Whether the word goes on with the next syllable.
    pub hyphen: bool,
}

/// A chord symbol such as `F#m7/C#`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ChordSymbol {
    /// The root.
    pub root: Tone,
    /// What stands after the root, in the usual short form: empty (major), `m`, `7`, `maj7`, `m7b5`, `sus4` …
    pub suffix: String,
    /// The bass, where it is not the root.
    pub bass: Option<Tone>,
}

impl std::fmt::Display for ChordSymbol {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}{}", self.root, self.suffix)?;
        self.bass.map_or(Ok(()), |bass| write!(f, "/{bass}"))
    }
}

/// Where pitches lie on a staff.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Clef {
    /// G on the second line.
    #[default]
    Treble,
    /// G on the second line, an octave lower.
    TenorVoice,
    /// C on the third line.
    Alto,
    /// C on the fourth line.
    Tenor,
    /// C on the first line.
    Soprano,
    /// F on the fourth line.
    Bass,
    /// For drums.
    Percussion,
}
