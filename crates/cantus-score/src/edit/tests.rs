//! Laws of editing.

use proptest::prelude::*;

use super::{merge, quantised, rescaled, slice, transposed};
use crate::notation::{parse, print};
use crate::{Channel, Note, Pitch, Resolution, Score, Ticks};

fn scores() -> impl Strategy<Value = Score> {
    let note = (0_u32..2000, 1_u32..900, 30_i64..90);
    prop::collection::vec(prop::collection::btree_set(note, 0..25), 1..3).prop_map(|parts| {
        let mut score = parse("key=G meter=3/4 tempo=100 |").unwrap();
        score.tracks.clear();
        for (index, notes) in parts.into_iter().enumerate() {
            let note =
                |(start, length, pitch)| Note::new(Ticks(start), Ticks(length), Pitch::saturating(pitch));
            let mut track = parse("C4").unwrap().tracks.remove(0);
            track.channel = if index == 1 { Channel::DRUMS } else { Channel::MIN };
            track.notes = notes.into_iter().map(note).collect();
            track.notes.sort_unstable();
            score.tracks.push(track);
        }
        score
    })
}

proptest! {
    #[test]
    fn transposing_there_and_back_changes_nothing(score in scores(), semitones in -30_i32..30) {
        let moved = transposed(&score, semitones).unwrap();
        prop_assert_eq!(&moved.keys[0].value, &score.keys[0].value.transposed(semitones));
        prop_assert_eq!(moved.tracks.get(1), score.tracks.get(1), "drums stay");
        prop_assert_eq!(transposed(&moved, -semitones).unwrap(), score);
    }

    #[test]
    fn quantised_notes_lie_on_the_grid_apart(score in scores(), steps in 1_u32..25) {
        prop_assume!(480 % steps == 0);
        let grid = 480 / steps;
        let coarse = quantised(&score, steps);
        prop_assert_eq!(&quantised(&coarse, steps), &coarse, "twice is once");
        for track in &coarse.tracks {
            prop_assert!(track.notes.is_sorted());
            for note in &track.notes {
                prop_assert!(note.start.0 % grid == 0 && note.length.0 % grid == 0 && note.length.0 > 0);
                let clash = |other: &&Note| other.pitch == note.pitch && other.start < note.end() && note.start < other.end();
                prop_assert_eq!(track.notes.iter().filter(clash).count(), 1);
            }
        }
    }

    #[test]
    fn quantised_onsets_move_by_half_a_step_at_most(score in scores()) {
        let coarse = quantised(&score, 4);
        for (before, after) in score.tracks.iter().zip(&coarse.tracks) {
            for note in &before.notes {
                let near = |other: &Note| other.pitch == note.pitch && other.start.0.abs_diff(note.start.0) <= 60;
                prop_assert!(after.notes.iter().copied().any(|other| near(&other)));
            }
        }
    }

    #[test]
    fn slices_hold_every_onset_once(score in scores(), cut in 0_u32..2100) {
        let (head, tail) = (slice(&score, Ticks(0)..Ticks(cut)), slice(&score, Ticks(cut)..Ticks(9000)));
        prop_assert_eq!(head.note_count() + tail.note_count(), score.note_count());
        prop_assert!(head.end() <= Ticks(cut));
        prop_assert_eq!((&tail.keys, &tail.meters, &tail.tempos), (&score.keys, &score.meters, &score.tempos));
        prop_assert_eq!(slice(&score, Ticks(0)..Ticks(9000)), score);
    }

    #[test]
    fn rescaling_up_and_back_changes_nothing(score in scores(), times in 1_i64..20) {
        let fine = rescaled(&score, Resolution::new(480 * times).unwrap()).unwrap();
        prop_assert_eq!(fine.beats(), score.beats());
        prop_assert_eq!(rescaled(&fine, Resolution::STANDARD), Some(score));
    }

    #[test]
    fn merging_keeps_all_notes_at_their_beats(a in scores(), b in scores()) {
        let b = rescaled(&b, Resolution::new(1440).unwrap()).unwrap();
        let both = merge(&[a.clone(), b.clone()]);
        prop_assert_eq!(both.note_count(), a.note_count() + b.note_count());
        prop_assert_eq!(both.beats().0.to_bits(), a.beats().0.max(b.beats().0).to_bits());
        prop_assert_eq!(merge(std::slice::from_ref(&a)), a);
    }
}

#[track_caller]
fn check(before: &str, edit: impl Fn(&Score) -> Score, after: &str) {
    assert_eq!(print(&edit(&parse(before).unwrap())), after);
}

#[test]
fn colliding_notes_are_merged() {
    check("C4/64 C4/4 D4/4", |score| quantised(score, 4), "| C4/4 D4/4");
    check("C4/2@/4 C4/4", |score| quantised(score, 4), "| C4/4 C4/4");
    check("C4/64 D4/64", |score| quantised(score, 1), "| [C4 D4]/4");
}

#[test]
fn what_leaves_the_keyboard_is_refused() {
    assert_eq!(transposed(&parse("G9").unwrap(), 1), None);
    assert_eq!(rescaled(&parse("C4/64").unwrap(), Resolution::new(1).unwrap()), None);
}

#[test]
fn a_slice_keeps_what_holds() {
    let score = parse("key=D meter=2/4 | C4/4 D4/2 E4/4").unwrap();
    assert_eq!(print(&slice(&score, Ticks(480)..Ticks(960))), "key=D meter=2/4 | D4/4");
}
