//! `cantus features` on sound: numbers, tables, arrays and pictures.

use std::fs;

use cantus::audio::{AudioBuffer, Depth, SampleRate, encode_wav};
use cantus::features::{CATALOGUE, Measure};
use cantus::score::{Strictness, npy};
use serde_json::Value;

use crate::{Desk, shared};

/// Three bars: C, G7 and C.
const CADENCE: &str = "X:1\nT:Cadence & end\nM:4/4\nL:1/4\nK:C\n[CEGc]4|[G,B,DF]4|[C,EGc]4|\n";

/// A folder with the cadence as notes and as sound, and a file that is no sound.
fn cadence() -> Desk {
    let desk = Desk::new();
    fs::create_dir(desk.path("all")).unwrap();
    desk.write("all/cadence.abc", CADENCE);
    desk.cantus("render all/cadence.abc -o all/cadence.wav").well();
    desk.write("all/broken.wav", "no sound");
    desk
}

/// A tone of some seconds, at 22,050 Hz, whose second half is silent.
fn tone(desk: &Desk, name: &str, hertz: f64, seconds: usize) {
    let rate = SampleRate::ANALYSIS;
    let count = seconds * rate.hertz() as usize;
    let wave = |index: usize| (std::f64::consts::TAU * hertz * index as f64 / f64::from(rate.hertz())).sin();
    let sample = |index: usize| if 2 * index < count { (0.5 * wave(index)) as f32 } else { 0.0 };
    let sound = AudioBuffer::of_mono(rate, (0..count).map(sample).collect());
    desk.write(name, encode_wav(&sound, Depth::Float32).unwrap());
}

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn sound_is_measured_beside_scores_and_broken_sound_is_told_of() {
    let desk = cadence();
    let run = desk.cantus("features --json all");
    assert!(run.code != 0 && run.err.contains("broken.wav"), "{}", run.err);
    let told = lines(&run.out);
    assert_eq!(told.len(), 2);
    assert_eq!(told[1]["features"]["sound_key"], 0.0);
    assert!(
        (told[1]["features"]["loudness"].as_f64().unwrap() + 16.0).abs() < 0.5,
        "{}",
        told[1]["features"]
    );
    let shape = told[1]["frames"]["chroma"]["mean"].as_array().unwrap().len();
    assert_eq!(shape, 12);
    let chords: Vec<&Value> =
        told[1]["chords"].as_array().unwrap().iter().map(|chord| &chord["name"]).collect();
    let places = |name: &str| chords.iter().position(|chord| *chord == name);
    assert!(places("C:maj") < places("G:maj") && places("G:maj").is_some(), "{chords:?}");
    let run = desk.cantus("features all -o all.csv");
    assert!(run.code != 0 && run.err.contains("files of their own"), "{}", run.err);
}

#[test]
fn the_table_has_a_line_for_everything_that_is_measured() {
    let desk = cadence();
    let table = desk.cantus("features all/cadence.wav").well().out;
    assert!(table.contains("C major") && table.contains("LUFS") && table.contains("C:maj"), "{table}");
    assert!(
        table.lines().any(|line| line.contains("chroma") && line.contains("12 numbers, the greatest C")),
        "{table}"
    );
    for descriptor in CATALOGUE.iter().filter(|row| row.origin() == cantus::features::Origin::Sound) {
        let is_named = matches!(descriptor.measure, Measure::Stream(_));
        let has_line = table.lines().any(|line| line.split_whitespace().next() == Some(descriptor.name));
        assert_eq!(has_line, !is_named, "{}: {table}", descriptor.name);
    }
    let score = desk.cantus("features all/cadence.abc").well().out;
    assert!(
        score.lines().any(|line| line.contains("pitch_classes") && line.contains("12 numbers")),
        "{score}"
    );
}

