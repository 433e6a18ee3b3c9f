//! Laws of reading and writing.

use std::fmt::Write as _;
use std::io::{Cursor, Write as _};

use proptest::prelude::*;

use super::*;
use crate::sheet::{Articulation, Bar, ChordSymbol, Clef, Grace, Jump, Part, Spelled, Step, Syllable, Tone};
use crate::sheet::{Transposition, Written};
use crate::{
    Channel, Key, Meter, Mode, Place, Program, Resolution, Tempo, Text, TextKind, Ticks, Timed, Velocity,
};

/// A score of one part with these measures.
fn score(measures: &str) -> String {
    format!(
        "<?xml version=\"1.0\"?>\n<score-partwise><part-list><score-part id=\"P1\"><part-name>Flute</part-name>\
         </score-part></part-list>\n<part id=\"P1\">{measures}</part></score-partwise>"
    )
}

/// Notes in a short form: `C4/4` is a quarter note of four divisions; with the rest of its element after a bar.
fn note(step: &str, octave: i8, duration: u32, more: &str) -> String {
    format!(
        "<note><pitch><step>{step}</step><octave>{octave}</octave></pitch><duration>{duration}</duration>{more}</note>"
    )
}

fn tolerant(text: &str) -> Read<Sheet> {
    read(text.as_bytes(), Strictness::Tolerant).unwrap()
}

/// Bars as `start+length`, and notes as `pitch@start+length`.
fn told(sheet: &Sheet) -> String {
    let bars = sheet.bars.iter().map(|bar| format!("{}+{}", bar.start.0, bar.length.0));
    let notes = sheet.parts.iter().flat_map(|part| &part.notes);
    let notes = notes.map(|note| format!("{}@{}+{}", note.pitch, note.start.0, note.length.0));
    format!("{} | {}", bars.collect::<Vec<_>>().join(" "), notes.collect::<Vec<_>>().join(" "))
}

#[test]
fn odd_files_are_read_as_the_format_says() {
    let begin = "<measure><attributes><divisions>2</divisions><transpose><chromatic>0</chromatic><double/></transpose></attributes>";
    let halves = score(&format!("{begin}{}</measure>", note("C", 4, 0, "") + &note("D", 4, 2, "")));
    for (text, expected) in [
        // Durations may have decimals; who doubles a part an octave below moves nobody.
        (halves.replace("<duration>0<", "<duration>1.5<"), "0+7 | C4@0+3 D4@3+4"),
        // A namespace with a prefix.
        (
            halves
                .replace("<duration>0<", "<duration>2<")
                .replace("</", "</m:")
                .replace('<', "<m:")
                .replace("<m:/", "</")
                .replace("<m:?", "<?"),
            "0+4 | C4@0+2 D4@2+2",
        ),
        // A lower-case step, blanks around numbers, CDATA.
        (
            halves.replace("<duration>0<", "<duration> 2\n<").replace("<step>C<", "<step><![CDATA[c]]><"),
            "0+4 | C4@0+2 D4@2+2",
        ),
    ] {
        assert_eq!(told(&tolerant(&text).value), expected, "{text}");
    }
}

#[test]
fn a_measure_of_nothing_that_lasts_a_tick_is_a_whole_bar() {
    let begin = "<measure><attributes><divisions>1000000007</divisions></attributes>";
    let tied = note("B", 4, 60, "<tie type=\"start\"/>") + &note("B", 4, 60, "");
    let sheet = tolerant(&score(&format!("{begin}{tied}</measure>"))).value;
    assert_eq!(told(&sheet), "0+80640 | B4@0+0 B4@0+0");
    let again = read(write(&sheet).as_bytes(), Strictness::Strict).unwrap().value;
    let notes = |sheet: &Sheet| sheet.as_written().tracks[0].notes.clone();
    assert_eq!(notes(&again), notes(&sheet));
}

#[test]
fn what_tuplets_were_rounded_by_moves_no_bar_line() {
    let begin = "<measure><attributes><divisions>480</divisions><time><beats>1</beats><beat-type>4</beat-type></time></attributes>";
    let seven: String = (0..7).map(|_| note("C", 4, 69, "")).collect();
    let sheet =
        tolerant(&score(&format!("{begin}{seven}</measure><measure>{}</measure>", note("D", 4, 480, ""))))
            .value;
    assert_eq!(
        sheet.bars.iter().map(|bar| (bar.start.0, bar.length.0)).collect::<Vec<_>>(),
        [(0, 480), (480, 480)]
    );
    let ends: Vec<u32> = sheet.parts[0].notes.iter().map(|note| note.end().0).collect();
    assert_eq!(ends, [69, 138, 207, 276, 345, 414, 480, 960]);
}

