//! How strongly each degree of the scale belongs to its key.

/// The weight of each of the twelve degrees above the tonic, in major and in minor.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Profile {
    /// In major, from the tonic up by semitones.
    pub major: [f64; 12],
    /// In minor, from the tonic up by semitones.
    pub minor: [f64; 12],
}

impl Profile {
    /// What [`estimate`](super::estimate) uses.
    pub const DEFAULT: Self = Self::ALBRECHT_SHANAHAN;

    /// Ratings of probe tones by listeners (Krumhansl and Kessler 1982).
    pub const KRUMHANSL_KESSLER: Self = Self {
        major: [6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88],
        minor: [6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17],
    };

    /// Shares of pitch classes in pieces of known key (Albrecht and Shanahan 2013).
    pub const ALBRECHT_SHANAHAN: Self = Self {
        major: [0.238, 0.006, 0.111, 0.006, 0.137, 0.094, 0.016, 0.214, 0.009, 0.080, 0.008, 0.081],
        minor: [0.220, 0.006, 0.104, 0.123, 0.019, 0.103, 0.012, 0.214, 0.062, 0.022, 0.061, 0.052],
    };

    /// Shares of the Kostka-Payne textbook's excerpts (Temperley 2007).
    pub const TEMPERLEY: Self = Self {
        major: [0.748, 0.060, 0.488, 0.082, 0.670, 0.460, 0.096, 0.715, 0.104, 0.366, 0.057, 0.400],
        minor: [0.712, 0.084, 0.474, 0.618, 0.049, 0.460, 0.105, 0.747, 0.404, 0.067, 0.133, 0.330],
    };
}
