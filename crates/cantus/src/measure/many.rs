//! Many files at once.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use cantus_model::array::Clips;
use cantus_model::corpus::{self, Listing, Progress, Skipped, Source};
use cantus_score::roll::ReadOptions;

use rayon::prelude::*;

use super::{Measured, MeasuredSound, Selection, Wanted};
use crate::convert::is_something_else;
use crate::error::{Error, Kind};
use crate::input::{LARGEST_FILE, of_bytes, unreadable};
use crate::learned::no_corpus;
use crate::{Music, Piece, read};

/// What was measured on many files.
#[derive(Debug, Default)]
pub struct MeasuredFiles {
    /// The pieces, in the order of the paths and of the names below them.
    pub pieces: Vec<Measured>,
    /// The sounds, in the same order.
    pub sounds: Vec<MeasuredSound>,
    /// The files that could not be read, and why.
    pub failures: Vec<Error>,
    /// What could not be looked at.
    pub skipped: Vec<Skipped>,
    /// Whether it was stopped before its end.
    pub stopped: bool,
}

impl MeasuredFiles {
    /// Whether there was nothing to measure and nothing to say of it.
    fn is_empty(&self) -> bool {
        let Self { pieces, sounds, failures, skipped, stopped } = self;
        pieces.is_empty() && sounds.is_empty() && failures.is_empty() && skipped.is_empty() && !stopped
    }
}

/// Measures all music below some paths: files, tunes of books, folders, archives, wildcards, as many at once as there are
/// processors. A file that cannot be read is told of and the others are measured all the same. `progress` is called after
/// each file, from any thread; where it gives `false` no more are begun. Scores come first, sounds after them.
pub fn measure_all(
    inputs: &[PathBuf],
    wanted: &Wanted,
    progress: &(dyn Fn(Progress) -> bool + Sync),
) -> MeasuredFiles {
    let mut all = MeasuredFiles::default();
    let scores: Vec<PathBuf> = inputs.iter().filter(|path| !is_sound_file(path)).cloned().collect();
    let (works, sounds) = (works(&scores, &mut all), sounds_in(inputs));
    let files = works.iter().map(Work::files).sum::<usize>() + sounds.len();
    let meter = Meter { files, done: AtomicUsize::new(0), is_stopped: AtomicBool::new(false), progress };
    for work in works {
        work.measure(&wanted.selection, &meter, &mut all);
    }
    let of_sound = |path: &PathBuf| meter.count(|| MeasuredSound::of_file(path, wanted));
    let results: Vec<Option<Result<MeasuredSound, Error>>> = sounds.par_iter().map(of_sound).collect();
    for result in results.into_iter().flatten() {
        match result {
            Ok(sound) => all.sounds.push(sound),
            Err(error) => all.failures.push(error),
        }
    }
    all.stopped = meter.is_stopped.into_inner();
    if all.is_empty()
        && let Some(first) = inputs.first()
    {
        all.failures.push(nothing_in(first));
    }
    all
}

fn nothing_in(input: &Path) -> Error {
    let what = if input.is_dir() { "this is a folder" } else { "this is a file" };
    Error::new(Kind::Input, format!("{what} without music and without sound"))
        .at(input)
        .with_hint("name files of music or of sound, or folders with some in them")
}

/// Counts the files that are done, of all that there are.
struct Meter<'a> {
    files: usize,
    done: AtomicUsize,
    is_stopped: AtomicBool,
    progress: &'a (dyn Fn(Progress) -> bool + Sync),
}

impl Meter<'_> {
    /// Measures a file, unless it was asked to stop.
    fn count<Found>(&self, measure: impl FnOnce() -> Found) -> Option<Found> {
        if self.is_stopped.load(Ordering::Relaxed) {
            return None;
        }
        let found = measure();
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        if !(self.progress)(Progress { done, files: self.files }) {
            self.is_stopped.store(true, Ordering::Relaxed);
        }
        Some(found)
    }
}

