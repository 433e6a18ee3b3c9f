//! Small scores through one door, and laws.

use std::fmt::Write as _;

use proptest::prelude::*;

use super::{KernError, read, write};
use crate::sheet::Sheet;
use crate::{
    Channel, Key, Meter, Mode, Note, Pitch, Program, Resolution, Score, Strictness, Ticks, Timed, Track,
};

fn sheet(text: &str) -> Sheet {
    read(text.as_bytes(), Strictness::Strict).unwrap().value
}

/// Each part as text: `time pitch:length`, in quarters, with signs of voice (from 2), tie and grace note.
fn shown(sheet: &Sheet) -> String {
    let quarters = |ticks: Ticks| sheet.resolution.beats(ticks).0;
    let part = |part: &crate::sheet::Part| {
        let mut text = String::new();
        for note in &part.notes {
            let voice = if note.voice > 1 { format!("/{}", note.voice) } else { String::new() };
            let tie = if note.tied { "~" } else { "" };
            let grace = if note.grace.is_some() { "q" } else { "" };
            let (start, length) = (quarters(note.start), quarters(note.length));
            write!(text, "{start} {}:{length}{voice}{tie}{grace}, ", note.pitch).unwrap();
        }
        text.trim_end_matches(", ").to_owned()
    };
    sheet.parts.iter().map(part).collect::<Vec<_>>().join(" | ")
}

#[track_caller]
fn check(text: &str, expected: &str) {
    assert_eq!(shown(&sheet(text)), expected);
}

/// The bars in the order in which they are played, by the pitch of their first note.
fn played(text: &str) -> String {
    let score = sheet(text).performed();
    score.tracks[0].notes.iter().map(|note| note.pitch.to_string().replace('4', "")).collect()
}

#[test]
fn lengths_pitches_and_chords() {
    check("**kern\n4c\n8.dd#\n16B-\n0GG\n*-", "0 C4:1, 1 D#5:0.75, 1.75 Bb3:0.25, 2 G2:8");
    check(
        "**kern\n12c\n12d\n12e\n3%2g\n00r\n4a\n*-",
        &format!(
            "0 C4:{t}, {t} D4:{t}, {u} E4:{t}, 1 G4:{v}, {w} A4:1",
            t = 1.0 / 3.0,
            u = 2.0 / 3.0,
            v = 8.0 / 3.0,
            w = 1.0 + 8.0 / 3.0 + 16.0,
        ),
    );
    check("**kern\n2c 2e 2g\n*-", "0 C4:2, 0 E4:2, 0 G4:2");
    check("**kern\n8fq\n8gqq\n4a;\n*-", "0 F4:0q, 0 G4:0q, 0 A4:1");
}

#[test]
fn spines_split_join_and_change_places() {
    check("**kern\n4c\n*^\n4e\t4g\n*v\t*v\n2c\n*-", "0 C4:1, 1 E4:1, 1 G4:1/2, 2 C4:2");
    check("**kern\t**kern\n2C\t4c\n.\t4d\n*x\t*x\n4f\t4E\n*-\t*-", "0 C4:1, 1 D4:1, 2 F4:1 | 0 C3:2, 2 E3:1");
    check("**kern\t**text\n*^\t*\n2c\t4e\tla\n.\t4f\t.\n*v\t*v\t*\n*-\t*-", "0 C4:2, 0 E4:1/2, 1 F4:1/2");
}

