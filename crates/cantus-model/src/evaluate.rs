//! How likely a model finds music: nats a piece, a note, a slice.

use std::ops::Range;

use cantus_nn::{Mode, Parameters, Tape};
use rayon::prelude::*;

use crate::encoding::Sliced;
use crate::lesson::{Batch, Exercise, Lesson};
use crate::network::Network;
use crate::training::NO_DROPOUT;
use crate::walk::{Conditions, Kind, Setup};

#[cfg(test)]
mod tests;

/// Most stretches measured side by side.
const SIDE_BY_SIDE: usize = 16;
/// Longer pieces are measured in stretches of so many slices: memory grows with what is measured at once.
const LONGEST: usize = 2048;
/// Most slices measured at once, counting those that shorter stretches are filled up with.
const AT_ONCE: usize = 4096;

/// What pieces cost a model.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Evaluation {
    /// Nats of each piece.
    pub pieces: Vec<f64>,
    /// Nats in all, by kind of question in the order of [`Kind::ALL`].
    pub by_kind: [f64; 8],
    /// Questions by kind.
    pub questions: [usize; 8],
    /// Notes in all.
    pub notes: usize,
    /// Slices in all.
    pub slices: usize,
}

impl Evaluation {
    /// Nats in all.
    pub fn nats(&self) -> f64 {
        self.pieces.iter().sum()
    }

    /// Nats a note, all that was asked counted in.
    pub fn per_note(&self) -> f64 {
        self.nats() / self.notes.max(1) as f64
    }

    /// Nats a slice.
    pub fn per_slice(&self) -> f64 {
        self.nats() / self.slices.max(1) as f64
    }
}

/// Measures pieces, each under its style and no other condition. Nothing is read that is not asked for: the cost
/// is that of all notes of a piece, its pickup and its end, given its parts and metres.
///
/// A network without a head for drums guesses among all that is allowed; one without a head for velocities is not
/// asked for them. After 2048 slices the network's memory begins anew.
pub fn evaluate(
    tape: &mut Tape,
    network: &Network,
    params: &Parameters,
    pieces: &[(&Sliced, Option<u32>)],
) -> Evaluation {
    let setup = |&(piece, style): &(_, _)| {
        (piece, Setup::of_piece(piece, Conditions { style, ..Conditions::default() }))
    };
    let asked: Vec<(&Sliced, Setup)> = pieces.iter().map(setup).collect();
    evaluate_asked(tape, network, params, &asked)
}

/// The same, each piece as it is asked for.
pub fn evaluate_asked(
    tape: &mut Tape,
    network: &Network,
    params: &Parameters,
    pieces: &[(&Sliced, Setup)],
) -> Evaluation {
    let mut evaluation = Evaluation { pieces: vec![0.0; pieces.len()], ..Evaluation::default() };
    for group in groups(pieces) {
        let lesson = |stretch: &Stretch| {
            let (piece, setup) = &pieces[stretch.piece];
            Lesson::of_setup(&network.spec, piece, setup.clone(), stretch.range.clone())
        };
        let lessons: Vec<Lesson> = group.par_iter().map(lesson).collect();
        let batch = Batch::of_lessons(&lessons);
        tape.begin(Mode::Eval);
        let costs = network.costs(tape, params, &batch, NO_DROPOUT);
        for (kind, cost) in Kind::ALL.into_iter().zip(costs) {
            let exercise = &batch.exercises[kind.index()];
            let blind: Vec<f32>;
            let nats = match cost {
                Some(cost) => tape.value(cost),
                None if kind == Kind::Drum => {
                    blind = (0..exercise.answers.len()).map(|row| blind_guess(exercise, row)).collect();
                    &blind
                }
                None => continue,
            };
            for (nats, row) in nats.iter().zip(&exercise.slices) {
                let piece = group[*row as usize % batch.batch].piece;
                evaluation.pieces[piece] += f64::from(*nats);
                evaluation.by_kind[kind.index()] += f64::from(*nats);
            }
            evaluation.questions[kind.index()] += exercise.answers.len();
        }
    }
    evaluation.notes = pieces.iter().map(|(piece, _)| piece.note_count()).sum();
    evaluation.slices = pieces.iter().map(|(piece, _)| piece.slices.len()).sum();
    evaluation
}

/// A part of a piece that is measured in one go.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Stretch {
    piece: usize,
    range: Range<usize>,
}

/// All pieces as stretches, those of like length together.
fn groups<Asked>(pieces: &[(&Sliced, Asked)]) -> Vec<Vec<Stretch>> {
    let mut stretches: Vec<Stretch> = Vec::new();
    for (piece, (sliced, _)) in pieces.iter().enumerate() {
        let end = sliced.slices.len();
        // A piece without slices still has a question: whether it ends.
        let starts = (0..end.max(1)).step_by(LONGEST);
        stretches.extend(starts.map(|start| Stretch { piece, range: start..(start + LONGEST).min(end) }));
    }
    stretches.sort_by_key(|stretch| stretch.range.len());
    let mut groups: Vec<Vec<Stretch>> = Vec::new();
    for stretch in stretches {
        match groups.last_mut() {
            Some(group)
                if group.len() < SIDE_BY_SIDE && (group.len() + 1) * stretch.range.len() <= AT_ONCE =>
            {
                group.push(stretch);
            }
            _ => groups.push(vec![stretch]),
        }
    }
    groups
}

/// The cost of a guess among all classes that a question allows.
fn blind_guess(exercise: &Exercise, row: usize) -> f32 {
    let allowed: u32 = exercise.allowed.row(row).iter().map(|word| word.count_ones()).sum();
    (allowed.max(1) as f32).ln()
}
