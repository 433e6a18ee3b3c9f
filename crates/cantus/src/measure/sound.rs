//! Measuring sound: two walks over a file, block by block, so that its samples are never all in memory.

use std::path::{Path, PathBuf};

use cantus_audio::stft::{Framing, Stft};
use cantus_audio::{Loudness, LoudnessMeter, Resampler, SampleRate, Strictness};
use cantus_features::sound::tuning::TuningSearch;
use cantus_features::sound::{FrameFeatures, FrameTable, Spectrum};
use cantus_features::{CATALOGUE, Descriptor, Measure};
use cantus_model::array::Clips;

use crate::error::{Error, Kind};
use crate::sound::{open, undecodable};

/// What was measured of one sound, mixed to one channel at 22,050 Hz.
#[derive(Debug, Clone, PartialEq)]
pub struct MeasuredSound {
    /// Its file.
    pub name: String,
    /// How long it lasts.
    pub seconds: f64,
    /// How loud it is, all channels at the file's own rate; nothing where it has more channels than are measured.
    pub loudness: Option<Loudness>,
    /// For each of [`sound_descriptors`] its value; none where the sound says nothing about it.
    pub whole: Vec<Option<f64>>,
    /// For each of [`frame_descriptors`] the mean and the deviation of each of its columns over all frames.
    pub spreads: Vec<Vec<Spread>>,
    /// What was measured on each frame, where it was to be kept.
    pub frames: Option<FrameTable>,
}

/// How a number is spread over the frames of a sound.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spread {
    /// The mean.
    pub mean: f64,
    /// The standard deviation.
    pub deviation: f64,
}

/// What remains of the frames of a sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Frames {
    /// Their means and deviations: an hour of sound takes no more than a minute when it is measured.
    #[default]
    Summed,
    /// Each of them: about 100 MiB an hour.
    Kept,
}

/// The descriptors of whole sounds, in the order of the catalogue.
pub fn sound_descriptors() -> impl Iterator<Item = &'static Descriptor> + Clone {
    CATALOGUE.iter().filter(|descriptor| matches!(descriptor.measure, Measure::Sound(_)))
}

/// The descriptors of frames of sound that one walk measures together, in the order of the catalogue.
pub fn frame_descriptors() -> impl Iterator<Item = &'static Descriptor> + Clone {
    CATALOGUE.iter().filter(|descriptor| matches!(descriptor.measure, Measure::Frames(_)))
}

impl MeasuredSound {
    /// Measures a file. Fails where it cannot be decoded or is shorter than one frame.
    pub fn of_file(path: &Path, frames: Frames) -> Result<Self, Error> {
        let heard = first_walk(path)?;
        let mut features = FrameFeatures::new(SampleRate::ANALYSIS, Framing::DEFAULT, heard.tuning);
        walk(path, |_| {}, |samples| features.push(samples))?;
        let table = features.finish();
        let whole = sound_descriptors().map(|descriptor| match descriptor.measure {
            Measure::Sound(measure) => measure(&table),
            _ => None,
        });
        Ok(Self {
            name: path.display().to_string(),
            seconds: heard.seconds,
            loudness: heard.loudness,
            whole: whole.collect(),
            spreads: frame_descriptors().map(|descriptor| spreads(descriptor, &table)).collect(),
            frames: (frames == Frames::Kept).then_some(table),
        })
    }
}

/// What the first walk tells.
struct Heard {
    seconds: f64,
    tuning: f64,
    loudness: Option<Loudness>,
}

