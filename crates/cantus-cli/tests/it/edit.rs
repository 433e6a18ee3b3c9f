//! Work on the user's own music: `continue`, `infill`, `harmonize`, `accompany`, `vary`, `restyle`, `blend`.

use std::fs;

use cantus::score::{Note, Score, Ticks};

use crate::Desk;

/// A song in two voices, twelve bars, with a change of tempo, words and chords.
const SONG: &str = "X:1\nT:Song\nM:4/4\nL:1/4\nQ:1/4=100\nV:1 name=\"Voice\"\nV:2 clef=bass name=\"Cello\"\nK:G\nV:1\n\
    \"G\"G A B c|d2 B2|\"D\"A B c A|B2 G2|[Q:1/4=120]G A B c|d2 e2|d c B A|G4|B B c d|d c B A|G G A B|G4|]\n\
    w: one two three four five six\n\
    V:2\nG,2 D2|G,2 G,2|D,2 F,2|G,2 B,2|G,2 D2|B,2 C2|D2 D,2|G,4|G,2 A,2|B,2 D2|E2 D2|G,4|]\n";

fn score(desk: &Desk, name: &str) -> Score {
    cantus::read(&desk.path(name)).unwrap().pieces[0].score().into_owned()
}

/// A desk with the song as MIDI.
fn desk() -> Desk {
    let desk = Desk::new();
    desk.write("song.abc", SONG);
    desk.cantus("convert song.abc song.mid").well();
    desk
}

/// The notes of each track that begin outside of some bars of four quarters, from 1.
fn outside(score: &Score, bars: std::ops::Range<u32>) -> Vec<Vec<Note>> {
    let bar = 4 * score.resolution.ticks_per_quarter();
    let within = (bars.start - 1) * bar..(bars.end - 1) * bar;
    let outside = |note: &&Note| !within.contains(&note.start.0);
    score.tracks.iter().map(|track| track.notes.iter().filter(outside).copied().collect()).collect()
}

#[test]
fn what_was_not_asked_to_change_comes_back_as_it_was() {
    let desk = desk();
    let before = score(&desk, "song.mid");
    for engine in ["rnn", "gan"] {
        desk.cantus(&format!("infill song.mid --bars 5-8 --engine {engine} --seed 1 -o new.mid")).well();
        let after = score(&desk, "new.mid");
        assert_eq!(outside(&after, 5..9), outside(&before, 5..9), "{engine}");
        let rest = |score: &Score| {
            (score.tempos.clone(), score.meters.clone(), score.keys.clone(), score.texts.clone())
        };
        assert_eq!(rest(&after), rest(&before));
        for (new, old) in after.tracks.iter().zip(&before.tracks) {
            assert_eq!((&new.name, &new.controls, &new.texts), (&old.name, &old.controls, &old.texts));
        }
        assert_ne!(after, before, "{engine} made nothing");
        desk.cantus(&format!("infill song.mid --bars 5-8 --tracks 2 --engine {engine} --seed 1 -o new.mid"))
            .well();
        let after = score(&desk, "new.mid");
        assert_eq!(after.tracks[0], before.tracks[0]);
        assert_eq!(outside(&after, 5..9), outside(&before, 5..9));
    }
}

#[test]
fn as_json_an_edit_tells_its_decisions_and_is_music_still() {
    let desk = desk();
    for engine in ["rnn", "gan"] {
        let line = format!("infill song.mid --bars 5-6 --tracks 1 --scale G --engine {engine} --seed 1");
        desk.cantus(&format!("{line} -o new.json")).well();
        desk.cantus(&format!("{line} -o new.mid")).well();
        let (told, plain) = (score(&desk, "new.json"), score(&desk, "new.mid"));
        assert_eq!(told.tracks, plain.tracks, "telling changes nothing");
        let value: serde_json::Value =
            serde_json::from_slice(&fs::read(desk.path("new.json")).unwrap()).unwrap();
        let decisions = value["trace"].as_array().unwrap();
        let of_kind = |kind: &str| decisions.iter().filter(|one| one["kind"] == kind).collect::<Vec<_>>();
        if engine == "gan" {
            assert!(!of_kind("phrase").is_empty());
            continue;
        }
        // Every note that was made is told, with what the scale took away.
        let pitches: Vec<&str> =
            of_kind("pitch").iter().filter_map(|one| one["chosen"]["means"].as_str()).collect();
        let made = told.tracks[0].notes.len() - outside(&told, 5..7)[0].len();
        assert_eq!(pitches.iter().filter(|means| **means != "no note").count(), made);
        let masks = |rule: &str| {
            of_kind("pitch")
                .iter()
                .filter(|one| {
                    one["masked"].as_array().is_some_and(|all| all.iter().any(|m| m["rule"] == rule))
                })
                .count()
        };
        assert!(masks("scale") > 0 && masks("range") > 0);
    }
}

