//! Laws of sheets.

use proptest::prelude::*;

use super::{
    Articulation, Bar, ChordSymbol, Grace, Jump, Part, Sheet, Spelled, Step, Syllable, Tone, Written,
};
use crate::notation::{parse, print};
use crate::{
    Channel, Key, Meter, Mode, Note, Pitch, Place, Program, Resolution, Score, Strictness, Tempo, Ticks,
    Timed, Velocity, abc, kern, lilypond, musicxml,
};

/// Scores on a grid of twelfths of a quarter, with a pickup or without, and a change of metre and key after two bars.
fn scores() -> impl Strategy<Value = Score> {
    let note = (0_u32..140, 1_u32..30, 24_i64..100, prop::option::of(1_i64..128));
    let parts = prop::collection::vec((prop::collection::vec(note, 0..30), 0_i64..128), 1..4);
    let meters = (0_usize..4, 0_usize..4, any::<bool>());
    (parts, meters, -7_i64..8, any::<bool>(), 30_i64..200).prop_map(
        |(parts, meters, fifths, minor, tempo)| {
            let mut score = Score::new(Resolution::new(24).unwrap());
            score.title = "Title".into();
            let mode = if minor { Mode::Minor } else { Mode::Major };
            score.keys = vec![Timed::new(Ticks(0), Key::new(fifths, mode).unwrap())];
            score.tempos = vec![Timed::new(Ticks(0), Tempo::from_bpm(tempo as f64).unwrap())];
            let second = set_meters(&mut score, meters);
            score.keys.push(Timed::new(second, Key::new(-fifths.signum() * 3 - 1, mode).unwrap()));
            for (index, (notes, program)) in parts.into_iter().enumerate() {
                let channel = if index == 2 { Channel::DRUMS } else { Channel::saturating(index as i64) };
                let mut track =
                    crate::Track::new(format!("part {index}"), channel, Program::saturating(program));
                let far = Note::new(Ticks(second.0 + 600), Ticks(2), Pitch::C4);
                track.notes = notes.into_iter().map(written_note).chain([far]).collect();
                track.notes.sort_unstable();
                score.tracks.push(track);
            }
            score
        },
    )
}

fn written_note((start, length, pitch, velocity): (u32, u32, i64, Option<i64>)) -> Note {
    let velocity = velocity.map(Velocity::saturating);
    Note { velocity, ..Note::new(Ticks(start * 2), Ticks(length * 2), Pitch::saturating(pitch)) }
}

/// Gives a score two metres, the first for two bars and perhaps a pickup; tells where the second begins.
fn set_meters(score: &mut Score, (first, second, pickup): (usize, usize, bool)) -> Ticks {
    let meters = [(4, 4), (3, 4), (6, 8), (5, 8)].map(|(beats, unit)| Meter::new(beats, unit).unwrap());
    let short = Meter::new(1, i64::from(meters[first].unit())).unwrap();
    let at = if pickup { short.bar(score.resolution) } else { Ticks(0) };
    if pickup {
        score.meters.push(Timed::new(Ticks(0), short));
    }
    score.meters.push(Timed::new(at, meters[first]));
    let change = Ticks(at.0 + 2 * meters[first].bar(score.resolution).0);
    if meters[first] != meters[second] {
        score.meters.push(Timed::new(change, meters[second]));
    }
    change
}

/// Cuts every note at the bar lines and ties the pieces, as writers do.
fn cut_at_bar_lines(sheet: &Sheet) -> Sheet {
    let mut cut = sheet.clone();
    for part in &mut cut.parts {
        part.notes = part.notes.iter().flat_map(|note| pieces(note, &sheet.bars)).collect();
        part.notes.sort_by_key(|note| (note.start, note.voice, note.pitch.pitch()));
    }
    cut
}

