//! Measuring sound: two walks over a file, block by block, so that its samples are never all in memory.

mod ears;
mod files;
mod kept;
mod sketch;
mod spread;
mod walk;

use std::path::{Path, PathBuf};

use cantus_features::sound::FrameTable;
use cantus_features::sound::harmony::{self, Triad};
use cantus_features::{Descriptor, Measure};
use cantus_render::drawing::Drawing;

use self::ears::Ears;
use self::walk::Heard;
use super::{Selection, Wanted};
use crate::error::Error;

pub use files::{sound_as_json, write_sound_picture, write_sounds};
pub use kept::KeptFrames;
pub use spread::Spread;

/// What was measured of one sound. Loudness is that of all channels at the file's own rate; all else is measured on their mean
/// at 22,050 Hz.
#[derive(Debug, Clone)]
pub struct MeasuredSound {
    /// Its file.
    pub name: String,
    /// How long it lasts.
    pub seconds: f64,
    /// Which descriptors were measured.
    pub selection: Selection,
    /// For each of [`Selection::of_sounds`] its value; none where the sound says nothing about it.
    pub whole: Vec<Option<f64>>,
    /// For each of [`Selection::of_frames`] the mean and the deviation of each of its columns over all frames.
    pub spreads: Vec<Vec<Spread>>,
    /// The chords that are heard one after the other, where they were to be measured.
    pub chords: Vec<HeardChord>,
    /// What was measured on each frame, where it was to be kept.
    pub frames: Option<KeptFrames>,
    /// Its picture, where one was asked for.
    pub picture: Option<Drawing>,
}

/// A chord that is heard in a sound.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HeardChord {
    /// When it begins, in seconds.
    pub begin: f64,
    /// When it ends, in seconds.
    pub end: f64,
    /// What it is; none where no triad sounds.
    pub triad: Option<Triad>,
}

/// What remains of the frames of a sound.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Frames {
    /// Their means and deviations: an hour of sound takes no more than a minute when it is measured.
    #[default]
    Summed,
    /// Each of them, on the disk until they are written to this file: beside it, about 100 MiB an hour.
    Kept(PathBuf),
}

impl MeasuredSound {
    /// Measures a file. Fails where it cannot be decoded or is shorter than one frame.
    pub fn of_file(path: &Path, wanted: &Wanted) -> Result<Self, Error> {
        let heard = walk::first(path)?;
        let mut ears = Ears::new(path, wanted, &heard)?;
        walk::blocks(path, |block| ears.hear(block))?;
        let (table, streams, sketch) = ears.finish();
        let selection = &wanted.selection;
        let spreads = selection.of_frames().zip(&streams).map(|(descriptor, stream)| match stream {
            Some(stream) => stream.spreads(),
            None => spread::of_columns(descriptor, &table),
        });
        let has_chords = selection.of_labels().next().is_some();
        Ok(Self {
            name: path.display().to_string(),
            seconds: heard.seconds,
            selection: selection.clone(),
            whole: selection.of_sounds().map(|descriptor| whole(descriptor, &heard, &table)).collect(),
            spreads: spreads.collect(),
            chords: if has_chords { chords(&table, heard.seconds) } else { Vec::new() },
            picture: sketch.map(|sketch| sketch.finish(&table)),
            frames: match &wanted.frames {
                Frames::Summed => None,
                Frames::Kept(beside) => {
                    Some(KeptFrames::new((heard.frames, selection), &table, streams, beside)?)
                }
            },
        })
    }
}

/// The value of a descriptor of whole sounds.
fn whole(descriptor: &Descriptor, heard: &Heard, table: &FrameTable) -> Option<f64> {
    match descriptor.measure {
        Measure::Sound(measure) | Measure::Harmony(measure) => measure(table),
        Measure::Loudness(measure) => heard.loudness.as_ref().and_then(measure),
        _ => None,
    }
}

/// The chords, the last of which ends with the sound.
fn chords(table: &FrameTable, seconds: f64) -> Vec<HeardChord> {
    let second = |frame: usize| table.framing.seconds(frame, table.rate).min(seconds);
    let spans = harmony::chords(table.harmony(), table.frames_a_second());
    let chord = |span: harmony::ChordSpan| HeardChord {
        begin: second(span.begin),
        end: if span.end >= table.frames() { seconds } else { second(span.end) },
        triad: span.triad,
    };
    spans.into_iter().map(chord).collect()
}
