//! Faults of the chunks: what their heads say, and which of them there are.

use std::ops::Range;

use super::Damage;

/// Empty tracks that a hostile file may have.
const MOST_EMPTY_TRACKS: usize = 5000;

/// From the head of each chunk to the next, whatever their lengths say.
pub(super) fn chunks(bytes: &[u8]) -> Vec<Range<usize>> {
    let is_head = |(at, name): (usize, &[u8])| matches!(name, b"MTrk" | b"MThd").then_some(at);
    let heads: Vec<usize> = bytes.windows(4).enumerate().filter_map(is_head).collect();
    let ends = heads.iter().skip(1).copied().chain([bytes.len()]);
    heads.iter().copied().zip(ends).map(|(head, end)| head..end).collect()
}

impl Damage {
    /// One fault of the chunks; `other` is a file to take chunks from.
    pub(super) fn damage_chunks(&mut self, copy: &mut Vec<u8>, other: &[u8]) {
        match self.below(8) {
            0 | 1 => self.change_length(copy),
            2 => self.change_header(copy),
            3 => self.lose_chunk(copy),
            4 => self.double_chunk(copy),
            5 => self.move_chunk(copy),
            6 => self.take_chunk(copy, other),
            _ => self.add_empty_tracks(copy),
        }
    }

    fn chunk(&mut self, bytes: &[u8]) -> Option<Range<usize>> {
        self.one_of(&chunks(bytes))
    }

    /// Lets a chunk lie about its length: by a little, or without measure.
    fn change_length(&mut self, copy: &mut [u8]) {
        let Some(chunk) = self.chunk(copy) else { return };
        let Some(field) = copy.get_mut(chunk.start + 4..chunk.start + 8) else { return };
        let value = match self.below(5) {
            0 => 0,
            1 => u32::MAX,
            2 => (chunk.len() as u32).wrapping_add(self.below(17) as u32).wrapping_sub(16),
            3 => self.below(2 * chunk.len()) as u32,
            _ => self.next() as u32,
        };
        field.copy_from_slice(&value.to_be_bytes());
    }

    /// Lets the header lie about the format, the number of tracks or the resolution.
    fn change_header(&mut self, copy: &mut [u8]) {
        // The divisions are none, the smallest, the largest, and SMPTE times good and bad.
        const VALUES: [u16; 12] =
            [0, 1, 2, 3, 0x7FFF, 0x8000, 0xE728, 0xE250, 0xE350, 0x8001, 0xFFFF, 0xE200];
        let Some(head) = copy.windows(4).position(|name| name == b"MThd") else { return };
        let field = head + 8 + 2 * self.below(3);
        if let (Some(field), Some(value)) = (copy.get_mut(field..field + 2), self.one_of(&VALUES)) {
            field.copy_from_slice(&value.to_be_bytes());
        }
    }

    fn lose_chunk(&mut self, copy: &mut Vec<u8>) {
        if let Some(chunk) = self.chunk(copy) {
            copy.drain(chunk);
        }
    }

    fn double_chunk(&mut self, copy: &mut Vec<u8>) {
        if let Some(chunk) = self.chunk(copy) {
            copy.extend_from_within(chunk);
        }
    }

    fn move_chunk(&mut self, copy: &mut Vec<u8>) {
        let (Some(from), Some(before)) = (self.chunk(copy), self.chunk(copy)) else { return };
        let moved: Vec<u8> = copy.drain(from.clone()).collect();
        let to = if before.start > from.start { before.start - from.len() } else { before.start };
        copy.splice(to..to, moved);
    }

    /// Puts a chunk of another file before one of this.
    fn take_chunk(&mut self, copy: &mut Vec<u8>, other: &[u8]) {
        let (Some(taken), Some(before)) = (self.chunk(other), self.chunk(copy)) else { return };
        let taken = other.get(taken).unwrap_or_default().to_vec();
        copy.splice(before.start..before.start, taken);
    }

    /// Adds tracks without events, with an end or without, at the end.
    fn add_empty_tracks(&mut self, copy: &mut Vec<u8>) {
        let tracks: [&[u8]; 3] =
            [b"MTrk\0\0\0\0", b"MTrk\0\0\0\x04\0\xFF\x2F\0", b"MTrk\0\0\0\x07\0\xC0\x01\0\xFF\x2F\0"];
        let count = self.below(MOST_EMPTY_TRACKS);
        if let Some(track) = self.one_of(&tracks) {
            copy.extend(track.repeat(count));
        }
    }
}
