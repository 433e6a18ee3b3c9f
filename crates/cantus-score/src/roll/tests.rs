use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::{Key, Meter, Mode, Note, Pitch, Tempo, Ticks, Timed, Velocity};

const STEP: u32 = 20;

/// Parts whose notes lie on a grid of 24 steps a quarter and overlap on no key.
fn scores() -> impl Strategy<Value = Score> {
    let note = (0_u32..40, 21_i64..=108, 1_u32..9, prop::option::of(2_i64..=127));
    let part = (vec(note, 0..40), any::<bool>(), 0_i64..128);
    (vec(part, 1..4), vec((0_u32..300, 1_i64..900_000), 0..4)).prop_map(|(parts, tempos)| {
        let mut score = Score::new(Resolution::STANDARD);
        score.title = "Ein Stück".into();
        let mut tempos: Vec<_> =
            tempos.into_iter().map(|(at, micros)| (at * STEP, Tempo::from_micros(micros).unwrap())).collect();
        tempos.sort_by_key(|tempo| tempo.0);
        tempos.dedup_by_key(|tempo| tempo.0);
        score.tempos = tempos.into_iter().map(|(at, tempo)| Timed::new(Ticks(at), tempo)).collect();
        score.meters = vec![Timed::new(Ticks(0), Meter::new(6, 8).unwrap())];
        score.keys = vec![Timed::new(Ticks(480), Key::new(-3, Mode::Minor).unwrap())];
        for (index, (notes, is_drums, program)) in parts.into_iter().enumerate() {
            let channel = if is_drums { Channel::DRUMS } else { Channel::saturating(index as i64) };
            let mut track = Track::new(format!("Part {index}"), channel, Program::saturating(program));
            let mut ends = [0_u32; 128];
            for (gap, pitch, length, velocity) in notes {
                // A gap of 0 repeats a note without a rest.
                let end = &mut ends[pitch as usize];
                let start = *end + gap / 8;
                *end = start + length;
                let note = Note::new(Ticks(start * STEP), Ticks(length * STEP), Pitch::new(pitch).unwrap());
                track.notes.push(Note { velocity: velocity.and_then(|v| Velocity::new(v).ok()), ..note });
            }
            track.notes.sort_unstable();
            score.tracks.push(track);
        }
        score
    })
}

fn options(steps: u16, keys: Keys, values: Values) -> RollOptions {
    RollOptions { steps, keys, values }
}

fn read_one(bytes: &[u8], steps: u16) -> Score {
    let read = read(bytes, ReadOptions { steps, strictness: Strictness::Strict, ..ReadOptions::default() });
    let mut read = read.unwrap();
    assert_eq!((read.value.len(), read.warnings.as_slice()), (1, &[][..]));
    read.value.remove(0)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// An archive keeps every note of every part, who plays it, title, tempo, metre and key, exactly to its grid.
    #[test]
    fn an_archive_of_rolls_is_read_back(score in scores(), piano in any::<bool>()) {
        let keys = if piano { Keys::Piano } else { Keys::All };
        let bytes = write_archive(&score, options(24, keys, Values::Velocity)).unwrap();
        prop_assert_eq!(&write_archive(&score, options(24, keys, Values::Velocity)).unwrap(), &bytes);
        let mut back = read_one(&bytes, 4);
        for (track, own) in back.tracks.iter_mut().zip(&score.tracks) {
            prop_assert_eq!(track.is_drums(), own.is_drums());
            track.channel = own.channel;
        }
        prop_assert_eq!(back, score);
    }

    /// A single roll keeps pitch, beginning, length and velocity of one part, repeated notes too.
    #[test]
    fn a_roll_is_read_back(score in scores(), fraction in any::<bool>()) {
        let values = if fraction { Values::Fraction } else { Values::Velocity };
        let part = &score.tracks[0];
        let alone = Score { tracks: vec![part.clone()], ..score.clone() };
        let bytes = crate::npy::write(&write(&alone, options(24, Keys::All, values)).unwrap());
        let back = read_one(&bytes, 24);
        prop_assert_eq!(back.resolution, alone.resolution);
        let known = |track: &Track| track.notes.iter().any(|note| note.velocity.is_some());
        // Fractions have no sign for an unknown velocity beside known ones.
        let is_mixed = fraction && known(part) && part.notes.iter().any(|note| note.velocity.is_none());
        let plain = |notes: &[Note]| -> Vec<Note> {
            notes.iter().map(|note| if is_mixed { Note { velocity: None, ..*note } } else { *note }).collect()
        };
        prop_assert_eq!(plain(&back.tracks[0].notes), plain(&part.notes));
    }

    /// Any coarser grid moves beginnings by half a step at most and keeps every key that sounds.
    #[test]
    fn a_coarse_grid_moves_notes_by_half_a_step(score in scores(), steps in 1_u16..24) {
        let alone = Score { tracks: vec![score.tracks[0].clone()], ..score.clone() };
        let array = write(&alone, options(steps, Keys::All, Values::On)).unwrap();
        let back = read_one(&crate::npy::write(&array), steps);
        let quarters = |score: &Score, at: Ticks| score.resolution.beats(at).0;
        for note in &alone.tracks[0].notes {
            let at = quarters(&alone, note.start);
            let sounds = back.tracks[0].notes.iter().any(|other| {
                other.pitch == note.pitch
                    && quarters(&back, other.start) <= at + 0.5 / f64::from(steps) + 1e-9
                    && quarters(&back, other.end()) > at - 0.5 / f64::from(steps) - 1e-9
            });
            prop_assert!(sounds, "{note:?}");
        }
    }

    #[test]
    fn any_array_is_a_roll_or_refused(
        shape in vec(0_usize..5, 0..4), wide in any::<bool>(), numbers in vec(-1e3..1e3, 0..4),
    ) {
        let mut shape = shape;
        shape.push(if wide { 128 } else { 88 });
        let count: usize = shape.iter().product();
        let values: Vec<f64> = (0..count).map(|index| numbers.get(index % 5).copied().unwrap_or(f64::NAN)).collect();
        let array = Array::from_values(&shape, Element::F64, &values).unwrap();
        let read = read(&crate::npy::write(&array), ReadOptions::default());
        prop_assert_eq!(read.is_ok(), [2, 3].contains(&shape.len()));
    }
}

