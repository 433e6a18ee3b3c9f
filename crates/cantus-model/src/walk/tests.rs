use cantus_nn::Rng;
use cantus_score::{Meter, Pitch};

use cantus_features::control::{Chord, Control, Quality};

use super::*;
use crate::controls::{CONTROL_LEVELS, ChordSpan, Controls, MeasuredControls};
use crate::encoding::VELOCITY_LEVELS;
use crate::styles::heard_key;

/// A piece of random notes: some parts melodies, some chords, some drums; rests, rare lengths and repeats.
pub(crate) fn random_piece(seed: u64) -> Sliced {
    let mut rng = Rng::new(seed);
    let dynamics = rng.below(2) == 0;
    let parts: Vec<Part> = (0..=rng.below(4)).map(|index| random_part(index, &mut rng)).collect();
    let pickup = [0, 0, 12, 24][rng.below(4)];
    let meter = [Meter::new(4, 4), Meter::new(3, 4), Meter::new(6, 8)][rng.below(3)].unwrap();
    let mut score = cantus_score::Score::new(cantus_score::Resolution::new(24).unwrap());
    if pickup > 0 {
        let beats = i64::from(pickup) / 12;
        score.meters.push(cantus_score::Timed::new(cantus_score::Ticks::ZERO, Meter::new(beats, 8).unwrap()));
    }
    score.meters.push(cantus_score::Timed::new(cantus_score::Ticks(pickup), meter));
    for (index, part) in parts.iter().enumerate() {
        let channel = if part.drums { 9 } else { index as i64 };
        let mut track = cantus_score::Track::new(
            part.name.clone(),
            cantus_score::Channel::saturating(channel),
            cantus_score::Program::saturating(i64::from(part.program)),
        );
        track.notes = random_notes(part, dynamics, &mut rng);
        score.tracks.push(track);
    }
    Sliced::of_score(&score)
}

fn random_part(index: usize, rng: &mut Rng) -> Part {
    let drums = index > 0 && rng.below(5) == 0;
    let monophonic = !drums && rng.below(3) > 0;
    Part { name: format!("part {index}"), program: rng.below(128) as u8, drums, monophonic }
}

fn random_notes(part: &Part, dynamics: bool, rng: &mut Rng) -> Vec<cantus_score::Note> {
    let (mut at, mut notes) = (rng.below(3) as u32 * 12, Vec::new());
    for _ in 0..20 {
        let length = [6, 12, 12, 24, 24, 48, 7, 25, 101, 500][rng.below(10)];
        for _ in 0..if part.monophonic { 1 } else { 1 + rng.below(3) } {
            let pitch = Pitch::saturating(40 + rng.below(40) as i64);
            let note = cantus_score::Note::new(cantus_score::Ticks(at), cantus_score::Ticks(length), pitch);
            let level = cantus_score::Velocity::saturating(1 + rng.below(127) as i64);
            notes.push(if dynamics { note.with_velocity(level) } else { note });
        }
        let rest = [0, 0, 0, 12, 2000][rng.below(5)];
        at += if part.monophonic { length } else { 12 } + rest;
    }
    notes
}

/// Answers every question as the piece has it, and gives the piece that comes of it.
fn retold(spec: &Spec, piece: &Sliced) -> Sliced {
    let mut walker = Walker::new(spec, Setup::of_piece(piece, Conditions::default()));
    let mut question = Question::default();
    while !walker.is_done() {
        walker.ask(&mut question);
        let answer = walker.answer_of(piece);
        assert!(question.allowed.contains(answer), "{:?} forbids {answer}", question.kind);
        walker.answer(answer);
    }
    walker.into_piece()
}

#[test]
fn answers_retell_the_piece() {
    let spec = Spec::new(2);
    for seed in 0..60 {
        let piece = random_piece(seed);
        let told = retold(&spec, &piece);
        assert_eq!(told.slices, piece.slices, "seed {seed}");
        assert_eq!((told.pickup, told.meters, told.parts), (piece.pickup, piece.meters, piece.parts));
    }
}

#[test]
fn slices_survive_being_written_as_a_score() {
    for seed in 0..60 {
        let piece = random_piece(seed);
        assert_eq!(Sliced::of_score(&piece.to_score()), piece, "seed {seed}");
    }
}

/// Controls of chance, for more bars than any piece has; some of them are missing.
fn random_controls(seed: u64) -> Controls {
    let mut rng = Rng::new(seed).fork(7);
    let mut levels = || {
        let mut level = |_| (rng.below(3) > 0).then(|| rng.below(CONTROL_LEVELS as usize) as u8);
        std::array::from_fn(&mut level)
    };
    let (piece, bars) = (levels(), (0..400).map(|_| levels()).collect());
    let chord = |index: u32| ChordSpan {
        from: 48 * index,
        chord: (rng.below(4) > 0).then(|| Chord {
            root: cantus_score::PitchClass::saturating(rng.below(12) as i64),
            quality: Quality::ALL[rng.below(Quality::ALL.len())],
        }),
    };
    Controls { piece, bars, chords: (0..400).map(chord).collect() }
}

/// All questions about a piece, and all that the trunk reads of it.
fn questions(
    spec: &Spec,
    piece: &Sliced,
    controls: Controls,
) -> Vec<(Vec<u32>, Vec<u32>, Vec<cantus_nn::Term>)> {
    let setup = Setup::of_piece(piece, Conditions::default()).with_controls(controls);
    let mut walker = Walker::new(spec, setup);
    let (mut question, mut read, mut all) = (Question::default(), Vec::new(), Vec::new());
    while !walker.is_done() {
        walker.trunk_items(&mut read);
        walker.ask(&mut question);
        all.push((read.clone(), question.items.clone(), question.terms.clone()));
        walker.answer(walker.answer_of(piece));
    }
    all
}

