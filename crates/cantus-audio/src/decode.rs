//! From a file to sound: by its content, whatever its name, block by block or whole.

mod chunks;
mod coded;
mod flac;
mod kind;
mod m4a;
mod pcm;
mod source;
#[cfg(test)]
mod tests;

use std::io::Cursor;

use crate::buffer::{AudioBuffer, SampleRate, SampleRateError};
use crate::read::{Faults, Read, Strictness, Warning};

pub use kind::{SoundFormat, looks_like_sound};
pub use source::Source;

/// Beyond this, against full scale, a sample is a fault and not loud: the squares of what is below can be added up.
const MOST_FULL_SCALE: f32 = 1e6;

/// Whether a number can be a sample.
fn is_sound(sample: f32) -> bool {
    sample.abs() <= MOST_FULL_SCALE
}

/// Why a file gives no sound.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// The file holds nothing.
    #[error("a sound file must hold something, but this one is empty")]
    Empty,
    /// The content is something else than sound, or sound that is not decoded.
    #[error("a sound file must be WAV, AIFF, FLAC, MP3, AAC, Ogg Vorbis or M4A, but this is {0}")]
    Foreign(String),
    /// What is needed to make sound of it is missing or destroyed.
    #[error("a {format} file must {rule}, but {found}")]
    Damaged {
        /// What the file is.
        format: SoundFormat,
        /// What such a file must be like.
        rule: &'static str,
        /// What it is like.
        found: String,
    },
    /// A rate that no sound has.
    #[error(transparent)]
    Rate(#[from] SampleRateError),
    /// A fault, where none is forgiven.
    #[error("a file that is read strictly must be without a fault, but at {0}")]
    Fault(Warning),
    /// The whole would fill the memory; block by block it can be read.
    #[error(
        "a sound file of {bytes} bytes must hold at most {most_seconds:.0} seconds to be read whole, but holds more"
    )]
    TooLong {
        /// The size of the file.
        bytes: u64,
        /// The most that is read whole.
        most_seconds: f64,
    },
    /// The bytes could not be had.
    #[error("a sound file must be readable, but {0}")]
    Io(#[from] std::io::Error),
}

impl From<Warning> for DecodeError {
    fn from(fault: Warning) -> Self {
        Self::Fault(fault)
    }
}

/// The most channels that a sound has.
pub const MOST_CHANNELS: usize = 64;

/// A sound file that is being read: each [`Decoder::next_block`] gives the next piece, so that an hour never lies in memory at
/// once.
///
/// ```
/// use cantus_audio::{AudioBuffer, Decoder, Depth, SampleRate, Strictness, encode_wav};
///
/// let tone = AudioBuffer::of_mono(SampleRate::CD, vec![0.25; 10_000]);
/// let file = encode_wav(&tone, Depth::Float32)?;
/// let mut decoder = Decoder::of_bytes(&file, Strictness::Tolerant)?;
/// let mut frames = 0;
/// while let Some(block) = decoder.next_block()? {
///     frames += block[0].len(); // [channels, frames]
/// }
/// assert_eq!((decoder.rate(), frames), (SampleRate::CD, 10_000));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Decoder<'s> {
    format: SoundFormat,
    bytes: u64,
    faults: Faults,
    stream: Stream<'s>,
}