#[test]
fn a_note_after_a_whole_bar_is_more_than_rounding() {
    let begin = "<measure><attributes><divisions>480</divisions><time><beats>1</beats><beat-type>4</beat-type></time></attributes>";
    let tied = note("C", 4, 480, "<tie type=\"start\"/>") + &note("C", 4, 2, "<tie type=\"stop\"/>");
    let sheet =
        tolerant(&score(&format!("{begin}{tied}</measure><measure>{}</measure>", note("D", 4, 480, ""))))
            .value;
    let notes = &sheet.as_written().tracks[0].notes;
    assert_eq!(
        notes.iter().map(|note| (note.start.0, note.length.0)).collect::<Vec<_>>(),
        [(0, 482), (482, 480)]
    );
}

#[test]
fn a_metre_within_a_whole_bar_holds_from_the_next() {
    let time = |beats: u8| {
        format!(
            "<attributes><divisions>1</divisions><time><beats>{beats}</beats><beat-type>4</beat-type></time></attributes>"
        )
    };
    let read = |first: u32, second: u32| {
        let measure = format!(
            "<measure>{}{}{}{}</measure>",
            time(3),
            note("C", 4, first, ""),
            time(2),
            note("D", 4, second, "")
        );
        tolerant(&score(&format!("{measure}<measure>{}</measure>", note("E", 4, 2, "")))).value
    };
    let shown = |sheet: &Sheet| {
        let bars = sheet.bars.iter().map(|bar| {
            format!(
                "{}{}",
                bar.length.0,
                bar.meter.map_or(String::new(), |meter| format!(":{}", meter.beats()))
            )
        });
        bars.collect::<Vec<_>>().join(" ")
    };
    assert_eq!(shown(&read(2, 1)), "3:3 2:2");
    assert_eq!(shown(&read(3, 2)), "3:3 2:2 2");
}

#[test]
fn notes_of_a_chord_that_are_printed_alike_last_alike() {
    let chord = |duration, printed: &str| note("E", 4, duration, printed).replace("<note>", "<note><chord/>");
    let dotted = "<type>quarter</type><dot/>";
    for (second, expected, fault) in [
        (chord(2, dotted), "0+3 | C4@0+3 E4@0+3", true),
        (chord(2, "<type>quarter</type>"), "0+3 | C4@0+3 E4@0+2", false),
        (chord(3, dotted), "0+3 | C4@0+3 E4@0+3", false),
    ] {
        let text = "<measure><attributes><divisions>2</divisions></attributes>";
        let read = tolerant(&score(&format!("{text}{}{second}</measure>", note("C", 4, 3, dotted))));
        assert_eq!((told(&read.value).as_str(), !read.warnings.is_empty()), (expected, fault));
    }
}

#[test]
fn voices_chords_and_divisions() {
    let first = format!(
        "<measure number=\"1\"><attributes><divisions>2</divisions><time><beats>3+2</beats><beat-type>8</beat-type>\
         </time></attributes>{}{}<backup><duration>4</duration></backup><forward><duration>1</duration></forward>{}\
         <forward><duration>3</duration></forward></measure>",
        note("C", 4, 2, "<voice>1</voice>"),
        note("E", 4, 2, "<voice>1</voice>"),
        note("A", 3, 1, "<voice>2</voice>")
    );
    let chord = note("G", 4, 6, "").replace("<note>", "<note><chord/>");
    let second = format!(
        "<measure number=\"2\"><attributes><divisions>6</divisions></attributes>{}{chord}{}</measure>",
        note("E", 4, 6, ""),
        note("C", 4, 4, "")
    );
    let sheet = tolerant(&score(&(first + &second))).value;
    assert_eq!(told(&sheet), "0+15 15+10 | C4@0+6 A3@3+3 E4@6+6 E4@15+6 G4@15+6 C4@21+4");
    assert_eq!(sheet.bars[0].meter, Meter::new(5, 8).ok());
}

