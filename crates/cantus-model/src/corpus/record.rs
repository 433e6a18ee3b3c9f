//! What a corpus file tells of its pieces and of how it was made.

use std::collections::BTreeMap;

use cantus_score::Score;
use serde::{Deserialize, Serialize};

use super::{LedgerEntry, Skipped, Split};

/// Most examples that are kept of files with the same fault.
const MOST_EXAMPLES: usize = 5;

/// What is measured of a piece when it is read.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Facts {
    /// How many notes it has.
    pub sounding: u32,
    /// How many of its parts have notes.
    pub parts: u32,
    /// How many bars it has, a pickup counted as one.
    pub bars: u32,
    /// How long it takes, in seconds.
    pub seconds: f64,
    /// Whether any of its parts plays drums.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub drums: bool,
    /// The catalogue of features measured on the whole piece, by name; those that it says nothing of are left out.
    pub features: BTreeMap<String, f64>,
}

impl Facts {
    /// Measures a piece.
    pub(super) fn of(score: &Score) -> Self {
        let catalogue = cantus_features::numbers().map(|descriptor| descriptor.name);
        let measured = catalogue.zip(cantus_features::of_piece(score));
        let sounding = score.tracks.iter().filter(|track| !track.notes.is_empty());
        Self {
            sounding: score.note_count() as u32,
            parts: sounding.clone().count() as u32,
            bars: score.bar_lines().len() as u32,
            seconds: score.seconds().0,
            drums: sounding.clone().any(cantus_score::Track::is_drums),
            features: measured.filter_map(|(name, value)| Some((name.to_owned(), value?))).collect(),
        }
    }
}

/// Where bytes stand in a file, and by what they are told from others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Extent {
    pub(super) at: u64,
    pub(super) bytes: u32,
    pub(super) sum: u64,
}

/// One piece of a corpus file, without its music.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Its name: the file's path below the path given, with the tune's number in a book.
    pub name: String,
    /// Its title; empty where none is known.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// Its style.
    pub style: String,
    /// What it is used for.
    pub split: Split,
    /// The number of its group; pieces of one group are related, and dealt to one split.
    pub group: usize,
    /// SHA-256 of its notes.
    pub notes: String,
    /// Where it comes from and under which terms.
    #[serde(flatten)]
    pub ledger: LedgerEntry,
    /// What was measured of it.
    #[serde(flatten)]
    pub facts: Facts,
    /// What the file holds of it, by name: `score`, the music; readers pass over what they do not know.
    pub(super) holds: BTreeMap<String, Extent>,
}

/// Files or tunes that are not in a corpus for the same reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// Why; numbers in it are those of the first.
    pub reason: String,
    /// How many there are.
    pub count: usize,
    /// Some of them.
    pub examples: Vec<String>,
}

impl Fault {
    /// Sums up what was skipped: the commonest reason first.
    pub fn table(skipped: &[Skipped]) -> Vec<Self> {
        let mut by_reason: BTreeMap<String, Self> = BTreeMap::new();
        for Skipped { path, reason } in skipped {
            let kind: String = reason.chars().filter(|letter| !letter.is_ascii_digit()).collect();
            let empty = || Self { reason: reason.clone(), count: 0, examples: Vec::new() };
            let fault = by_reason.entry(kind).or_insert_with(empty);
            fault.count += 1;
            if fault.examples.len() < MOST_EXAMPLES {
                fault.examples.push(path.display().to_string());
            }
        }
        let mut table: Vec<Self> = by_reason.into_values().collect();
        table.sort_by(|one, other| other.count.cmp(&one.count).then_with(|| one.reason.cmp(&other.reason)));
        table
    }
}

/// How a corpus file was made.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Making {
    /// Files that were read.
    pub files: usize,
    /// Faults that the readers forgave.
    pub warnings: usize,
    /// Pieces dropped because the same notes, in some key, stand in another.
    pub duplicates: usize,
    /// Pieces that training or validation lost because a relative of theirs is held out.
    pub straddling: usize,
    /// Notes in a row by which relatives are told.
    pub run: usize,
    /// What was left out by choice, by reason.
    pub left_out: BTreeMap<String, usize>,
    /// What could not be read, by reason.
    pub faults: Vec<Fault>,
}
