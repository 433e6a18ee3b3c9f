//! Building a corpus file: read once, label, choose, rid of copies, divide, write.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

use super::choice::{Choice, Splits, Together};
use super::draft::{Dealt, Draft, deal};
use super::file::{Writer, holds};
use super::labels::{self, Label, Labels};
use super::pack::{pack, unpack};
use super::record::{Extent, Facts, Fault, Making, Record};
use super::runs::nameless;
use super::scan::Found;
use super::working::{ReadFile, ReadPiece, Working, state};
use super::{
    CorpusError, LedgerEntry, Listing, Piece, Progress, ReadError, Rights, Runs, ScanOptions, Skipped,
    Source, fingerprint, walk,
};

/// How a corpus file is made.
#[derive(Debug, Clone, Default)]
pub struct BuildOptions {
    /// How files are read, and what becomes of copies.
    pub scan: ScanOptions,
    /// What is known of the pieces besides what they say themselves.
    pub labels: Option<Labels>,
    /// Which pieces are taken, and how styles are named.
    pub choice: Choice,
    /// Whose division is kept.
    pub splits: Splits,
    /// What stays together besides relatives.
    pub together: Option<Together>,
}

/// What was built.
#[derive(Debug, Clone, PartialEq)]
pub struct Built {
    /// How it was made.
    pub making: Making,
    /// Pieces that it holds.
    pub pieces: usize,
    /// Groups of relatives.
    pub groups: usize,
    /// Bytes of the file.
    pub bytes: u64,
    /// Rows of the labels for which there is no piece, as they stand in the table.
    pub rows_without_piece: Vec<String>,
    /// Files that were not read again, because an interrupted build had read them.
    pub remembered: usize,
}

