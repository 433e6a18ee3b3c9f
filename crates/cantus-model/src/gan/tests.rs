//! Laws of phrases and of the networks that learn them.

use cantus_nn::{Rng, Tape};
use cantus_score::{Channel, Meter, Note, Pitch, Program, Resolution, Score, Ticks, Timed, Track};

use super::batch::{self, Asked, PITCHED_PLANES, PLANES};
use super::generator::{Generator, NOISE};
use super::training::Training;
use super::*;
use crate::corpus::{Corpus, LedgerEntry, Piece, Split};

const TICKS: u32 = 480;

/// A piece of so many bars in four voices that move about, in a key so many semitones above C.
fn piece(bars: u32, shift: i64, seed: u64) -> Score {
    let mut rng = Rng::new(seed);
    let mut score = Score::new(Resolution::STANDARD);
    score.meters.push(Timed::new(Ticks::ZERO, Meter::FOUR_FOUR));
    let scale = [0, 2, 4, 5, 7, 9, 11];
    for (index, low) in [72, 64, 55, 48].into_iter().enumerate() {
        let mut track =
            Track::new(format!("voice {index}"), Channel::saturating(index as i64), Program::PIANO);
        let mut at = 0;
        while at < bars * 4 * TICKS {
            let length = TICKS * [1, 1, 2][rng.below(3)] / [1, 2][rng.below(2)];
            let degree = if at % (4 * TICKS) == 0 { [0, 2, 4, 0][index] } else { rng.below(7) };
            let pitch = Pitch::saturating(low + scale[degree] + shift);
            track.notes.push(Note::new(Ticks(at), Ticks(length), pitch));
            at += length;
        }
        score.tracks.push(track);
    }
    score
}

/// A corpus of some pieces of two styles.
fn corpus() -> Corpus<PiecePhrases> {
    let piece = |index: usize| {
        let score = piece(16, index as i64 % 5, index as u64);
        Piece {
            name: format!("{index}"),
            path: "x".into(),
            title: String::new(),
            style: ["one", "two"][index % 2].to_owned(),
            split: if index < 12 { Split::Train } else { Split::Valid },
            group: index,
            score: PiecePhrases::of_score(&score),
            digest: String::new(),
            ledger: LedgerEntry::default(),
        }
    };
    Corpus {
        pieces: (0..16).map(piece).collect(),
        skipped: Vec::new(),
        warnings: 0,
        duplicates: 0,
        straddling: 0,
    }
}

fn set() -> PhraseSet {
    PhraseSet::of_corpus(&corpus(), (1000, 1)).unwrap()
}

fn recipe() -> Recipe {
    Recipe { epochs: 2, steps: 3, batch: 4, measured: 2, warm_up: 0, ..Recipe::default() }
}

#[test]
fn a_grid_holds_its_metre() {
    for (beats, unit, expected) in [
        (4, 4, Some((6, 16, 1))),
        (3, 4, Some((6, 12, 1))),
        (2, 4, Some((6, 16, 2))),
        (6, 8, Some((6, 12, 1))),
        (3, 8, Some((6, 12, 2))),
        (9, 8, Some((12, 9, 1))),
        (2, 1, Some((12, 16, 1))),
        (3, 1, Some((24, 12, 1))),
        (5, 4, Some((12, 10, 1))),
        (17, 16, None),
    ] {
        let meter = Meter::new(beats, unit).unwrap();
        let grid = Grid::of(meter);
        assert_eq!(grid.map(|grid| (grid.step, grid.used, grid.joined)), expected, "{meter}");
        if let Some(grid) = grid {
            assert_eq!(grid.length() * unit as u32, 96 * beats as u32 * u32::from(grid.joined), "{meter}");
        }
    }
}

#[test]
fn transposed_pieces_have_the_same_phrases() {
    let phrases = |shift| PiecePhrases::of_score(&piece(12, shift, 7)).phrases;
    let home = phrases(0);
    assert_eq!(home.len(), 9);
    assert!(home[1].is_joined && home[8].is_last && !home[0].is_joined);
    // Further away the shorter way to C is the other one, an octave off.
    assert!(phrases(3) == home && phrases(-2) == home);
}

#[test]
fn roles_are_the_outer_voices_and_what_lies_between() {
    let score = piece(8, 0, 3);
    let phrase = &PiecePhrases::of_score(&score).phrases[0];
    assert_eq!(Role::ALL.map(|role| phrase.has(role)), [true, true, true, false]);
    let begins =
        |role| phrase.notes.iter().filter(move |note| note.role == role).map(|note| u32::from(note.at) - 16);
    for (role, voice) in [(Role::Melody, 0), (Role::Bass, 3)] {
        let own = score.tracks[voice].notes.iter().map(|note| note.start.0 * 4 / TICKS).filter(|at| *at < 64);
        assert_eq!(begins(role).collect::<Vec<_>>(), own.collect::<Vec<_>>(), "{role:?}");
    }
}

