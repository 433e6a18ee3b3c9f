//! Humdrum files with one fault each: every one is refused or rescued, and the fault is told with its line.

use cantus_score::kern::{self, KernError};
use cantus_score::{Place, Strictness};

/// What is wrong, the file, and the line that is at fault; 0 where nothing of the file can be read.
const BROKEN: [(&str, &str, usize); 45] = [
    ("nothing at all", "", 0),
    ("no spine", "4c\n4d\n", 0),
    ("no spine of notes", "**text\t**dynam\nla\tf\n*-\t*-\n", 0),
    ("notes before the spines", "4c\n**kern\n4c\n*-\n", 1),
    ("a token that names no pitch", "**kern\n4\n*-\n", 2),
    ("a token of signs alone", "**kern\n4c\n;\n*-\n", 3),
    ("a letter that is no pitch", "**kern\n4h\n*-\n", 2),
    ("two pitches in one note", "**kern\n4ce\n*-\n", 2),
    ("a sharp and a flat", "**kern\n4c#-\n*-\n", 2),
    ("no length", "**kern\n4c\ncc\n*-\n", 3),
    ("a length of many digits", "**kern\n99999999c\n*-\n", 2),
    ("a length beyond all notes", "**kern\n00000000c\n*-\n", 2),
    ("a broken note of a chord", "**kern\n4c 4\n*-\n", 2),
    ("too many tokens", "**kern\t**kern\n4c\t4d\t4e\n*-\t*-\n", 2),
    ("too few tokens", "**kern\t**kern\n4c\t4d\n4c\n*-\t*-\n", 3),
    ("blanks for tabs", "**kern\t**kern\n4c 4d\n*-\t*-\n", 2),
    ("an interpretation too many", "**kern\n*M4/4\t*M4/4\n4c\n*-\n", 2),
    ("spines of two lengths", "**kern\t**kern\n*M2/4\t*M2/4\n4c\t2d\n4c\t4d\n=\t=\n2c\t2d\n*-\t*-\n", 4),
    ("a spine that begins late", "**kern\t**kern\n4c\t8d\n4c\t4d\n*-\t*-\n", 3),
    ("a bar that is too short", "**kern\n*M4/4\n=1\n1c\n=2\n2c\n=3\n1c\n=4\n1c\n*-\n", 5),
    ("a bar that is too long", "**kern\n*M2/4\n=1\n2c\n=2\n1c\n=3\n2c\n*-\n", 5),
    ("no end", "**kern\n4c\n", 2),
    ("one of two spines ends", "**kern\t**kern\n4c\t4d\n*-\t*\n4e\n", 4),
    ("music after the end", "**kern\n4c\n*-\n4d\n", 4),
    ("a split that never joins", "**kern\t**kern\n*^\t*\n4c\t4e\t4g\n*-\t*-\n", 4),
    ("a join of one", "**kern\t**kern\n*v\t*\n4c\t4d\n*-\t*-\n", 2),
    ("a join of two spines", "**kern\t**kern\n*v\t*v\n4c\t4d\n*-\t*-\n", 2),
    ("an exchange of one", "**kern\t**kern\n*x\t*\n4c\t4d\n*-\t*-\n", 2),
    ("a tie that leads nowhere", "**kern\n[4c\n4d\n*-\n", 2),
    ("a tie that comes from nowhere", "**kern\n4c\n4d]\n*-\n", 3),
    ("a tie to another pitch", "**kern\n[4c\n4d]\n*-\n", 2),
    ("a metre without a unit", "**kern\n*M4\n4c\n*-\n", 2),
    ("a metre of no beats", "**kern\n*M0/4\n4c\n*-\n", 2),
    ("a metre of thirds", "**kern\n*M4/3\n4c\n*-\n", 2),
    ("a metre of letters", "**kern\n*M4/x\n4c\n*-\n", 2),
    ("a signature of eight sharps", "**kern\n*k[f#c#g#d#a#e#b#f##]\n4c\n*-\n", 2),
    ("a signature of both", "**kern\n*k[f#b-]\n4c\n*-\n", 2),
    ("a clef that there is not", "**kern\n*clefH2\n4c\n*-\n", 2),
    ("a tempo of nothing", "**kern\n*MM0\n4c\n*-\n", 2),
    ("a tempo of letters", "**kern\n*MM1x0\n4c\n*-\n", 2),
    ("a transposition without a number", "**kern\n*ITrd1\n4c\n*-\n", 2),
    ("an order of unknown sections", "**kern\n*>[A,B]\n*>A\n4c\n*-\n", 2),
    ("an order that is not closed", "**kern\n*>[A,A\n*>A\n4c\n*-\n", 2),
    ("an order of nothing", "**kern\n*>[]\n*>A\n4c\n*-\n", 2),
    ("a metre of too many beats", "**kern\n*M99999/4\n4c\n*-\n", 2),
];

fn line_of(place: &Place) -> usize {
    match place {
        Place::Line { line, .. } => *line,
        other => panic!("a fault of a file of lines is at {other:?}"),
    }
}

#[test]
fn every_fault_is_told_with_its_line() {
    let mut silent = Vec::new();
    for (what, text, line) in BROKEN {
        match kern::read(text.as_bytes(), Strictness::Tolerant) {
            Err(KernError::NoSpine) if line == 0 => {}
            Ok(read) if read.warnings.iter().any(|warning| line_of(&warning.place) == line) => {
                assert!(read.value.parts.iter().any(|part| !part.notes.is_empty()) || line < 3, "{what}");
                assert!(kern::read(text.as_bytes(), Strictness::Strict).is_err(), "{what}");
            }
            other => silent.push(format!("{what} (line {line}): {:?}", other.map(|read| read.warnings))),
        }
    }
    assert!(silent.is_empty(), "{} of {}:\n{}", silent.len(), BROKEN.len(), silent.join("\n"));
}

/// The same files, cut off at every byte and with every line left out, are read or refused.
#[test]
fn broken_files_that_are_cut_are_read_or_refused() {
    for (_, text, _) in BROKEN {
        for end in 0..text.len() {
            _ = kern::read(&text.as_bytes()[..end], Strictness::Tolerant);
        }
        let lines: Vec<&str> = text.lines().collect();
        for left_out in 0..lines.len() {
            let mut lines = lines.clone();
            lines.remove(left_out);
            if let Ok(read) = kern::read(lines.join("\n").as_bytes(), Strictness::Tolerant) {
                kern::write(&read.value);
                _ = read.value.performed();
            }
        }
    }
}
