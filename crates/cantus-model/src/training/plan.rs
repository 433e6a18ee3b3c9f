//! What each step learns: which pieces, how transposed, under which conditions. All of it follows from the seed.

use cantus_nn::Rng;
use cantus_score::Key;
use rayon::prelude::*;

use super::set::{Prepared, TrainingSet};
use super::store::StoreError;
use super::told;
use crate::controls::MeasuredControls;
use crate::encoding::Sliced;
use crate::lesson::{Batch, Lesson};
use crate::recipe::Recipe;
use crate::styles::{KeyCount, measure};
use crate::walk::{Conditions, Setup, Spec};

/// The music of a run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Music<'a> {
    /// What is to be learnt.
    pub(super) own: &'a TrainingSet,
    /// Music of the model that the run began from, where it began from one.
    pub(super) known: Option<&'a TrainingSet>,
}

/// A piece in a step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Pick {
    /// Whether it is of the music that was known before.
    pub(super) is_known: bool,
    pub(super) piece: usize,
    pub(super) shift: i32,
    conditions: Conditions,
    first_slice: usize,
    /// Levels by which its known velocities are moved.
    louder: i32,
    /// Chooses the parts that are left out, where some are.
    without: Option<u64>,
    /// Chooses the controls that are told, where some are.
    controls: Option<u64>,
}

impl<'a> Music<'a> {
    fn of(self, pick: &Pick) -> (&'a TrainingSet, &'a Prepared) {
        let set = self.known.filter(|_| pick.is_known).unwrap_or(self.own);
        (set, &set.train[pick.piece])
    }
}

/// The steps of an epoch, each with its pieces.
pub(crate) fn epoch(music: Music<'_>, recipe: &Recipe, epoch: u32) -> Vec<Vec<Pick>> {
    let mut rng = Rng::new(recipe.seed).fork(u64::from(epoch) + 1);
    let mut order = chosen(music.own, recipe, &mut rng);
    let known = music.known.map_or(0, |known| rehearsed(order.len(), known.train.len(), recipe.base_share));
    if let Some(set) = music.known {
        let mut others: Vec<usize> = (0..set.train.len()).collect();
        rng.shuffle(&mut others);
        order.extend(others.into_iter().take(known).map(|piece| (true, piece)));
        rng.shuffle(&mut order);
    }
    let slices = |&(is_known, piece): &(bool, usize)| {
        let set = music.known.filter(|_| is_known).unwrap_or(music.own);
        set.train[piece].slices
    };
    let mut steps: Vec<Vec<Pick>> = Vec::new();
    // Pieces of like length go together, so that little is padded.
    for stretch in order.chunks_mut(8 * recipe.batch) {
        stretch.sort_by_key(slices);
        for group in stretch.chunks(recipe.batch) {
            steps.push(group.iter().map(|&which| pick(music, recipe, which, &mut rng)).collect());
        }
    }
    rng.shuffle(&mut steps);
    steps
}

/// The pieces of an epoch from what is to be learnt, in an order of chance.
fn chosen(set: &TrainingSet, recipe: &Recipe, rng: &mut Rng) -> Vec<(bool, usize)> {
    let mut order: Vec<usize> = (0..set.train.len()).collect();
    rng.shuffle(&mut order);
    let mut left = vec![recipe.pieces_per_style; set.styles.len()];
    order.retain(|&piece| {
        let left = &mut left[set.train[piece].style as usize];
        let is_taken = recipe.pieces_per_style == 0 || *left > 0;
        *left = left.saturating_sub(1);
        is_taken
    });
    order.into_iter().map(|piece| (false, piece)).collect()
}

/// How many known pieces make up a share of an epoch that has so many pieces of its own.
fn rehearsed(own: usize, known: usize, share: f32) -> usize {
    let share = f64::from(share);
    known.min((own as f64 * share / (1.0 - share)).round() as usize)
}

