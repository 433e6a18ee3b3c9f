//! Arrays: `cantus train --engine array`, and what its models can do.

use std::fs;
use std::process::{Command, Stdio};
use std::time::Duration;

use cantus::model::array::Model;
use cantus::score::Strictness;
use cantus::score::npy::{self, Array, Element};

use crate::Desk;
use crate::bad_input::check;

/// A beat, a bass that follows it and a key that is never played: [12 pieces, 32 frames, 6 features].
fn beat() -> Array {
    let value = |place: usize| {
        // Each piece begins a frame later in the same song.
        let (beat, feature) = (place / 192 + place / 6 % 32, place % 6);
        let is_on = match feature {
            0 => beat.is_multiple_of(4),
            5 => false,
            _ => beat / 4 % 4 == feature - 1,
        };
        f64::from(u8::from(is_on))
    };
    Array::from_values(&[12, 32, 6], Element::Bool, &(0..12 * 192).map(value).collect::<Vec<_>>()).unwrap()
}

/// Sines around 60: [10 pieces, 40 frames, 2 features].
fn sines() -> Array {
    let value = |place: usize| {
        let (piece, frame, feature) = (place / 80, place / 2 % 40, place % 2);
        60.0 + 12.0 * (frame as f64 / (3.0 + 2.0 * feature as f64) + piece as f64).sin()
    };
    Array::from_values(&[10, 40, 2], Element::F64, &(0..800).map(value).collect::<Vec<_>>()).unwrap()
}

fn read(desk: &Desk, name: &str) -> Array {
    npy::read(&fs::read(desk.path(name)).unwrap(), None, Strictness::Strict).unwrap().value
}

/// A validation loss and the one of knowing only the means, from `cantus eval --json`.
fn losses(desk: &Desk, run: &str, array: &str) -> (f64, f64) {
    let line: serde_json::Value =
        serde_json::from_str(&desk.cantus(&format!("eval {run} {array} --json")).well().out).unwrap();
    (line["loss"].as_f64().unwrap(), line["baseline"].as_f64().unwrap())
}

const SMALL: &str = "--units 24 --dropout 0.1 --learning-rate 0.01 --batch 4";

#[test]
fn binary_music_is_learnt_composed_measured_and_told() {
    let desk = Desk::new();
    desk.write("music.npy", npy::write(&beat()));
    let run = desk.cantus(&format!("train --engine array music.npy -o run --epochs 60 {SMALL}")).well();
    for words in
        ["9 pieces to learn from, 3 held out", "on or off", "features 5 never changed", "nats a frame"]
    {
        assert!(run.err.contains(words), "{words:?} is not in\n{}", run.err);
    }
    let (loss, blind) = losses(&desk, "run", "music.npy");
    assert!(loss < 0.4 * blind && blind < 6.0 * 2f64.ln(), "{loss} against {blind}");
    desk.cantus("compose --model run -o new.npy --frames 48 --count 3 --seed 5").well();
    let new = read(&desk, "new.npy");
    assert_eq!((new.shape(), new.element()), (&[3, 48, 6][..], Element::Bool));
    assert!((0..144).all(|frame| new.values(frame * 6 + 5..frame * 6 + 6) == [0.0]));
    desk.cantus("compose --model run -o second.npz --frames 48 --seed 6").well();
    assert_eq!(read(&desk, "second.npz").values(0..288), new.values(288..576), "pieces count the seed on");
    desk.cantus(
        "compose --model run -o on.npy --primer music.npy --primer-frames 8 --count 2 --temperature 0",
    )
    .well();
    let on = read(&desk, "on.npy");
    assert_eq!(on.shape(), [2, 40, 6]);
    assert_eq!(on.values(240..288), beat().values(192..240), "the second piece begins as the second primer");
    for words in ["music.npy", "9      3", "nats a frame", "bool", "2 × lstm of 24 units"] {
        let card = desk.cantus("card run").well().out;
        assert!(card.contains(words), "{words:?} is not in\n{card}");
    }
    assert!(fs::read_to_string(desk.path("run/report.html")).unwrap().contains("nats a frame"));
}