fn first_walk(path: &Path) -> Result<Heard, Error> {
    let (rate, framing) = (SampleRate::ANALYSIS, Framing::DEFAULT);
    let (mut meter, mut samples) = (None, 0);
    let (mut stft, mut spectrum) = (Stft::new(framing), Spectrum::new(framing.bins()));
    let mut search = TuningSearch::new(rate, framing, 12);
    let measure = |meter: &mut Option<LoudnessMeter>, (rate, block): (SampleRate, &[Vec<f32>])| {
        let planes: Vec<&[f32]> = block.iter().map(Vec::as_slice).collect();
        if meter.is_none() {
            *meter = LoudnessMeter::new(rate, planes.len());
        }
        if let Some(meter) = meter {
            meter.add(&planes);
        }
    };
    walk(
        path,
        |block| measure(&mut meter, block),
        |block| {
            samples += block.len();
            stft.push(block, |frame| {
                spectrum.set(frame.spectrum);
                search.push(spectrum.power());
            });
        },
    )?;
    stft.finish(|frame| {
        spectrum.set(frame.spectrum);
        search.push(spectrum.power());
    });
    let seconds = samples as f64 / f64::from(rate.hertz());
    if samples < framing.size() {
        let least = framing.size() as f64 / f64::from(rate.hertz());
        let message =
            format!("a sound must last {least:.2} seconds at least to be measured, but lasts {seconds:.2}");
        return Err(Error::new(Kind::Input, message).at(path));
    }
    Ok(Heard { seconds, tuning: search.finish(), loudness: meter.map(|meter| meter.loudness()) })
}

/// Decodes a file block by block: `whole` hears all channels at their rate, `mono` their mean at 22,050 Hz.
fn walk(
    path: &Path,
    mut whole: impl FnMut((SampleRate, &[Vec<f32>])),
    mut mono: impl FnMut(&[f32]),
) -> Result<(), Error> {
    let mut decoder = open(path, Strictness::Tolerant)?;
    let rate = decoder.rate();
    let mut resampler = Resampler::new(rate, SampleRate::ANALYSIS, 1);
    while let Some(block) = decoder.next_block().map_err(|error| undecodable(error, path))? {
        whole((rate, block));
        resampler.push(&[mixed(block)]).iter().for_each(|samples| mono(samples));
    }
    resampler.finish().iter().for_each(|samples| mono(samples));
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

/// The values of a descriptor of frames, frame after frame.
pub(super) fn values(descriptor: &Descriptor, table: &FrameTable) -> Vec<f32> {
    match descriptor.measure {
        Measure::Frames(numbers) => (numbers.of)(table),
        _ => Vec::new(),
    }
}

fn spreads(descriptor: &Descriptor, table: &FrameTable) -> Vec<Spread> {
    let (values, columns) = (values(descriptor, table), descriptor.columns().len());
    let of_column = |column: usize| {
        let own = || values.iter().skip(column).step_by(columns).map(|value| f64::from(*value));
        let count = table.frames().max(1) as f64;
        let mean = own().sum::<f64>() / count;
        let variance = own().map(|value| (value - mean).powi(2)).sum::<f64>() / count;
        Spread { mean, deviation: variance.sqrt() }
    };
    (0..columns).map(of_column).collect()
}

/// Whether a path is a file of sound, by its content or by its name: of one that is called so and is broken it is to be told.
pub(super) fn is_sound_file(path: &Path) -> bool {
    path.is_file() && (crate::is_sound(path) || Clips::are_at(path))
}

/// The files of sound among some paths and, by their names, in the folders among them; each once.
pub(super) fn found(inputs: &[PathBuf]) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = Vec::new();
    for path in inputs {
        if path.is_dir() {
            below(path, &mut files);
        } else if is_sound_file(path) {
            files.push(path.clone());
        }
    }
    let mut seen = std::collections::BTreeSet::new();
    files.retain(|path| seen.insert(path.clone()));
    files
}

/// Links to folders may lead back up and are not followed; that is told when the folder is searched for scores.
fn below(folder: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let mut entries: Vec<_> = entries.filter_map(Result::ok).collect();
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries.iter().filter(|entry| !entry.file_name().to_string_lossy().starts_with('.')) {
        let path = entry.path();
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            below(&path, files);
        } else if path.is_file() && Clips::are_at(&path) {
            files.push(path);
        }
    }
}
