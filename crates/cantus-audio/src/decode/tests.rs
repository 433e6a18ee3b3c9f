//! What is decoded is what other programs decode, and nothing that is damaged does harm.

use std::fs;
use std::path::{Path, PathBuf};

use super::{DecodeError, Decoder, SoundFormat, decode};
use crate::buffer::AudioBuffer;
use crate::read::{MOST_WARNINGS, Read, Strictness};

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/audio")
}

fn fixture(name: &str) -> Vec<u8> {
    fs::read(fixtures().join(name)).unwrap()
}

/// Every fixture with its name.
fn all() -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<_> = fs::read_dir(fixtures()).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let is_sound = |path: &PathBuf| path.extension().is_some_and(|extension| extension != "py");
    let name = |path: &Path| path.file_name().unwrap().to_string_lossy().into_owned();
    files.iter().filter(|path| is_sound(path)).map(|path| (name(path), fs::read(path).unwrap())).collect()
}

fn read(bytes: &[u8]) -> Result<Read<AudioBuffer>, DecodeError> {
    decode(bytes, Strictness::Tolerant)
}

fn refusal(bytes: &[u8]) -> String {
    read(bytes).unwrap_err().to_string()
}

#[test]
fn sound_without_a_fault_is_read_strictly_and_without_a_warning() {
    for (name, bytes) in all() {
        if ["opus.opus", "video.mp4"].contains(&name.as_str()) {
            continue;
        }
        let read = decode(&bytes, Strictness::Strict).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(read.warnings.is_empty() && read.value.frames() > 0, "{name}: {:?}", read.warnings);
    }
}

#[test]
fn blocks_are_the_whole() {
    for name in ["s24le.wav", "s16.flac", "lame.mp3", "vorbis.ogg", "aac.m4a"] {
        let bytes = fixture(name);
        let whole = read(&bytes).unwrap().value;
        let mut decoder = Decoder::of_bytes(&bytes, Strictness::Tolerant).unwrap();
        let mut channels = vec![Vec::new(); decoder.channels()];
        while let Some(block) = decoder.next_block().unwrap() {
            assert!(
                !block[0].is_empty() && block.iter().all(|channel| channel.len() == block[0].len()),
                "{name}"
            );
            for (channel, piece) in channels.iter_mut().zip(block) {
                channel.extend_from_slice(piece);
            }
        }
        assert_eq!(whole.channels(), channels, "{name}");
    }
}

#[test]
fn what_is_no_sound_is_refused_with_what_it_is() {
    let cases: [(&[u8], &str); 9] = [
        (b"", "but this one is empty"),
        (b"X:1\nT:Tune\nK:C\n", "text that begins with"),
        (b"MThd\0\0\0\x06\0\x01\0\x01\0\x60", "MIDI, which is music and no sound"),
        (b"RIFF\x10\0\0\0AVI LIST", "an AVI video"),
        (b"\x1A\x45\xDF\xA3\x01\0\0\0", "Matroska or WebM"),
        (b"\x89PNG\r\n\x1A\n\0\0\0\0", "a picture"),
        (b"PK\x03\x04\0\0\0\0", "an archive; unpack it first"),
        (b"ID3\x04\0\0\0\0\0\0", "nothing but tags"),
        (b"\0\0\0\0\0\0\0\0", "nothing but zeros"),
    ];
    for (bytes, told) in cases {
        assert!(refusal(bytes).contains(told), "{told}: {}", refusal(bytes));
    }
    assert!(
        refusal(&fixture("opus.opus")).contains("Ogg Opus, which is not decoded; ffmpeg turns it into FLAC")
    );
    assert!(refusal(&fixture("video.mp4")).contains("M4A without sound that is decoded here"));
    let mut locked = fixture("aac.m4a");
    let at = locked.windows(4).position(|word| word == b"mp4a").unwrap();
    locked[at..at + 4].copy_from_slice(b"drms");
    assert!(refusal(&locked).contains("under a lock (DRM)"), "{}", refusal(&locked));
}

