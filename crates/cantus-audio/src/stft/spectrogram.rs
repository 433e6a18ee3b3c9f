//! A whole transform in memory.

use realfft::num_complex::Complex;

use super::{Framing, InverseStft, Stft};

/// The spectra of all frames of a sound.
#[derive(Debug, Clone, PartialEq)]
pub struct Spectrogram {
    framing: Framing,
    samples: usize,
    values: Vec<Complex<f32>>, // [frames, bins]
}

impl Spectrogram {
    /// Transforms a sound.
    pub fn of(samples: &[f32], framing: Framing) -> Self {
        let mut spectra = Self::zeros(samples.len(), framing);
        let bins = framing.bins();
        Stft::over(samples, framing, |frame| {
            spectra.values[frame.index * bins..][..bins].copy_from_slice(frame.spectrum);
        });
        spectra
    }

    /// The transform of silence.
    pub fn zeros(samples: usize, framing: Framing) -> Self {
        let values = vec![Complex::default(); framing.frames(samples) * framing.bins()];
        Self { framing, samples, values }
    }

    /// How the sound was cut into frames.
    pub fn framing(&self) -> Framing {
        self.framing
    }

    /// Samples of the sound.
    pub fn samples(&self) -> usize {
        self.samples
    }

    /// Frames of the sound.
    pub fn frames(&self) -> usize {
        self.framing.frames(self.samples)
    }

    /// The spectrum of a frame.
    ///
    /// # Shapes
    /// `[bins]`
    pub fn frame(&self, index: usize) -> &[Complex<f32>] {
        &self.values[index * self.framing.bins()..][..self.framing.bins()]
    }

    /// All spectra.
    ///
    /// # Shapes
    /// `[frames, bins]`
    pub fn values(&self) -> &[Complex<f32>] {
        &self.values
    }

    /// All spectra, to be changed.
    ///
    /// # Shapes
    /// `[frames, bins]`
    pub fn values_mut(&mut self) -> &mut [Complex<f32>] {
        &mut self.values
    }

    /// The magnitude of each bin.
    ///
    /// # Shapes
    /// `[frames, bins]`
    pub fn magnitudes(&self) -> Vec<f32> {
        self.values.iter().map(|value| value.norm()).collect()
    }

    /// The sound of which this is the transform, or, where there is none (the spectra were changed), the one whose
    /// transform is nearest.
    pub fn invert(&self) -> Vec<f32> {
        let mut sound = Vec::with_capacity(self.samples + self.framing.size());
        let mut inverse = InverseStft::new(self.framing);
        for spectrum in self.values.chunks_exact(self.framing.bins()) {
            inverse.push(spectrum, |samples| sound.extend_from_slice(samples));
        }
        inverse.finish(|samples| sound.extend_from_slice(samples));
        sound.resize(self.samples, 0.0);
        sound
    }
}
