//! The heads of files of plain samples: RIFF WAVE (also RF64 and BW64) and AIFF. Their lengths are claims, which are held
//! against what is there.

use super::DecodeError;
use super::kind::SoundFormat;
use super::pcm::{Encoding, Head, Order};
use super::source::Part;
use crate::buffer::SampleRate;
use crate::read::{Faults, Place};

/// One chunk: its name, where its content begins, how long that claims to be.
struct Chunk {
    name: [u8; 4],
    start: u64,
    length: u64,
}

/// How many chunks are looked at; more are no sound.
const MOST_CHUNKS: usize = 10_000;
/// The most bytes of a chunk of facts that are read.
const MOST_FACTS: usize = 256;

/// Reads the chunks up to the samples; gives nothing where a codec packed them.
pub(super) fn head(
    source: &mut Part<'_>,
    format: SoundFormat,
    faults: &mut Faults,
) -> Result<Option<Head>, DecodeError> {
    if format == SoundFormat::Aiff { aiff(source, faults) } else { wav(source, faults) }
}

fn damaged(format: SoundFormat, rule: &'static str, found: impl Into<String>) -> DecodeError {
    DecodeError::Damaged { format, rule, found: found.into() }
}

/// The chunk at a place, if there is one.
fn chunk(source: &mut Part<'_>, at: u64, order: Order) -> Result<Option<Chunk>, DecodeError> {
    let bytes = source.look(at, 8)?;
    let Some((name, length)) = bytes.split_first_chunk::<4>() else { return Ok(None) };
    let Ok(length) = <[u8; 4]>::try_from(length) else { return Ok(None) };
    let length = if order == Order::Little { u32::from_le_bytes(length) } else { u32::from_be_bytes(length) };
    Ok(Some(Chunk { name: *name, start: at + 8, length: length.into() }))
}

/// What the format chunk of a WAV file says.
struct Facts {
    tag: u16,
    channels: u16,
    rate: u32,
    /// Bytes of a frame.
    block: u16,
    bits: u16,
    /// The bits of a sample that count.
    valid: u16,
}

fn wav(source: &mut Part<'_>, faults: &mut Faults) -> Result<Option<Head>, DecodeError> {
    let (mut at, mut facts, mut long) = (12, None, None);
    for _ in 0..MOST_CHUNKS {
        let Some(mut chunk) = chunk(source, at, Order::Little)? else { break };
        match &chunk.name {
            b"ds64" => {
                let sizes = source.look(chunk.start, 16)?;
                long = sizes
                    .last_chunk::<8>()
                    .filter(|_| sizes.len() == 16)
                    .map(|size| u64::from_le_bytes(*size));
            }
            b"fmt " => facts = Some(wav_facts(source, &chunk)?),
            b"data" => {
                let rule = "say its format before its samples";
                let Some(facts) = facts else {
                    return Err(damaged(SoundFormat::Wav, rule, "no format chunk is there"));
                };
                if let Some(length) = long.filter(|_| chunk.length == u32::MAX.into()) {
                    chunk.length = length;
                }
                return wav_data(source, &facts, &chunk, faults);
            }
            _ => {}
        }
        at = next(source, &chunk, faults)?;
    }
    Err(damaged(SoundFormat::Wav, "hold a data chunk", "holds none"))
}

/// Where the next chunk begins. Chunks are padded to an even length, but not by every program.
fn next(source: &mut Part<'_>, chunk: &Chunk, faults: &mut Faults) -> Result<u64, DecodeError> {
    let end = chunk.start.saturating_add(chunk.length);
    if chunk.length.is_multiple_of(2) {
        return Ok(end);
    }
    let is_name = |bytes: &[u8]| bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b' ');
    let around = source.look(end, 5)?;
    if around.len() == 5 && is_name(&around[..4]) && !is_name(&around[1..]) {
        let name = String::from_utf8_lossy(&chunk.name).into_owned();
        faults.forgive(
            Place::Byte(end),
            format!("the chunk {name:?} of odd length is not padded; the next was found"),
        )?;
        return Ok(end);
    }
    Ok(end + 1)
}

fn wav_facts(source: &mut Part<'_>, chunk: &Chunk) -> Result<Facts, DecodeError> {
    let bytes = source.look(chunk.start, MOST_FACTS.min(chunk.length as usize))?;
    if bytes.len() < 14 {
        let rule = "have a format chunk of 14 bytes at least";
        return Err(damaged(SoundFormat::Wav, rule, format!("has one of {}", bytes.len())));
    }
    let word = |at: usize| bytes.get(at..at + 2).map_or(0, |word| u16::from_le_bytes([word[0], word[1]]));
    let (channels, block) = (word(2), word(12));
    let implied = block.checked_div(channels).unwrap_or(0).saturating_mul(8);
    let bits = if bytes.len() < 16 || word(14) == 0 { implied } else { word(14) };
    // The extended form names the format again in its last 16 bytes, and how many of a sample's bits count.
    let is_extended = word(0) == 0xFFFE && bytes.len() >= 26;
    let (tag, valid) = if is_extended { (word(24), word(18)) } else { (word(0), bits) };
    let rate = u32::from(word(4)) | u32::from(word(6)) << 16;
    Ok(Facts { tag, channels, rate, block, bits, valid })
}