#[test]
fn sound_becomes_tables_and_arrays() {
    let desk = cadence();
    let read = |bytes: &[u8], name: Option<&str>| npy::read(bytes, name, Strictness::Strict).unwrap().value;
    desk.cantus("features all/cadence.wav -o one.npy").well();
    let one = read(&fs::read(desk.path("one.npy")).unwrap(), None);
    desk.cantus("features all/cadence.wav -o one.npz").well();
    let bytes = fs::read(desk.path("one.npz")).unwrap();
    let shape = |name: &str| read(&bytes, Some(name)).shape().to_vec();
    assert_eq!(shape("mel"), [one.shape()[0], 128]);
    assert_eq!(shape("seconds"), [one.shape()[0]]);
    assert_eq!(shape("loudness"), [1]);
    let chords = read(&bytes, Some("sound_chord"));
    assert!(chords.values(0..chords.len()).contains(&7.0), "G is heard");
    // The last column of all is the chord, the first the envelope.
    let (row, columns) = (one.shape()[0] / 2, one.shape()[1]);
    let row_values = one.values(row * columns..(row + 1) * columns);
    assert_eq!(row_values[columns - 1..], chords.values(row..row + 1));
    assert_eq!(row_values[..1], read(&bytes, Some("envelope")).values(row..row + 1));
    desk.cantus("features all/cadence.wav -o one.csv").well();
    let csv = fs::read_to_string(desk.path("one.csv")).unwrap();
    let widths: Vec<usize> = csv.lines().map(|line| line.split(',').count()).collect();
    assert!(widths.len() == 2 && widths[0] == widths[1], "{widths:?}");
}

#[test]
fn what_is_named_is_measured_alone() {
    let desk = cadence();
    tone(&desk, "a.wav", 440.0, 3);
    let told = &lines(&desk.cantus("features --json --only pitch,sound_key a.wav").well().out)[0];
    let names = |of: &str| told[of].as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!((names("features"), names("frames")), (vec!["sound_key".into()], vec!["pitch".into()]));
    // Half of the frames sound at 440 Hz, the others not at all.
    let mean = told["frames"]["pitch"]["mean"].as_f64().unwrap();
    assert!((mean - 220.0).abs() < 15.0, "{mean}");
    desk.cantus("features --only constant_q,pitch,chroma_constant_q,harmonic_share a.wav -o a.npz").well();
    let bytes = fs::read(desk.path("a.npz")).unwrap();
    let array = |name: &str| npy::read(&bytes, Some(name), Strictness::Strict).unwrap().value;
    let frames = array("seconds").len();
    assert_eq!(
        (array("constant_q").shape(), array("chroma_constant_q").shape()),
        (&[frames, 84][..], &[frames, 12][..])
    );
    // A4 is 45 semitones above C1.
    let row = array("constant_q").values(20 * 84..21 * 84);
    let loudest = (0..84).max_by(|one, other| row[*one].total_cmp(&row[*other]));
    assert_eq!(loudest, Some(45));
    assert!((array("pitch").values(20..21)[0] - 440.0).abs() < 3.0);
    let score = &lines(&desk.cantus("features --json --only density all/cadence.abc").well().out)[0];
    assert_eq!(score["features"].as_object().unwrap().len(), 1);
    desk.cantus("features --only density,key all/cadence.abc -o some.csv").well();
    let csv = fs::read_to_string(desk.path("some.csv")).unwrap();
    assert!(csv.lines().all(|line| line.split(',').count() == 3), "{csv}");
    let run = desk.cantus("features --only pich a.wav");
    assert!(
        run.code != 0 && run.err.contains("was pich") && run.err.contains("near it: pitch"),
        "{}",
        run.err
    );
}

/// Width, height and the pixels of a PNG that `cantus` wrote.
fn pixels(desk: &Desk, name: &str) -> (usize, usize, Vec<[u8; 3]>) {
    let bytes = fs::read(desk.path(name)).unwrap();
    let number = |at: usize| u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap()) as usize;
    let (width, height) = (number(16), number(20));
    let (begin, length) = (41, number(33));
    let mut raw = Vec::new();
    let packed = &bytes[begin..begin + length];
    std::io::Read::read_to_end(&mut flate2::read::ZlibDecoder::new(packed), &mut raw).unwrap();
    let line = |line: &[u8]| line[1..].as_chunks::<3>().0.to_vec();
    (width, height, raw.chunks_exact(3 * width + 1).flat_map(line).collect())
}