fn pieces(array: &Array) -> Vec<Vec<(u32, u8, u32)>> {
    let read = read(&crate::npy::write(array), ReadOptions::default()).unwrap();
    let notes = |score: &Score| {
        let all = score.tracks.iter().flat_map(|track| &track.notes);
        all.map(|note| (note.start.0 / 120, note.pitch.get(), note.length.0 / 120)).collect()
    };
    read.value.iter().map(notes).collect()
}

#[test]
fn both_orientations_and_both_keyboards_are_read() {
    let mut wide = vec![0.0; 4 * 128];
    (wide[60], wide[128 + 60], wide[3 * 128 + 61]) = (64.0, 64.0, 64.0);
    let upright = Array::from_values(&[4, 128], Element::F64, &wide).unwrap();
    let turned: Vec<f64> = (0..128)
        .flat_map(|key| (0..4).map(move |step| (step, key)))
        .map(|(step, key)| wide[step * 128 + key])
        .collect();
    let turned = Array::from_values(&[128, 4], Element::F64, &turned).unwrap();
    let piano: Vec<f64> = wide.chunks(128).flat_map(|row| row[21..109].to_vec()).collect();
    let piano = Array::from_values(&[4, 88], Element::F64, &piano).unwrap();
    let expected = vec![vec![(0, 60, 2), (3, 61, 1)]];
    assert_eq!(pieces(&upright), expected);
    assert_eq!(pieces(&turned), expected);
    assert_eq!(pieces(&piano), expected);
    let three = Array::from_values(&[2, 2, 128], Element::F64, &wide).unwrap();
    assert_eq!(pieces(&three), [vec![(0, 60, 2)], vec![(1, 61, 1)]]);
    let parts = ReadOptions { first: Axis::Parts, ..ReadOptions::default() };
    let together = read(&crate::npy::write(&three), parts).unwrap().value;
    assert_eq!((together.len(), together[0].tracks.len()), (1, 2));
}

#[test]
fn a_number_alone_says_that_a_key_sounds() {
    let velocity = |numbers: &[f64], element| {
        let mut row = vec![0.0; 128 * numbers.len()];
        numbers.iter().enumerate().for_each(|(step, &number)| row[step * 128 + 60] = number);
        let array = Array::from_values(&[numbers.len(), 128], element, &row).unwrap();
        let read = read(&crate::npy::write(&array), ReadOptions::default()).unwrap();
        let notes = read.value[0].tracks[0].notes.iter();
        notes.map(|note| (note.length.0 / 120, note.velocity.map(Velocity::get))).collect::<Vec<_>>()
    };
    assert_eq!(velocity(&[1.0, 1.0], Element::U8), [(2, None)]);
    assert_eq!(velocity(&[255.0, 255.0], Element::U8), [(2, None)]);
    assert_eq!(velocity(&[1.0, 1.0], Element::F32), [(2, None)]);
    assert_eq!(velocity(&[1.0, 129.0], Element::U8), [(1, None), (1, None)]);
    assert_eq!(velocity(&[100.0, 100.0], Element::U8), [(2, Some(100))]);
    assert_eq!(velocity(&[100.0, 90.0, 228.0], Element::I64), [(2, Some(100)), (1, Some(100))]);
    assert_eq!(velocity(&[0.5, 0.25], Element::F64), [(2, Some(64))]);
}