#[test]
fn odd_pages_are_read_as_the_format_says() {
    for (text, expected) in [
        // A spine that is added begins where the page has come to, and ends alone.
        (
            "**kern\n4c\n*+\n*\t**kern\n4d\t4D\n4e\t4E\n*\t*-\n4f\n*-",
            "1 D3:1, 2 E3:1 | 0 C4:1, 1 D4:1, 2 E4:1, 3 F4:1",
        ),
        // Three columns of one spine that join in two steps.
        (
            "**kern\n*^\n*^\t*\n4c\t4e\t4g\n*v\t*v\t*\n4d\t4a\n*v\t*v\n2c\n*-",
            "0 C4:1, 0 E4:1/2, 0 G4:1/3, 1 D4:1, 1 A4:1/2, 2 C4:2",
        ),
        // Four columns of two spines that join one after the other.
        (
            "**kern\t**kern\n*^\t*^\n4C\t4E\t4c\t4e\n*v\t*v\t*\t*\n4D\t4d\t4f\n*\t*v\t*v\n4F\t4a\n*-\t*-",
            "0 C4:1, 0 E4:1/2, 1 D4:1, 1 F4:1/2, 2 A4:1 | 0 C3:1, 0 E3:1/2, 1 D3:1, 2 F3:1",
        ),
        // A column that is silent after it split.
        ("**kern\n*^\n4c\t.\n4d\t4f\n*v\t*v\n4e\n*-", "0 C4:1, 1 D4:1, 1 F4:1/2, 2 E4:1"),
        // A spine that ends early, and comments everywhere.
        ("!! x\n**kern\t**kern\n!\t!y\n4C\t4c\n!!!YOR: z\n*-\t*\n!z\n4d\n*-", "0 C4:1, 1 D4:1 | 0 C3:1"),
        // What is printed beside and around notes.
        ("**kern\n(4cX\n4d#xL\n{4eyJ/}\n4fyy?\n4en)\n*-", "0 C4:1, 1 D#4:1, 2 E4:1, 3 F4:1, 4 E4:1"),
        // Letters, signs and numbers in any order.
        ("**kern\nc4\n#4d\n.8e\n*-", "0 C4:1, 1 D#4:1, 2 E4:0.75"),
        // Rests and null tokens in chords, and notes of their own lengths there.
        ("**kern\n4r 4e\n4c .\n8c 4e\n*-", "0 E4:1, 1 C4:1, 2 C4:0.5, 2 E4:0.5"),
        // A note that lasts over a bar line, breves and longs.
        ("**kern\t**kern\n0C\t1c\n=\t=\n.\t00.e\n*-\t*-", "0 C4:4, 4 E4:24 | 0 C3:8"),
        // Tuplets with dots, and lengths of no power of two.
        ("**kern\n12.c\n24d\n20e\n*-", "0 C4:0.5, 0.5 D4:0.16666666666666666, 0.6666666666666666 E4:0.2"),
        ("**kern\n=1\n4c\n8dq\n=2\n8eqq\n4f\n*-", "0 C4:1, 1 D4:0q, 1 E4:0q, 1 F4:1"),
        // A grace note on a line before its time does not hold the others up.
        (
            "**kern\t**kern\n4C\t2e\n.\t8dq\n4D\t.\n4E\t4f\n*-\t*-",
            "0 E4:2, 1 D4:0q, 2 F4:1 | 0 C3:1, 1 D3:1, 2 E3:1",
        ),
        // A file with a byte-order mark, and other ends of lines.
        ("\u{feff}**kern\r\n4c\r\n4d\r\n*-", "0 C4:1, 1 D4:1"),
        ("**kern\r4c\r4d\r*-\r", "0 C4:1, 1 D4:1"),
        ("\n\n**kern\t**kern\t\n4C\t4c\t\n\n  \n4D\t4d\n*-\t*-", "0 C4:1, 1 D4:1 | 0 C3:1, 1 D3:1"),
        // Two pieces in one file.
        ("**kern\n4c\n*-\n**kern\n4d\n*-", "0 C4:1, 1 D4:1"),
    ] {
        check(text, expected);
    }
}

#[test]
fn ties_lead_to_the_same_pitch() {
    check("**kern\n[4c 4e\n=2\n4c_ 4f\n8c]\n*-", "0 C4:1~, 0 E4:1, 1 C4:1~, 1 F4:1, 2 C4:0.5");
    let read = read(b"**kern\n[4c\n4d\n4e]\n*-", Strictness::Tolerant).unwrap();
    assert_eq!(shown(&read.value), "0 C4:1, 1 D4:1, 2 E4:1");
    let places: Vec<String> = read.warnings.iter().map(|warning| warning.place.to_string()).collect();
    assert_eq!(places, ["line 2, column 1", "line 4, column 1"]);
}

#[test]
fn ties_lead_past_grace_notes_of_the_same_pitch() {
    let text = "**kern\n*M2/4\n=1\n[4a\n8aqq\n8bqq\n4a]\n==\n*-";
    let written = write(&sheet(text));
    assert_eq!(shown(&sheet(&written)), shown(&sheet(text)), "{written}");
}

#[test]
fn bars_have_numbers_metre_and_key() {
    let read = sheet("**kern\n*k[b-]\n*d:\n*M3/4\n*MM90\n4a\n=1\n2.d\n=2:|!\n*M2/4\n2c\n==\n*-");
    let bars: Vec<(u32, u32, &str)> =
        read.bars.iter().map(|bar| (bar.start.0 / 480, bar.length.0 / 480, bar.number.as_str())).collect();
    assert_eq!(bars, [(0, 1, ""), (1, 3, "1"), (4, 2, "2")]);
    assert_eq!(read.bars[0].key, Key::new(-1, Mode::Minor).ok());
    assert_eq!((read.bars[0].meter, read.bars[2].meter), (Meter::new(3, 4).ok(), Meter::new(2, 4).ok()));
    assert_eq!(read.bars[1].repeats.ends, Some(2));
    assert_eq!(read.tempos[0].value, crate::Tempo::from_bpm(90.0).unwrap());
}