#[test]
fn planes_tell_all_notes_of_a_phrase() {
    for phrase in PiecePhrases::of_score(&piece(12, 2, 5)).phrases {
        let phrase = phrase.alone();
        let planes = batch::played(std::iter::once(&phrase));
        let mut notes = Vec::new();
        for role in Role::PITCHED {
            let cell = |at: usize, row: usize, plane: usize| {
                let step = at.checked_sub(BAR_STEPS)?;
                planes.pitched.get((step * ROWS + row) * PITCHED_PLANES + PLANES * role.index() + plane)
            };
            let is = |at, row, plane| cell(at, row, plane).is_some_and(|value| *value > 0.5);
            notes.extend(Phrase::notes_of(
                phrase.grid,
                role,
                |at, row| is(at, row, 0),
                |at, row| is(at, row, 1),
            ));
        }
        notes.sort_unstable();
        assert_eq!(notes, phrase.notes);
    }
}

#[test]
fn what_is_given_stays_and_lines_are_single() {
    let set = set();
    let mut params = cantus_nn::Parameters::new();
    let generator = Generator::new(2, &mut params, &mut Rng::new(4));
    let mut rng = Rng::new(9);
    let mut tape = Tape::new(2);
    for phrase in set.of(Split::Train)[0].iter().take(6) {
        let mut condition = Condition::of_phrase(0, phrase);
        condition.given = [true, false, false, false];
        let noise = vec![made::noise(&mut rng)];
        let made = made::answer(&mut tape, (&generator, &params), 2, &[(&condition, phrase)], &noise);
        let of = |phrase: &Phrase, role| {
            phrase.notes_within().filter(|note| note.role == role).copied().collect::<Vec<_>>()
        };
        assert_eq!(of(&made[0], Role::Melody), of(phrase, Role::Melody));
        assert!(of(&made[0], Role::Drums).is_empty());
        for pair in of(&made[0], Role::Bass).windows(2) {
            assert!(pair[0].at + pair[0].steps <= pair[1].at);
        }
        let before = |phrase: &Phrase| {
            phrase
                .notes
                .iter()
                .filter(|note| note.at < phrase.grid.used)
                .map(|note| (note.at, note.role, note.row))
                .collect::<Vec<_>>()
        };
        assert_eq!(before(&made[0]), before(phrase));
    }
}

#[test]
fn phrases_are_made_the_same_side_by_side_and_alone() {
    let set = set();
    let mut params = cantus_nn::Parameters::new();
    let generator = Generator::new(2, &mut params, &mut Rng::new(4));
    let mut rng = Rng::new(1);
    let phrases: Vec<&Phrase> = set.of(Split::Train)[1].iter().take(5).collect();
    let conditions: Vec<Condition> = phrases.iter().map(|phrase| Condition::of_phrase(1, phrase)).collect();
    let questions: Vec<_> = conditions.iter().zip(phrases).collect();
    let noises: Vec<Vec<f32>> = (0..5).map(|_| made::noise(&mut rng)).collect();
    assert_eq!(noises[0].len(), NOISE);
    let mut tape = Tape::new(2);
    let together = made::answer(&mut tape, (&generator, &params), 2, &questions, &noises);
    for index in 0..5 {
        let alone = made::answer(
            &mut tape,
            (&generator, &params),
            2,
            &questions[index..=index],
            &noises[index..=index],
        );
        assert_eq!(alone[0], together[index]);
    }
}

#[test]
fn adversaries_learn_the_same_on_any_number_of_threads_and_after_a_stop() {
    let run = |threads: usize, stops: bool| {
        let mut training = Training::new(recipe(), set());
        training.use_threads(threads);
        for step in 0..4 {
            training.step();
            if step == 1 && stops {
                let (state, place) = (training.state(), training.place());
                training = Training::new(recipe(), set());
                training.use_threads(threads);
                training.restore(&state, place).unwrap();
                training.measure();
            }
        }
        training.state()
    };
    let whole = run(1, false);
    assert_eq!(run(3, false), whole);
    assert_eq!(run(2, true), whole);
}

#[test]
fn a_model_is_read_as_it_was_written() {
    let mut training = Training::new(recipe(), set());
    let habits: Vec<_> = training.measure().into_iter().map(|measured| measured.habits).collect();
    let card = crate::model::Card { name: "x".to_owned(), ..Default::default() };
    let model = Model::new(training.weights(), (training.set.styles.clone(), habits), recipe(), card);
    let bytes = model.to_bytes();
    assert!(Model::is_model(&bytes) && bytes.len() < 4 << 20);
    let back = Model::from_bytes(&bytes).unwrap();
    assert_eq!((back.to_bytes(), back.styles, back.recipe), (bytes, model.styles, model.recipe));
    assert_eq!(back.habits, model.habits);
}

