//! From paths to a corpus.

use std::collections::HashSet;
use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use cantus_score::{Score, Strictness};

use super::draft::{Dealt, Draft, deal};
use super::fingerprint::{self, Fingerprint};
use super::{
    Corpus, CorpusError, CorpusFile, Listing, Music, Opened, Piece, ReadError, Rights, Runs, ScanOptions,
    Skipped, Source, Split, is_corpus_file, walk,
};

/// How far reading is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Files read; of a corpus file, pieces.
    pub done: usize,
    /// Files found.
    pub files: usize,
}

/// Reads all music below the paths given and divides it; or reads a corpus file, which is divided already. `progress`
/// is called after each file, from any thread. Files that cannot be read are reported in the corpus; only a path that
/// does not exist, a damaged corpus file, or no music at all, is an error.
///
/// Copies are dropped as [`ScanOptions::copies`] says: of the same notes in any key the one that a folder names
/// `test` or `valid` stays, else the first. Training loses every piece that shares a title or a run of notes with what
/// folders name `valid` or `test`, and `valid` what it shares so with `test`.
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
    match paths {
        [path] if is_corpus_file(path) => return CorpusFile::open(path)?.corpus(options.copies, reader),
        _ => {}
    }
    if let Some(path) = paths.iter().find(|path| is_corpus_file(path)) {
        return Err(CorpusError::CorpusAmongOthers(path.clone()));
    }
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
    let Dealt { pieces, duplicates, straddling } =
        deal(drafts, options.copies, runs).map_err(CorpusError::Unkept)?;
    Ok(Corpus { pieces, skipped, warnings, duplicates, straddling })
}

fn read_all<Music: Send>(
    listing: &Listing,
    options: &ScanOptions,
    runs: &Runs,
    reader: &Reader<'_, Music>,
) -> io::Result<Vec<Part<Music>>> {
    let (files, done) = (listing.sources.len(), AtomicUsize::new(0));
    let read = |source: &Source, bytes: Result<Vec<u8>, ReadError>| {
        let found = Found::of(source, bytes);
        let part = found.and_then_keep(source, (options, runs), reader.keep);
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

/// The pieces of one file, and what it holds else.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) hash: String,
    pub(super) pieces: Vec<FoundPiece>,
    pub(super) skipped: Vec<Skipped>,
    pub(super) warnings: usize,
}

/// A piece of a file as it was read.
#[derive(Debug)]
pub(super) struct FoundPiece {
    pub(super) tag: String,
    /// The split that its section names.
    pub(super) named: Option<Split>,
    pub(super) title: String,
    pub(super) composer: Option<String>,
    pub(super) print: Fingerprint,
    pub(super) score: Score,
}

impl Found {
    /// Reads a file's bytes.
    pub(super) fn of(source: &Source, bytes: Result<Vec<u8>, ReadError>) -> Self {
        let mut found = Self::default();
        match bytes.and_then(|bytes| super::read(&bytes, Strictness::Tolerant)) {
            Ok(opened) => found.take(source, opened),
            // Whatever else lies about under a name that promises nothing is not worth a word.
            Err(error) if source.perhaps && error.is_something_else() => {}
            Err(error) => {
                found.skipped.push(Skipped { path: source.to_string().into(), reason: error.to_string() });
            }
        }
        found
    }

    fn take(&mut self, source: &Source, opened: Opened) {
        self.warnings = opened.warnings.len();
        self.hash = opened.hash;
        for piece in opened.pieces {
            let tag = piece.tag();
            let composer = match &piece.music {
                Music::Written(sheet) => Some(sheet.credits.composer.trim().to_owned()),
                Music::Played(_) => None,
            };
            let score = piece.music.into_score();
            if score.note_count() == 0 {
                let path = format!("{source}{tag}").into();
                self.skipped.push(Skipped { path, reason: "it holds no notes".into() });
                continue;
            }
            self.pieces.push(FoundPiece {
                tag,
                named: piece.section.and_then(|section| Split::of_name(&section)),
                title: score.title.clone(),
                composer: composer.filter(|composer| !composer.is_empty()),
                print: Fingerprint::of(&piece.titles, &score),
                score,
            });
        }
    }

    fn and_then_keep<Music>(
        self,
        source: &Source,
        (options, runs): (&ScanOptions, &Runs),
        keep: &(dyn Fn(Score) -> io::Result<Music> + Sync),
    ) -> io::Result<Part<Music>> {
        let Self { hash, pieces, skipped, warnings } = self;
        let draft = |piece: FoundPiece| {
            let FoundPiece { tag, named, title, composer, print, score } = piece;
            Ok(Draft {
                name: format!("{}{tag}", source.name),
                path: source.path.clone(),
                source: source.to_string().into(),
                style: source.style.clone(),
                named: source.named.or(named),
                collection: None,
                terms: Rights::clone(&source.terms),
                title,
                composer,
                with: Vec::new(),
                number: runs.add(&fingerprint::runs(&score, options.run))?,
                music: keep(score)?,
                hash: hash.clone(),
                print,
            })
        };
        let drafts = pieces.into_iter().map(draft).collect::<io::Result<_>>()?;
        Ok(Part { drafts, skipped, warnings })
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
