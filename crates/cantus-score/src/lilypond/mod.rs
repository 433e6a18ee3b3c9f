//! Writes `LilyPond` (2.24), to be engraved.
//!
//! Everything stands as it sounds, transposing instruments too, in absolute pitches with Dutch names. Each voice is written
//! bar by bar with bar checks; what belongs to all voices of a staff (clefs, keys, metres, repeats, dynamics, texts) stands in
//! a line of spacers beside them. An order of bars that signs cannot say is written out. Velocities of single notes are not written.

mod names;
mod side;
#[cfg(test)]
mod tests;
mod voice;

use std::fmt::Write;

use crate::Ticks;
use crate::sheet::{Part, Sheet, lanes};

use names::{instrument, quoted};

/// The sheet as a `LilyPond` file.
pub fn write(sheet: &Sheet) -> String {
    let sheet = &*sheet.unrolled();
    let mut out = String::from("\\version \"2.24.0\"\n");
    header(&mut out, sheet);
    out.push_str("\\score {\n  <<\n");
    let mut staves = lanes::staves(sheet);
    staves.reverse();
    for own in staves.chunk_by(|one, next| one.part == next.part) {
        if let Some(part) = own.first().and_then(|staff| sheet.parts.get(staff.part)) {
            write_part(&mut out, sheet, part, own);
        }
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

fn write_part(out: &mut String, sheet: &Sheet, part: &Part, staves: &[lanes::Staff<'_>]) {
    if !part.chords.is_empty() {
        add(out, format_args!("    \\new ChordNames \\chordmode {{ {} }}\n", side::chords(sheet, part)));
    }
    let name = format!("instrumentName = {}", quoted(&part.name));
    if staves.len() > 1 {
        add(out, format_args!("    \\new PianoStaff \\with {{ {name} }} <<\n"));
    }
    for lanes in staves {
        let name = if staves.len() > 1 { "" } else { name.as_str() };
        write_staff(out, &Staff { sheet, part, lanes }, name);
    }
    if staves.len() > 1 {
        out.push_str("    >>\n");
    }
}

/// One staff of a part.
struct Staff<'a> {
    sheet: &'a Sheet,
    part: &'a Part,
    lanes: &'a lanes::Staff<'a>,
}

fn write_staff(out: &mut String, staff: &Staff<'_>, name: &str) {
    let part = staff.part;
    let kind = if part.is_drums() { "DrumStaff" } else { "Staff" };
    let id = format!("p{}s{}", staff.lanes.part + 1, staff.lanes.number);
    let sound = if part.is_drums() { String::new() } else { instrument(part.program) };
    add(out, format_args!("    \\new {kind} = \"{id}\" \\with {{ {name} {sound} }} <<\n"));
    add(out, format_args!("      {{ {} }}\n", side::line(staff)));
    let mode = if part.is_drums() { "\\drummode " } else { "" };
    let context = if part.is_drums() { "DrumVoice" } else { "Voice" };
    let lanes = &staff.lanes.lanes;
    for (place, lane) in lanes.iter().enumerate() {
        let stems = match place {
            _ if lanes.len() < 2 => "",
            0 => "\\voiceOne ",
            1 => "\\voiceTwo ",
            2 => "\\voiceThree ",
            3 => "\\voiceFour ",
            _ => "",
        };
        let music = voice::music(lane, staff.sheet, part.is_drums(), place == 0);
        add(out, format_args!("      \\new {context} {mode}{{ {stems}{music}}}\n"));
    }
    out.push_str("    >>\n");
    for (verse, text) in side::lyrics(staff) {
        let place = format!("\\with {{ alignBelowContext = \"{id}\" }}");
        add(out, format_args!("    \\new Lyrics = \"{id}v{verse}\" {place} \\lyricmode {{ {text} }}\n"));
    }
}

/// A duration of any length: quarters by a fraction.
fn scaled(length: Ticks, sheet: &Sheet) -> String {
    format!("4*{}/{}", length.0, sheet.resolution.ticks_per_quarter())
}
