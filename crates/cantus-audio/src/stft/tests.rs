//! Laws of the transform.

use std::f64::consts::TAU;

use super::{
    Complex, Framing, FramingError, InverseStft, PhaseSearch, Spectrogram, Start, Stft, Window, inconsistency,
};
use crate::SampleRate;

/// Noise from an integer generator, between -1 and 1.
fn noise(count: usize) -> Vec<f32> {
    let mut state = 1_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / (1 << 23) as f32 - 1.0
    };
    (0..count).map(|_| next()).collect()
}

/// A chord whose voices swell, with a click each quarter of a second.
fn chord(seconds: f64) -> Vec<f32> {
    let rate = 22_050.0;
    let sample = |n: usize| {
        let time = n as f64 / rate;
        let voices: f64 = [220.0, 277.18, 329.63].iter().map(|f| (TAU * f * time).sin()).sum();
        let click = if n.is_multiple_of(5512) { 0.5 } else { 0.0 };
        (voices / 6.0 * (0.6 + 0.4 * (TAU * 2.0 * time).sin()) + click) as f32
    };
    (0..(seconds * rate) as usize).map(sample).collect()
}

fn framing(size: usize, hop: usize) -> Framing {
    Framing::new(size, hop).unwrap()
}

#[test]
fn what_is_transformed_comes_back() {
    for (size, hop) in [(2048, 512), (2048, 600), (1024, 300), (96, 10), (4, 1), (512, 170)] {
        for count in [0, 1, 5, 511, 4096, 10_007] {
            let sound = noise(count);
            let back = Spectrogram::of(&sound, framing(size, hop)).invert();
            assert_eq!(back.len(), count);
            let worst = back.iter().zip(&sound).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            assert!(worst < 1e-5, "{size} by {hop}, {count} samples: {worst}");
        }
    }
}

#[test]
fn blocks_of_any_length_give_the_same_frames() {
    let sound = noise(9_001);
    for way in [framing(512, 128), framing(64, 200), framing(256, 256)] {
        let whole = Spectrogram::of(&sound, way);
        for block in [1, 7, 63, 512, 5_000] {
            let (mut stft, mut next) = (Stft::new(way), 0);
            let mut same = |frame: super::Frame<'_>| {
                assert_eq!(frame.index, next);
                assert_eq!(frame.spectrum, whole.frame(next));
                next += 1;
            };
            for part in sound.chunks(block) {
                stft.push(part, &mut same);
            }
            stft.finish(&mut same);
            assert_eq!(next, way.frames(sound.len()));
        }
    }
}

#[test]
fn a_spectrum_is_the_sum_that_defines_it() {
    let (sound, way) = (noise(300), framing(64, 16));
    let weights = Window::Hann.weights(64);
    let spectra = Spectrogram::of(&sound, way);
    for (frame, bin) in [(0, 3), (1, 0), (7, 32), (18, 11)] {
        let mut sum = Complex::new(0.0, 0.0);
        for (n, weight) in weights.iter().enumerate() {
            let sample =
                (frame * 16 + n).checked_sub(32).and_then(|at| sound.get(at)).copied().unwrap_or(0.0);
            let angle = -TAU * (bin * n) as f64 / 64.0;
            sum += Complex::new(angle.cos(), angle.sin()) * f64::from(sample * weight);
        }
        let found = spectra.frame(frame)[bin];
        assert!((f64::from(found.re) - sum.re).abs() < 1e-5 && (f64::from(found.im) - sum.im).abs() < 1e-5);
    }
}

