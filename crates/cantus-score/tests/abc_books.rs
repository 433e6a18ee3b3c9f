//! Laws over whole books of tunes.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "helpers of tests fail and talk like tests")]

use std::io::Read as _;
use std::path::{Path, PathBuf};

use cantus_score::abc::{Tune, read_book};
use cantus_score::{Strictness, Warning};

/// The data folder beside the repository, where there is one.
fn data() -> Option<PathBuf> {
    let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data"));
    if path.is_dir() {
        return Some(path.to_owned());
    }
    println!("skipped: no folder ../shared/data beside the repository");
    None
}

/// The files of an archive or a folder: names and contents.
fn files(path: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    if path.is_dir() {
        for entry in std::fs::read_dir(path).unwrap() {
            let path = entry.unwrap().path();
            files.push((path.display().to_string(), std::fs::read(path).unwrap()));
        }
    } else {
        let mut archive = zip::ZipArchive::new(std::fs::File::open(path).unwrap()).unwrap();
        for index in 0..archive.len() {
            let mut member = archive.by_index(index).unwrap();
            let mut bytes = Vec::new();
            member.read_to_end(&mut bytes).unwrap();
            let name = member.name().unwrap().into_owned();
            files.push((name, bytes));
        }
    }
    files.retain(|file| Path::new(&file.0).extension().is_some_and(|end| end == "abc"));
    files.sort();
    files
}

/// The tunes of a file, each with the faults forgiven in it.
fn tunes(bytes: &[u8]) -> Vec<(Tune, Vec<Warning>)> {
    let text: String = match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|&byte| char::from(byte)).collect(),
    };
    let mut blocks: Vec<String> = Vec::new();
    for line in text.lines() {
        if line.trim_start().starts_with("X:") {
            blocks.push(String::new());
        }
        if let Some(block) = blocks.last_mut() {
            block.push_str(line);
            block.push('\n');
        }
    }
    let read = |block: &String| {
        let mut read = read_book(block.as_bytes(), Strictness::Tolerant).unwrap();
        (read.value.remove(0), read.warnings)
    };
    blocks.iter().map(read).collect()
}

/// What a collection holds.
#[derive(Debug, Default, PartialEq, Eq)]
struct Count {
    tunes: usize,
    notes: usize,
    with_warnings: usize,
}

fn count(path: &Path) -> Count {
    let mut count = Count::default();
    let show = std::env::var("ABC_SHOW").is_ok();
    for (name, bytes) in files(path) {
        for (tune, warnings) in tunes(&bytes) {
            count.tunes += 1;
            count.notes += tune.score.note_count();
            count.with_warnings += usize::from(!warnings.is_empty());
            for warning in warnings.iter().filter(|_| show) {
                println!("{name} X:{} {warning}", tune.number);
            }
        }
    }
    count
}

#[test]
fn every_tune_of_the_books_is_read() {
    let Some(data) = data() else { return };
    for (path, tunes) in [
        ("folk/tunebooks/abc.zip", 3857),
        ("folk/essen_nc/abc.zip", 6162),
        ("folk/nottingham/ABC_cleaned", 1034),
        ("folk/nottingham/ABC_original", 1037),
    ] {
        let count = count(&data.join(path));
        println!("{path}: {count:?}");
        assert_eq!(count.tunes, tunes, "{path}");
    }
}