/// Scores that are read in one go.
enum Work {
    /// Files that were listed.
    Listed(Listing),
    /// A tune of a book, or a path that leads nowhere.
    One(PathBuf),
}

/// The scores of some paths; what cannot be listed has failed. Neighbours that can be listed are read together.
fn works(inputs: &[PathBuf], all: &mut MeasuredFiles) -> Vec<Work> {
    let mut works = Vec::new();
    for inputs in inputs.chunk_by(|one, next| is_listed(one) && is_listed(next)) {
        match inputs {
            [one] if !is_listed(one) => works.push(Work::One(one.clone())),
            inputs => match corpus::list(inputs) {
                Ok(listing) => works.push(Work::Listed(listing)),
                Err(error) => all.failures.push(no_corpus(error)),
            },
        }
    }
    works
}

/// Whether a path can be listed: it exists, or is a wildcard or a file in an archive.
fn is_listed(path: &Path) -> bool {
    let text = path.to_string_lossy();
    path.exists() || (!text.contains('#') && text.contains(['*', '?', '[', '!']))
}

impl Work {
    fn files(&self) -> usize {
        match self {
            Self::Listed(listing) => listing.sources.len(),
            Self::One(_) => 1,
        }
    }

    fn measure(self, selection: &Selection, meter: &Meter<'_>, all: &mut MeasuredFiles) {
        let results = match self {
            Self::One(path) => {
                let music = meter.count(|| read(&path));
                vec![music.map(|music| music.map(|music| of_music(&music, selection).collect()))]
            }
            Self::Listed(listing) => {
                let results = listing.read_each(LARGEST_FILE, |source, bytes| {
                    let path = PathBuf::from(source.to_string());
                    let read = bytes.map_err(|error| unreadable(error, &path));
                    meter.count(|| match read {
                        Ok(bytes) => measured(source, (&path, &bytes), selection),
                        Err(error) => Some(Err(error)),
                    })?
                });
                all.skipped.extend(listing.skipped);
                results
            }
        };
        for result in results.into_iter().flatten() {
            match result {
                Ok(pieces) => all.pieces.extend::<Vec<Measured>>(pieces),
                Err(error) => all.failures.push(error),
            }
        }
    }
}

/// Measures the pieces of a file; nothing where it only looked like music.
fn measured(
    source: &Source,
    (path, bytes): (&Path, &[u8]),
    selection: &Selection,
) -> Option<Result<Vec<Measured>, Error>> {
    match of_bytes(path, bytes, ReadOptions::default()) {
        Ok(music) => Some(Ok(of_music(&music, selection).collect())),
        Err(_) if is_something_else(source, bytes) => None,
        Err(error) => Some(Err(error)),
    }
}

fn of_music(music: &Music, selection: &Selection) -> impl Iterator<Item = Measured> {
    music.pieces.iter().map(|piece| Measured::of(name(music, piece), &piece.score(), selection))
}

/// The file, with the tune's number where it holds several.
fn name(music: &Music, piece: &Piece) -> String {
    let path = music.path.display().to_string();
    match &piece.tag {
        Some(number) if music.pieces.len() > 1 => format!("{path}#{number}"),
        _ => path,
    }
}

/// Whether a path is a file of sound, by its content or by its name: of one that is called so and is broken it is to be told.
fn is_sound_file(path: &Path) -> bool {
    path.is_file() && (crate::is_sound(path) || Clips::are_at(path))
}

/// The files of sound among some paths and, by their names, in the folders among them; each once.
fn sounds_in(inputs: &[PathBuf]) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = Vec::new();
    for path in inputs {
        if path.is_dir() {
            files.extend(Clips::below(path));
        } else if is_sound_file(path) {
            files.push(path.clone());
        }
    }
    let mut seen = BTreeSet::new();
    files.retain(|path| seen.insert(path.clone()));
    files
}
