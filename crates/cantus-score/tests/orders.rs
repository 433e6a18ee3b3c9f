//! Laws over pieces whose bars are played in an order that no signs of repetition say: whatever is written sounds the same.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "helpers of tests fail and talk like tests")]

use std::io::Read as _;
use std::path::Path;

use cantus_score::sheet::Sheet;
use cantus_score::{Score, Strictness, abc, kern, lilypond, musicxml};
use proptest::prelude::*;

/// Four sections on two staves: a pickup, another metre, key and tempo, ties and grace notes over the ends of sections, notes
/// held beyond them, a repeat sign, three verses, dynamics and chord symbols.
const PIECE: &str = "\
**kern\t**dynam\t**kern\t**text\t**text\t**text\t**mxhm
*staff2\t*\t*staff1\t*\t*\t*\t*
*clefF4\t*\t*clefG2\t*\t*\t*\t*
*>ORDER\t*>ORDER\t*>ORDER\t*>ORDER\t*>ORDER\t*>ORDER\t*>ORDER
*>A\t*>A\t*>A\t*>A\t*>A\t*>A\t*>A
*M3/4\t*M3/4\t*M3/4\t*\t*\t*\t*
*k[b-]\t*\t*k[b-]\t*\t*\t*\t*
*MM100\t*\t*MM100\t*\t*\t*\t*
4C\tp\t4c\tone\ttwo\tthree\t.
=1\t=1\t=1\t=1\t=1\t=1\t=1
[2.F\t.\t4f\tla\tle\tli\tF major
.\t.\t8a'\tlo\t.\tlu\t.
.\t.\t8b-\t.\t.\t.\t.
.\t.\t[4a\t.\t.\t.\t.
=2\t=2\t=2\t=2\t=2\t=2\t=2
*>B\t*>B\t*>B\t*>B\t*>B\t*>B\t*>B
*M2/4\t*M2/4\t*M2/4\t*\t*\t*\t*
*MM80\t*\t*MM80\t*\t*\t*\t*
.\t.\t8gq\t.\t.\t.\t.
4F]\tf\t4a]\tre\t.\t.\tC major7
4E\t.\t4g^\tmi\t.\t.\t.
=3:|!\t=3:|!\t=3:|!\t=3:|!\t=3:|!\t=3:|!\t=3:|!
[2D\t.\t4.dd\tfa\tsol\t.\t.
.\t.\t[8ee\t.\t.\t.\t.
=4\t=4\t=4\t=4\t=4\t=4\t=4
*>C\t*>C\t*>C\t*>C\t*>C\t*>C\t*>C
*k[f#]\t*\t*k[f#]\t*\t*\t*\t*
*clefC4\t*\t*\t*\t*\t*\t*
4D]\t.\t8.ee]\tti\tto\ttu\tG major
.\t.\t16dd\t.\t.\t.\t.
4r\t.\t12cc\t.\t.\t.\t.
.\t.\t12b\t.\t.\t.\t.
.\t.\t12a\t.\t.\t.\t.
=5\t=5\t=5\t=5\t=5\t=5\t=5
*>D\t*>D\t*>D\t*>D\t*>D\t*>D\t*>D
*MM120\t*\t*MM120\t*\t*\t*\t*
2G\tpp\t2g\tend\tEND\t.\t.
==\t==\t==\t==\t==\t==\t==
*-\t*-\t*-\t*-\t*-\t*-\t*-
";

fn piece(order: &str) -> Sheet {
    let text = PIECE.replace("ORDER", &format!("[{order}]"));
    kern::read(text.as_bytes(), Strictness::Tolerant).unwrap().value
}

/// Key, beginning and length of every note, in parts of a quarter note that all resolutions here divide.
fn notes(score: &Score) -> Vec<(u64, u64, u8)> {
    let (unit, quarter) = (1_000_000_u64, u64::from(score.resolution.ticks_per_quarter()));
    let quarters = |ticks: u32| (u64::from(ticks) * unit).div_ceil(quarter);
    let notes = score.tracks.iter().flat_map(|track| &track.notes);
    let mut notes: Vec<_> =
        notes.map(|note| (quarters(note.start.0), quarters(note.length.0), note.pitch.get())).collect();
    notes.sort_unstable();
    notes
}

/// Checks that every writer says how a sheet sounds.
fn check(sheet: &Sheet, name: &str) {
    assert_eq!(notes(&sheet.unrolled().performed()), notes(&sheet.performed()), "{name}");
    let tolerant = Strictness::Tolerant;
    let read = [
        ("MusicXML", musicxml::read(musicxml::write(sheet).as_bytes(), tolerant).unwrap().value),
        ("ABC", abc::read_book(abc::write(sheet).as_bytes(), tolerant).unwrap().value.remove(0).sheet),
        ("kern", kern::read(kern::write(sheet).as_bytes(), tolerant).unwrap().value),
    ];
    for (format, back) in read {
        assert_eq!(notes(&back.performed()), notes(&sheet.performed()), "{name} in {format}");
    }
    // LilyPond is not read.
    assert_eq!(lilypond::write(sheet), lilypond::write(&sheet.unrolled()), "{name}");
}

#[test]
fn an_order_without_signs_is_written_out() {
    for order in ["B,A,C", "D,C,B,A", "A,A,C,C,A,A", "C"] {
        let sheet = piece(order);
        assert!(sheet.order.is_some(), "{order}");
        assert_eq!(sheet.unrolled().performed(), sheet.performed(), "{order}");
        check(&sheet, order);
    }
}

#[test]
fn each_time_has_its_verse_and_the_last_all_that_are_left() {
    let unrolled = piece("A,C,A,D,B").unrolled().into_owned();
    let shown: Vec<String> = unrolled.parts[0]
        .notes
        .iter()
        .filter(|note| !note.syllables.is_empty())
        .map(|note| {
            let verses = note.syllables.iter().map(|sung| format!("{}{}", sung.verse, sung.text));
            verses.collect::<Vec<_>>().join(" ")
        })
        .collect();
    let expected = [
        "1one",
        "1la",
        "1lo",
        "1ti 2to 3tu",
        "1two 2three",
        "1le 2li",
        "1lo 2lu",
        "1end 2END",
        "1re",
        "1mi",
        "1fa 2sol",
    ];
    assert_eq!(shown, expected);
    // What holds is told again where the music goes elsewhere.
    let told: Vec<String> = unrolled
        .bars
        .iter()
        .map(|bar| {
            let meter = bar.meter.map(|meter| meter.to_string()).unwrap_or_default();
            format!("{meter} {}", bar.key.map(|key| key.to_string()).unwrap_or_default())
        })
        .collect();
    let expected = ["3/4 F major", " ", "2/4 G major", "3/4 F major", " ", "2/4 G major", "2/4 F major", " "];
    assert_eq!(told, expected);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(60) })]

    #[test]
    fn any_order_sounds_the_same(order in prop::collection::vec("[ABCD]", 1..12)) {
        let (order, sheet) = (order.join(","), piece(&order.join(",")));
        prop_assert_eq!(sheet.unrolled().performed(), sheet.performed());
        check(&sheet, &order);
    }
}

#[test]
fn real_orders_sound_the_same() {
    let data = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/piano"));
    if !data.is_dir() {
        println!("skipped: no folder ../shared/data beside the repository");
        return;
    }
    let mut count = 0;
    for (folder, step) in [("polish_kern", 12), ("joplin_nc", 4)] {
        let file = std::fs::File::open(data.join(folder).join("kern.zip")).unwrap();
        let mut archive = zip::ZipArchive::new(file).unwrap();
        for index in (0..archive.len()).step_by(step) {
            let mut member = archive.by_index(index).unwrap();
            let mut bytes = Vec::new();
            member.read_to_end(&mut bytes).unwrap();
            let name = member.name().unwrap().into_owned();
            let sheet = kern::read(&bytes, Strictness::Tolerant).ok().map(|read| read.value);
            if let Some(sheet) = sheet.filter(|sheet| sheet.order.is_some()) {
                check(&sheet, &name);
                count += 1;
            }
        }
    }
    println!("{count} real orders");
}
