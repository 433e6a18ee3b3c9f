//! An array to learn from: checked, described and divided.

use std::collections::HashSet;

use cantus_nn::Rng;
use cantus_score::npy::Array;
use sha2::{Digest, Sha256};

use super::{ArrayError, Division, Feature, Recipe, Scale};

/// Wider frames than this are no frames but a mistake.
const MOST_FEATURES: usize = 1 << 16;
/// The division is drawn from this seed, so that runs of different seeds hold the same pieces out.
const DIVISION_SEED: u64 = 0x5eed;

/// An array to learn from.
#[derive(Debug, Clone)]
pub struct Lessons {
    array: Array,
    frames: usize,
    /// What its numbers are, told by the training pieces.
    pub scale: Scale,
    /// The pieces to learn from, by number.
    pub train: Vec<usize>,
    /// The pieces held out.
    pub valid: Vec<usize>,
    /// Pieces left out of training because the same stands among those held out.
    pub copies: usize,
}

impl Lessons {
    /// Checks an array `[pieces, time, features]`, divides it and describes it, as a recipe says.
    pub fn new(array: Array, recipe: &Recipe) -> Result<Self, ArrayError> {
        let pieces = array.shape().first().copied().unwrap_or(0);
        if pieces == 1 {
            let [_, frames, _] = dimensions(&array)?;
            return Err(ArrayError::OnePiece { frames });
        }
        Self::of_groups(array, &(0..pieces).collect::<Vec<_>>(), recipe)
    }

    /// The same, where pieces are parts of something whole: `groups` says of each piece what it is part of, by numbers
    /// from 0 that never fall. What belongs together is held out together.
    pub fn of_groups(array: Array, groups: &[usize], recipe: &Recipe) -> Result<Self, ArrayError> {
        let [pieces, frames, features] = dimensions(&array)?;
        let wholes = groups.last().map_or(0, |last| last + 1);
        if wholes < 2 {
            return Err(ArrayError::OneClip);
        }
        let held_out = held_out(wholes, recipe);
        let is_valid = |piece: &usize| groups.get(*piece).is_some_and(|group| held_out.contains(group));
        let (valid, mut train): (Vec<usize>, Vec<usize>) = (0..pieces).partition(is_valid);
        let size = frames * features * array.element().size();
        let digest = |piece: &usize| {
            Sha256::digest(array.bytes().get(piece * size..(piece + 1) * size).unwrap_or_default())
        };
        let known: HashSet<_> = valid.iter().map(digest).collect();
        let before = train.len();
        train.retain(|piece| !known.contains(&digest(piece)));
        let values = (recipe.values, recipe.standardise);
        // That all numbers are one says more than that all pieces are one.
        let scale = Scale::of(&array, (frames, features), &train, values)?;
        if train.is_empty() {
            return Err(ArrayError::AllEqual(pieces));
        }
        let copies = before - train.len();
        Ok(Self { array, frames, scale, train, valid, copies })
    }

    /// Takes every piece of an array to measure a model of a given scale by.
    pub fn of_model(array: Array, scale: &Scale) -> Result<Self, ArrayError> {
        let [pieces, frames, found] = dimensions(&array)?;
        let expected = scale.features.len();
        if found != expected {
            return Err(ArrayError::Features { expected, found });
        }
        let valid = (0..pieces).collect();
        Ok(Self { array, frames, scale: scale.clone(), train: Vec::new(), valid, copies: 0 })
    }

    /// Frames of each piece.
    pub fn frames(&self) -> usize {
        self.frames
    }

    /// Features of each frame.
    pub fn features(&self) -> usize {
        self.scale.features.len()
    }

    /// How many pieces there are in all.
    pub fn pieces(&self) -> usize {
        self.array.shape().first().copied().unwrap_or(0)
    }

    /// Writes a frame as the network sees it.
    ///
    /// # Shapes
    /// `out` `[features]`.
    pub fn frame(&self, piece: usize, frame: usize, out: &mut [f32]) {
        let features = self.features();
        let begin = (piece * self.frames + frame) * features;
        let mut places = out.iter_mut().zip(&self.scale.features);
        self.array.each(begin..begin + features, |value| {
            if let Some((out, feature)) = places.next() {
                *out = self.scale.encode(feature, value);
            }
        });
    }

