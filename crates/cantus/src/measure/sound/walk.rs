//! Walks over a file of sound, block by block, so that its samples are never all in memory.

use std::path::Path;

use cantus_audio::stft::{Complex, Framing, Stft};
use cantus_audio::{Loudness, LoudnessMeter, Resampler, SampleRate, Strictness};
use cantus_features::sound::tuning::TuningSearch;
use cantus_features::sound::{Setting, Spectrum, constant_q};

use crate::error::{Error, Kind};
use crate::sound::{open, undecodable};

/// What the first walk tells.
pub(super) struct Heard {
    pub(super) seconds: f64,
    /// Samples of each channel at the file's own rate.
    pub(super) samples: u64,
    /// Frames at the rate of analysis.
    pub(super) frames: usize,
    pub(super) tuning: f64,
    pub(super) setting: Setting,
    /// Nothing where there are more channels than are measured.
    pub(super) loudness: Option<Loudness>,
}

/// Listens for the length, the loudness and the tuning of a file. Fails where it is shorter than one frame.
pub(super) fn first(path: &Path) -> Result<Heard, Error> {
    let (rate, framing) = (SampleRate::ANALYSIS, Framing::DEFAULT);
    let (mut meter, mut samples, mut own_samples) = (None, 0, 0);
    let mut tuning = Tuning::new(rate, framing);
    let mut stft = Stft::new(framing);
    blocks(path, |block| match block {
        Block::Channels(rate, channels) => {
            own_samples += channels.first().map_or(0, Vec::len) as u64;
            measure(&mut meter, rate, channels);
        }
        Block::Mean(block) => {
            samples += block.len();
            stft.push(block, |frame| tuning.hear(frame.spectrum));
        }
    })?;
    stft.finish(|frame| tuning.hear(frame.spectrum));
    let seconds = samples as f64 / f64::from(rate.hertz());
    if samples < framing.size() {
        let least = framing.size() as f64 / f64::from(rate.hertz());
        let message =
            format!("a sound must last {least:.2} seconds at least to be measured, but lasts {seconds:.2}");
        return Err(Error::new(Kind::Input, message).at(path));
    }
    Ok(Heard {
        seconds,
        samples: own_samples,
        frames: framing.frames(samples),
        tuning: tuning.semitones.finish(),
        setting: Setting { rate, framing, thirds: tuning.thirds.finish() },
        loudness: meter.map(|meter| meter.loudness()),
    })
}

/// Adds a block of all channels to the meter, which begins with the first.
fn measure(meter: &mut Option<LoudnessMeter>, rate: SampleRate, channels: &[Vec<f32>]) {
    let planes: Vec<&[f32]> = channels.iter().map(Vec::as_slice).collect();
    if meter.is_none() {
        *meter = LoudnessMeter::new(rate, planes.len());
    }
    if let Some(meter) = meter {
        meter.add(&planes);
    }
}

/// The two tunings that descriptors take: among semitones by power, and among thirds of them by magnitude.
struct Tuning {
    spectrum: Spectrum,
    semitones: TuningSearch,
    thirds: TuningSearch,
}

impl Tuning {
    fn new(rate: SampleRate, framing: Framing) -> Self {
        Self {
            spectrum: Spectrum::new(framing.bins()),
            semitones: TuningSearch::new(rate, framing, 12),
            thirds: TuningSearch::new(rate, framing, constant_q::CHROMA_AN_OCTAVE),
        }
    }

    fn hear(&mut self, spectrum: &[Complex<f32>]) {
        self.spectrum.set(spectrum);
        self.semitones.push(self.spectrum.power());
        self.thirds.push(self.spectrum.magnitude());
    }
}

/// A part of a sound.
#[derive(Debug, Clone, Copy)]
pub(super) enum Block<'a> {
    /// All channels, at their rate.
    Channels(SampleRate, &'a [Vec<f32>]),
    /// Their mean at the rate of analysis.
    Mean(&'a [f32]),
}

/// Decodes a file block by block.
pub(super) fn blocks(path: &Path, mut each: impl FnMut(Block<'_>)) -> Result<(), Error> {
    let mut decoder = open(path, Strictness::Tolerant)?;
    let rate = decoder.rate();
    let mut resampler = Resampler::new(rate, SampleRate::ANALYSIS, 1);
    while let Some(block) = decoder.next_block().map_err(|error| undecodable(error, path))? {
        each(Block::Channels(rate, block));
        resampler.push(&[mixed(block)]).iter().for_each(|samples| each(Block::Mean(samples)));
    }
    resampler.finish().iter().for_each(|samples| each(Block::Mean(samples)));
    Ok(())
}

/// The mean of all channels.
fn mixed(block: &[Vec<f32>]) -> Vec<f32> {
    let mut mixed = vec![0.0; block.first().map_or(0, Vec::len)];
    for channel in block {
        mixed.iter_mut().zip(channel).for_each(|(sum, sample)| *sum += sample);
    }
    for sum in &mut mixed {
        *sum /= block.len() as f32;
    }
    mixed
}
