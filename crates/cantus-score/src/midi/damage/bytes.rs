//! Faults of single bytes and of stretches of them, whatever the format.

use super::Damage;

/// Bytes that mean something in MIDI make worse faults than others do.
const HOSTILE: [u8; 12] = [0, 1, 0x7F, 0x80, 0x90, 0x9F, 0xC0, 0xF0, 0xF7, 0xF8, 0xFF, 0x2F];

impl Damage {
    /// One fault of the bytes; `other` is a file to take a piece from.
    pub(super) fn damage_bytes(&mut self, copy: &mut Vec<u8>, other: &[u8]) {
        match self.below(6) {
            0 => self.flip_bits(copy),
            1 => self.overwrite(copy),
            2 => self.cut_piece(copy),
            3 => self.cut_end(copy),
            4 => self.double_piece(copy),
            _ => self.splice(copy, other),
        }
    }

    pub(super) fn flip_bits(&mut self, copy: &mut [u8]) {
        for _ in 0..=self.below(8) {
            let (at, bit) = (self.below(copy.len()), self.below(8));
            if let Some(byte) = copy.get_mut(at) {
                *byte ^= 1 << bit;
            }
        }
    }

    fn overwrite(&mut self, copy: &mut [u8]) {
        let (at, value) = (self.below(copy.len()), self.one_of(&HOSTILE));
        if let (Some(byte), Some(value)) = (copy.get_mut(at), value) {
            *byte = value;
        }
    }

    /// A piece of at most 40 bytes: its beginning and end.
    fn piece(&mut self, bytes: &[u8]) -> (usize, usize) {
        let start = self.below(bytes.len());
        (start, (start + 1 + self.below(40)).min(bytes.len()))
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
        let piece = copy.get(start..end).unwrap_or_default().to_vec();
        let at = self.below(copy.len() + 1);
        copy.splice(at..at, piece);
    }

    /// Goes on with the end of another file.
    fn splice(&mut self, copy: &mut Vec<u8>, other: &[u8]) {
        let keep = self.below(copy.len() + 1);
        let from = self.below(other.len() + 1);
        copy.truncate(keep);
        copy.extend_from_slice(other.get(from..).unwrap_or_default());
    }

    /// Puts a word in, mostly once, sometimes a thousand times.
    pub(super) fn insert_word(&mut self, copy: &mut Vec<u8>, word: &[u8]) {
        let at = self.below(copy.len() + 1);
        let times = if self.below(8) == 0 { 1000 } else { 1 };
        copy.splice(at..at, word.repeat(times));
    }
}
