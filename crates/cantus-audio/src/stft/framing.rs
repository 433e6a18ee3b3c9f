//! How sound is cut into frames.

use std::f64::consts::TAU;

use crate::SampleRate;

/// The weight of each sample of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Window {
    /// Hann's window, periodic: `0.5 - 0.5 cos(2 pi n / size)`.
    Hann,
    /// Every sample counts alike.
    Rectangular,
}

impl Window {
    /// The weights of a frame of so many samples.
    pub fn weights(self, size: usize) -> Vec<f32> {
        let weight = |sample: usize| match self {
            Self::Hann => (0.5 - 0.5 * (TAU * sample as f64 / size as f64).cos()) as f32,
            Self::Rectangular => 1.0,
        };
        (0..size).map(weight).collect()
    }
}

/// How sound is cut into frames: their length, the step from one to the next, and the weight of each sample. Frame `t` is
/// centred on sample `t * hop`; what it covers before the beginning and after the end of the sound is silence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Framing {
    size: usize,
    hop: usize,
    window: Window,
}

/// A way of cutting that is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FramingError {
    /// A length that the transform does not take.
    #[error("a frame must be an even number of samples between 2 and {max}, but was {0}", max = Framing::LONGEST)]
    Size(usize),
    /// A step that leads nowhere.
    #[error("the hop must be between 1 and {max} samples, but was {0}", max = Framing::LONGEST)]
    Hop(usize),
}

impl Framing {
    /// The longest frame and the longest hop, in samples.
    pub const LONGEST: usize = 1 << 20;
    /// Frames of 2048 samples by Hann's window, 512 apart: what descriptors are measured on.
    pub const DEFAULT: Self = Self { size: 2048, hop: 512, window: Window::Hann };

    /// Frames of `size` samples, `hop` apart, by Hann's window; fails where either is out of its range.
    pub const fn new(size: usize, hop: usize) -> Result<Self, FramingError> {
        if size < 2 || size > Self::LONGEST || size % 2 == 1 {
            Err(FramingError::Size(size))
        } else if hop < 1 || hop > Self::LONGEST {
            Err(FramingError::Hop(hop))
        } else {
            Ok(Self { size, hop, window: Window::Hann })
        }
    }

    /// The same frames, weighed by another window.
    #[must_use]
    pub const fn with_window(self, window: Window) -> Self {
        Self { window, ..self }
    }

    /// Samples of a frame.
    pub const fn size(self) -> usize {
        self.size
    }

    /// Samples from one frame to the next.
    pub const fn hop(self) -> usize {
        self.hop
    }

    /// The weight of each sample of a frame.
    pub const fn window(self) -> Window {
        self.window
    }

    /// Bins of a spectrum, from 0 Hz to half the sample rate.
    pub const fn bins(self) -> usize {
        self.size / 2 + 1
    }

    /// Frames of a sound of so many samples: one begins it, and one more for each hop.
    pub const fn frames(self, samples: usize) -> usize {
        1 + samples / self.hop
    }

    /// The frequency of a bin, in hertz.
    pub fn frequency(self, bin: usize, rate: SampleRate) -> f64 {
        bin as f64 * f64::from(rate.hertz()) / self.size as f64
    }

    /// When a frame is centred, in seconds.
    pub fn seconds(self, frame: usize, rate: SampleRate) -> f64 {
        (frame * self.hop) as f64 / f64::from(rate.hertz())
    }

    /// Frames a second.
    pub fn rate(self, rate: SampleRate) -> f64 {
        f64::from(rate.hertz()) / self.hop as f64
    }
}
