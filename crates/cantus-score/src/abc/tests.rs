//! Small tunes through one door, and laws.

use std::fmt::Write;

use proptest::prelude::*;

use super::{AbcError, read_book, write};
use crate::sheet::{Articulation, Clef, Grace, Sheet, Transposition, Written};
use crate::{
    Channel, Key, Meter, Mode, Note, Pitch, Program, Resolution, Score, Strictness, TextKind, Ticks, Timed,
    Track,
};

/// Each part as text: pitches with their lengths in quarters, `|` at bar lines, `.` where the part is silent.
fn shown(score: &Score) -> String {
    let quarter = f64::from(score.resolution.ticks_per_quarter());
    let lines = score.bar_lines();
    let part = |track: &crate::Track| {
        let (mut text, mut bar, mut at) = (String::new(), 1, Ticks::ZERO);
        for note in &track.notes {
            while lines.get(bar).is_some_and(|line| *line <= note.start) {
                text.push_str("| ");
                bar += 1;
            }
            if note.start > at {
                write!(text, ".{} ", f64::from((note.start - at).0) / quarter).unwrap();
            }
            write!(text, "{}:{} ", note.pitch, f64::from(note.length.0) / quarter).unwrap();
            at = note.end();
        }
        text.trim_end().to_owned()
    };
    score.tracks.iter().map(part).collect::<Vec<_>>().join(" / ")
}

fn first(tune: &str) -> Score {
    read_book(tune.as_bytes(), Strictness::Tolerant).unwrap().value.remove(0).sheet.performed()
}

/// Reads the first tune without a fault and compares what it plays.
#[track_caller]
fn check(tune: &str, expected: &str) {
    let read = read_book(tune.as_bytes(), Strictness::Strict).unwrap();
    assert_eq!(shown(&read.value[0].sheet.performed()), expected);
}

/// The same for a tune with one fault, whose message is given too.
#[track_caller]
fn check_fault(tune: &str, expected: &str, fault: &str) {
    let read = read_book(tune.as_bytes(), Strictness::Tolerant).unwrap();
    let faults: Vec<String> = read.warnings.iter().map(ToString::to_string).collect();
    assert_eq!(
        (shown(&read.value[0].sheet.performed()).as_str(), faults),
        (expected, vec![fault.to_owned()])
    );
    let strict = read_book(tune.as_bytes(), Strictness::Strict).unwrap_err();
    assert_eq!(strict.to_string(), fault);
}

/// Metres with the quarter at which each begins.
fn meters(tune: &str) -> String {
    let score = first(tune);
    let shown = |change: &crate::Timed<crate::Meter>| {
        format!("{}@{}", change.value, score.resolution.beats(change.at).0)
    };
    score.meters.iter().map(shown).collect::<Vec<_>>().join(" ")
}

#[test]
fn notes_have_their_unit_key_and_octave() {
    check("X:1\nM:4/4\nL:1/4\nK:G\nG F/ ^c2 =F/|", "G4:1 F#4:0.5 C#5:2 F4:0.5");
    check("X:1\nM:2/4\nK:C\nC, C c c'|", "C3:0.25 C4:0.25 C5:0.25 C6:0.25");
    check("X:1\nM:6/8\nK:Eb\nB// e3/2 _B,,2|", "Bb4:0.125 Eb5:0.75 Bb2:1");
}

#[test]
fn accidentals_last_to_the_end_of_the_bar() {
    check("X:1\nM:2/4\nL:1/8\nK:C\n^FF fF|F4|", "F#4:0.5 F#4:0.5 F#5:0.5 F#4:0.5 | F4:2");
    check("X:1\nM:2/4\nL:1/8\nK:C\nG2^F2-|F2F2|", "G4:1 F#4:2 | F4:1");
}