#[test]
fn timewise_is_partwise_turned_about() {
    let measure = |step| note(step, 4, 1, "");
    let partwise = score(&format!(
        "<measure number=\"1\"><attributes><divisions>1</divisions></attributes>{}</measure>\
         <measure number=\"2\">{}</measure>",
        measure("C"),
        measure("D")
    ));
    let (head, _) = partwise.split_once("<part id").unwrap();
    let timewise = format!(
        "{}<measure number=\"1\"><part id=\"P1\"><attributes><divisions>1</divisions></attributes>{}</part></measure>\
         <measure number=\"2\"><part id=\"P1\">{}</part></measure></score-timewise>",
        head.replace("partwise", "timewise"),
        measure("C"),
        measure("D")
    );
    assert_eq!(tolerant(&timewise), tolerant(&partwise));
}

#[test]
fn every_encoding_and_packing_gives_the_same() {
    let text = score(&format!(
        "<measure number=\"1\"><attributes><divisions>1</divisions></attributes>{}</measure>",
        note("C", 4, 4, "<lyric><text>fr\u{F6}h</text></lyric>")
    ));
    let expected = tolerant(&text);
    assert!(expected.warnings.is_empty(), "{:?}", expected.warnings);
    let utf16 = |bytes: fn(u16) -> [u8; 2], mark: &[u8]| {
        [mark.to_vec(), text.encode_utf16().flat_map(bytes).collect()].concat()
    };
    let latin = text.replace("version=\"1.0\"", "version=\"1.0\" encoding=\"ISO-8859-1\"");
    let packed = zipped::write(&text).unwrap();
    for bytes in [
        utf16(u16::to_le_bytes, b"\xFF\xFE"),
        utf16(u16::to_be_bytes, b"\xFE\xFF"),
        utf16(u16::to_le_bytes, b""),
        latin.chars().map(|char| char as u8).collect(),
        [b"\xEF\xBB\xBF", text.as_bytes()].concat(),
        packed,
    ] {
        assert_eq!(read(&bytes, Strictness::Strict).unwrap(), expected);
    }
}

#[test]
fn a_fault_has_its_line_and_strict_readers_stop_at_it() {
    let text = score(
        "<measure number=\"1\">\n<attributes><divisions>1</divisions></attributes>\n  <note><duration>1</duration></note></measure>",
    );
    let warnings = tolerant(&text).warnings;
    assert_eq!(warnings[0].place, Place::Line { line: 5, column: 3 });
    assert_eq!(read(text.as_bytes(), Strictness::Strict), Err(MusicXmlError::Fault(warnings[0].clone())));
}

#[test]
fn music_before_a_fault_is_rescued() {
    let bar = format!(
        "<measure number=\"1\"><attributes><divisions>1</divisions></attributes>{}</measure>",
        note("C", 4, 4, "")
    );
    let whole = score(&bar);
    let cut = whole.find("<duration>").unwrap();
    assert_eq!(told(&tolerant(&whole.replace("</pitch>", "</pich>")).value), "0+4 | C4@0+4");
    assert_eq!(told(&tolerant(&whole.replace("</pitch>", "")).value), "0+4 | ");
    assert_eq!(tolerant(&whole[..cut]).value.bars.len(), 1);
    assert_eq!(tolerant(&whole.replace("Flute", "Fl&nothing;ute")).value.parts[0].name, "Flute");
    for none in ["", "{}", "<html/>", "<score-partwise/>", "PK\x03\x04", "\0"] {
        assert!(read(none.as_bytes(), Strictness::Tolerant).is_err(), "{none}");
    }
}

#[test]
fn transposing_parts_are_told_as_they_sound() {
    let attributes = "<attributes><divisions>1</divisions><key><fifths>2</fifths></key>\
        <transpose><diatonic>-1</diatonic><chromatic>-2</chromatic></transpose></attributes>";
    let sheet =
        tolerant(&score(&format!("<measure number=\"1\">{attributes}{}</measure>", note("C", 4, 4, ""))))
            .value;
    assert_eq!(sheet.bars[0].key, Some(Key::C_MAJOR));
    assert_eq!(sheet.parts[0].notes[0].pitch, Spelled::new(Step::B, -1, 3));
    assert_eq!(sheet.parts[0].transposition, Transposition { steps: -1, semitones: -2 });
}

