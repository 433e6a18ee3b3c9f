//! What files of notation say, as tables: each note as it is written, and where bars begin.
//!
//! `benches/agree.py` holds this against what other programs read. A line begins with its kind:
//!
//! | kind | columns |
//! |---|---|
//! | `F` | path, number of warnings, or the error after a `!` |
//! | `N` | beginning and length in quarter notes as fractions, key of the keyboard as it sounds (`-` for drums) and as it is written, `1` for a grace note |
//! | `B` | where a bar begins, in quarter notes |
//! | `P` | beginning and end of a stretch that is played as it stands, in quarter notes; in the order of playing |
//! | `W` | a warning |
//!
//! After `--sounding` the notes are those that sound when each bar is played once, after `--performed` when the repeats are
//! played as well: ties joined, grace notes left out, drums with their keys.
#![allow(clippy::print_stdout, reason = "a program of the repository talks to who runs it")]

use cantus_score::sheet::{Part, Sheet};
use cantus_score::{Read, Score, Strictness, Ticks, kern, musicxml};

/// What is told of a sheet.
#[derive(Clone, Copy)]
enum Telling {
    Written,
    Sounding,
    Performed,
}

fn main() {
    let mut telling = Telling::Written;
    for path in std::env::args().skip(1) {
        telling = match path.as_str() {
            "--sounding" => Telling::Sounding,
            "--performed" => Telling::Performed,
            _ => telling,
        };
        if path.starts_with("--") {
            continue;
        }
        match std::fs::read(&path).map_err(|error| error.to_string()).and_then(|bytes| read(&path, &bytes)) {
            Ok(Read { value, warnings }) => {
                println!("F\t{path}\t{}", warnings.len());
                print(value, telling);
                for warning in &warnings {
                    println!("W\t{}", warning.to_string().replace(['\t', '\n', '\r'], " "));
                }
            }
            Err(error) => println!("F\t{path}\t!{error}"),
        }
    }
}

fn read(path: &str, bytes: &[u8]) -> Result<Read<Sheet>, String> {
    if std::path::Path::new(path).extension().is_some_and(|ending| ending == "krn") {
        return kern::read(bytes, Strictness::Tolerant).map_err(|error| error.to_string());
    }
    musicxml::read(bytes, Strictness::Tolerant).map_err(|error| error.to_string())
}

fn print(mut sheet: Sheet, telling: Telling) {
    if !matches!(telling, Telling::Written) {
        sheet.parts.iter_mut().for_each(|part| part.notes.retain(|note| note.grace.is_none()));
    }
    match telling {
        Telling::Written => print_sheet(&sheet),
        Telling::Sounding => print_score(&sheet.as_written()),
        Telling::Performed => print_score(&sheet.performed()),
    }
}

fn print_score(score: &Score) {
    let quarter = score.resolution.ticks_per_quarter();
    for note in score.tracks.iter().flat_map(|track| &track.notes) {
        let key = note.pitch.get();
        println!("N\t{}/{quarter}\t{}/{quarter}\t{key}\t{key}\t0", note.start.0, note.length.0);
    }
}

fn print_sheet(sheet: &Sheet) {
    let quarter = sheet.resolution.ticks_per_quarter();
    let quarters = |ticks: Ticks| format!("{}/{quarter}", ticks.0);
    sheet.parts.iter().for_each(|part| print_part(part, quarters));
    for bar in &sheet.bars {
        println!("B\t{}", quarters(bar.start));
    }
    for (start, end) in stretches(sheet) {
        println!("P\t{}\t{}", quarters(start), quarters(end));
    }
}

/// Bars that are played one after the other as they stand, joined.
fn stretches(sheet: &Sheet) -> Vec<(Ticks, Ticks)> {
    let mut joined: Vec<(Ticks, Ticks)> = Vec::new();
    let order = sheet.playing_order();
    for bar in order.bars.iter().filter_map(|played| sheet.bars.get(played.index)) {
        match joined.last_mut().filter(|last| last.1 == bar.start) {
            Some(last) => last.1 = bar.end(),
            None => joined.push((bar.start, bar.end())),
        }
    }
    joined
}

fn print_part(part: &Part, quarters: impl Fn(Ticks) -> String) {
    for note in &part.notes {
        let key = note.sounding().filter(|_| !part.is_drums());
        let (sounding, written) = key.map_or(("-".to_owned(), "-".to_owned()), |key| {
            let moved = i16::from(key.get()) - i16::from(part.transposition.semitones);
            (key.get().to_string(), moved.to_string())
        });
        let grace = u8::from(note.grace.is_some());
        println!("N\t{}\t{}\t{sounding}\t{written}\t{grace}", quarters(note.start), quarters(note.length));
    }
}
