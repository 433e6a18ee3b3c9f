//! Reading one file, whatever format its content turns out to have.

use std::borrow::Cow;
use std::fs::{self, File};
use std::io::Read as _;
use std::path::Path;

use cantus_score::npy::NpyError;
use cantus_score::roll::{self, ReadOptions, RollError, Section};
use cantus_score::sheet::Sheet;
use cantus_score::{MOST_WARNINGS, Read, Score, Strictness, Warning, abc, kern, midi, musicxml};
use sha2::{Digest, Sha256};

use super::{Format, fingerprint::hex, steps};

/// Why a file could not be read as music. The message does not name the file: whoever asked knows it.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// There is no such file.
    #[error("there is no such file")]
    Missing,
    /// The path leads to a folder.
    #[error("a file is wanted, but this is a folder")]
    Folder,
    /// The system does not hand the file over.
    #[error("it cannot be read: {0}")]
    Unreadable(#[source] std::io::Error),
    /// The file is larger than the limit.
    #[error("a file of music may have up to {limit} bytes, but this one has {}", size.map_or("more".to_owned(), |size| size.to_string()))]
    TooLarge {
        /// The most bytes allowed.
        limit: u64,
        /// The bytes that the file has, where it says so.
        size: Option<u64>,
    },
    /// The content is not a format of music that is read.
    #[error("music is read from MIDI, MusicXML, Humdrum and ABC files, but this is {}", .0.describe())]
    NotMusic(Format),
    /// It is in an archive that cannot be read, or not to that place.
    #[error("the archive cannot be read: {0}")]
    Archive(String),
    /// It looks like arrays of steps, but is none.
    #[error(
        "arrays of steps are lists of pieces by name, a piece a list of steps, a step a list of pitches, but {0}"
    )]
    Steps(String),
    /// It holds arrays, but no piano rolls that are read.
    #[error("{0}")]
    Rolls(#[from] RollError),
    /// Not even a tolerant reader found music in it.
    #[error("{0}")]
    Midi(#[from] midi::MidiError),
    /// Not even a tolerant reader found tunes in it.
    #[error("{0}")]
    Abc(#[from] abc::AbcError),
    /// Not even a tolerant reader found a score in it.
    #[error("{0}")]
    MusicXml(#[from] musicxml::MusicXmlError),
    /// Not even a tolerant reader found a score in it.
    #[error("{0}")]
    Kern(#[from] kern::KernError),
}

impl ReadError {
    /// Whether it is no fault of music, but the file holds something else.
    pub fn is_something_else(&self) -> bool {
        use NpyError::{NoArray, Pickled, Unsupported};
        let arrays = |error: &RollError| {
            matches!(error, RollError::Shape(_) | RollError::Npy(NoArray | Pickled | Unsupported { .. }))
        };
        match self {
            Self::NotMusic(_) | Self::Steps(_) => true,
            Self::Rolls(error) => arrays(error),
            _ => false,
        }
    }
}

/// What a file holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Opened {
    /// The format of its content.
    pub format: Format,
    /// SHA-256 of its bytes as hexadecimal digits.
    pub hash: String,
    /// Its pieces: one, but for books of tunes, sets and stacks.
    pub pieces: Vec<OpenedPiece>,
    /// The faults that the reader forgave.
    pub warnings: Vec<Warning>,
}

impl Opened {
    /// Warns of pieces whose repeats ask for more than is played.
    fn tell_broken_off(&mut self) {
        for piece in &self.pieces {
            let Music::Written(sheet) = &piece.music else { continue };
            let Some(mut warning) = sheet.broken_off() else { continue };
            if self.warnings.len() < MOST_WARNINGS {
                if let Some(number) = piece.number {
                    warning.message = format!("tune {number}: {}", warning.message);
                }
                self.warnings.push(warning);
            }
        }
    }
}

/// One piece of a file.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenedPiece {
    /// The section of the file that it stands in, where there are such: `train` of an array of steps or rolls.
    pub section: Option<String>,
    /// The number of the tune in its book, where it is from one: the one it has there, else its place from 1. In a
    /// section it is the place from 0.
    pub number: Option<u32>,
    /// All its titles.
    pub titles: Vec<String>,
    /// The music.
    pub music: Music,
}

impl OpenedPiece {
    fn alone(music: Music) -> Self {
        Self { section: None, number: None, titles: vec![music.title().to_owned()], music }
    }

    pub(super) fn of_section(section: &str, number: u32, score: Score) -> Self {
        let (section, number) = (Some(section.to_owned()), Some(number));
        Self { section, number, titles: Vec::new(), music: Music::Played(score) }
    }

    /// What follows the file's name in the name of the piece: `#12`, `#train/0`, or nothing.
    pub fn tag(&self) -> String {
        let number = self.number.map(|number| number.to_string());
        match (&self.section, number) {
            (Some(section), Some(number)) => format!("#{section}/{number}"),
            (Some(one), None) => format!("#{one}"),
            (None, Some(one)) => format!("#{one}"),
            (None, None) => String::new(),
        }
    }

    fn from_book((index, tune): (usize, abc::Tune)) -> Self {
        let number = if tune.number == 0 { index as u32 + 1 } else { tune.number };
        let titles = tune.titles;
        Self { section: None, number: Some(number), titles, music: Music::Written(tune.sheet) }
    }
}

/// Music in the form in which its file holds it.
#[derive(Debug, Clone, PartialEq)]
pub enum Music {
    /// As it is written: signs of repetition, voices, spelling and words are kept.
    Written(Sheet),
    /// As it is played.
    Played(Score),
}

impl Music {
    /// Its title; empty where the source gives none.
    pub fn title(&self) -> &str {
        match self {
            Self::Written(sheet) => &sheet.credits.title,
            Self::Played(score) => &score.title,
        }
    }

    /// The music as it is played: what is written is performed.
    pub fn score(&self) -> Cow<'_, Score> {
        match self {
            Self::Written(sheet) => Cow::Owned(sheet.performed()),
            Self::Played(score) => Cow::Borrowed(score),
        }
    }

    /// The same, without a copy.
    pub fn into_score(self) -> Score {
        match self {
            Self::Written(sheet) => sheet.performed(),
            Self::Played(score) => score,
        }
    }

    /// The music as it is written: what is played is written down.
    pub fn sheet(&self) -> Cow<'_, Sheet> {
        match self {
            Self::Written(sheet) => Cow::Borrowed(sheet),
            Self::Played(score) => Cow::Owned(Sheet::of_score(score)),
        }
    }
}

