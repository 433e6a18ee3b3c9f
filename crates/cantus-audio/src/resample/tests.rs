//! The laws of another rate: what is below half of both rates stays as it is, what is above is gone, nothing moves.

use std::f64::consts::TAU;

use super::Resampler;
use crate::buffer::{AudioBuffer, SampleRate};

const PAIRS: [(u32, u32); 12] = [
    (8_000, 192_000),
    (192_000, 8_000),
    (44_100, 48_000),
    (48_000, 44_100),
    (44_100, 22_050),
    (22_050, 44_100),
    (22_050, 16_000),
    (96_000, 22_050),
    (11_025, 22_050),
    (44_100, 44_101),
    (32_000, 22_050),
    (176_400, 48_000),
];

fn rate(hertz: u32) -> SampleRate {
    SampleRate::new(hertz).unwrap()
}

fn sine(rate: u32, hertz: f64, frames: usize) -> Vec<f32> {
    let step = TAU * hertz / f64::from(rate);
    (0..frames).map(|i| (0.5 * (i as f64 * step).sin()) as f32).collect()
}

/// The middle half of a sound, where its edges are not heard.
fn middle(samples: &[f32]) -> &[f32] {
    &samples[samples.len() / 4..samples.len() * 3 / 4]
}

fn decibels(power: f64, of: f64) -> f64 {
    10.0 * (power / of).max(1e-30).log10()
}

fn power(samples: impl Iterator<Item = f64>) -> f64 {
    samples.map(|sample| sample * sample).sum()
}

#[test]
fn a_sine_stays_a_sine() {
    for (from, to) in PAIRS {
        let lower = f64::from(from.min(to));
        for share in [0.01, 0.1, 0.3, 0.45, 0.49] {
            let hertz = share * lower;
            // Six seconds, for rates without a common divisor have a filter of two, which hears the edges that far.
            let sound = AudioBuffer::of_mono(rate(from), sine(from, hertz, 6 * from as usize));
            let found = sound.resampled(rate(to));
            let expected = sine(to, hertz, found.frames());
            let (found, expected) = (middle(&found.channels()[0]), middle(&expected));
            let error = power(found.iter().zip(expected).map(|(a, b)| f64::from(a - b)));
            let noise = decibels(error, power(expected.iter().map(|sample| f64::from(*sample))));
            assert!(noise < -100.0, "{from} to {to}, {hertz} Hz: noise at {noise} dB");
        }
    }
}

#[test]
fn what_is_above_half_the_lower_rate_is_gone() {
    for (from, to) in PAIRS.into_iter().filter(|(from, to)| f64::from(*from) > 1.1 * f64::from(*to)) {
        for share in [0.51, 0.6, 0.8] {
            let hertz = share * f64::from(to);
            if hertz > 0.49 * f64::from(from) {
                continue;
            }
            let wave = sine(from, hertz, from as usize);
            let before = power(middle(&wave).iter().map(|sample| f64::from(*sample))) * f64::from(to)
                / f64::from(from);
            let found = AudioBuffer::of_mono(rate(from), wave).resampled(rate(to));
            let left = power(middle(&found.channels()[0]).iter().map(|sample| f64::from(*sample)));
            assert!(
                decibels(left, before) < -100.0,
                "{from} to {to}, {hertz} Hz: {} dB",
                decibels(left, before)
            );
        }
    }
}

#[test]
fn an_impulse_stays_at_its_place_and_the_length_is_right() {
    for (from, to) in PAIRS {
        // The place is one that both rates have.
        let place = from as usize / 100 * 40;
        let mut samples = vec![0.0; from as usize];
        samples[place] = 1.0;
        let found = AudioBuffer::of_mono(rate(from), samples).resampled(rate(to));
        assert_eq!(found.frames(), to as usize, "{from} to {to}");
        let loudest =
            found.channels()[0].iter().enumerate().max_by(|a, b| a.1.abs().total_cmp(&b.1.abs())).unwrap().0;
        let expected = (place as f64 * f64::from(to) / f64::from(from)).round() as usize;
        assert_eq!(loudest, expected, "{from} to {to}");
    }
    for frames in [0, 1, 2, 100, 4_097] {
        let sound = AudioBuffer::of_mono(rate(44_100), vec![0.25; frames]);
        assert_eq!(sound.resampled(rate(48_000)).frames(), (frames * 160).div_ceil(147), "{frames}");
    }
}

#[test]
fn blocks_are_the_whole() {
    let wave = sine(44_100, 440.0, 30_000);
    let sound =
        AudioBuffer::new(SampleRate::CD, vec![wave.clone(), wave.iter().map(|sample| -sample).collect()]);
    let whole = sound.resampled(SampleRate::ANALYSIS);
    for size in [1_000, 4_096, 7_777] {
        let mut resampler = Resampler::new(SampleRate::CD, SampleRate::ANALYSIS, 2);
        let mut channels = vec![Vec::new(); 2];
        for start in (0..30_000).step_by(size) {
            let end = (start + size).min(30_000);
            let block: Vec<Vec<f32>> =
                sound.channels().iter().map(|channel| channel[start..end].to_vec()).collect();
            for (channel, ready) in channels.iter_mut().zip(resampler.push(&block)) {
                channel.extend_from_slice(ready);
            }
        }
        for (channel, rest) in channels.iter_mut().zip(resampler.finish()) {
            channel.extend(rest);
        }
        assert_eq!(whole.channels(), channels, "{size}");
    }
}

#[test]
fn the_same_rate_changes_nothing() {
    let sound = AudioBuffer::of_mono(SampleRate::CD, sine(44_100, 1_000.0, 5_000));
    assert_eq!(sound.resampled(SampleRate::CD), sound);
    assert!(
        AudioBuffer::new(SampleRate::CD, Vec::new()).resampled(SampleRate::ANALYSIS).channels().is_empty()
    );
}
