//! From paths to a corpus.

use std::collections::HashSet;
use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use cantus_score::{Score, Strictness};

use super::divide::{Member, divide};
use super::fingerprint;
use super::fingerprint::Fingerprint;
use super::group::Mark;
use super::{
    Copies, Corpus, CorpusError, LedgerEntry, Listing, Opened, OpenedPiece, Piece, ReadError, Runs,
    ScanOptions, Skipped, Source, Split, group, walk,
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
    scan_keeping(paths, options, &Runs::new(None), &Reader { progress, keep: &Ok })
}

/// What is done with each file and piece while a corpus is read, from any thread.
pub(crate) struct Reader<'a, Music> {
    /// Called after each file.
    pub(crate) progress: &'a (dyn Fn(Progress) + Sync),
    /// Called with each piece: gives what is kept of its music.
    pub(crate) keep: &'a (dyn Fn(Score) -> io::Result<Music> + Sync),
}

/// The same as [`scan`], but the corpus holds what a reader keeps of the pieces instead of their music.
pub(crate) fn scan_keeping<Music: Send>(
    paths: &[PathBuf],
    options: &ScanOptions,
    runs: &Runs,
    reader: &Reader<'_, Music>,
) -> Result<Corpus<Music>, CorpusError> {
    let mut listing = walk::list(paths)?;
    let (files, mut skipped) = (listing.sources.len(), std::mem::take(&mut listing.skipped));
    let parts = read_all(&listing, options, runs, reader).map_err(CorpusError::Unkept)?;
    let warnings = parts.iter().map(|part| part.warnings).sum();
    let mut drafts = Vec::new();
    for part in parts {
        drafts.extend(part.drafts);
        skipped.extend(part.skipped);
    }
    if drafts.is_empty() {
        return Err(CorpusError::NoMusic { examined: files, skipped });
    }
    let (mut duplicates, mut straddling) = (0, 0);
    if options.copies != Copies::Keep {
        duplicates = drop_duplicates(&mut drafts, options.copies);
        straddling = drop_straddling(&mut drafts, options.copies, runs).map_err(CorpusError::Unkept)?;
    }
    let pieces = pieces(drafts, runs).map_err(CorpusError::Unkept)?;
    Ok(Corpus { pieces, skipped, warnings, duplicates, straddling })
}

/// A piece before its group and split are known.
struct Draft<Music> {
    source: Source,
    name: String,
    score: Music,
    hash: String,
    print: Fingerprint,
    /// Its number among the runs.
    number: u32,
}

impl<Music> Draft<Music> {
    /// Whether a folder keeps it away from training.
    fn is_held_out(&self) -> bool {
        matches!(self.source.named, Some(Split::Valid | Split::Test))
    }

    /// Whether it stays whatever else the corpus holds.
    fn stays(&self, copies: Copies) -> bool {
        self.is_held_out() || (copies == Copies::KeepNamed && self.source.named.is_some())
    }
}

fn read_all<Music: Send>(
    listing: &Listing,
    options: &ScanOptions,
    runs: &Runs,
    reader: &Reader<'_, Music>,
) -> io::Result<Vec<Part<Music>>> {
    let (files, done) = (listing.sources.len(), AtomicUsize::new(0));
    let read = |source: &Source, bytes: Result<Vec<u8>, ReadError>| {
        let opened = bytes.and_then(|bytes| super::read(&bytes, Strictness::Tolerant));
        let part = read_one(source, opened, (options, runs), reader.keep);
        (reader.progress)(Progress { done: done.fetch_add(1, Ordering::Relaxed) + 1, files });
        part
    };
    listing.read_each(options.largest_file, read).into_iter().collect()
}

/// What one file gives.
struct Part<Music> {
    drafts: Vec<Draft<Music>>,
    skipped: Vec<Skipped>,
    warnings: usize,
}

