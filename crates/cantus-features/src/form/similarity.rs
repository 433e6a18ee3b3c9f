//! How alike bars are in what sounds and in when it begins.

use crate::{Window, key, rhythm};

/// Bars beyond so many are not compared: time and memory grow with their square.
pub const MOST_BARS: usize = 1000;

/// Places of a bar at which onsets are counted.
const PLACES: u64 = 16;
const SIZE: usize = 12 + PLACES as usize;

/// How alike every two of the first [`MOST_BARS`] bars are, from 0 to 1: the mean of two cosines, that of the sounding times
/// of the pitch classes, and that of the onsets in sixteenths of the bar. Silent bars are alike.
///
/// # Shapes
/// `[bars, bars]`.
pub fn similarity(bars: &[Window]) -> Vec<Vec<f64>> {
    let vectors: Vec<[f64; SIZE]> = bars.iter().take(MOST_BARS).map(vector).collect();
    let row = |one: &[f64; SIZE]| vectors.iter().map(|other| alike(one, other)).collect();
    vectors.iter().map(row).collect()
}

/// Pitch classes and onsets, each of length 1 or 0.
fn vector(bar: &Window) -> [f64; SIZE] {
    let mut vector = [0.0; SIZE];
    vector[..12].copy_from_slice(&key::pitch_classes(bar));
    let length = u64::from(bar.end.0 - bar.begin.0).max(1);
    for at in rhythm::moments(bar) {
        vector[12 + (u64::from(at.0 - bar.begin.0) * PLACES / length).min(PLACES - 1) as usize] += 1.0;
    }
    let (classes, onsets) = vector.split_at_mut(12);
    unit(classes);
    unit(onsets);
    vector
}

fn unit(values: &mut [f64]) {
    let length = values.iter().map(|value| value * value).sum::<f64>().sqrt();
    if length > 0.0 {
        for value in values {
            *value /= length;
        }
    }
}

fn alike(one: &[f64; SIZE], other: &[f64; SIZE]) -> f64 {
    let cosine = |one: &[f64], other: &[f64]| {
        let silent = |values: &[f64]| values.iter().all(|&value| value <= 0.0);
        let product: f64 = one.iter().zip(other).map(|(a, b)| a * b).sum();
        if silent(one) && silent(other) { 1.0 } else { product.min(1.0) }
    };
    f64::midpoint(cosine(&one[..12], &other[..12]), cosine(&one[12..], &other[12..]))
}
