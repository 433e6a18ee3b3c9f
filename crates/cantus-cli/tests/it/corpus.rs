//! Corpus files: built, shown, killed and gone on with, and trained from without their sources.

use std::fs;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use serde_json::Value;

use crate::{Desk, Run, shared};

/// Tunes enough that two styles have something to learn, to stop by and to test on.
fn tunes(desk: &Desk, count: u64) {
    let mut rows = vec![String::from("path\tstyle\tcomposer\tlicence\trights\n")];
    for seed in 0..count {
        let style = ["reel", "jig"][seed as usize % 2];
        fs::create_dir_all(desk.path("music")).unwrap();
        let letters: Vec<char> = "CDEFGABcdefgab".chars().collect();
        let mut state = seed * 7919 + 1;
        let note = |_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            letters[(state >> 40) as usize % letters.len()]
        };
        let notes: String = (0..64).map(note).collect();
        let text = format!("X:1\nT:Tune number {seed}\nM:4/4\nL:1/8\nK:C\n{notes}|\n");
        desk.write(&format!("music/{seed}.abc"), text);
        let (composer, rights) = [("Anna Bee", "clean"), ("Carl Dee", "attribution")][seed as usize % 2];
        rows.push(format!("{seed}.abc\t{style}\t{composer}\tCC BY 4.0\t{rights}\n"));
    }
    desk.write("music/labels.tsv", rows.concat());
}

const BUILD: &str = "corpus build music --labels music/labels.tsv -o tunes.corpus";

fn json(run: &Run) -> Value {
    serde_json::from_str(&run.out).unwrap()
}

#[test]
fn a_corpus_is_built_shown_and_trained_from_without_its_sources() {
    let desk = Desk::new();
    tunes(&desk, 30);
    desk.write("music/broken.mid", "RIFF");
    let built = desk.cantus(&format!("{BUILD} --unlabelled")).well();
    assert!(built.err.contains("30 pieces") && built.err.contains("not read"), "{}", built.err);
    fs::remove_dir_all(desk.path("music")).unwrap();

    let shown = desk.cantus("corpus show tunes.corpus -o page.svg").well();
    for word in ["reel", "jig", "keys", "metres", "attribution", "Anna Bee", "music"] {
        assert!(shown.out.contains(word), "{word} in {}", shown.out);
    }
    let page = fs::read_to_string(desk.path("page.svg")).unwrap();
    assert!(page.starts_with("<svg") && page.contains("tempi") && page.contains("rights"));
    let all = json(&desk.cantus("corpus show tunes.corpus --json").well());
    assert_eq!(all["pieces"], 30);
    let pieces = desk.cantus("corpus show tunes.corpus --pieces --json").well().out;
    assert_eq!(pieces.lines().count(), 30);
    let first: Value = serde_json::from_str(pieces.lines().next().unwrap()).unwrap();
    assert_eq!((&first["composer"], &first["source"]), (&"Anna Bee".into(), &"music/0.abc".into()));
    assert_eq!(desk.cantus("corpus show tunes.corpus --pieces").well().out.lines().count(), 30);

    desk.write(
        "tiny.toml",
        "embedding = 8\nhidden = 8\nhead = 8\nbatch = 4\nepochs = 1\nlongest = 16\npatience = 100\n",
    );
    desk.cantus("train tunes.corpus -o run --preset tiny.toml --threads 1").well();
    let card = desk.cantus("card run").well().out;
    assert!(card.contains("Anna Bee") && card.contains("Carl Dee") && card.contains("CC BY 4.0"), "{card}");
    let cost = json(&desk.cantus("eval run tunes.corpus --json").well());
    let measured: u64 =
        cost["styles"].as_array().unwrap().iter().map(|style| style["pieces"].as_u64().unwrap()).sum();
    let test = pieces.lines().filter(|line| line.contains("\"split\":\"test\"")).count();
    assert_eq!(measured as usize, test);
}

