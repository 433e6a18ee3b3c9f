//! `cantus convert` and `cantus render`.

use std::fs;

use serde_json::Value;

use crate::{Desk, TUNE, shared};

#[test]
fn a_book_becomes_numbered_files_and_a_tune_one() {
    let desk = Desk::new();
    desk.write("book.abc", TUNE);
    let run = desk.cantus("convert book.abc all.mid").well();
    assert!(run.out.is_empty() && run.err.contains("all-02.mid"));
    desk.cantus("convert book.abc#4 one.svg").well();
    assert_eq!(desk.files(), ["all-01.mid", "all-02.mid", "book.abc", "one.svg"]);
    assert!(fs::read_to_string(desk.path("one.svg")).unwrap().starts_with("<svg"));
    assert_eq!(fs::read_to_string(desk.path("book.abc")).unwrap(), TUNE);
}

#[test]
fn midi_to_midi_loses_nothing_that_json_tells() {
    let Some(folder) = shared("formats/midi") else { return };
    let desk = Desk::new();
    let mut compared = 0;
    for path in midi_files(&folder) {
        let input = path.display().to_string();
        if desk.run(&["convert", &input, "once.mid"]).code != 0 {
            continue;
        }
        desk.cantus("convert once.mid twice.mid").well();
        assert_eq!(
            fs::read(desk.path("once.mid")).unwrap(),
            fs::read(desk.path("twice.mid")).unwrap(),
            "{input}"
        );
        let notes = |file: &str| {
            let run = desk.run(&["show", "--json", file]);
            let line: Value = serde_json::from_str(run.out.trim()).unwrap();
            (line["notes"].clone(), line["tracks"].clone())
        };
        assert_eq!(notes(&input), notes("once.mid"), "{input}");
        compared += 1;
    }
    assert!(compared > 5, "{compared}");
}

/// A few of the collection, for each takes five starts of the program.
fn midi_files(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let folders = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let files = folders.filter(|path| path.is_dir()).flat_map(|folder| {
        let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        files.into_iter().filter(|file| file.extension().is_some_and(|extension| extension == "mid")).take(3)
    });
    files.collect()
}