#[test]
fn modes_keep_their_signature() {
    for (field, fifths, mode, tonic) in [
        ("Dmix", 1, Mode::Major, 2),
        ("A Dorian", 1, Mode::Minor, 9),
        ("Bphr", 1, Mode::Minor, 11),
        ("Glyd", 2, Mode::Major, 7),
        ("F#m", 3, Mode::Minor, 6),
        ("EM", 1, Mode::Minor, 4),
        ("Bb", -2, Mode::Major, 10),
        ("C clef=bass", 0, Mode::Major, 0),
        ("G treble-8", 1, Mode::Major, 7),
        ("HP", 2, Mode::Major, 9),
        ("Hp", 2, Mode::Major, 9),
    ] {
        let read = read_book(format!("X:1\nK:{field}\nC|").as_bytes(), Strictness::Strict).unwrap();
        let tune = &read.value[0];
        let key = tune.sheet.bars[0].key.unwrap();
        assert_eq!((key.fifths(), key.mode(), tune.tonic.unwrap().get()), (fifths, mode, tonic), "{field}");
    }
    check("X:1\nM:4/4\nL:1/4\nK:Dphr ^F\nE F B c|", "Eb4:1 F#4:1 Bb4:1 C5:1");
    check("X:1\nM:4/4\nL:1/4\nK:D exp _b _e ^f\nE F B c|", "Eb4:1 F#4:1 Bb4:1 C5:1");
}

#[test]
fn broken_rhythm_and_tuplets_keep_the_bar() {
    check("X:1\nM:4/4\nL:1/4\nK:C\nC>D E<F|", "C4:1.5 D4:0.5 E4:0.5 F4:1.5");
    check("X:1\nM:4/4\nL:1/4\nK:C\nC>>D E>>>F|", "C4:1.75 D4:0.25 E4:1.875 F4:0.125");
    check(
        "X:1\nM:2/4\nL:1/8\nK:C\n(4CDEF G|(2GA B|",
        "C4:0.375 D4:0.375 E4:0.375 F4:0.375 G4:0.5 | G4:0.75 A4:0.75 B4:0.5",
    );
    check("X:1\nM:2/4\nL:1/4\nK:C\n(3:2:2C2D|E|", &format!("C4:{} D4:{} | E4:1", 4.0 / 3.0, 2.0 / 3.0));
    assert_eq!(first("X:1\nM:4/4\nL:1/4\nK:C\n(7CDEFGAB|").resolution.ticks_per_quarter() % 7, 0);
}

#[test]
fn chords_ties_and_rests() {
    check("X:1\nM:4/4\nL:1/4\nK:C\n[CE]2 z x|[C-E]C3|", "C4:2 E4:2 | .2 C4:4 E4:1");
    check("X:1\nM:2/4\nL:1/4\nK:C\nC2-|C-C|Z2|D2|", "C4:4 | | | | .4 D4:2");
    check("X:1\nM:2/4\nL:1/4\nK:C\n+CE+ c-|d|", "C4:1 E4:1 C5:1 | D5:1");
}

#[test]
fn repeats_are_played_out() {
    check("X:1\nM:1/4\nL:1/4\nK:C\n|:C|D:|E|", "C4:1 | D4:1 | C4:1 | D4:1 | E4:1");
    check("X:1\nM:1/4\nL:1/4\nK:C\nC|1 D:|2 E||F:|", "C4:1 | D4:1 | C4:1 | E4:1 | F4:1 | F4:1");
    check("X:1\nM:1/4\nL:1/4\nK:C\n|:C|[1,3 D:|[2 E:|", "C4:1 | D4:1 | C4:1 | E4:1 | C4:1 | D4:1");
    check("X:1\nM:1/4\nL:1/4\nK:C\nC::D:|E||\n:F:|", "C4:1 | C4:1 | D4:1 | D4:1 | E4:1 | F4:1 | F4:1");
}

