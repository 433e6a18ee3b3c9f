//! The melody: the highest note that begins at each moment.

use cantus_score::Ticks;

use crate::Window;

/// The semitones from each note of the melody to the next; rising is positive.
pub(super) fn moves(window: &Window) -> Vec<i32> {
    let notes = window.begun.iter().filter(|note| !note.drum);
    let mut line: Vec<(Ticks, i32)> = notes.map(|note| (note.at, i32::from(note.pitch.get()))).collect();
    line.sort_unstable_by_key(|&(at, pitch)| (at, -pitch));
    line.dedup_by_key(|(at, _)| *at);
    line.windows(2).map(|pair| pair[1].1 - pair[0].1).collect()
}
