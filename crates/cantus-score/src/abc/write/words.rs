//! Words below a line of music.

use crate::Ticks;
use crate::sheet::lanes::Staff;

/// Writes a verse for the notes of a line, by their times; nothing where none of them is sung.
pub(super) fn write(staff: &Staff, verse: u8, sung: &[Ticks], text: &mut String) {
    let syllables: Vec<Option<String>> = sung.iter().map(|&at| syllable(staff, verse, at)).collect();
    let Some(last) = syllables.iter().rposition(Option::is_some) else {
        // A later verse must not take the place of this one.
        if verse < staff.verses && !sung.is_empty() {
            text.push_str("w: *\n");
        }
        return;
    };
    text.push_str("w:");
    for syllable in syllables.iter().take(last + 1) {
        if !text.ends_with('-') {
            text.push(' ');
        }
        text.push_str(syllable.as_deref().unwrap_or("*"));
    }
    text.push('\n');
}

/// What is sung at a time, with its hyphen: by the first lane, else by one that is written as its overlay.
fn syllable(staff: &Staff, verse: u8, at: Ticks) -> Option<String> {
    let syllable = staff.lanes.iter().find_map(|lane| {
        let index = lane.chords.binary_search_by_key(&at, |chord| chord.start).ok()?;
        let mut syllables = lane.chords.get(index)?.notes.iter().flat_map(|held| &held.note.syllables);
        syllables.find(|syllable| syllable.verse == verse)
    })?;
    let plain: String =
        syllable.text.trim().chars().filter(|c| !"*_|%\\".contains(*c) && !c.is_control()).collect();
    let text = plain.split_whitespace().collect::<Vec<_>>().join("~").replace('-', "\\-");
    let hyphen = if syllable.hyphen { "-" } else { "" };
    (!text.is_empty()).then(|| format!("{text}{hyphen}"))
}
