//! How likely a model finds music: nats a piece, a note, a slice.

use cantus_nn::{Mode, Parameters, Tape};
use rayon::prelude::*;

use crate::encoding::Sliced;
use crate::lesson::{Batch, Lesson};
use crate::network::Network;
use crate::training::NO_DROPOUT;
use crate::walk::{Conditions, Kind};

/// Pieces measured side by side.
const SIDE_BY_SIDE: usize = 16;

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
pub fn evaluate(
    tape: &mut Tape,
    network: &Network,
    params: &Parameters,
    pieces: &[(&Sliced, Option<u32>)],
) -> Evaluation {
    let mut order: Vec<usize> = (0..pieces.len()).collect();
    order.sort_by_key(|&index| pieces[index].0.slices.len());
    let mut evaluation = Evaluation { pieces: vec![0.0; pieces.len()], ..Evaluation::default() };
    for group in order.chunks(SIDE_BY_SIDE) {
        let lesson = |&index: &usize| {
            let (piece, style) = pieces[index];
            let conditions = Conditions { style, ..Conditions::default() };
            Lesson::of_piece(&network.spec, piece, conditions, 0..piece.slices.len())
        };
        let lessons: Vec<Lesson> = group.par_iter().map(lesson).collect();
        let batch = Batch::of_lessons(&lessons);
        tape.begin(Mode::Eval);
        let costs = network.costs(tape, params, &batch, NO_DROPOUT);
        for (kind, cost) in Kind::ALL.into_iter().zip(costs) {
            let Some(cost) = cost else { continue };
            let exercise = &batch.exercises[kind.index()];
            for (nats, row) in tape.value(cost).iter().zip(&exercise.slices) {
                let piece = group[*row as usize % batch.batch];
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
