//! Laws of editing, over a network that has learnt nothing: what is kept is kept whatever it likes.

use cantus_nn::Rng;
use cantus_score::{
    Channel, Control, Data, Note, Pitch, Program, Resolution, Score, Tempo, Text, TextKind, Ticks, Timed,
    Track, Velocity,
};

use super::*;
use crate::ComposeError;
use crate::tests::composer;

/// A piece of so many bars with everything that must not be lost: tempi, controllers, words; notes off the grid.
fn piece(seed: u64) -> Score {
    let mut rng = Rng::new(seed);
    let mut score = Score::new(Resolution::new([480, 96, 220][rng.below(3)]).unwrap());
    let quarter = score.resolution.ticks_per_quarter();
    let bars = 3 + rng.below(4) as u32;
    score.tempos = vec![
        Timed::new(Ticks(0), Tempo::from_bpm(90.0).unwrap()),
        Timed::new(Ticks(quarter * 5), Tempo::from_bpm(111.0).unwrap()),
    ];
    for (index, low) in [67, 55, 36].into_iter().enumerate() {
        let channel =
            if index == 2 && rng.below(2) == 0 { Channel::DRUMS } else { Channel::saturating(index as i64) };
        let mut track = Track::new(format!("part {index}"), channel, Program::saturating(index as i64));
        track.controls.push(Timed::new(
            Ticks(quarter * 3),
            Control::Controller(Data::saturating(64), Data::saturating(127)),
        ));
        let text = Text { kind: TextKind::Lyric, text: "la".into() };
        track.texts.push(Timed::new(Ticks(quarter), text));
        let mut at = 0;
        while at < bars * 4 * quarter {
            let length = [quarter / 2, quarter, quarter + 7, 2 * quarter, 4][rng.below(5)];
            let pitch = Pitch::saturating(low + rng.below(12) as i64);
            let note = Note::new(Ticks(at), Ticks(length), pitch);
            if rng.below(6) > 0 {
                track.notes.push(note.with_velocity(Velocity::saturating(40 + rng.below(60) as i64)));
                if rng.below(4) == 0 {
                    let above = Note { pitch: Pitch::saturating(low + 14), ..note };
                    track.notes.push(above);
                }
            }
            at += length + rng.below(2) as u32 * quarter / 3;
        }
        track.notes.sort();
        score.tracks.push(track);
    }
    score
}

fn how(seed: u64) -> How {
    How { drafts: 1 + (seed % 4) as u32, ..How::new(seed) }
}

/// Fills the holes of a task, and checks that nothing else has changed.
fn worked(original: &Original, task: &Task) -> Score {
    let filled = composer().fill(task, &mut |_| {});
    let after = original.with(&filled.piece, &task.holes);
    let before = &original.score;
    assert_eq!((&after.tempos, &after.meters, &after.keys), (&before.tempos, &before.meters, &before.keys));
    assert_eq!((&after.texts, &after.title), (&before.texts, &before.title));
    for (track, (old, new)) in before.tracks.iter().zip(&after.tracks).enumerate() {
        assert_eq!(
            (&old.name, old.channel, &old.controls, &old.texts),
            (&new.name, new.channel, &new.controls, &new.texts)
        );
        let part =
            (0..original.piece.parts.len()).find(|part| original.track_of(*part) == Some(track)).unwrap();
        let in_hole =
            |note: &&Note| task.holes.has(part, cantus_model::encoding::Sliced::step_of(before, note.start));
        let kept = |notes: &[Note]| notes.iter().filter(|note| !in_hole(note)).copied().collect::<Vec<_>>();
        assert_eq!(kept(&old.notes), kept(&new.notes));
        assert!(new.notes.is_sorted());
        let StyleRange { low, high } = range_of(task, part);
        for note in new.notes.iter().filter(in_hole) {
            assert!((low..=high).contains(&note.pitch.get()) && note.length > Ticks(0));
            let at = cantus_model::encoding::Sliced::step_of(before, note.start);
            let end = cantus_model::encoding::Sliced::step_of(before, note.end());
            // Where rhythm is kept, a note is as long as the one that it stands for.
            let is_within = end <= task.holes.at(part, at).unwrap().end || task.keep == Keep::Rhythm;
            assert!(is_within, "{note:?} sounds beyond its hole");
        }
    }
    after
}