/// Reads all music below some paths and writes a corpus file. What has been read stands in a working file beside it
/// (`OUTPUT.part`), so that a build that was interrupted goes on where it was; it is removed at the end. The same files and
/// options give the same bytes, on any number of threads. `progress` is called after each file, from any thread.
pub fn build(
    paths: &[PathBuf],
    output: &Path,
    options: &BuildOptions,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Built, CorpusError> {
    let unwritable = |source| CorpusError::Unwritable { path: output.to_owned(), source };
    if output.exists() {
        return Err(CorpusError::Exists(output.to_owned()));
    }
    let mut listing = walk::list(paths)?;
    let files = listing.sources.len();
    let part = beside(output, "part");
    let working = Working::open(&part)?;
    let runs = Runs::new(Some(nameless(folder_of(output), "corpus-runs.part").map_err(unwritable)?));
    let mut sorting = Sorting::new(options);
    let skipped = std::mem::take(&mut listing.skipped);
    let keys = sorting.wanted(&mut listing);
    let (read, remembered) = read_all(&listing, &working, &runs, options, progress).map_err(unwritable)?;
    let warnings = read.iter().map(|file| file.warnings).sum();
    let all_skipped = skipped.into_iter().chain(read.iter().flat_map(|file| file.skipped.iter().cloned()));
    let all_skipped: Vec<Skipped> = all_skipped.collect();
    let roots = Roots::of(paths);
    let mut drafts = Vec::new();
    for ((source, key), file) in listing.sources.iter().zip(&keys).zip(read) {
        sorting.take(source, key, file, &roots, &mut drafts);
    }
    sorting.check(drafts.is_empty(), files, &all_skipped).inspect_err(|error| {
        // What was read may serve a better wish; where there was nothing, nothing is left behind.
        if matches!(error, CorpusError::NoMusic { .. }) {
            let _ = fs::remove_file(&part);
        }
    })?;
    let Dealt { pieces, duplicates, straddling } =
        deal(drafts, options.scan.copies, &runs).map_err(unwritable)?;
    let making = Making {
        files: listing.sources.len(),
        warnings,
        duplicates,
        straddling,
        run: options.scan.run,
        left_out: sorting.left_out.clone(),
        faults: Fault::table(&all_skipped),
    };
    let bytes = write(output, &making, &pieces, &working)?;
    drop(working);
    let _ = fs::remove_file(&part);
    let groups: BTreeSet<usize> = pieces.iter().map(|piece| piece.group).collect();
    let rows_without_piece = sorting.rows_without_piece();
    Ok(Built { making, pieces: pieces.len(), groups: groups.len(), bytes, rows_without_piece, remembered })
}

/// A file beside another, with one more ending.
fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{ending}"));
    path.with_file_name(name)
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Reads all sources that the working file does not know, and says how many it knew.
fn read_all(
    listing: &Listing,
    working: &Working,
    runs: &Runs,
    options: &BuildOptions,
    progress: &(dyn Fn(Progress) + Sync),
) -> io::Result<(Vec<ReadFile>, usize)> {
    let (files, done) = (listing.sources.len(), AtomicUsize::new(0));
    let tick = || progress(Progress { done: done.fetch_add(1, Ordering::Relaxed) + 1, files });
    let mut reals = HashMap::new();
    let states: Vec<String> =
        listing.sources.iter().map(|source| state(source, real(&mut reals, &source.path))).collect();
    let remember = |state: &String| -> io::Result<Option<ReadFile>> {
        let Some(known) = working.known(state) else { return Ok(None) };
        let read = remembered(known, working, runs, options.scan.run)?;
        if read.is_some() {
            tick();
        }
        Ok(read)
    };
    let mut all: Vec<Option<ReadFile>> = states.par_iter().map(remember).collect::<io::Result<_>>()?;
    let remembered = all.iter().flatten().count();
    let fresh: Vec<usize> = (0..files).filter(|&index| all[index].is_none()).collect();
    let rest = Listing {
        sources: fresh.iter().map(|&at| listing.sources[at].clone()).collect(),
        skipped: Vec::new(),
    };
    let state_of: HashMap<String, &String> =
        fresh.iter().map(|&at| (listing.sources[at].to_string(), &states[at])).collect();
    let visit = |source: &Source, bytes: Result<Vec<u8>, ReadError>| {
        let state = state_of.get(&source.to_string()).map(|state| (*state).clone()).unwrap_or_default();
        let read = read_one(state, Found::of(source, bytes), working, runs, options.scan.run);
        tick();
        read
    };
    for (at, read) in fresh.into_iter().zip(rest.read_each(options.scan.largest_file, visit)) {
        all[at] = Some(read?);
    }
    Ok((all.into_iter().flatten().collect(), remembered))
}

/// What an earlier build read of a file, unless its music is damaged.
fn remembered(known: &ReadFile, working: &Working, runs: &Runs, run: usize) -> io::Result<Option<ReadFile>> {
    let mut read = known.clone();
    let mut scores = Vec::with_capacity(read.pieces.len());
    for piece in &read.pieces {
        let Some(score) = working.music(piece.music)?.and_then(|bytes| unpack(&bytes)) else {
            return Ok(None);
        };
        scores.push(fingerprint::runs(&score, run));
    }
    for (piece, hashes) in read.pieces.iter_mut().zip(scores) {
        piece.number = runs.add(&hashes)?;
    }
    Ok(Some(read))
}

fn read_one(state: String, found: Found, working: &Working, runs: &Runs, run: usize) -> io::Result<ReadFile> {
    let mut music = Vec::new();
    let mut pieces = Vec::with_capacity(found.pieces.len());
    for piece in found.pieces {
        let packed = pack(&piece.score);
        let sum = super::bytes::checksum(&packed);
        let extent = Extent { at: music.len() as u64, bytes: packed.len() as u32, sum };
        music.extend(packed);
        pieces.push(ReadPiece {
            tag: piece.tag,
            named: piece.named,
            title: piece.title,
            composer: piece.composer,
            print: piece.print,
            facts: Facts::of(&piece.score),
            music: extent,
            number: runs.add(&fingerprint::runs(&piece.score, run))?,
        });
    }
    let Found { hash, skipped, warnings, .. } = found;
    let mut read = ReadFile { state, hash, pieces, skipped, warnings };
    working.put(&mut read, &music)?;
    Ok(read)
}

/// A path without links and dots, looked up once.
fn real<'a>(known: &'a mut HashMap<PathBuf, PathBuf>, path: &Path) -> &'a Path {
    known.entry(path.to_owned()).or_insert_with(|| path.canonicalize().unwrap_or_else(|_| path.to_owned()))
}

