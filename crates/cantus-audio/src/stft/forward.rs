//! From sound to spectra, frame by frame.

use std::fmt;
use std::ops::Range;

use realfft::num_complex::Complex;

use super::Framing;
use super::real::RealTransform;

/// One frame of a sound.
#[derive(Debug, Clone, Copy)]
pub struct Frame<'a> {
    /// Which it is, from 0.
    pub index: usize,
    /// Its samples, before the window: silence outside the sound.
    ///
    /// # Shapes
    /// `[size]`
    pub samples: &'a [f32],
    /// From where its samples are those of the sound.
    pub begin: usize,
    /// Up to where its samples are those of the sound.
    pub end: usize,
    /// Its spectrum.
    ///
    /// # Shapes
    /// `[bins]`
    pub spectrum: &'a [Complex<f32>],
}

impl Frame<'_> {
    /// The samples of it that are within the sound.
    pub fn inside(&self) -> &[f32] {
        &self.samples[self.begin..self.end]
    }
}

/// A frame that waits in memory is moved to the front after so many frames' lengths.
const ROOM: usize = 8;

/// Short-time Fourier transform of a stream: `X[t, k] = sum over n of w[n] x[t hop + n - size / 2] e^(-2 pi i k n / size)`.
///
/// Blocks of any lengths give the same frames; after construction nothing is allocated.
pub struct Stft {
    framing: Framing,
    window: Vec<f32>,
    transform: RealTransform,
    waiting: Vec<f32>, // [ROOM * size] at most: samples from `first` on
    first: isize,      // the sample of the sound at which `waiting` begins; negative in the silence before it
    taken: usize,
    index: usize,
    spectrum: Vec<Complex<f32>>, // [bins]
}

impl fmt::Debug for Stft {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.debug_struct("Stft")
            .field("framing", &self.framing)
            .field("index", &self.index)
            .finish_non_exhaustive()
    }
}

impl Stft {
    /// A transform that has heard nothing yet.
    pub fn new(framing: Framing) -> Self {
        let mut waiting = Vec::with_capacity(ROOM * framing.size());
        waiting.resize(framing.size() / 2, 0.0);
        Self {
            framing,
            window: framing.window().weights(framing.size()),
            waiting,
            first: -((framing.size() / 2) as isize),
            taken: 0,
            index: 0,
            spectrum: vec![Complex::default(); framing.bins()],
            transform: RealTransform::new(framing.size()),
        }
    }

    /// Hands out all frames of a sound.
    pub fn over(samples: &[f32], framing: Framing, mut each: impl FnMut(Frame<'_>)) {
        let mut stft = Self::new(framing);
        stft.push(samples, &mut each);
        stft.finish(each);
    }

    /// How it cuts sound into frames.
    pub fn framing(&self) -> Framing {
        self.framing
    }

    /// Takes the next samples and hands out each frame that they complete.
    pub fn push(&mut self, mut samples: &[f32], mut each: impl FnMut(Frame<'_>)) {
        while !samples.is_empty() {
            let room = ROOM * self.framing.size() - self.waiting.len();
            let (block, rest) = samples.split_at(room.min(samples.len()));
            self.waiting.extend_from_slice(block);
            self.taken += block.len();
            samples = rest;
            self.emit(&mut each);
        }
    }

    /// Ends the sound and hands out its last frames, of which there are [`Framing::frames`] in all.
    pub fn finish(mut self, mut each: impl FnMut(Frame<'_>)) {
        let last = self.framing.frames(self.taken);
        let silence = self.framing.size() / 2;
        while self.index < last {
            let room = ROOM * self.framing.size() - self.waiting.len();
            self.waiting.extend(std::iter::repeat_n(0.0, room.min(silence)));
            let before = self.index;
            self.emit(|frame| {
                if frame.index < last {
                    each(frame);
                }
            });
            if self.index == before && room == 0 {
                return;
            }
        }
    }

    /// Hands out the frames that wait in full, then makes room.
    fn emit(&mut self, mut each: impl FnMut(Frame<'_>)) {
        let (size, hop) = (self.framing.size(), self.framing.hop());
        let mut begin = self.begin();
        while begin + size <= self.waiting.len() {
            self.transform(begin);
            let inside = self.inside(begin);
            each(Frame {
                index: self.index,
                samples: &self.waiting[begin..begin + size],
                begin: inside.start,
                end: inside.end,
                spectrum: &self.spectrum,
            });
            self.index += 1;
            begin += hop;
        }
        let past = begin.min(self.waiting.len());
        self.waiting.copy_within(past.., 0);
        self.waiting.truncate(self.waiting.len() - past);
        self.first += past as isize;
    }

    /// Where the next frame begins among what waits; beyond it where the hop is longer than a frame.
    fn begin(&self) -> usize {
        let sample = (self.index * self.framing.hop()) as isize - (self.framing.size() / 2) as isize;
        (sample - self.first).max(0) as usize
    }

    /// Which samples of the frame that begins there are of the sound.
    fn inside(&self, begin: usize) -> Range<usize> {
        let size = self.framing.size() as isize;
        let sample = self.first + begin as isize;
        let within = |bound: isize| (bound - sample).clamp(0, size) as usize;
        within(0)..within(self.taken as isize)
    }

    fn transform(&mut self, begin: usize) {
        let samples = &self.waiting[begin..begin + self.framing.size()];
        self.transform.forward(samples, &self.window, &mut self.spectrum);
    }
}
