//! What pieces of four voices cost.

use cantus_nn::{Mode, Parameters, Tape, math};
use rayon::prelude::*;

use super::network::Network;
use super::past::Asked;
use super::piece::{VOICES, VoicedPiece};
use super::questions::{CLASSES, CUT_OFF, GAP};
use crate::lesson::{Batch, Exercise, Lesson};
use crate::training::NO_DROPOUT;

/// Pieces measured side by side.
const SIDE_BY_SIDE: usize = 8;

/// What a piece costs.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct PieceCost {
    /// Sixteenths of the piece.
    pub frames: usize,
    /// Moments at which something is asked.
    pub moments: usize,
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

/// What was expected where a question was asked.
#[derive(Debug, Clone, PartialEq)]
pub struct Expected {
    /// The number of the piece.
    pub piece: usize,
    /// What was asked: soprano, bass, tenor, alto, and when something changes next, from 0.
    pub asked: usize,
    /// The answers that are right, all from the first to the last.
    pub right: (u32, u32),
    /// The probability of each answer, [`CLASSES`] of them, those that there are not being 0.
    pub probabilities: Vec<f32>,
}

impl Expected {
    /// Nats of the right answer.
    fn nats(&self) -> f64 {
        let (first, last) = self.right;
        let chance: f64 =
            self.probabilities[first as usize..=last as usize].iter().map(|chance| f64::from(*chance)).sum();
        -chance.max(f64::MIN_POSITIVE).ln()
    }

    /// Whether a voice begins something.
    fn begins(&self) -> bool {
        self.asked < VOICES && self.right.0 > 0
    }
}

impl Evaluation {
    /// What pieces cost that were expected so.
    pub fn of(pieces: &[VoicedPiece], all: &[Expected]) -> Self {
        let blank = |piece: &VoicedPiece| PieceCost { frames: piece.frames.len(), ..PieceCost::default() };
        let mut costs: Vec<PieceCost> = pieces.iter().map(blank).collect();
        for expected in all {
            let (cost, nats) = (&mut costs[expected.piece], expected.nats());
            cost.nats += nats;
            cost.moments += usize::from(expected.asked == GAP);
            if expected.begins() {
                cost.onsets += 1;
                cost.onset_nats += nats;
            }
        }
        Self { pieces: costs }
    }

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

    /// Nats of a moment at which something is asked.
    pub fn per_moment(&self) -> f64 {
        self.sum(|piece| piece.nats) / self.sum(|piece| piece.moments).max(1) as f64
    }

    /// Nats of a voice at a sixteenth at which it begins something, of these alone.
    pub fn onsets_only(&self) -> f64 {
        self.sum(|piece| piece.onset_nats) / self.sum(|piece| piece.onsets).max(1) as f64
    }
}

/// What networks of which each has its own weights expect, the mean of their probabilities, in pieces in their order.
pub(super) fn expected(network: &Network, weights: &[&Parameters], pieces: &[VoicedPiece]) -> Vec<Expected> {
    let groups: Vec<(usize, &[VoicedPiece])> = pieces.chunks(SIDE_BY_SIDE).enumerate().collect();
    let of_group = |(group, pieces): &(usize, &[VoicedPiece])| {
        let lessons: Vec<Lesson> =
            pieces.iter().map(|piece| network.spec.lesson(piece, Asked::default())).collect();
        let batch = Batch::of_lessons(&lessons);
        let mut all = asked(&batch, group * SIDE_BY_SIDE);
        let mut tape = Tape::new(1);
        for params in weights {
            tape.begin(Mode::Eval);
            let logits = network.logits(&mut tape, params, &batch, NO_DROPOUT);
            let mut all = all.iter_mut();
            for (logits, exercise) in logits.iter().zip(&batch.exercises).take(CUT_OFF) {
                let Some(logits) = *logits else { continue };
                let classes = exercise.allowed.classes();
                for (row, logits) in tape.value(logits).chunks_exact(classes).enumerate() {
                    if let Some(expected) = all.next() {
                        add_chances(logits, (exercise, row), weights.len(), &mut expected.probabilities);
                    }
                }
            }
        }
        all
    };
    groups.par_iter().flat_map_iter(of_group).collect()
}

/// The questions of a batch, head by head, nothing expected yet; `first` is the number of its first piece.
fn asked(batch: &Batch, first: usize) -> Vec<Expected> {
    let mut all = Vec::new();
    for (asked, exercise) in batch.exercises.iter().take(CUT_OFF).enumerate() {
        for (answer, slice) in exercise.answers.iter().zip(&exercise.slices) {
            let cut_off = batch.exercises[CUT_OFF].slices.iter().position(|other| other == slice);
            let right = match cut_off.filter(|_| asked == GAP) {
                Some(row) => (batch.exercises[CUT_OFF].allowed.row(row)[0].trailing_zeros(), *answer),
                None => (*answer, *answer),
            };
            let piece = first + *slice as usize % batch.batch;
            all.push(Expected { piece, asked, right, probabilities: vec![0.0; CLASSES] });
        }
    }
    all
}

/// Adds a network's probabilities, as one of so many networks.
fn add_chances(logits: &[f32], (exercise, row): (&Exercise, usize), networks: usize, to: &mut [f32]) {
    let is_allowed = |class: &usize| exercise.allowed.allows(row, *class);
    let allowed = || (0..logits.len()).filter(is_allowed);
    let most = allowed().map(|class| logits[class]).fold(f32::MIN, f32::max);
    let sum: f32 = allowed().map(|class| math::exp(logits[class] - most)).sum();
    for class in allowed() {
        to[class] += math::exp(logits[class] - most) / (sum * networks as f32);
    }
}