/// Reads a file of at most `limit` bytes, forgiving what can be forgiven.
pub fn open(path: &Path, limit: u64) -> Result<Opened, ReadError> {
    read(&load(path, limit)?, Strictness::Tolerant)
}

/// Reads the content of a file.
pub fn read(bytes: &[u8], strictness: Strictness) -> Result<Opened, ReadError> {
    read_as(bytes, ReadOptions { strictness, ..ReadOptions::default() })
}

/// The same, with a say in how piano rolls are read.
pub fn read_as(bytes: &[u8], options: ReadOptions) -> Result<Opened, ReadError> {
    let (format, strictness) = (Format::of_content(bytes), options.strictness);
    let (pieces, warnings) = match format {
        Format::Midi => {
            let read = midi::read(bytes, strictness)?;
            (vec![OpenedPiece::alone(Music::Played(read.value))], read.warnings)
        }
        Format::Abc => {
            let read = abc::read_book(bytes, strictness)?;
            let tunes = read.value.into_iter().enumerate();
            (tunes.map(OpenedPiece::from_book).collect(), read.warnings)
        }
        Format::MusicXml => of_sheet(musicxml::read(bytes, strictness)?),
        Format::Kern => of_sheet(kern::read(bytes, strictness)?),
        Format::Steps => (steps::read(bytes)?, Vec::new()),
        Format::Rolls => of_rolls(roll::read_sections(bytes, options)?),
        other => return Err(ReadError::NotMusic(other)),
    };
    let mut opened = Opened { format, hash: hex(&Sha256::digest(bytes)), pieces, warnings };
    opened.tell_broken_off();
    Ok(opened)
}

fn of_sheet(read: Read<Sheet>) -> (Vec<OpenedPiece>, Vec<Warning>) {
    (vec![OpenedPiece::alone(Music::Written(read.value))], read.warnings)
}

fn of_rolls(read: Read<Vec<Section>>) -> (Vec<OpenedPiece>, Vec<Warning>) {
    let pieces = |Section { name, scores }: Section| {
        let count = scores.len();
        let scores = scores.into_iter().enumerate();
        let pieces = scores.map(move |(index, score)| match &name {
            Some(name) => OpenedPiece::of_section(name, index as u32, score),
            None => OpenedPiece {
                number: (count > 1).then_some(index as u32 + 1),
                ..OpenedPiece::alone(Music::Played(score))
            },
        });
        pieces.collect::<Vec<_>>()
    };
    (read.value.into_iter().flat_map(pieces).collect(), read.warnings)
}

/// The content of a file of at most `limit` bytes.
pub fn load(path: &Path, limit: u64) -> Result<Vec<u8>, ReadError> {
    let metadata = fs::metadata(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => ReadError::Missing,
        _ => ReadError::Unreadable(error),
    })?;
    if metadata.is_dir() {
        return Err(ReadError::Folder);
    }
    if metadata.len() > limit {
        return Err(ReadError::TooLarge { limit, size: Some(metadata.len()) });
    }
    let mut bytes = Vec::with_capacity(metadata.len() as usize);
    let file = File::open(path).map_err(ReadError::Unreadable)?;
    // A pipe or device tells no length, so the limit holds while reading too.
    file.take(limit + 1).read_to_end(&mut bytes).map_err(ReadError::Unreadable)?;
    if bytes.len() as u64 > limit {
        return Err(ReadError::TooLarge { limit, size: None });
    }
    Ok(bytes)
}