    /// A piece's first frames in the array's own numbers.
    pub fn beginning(&self, piece: usize, frames: usize) -> Vec<f64> {
        let begin = piece * self.frames * self.features();
        self.array.values(begin..begin + frames.min(self.frames) * self.features())
    }

    /// Mean loss of knowing only the training mean of each feature, over the held-out pieces: nats a frame for binary
    /// numbers, squared error a number for real ones.
    pub fn baseline(&self) -> f64 {
        let mut frame = vec![0.0; self.features()];
        let mut total = 0.0;
        for &piece in &self.valid {
            for index in 0..self.frames {
                self.frame(piece, index, &mut frame);
                total += frame
                    .iter()
                    .zip(&self.scale.features)
                    .map(|(x, feature)| self.blind(*x, feature))
                    .sum::<f64>();
            }
        }
        let frames = (self.valid.len() * self.frames).max(1) as f64;
        if self.scale.is_binary() { total / frames } else { total / frames / self.features() as f64 }
    }

    /// Mean squared error of taking each frame for the one before it, over the held-out pieces; of zeros before the first
    /// one. Nothing where numbers are on or off, for what is certain and wrong costs without bound.
    pub fn repeating(&self) -> Option<f64> {
        if self.scale.is_binary() {
            return None;
        }
        let (mut before, mut frame) = (vec![0.0; self.features()], vec![0.0; self.features()]);
        let mut total = 0.0;
        for &piece in &self.valid {
            before.fill(0.0);
            for index in 0..self.frames {
                self.frame(piece, index, &mut frame);
                total += frame.iter().zip(&before).map(|(x, y)| f64::from(x - y).powi(2)).sum::<f64>();
                std::mem::swap(&mut before, &mut frame);
            }
        }
        Some(total / (self.valid.len() * self.frames * self.features()).max(1) as f64)
    }

    fn blind(&self, x: f32, feature: &Feature) -> f64 {
        if self.scale.is_binary() {
            // Half a frame of each is added, so that what was never seen is not impossible.
            let count = self.scale.frames as f64;
            let chance = (feature.mean * count + 0.5) / (count + 1.0);
            return -(if x > 0.5 { chance } else { 1.0 - chance }).ln();
        }
        let difference = f64::from(x) - feature.mean;
        difference * difference
    }
}

/// The lengths of an array's three dimensions. Fails if there are not three, if one is 0, or if a number is not finite.
fn dimensions(array: &Array) -> Result<[usize; 3], ArrayError> {
    let &[pieces, frames, features] = array.shape() else {
        return Err(ArrayError::Rank(array.shape().to_vec()));
    };
    if array.is_empty() {
        return Err(ArrayError::Empty(array.shape().to_vec()));
    }
    if features > MOST_FEATURES {
        return Err(ArrayError::Wide { most: MOST_FEATURES, found: features });
    }
    let (mut first, mut count, mut index) = (None, 0, 0);
    array.each(0..array.len(), |value| {
        if !value.is_finite() {
            first = first.or(Some((index, value)));
            count += 1;
        }
        index += 1;
    });
    match first {
        Some((index, value)) => {
            let place = [index / (frames * features), index / features % frames, index % features];
            Err(ArrayError::NotFinite { place, value, others: count - 1 })
        }
        None => Ok([pieces, frames, features]),
    }
}

/// Which of so many are held out: one at least, and one at least is not.
fn held_out(wholes: usize, recipe: &Recipe) -> HashSet<usize> {
    let mut order: Vec<usize> = (0..wholes).collect();
    if recipe.division == Division::Random {
        Rng::new(DIVISION_SEED).shuffle(&mut order);
    }
    // As Keras rounds.
    let learnt = (wholes as f64 * (1.0 - recipe.held_out)) as usize;
    order.split_off(learnt.clamp(1, wholes - 1)).into_iter().collect()
}
