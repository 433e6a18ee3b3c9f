//! Many files at once.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{Cursor, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use cantus_model::corpus::{self, Listing, Progress, ReadError, Skipped, Source};
use cantus_score::{Score, Strictness, Warning, npy, roll};
use zip::write::SimpleFileOptions;

use super::{
    ConvertOptions, Converted, Loss, OutputFormat, ROLL_HINT, encode_piece, is_input, losses, names,
};
use crate::error::{Error, Kind};
use crate::input::{LARGEST_FILE, of_bytes, unreadable};
use crate::write_file;

/// Where the results of many files go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// Into a folder, which is made where it does not exist, a file a piece.
    Folder(PathBuf, OutputFormat),
    /// Into a ZIP archive, a file a piece.
    Archive(PathBuf, OutputFormat),
    /// Into one array of piano rolls, `[pieces, time, keys]`.
    Stack(PathBuf),
}

/// What became of one file among many.
#[derive(Debug)]
pub struct Done {
    /// Its path; in an archive with `!` before its name there.
    pub name: String,
    /// What became of it, or why nothing did.
    pub result: Result<Converted, Error>,
}

/// What became of many files.
#[derive(Debug, Default)]
pub struct Batch {
    /// Each file, in the order of the paths and of the names below them.
    pub files: Vec<Done>,
    /// What could not be looked at.
    pub skipped: Vec<Skipped>,
    /// How many results were written.
    pub written: usize,
    /// Names that were changed because two results would have had the same: the source and the new name.
    pub renamed: Vec<(String, String)>,
    /// Whether it was stopped before its end.
    pub stopped: bool,
}

/// Converts all music below some paths: files, folders, archives, wildcards. A file that cannot be converted is told of
/// and the others are converted all the same. `progress` is called after each file, from any thread; where it gives
/// `false` no more are begun. No input is ever written over, and whatever is written is whole.
pub fn convert_all(
    inputs: &[PathBuf],
    target: &Target,
    options: &ConvertOptions,
    progress: &(dyn Fn(Progress) -> bool + Sync),
) -> Result<Batch, Error> {
    let mut listing = corpus::list(inputs).map_err(|error| Error::of(Kind::Missing, error))?;
    if listing.sources.is_empty() {
        let reason = listing.skipped.first();
        let reason = reason.map(|skipped| format!("; {}: {}", skipped.path.display(), skipped.reason));
        let message = "a conversion of many files needs at least one, but no music was found there";
        return Err(Error::new(Kind::Missing, format!("{message}{}", reason.unwrap_or_default()))
            .with_hint("check the paths; `cantus help convert` lists the formats"));
    }
    let skipped = std::mem::take(&mut listing.skipped);
    let work = Work::new(&listing, target, options);
    let (files, done, is_stopped) =
        (listing.sources.len(), AtomicUsize::new(0), std::sync::atomic::AtomicBool::new(false));
    let results = listing.read_each(LARGEST_FILE, |source, bytes| {
        if is_stopped.load(Ordering::Relaxed) {
            return None;
        }
        let result = work.one(source, bytes);
        let now = Progress { done: done.fetch_add(1, Ordering::Relaxed) + 1, files };
        if !progress(now) {
            is_stopped.store(true, Ordering::Relaxed);
        }
        Some((source.to_string(), result?))
    });
    let stopped = is_stopped.into_inner();
    let mut batch = Batch { skipped, stopped, ..Batch::default() };
    let mut made = Vec::new();
    for (name, result) in results.into_iter().flatten() {
        let result = result.map(|(converted, own)| {
            if !(converted.files.is_empty() && own.is_empty()) {
                batch.renamed.extend(work.renamed(&name));
            }
            batch.written += converted.files.len();
            made.extend(own);
            converted
        });
        batch.files.push(Done { name, result });
    }
    if !(stopped && made.is_empty()) {
        batch.written += finish(target, &made, options)?;
    }
    Ok(batch)
}

/// What a file gives to a result that all share.
enum Made {
    /// A file in an archive.
    File(String, Vec<u8>),
    /// A piece of an array.
    Piece(Box<Score>),
}

/// What all files are converted with.
struct Work<'a> {
    target: &'a Target,
    options: &'a ConvertOptions,
    sources: &'a [Source],
    stems: Vec<String>,
    /// The place of each source among them all.
    places: BTreeMap<String, usize>,
    taken: BTreeSet<String>,
    inputs: BTreeSet<PathBuf>,
}

impl<'a> Work<'a> {
    fn new(listing: &'a Listing, target: &'a Target, options: &'a ConvertOptions) -> Self {
        let stems = names::stems(&listing.sources);
        let inputs = listing.sources.iter().filter_map(|source| source.path.canonicalize().ok());
        Self {
            target,
            options,
            sources: &listing.sources,
            places: listing
                .sources
                .iter()
                .enumerate()
                .map(|(place, source)| (source.to_string(), place))
                .collect(),
            taken: stems.iter().map(|stem| stem.to_lowercase()).collect(),
            stems,
            inputs: inputs.collect(),
        }
    }

    /// A source and the name of its result, where that is not its own.
    fn renamed(&self, name: &str) -> Option<(String, String)> {
        let place = *self.places.get(name)?;
        let (source, stem) = (self.sources.get(place)?, self.stems.get(place)?);
        let is_new = stem.rsplit('/').next().is_some_and(|stem| stem != names::own(source));
        let is_file = !matches!(self.target, Target::Stack(_));
        (is_new && is_file).then(|| (source.to_string(), stem.clone()))
    }