#[test]
fn without_controls_the_questions_are_those_of_a_network_that_knows_none() {
    let (knows, knows_none) = (Spec::with_controls(2), Spec::new(2));
    for seed in 0..20 {
        let piece = random_piece(seed);
        let plain = questions(&knows_none, &piece, Controls::default());
        assert!(questions(&knows, &piece, Controls::default()) == plain);
        assert!(questions(&knows_none, &piece, random_controls(seed)) == plain);
        assert!(questions(&knows, &piece, random_controls(seed)) != plain);
    }
}

#[test]
fn a_transposed_piece_has_the_same_controls_but_for_register_and_roots() {
    for seed in 0..40 {
        let piece = random_piece(seed);
        let Some(moved) = piece.transposed(3) else { continue };
        let home = heard_key(&piece);
        let one = MeasuredControls::of_piece(&piece, home);
        let other = MeasuredControls::of_piece(&moved, home.map(|home| home.transposed(3)));
        let of = |measured: &MeasuredControls, by: f64| {
            let mut bars = measured.bars.clone();
            bars.push(measured.piece);
            for bar in &mut bars {
                bar[Control::Register.index()] =
                    bar[Control::Register.index()].map(|pitch| ((pitch + by) * 1e6).round());
            }
            bars
        };
        assert_eq!(of(&one, 3.0), of(&other, 0.0));
        let heard = |measured: &MeasuredControls| -> Vec<Option<Quality>> {
            measured.chords.iter().map(|span| span.chord.map(|chord| chord.quality)).collect()
        };
        assert_eq!(heard(&one).len(), heard(&other).len());
    }
}

#[test]
fn rows_lie_inside_their_tables_and_terms_inside_their_columns() {
    let spec = Spec::with_controls(2);
    for seed in 0..40 {
        let piece = random_piece(seed);
        let conditions =
            Conditions { style: Some(1), tempo: Some(90.0), length: Some(960), ..Conditions::default() };
        let setup = Setup::of_piece(&piece, conditions).with_controls(random_controls(seed));
        let mut walker = Walker::new(&spec, setup);
        let (mut question, mut items) = (Question::default(), Vec::new());
        while !walker.is_done() {
            if walker.take_fresh() {
                walker.trunk_items(&mut items);
                assert!(items.iter().all(|&row| (row as usize) < spec.trunk_rows()));
            }
            walker.ask(&mut question);
            let kind = question.kind;
            assert!(question.items.iter().all(|&row| (row as usize) < spec.rows(kind)), "{kind:?}");
            for term in &question.terms {
                assert!((term.source + term.width) as usize <= spec.columns(kind), "{kind:?} {term:?}");
                assert!(term.classes.end as usize <= kind.classes(), "{kind:?} {term:?}");
            }
            walker.answer(walker.answer_of(&piece));
        }
    }
}

/// Every question before a change of the piece reads as if the change were not there, under the same request: what is asked of
/// bars to come is known before the first note, like the bars to go.
#[test]
fn the_future_changes_no_earlier_question() {
    let spec = Spec::with_controls(2);
    for seed in 0..40 {
        let piece = random_piece(seed);
        let middle = piece.slices.len() / 2;
        let mut changed = piece.clone();
        changed.slices.truncate(middle + 1);
        for note in &mut changed.slices[middle].notes {
            note.pitch = Pitch::saturating(i64::from(note.pitch.get()) + 1);
            note.level = note.level.map(|level| (level + 1) % VELOCITY_LEVELS as u8);
        }
        let setup = Setup::of_piece(&piece, Conditions::default()).with_controls(random_controls(seed));
        let (mut one, mut two) = (Walker::new(&spec, setup.clone()), Walker::new(&spec, setup));
        let (mut first, mut second) = (Question::default(), Question::default());
        let (mut read_first, mut read_second) = (Vec::new(), Vec::new());
        loop {
            one.ask(&mut first);
            two.ask(&mut second);
            one.trunk_items(&mut read_first);
            two.trunk_items(&mut read_second);
            assert_eq!(read_first, read_second);
            assert_eq!((&first.items, &first.allowed), (&second.items, &second.allowed));
            assert_eq!(first.terms, second.terms);
            let (answer, other) = (one.answer_of(&piece), two.answer_of(&changed));
            if answer != other || one.slices().len() > middle {
                break;
            }
            one.answer(answer);
            two.answer(other);
        }
    }
}

/// A transposed piece asks the same questions, but for rows and columns that name absolute pitches.
#[test]
fn a_transposed_piece_has_the_transposed_answers() {
    let spec = Spec::new(2);
    for seed in 0..40 {
        let piece = random_piece(seed);
        let Some(moved) = piece.transposed(3) else { continue };
        let mut one = Walker::new(&spec, Setup::of_piece(&piece, Conditions::default()));
        let mut two = Walker::new(&spec, Setup::of_piece(&moved, Conditions::default()));
        while !one.is_done() {
            assert_eq!(one.kind(), two.kind());
            let (answer, other) = (one.answer_of(&piece), two.answer_of(&moved));
            let by = if one.kind() == Kind::Pitch && answer != STOP { 3 } else { 0 };
            assert_eq!(answer + by, other);
            assert_eq!(one.pointers.map(|pointer| pointer.at), two.pointers.map(|pointer| pointer.at));
            assert_eq!(one.agreed, two.agreed);
            one.answer(answer);
            two.answer(other);
        }
        assert!(two.is_done());
    }
}