#[test]
fn a_file_is_known_by_its_content_behind_tags_and_junk() {
    let flac = fixture("s16.flac");
    let tagged = [b"ID3\x04\0\0\0\0\0\x05hello".as_slice(), &flac].concat();
    assert_eq!(read(&tagged).unwrap(), read(&flac).unwrap());
    let mp3 = fixture("mono.mp3");
    let junk = [[7; 777].as_slice(), &mp3].concat();
    let found = read(&junk).unwrap();
    assert_eq!(found.value, read(&mp3).unwrap().value);
    assert_eq!(
        found.warnings[0].to_string(),
        "byte 0: 777 bytes before the first frame are no sound and were skipped"
    );
    assert!(matches!(decode(&junk, Strictness::Strict), Err(DecodeError::Fault(_))));
}

/// A WAV file of 16 bits whose data chunk claims a length.
fn wav(claimed: u32, samples: &[i16]) -> Vec<u8> {
    let form = [1, 0, 1, 0, 0x44, 0xAC, 0, 0, 0x88, 0x58, 1, 0, 2, 0, 16, 0];
    let head =
        [b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0".as_slice(), &form, b"data", &claimed.to_le_bytes()].concat();
    let samples = samples.iter().flat_map(|sample| sample.to_le_bytes());
    head.into_iter().chain(samples).collect()
}

#[test]
fn lengths_that_lie_are_told_and_what_is_there_is_read() {
    let samples = [100, -200, 300, 400];
    let whole = read(&wav(8, &samples)).unwrap();
    assert_eq!(whole.value.channels()[0], samples.map(|sample| f32::from(sample) / 32_768.0));
    for (claimed, told) in [(0, "claim no bytes, but 8 are there"), (80, "claim 80 bytes, but 8 are there")] {
        let read = read(&wav(claimed, &samples)).unwrap();
        assert_eq!(read.value, whole.value);
        assert_eq!(read.warnings.len(), 1);
        assert!(
            read.warnings[0].to_string().starts_with("byte 40: ") && read.warnings[0].message.contains(told)
        );
    }
    // Who writes into a pipe cannot know better.
    assert_eq!(read(&wav(u32::MAX, &samples)).unwrap(), whole);
    assert_eq!(read(&wav(0, &[])).unwrap().value.frames(), 0);
    let cut = read(&wav(7, &samples)).unwrap();
    assert!(
        cut.value.frames() == 3 && cut.warnings[0].message.contains("no whole sample"),
        "{:?}",
        cut.warnings
    );
}

#[test]
fn twenty_four_bits_lie_in_the_lower_or_the_upper_bytes_of_four() {
    let of = |samples: [[u8; 4]; 2]| {
        let mut bytes = wav(8, &[]);
        bytes[20..36].copy_from_slice(&[1, 0, 1, 0, 0x44, 0xAC, 0, 0, 0x10, 0xB1, 2, 0, 4, 0, 24, 0]);
        bytes.extend(samples.concat());
        read(&bytes).unwrap().value.channels()[0].clone()
    };
    let expected = [-96.0 / 8_388_608.0, 23_052.0 / 8_388_608.0];
    assert_eq!(of([[0xA0, 0xFF, 0xFF, 0], [0x0C, 0x5A, 0, 0]]), expected);
    assert_eq!(of([[0, 0xA0, 0xFF, 0xFF], [0, 0x0C, 0x5A, 0]]), expected);
}

#[test]
fn what_is_no_number_becomes_silence() {
    let mut bytes = fixture("f32le.wav");
    let at = bytes.len() - 400;
    bytes[at..at + 4].copy_from_slice(&f32::NAN.to_le_bytes());
    bytes[at + 40..at + 44].copy_from_slice(&f32::INFINITY.to_le_bytes());
    bytes[at + 80..at + 84].copy_from_slice(&(-1e30_f32).to_le_bytes());
    let read = read(&bytes).unwrap();
    assert!(read.value.channels().iter().flatten().all(|sample| sample.abs() < 100.0));
    assert_eq!(read.warnings.len(), 1);
}

#[test]
fn a_damaged_frame_costs_its_own_time_only() {
    let bytes = fixture("lame.mp3");
    let whole = read(&bytes).unwrap().value;
    let mut damaged = bytes.clone();
    for byte in &mut damaged[1800..1900] {
        *byte ^= 0x5A;
    }
    let rescued = read(&damaged).unwrap().value;
    assert!(rescued.frames().abs_diff(whole.frames()) <= 2 * 1152, "{} {}", rescued.frames(), whole.frames());
    let cut = read(&bytes[..2000]).unwrap();
    assert!(cut.value.frames() > 2000);
}

/// Numbers that are random enough to damage files with (`SplitMix64`).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((mixed ^ mixed >> 31) % sides.max(1) as u64) as usize
    }

    /// A copy with a few bytes changed, a piece cut out, doubled or cut off. Every second change hits the first 200 bytes.
    fn damage(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut copy = bytes.to_vec();
        for _ in 0..=self.roll(4) {
            let reach = if self.roll(2) == 0 { copy.len().min(200) } else { copy.len() };
            let at = self.roll(reach);
            match self.roll(8) {
                0 => copy.truncate(at),
                1 => drop(copy.drain(at..(at + 1 + self.roll(40)).min(copy.len()))),
                2 => copy.extend_from_within(at..),
                3 => copy[at..].iter_mut().take(4).for_each(|byte| *byte = 0xFF),
                4 => copy[at..].iter_mut().take(4).for_each(|byte| *byte = 0),
                _ if !copy.is_empty() => copy[at] = self.roll(256) as u8,
                _ => {}
            }
        }
        copy
    }
}