    /// Converts one file; nothing where it only looked like music.
    fn one(
        &self,
        source: &Source,
        bytes: Result<Vec<u8>, ReadError>,
    ) -> Option<Result<(Converted, Vec<Made>), Error>> {
        let path = PathBuf::from(source.to_string());
        let bytes = match bytes {
            Ok(bytes) => bytes,
            Err(error) => return Some(Err(unreadable(error, &path))),
        };
        let music = match of_bytes(&path, &bytes, self.options.reading) {
            Ok(music) => music,
            // A name such as x.xml or x.json promises nothing.
            Err(_) if is_something_else(source, &bytes) => return None,
            Err(error) => return Some(Err(error)),
        };
        let index = *self.places.get(&source.to_string())?;
        let mut converted = Converted { warnings: music.warnings.clone(), ..Converted::default() };
        let (mut made, count) = (Vec::new(), music.pieces.len());
        for (number, piece) in music.pieces.iter().enumerate() {
            let stem = names::of_piece(self.stems.get(index)?, (number, count), &self.taken);
            let one = match self.target {
                Target::Stack(_) => {
                    made.push(Made::Piece(Box::new(piece.score().into_owned())));
                    continue;
                }
                Target::Folder(_, format) | Target::Archive(_, format) => {
                    let (piece, heard) = super::heard(piece, *format, self.options.beats);
                    converted.heard.extend(heard);
                    encode_piece(&piece, *format, self.options).map(|encoded| (encoded, *format))
                }
            };
            let written = one.and_then(|((bytes, losses), format)| {
                losses::add(&mut converted.losses, losses);
                self.write(&format!("{stem}.{}", format.ending()), bytes)
            });
            match written {
                Ok(Ok(path)) => converted.files.push(path),
                Ok(Err(file)) => made.push(file),
                Err(error) => return Some(Err(error.or_at(&path))),
            }
        }
        Some(Ok((converted, made)))
    }

    /// Writes a result into the folder, or keeps it for the archive.
    fn write(&self, name: &str, bytes: Vec<u8>) -> Result<Result<PathBuf, Made>, Error> {
        let Target::Folder(folder, _) = self.target else {
            return Ok(Err(Made::File(name.to_owned(), bytes)));
        };
        let path = folder.join(name);
        if path.canonicalize().is_ok_and(|path| self.inputs.contains(&path)) {
            return Err(is_input(&path));
        }
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(|error| crate::output::unwritable(error, parent))?;
        }
        write_file(&path, &bytes)?;
        Ok(Ok(path))
    }
}

/// Whether a file whose name promises nothing, such as `x.xml`, is no music at all.
pub(crate) fn is_something_else(source: &Source, bytes: &[u8]) -> bool {
    let reason = || corpus::read(bytes, Strictness::Tolerant).err();
    source.is_perhaps() && reason().is_some_and(|error| error.is_something_else())
}

/// Writes what all files share, and tells how many results that are.
fn finish(target: &Target, made: &[Made], options: &ConvertOptions) -> Result<usize, Error> {
    match target {
        Target::Folder(..) => Ok(0),
        Target::Archive(path, _) => {
            let files = made.iter().filter_map(|made| match made {
                Made::File(name, bytes) => Some((name.as_str(), bytes.as_slice())),
                Made::Piece(_) => None,
            });
            let bytes = archive(files).map_err(|error| Error::of(Kind::Output, error).at(path))?;
            write_file(path, &bytes).map(|()| made.len())
        }
        Target::Stack(path) => {
            let scores = made.iter().filter_map(|made| match made {
                Made::Piece(score) => Some(&**score),
                Made::File(..) => None,
            });
            let array = roll::stack(scores, options.roll)
                .map_err(|error| Error::of(Kind::Output, error).at(path).with_hint(ROLL_HINT))?;
            write_file(path, &npy::write(&array)).map(|()| made.len())
        }
    }
}

/// A ZIP archive of files; equal files give equal bytes.
fn archive<'a>(files: impl Iterator<Item = (&'a str, &'a [u8])>) -> Result<Vec<u8>, zip::result::ZipError> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default()
        .compression_method(zip::CompressionMethod::Deflated)
        .last_modified_time(zip::DateTime::default());
    for (name, bytes) in files {
        archive.start_file(name, options)?;
        archive.write_all(bytes)?;
    }
    Ok(archive.finish()?.into_inner())
}

impl Batch {
    /// Everything that the forms do not hold.
    pub fn losses(&self) -> Vec<Loss> {
        let mut all = Vec::new();
        for converted in self.converted() {
            losses::add(&mut all, converted.losses.clone());
        }
        all
    }

    /// What the readers forgave, each with its file.
    pub fn warnings(&self) -> impl Iterator<Item = (&str, &Warning)> {
        self.files.iter().flat_map(|done| {
            let warnings = done.result.as_ref().map(|converted| converted.warnings.as_slice());
            warnings.unwrap_or_default().iter().map(|warning| (done.name.as_str(), warning))
        })
    }

    /// The files that were not converted, and why.
    pub fn failures(&self) -> impl Iterator<Item = (&str, &Error)> {
        self.files.iter().filter_map(|done| Some((done.name.as_str(), done.result.as_ref().err()?)))
    }

    fn converted(&self) -> impl Iterator<Item = &Converted> {
        self.files.iter().filter_map(|done| done.result.as_ref().ok())
    }
}

/// Whether a path stands for many files: a folder, an archive, a wildcard.
pub fn is_many(path: &Path) -> bool {
    let name = path.to_string_lossy();
    let is_archive = || {
        [".zip", ".tar", ".tar.gz", ".tgz", ".tar.zst", ".tzst"]
            .iter()
            .any(|ending| name.to_lowercase().ends_with(ending))
    };
    path.is_dir() || is_archive() || (name.contains(['*', '?', '[']) && !path.exists())
}
