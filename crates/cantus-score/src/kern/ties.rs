//! Which notes a tie joins.

use std::collections::HashMap;

use crate::Ticks;
use crate::lines::Log;
use crate::sheet::{Sound, Written};

/// A note with what its token says about ties.
pub(super) struct Tied {
    pub(super) note: Written,
    pub(super) leads: bool,
    pub(super) led_to: bool,
    pub(super) line: usize,
}

/// Marks the notes, in the order of their beginnings, whose tie leads to another; ties that lead nowhere, and ends without
/// a beginning, get a warning.
pub(super) fn join(notes: &mut [Tied], log: &mut Log) {
    let mut open: HashMap<(Sound, Ticks), Vec<usize>> = HashMap::new();
    let mut index = 0;
    while index < notes.len() {
        if let Some(tied) = notes.get(index).filter(|tied| tied.led_to) {
            let from = open.get_mut(&(tied.note.pitch.sound(), tied.note.start)).and_then(Vec::pop);
            let line = tied.line;
            match from.and_then(|from| notes.get_mut(from)) {
                Some(from) => from.note.tied = true,
                None => log.warn(line, 1, "a tie must begin where it ends, at a note of the same pitch, but none leads here; it is left out"),
            }
        }
        if let Some(tied) = notes.get(index).filter(|tied| tied.leads) {
            open.entry((tied.note.pitch.sound(), tied.note.end())).or_default().push(index);
        }
        index += 1;
    }
    let lost = notes.iter().filter(|tied| tied.leads && !tied.note.tied);
    lost.for_each(|tied| {
        log.warn(tied.line, 1, "a tie must lead to a note of the same pitch that follows at once, but leads nowhere; it is left out");
    });
}