/// What a piece is before it is written: where its music stands, and what was measured.
type Packed = (Extent, Facts);

/// Writes the file beside its place and moves it there.
fn write(
    output: &Path,
    making: &Making,
    pieces: &[Piece<Packed>],
    working: &Working,
) -> Result<u64, CorpusError> {
    let unwritable = |source| CorpusError::Unwritable { path: output.to_owned(), source };
    let new = beside(output, "new");
    let written = || -> io::Result<u64> {
        let mut writer = Writer::new(File::create(&new)?)?;
        let mut records = Vec::with_capacity(pieces.len());
        for piece in pieces {
            let lost = || io::Error::other("the working file was changed meanwhile; begin again");
            let music = working.music(piece.score.0)?.ok_or_else(lost)?;
            records.push(record(piece, writer.put(&music)?));
        }
        let bytes = writer.finish(making, &records)?;
        fs::rename(&new, output)?;
        Ok(bytes)
    };
    written().map_err(|error| {
        let _ = fs::remove_file(&new);
        unwritable(error)
    })
}

fn record(piece: &Piece<Packed>, music: Extent) -> Record {
    Record {
        name: piece.name.clone(),
        title: piece.title.clone(),
        style: piece.style.clone(),
        split: piece.split,
        group: piece.group,
        notes: piece.digest.clone(),
        ledger: LedgerEntry::clone(&piece.ledger),
        facts: piece.score.1.clone(),
        holds: holds(music),
    }
}

/// The names of the folders given, for a ledger that does not tell where they lie.
struct Roots(Vec<(PathBuf, String)>);

impl Roots {
    fn of(paths: &[PathBuf]) -> Self {
        let name = |path: &PathBuf| {
            let real = path.canonicalize().unwrap_or_else(|_| path.clone());
            let name = real.file_name().map(|name| name.to_string_lossy().into_owned());
            (path.clone(), name.unwrap_or_default())
        };
        Self(paths.iter().filter(|path| path.is_dir()).map(name).collect())
    }

    /// A source as the ledger names it: from the folder given, by that folder's name.
    fn source(&self, source: &Source) -> String {
        let root = self.0.iter().find(|(path, _)| source.path.starts_with(path));
        match root {
            Some((_, name)) if !name.is_empty() => format!("{name}/{}", source.name),
            _ => source.name.clone(),
        }
    }
}

/// Labels and choices as they are applied, and what was left out by them.
struct Sorting<'a> {
    options: &'a BuildOptions,
    /// Which rows of the labels a file or piece was found for.
    used: BTreeSet<usize>,
    left_out: BTreeMap<String, usize>,
    /// All styles and classes that were met, before anything was left out.
    styles: BTreeSet<String>,
    classes: BTreeSet<String>,
}

impl<'a> Sorting<'a> {
    fn new(options: &'a BuildOptions) -> Self {
        let (styles, classes) = (BTreeSet::new(), BTreeSet::new());
        Self { options, used: BTreeSet::new(), left_out: BTreeMap::new(), styles, classes }
    }

    /// Leaves out whole files by their labels, before they are read, and gives the keys of the others.
    fn wanted(&mut self, listing: &mut Listing) -> Vec<String> {
        let mut reals = HashMap::new();
        let mut keys = Vec::new();
        let sources = std::mem::take(&mut listing.sources);
        for source in sources {
            let key = labels::key(&source, real(&mut reals, &source.path));
            if self.is_wanted(&source, &key) {
                listing.sources.push(source);
                keys.push(key);
            }
        }
        keys
    }

    fn is_wanted(&mut self, source: &Source, key: &str) -> bool {
        let Some(labels) = &self.options.labels else { return true };
        if !labels.speak_of(key) {
            // What only may be music is none until it is read.
            let is_left_out = !self.options.choice.unlabelled;
            if is_left_out && !source.perhaps {
                self.leave_out("files without a row in the labels");
            }
            return !is_left_out;
        }
        let Some(row) = labels.of_piece(key, "") else { return true };
        let label = &labels.rows()[row];
        let style = label.style.as_deref().unwrap_or(&source.style);
        let rights = label.rights.as_deref().or(source.terms.rights.as_deref());
        if let Some(reason) = self.reason_against(style, rights) {
            self.used.insert(row);
            self.leave_out(&reason);
            return false;
        }
        true
    }

