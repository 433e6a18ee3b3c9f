//! The spectrum of one frame, as descriptors read it.

use cantus_audio::stft::Complex;

/// The power and the magnitude of each bin of one frame; both are computed once and shared by all descriptors.
///
/// # Shapes
/// `power`, `magnitude`: `[bins]`
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Spectrum {
    power: Vec<f32>,
    magnitude: Vec<f32>,
}

impl Spectrum {
    /// The spectrum of silence.
    pub fn new(bins: usize) -> Self {
        Self { power: vec![0.0; bins], magnitude: vec![0.0; bins] }
    }

    /// Takes the next frame.
    #[expect(clippy::inline_always, reason = "it is compiled anew for the widest vectors where it is used")]
    #[inline(always)]
    pub fn set(&mut self, values: &[Complex<f32>]) {
        self.set_power(values);
        for (magnitude, power) in self.magnitude.iter_mut().zip(&self.power) {
            *magnitude = power.sqrt();
        }
    }

    /// Takes the next frame and leaves its magnitudes out, for descriptors that read powers alone.
    #[expect(clippy::inline_always, reason = "it is compiled anew for the widest vectors where it is used")]
    #[inline(always)]
    pub(super) fn set_power(&mut self, values: &[Complex<f32>]) {
        for (power, value) in self.power.iter_mut().zip(values) {
            *power = value.re * value.re + value.im * value.im;
        }
    }

    /// The squared magnitude of each bin.
    pub fn power(&self) -> &[f32] {
        &self.power
    }

    /// The magnitude of each bin.
    pub fn magnitude(&self) -> &[f32] {
        &self.magnitude
    }
}
