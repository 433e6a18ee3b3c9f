//! `cantus compose`, and `cantus train` before it.

use std::fs;

use crate::Desk;

#[test]
fn the_same_seed_gives_the_same_bytes_and_a_series_counts_on() {
    let desk = Desk::new();
    desk.cantus("compose --style chorale --bars 4 --seed 5 --count 2 -o x.mid x.json").well();
    desk.cantus("compose --style chorale --bars 4 --seed 6 -o y.mid").well();
    assert_eq!(desk.files(), ["x-01.json", "x-01.mid", "x-02.json", "x-02.mid", "y.mid"]);
    assert_eq!(fs::read(desk.path("x-02.mid")).unwrap(), fs::read(desk.path("y.mid")).unwrap());
    assert_ne!(fs::read(desk.path("x-01.mid")).unwrap(), fs::read(desk.path("y.mid")).unwrap());
}

#[test]
fn without_a_name_it_is_drawn_and_written_by_its_seed() {
    let desk = Desk::new();
    let run = desk.cantus("compose --style folk --bars 4 --seed 1").well();
    assert!(run.out.contains('━'), "{}", run.out);
    assert_eq!(desk.files(), ["cantus-1.mid", "cantus-1.wav"]);
}

#[test]
fn unknown_styles_and_broken_models_fail_before_anything_is_written() {
    let desk = Desk::new();
    desk.write("cut.safetensors", b"\x10\0\0\0\0\0\0\0{");
    for (line, words) in [
        ("compose --style jazz -o x.mid", ["chorale, drums-funk", "but was jazz", "hint:"]),
        ("compose --model cut.safetensors -o x.mid", ["cut.safetensors", "whole safetensors file", "hint:"]),
        ("compose --model none -o x.mid", ["none", "no such model", "hint:"]),
        ("compose --model . -o x.mid", ["best.safetensors", "this one does not", "hint:"]),
        ("compose -o x.mid x.aiff", ["x.aiff", "has .aiff", "hint:"]),
        ("train none -o run", ["none", "no such file or folder", "hint:"]),
        ("train . -o run --preset huge", ["huge", "standard, quick", "hint:"]),
        ("train -o run --resume", ["run.toml", "go on", "hint:"]),
    ] {
        let run = desk.cantus(line);
        assert_eq!(run.code, 2, "{line}: {}", run.err);
        for word in words {
            assert!(run.err.contains(word), "{line}: {word:?} is not in\n{}", run.err);
        }
        assert_eq!(desk.files(), ["cut.safetensors"], "{line}");
    }
}

#[test]
fn what_was_learnt_can_be_composed_from_measured_and_told() {
    let desk = Desk::new();
    fs::create_dir(desk.path("music")).unwrap();
    for seed in 0..3 {
        desk.cantus(&format!("compose --style folk --bars 4 --seed {seed} -o music/{seed}.mid")).well();
    }
    let run = desk.cantus("train music -o run --preset quick").well();
    assert!(run.err.contains("2 pieces to learn from, 1 to stop by"), "{}", run.err);
    desk.cantus("compose --model run --bars 2 -o new.mid");
    assert!(desk.path("new.mid").exists());
    assert!(desk.cantus("eval run music").well().out.contains("music"));
    assert!(desk.cantus("card run").well().out.contains("2 pieces"));
    let again = desk.cantus("train music -o run");
    assert!(again.code == 2 && again.err.contains("already there"), "{}", again.err);
}
