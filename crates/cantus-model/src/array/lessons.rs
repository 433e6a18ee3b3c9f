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
        let [pieces, frames, features] = dimensions(&array)?;
        if pieces < 2 {
            return Err(ArrayError::OnePiece { frames });
        }
        let (mut train, valid) = divide(pieces, recipe);
        let size = frames * features * array.element().size();
        let digest = |piece: &usize| {
            Sha256::digest(array.bytes().get(piece * size..(piece + 1) * size).unwrap_or_default())
        };
        let held_out: HashSet<_> = valid.iter().map(digest).collect();
        let before = train.len();
        train.retain(|piece| !held_out.contains(&digest(piece)));
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

/// The pieces to learn from and those held out, at least one of each.
fn divide(pieces: usize, recipe: &Recipe) -> (Vec<usize>, Vec<usize>) {
    let mut order: Vec<usize> = (0..pieces).collect();
    if recipe.division == Division::Random {
        Rng::new(DIVISION_SEED).shuffle(&mut order);
    }
    // As Keras rounds.
    let learnt = (pieces as f64 * (1.0 - recipe.held_out)) as usize;
    let mut valid = order.split_off(learnt.clamp(1, pieces - 1));
    order.sort_unstable();
    valid.sort_unstable();
    (order, valid)
}
