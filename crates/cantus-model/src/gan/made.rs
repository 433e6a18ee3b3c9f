//! From the planes that a generator made to phrases.

use cantus_nn::{Mode, Parameters, Rng, Tape};

use super::batch::{Asked, PITCHED_PLANES, PLANES, Question};
use super::generator::{Generator, NOISE};
use super::grid::{BAR_STEPS, SEEN, STEPS};
use super::phrase::{Phrase, PhraseNote, ROWS};
use super::roles::Role;
use crate::kit;

/// Questions that are answered side by side: memory is bounded, however many are asked.
pub(super) const SIDE_BY_SIDE: usize = 32;

/// Answers questions, each with noise of its own: the tracks asked for are made, the bar before and the tracks given stay.
pub(super) fn answer(
    tape: &mut Tape,
    (generator, params): (&Generator, &Parameters),
    styles: usize,
    questions: &[Question],
    noises: &[Vec<f32>],
) -> Vec<Phrase> {
    let mut phrases = Vec::with_capacity(questions.len());
    for (questions, noises) in questions.chunks(SIDE_BY_SIDE).zip(noises.chunks(SIDE_BY_SIDE)) {
        let asked = Asked::of(questions, styles);
        tape.begin(Mode::Eval);
        let played = generator.play(tape, params, &asked, &noises.concat());
        let (pitched, drums) = (tape.value(played.pitched), tape.value(played.drums));
        let size = STEPS * ROWS * PITCHED_PLANES;
        let all = pitched.chunks_exact(size).zip(drums.chunks_exact(STEPS * kit::CLASSES));
        phrases.extend(questions.iter().zip(all).map(|(question, planes)| phrase(question, planes)));
    }
    phrases
}

/// Noise for one phrase.
pub(super) fn noise(rng: &mut Rng) -> Vec<f32> {
    (0..NOISE).map(|_| rng.normal()).collect()
}

fn phrase((condition, asked): &Question, (pitched, drums): (&[f32], &[f32])) -> Phrase {
    let mut notes: Vec<PhraseNote> = Vec::new();
    for role in Role::ALL {
        let cells = Cells::of((condition.is_joined, asked), role, (pitched, drums));
        notes.extend(Phrase::notes_of(
            condition.grid,
            role,
            |at, row| cells.sounds[at * ROWS + row],
            |at, row| cells.begins[at * ROWS + row],
        ));
    }
    notes.sort_unstable();
    Phrase {
        grid: condition.grid,
        mode: condition.mode,
        is_joined: condition.is_joined,
        is_last: condition.is_last,
        notes,
        chords: condition.chords,
        density: condition.density,
        meter: asked.meter,
    }
}

/// One track of what a network sees.
struct Cells {
    /// `[SEEN, rows]`
    sounds: Vec<bool>,
    begins: Vec<bool>,
}

impl Cells {
    fn of((is_joined, asked): (bool, &Phrase), role: Role, (pitched, drums): (&[f32], &[f32])) -> Self {
        let mut cells = Self { sounds: vec![false; SEEN * ROWS], begins: vec![false; SEEN * ROWS] };
        if is_joined {
            asked.cells(|at, row, own, begins| {
                if own == role && at < BAR_STEPS {
                    cells.sounds[at * ROWS + row] = true;
                    cells.begins[at * ROWS + row] |= begins;
                }
            });
        }
        for step in 0..STEPS {
            let place = (step + BAR_STEPS) * ROWS;
            if role == Role::Drums {
                for row in 0..kit::CLASSES {
                    cells.begins[place + row] = drums[step * kit::CLASSES + row] > 0.5;
                }
                continue;
            }
            for row in 0..ROWS {
                let cell = (step * ROWS + row) * PITCHED_PLANES + PLANES * role.index();
                cells.sounds[place + row] = pitched[cell] > 0.5;
                cells.begins[place + row] = pitched[cell + 1] > 0.5;
            }
        }
        cells
    }
}
