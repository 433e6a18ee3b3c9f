//! Which notes of a channel are held down while a track is read.

use crate::{Data, Note, Ticks};

/// Marks the end of a queue.
const NONE: u32 = u32::MAX;

/// For each key the notes that are held, in the order in which they began.
///
/// The queues are linked through the lengths of the held notes, which are not known yet: so they take no
/// memory of their own, and ending a note takes the same time however many are held.
pub(super) struct HeldKeys {
    queues: [Queue; 128],
}

#[derive(Clone, Copy)]
struct Queue {
    first: u32,
    last: u32,
}

impl HeldKeys {
    pub(super) fn new() -> Self {
        Self { queues: [Queue { first: NONE, last: NONE }; 128] }
    }

    /// Adds a note that has just begun.
    #[inline]
    pub(super) fn press(&mut self, notes: &mut Vec<Note>, mut note: Note) {
        let index = notes.len() as u32;
        let queue = &mut self.queues[usize::from(note.pitch.get())];
        note.length = Ticks(NONE);
        if queue.first == NONE {
            queue.first = index;
        } else if let Some(last) = notes.get_mut(queue.last as usize) {
            last.length = Ticks(index);
        }
        queue.last = index;
        notes.push(note);
    }

    /// Ends the held note of a key that began first; tells whether there was one.
    #[inline]
    pub(super) fn release(&mut self, notes: &mut [Note], key: u8, now: Ticks, release: Option<Data>) -> bool {
        let Some(queue) = self.queues.get_mut(usize::from(key)) else { return false };
        let Some(note) = notes.get_mut(queue.first as usize) else { return false };
        queue.first = note.length.0;
        note.length = now.saturating_sub(note.start);
        note.release = release;
        true
    }

    /// Ends all notes that are still held; tells how many there were.
    pub(super) fn release_all(&mut self, notes: &mut [Note], now: Ticks) -> usize {
        let mut count = 0;
        for key in 0..128 {
            while self.release(notes, key, now, None) {
                count += 1;
            }
        }
        count
    }
}