#[test]
fn energy_is_the_same_in_samples_and_bins() {
    let (sound, way) = (noise(20_000), Framing::DEFAULT);
    let weights = Window::Hann.weights(way.size());
    let mut stft = Stft::new(way);
    let mut frames = 0;
    stft.push(&sound, |frame| {
        let weighed = frame.samples.iter().zip(&weights).map(|(x, w)| f64::from(x * w).powi(2));
        let in_time: f64 = weighed.sum::<f64>() * way.size() as f64;
        let power = |bin: usize| f64::from(frame.spectrum[bin].norm_sqr());
        let in_bins = 2.0 * (1..way.size() / 2).map(power).sum::<f64>() + power(0) + power(way.size() / 2);
        assert!((in_time - in_bins).abs() < 1e-5 * in_time);
        frames += 1;
    });
    assert!(frames > 30);
}

#[test]
fn a_frame_knows_what_of_it_is_sound() {
    let (sound, way) = (noise(40), framing(32, 8));
    let mut all = Vec::new();
    let mut keep = |frame: super::Frame<'_>| {
        assert!(frame.samples[..frame.begin].iter().chain(&frame.samples[frame.end..]).all(|&x| x == 0.0));
        all.push((frame.begin, frame.inside().to_vec()));
    };
    let mut stft = Stft::new(way);
    stft.push(&sound, &mut keep);
    stft.finish(&mut keep);
    assert_eq!(all.len(), 6);
    assert_eq!(all[0], (16, sound[..16].to_vec()));
    assert_eq!(all[3], (0, sound[8..].to_vec()));
    assert_eq!(all[5], (0, sound[24..].to_vec()));
}

#[test]
fn changed_spectra_give_the_nearest_sound_and_short_ones_are_filled_up() {
    let way = framing(64, 16);
    let mut inverse = InverseStft::new(way);
    let mut sound = Vec::new();
    for _ in 0..10 {
        inverse.push(&[Complex::new(64.0, 5.0)], |samples| sound.extend_from_slice(samples));
    }
    // Constant frames of ones under one window: what is left after weighing is a bounded, positive sound.
    assert_eq!(sound.len(), 10 * 16 - 32);
    assert!(sound.iter().all(|&sample| sample > 0.5 && sample < 2.0));
}

#[test]
fn a_search_for_phases_comes_nearer_with_every_turn() {
    let (sound, way) = (chord(2.0), Framing::DEFAULT);
    let wanted = Spectrogram::of(&sound, way).magnitudes();
    let off = |turns| {
        let search = PhaseSearch { turns, ..PhaseSearch::default() };
        inconsistency(&search.find(&wanted, sound.len(), way), &wanted, way)
    };
    let found: Vec<f64> = [0, 4, 16, 64].into_iter().map(off).collect();
    assert!(found.windows(2).all(|pair| pair[1] < pair[0]), "{found:?}");
    assert!(found[2] < 0.2 && found[3] < 0.1, "{found:?}");
}

#[test]
fn a_search_depends_on_its_seed_alone_and_magnitudes_of_nothing_are_silence() {
    let (sound, way) = (chord(0.3), framing(512, 128));
    let wanted = Spectrogram::of(&sound, way).magnitudes();
    let find =
        |start| PhaseSearch { turns: 3, start, ..PhaseSearch::default() }.find(&wanted, sound.len(), way);
    assert_eq!(find(Start::Random(4)), find(Start::Random(4)));
    assert_ne!(find(Start::Random(4)), find(Start::Random(5)));
    assert_ne!(find(Start::Random(4)), find(Start::Zero));
    assert!(PhaseSearch::default().find(&[], 1_000, way).iter().all(|&sample| sample == 0.0));
}

#[test]
fn a_way_of_cutting_that_is_none_is_refused_with_the_rule() {
    assert_eq!(Framing::new(7, 2), Err(FramingError::Size(7)));
    assert_eq!(
        Framing::new(2048, 0).unwrap_err().to_string(),
        "the hop must be between 1 and 1048576 samples, but was 0"
    );
    let rate = SampleRate::ANALYSIS;
    assert!((Framing::DEFAULT.frequency(1024, rate) - 11_025.0).abs() < 1e-9);
    assert!((Framing::DEFAULT.seconds(43, rate) - 0.998).abs() < 1e-3);
}