/// Where the tables of sounds begin and how large they are in a picture.
const LEFT: usize = 84;
const TOP: usize = 48;
const WIDTH: usize = 960;
const HEIGHT: usize = 384;

fn brightness(colour: [u8; 3]) -> u32 {
    colour.iter().map(|value| u32::from(*value)).sum()
}

#[test]
fn a_tone_is_bright_in_its_own_row_while_it_sounds() {
    let desk = Desk::new();
    tone(&desk, "tone.wav", 1000.0, 4);
    // Spectrograms go from 40 to 11,025 Hz, mel bands from 0; 1000 Hz is nearest to B, which is the highest row of chroma.
    let octaves = HEIGHT as f64 * (1.0 - (1000.0_f64 / 40.0).log2() / (11_025.0_f64 / 40.0).log2());
    let mels =
        HEIGHT as f64 * (1.0 - (15.0 / (15.0 + 11.025_f64.ln() * 27.0 / 6.4_f64.ln()) * 129.0 - 0.5) / 128.0);
    for (picture, row, near) in [("spectrogram", octaves, 2.0), ("mel", mels, 4.0), ("chroma", 16.0, 16.0)] {
        desk.cantus(&format!("features tone.wav --picture {picture} -o {picture}.png")).well();
        let (width, _, page) = pixels(&desk, &format!("{picture}.png"));
        let column = |x: usize| -> Vec<u32> {
            (0..HEIGHT).map(|y| brightness(page[(TOP + y) * width + LEFT + x])).collect()
        };
        let sounding = column(WIDTH / 4);
        let brightest = (0..HEIGHT).max_by_key(|y| sounding[*y]).unwrap();
        assert!((brightest as f64 - row).abs() <= near, "{picture}: {brightest}, but {row}");
        let silent = column(WIDTH * 7 / 8);
        assert!(
            silent[brightest] < sounding[brightest] / 2,
            "{picture}: {} {}",
            silent[brightest],
            sounding[brightest]
        );
    }
}

#[test]
fn pictures_of_sound_are_as_wide_however_long_it_is_and_the_same_in_both_forms() {
    let desk = Desk::new();
    tone(&desk, "short.wav", 300.0, 1);
    tone(&desk, "long.wav", 300.0, 90);
    for picture in ["waveform", "spectrogram", "mel", "chroma"] {
        let mut widths = Vec::new();
        for sound in ["short", "long"] {
            desk.cantus(&format!("features {sound}.wav --picture {picture} -o {sound}.png")).well();
            widths.push(pixels(&desk, &format!("{sound}.png")).0);
        }
        assert_eq!(widths, [LEFT + WIDTH + 92; 2], "{picture}");
        desk.cantus(&format!("features long.wav --picture {picture} -o long.svg")).well();
        let svg = fs::read_to_string(desk.path("long.svg")).unwrap();
        assert!(
            svg.contains("long.wav") && svg.contains("time (m:ss)") && svg.contains(">1:30<"),
            "{picture}"
        );
        assert!(svg.contains("width=\"1136\"") && svg.len() < 1 << 20, "{picture}");
    }
    desk.cantus("features long.wav -o usual.png").well();
    desk.cantus("features long.wav --picture spectrogram -o asked.png").well();
    assert_eq!(pixels(&desk, "usual.png"), pixels(&desk, "asked.png"));
}

#[test]
fn beats_are_held_against_each_other_and_pictures_of_many_are_numbered() {
    let desk = cadence();
    fs::remove_file(desk.path("all/broken.wav")).unwrap();
    desk.cantus("features all --picture similarity -o alike.png").well();
    assert_eq!(desk.files(), ["alike-01.png", "alike-02.png", "all"]);
    let (width, _, page) = pixels(&desk, "alike-02.png");
    // The diagonal is the brightest: every beat is as itself.
    assert_eq!(page[(TOP + 5) * width + LEFT + 5], [253, 231, 37]);
    let run = desk.cantus("features all/cadence.wav --picture roll -o roll.svg");
    assert!(run.code != 0 && run.err.contains("no notes"), "{}", run.err);
}

