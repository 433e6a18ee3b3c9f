//! Steering: styles mixed, pieces like others, the best of many, stems and loops.

use std::fs;

use cantus::score::Score;

use crate::Desk;
use crate::bad_input::check;

fn score(desk: &Desk, name: &str) -> Score {
    cantus::read(&desk.path(name)).unwrap().pieces[0].score().into_owned()
}

/// Samples of a WAV file of 16 bits in two channels: the left one.
fn samples(desk: &Desk, name: &str) -> Vec<i32> {
    let bytes = fs::read(desk.path(name)).unwrap();
    let data = bytes.windows(4).position(|four| four == b"data").unwrap() + 8;
    bytes[data..].chunks_exact(4).map(|frame| i32::from(i16::from_le_bytes([frame[0], frame[1]]))).collect()
}

#[test]
fn styles_are_mixed() {
    let desk = Desk::new();
    let told = desk.cantus("compose --style folk:0.7,chorale:0.3 --bars 8 --seed 2 -o mixed.mid").well();
    assert!(told.err.contains("folk 70 %, chorale 30 %"), "{}", told.err);
    desk.cantus("compose --style folk --bars 8 --seed 2 -o folk.mid").well();
    assert_ne!(score(&desk, "mixed.mid").tracks, score(&desk, "folk.mid").tracks);
    check(&desk, "compose --style folk:0.7,waltz:0.3", &["waltz", "chorale", "hint:"]);
    check(&desk, "compose --style folk:0,chorale:1", &["share", "folk:0", "hint:"]);
    let told =
        desk.cantus("compose --engine gan --style folk:0.7,chorale:0.3 --bars 8 --seed 2 -o gan.mid").well();
    assert!(told.err.contains("folk 70 %, chorale 30 %"), "{}", told.err);
    desk.cantus("compose --engine gan --style folk --bars 8 --seed 2 -o alone.mid").well();
    assert_ne!(score(&desk, "gan.mid").tracks, score(&desk, "alone.mid").tracks);
}

#[test]
fn a_piece_like_another_has_its_frame_and_none_of_its_notes() {
    let desk = Desk::new();
    let tune = "X:1\nT:Tune\nM:3/4\nL:1/8\nQ:1/4=150\nK:D\nD2F2A2|d4c2|B2A2G2|A6|G2B2d2|f4e2|d2c2e2|d6|]\n";
    desk.write("tune.abc", tune);
    let told = desk.cantus("compose --like tune.abc --seed 3 -o new.mid").well();
    assert!(told.err.contains("in the style of folk"), "{}", told.err);
    assert!(told.err.contains("3/4, 8 bars, 150 quarters a minute"), "{}", told.err);
    let (new, old) = (score(&desk, "new.mid"), score(&desk, "tune.abc"));
    assert_ne!(new.tracks[0].notes, old.tracks[0].notes);
    let told =
        desk.cantus("compose --like tune.abc --style song --bars 4 --engine gan --seed 3 -o gan.mid").well();
    assert!(told.err.contains("3/4, 4 bars"), "{}", told.err);
    check(&desk, "compose --like none.abc", &["none.abc", "hint:"]);
}

#[test]
fn the_best_of_many_are_written_and_the_ranking_is_told() {
    let desk = Desk::new();
    let line = "compose --style folk --bars 4 --density 0.8 --seed 10 --count 5";
    let told = desk.cantus(&format!("{line} --best 2 -o best.mid")).well();
    let rows: Vec<&str> = told.err.lines().skip_while(|line| !line.starts_with("place")).collect();
    assert!(rows[0].contains("nats a note") && rows[0].contains("off what was asked"), "{}", told.err);
    let seeds: Vec<&str> = rows[1..6].iter().map(|row| row.split_whitespace().nth(1).unwrap()).collect();
    let mut sorted = seeds.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, ["10", "11", "12", "13", "14"]);
    assert_eq!(desk.files(), ["best-01.mid", "best-02.mid"]);
    // The first is what its seed makes alone.
    desk.cantus(&format!("compose --style folk --bars 4 --density 0.8 --seed {} -o same.mid", seeds[0]))
        .well();
    assert_eq!(fs::read(desk.path("same.mid")).unwrap(), fs::read(desk.path("best-01.mid")).unwrap());
    check(&desk, "compose --count 2 --best 3", &["--best 3", "--count 2", "hint:"]);
}

#[test]
fn stems_lie_together_and_loops_go_round() {
    let desk = Desk::new();
    let told = desk.cantus("compose --style chorale --bars 2 --seed 1 -o parts/ piece.mid").well();
    assert!(told.err.contains("parts"), "{}", told.err);
    let names: Vec<String> =
        ["01-soprano", "02-alto", "03-tenor", "04-bass"].map(|name| format!("parts/{name}.wav")).into();
    let stems: Vec<Vec<i32>> = names.iter().map(|name| samples(&desk, name)).collect();
    assert!(stems.iter().all(|stem| stem.len() == stems[0].len() && stem.iter().any(|sample| *sample != 0)));
    // The sum of the stems is not clipped.
    let peak = (0..stems[0].len()).map(|at| stems.iter().map(|stem| stem[at]).sum::<i32>().abs()).max();
    assert!((8_000..=32_767).contains(&peak.unwrap()), "{peak:?}");
    desk.cantus("render piece.mid -o again/").well();
    assert_eq!(fs::read_dir(desk.path("again")).unwrap().count(), 4);
    // Two bars of 4/4 at 120 are four seconds to the sample, and the end leads into the beginning.
    desk.cantus("compose --style song --bars 2 --tempo 120 --ending loop --seed 4 -o round.wav").well();
    let round = samples(&desk, "round.wav");
    assert_eq!(round.len(), 4 * 44_100);
    let steps = |of: &[i32]| of.windows(2).map(|pair| (pair[1] - pair[0]).abs()).max().unwrap();
    let around = steps(&round[..4_410]).max(steps(&round[round.len() - 4_410..]));
    assert!((round[0] - round[round.len() - 1]).abs() <= around.max(1), "a click");
    assert!(round[..64].iter().any(|sample| *sample != 0), "what rings on is heard at the beginning");
}

