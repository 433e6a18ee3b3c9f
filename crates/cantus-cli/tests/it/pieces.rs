//! Arrays by `--engine gan`: whole pieces at once.

use std::fs;

use cantus::score::Strictness;
use cantus::score::npy::{self, Array, Element};

use crate::Desk;
use crate::bad_input::check;

/// Pieces of eight frames of three features that rise or fall, all at one pace: [60, 8, 3].
fn slopes(pieces: usize) -> Array {
    let value = |place: usize| {
        let (piece, frame, feature) = (place / 24, place / 3 % 8, place % 3);
        let slope = if piece.is_multiple_of(2) { 1.0 } else { -1.0 };
        let start = (piece * 7 % 61) as f64 / 61.0;
        start + slope * (frame as f64 - 3.5) + feature as f64
    };
    Array::from_values(&[pieces, 8, 3], Element::F32, &(0..pieces * 24).map(value).collect::<Vec<_>>())
        .unwrap()
}

fn read(desk: &Desk, name: &str) -> Array {
    npy::read(&fs::read(desk.path(name)).unwrap(), None, Strictness::Strict).unwrap().value
}

const TINY: &str = "units = 32\nnoise = 8\nsteps = 40\nepochs = 12\npatience = 5\nmeasured = 100\n";

#[test]
fn pieces_are_learnt_made_and_told() {
    let desk = Desk::new();
    desk.write("music.npy", npy::write(&slopes(60)));
    desk.write("tiny.toml", TINY);
    let run = desk.cantus("train --engine gan --preset tiny.toml music.npy -o run --threads 2").well();
    for words in
        ["48 pieces to learn from, 12 held out", "as near as can be hoped for", "of those differ", "distance"]
    {
        assert!(run.err.contains(words), "{words:?} is not in\n{}", run.err);
    }
    desk.cantus("train --engine gan --preset tiny.toml music.npy -o again --threads 1").well();
    desk.cantus("compose --model run -o new.npy --count 40 --seed 5").well();
    let new = read(&desk, "new.npy");
    assert_eq!((new.shape(), new.element()), (&[40, 8, 3][..], Element::F32));
    desk.cantus("compose --model again -o same.npy --count 40 --seed 5").well();
    assert!(read(&desk, "same.npy") == new, "threads change nothing");
    // Both kinds of pieces are there: no mode is lost.
    let rises = |piece: usize| {
        let values = new.values(piece * 24..piece * 24 + 24);
        values[21] > values[0]
    };
    let rising = (0..40).filter(|piece| rises(*piece)).count();
    assert!((8..=32).contains(&rising), "{rising} of 40 rise");
    desk.cantus("compose --model run -o part.npz --frames 5 --seed 6").well();
    assert_eq!(read(&desk, "part.npz").values(0..15), new.values(24..39), "pieces count the seed on");
    let card = desk.cantus("card run").well();
    assert!(card.out.contains("pieces of 8 frames of 3 features"), "{}", card.out);
}

#[test]
fn what_cannot_be_says_why() {
    let desk = Desk::new();
    desk.write("music.npy", npy::write(&slopes(60)));
    desk.write("few.npy", npy::write(&slopes(20)));
    desk.write("flat.npy", npy::write(&Array::from_values(&[8, 3], Element::F32, &[0.5; 24]).unwrap()));
    desk.write("tiny.toml", TINY);
    let long = Array::from_values(&[30, 700, 100], Element::U8, &vec![1.0; 30 * 700 * 100]).unwrap();
    let mut bytes = npy::write(&long);
    *bytes.last_mut().unwrap() = 0;
    desk.write("long.npy", bytes);
    desk.cantus("train --engine gan --preset tiny.toml --epochs 1 music.npy -o run").well();
    for (command, parts) in [
        ("train --engine gan few.npy -o x", ["at least 20 pieces", "there are 16", "hint:"]),
        ("train --engine gan flat.npy -o x", ["three dimensions", "[8, 3]", "hint:"]),
        ("train --engine gan long.npy -o x", ["65536 numbers", "700 frames of 100", "hint:"]),
        ("train --engine gan music.npy -o x --target same", ["--target", "adversarial", "hint:"]),
        ("train --engine gan music.npy few.npy -o x", ["one array", "several", "hint:"]),
        ("compose --model run -o x.npy --frames 9", ["8 frames at once", "9 were asked", "hint:"]),
        ("compose --model run -o x.npy --primer music.npy", ["whole pieces of noise", "--primer", "hint:"]),
        ("compose --model run -o x.mid", ["array", ".mid", "hint:"]),
        ("compose --model run --style folk", ["--style", "arrays", "hint:"]),
        ("compose --model run --engine rnn -o x.npy", ["--engine rnn", "generator", "hint:"]),
        ("eval run music.npy", ["no likelihood", "card", "hint:"]),
    ] {
        check(&desk, command, &parts);
    }
    assert!(!desk.path("x").exists());
}