fn pick(music: Music<'_>, recipe: &Recipe, (is_known, index): (bool, usize), rng: &mut Rng) -> Pick {
    let set = music.known.filter(|_| is_known).unwrap_or(music.own);
    let piece = &set.train[index];
    let keys = recipe.keys_of_style.then(|| set.styles[piece.style as usize].keys.as_slice());
    let shift = shift(piece, keys, rng);
    let beyond = (piece.slices as usize).saturating_sub(recipe.longest);
    let first_slice = if beyond == 0 { 0 } else { rng.below(beyond + 1) };
    let (conditions, is_bare) = conditions(piece, shift, recipe, rng);
    // Where a recipe wants neither, no number is drawn for it, so that its other choices stay what they were.
    let most = recipe.velocity_change as i32;
    let louder = if most == 0 { 0 } else { rng.below(2 * most as usize + 1) as i32 - most };
    let without = (recipe.part_dropout > 0.0).then(|| rng.next_u64());
    let controls = recipe.controls.then(|| (rng.next_u64(), rng.uniform() >= recipe.uncontrolled));
    let controls = controls.filter(|(_, is_told)| *is_told && !is_bare).map(|(seed, _)| seed);
    Pick { is_known, piece: index, shift, conditions, first_slice, louder, without, controls }
}

/// One of the transpositions that a piece may take: into one of the keys, where those are told.
fn shift(piece: &Prepared, keys: Option<&[KeyCount]>, rng: &mut Rng) -> i32 {
    let (lowest, highest) = piece.shifts;
    let (Some(keys), Some(own)) = (keys, piece.measured.key) else {
        return lowest + rng.below((highest - lowest + 1) as usize) as i32;
    };
    let is_usual = |key: Key| {
        let mut known = keys.iter().filter_map(|count| count.key());
        known.any(|known| (known.tonic(), known.mode()) == (key.tonic(), key.mode()))
    };
    let usual: Vec<i32> = (lowest..=highest).filter(|shift| is_usual(own.transposed(*shift))).collect();
    if usual.is_empty() { 0 } else { usual[rng.below(usual.len())] }
}

/// The conditions of a piece, each left out at random, so that the network learns to do without; and whether all were.
fn conditions(piece: &Prepared, shift: i32, recipe: &Recipe, rng: &mut Rng) -> (Conditions, bool) {
    let mut given = |chance: f32| rng.uniform() >= chance;
    let is_bare = !given(recipe.bare);
    let rate = if is_bare { 1.0 } else { recipe.condition_dropout };
    let measured = &piece.measured;
    let kept = Conditions {
        style: given(recipe.style_dropout).then_some(piece.style),
        key: measured.key.filter(|_| given(rate)).map(|key| key.transposed(shift)),
        tempo: measured.tempo.filter(|_| given(rate)),
        density: given(rate).then_some(measured.density),
        length: given(rate).then_some(measured.length),
    };
    let change = 1.0 + recipe.tempo_change * (2.0 * f64::from(rng.uniform()) - 1.0);
    (Conditions { tempo: kept.tempo.map(|tempo| tempo * change), ..kept }, is_bare)
}

/// The batch of a step.
pub(crate) fn batch(
    music: Music<'_>,
    recipe: &Recipe,
    spec: &Spec,
    picks: &[Pick],
) -> Result<Batch, StoreError> {
    let lessons = picks.par_iter().map(|pick| lesson(music, recipe, spec, pick));
    Ok(Batch::of_lessons(&lessons.collect::<Result<Vec<Lesson>, _>>()?))
}

fn lesson(music: Music<'_>, recipe: &Recipe, spec: &Spec, pick: &Pick) -> Result<Lesson, StoreError> {
    let (set, prepared) = music.of(pick);
    let piece = set.store.get(prepared.kept)?;
    let mut piece = piece.transposed(pick.shift).unwrap_or(piece);
    piece.louder(pick.louder);
    let mut conditions = pick.conditions;
    if let Some(seed) = pick.without {
        piece = with_some_parts(piece, recipe.part_dropout, &mut Rng::new(seed));
        conditions.density = conditions.density.map(|_| measure(&piece).density);
    }
    let first = pick.first_slice.min(piece.slices.len().saturating_sub(recipe.longest));
    let controls = pick.controls.map(|seed| {
        let home = prepared.measured.key.map(|key| key.transposed(pick.shift));
        let measured = MeasuredControls::of_piece(&piece, home);
        told::controls(&measured, &set.styles[prepared.style as usize], recipe, &mut Rng::new(seed))
    });
    let setup = Setup::of_piece(&piece, conditions).with_controls(controls.unwrap_or_default());
    Ok(Lesson::of_setup(spec, &piece, setup, first..first + recipe.longest))
}

/// The piece without parts that a chance leaves out; whole, where none that plays would stay.
fn with_some_parts(piece: Sliced, chance: f32, rng: &mut Rng) -> Sliced {
    let is_left_out: Vec<bool> = piece.parts.iter().map(|_| rng.uniform() < chance).collect();
    let fewer = piece.without(&is_left_out);
    if fewer.note_count() == 0 { piece } else { fewer }
}
