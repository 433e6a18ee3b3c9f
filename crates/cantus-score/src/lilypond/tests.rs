//! What is written, voice by voice. That `LilyPond` compiles it was checked by hand over songs, piano music and drums.

use super::write;
use crate::notation::parse;
use crate::sheet::{Articulation, Grace, Jump, Sheet, Spelled, Step, Syllable, Written};
use crate::{Channel, Ticks, Timed};

/// The music of the first voice.
fn music(sheet: &Sheet) -> String {
    let text = write(sheet);
    let voice = text.lines().find_map(|line| line.split_once("oice {").or(line.split_once("\\drummode {")));
    voice.unwrap_or_else(|| panic!("no voice in {text}")).1.trim_end_matches('}').trim().to_owned()
}

fn sheet(notes: &str) -> Sheet {
    Sheet::of_score(&parse(notes).unwrap())
}

#[track_caller]
fn check(notes: &str, written: &str) {
    assert_eq!(music(&sheet(notes)), written);
}

#[test]
fn voices_are_written_bar_by_bar() {
    check("key=G meter=3/4 pickup=1/4 | D4/4 G4/2. A4/1", "d'4 | g'2. | a'2.~ | a'4 r2 |");
    check("meter=2/4 | C4/12 D4/12 E4/12 F#4/4 C3/2", "\\tuplet 3/2 { c'8 d'8 e'8 } fis'4 | c2 |");
    check(
        "meter=2/4 key=Db | [C#4 F4 G#5]/4 r/4 r/2 Bb3/8. C4/16 r/4",
        "<des' f' aes''>4 r4 | R4*960/480 | bes8. c'16 r4 |",
    );
}

#[test]
fn drums_have_names_and_two_voices() {
    let mut score = parse("meter=1/4 | F#2/8 F#2/8").unwrap();
    score.tracks[0].channel = Channel::DRUMS;
    assert_eq!(music(&Sheet::of_score(&score)), "hhc8 hhc8 |");
    score.tracks[0].notes.push(crate::Note::new(Ticks(0), Ticks(480), crate::Pitch::saturating(36)));
    score.tracks[0].notes.sort_unstable();
    let text = write(&Sheet::of_score(&score));
    assert!(text.contains("\\voiceOne hhc8 hhc8 |") && text.contains("\\voiceTwo bd4 |"), "{text}");
}

#[test]
fn signs_stand_at_their_notes() {
    let mut sheet = sheet("meter=2/4 | C4/4 [E4 G4]/4 G4/2");
    let notes = &mut sheet.parts[0].notes;
    notes[0].articulations = vec![Articulation::Staccato, Articulation::Accent];
    notes[2].tied = true;
    let grace = Written::new(Ticks(480), Ticks(0), Spelled::new(Step::F, 1, 4));
    notes.insert(1, Written { grace: Some(Grace { slashed: true }), ..grace });
    assert_eq!(music(&sheet), "c'4-.-> \\slashedGrace { fis'16 } <e' g'~>4 | g'2 |");
}

#[test]
fn what_belongs_to_all_voices_stands_beside_them() {
    let mut sheet = sheet("key=Bb meter=2/4 tempo=90 | C4/2 D4/2 E4/2");
    sheet.bars[1].repeats.ends = Some(2);
    sheet.bars[1].repeats.endings = vec![1];
    sheet.bars[2].repeats.endings = vec![2];
    sheet.bars[2].repeats.jumps = vec![Jump::Fine];
    sheet.parts[0].notes[0].syllables = vec![Syllable { verse: 1, text: "a\"b".into(), hyphen: true }];
    sheet.parts[0].chords.push(Timed::new(Ticks(960), crate::sheet::ChordSymbol::parse("F#m7/C#").unwrap()));
    let text = write(&sheet);
    let expected = [
        "\\clef \"treble\" \\time 2/4 \\key bes \\major \\tempo 4 = 90 s4*960/480",
        "#'((volta \"1.\")) s4*960/480 \\set Score.repeatCommands = #'(end-repeat (volta #f) (volta \"2.\"))",
        "\\textEndMark \"Fine\"",
        "\\lyricmode { \"a\\\"b\"4*2880/480 -- }",
        "\\chordmode { s4*960/480 fis4*1920/480:m7/cis }",
    ];
    for part in expected {
        assert!(text.contains(part), "{part} is not in {text}");
    }
}

#[test]
fn pickups_and_odd_bars_say_how_long_they_are() {
    let mut sheet = sheet("meter=3/4 pickup=1/4 | D4/4 G4/2. G4/2. C4/2.");
    assert!(write(&sheet).contains("\\time 3/4 \\partial 4*480/480 s4*4800/480"));
    sheet.bars[2].start = Ticks(2400);
    sheet.bars[1].length = Ticks(1920);
    let text = write(&sheet);
    assert!(
        text.contains(
            "\\partial 4*480/480 s4*480/480 \\set Timing.measureLength = #(ly:make-moment 1920/1920)"
        ),
        "{text}"
    );
}
