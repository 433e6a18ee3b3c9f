//! Many files at once.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use cantus_model::corpus::{self, Progress, Skipped, Source};
use cantus_score::roll::ReadOptions;

use rayon::prelude::*;

use super::sound::{found, is_sound_file};
use super::{Frames, Measured, MeasuredSound};
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
    frames: Frames,
    progress: &(dyn Fn(Progress) -> bool + Sync),
) -> MeasuredFiles {
    let scores: Vec<PathBuf> = inputs.iter().filter(|path| !is_sound_file(path)).cloned().collect();
    let mut all = of_scores(&scores, progress);
    if !all.stopped {
        sounds(&found(inputs), frames, progress, &mut all);
    }
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

/// Measures files of sound.
fn sounds(
    files: &[PathBuf],
    frames: Frames,
    progress: &(dyn Fn(Progress) -> bool + Sync),
    all: &mut MeasuredFiles,
) {
    let (done, is_stopped) = (AtomicUsize::new(0), AtomicBool::new(false));
    let measure = |path: &PathBuf| {
        if is_stopped.load(Ordering::Relaxed) {
            return None;
        }
        let result = MeasuredSound::of_file(path, frames);
        let now = Progress { done: done.fetch_add(1, Ordering::Relaxed) + 1, files: files.len() };
        if !progress(now) {
            is_stopped.store(true, Ordering::Relaxed);
        }
        Some(result)
    };
    let results: Vec<Option<Result<MeasuredSound, Error>>> = files.par_iter().map(measure).collect();
    for result in results.into_iter().flatten() {
        match result {
            Ok(sound) => all.sounds.push(sound),
            Err(error) => all.failures.push(error),
        }
    }
    all.stopped |= is_stopped.into_inner();
}

fn of_scores(inputs: &[PathBuf], progress: &(dyn Fn(Progress) -> bool + Sync)) -> MeasuredFiles {
    let mut all = MeasuredFiles::default();
    // Neighbouring inputs that can be listed are read together; a tune of a book is read by itself.
    for inputs in inputs.chunk_by(|one, next| is_listed(one) && is_listed(next)) {
        if all.stopped {
            break;
        }
        if inputs.first().is_some_and(|path| is_listed(path)) {
            listed(inputs, progress, &mut all);
        } else {
            for path in inputs {
                match read(path) {
                    Ok(music) => all.pieces.extend(of_music(&music)),
                    Err(error) => all.failures.push(error),
                }
            }
        }
    }
    all
}

/// Whether a path can be listed: it exists, or is a wildcard or a file in an archive.
fn is_listed(path: &Path) -> bool {
    let text = path.to_string_lossy();
    path.exists() || (!text.contains('#') && text.contains(['*', '?', '[', '!']))
}

fn listed(inputs: &[PathBuf], progress: &(dyn Fn(Progress) -> bool + Sync), all: &mut MeasuredFiles) {
    let listing = match corpus::list(inputs) {
        Ok(listing) => listing,
        Err(error) => {
            all.failures.push(no_corpus(error));
            return;
        }
    };
    let (files, done, is_stopped) = (listing.sources.len(), AtomicUsize::new(0), AtomicBool::new(false));
    let results = listing.read_each(LARGEST_FILE, |source, bytes| {
        if is_stopped.load(Ordering::Relaxed) {
            return None;
        }
        let path = PathBuf::from(source.to_string());
        let result = bytes
            .map_err(|error| unreadable(error, &path))
            .map_or_else(|error| Some(Err(error)), |bytes| measured(source, &path, &bytes));
        let now = Progress { done: done.fetch_add(1, Ordering::Relaxed) + 1, files };
        if !progress(now) {
            is_stopped.store(true, Ordering::Relaxed);
        }
        result
    });
    for result in results.into_iter().flatten() {
        match result {
            Ok(pieces) => all.pieces.extend(pieces),
            Err(error) => all.failures.push(error),
        }
    }
    all.skipped.extend(listing.skipped);
    all.stopped = is_stopped.into_inner();
}

/// Measures the pieces of a file; nothing where it only looked like music.
fn measured(source: &Source, path: &Path, bytes: &[u8]) -> Option<Result<Vec<Measured>, Error>> {
    match of_bytes(path, bytes, ReadOptions::default()) {
        Ok(music) => Some(Ok(of_music(&music).collect())),
        Err(_) if is_something_else(source, bytes) => None,
        Err(error) => Some(Err(error)),
    }
}

fn of_music(music: &Music) -> impl Iterator<Item = Measured> {
    music.pieces.iter().map(|piece| Measured::of(name(music, piece), &piece.score()))
}

/// The file, with the tune's number where it holds several.
fn name(music: &Music, piece: &Piece) -> String {
    let path = music.path.display().to_string();
    match &piece.tag {
        Some(number) if music.pieces.len() > 1 => format!("{path}#{number}"),
        _ => path,
    }
}