fn wav_data(
    source: &mut Part<'_>,
    facts: &Facts,
    data: &Chunk,
    faults: &mut Faults,
) -> Result<Option<Head>, DecodeError> {
    let Facts { tag, channels, rate, block, bits, valid } = *facts;
    let container = block.checked_div(channels).unwrap_or(0);
    let encoding = match (tag, bits) {
        (1, 1..=8) => Encoding::Unsigned8,
        (1, 9..=16) => Encoding::Signed(2, Order::Little),
        (1, 24) if container == 4 => low_or_high(source, data)?,
        (1, 17..=24) => Encoding::Signed(3, Order::Little),
        (1, 25..=32) if valid == 24 => low_or_high(source, data)?,
        (1, 25..=32) => Encoding::Signed(4, Order::Little),
        (3, 32) => Encoding::Float32(Order::Little),
        (3, 64) => Encoding::Float64(Order::Little),
        (6, _) => Encoding::ALaw,
        (7, _) => Encoding::MuLaw,
        (2 | 0x11, _) => return Ok(None),
        (0x55, _) => {
            return Err(DecodeError::Foreign("WAV with MP3 in it; ffmpeg turns it into FLAC".to_owned()));
        }
        _ => {
            let rule = "hold whole numbers of 1 to 32 bits, floats of 32 or 64, A-law, mu-law or ADPCM";
            return Err(damaged(SoundFormat::Wav, rule, format!("names format {tag} of {bits} bits")));
        }
    };
    let frames = Frames { format: SoundFormat::Wav, channels, encoding };
    let length = data_length(source, data, frames.bytes(), faults)?;
    frames.head(SampleRate::new(rate)?, data.start, length, faults).map(Some)
}

/// 24 bits in four bytes stand in the upper three by the rule, but some programs fill the lower three.
fn low_or_high(source: &mut Part<'_>, data: &Chunk) -> Result<Encoding, DecodeError> {
    let bytes = source.look(data.start, 4096.min(data.length as usize))?;
    let is_low = bytes.chunks_exact(4).any(|sample| sample[0] != 0)
        && bytes.chunks_exact(4).all(|sample| sample[3] == 0 || sample[3] == 0xFF);
    Ok(if is_low { Encoding::Low24 } else { Encoding::Signed(4, Order::Little) })
}

/// How many bytes of samples there are, whatever the file claims.
fn data_length(
    source: &mut Part<'_>,
    data: &Chunk,
    frame: u64,
    faults: &mut Faults,
) -> Result<u64, DecodeError> {
    let held = source.len().saturating_sub(data.start);
    let place = Place::Byte(data.start.saturating_sub(4));
    if data.length > held {
        // Programs that write into a pipe cannot know the length.
        let is_unknown = data.length >= u64::from(u32::MAX) - 4096;
        if !is_unknown {
            let message =
                format!("the samples claim {} bytes, but {held} are there; those were read", data.length);
            faults.forgive(place, message)?;
        }
        return Ok(held);
    }
    let is_empty =
        held < frame || chunk(source, data.start, Order::Little)?.is_some_and(|next| is_chunk(&next, held));
    if data.length == 0 && !is_empty {
        faults
            .forgive(place, format!("the samples claim no bytes, but {held} are there; those were read"))?;
        return Ok(held);
    }
    Ok(data.length)
}

/// Whether what follows no samples is a chunk, and not samples without a length.
fn is_chunk(next: &Chunk, held: u64) -> bool {
    next.name.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b' ') && next.length + 8 <= held
}

/// How the samples of a file lie.
#[derive(Clone, Copy)]
struct Frames {
    format: SoundFormat,
    channels: u16,
    encoding: Encoding,
}

impl Frames {
    fn bytes(self) -> u64 {
        u64::from(self.channels) * self.encoding.bytes() as u64
    }

