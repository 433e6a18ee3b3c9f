//! Laws over real scores in kern.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "helpers of tests fail and talk like tests")]

use std::io::Read as _;
use std::path::{Path, PathBuf};

use cantus_score::sheet::Sheet;
use cantus_score::{Score, Strictness, kern};

/// The data folder beside the repository, where there is one.
fn data() -> Option<PathBuf> {
    let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data"));
    if path.is_dir() {
        return Some(path.to_owned());
    }
    println!("skipped: no folder ../shared/data beside the repository");
    None
}

/// Every n-th score of an archive.
fn archive(path: &Path, step: usize) -> Vec<(String, Vec<u8>)> {
    let mut archive = zip::ZipArchive::new(std::fs::File::open(path).unwrap()).unwrap();
    let mut files = Vec::new();
    for index in (0..archive.len()).step_by(step) {
        let mut member = archive.by_index(index).unwrap();
        let name = member.name().unwrap().into_owned();
        if Path::new(&name).extension().is_some_and(|end| end == "krn") {
            let mut bytes = Vec::new();
            member.read_to_end(&mut bytes).unwrap();
            files.push((name, bytes));
        }
    }
    files
}

fn scores(data: &Path, step: usize) -> Vec<(String, Vec<u8>)> {
    let mut files = archive(&data.join("piano/polish_kern/kern.zip"), 10 * step);
    files.extend(archive(&data.join("piano/joplin_nc/kern.zip"), step));
    files
}

/// The notes of a score: track, beginning and length in a common unit, key.
fn notes(score: &Score, unit: u64) -> Vec<(usize, u64, u64, u8)> {
    let ticks = u64::from(score.resolution.ticks_per_quarter());
    let parts = score.tracks.iter().enumerate();
    parts
        .flat_map(|(part, track)| {
            track.notes.iter().map(move |note| {
                let begin = u64::from(note.start.0) * unit / ticks;
                (part, begin, u64::from(note.end().0) * unit / ticks - begin, note.pitch.get())
            })
        })
        .collect()
}

/// Whether a sheet sounds the same once it is written and read.
fn comes_back(sheet: &Sheet) -> bool {
    let back = kern::read(kern::write(sheet).as_bytes(), Strictness::Tolerant).unwrap().value;
    let (score, other) = (sheet.as_written(), back.as_written());
    let unit =
        u64::from(score.resolution.ticks_per_quarter()) * u64::from(other.resolution.ticks_per_quarter());
    notes(&score, unit) == notes(&other, unit)
        && sheet.performed().note_count() == back.performed().note_count()
}

fn real_scores_come_back(step: usize, least: usize) {
    let Some(data) = data() else { return };
    let (mut all, mut same) = (0, 0);
    for (name, bytes) in scores(&data, step) {
        let read = kern::read(&bytes, Strictness::Tolerant).unwrap();
        let back = comes_back(&read.value);
        if !back {
            println!("{name}: comes back otherwise");
        }
        (all, same) = (all + 1, same + usize::from(back));
    }
    println!("{same} of {all} scores come back as they were");
    assert!(same * 100 >= all * least, "{same} of {all}");
}

#[test]
fn a_sample_of_real_scores_comes_back() {
    real_scores_come_back(1, 95);
}

#[test]
fn files_for_decoders_are_read_or_refused() {
    let Some(data) = data() else { return };
    for folder in ["made/valid", "made/odd", "made/broken", "partitura"] {
        for entry in std::fs::read_dir(data.join("formats/kern").join(folder)).unwrap() {
            let path = entry.unwrap().path();
            let read = kern::read(&std::fs::read(&path).unwrap(), Strictness::Tolerant);
            println!(
                "{}: {:?}",
                path.display(),
                read.as_ref().map(|read| (read.value.bars.len(), &read.warnings))
            );
            match folder {
                "made/valid" => {
                    assert_eq!(read.map(|read| read.warnings), Ok(Vec::new()), "{}", path.display());
                }
                "made/odd" | "partitura" => {
                    let parts = read.unwrap().value.parts;
                    assert!(parts.iter().any(|part| !part.notes.is_empty()), "{}", path.display());
                }
                _ => {}
            }
        }
    }
}