#[test]
fn a_pickup_is_a_short_first_metre() {
    let tune = "X:1\nM:3/4\nL:1/4\nK:C\nG|:cde|c2:|G|c2|]";
    check(tune, "G4:1 | C5:1 D5:1 E5:1 | C5:2 | C5:1 D5:1 E5:1 | C5:2 G4:1 | C5:2");
    assert_eq!(meters(tune), "1/4@0 3/4@1 2/4@4 3/4@6");
    // The repeat joins its incomplete last bar to the pickup: the metre holds throughout.
    assert_eq!(meters("X:1\nM:3/4\nL:1/4\nK:C\n|:G|cde|c2:|"), "1/4@0 3/4@1");
    assert_eq!(meters("X:1\nM:C|\nL:1/4\nK:C\nCDEF|GABc|"), "2/2@0");
}

#[test]
fn fields_change_within_the_tune() {
    check("X:1\nM:2/4\nL:1/4\nK:C\nFF|[M:3/4][K:G]FFF|[L:1/8]F6|", "F4:1 F4:1 | F#4:1 F#4:1 F#4:1 | F#4:3");
    let score = first("X:1\nM:6/8\nQ:3/8=100\nK:C\nC6|\nQ:\"Slow\" 1/4=60\nC6|");
    let tempos: Vec<(u32, f64)> = score.tempos.iter().map(|t| (t.at.0, t.value.bpm().round())).collect();
    assert_eq!(tempos, [(0, 150.0), (1440, 60.0)]);
}

#[test]
fn voices_are_parts() {
    let tune = "X:1\nM:2/4\nL:1/4\nV:1 name=\"High part\"\nV:2 octave=-1\nK:G\n[V:1]FG|A2|\n[V:2]DD|G2|\n";
    check(tune, "F#4:1 G4:1 | A4:2 / D3:1 D3:1 | G3:2");
    assert_eq!(first(tune).tracks[0].name, "High part");
}

#[test]
fn a_full_line_ends_its_bar() {
    check("X:1\nM:2/4\nL:1/4\nK:C\n^FG\nFG|", "F#4:1 G4:1 | F4:1 G4:1");
    check("X:1\nM:2/4\nL:1/4\nK:C\n^F\\\nF|", "F#4:1 F#4:1");
}

#[test]
fn chord_symbols_are_texts() {
    let score = first("X:1\nM:2/4\nL:1/4\nK:C\n\"C\"C\"^loud\"D|\"G7\"B,2|");
    let texts: Vec<(u32, &str)> =
        score.tracks[0].texts.iter().map(|t| (t.at.0, t.value.text.as_str())).collect();
    assert_eq!(texts, [(0, "C"), (480, "loud"), (960, "G7")]);
    assert!(score.tracks[0].texts.iter().all(|text| text.value.kind == TextKind::Text));
}

/// Notes of the first part as they are written: `{c}` a grace note, `'` tied.
fn written(tune: &str) -> String {
    let sheet = read_book(tune.as_bytes(), Strictness::Strict).unwrap().value.remove(0).sheet;
    let quarter = f64::from(sheet.resolution.ticks_per_quarter());
    let note = |note: &Written| match note.grace {
        Some(Grace { slashed }) => format!("{{{}{}}}", if slashed { "/" } else { "" }, note.pitch),
        None => format!(
            "{}:{}{}",
            note.pitch,
            f64::from(note.length.0) / quarter,
            if note.tied { "'" } else { "" }
        ),
    };
    sheet.parts[0].notes.iter().map(note).collect::<Vec<_>>().join(" ")
}

#[test]
fn notes_are_spelled_and_grace_notes_flagged() {
    assert_eq!(
        written("X:1\nM:4/4\nL:1/4\nK:Eb\n{/fg}e>{B}^c- cB|"),
        "{/F5} {/G5} Eb5:1.5 {Bb4} C#5:0.5' C#5:1 Bb4:1"
    );
    // Before the beat, in the time of the note before.
    check("X:1\nM:2/4\nL:1/4\nK:C\nC{e}D|", "C4:1 E5:0.125 D4:1");
}