#[test]
fn real_music_is_learnt_and_stays_alive() {
    let desk = Desk::new();
    desk.write("sines.npz", npy::write_archive(&[("a", &sines()), ("b", &beat())]).unwrap());
    desk.cantus(&format!("train sines.npz#a -o run --epochs 80 --cell gru {SMALL}")).well();
    let (loss, blind) = losses(&desk, "run", "sines.npz#a");
    assert!(loss < 0.3 * blind, "{loss} against {blind}");
    desk.cantus("compose --model run -o new.npy --frames 300 --seed 1").well();
    let new = read(&desk, "new.npy");
    assert_eq!((new.shape(), new.element()), (&[1, 300, 2][..], Element::F64));
    let late = new.values(400..600);
    let mean = late.iter().sum::<f64>() / 200.0;
    let deviation = (late.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / 200.0).sqrt();
    assert!((mean - 60.0).abs() < 6.0 && deviation > 4.0, "{mean} ± {deviation}; learned 60 ± 8.5");
}

#[test]
fn the_network_may_be_told_to_copy_but_then_does_not_compose() {
    let desk = Desk::new();
    desk.write("music.npy", npy::write(&beat()));
    let line =
        "train music.npy -o run --target same --values real --raw --division last --epochs 3 --units 16";
    assert!(desk.cantus(line).well().err.contains("squared error a number"));
    let run = desk.cantus("compose --model run -o new.npy");
    assert!(run.code == 2 && run.err.contains("tells the frame that it reads"), "{}", run.err);
}

#[test]
fn a_run_that_was_killed_goes_on_to_the_same_models() {
    let desk = Desk::new();
    desk.write("music.npy", npy::write(&beat()));
    let line = "train music.npy --preset careful --epochs 40 --units 16 --batch 2";
    desk.cantus(&format!("{line} -o whole")).well();
    let mut killed = Command::new(env!("CARGO_BIN_EXE_cantus"));
    let killed = killed.args(line.split(' ')).args(["-o", "killed"]).current_dir(desk.path(""));
    let mut killed = killed.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    while !desk.path("killed/state.safetensors").exists() && killed.try_wait().unwrap().is_none() {
        std::thread::sleep(Duration::from_millis(1));
    }
    killed.kill().unwrap();
    killed.wait().unwrap();
    desk.cantus("train -o killed --resume").well();
    for file in ["best.safetensors", "last.safetensors"] {
        let [whole, killed] =
            ["whole", "killed"].map(|run| Model::from_bytes(&fs::read(desk.path(run).join(file)).unwrap()));
        let (whole, mut killed) = (whole.unwrap(), killed.unwrap());
        killed.card.name.clone_from(&whole.card.name);
        assert!(whole.to_bytes() == killed.to_bytes(), "{file}");
    }
}

#[test]
fn a_recipe_of_ones_own_is_a_file_and_is_kept() {
    let desk = Desk::new();
    desk.write("music.npy", npy::write(&beat()));
    desk.write("mine.toml", "units = 8\nlayers = 1\nepochs = 4\nema = 0.9\n");
    desk.cantus("train music.npy -o run --preset mine.toml --batch 5").well();
    let kept = fs::read_to_string(desk.path("run/run.toml")).unwrap();
    for words in ["engine = \"array\"", "units = 8", "layers = 1", "batch = 5", "ema = 0.9"] {
        assert!(kept.contains(words), "{words:?} is not in\n{kept}");
    }
    let other = desk.cantus("train music.npy -o run --resume --preset mine.toml");
    assert!(other.code == 2 && other.err.contains("batch was 5 and is now 32"), "{}", other.err);
    desk.write("music.npy", npy::write(&sines()));
    let changed = desk.cantus("train -o run --resume");
    let words = "had the shape [12, 32, 6] and has [10, 40, 2] now";
    assert!(changed.code == 2 && changed.err.contains(words), "{}", changed.err);
}

