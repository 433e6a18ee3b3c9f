//! Reading scores, whatever their format.

use std::path::{Path, PathBuf};

use cantus_model::corpus::{self, Format, Opened, OpenedPiece, ReadError};
use cantus_score::{Score, Warning};

use crate::error::{Error, Kind};

/// The largest file that is read, in bytes.
const LARGEST_FILE: u64 = 64 << 20;

/// The pieces of one file.
#[derive(Debug, Clone, PartialEq)]
pub struct Music {
    /// The path that was asked for.
    pub path: PathBuf,
    /// The format of its content: `midi`, `abc`, `musicxml`, `kern` or `steps`.
    pub format: &'static str,
    /// The pieces: one, but for books of tunes.
    pub pieces: Vec<Piece>,
    /// What the reader forgave.
    pub warnings: Vec<Warning>,
}

/// One piece of a file.
#[derive(Debug, Clone, PartialEq)]
pub struct Piece {
    /// The number of the tune in its book.
    pub number: Option<u32>,
    /// The music.
    pub score: Score,
}

/// Reads a file. A tune of a book is named by its number: `book.abc#12`.
pub fn read(path: &Path) -> Result<Music, Error> {
    let (file, number) = tune_of(path);
    let opened = corpus::open(&file, LARGEST_FILE).map_err(|error| unreadable(error, path))?;
    let Opened { format, pieces, warnings, .. } = opened;
    let mut pieces: Vec<Piece> = pieces
        .into_iter()
        .map(|OpenedPiece { number, music, .. }| Piece { number, score: music.into_score() })
        .collect();
    if let Some(number) = number {
        let numbers: Vec<u32> = pieces.iter().filter_map(|piece| piece.number).collect();
        pieces.retain(|piece| piece.number == Some(number));
        if pieces.is_empty() {
            return Err(no_such_tune(number, &numbers).at(&file));
        }
    }
    let format = match format {
        Format::Abc => "abc",
        Format::MusicXml => "musicxml",
        Format::Kern => "kern",
        Format::Steps => "steps",
        _ => "midi",
    };
    Ok(Music { path: path.to_owned(), format, pieces, warnings })
}

/// The file of a path and the number of the tune that it names. A file whose own name ends so is a file.
fn tune_of(path: &Path) -> (PathBuf, Option<u32>) {
    let split = path.to_str().and_then(|text| text.rsplit_once('#'));
    match split.and_then(|(file, number)| Some((file, number.parse().ok()?))) {
        Some((file, number)) if !path.exists() => (file.into(), Some(number)),
        _ => (path.to_owned(), None),
    }
}

fn no_such_tune(number: u32, numbers: &[u32]) -> Error {
    let range = match (numbers.iter().min(), numbers.iter().max()) {
        (Some(first), Some(last)) => format!("its tunes have numbers from {first} to {last}"),
        _ => "only tunes of a book have numbers; leave the # out".into(),
    };
    Error::new(Kind::Request, format!("a tune is named by its number in the book, but none has {number}"))
        .with_hint(range)
}

/// Says what helps against each way in which a file cannot be read.
fn unreadable(error: ReadError, path: &Path) -> Error {
    let (kind, hint) = match &error {
        ReadError::Missing => (Kind::Missing, "check the path; names are case-sensitive on most systems"),
        ReadError::Folder => (Kind::Input, "name a file in it, such as FOLDER/*.mid"),
        ReadError::Unreadable(_) => (Kind::Input, "check that you may read it"),
        ReadError::TooLarge { .. } => {
            (Kind::Input, "is it music? A long orchestral score takes a few megabytes")
        }
        ReadError::NotMusic(Format::Empty) => {
            (Kind::Input, "the file has no content; was it copied or downloaded to its end?")
        }
        ReadError::NotMusic(_) => {
            (Kind::Input, "what counts is the content, not the name; export it as MusicXML or MIDI first")
        }
        ReadError::Archive(_) => {
            (Kind::Input, "the archive may be damaged; try to pack or download it again")
        }
        ReadError::Steps(_) => (Kind::Input, "each step is a list of MIDI pitches, such as [67, 64, 60, 48]"),
        ReadError::Midi(_) | ReadError::Abc(_) | ReadError::MusicXml(_) | ReadError::Kern(_) => {
            (Kind::Input, "the file may be damaged; try to export it again from the program that made it")
        }
    };
    Error::of(kind, error).at(path).with_hint(hint)
}
