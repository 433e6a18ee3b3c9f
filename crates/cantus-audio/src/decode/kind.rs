//! What a file is, told by its content.

use std::fmt;

use super::source::Part;
use super::{DecodeError, flac};
use crate::read::{Faults, Place};

/// The kinds of sound file that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SoundFormat {
    /// RIFF WAVE, also as RF64 or BW64.
    Wav,
    /// Apple's AIFF and AIFF-C.
    Aiff,
    /// Free Lossless Audio Codec.
    Flac,
    /// MPEG audio, layer 3.
    Mp3,
    /// AAC in ADTS frames.
    Aac,
    /// Ogg with Vorbis or FLAC in it.
    Ogg,
    /// MPEG-4 with AAC or ALAC in it.
    M4a,
}

impl fmt::Display for SoundFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Wav => "WAV",
            Self::Aiff => "AIFF",
            Self::Flac => "FLAC",
            Self::Mp3 => "MP3",
            Self::Aac => "AAC",
            Self::Ogg => "Ogg",
            Self::M4a => "M4A",
        })
    }
}

/// How many bytes are looked at.
const WINDOW: usize = 64 << 10;
/// How many tags may stand one behind the other.
const MOST_TAGS: usize = 16;

/// What a source is, and where that begins: behind tags, or behind what is no sound.
pub(super) fn of(source: &mut Part<'_>, faults: &mut Faults) -> Result<(SoundFormat, u64), DecodeError> {
    if source.len() == 0 {
        return Err(DecodeError::Empty);
    }
    let mut start = 0;
    let mut head = source.look(0, WINDOW)?;
    for _ in 0..MOST_TAGS {
        let Some(length) = tag_length(&head) else { break };
        start += length;
        head = source.look(start, WINDOW)?;
    }
    if head.is_empty() {
        return Err(DecodeError::Foreign("nothing but tags".to_owned()));
    }
    if let Some(format) = by_mark(&head)? {
        return Ok((format, start));
    }
    // A file of frames may begin in the middle of one.
    if !is_text(&head) {
        for at in 0..head.len().saturating_sub(4) {
            let Some(format) = by_frames(&head[at..]) else { continue };
            if at > 0 {
                let message = format!("{at} bytes before the first frame are no sound and were skipped");
                faults.forgive(Place::Byte(start), message)?;
            }
            return Ok((format, start + at as u64));
        }
    }
    Err(DecodeError::Foreign(describe(&head)))
}

/// Whether the first bytes of a file (64 are enough) promise sound that is decoded here; reading it tells for sure.
pub fn looks_like_sound(head: &[u8]) -> bool {
    tag_length(head).is_some()
        || matches!(by_mark(head), Ok(Some(_)))
        || head.len() > 6 && by_frames(head).is_some()
}

/// The length of a tag (ID3, version 2).
fn tag_length(head: &[u8]) -> Option<u64> {
    let [b'I', b'D', b'3', _, _, flags, size @ ..] = head else { return None };
    let size = size.get(..4)?.iter().fold(0, |sum, byte| sum << 7 | u64::from(byte & 0x7F));
    Some(10 + size + if flags & 0x10 == 0 { 0 } else { 10 })
}

/// What the first bytes say.
fn by_mark(head: &[u8]) -> Result<Option<SoundFormat>, DecodeError> {
    let foreign = |what: &str| Err(DecodeError::Foreign(what.to_owned()));
    Ok(Some(match head {
        [b'R', b'I', b'F' | b'X', b'F' | b'X', _, _, _, _, b'A', b'V', b'I', b' ', ..] => {
            return foreign("an AVI video; its sound alone can be taken out with ffmpeg");
        }
        [b'R', b'I', b'F', b'F', _, _, _, _, b'R', b'M', b'I', b'D', ..] | [b'M', b'T', b'h', b'd', ..] => {
            return foreign("MIDI, which is music and no sound; `cantus render` plays it");
        }
        [b'R', b'I', b'F', b'F', _, _, _, _, b's', b'f', b'b', b'k', ..] => return foreign("a SoundFont"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'A', b'V', b'E', ..]
        | [b'R' | b'B', b'F' | b'W', b'6', b'4', _, _, _, _, b'W', b'A', b'V', b'E', ..] => SoundFormat::Wav,
        [b'F', b'O', b'R', b'M', _, _, _, _, b'A', b'I', b'F', b'F' | b'C', ..] => SoundFormat::Aiff,
        [b'f', b'L', b'a', b'C', ..] => SoundFormat::Flac,
        [b'O', b'g', b'g', b'S', ..] => return in_ogg(head).map(Some),
        [_, _, _, _, b'f', b't', b'y', b'p', ..] => SoundFormat::M4a,
        [0x1A, 0x45, 0xDF, 0xA3, ..] => return foreign("Matroska or WebM; ffmpeg turns its sound into FLAC"),
        [0x30, 0x26, 0xB2, 0x75, ..] => return foreign("Windows Media; ffmpeg turns it into FLAC"),
        [b'F', b'L', b'V', ..] | [0, 0, 1, 0xBA | 0xB3, ..] => {
            return foreign("a video; its sound alone can be taken out with ffmpeg");
        }
        [b'w', b'v', b'p', b'k', ..] => return foreign("WavPack; ffmpeg turns it into FLAC"),
        [b'M', b'A', b'C', b' ', ..] => return foreign("Monkey's Audio; ffmpeg turns it into FLAC"),
        _ => return Ok(None),
    }))
}

