//! Corpora: somebody's music, read, rid of copies, and divided for learning without leaks.
//!
//! [`scan`] walks files and folders, reads every piece, drops those that stand there twice, joins what belongs
//! together (the same title, or the same long run of notes in any key) and gives each piece its [`Split`].
//! Nothing in the result depends on the order in which the file system lists files, or on the threads.

mod archive;
mod build;
mod bytes;
mod choice;
mod divide;
mod draft;
mod fetch;
mod file;
mod fingerprint;
mod format;
mod group;
mod labels;
mod ledger;
mod pack;
mod read;
mod record;
mod runs;
mod scan;
mod steps;
#[cfg(test)]
mod tests;
mod walk;
mod working;

use std::path::PathBuf;

use cantus_score::Score;
use serde::{Deserialize, Serialize};

pub use build::{BuildOptions, Built, build};
pub(crate) use bytes::checksum;
pub use choice::{Choice, Merge, MergeError, RIGHTS_CLASSES, Splits, StylePattern, Together};
pub use file::{CorpusFile, is_corpus_file};
pub(crate) use fingerprint::{hex, runs as note_runs};
pub use format::Format;
pub use labels::{Label, Labels, LabelsError};
pub use ledger::{LedgerEntry, RIGHTS_FILE, Rights};
pub use read::{Music, Opened, OpenedPiece, ReadError, load, open, read, read_as};
pub use record::{Facts, Fault, Making, Record};
pub(crate) use runs::{Runs, nameless};
pub use scan::{Progress, scan, shared_runs};
pub(crate) use scan::{Reader, scan_keeping};
pub use walk::{Listing, Source, list};

/// What a piece is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Split {
    /// The network learns from it.
    Train,
    /// Training stops and chooses by it.
    Valid,
    /// Nothing sees it before the final measurement.
    Test,
}

impl Split {
    /// All three, in the order in which a corpus is laid out.
    pub const ALL: [Self; 3] = [Self::Train, Self::Valid, Self::Test];

    /// The name of the split's folder.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Valid => "valid",
            Self::Test => "test",
        }
    }

    /// The split that a folder of this name holds, if it is one's name.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|split| split.name() == name)
    }
}

/// What becomes of pieces that stand in a corpus twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Copies {
    /// One of each is kept, and training loses what validation or test also hold: for learning.
    #[default]
    Drop,
    /// The same, but whatever a folder names stays, also for training: for published splits, which may leak.
    KeepNamed,
    /// All are kept: for measuring on exactly the pieces given; of a corpus file on those of its test.
    Keep,
}

/// How a corpus is read and divided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScanOptions {
    /// What becomes of copies.
    pub copies: Copies,
    /// How many notes in a row two pieces must share, in any key, to belong together; at least 2.
    pub run: usize,
    /// The largest file that is read, in bytes.
    pub largest_file: u64,
}

impl Default for ScanOptions {
    fn default() -> Self {
        Self { copies: Copies::Drop, run: 24, largest_file: 64 << 20 }
    }
}

/// One piece of a corpus: with its music, or with what is kept of that instead.
#[derive(Debug, Clone, PartialEq)]
pub struct Piece<Music = Score> {
    /// The file's path below the folder given, with the tune's number in a book: `reels/book.abc#12`.
    pub name: String,
    /// The file that holds it.
    pub path: PathBuf,
    /// Its title; empty where none is known.
    pub title: String,
    /// Its style: the first folder below the path given that is no split's name, else that path's own name,
    /// else `mine`.
    pub style: String,
    /// What it is used for.
    pub split: Split,
    /// The number of its group; pieces of one group are related, and dealt to one split.
    pub group: usize,
    /// The music.
    pub score: Music,
    /// SHA-256 of its notes as hexadecimal digits; the same in every resolution and file format.
    pub digest: String,
    /// Where it comes from and under which terms.
    pub ledger: LedgerEntry,
}

/// A file or tune that is not in the corpus, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skipped {
    /// The file; a tune of a book has its number behind `#`.
    pub path: PathBuf,
    /// Why it was skipped.
    pub reason: String,
}

