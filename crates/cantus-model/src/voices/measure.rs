//! What pieces of four voices cost.

use cantus_nn::{Mode, Parameters, Tape};
use rayon::prelude::*;

use super::network::{Network, sign};
use super::piece::{VOICES, VoicedPiece};
use super::questions::EXERCISES;
use crate::lesson::{Batch, Lesson};
use crate::training::NO_DROPOUT;

/// Pieces measured side by side.
const SIDE_BY_SIDE: usize = 16;

/// What a piece costs.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct PieceCost {
    /// Sixteenths of the piece.
    pub frames: usize,
    /// Notes and silences that begin.
    pub onsets: usize,
    /// Nats of all that was asked: what each voice does at each sixteenth.
    pub nats: f64,
    /// Those of them that tell which notes begin, where one does.
    pub onset_nats: f64,
}

/// What some pieces cost.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Evaluation {
    /// Piece by piece.
    pub pieces: Vec<PieceCost>,
}

impl Evaluation {
    fn sum<T: std::iter::Sum>(&self, of: impl Fn(&PieceCost) -> T) -> T {
        self.pieces.iter().map(of).sum()
    }

    /// Nats of a voice at a sixteenth, over all of them.
    pub fn pooled(&self) -> f64 {
        self.sum(|piece| piece.nats) / (VOICES * self.sum(|piece| piece.frames)).max(1) as f64
    }

    /// The same of each piece, the mean over the pieces.
    pub fn per_piece(&self) -> f64 {
        let of = |piece: &PieceCost| piece.nats / (VOICES * piece.frames).max(1) as f64;
        self.sum(of) / self.pieces.len().max(1) as f64
    }

    /// Nats of a voice at a sixteenth at which it begins something, of these alone.
    pub fn onsets_only(&self) -> f64 {
        self.sum(|piece| piece.onset_nats) / self.sum(|piece| piece.onsets).max(1) as f64
    }
}

/// What each question costs a network: its piece, the exercise, whether a note begins, nats.
type Costs = Vec<(usize, usize, bool, f32)>;

/// Measures pieces by networks of which each has its own weights; what they expect is the mean of their probabilities.
pub(super) fn evaluate(network: &Network, weights: &[&Parameters], pieces: &[VoicedPiece]) -> Vec<PieceCost> {
    let costs: Vec<Costs> = weights.par_iter().map(|params| costs(network, params, pieces)).collect();
    let mut all: Vec<PieceCost> =
        pieces.iter().map(|piece| PieceCost { frames: piece.frames.len(), ..PieceCost::default() }).collect();
    for index in 0..costs.first().map_or(0, Vec::len) {
        let (piece, _, begins, _) = costs[0][index];
        let chances = costs.iter().map(|costs| f64::from(-costs[index].3).exp());
        let nats = -(chances.sum::<f64>() / costs.len() as f64).ln();
        let cost = &mut all[piece];
        cost.nats += nats;
        if begins {
            cost.onsets += 1;
            cost.onset_nats += nats;
        }
    }
    all
}

fn costs(network: &Network, params: &Parameters, pieces: &[VoicedPiece]) -> Costs {
    let mut tape = Tape::new(1);
    let mut all = Costs::new();
    for (group, pieces) in pieces.chunks(SIDE_BY_SIDE).enumerate() {
        let lessons: Vec<Lesson> = pieces.iter().map(|piece| network.spec.lesson(piece)).collect();
        let batch = Batch::of_lessons(&lessons);
        tape.begin(Mode::Eval);
        let costs = network.costs(&mut tape, params, &batch, NO_DROPOUT);
        let first = all.len();
        for (index, cost) in costs.into_iter().enumerate().filter_map(|(index, cost)| Some((index, cost?))) {
            let exercise = &batch.exercises[index];
            for (row, nats) in tape.value(cost).iter().enumerate() {
                let piece = group * SIDE_BY_SIDE + exercise.slices[row] as usize % batch.batch;
                let begins = index < VOICES && exercise.answers[row] != 0;
                all.push((piece, index, begins, *nats));
            }
        }
        take_off(&mut all, first);
    }
    all
}

/// Takes what is cut off by the end of pieces off the gaps that the end cuts off: those are the last gaps of their pieces.
fn take_off(all: &mut Costs, first: usize) {
    let cut: Costs = all[first..].iter().copied().filter(|cost| cost.1 + 1 == EXERCISES).collect();
    all.retain(|cost| cost.1 + 1 != EXERCISES);
    for (piece, exercise, _, nats) in cut {
        let last = all[first..].iter_mut().rev().find(|cost| cost.0 == piece && cost.1 + 1 == exercise);
        if let Some(last) = last {
            last.3 += sign(exercise) * nats;
        }
    }
}