#[test]
fn repeats_are_kept_as_signs() {
    let sheet = |tune: &str| read_book(tune.as_bytes(), Strictness::Strict).unwrap().value.remove(0).sheet;
    let bars = sheet("X:1\nM:1/4\nL:1/4\nK:C\n|:C|1 D:|2 E||F::G:|").bars;
    let shown: Vec<(bool, Option<u8>, &[u8])> = bars
        .iter()
        .map(|bar| (bar.repeats.begins, bar.repeats.ends, bar.repeats.endings.as_slice()))
        .collect();
    let none: &[u8] = &[];
    assert_eq!(
        shown,
        [
            (true, None, none),
            (false, Some(2), &[1]),
            (false, None, &[2]),
            // The beginning goes without saying, and is told all the same.
            (true, Some(2), none),
            (true, Some(2), none)
        ]
    );
    check("X:1\nM:1/4\nL:1/4\nK:C\nC!fine!|D!D.C.!|", "C4:1 | D4:1 | C4:1");
}

#[test]
fn sections_are_played_in_their_order() {
    let body = "P:A\nC|\nP:B\n|:D:|\nP:C\nE|";
    for (order, expected) in [
        ("ABC", "C4:1 | D4:1 | D4:1 | E4:1"),
        ("A2C", "C4:1 | C4:1 | E4:1"),
        ("(AB)2", "C4:1 | D4:1 | D4:1 | C4:1 | D4:1 | D4:1"),
        ("CA", "E4:1 | C4:1"),
    ] {
        check(&format!("X:1\nP:{order}\nM:1/4\nL:1/4\nK:C\n{body}"), expected);
    }
    let bomb = "X:1\nP:((((A99)99)99)99)99\nM:1/4\nL:1/4\nK:C\nP:A\nC|";
    let read = read_book(bomb.as_bytes(), Strictness::Tolerant).unwrap();
    assert_eq!((shown(&read.value[0].sheet.performed()).as_str(), read.warnings.len()), ("C4:1", 1));
}

#[test]
fn macros_and_signs_of_ones_own_stand_for_others() {
    check(
        "X:1\nm:~G2 = GF/G/\nm:~n2 = no/m/\nM:4/4\nL:1/4\nK:C\n~G2 ~c2|",
        "G4:1 F4:0.5 G4:0.5 C5:1 D5:0.5 B4:0.5",
    );
    let tune = "X:1\nU:W=!trill!\nM:2/4\nL:1/4\nK:C\n!p!WC .D|";
    let sheet = read_book(tune.as_bytes(), Strictness::Strict).unwrap().value.remove(0).sheet;
    let signs: Vec<&[Articulation]> =
        sheet.parts[0].notes.iter().map(|note| note.articulations.as_slice()).collect();
    assert_eq!(signs, [[Articulation::Trill].as_slice(), &[Articulation::Staccato]]);
    assert_eq!(sheet.parts[0].dynamics[0].value.get(), 49);
}

#[test]
fn voices_wait_for_each_other() {
    // The second voice divides the time otherwise, then has a bar that is too short.
    let tune = "X:1\nM:4/4\nL:1/4\nK:C\nV:1\nCCCC|CCCC|D4|\nV:2\nCC||CC|CCC|D4|";
    check_fault(
        tune,
        "C4:1 C4:1 C4:1 C4:1 | C4:1 C4:1 C4:1 C4:1 | D4:4 / C4:1 C4:1 C4:1 C4:1 | C4:1 C4:1 C4:1 | .1 D4:4",
        "line 8, column 1: a bar must be 4/4 long, but was 0.75 of it; it gets a metre of its own",
    );
    // Only the first voice says what repeats.
    check("X:1\nM:1/4\nL:1/4\nK:C\nV:1\n|:C:|D|\nV:2\nE|F|", "C4:1 | C4:1 | D4:1 / E4:1 | E4:1 | F4:1");
}

