//! From sheets to tunes.

mod bars;
mod header;
mod pitch;
mod words;

use std::collections::BTreeSet;
use std::fmt::Write;

use crate::sheet::lanes::{Staff, staves};
use crate::sheet::order::repeated_from;
use crate::sheet::{Bar, Clef, Sheet};
use crate::{Key, Meter, Ticks};

use pitch::Signs;

/// How many bars stand in a line.
const BARS_A_LINE: usize = 4;

/// Writes a sheet as one tune.
///
/// A staff is a voice, whose further voices are overlays (`&`); the staves of one part are held together by a brace in
/// `%%score`. Pitches are written as they sound, but for the octave of a tenor's clef. Accidentals are written wherever one of the customs (they hold in their
/// octave, or in all octaves) would ask for one. An order of bars that signs cannot say is written out.
///
/// Reading gives the sheet back with these differences: notes that cross a bar line, or whose length no note value says, come back
/// as several that are tied; voices are numbered anew, from the first staff on. What is told in the midst of a note stands in an
/// overlay of hidden rests. Not kept: who wrote the words, numbers of bars, written transpositions, velocities of single notes and dynamics between
/// those that have a name, texts of other kinds than words and marks, and what words cannot hold (`_`, `*`, `|`).
pub fn write(sheet: &Sheet) -> String {
    let sheet = &*sheet.unrolled();
    let bars = whole_bars(sheet);
    let mut staves = staves(sheet);
    staves.reverse();
    let mut text = header::text(sheet, &bars, &staves);
    for (index, staff) in staves.iter().enumerate() {
        if staves.len() > 1 {
            _ = writeln!(text, "V:{}", index + 1);
        }
        Voice::new(sheet, &bars, staff, index == 0).write(&mut text);
    }
    text
}

/// The bars, the last as long as the music.
fn whole_bars(sheet: &Sheet) -> Vec<Bar> {
    let mut bars = sheet.bars.clone();
    let notes = sheet.parts.iter().flat_map(|part| &part.notes);
    let end = notes.map(crate::sheet::Written::end).max().unwrap_or_default();
    match bars.last_mut() {
        Some(last) => last.length = last.length.max(end.saturating_sub(last.start)),
        None => bars.push(Bar::new(Ticks::ZERO, end)),
    }
    bars
}

/// A staff being written.
struct Voice<'a> {
    sheet: &'a Sheet,
    bars: &'a [Bar],
    /// The bars before which a repeat begins.
    repeated: BTreeSet<usize>,
    staff: &'a Staff<'a>,
    /// Whether it stands at the top, where tempos are written.
    first: bool,
    meter: Meter,
    /// By how many octaves its letters stand above what sounds.
    octaves: i8,
    signs: Signs,
    /// The times of the notes in the line, for the words below it.
    sung: Vec<Ticks>,
    /// When something is told in the bar in hand while the notes of its first lane sound.
    between: Vec<Ticks>,
}

impl<'a> Voice<'a> {
    fn new(sheet: &'a Sheet, bars: &'a [Bar], staff: &'a Staff<'a>, first: bool) -> Self {
        let signs = Signs::new(bars.first().and_then(|bar| bar.key).unwrap_or(Key::C_MAJOR));
        let clef = sheet.parts.get(staff.part).and_then(|part| header::first_clef(part, staff.number));
        let octaves = i8::from(clef == Some(Clef::TenorVoice));
        Self {
            sheet,
            bars,
            repeated: repeated_from(bars),
            staff,
            first,
            meter: Meter::FOUR_FOUR,
            octaves,
            signs,
            sung: Vec::new(),
            between: Vec::new(),
        }
    }

    fn write(mut self, text: &mut String) {
        let mut in_line = 0;
        for index in 0..self.bars.len() {
            self.bar(index, text);
            in_line += 1;
            let next = self.bars.get(index + 1);
            // Some readers want the bar line before an ending in the same line.
            let goes_on = next.is_some_and(|next| in_line < BARS_A_LINE || !next.repeats.endings.is_empty());
            if goes_on {
                continue;
            }
            in_line = 0;
            text.push('\n');
            for verse in 1..=self.staff.verses {
                words::write(self.staff, verse, &self.sung, text);
            }
            self.sung.clear();
        }
    }
}
