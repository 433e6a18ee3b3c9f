//! `cantus features`: numbers, tables, arrays and pictures.

use std::fs;

use cantus::score::{Strictness, npy};
use serde_json::Value;

use crate::{Desk, TUNE};

/// Three bars: C, G7 and C.
const CADENCE: &str = "X:1\nT:Cadence & end\nM:4/4\nL:1/4\nK:C\n[CEGc]4|[G,B,DF]4|[C,EGc]4|\n";

#[test]
fn a_piece_is_measured_with_its_bars_chords_and_keys() {
    let desk = Desk::new();
    desk.write("cadence.abc", CADENCE);
    let line = desk.cantus("features --json cadence.abc").well().out;
    let told: Value = serde_json::from_str(&line).unwrap();
    assert_eq!((&told["features"]["key"], &told["features"]["polyphony"]), (&0.0.into(), &4.0.into()));
    assert_eq!(told["bars"].as_array().unwrap().len(), 3);
    let names: Vec<&Value> = told["chords"].as_array().unwrap().iter().map(|chord| &chord["name"]).collect();
    assert_eq!(names, ["C:maj", "G:7", "C:maj"]);
    assert_eq!(told["keys"][0]["name"], "C major");
    let table = desk.cantus("features cadence.abc").well().out;
    assert!(table.contains("C major") && table.contains("tension"), "{table}");
}

#[test]
fn folders_become_tables_and_arrays_in_the_order_of_their_names() {
    let desk = Desk::new();
    fs::create_dir(desk.path("tunes")).unwrap();
    desk.write("tunes/two.abc", TUNE);
    desk.write("tunes/one.abc", CADENCE);
    desk.cantus("features tunes -o all.csv").well();
    let csv = fs::read_to_string(desk.path("all.csv")).unwrap();
    let names: Vec<&str> = csv.lines().map(|line| line.split(',').next().unwrap()).collect();
    assert_eq!(names[0], "path");
    assert!(
        names[1].ends_with("one.abc") && names[2].ends_with("two.abc#3") && names[3].ends_with("two.abc#4")
    );
    desk.cantus("features tunes -o all.npy").well();
    let bytes = fs::read(desk.path("all.npy")).unwrap();
    let array = npy::read(&bytes, None, Strictness::Strict).unwrap().value;
    assert_eq!(array.shape(), [3, csv.lines().next().unwrap().split(',').count() - 1]);
    desk.cantus("features tunes/two.abc#4 -o four.npz").well();
    let bytes = fs::read(desk.path("four.npz")).unwrap();
    assert_eq!(npy::read(&bytes, Some("density"), Strictness::Strict).unwrap().value.shape(), [1]);
}

#[test]
fn pictures_show_chords_and_likeness() {
    let desk = Desk::new();
    desk.write("cadence.abc", CADENCE);
    desk.cantus("features cadence.abc -o roll.svg").well();
    let roll = fs::read_to_string(desk.path("roll.svg")).unwrap();
    assert!(roll.contains("G:7") && roll.contains("C major") && roll.contains("Cadence &amp; end"));
    desk.cantus("features cadence.abc --picture similarity -o alike.svg").well();
    assert!(fs::read_to_string(desk.path("alike.svg")).unwrap().contains("data:image/png;base64,"));
    desk.cantus("features cadence.abc --picture similarity -o alike.png").well();
    assert!(fs::read(desk.path("alike.png")).unwrap().starts_with(b"\x89PNG"));
    desk.cantus("features cadence.abc -o usual.png").well();
    desk.cantus("features cadence.abc --picture roll -o roll.png").well();
    let [usual, roll, alike] =
        ["usual", "roll", "alike"].map(|name| fs::read(desk.path(&format!("{name}.png"))).unwrap());
    assert!(usual.starts_with(b"\x89PNG") && usual == roll && usual != alike);
    let run = desk.cantus("features cadence.abc --picture mel -o mel.png");
    assert!(run.code != 0 && run.err.contains("but this is a score"), "{}", run.err);
}

#[test]
fn one_bad_file_does_not_stop_the_others_and_the_catalogue_is_told() {
    let desk = Desk::new();
    desk.write("cadence.abc", CADENCE);
    let run = desk.cantus("features --json none.mid cadence.abc");
    assert!(run.code != 0 && run.err.contains("none.mid") && run.out.contains("cadence.abc"), "{}", run.err);
    let list = desk.cantus("features --list").well().out;
    let help = desk.cantus("features --help").well().out;
    for descriptor in cantus::features::CATALOGUE {
        assert!(list.contains(descriptor.name) && help.contains(descriptor.name), "{}", descriptor.name);
    }
    let rows: Value = serde_json::from_str(&desk.cantus("features --list --json").well().out).unwrap();
    assert_eq!(rows.as_array().unwrap().len(), cantus::features::CATALOGUE.len());
}
