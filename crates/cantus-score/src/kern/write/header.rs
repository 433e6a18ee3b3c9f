//! What stands above the music: titles, spines, instruments.

use std::fmt::Write;

use crate::Program;
use crate::sheet::{Part, Sheet, Transposition};

use super::super::instruments;
use super::one_line;
use super::order::Order;
use super::page::{Cell, Page};

/// Writes reference records and the interpretations that hold for whole spines.
pub(super) fn write(page: &mut Page, sheet: &Sheet, order: &Order) {
    record(page, "COM", &sheet.credits.composer);
    record(page, "LYR", &sheet.credits.lyricist);
    record(page, "OTL", &sheet.credits.title);
    page.row(|cell| {
        let kind = match cell {
            Cell::Notes(..) => "**kern",
            Cell::Words(..) => "**text",
            Cell::Dynamics(_) => "**dynam",
            Cell::Chords(_) => "**mxhm",
        };
        kind.to_owned()
    });
    let of_staves: Vec<[String; 5]> = page
        .staves
        .iter()
        .map(|staff| lines(sheet.parts.get(staff.part), staff.part, staff.of_sheet))
        .collect();
    for line in 0..5 {
        page.interpretation(|cell| match cell {
            Cell::Notes(staff, _) => of_staves
                .get(staff)
                .and_then(|lines| lines.get(line))
                .cloned()
                .unwrap_or_else(|| "*".to_owned()),
            _ => "*".to_owned(),
        });
    }
    if !order.list.is_empty() {
        let list = order.list.join(",");
        page.interpretation(|_| format!("*>[{list}]"));
    }
}

/// Part, staff, name, instrument and transposition of a staff.
fn lines(part: Option<&Part>, index: usize, staff: usize) -> [String; 5] {
    let nothing = || "*".to_owned();
    let name = part.map(|part| one_line(&part.name)).filter(|name| !name.is_empty());
    let code =
        part.and_then(|part| if part.is_drums() { Some(instruments::DRUMS) } else { code(part.program) });
    let transposition =
        part.map(|part| part.transposition).filter(|moved| *moved != Transposition::default());
    [
        format!("*part{}", index + 1),
        format!("*staff{staff}"),
        name.map_or_else(nothing, |name| format!("*I\"{name}")),
        code.map_or_else(nothing, |code| format!("*I{code}")),
        transposition.map_or_else(nothing, |moved| {
            format!("*ITrd{}c{}", -i16::from(moved.steps), -i16::from(moved.semitones))
        }),
    ]
}

fn code(program: Program) -> Option<&'static str> {
    instruments::code(program)
}

/// Writes who owns the piece, at the end of the file.
pub(super) fn rights(page: &mut Page, sheet: &Sheet) {
    record(page, "YEC", &sheet.credits.rights);
}

fn record(page: &mut Page, key: &str, value: &str) {
    let value = one_line(value);
    if !value.is_empty() {
        _ = writeln!(page.text, "!!!{key}: {value}");
    }
}
