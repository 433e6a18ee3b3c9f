//! The pitch of a single voice, frame by frame: pYIN.
//!
//! ```text
//!  frame ─► difference from itself at each lag ─► troughs, and how likely each is the period ─► likeliest course of pitches
//! ```
//!
//! De Cheveigné and Kawahara 2002 (YIN); Mauch and Dixon 2014 (pYIN).

mod course;
mod period;

use cantus_audio::SampleRate;
use cantus_audio::stft::{Framing, Stft};

use course::Course;
use period::Periods;

/// Where a pitch is looked for, in hertz.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PitchOptions {
    /// The lowest pitch.
    pub lowest: f64,
    /// The highest pitch.
    pub highest: f64,
}

impl Default for PitchOptions {
    /// C2 to C7.
    fn default() -> Self {
        Self { lowest: 65.406_391_325_149_66, highest: 2_093.004_522_404_789 }
    }
}

/// A range in which no pitch can be found.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum PitchError {
    /// The range is none.
    #[error(
        "pitches must be looked for from above 0 Hz up to half the sample rate ({2} Hz), but the range was {0} to {1} Hz"
    )]
    Range(f64, f64, f64),
    /// A frame does not hold a period.
    #[error("a frame must hold a period of the lowest pitch ({needed} samples), but has {size}")]
    Short {
        /// Samples of the longest period, and two more.
        needed: usize,
        /// Samples of a frame.
        size: usize,
    },
}

/// What was heard in a frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PitchFrame {
    /// The pitch in hertz, on a grid of ten steps a semitone; none where no voice sounds.
    pub hertz: Option<f64>,
    /// How likely it is that a voice sounds, from 0 to 1.
    pub voiced: f64,
}

/// Follows the pitch of a stream. A frame comes out when what follows can hardly change it any more: some seconds later.
#[derive(Debug)]
pub struct PitchTracker {
    stft: Stft,
    hearing: Hearing,
}

#[derive(Debug)]
struct Hearing {
    periods: Periods,
    course: Course,
    likely: Vec<f32>, // [pitches]
    grid: Grid,
    voiced: std::collections::VecDeque<f64>,
}

/// Pitches, ten a semitone.
#[derive(Debug, Clone, Copy)]
struct Grid {
    lowest: f64,
    pitches: usize,
}

impl Grid {
    const AN_OCTAVE: f64 = 120.0;

    fn new(options: PitchOptions) -> Self {
        let octaves = (options.highest / options.lowest).log2();
        Self { lowest: options.lowest, pitches: (Self::AN_OCTAVE * octaves).floor() as usize + 1 }
    }

    fn nearest(&self, hertz: f64) -> usize {
        (Self::AN_OCTAVE * (hertz / self.lowest).log2()).round_ties_even().clamp(0.0, self.pitches as f64)
            as usize
    }

    fn hertz(&self, pitch: usize) -> f64 {
        self.lowest * (pitch as f64 / Self::AN_OCTAVE).exp2()
    }
}

impl PitchTracker {
    /// A tracker that has heard nothing.
    pub fn new(rate: SampleRate, framing: Framing, options: PitchOptions) -> Result<Self, PitchError> {
        let PitchOptions { lowest, highest } = options;
        let hertz = f64::from(rate.hertz());
        if !(lowest > 0.0 && lowest < highest && highest <= hertz / 2.0) {
            return Err(PitchError::Range(lowest, highest, hertz / 2.0));
        }
        let needed = (hertz / lowest).ceil() as usize + 2;
        if needed > framing.size() {
            return Err(PitchError::Short { needed, size: framing.size() });
        }
        let grid = Grid::new(options);
        let hearing = Hearing {
            periods: Periods::new(hertz, framing.size(), options),
            course: Course::new(grid.pitches, framing.hop() as f64 / hertz),
            likely: vec![0.0; grid.pitches],
            grid,
            voiced: std::collections::VecDeque::new(),
        };
        Ok(Self { stft: Stft::new(framing), hearing })
    }

    /// Takes the next samples and hands out the frames that are decided.
    pub fn push(&mut self, samples: &[f32], mut each: impl FnMut(PitchFrame)) {
        let hearing = &mut self.hearing;
        self.stft.push(samples, |frame| hearing.hear(frame.samples, &mut each));
    }

    /// Ends the sound and hands out the frames that are left.
    pub fn finish(self, mut each: impl FnMut(PitchFrame)) {
        let Self { stft, mut hearing } = self;
        stft.finish(|frame| hearing.hear(frame.samples, &mut each));
        let Hearing { course, grid, mut voiced, .. } = hearing;
        course.finish(|state| each(told(state, grid, &mut voiced)));
    }
}

impl Hearing {
    fn hear(&mut self, samples: &[f32], each: &mut impl FnMut(PitchFrame)) {
        self.likely.fill(0.0);
        for &(hertz, probability) in self.periods.of(samples) {
            // Two periods on one pitch are the longer one's.
            if let Some(likely) = self.likely.get_mut(self.grid.nearest(hertz)) {
                *likely = probability as f32;
            }
        }
        let sum: f64 = self.likely.iter().map(|likely| f64::from(*likely)).sum();
        self.voiced.push_back(sum.clamp(0.0, 1.0));
        let Self { course, likely, grid, voiced, .. } = self;
        course.push(likely, sum.clamp(0.0, 1.0) as f32, |state| each(told(state, *grid, voiced)));
    }
}

/// What is told of the next frame, whose state is a pitch or none.
fn told(state: Option<usize>, grid: Grid, voiced: &mut std::collections::VecDeque<f64>) -> PitchFrame {
    PitchFrame { hertz: state.map(|pitch| grid.hertz(pitch)), voiced: voiced.pop_front().unwrap_or(0.0) }
}

/// The pitch in each frame of a sound.
///
/// # Shapes
/// `[samples]` → `[frames]`
pub fn track(
    samples: &[f32],
    rate: SampleRate,
    framing: Framing,
    options: PitchOptions,
) -> Result<Vec<PitchFrame>, PitchError> {
    let mut tracker = PitchTracker::new(rate, framing, options)?;
    let mut frames = Vec::with_capacity(framing.frames(samples.len()));
    tracker.push(samples, |frame| frames.push(frame));
    tracker.finish(|frame| frames.push(frame));
    Ok(frames)
}
