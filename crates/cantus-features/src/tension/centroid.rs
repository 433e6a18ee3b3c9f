//! The tonal centroid: pitch classes on three circles, those of fifths, minor thirds and major thirds.

/// Half the square root of 3: the sine of 60 degrees.
const SINE_60: f64 = 0.866_025_403_784_438_6;

/// The sine of each twelfth of a turn.
const SINES: [f64; 12] = [0.0, 0.5, SINE_60, 1.0, SINE_60, 0.5, 0.0, -0.5, -SINE_60, -1.0, -SINE_60, -0.5];

/// The circles: by how many twelfths of a turn a semitone goes on, and the radius.
const CIRCLES: [(usize, f64); 3] = [(7, 1.0), (9, 1.0), (4, 0.5)];

/// The centroid of weights of pitch classes; none of silence.
pub(crate) fn of(weights: &[f64; 12]) -> Option<[f64; 6]> {
    let all: f64 = weights.iter().sum();
    if all <= 0.0 {
        return None;
    }
    let mut centroid = [0.0; 6];
    for (circle, (step, radius)) in CIRCLES.into_iter().enumerate() {
        for (class, weight) in weights.iter().enumerate() {
            let turn = class * step % 12;
            centroid[2 * circle] += weight * radius * SINES[turn] / all;
            centroid[2 * circle + 1] += weight * radius * SINES[(turn + 3) % 12] / all;
        }
    }
    Some(centroid)
}

/// The Euclidean distance of two centroids.
pub(crate) fn distance(one: &[f64; 6], other: &[f64; 6]) -> f64 {
    one.iter().zip(other).map(|(a, b)| (a - b) * (a - b)).sum::<f64>().sqrt()
}