#[test]
fn a_stack_has_the_longest_pieces_steps() {
    let piece = |pitch: i64, quarters: u32| {
        let mut score = Score::new(Resolution::STANDARD);
        let mut track = Track::new("", Channel::MIN, Program::PIANO);
        track.notes.push(Note::new(Ticks(0), Ticks(quarters * 480), Pitch::new(pitch).unwrap()));
        score.tracks.push(track);
        score
    };
    let all = [piece(60, 1), piece(62, 3)];
    let array = stack(&all, options(4, Keys::Piano, Values::On)).unwrap();
    assert_eq!((array.shape(), array.element()), (&[2, 12, 88][..], Element::Bool));
    assert_eq!(pieces(&array), [vec![(0, 60, 4)], vec![(0, 62, 12)]]);
}

#[test]
fn what_is_no_roll_says_why() {
    let refused = |shape: &[usize]| {
        let array = Array::from_values(shape, Element::U8, &vec![0.0; shape.iter().product()]).unwrap();
        read(&crate::npy::write(&array), ReadOptions::default()).unwrap_err().to_string()
    };
    assert!(refused(&[3, 7]).contains("[time, 128]"));
    assert!(refused(&[128]).contains("[128]"));
    let long = Score {
        tracks: vec![Track::new("", Channel::MIN, Program::PIANO)],
        ..Score::new(Resolution::new(1).unwrap())
    };
    let mut long = long;
    long.tracks[0].notes.push(Note::new(Ticks(0), Ticks(u32::MAX), Pitch::C4));
    assert!(matches!(write(&long, RollOptions::default()), Err(RollError::TooLong(_))));
    assert_eq!(write(&long, options(0, Keys::All, Values::On)), Err(RollError::Steps(0)));
}

/// A set of two sections: pieces of 2 and 3 steps, and one of 1, each with a key of its own.
fn set(lengths: &[f64]) -> Vec<u8> {
    let roll = |keys: &[usize]| {
        let values: Vec<f64> =
            keys.iter().flat_map(|&on| (0..88).map(move |key| f64::from(u8::from(key == on)))).collect();
        Array::from_values(&[keys.len(), 88], Element::U8, &values).unwrap()
    };
    let of = |values: &[f64]| Array::from_values(&[values.len()], Element::I32, values).unwrap();
    let (train, test) = (roll(&[39, 39, 40, 40, 41]), roll(&[0]));
    let arrays = [
        ("train_roll", &train),
        ("train_len", &of(lengths)),
        ("test_roll", &test),
        ("test_len", &of(&[1.0])),
    ];
    npy::write_archive(&arrays).unwrap()
}

#[test]
fn a_published_set_is_read_piece_by_piece() {
    let read = read_sections(&set(&[2.0, 3.0]), ReadOptions::default()).unwrap();
    let told = |section: &Section| {
        let notes = |score: &Score| {
            let note = |note: &Note| (note.start.0, note.length.0, note.pitch.get());
            score.tracks[0].notes.iter().map(note).collect::<Vec<_>>()
        };
        (section.name.clone().unwrap(), section.scores.iter().map(notes).collect::<Vec<_>>())
    };
    let sections: Vec<_> = read.value.iter().map(told).collect();
    let train = vec![vec![(0, 240, 60)], vec![(0, 240, 61), (240, 120, 62)]];
    assert_eq!(sections, [("train".to_owned(), train), ("test".to_owned(), vec![vec![(0, 120, 21)]])]);
    assert!(read.warnings.is_empty());
}

#[test]
fn a_set_whose_lengths_are_not_those_of_its_rolls_is_refused_with_the_reason() {
    for (lengths, reason) in [
        (&[2.0, 2.0][..], "train_len tells of 4 steps and train_roll holds 5"),
        (&[2.0, 4.0], "train_len tells of 6 steps and train_roll holds 5"),
        (&[-1.0, 6.0], "-1 is none"),
        (&[0.0, 5.0], "0 is none"),
        (&[], "tells of 0 steps"),
        (&[2_147_483_647.0], "up to 1048576 steps"),
    ] {
        let error = read(&set(lengths), ReadOptions::default()).unwrap_err().to_string();
        assert!(error.contains(reason), "{error}");
    }
}
