//! How unlike two sets of sounds are, by what is measured on their frames.

use super::FrameTable;
use super::chroma::CLASSES;
use super::shape::CONTRAST_BANDS;
use crate::distance::earth_movers;

/// Frames over which changes are measured: the next one, and some a fifth of a second away at the usual hop.
const LAGS: [usize; 2] = [1, 8];

/// How unlike some sounds are to others that they are held against: for each descriptor of frames, and for its change from
/// frame to frame, the earth mover's distance of all values in standard deviations of `reference`; the mean over all. 0
/// where the values are distributed alike.
///
/// Changes are measured because the values alone cannot tell music from its frames in any order.
pub fn unlikeness(reference: &[FrameTable], sounds: &[FrameTable]) -> f64 {
    let (mut total, mut count) = (0.0, 0_u32);
    for column in 0..reference.first().map_or(0, |table| columns(table).len()) {
        for lag in std::iter::once(0).chain(LAGS) {
            let (known, found) = (values(reference, column, lag), values(sounds, column, lag));
            let spread = deviation(&known);
            if spread > 0.0 && !found.is_empty() {
                total += earth_movers(&known, &found) / spread;
                count += 1;
            }
        }
    }
    total / f64::from(count.max(1))
}

/// The descriptors that are compared: their values, and where in a frame's row each stands.
fn columns(table: &FrameTable) -> Vec<(&[f32], usize, usize)> {
    let single = [
        &table.rms,
        &table.zero_crossings,
        &table.centroid,
        &table.bandwidth,
        &table.roll_off,
        &table.flatness,
        &table.onset_strength,
    ];
    let mut columns: Vec<(&[f32], usize, usize)> = single.map(|values| (values.as_slice(), 0, 1)).into();
    columns.extend((0..CONTRAST_BANDS).map(|band| (table.contrast.as_slice(), band, CONTRAST_BANDS)));
    columns.extend((0..CLASSES).map(|class| (table.chroma.as_slice(), class, CLASSES)));
    columns
}

/// All values of a column, or how much they change over so many frames.
fn values(tables: &[FrameTable], column: usize, lag: usize) -> Vec<f64> {
    let mut all = Vec::new();
    for table in tables {
        let Some(&(values, place, width)) = columns(table).get(column) else { continue };
        let column: Vec<f64> =
            values.iter().skip(place).step_by(width).map(|value| f64::from(*value)).collect();
        if lag == 0 {
            all.extend(column);
        } else {
            all.extend(column.iter().zip(column.iter().skip(lag)).map(|(then, now)| (now - then).abs()));
        }
    }
    all
}

fn deviation(values: &[f64]) -> f64 {
    let count = values.len().max(1) as f64;
    let mean = values.iter().sum::<f64>() / count;
    (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count).sqrt()
}

#[cfg(test)]
mod tests {
    use cantus_audio::SampleRate;
    use cantus_audio::stft::Framing;

    use super::*;
    use crate::sound::FrameFeatures;

    /// A tone that changes its pitch each quarter of a second.
    fn tune(frequencies: &[f64]) -> FrameTable {
        let rate = SampleRate::ANALYSIS;
        let sample = |index: usize| {
            let seconds = index as f64 / f64::from(rate.hertz());
            let frequency = frequencies[(seconds * 4.0) as usize % frequencies.len()];
            (0.4 * (std::f64::consts::TAU * frequency * seconds).sin()) as f32
        };
        let samples: Vec<f32> = (0..2 * rate.hertz() as usize).map(sample).collect();
        FrameFeatures::of_sound(&samples, rate, Framing::DEFAULT)
    }

    #[test]
    fn like_sounds_are_nearer_than_unlike_ones_and_order_counts() {
        let known = tune(&[220.0, 277.0, 330.0, 440.0]);
        let like = tune(&[277.0, 330.0, 440.0, 220.0]);
        let far = tune(&[1800.0, 2400.0]);
        let still = tune(&[220.0]);
        let apart =
            |other: &FrameTable| unlikeness(std::slice::from_ref(&known), std::slice::from_ref(other));
        assert!(apart(&known) < 1e-9);
        assert!(apart(&like) < apart(&still) && apart(&like) < apart(&far));
    }
}
