//! What is written can be read back.

use super::{Depth, write, write_as};
use crate::synth::StereoBuffer;

fn tone() -> StereoBuffer {
    let left: Vec<f32> = (0..4_410).map(|i| (i as f32 * 0.05).sin() * 0.5).collect();
    StereoBuffer { right: left.iter().map(|x| -x).collect(), left }
}

fn read(bytes: &[u8]) -> (hound::WavSpec, Vec<i32>) {
    let reader = hound::WavReader::new(bytes).unwrap();
    (reader.spec(), reader.into_samples().map(Result::unwrap).collect())
}

#[test]
fn sixteen_bits_are_dithered_by_one_step_at_most() {
    let sound = tone();
    let (spec, samples) = read(&write(&sound));
    assert_eq!((spec.channels, spec.sample_rate, spec.bits_per_sample), (2, 44_100, 16));
    let mut error = 0.0;
    for (frame, (l, r)) in samples.chunks(2).zip(sound.left.iter().zip(&sound.right)) {
        for (written, sample) in frame.iter().zip([l, r]) {
            let off = *written as f32 - sample * 32_768.0;
            assert!(off.abs() <= 1.5, "{off}");
            error += off;
        }
    }
    let mean = error / samples.len() as f32;
    assert!(mean.abs() < 0.03, "dither has no direction, but its mean is {mean}");
}

#[test]
fn twenty_four_bits_are_rounded() {
    let sound = tone();
    let (spec, samples) = read(&write_as(&sound, Depth::Bits24));
    assert_eq!(spec.bits_per_sample, 24);
    for (frame, l) in samples.chunks(2).zip(&sound.left) {
        assert!((frame[0] as f32 - l * 8_388_608.0).abs() <= 1.0);
    }
}

#[test]
fn the_same_sound_gives_the_same_bytes() {
    assert_eq!(write(&tone()), write(&tone()));
}

#[test]
fn what_lies_beyond_full_scale_is_held_there() {
    let sound = StereoBuffer { left: vec![2.0, -2.0], right: vec![0.0, 0.0] };
    let (_, samples) = read(&write(&sound));
    assert_eq!((samples[0], samples[2]), (32_767, -32_768));
}

#[test]
fn no_sound_is_a_file_all_the_same() {
    assert_eq!(read(&write(&StereoBuffer::default())).1, Vec::<i32>::new());
}