fn pieces(note: &Written, bars: &[Bar]) -> Vec<Written> {
    let lines = bars.iter().map(|bar| bar.start).filter(|&line| line > note.start && line < note.end());
    let mut starts: Vec<Ticks> = std::iter::once(note.start).chain(lines).collect();
    starts.push(note.end());
    let last = starts.len() - 2;
    let piece = |(index, pair): (usize, &[Ticks])| {
        let length = pair[1].saturating_sub(pair[0]);
        Written { start: pair[0], length, tied: index < last, ..note.clone() }
    };
    starts.windows(2).enumerate().map(piece).collect()
}

proptest! {
    #[test]
    fn what_is_written_down_sounds_the_same(score in scores()) {
        prop_assert_eq!(Sheet::of_score(&score).as_written(), score);
    }

    #[test]
    fn tied_pieces_sound_as_one_note(score in scores()) {
        prop_assert_eq!(cut_at_bar_lines(&Sheet::of_score(&score)).as_written(), score);
    }

    #[test]
    fn without_signs_a_performance_is_what_is_written(score in scores()) {
        let sheet = cut_at_bar_lines(&Sheet::of_score(&score));
        prop_assert_eq!(sheet.performed(), sheet.as_written());
    }

    #[test]
    fn spelled_notes_sound_as_their_keys(score in scores()) {
        for (part, track) in Sheet::of_score(&score).parts.iter().zip(&score.tracks) {
            let mut sounding: Vec<Pitch> = part.notes.iter().filter_map(Written::sounding).collect();
            let mut keys: Vec<Pitch> = track.notes.iter().map(|note| note.pitch).collect();
            sounding.sort_unstable();
            keys.sort_unstable();
            prop_assert_eq!(sounding, keys);
        }
    }

    #[test]
    fn a_fifth_up_moves_every_name_one_place_on_the_line_of_fifths(
        keys in prop::collection::vec(30_i64..90, 1..80),
        fifths in -6_i64..5,
        minor in any::<bool>(),
    ) {
        let mode = if minor { Mode::Minor } else { Mode::Major };
        let spelled = |fifths: i64, up: i64| {
            let notes: Vec<(Ticks, Pitch)> = keys.iter().map(|key| (Ticks(0), Pitch::saturating(key + up))).collect();
            super::spelled(&notes, &[Timed::new(Ticks(0), Key::new(fifths, mode).unwrap())])
        };
        for (name, moved) in spelled(fifths, 0).iter().zip(spelled(fifths + 1, 7)) {
            prop_assert_eq!(name.tone.fifths() + 1, moved.tone.fifths());
        }
    }

    #[test]
    fn voices_are_chords_one_after_the_other(score in scores()) {
        for part in Sheet::of_score(&score).parts {
            for (index, note) in part.notes.iter().enumerate() {
                prop_assert!((1..=part.staves).contains(&note.staff));
                for other in part.notes[index + 1..].iter().filter(|other| other.voice == note.voice) {
                    prop_assert_eq!(other.staff, note.staff);
                    let chord = (other.start, other.length) == (note.start, note.length);
                    prop_assert!(chord || other.start >= note.end(), "{:?} {:?}", note, other);
                }
            }
        }
    }

    #[test]
    fn every_tone_has_its_place_on_the_line_of_fifths(step in 0_usize..7, alter in -3_i8..4) {
        let tone = Tone::new(Step::ALL[step], alter);
        prop_assert_eq!(Tone::of_fifths(tone.fifths()), tone);
    }

    #[test]
    fn chord_symbols_are_read_back(root in 0_usize..7, alter in -2_i8..3, suffix in "(m|maj|m7b5|sus4|7|dim7|)", bass in prop::option::of(0_usize..7)) {
        let bass = bass.map(|step| Tone::new(Step::ALL[step], -alter));
        let symbol = ChordSymbol { root: Tone::new(Step::ALL[root], alter), suffix, bass };
        prop_assert_eq!(ChordSymbol::parse(&symbol.to_string()), Some(symbol));
    }

    #[test]
    fn any_signs_come_to_an_end(signs in prop::collection::vec((any::<bool>(), prop::option::of(0_u8..5), prop::collection::vec(1_u8..4, 0..2), 0_usize..12), 1..30)) {
        let bars = signs.iter().enumerate().map(|(index, (begins, ends, endings, jump))| {
            let mut bar = Bar::new(Ticks(index as u32), Ticks(1));
            bar.repeats.begins = *begins;
            bar.repeats.ends = *ends;
            bar.repeats.endings.clone_from(endings);
            let jumps = [Jump::Segno, Jump::Coda, Jump::ToCoda, Jump::Fine, Jump::DaCapo, Jump::DalSegno];
            bar.repeats.jumps = jumps.get(*jump).copied().into_iter().collect();
            bar
        });
        let sheet = Sheet { bars: bars.collect(), ..Sheet::new(Resolution::STANDARD) };
        prop_assert!(sheet.playing_order().bars.len() <= 32 * signs.len());
    }
}

