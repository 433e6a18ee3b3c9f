//! The fields above the music.

use std::fmt::Write;

use crate::abc::assemble::channel_of;
use crate::abc::player::clef_name;
use crate::sheet::lanes::Staff;
use crate::sheet::{Bar, Clef, Part, Sheet};
use crate::{Key, Mode, Program, Ticks, instrument};

/// Writes the header of a tune.
pub(super) fn text(sheet: &Sheet, bars: &[Bar], staves: &[Staff]) -> String {
    let mut text = String::from("X:1\n");
    let first = bars.first();
    field(&mut text, "T:", &sheet.credits.title);
    field(&mut text, "C:", &sheet.credits.composer);
    field(&mut text, "%%abc-copyright ", &sheet.credits.rights);
    let meter = first.and_then(|bar| bar.meter);
    field(&mut text, "M:", &meter.map_or_else(|| "none".to_owned(), |meter| meter.to_string()));
    field(&mut text, "L:", "1/8");
    if let Some(tempo) = sheet.tempos.first().filter(|tempo| tempo.at == Ticks::ZERO) {
        field(&mut text, "Q:", &tempo_text(tempo.value));
    }
    if staves.len() > 1 {
        field(&mut text, "%%score ", &braces(staves));
    }
    for (index, staff) in staves.iter().enumerate() {
        if let Some(part) = sheet.parts.get(staff.part) {
            voice(&mut text, index, staff, part, staves.len() > 1);
        }
    }
    let key = first.and_then(|bar| bar.key);
    field(&mut text, "K:", &key.map_or_else(|| "none".to_owned(), key_text));
    text
}

/// The clef with which a staff begins.
pub(super) fn first_clef(part: &Part, staff: u8) -> Option<Clef> {
    part.clefs.iter().find(|clef| clef.value.0 == staff && clef.at == Ticks::ZERO).map(|clef| clef.value.1)
}

/// A text in one line, its letters that mean something else in a field kept from that.
pub(super) fn escaped(text: &str) -> String {
    let line = text.replace(['\n', '\r'], " ");
    line.trim().replace('\\', "\\\\").replace('%', "\\%").replace('&', "\\&")
}

fn field(text: &mut String, name: &str, value: &str) {
    let value = escaped(value);
    if !value.is_empty() {
        text.push_str(name);
        text.push_str(&value);
        text.push('\n');
    }
}

/// `1 {2 3}`: the staves of one part stand in a brace.
fn braces(staves: &[Staff]) -> String {
    let numbered: Vec<(usize, usize)> =
        staves.iter().enumerate().map(|(index, staff)| (staff.part, index + 1)).collect();
    let group = |group: &[(usize, usize)]| {
        let names: Vec<String> = group.iter().map(|voice| voice.1.to_string()).collect();
        if names.len() > 1 { format!("{{{}}}", names.join(" ")) } else { names.join(" ") }
    };
    numbered.chunk_by(|a, b| a.0 == b.0).map(group).collect::<Vec<_>>().join(" ")
}

fn voice(text: &mut String, index: usize, staff: &Staff, part: &Part, several: bool) {
    let clef = first_clef(part, staff.number);
    let clef = clef.map(|clef| format!(" clef={}", clef_name(clef))).unwrap_or_default();
    let name =
        part.name.split_whitespace().collect::<Vec<_>>().join(" ").replace(['"', '%', '=', '\\', '&'], "'");
    let name = if name.is_empty() { name } else { format!(" name=\"{name}\"") };
    if several || !name.is_empty() || !clef.is_empty() {
        // The name first: abc2midi plays a clef of another octave as written where a name follows it.
        _ = writeln!(text, "V:{}{name}{clef}", index + 1);
    }
    if staff.number == 1 && part.channel != channel_of(staff.part) {
        _ = writeln!(text, "%%MIDI channel {}", part.channel.get() + 1);
    }
    // A reader takes the program from the name where none is told.
    let told = instrument::program_of(&part.name).unwrap_or(Program::PIANO);
    if staff.number == 1 && part.program != told {
        _ = writeln!(text, "%%MIDI program {}", part.program.get());
    }
}

/// `F#m`
pub(super) fn key_text(key: Key) -> String {
    let name = key.to_string();
    let tonic = name.split(' ').next().unwrap_or("C");
    let minor = if key.mode() == Mode::Minor { "m" } else { "" };
    format!("{tonic}{minor}")
}

/// `1/4=120`
pub(super) fn tempo_text(tempo: crate::Tempo) -> String {
    let bpm = format!("{:.3}", tempo.bpm());
    format!("1/4={}", bpm.trim_end_matches('0').trim_end_matches('.'))
}