/// What an Ogg file carries: its first page holds the mark of a codec.
fn in_ogg(head: &[u8]) -> Result<SoundFormat, DecodeError> {
    let first = &head[..head.len().min(512)];
    let holds = |mark: &[u8]| first.windows(mark.len()).any(|window| window == mark);
    let foreign = |what: &str| Err(DecodeError::Foreign(what.to_owned()));
    if holds(b"OpusHead") {
        return foreign("Ogg Opus, which is not decoded; ffmpeg turns it into FLAC");
    }
    if holds(b"Speex   ") {
        return foreign("Ogg Speex, which is not decoded; ffmpeg turns it into FLAC");
    }
    if holds(b"\x80theora") && !holds(b"\x01vorbis") {
        return foreign("an Ogg video; its sound alone can be taken out with ffmpeg");
    }
    Ok(SoundFormat::Ogg)
}

/// What two frames in a row say, one at the beginning and one where that says that it ends.
fn by_frames(head: &[u8]) -> Option<SoundFormat> {
    if head[0] != 0xFF {
        return None;
    }
    if flac::frame(head).is_some() {
        return Some(SoundFormat::Flac);
    }
    let of = |length: fn(&[u8]) -> Option<usize>, format| {
        let next = &head[length(head)?.min(head.len())..];
        // The only frame of a file has none after it.
        let follows = next.len() < 7 || next.starts_with(b"TAG") || next.starts_with(b"APETAGEX");
        (follows || length(next).is_some()).then_some(format)
    };
    of(adts_length, SoundFormat::Aac).or_else(|| of(mpeg_length, SoundFormat::Mp3))
}

/// The length of the ADTS frame at the beginning (ISO 13818-7).
fn adts_length(head: &[u8]) -> Option<usize> {
    let [0xFF, second, third, fourth, fifth, sixth, ..] = *head else { return None };
    let rate = third >> 2 & 15;
    let length = usize::from(fourth & 3) << 11 | usize::from(fifth) << 3 | usize::from(sixth) >> 5;
    (second & 0xF6 == 0xF0 && rate < 13 && length > 7).then_some(length)
}

/// The length of the MPEG audio frame of layer 3 at the beginning (ISO 11172-3, 13818-3).
fn mpeg_length(head: &[u8]) -> Option<usize> {
    const KILOBITS: [[usize; 15]; 2] = [
        [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
        [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
    ];
    const HERTZ: [usize; 3] = [44_100, 48_000, 32_000];
    let [0xFF, second, third, ..] = *head else { return None };
    let (version, layer) = (second >> 3 & 3, second >> 1 & 3);
    if second & 0xE0 != 0xE0 || version == 1 || layer != 1 {
        return None;
    }
    let (is_first, shift) = (version == 3, [2, 0, 1, 0][usize::from(version)]);
    let kilobits =
        *KILOBITS[usize::from(!is_first)].get(usize::from(third >> 4)).filter(|rate| **rate > 0)?;
    let hertz = HERTZ.get(usize::from(third >> 2 & 3))? >> shift;
    let padding = usize::from(third >> 1 & 1);
    Some(if is_first { 144_000 } else { 72_000 } * kilobits / hertz + padding)
}

fn is_text(head: &[u8]) -> bool {
    let first = &head[..head.len().min(512)];
    !first.iter().any(|byte| matches!(byte, 0..=8 | 14..=26 | 28..=31 | 127 | 0xFF))
}

/// A few words for what is no sound.
fn describe(head: &[u8]) -> String {
    let first: Vec<u8> = head.iter().copied().take(12).collect();
    if is_text(head) {
        return format!("text that begins with {:?}", String::from_utf8_lossy(&first));
    }
    if head.iter().all(|byte| *byte == 0) {
        return "nothing but zeros".to_owned();
    }
    match head {
        [0x89, b'P', b'N', b'G', ..] | [0xFF, 0xD8, 0xFF, ..] | [b'G', b'I', b'F', b'8', ..] => {
            return "a picture".to_owned();
        }
        [b'P', b'K', 3, 4, ..] | [0x1F, 0x8B, ..] => return "an archive; unpack it first".to_owned(),
        _ => {}
    }
    let bytes: Vec<String> = first.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("something that begins with the bytes {}", bytes.join(" "))
}
