//! How well a network expects pieces.

use cantus_nn::{Mode, Parameters, Tape};

use super::network::{Batch, Tells};
use super::{Lessons, Network, Recipe, Target};

/// Most frames that are measured at once: longer stretches begin anew without a past.
const MOST_ROWS: usize = 1 << 14;
/// Most frames whose errors are kept.
const MOST_ERRORS: usize = 512;

/// What some pieces cost a network.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Evaluation {
    /// Pieces measured.
    pub pieces: usize,
    /// Frames measured.
    pub frames: usize,
    /// The sum over frames of nats (binary numbers) or of the mean squared error (real ones).
    pub loss: f64,
    /// What the true numbers lay above those told, at evenly spaced frames, as the network sees them:
    /// `[frames, features]`; real numbers only.
    pub errors: Vec<f32>,
}

impl Evaluation {
    /// Nats a frame, or squared error a number.
    pub fn per_frame(&self) -> f64 {
        self.loss / self.frames.max(1) as f64
    }
}

/// Measures a network on the held-out pieces.
pub fn evaluate(
    tape: &mut Tape,
    network: &Network,
    params: &Parameters,
    lessons: &Lessons,
    recipe: &Recipe,
) -> Evaluation {
    let frames = lessons.frames();
    let mut found = Evaluation {
        pieces: lessons.valid.len(),
        frames: lessons.valid.len() * frames,
        ..Evaluation::default()
    };
    let every = found.frames.div_ceil(MOST_ERRORS).max(1);
    let stretch = frames.min(MOST_ROWS);
    let mut batch = Batch::default();
    let mut seen = 0;
    for pieces in lessons.valid.chunks((MOST_ROWS / stretch).max(1)) {
        for begin in (0..frames).step_by(stretch) {
            let places: Vec<_> = pieces.iter().map(|&piece| (piece, begin)).collect();
            batch.fill(lessons, &places, stretch.min(frames - begin), recipe.target);
            tape.begin(Mode::Eval);
            let (loss, told) = network.losses(tape, params, &batch, (Tells::of(recipe, &lessons.scale), 0.0));
            found.loss += tape.value(loss).iter().map(|&loss| f64::from(loss)).sum::<f64>();
            if !lessons.scale.is_binary() {
                keep_errors(
                    &mut found.errors,
                    tape.value(told),
                    &batch.target,
                    (seen, every, lessons.features()),
                );
            }
            seen += batch.steps * batch.pieces;
        }
    }
    found
}

fn keep_errors(
    errors: &mut Vec<f32>,
    told: &[f32],
    target: &[f32],
    (seen, every, features): (usize, usize, usize),
) {
    let rows = told.chunks_exact(features).zip(target.chunks_exact(features)).enumerate();
    for (_, (told, target)) in rows.filter(|(row, _)| (seen + row).is_multiple_of(every)) {
        errors.extend(target.iter().zip(told).map(|(target, told)| target - told));
    }
}

impl Batch {
    /// Takes stretches of some pieces, each from a frame on.
    pub(super) fn fill(
        &mut self,
        lessons: &Lessons,
        places: &[(usize, usize)],
        steps: usize,
        target: Target,
    ) {
        let (features, pieces) = (lessons.features(), places.len());
        (self.steps, self.pieces) = (steps, pieces);
        self.target.resize(steps * pieces * features, 0.0);
        for (row, told) in self.target.chunks_exact_mut(features).enumerate() {
            let (piece, begin) = places[row % pieces];
            lessons.frame(piece, begin + row / pieces, told);
        }
        self.input.clear();
        if target == Target::Next {
            // What comes before a stretch; before the first frame of all, zeros.
            self.input.resize(pieces * features, 0.0);
            for (&(piece, begin), read) in places.iter().zip(self.input.chunks_exact_mut(features)) {
                if begin > 0 {
                    lessons.frame(piece, begin - 1, read);
                }
            }
        }
        let rest = self.target.len() - self.input.len();
        self.input.extend_from_slice(&self.target[..rest]);
    }
}
