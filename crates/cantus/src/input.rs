//! Reading music, whatever its format and wherever it lies.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use cantus_model::corpus::{self, Format, Listing, Music as Form, Opened, OpenedPiece, ReadError};
use cantus_score::roll::{ReadOptions, RollError};
use cantus_score::{Score, Warning};

use crate::error::{Error, Kind};
use crate::json;

/// The largest file that is read, in bytes.
pub(crate) const LARGEST_FILE: u64 = 64 << 20;

/// The pieces of one file.
#[derive(Debug, Clone, PartialEq)]
pub struct Music {
    /// The path that was asked for.
    pub path: PathBuf,
    /// The format of its content: `midi`, `abc`, `musicxml`, `kern`, `steps`, `roll` or `json`.
    pub format: &'static str,
    /// The pieces: one, but for books of tunes and stacks of rolls.
    pub pieces: Vec<Piece>,
    /// What the reader forgave.
    pub warnings: Vec<Warning>,
}

/// One piece of a file.
#[derive(Debug, Clone, PartialEq)]
pub struct Piece {
    /// What follows the file's name where that holds several: `12` in `book.abc#12`.
    pub tag: Option<String>,
    /// The music, written or played.
    pub music: Form,
}

impl Piece {
    /// The music as it is played.
    pub fn score(&self) -> Cow<'_, Score> {
        self.music.score()
    }

    fn of(opened: OpenedPiece) -> Self {
        let tag = opened.tag();
        let tag = tag.strip_prefix('#').map(str::to_owned);
        Self { tag, music: opened.music }
    }
}

/// Reads a file, forgiving what can be forgiven. A tune of a book is named by its number (`book.abc#12`), a file in an
/// archive behind a `!` (`tunes.zip!reels/one.abc`).
pub fn read(path: &Path) -> Result<Music, Error> {
    read_as(path, ReadOptions::default())
}

/// The same, with a say in how it is read.
pub fn read_as(path: &Path, options: ReadOptions) -> Result<Music, Error> {
    let (file, tag) = tune_of(path);
    let bytes = load(&file).map_err(|error| unreadable(error, path))?;
    let read = of_bytes(path, &bytes, options);
    let mut music = read.map_err(|error| archive_as_file(path).unwrap_or(error))?;
    if let Some(tag) = tag {
        let tags: Vec<String> = music.pieces.iter().filter_map(|piece| piece.tag.clone()).collect();
        music.pieces.retain(|piece| piece.tag.as_ref() == Some(&tag));
        if music.pieces.is_empty() {
            return Err(no_such_tune(&tag, &tags).at(&file));
        }
    }
    Ok(music)
}

/// The content of a file on the disk or in an archive.
fn load(path: &Path) -> Result<Vec<u8>, ReadError> {
    let Some(mut listing) = member(path) else { return corpus::load(path, LARGEST_FILE) };
    listing.sources.truncate(1);
    let read = listing.read_each(LARGEST_FILE, |_, bytes| bytes);
    read.into_iter().next().unwrap_or(Err(ReadError::Missing))
}

/// The file in an archive that a path names.
fn member(path: &Path) -> Option<Listing> {
    let is_member = path.to_str().is_some_and(|text| text.contains('!')) && !path.exists();
    is_member.then(|| corpus::list(&[path.to_owned()]).ok()).flatten()
}

/// What to say where an archive of music is taken for a file of music.
fn archive_as_file(path: &Path) -> Option<Error> {
    if !crate::is_many(path) || !path.is_file() {
        return None;
    }
    let listing = corpus::list(&[path.to_owned()]).ok()?;
    let is_archive = listing.sources.iter().any(|source| source.member.is_some());
    let reason = listing.skipped.first().map(|skipped| skipped.reason.clone());
    let message = match (is_archive, reason) {
        (true, _) => "a file is wanted, but this is an archive".to_owned(),
        (false, Some(reason)) => reason,
        (false, None) => "a file is wanted, but this is an archive without music".to_owned(),
    };
    let error = Error::new(Kind::Input, message).at(path);
    Some(match listing.sources.first() {
        Some(first) => error.with_hint(format!("name a file in it, such as {first}")),
        None => error.with_hint("`cantus help show` lists what is read"),
    })
}

/// Reads the content of a file.
pub(crate) fn of_bytes(path: &Path, bytes: &[u8], options: ReadOptions) -> Result<Music, Error> {
    if json::is_score(bytes) {
        let score = json::read(bytes).map_err(|message| Error::new(Kind::Input, message).at(path))?;
        let pieces = vec![Piece { tag: None, music: Form::Played(score) }];
        return Ok(Music { path: path.to_owned(), format: "json", pieces, warnings: Vec::new() });
    }
    let opened = corpus::read_as(bytes, options).map_err(|error| unreadable(error, path))?;
    let Opened { format, pieces, warnings, .. } = opened;
    let format = match format {
        Format::Abc => "abc",
        Format::MusicXml => "musicxml",
        Format::Kern => "kern",
        Format::Steps => "steps",
        Format::Rolls => "roll",
        _ => "midi",
    };
    let pieces = pieces.into_iter().map(Piece::of).collect();
    Ok(Music { path: path.to_owned(), format, pieces, warnings })
}

/// The file of a path and what it names in it. A file whose own name ends so is a file.
fn tune_of(path: &Path) -> (PathBuf, Option<String>) {
    let split = path.to_str().and_then(|text| text.rsplit_once('#'));
    match split {
        Some((file, tag)) if !path.exists() && !tag.is_empty() && member(path).is_none() => {
            (file.into(), Some(tag.to_owned()))
        }
        _ => (path.to_owned(), None),
    }
}

fn no_such_tune(tag: &str, tags: &[String]) -> Error {
    let range = match (tags.first(), tags.last()) {
        (Some(first), Some(last)) => format!("its tunes have numbers from {first} to {last}"),
        _ => "only tunes of a book have numbers; leave the # out".into(),
    };
    Error::new(Kind::Request, format!("a tune is named by its number in the book, but none has {tag}"))
        .with_hint(range)
}

/// Says what helps against each way in which a file cannot be read.
pub(crate) fn unreadable(error: ReadError, path: &Path) -> Error {
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
        ReadError::Rolls(error) => (Kind::Input, hint_on_rolls(error)),
        ReadError::Midi(_) | ReadError::Abc(_) | ReadError::MusicXml(_) | ReadError::Kern(_) => {
            (Kind::Input, "the file may be damaged; try to export it again from the program that made it")
        }
    };
    Error::of(kind, error).at(path).with_hint(hint)
}

fn hint_on_rolls(error: &RollError) -> &'static str {
    match error {
        RollError::Npy(error) => error.hint(),
        RollError::Steps(_) => "16th notes are --steps 4, with triplets of eighths --steps 12",
        RollError::Archive(_) => {
            "was the set written to its end? Every array of lengths belongs to the rolls of its name"
        }
        _ => "an array is read as music where it is a piano roll; `cantus show` tells what else it is",
    }
}
