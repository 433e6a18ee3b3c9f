//! Laws over real files: every valid one is read, no broken one does harm, and what is written comes back.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "helpers of tests fail and talk like tests")]

use std::io::Read as _;
use std::path::{Path, PathBuf};

use cantus_score::sheet::Sheet;
use cantus_score::{Strictness, musicxml};

/// The data folder beside the repository, where there is one.
fn data() -> Option<PathBuf> {
    let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data"));
    if path.is_dir() {
        return Some(path.to_owned());
    }
    println!("skipped: no folder ../shared/data beside the repository");
    None
}

/// The files for decoders: path, class and bytes.
fn files(data: &Path) -> Vec<(String, String, Vec<u8>)> {
    let manifest = std::fs::read_to_string(data.join("formats/manifest.tsv")).unwrap();
    let rows = manifest.lines().map(|line| line.split('\t').collect::<Vec<_>>());
    let rows = rows.filter(|row| row.get(1) == Some(&"musicxml"));
    rows.map(|row| {
        (row[0].to_owned(), row[4].to_owned(), std::fs::read(data.join("formats").join(row[0])).unwrap())
    })
    .collect()
}

#[test]
fn every_file_for_decoders_is_read_or_refused() {
    let Some(data) = data() else { return };
    for (path, class, bytes) in files(&data) {
        let read = musicxml::read(&bytes, Strictness::Tolerant);
        assert!(class == "broken" || read.is_ok(), "{path}: {:?}", read.err());
        if class == "broken" {
            assert!(
                read.as_ref().map_or(true, |read| !read.warnings.is_empty()),
                "{path} is broken, but nothing is said"
            );
        }
        assert!(
            read.is_err() || bytes.len() < 1_000_000 || read.is_ok_and(|read| !read.value.parts.is_empty())
        );
    }
}

/// Notes by part, beginning, end and pitch; ties joined where the writer may have cut.
fn notes(sheet: &Sheet) -> Vec<(usize, u32, u32, u8)> {
    let score = sheet.as_written();
    let tracks = score.tracks.iter().enumerate();
    tracks
        .flat_map(|(index, track)| {
            track.notes.iter().map(move |note| (index, note.start.0, note.length.0, note.pitch.get()))
        })
        .collect()
}

/// Fails unless what was written of a file sounds as the file does, bar by bar.
fn comes_back(name: &str, bytes: &[u8]) {
    let sheet = musicxml::read(bytes, Strictness::Tolerant).unwrap().value;
    let back = musicxml::read(musicxml::write(&sheet).as_bytes(), Strictness::Strict).unwrap().value;
    assert_eq!(back.resolution, sheet.resolution, "{name}");
    assert_eq!(back.bars, sheet.bars, "{name}");
    assert_eq!(back.tempos, sheet.tempos, "{name}");
    assert_eq!(notes(&back), notes(&sheet), "{name}");
}

#[test]
fn files_for_decoders_come_back() {
    let Some(data) = data() else { return };
    for (path, class, bytes) in files(&data) {
        if class == "valid" {
            comes_back(&path, &bytes);
        }
    }
}

/// The members of an archive of scores: every so manieth.
fn members(archive: &Path, step: usize) -> Vec<(String, Vec<u8>)> {
    let mut archive = zip::ZipArchive::new(std::fs::File::open(archive).unwrap()).unwrap();
    let indices: Vec<usize> = (0..archive.len()).step_by(step).collect();
    let mut members = Vec::new();
    for index in indices {
        let mut member = archive.by_index(index).unwrap();
        let name = member.name().unwrap().into_owned();
        let mut bytes = Vec::new();
        member.read_to_end(&mut bytes).unwrap();
        if Path::new(&name).extension().is_some_and(|end| end == "mxl") {
            members.push((name, bytes));
        }
    }
    members
}

#[test]
fn some_real_scores_come_back() {
    let Some(data) = data() else { return };
    for (name, bytes) in members(&data.join("multi/openscore_lieder/mxl.zip"), 200) {
        comes_back(&name, &bytes);
    }
}
