//! Each family measured: pitch, beginning, loudness over the keyboard, colour by touch, loops without a seam.

use super::programs::Source;
use super::spectrum::Planner;
use super::tone::{RATE_F, frequency};
use super::{ROOTS, ZONE, level, levelled_tone, programs, soundfont};
use crate::synth::tests::{Line, momentary, spectrum_centre};
use cantus_score::Program;

/// One program of each family with a pitch, and how many harmonics of it are true enough to tune by.
const FAMILIES: [(u8, usize); 17] = [
    (0, 3),
    (4, 4),
    (11, 1),
    (19, 6),
    (24, 4),
    (33, 4),
    (40, 6),
    (46, 4),
    (48, 6),
    (52, 6),
    (56, 6),
    (71, 5),
    (73, 4),
    (81, 6),
    (89, 6),
    (104, 3),
    (114, 2),
];

/// Cents by which the harmonics of a sound, weighed by their strength, lie above those of a key.
fn cents_off(samples: &[f32], key: u8, harmonics: usize) -> f64 {
    let hertz = frequency(f64::from(key));
    let strength = |cents: f64| {
        let at = hertz * (cents / 1200.0).exp2();
        (1..=harmonics).map(|n| line_strength(samples, at * n as f64)).sum::<f64>()
    };
    let grid = (-30..=30).map(f64::from);
    let best = grid.map(|cents| (strength(cents), cents)).max_by(|a, b| a.0.total_cmp(&b.0));
    best.map_or(f64::NAN, |best| best.1)
}

/// The power of one frequency in a sound under a Hann window.
fn line_strength(samples: &[f32], hertz: f64) -> f64 {
    let step = std::f64::consts::TAU * hertz / RATE_F;
    let (turn_sin, turn_cos) = step.sin_cos();
    let (mut sin, mut cos, mut re, mut im) = (0.0_f64, 1.0_f64, 0.0, 0.0);
    for (i, &sample) in samples.iter().enumerate() {
        let window = 0.5 - 0.5 * (std::f64::consts::TAU * i as f64 / samples.len() as f64).cos();
        re += f64::from(sample) * window * cos;
        im += f64::from(sample) * window * sin;
        (sin, cos) = (sin * turn_cos + cos * turn_sin, cos * turn_cos - sin * turn_sin);
    }
    re * re + im * im
}

#[test]
fn every_family_is_in_tune() {
    for (program, harmonics) in FAMILIES {
        for key in [36, 59, 84] {
            let sound = Line { program, keys: &[key], ..Line::default() }.mono();
            let heard = &sound[1_000..sound.len().min(56_000)];
            let cents = cents_off(heard, key, harmonics);
            // A half-second of a low key cannot be told to the cent; the ear cannot either.
            assert!(cents.abs() <= 5.0, "program {program}, key {key}: {cents} cents");
        }
    }
}

#[test]
fn struck_and_plucked_sounds_begin_at_once_and_others_soon() {
    for program in 0..119 {
        let sound = Line { program, keys: &[60], ..Line::default() }.mono();
        let full = (0..40).map(|tenth| rms(&sound, f64::from(tenth) * 0.025)).fold(0.0, f64::max);
        let at_once = matches!(programs::program(program).source, Source::Struck(_) | Source::Fm(_));
        let wait = if at_once { 0.005 } else { 0.06 };
        let early = rms(&sound, wait);
        assert!(early > full * 0.1, "program {program}: {early} after {wait} s, {full} later");
    }
}

/// The root mean square of the 5 ms that end half a window after a moment in seconds.
fn rms(samples: &[f32], at: f64) -> f64 {
    let start = ((at - 0.0025).max(0.0) * RATE_F) as usize;
    let part = samples.iter().skip(start).take(220);
    (part.map(|x| f64::from(*x).powi(2)).sum::<f64>() / 220.0).sqrt()
}

