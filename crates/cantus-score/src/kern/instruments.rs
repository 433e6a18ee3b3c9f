//! Humdrum's names of instruments and General MIDI's programs.

use crate::Program;

/// Codes and programs from 0. Of several codes of one program, the first is written.
const CODES: [(&str, u8); 92] = [
    ("piano", 0),
    ("forte", 0),
    ("klav", 0),
    ("fortp", 0),
    ("cemba", 6),
    ("clavi", 7),
    ("clest", 8),
    ("glock", 9),
    ("vibra", 11),
    ("marim", 12),
    ("xylo", 13),
    ("chime", 14),
    ("campn", 14),
    ("caril", 14),
    ("dulc", 15),
    ("hammd", 16),
    ("organ", 19),
    ("reedo", 20),
    ("physh", 20),
    ("accor", 21),
    ("armon", 22),
    ("bando", 23),
    ("guitr", 24),
    ("liuto", 24),
    ("theor", 24),
    ("mando", 25),
    ("ukule", 24),
    ("eguit", 27),
    ("cbguit", 32),
    ("bguit", 33),
    ("violn", 40),
    ("viola", 41),
    ("cello", 42),
    ("cbass", 43),
    ("violb", 43),
    ("viole", 43),
    ("gamba", 42),
    ("viold", 41),
    ("arpa", 46),
    ("timpa", 47),
    ("strings", 48),
    ("vox", 52),
    ("soprn", 52),
    ("canto", 52),
    ("cant", 52),
    ("mezzo", 52),
    ("calto", 52),
    ("alto", 52),
    ("tenor", 52),
    ("barit", 52),
    ("bass", 52),
    ("male", 52),
    ("feme", 52),
    ("coro", 52),
    ("ctenor", 52),
    ("sesto", 52),
    ("quinto", 52),
    ("tromp", 56),
    ("clrno", 56),
    ("cornt", 56),
    ("flugh", 56),
    ("tromt", 57),
    ("troma", 57),
    ("tromb", 57),
    ("sackb", 57),
    ("tuba", 58),
    ("ophic", 58),
    ("serp", 58),
    ("cor", 60),
    ("corno", 60),
    ("saxS", 64),
    ("saxA", 65),
    ("saxT", 66),
    ("saxR", 67),
    ("oboe", 68),
    ("oboeD", 68),
    ("cangl", 69),
    ("fagot", 70),
    ("fagoc", 70),
    ("clars", 71),
    ("clara", 71),
    ("clarb", 71),
    ("baset", 71),
    ("picco", 72),
    ("flt", 73),
    ("flds", 74),
    ("panpi", 75),
    ("shaku", 77),
    ("sitar", 104),
    ("banjo", 105),
    ("shami", 106),
    ("koto", 107),
];

/// Classes of instruments and a program for each.
const CLASSES: [(&str, u8); 5] = [("klav", 0), ("str", 48), ("vox", 52), ("bras", 61), ("ww", 73)];

/// The program of a code such as `violn`; of several, as in `cello&fagot`, the first that is known.
pub(super) fn program(codes: &str) -> Option<Program> {
    codes.split(['&', '|']).find_map(|code| find(&CODES, code))
}

/// The program of a class of instruments such as `str`.
pub(super) fn class_program(class: &str) -> Option<Program> {
    find(&CLASSES, class)
}

/// Whether an instrument of this code is written on two staves.
pub(super) fn is_keyboard(code: &str) -> bool {
    let staves =
        ["piano", "forte", "klav", "fortp", "cemba", "clavi", "clest", "organ", "hammd", "reedo", "physh"];
    staves.contains(&code)
}

/// What a part of drums is called.
pub(super) const DRUMS: &str = "drmst";

/// The code of a program, or of one of its family; none where Humdrum has neither.
pub(super) fn code(program: Program) -> Option<&'static str> {
    let family = |entry: &&(&str, u8)| entry.1 / 8 == program.get() / 8;
    let exact = CODES.iter().find(|entry| entry.1 == program.get());
    exact.or_else(|| CODES.iter().find(family)).map(|entry| entry.0)
}

fn find(table: &[(&str, u8)], name: &str) -> Option<Program> {
    let (_, program) = table.iter().find(|entry| entry.0 == name)?;
    Program::new(i64::from(*program)).ok()
}
