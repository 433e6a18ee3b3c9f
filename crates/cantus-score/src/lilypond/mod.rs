//! Writes `LilyPond` (2.24), to be engraved.
//!
//! Everything stands as it sounds, transposing instruments too, in absolute pitches with Dutch names. Each voice is written
//! bar by bar with bar checks; what belongs to all voices of a staff (clefs, keys, metres, repeats, dynamics, texts) stands in
//! a line of spacers beside them. Velocities of single notes are not written.

mod names;
mod side;
#[cfg(test)]
mod tests;
mod voice;

use std::collections::BTreeSet;
use std::fmt::Write;

use crate::Ticks;
use crate::sheet::{Part, Sheet, Written};

use names::{instrument, quoted};
use voice::Stream;

/// The sheet as a `LilyPond` file.
pub fn write(sheet: &Sheet) -> String {
    let mut out = String::from("\\version \"2.24.0\"\n");
    header(&mut out, sheet);
    out.push_str("\\score {\n  <<\n");
    for (index, part) in sheet.parts.iter().enumerate() {
        write_part(&mut out, sheet, part, index);
    }
    out.push_str("  >>\n  \\layout { }\n  \\midi { }\n}\n");
    out
}

fn header(out: &mut String, sheet: &Sheet) {
    let credits = &sheet.credits;
    let fields = [
        ("title", &credits.title),
        ("composer", &credits.composer),
        ("poet", &credits.lyricist),
        ("copyright", &credits.rights),
    ];
    out.push_str("\\header {\n");
    for (name, text) in fields.into_iter().filter(|field| !field.1.is_empty()) {
        add(out, format_args!("  {name} = {}\n", quoted(text)));
    }
    out.push_str("  tagline = ##f\n}\n");
}

/// Writes into a text, which cannot fail.
fn add(out: &mut String, text: std::fmt::Arguments<'_>) {
    let _ = out.write_fmt(text);
}

fn write_part(out: &mut String, sheet: &Sheet, part: &Part, index: usize) {
    if !part.chords.is_empty() {
        add(out, format_args!("    \\new ChordNames \\chordmode {{ {} }}\n", side::chords(sheet, part)));
    }
    let name = format!("instrumentName = {}", quoted(&part.name));
    if part.staves > 1 {
        add(out, format_args!("    \\new PianoStaff \\with {{ {name} }} <<\n"));
    }
    for number in 1..=part.staves.max(1) {
        let name = if part.staves > 1 { "" } else { name.as_str() };
        write_staff(out, &Staff { sheet, part, index, number }, name);
    }
    if part.staves > 1 {
        out.push_str("    >>\n");
    }
}

/// One staff of a part.
struct Staff<'a> {
    sheet: &'a Sheet,
    part: &'a Part,
    /// The part's index.
    index: usize,
    /// The staff within the part, from 1.
    number: u8,
}

impl Staff<'_> {
    /// Whether a note stands on this staff; staves that the part does not have are its last.
    fn has(&self, note: &Written) -> bool {
        note.staff.clamp(1, self.part.staves.max(1)) == self.number
    }
}

fn write_staff(out: &mut String, staff: &Staff<'_>, name: &str) {
    let part = staff.part;
    let kind = if part.is_drums() { "DrumStaff" } else { "Staff" };
    let id = format!("p{}s{}", staff.index + 1, staff.number);
    let sound = if part.is_drums() { String::new() } else { instrument(part.program) };
    add(out, format_args!("    \\new {kind} = \"{id}\" \\with {{ {name} {sound} }} <<\n"));
    add(out, format_args!("      {{ {} }}\n", side::line(staff)));
    let streams = streams(staff);
    let mode = if part.is_drums() { "\\drummode " } else { "" };
    let context = if part.is_drums() { "DrumVoice" } else { "Voice" };
    for (place, stream) in streams.iter().enumerate() {
        let stems = match place {
            _ if streams.len() < 2 => "",
            0 => "\\voiceOne ",
            1 => "\\voiceTwo ",
            2 => "\\voiceThree ",
            3 => "\\voiceFour ",
            _ => "",
        };
        let music = stream.music(staff.sheet, part.is_drums(), place == 0);
        add(out, format_args!("      \\new {context} {mode}{{ {stems}{music}}}\n"));
    }
    out.push_str("    >>\n");
    for verse in verses(staff) {
        let text = side::lyrics(staff, verse);
        let place = format!("\\with {{ alignBelowContext = \"{id}\" }}");
        add(out, format_args!("    \\new Lyrics {place} \\lyricmode {{ {text} }}\n"));
    }
}

/// The voices of a staff; one without notes where there is none.
fn streams<'a>(staff: &Staff<'a>) -> Vec<Stream<'a>> {
    let own = || staff.part.notes.iter().filter(|note| staff.has(note));
    let voices: BTreeSet<u8> = own().map(|note| note.voice).collect();
    let stream = |voice| Stream::of(own().filter(|note| note.voice == voice).collect());
    let streams: Vec<Stream<'a>> = voices.into_iter().map(stream).collect();
    if streams.is_empty() { vec![Stream::of(Vec::new())] } else { streams }
}

fn verses(staff: &Staff<'_>) -> BTreeSet<u8> {
    let own = staff.part.notes.iter().filter(|note| staff.has(note));
    own.flat_map(|note| &note.syllables).map(|syllable| syllable.verse).collect()
}

/// A duration of any length: quarters by a fraction.
fn scaled(length: Ticks, sheet: &Sheet) -> String {
    format!("4*{}/{}", length.0, sheet.resolution.ticks_per_quarter())
}
