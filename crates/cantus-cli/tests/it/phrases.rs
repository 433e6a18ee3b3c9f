//! `--engine gan`: phrases are learnt and composed.

use std::fs;

use crate::Desk;

/// A folder of pieces that the built-in model composed.
fn with_pieces(bars: u32, count: u32) -> Desk {
    let desk = Desk::new();
    fs::create_dir_all(desk.path("music/hymns")).unwrap();
    let line = format!("compose --style chorale --bars {bars} --seed 1 --count {count} -o music/hymns/x.mid");
    desk.cantus(&line).well();
    desk
}

const TINY: &str = "epochs = 2\nsteps = 2\nbatch = 2\nmeasured = 3\n";

#[test]
fn phrases_are_learnt_shown_and_composed() {
    let desk = with_pieces(24, 6);
    desk.write("tiny.toml", TINY);
    let run = desk.cantus("train --engine gan --preset tiny.toml music -o run --threads 2").well();
    for words in
        ["phrases of four bars to learn from", "generator", "discriminator", "held-out phrases", "differ"]
    {
        assert!(run.err.contains(words), "{words:?} is not in\n{}", run.err);
    }
    let report = fs::read_to_string(desk.path("run/report.html")).unwrap();
    assert!(report.contains("phrases of each style") && report.contains("After epoch 2"));
    desk.cantus("compose --model run --bars 7 --seed 4 -o a.json a.mid").well();
    desk.cantus("compose --model run --engine gan --bars 7 --seed 4 -o b.mid").well();
    assert_eq!(fs::read(desk.path("a.mid")).unwrap(), fs::read(desk.path("b.mid")).unwrap());
    let json: serde_json::Value = serde_json::from_slice(&fs::read(desk.path("a.json")).unwrap()).unwrap();
    assert_eq!((json["style"].as_str(), json["bars"].as_u64()), (Some("hymns"), Some(7)));
    assert!(json["trace"].as_array().unwrap().iter().any(|decision| decision["kind"] == "phrase"));
    assert!(desk.cantus("styles --model run").well().out.contains("Melody, Harmony, Bass"));
}

#[test]
fn a_run_of_phrases_goes_on_to_the_same_model() {
    let desk = with_pieces(24, 6);
    desk.write("tiny.toml", TINY);
    desk.cantus("train --engine gan --preset tiny.toml music -o run-a --threads 1").well();
    desk.cantus("train --engine gan --preset tiny.toml music -o run-b --threads 2").well();
    let last = |run: &str| fs::read(desk.path(run).join("last.safetensors")).unwrap();
    // The models bear the names of their folders; all else is alike.
    let without_name = |bytes: Vec<u8>, name: &str| String::from_utf8_lossy(&bytes).replace(name, "");
    assert_eq!(without_name(last("run-a"), "run-a"), without_name(last("run-b"), "run-b"));
    let run = desk.cantus("train --engine gan -o run-a --resume").well();
    assert!(
        run.err.contains("going on after step 4") || run.err.contains("all epochs are over"),
        "{}",
        run.err
    );
}

#[test]
fn what_phrases_cannot_be_is_told_with_the_rule() {
    let desk = with_pieces(8, 2);
    desk.write("tiny.toml", TINY);
    desk.write("odd.toml", "batch = 1\n");
    for (line, words) in [
        ("train --engine gan --preset tiny.toml music -o run", ["hymns has", "at least 50 phrases", "hint:"]),
        ("train --engine gan --preset odd.toml music -o run", ["batch", "from 2 to 1024", "hint:"]),
        ("train --engine gan --preset huge music -o run", ["huge", "phrases, quick", "hint:"]),
        ("train --engine gan --layers 3 music -o run", ["--layers", "phrases are learnt", "hint:"]),
        ("compose --engine gan --tension 0.5 -o x.mid", ["tension", "density or chords", "hint:"]),
        ("compose --engine gan --meter 17/16 -o x.mid", ["17/16", "six to sixteen", "hint:"]),
        ("compose --engine gan --style opera -o x.mid", ["opera", "chorale", "hint:"]),
    ] {
        let run = desk.cantus(line);
        assert_eq!(run.code, 2, "{line}: {}", run.err);
        for word in words {
            assert!(run.err.contains(word), "{line}: {word:?} is not in\n{}", run.err);
        }
        assert_eq!(desk.files(), ["music", "odd.toml", "tiny.toml"], "{line}");
    }
}

#[test]
fn the_built_in_generator_obeys_the_rules() {
    let desk = Desk::new();
    for (line, notes) in [
        ("compose --engine gan --style chorale --key Dm --scale-only --bars 8 --seed 1 -o x.json", "D minor"),
        ("compose --engine gan --style folk --meter 6/8 --bars 16 --ending open --seed 2 -o x.json", "6/8"),
        ("compose --engine gan --style piano --meter 3/4 --seconds 20 --seed 3 -o x.json", "3/4"),
        ("compose --engine gan --style drums-rock --bars 4 --seed 4 -o x.json", "drums-rock"),
    ] {
        let run = desk.cantus(line).well();
        assert!(run.err.contains(notes), "{line}: {}", run.err);
        assert!(!run.err.contains("not as asked"), "{line}: {}", run.err);
    }
}
