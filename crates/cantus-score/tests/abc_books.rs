//! Laws over whole books of tunes.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "helpers of tests fail and talk like tests")]

use std::io::Read as _;
use std::path::{Path, PathBuf};

use cantus_score::abc::{Tune, read_book, write};
use cantus_score::sheet::{Sheet, Transposition, Written};
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
            count.notes += tune.sheet.performed().note_count();
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

/// A sheet without what writing does not keep: ties that join notes are joined, voices numbered by their order.
fn plain(mut sheet: Sheet) -> Sheet {
    for part in &mut sheet.parts {
        part.transposition = Transposition::default();
        let mut voices: Vec<u8> = part.notes.iter().map(|note| note.voice).collect();
        voices.sort_unstable();
        voices.dedup();
        let mut joined: Vec<Written> = Vec::new();
        for mut note in std::mem::take(&mut part.notes) {
            note.voice = voices.partition_point(|&voice| voice < note.voice) as u8 + 1;
            let plain = note.articulations.is_empty() && note.syllables.is_empty() && note.grace.is_none();
            let before = joined.iter_mut().rev().take(64).find(|before| {
                before.tied
                    && before.voice == note.voice
                    && before.pitch == note.pitch
                    && before.end() == note.start
            });
            match before.filter(|_| plain) {
                Some(before) => (before.length, before.tied) = (before.length + note.length, note.tied),
                None => joined.push(note),
            }
        }
        part.notes = joined;
    }
    sheet
}

/// Every real tune, written and read again, is the sheet that it was.
#[test]
fn what_is_written_of_real_tunes_is_read_back() {
    let Some(data) = data() else { return };
    for (path, most) in [
        ("folk/tunebooks/abc.zip", 20),
        ("folk/essen_nc/abc.zip", 20),
        ("folk/nottingham/ABC_cleaned", 20),
        ("formats/abc/abcmidi", 20),
        ("formats/abc/made/odd", 20),
        ("formats/abc/noteseq", 20),
    ] {
        let (mut all, mut other) = (0, Vec::new());
        for (name, bytes) in files(&data.join(path)) {
            for (tune, _) in tunes(&bytes).into_iter().filter(|tune| !tune.0.sheet.parts.is_empty()) {
                let text = write(&tune.sheet);
                let back = read_book(text.as_bytes(), Strictness::Tolerant).unwrap().value.remove(0).sheet;
                all += 1;
                if plain(back) != plain(tune.sheet) {
                    other.push(format!("{name} X:{}", tune.number));
                }
            }
        }
        println!(
            "{path}: {} of {all} tunes come back as they were; others: {:?}",
            all - other.len(),
            other.iter().take(12).collect::<Vec<_>>()
        );
        assert!(other.len() * 1000 <= all * most, "{path}: {other:?}");
    }
}

/// The share of full bars: from each bar line to the next, the metre's length (the first and the last may be shorter).
#[test]
fn bars_have_the_length_of_their_metre() {
    let Some(data) = data() else { return };
    let (mut bars, mut wrong) = (0, 0);
    for (_, bytes) in files(&data.join("folk/nottingham/ABC_cleaned")) {
        for (tune, _) in tunes(&bytes) {
            let score = tune.sheet.performed();
            let lines = score.bar_lines();
            for pair in lines.windows(2) {
                bars += 1;
                wrong += usize::from(pair[1] - pair[0] != score.meter_at(pair[0]).bar(score.resolution));
            }
        }
    }
    println!("Nottingham: {bars} bars, {wrong} of another length than their metre");
    assert_eq!(wrong, 0);
}

/// A tune without a fault needs no metre that it does not name, but for a pickup and its complement.
#[test]
fn well_typed_tunes_keep_their_metre() {
    let Some(data) = data() else { return };
    let (mut all, mut steady) = (0, 0);
    for (_, bytes) in files(&data.join("folk/nottingham/ABC_cleaned")) {
        for (tune, _) in tunes(&bytes).into_iter().filter(|tune| tune.1.is_empty()) {
            let score = tune.sheet.performed();
            let changes = score.meters.len() - usize::from(score.pickup() > cantus_score::Ticks::ZERO);
            all += 1;
            steady += usize::from(changes <= 1);
        }
    }
    println!("Nottingham: {steady} of {all} tunes keep one metre");
    assert!(steady * 100 >= all * 90, "{steady} of {all}");
}

/// The numbers of a small deterministic generator: faults to try, always the same.
fn next(state: &mut u64) -> usize {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*state >> 33) as usize
}

#[test]
fn damaged_files_do_not_panic() {
    let Some(data) = data() else { return };
    let mut seeds = Vec::new();
    for folder in ["abcmidi", "made/broken", "made/odd", "made/valid", "noteseq"] {
        seeds.extend(files(&data.join("formats/abc").join(folder)));
    }
    let mut state = 1;
    for (name, bytes) in &seeds {
        let whole = read_book(bytes, Strictness::Tolerant);
        println!("{name}: {:?}", whole.as_ref().map(|read| (read.value.len(), read.warnings.len())));
        for _ in 0..40 {
            let mut damaged = bytes.clone();
            for _ in 0..=(next(&mut state) % 8) {
                let Some(len) = std::num::NonZeroUsize::new(damaged.len()) else { break };
                let at = next(&mut state) % len;
                match next(&mut state) % 4 {
                    0 => damaged[at] = next(&mut state) as u8,
                    1 => damaged.truncate(at.max(1)),
                    2 => damaged.insert(at, b"|:[]()<>/9{}\"-"[next(&mut state) % 14]),
                    _ => damaged.extend_from_within(at..(at + 40).min(len.get())),
                }
            }
            for read in read_book(&damaged, Strictness::Tolerant).into_iter().flat_map(|read| read.value) {
                let score = read.sheet.performed();
                assert!(score.tracks.iter().all(|track| track.notes.is_sorted()), "{name}");
                assert!(score.bar_lines().is_sorted(), "{name}");
            }
        }
    }
}
