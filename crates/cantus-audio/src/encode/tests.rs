//! What is written can be read back.

use super::{Depth, EncodeError, Quality, encode_flac, encode_ogg, encode_wav};
use crate::buffer::{AudioBuffer, SampleRate};
use crate::decode::decode;
use crate::read::Strictness;

/// Tones that differ from channel to channel.
fn tones(rate: u32, channels: usize, frames: usize) -> AudioBuffer {
    let tone = |channel: usize| {
        let step = 0.05 * (channel + 1) as f32;
        (0..frames).map(|i| (i as f32 * step).sin() * 0.5).collect()
    };
    AudioBuffer::new(SampleRate::new(rate).unwrap(), (0..channels).map(tone).collect())
}

fn back(bytes: &[u8]) -> AudioBuffer {
    decode(bytes, Strictness::Strict).unwrap().value
}

/// The largest difference of two sounds of one shape.
fn difference(one: &AudioBuffer, other: &AudioBuffer) -> f32 {
    assert_eq!(
        (one.rate(), one.frames(), one.channels().len()),
        (other.rate(), other.frames(), other.channels().len())
    );
    let pairs = one.channels().iter().flatten().zip(other.channels().iter().flatten());
    pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

#[test]
fn sound_is_read_back_as_closely_as_its_depth_allows() {
    for (rate, channels) in [(8_000, 1), (22_050, 2), (44_100, 2), (48_000, 6), (96_000, 8)] {
        let sound = tones(rate, channels, 5_000);
        assert_eq!(back(&encode_wav(&sound, Depth::Float32).unwrap()), sound);
        for (depth, step) in [(Depth::Bits16, 1.5 / 32_768.0), (Depth::Bits24, 0.5001 / 8_388_608.0)] {
            let wav = back(&encode_wav(&sound, depth).unwrap());
            assert!(difference(&wav, &sound) <= step, "{rate} {channels} {depth:?}");
            // FLAC holds the very samples of the WAV file.
            assert_eq!(back(&encode_flac(&sound, depth).unwrap()), wav, "{rate} {channels} {depth:?}");
        }
    }
}

#[test]
fn dither_has_no_direction() {
    let sound = tones(44_100, 2, 4_410);
    let written = back(&encode_wav(&sound, Depth::Bits16).unwrap());
    let pairs = written.channels().iter().flatten().zip(sound.channels().iter().flatten());
    let sum: f32 = pairs.map(|(written, sample)| (written - sample) * 32_768.0).sum();
    let mean = sum / (2 * sound.frames()) as f32;
    assert!(mean.abs() < 0.03, "its mean is {mean}");
}

#[test]
fn vorbis_keeps_length_and_sound() {
    for (rate, channels, frames) in [(22_050, 1, 10_000), (44_100, 2, 44_100), (48_000, 2, 12_345)] {
        let sound = tones(rate, channels, frames);
        let read = back(&encode_ogg(&sound, Quality::default()).unwrap());
        assert_eq!((read.rate(), read.frames()), (sound.rate(), sound.frames()));
        let mut error = 0.0;
        for (a, b) in sound.channels().iter().flatten().zip(read.channels().iter().flatten()) {
            error += f64::from(a - b).powi(2);
        }
        let loss = (error / (channels * frames) as f64).sqrt();
        assert!(loss < 0.02, "{rate} {channels}: {loss}");
    }
}

#[test]
fn a_higher_quality_is_a_longer_file() {
    let sound = tones(44_100, 2, 44_100);
    let length = |quality| encode_ogg(&sound, Quality::new(quality).unwrap()).unwrap().len();
    assert!(length(0.0) < length(5.0) && length(5.0) < length(10.0));
    assert_eq!(
        Quality::new(11.0).unwrap_err().to_string(),
        "a quality must be between -1 and 10, but was 11"
    );
    assert!(Quality::new(f32::NAN).is_err());
}

#[test]
fn the_same_sound_gives_the_same_bytes() {
    let sound = tones(44_100, 2, 9_000);
    assert_eq!(encode_wav(&sound, Depth::Bits16), encode_wav(&sound, Depth::Bits16));
    assert_eq!(encode_flac(&sound, Depth::Bits16), encode_flac(&sound, Depth::Bits16));
    assert_eq!(encode_ogg(&sound, Quality::MIN), encode_ogg(&sound, Quality::MIN));
}

#[test]
fn what_lies_beyond_full_scale_is_held_there_and_what_is_no_number_is_silence() {
    let sound = AudioBuffer::of_mono(SampleRate::CD, vec![2.0, -2.0, f32::NAN, f32::INFINITY]);
    let read = back(&encode_wav(&sound, Depth::Bits24).unwrap());
    let highest = 8_388_607.0 / 8_388_608.0;
    assert_eq!(read.channels()[0], [highest, -1.0, 0.0, highest]);
    assert!(back(&encode_flac(&sound, Depth::Bits16).unwrap()).frames() == 4);
    assert!(encode_ogg(&sound, Quality::MAX).is_ok());
}

#[test]
fn sound_of_any_length_is_a_file() {
    for frames in [0, 1, 15, 16, 17, 4_095, 4_096, 4_097] {
        let sound = tones(44_100, 2, frames);
        assert_eq!(back(&encode_wav(&sound, Depth::Bits16).unwrap()).frames(), frames);
        assert_eq!(back(&encode_flac(&sound, Depth::Bits16).unwrap()).frames(), frames, "FLAC");
        assert_eq!(back(&encode_ogg(&sound, Quality::default()).unwrap()).frames(), frames, "Ogg");
    }
}

#[test]
fn what_a_format_has_no_room_for_is_refused_with_the_rule() {
    let none = AudioBuffer::new(SampleRate::CD, Vec::new());
    assert!(matches!(encode_wav(&none, Depth::Bits16), Err(EncodeError::Channels { .. })));
    let error = encode_flac(&tones(44_100, 9, 10), Depth::Bits16).unwrap_err().to_string();
    assert_eq!(error, "FLAC must have 1 to 8 channels, but the sound has 9");
    let error = encode_ogg(&tones(384_000, 1, 10), Quality::default()).unwrap_err().to_string();
    assert_eq!(error, "Ogg Vorbis must have at most 192000 samples a second, but the sound has 384000");
    let error = encode_flac(&tones(44_100, 1, 10), Depth::Float32).unwrap_err().to_string();
    assert_eq!(error, "FLAC must hold whole numbers of 16 or 24 bits, but floats were asked for");
}