/// What gives the blocks: samples as they are, or a codec.
enum Stream<'s> {
    Plain(pcm::Plain<'s>),
    Coded(Box<coded::Coded<'s>>),
}

impl<'s> Decoder<'s> {
    /// Begins to read a file.
    ///
    /// Fails where the content is not sound, is sound of a kind that is not decoded, or is too damaged for any of it; with
    /// [`Strictness::Strict`] also at the first fault.
    pub fn open(source: impl Source + 's, strictness: Strictness) -> Result<Self, DecodeError> {
        let mut source = source::Part::whole(Box::new(source))?;
        let bytes = source.len();
        let mut faults = Faults::new(strictness);
        let (format, start) = kind::of(&mut source, &mut faults)?;
        let mut source = source.from(start)?;
        let plain = match format {
            SoundFormat::Wav | SoundFormat::Aiff => chunks::head(&mut source, format, &mut faults)?,
            SoundFormat::Flac => flac::nothing(&mut source)?,
            _ => None,
        };
        let stream = match plain {
            Some(head) => Stream::Plain(pcm::Plain::new(source, head)?),
            None => Stream::Coded(Box::new(coded::open(source, format, &mut faults)?)),
        };
        Ok(Self { format, bytes, faults, stream })
    }

    /// Begins to read the content of a file.
    pub fn of_bytes(bytes: &'s [u8], strictness: Strictness) -> Result<Self, DecodeError> {
        Self::open(Cursor::new(bytes), strictness)
    }

    /// What the file is.
    pub fn format(&self) -> SoundFormat {
        self.format
    }

    /// Samples a second.
    pub fn rate(&self) -> SampleRate {
        match &self.stream {
            Stream::Plain(plain) => plain.rate(),
            Stream::Coded(coded) => coded.rate(),
        }
    }

    /// How many channels each block has, from 1 to [`MOST_CHANNELS`].
    pub fn channels(&self) -> usize {
        match &self.stream {
            Stream::Plain(plain) => plain.channels(),
            Stream::Coded(coded) => coded.channels(),
        }
    }

    /// The samples of each channel that the file claims to hold, where it says: a claim, which no memory should be taken for.
    pub fn stated_frames(&self) -> Option<u64> {
        match &self.stream {
            Stream::Plain(plain) => Some(plain.frames()),
            Stream::Coded(coded) => coded.stated_frames(),
        }
    }

    /// The next piece of the sound, or nothing at its end.
    ///
    /// Fails where the bytes cannot be had, or with [`Strictness::Strict`] at a fault.
    ///
    /// # Shapes
    /// `[channels, frames]`, with one frame at least and 65,536 at most
    pub fn next_block(&mut self) -> Result<Option<&[Vec<f32>]>, DecodeError> {
        match &mut self.stream {
            Stream::Plain(plain) => plain.next_block(&mut self.faults),
            Stream::Coded(coded) => coded.next_block(&mut self.faults),
        }
    }

    /// The faults forgiven so far.
    pub fn warnings(&self) -> &[Warning] {
        self.faults.warnings()
    }

    /// The rest of the sound, and all faults that were forgiven.
    ///
    /// Fails where it would take memory out of proportion to the file: more than 24 MiB and 40 times its size.
    pub fn read_to_end(mut self) -> Result<Read<AudioBuffer>, DecodeError> {
        let (rate, count) = (self.rate(), self.channels());
        let most = ((24 << 20) + self.bytes.saturating_mul(40)) / (4 * count as u64);
        let bytes = self.bytes;
        let mut channels: Vec<Vec<f32>> = vec![Vec::new(); count]; // [channels, frames]
        while let Some(block) = self.next_block()? {
            for (channel, piece) in channels.iter_mut().zip(block) {
                extend(channel, piece);
            }
            if channels[0].len() as u64 > most {
                let most_seconds = most as f64 / f64::from(rate.hertz());
                return Err(DecodeError::TooLong { bytes, most_seconds });
            }
        }
        for channel in &mut channels {
            channel.shrink_to_fit();
        }
        Ok(Read { value: AudioBuffer::new(rate, channels), warnings: self.faults.into_warnings() })
    }
}

/// Adds samples to others that grow by a quarter at a time, which takes less memory on the way than doubling.
fn extend(channel: &mut Vec<f32>, piece: &[f32]) {
    if channel.capacity() - channel.len() < piece.len() {
        channel.reserve_exact(piece.len().max(channel.len() / 4));
    }
    channel.extend_from_slice(piece);
}

/// Reads a whole sound file, forgiving what can be forgiven. Whole numbers become fractions of full scale exactly (up to 24
/// bits; those of 32 bits are rounded to the nearest `f32`).
///
/// Fails as [`Decoder::open`], [`Decoder::next_block`] and [`Decoder::read_to_end`] do.
pub fn decode(bytes: &[u8], strictness: Strictness) -> Result<Read<AudioBuffer>, DecodeError> {
    Decoder::of_bytes(bytes, strictness)?.read_to_end()
}
