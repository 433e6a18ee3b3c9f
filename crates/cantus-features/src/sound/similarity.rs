//! How alike the beats of a sound are, in their pitch classes and in their timbre.

use super::FrameTable;
use super::cepstrum::COEFFICIENTS;
use super::chroma::CLASSES;

/// Stretches beyond so many are not compared: time and memory grow with their square.
pub const MOST: usize = 1000;

/// Numbers of a stretch: pitch classes, and cepstral coefficients without the first, which is loudness.
const SIZE: usize = CLASSES + COEFFICIENTS - 1;

/// How alike the stretches of a sound are.
#[derive(Debug, Clone, PartialEq)]
pub struct Likeness {
    /// The frames at which they begin.
    pub begins: Vec<usize>,
    /// How many beats each lasts; 0 where the sound has no beats and all last as long.
    pub beats: usize,
    /// How alike every two are, from 0 to 1. Shape: `[stretches, stretches]`.
    pub values: Vec<f64>,
}

/// How alike every two beats are: the mean of two cosines, that of the pitch classes and that, brought to 0 to 1, of the cepstral
/// coefficients as they deviate from their means, in standard deviations. Beats are taken together, as many as it takes, where there
/// are more than [`MOST`].
pub fn of_beats(table: &FrameTable) -> Likeness {
    let (begins, beats) = stretches(table);
    let values = of_stretches(table, &begins);
    Likeness { begins, beats, values }
}

/// How alike every two stretches are that begin at these frames.
fn of_stretches(table: &FrameTable, begins: &[usize]) -> Vec<f64> {
    let mut vectors = vectors(table, begins);
    standardise(&mut vectors);
    for vector in &mut vectors {
        let (classes, timbre) = vector.split_at_mut(CLASSES);
        unit(classes);
        unit(timbre);
    }
    vectors.iter().flat_map(|one| vectors.iter().map(|other| alike(one, other))).collect()
}

/// Where stretches begin, and of how many beats they are. What comes before the first beat is a stretch of its own.
fn stretches(table: &FrameTable) -> (Vec<usize>, usize) {
    let beats = table.pulse().beats;
    if beats.len() < 2 {
        let step = table.frames().div_ceil(MOST).max(1);
        // Half a second, where that is enough.
        let step = step.max((table.frames_a_second() / 2.0) as usize);
        return ((0..table.frames()).step_by(step).collect(), 0);
    }
    let together = (beats.len() + 1).div_ceil(MOST);
    let mut begins: Vec<usize> = beats.into_iter().step_by(together).collect();
    if begins.first() != Some(&0) {
        begins.insert(0, 0);
    }
    begins.truncate(MOST);
    (begins, together)
}

/// The mean of each stretch.
fn vectors(table: &FrameTable, begins: &[usize]) -> Vec<[f64; SIZE]> {
    let ends = begins.iter().skip(1).copied().chain([table.frames()]);
    let mean = |(begin, end): (usize, usize)| {
        let mut vector = [0.0; SIZE];
        for frame in begin..end {
            let classes = &table.chroma[frame * CLASSES..][..CLASSES];
            let timbre = &table.mfcc[frame * COEFFICIENTS + 1..][..COEFFICIENTS - 1];
            for (sum, value) in vector.iter_mut().zip(classes.iter().chain(timbre)) {
                *sum += f64::from(*value) / (end - begin) as f64;
            }
        }
        vector
    };
    begins.iter().copied().zip(ends).map(mean).collect()
}

/// Brings the timbre of all stretches to mean 0 and deviation 1.
fn standardise(vectors: &mut [[f64; SIZE]]) {
    let count = vectors.len().max(1) as f64;
    for column in CLASSES..SIZE {
        let mean = vectors.iter().map(|vector| vector[column]).sum::<f64>() / count;
        let variance = vectors.iter().map(|vector| (vector[column] - mean).powi(2)).sum::<f64>() / count;
        let deviation = variance.sqrt();
        for vector in vectors.iter_mut() {
            // What rounding leaves of a timbre that never changes is none.
            vector[column] = if deviation > 1e-6 { (vector[column] - mean) / deviation } else { 0.0 };
        }
    }
}

