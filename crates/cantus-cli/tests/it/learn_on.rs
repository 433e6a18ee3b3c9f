//! Learning on from a model, and how much music that takes.

use std::fs;

use cantus::score::{midi, notation};
use serde_json::Value;

use crate::Desk;

/// So small that it learns in a moment.
const RECIPE: &str =
    "embedding = 8\nhidden = 8\nhead = 8\nbatch = 2\nepochs = 2\nlongest = 8\nbase_share = 0.3\n";

/// A desk with two folders of unlike melodies, a recipe, and a run `first` that learned one of them.
fn desk() -> Desk {
    let desk = Desk::new();
    desk.write("tiny.toml", RECIPE);
    for (folder, letters) in [("known", ["C", "E", "G"]), ("mine", ["D", "F", "B"])] {
        fs::create_dir(desk.path(folder)).unwrap();
        for piece in 0..8usize {
            let note = |index: usize| {
                format!("{}{}/4", letters[(piece * index + index / 3) % 3], 4 + (piece + index) % 2)
            };
            let text: Vec<String> = (0..24 + piece).map(note).collect();
            let score = notation::parse(&text.join(" ")).unwrap();
            desk.write(&format!("{folder}/{piece}.mid"), midi::write(&score).unwrap());
        }
    }
    desk.cantus("train known -o first --preset tiny.toml").well();
    desk
}

#[test]
fn a_model_learns_on_and_keeps_what_it_began_from() {
    let desk = desk();
    let run = desk.cantus("train mine -o second --from first --preset tiny.toml").well();
    assert!(run.err.contains("before training: validation"), "{}", run.err);
    let styles = desk.cantus("styles --model second --json").well().out;
    let names: Vec<Value> =
        styles.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["name"].clone()).collect();
    assert_eq!(names, ["known", "mine"]);
    let card = desk.cantus("card second").well().out;
    assert!(card.contains("Learnt on from the model first"), "{card}");
    // The run holds a copy of the model, so that it goes on without it.
    fs::remove_dir_all(desk.path("first")).unwrap();
    desk.cantus("train -o second --resume").well();
    desk.cantus("compose --model second --style mine --bars 4 -o new.mid").well();
}

#[test]
fn a_run_that_cannot_begin_from_a_model_leaves_nothing_behind() {
    let desk = desk();
    let before = fs::read(desk.path("first/best.safetensors")).unwrap();
    for (line, reason) in [
        ("train mine -o second --from nowhere", "there is no such model"),
        ("train nothing -o second --from first --preset tiny.toml", "there is no such file or folder"),
        ("train mine -o first --from first --preset tiny.toml", "a new run needs a folder without one"),
        ("train mine -o second --from first --resume", "cannot be used with"),
        ("train mine -o second --base known", "--from"),
    ] {
        let run = desk.cantus(line);
        assert_eq!(run.code, 2, "{line}");
        assert!(run.err.contains(reason), "{line}: {}", run.err);
        assert!(!desk.path("second").exists(), "{line}");
    }
    assert!(fs::read(desk.path("first/best.safetensors")).unwrap() == before);
    assert!(!desk.path("first/base.safetensors").exists());
}

#[test]
fn known_music_may_be_ones_own() {
    let desk = desk();
    let run = desk.cantus("train mine -o second --from first --base known --preset tiny.toml").well();
    assert!(run.err.contains("pieces like those it knows go along"), "{}", run.err);
    assert!(!desk.path("second/rehearsal").exists());
    let metrics = fs::read_to_string(desk.path("second/metrics.jsonl")).unwrap();
    assert!(metrics.contains("known as known before"), "{metrics}");
}

#[test]
fn a_learning_curve_grows_with_the_music() {
    let desk = desk();
    let run = desk.cantus("eval known mine --learning-curve --preset tiny.toml --json -o curve.svg").well();
    let curve: Value = serde_json::from_str(&run.out).unwrap();
    let pieces: Vec<u64> =
        curve["points"].as_array().unwrap().iter().map(|point| point["pieces"].as_u64().unwrap()).collect();
    assert!(pieces.len() > 1 && pieces.is_sorted(), "{pieces:?}");
    let picture = fs::read_to_string(desk.path("curve.svg")).unwrap();
    assert!(picture.starts_with("<svg xmlns=") && picture.contains("<polyline"), "{picture}");
    assert!(desk.cantus("eval known mine -o curve.svg").err.contains("--learning-curve"));
}
