//! How a critic learns: logistic regression on traits and their squares.

use cantus_nn::math;

use super::{Critic, Heard, Weight};
use crate::encoding::Sliced;

/// A deviation that is smaller is taken for this.
const LEAST_DEVIATION: f32 = 0.02;
/// What keeps weights small: half its product with their squares is added to the mean cost of a question. With a tenth of it a critic knows
/// two hundred pieces by heart.
const DECAY: f64 = 0.1;
/// Steps of the descent.
const STEPS: u32 = 400;

impl Critic {
    /// A critic that weighs nothing, of a style that has these pieces; nothing where there are none.
    pub fn of_style(real: &[Sliced]) -> Option<Self> {
        let mut rows = rows(real);
        let width = rows.first()?.len();
        rows.retain(|row| row.len() == width);
        let count = rows.len() as f32;
        let weight = |index: usize| {
            let mean = rows.iter().map(|row| row[index]).sum::<f32>() / count;
            let squares = rows.iter().map(|row| (row[index] - mean) * (row[index] - mean));
            let deviation = (squares.sum::<f32>() / count).sqrt().max(LEAST_DEVIATION);
            Weight { mean, deviation, linear: 0.0, square: 0.0 }
        };
        Some(Self { weights: (0..width).map(weight).collect() })
    }

    /// Adds what still tells real pieces from some that were composed with this critic.
    #[must_use]
    pub fn sharpened(&self, real: &[Sliced], made: &[Sliced]) -> Self {
        let width = self.weights.len();
        let sides = [made, real].map(|pieces| {
            let mut rows = rows(pieces);
            rows.retain(|row| row.len() == width);
            rows
        });
        if sides.iter().any(Vec::is_empty) {
            return self.clone();
        }
        let inputs = sides.each_ref().map(|rows| self.inputs(rows));
        let found = descend(&inputs, 2 * width);
        let weights = self.weights.iter().enumerate().map(|(index, weight)| Weight {
            linear: rounded(weight.linear + found[index]),
            square: rounded(weight.square + found[width + index]),
            mean: rounded(weight.mean),
            deviation: rounded(weight.deviation),
        });
        Self { weights: weights.collect() }
    }

    /// Deviations and then their squares, row by row.
    fn inputs(&self, rows: &[Vec<f32>]) -> Vec<f32> {
        let of_row = |row: &Vec<f32>| {
            let apart = row.iter().zip(&self.weights).map(|(own, weight)| weight.apart(*own));
            let apart: Vec<f32> = apart.collect();
            let squares: Vec<f32> = apart.iter().map(|apart| apart * apart).collect();
            [apart, squares].concat()
        };
        rows.iter().flat_map(of_row).collect()
    }
}

/// The traits of pieces before the end of each of their bars but the first.
fn rows(pieces: &[Sliced]) -> Vec<Vec<f32>> {
    let of_piece = |piece: &Sliced| {
        let (heard, end) = (Heard::piece(piece), piece.end());
        let bars = (2..).map(|bar| piece.pickup + bar * heard.bar);
        let until = bars.take_while(|until| *until < end + heard.bar / 2).map(|until| until.min(end));
        until.map(|until| heard.traits(until)).collect::<Vec<_>>()
    };
    pieces.iter().flat_map(of_piece).collect()
}

/// Four digits are enough, and make a smaller file.
fn rounded(value: f32) -> f32 {
    (value * 1e4).round() / 1e4
}

/// Accelerated descent (Nesterov 1983) to the weights that tell the second side from the first, both of the same weight, by rows of a width.
fn descend(sides: &[Vec<f32>; 2], width: usize) -> Vec<f32> {
    let (mut weights, mut before, mut bias, mut bias_before) =
        (vec![0.0_f64; width], vec![0.0; width], 0.0, 0.0);
    // A quarter of the mean square of a row bounds how curved the cost is.
    let squares = |side: &Vec<f32>| {
        let rows = (side.len() / width) as f64;
        side.iter().map(|value| f64::from(*value * *value)).sum::<f64>() / rows
    };
    let curvature = 0.25 * (0.5 * (squares(&sides[0]) + squares(&sides[1])) + 1.0) + DECAY;
    for step in 0..STEPS {
        let momentum = f64::from(step) / f64::from(step + 3);
        let ahead = |now: f64, before: f64| now + momentum * (now - before);
        let at: Vec<f64> = weights.iter().zip(&before).map(|(now, before)| ahead(*now, *before)).collect();
        let bias_at = ahead(bias, bias_before);
        let mut gradient: Vec<f64> = at.iter().map(|weight| DECAY * weight).collect();
        let mut bias_gradient = 0.0;
        let at_single: Vec<f32> = at.iter().map(|weight| *weight as f32).collect();
        for (side, rows) in sides.iter().enumerate() {
            let share = 0.5 / (rows.len() / width) as f64;
            for row in rows.chunks_exact(width) {
                let sum: f32 = row.iter().zip(&at_single).map(|(value, weight)| value * weight).sum();
                let error = f64::from(math::sigmoid(sum + bias_at as f32)) - side as f64;
                bias_gradient += share * error;
                let scaled = (share * error) as f32;
                for (gradient, value) in gradient.iter_mut().zip(row) {
                    *gradient += f64::from(scaled * value);
                }
            }
        }
        (before, bias_before) = (weights, bias);
        weights = at.iter().zip(&gradient).map(|(at, gradient)| at - gradient / curvature).collect();
        bias = bias_at - bias_gradient / curvature;
    }
    weights.into_iter().map(|weight| weight as f32).collect()
}