/// Brings a vector to length 1; of length 0 it stays.
fn unit(values: &mut [f64]) {
    let length = values.iter().map(|value| value * value).sum::<f64>().sqrt();
    if length > 0.0 {
        for value in values {
            *value /= length;
        }
    }
}

fn alike(one: &[f64; SIZE], other: &[f64; SIZE]) -> f64 {
    let cosine = |from: usize, to: usize| {
        let (one, other) = (&one[from..to], &other[from..to]);
        let is_none = |values: &[f64]| values.iter().all(|value| *value == 0.0);
        let product: f64 = one.iter().zip(other).map(|(a, b)| a * b).sum();
        // Two silences are alike.
        if is_none(one) && is_none(other) { 1.0 } else { product.clamp(-1.0, 1.0) }
    };
    let timbre = f64::midpoint(1.0, cosine(CLASSES, SIZE));
    f64::midpoint(cosine(0, CLASSES), timbre).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use cantus_audio::SampleRate;
    use cantus_audio::stft::Framing;

    use super::*;
    use crate::sound::FrameFeatures;

    /// A struck tone each half second: its frequency, and whether it is bright.
    fn struck(tones: &[(f64, bool)]) -> FrameTable {
        let rate = SampleRate::ANALYSIS;
        let sample = |index: usize| {
            let seconds = index as f64 / f64::from(rate.hertz());
            let (hertz, is_bright) = tones[(seconds * 2.0) as usize % tones.len()];
            let wave = |partial: f64| (std::f64::consts::TAU * hertz * partial * seconds).sin();
            let partials = if is_bright { wave(1.0) + wave(2.0) + wave(4.0) } else { wave(1.0) };
            (0.2 * partials * (-4.0 * (seconds * 2.0).fract()).exp()) as f32
        };
        let samples: Vec<f32> = (0..16 * rate.hertz() as usize).map(sample).collect();
        FrameFeatures::of_sound(&samples, rate, Framing::DEFAULT)
    }

    #[test]
    fn a_tone_is_like_itself_and_like_its_repetition_more_than_like_others() {
        let table = struck(&[(262.0, false), (370.0, true), (262.0, false), (494.0, true)]);
        let begins: Vec<usize> =
            (0..32).map(|tone| (f64::from(tone) / 2.0 * table.frames_a_second()).round() as usize).collect();
        let (values, count) = (of_stretches(&table, &begins), begins.len());
        let at = |one: usize, other: usize| values[one * count + other];
        for one in 0..count {
            assert!((at(one, one) - 1.0).abs() < 1e-9);
            for other in 0..count {
                assert!((0.0..=1.0).contains(&at(one, other)));
                assert!((at(one, other) - at(other, one)).abs() < 1e-12);
            }
        }
        // Four tones later it is the same tone, one later another.
        let mean = |apart: usize| {
            let pairs = (1..count - 1 - apart).map(|one| at(one, one + apart));
            pairs.sum::<f64>() / (count - 2 - apart) as f64
        };
        assert!(mean(4) > 0.9 && mean(1) < 0.5, "{} {}", mean(4), mean(1));
    }

    #[test]
    fn stretches_are_the_beats_that_are_heard_and_what_comes_before() {
        let table = struck(&[(262.0, false), (370.0, true)]);
        let (likeness, beats) = (of_beats(&table), table.pulse().beats);
        assert!(beats.len() > 10 && likeness.beats == 1);
        let begins: Vec<usize> =
            likeness.begins.iter().copied().filter(|frame| beats.contains(frame)).collect();
        assert_eq!((begins, likeness.begins[0]), (beats, 0));
        assert_eq!(likeness.values.len(), likeness.begins.len().pow(2));
    }

    #[test]
    fn stretches_are_bounded_and_silence_is_like_silence() {
        let silence = FrameFeatures::of_sound(&vec![0.0; 22_050], SampleRate::ANALYSIS, Framing::DEFAULT);
        let likeness = of_beats(&silence);
        assert_eq!((likeness.beats, likeness.values), (0, vec![1.0; likeness.begins.len().pow(2)]));
        let frames = 400_000;
        let long = FrameTable {
            envelope: vec![0.0; frames],
            chroma: vec![0.0; frames * CLASSES],
            mfcc: vec![0.0; frames * COEFFICIENTS],
            ..FrameTable::default()
        };
        assert!(of_beats(&long).begins.len() <= MOST);
    }
}
