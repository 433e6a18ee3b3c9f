//! `cantus show` and `cantus features`.

use serde_json::Value;

use crate::{Desk, TUNE, shared};

#[test]
fn json_is_one_line_a_file_with_the_promised_members() {
    let desk = Desk::new();
    desk.write("book.abc", TUNE);
    desk.cantus("convert book.abc#3 tune.mid").well();
    let run = desk.cantus("show --json tune.mid book.abc book.abc#3").well();
    let lines: Vec<Value> = run.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 3);
    assert_eq!(lines[0]["path"], "tune.mid");
    assert_eq!(lines[0]["format"], "midi");
    assert_eq!((&lines[0]["tracks"], &lines[0]["notes"]), (&1.into(), &5.into()));
    assert_eq!((&lines[0]["seconds"], &lines[0]["beats"]), (&3.0.into(), &6.0.into()));
    assert_eq!(lines[0]["warnings"], Value::Array(vec![]));
    assert_eq!((&lines[1]["pieces"], &lines[1]["notes"]), (&2.into(), &12.into()));
    assert_eq!((&lines[2]["pieces"], &lines[2]["notes"]), (&1.into(), &5.into()));
}

#[test]
fn a_file_is_shown_with_its_facts_and_its_roll() {
    let desk = Desk::new();
    desk.write("book.abc", TUNE);
    let run = desk.cantus("show book.abc#3").well();
    for words in
        ["A Little Air", "3/4", "120.0 quarters a minute", "G major", "notes    5", "3.0 s", "G4", "━"]
    {
        assert!(run.out.contains(words), "{words:?} is not in\n{}", run.out);
    }
    assert!(!run.out.contains('\x1b'), "colour in a pipe");
}

#[test]
fn one_bad_file_does_not_hide_the_others() {
    let desk = Desk::new();
    desk.write("book.abc", TUNE);
    let run = desk.cantus("show --json none.mid book.abc");
    assert_eq!((run.code, run.out.lines().count()), (2, 1));
    assert!(run.err.contains("none.mid"));
}

#[test]
fn every_midi_file_of_the_collection_ends_in_0_or_2_without_a_panic() {
    let Some(folder) = shared("formats/midi") else { return };
    let desk = Desk::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let mut arguments = vec!["show".to_owned(), "--json".to_owned()];
        collect(&entry.unwrap().path(), &mut arguments);
        let run = desk.run(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
        assert!([0, 2].contains(&run.code) && !run.err.contains("panicked"), "{}", run.err);
        let told = run.out.lines().count() + run.err.matches('×').count();
        assert_eq!(told, arguments.len() - 2, "{}", run.err);
    }
}

fn collect(path: &std::path::Path, files: &mut Vec<String>) {
    if !path.is_dir() {
        return files.push(path.display().to_string());
    }
    for entry in std::fs::read_dir(path).unwrap() {
        collect(&entry.unwrap().path(), files);
    }
}

#[test]
fn features_are_measured_by_name() {
    let desk = Desk::new();
    desk.write("book.abc", TUNE);
    let run = desk.cantus("features --json book.abc").well();
    let lines: Vec<Value> = run.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((lines.len(), &lines[1]["path"]), (2, &"book.abc#4".into()));
    assert_eq!(lines[0]["features"]["tempo"], 120.0);
    assert_eq!(lines[0]["bars"].as_array().map(Vec::len), Some(2));
    assert!(desk.cantus("features book.abc").well().out.contains("quarters a minute"));
}

#[cfg(unix)]
#[test]
fn a_reader_that_has_seen_enough_is_no_failure_and_a_full_device_is_one() {
    let desk = Desk::new();
    desk.write("book.abc", TUNE);
    let shell = |line: &str| {
        let line = line.replace("cantus", env!("CARGO_BIN_EXE_cantus"));
        let mut command = std::process::Command::new("bash");
        crate::Run::of(command.args(["-c", &line]).current_dir(desk.path("")).output().unwrap())
    };
    let run = shell(
        "set -o pipefail; for i in {1..9}; do cantus show book.abc book.abc book.abc book.abc; done | head -1",
    );
    assert_eq!((run.code, run.err.as_str()), (0, ""));
    if std::path::Path::new("/dev/full").exists() {
        let run = shell("cantus show book.abc > /dev/full");
        assert!(run.code == 2 && run.err.contains("standard output"), "{}", run.err);
    }
}