/// Pieces ready for learning.
#[derive(Debug, Clone, PartialEq)]
pub struct Corpus<Music = Score> {
    /// The pieces, in the order of the paths given and of the names below them.
    pub pieces: Vec<Piece<Music>>,
    /// What could not be read or holds no notes.
    pub skipped: Vec<Skipped>,
    /// How many faults the readers forgave.
    pub warnings: usize,
    /// How many pieces were dropped because the same notes, in some key, stand in another.
    pub duplicates: usize,
    /// How many pieces training or validation lost because a relative of theirs is held out.
    pub straddling: usize,
}

impl<Music> Corpus<Music> {
    /// The pieces of one split.
    pub fn of(&self, split: Split) -> impl Iterator<Item = &Piece<Music>> {
        self.pieces.iter().filter(move |piece| piece.split == split)
    }

    /// The styles, each once, in alphabetical order.
    pub fn styles(&self) -> Vec<&str> {
        let styles: std::collections::BTreeSet<&str> =
            self.pieces.iter().map(|piece| piece.style.as_str()).collect();
        styles.into_iter().collect()
    }

    /// How many groups of related pieces there are.
    pub fn groups(&self) -> usize {
        let groups: std::collections::BTreeSet<usize> = self.pieces.iter().map(|piece| piece.group).collect();
        groups.len()
    }
}

/// Why no corpus could be made.
#[derive(Debug, thiserror::Error)]
pub enum CorpusError {
    /// A path given leads nowhere.
    #[error("a corpus is made of files and folders that exist, but {} does not", .0.display())]
    Missing(PathBuf),
    /// A path given cannot be looked at.
    #[error("{} cannot be opened: {source}", path.display())]
    Unreadable {
        /// The path.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// What was read cannot be kept for training.
    #[error("music larger than memory is kept on the disk, but that failed: {0}")]
    Unkept(#[source] std::io::Error),
    /// There was nothing to read, or nothing could be read.
    #[error("a corpus needs at least one piece with notes, but {examined} files held none{}", first_reason(.skipped))]
    NoMusic {
        /// How many files were looked at.
        examined: usize,
        /// What was skipped.
        skipped: Vec<Skipped>,
    },
    /// Nothing is left of what was read.
    #[error("a corpus needs at least one piece, but all are left out: {0}")]
    AllLeftOut(String),
    /// A class of rights is asked for that no piece has.
    #[error("no piece has the rights class {asked}; there are: {known}")]
    NoSuchRights {
        /// The class.
        asked: String,
        /// Those that there are.
        known: String,
    },
    /// A style is asked for that no piece has.
    #[error("no piece has a style {asked}; there are: {known}")]
    NoSuchStyle {
        /// The style.
        asked: String,
        /// Those that there are.
        known: String,
    },
    /// There is a file already where the corpus is to be written.
    #[error("a corpus is written to a new file, but {} exists already", .0.display())]
    Exists(PathBuf),
    /// Another program builds the same corpus.
    #[error("one program at a time builds a corpus, but {} is in use", .0.display())]
    Busy(PathBuf),
    /// The corpus file or what belongs to it cannot be written.
    #[error("{} cannot be written: {source}", path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A corpus file is not what was written.
    #[error("{} must be a whole corpus file, but {found}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        found: String,
    },
    /// A corpus file is of another version.
    #[error("{} is a corpus file of version {version}, which this version of Cantus does not read", path.display())]
    OtherVersion {
        /// The file.
        path: PathBuf,
        /// Its version.
        version: u32,
    },
    /// A corpus file stands among other paths.
    #[error("a corpus file is used alone, but {} stands among other paths", .0.display())]
    CorpusAmongOthers(PathBuf),
}

fn first_reason(skipped: &[Skipped]) -> String {
    let Some(first) = skipped.first() else {
        return " (.mid, .musicxml, .mxl, .krn and .abc are read, and archives of them)".into();
    };
    format!("; {}: {}", first.path.display(), first.reason)
}