/// Bars with their signs: `|:A` and `A:|3` repeat, `[12.A` stands under a bracket, `$A` and `@A` carry sign and coda, and
/// `A=fine` words.
fn bar(text: &str, start: u32) -> Bar {
    let mut bar = Bar::new(Ticks(start), Ticks(4));
    let (text, words) = text.split_once('=').unwrap_or((text, ""));
    bar.repeats.begins = text.starts_with("|:");
    bar.repeats.ends = text.split_once(":|").map(|(_, times)| times.parse().unwrap_or(2));
    if let Some((endings, _)) = text.split_once('[').and_then(|(_, rest)| rest.split_once('.')) {
        bar.repeats.endings = endings.bytes().map(|digit| digit - b'0').collect();
    }
    let signs = [
        (text.contains('$'), Jump::Segno),
        (text.contains('@'), Jump::Coda),
        (words == "tocoda", Jump::ToCoda),
        (words == "fine", Jump::Fine),
        (words == "dc", Jump::DaCapo),
        (words == "ds", Jump::DalSegno),
    ];
    bar.repeats.jumps = signs.into_iter().filter(|sign| sign.0).map(|sign| sign.1).collect();
    bar
}

fn name(text: &str) -> char {
    text.split('=').next().unwrap().chars().find(char::is_ascii_uppercase).unwrap()
}

#[track_caller]
fn check_order(bars: &str, played: &str) {
    let texts: Vec<&str> = bars.split(' ').collect();
    let mut sheet = Sheet::new(Resolution::STANDARD);
    sheet.bars = (0_u32..).zip(&texts).map(|(index, text)| bar(text, index * 4)).collect();
    let order = sheet.playing_order();
    assert!(order.complete);
    assert_eq!(order.bars.iter().map(|bar| name(texts[bar.index])).collect::<String>(), played);
}

#[test]
fn repeats_and_endings_are_played_in_order() {
    check_order("A B C", "ABC");
    check_order("A B:| C", "ABABC");
    check_order("A |:B C:|3 D:|", "ABCBCBCDD");
    check_order("|:A [1.B:| [2.C D", "ABACD");
    check_order("A [12.B:| [3.C D", "ABABACD");
    check_order("A [1.B [1.C:| [2.D E |:F:|", "ABCADEFF");
    check_order("A [1.B:| C", "ABAC");
    check_order("A B:| [2.C D:| E", "ABABCDDE");
}

#[test]
fn words_lead_back_once_without_repeats() {
    check_order("A B=fine C=dc", "ABCAB");
    check_order("|:A [1.B:| [2.C D=fine E=dc", "ABACDEACD");
    check_order("A $B C=tocoda D=ds @E", "ABCDBCE");
    check_order("A $B:| C=ds D", "ABABCBCD");
    check_order("A:|=dc B=fine", "AAAB");
    check_order("A=tocoda B=dc", "ABAB");
}