#[test]
fn work_on_a_piece_is_steered_like_a_composition() {
    let desk = desk();
    let before = score(&desk, "song.mid");
    let bar = 4 * before.resolution.ticks_per_quarter();
    let within = |note: &&Note| (4 * bar..8 * bar).contains(&note.start.0);
    let moments = |line: &str| -> usize {
        let made = (1..=4).map(|seed| {
            desk.cantus(&format!("infill song.mid --bars 5-8 --style song {line} --seed {seed} -o new.mid"))
                .well();
            let after = score(&desk, "new.mid");
            assert_eq!(outside(&after, 5..9), outside(&before, 5..9), "{line}");
            let notes = after.tracks.iter().flat_map(|track| track.notes.iter().filter(within));
            notes.map(|note| note.start).collect::<std::collections::BTreeSet<_>>().len()
        });
        made.sum()
    };
    let (sparse, busy) = (moments("--density 0"), moments("--density 1"));
    assert!(sparse * 4 < busy * 3, "sparse {sparse}, busy {busy}");
    // Rules: a range by the number of a track, notes at once, and a scale for either engine.
    desk.cantus("infill song.mid --bars 5-8 --range 1:C5-E5 --most-notes 1 --seed 1 -o new.mid").well();
    let after = score(&desk, "new.mid");
    let voice: Vec<u8> = after.tracks[0].notes.iter().filter(within).map(|note| note.pitch.get()).collect();
    assert!(voice.iter().all(|key| (72..=76).contains(key)), "{voice:?}");
    let mut made: Vec<&Note> =
        after.tracks.iter().flat_map(|track| track.notes.iter().filter(within)).collect();
    made.sort_by_key(|note| note.start);
    assert!(made.windows(2).all(|pair| pair[0].end() <= pair[1].start), "{made:?}");
    for engine in ["rnn", "gan"] {
        let line = format!(
            "continue song.mid --bars 4 --scale Eb --chords Eb --engine {engine} --seed 1 -o new.mid"
        );
        desk.cantus(&line).well();
        let key = cantus::parse::key("Eb").unwrap();
        let after = score(&desk, "new.mid");
        let new = after.tracks.iter().zip(&before.tracks);
        let mut new = new.flat_map(|(new, old)| &new.notes[old.notes.len()..]);
        assert!(new.all(|note| key.contains(note.pitch.class())), "{engine}");
    }
}

#[test]
fn a_piece_goes_on_and_gets_company() {
    let desk = desk();
    let before = score(&desk, "song.mid");
    for engine in ["rnn", "gan"] {
        desk.cantus(&format!("continue song.mid --bars 4 --engine {engine} --seed 2 -o long.mid")).well();
        let long = score(&desk, "long.mid");
        for (new, old) in long.tracks.iter().zip(&before.tracks) {
            assert_eq!(new.notes[..old.notes.len()], old.notes[..], "{engine}");
        }
        let bar = 4 * before.resolution.ticks_per_quarter();
        assert!(
            long.end() > before.end() && long.end() <= Ticks(16 * bar),
            "{engine} ends at {:?}",
            long.end()
        );
        let line = format!("accompany song.mid --instruments piano --engine {engine} --seed 3 -o band.mid");
        desk.cantus(&line).well();
        let band = score(&desk, "band.mid");
        assert_eq!(band.tracks[..2], before.tracks[..]);
        assert!(band.tracks.len() == 3 && !band.tracks[2].notes.is_empty(), "{engine}");
    }
    // A tune alone sounds like music in which nobody else plays.
    desk.write(
        "tune.abc",
        "X:1\nM:6/8\nL:1/8\nK:D\nfed B2A|FAA A2f|fed B2A|FBB B2e|fed B2A|FAA A2f|gfe f2e|d3 d3|]\n",
    );
    let run = desk.cantus("accompany tune.abc --instruments violin,cello --seed 3 -o trio.mid").well();
    let trio = score(&desk, "trio.mid");
    assert!(trio.tracks.len() == 3 && trio.tracks.iter().all(|track| !track.notes.is_empty()), "{}", run.err);
    let run = desk.cantus("harmonize song.mid --seed 4 -o four.mid").well();
    assert!(run.err.contains("the melody is track 1 (Voice)"), "{}", run.err);
    let four = score(&desk, "four.mid");
    assert_eq!((four.tracks.len(), &four.tracks[0].notes), (4, &before.tracks[0].notes));
}