#[test]
fn what_is_printed_is_what_the_schema_says() {
    let desk = cadence();
    fs::remove_file(desk.path("all/broken.wav")).unwrap();
    tone(&desk, "all/tone.wav", 440.0, 2);
    let schema = include_str!("../../../../docs/reference/features.schema.json");
    let schema: Value = serde_json::from_str(schema).unwrap();
    let every: Vec<&str> = CATALOGUE.iter().map(|descriptor| descriptor.name).collect();
    let mut sounds = lines(&desk.cantus("features --json all").well().out);
    sounds.extend(lines(&desk.cantus(&format!("features --json all --only {}", every.join(","))).well().out));
    if let Some(real) = shared("formats/audio/freedoom_wav/dssgtdth.wav") {
        sounds.extend(lines(&desk.run(&["features", "--json", real.to_str().unwrap()]).well().out));
    }
    assert!(sounds.len() >= 6);
    for told in &sounds {
        let faults = faults(&schema, &schema, told, "");
        assert!(faults.is_empty(), "{}: {faults:?}", told["path"]);
    }
    // The schema tells what is wrong.
    let mut wrong = sounds[1].clone();
    wrong["features"]["sound_key"] = 24.into();
    assert!(!faults(&schema, &schema, &wrong, "").is_empty());
    wrong = sounds[1].clone();
    wrong["frames"]["chroma"]["mean"].as_array_mut().unwrap().pop();
    assert!(!faults(&schema, &schema, &wrong, "").is_empty());
}

/// What of a value breaks a schema: those rules of JSON Schema that ours states.
fn faults(root: &Value, schema: &Value, value: &Value, at: &str) -> Vec<String> {
    if let Some(name) = schema["$ref"].as_str() {
        return faults(root, &root["$defs"][name.trim_start_matches("#/$defs/")], value, at);
    }
    let mut found = Vec::new();
    if let Some(kinds) = schema["oneOf"].as_array() {
        let of_each: Vec<Vec<String>> = kinds.iter().map(|kind| faults(root, kind, value, at)).collect();
        if of_each.iter().filter(|faults| faults.is_empty()).count() != 1 {
            found.extend(of_each.into_iter().min_by_key(Vec::len).unwrap_or_default());
            found.push(format!("{at}: not one of them"));
        }
    }
    let is = |kind: &str| match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "null" => value.is_null(),
        _ => false,
    };
    let types: Vec<&str> = match &schema["type"] {
        Value::Array(types) => types.iter().filter_map(Value::as_str).collect(),
        one => one.as_str().into_iter().collect(),
    };
    if !types.is_empty() && !types.iter().any(|kind| is(kind)) {
        found.push(format!("{at}: {value} is no {types:?}"));
    }
    if let Some(number) = value.as_f64() {
        let is_out = schema["minimum"].as_f64().is_some_and(|least| number < least)
            || schema["maximum"].as_f64().is_some_and(|most| number > most);
        if is_out {
            found.push(format!("{at}: {number} is out of range"));
        }
    }
    if let Some(items) = value.as_array() {
        let count = items.len() as u64;
        if schema["minItems"].as_u64().is_some_and(|least| count < least)
            || schema["maxItems"].as_u64().is_some_and(|most| count > most)
        {
            found.push(format!("{at}: {count} items"));
        }
        found.extend(items.iter().flat_map(|item| faults(root, &schema["items"], item, at)));
    }
    if let Some(object) = value.as_object() {
        let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
        found.extend(
            required.filter(|name| !object.contains_key(*name)).map(|name| format!("{at}: no {name}")),
        );
        for (name, value) in object {
            let place = format!("{at}.{name}");
            match schema["properties"].get(name) {
                Some(own) => found.extend(faults(root, own, value, &place)),
                None if schema["additionalProperties"] == false => found.push(format!("{place} is unknown")),
                None => {}
            }
        }
    }
    found
}
