//! The learning curve of a corpus: how well small networks expect music after learning from shares of it.

use super::{SetError, Training, TrainingSet};
use crate::chart::{Axis, chart};
use crate::model::CurvePoint;
use crate::recipe::Recipe;
use crate::run::RunError;

/// The shares of a corpus that are learnt from.
pub const SHARES: [f64; 5] = [1.0 / 16.0, 1.0 / 8.0, 1.0 / 4.0, 1.0 / 2.0, 1.0];

/// Steps that each share is trained for at most, unless its best comes early: the small shares are gone through many
/// times, so that each has learnt what it can, and none gains by more steps than the others have.
const STEPS: usize = 1500;
/// Measurements of a share on the way.
const MEASUREMENTS: u32 = 12;
/// Measurements without a better one after which a share is done with.
const PATIENCE: u32 = 3;

/// How far a curve is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CurveProgress {
    /// Steps taken, over all shares.
    pub step: usize,
    /// Steps at most.
    pub steps: usize,
    /// The share that is learnt from.
    pub share: f64,
    /// The last measurement of this share in nats a note, once there is one.
    pub nats_per_note: Option<f64>,
}

/// Trains a network from nothing on each of the [`SHARES`] of a set's training pieces, each share being part of the
/// next, and measures it on the set's validation pieces. `is_stopped` is told of each step; where it says so, the
/// shares that are done are the curve. A share of less than a piece is left out.
///
/// The best of the measurements on the way counts, so that nothing hangs on learning by heart.
pub fn learning_curve(
    mut set: TrainingSet,
    recipe: &Recipe,
    threads: usize,
    is_stopped: &mut dyn FnMut(CurveProgress) -> bool,
) -> Result<Vec<CurvePoint>, RunError> {
    let mut all = std::mem::take(&mut set.train);
    cantus_nn::Rng::new(recipe.seed).fork(u64::MAX).shuffle(&mut all);
    let count = |share: f64| (all.len() as f64 * share) as usize;
    let shares: Vec<f64> = SHARES.into_iter().filter(|share| count(*share) > 0).collect();
    if shares.is_empty() {
        return Err(SetError::NoTraining.into());
    }
    let plans: Vec<(f64, Recipe)> =
        shares.iter().map(|share| (*share, planned(recipe, count(*share)))).collect();
    let steps = plans.iter().map(|(share, recipe)| epochs_steps(recipe, count(*share))).sum();
    let (mut points, mut taken) = (Vec::new(), 0);
    for (share, recipe) in plans {
        set.train = all[..count(share)].to_vec();
        let whole = epochs_steps(&recipe, count(share));
        let (pieces, notes) = (set.train.len(), set.train.iter().map(super::Prepared::notes).sum());
        let mut training = Training::new(recipe, set, threads)?;
        let mut told = |step, nats_per_note| {
            is_stopped(CurveProgress { step: taken + step, steps, share, nats_per_note })
        };
        let Some((epochs, nats_per_note)) = best(&mut training, &mut told)? else { break };
        points.push(CurvePoint { share, pieces, notes, epochs, nats_per_note });
        taken += whole;
        set = training.into_set();
    }
    Ok(points)
}

/// The recipe for so many pieces.
fn planned(recipe: &Recipe, pieces: usize) -> Recipe {
    let steps_an_epoch = pieces.div_ceil(recipe.batch);
    let epochs = (STEPS / steps_an_epoch).max(1) as u32;
    Recipe { epochs: epochs.min(recipe.epochs), ..recipe.clone() }
}

fn epochs_steps(recipe: &Recipe, pieces: usize) -> usize {
    pieces.div_ceil(recipe.batch) * recipe.epochs as usize
}

/// The epoch at which a training expects its validation pieces best, and what a note costs then; nothing where it was
/// stopped.
fn best(
    training: &mut Training,
    is_stopped: &mut dyn FnMut(usize, Option<f64>) -> bool,
) -> Result<Option<(u32, f64)>, RunError> {
    let every = (training.recipe.epochs / MEASUREMENTS).max(1);
    let (mut best, mut last, mut waited) = (None, None, 0);
    let mut measured_at = 0;
    while !training.is_done() {
        let report = training.step()?;
        if is_stopped(report.step as usize, last) {
            return Ok(None);
        }
        let epoch = training.epoch();
        let is_due = epoch.is_multiple_of(every) || training.is_done();
        if epoch == measured_at || !is_due {
            continue;
        }
        measured_at = epoch;
        let nats = mean(training)?;
        last = Some(nats);
        if best.is_none_or(|(_, least)| nats < least) {
            (best, waited) = (Some((epoch, nats)), 0);
        } else {
            waited += 1;
            if waited == PATIENCE {
                break;
            }
        }
    }
    Ok(best)
}