#[test]
fn variations_come_near_what_was_asked_for() {
    let desk = desk();
    for line in ["--amount 0.3", "--amount 0.5 --keep rhythm", "--amount 0.4 --engine gan"] {
        desk.cantus(&format!("vary song.mid {line} --seed 5 -o one.mid")).well();
        desk.cantus(&format!("vary song.mid {line} --seed 5 -o two.mid")).well();
        assert_eq!(
            fs::read(desk.path("one.mid")).unwrap(),
            fs::read(desk.path("two.mid")).unwrap(),
            "{line}"
        );
    }
    desk.cantus("vary song.mid --amount 1 --keep rhythm --seed 5 -o same.mid").well();
    let rhythm = |name: &str| -> Vec<Vec<(Ticks, Ticks)>> {
        let of =
            |track: &cantus::score::Track| track.notes.iter().map(|note| (note.start, note.length)).collect();
        score(&desk, name).tracks.iter().map(of).collect()
    };
    assert_eq!(rhythm("same.mid"), rhythm("song.mid"));
    assert_ne!(score(&desk, "same.mid"), score(&desk, "song.mid"));
    // No phrase has the pickup.
    desk.write("pickup.abc", "X:1\nM:3/4\nL:1/4\nK:C\nG|cde|fga|gfe|dcB|cde|fga|gfd|c2|]\n");
    desk.cantus("vary pickup.abc --amount 1 --engine gan --seed 5 -o pickup.mid").well();
    let (old, new) = (score(&desk, "pickup.abc"), score(&desk, "pickup.mid"));
    assert_eq!(new.tracks[0].notes[0].pitch, old.tracks[0].notes[0].pitch);
    assert_eq!(new.tracks[0].notes[0].start, Ticks(0));
    desk.cantus("vary song.mid --amount 0 --seed 5 -o none.mid").well();
    assert_eq!(score(&desk, "none.mid"), score(&desk, "song.mid"));
}

#[test]
fn a_blend_begins_with_one_piece_and_ends_with_the_other() {
    let desk = desk();
    desk.cantus("compose --style chorale --meter 4/4 --bars 8 --flat --seed 6 -o other.mid").well();
    desk.cantus("blend song.mid other.mid --steps 4 --seed 7 -o way.mid").well();
    assert_eq!(score(&desk, "way-01.mid"), score(&desk, "song.mid"));
    assert_eq!(score(&desk, "way-04.mid"), score(&desk, "other.mid"));
    let between = ["way-02.mid", "way-03.mid"].map(|name| score(&desk, name));
    assert!(between[0] != between[1] && between.iter().all(|score| score.note_count() > 8));
}

#[test]
fn what_cannot_be_worked_on_says_why() {
    let desk = desk();
    desk.cantus("compose --style drums-rock --bars 4 --seed 1 -o drums.mid").well();
    desk.write("waltz.abc", "X:1\nM:3/4\nL:1/4\nK:C\nCDE|FGA|Bcd|e3|]\n");
    desk.write("book.abc", "X:1\nM:3/4\nL:1/4\nK:C\nCDE|]\n\nX:2\nM:3/4\nL:1/4\nK:C\nCDE|]\n");
    desk.write("silent.abc", "X:1\nM:3/4\nL:1/4\nK:C\nz3|]\n");
    let files = desk.files();
    for (line, words) in [
        (
            "infill song.mid --bars 11-14 -o x.mid",
            "bars must be from 1 to 12, which the piece has, but was 11-14",
        ),
        ("infill song.mid --bars 8-5 -o x.mid", "from the lower to the higher such as 5-8"),
        (
            "infill song.mid --bars 5 --tracks 3 -o x.mid",
            "one that has notes: 1 (Voice), 2 (Cello), but was 3",
        ),
        ("continue silent.abc -o x.mid", "at least one note"),
        ("continue none.mid -o x.mid", "none.mid"),
        ("continue book.abc -o x.mid", "name one of them, such as book.abc#1"),
        ("continue song.mid -o x.doc", "x.doc"),
        ("continue song.mid --style jazz -o x.mid", "chorale, drums-funk"),
        ("harmonize drums.mid -o x.mid", "has only drums"),
        ("harmonize song.mid --style folk -o x.mid", "at least one part beside it, but was folk"),
        ("restyle song.mid -o x.mid", "--style"),
        ("accompany song.mid --instruments kazoo -o x.mid", "but was kazoo"),
        ("vary song.mid --amount 2 -o x.mid", "between 0 and 1"),
        (
            "vary song.mid --keep rhythm --engine gan -o x.mid",
            "the recurrent network keeps rhythm and contour",
        ),
        ("blend song.mid waltz.abc -o x.mid", "4/4, and 3/4"),
        (
            "vary song.mid --keep rhythm --style song --density 0.5 -o x.mid",
            "a density and the rhythm that is kept contradict each other",
        ),
        ("infill song.mid --bars 5 --range 9:C4-G5 -o x.mid", "1 (Voice), 2 (Cello), but was 9"),
        (
            "infill song.mid --bars 5 --range flute:C4-G5 -o x.mid",
            "this piece has: Voice, Cello, but was flute",
        ),
        (
            "infill song.mid --bars 5 --chords Dm7 --without accidentals --scale G -o x.mid",
            "notes of the scale of G major alone and the chord Dm7 contradict",
        ),
        (
            "infill drums.mid --bars 1 --without parallels -o x.mid",
            "no two of its parts play one note at a time",
        ),
        ("continue song.mid --engine gan --tension 0.5 -o x.mid", "density or chords"),
        ("continue song.mid --engine gan --without rests -o x.mid", "notes outside the scale"),
    ] {
        let run = desk.cantus(line);
        assert_eq!(run.code, 2, "{line}: {}", run.err);
        assert!(run.err.replace("\n  ", " ").contains(words), "{line}: {words:?} is not in\n{}", run.err);
        assert_eq!(desk.files(), files, "{line}");
    }
}
