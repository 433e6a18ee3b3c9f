//! What each step learns: which pieces, how transposed, under which conditions. All of it follows from the seed.

use cantus_nn::Rng;
use rayon::prelude::*;

use super::set::{Prepared, TrainingSet};
use super::store::StoreError;
use crate::lesson::{Batch, Lesson};
use crate::recipe::Recipe;
use crate::walk::{Conditions, Spec};

/// A piece in a step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Pick {
    pub(super) piece: usize,
    pub(super) shift: i32,
    conditions: Conditions,
    first_slice: usize,
}

/// The steps of an epoch, each with its pieces.
pub(crate) fn epoch(set: &TrainingSet, recipe: &Recipe, epoch: u32) -> Vec<Vec<Pick>> {
    let mut rng = Rng::new(recipe.seed).fork(u64::from(epoch) + 1);
    let mut order: Vec<usize> = (0..set.train.len()).collect();
    rng.shuffle(&mut order);
    let mut left = vec![recipe.pieces_per_style; set.styles.len()];
    order.retain(|&piece| {
        let left = &mut left[set.train[piece].style as usize];
        let is_taken = recipe.pieces_per_style == 0 || *left > 0;
        *left = left.saturating_sub(1);
        is_taken
    });
    let mut steps: Vec<Vec<Pick>> = Vec::new();
    // Pieces of like length go together, so that little is padded.
    for stretch in order.chunks_mut(8 * recipe.batch) {
        stretch.sort_by_key(|&piece| set.train[piece].slices);
        for group in stretch.chunks(recipe.batch) {
            steps.push(group.iter().map(|&piece| pick(set, recipe, piece, &mut rng)).collect());
        }
    }
    rng.shuffle(&mut steps);
    steps
}

fn pick(set: &TrainingSet, recipe: &Recipe, index: usize, rng: &mut Rng) -> Pick {
    let piece = &set.train[index];
    let (lowest, highest) = piece.shifts;
    let shift = lowest + rng.below((highest - lowest + 1) as usize) as i32;
    let beyond = (piece.slices as usize).saturating_sub(recipe.longest);
    let first_slice = if beyond == 0 { 0 } else { rng.below(beyond + 1) };
    Pick { piece: index, shift, conditions: conditions(piece, shift, recipe, rng), first_slice }
}

/// The conditions of a piece, each left out at random, so that the network learns to do without.
fn conditions(piece: &Prepared, shift: i32, recipe: &Recipe, rng: &mut Rng) -> Conditions {
    let mut given = |chance: f32| rng.uniform() >= chance;
    let rate = if given(recipe.bare) { recipe.condition_dropout } else { 1.0 };
    let measured = &piece.measured;
    let kept = Conditions {
        style: given(recipe.style_dropout).then_some(piece.style),
        key: measured.key.filter(|_| given(rate)).map(|key| key.transposed(shift)),
        tempo: measured.tempo.filter(|_| given(rate)),
        density: given(rate).then_some(measured.density),
        length: given(rate).then_some(measured.length),
    };
    let change = 1.0 + recipe.tempo_change * (2.0 * f64::from(rng.uniform()) - 1.0);
    Conditions { tempo: kept.tempo.map(|tempo| tempo * change), ..kept }
}

/// The batch of a step.
pub(crate) fn batch(
    set: &TrainingSet,
    recipe: &Recipe,
    spec: &Spec,
    picks: &[Pick],
) -> Result<Batch, StoreError> {
    let lessons = picks.par_iter().map(|pick| lesson(set, recipe, spec, pick));
    Ok(Batch::of_lessons(&lessons.collect::<Result<Vec<Lesson>, _>>()?))
}

fn lesson(set: &TrainingSet, recipe: &Recipe, spec: &Spec, pick: &Pick) -> Result<Lesson, StoreError> {
    let piece = set.store.get(set.train[pick.piece].kept)?;
    let range = pick.first_slice..pick.first_slice + recipe.longest;
    let moved = piece.transposed(pick.shift).unwrap_or(piece);
    Ok(Lesson::of_piece(spec, &moved, pick.conditions, range))
}
