//! A clean head for FLAC: pictures, cue sheets and damage in front of the first frame are of no use to the decoder, and may
//! keep it from what is sound.

use super::DecodeError;
use super::kind::SoundFormat;
use super::pcm::{Encoding, Head, Order};
use super::source::Part;
use crate::buffer::SampleRate;
use crate::read::{Faults, Place};

/// What one frame says of itself (RFC 9639, section 9.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Frame {
    samples: u32,
    rate: u32,
    channels: u8,
    bits: u8,
    /// Whether all frames are equally long.
    is_fixed: bool,
}

impl Frame {
    /// The least and the most samples of a frame, as a description states them.
    fn bounds(self) -> [u8; 4] {
        let own = self.samples.min(65_535) as u16;
        let (least, most) = if self.is_fixed { (own.max(16), own.max(16)) } else { (16, 65_535) };
        let ([a, b], [c, d]) = (least.to_be_bytes(), most.to_be_bytes());
        [a, b, c, d]
    }
}

const MARK: &[u8; 4] = b"fLaC";
/// The length of the block that says what the stream is like.
const INFO: usize = 34;
/// How many blocks of metadata are gone through.
const MOST_BLOCKS: usize = 1_000;
/// How many bytes are looked through at a time for a frame.
const WINDOW: usize = 64 << 10;

/// The frames of a FLAC file behind a head that holds its description alone; one is made up from the first frame where the
/// file has none.
pub(super) fn clean<'s>(mut source: Part<'s>, faults: &mut Faults) -> Result<Part<'s>, DecodeError> {
    let (info, told) = metadata(&mut source)?;
    let (start, frame) = first_frame(&mut source, told, faults)?;
    if info.is_none() {
        faults.forgive(Place::Byte(0), "the file does not say what it is like; its first frame told it")?;
    }
    let mut info = info.unwrap_or_else(|| info_of(frame));
    let [least, most] = [[info[0], info[1]], [info[2], info[3]]].map(u16::from_be_bytes);
    if u32::from(most) < frame.samples {
        let message =
            format!("frames claim to have {most} samples at most, but the first has {}", frame.samples);
        faults.forgive(Place::Byte(8), message)?;
    }
    // The decoder believes a frame only where equal bounds mean frames of one length, and other bounds the opposite.
    if u32::from(most) < frame.samples || (least == most) != frame.is_fixed {
        info[..4].copy_from_slice(&frame.bounds());
    }
    let head = [MARK.as_slice(), &[0x80, 0, 0, INFO as u8], &info].concat();
    Ok(source.behind(head, start)?)
}

/// What a FLAC file without a single frame is like: a sound of no length may be one.
pub(super) fn nothing(source: &mut Part<'_>) -> Result<Option<Head>, DecodeError> {
    let (info, told) = metadata(source)?;
    let Some(info) = info.filter(|_| told == source.len()) else { return Ok(None) };
    let form = u32::from_be_bytes([info[10], info[11], info[12], info[13]]);
    let (rate, channels) = (SampleRate::new(form >> 12)?, (form >> 9 & 7) as usize + 1);
    let encoding = Encoding::Signed(2, Order::Little);
    Ok(Some(Head { rate, channels, encoding, start: told, frames: 0 }))
}

/// The description of the stream, and where its metadata ends by what that says.
fn metadata(source: &mut Part<'_>) -> Result<(Option<[u8; INFO]>, u64), DecodeError> {
    if source.look(0, 4)? != MARK {
        return Ok((None, 0));
    }
    let (mut at, mut info) = (4, None);
    for _ in 0..MOST_BLOCKS {
        let [kind, a, b, c] = source.look(at, 4)?[..] else { break };
        let length = u64::from(u32::from_be_bytes([0, a, b, c]));
        if matches!(kind, 0 | 0x80) && info.is_none() {
            info = source.look(at + 4, INFO)?.try_into().ok();
        }
        at += 4 + length;
        if kind & 0x80 != 0 || at >= source.len() {
            break;
        }
    }
    Ok((info, at))
}

/// The first frame: where the metadata says, or the first that is found.
fn first_frame(source: &mut Part<'_>, told: u64, faults: &mut Faults) -> Result<(u64, Frame), DecodeError> {
    if let Some(frame) = frame(&source.look(told, 16)?) {
        return Ok((told, frame));
    }
    let mut at = 0;
    loop {
        let bytes = source.look(at, WINDOW + 16)?;
        let found = (0..bytes.len().min(WINDOW)).find_map(|offset| Some((offset, frame(&bytes[offset..])?)));
        if let Some((offset, frame)) = found {
            let start = at + offset as u64;
            let message = format!("the first frame should stand at byte {told}; it was found at {start}");
            faults.forgive(Place::Byte(start), message)?;
            return Ok((start, frame));
        }
        at += WINDOW as u64;
        if at >= source.len() {
            let rule = "hold a frame that can be decoded";
            return Err(DecodeError::Damaged {
                format: SoundFormat::Flac,
                rule,
                found: "holds none".to_owned(),
            });
        }
    }
}

/// The frame that begins here, if its header is whole by its checksum.
pub(super) fn frame(bytes: &[u8]) -> Option<Frame> {
    let [0xFF, strategy @ (0xF8 | 0xF9), sizes, form, ..] = *bytes else { return None };
    // A number in the manner of UTF-8 follows, whose first byte tells its length.
    let number = bytes.get(4)?.leading_ones() as usize;
    let mut at = 4 + number.max(1);
    let mut take = |count: usize| {
        let value = bytes.get(at..at + count)?.iter().fold(0, |sum, byte| sum << 8 | u32::from(*byte));
        at += count;
        Some(value)
    };
    let samples = match sizes >> 4 {
        0 => return None,
        1 => 192,
        code @ 2..=5 => 576 << (code - 2),
        6 => take(1)? + 1,
        7 => take(2)? + 1,
        code => 256 << (code - 8),
    };
    let rate = match sizes & 15 {
        0 => 0,
        code @ 1..=11 => RATES[usize::from(code) - 1],
        12 => take(1)? * 1000,
        13 => take(2)?,
        14 => take(2)? * 10,
        _ => return None,
    };
    let channels = match form >> 4 {
        code @ 0..=7 => code + 1,
        8..=10 => 2,
        _ => return None,
    };
    let bits = *[0, 8, 12, 0, 16, 20, 24, 32].get(usize::from(form >> 1 & 7))?;
    let checksum = take(1)?;
    let is_whole = u32::from(crc8(bytes.get(..at - 1)?)) == checksum;
    (is_whole && form & 1 == 0).then_some(Frame { samples, rate, channels, bits, is_fixed: strategy == 0xF8 })
}

const RATES: [u32; 11] =
    [88_200, 176_400, 192_000, 8_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 96_000];

/// The checksum of a header: polynomial x^8 + x^2 + x + 1.
fn crc8(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0, |sum, byte| {
        (0..8).fold(sum ^ byte, |sum, _| if sum & 0x80 == 0 { sum << 1 } else { sum << 1 ^ 0x07 })
    })
}

/// A description of a stream like its first frame, of unknown length.
fn info_of(frame: Frame) -> [u8; INFO] {
    let rate = if frame.rate == 0 { 44_100 } else { frame.rate };
    let bits = u32::from(if frame.bits == 0 { 16 } else { frame.bits });
    let form = rate << 12 | u32::from(frame.channels - 1) << 9 | (bits - 1) << 4;
    let mut info = [0; INFO];
    info[..4].copy_from_slice(&frame.bounds());
    info[10..14].copy_from_slice(&form.to_be_bytes());
    info
}