#[test]
fn a_bomb_of_repeats_is_broken_off() {
    let mut sheet = Sheet::new(Resolution::STANDARD);
    sheet.bars = (0..100).map(|index| bar("|:A:|255", index * 4)).collect();
    let order = sheet.playing_order();
    assert!(!order.complete);
    assert_eq!(order.bars.len(), 3200);
    assert_eq!(sheet.broken_off().map(|warning| warning.place), Some(Place::Bar(13)));
    sheet.bars.truncate(1);
    sheet.bars[0].repeats.ends = Some(2);
    assert_eq!(sheet.broken_off(), None);
}

/// A sheet of one part with bars of one quarter and a plain note in each.
fn quarters(names: &[(Step, i8)], bars: &str) -> Sheet {
    let mut sheet = Sheet::new(Resolution::new(4).unwrap());
    sheet.bars = (0_u32..).zip(bars.split(' ')).map(|(index, text)| bar(text, index * 4)).collect();
    sheet.bars[0].meter = Some(Meter::new(1, 4).unwrap());
    let mut part = Part::new("", Channel::MIN, Program::PIANO);
    part.notes = (0_u32..)
        .zip(names)
        .map(|(index, &(step, alter))| Written::new(Ticks(index * 4), Ticks(4), Spelled::new(step, alter, 4)))
        .collect();
    sheet.parts.push(part);
    sheet
}

#[track_caller]
fn check_notes(score: &Score, notes: &str) {
    let text = print(score);
    assert_eq!(text.split_once("| ").map(|split| split.1), Some(notes), "{text}");
}

#[test]
fn a_tie_leads_to_what_is_played_next() {
    let mut sheet = quarters(&[(Step::C, 0), (Step::D, 0), (Step::E, -2)], "A [1.B:| [2.C");
    check_notes(&sheet.performed(), "C4/4 D4/4 C4/4 D4/4");
    sheet.parts[0].notes[1] =
        Written { pitch: Spelled::new(Step::C, 0, 4), ..sheet.parts[0].notes[1].clone() };
    sheet.parts[0].notes[0].tied = true;
    check_notes(&sheet.performed(), "C4/2 C4/4 D4/4");
    check_notes(&sheet.as_written(), "C4/2 D4/4");
}

#[test]
fn a_long_note_ends_where_the_music_goes_elsewhere() {
    let mut sheet = quarters(&[(Step::C, 0)], "A B:| C");
    sheet.parts[0].notes[0].length = Ticks(12);
    check_notes(&sheet.as_written(), "C4/2.");
    check_notes(&sheet.performed(), "C4/2 C4/2.");
}

#[test]
fn grace_notes_sound_before_the_beat() {
    let mut sheet = quarters(&[(Step::C, 0), (Step::D, 0)], "A B");
    sheet.resolution = Resolution::new(8).unwrap();
    let grace = |step, at| Written {
        grace: Some(Grace { slashed: true }),
        ..Written::new(Ticks(at), Ticks(0), Spelled::new(step, 0, 4))
    };
    sheet.parts[0].notes.splice(1..1, [grace(Step::F, 4), grace(Step::E, 4)]);
    sheet.parts[0].notes.insert(0, grace(Step::B, 0));
    let notes = sheet.as_written().tracks.remove(0).notes;
    let times: Vec<(u32, u32, u8)> =
        notes.iter().map(|note| (note.start.0, note.length.0, note.pitch.get())).collect();
    assert_eq!(times, [(0, 4, 60), (0, 1, 71), (2, 1, 65), (3, 1, 64), (4, 4, 62)]);
}

