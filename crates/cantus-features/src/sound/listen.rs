//! What listens to a sound block by block and tells numbers of each of its frames.

use std::fmt;

use cantus_audio::SampleRate;
use cantus_audio::stft::{Framing, Stft};

use super::constant_q::{self, ConstantQ, ConstantQOptions};
use super::hpss::{self, Parting};
use super::pitch::{PitchFrame, PitchOptions, PitchTracker};

/// What is known of a sound before it is listened to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Setting {
    /// Samples a second.
    pub rate: SampleRate,
    /// How it is cut into frames.
    pub framing: Framing,
    /// How far it is tuned from A4 = 440 Hz, in thirds of a semitone from -0.5 to 0.5: what a [`super::tuning::TuningSearch`] by
    /// magnitudes among [`constant_q::CHROMA_AN_OCTAVE`] notes an octave tells.
    pub thirds: f64,
}

/// Listens to a sound in blocks of any length and hands out a row of numbers for each frame, in order; some frames late.
pub trait Listener: fmt::Debug + Send {
    /// Takes the next samples.
    fn push(&mut self, samples: &[f32], each: &mut dyn FnMut(&[f32]));

    /// Ends the sound and hands out the rows that are left.
    fn finish(self: Box<Self>, each: &mut dyn FnMut(&[f32]));
}

impl Listener for ConstantQ {
    fn push(&mut self, samples: &[f32], each: &mut dyn FnMut(&[f32])) {
        Self::push(self, samples, |_, row| each(row));
    }

    fn finish(self: Box<Self>, each: &mut dyn FnMut(&[f32])) {
        Self::finish(*self, |_, row| each(row));
    }
}

/// The magnitude of each semitone of seven octaves.
pub(crate) fn semitones(setting: &Setting) -> Option<Box<dyn Listener>> {
    let transform = ConstantQ::new(setting.rate, setting.framing.hop(), ConstantQOptions::default()).ok()?;
    Some(Box::new(transform))
}

/// The strength of each pitch class.
#[derive(Debug)]
struct Classes(ConstantQ);

/// What listens for the strength of each pitch class by constant Q; nothing where the sample rate holds too little.
pub fn classes(setting: &Setting) -> Option<Box<dyn Listener>> {
    let options = constant_q::chroma_options(setting.thirds);
    Some(Box::new(Classes(ConstantQ::new(setting.rate, setting.framing.hop(), options).ok()?)))
}

impl Listener for Classes {
    fn push(&mut self, samples: &[f32], each: &mut dyn FnMut(&[f32])) {
        self.0.push(samples, |_, row| each(&constant_q::folded(row)));
    }

    fn finish(self: Box<Self>, each: &mut dyn FnMut(&[f32])) {
        self.0.finish(|_, row| each(&constant_q::folded(row)));
    }
}

/// The part of the energy that holds.
#[derive(Debug)]
struct Holding {
    stft: Stft,
    parting: Parting,
}

#[expect(clippy::unnecessary_wraps, reason = "others are not held by every rate")]
pub(crate) fn holding(setting: &Setting) -> Option<Box<dyn Listener>> {
    let framing = setting.framing;
    Some(Box::new(Holding { stft: Stft::new(framing), parting: Parting::new(framing.bins()) }))
}

impl Listener for Holding {
    fn push(&mut self, samples: &[f32], each: &mut dyn FnMut(&[f32])) {
        let Self { stft, parting } = self;
        stft.push(samples, |frame| parting.push(frame.spectrum, |parted| each(&[hpss::share_of(&parted)])));
    }

    fn finish(self: Box<Self>, each: &mut dyn FnMut(&[f32])) {
        let Self { stft, mut parting } = *self;
        stft.finish(|frame| parting.push(frame.spectrum, |parted| each(&[hpss::share_of(&parted)])));
        parting.finish(|parted| each(&[hpss::share_of(&parted)]));
    }
}

/// The pitch of the voice.
pub(crate) fn pitch(setting: &Setting) -> Option<Box<dyn Listener>> {
    let tracker = PitchTracker::new(setting.rate, setting.framing, PitchOptions::default()).ok()?;
    Some(Box::new(tracker))
}

impl Listener for PitchTracker {
    fn push(&mut self, samples: &[f32], each: &mut dyn FnMut(&[f32])) {
        Self::push(self, samples, |frame| each(&[hertz(frame)]));
    }

    fn finish(self: Box<Self>, each: &mut dyn FnMut(&[f32])) {
        Self::finish(*self, |frame| each(&[hertz(frame)]));
    }
}

/// 0 where no voice sounds.
fn hertz(frame: PitchFrame) -> f32 {
    frame.hertz.unwrap_or(0.0) as f32
}