#[test]
fn a_build_killed_at_any_moment_goes_on_to_the_same_bytes() {
    let desk = Desk::new();
    tunes(&desk, 400);
    desk.cantus(BUILD).well();
    let whole = fs::read(desk.path("tunes.corpus")).unwrap();
    for wait in [2, 20, 60] {
        let _ = fs::remove_file(desk.path("tunes.corpus"));
        let mut command = Command::new(env!("CARGO_BIN_EXE_cantus"));
        command.args(BUILD.split_whitespace()).current_dir(desk.path("")).stderr(Stdio::null());
        let mut building = command.spawn().unwrap();
        let part = desk.path("tunes.corpus.part");
        while building.try_wait().unwrap().is_none()
            && fs::metadata(&part).map_or(0, |metadata| metadata.len()) < wait * 1000
        {
            sleep(Duration::from_micros(200));
        }
        building.kill().unwrap();
        building.wait().unwrap();
        if !desk.path("tunes.corpus").exists() {
            desk.cantus(BUILD).well();
        }
        assert!(fs::read(desk.path("tunes.corpus")).unwrap() == whole);
    }
    assert!(!desk.files().contains(&"tunes.corpus.part".to_owned()));
}

#[test]
fn wishes_that_cannot_be_met_are_refused_with_a_hint() {
    let desk = Desk::new();
    tunes(&desk, 4);
    desk.cantus(BUILD).well();
    let fails = |line: &str, words: &[&str]| {
        let run = desk.cantus(line);
        assert_eq!(run.code, 2, "{line}: {}", run.err);
        for word in words.iter().chain([&"hint"]) {
            assert!(run.err.contains(word), "{line}: no {word:?} in {}", run.err);
        }
    };
    fails(BUILD, &["exists already", "delete"]);
    fails(
        "corpus build music --labels music/labels.tsv --rights cleen -o x",
        &["cleen", "attribution, clean"],
    );
    fails(
        "corpus build music --labels music/labels.tsv --rights nc -o x",
        &["left out", "rights class clean"],
    );
    fails("corpus build music --labels music/labels.tsv --only waltz -o x", &["waltz", "jig, reel"]);
    fails("corpus build music --labels music/0.abc -o x", &["column named path"]);
    fails("corpus build none -o x", &["no such file"]);
    fails("corpus build music -o none/x", &["cannot be written"]);
    fails("corpus show music/0.abc", &["something else"]);
    fails("train tunes.corpus music -o run", &["used alone"]);
    let mut bytes = fs::read(desk.path("tunes.corpus")).unwrap();
    bytes[8] = 9;
    desk.write("other.corpus", &bytes);
    fails("corpus show other.corpus", &["version 9"]);
    bytes[8] = 1;
    desk.write("cut.corpus", &bytes[..bytes.len() / 2]);
    fails("corpus show cut.corpus", &["cut off"]);
    fails("train cut.corpus -o run", &["cut off"]);
}

#[test]
fn chorales_of_the_collection_are_built_with_their_labels() {
    let (Some(json), Some(labels)) = (shared("jsb16/jsb16_satb.json"), shared("styles.tsv")) else { return };
    let desk = Desk::new();
    let run = desk.run(&[
        "corpus",
        "build",
        json.to_str().unwrap(),
        "--labels",
        labels.to_str().unwrap(),
        "--only",
        "baroque-chorale",
        "-o",
        "chorales.corpus",
    ]);
    let run = run.well();
    assert!(run.err.contains("rows of the labels have no piece"), "{}", run.err);
    let shown = desk.cantus("corpus show chorales.corpus --json").well().out;
    let shown: Value = serde_json::from_str(&shown).unwrap();
    assert!(shown["pieces"].as_u64().unwrap() > 250, "{shown}");
    assert_eq!(shown["styles"][0]["style"], "baroque-chorale");
}
