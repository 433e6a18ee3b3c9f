//! Damaged copies of files, and what must hold for the reader on any bytes: for tests and fuzzing.

mod bytes;
mod chunks;
mod events;

use super::{canonical, read, write};
use crate::{MOST_WARNINGS, Strictness};

/// Makes damaged copies of files; the same seed makes the same copies.
#[derive(Debug, Clone)]
pub struct Damage {
    state: u64,
}

impl Damage {
    /// Damage that is told by a seed.
    pub const fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// A copy of a MIDI file with one to four faults: in its bytes (flipped, overwritten, cut, doubled, spliced with
    /// another file), in its chunks (lengths and header that lie, chunks lost, doubled, moved or taken from another
    /// file, thousands of tracks), or in its events (lengths that lie, times without measure, statuses lost, events
    /// that no music has).
    pub fn copy(&mut self, file: &[u8], other: &[u8]) -> Vec<u8> {
        let mut copy = file.to_vec();
        for _ in 0..=self.below(3) {
            match self.below(3) {
                0 => self.damage_bytes(&mut copy, other),
                1 => self.damage_chunks(&mut copy, other),
                _ => self.damage_events(&mut copy),
            }
        }
        if copy == file {
            self.flip_bits(&mut copy);
        }
        copy
    }

    /// A copy of a file of any format with one to four faults in its bytes, or with one of some words that mean much in
    /// that format put in anywhere, once or very often.
    pub fn copy_with_words(&mut self, file: &[u8], other: &[u8], words: &[&str]) -> Vec<u8> {
        let mut copy = file.to_vec();
        for _ in 0..=self.below(3) {
            match words.get(self.below(2 * words.len())) {
                Some(word) => self.insert_word(&mut copy, word.as_bytes()),
                None => self.damage_bytes(&mut copy, other),
            }
        }
        copy
    }

    /// The next number of `SplitMix64`.
    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.state ^ (self.state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below another, or 0 where that is 0.
    fn below(&mut self, end: usize) -> usize {
        if end == 0 { 0 } else { (self.next() % end as u64) as usize }
    }

    /// One of some things, or nothing where there are none.
    fn one_of<T: Clone>(&mut self, things: &[T]) -> Option<T> {
        things.get(self.below(things.len())).cloned()
    }
}

/// Checks on any bytes what must always hold: that they are read or refused, with warnings within their bound,
/// and that what was read is written and read back unchanged and without a warning. Panics and hangs are the
/// caller's to notice. The error tells what does not hold.
pub fn check(bytes: &[u8]) -> Result<(), String> {
    let Ok(rescued) = read(bytes, Strictness::Tolerant) else { return Ok(()) };
    if rescued.warnings.len() > MOST_WARNINGS {
        return Err(format!("{} warnings", rescued.warnings.len()));
    }
    if rescued.warnings.is_empty() != read(bytes, Strictness::Strict).is_ok() {
        return Err("strict reading disagrees with the warnings".to_owned());
    }
    let written = write(&rescued.value).map_err(|error| format!("not written: {error}"))?;
    let back = read(&written, Strictness::Strict).map_err(|error| format!("not read back: {error}"))?;
    if canonical(&rescued.value) != rescued.value {
        return Err("what was read is not canonical".to_owned());
    }
    if back.value == rescued.value { Ok(()) } else { Err("it came back changed".to_owned()) }
}

/// Checks so many damaged copies of files, in turn and each spliced with the next; the error tells the seed
/// of the copy that failed, and why. `on_copy` sees every copy before it is read.
pub fn check_copies(
    files: &[Vec<u8>],
    count: usize,
    seed: u64,
    mut on_copy: impl FnMut(&[u8]),
) -> Result<(), String> {
    let pairs = files.iter().zip(files.iter().cycle().skip(1)).cycle();
    for (number, (file, other)) in (0..count as u64).zip(pairs) {
        let seed = seed.wrapping_add(number);
        let copy = Damage::new(seed).copy(file, other);
        on_copy(&copy);
        check(&copy).map_err(|why| format!("the copy of seed {seed}: {why}"))?;
    }
    Ok(())
}
