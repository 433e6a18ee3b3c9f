//! How well each chord fits what sounds.

use super::Quality;
use super::evidence::Evidence;

/// What speaks for a chord and against it, by how much.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Taste {
    /// Against a note outside the chord, by its share.
    pub outside: f64,
    /// Against a note of the chord that does not sound: root, third (or what stands in its place), fifth, seventh or sixth.
    pub missing: [f64; 4],
    /// For the root in the bass, by the bass's share of time.
    pub root_in_bass: f64,
    /// For another note of the chord in the bass.
    pub inverted: f64,
    /// Against each kind of chord, in the order of [`Quality::ALL`]: rarer ones need more evidence.
    pub rare: [f64; 14],
    /// Against a new chord at a bar line, at the middle of a bar, and at other beats.
    pub change: [f64; 3],
    /// For silence having no chord.
    pub silence: f64,
}

impl Taste {
    /// As chosen on the training parts of two collections with chord symbols.
    pub const DEFAULT: Self = Self {
        outside: 0.24,
        missing: [0.16, 0.15, 0.2, 0.46],
        root_in_bass: 0.18,
        inverted: 0.06,
        rare: [0.0, 0.04, 0.15, 0.29, 0.34, 0.27, 0.11, 0.17, 0.15, 0.22, 0.18, 0.3, 0.16, 0.23],
        change: [0.42, 0.6, 0.8],
        silence: 1.03,
    };
}

/// Below this share of the time a note of the chord counts as missing in part.
const HEARD: f64 = 0.1;

/// How well each chord fits: the states are the twelve roots of the first kind, then those of the second, and so on.
pub(super) fn all(evidence: &Evidence, taste: &Taste) -> Vec<f64> {
    let fit = |state: usize| of(evidence, taste, state % 12, Quality::ALL[state / 12]);
    (0..12 * Quality::ALL.len()).map(fit).collect()
}

fn of(evidence: &Evidence, taste: &Taste, root: usize, quality: Quality) -> f64 {
    let (mut inside, mut missing, mut bass) = (0.0, 0.0, 0.0);
    for (place, interval) in quality.intervals().iter().enumerate() {
        let class = (root + interval) % 12;
        inside += evidence.classes[class];
        missing += taste.missing[place] * (1.0 - evidence.classes[class] / HEARD).max(0.0);
        bass += evidence.bass[class] * if place == 0 { taste.root_in_bass } else { taste.inverted };
    }
    inside - taste.outside * (1.0 - inside) - missing + bass - taste.rare[usize::from(quality.number())]
}