#[test]
fn voices_sound_where_their_fields_say() {
    let tune = "X:1\nM:1/4\nL:1/4\nV:1 clef=treble-8\nV:2 transpose=-2\nV:3\nK:D\nV:1\nf|\nV:2\nf|\nV:3\nf|";
    check(tune, "F#4:1 / E5:1 / F#5:1");
    let sheet = read_book(tune.as_bytes(), Strictness::Strict).unwrap().value.remove(0).sheet;
    assert_eq!(sheet.parts[0].clefs[0].value.1, Clef::TenorVoice);
    assert_eq!(sheet.parts[1].transposition, Transposition { steps: -1, semitones: -2 });
}

#[test]
fn a_clef_is_written_after_the_name_of_its_voice() {
    let tune = "X:1\nM:1/4\nL:1/4\nV:1 clef=treble-8 name=\"Tenor\"\nK:D\nf|";
    let sheet = read_book(tune.as_bytes(), Strictness::Strict).unwrap().value.remove(0).sheet;
    let text = write(&sheet);
    assert!(text.contains("V:1 name=\"Tenor\" clef=treble-8\n"), "{text}");
}

#[test]
fn letters_are_written_by_signs() {
    let book = r#"X:1
T:Caf\'e &amp; Fr&uuml;hling 100\%
M:2/4
L:1/4
K:C
CD|
w:K\"u- \-che"#;
    let tune = read_book(book.as_bytes(), Strictness::Strict).unwrap().value.remove(0);
    assert_eq!(tune.titles, ["Caf\u{E9} & Fr\u{FC}hling 100%"]);
    let sung: Vec<&str> =
        tune.sheet.parts[0].notes.iter().map(|note| note.syllables[0].text.as_str()).collect();
    assert_eq!(sung, ["K\u{FC}", "-che"]);
    let numberless = read_book(b"T:Lost\nK:C\nC|", Strictness::Tolerant).unwrap();
    assert_eq!((numberless.value[0].titles[0].as_str(), numberless.warnings.len()), ("Lost", 1));
}

