//! `cantus eval --benchmark`: trained, measured, and told again by whoever reads what was expected.

use std::fmt::Write as _;
use std::fs;

use cantus::score::Strictness;
use cantus::score::npy::{self, Array};

use crate::Desk;
use crate::bad_input::check;

const TINY: &str = "members = 2\nembedding = 12\nhidden = 16\nhead = 12\nepochs = 2\n";

/// Pieces of four voices that go round in their own ways, as a file of steps.
fn steps(splits: &[(&str, usize)]) -> String {
    let mut text = String::from("{");
    for (split, pieces) in splits {
        let _ = write!(text, "{}\"{split}\":[", if text.len() > 1 { "," } else { "" });
        for piece in 0..*pieces {
            let step = |at: usize| {
                let turn = at / 4 * (piece + 2) + split.len();
                format!("[{},{},{},{}]", 72 + turn % 5, 67 - turn % 3, 60 + turn % 4, 48 + turn % 7)
            };
            let steps: Vec<String> = (0..40 + 4 * piece).map(step).collect();
            let _ = write!(text, "{}[{}]", if piece > 0 { "," } else { "" }, steps.join(","));
        }
        text.push(']');
    }
    text + "}"
}

/// The cost of all pieces of a split, from what was expected: nats of a voice at a sixteenth.
fn cost_of(bytes: &[u8], split: &str) -> f64 {
    let array = |name: &str| -> Array {
        npy::read(bytes, Some(&format!("{split}_{name}")), Strictness::Strict).unwrap().value
    };
    let (logits, right, frames) = (array("logits"), array("right"), array("frames"));
    let [questions, classes] = *logits.shape() else { panic!("{:?}", logits.shape()) };
    let mut nats = 0.0;
    for question in 0..questions {
        let row = logits.values(question * classes..(question + 1) * classes);
        let whole: f64 = row.iter().map(|logit| logit.exp()).sum();
        assert!((whole - 1.0).abs() < 1e-4, "{whole}");
        let right = right.values(2 * question..2 * question + 2);
        let chance: f64 = row[right[0] as usize..=right[1] as usize].iter().map(|logit| logit.exp()).sum();
        nats -= chance.ln();
    }
    nats / (4.0 * frames.values(0..frames.len()).iter().sum::<f64>())
}

#[test]
fn a_benchmark_is_trained_measured_and_told_again() {
    let desk = Desk::new();
    desk.write("steps.json", steps(&[("train", 6), ("valid", 3), ("test", 2)]));
    desk.write("tiny.toml", TINY);
    let told = desk
        .cantus(
            "eval run --benchmark jsb16 steps.json --train --preset tiny.toml --seed 3 --dump all.npz --json",
        )
        .well();
    assert!(
        told.err.contains("6 pieces of four voices to learn from, 3 to choose by, 2 kept"),
        "{}",
        told.err
    );
    let table: serde_json::Value = serde_json::from_str(&told.out).unwrap();
    let rows = table["rows"].as_array().unwrap();
    let bytes = fs::read(desk.path("all.npz")).unwrap();
    for split in ["valid", "test"] {
        let pooled = rows[0][split]["pooled"].as_f64().unwrap();
        let again = cost_of(&bytes, split);
        assert!((pooled - again).abs() < 1e-5, "{split}: {pooled} and {again}");
        let onsets = rows[0][split]["onsets_only"].as_f64().unwrap();
        assert!(onsets > pooled, "what begins is harder to foretell than what goes on");
    }
    assert!(rows[1]["name"].as_str().unwrap().contains("chain of variable order"));
    // The same from the folder, and from the same seed.
    let again = desk.cantus("eval run --benchmark jsb16 steps.json --json").well();
    assert_eq!(again.out, told.out);
    desk.cantus("eval other --benchmark jsb16 steps.json --train --preset tiny.toml --seed 3").well();
    let other = desk.cantus("eval other --benchmark jsb16 steps.json --json").well();
    let other: serde_json::Value = serde_json::from_str(&other.out).unwrap();
    assert_eq!(
        (&other["rows"][0]["valid"], &other["rows"][0]["test"]),
        (&rows[0]["valid"], &rows[0]["test"])
    );
    // The model inside the program is measured on the same, by its own questions.
    let table = desk.cantus("eval built-in --benchmark jsb16 steps.json").well().out;
    assert!(table.contains("Music Transformer") && table.contains("0.3350"), "{table}");
    assert!(table.contains("built-in") && table.contains("built-in, plain chorales"), "{table}");
    desk.cantus("eval built-in --benchmark jsb16 steps.json --dump x.npz").well();
    assert!(desk.path("x.npz").exists());
    assert!(desk.cantus("card run").well().out.contains("2 networks"));
    let resumed = desk.cantus("train -o run --resume").well();
    assert!(resumed.err.contains("measure it with: cantus eval run"), "{}", resumed.err);
}

#[test]
fn what_is_no_benchmark_says_why() {
    let desk = Desk::new();
    desk.write("steps.json", steps(&[("train", 3), ("valid", 2), ("test", 2)]));
    desk.write("half.json", steps(&[("train", 3), ("valid", 2)]));
    desk.write("tune.abc", "X:1\nT:Tune\nM:4/4\nL:1/4\nK:C\nCDEF|GABc|\n");
    desk.write("tiny.toml", TINY);
    desk.cantus("eval run --benchmark jsb16 steps.json --train --preset tiny.toml").well();
    for (command, parts) in [
        ("eval built-in --benchmark jsb16 tune.abc", ["four parts", "1", "hint:"]),
        ("eval built-in --benchmark jsb16 half.json", ["half.json", "test has none", "hint:"]),
        ("eval built-in --benchmark jsb16 nothing.json", ["nothing.json", "no such file", "hint:"]),
        ("eval run --benchmark jsb16 steps.json --train", ["new run", "run.toml", "hint:"]),
        ("eval run --benchmark jsb16 steps.json --seed 3", ["--seed", "--train", "hint:"]),
        ("eval run steps.json --preset tiny.toml", ["--preset", "--learning-curve", "hint:"]),
        ("eval run steps.json", ["four voices", "--benchmark jsb16", "hint:"]),
        ("compose --model run", ["four voices", "built-in", "hint:"]),
        ("styles --model run", ["scores", "voices", "hint:"]),
    ] {
        check(&desk, command, &parts);
    }
}