#[test]
fn arrays_that_cannot_be_used_say_why_and_nothing_is_written() {
    let desk = Desk::new();
    let fixture =
        |name: &str| fs::read(format!("{}/../../fixtures/npy/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap();
    for name in ["pickled.npy", "complex.npy", "text.npy", "two.npz", "bomb.npz"] {
        desk.write(name, fixture(name));
    }
    let array = |shape: &[usize], value: &dyn Fn(usize) -> f64| {
        let values: Vec<f64> = (0..shape.iter().product()).map(value).collect();
        npy::write(&Array::from_values(shape, Element::F32, &values).unwrap())
    };
    let rising = |place: usize| place as f64;
    desk.write("flat.npy", array(&[6, 4], &rising));
    desk.write("one.npy", array(&[1, 6, 4], &rising));
    desk.write("empty.npy", array(&[0, 6, 4], &rising));
    desk.write("silent.npy", array(&[3, 2, 4], &|_| 0.0));
    desk.write("holes.npy", array(&[2, 3, 4], &|place| if place == 13 { f64::NAN } else { rising(place) }));
    desk.write("cut.npy", &array(&[2, 3, 4], &rising)[..100]);
    desk.write("music.mid", "MThd");
    desk.write("good.npy", npy::write(&beat()));
    for (line, words) in [
        ("train pickled.npy -o run", ["pickled.npy", "pickled Python objects", "np.stack"]),
        ("train complex.npy -o run", ["complex.npy", "complex numbers", "astype"]),
        ("train text.npy -o run", ["text.npy", "holds text", "hint:"]),
        ("train two.npz -o run", ["two.npz", "holds train, valid", "music.npz#NAME"]),
        ("train bomb.npz -o run", ["bomb.npz", "100 times its size", "as .npy"]),
        ("train flat.npy -o run", ["flat.npy", "has the shape [6, 4]", "reshape"]),
        ("train one.npy -o run", ["one.npy", "at least two pieces", "reshape"]),
        ("train empty.npy -o run", ["empty.npy", "at least one piece", "hint:"]),
        ("train silent.npy -o run", ["silent.npy", "every number of this array is 0", "hint:"]),
        (
            "train holes.npy -o run",
            ["holes.npy", "piece 1, frame 0, feature 1 (counted from 0) is NaN", "isfinite"],
        ),
        ("train cut.npy -o run", ["cut.npy", "header", "hint:"]),
        ("train none.npy -o run", ["none.npy", "no such file", "hint:"]),
        ("train music.mid -o run --engine array", ["music.mid", "must begin with", "hint:"]),
        ("train good.npy good.npy -o run", ["one array", "several paths", "help train"]),
        ("train good.npy -o run --units 0", ["units must be", "but was 0", "hint:"]),
        ("train good.npy -o run --dropout 1", ["dropout must be", "but was 1", "hint:"]),
        ("train good.npy -o run --preset standard", ["article, careful", "standard", "hint:"]),
        ("train good.npy -o run --preset none.toml", ["none.toml", "cannot be read", "hint:"]),
        ("train music.mid -o run --units 3", ["--units", "--engine array", "help train"]),
        ("compose -o new.mid --frames 3", ["--frames is for models of arrays", "composes scores", "hint:"]),
    ] {
        check(&desk, line, &words);
    }
}

#[test]
fn a_model_of_arrays_says_where_it_cannot_be_used() {
    let desk = Desk::new();
    desk.write("music.npy", npy::write(&beat()));
    desk.write("sines.npy", npy::write(&sines()));
    desk.cantus("train music.npy -o run --epochs 1 --units 8").well();
    for (line, words) in [
        ("compose --model run -o new.mid", ["new.mid", "ends in .npy or .npz, but this one has .mid"]),
        ("compose --model run -o new.npy --bars 4", ["--bars", "this model composes arrays"]),
        ("compose --model run -o new.npy --style folk", ["--style", "this model composes arrays"]),
        (
            "compose --model run -o new.npy --primer sines.npy",
            ["sines.npy", "frames of 6 features, but these have 2"],
        ),
        (
            "compose --model run -o new.npy --frames 9999999 --count 9999",
            ["numbers are composed at once", "hint:"],
        ),
        ("eval run sines.npy", ["sines.npy", "frames of 6 features, but these have 2"]),
        ("styles --model run", ["of the engine `array`", "cantus card"]),
    ] {
        check(&desk, line, &words);
    }
}

#[test]
fn arrays_are_shown() {
    let desk = Desk::new();
    desk.write("both.npz", npy::write_archive(&[("a", &sines()), ("b", &beat())]).unwrap());
    let shown = desk.cantus("show both.npz").well().out;
    for words in [
        "both.npz#a (NumPy array)",
        "12 pieces of 32 frames of 6 features",
        "bool, from 0 to 1",
        "float64",
        "█",
    ] {
        assert!(shown.contains(words), "{words:?} is not in\n{shown}");
    }
    let line: serde_json::Value =
        serde_json::from_str(&desk.cantus("show both.npz#b --json").well().out).unwrap();
    assert_eq!((&line["type"], &line["binary"]), (&"bool".into(), &true.into()));
}