    fn head(
        self,
        rate: SampleRate,
        start: u64,
        length: u64,
        faults: &mut Faults,
    ) -> Result<Head, DecodeError> {
        let channels = usize::from(self.channels);
        if channels == 0 || channels > super::MOST_CHANNELS {
            return Err(damaged(self.format, "have 1 to 64 channels", format!("has {channels}")));
        }
        let rest = length % self.bytes();
        if rest > 0 {
            let message =
                format!("the last {rest} bytes are no whole sample of every channel and were left out");
            faults.forgive(Place::Byte(start + length - rest), message)?;
        }
        Ok(Head { rate, channels, encoding: self.encoding, start, frames: length / self.bytes() })
    }
}

fn aiff(source: &mut Part<'_>, faults: &mut Faults) -> Result<Option<Head>, DecodeError> {
    let (mut at, mut common, mut data) = (12, None, None);
    for _ in 0..MOST_CHUNKS {
        let Some(chunk) = chunk(source, at, Order::Big)? else { break };
        match &chunk.name {
            b"COMM" => common = Some(aiff_facts(source, &chunk)?),
            b"SSND" => data = Some(Chunk { ..chunk }),
            _ => {}
        }
        if common.is_some() && data.is_some() {
            break;
        }
        at = next(source, &chunk, faults)?;
    }
    let Some((frames, rate, stated)) = common else {
        return Err(damaged(SoundFormat::Aiff, "hold a COMM chunk", "holds none"));
    };
    let Some(data) = data else {
        // A sound without samples may leave the chunk out.
        if stated == 0 {
            return frames.head(rate, source.len(), 0, faults).map(Some);
        }
        return Err(damaged(SoundFormat::Aiff, "hold an SSND chunk", "holds none"));
    };
    let offset = source.look(data.start, 4)?.try_into().map_or(0, u32::from_be_bytes);
    let start = data.start.saturating_add(8).saturating_add(offset.into());
    let held = source.len().saturating_sub(start).min(data.length.saturating_sub(8 + u64::from(offset)));
    let wanted = u64::from(stated) * frames.bytes().max(1);
    let length = if wanted > held {
        let message = format!("the samples claim {wanted} bytes, but {held} are there; those were read");
        faults.forgive(Place::Byte(data.start), message)?;
        held
    } else {
        wanted
    };
    frames.head(rate, start, length, faults).map(Some)
}

/// What the COMM chunk of an AIFF file says: how samples lie, their rate and how many there are.
fn aiff_facts(source: &mut Part<'_>, chunk: &Chunk) -> Result<(Frames, SampleRate, u32), DecodeError> {
    let bytes = source.look(chunk.start, MOST_FACTS.min(chunk.length as usize))?;
    let Some(common) = bytes.first_chunk::<18>() else {
        let rule = "have a COMM chunk of 18 bytes at least";
        return Err(damaged(SoundFormat::Aiff, rule, format!("has one of {}", bytes.len())));
    };
    let word = |at: usize| u16::from_be_bytes([common[at], common[at + 1]]);
    let stated = u32::from(word(2)) << 16 | u32::from(word(4));
    let whole = |order| match word(6) {
        bits @ 1..=32 => Some(Encoding::Signed(usize::from(bits).div_ceil(8), order)),
        _ => None,
    };
    let encoding = match bytes.get(18..22) {
        None | Some(b"NONE" | b"twos") => whole(Order::Big),
        Some(b"sowt") => whole(Order::Little),
        Some(b"raw ") => Some(Encoding::Unsigned8),
        Some(b"in24") => Some(Encoding::Signed(3, Order::Big)),
        Some(b"in32") => Some(Encoding::Signed(4, Order::Big)),
        Some(b"fl32" | b"FL32") => Some(Encoding::Float32(Order::Big)),
        Some(b"fl64" | b"FL64") => Some(Encoding::Float64(Order::Big)),
        Some(b"alaw" | b"ALAW") => Some(Encoding::ALaw),
        Some(b"ulaw" | b"ULAW") => Some(Encoding::MuLaw),
        Some(_) => None,
    };
    let Some(encoding) = encoding else {
        let kind = String::from_utf8_lossy(bytes.get(18..22).unwrap_or_default()).into_owned();
        let rule = "hold whole numbers of 1 to 32 bits, floats, A-law or mu-law";
        return Err(damaged(SoundFormat::Aiff, rule, format!("names {kind:?} of {} bits", word(6))));
    };
    let frames = Frames { format: SoundFormat::Aiff, channels: word(0), encoding };
    Ok((frames, SampleRate::new(extended(&common[8..18]))?, stated))
}

/// A number of 80 bits as AIFF states its rate, rounded; nothing beyond 32 bits is a rate.
fn extended(bytes: &[u8]) -> u32 {
    let exponent = i32::from(bytes[0] & 0x7F) << 8 | i32::from(bytes[1]);
    let mantissa = bytes[2..10].iter().fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
    (mantissa as f64 * f64::from(exponent - 16_383 - 63).exp2()).round() as u32
}