#[test]
fn what_a_style_holds_is_not_struck_again() {
    let set = set();
    let held: Vec<Phrase> = set.of(Split::Train)[1].iter().map(Phrase::alone).collect();
    // The same music with each note of the melody in two: as long in all, and twice the notes.
    let halved = |phrase: &Phrase| {
        let mut phrase = phrase.clone();
        for index in 0..phrase.notes.len() {
            let note = phrase.notes[index];
            if note.role == Role::Melody && note.steps > 1 {
                phrase.notes[index].steps = 1;
                phrase.notes.push(PhraseNote { at: note.at + 1, steps: note.steps - 1, ..note });
            }
        }
        phrase.notes.sort_unstable();
        phrase
    };
    let struck: Vec<Phrase> = held.iter().map(halved).collect();
    assert_ne!(struck, held, "the fixture must have notes of more than one step");
    let habits = Habits::of_style(&held).beside(&held, &struck);
    assert!([Role::Harmony, Role::Bass].iter().all(|role| habits.joined(*role) <= 0.0));
    let again = |phrases: &[Phrase]| super::habits::share_struck_again(phrases, Role::Melody);
    let mut rng = Rng::new(1);
    let mended: Vec<Phrase> = struck
        .iter()
        .map(|phrase| {
            let mut phrase = phrase.clone();
            super::habits::join(&mut phrase, |role| habits.joined(role), &mut rng);
            phrase
        })
        .collect();
    assert!(again(&struck) > 0.2 && (again(&mended) - again(&held)).abs() < 0.03);
    let time = |phrases: &[Phrase]| {
        phrases.iter().flat_map(|phrase| &phrase.notes).map(|note| u32::from(note.steps)).sum::<u32>()
    };
    assert_eq!(time(&mended), time(&held), "what is joined sounds on");
}

#[test]
fn phrases_are_more_usual_in_their_own_style() {
    let set = set();
    let train = set.of(Split::Train);
    let habits: Vec<Habits> = train.iter().map(|phrases| Habits::of_style(phrases)).collect();
    let low = |phrase: &Phrase| {
        let mut phrase = phrase.alone();
        phrase.notes.iter_mut().for_each(|note| note.row = note.row.saturating_sub(24));
        phrase
    };
    let mean = |phrases: &mut dyn Iterator<Item = Phrase>| {
        let all: Vec<f32> = phrases.map(|phrase| habits[0].how_usual(&phrase)).collect();
        all.iter().sum::<f32>() / all.len() as f32
    };
    let own = mean(&mut set.held_out(0).iter().map(Phrase::alone));
    assert!(own <= 0.0 && own > mean(&mut set.held_out(0).iter().map(low)) + 0.2, "{own}");
    let drawn = habits[0].density(&mut Rng::new(1));
    assert!(drawn.iter().all(Option::is_some), "bars with notes have a density: {drawn:?}");
}

#[test]
fn styles_with_too_few_phrases_are_refused_by_name() {
    let mut corpus = corpus();
    corpus.pieces.retain(|piece| piece.style == "one" || piece.name == "1" || piece.name == "13");
    let error = PhraseSet::of_corpus(&corpus, (1000, 1)).unwrap_err();
    assert!(error.to_string().contains("but two has 13"), "{error}");
}

#[test]
fn alike_distributions_do_not_diverge() {
    let set = set();
    let of = |phrases: &[Phrase]| Distributions::of_phrases(phrases.iter());
    let (one, other) = (of(&set.of(Split::Train)[0]), of(&set.of(Split::Train)[1]));
    assert!(mean_divergence(&one.divergences(&one)).abs() < 1e-12);
    let apart = mean_divergence(&one.divergences(&other));
    assert!(apart > 0.0 && (apart - mean_divergence(&other.divergences(&one))).abs() < 1e-12);
    let silent = of(&[]);
    assert!(mean_divergence(&one.divergences(&silent)) > 0.9);
}

#[test]
fn asked_numbers_have_their_shapes() {
    let set = set();
    let phrase = &set.of(Split::Train)[0][2];
    let condition = Condition::of_phrase(0, phrase);
    let asked = Asked::of(&[(&condition, phrase), (&condition, phrase)], 2);
    assert_eq!(asked.whole.len(), 2 * Condition::numbers(2));
    assert_eq!(asked.holds[0].len(), 2 * STEPS);
}
