//! All that listens to a sound in the second walk.

use std::path::Path;

use cantus_audio::SampleRate;
use cantus_audio::stft::Framing;
use cantus_features::sound::{self, FrameFeatures, FrameTable, Listener};
use cantus_features::{Descriptor, Measure};

use super::kept::Spool;
use super::sketch::Sketch;
use super::spread::{Spread, Tally};
use super::walk::{Block, Heard};
use super::{Frames, Selection, Wanted};
use crate::Picture;
use crate::error::Error;

/// What listens.
pub(super) struct Ears {
    table: Option<FrameFeatures>,
    /// What listens for the pitch classes in which key and chords are heard, and what it has told so far.
    harmony: Option<(Box<dyn Listener>, Vec<f32>)>,
    streams: Vec<Option<Stream>>,
    sketch: Option<Sketch>,
}

/// A descriptor that takes a transform of its own, and what it has told so far.
pub(super) struct Stream {
    listener: Option<Box<dyn Listener>>,
    tally: Tally,
    /// Its numbers, frame after frame, where they are to be kept.
    pub(super) spool: Option<Spool>,
}

impl Ears {
    /// What listens for what is wanted.
    pub(super) fn new(path: &Path, wanted: &Wanted, heard: &Heard) -> Result<Self, Error> {
        let features = || FrameFeatures::new(SampleRate::ANALYSIS, Framing::DEFAULT, heard.tuning);
        let stream = |descriptor| Stream::of(descriptor, heard, &wanted.frames);
        Ok(Self {
            table: needs_table(wanted).then(features),
            harmony: needs_harmony(wanted)
                .then(|| sound::classes(&heard.setting))
                .flatten()
                .map(|listener| (listener, Vec::new())),
            streams: wanted.selection.of_frames().map(stream).collect::<Result<_, _>>()?,
            sketch: wanted.picture.map(|picture| Sketch::new(picture, path, heard)).transpose()?,
        })
    }

    pub(super) fn hear(&mut self, block: Block<'_>) {
        if let Some(sketch) = &mut self.sketch {
            sketch.hear(block);
        }
        if let Block::Mean(samples) = block {
            self.table.iter_mut().for_each(|table| table.push(samples));
            if let Some((listener, classes)) = &mut self.harmony {
                listener.push(samples, &mut |row| classes.extend_from_slice(row));
            }
            self.streams.iter_mut().flatten().for_each(|stream| stream.push(samples));
        }
    }

    /// The table of frames, which is empty where nobody needs it; for each descriptor of frames what was told of it where it took
    /// a transform of its own; and the picture.
    pub(super) fn finish(self) -> (FrameTable, Vec<Option<Stream>>, Option<Sketch>) {
        let mut table = self.table.map(FrameFeatures::finish).unwrap_or_default();
        if let Some((listener, mut classes)) = self.harmony {
            listener.finish(&mut |row| classes.extend_from_slice(row));
            table.classes = classes;
        }
        let streams = self.streams.into_iter().map(|stream| stream.map(Stream::finish));
        (table, streams.collect(), self.sketch)
    }
}

/// Whether anything that is wanted is measured on the table of frames.
fn needs_table(wanted: &Wanted) -> bool {
    let of_table = |measure| matches!(measure, Measure::Frames(_) | Measure::Sound(_));
    let is_drawn = !matches!(wanted.picture, None | Some(Picture::Waveform | Picture::Spectrogram));
    is_drawn || any(&wanted.selection, of_table) || needs_harmony(wanted)
}

/// Whether the key or the chords are wanted.
fn needs_harmony(wanted: &Wanted) -> bool {
    any(&wanted.selection, |measure| matches!(measure, Measure::Names(_) | Measure::Harmony(_)))
}

/// Whether anything that is wanted is measured in some way.
fn any(selection: &Selection, is_measured: impl Fn(Measure) -> bool) -> bool {
    let mut all = selection.of_sounds().chain(selection.of_frames()).chain(selection.of_labels());
    all.any(|descriptor| is_measured(descriptor.measure))
}

impl Stream {
    fn of(descriptor: &Descriptor, heard: &Heard, frames: &Frames) -> Result<Option<Self>, Error> {
        let Measure::Stream(numbers) = descriptor.measure else { return Ok(None) };
        Ok(Some(Self {
            listener: (numbers.of)(&heard.setting),
            tally: Tally::new(descriptor.columns().len()),
            spool: match frames {
                Frames::Summed => None,
                Frames::Kept(beside) => Some(Spool::beside(beside)?),
            },
        }))
    }

    fn push(&mut self, samples: &[f32]) {
        let Self { listener, tally, spool } = self;
        if let Some(listener) = listener {
            listener.push(samples, &mut |row| take(tally, spool, row));
        }
    }

    fn finish(mut self) -> Self {
        let Self { listener, tally, spool } = &mut self;
        if let Some(listener) = listener.take() {
            listener.finish(&mut |row| take(tally, spool, row));
        }
        self
    }

    pub(super) fn spreads(&self) -> Vec<Spread> {
        self.tally.spreads()
    }
}

fn take(tally: &mut Tally, spool: &mut Option<Spool>, row: &[f32]) {
    tally.push(row);
    if let Some(spool) = spool {
        spool.push(row);
    }
}
