//! What is the same in two pieces, whatever their key, resolution, file format or name.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use cantus_score::{Note, Score, Track};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Parts of a quarter note in which notes are compared: divisible by every usual resolution's grid.
const GRID: u64 = 10_080;

/// Titles that programs give to music without one; the last two are tracks of drums.
const NO_TITLES: [&str; 11] = [
    "untitled",
    "notitle",
    "unknown",
    "newsong",
    "track1",
    "piano",
    "midi",
    "score",
    "controltrack",
    "mididrums",
    "blueridge",
];

/// The marks by which relatives are found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Fingerprint {
    /// Hash of the notes, exactly.
    pub(super) digest: String,
    /// Hash of the beginnings and pitches of the notes from the first on, relative to the lowest.
    pub(super) shape: [u8; 32],
    /// The titles without case, signs and articles, but for those that say nothing.
    pub(super) titles: Vec<String>,
}

impl Fingerprint {
    /// Takes a piece's marks; its runs of notes, which are many, stand in [`super::Runs`].
    pub(super) fn of(titles: &[String], score: &Score) -> Self {
        let titles = titles.iter().filter_map(|title| plain_title(title)).collect();
        Self { digest: digest(score), shape: shape(score), titles }
    }

    /// Takes note of one more title.
    pub(super) fn add_title(&mut self, title: &str) {
        self.titles.extend(plain_title(title).filter(|title| !self.titles.contains(title)));
    }
}

/// SHA-256 as hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// Start and length of a note on the common grid.
fn on_grid(score: &Score, note: &Note) -> (u64, u64) {
    let quarter = u64::from(score.resolution.ticks_per_quarter());
    let scale = |ticks: u32| (u64::from(ticks) * GRID + quarter / 2) / quarter;
    (scale(note.start.0), scale(note.length.0))
}

/// Hashes the notes part by part.
fn digest(score: &Score) -> String {
    let mut hash = Sha256::new();
    for track in score.tracks.iter().filter(|track| !track.notes.is_empty()) {
        hash.update([track.is_drums().into()]);
        hash.update((track.notes.len() as u64).to_le_bytes());
        for note in &track.notes {
            let (start, length) = on_grid(score, note);
            hash.update(start.to_le_bytes());
            hash.update(length.to_le_bytes());
            hash.update([note.pitch.get()]);
        }
    }
    hex(&hash.finalize())
}

/// Parts of a quarter note in which copies are compared: coarse enough for sources that round septuplets otherwise.
const COPY_GRID: u64 = 48;

/// Hashes when which notes of all parts begin, so that neither key, nor a rest before or after, nor the order of parts,
/// nor how long notes are held, nor a unison written in two parts matters: in these, copies in two formats differ.
fn shape(score: &Score) -> [u8; 32] {
    let pitched = || score.tracks.iter().filter(|track| !track.is_drums()).flat_map(|track| &track.notes);
    let lowest = pitched().map(|note| note.pitch.get()).min().unwrap_or_default();
    let starts = score.tracks.iter().flat_map(|track| &track.notes).map(|note| note.start.0);
    let first = starts.min().unwrap_or_default();
    let quarter = u64::from(score.resolution.ticks_per_quarter());
    let mut notes = Vec::with_capacity(score.note_count());
    for track in &score.tracks {
        // The pitches of drums name instruments, which no transposition changes.
        let base = if track.is_drums() { 0 } else { lowest };
        notes.extend(track.notes.iter().map(|note| {
            let start = (u64::from(note.start.0 - first) * COPY_GRID + quarter / 2) / quarter;
            (start, track.is_drums(), note.pitch.get() - base)
        }));
    }
    notes.sort_unstable();
    notes.dedup();
    let mut hash = Sha256::new();
    for (start, drums, pitch) in notes {
        hash.update(start.to_le_bytes());
        hash.update([drums.into(), pitch]);
    }
    hash.finalize().into()
}

/// A title without what two copies of it may differ in: case, signs, spaces and the article.
fn plain_title(title: &str) -> Option<String> {
    let lower = title.to_lowercase().replace(['\'', '’'], "");
    let mut words: Vec<&str> = lower.split(|letter: char| !letter.is_alphanumeric()).collect();
    words.retain(|word| !word.is_empty());
    if words.first() == Some(&"the") {
        words.remove(0);
    } else if words.last() == Some(&"the") {
        words.pop();
    }
    let plain = words.concat();
    let says_nothing = plain.chars().count() < 4 || NO_TITLES.contains(&plain.as_str());
    (!says_nothing).then_some(plain)
}

/// The hashes of all runs of `run` notes in the melody of each part, as intervals; sorted.
pub(crate) fn runs(score: &Score, run: usize) -> Vec<u64> {
    let window = run.max(2) - 1;
    let mut hashes = BTreeSet::new();
    for track in score.tracks.iter().filter(|track| !track.is_drums()) {
        let intervals = intervals(track);
        let telling = intervals.windows(window).filter(|run| tells(run));
        hashes.extend(telling.map(hash_of_intervals));
    }
    hashes.into_iter().collect()
}

/// The intervals between the highest notes of a part's onsets.
fn intervals(track: &Track) -> Vec<i8> {
    let mut line: Vec<(u32, i8)> = Vec::with_capacity(track.notes.len());
    for note in &track.notes {
        let (start, pitch) = (note.start.0, note.pitch.get() as i8);
        match line.last_mut() {
            Some(last) if last.0 == start => last.1 = last.1.max(pitch),
            _ => line.push((start, pitch)),
        }
    }
    line.windows(2).map(|pair| pair[1].1 - pair[0].1).collect()
}

/// Whether a run has three different intervals: unrelated pieces share repeated notes and trills.
fn tells(run: &[i8]) -> bool {
    let Some(first) = run.first() else { return false };
    let Some(second) = run.iter().find(|&interval| interval != first) else { return false };
    run.iter().any(|interval| interval != first && interval != second)
}

/// FNV-1a: the same on every machine and in every version, unlike the standard library's hash.
fn hash_of_intervals(run: &[i8]) -> u64 {
    run.iter().fold(0xcbf2_9ce4_8422_2325, |hash, &interval| {
        (hash ^ u64::from(interval as u8)).wrapping_mul(0x0100_0000_01b3)
    })
}