#[test]
fn json_tells_the_notes() {
    let desk = Desk::new();
    desk.write("book.abc", TUNE);
    desk.cantus("convert book.abc#3 tune.json").well();
    let value: Value = serde_json::from_str(&fs::read_to_string(desk.path("tune.json")).unwrap()).unwrap();
    assert_eq!(value["title"], "A Little Air");
    assert_eq!(value["keys"][0]["key"], "G major");
    let pitches: Vec<_> = value["tracks"][0]["notes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|note| note["pitch"].as_u64().unwrap())
        .collect();
    assert_eq!(pitches, [67, 69, 71, 72, 74]);
}

#[test]
fn written_music_sounds_as_it_was_composed() {
    let desk = Desk::new();
    let files = ["piece.mid", "piece.musicxml", "piece.mxl", "piece.krn", "piece.abc"];
    let asked = "compose --style chorale --bars 4 --seed 3";
    let command: Vec<&str> = asked.split(' ').chain(["-o"]).chain(files).collect();
    desk.run(&command).well();
    // What is played shortens notes that are struck again; what is written does not.
    let struck = |file: &str| sounding(&desk, file).into_iter().map(|(part, at, _, pitch)| (part, at, pitch));
    let played: Vec<_> = struck(files[0]).collect();
    assert!(played.len() > 20, "{played:?}");
    let written = sounding(&desk, files[1]);
    for file in &files[1..] {
        assert_eq!(struck(file).collect::<Vec<_>>(), played, "{file}");
        assert_eq!(sounding(&desk, file), written, "{file}");
    }
}

/// Each note's part, beginning and length in quarter notes, and pitch, sorted.
fn sounding(desk: &Desk, file: &str) -> Vec<(usize, String, String, u64)> {
    desk.run(&["convert", file, "told.json"]).well();
    let told: Value = serde_json::from_str(&fs::read_to_string(desk.path("told.json")).unwrap()).unwrap();
    let quarter = told["resolution"].as_f64().unwrap();
    let quarters = |ticks: &Value| format!("{:.4}", ticks.as_f64().unwrap() / quarter);
    let mut notes = Vec::new();
    for (part, track) in told["tracks"].as_array().unwrap().iter().enumerate() {
        for note in track["notes"].as_array().unwrap() {
            let pitch = note["pitch"].as_u64().unwrap();
            notes.push((part, quarters(&note["at"]), quarters(&note["length"]), pitch));
        }
    }
    notes.sort();
    notes
}

#[test]
fn sound_is_as_long_as_the_music_and_replaces_the_old_file_whole() {
    let desk = Desk::new();
    desk.write("book.abc", TUNE);
    desk.write("tune.wav", "old");
    desk.cantus("render book.abc#3 -o tune.wav").well();
    let bytes = fs::read(desk.path("tune.wav")).unwrap();
    assert_eq!((&bytes[..4], &bytes[8..12]), (&b"RIFF"[..], &b"WAVE"[..]));
    let seconds = bytes.len() as f64 / (4.0 * 44_100.0);
    assert!((3.0..20.0).contains(&seconds), "{seconds}");
    assert_eq!(desk.files(), ["book.abc", "tune.wav"]);
}

#[test]
fn many_files_become_a_folder_an_archive_and_an_array() {
    let desk = Desk::new();
    fs::create_dir(desk.path("in")).unwrap();
    desk.write("in/book.abc", TUNE);
    desk.write("in/one.krn", "**kern\n*M2/4\n4c\n4d\n=\n2e\n==\n*-\n");
    desk.write("in/broken.mid", b"\x89PNG");
    let run = desk.cantus("convert in out --to musicxml");
    assert_eq!(run.code, 1, "{}", run.err);
    assert!(
        run.err.contains("broken.mid") && run.err.contains("wrote 3 files of 3 files to out; 1 not"),
        "{}",
        run.err
    );
    assert!(desk.path("out/book-02.musicxml").exists() && desk.path("out/one.musicxml").exists());
    desk.cantus("convert in/*.krn in/*.abc -o all.zip --to mid").well();
    let run = desk.cantus("convert all.zip all.npy").well();
    assert!(run.err.contains("wrote 3 pieces"), "{}", run.err);
    desk.cantus("train --engine array all.npy -o run --epochs 1").well();
    desk.cantus("convert all.npy again.mid").well();
    assert!(desk.path("again-03.mid").exists());
    let notes = |file: &str| {
        let line: Value = serde_json::from_str(desk.run(&["show", "--json", file]).out.trim()).unwrap();
        line["notes"].as_u64().unwrap()
    };
    assert_eq!(notes("again-03.mid"), notes("all.zip!one.mid"));
    let run = desk.cantus("convert in out");
    assert!(run.code == 2 && run.err.contains("--to"), "{}", run.err);
}

#[test]
fn what_is_not_kept_and_what_was_forgiven_is_told() {
    let desk = Desk::new();
    desk.write("odd.krn", "**kern\n*M2/4\n4c\n4\n=\n2e\n==\n*-\n");
    let run = desk.cantus("convert odd.krn odd.musicxml").well();
    assert!(run.err.contains("odd.krn: line 4, column 1"), "{}", run.err);
    let run = desk.cantus("convert --strict odd.krn strict.musicxml");
    assert!(run.code == 2 && run.err.contains("line 4"), "{}", run.err);
    desk.write("book.abc", TUNE);
    let run = desk.cantus("convert book.abc#3 tune.npy").well();
    assert!(run.err.contains("1 of 1 tempos is not kept in a piano roll"), "{}", run.err);
    assert!(desk.cantus("convert book.abc#3 tune.npz").well().err.contains("wrote tune.npz"));
}
