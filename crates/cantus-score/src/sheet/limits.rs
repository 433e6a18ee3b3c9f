//! What a small file may ask for: a page is drawn in proportion to the file, whatever the file says.
//!
//! Bars stand in every part, and long notes are drawn again in every bar; so a few lines could ask for a page without end.

use std::collections::BTreeSet;

use super::{Part, Sheet};
use crate::Ticks;

/// A bar of one voice for each of so many bytes, and so many besides: real files hold fewer than one for ten bytes.
const BYTES_OF_A_BAR: usize = 8;
const BARS_BESIDES: usize = 40_000;
/// The same for notes that are drawn again after a bar line, or after eight whole notes.
const BYTES_OF_A_PIECE: usize = 16;
const PIECES_BESIDES: usize = 20_000;
/// The longest note that is drawn as one, in quarter notes.
const LONGEST_PIECE: u32 = 32;

/// Holds a sheet to what a file of so many bytes can ask for; tells what was done for it.
pub(crate) fn hold(sheet: &mut Sheet, bytes: usize) -> Vec<String> {
    let parts = hold_parts(sheet, BARS_BESIDES + bytes / BYTES_OF_A_BAR);
    let notes = hold_notes(sheet, PIECES_BESIDES + bytes / BYTES_OF_A_PIECE);
    parts.into_iter().chain(notes).collect()
}

/// Joins the voices of each staff, and leaves out the last parts, where they ask for more than so many bars.
fn hold_parts(sheet: &mut Sheet, most: usize) -> Option<String> {
    let most = most / sheet.bars.len().max(1);
    if sheet.parts.iter().map(voices).sum::<usize>() <= most {
        return None;
    }
    for part in &mut sheet.parts {
        part.notes.iter_mut().for_each(|note| note.voice = note.staff);
        part.notes.sort_by_key(|note| (note.start, note.voice, note.grace.is_none()));
    }
    if let Some(first) = sheet.parts.first_mut().filter(|first| voices(first) > most) {
        first.staves = 1;
        first.notes.iter_mut().for_each(|note| (note.staff, note.voice) = (1, 1));
    }
    let mut staves = 0;
    let fits = |part: &&Part| {
        staves += voices(part);
        staves <= most
    };
    let kept = sheet.parts.iter().take_while(fits).count().max(1);
    let lost = sheet.parts.len().saturating_sub(kept);
    sheet.parts.truncate(kept);
    let lost = if lost > 0 { format!(", and the last {lost} parts are left out") } else { String::new() };
    Some(format!(
        "a file of this size can hold at most {most} voices of so many bars; those of each staff are joined{lost}"
    ))
}

/// How many staves a part has, or voices where these are more.
fn voices(part: &Part) -> usize {
    let voices: BTreeSet<(u8, u8)> = part.notes.iter().map(|note| (note.staff, note.voice)).collect();
    let staves = part.notes.iter().map(|note| note.staff).max().unwrap_or(1);
    voices.len().max(usize::from(staves.max(part.staves)))
}

/// Cuts notes at the end of their bar once so many have been drawn beyond it.
fn hold_notes(sheet: &mut Sheet, most: usize) -> Option<String> {
    let longest = Ticks(sheet.resolution.ticks_per_quarter().saturating_mul(LONGEST_PIECE));
    let ends: Vec<Ticks> = sheet.bars.iter().map(super::Bar::end).collect();
    let (mut drawn, mut cut) = (0_usize, 0_usize);
    for note in sheet.parts.iter_mut().flat_map(|part| &mut part.notes) {
        let first = ends.partition_point(|end| *end <= note.start);
        let last = ends.partition_point(|end| *end < note.end());
        let pieces = last.saturating_sub(first) + (note.length.0 / longest.0.max(1)) as usize;
        if drawn + pieces <= most {
            drawn += pieces;
            continue;
        }
        let end = ends.get(first).copied().unwrap_or(Ticks(u32::MAX));
        note.length = note.length.min(end.saturating_sub(note.start)).min(longest);
        cut += 1;
    }
    (cut > 0).then(|| {
        format!("a file of this size can hold at most {most} notes that last over bar lines; {cut} are cut at the end of their bar")
    })
}
