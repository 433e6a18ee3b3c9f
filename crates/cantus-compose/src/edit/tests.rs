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
    let filled = composer().fill(task, &mut |_| {}).unwrap();
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
            // A note may sound as far beyond its hole as those that went; where rhythm is kept, it is as long as the one that it stands for.
            let hole = task.holes.at(part, at).unwrap();
            let gone = original.piece.slices.iter().filter(|slice| hole.contains(&slice.at));
            let gone = gone.flat_map(|slice| slice.notes.iter().map(move |note| (slice.at, note)));
            let own = gone.filter(|(_, note)| usize::from(note.part) == part);
            let last = own.map(|(at, note)| at + note.length.steps()).max().unwrap_or(hole.end);
            let is_within = end <= hole.end.max(last) || task.keep == Keep::Rhythm;
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
        let filled = composer().fill(&task, &mut |_| {}).unwrap();
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

/// Four voices of one note at a time without a rest between, in quarters and eighths.
fn voices(seed: u64) -> Score {
    let mut rng = Rng::new(seed);
    let mut score = Score::new(Resolution::new(480).unwrap());
    for (index, low) in [67, 60, 53, 45].into_iter().enumerate() {
        let mut track =
            Track::new(format!("voice {index}"), Channel::saturating(index as i64), Program::saturating(52));
        let mut at = 0;
        while at < 6 * 4 * 480 {
            // No note sounds across a bar line, so that each hole can be filled to its end.
            let length = [240, 480, 960][rng.below(3)].min(1920 - at % 1920);
            let pitch = Pitch::saturating(low + rng.below(10) as i64);
            track.notes.push(Note::new(Ticks(at), Ticks(length), pitch));
            at += length;
        }
        score.tracks.push(track);
    }
    score
}

#[test]
fn rules_that_are_asked_for_hold_for_what_is_made_beside_what_is_kept() {
    use crate::{Restraint, Steer as _};
    let restraints = [
        vec![Restraint::Fifths, Restraint::Octaves],
        vec![Restraint::Crossings],
        vec![Restraint::Rests],
        vec![Restraint::Repeats],
        vec![Restraint::Accidentals],
        vec![],
    ];
    let mut broken_unasked = 0;
    for seed in 0..72 {
        let original = Original::new(voices(seed)).unwrap();
        let asked = &restraints[seed as usize % restraints.len()];
        let mut with = asked.iter().fold(how(seed), |how, restraint| how.without(*restraint));
        if asked.is_empty() {
            with = with.most_notes(3).unwrap();
        }
        let parts: Vec<usize> = (0..4).filter(|part| (seed >> part) & 1 == 0).chain([0]).collect();
        let task = |how: How| match seed % 3 {
            0 => original.to_continue(3, how).unwrap(),
            1 => original.to_infill(&(2..5), Some(&parts), how).unwrap(),
            _ => original.to_vary(0.5, Keep::Nothing, how).unwrap(),
        };
        let strict = task(with.clone());
        let after = worked(&original, &strict);
        let remarks = original.not_as_asked(&after, &strict, composer().styles()).unwrap();
        if !remarks.is_empty() {
            for t in &after.tracks {
                println!(
                    "{} {:?}",
                    t.name,
                    t.notes.iter().map(|n| (n.start.0, n.length.0, n.pitch.get())).collect::<Vec<_>>()
                );
            }
            for (p, h) in strict.holes.iter() {
                println!("{p} {:?}", (h.start * 20, h.end * 20));
            }
        }
        assert_eq!(remarks, Vec::<String>::new(), "seed {seed}, without {asked:?}");
        let free = worked(&original, &task(how(seed)));
        broken_unasked +=
            usize::from(!original.not_as_asked(&free, &strict, composer().styles()).unwrap().is_empty());
    }
    assert!(broken_unasked > 40, "the rules must forbid something: {broken_unasked} of 72 would break them");
}

#[test]
fn bars_that_are_made_are_as_asked_and_the_others_stay() {
    use crate::{Control, Course, Steer as _};
    let mut model = crate::tests::controlled();
    // Densities from 0 to 1 moments a quarter: a network that has learnt nothing is about in the middle.
    let scale =
        || cantus_model::controls::Scale::of_values((0..=50).map(|part| f64::from(part) / 50.0).collect());
    for control in model.styles.iter_mut().flat_map(|style| &mut style.controls) {
        (control.pieces, control.bars) = (scale().unwrap(), scale().unwrap());
    }
    let composer = Composer::new(&model);
    let mut moments = [0, 0];
    for seed in 0..30 {
        let mut score = voices(seed);
        // Bars of two metres: what is asked must find its place.
        score.meters = vec![
            Timed::new(Ticks(0), cantus_score::Meter::new(3, 4).unwrap()),
            Timed::new(Ticks(2 * 3 * 480), cantus_score::Meter::FOUR_FOUR),
        ];
        let original = Original::new(score).unwrap();
        for (index, value) in [0.0, 1.0].into_iter().enumerate() {
            let how = How { style: Some(0), ..how(seed) };
            let how = how.control(Control::Density, Course::value(value).unwrap()).strength(1.0).unwrap();
            let how = How { drafts: 8, ..how };
            let task = original.to_continue(3, how).unwrap();
            let filled = composer.fill(&task, &mut |_| {}).unwrap();
            let after = original.with(&filled.piece, &task.holes);
            let kept = original.score.tracks[0].notes.len();
            assert_eq!(after.tracks[0].notes[..kept], original.score.tracks[0].notes[..]);
            let hole = task.holes.iter().next().unwrap().1.clone();
            moments[index] += filled.piece.slices.iter().filter(|slice| hole.contains(&slice.at)).count();
        }
    }
    assert!(moments[0] * 6 < moments[1] * 5, "sparse {} and busy {}", moments[0], moments[1]);
}

#[test]
fn what_cannot_be_beside_what_is_kept_is_told() {
    use crate::{Control, Course, Restraint, Steer as _};
    let original = Original::new(voices(1)).unwrap();
    let told = |keep: Keep, how: How| {
        let task = original.to_vary(0.5, keep, How { style: Some(0), ..how }).unwrap();
        Composer::new(&crate::tests::controlled())
            .fill(&task, &mut |_| {})
            .map(|_| ())
            .unwrap_err()
            .to_string()
    };
    let busy = how(1).control(Control::Density, Course::value(1.0).unwrap());
    assert!(told(Keep::Rhythm, busy).contains("density and the rhythm that is kept contradict"));
    let chords = how(1).chords("C".parse().unwrap());
    assert!(told(Keep::Chords, chords).contains("the chords that are kept contradict"));
    assert!(told(Keep::Contour, how(1).without(Restraint::Repeats)).contains("the contour that is kept"));
    let range = how(1).range("flute", (Pitch::saturating(60), Pitch::saturating(70))).unwrap();
    assert!(told(Keep::Nothing, range).contains("one that this piece has: voice 0, voice 1"));
    let unknown = how(1).control(Control::Density, Course::value(1.0).unwrap());
    let plain = original.to_vary(0.5, Keep::Nothing, How { style: Some(0), ..unknown }).unwrap();
    let error = composer().fill(&plain, &mut |_| {}).unwrap_err();
    assert!(matches!(error, ComposeError::ControlOfStyle { control: "density", .. }), "{error}");
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
