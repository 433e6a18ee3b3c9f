//! `corpus.jsonl`: the pieces of a run, one a line, by which changed music is told and named.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::corpus::hex;
use crate::corpus::{Corpus, LedgerEntry, Piece};
use crate::run::Inventory;

/// One piece of a run's corpus.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Line {
    name: String,
    style: String,
    split: String,
    /// SHA-256 of its notes.
    notes: String,
    /// Where it comes from, and the file's own hash.
    #[serde(flatten)]
    ledger: LedgerEntry,
}

impl Line {
    fn of<Music>(piece: &Piece<Music>) -> Self {
        Self {
            name: piece.name.clone(),
            style: piece.style.clone(),
            split: piece.split.name().to_owned(),
            notes: piece.digest.clone(),
            ledger: piece.ledger.clone(),
        }
    }
}

/// The pieces of a corpus.
pub(crate) fn of_corpus<Music>(corpus: &Corpus<Music>) -> Inventory {
    let lines: Vec<Line> = corpus.pieces.iter().map(Line::of).collect();
    Inventory { text: write(&lines), digest: digest(&lines) }
}

/// The file's text.
fn write(lines: &[Line]) -> String {
    lines.iter().map(|line| serde_json::to_string(line).unwrap_or_default() + "\n").collect()
}

/// Reads the file; lines that cannot be read are left out, for it only helps to name what changed.
fn read(text: &str) -> Vec<Line> {
    text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

/// SHA-256 over all that training reads of a corpus: names, styles, splits and the bytes of the files. Where the
/// files lie does not matter.
fn digest(lines: &[Line]) -> String {
    let mut hash = Sha256::new();
    for line in lines {
        let fields = [&line.name, &line.style, &line.split, &line.notes, &line.ledger.hash];
        for field in fields {
            hash.update((field.len() as u64).to_le_bytes());
            hash.update(field.as_bytes());
        }
    }
    hex(&hash.finalize())
}

/// What differs between the corpus that a run began with and the one that is there now, in words.
pub(crate) fn difference(was: &str, now: &str) -> String {
    let by_name = |text: &str| -> BTreeMap<String, Line> {
        read(text).into_iter().map(|line| (line.name.clone(), line)).collect()
    };
    let (old, new) = (by_name(was), by_name(now));
    let gone = old.keys().filter(|name| !new.contains_key(*name)).map(|name| format!("{name} is gone"));
    let fresh = new.keys().filter(|name| !old.contains_key(*name)).map(|name| format!("{name} is new"));
    let changed = old.iter().filter_map(|(name, old)| {
        let new = new.get(name)?;
        let what = if old.notes != new.notes {
            "has other notes"
        } else if old.ledger.hash != new.ledger.hash {
            "is another file now"
        } else if old.style != new.style {
            "is of another style"
        } else if old.split != new.split {
            "is used for something else"
        } else {
            return None;
        };
        Some(format!("{name} {what}"))
    });
    let all: Vec<String> = gone.chain(fresh).chain(changed).collect();
    match (all.first(), all.len()) {
        (None, _) => "its pieces are not those it began with".to_owned(),
        (Some(first), 1) => first.clone(),
        (Some(first), count) => format!("{first}, and {} more pieces changed", count - 1),
    }
}
