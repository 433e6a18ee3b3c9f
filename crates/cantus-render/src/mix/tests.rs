//! Loudness and peaks of whole pieces, measured on what is written to the file.

use cantus_audio::{Depth, encode_wav};
use cantus_score::{Channel, Note, Pitch, Program, Resolution, Score, Ticks, Track, Velocity};
use ebur128::{EbuR128, Mode};

use super::{LOUDNESS, PEAK, limiter};
use crate::synth::{SoundOptions, StereoBuffer, render};

/// Loudness in LUFS and true peak in decibels of the samples of a WAV file.
fn measure(bytes: &[u8]) -> (f64, f64) {
    let samples: Vec<i16> =
        hound::WavReader::new(bytes).unwrap().into_samples().map(Result::unwrap).collect();
    let mut meter = EbuR128::new(2, 44_100, Mode::I | Mode::TRUE_PEAK).unwrap();
    meter.add_frames_i16(&samples).unwrap();
    let peak = meter.true_peak(0).unwrap().max(meter.true_peak(1).unwrap());
    (meter.loudness_global().unwrap(), 20.0 * peak.log10())
}

/// A piece of parts: each a program (128 is the drums) with a pattern of keys in eighth notes.
fn piece(parts: &[(i64, &[i64])], velocity: i64) -> Score {
    let mut score = Score::new(Resolution::STANDARD);
    for (channel, (program, keys)) in (0..).zip(parts) {
        let channel = if *program == 128 { Channel::DRUMS } else { Channel::saturating(channel) };
        let mut track = Track::new("", channel, Program::saturating(program % 128));
        for (i, key) in (0_u32..48).zip(keys.iter().cycle()) {
            let note = Note::new(Ticks(i * 240), Ticks(230), Pitch::saturating(*key));
            track.notes.push(note.with_velocity(Velocity::saturating(velocity)));
        }
        score.tracks.push(track);
    }
    score
}

#[test]
fn pieces_come_out_equally_loud_and_nothing_is_clipped() {
    let pieces = [
        piece(&[(52, &[72, 74, 76]), (52, &[67, 65]), (52, &[60, 62]), (52, &[48, 43])], 80),
        piece(&[(0, &[60, 64, 67, 72])], 30),
        piece(&[(128, &[36, 42, 38, 42])], 127),
        piece(&[(30, &[52, 55]), (33, &[28, 31]), (128, &[36, 42, 38, 46]), (81, &[76, 79])], 120),
        piece(&[(13, &[84, 88])], 120),
    ];
    for (i, score) in pieces.iter().enumerate() {
        let sound = render(score, &SoundOptions::default()).unwrap();
        let (loudness, peak) = measure(&encode_wav(&sound.into(), Depth::Bits16).unwrap());
        assert!((loudness - LOUDNESS).abs() <= 1.0, "piece {i}: {loudness} LUFS");
        assert!(peak <= PEAK, "piece {i}: {peak} dB");
    }
}

#[test]
fn the_limiter_keeps_its_lid_and_leaves_quiet_sound_alone() {
    let quiet = |i: usize| (i as f32 * 0.05).sin() * 0.2;
    let loud = |i: usize| if (6_000..6_400).contains(&i) { (i as f32 * 0.3).sin() * 3.0 } else { quiet(i) };
    let left: Vec<f32> = (0..60_000).map(loud).collect();
    let mut sound = StereoBuffer { right: left.iter().map(|x| x * 0.5).collect(), left: left.clone() };
    limiter::limit(&mut sound, 0.8);
    let highest = sound.left.iter().fold(0.0_f32, |a, x| a.max(x.abs()));
    assert!(highest <= 0.8 + 1e-4 && highest > 0.75, "{highest}");
    assert_eq!(sound.left[..5_800], left[..5_800]);
    let last = left.len() - 1;
    assert!((sound.left[last] - left[last]).abs() < 1e-3, "the level comes back");
    assert!(sound.left.iter().zip(&sound.right).all(|(l, r)| (l * 0.5 - r).abs() < 1e-6), "both sides alike");
}
