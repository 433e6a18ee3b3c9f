//! From paths to a corpus.

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use cantus_score::Score;
use rayon::prelude::*;

use super::divide::{Member, divide};
use super::fingerprint;
use super::fingerprint::Fingerprint;
use super::walk::Source;
use super::{
    Copies, Corpus, CorpusError, LedgerEntry, OpenedPiece, Piece, ScanOptions, Skipped, Split, group, open,
    walk,
};

/// How far reading is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Files read.
    pub done: usize,
    /// Files found.
    pub files: usize,
}

/// Reads all music below the paths given and divides it. `progress` is called after each file, from any thread.
/// Files that cannot be read are reported in the corpus; only a path that does not exist, or no music at all,
/// is an error.
///
/// Copies are dropped as [`ScanOptions::copies`] says: of the same notes in any key the one that a folder names
/// `test` or `valid` stays, else the first. What folders name `valid` or `test` is never dropped; instead training
/// loses every piece that shares a title or a run of notes with it.
pub fn scan(
    paths: &[PathBuf],
    options: &ScanOptions,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Corpus, CorpusError> {
    let (sources, skipped) = walk::find(paths)?;
    let files = sources.len();
    let mut corpus = Corpus { skipped, ..Corpus::default() };
    let mut drafts = read_all(sources, options, progress, &mut corpus);
    if drafts.is_empty() {
        return Err(CorpusError::NoMusic { examined: files, skipped: corpus.skipped });
    }
    if options.copies != Copies::Keep {
        corpus.duplicates = drop_duplicates(&mut drafts, options.copies);
        corpus.straddling = drop_straddling(&mut drafts, options.copies);
    }
    corpus.pieces = pieces(drafts);
    Ok(corpus)
}

/// A piece before its group and split are known.
struct Draft {
    source: Source,
    name: String,
    score: Score,
    hash: String,
    print: Fingerprint,
}

impl Draft {
    /// Whether a folder keeps it away from training.
    fn is_held_out(&self) -> bool {
        matches!(self.source.named, Some(Split::Valid | Split::Test))
    }

    /// Whether it stays whatever else the corpus holds.
    fn stays(&self, copies: Copies) -> bool {
        self.is_held_out() || (copies == Copies::KeepNamed && self.source.named.is_some())
    }
}

fn read_all(
    sources: Vec<Source>,
    options: &ScanOptions,
    progress: &(dyn Fn(Progress) + Sync),
    corpus: &mut Corpus,
) -> Vec<Draft> {
    let (files, done) = (sources.len(), AtomicUsize::new(0));
    let read = |source| {
        let part = read_one(source, options);
        progress(Progress { done: done.fetch_add(1, Ordering::Relaxed) + 1, files });
        part
    };
    let parts: Vec<Part> = sources.into_par_iter().map(read).collect();
    let mut drafts = Vec::new();
    for part in parts {
        drafts.extend(part.drafts);
        corpus.skipped.extend(part.skipped);
        corpus.warnings += part.warnings;
    }
    drafts
}

/// What one file gives.
#[derive(Default)]
struct Part {
    drafts: Vec<Draft>,
    skipped: Vec<Skipped>,
    warnings: usize,
}

fn read_one(source: Source, options: &ScanOptions) -> Part {
    let opened = match open(&source.path, options.largest_file) {
        Ok(opened) => opened,
        Err(error) => {
            let skipped = Skipped { path: source.path, reason: error.to_string() };
            return Part { skipped: vec![skipped], ..Part::default() };
        }
    };
    let mut part = Part { warnings: opened.warnings.len(), ..Part::default() };
    for OpenedPiece { number, titles, score } in opened.pieces {
        let number = number.map(|number| format!("#{number}")).unwrap_or_default();
        if score.note_count() == 0 {
            let path = PathBuf::from(format!("{}{number}", source.path.display()));
            part.skipped.push(Skipped { path, reason: "it holds no notes".into() });
            continue;
        }
        let print = Fingerprint::of(&titles, &score, options.run);
        let name = format!("{}{number}", source.name);
        part.drafts.push(Draft { source: source.clone(), name, score, hash: opened.hash.clone(), print });
    }
    part
}

/// Keeps one of the pieces with the same notes in whatever key, and tells how many went.
fn drop_duplicates(drafts: &mut Vec<Draft>, copies: Copies) -> usize {
    let before = drafts.len();
    let staying = drafts.iter().filter(|draft| draft.stays(copies));
    let mut seen: HashSet<[u8; 32]> = staying.map(|draft| draft.print.shape).collect();
    drafts.retain(|draft| draft.stays(copies) || seen.insert(draft.print.shape));
    before - drafts.len()
}

/// Takes from training what is related to a piece that a folder holds out, and tells how many went.
fn drop_straddling(drafts: &mut Vec<Draft>, copies: Copies) -> usize {
    let before = drafts.len();
    let held_out = || drafts.iter().filter(|draft| draft.is_held_out());
    let runs: HashSet<u64> = held_out().flat_map(|draft| draft.print.runs.iter().copied()).collect();
    let titles: HashSet<String> = held_out().flat_map(|draft| draft.print.titles.iter().cloned()).collect();
    drafts.retain(|draft| {
        let same_title = draft.print.titles.iter().any(|title| titles.contains(title));
        let same_run = draft.print.runs.iter().any(|run| runs.contains(run));
        draft.stays(copies) || !(same_title || same_run)
    });
    before - drafts.len()
}

fn pieces(drafts: Vec<Draft>) -> Vec<Piece> {
    let prints: Vec<&Fingerprint> = drafts.iter().map(|draft| &draft.print).collect();
    let groups = group::groups(&prints);
    let members = drafts.iter().zip(&groups).map(|(draft, &group)| Member {
        group,
        style: &draft.source.style,
        named: draft.source.named,
        digest: &draft.print.digest,
    });
    let splits = divide(&members.collect::<Vec<_>>());
    let dealt = drafts.into_iter().zip(groups).zip(splits);
    dealt.map(|((draft, group), split)| draft.into_piece(group, split)).collect()
}

impl Draft {
    fn into_piece(self, group: usize, split: Split) -> Piece {
        let Source { path, style, terms, .. } = self.source;
        Piece {
            name: self.name,
            ledger: LedgerEntry { source: path.clone(), hash: self.hash, terms },
            path,
            style,
            split,
            group,
            score: self.score,
            digest: self.print.digest,
        }
    }
}

/// How many pieces of `split` share a run of `run` notes, in any key, with a piece that training holds.
/// Pieces must not, and [`scan`] sees to it, so this is for telling.
pub fn shared_runs(corpus: &Corpus, split: Split, run: usize) -> usize {
    let runs = |piece: &Piece| fingerprint::runs(&piece.score, run);
    let mut learned: HashSet<u64> = HashSet::new();
    for piece in corpus.of(Split::Train) {
        learned.extend(runs(piece));
    }
    corpus.of(split).filter(|piece| runs(piece).iter().any(|run| learned.contains(run))).count()
}
