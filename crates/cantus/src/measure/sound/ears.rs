//! All that listens to a sound in the second walk.

use std::path::Path;

use cantus_audio::SampleRate;
use cantus_audio::stft::Framing;
use cantus_features::sound::{FrameFeatures, FrameTable, Listener};
use cantus_features::{Descriptor, Measure};

use super::sketch::Sketch;
use super::spread::{Spread, Tally};
use super::walk::{Block, Heard};
use super::{Frames, Selection, Wanted};
use crate::Picture;
use crate::error::Error;

/// What listens.
pub(super) struct Ears {
    table: Option<FrameFeatures>,
    streams: Vec<Option<Stream>>,
    sketch: Option<Sketch>,
}

/// A descriptor that takes a transform of its own, and what it has told so far.
pub(super) struct Stream {
    listener: Option<Box<dyn Listener>>,
    tally: Tally,
    is_kept: bool,
    /// Its numbers, frame after frame, where they are to be kept.
    pub(super) kept: Vec<f32>,
}

impl Ears {
    /// What listens for what is wanted.
    pub(super) fn new(path: &Path, wanted: &Wanted, heard: &Heard) -> Result<Self, Error> {
        let features = || FrameFeatures::new(SampleRate::ANALYSIS, Framing::DEFAULT, heard.tuning);
        let stream = |descriptor| Stream::of(descriptor, heard, wanted.frames);
        Ok(Self {
            table: needs_table(wanted).then(features),
            streams: wanted.selection.of_frames().map(stream).collect(),
            sketch: wanted.picture.map(|picture| Sketch::new(picture, path, heard)).transpose()?,
        })
    }

    pub(super) fn hear(&mut self, block: Block<'_>) {
        if let Some(sketch) = &mut self.sketch {
            sketch.hear(block);
        }
        if let Block::Mean(samples) = block {
            self.table.iter_mut().for_each(|table| table.push(samples));
            self.streams.iter_mut().flatten().for_each(|stream| stream.push(samples));
        }
    }

    /// The table of frames, which is empty where nobody needs it; for each descriptor of frames what was told of it where it took
    /// a transform of its own; and the picture.
    pub(super) fn finish(self) -> (FrameTable, Vec<Option<Stream>>, Option<Sketch>) {
        let table = self.table.map(FrameFeatures::finish).unwrap_or_default();
        let streams = self.streams.into_iter().map(|stream| stream.map(Stream::finish));
        (table, streams.collect(), self.sketch)
    }
}

/// Whether anything that is wanted is measured on the table of frames.
fn needs_table(wanted: &Wanted) -> bool {
    let selection: &Selection = &wanted.selection;
    let of_table = |descriptor: &Descriptor| {
        matches!(descriptor.measure, Measure::Frames(_) | Measure::Names(_) | Measure::Sound(_))
    };
    let mut all = selection.of_sounds().chain(selection.of_frames()).chain(selection.of_labels());
    let is_drawn = !matches!(wanted.picture, None | Some(Picture::Waveform | Picture::Spectrogram));
    is_drawn || all.any(of_table)
}

impl Stream {
    fn of(descriptor: &Descriptor, heard: &Heard, frames: Frames) -> Option<Self> {
        let Measure::Stream(numbers) = descriptor.measure else { return None };
        Some(Self {
            listener: (numbers.of)(&heard.setting),
            tally: Tally::new(descriptor.columns().len()),
            is_kept: frames == Frames::Kept,
            kept: Vec::new(),
        })
    }

    fn push(&mut self, samples: &[f32]) {
        let Self { listener, tally, is_kept, kept } = self;
        if let Some(listener) = listener {
            listener.push(samples, &mut |row| take(tally, kept, *is_kept, row));
        }
    }

    fn finish(mut self) -> Self {
        let Self { listener, tally, is_kept, kept } = &mut self;
        if let Some(listener) = listener.take() {
            listener.finish(&mut |row| take(tally, kept, *is_kept, row));
        }
        self
    }

    pub(super) fn spreads(&self) -> Vec<Spread> {
        self.tally.spreads()
    }
}

fn take(tally: &mut Tally, kept: &mut Vec<f32>, is_kept: bool, row: &[f32]) {
    tally.push(row);
    if is_kept {
        kept.extend_from_slice(row);
    }
}
