//! A sheet as MusicXML 4.0, partwise.

mod note;
mod out;
mod part;
mod signs;
mod voices;

use std::collections::BTreeSet;

use crate::sheet::{Part, Sheet};
use out::Out;
use part::{PartWriter, drum_key};

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
    <!DOCTYPE score-partwise PUBLIC \"-//Recordare//DTD MusicXML 4.0 Partwise//EN\" \
    \"http://www.musicxml.org/dtds/partwise.dtd\">";

pub(super) fn write(sheet: &Sheet) -> String {
    let sheet = &*sheet.unrolled();
    let mut out = Out::new(HEAD);
    out.open("score-partwise", " version=\"4.0\"");
    credits(&mut out, sheet);
    out.open("part-list", "");
    sheet.parts.iter().enumerate().for_each(|(index, part)| score_part(&mut out, index, part));
    out.close();
    for (index, part) in sheet.parts.iter().enumerate() {
        out.open("part", &format!(" id=\"P{}\"", index + 1));
        let mut writer = PartWriter::new(sheet, index, part);
        (0..sheet.bars.len()).for_each(|bar| writer.bar(&mut out, bar));
        out.close();
    }
    out.finish()
}

fn credits(out: &mut Out, sheet: &Sheet) {
    let credits = &sheet.credits;
    if !credits.title.is_empty() {
        out.open("work", "");
        out.text("work-title", "", &credits.title);
        out.close();
    }
    out.open("identification", "");
    for (kind, name) in [("composer", &credits.composer), ("lyricist", &credits.lyricist)] {
        if !name.is_empty() {
            out.text("creator", &format!(" type=\"{kind}\""), name);
        }
    }
    if !credits.rights.is_empty() {
        out.text("rights", "", &credits.rights);
    }
    out.open("encoding", "");
    out.plain("software", "Cantus");
    out.close();
    out.close();
}

/// What the list of parts says of a part: its name and its instruments. A part of drums has one for each of its drums.
fn score_part(out: &mut Out, index: usize, part: &Part) {
    let number = index + 1;
    out.open("score-part", &format!(" id=\"P{number}\""));
    out.text("part-name", "", &part.name);
    let drums: BTreeSet<u16> = part.notes.iter().map(|note| u16::from(drum_key(note)) + 1).collect();
    let instruments: Vec<u16> =
        if part.is_drums() && !drums.is_empty() { drums.into_iter().collect() } else { vec![1] };
    for instrument in &instruments {
        out.open("score-instrument", &format!(" id=\"P{number}-I{instrument}\""));
        out.text("instrument-name", "", &part.name);
        out.close();
    }
    for instrument in &instruments {
        out.open("midi-instrument", &format!(" id=\"P{number}-I{instrument}\""));
        out.plain("midi-channel", u16::from(part.channel.get()) + 1);
        out.plain("midi-program", u16::from(part.program.get()) + 1);
        if part.is_drums() {
            out.plain("midi-unpitched", instrument);
        }
        out.close();
    }
    out.close();
}
