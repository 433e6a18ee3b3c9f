//! Samples that lie in a file as they are.

use std::io::{Read as _, Seek as _, SeekFrom};

use super::source::Part;
use super::{DecodeError, is_sound};
use crate::buffer::SampleRate;
use crate::read::{Faults, Place};

/// Which byte of a number stands first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    Little,
    Big,
}

/// How a sample is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    Unsigned8,
    /// A whole number of so many bytes, 1 to 4.
    Signed(usize, Order),
    /// A whole number in the lower three of four bytes.
    Low24,
    Float32(Order),
    Float64(Order),
    ALaw,
    MuLaw,
}

impl Encoding {
    pub(super) fn bytes(self) -> usize {
        match self {
            Self::Unsigned8 | Self::ALaw | Self::MuLaw => 1,
            Self::Signed(bytes, _) => bytes,
            Self::Low24 | Self::Float32(_) => 4,
            Self::Float64(_) => 8,
        }
    }

    /// One sample as a fraction of full scale.
    fn sample(self, bytes: &[u8]) -> f32 {
        const SIXTEEN: f32 = 1.0 / 32_768.0;
        match (self, bytes) {
            (Self::Unsigned8, &[byte]) => (f32::from(byte) - 128.0) / 128.0,
            (Self::ALaw, &[byte]) => f32::from(a_law(byte)) * SIXTEEN,
            (Self::MuLaw, &[byte]) => f32::from(mu_law(byte)) * SIXTEEN,
            (Self::Low24, &[a, b, c, _]) => whole([0, a, b, c]),
            (Self::Signed(_, order), bytes) => {
                let mut padded = [0; 4];
                let from = 4 - bytes.len().min(4);
                padded[from..].copy_from_slice(bytes);
                if order == Order::Big {
                    padded[from..].reverse();
                }
                whole(padded)
            }
            (Self::Float32(order), &[a, b, c, d]) => match order {
                Order::Little => f32::from_le_bytes([a, b, c, d]),
                Order::Big => f32::from_be_bytes([a, b, c, d]),
            },
            (Self::Float64(order), &[a, b, c, d, e, f, g, h]) => match order {
                Order::Little => f64::from_le_bytes([a, b, c, d, e, f, g, h]) as f32,
                Order::Big => f64::from_be_bytes([a, b, c, d, e, f, g, h]) as f32,
            },
            _ => 0.0,
        }
    }
}

/// A number whose highest bits are the sample's.
fn whole(little: [u8; 4]) -> f32 {
    i32::from_le_bytes(little) as f32 / 2_147_483_648.0
}

/// ITU-T G.711, A-law.
fn a_law(byte: u8) -> i16 {
    let code = byte ^ 0x55;
    let (segment, step) = (code >> 4 & 7, i16::from(code & 15));
    let size = match segment {
        0 => step * 16 + 8,
        _ => (step * 16 + 0x108) << (segment - 1),
    };
    if code & 0x80 == 0 { -size } else { size }
}

/// ITU-T G.711, mu-law.
fn mu_law(byte: u8) -> i16 {
    let code = !byte;
    let (segment, step) = (code >> 4 & 7, i16::from(code & 15));
    let size = ((step * 8 + 0x84) << segment) - 0x84;
    if code & 0x80 == 0 { size } else { -size }
}

/// Where the samples lie and how.
#[derive(Debug, Clone, Copy)]
pub(super) struct Head {
    pub(super) rate: SampleRate,
    pub(super) channels: usize,
    pub(super) encoding: Encoding,
    pub(super) start: u64,
    pub(super) frames: u64,
}

/// Frames that are read at a time.
const BLOCK: u64 = 4096;

/// A file of plain samples that is being read.
pub(super) struct Plain<'s> {
    source: Part<'s>,
    head: Head,
    /// Frames read so far.
    done: u64,
    bytes: Vec<u8>,
    block: Vec<Vec<f32>>, // [channels, frames]
    had_no_number: bool,
}

impl<'s> Plain<'s> {
    pub(super) fn new(mut source: Part<'s>, head: Head) -> Result<Self, DecodeError> {
        source.seek(SeekFrom::Start(head.start))?;
        let block = vec![Vec::new(); head.channels];
        Ok(Self { source, head, done: 0, bytes: Vec::new(), block, had_no_number: false })
    }

    pub(super) fn rate(&self) -> SampleRate {
        self.head.rate
    }

    pub(super) fn channels(&self) -> usize {
        self.head.channels
    }

    pub(super) fn frames(&self) -> u64 {
        self.head.frames
    }

    pub(super) fn next_block(&mut self, faults: &mut Faults) -> Result<Option<&[Vec<f32>]>, DecodeError> {
        let frames = BLOCK.min(self.head.frames - self.done);
        if frames == 0 {
            return Ok(None);
        }
        let Head { encoding, channels, .. } = self.head;
        let size = encoding.bytes();
        self.bytes.resize(frames as usize * channels * size, 0);
        self.source.read_exact(&mut self.bytes)?;
        for (index, channel) in self.block.iter_mut().enumerate() {
            let samples = self.bytes.chunks_exact(size).skip(index).step_by(channels);
            channel.clear();
            channel.extend(samples.map(|sample| encoding.sample(sample)));
        }
        self.silence_what_is_no_number(faults)?;
        self.done += frames;
        Ok(Some(&self.block))
    }

    /// Floats may be of any size or no number at all, which would spoil all that is computed of them.
    fn silence_what_is_no_number(&mut self, faults: &mut Faults) -> Result<(), DecodeError> {
        if !matches!(self.head.encoding, Encoding::Float32(_) | Encoding::Float64(_)) {
            return Ok(());
        }
        let second = self.done as f64 / f64::from(self.head.rate.hertz());
        for sample in self.block.iter_mut().flatten().filter(|sample| !is_sound(**sample)) {
            *sample = 0.0;
            if !self.had_no_number {
                let message =
                    "samples that are no numbers, or beyond a million times full scale, became silence";
                faults.forgive(Place::Second(second), message)?;
                self.had_no_number = true;
            }
        }
        Ok(())
    }
}