fn read_one<Music>(
    source: &Source,
    opened: Result<Opened, ReadError>,
    (options, runs): (&ScanOptions, &Runs),
    keep: &(dyn Fn(Score) -> io::Result<Music> + Sync),
) -> io::Result<Part<Music>> {
    let mut part = Part { drafts: Vec::new(), skipped: Vec::new(), warnings: 0 };
    let opened = match opened {
        Ok(opened) => opened,
        // Whatever else lies about under a name that promises nothing is not worth a word.
        Err(ReadError::NotMusic(_) | ReadError::Steps(_)) if source.perhaps => return Ok(part),
        Err(error) => {
            part.skipped.push(Skipped { path: source.to_string().into(), reason: error.to_string() });
            return Ok(part);
        }
    };
    part.warnings = opened.warnings.len();
    for piece in opened.pieces {
        let (tag, OpenedPiece { section, titles, music, .. }) = (piece.tag(), piece);
        let score = music.into_score();
        if score.note_count() == 0 {
            let path = PathBuf::from(format!("{source}{tag}"));
            part.skipped.push(Skipped { path, reason: "it holds no notes".into() });
            continue;
        }
        let mut source = source.clone();
        source.named = source.named.or_else(|| Split::of_name(&section?));
        part.drafts.push(Draft {
            name: format!("{}{tag}", source.name),
            print: Fingerprint::of(&titles, &score),
            number: runs.add(&fingerprint::runs(&score, options.run))?,
            source,
            hash: opened.hash.clone(),
            score: keep(score)?,
        });
    }
    Ok(part)
}

/// Keeps one of the pieces with the same notes in whatever key, and tells how many went.
fn drop_duplicates<Music>(drafts: &mut Vec<Draft<Music>>, copies: Copies) -> usize {
    let before = drafts.len();
    let staying = drafts.iter().filter(|draft| draft.stays(copies));
    let mut seen: HashSet<[u8; 32]> = staying.map(|draft| draft.print.shape).collect();
    drafts.retain(|draft| draft.stays(copies) || seen.insert(draft.print.shape));
    before - drafts.len()
}

/// Takes from training what is related to a piece that a folder holds out, and tells how many went.
fn drop_straddling<Music>(drafts: &mut Vec<Draft<Music>>, copies: Copies, runs: &Runs) -> io::Result<usize> {
    let before = drafts.len();
    let held_out = || drafts.iter().filter(|draft| draft.is_held_out());
    let titles: HashSet<String> = held_out().flat_map(|draft| draft.print.titles.iter().cloned()).collect();
    let mut is_held_out = vec![false; runs.pieces()];
    held_out().for_each(|draft| is_held_out[draft.number as usize] = true);
    let mut is_related = vec![false; runs.pieces()];
    runs.shared(|same| {
        if same.iter().any(|(_, piece)| is_held_out[*piece as usize]) {
            for (_, piece) in same {
                is_related[*piece as usize] = true;
            }
        }
    })?;
    drafts.retain(|draft| {
        let same_title = draft.print.titles.iter().any(|title| titles.contains(title));
        draft.stays(copies) || !(same_title || is_related[draft.number as usize])
    });
    Ok(before - drafts.len())
}

fn pieces<Music>(drafts: Vec<Draft<Music>>, runs: &Runs) -> io::Result<Vec<Piece<Music>>> {
    let marks = drafts.iter().map(|draft| Mark { print: &draft.print, number: draft.number });
    let groups = group::groups(&marks.collect::<Vec<_>>(), runs)?;
    let members = drafts.iter().zip(&groups).map(|(draft, &group)| Member {
        group,
        style: &draft.source.style,
        named: draft.source.named,
        digest: &draft.print.digest,
    });
    let splits = divide(&members.collect::<Vec<_>>());
    let dealt = drafts.into_iter().zip(groups).zip(splits);
    Ok(dealt.map(|((draft, group), split)| draft.into_piece(group, split)).collect())
}

impl<Music> Draft<Music> {
    fn into_piece(self, group: usize, split: Split) -> Piece<Music> {
        let source = self.source.to_string().into();
        let Source { path, style, terms, .. } = self.source;
        Piece {
            name: self.name,
            ledger: LedgerEntry { source, hash: self.hash, terms },
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