#[test]
fn repeats_divide_a_measure_and_endings_reach_to_their_ends() {
    let middle = "<barline location=\"middle\"><repeat direction=\"backward\"/></barline>";
    let ending = |number: &str, kind: &str, side: &str, more: &str| {
        format!("<barline location=\"{side}\"><ending number=\"{number}\" type=\"{kind}\"/>{more}</barline>")
    };
    let back = "<repeat direction=\"backward\"/>";
    let c = note("C", 4, 2, "");
    let text = score(&format!(
        "<measure number=\"1\"><attributes><divisions>1</divisions></attributes>{c}{middle}{c}</measure>\
         <measure number=\"2\">{}{c}</measure><measure number=\"3\">{c}{}</measure><measure number=\"4\">{}{c}{}</measure>",
        ending("1, 2", "start", "left", ""),
        ending("1,2", "stop", "right", back),
        ending("3", "start", "left", ""),
        ending("3", "discontinue", "right", ""),
    ));
    let sheet = tolerant(&text).value;
    let repeats: Vec<_> =
        sheet.bars.iter().map(|bar| (bar.start.0, bar.repeats.ends, bar.repeats.endings.clone())).collect();
    let expected = [
        (0, Some(2), vec![]),
        (2, None, vec![]),
        (4, None, vec![1, 2]),
        (6, Some(2), vec![1, 2]),
        (8, None, vec![3]),
    ];
    assert_eq!(repeats, expected);
}

#[test]
fn metronomes_count_in_dotted_notes_and_words_lead_on() {
    let mark = "<direction><direction-type><metronome><beat-unit>quarter</beat-unit><beat-unit-dot/>\
        <per-minute>c. 60</per-minute></metronome></direction-type></direction>";
    let words = "<direction><direction-type><words>D. S. al Fine</words></direction-type></direction>";
    let text = score(&format!(
        "<measure number=\"1\">{mark}<attributes><divisions>1</divisions></attributes>{}{words}</measure>",
        note("C", 4, 2, "")
    ));
    let sheet = tolerant(&text).value;
    assert_eq!(sheet.tempos, [Timed::new(Ticks::ZERO, Tempo::from_bpm(90.0).unwrap())]);
    assert_eq!(sheet.bars[0].repeats.jumps, [Jump::DalSegno]);
    assert!(sheet.parts[0].texts.is_empty());
}

#[test]
fn drums_take_the_keys_of_their_instruments() {
    let text = "<score-partwise><part-list><score-part id=\"P1\"><part-name>Kit</part-name><score-instrument id=\"x\">\
        <instrument-name>Triangle</instrument-name></score-instrument><midi-instrument id=\"y\"><midi-unpitched>43\
        </midi-unpitched></midi-instrument></score-part></part-list><part id=\"P1\"><measure number=\"1\"><attributes>\
        <divisions>1</divisions></attributes><note><unpitched/><duration>1</duration><instrument id=\"x\"/></note><note>\
        <unpitched/><duration>1</duration><instrument id=\"y\"/></note></measure></part></score-partwise>";
    let part = &tolerant(text).value.parts[0];
    let keys: Vec<u8> = part.notes.iter().filter_map(|note| Some(note.sounding()?.get())).collect();
    assert!(part.is_drums());
    assert_eq!(keys, [81, 42]);
}

#[test]
fn bombs_do_not_go_off() {
    let mut entities = String::from("<?xml version=\"1.0\"?><!DOCTYPE score-partwise [<!ENTITY a \"ha\">");
    for (next, last) in ('b'..='z').zip('a'..) {
        let ten = format!("&{last};").repeat(10);
        let _ = write!(entities, "<!ENTITY {next} \"{ten}\">");
    }
    let bomb = format!("{entities}]>{}", score("<measure number=\"1\"/>").replace("Flute", "&z;"));
    assert!(read(bomb.as_bytes(), Strictness::Tolerant).is_ok());
    let deep = score(&format!("<measure>{}", "<a>".repeat(60_000)));
    assert!(read(deep.as_bytes(), Strictness::Tolerant).is_ok());
    let deep = score(&format!("<measure>{}{}", "<a>".repeat(60_000), "</b>".repeat(60_000)));
    assert!(read(deep.as_bytes(), Strictness::Tolerant).is_ok());
    let deep = format!("{}{}", "<score-partwise>".repeat(60_000), "</score-partwise>".repeat(60_000));
    assert_eq!(read(deep.as_bytes(), Strictness::Tolerant), Err(MusicXmlError::NoMusic));
    let huge = score(&format!(
        "<measure><attributes><divisions>1</divisions></attributes>{}</measure>",
        note("C", 4, 4_000_000_000, "<forward><duration>999999999999</duration></forward>")
    ));
    assert!(read(huge.as_bytes(), Strictness::Tolerant).is_ok());
    let bars = score(&"<measure/>".repeat(100_000));
    assert_eq!(read(bars.as_bytes(), Strictness::Tolerant).unwrap().value.bars.len(), 100_000);
    let mut parts = String::new();
    for part in 0..20_000 {
        let _ = write!(parts, "<part id=\"Q{part}\"><measure/></part>");
    }
    let parts = score("<measure/>").replace("</score-partwise>", &format!("{parts}</score-partwise>"));
    assert_eq!(read(parts.as_bytes(), Strictness::Tolerant).unwrap().value.parts.len(), 500);
}

fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        archive.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

#[test]
fn archives_are_not_believed() {
    let bomb = archive(&[("score.xml", &vec![b' '; 80 << 20])]);
    assert_eq!(read(&bomb, Strictness::Tolerant), Err(MusicXmlError::Bomb));
    let container =
        b"<container><rootfiles><rootfile full-path=\"../../etc/passwd\"/></rootfiles></container>";
    let music = score("<measure number=\"1\"/>");
    let climbing = archive(&[("META-INF/container.xml", container), ("a/score.xml", music.as_bytes())]);
    let rescued = read(&climbing, Strictness::Tolerant).unwrap();
    assert!(rescued.warnings[0].message.contains("etc/passwd"), "{:?}", rescued.warnings);
    assert_eq!(read(&archive(&[("readme.txt", b"")]), Strictness::Tolerant), Err(MusicXmlError::NoScore));
}

#[test]
fn chord_symbols_come_back() {
    for suffix in
        ["", "m", "7", "m7b5", "maj7#11", "7b9#11no3", "sus4", "9add13", "6", "69", "m(maj7)", "alt", "b5"]
    {
        let mut sheet = one_bar();
        let symbol = ChordSymbol {
            root: Tone::new(Step::F, 1),
            suffix: suffix.to_owned(),
            bass: Some(Tone::new(Step::C, -1)),
        };
        sheet.parts[0].chords.push(Timed::new(Ticks(3), symbol));
        let back = read(write(&sheet).as_bytes(), Strictness::Strict).unwrap();
        assert_eq!(back.value.parts[0].chords, sheet.parts[0].chords, "{suffix}");
    }
}

#[test]
fn silence_at_the_end_of_a_bar_without_rests_is_kept() {
    let mut sheet = one_bar();
    // Seventeen whole notes: rests are left out of such a bar.
    sheet.bars[0].length = Ticks(17 * 48);
    let mut next = Bar::new(Ticks(17 * 48), Ticks(48));
    next.number = "2".to_owned();
    sheet.bars.push(next);
    let tone = spelled(60);
    sheet.parts[0].notes =
        vec![Written::new(Ticks(0), Ticks(12), tone), Written::new(Ticks(17 * 48), Ticks(48), tone)];
    let back = read(write(&sheet).as_bytes(), Strictness::Strict).unwrap().value;
    assert_eq!(
        back.bars.iter().map(|bar| (bar.start, bar.length)).collect::<Vec<_>>(),
        [(Ticks(0), Ticks(17 * 48)), (Ticks(17 * 48), Ticks(48))]
    );
    assert_eq!(back.parts[0].notes[1].start, Ticks(17 * 48));
}

fn one_bar() -> Sheet {
    let mut sheet = Sheet::new(Resolution::new(12).unwrap());
    let mut bar = Bar::new(Ticks::ZERO, Ticks(48));
    bar.meter = Some(Meter::FOUR_FOUR);
    sheet.bars.push(bar);
    sheet.parts.push(Part::new("Piano", Channel::MIN, Program::PIANO));
    sheet
}

/// A run of events of one voice that fills a bar: chords and rests, and a triplet now and then.
fn voice(bar: u32) -> impl Strategy<Value = Vec<(u32, Vec<u8>)>> {
    let lengths = prop_oneof![
        Just(vec![12]),
        Just(vec![6, 6]),
        Just(vec![4, 4, 4]),
        Just(vec![8, 4]),
        Just(vec![9, 3]),
        Just(vec![3, 3, 6])
    ];
    let beat = (lengths, prop::collection::vec(prop::collection::btree_set(48u8..80, 0..3), 3));
    prop::collection::vec(beat, (bar / 12) as usize).prop_map(|beats| {
        let beats = beats.into_iter().flat_map(|(lengths, keys)| lengths.into_iter().zip(keys));
        beats.map(|(length, keys)| (length, keys.into_iter().collect())).collect()
    })
}

fn spelled(key: u8) -> Spelled {
    names::drum(key)
}

