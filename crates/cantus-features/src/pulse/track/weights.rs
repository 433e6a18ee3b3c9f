//! What speaks for and against a course of beats.

/// What speaks for and against a course of beats, in nats.
#[derive(Debug, Clone, PartialEq)]
pub struct Weights {
    /// For an onset at each kind of place: beat, half, quarter, eighth, third, sixth.
    pub kinds: [f64; 6],
    /// How much the strength of an onset counts at each kind of place.
    pub strength: [f64; 6],
    /// Against a beat without an onset.
    pub silent: f64,
    /// Against an onset that is no more than an ornament.
    pub ornament: f64,
    /// Against dividing one beat in two and the next in three, or the other way round.
    pub division: f64,
    /// Against each of the steps between the tempi before and after an onset; there are 18 to the double tempo.
    pub bend: f64,
    /// The deviation of onsets in seconds …
    pub jitter: f64,
    /// … and as a share of the time since the last.
    pub stretch: f64,
    /// The most that a deviation costs.
    pub outlier: f64,
    /// The likeliest period in seconds.
    pub period: f64,
    /// Against each onset for the square of the tens of tempi from it.
    pub prior: f64,
}

impl Weights {
    /// What was fitted, one after the other, to one half of two collections of performances (pop songs and classical
    /// piano).
    pub const DEFAULT: Self = Self {
        kinds: [0.0, -0.38, -1.2, -1.89, -0.78, -1.43],
        strength: [1.35, 0.27, -0.4, -0.19, -0.1, -0.4],
        silent: 2.16,
        ornament: 2.27,
        division: 1.3,
        bend: 1.5,
        jitter: 0.018,
        stretch: 0.03,
        outlier: 9.0,
        period: 0.81,
        prior: 0.1,
    };
}