#[test]
fn the_keyboard_is_even_in_loudness() {
    for (program, _) in FAMILIES {
        let keys = [36, 44, 52, 60, 68, 76, 84];
        let sound = Line { program, keys: &keys, ..Line::default() }.stereo();
        let loud: Vec<f64> = (0..keys.len()).map(|i| momentary(&sound, i)).collect();
        let spread =
            loud.iter().fold(f64::MIN, |a, b| a.max(*b)) - loud.iter().fold(f64::MAX, |a, b| a.min(*b));
        assert!(spread <= 6.0, "program {program}: {loud:.1?} LUFS");
    }
}

#[test]
fn a_harder_touch_is_a_brighter_one() {
    for (program, _) in FAMILIES {
        let centre = |velocity| {
            let sound = Line { program, velocity, ..Line::default() }.mono();
            spectrum_centre(&sound[..30_000])
        };
        let (soft, hard) = (centre(30), centre(120));
        assert!(hard > soft * 1.05, "program {program}: {soft:.0} Hz soft, {hard:.0} Hz hard");
    }
}

#[test]
fn loops_close_without_a_seam() {
    let mut planner = Planner::new();
    for program in (0..128).filter(|program| !(119..=127).contains(program)) {
        for root in [*ROOTS.start(), 67] {
            let tone = levelled_tone(&programs::program(program), (program, root), &mut planner);
            let Some(start) = tone.loop_start else { continue };
            let turn = &tone.samples[start..];
            let steepest = turn.windows(2).map(|w| (w[1] - w[0]).abs()).fold(0.0, f32::max);
            let seam = (turn[0] - turn[turn.len() - 1]).abs();
            assert!(seam <= steepest * 1.01 + 1e-4, "program {program}, key {root}: {seam} after {steepest}");
            let (before, after) = (tone.samples[start - 1], turn[turn.len() - 1]);
            assert!((before - after).abs() < 0.02, "program {program}, key {root}: {before} before, {after}");
        }
    }
}

#[test]
fn sounds_begin_and_end_at_nothing_and_stay_below_full_scale() {
    let mut planner = Planner::new();
    for program in 0..128 {
        let tone = levelled_tone(&programs::program(program), (program, 61), &mut planner);
        assert!(tone.samples[0].abs() < 1e-3, "program {program} begins with {}", tone.samples[0]);
        assert!(tone.samples.iter().all(|x| x.is_finite() && x.abs() < 1.0), "program {program}");
        if tone.loop_start.is_none() {
            let last = tone.samples[tone.samples.len() - 1];
            assert!(last.abs() < 1e-3, "program {program} ends with {last}");
        }
    }
}

#[test]
fn programs_of_one_family_differ() {
    let mut planner = Planner::new();
    let mut seen: Vec<Vec<f32>> = Vec::new();
    for program in 0..128 {
        let tone = levelled_tone(&programs::program(program), (program, 61), &mut planner);
        let beginning: Vec<f32> = tone.samples.into_iter().take(4_000).collect();
        assert!(!seen.contains(&beginning), "program {program} sounds like another");
        seen.push(beginning);
    }
}

#[test]
fn a_font_for_others_holds_what_was_asked_for() {
    let bytes = soundfont(&[Program::PIANO, Program::saturating(73)]);
    assert_eq!((&bytes[..4], &bytes[8..12]), (b"RIFF".as_slice(), b"sfbk".as_slice()));
    let font = rustysynth::SoundFont::new(&mut &bytes[..]).unwrap();
    let names: Vec<&str> = font.get_presets().iter().map(rustysynth::Preset::get_name).collect();
    assert_eq!(names, ["Acoustic Grand Pian", "Flute", "Standard Kit"]);
    let zones = usize::from((ROOTS.end() - ROOTS.start()) / ZONE) + 1;
    assert_eq!(font.get_instruments()[0].get_regions().len(), zones);
}

#[test]
fn the_weighting_is_that_of_the_standard() {
    // BS.1770: a sine of 997 Hz at full scale in one channel reads -3.01 LUFS, so its weighted level is -3.01 + 0.691 dB.
    let sine = (0..44_100).map(|i| (std::f64::consts::TAU * 997.0 * f64::from(i) / RATE_F).sin() as f32);
    let decibels = 20.0 * level::heard(sine, 19_900.0).log10();
    assert!((decibels - (-3.01 + 0.691)).abs() < 0.05, "{decibels}");
}