#[test]
fn only_stated_dynamics_give_velocities_and_only_a_performance_reads_signs() {
    let mut sheet = quarters(&[(Step::C, 0), (Step::D, 0), (Step::E, 0)], "A B C");
    sheet.parts[0].dynamics.push(Timed::new(Ticks(4), Velocity::saturating(80)));
    for note in &mut sheet.parts[0].notes {
        note.articulations = vec![Articulation::Staccato, Articulation::Accent];
    }
    sheet.parts[0].notes[2].velocity = Some(Velocity::saturating(40));
    let read = |score: Score| -> Vec<(u32, Option<u8>)> {
        score.tracks[0].notes.iter().map(|note| (note.length.0, note.velocity.map(Velocity::get))).collect()
    };
    assert_eq!(read(sheet.as_written()), [(4, None), (4, Some(80)), (4, Some(40))]);
    assert_eq!(read(sheet.performed()), [(2, None), (2, Some(90)), (2, Some(45))]);
}

#[test]
fn each_pass_sings_its_verse() {
    let mut sheet = quarters(&[(Step::C, 0), (Step::D, 0)], "A:| B");
    let syllable = |verse, text: &str| Syllable { verse, text: text.into(), hyphen: verse == 1 };
    sheet.parts[0].notes[0].syllables = vec![syllable(1, "one"), syllable(2, "two")];
    sheet.parts[0].notes[1].syllables = vec![syllable(1, "end")];
    let sung = |score: Score| -> Vec<String> {
        score.tracks[0].texts.iter().map(|text| text.value.text.clone()).collect()
    };
    assert_eq!(sung(sheet.performed()), ["one-", "two", "end-"]);
    assert_eq!(sung(Sheet::of_score(&sheet.performed()).as_written()), ["one-", "two", "end-"]);
}

#[test]
fn incomplete_bars_make_a_whole_one() {
    let bars = |lengths: &[u32]| {
        let mut sheet = Sheet::new(Resolution::new(1).unwrap());
        let mut at = 0;
        for &length in lengths {
            sheet.bars.push(Bar::new(Ticks(at), Ticks(length)));
            at += length;
        }
        sheet.bars[0].meter = Some(Meter::FOUR_FOUR);
        sheet
            .as_written()
            .meters
            .iter()
            .map(|meter| format!("{}@{}", meter.value, meter.at.0))
            .collect::<Vec<_>>()
    };
    assert_eq!(bars(&[1, 4, 4, 3]), ["1/4@0", "4/4@1"]);
    assert_eq!(bars(&[4, 3, 1, 4]), ["4/4@0"]);
    assert_eq!(bars(&[4, 5, 4]), ["4/4@0", "5/4@4", "4/4@9"]);
}

#[test]
fn parts_have_channels_of_their_own() {
    let mut sheet = Sheet::new(Resolution::STANDARD);
    let part = |channel| Part::new("", Channel::saturating(channel), Program::PIANO);
    sheet.parts = [0, 0, 1, 9, 9].into_iter().chain(std::iter::repeat_n(5, 14)).map(part).collect();
    let score = sheet.as_written();
    let channels: Vec<u8> = score.tracks.iter().map(|track| track.channel.get()).collect();
    assert_eq!(channels[..5], [0, 2, 1, 9, 9]);
    let ported = score.tracks.iter().filter(|track| track.controls.len() > 1).count();
    assert_eq!(ported, 2, "seventeen melodic parts need two channels of another port");
}

#[track_caller]
fn check_names(notes: &str, names: &str) {
    let sheet = Sheet::of_score(&parse(notes).unwrap());
    let mut spelled: Vec<(Ticks, Spelled)> =
        sheet.parts.iter().flat_map(|part| &part.notes).map(|note| (note.start, note.pitch)).collect();
    spelled.sort_by_key(|note| (note.0, note.1.pitch()));
    let spelled: Vec<String> = spelled.iter().map(|note| note.1.tone.to_string()).collect();
    assert_eq!(spelled.join(" "), names);
}

#[test]
fn names_follow_key_and_context() {
    check_names("key=Gm | G4 A4 Bb4 F#4 G4 Eb4 D4 C#4 D4", "G A Bb F# G Eb D C# D");
    check_names("key=Db | C#4 F4 G#4 C#5 F#4 Bb4", "Db F Ab Db Gb Bb");
    check_names("key=C#m | C4 C#4 E4 G#4", "B# C# E G#");
    assert_eq!(Spelled::in_key(Pitch::saturating(59), Key::new(-7, Mode::Major).unwrap()).to_string(), "Cb4");
}