    fn leave_out(&mut self, reason: &str) {
        *self.left_out.entry(reason.to_owned()).or_default() += 1;
    }

    /// Why pieces of a style and class are not wanted, if they are not. Remembers both.
    fn reason_against(&mut self, style: &str, rights: Option<&str>) -> Option<String> {
        self.styles.insert(style.to_owned());
        self.classes.extend(rights.map(str::to_owned));
        self.options.choice.reason_against(style, rights)
    }

    /// Makes drafts of a file's pieces.
    fn take(
        &mut self,
        source: &Source,
        key: &str,
        file: ReadFile,
        roots: &Roots,
        drafts: &mut Vec<Draft<Packed>>,
    ) {
        let ledger_source = roots.source(source);
        let collection = match ledger_source.split_once('!') {
            Some((archive, _)) => archive,
            None => ledger_source.rsplit_once('/').map_or("", |(folder, _)| folder),
        };
        for piece in file.pieces {
            let row = self.options.labels.as_ref().and_then(|labels| labels.of_piece(key, &piece.tag));
            let label = match (&self.options.labels, row) {
                (Some(labels), Some(row)) => labels.rows()[row].clone(),
                (Some(_), None) if !self.options.choice.unlabelled => {
                    self.leave_out("pieces without a row in the labels");
                    continue;
                }
                _ => Label::default(),
            };
            self.used.extend(row);
            let style = label.style.clone().unwrap_or_else(|| source.style.clone());
            let terms = Rights {
                licence: label.licence.clone().or_else(|| source.terms.licence.clone()),
                rights: label.rights.clone().or_else(|| source.terms.rights.clone()),
                credit: label.credit.clone().or_else(|| source.terms.credit.clone()),
            };
            if let Some(reason) = self.reason_against(&style, terms.rights.as_deref()) {
                self.leave_out(&reason);
                continue;
            }
            let composer = label.composer.clone().or(piece.composer);
            let mut print = piece.print;
            if let Some(title) = &label.title {
                print.add_title(title);
            }
            drafts.push(Draft {
                name: format!("{}{}", source.name, piece.tag),
                path: source.path.clone(),
                source: ledger_source.clone().into(),
                collection: Some(collection.to_owned()).filter(|name| !name.is_empty()),
                style: self.options.choice.merged(&style),
                named: self.options.splits.named(&label, source.named.or(piece.named)),
                with: self.with(&label, source, composer.as_deref()),
                terms,
                title: label.title.unwrap_or(piece.title),
                composer,
                music: (piece.music, piece.facts),
                hash: file.hash.clone(),
                print,
                number: piece.number,
            });
        }
    }

    /// The words by which a piece stays together with others.
    fn with(&self, label: &Label, source: &Source, composer: Option<&str>) -> Vec<String> {
        let together = self.options.together.and_then(|together| together.word(source, composer));
        let group = label.group.as_ref().map(|group| format!("group {group}"));
        together.into_iter().chain(group).collect()
    }

    /// Fails where nothing is left, or where what was asked for is nowhere.
    fn check(&self, is_empty: bool, files: usize, skipped: &[Skipped]) -> Result<(), CorpusError> {
        self.options.choice.check(&self.styles, &self.classes)?;
        if !is_empty {
            return Ok(());
        }
        if self.left_out.is_empty() {
            return Err(CorpusError::NoMusic { examined: files, skipped: skipped.to_vec() });
        }
        let reasons = self.left_out.iter().map(|(reason, count)| format!("{count} {reason}"));
        Err(CorpusError::AllLeftOut(reasons.collect::<Vec<_>>().join(", ")))
    }

    /// Rows for which nothing was found, but for those that are not wanted anyway.
    fn rows_without_piece(&self) -> Vec<String> {
        let Some(labels) = &self.options.labels else { return Vec::new() };
        let unused = labels.rows().iter().enumerate().filter(|(row, label)| {
            let style = label.style.as_deref().unwrap_or_default();
            !self.used.contains(row)
                && self.options.choice.reason_against(style, label.rights.as_deref()).is_none()
        });
        unused.map(|(_, label)| label.path.clone()).collect()
    }
}