#[test]
fn sections_are_played_in_their_order() {
    let sections = "*>A\n4a\n=2\n*>B\n4b\n=3\n*>C\n4c\n=4\n*>D\n4d\n==\n*-";
    for (order, expected) in [
        ("A,A,B,C,D", "AABCD"),
        ("A,B,A,C,D", "ABACD"),
        ("A,B,C,D,A,B", "ABCDAB"),
        ("A,A,B,C,B,D", "AABCBD"),
        ("A,B,B,B,C,C,D", "ABBBCCD"),
    ] {
        assert_eq!(played(&format!("**kern\n*>[{order}]\n{sections}")), expected);
    }
}

/// Notes as a file with faults is played, and what was forgiven.
fn rescued(text: &str) -> (String, Vec<String>) {
    let read = read(text.as_bytes(), Strictness::Tolerant).unwrap();
    let notes = &read.value.performed().tracks[0].notes;
    let played = notes.iter().map(|note| note.pitch.to_string().replace('4', "")).collect();
    (played, read.warnings.iter().map(ToString::to_string).collect())
}

#[test]
fn orders_that_no_signs_can_say_are_played_as_they_are_listed() {
    let plain = "*>A\n4a\n=2:|!|:\n*>B\n4b\n=3\n*>C\n4c\n=4\n*>D\n4d\n==:|!";
    let within = "*>A\n4a\n*>B\n4b\n=3\n4c\n*>D\n4d";
    let before = "4e\n=1\n*>A\n4a\n=2\n*>B\n4b";
    let endings = "*>A\n4a\n=2\n*>A1\n4b\n=3\n*>A2\n4c\n=4\n*>B\n4d\n=5\n*>B1\n4e\n=6\n*>B2\n4f\n==";
    let empty = "*>A\n4a\n=2\n*>B\n*>C\n4c\n=3\n*>D";
    for (order, sections, expected) in [
        ("C,A,D,B", plain, "CADB"),
        ("D,D,D", plain, "DDD"),
        ("A,B,A,C,A,D,A,B", plain, "ABACADAB"),
        ("B,A", within, "BCA"),
        ("A,D,A", within, "ADA"),
        ("B,A,B", before, "EBAB"),
        ("A,A1,A,A2,B,B1,B,B2,A,A2", endings, "ABACDEDFAC"),
        ("A,A2,B,B2,A,A1,B,B1", endings, "ACDFABDE"),
        ("A,B,A,C,D", empty, "AAC"),
    ] {
        assert_eq!(played(&format!("**kern\n*>[{order}]\n*>norep[A]\n{sections}\n*-")), expected, "{order}");
    }
}

#[test]
fn orders_with_slips_are_played_as_they_are_meant() {
    let two = "*>A\n4a\n=2\n*>B\n4b\n=3";
    let twins = "*>A\n4a\n=2\n*>A1\n4b\n=3\n*>A\n4c\n=4\n*>A2\n4d\n=5";
    let unlabelled = "4a\n=2\n*>A1\n4b\n=3\n*>A2\n4c\n=4";
    for (order, sections, expected, fault) in [
        ("AABB", two, "AABB", "must name them as their labels do, with commas between, but has `AABB`"),
        ("A.B.A", two, "ABA", "but has `A.B.A`"),
        ("a,<B,A,", two, "ABA", "but has `a`"),
        ("A,A1,A,A2", twins, "ABCD", "a name must stand for one section, but stands for several"),
        ("A,A1,A1,A2", twins, "ABCBCD", "one that never is belongs to the section before it"),
        ("A,A1,A,A2", unlabelled, "ABAC", "the music before the first label is taken"),
        ("A,A", "4a\n=2\n4b", "ABAB", "the music before the first label is taken"),
        ("A,C", two, "AB", "names `C`; repeats hold as they stand"),
        (",", two, "AB", "names none; repeats hold as they stand"),
    ] {
        let (played, faults) = rescued(&format!("**kern\n*>[{order}]\n{sections}\n*-"));
        assert_eq!(played, expected, "{order}");
        assert!(
            faults.iter().any(|line| line.starts_with("line 2, ") && line.contains(fault)),
            "{order}: {faults:?}"
        );
    }
    let (played, faults) =
        rescued("**kern\t**kern\n*>[A,X]\t*>[A,A,B]\n*>A\t*>A\n4a\t4c\n*>B\t*>b\n4b\t4c\n*-\t*-");
    assert_eq!((played.as_str(), faults), ("CCC", Vec::new()));
}

#[test]
fn staves_of_one_instrument_are_one_part() {
    let piano = sheet(
        "**kern\t**kern\t**kern\n*Ipiano\t*Ipiano\t*Iflt\n*I\"Piano\t*\t*I\"Flute\n1C\t1c\t1cc\n*-\t*-\t*-",
    );
    let parts: Vec<(&str, u8, u8)> =
        piano.parts.iter().map(|part| (part.name.as_str(), part.staves, part.program.get())).collect();
    assert_eq!(parts, [("Flute", 1, 73), ("Piano", 2, 0)]);
    let clarinet = sheet("**kern\n*ITrd1c2\n4c\n*-");
    assert_eq!((clarinet.parts[0].transposition.steps, clarinet.parts[0].transposition.semitones), (-1, -2));
}