#[test]
fn words_stand_below_their_notes() {
    let words = |tune: &str| {
        let texts = first(tune).tracks.remove(0).texts;
        texts
            .iter()
            .map(|text| format!("{}:{}", text.at.0 / 480, text.value.text))
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(words("X:1\nM:4/4\nL:1/4\nK:C\nCzD-D|EFGA|\nw: glo-ri__ * a~men"), "0:glo- 2:ri 6:a men");
    assert_eq!(words("X:1\nM:2/4\nL:1/4\nK:C\n|:CD:|\nw: one two\nw: three"), "0:one 1:two 2:three 3:two");
}

#[test]
fn voices_in_a_brace_are_one_part() {
    let tune = "X:1\nM:2/4\nL:1/4\n%%score {1 2} 3\nK:C\nV:1\nc2|\nV:2\nC2|\nV:3\nE2|\n";
    check(tune, "C4:2 C5:2 / E4:2");
}

#[test]
fn books_hold_many_tunes_in_any_coding_and_line_ends() {
    let book =
        b"\xEF\xBB\xBFX:1\rT:One\rK:C\rC|\r\rX:2\r\nT:Two\r\nR:reel\r\nC:Trad\r\nO:Here\r\nK:C\r\nD|\r\n";
    let tunes = read_book(book, Strictness::Strict).unwrap().value;
    assert_eq!((tunes[0].number, tunes[1].number, tunes[1].sheet.credits.title.as_str()), (1, 2, "Two"));
    assert_eq!(tunes[1].rhythm.as_deref(), Some("reel"));
    assert_eq!((tunes[1].composer.as_deref(), tunes[1].origin.as_deref()), (Some("Trad"), Some("Here")));
    let latin = read_book(b"X:1\nT:Br\xEDd\nK:C\nC|", Strictness::Strict).unwrap();
    assert_eq!(latin.value[0].titles, ["Br\u{ED}d"]);
    assert_eq!(read_book(b"words\n", Strictness::Tolerant), Err(AbcError::NoTune));
}

#[test]
fn faults_are_forgiven_with_their_place() {
    let head = "X:1\nM:2/4\nL:1/4\nK:C\n";
    let place = "line 5, column";
    check_fault(
        &format!("{head}C0D|"),
        "C4:1 D4:1",
        &format!("{place} 1: a length must be more than zero, but was 0; 1 is taken"),
    );
    check_fault(
        &format!("{head}CD]|"),
        "C4:1 D4:1",
        &format!("{place} 3: a `]` closes a chord, but none is open; passed over"),
    );
    check_fault(
        &format!("{head}CD|EFG|AB|cc|"),
        "C4:1 D4:1 | E4:1 F4:1 G4:1 | A4:1 B4:1 | C5:1 C5:1",
        "line 5, column 1: a bar must be 2/4 long, but was 1.50 of it; it gets a metre of its own",
    );
    check_fault(
        "X:1\nL:1/4\nCD|",
        "C4:1 D4:1",
        "line 1, column 1: a tune must name its key in a field `K:`, but does not; none is taken",
    );
}

/// A tune of quarter notes from steps of the scale, in the key of C or, all letters a step higher, of D.
fn tune_of_steps(steps: &[usize], up: usize, key: &str) -> String {
    let letters = ["C", "D", "E", "F", "G", "A", "B", "c", "d", "e", "f", "g", "a", "b"];
    let bars = steps.chunks(4).map(|bar| bar.iter().map(|step| letters[step + up]).collect::<String>());
    format!("X:1\nM:4/4\nL:1/4\nK:{key}\n{}|\n", bars.collect::<Vec<_>>().join("|"))
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
            let channel = Channel::saturating(index as i64);
            let mut track = Track::new(format!("part {index}"), channel, Program::saturating(program));
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

/// Tunes of one or two voices with repeats, endings, grace notes, chords, tuplets, verses, decorations and texts.
fn tunes() -> impl Strategy<Value = String> {
    let note = prop::sample::select(vec![
        "C2",
        "^f2",
        "_B2",
        "g'2",
        "[CEG]2",
        "[.C!accent!E]2",
        "z2",
        "z \"Am\"z",
        "(3cde",
        "{/g}a2",
        "{bc'}_A>A",
        ".c2",
        "!trill!d2",
        "!f!A,2",
        "\"F#m7/C#\"c2",
        "\"^sweet\"e2",
        "(5:4:5c/d/e/f/g/ ",
        "[Q:1/4=96]c2",
        "[Q:\"slow\"]c2",
        "[P:X]c2",
    ]);
    let bar = prop::collection::vec(note, 4).prop_map(|notes| notes.join(" "));
    let frame = prop::sample::select(vec![
        "|0|0|0|0|",
        "|:0|0:|0|0|",
        "|:0|[1 0:|[2 0|]0|",
        "0|:0::0|0:|",
        "0|!segno!0!fine!|0|0!D.S.!|",
        "0|[M:9/8][K:Bdor]0 z|[M:4/4]0|",
        "|:0|[1,3 0:|[2 0::|0 & e4 f4|",
        "0-|0|",
    ]);
    let words = prop::sample::select(vec!["", "w:one two- three * four\n", "w:la\nw:*la -\n"]);
    let line = (frame, prop::collection::vec(bar, 8), words);
    let key = prop::sample::select(vec!["C", "Gm", "F#", "Ebmix"]);
    (key, prop::collection::vec(line, 1..4), any::<bool>()).prop_map(|(key, lines, two)| {
        let head = "X:1\nT:A & B\nM:4/4\nL:1/8\nQ:1/4=120\n";
        let first = lines.iter().map(|(frame, bars, words)| filled(frame, bars) + words).collect::<String>();
        if !two {
            return format!("{head}K:{key} clef=treble-8\n{first}");
        }
        // What is told of the whole piece stands in the first voice.
        let plain =
            |bar: &String| bar.replace("[Q:1/4=96]", "").replace("[Q:\"slow\"]", "").replace("[P:X]", "");
        let second = lines.iter().map(|(frame, bars, _)| {
            let bars: Vec<String> = bars.iter().rev().map(plain).collect();
            filled(frame, &bars)
        });
        format!("{head}K:{key}\nV:1\n{first}V:2 clef=bass\n{}", second.collect::<String>())
    })
}

/// A line of bars in its frame.
fn filled(frame: &str, bars: &[String]) -> String {
    let mut bars = bars.iter();
    let signs = frame.chars().map(|c| match c {
        '0' => bars.next().cloned().unwrap_or_default(),
        c => c.to_string(),
    });
    signs.collect::<String>() + "\n"
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(score in scores()) {
        let text = write(&Sheet::of_score(&score));
        let back = read_book(text.as_bytes(), Strictness::Tolerant).unwrap().value.remove(0).sheet.performed();
        for (track, other) in score.tracks.iter().zip(&back.tracks) {
            prop_assert_eq!(&track.notes, &other.notes, "{}", text);
            prop_assert_eq!((&track.name, track.program()), (&other.name, other.program()));
        }
        prop_assert_eq!((&score.keys, &score.meters, score.tracks.len()), (&back.keys, &back.meters, back.tracks.len()));
    }

    #[test]
    fn what_is_written_down_is_read_as_it_was(tune in tunes()) {
        let sheet = read_book(tune.as_bytes(), Strictness::Tolerant).unwrap().value.remove(0).sheet;
        let text = write(&sheet);
        let back = read_book(text.as_bytes(), Strictness::Tolerant).unwrap().value.remove(0).sheet;
        prop_assert_eq!(sheet, back, "{}\n{}", tune, text);
    }

    #[test]
    fn a_transposed_tune_has_transposed_pitches(steps in prop::collection::vec(0_usize..12, 1..40)) {
        let (low, high) = (first(&tune_of_steps(&steps, 0, "C")), first(&tune_of_steps(&steps, 1, "D")));
        for (low, high) in low.tracks[0].notes.iter().zip(&high.tracks[0].notes) {
            prop_assert_eq!(low.pitch.transposed(2), Some(high.pitch));
            prop_assert_eq!((low.start, low.length), (high.start, high.length));
        }
    }

    #[test]
    fn repeating_a_section_is_writing_it_twice(steps in prop::collection::vec(0_usize..12, 4..40)) {
        let steps = &steps[..steps.len() / 4 * 4];
        let once = tune_of_steps(steps, 0, "C");
        let body = once.lines().last().unwrap_or_default();
        let head = once.strip_suffix(&format!("{body}\n")).unwrap();
        let repeated = first(&format!("{head}|:{}:|\n", body.trim_end_matches('|')));
        prop_assert_eq!(repeated, first(&format!("{head}{body}{body}\n")));
    }

    #[test]
    fn no_text_makes_it_panic(text in "(X:1\n)?([A-Ga-gzZ|:\\[\\]()<>0-9/^_=,'{}!\"+&%VKMLQ \n-]|K:|M:|\\[1|:\\||X:2\n){0,200}") {
        if let Ok(read) = read_book(text.as_bytes(), Strictness::Tolerant) {
            for tune in read.value {
                for track in tune.sheet.performed().tracks {
                    prop_assert!(track.notes.is_sorted());
                    prop_assert!(track.notes.iter().all(|note| note.length > Ticks::ZERO));
                }
            }
        }
    }
}