#[test]
fn a_piano_part_has_two_hands() {
    let sheet = Sheet::of_score(&parse("[C5 E5 C3]/4 [D5 F5 G2 G3] [E5 G5 C4 C3]").unwrap());
    let right: Vec<u8> = sheet.parts[0]
        .notes
        .iter()
        .filter(|note| note.staff == 1)
        .filter_map(|note| note.sounding().map(Pitch::get))
        .collect();
    assert_eq!(sheet.parts[0].staves, 2);
    assert_eq!(right, [72, 76, 74, 77, 76, 79]);
}

/// Two singers over two bars; the second sings fewer verses, and some notes are sung in some verses only.
fn song() -> Sheet {
    let mut sheet = Sheet::new(Resolution::new(4).unwrap());
    sheet.bars = vec![Bar::new(Ticks(0), Ticks(16)), Bar::new(Ticks(16), Ticks(16))];
    sheet.bars[0].meter = Some(Meter::FOUR_FOUR);
    for (name, channel, verses) in [("Soprano", 0, 4_u8), ("Alto", 1, 2)] {
        let mut part = Part::new(name, Channel::new(channel).unwrap(), Program::saturating(52));
        for index in 0..8_u32 {
            let mut note = Written::new(Ticks(index * 4), Ticks(4), Spelled::new(Step::D, 0, 4));
            let sung = (1..=verses).filter(|verse| !(index + u32::from(*verse)).is_multiple_of(3));
            note.syllables = sung
                .map(|verse| Syllable { verse, text: format!("v{verse}n{index}"), hyphen: index % 4 == 1 })
                .collect();
            part.notes.push(note);
        }
        sheet.parts.push(part);
    }
    sheet
}

/// What is sung: part, quarter, verse, text with its hyphen.
fn verses(sheet: &Sheet) -> Vec<(usize, u32, u8, String)> {
    let quarter = sheet.resolution.ticks_per_quarter();
    let mut sung = Vec::new();
    for (part, of_part) in sheet.parts.iter().enumerate() {
        for (note, syllable) in
            of_part.notes.iter().flat_map(|note| note.syllables.iter().map(move |one| (note, one)))
        {
            let hyphen = if syllable.hyphen { "-" } else { "" };
            let text = format!("{}{hyphen}", syllable.text);
            sung.push((part, note.start.0 / quarter, syllable.verse, text));
        }
    }
    sung.sort();
    sung
}

#[test]
fn all_verses_go_through_every_pair_of_formats() {
    type Through = fn(&Sheet) -> Sheet;
    let through: [(&str, Through); 3] = [
        ("MusicXML", |sheet| {
            musicxml::read(musicxml::write(sheet).as_bytes(), Strictness::Tolerant).unwrap().value
        }),
        ("kern", |sheet| kern::read(kern::write(sheet).as_bytes(), Strictness::Tolerant).unwrap().value),
        ("ABC", |sheet| {
            abc::read_book(abc::write(sheet).as_bytes(), Strictness::Tolerant).unwrap().value.remove(0).sheet
        }),
    ];
    let song = song();
    let expected = verses(&song);
    for (name, first) in through {
        let once = first(&song);
        assert_eq!(verses(&once), expected, "{name}");
        for (other, second) in through {
            assert_eq!(verses(&second(&once)), expected, "{name}, {other}");
        }
    }
    let text = lilypond::write(&song);
    let is_missing =
        |sung: &&(usize, u32, u8, String)| !text.contains(&format!("\"{}\"", sung.3.trim_end_matches('-')));
    assert_eq!((text.matches("\\new Lyrics").count(), expected.iter().find(is_missing)), (6, None));
}