/// What a note of the validation pieces costs, the mean over the styles.
fn mean(training: &mut Training) -> Result<f64, RunError> {
    let styles = training.validate()?;
    let sum: f64 = styles.iter().map(|style| style.evaluation.per_note()).sum();
    Ok(sum / styles.len().max(1) as f64)
}

/// A picture of a curve, as an SVG file.
pub fn picture(curve: &[CurvePoint]) -> String {
    let points: Vec<(f64, f64)> =
        curve.iter().map(|point| (point.notes as f64, point.nats_per_note)).collect();
    let drawn = chart(
        "What a held-out note costs, by notes learnt from",
        &[("nats a note", &points)],
        Axis::Logarithmic,
    );
    // In a page the name of the language goes without saying; in a file of its own it must be there.
    drawn.replacen(
        "<svg ",
        "<svg xmlns=\"http://www.w3.org/2000/svg\" font-family=\"sans-serif\" font-size=\"12\" ",
        1,
    )
}

/// What a curve foretells for so many notes, in nats a note: a straight line between its points over the logarithm of the notes, and
/// beyond its ends the line of the nearest two. Nothing where the curve has fewer than two points.
pub fn foretold(curve: &[CurvePoint], notes: u64) -> Option<f64> {
    let place = |notes: u64| (notes.max(1) as f64).ln();
    let at = place(notes);
    let upper = curve
        .iter()
        .position(|point| place(point.notes) >= at)
        .unwrap_or(curve.len().saturating_sub(1))
        .max(1);
    let (low, high) = (curve.get(upper - 1)?, curve.get(upper)?);
    let width = place(high.notes) - place(low.notes);
    let slope = if width > 0.0 { (high.nats_per_note - low.nats_per_note) / width } else { 0.0 };
    Some(low.nats_per_note + slope * (at - place(low.notes)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::training::tests::tiny;

    fn point(notes: u64, nats_per_note: f64) -> CurvePoint {
        CurvePoint { share: 1.0, pieces: 1, notes, epochs: 1, nats_per_note }
    }

    #[test]
    fn a_curve_foretells_itself_and_straight_lines() {
        let curve = [point(100, 3.0), point(1000, 2.0), point(10_000, 1.5)];
        for known in curve {
            assert!((foretold(&curve, known.notes).unwrap() - known.nats_per_note).abs() < 1e-12);
        }
        assert!((foretold(&curve, 100_000).unwrap() - 1.0).abs() < 1e-12);
        assert!((foretold(&curve, 10).unwrap() - 4.0).abs() < 1e-12);
        assert!(foretold(&curve[..1], 100).is_none());
        assert!(foretold(&[], 100).is_none());
    }

    #[test]
    fn shares_that_hold_a_piece_are_learnt_from_in_turn() {
        let (recipe, set) = tiny();
        let whole = set.train.len();
        let mut seen = Vec::new();
        let curve = learning_curve(set, &recipe, 1, &mut |progress| {
            seen.push(progress);
            false
        });
        let curve = curve.unwrap();
        assert_eq!(curve.last().unwrap().pieces, whole);
        assert!(
            curve.windows(2).all(|pair| pair[0].pieces < pair[1].pieces && pair[0].notes < pair[1].notes)
        );
        assert!(curve.iter().all(|point| point.pieces == (whole as f64 * point.share) as usize));
        assert!(curve.iter().all(|point| point.nats_per_note.is_finite() && point.epochs > 0));
        assert!(seen.iter().all(|progress| progress.step <= progress.steps));
    }

    #[test]
    fn a_stopped_curve_is_what_is_done() {
        let (recipe, set) = tiny();
        let first = |progress: CurveProgress| progress.share > 0.3;
        let curve = learning_curve(set, &recipe, 1, &mut |progress| first(progress)).unwrap();
        assert_eq!(curve.len(), 1);
    }
}