#[test]
fn words_dynamics_and_credits() {
    let song = sheet(
        "!!!COM: Somebody\n!!!OTL@@DE: Lied\n**kern\t**text\t**dynam\n4c\tglo-\tmf\n4d\t-ri-\t.\n4e\t-a\t.\n*-\t*-\t*-",
    );
    let syllables: Vec<(String, bool)> = song.parts[0]
        .notes
        .iter()
        .map(|note| (note.syllables[0].text.clone(), note.syllables[0].hyphen))
        .collect();
    assert_eq!(syllables, [("glo".into(), true), ("ri".into(), true), ("a".into(), false)]);
    assert_eq!((song.credits.title.as_str(), song.credits.composer.as_str()), ("Lied", "Somebody"));
    assert_eq!(song.parts[0].dynamics[0].value.get(), 80);
}

#[test]
fn faults_are_forgiven_with_their_place() {
    let fault = |text: &str| read(text.as_bytes(), Strictness::Strict).unwrap_err().to_string();
    assert_eq!(
        fault("**kern\t**kern\n4c\t4d\t4e\n*-\t*-"),
        "line 2, column 7: a line must have one token for each spine, but has more; the others are passed over"
    );
    assert!(
        fault("**kern\t**kern\n4c\t4d\n4c\n*-\t*-").starts_with("line 3, column 3: a line must have a token")
    );
    assert!(fault("**kern\n4\n*-").starts_with("line 2, column 1: a note must name a pitch"));
    assert_eq!(read(b"", Strictness::Tolerant), Err(KernError::NoSpine));
}

#[test]
fn spines_without_end_are_bounded() {
    for text in ["*^\n".repeat(3_000), "*+\n*\t*-\n".repeat(3_000), "*^\n*v\t*v\n".repeat(3_000)] {
        let read = read(format!("**kern\n{text}4c\n*-").as_bytes(), Strictness::Tolerant).unwrap();
        assert_eq!(shown(&read.value), "0 C4:1");
    }
}

/// Scores of one or two parts on a grid of twelfths of a quarter.
fn scores() -> impl Strategy<Value = Score> {
    let note = (0_u32..80, 1_u32..30, 30_i64..90);
    let parts = prop::collection::vec((prop::collection::vec(note, 1..25), 0_i64..128), 1..3);
    (parts, -7_i64..8, any::<bool>(), 2_i64..7).prop_map(|(parts, fifths, minor, beats)| {
        let mut score = Score::new(Resolution::new(480).unwrap());
        let mode = if minor { Mode::Minor } else { Mode::Major };
        score.keys = vec![Timed::new(Ticks(0), Key::new(fifths, mode).unwrap())];
        score.meters = vec![Timed::new(Ticks(0), Meter::new(beats, 4).unwrap())];
        for (index, (notes, program)) in parts.into_iter().enumerate() {
            let mut track = Track::new(
                format!("part {index}"),
                Channel::saturating(index as i64),
                Program::saturating(program),
            );
            let written = |(start, length, key)| {
                Note::new(Ticks(start * 40), Ticks(length * 40), Pitch::saturating(key))
            };
            track.notes = notes.into_iter().map(written).collect();
            track.notes.sort_unstable();
            score.tracks.push(track);
        }
        score
    })
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(score in scores()) {
        let text = write(&Sheet::of_score(&score));
        let read = read(text.as_bytes(), Strictness::Strict);
        prop_assert!(read.is_ok(), "{:?}\n{text}", read.err());
        let back = read.unwrap().value.as_written();
        for (track, other) in score.tracks.iter().zip(&back.tracks) {
            prop_assert_eq!(&track.notes, &other.notes, "{}", text);
            prop_assert_eq!(&track.name, &other.name);
        }
        prop_assert_eq!((&score.keys, &score.meters, score.tracks.len()), (&back.keys, &back.meters, back.tracks.len()));
    }

    #[test]
    fn no_text_makes_it_panic(text in "(\\*\\*kern\t\\*\\*kern\n)?([0-9a-gA-Gr#.\\[\\]_ q%-]{1,4}|\t|\n|=[0-9]?:?\\|?!?:?|\\*[\\^vx+-]|\\*M3/4|\\*>A|\\*>\\[A,A\\]){0,120}") {
        if let Ok(read) = read(text.as_bytes(), Strictness::Tolerant) {
            for part in &read.value.parts {
                prop_assert!(part.notes.is_sorted_by_key(|note| (note.start, note.voice)));
            }
            write(&read.value);
        }
    }
}
