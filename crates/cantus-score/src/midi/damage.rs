//! Damaged copies of MIDI files, and what must hold for the reader on any bytes: for tests and fuzzing.

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

    /// A copy of a file with one to four faults: bits flipped, bytes overwritten, pieces cut out, doubled or
    /// taken from another file, or a length field changed.
    pub fn copy(&mut self, file: &[u8], other: &[u8]) -> Vec<u8> {
        let mut copy = file.to_vec();
        for _ in 0..=self.below(3) {
            match self.below(7) {
                0 => self.flip_bits(&mut copy),
                1 => self.overwrite(&mut copy),
                2 => self.cut_piece(&mut copy),
                3 => self.cut_end(&mut copy),
                4 => self.double_piece(&mut copy),
                5 => self.splice(&mut copy, other),
                _ => self.change_length_field(&mut copy),
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

    /// A piece of at most 40 bytes: its beginning and end.
    fn piece(&mut self, bytes: &[u8]) -> (usize, usize) {
        let start = self.below(bytes.len());
        (start, (start + 1 + self.below(40)).min(bytes.len()))
    }

    fn flip_bits(&mut self, copy: &mut [u8]) {
        for _ in 0..=self.below(8) {
            let (at, bit) = (self.below(copy.len()), self.below(8));
            if let Some(byte) = copy.get_mut(at) {
                *byte ^= 1 << bit;
            }
        }
    }

    fn overwrite(&mut self, copy: &mut [u8]) {
        // Bytes that mean something make worse faults than others do.
        const HOSTILE: [u8; 12] = [0, 1, 0x7F, 0x80, 0x90, 0x9F, 0xC0, 0xF0, 0xF7, 0xF8, 0xFF, 0x2F];
        let at = self.below(copy.len());
        let value = HOSTILE.get(self.below(HOSTILE.len())).copied().unwrap_or(0);
        if let Some(byte) = copy.get_mut(at) {
            *byte = value;
        }
    }

    fn cut_piece(&mut self, copy: &mut Vec<u8>) {
        let (start, end) = self.piece(copy);
        copy.drain(start..end);
    }

    fn cut_end(&mut self, copy: &mut Vec<u8>) {
        let length = self.below(copy.len() + 1);
        copy.truncate(length);
    }

    fn double_piece(&mut self, copy: &mut Vec<u8>) {
        let (start, end) = self.piece(copy);
        copy.extend_from_within(start..end);
        let at = self.below(copy.len() + 1);
        if let Some(tail) = copy.get_mut(at..) {
            tail.rotate_right((end - start).min(tail.len()));
        }
    }

    fn splice(&mut self, copy: &mut Vec<u8>, other: &[u8]) {
        let keep = self.below(copy.len() + 1);
        let from = self.below(other.len() + 1);
        copy.truncate(keep);
        copy.extend_from_slice(other.get(from..).unwrap_or_default());
    }

    fn change_length_field(&mut self, copy: &mut [u8]) {
        let heads = copy.windows(4).enumerate().filter(|(_, name)| *name == b"MTrk" || *name == b"MThd");
        let heads: Vec<usize> = heads.map(|(at, _)| at).collect();
        let Some(&head) = heads.get(self.below(heads.len())) else { return };
        let value = match self.below(4) {
            0 => 0,
            1 => u32::MAX,
            2 => self.below(copy.len()) as u32,
            _ => self.next() as u32,
        };
        if let Some(field) = copy.get_mut(head + 4..head + 8) {
            field.copy_from_slice(&value.to_be_bytes());
        }
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