/// Damages every fixture so many times; each copy is read or refused.
fn hurt(times: usize) -> (usize, usize) {
    let mut dice = Dice(1);
    let (mut done, mut read_all) = (0, 0);
    for (name, bytes) in all() {
        for _ in 0..times {
            let copy = dice.damage(&bytes);
            done += 1;
            let Ok(read) = read(&copy) else { continue };
            read_all += 1;
            let sound = &read.value;
            assert!(sound.channels().iter().flatten().all(|sample| sample.is_finite()), "{name}");
            assert!(read.warnings.len() <= MOST_WARNINGS, "{name}");
        }
    }
    (done, read_all)
}

#[test]
fn damaged_sound_is_rescued_or_refused() {
    let times =
        std::env::var("CANTUS_DAMAGED_SOUNDS").ok().and_then(|times| times.parse().ok()).unwrap_or(200);
    let (done, read) = hurt(times);
    println!("{done} damaged copies, {read} of them read");
    assert!(read * 2 > done, "most damage is small, but only {read} of {done} were read");
}

#[test]
fn a_rate_that_no_sound_has_is_refused() {
    let mut bytes = wav(8, &[1, 2, 3, 4]);
    bytes[24..28].copy_from_slice(&1_u32.to_le_bytes());
    assert_eq!(refusal(&bytes), "a sample rate must be between 100 and 768000 Hz, but was 1");
}

#[test]
fn formats_name_themselves() {
    let formats = [
        ("six.wav", "WAV"),
        ("s8.aiff", "AIFF"),
        ("alac.m4a", "M4A"),
        ("flac.ogg", "Ogg"),
        ("aac.aac", "AAC"),
    ];
    for (name, format) in formats {
        let bytes = fixture(name);
        let decoder = Decoder::of_bytes(&bytes, Strictness::Tolerant).unwrap();
        assert_eq!(decoder.format().to_string(), format);
        assert_ne!(decoder.format(), SoundFormat::Mp3);
    }
}