struct StyleRange {
    low: u8,
    high: u8,
}

fn range_of(task: &Task, part: usize) -> StyleRange {
    StyleRange { low: task.parts[part].low, high: task.parts[part].high }
}

#[test]
fn what_was_not_to_change_is_the_same() {
    for seed in 0..60 {
        let original = Original::new(piece(seed)).unwrap();
        let bars = original.bars().len() as u32 - 1;
        let mut rng = Rng::new(seed + 1000);
        let first = 1 + rng.below(bars as usize) as u32;
        let last = first + rng.below((bars + 1 - first) as usize) as u32;
        let parts = [rng.below(3)];
        let parts = (rng.below(2) == 0).then_some(parts.as_slice());
        let task = original.to_infill(&(first..last + 1), parts, how(seed)).unwrap();
        let after = worked(&original, &task);
        assert_eq!(after, worked(&original, &task), "the same seed must make the same notes");
    }
}

#[test]
fn a_piece_goes_on_where_it_ends() {
    for seed in 0..20 {
        let original = Original::new(piece(seed)).unwrap();
        let task = original.to_continue(1 + seed as u32 % 4, how(seed)).unwrap();
        let after = worked(&original, &task);
        assert!(after.note_count() > original.score.note_count(), "nothing was added");
    }
}

#[test]
fn variations_keep_what_they_are_to_keep() {
    for seed in 0..40 {
        let original = Original::new(piece(seed)).unwrap();
        let task = original.to_vary(0.6, Keep::Rhythm, how(seed)).unwrap();
        let filled = composer().fill(&task, &mut |_| {});
        let rhythm = |piece: &cantus_model::encoding::Sliced| -> Vec<_> {
            let notes = piece
                .slices
                .iter()
                .flat_map(|slice| slice.notes.iter().map(move |note| (slice.at, note.part, note.length)));
            let mut notes: Vec<_> = notes.collect();
            notes.sort_unstable();
            notes
        };
        assert_eq!(rhythm(&filled.piece), rhythm(&original.piece), "seed {seed}");
        worked(&original, &task);
    }
}

#[test]
fn about_the_share_asked_for_is_varied() {
    for seed in 0..20 {
        let original = Original::new(piece(seed)).unwrap();
        for share in [0.0, 0.3, 1.0] {
            let task = original.to_vary(share, Keep::Nothing, how(seed)).unwrap();
            let notes = original
                .piece
                .slices
                .iter()
                .flat_map(|slice| slice.notes.iter().map(move |note| (slice.at, note)));
            let gone = notes.filter(|(at, note)| task.holes.has(usize::from(note.part), *at)).count();
            let told = gone as f64 / original.piece.note_count() as f64;
            assert!((told - share).abs() < 0.15, "{told} of the notes for {share}");
        }
    }
}

#[test]
fn added_parts_are_new_tracks_beside_what_was_there() {
    let original = Original::new(piece(3)).unwrap();
    let (_, added) = beside_the_melody(&composer().styles()[0]);
    let task = original.to_accompany(&added, how(3)).unwrap();
    let after = worked(&original, &task);
    assert_eq!(after.tracks.len(), original.score.tracks.len() + added.len());
    assert_eq!(after.tracks[..3], original.score.tracks[..]);
}

#[test]
fn places_that_are_not_there_are_told() {
    let original = Original::new(piece(1)).unwrap();
    let bars = original.bars().len() as u32 - 1;
    let error = original.to_infill(&(bars..bars + 9), None, how(1)).unwrap_err();
    let rule = format!("from 1 to {bars}, which the piece has");
    assert_eq!(error, ComposeError::Place { what: "bars", rule, value: format!("{bars}-{}", bars + 8) });
    let error = original.part_of_track(7).unwrap_err().to_string();
    assert_eq!(error, "a track must be one that has notes: 1 (part 0), 2 (part 1), 3 (part 2), but was 7");
    assert!(Original::new(Score::new(Resolution::STANDARD)).is_err());
}
