//! Writes all music below some paths in every format, reads it again, and counts what came back exactly.
//!
//! `cargo run --release -p cantus --example formats -- FOLDER… [--sample N] [--list]`: a line for each format read and
//! written, with the classes of difference; of each folder N files, evenly spread; `--list` names the pieces that differ.
#![allow(clippy::print_stdout, reason = "it is what the program is for")]

use std::collections::BTreeMap;
use std::path::PathBuf;

use cantus::ConvertOptions;
use cantus::model::corpus::{self, Format};
use cantus::score::Strictness;

#[path = "../tests/formats/told.rs"]
mod told;

use told::{FORMATS, expected, there_and_back, told_back};

/// Pieces, pieces that came back exactly, and each class of difference.
#[derive(Default)]
struct Count {
    pieces: usize,
    exact: usize,
    classes: BTreeMap<String, usize>,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (mut paths, mut is_listed, mut most) = (Vec::new(), false, usize::MAX);
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--list" => is_listed = true,
            "--sample" => most = arguments.next().unwrap_or_default().parse()?,
            _ => paths.push(PathBuf::from(argument)),
        }
    }
    let mut listing = corpus::list(&[])?;
    for path in paths {
        listing.sources.extend(spread(corpus::list(&[path])?.sources, most));
    }
    let options = ConvertOptions::default();
    let results = listing.read_each(64 << 20, |source, bytes| {
        let opened = bytes.ok().and_then(|bytes| corpus::read(&bytes, Strictness::Tolerant).ok());
        let Some(opened) = opened else { return Vec::new() };
        let mut results = Vec::new();
        for piece in &opened.pieces {
            let name = format!("{source}{}", piece.tag());
            for format in FORMATS {
                let before = expected(&piece.music, format, &options);
                let found = match there_and_back(&piece.music, format, &options) {
                    Ok(back) => {
                        let found = before.differences(&told_back(&piece.music, format, &back));
                        found.into_iter().map(str::to_owned).collect()
                    }
                    Err(error) => vec![format!("error: {error}")],
                };
                results.push((name.clone(), opened.format, format, found));
            }
        }
        results
    });
    let mut counts: BTreeMap<(&str, String), Count> = BTreeMap::new();
    for (name, from, to, found) in results.into_iter().flatten() {
        if is_listed && !found.is_empty() {
            println!("{name}\t{to:?}\t{}", found.join(", "));
        }
        let count = counts.entry((name_of(from), format!("{to:?}"))).or_default();
        count.pieces += 1;
        count.exact += usize::from(found.is_empty());
        for class in found {
            *count.classes.entry(class).or_default() += 1;
        }
    }
    for ((from, to), count) in counts {
        let classes: Vec<String> =
            count.classes.iter().map(|(class, count)| format!("{class} {count}")).collect();
        println!("{from} → {to}: {} of {} exact; {}", count.exact, count.pieces, classes.join(", "));
    }
    Ok(())
}

/// So many of a list, evenly spread.
fn spread<T>(all: Vec<T>, most: usize) -> impl Iterator<Item = T> {
    let count = all.len();
    let is_taken = move |index: usize| most >= count || index * most / count != (index + 1) * most / count;
    all.into_iter().enumerate().filter(move |(index, _)| is_taken(*index)).map(|(_, one)| one)
}

fn name_of(format: Format) -> &'static str {
    match format {
        Format::Midi => "MIDI",
        Format::Abc => "ABC",
        Format::MusicXml => "MusicXML",
        Format::Kern => "kern",
        _ => "steps",
    }
}
