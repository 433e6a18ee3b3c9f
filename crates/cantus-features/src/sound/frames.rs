//! All descriptors of frames in one walk.

use cantus_audio::SampleRate;
use cantus_audio::stft::{Frame, Framing, Stft};

use super::beat::{self, Pulse};
use super::chroma::{self, ChromaBank};
use super::shape::{CONTRAST_BANDS, Relief, Shapes, contrast_of};
use super::{FilterBank, Spectrum, cepstrum, lanes, mel, onset, tuning, wave};

/// What was measured on each frame of a sound.
#[derive(Debug, Clone, PartialEq)]
pub struct FrameTable {
    /// Samples a second.
    pub rate: SampleRate,
    /// How the sound was cut into frames.
    pub framing: Framing,
    /// How far it is tuned from A4 = 440 Hz, in semitones.
    pub tuning: f64,
    /// The greatest absolute sample.
    pub envelope: Vec<f32>, // [frames]
    /// The root of the mean square.
    pub rms: Vec<f32>, // [frames]
    /// Changes of sign by samples.
    pub zero_crossings: Vec<f32>, // [frames]
    /// The mean frequency, in hertz.
    pub centroid: Vec<f32>, // [frames]
    /// The standard deviation of frequency, in hertz.
    pub bandwidth: Vec<f32>, // [frames]
    /// Below which 85 % of all magnitude lies, in hertz.
    pub roll_off: Vec<f32>, // [frames]
    /// From 0 (a tone) to 1 (noise).
    pub flatness: Vec<f32>, // [frames]
    /// How much peaks stand out from valleys in each octave, in decibels.
    pub contrast: Vec<f32>, // [frames, 7]
    /// The strength of each pitch class, C first.
    pub chroma: Vec<f32>, // [frames, 12]
    /// The level of each mel band, in decibels.
    pub mel: Vec<f32>, // [frames, 128]
    /// Cepstral coefficients.
    pub mfcc: Vec<f32>, // [frames, 20]
    /// The strength of each pitch class by constant Q, which parts low notes as well; nothing where nobody listened for it
    /// ([`super::classes`]).
    pub classes: Vec<f32>, // [frames, 12]
    /// How much begins to sound.
    pub onset_strength: Vec<f32>, // [frames]
}

/// Measures all descriptors of frames on a stream of samples. Each spectrum is computed once; nothing of the sound is kept.
#[derive(Debug)]
pub struct FrameFeatures {
    stft: Stft,
    gauges: Gauges,
}

/// What measures a frame, and where the measures go.
#[derive(Debug)]
struct Gauges {
    spectrum: Spectrum,
    shapes: Shapes,
    chroma: ChromaBank,
    mel: FilterBank,
    bands: Vec<f32>, // [mel::BANDS]
    reliefs: Vec<Relief>,
    table: FrameTable,
}

impl FrameFeatures {
    /// Measures of a sound that is tuned so many semitones above A4 = 440 Hz ([`tuning::TuningSearch`] tells).
    pub fn new(rate: SampleRate, framing: Framing, tuning: f64) -> Self {
        let gauges = Gauges {
            spectrum: Spectrum::new(framing.bins()),
            shapes: Shapes::new(rate, framing),
            chroma: ChromaBank::new(rate, framing, tuning),
            mel: mel::bank(mel::MelOptions::default(), rate, framing),
            bands: vec![0.0; mel::BANDS],
            reliefs: Vec::new(),
            table: FrameTable::new(rate, framing, tuning),
        };
        Self { stft: Stft::new(framing), gauges }
    }

    /// Takes the next samples.
    pub fn push(&mut self, samples: &[f32]) {
        let gauges = &mut self.gauges;
        self.stft.push(samples, |frame| lanes::widest(|| gauges.measure(&frame)));
    }

    /// Ends the sound and tells what was measured on it.
    pub fn finish(self) -> FrameTable {
        let Self { stft, mut gauges } = self;
        let framing = stft.framing();
        stft.finish(|frame| lanes::widest(|| gauges.measure(&frame)));
        let mut table = gauges.table;
        table.contrast = contrast_of(&gauges.reliefs);
        mel::limit_range(&mut table.mel);
        table.mfcc = cepstrum::of_levels(&table.mel);
        table.onset_strength = onset::of_levels(&table.mel, framing, onset::Pool::Mean);
        table
    }

    /// Measures a whole sound, tuning included.
    pub fn of_sound(samples: &[f32], rate: SampleRate, framing: Framing) -> FrameTable {
        let mut features = Self::new(rate, framing, tuning::of_powers(samples, rate, framing));
        features.push(samples);
        features.finish()
    }
}

impl Gauges {
    fn measure(&mut self, frame: &Frame<'_>) {
        let Self { spectrum, shapes, table, .. } = self;
        spectrum.set(frame.spectrum);
        table.envelope.push(wave::envelope(frame));
        table.rms.push(wave::rms(frame));
        table.zero_crossings.push(wave::zero_crossings(frame));
        let centroid = shapes.centroid(spectrum);
        table.centroid.push(centroid);
        table.bandwidth.push(shapes.bandwidth(spectrum, centroid));
        table.roll_off.push(shapes.roll_off(spectrum));
        table.flatness.push(Shapes::flatness(spectrum));
        self.reliefs.extend_from_slice(&shapes.contrast(spectrum));
        table.chroma.extend_from_slice(&self.chroma.apply(spectrum.power()));
        self.mel.apply(spectrum.power(), &mut self.bands);
        table.mel.extend(self.bands.iter().map(|power| mel::decibels(*power)));
    }
}

/// The table of no frames, at the rate and by the frames on which descriptors are usually measured.
impl Default for FrameTable {
    fn default() -> Self {
        Self::new(SampleRate::ANALYSIS, Framing::DEFAULT, 0.0)
    }
}

impl FrameTable {
    fn new(rate: SampleRate, framing: Framing, tuning: f64) -> Self {
        Self {
            rate,
            framing,
            tuning,
            envelope: Vec::new(),
            rms: Vec::new(),
            zero_crossings: Vec::new(),
            centroid: Vec::new(),
            bandwidth: Vec::new(),
            roll_off: Vec::new(),
            flatness: Vec::new(),
            contrast: Vec::new(),
            chroma: Vec::new(),
            mel: Vec::new(),
            mfcc: Vec::new(),
            classes: Vec::new(),
            onset_strength: Vec::new(),
        }
    }

    /// Frames a second.
    pub fn frames_a_second(&self) -> f64 {
        self.framing.rate(self.rate)
    }

    /// The frames at which something begins to sound.
    pub fn onsets(&self) -> Vec<usize> {
        onset::pick(&self.onset_strength, onset::PeakOptions::default(), self.frames_a_second())
    }

    /// The tempo and the beats.
    pub fn pulse(&self) -> Pulse {
        let strength = onset::of_levels(&self.mel, self.framing, onset::Pool::Median);
        beat::of_strength(&strength, self.frames_a_second())
    }

    /// The pitch classes in which key and chords are heard: by constant Q where somebody listened for it, else chroma.
    ///
    /// # Shapes
    /// `[frames, 12]`
    pub fn harmony(&self) -> &[f32] {
        if self.classes.is_empty() { &self.chroma } else { &self.classes }
    }

    /// How many frames were measured.
    pub fn frames(&self) -> usize {
        self.envelope.len()
    }

    /// Columns of each frame, all descriptors together.
    pub const COLUMNS: usize = 8 + CONTRAST_BANDS + chroma::CLASSES + mel::BANDS + cepstrum::COEFFICIENTS;
}