prop_compose! {
    fn part(bars: usize)(
        voices in prop::collection::vec(voice(bars as u32 * 48), 1..4),
        two_staves in any::<bool>(),
        clarinet in any::<bool>(),
        details in prop::collection::vec((0..24u8, 1..=127u8), bars * 12),
    ) -> Part {
        let mut part = Part::new("Clarinet", Channel::MIN, Program::saturating(71));
        part.staves = if two_staves { 2 } else { 1 };
        part.clefs = (1..=part.staves).map(|staff| Timed::new(Ticks::ZERO, (staff, Clef::Bass))).collect();
        if clarinet {
            part.transposition = Transposition { steps: -1, semitones: -2 };
        }
        let mut details = details.into_iter();
        for (voice, events) in voices.into_iter().enumerate() {
            let mut at = 0;
            for (length, keys) in events {
                let detail = details.next();
                for key in keys {
                    let mut note = Written::new(Ticks(at), Ticks(length), spelled(key));
                    note.voice = voice as u8 + 1;
                    note.staff = if voice == 2 { part.staves } else { 1 };
                    detailed(&mut note, detail);
                    part.notes.push(note);
                }
                if let Some((4, level)) = detail {
                    part.dynamics.push(Timed::new(Ticks(at), Velocity::saturating(i64::from(level))));
                }
                at += length;
            }
        }
        part.notes.sort_by_key(assemble::order);
        part.dynamics.sort_by_key(|level| level.at);
        part.dynamics.dedup_by_key(|level| level.at);
        part
    }
}

fn detailed(note: &mut Written, detail: Option<(u8, u8)>) {
    match detail {
        Some((0, velocity)) => note.velocity = Velocity::new(i64::from(velocity)).ok(),
        Some((1, _)) => {
            note.articulations = vec![Articulation::Staccato, Articulation::Fermata, Articulation::Trill];
        }
        Some((2, verse)) => {
            note.syllables = vec![Syllable { verse, text: "la & <la>".to_owned(), hyphen: verse > 60 }];
        }
        Some((3, slashed)) => {
            note.grace = Some(Grace { slashed: slashed > 60 });
            note.length = Ticks::ZERO;
        }
        Some((5, _)) => note.tied = true,
        _ => {}
    }
}

prop_compose! {
    fn sheet()(bars in 1..4usize)(
        parts in prop::collection::vec(part(bars), 1..3),
        signs in prop::collection::vec((any::<bool>(), prop::option::of(2..5u8), 0..8usize), bars),
        fifths in -4..5i64,
        micros in 1_000..15_000_000i64,
    ) -> Sheet {
        let mut sheet = Sheet::new(Resolution::new(12).unwrap());
        sheet.credits.title = "A \"title\" & more".to_owned();
        sheet.credits.composer = "Somebody".to_owned();
        sheet.parts = parts;
        for (index, (begins, ends, jump)) in signs.into_iter().enumerate() {
            let mut bar = Bar::new(Ticks(index as u32 * 48), Ticks(48));
            bar.number = format!("{}", index + 1);
            bar.repeats.begins = begins;
            bar.repeats.ends = ends;
            let jumps = [Jump::Segno, Jump::Coda, Jump::ToCoda, Jump::Fine, Jump::DaCapo, Jump::DalSegno];
            bar.repeats.jumps.extend(jumps.get(jump));
            sheet.bars.push(bar);
        }
        sheet.bars[0].meter = Some(Meter::FOUR_FOUR);
        sheet.bars[0].key = Key::new(fifths, Mode::Minor).ok();
        sheet.tempos.push(Timed::new(Ticks(7), Tempo::from_micros(micros).unwrap()));
        sheet.texts.push(Timed::new(Ticks(5), Text { kind: TextKind::Marker, text: "A".to_owned() }));
        sheet.texts.push(Timed::new(Ticks(30), Text { kind: TextKind::Text, text: "Allegro".to_owned() }));
        sheet
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_written_is_read_back(sheet in sheet()) {
        let text = write(&sheet);
        let back = read(text.as_bytes(), Strictness::Strict).map_err(|error| TestCaseError::fail(format!("{error}\n{text}")))?;
        prop_assert_eq!(back.value, sheet, "{}", text);
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200), at in 0..4000usize) {
        let _ = read(&bytes, Strictness::Tolerant);
        let mut whole = write(&one_bar()).into_bytes();
        let at = at % whole.len();
        let end = (at + bytes.len() / 20).min(whole.len());
        whole.splice(at..end, bytes.iter().copied().take(10));
        let _ = read(&whole, Strictness::Tolerant);
    }
}