/// The notes of each bar of 4/4, by track.
fn bars(score: &Score, count: usize) -> Vec<Vec<(usize, u32, u8)>> {
    let (pickup, bar) = (score.pickup().0, 4 * score.resolution.ticks_per_quarter());
    let mut bars = vec![Vec::new(); count];
    for (track, notes) in score.tracks.iter().map(|track| &track.notes).enumerate() {
        for note in notes.iter().filter(|note| note.start.0 >= pickup) {
            let since = note.start.0 - pickup;
            if let Some(bars) = bars.get_mut((since / bar) as usize) {
                bars.push((track, since % bar, note.pitch.get()));
            }
        }
    }
    bars
}

#[test]
fn sections_return_and_contradictions_name_both() {
    let desk = Desk::new();
    for style in ["chorale", "song"] {
        let line = format!(
            "compose --style {style} --meter 4/4 --form AABA --bars 32 --seed 3 --flat -o {style}.mid"
        );
        desk.cantus(&line);
        let bars = bars(&score(&desk, &format!("{style}.mid")), 32);
        let same = |first: usize| (0..8).filter(|bar| bars[*bar] == bars[first + bar]).count();
        assert!((4..8).contains(&same(8)), "{style}: {} bars return", same(8));
        assert!((3..8).contains(&same(24)), "{style}: {} bars return at last", same(24));
        assert_eq!(same(16), 0, "{style}: B is not A");
    }
    for (command, words) in [
        ("compose --form AABA --bars 30", ["30", "a multiple of 4, the sections of AABA", "hint:"]),
        ("compose --form aaba", ["letters from A to Z", "aaba", "--help"]),
        ("compose --engine gan --style chorale --form ABA --bars 18", ["multiple of 4", "was 6", "hint:"]),
        ("compose --style drums-rock --key C", ["a key of C major", "the style drums-rock", "hint:"]),
        ("compose --style folk --without parallels", ["fifths", "the style folk", "hint:"]),
        (
            "compose --style song --key C --scale-only --chords F#m",
            ["scale of C major", "the chord F#m contradict", "hint:"],
        ),
        ("compose --style folk --without rests,crossings", ["crossings", "the style folk", "hint:"]),
        ("compose --style chorale --most-notes 3", ["at most 3 notes", "the style chorale", "hint:"]),
        ("compose --without haste", ["parallels, accidentals, fifths", "haste", "--help"]),
        ("compose --avoid rests:none", ["a weight in nats", "none", "--help"]),
        ("compose --style chorale --range Tuba:C2-C3", ["Soprano, Alto, Tenor, Bass", "Tuba", "styles"]),
        ("compose --range Bass:C3", ["Soprano:C4-G5", "Bass:C3", "--help"]),
        ("compose --engine gan --style chorale --avoid rests", ["generator", "fewer rests", "hint:"]),
    ] {
        check(&desk, command, &words);
    }
}

#[test]
fn rules_that_are_asked_for_hold() {
    let desk = Desk::new();
    let line = "compose --style chorale --bars 8 --seed 4 --flat --without parallels,crossings,rests";
    desk.cantus(&format!("{line} --most-notes 4 --range Soprano:C4-E5,Bass:E2-C4 -o strict.mid")).well();
    let strict = score(&desk, "strict.mid");
    let end = strict.end();
    for (track, low, high) in [(0, 60, 76), (3, 40, 60)] {
        assert!(strict.tracks[track].notes.iter().all(|note| (low..=high).contains(&note.pitch.get())));
    }
    for track in &strict.tracks {
        assert!(track.notes.windows(2).all(|pair| pair[0].end() == pair[1].start), "{} rests", track.name);
        assert_eq!(track.notes.last().unwrap().end(), end);
    }
    for pair in strict.tracks.windows(2) {
        for high in &pair[0].notes {
            let beside = pair[1].notes.iter();
            let mut beside = beside.filter(|low| low.start < high.end() && high.start < low.end());
            assert!(beside.all(|low| low.pitch <= high.pitch), "{} crosses", pair[1].name);
        }
    }
    // The quartet's strings, which play two notes now and then, play one where lines are asked for.
    desk.cantus("compose --style quartet --bars 8 --seed 4 --flat --without parallels -o strings.mid").well();
    let strings = score(&desk, "strings.mid");
    let overlap = |pair: &[cantus::score::Note]| pair[0].end() > pair[1].start;
    assert!(strings.tracks.iter().all(|track| !track.notes.windows(2).any(overlap)));
}

#[test]
fn a_generators_sections_return() {
    let desk = Desk::new();
    desk.cantus(
        "compose --engine gan --style folk --meter 4/4 --form ABA --bars 24 --seed 3 --flat -o form.json",
    )
    .well();
    let record: serde_json::Value =
        serde_json::from_slice(&fs::read(desk.path("form.json")).unwrap()).unwrap();
    let told = |index: usize| record["trace"][index]["chosen"]["means"].as_str().unwrap().to_owned();
    let names: Vec<String> =
        (0..6).map(|index| told(index).split([',', ' ']).nth(4).unwrap().to_owned()).collect();
    assert_eq!(names, ["A", "B", "C", "D", "A\u{2032}", "B\u{2032}"]);
}
