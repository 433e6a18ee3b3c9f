//! How phrases are distributed: the metrics of `MuseGAN`'s paper and some more, as histograms that can be held against each
//! other.

use std::collections::BTreeMap;

use cantus_features::tonal_distance;

use super::grid::{BAR_STEPS, BARS, STEPS};
use super::phrase::{Phrase, ROWS};
use super::roles::Role;

/// What is measured of each phrase or bar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Metric {
    /// EB: bars in which a track is silent.
    EmptyBars,
    /// UPC: pitch classes that a track uses in a bar in which it sounds.
    PitchClasses,
    /// QN: notes of a track longer than one step.
    QualifiedNotes,
    /// Notes of a track that sound together.
    Polyphony,
    /// Of all that sounds, what lies in the major or harmonic minor scale that fits best.
    InScale,
    /// TD: the distance of the melody's tonal centroid and that of the other tracks in half a bar.
    TonalDistance,
    /// Notes of a track that begin in a bar.
    Density,
    /// Which pitches sound, or which drums are struck.
    Pitch,
    /// DP: strokes of the drums on eighths.
    DrumPattern,
}

impl Metric {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::EmptyBars,
        Self::PitchClasses,
        Self::QualifiedNotes,
        Self::Polyphony,
        Self::InScale,
        Self::TonalDistance,
        Self::Density,
        Self::Pitch,
        Self::DrumPattern,
    ];

    /// Its name.
    pub const fn name(self) -> &'static str {
        [
            "empty bars",
            "pitch classes",
            "qualified notes",
            "polyphony",
            "in scale",
            "tonal distance",
            "density",
            "pitch",
            "drum pattern",
        ][self as usize]
    }
}

/// A histogram of equal bins with the mean of what fell into it.
#[derive(Debug, Clone, PartialEq)]
pub struct Histogram {
    bins: Vec<f64>,
    least: f64,
    most: f64,
    sum: f64,
    count: f64,
}

impl Histogram {
    fn new(bins: usize, least: f64, most: f64) -> Self {
        Self { bins: vec![0.0; bins], least, most, sum: 0.0, count: 0.0 }
    }

    fn add(&mut self, value: f64) {
        let place = (value - self.least) / (self.most - self.least) * self.bins.len() as f64;
        let last = self.bins.len() - 1;
        self.bins[(place.max(0.0) as usize).min(last)] += 1.0;
        self.sum += value;
        self.count += 1.0;
    }

    /// The mean; nothing where nothing fell into it.
    pub fn mean(&self) -> Option<f64> {
        (self.count > 0.0).then(|| self.sum / self.count)
    }

    /// The Jensen–Shannon divergence of two histograms in bits: 0 where they are alike, 1 where they share nothing.
    pub fn divergence(&self, other: &Self) -> f64 {
        let (own, their): (f64, f64) = (self.bins.iter().sum(), other.bins.iter().sum());
        if own <= 0.0 || their <= 0.0 {
            return if own + their <= 0.0 { 0.0 } else { 1.0 };
        }
        let term = |p: f64, q: f64| if p > 0.0 { p * (2.0 * p / (p + q)).log2() } else { 0.0 };
        let pairs = self.bins.iter().zip(&other.bins).map(|(one, other)| (one / own, other / their));
        0.5 * pairs.map(|(p, q)| term(p, q) + term(q, p)).sum::<f64>()
    }
}

/// The distributions of some phrases of one style.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Distributions {
    /// By metric and, where it is one of a track, by track.
    pub of: BTreeMap<(Metric, Option<Role>), Histogram>,
}

impl Distributions {
    /// Measures phrases.
    pub fn of_phrases<'a>(phrases: impl Iterator<Item = &'a Phrase>) -> Self {
        let mut all = Self::default();
        for phrase in phrases {
            let roll = Roll::of(phrase);
            for role in Role::ALL {
                all.add_track(phrase, &roll, role);
            }
            all.add_harmony(&roll);
            all.add_drums(phrase);
        }
        all
    }

    fn histogram(&mut self, metric: Metric, role: Option<Role>) -> &mut Histogram {
        let new = || match metric {
            Metric::EmptyBars => Histogram::new(BARS + 1, -0.5, BARS as f64 + 0.5),
            Metric::PitchClasses => Histogram::new(12, 0.5, 12.5),
            Metric::QualifiedNotes | Metric::DrumPattern => Histogram::new(10, 0.0, 1.0),
            Metric::Polyphony => Histogram::new(11, -0.5, 10.5),
            Metric::InScale => Histogram::new(24, 0.4, 1.0),
            Metric::TonalDistance => Histogram::new(24, 0.0, 2.4),
            Metric::Density => Histogram::new(41, -0.5, 40.5),
            Metric::Pitch => Histogram::new(ROWS, -0.5, ROWS as f64 - 0.5),
        };
        self.of.entry((metric, role)).or_insert_with(new)
    }

    fn add_track(&mut self, phrase: &Phrase, roll: &Roll, role: Role) {
        let own = Some(role);
        let used = usize::from(phrase.grid.used);
        let bars = || (0..BARS).map(|bar| bar * BAR_STEPS..bar * BAR_STEPS + used);
        let empty = bars().filter(|bar| bar.clone().all(|step| roll.count(role, step) == 0)).count();
        self.histogram(Metric::EmptyBars, own).add(empty as f64);
        for bar in bars() {
            let begun = phrase
                .notes_within()
                .filter(|note| note.role == role && usize::from(note.at) / used == bar.start / BAR_STEPS + 1);
            self.histogram(Metric::Density, own).add(begun.count() as f64);
            if role == Role::Drums || bar.clone().all(|step| roll.count(role, step) == 0) {
                continue;
            }
            let mut classes = [false; 12];
            bar.clone().for_each(|step| roll.rows(role, step).for_each(|row| classes[row % 12] = true));
            self.histogram(Metric::PitchClasses, own).add(classes.iter().filter(|is| **is).count() as f64);
        }
        for step in bars().flatten() {
            for row in roll.rows(role, step) {
                self.histogram(Metric::Pitch, own).add(row as f64);
            }
            if role != Role::Drums {
                self.histogram(Metric::Polyphony, own).add(roll.count(role, step) as f64);
            }
        }
        let lengths = || phrase.notes_within().filter(|note| note.role == role).map(|note| note.steps);
        if role != Role::Drums && lengths().next().is_some() {
            let long = lengths().filter(|steps| *steps > 1).count();
            self.histogram(Metric::QualifiedNotes, own).add(long as f64 / lengths().count() as f64);
        }
    }

    fn add_harmony(&mut self, roll: &Roll) {
        let all = roll.classes(&Role::PITCHED, 0..STEPS);
        let total: f64 = all.iter().sum();
        if total > 0.0 {
            self.histogram(Metric::InScale, None).add(best_scale(&all) / total);
        }
        for half in (0..STEPS).step_by(BAR_STEPS / 2) {
            let of = |roles: &[Role]| roll.classes(roles, half..half + BAR_STEPS / 2);
            let (melody, others) = (of(&[Role::Melody]), of(&[Role::Harmony, Role::Bass]));
            if let Some(distance) = tonal_distance(&melody, &others) {
                self.histogram(Metric::TonalDistance, None).add(distance);
            }
        }
    }

    fn add_drums(&mut self, phrase: &Phrase) {
        let used = phrase.grid.used;
        let strokes = || phrase.notes_within().filter(|note| note.role == Role::Drums);
        if strokes().next().is_some() {
            let even = strokes().filter(|note| (note.at % used).is_multiple_of(2)).count();
            self.histogram(Metric::DrumPattern, None).add(even as f64 / strokes().count() as f64);
        }
    }

    /// The divergence of each metric from other distributions, the mean over the tracks that play in either.
    pub fn divergences(&self, other: &Self) -> BTreeMap<Metric, f64> {
        let mut sums: BTreeMap<Metric, (f64, f64)> = BTreeMap::new();
        let keys: std::collections::BTreeSet<_> = self.of.keys().chain(other.of.keys()).collect();
        for key in
            keys.into_iter().filter(|(_, role)| role.is_none_or(|role| self.plays(role) || other.plays(role)))
        {
            let divergence = match (self.of.get(key), other.of.get(key)) {
                (Some(own), Some(their)) => own.divergence(their),
                _ => 1.0,
            };
            let (sum, count) = sums.entry(key.0).or_default();
            *sum += divergence;
            *count += 1.0;
        }
        sums.into_iter().map(|(metric, (sum, count))| (metric, sum / count)).collect()
    }

    /// Whether a track ever plays.
    fn plays(&self, role: Role) -> bool {
        self.of.contains_key(&(Metric::Pitch, Some(role)))
    }
}

/// The mean of the divergences of all metrics.
pub fn mean_divergence(divergences: &BTreeMap<Metric, f64>) -> f64 {
    divergences.values().sum::<f64>() / divergences.len().max(1) as f64
}

/// What sounds at each step of a phrase.
struct Roll {
    /// `[tracks, steps]`
    sounding: [Vec<Vec<u8>>; 4],
}

impl Roll {
    fn of(phrase: &Phrase) -> Self {
        let mut sounding: [Vec<Vec<u8>>; 4] = std::array::from_fn(|_| vec![Vec::new(); STEPS]);
        phrase.cells(|at, row, role, _| {
            if at >= BAR_STEPS && phrase.grid.uses(at) {
                sounding[role.index()][at - BAR_STEPS].push(row as u8);
            }
        });
        Self { sounding }
    }

    fn count(&self, role: Role, step: usize) -> usize {
        self.sounding[role.index()][step].len()
    }

    fn rows(&self, role: Role, step: usize) -> impl Iterator<Item = usize> {
        self.sounding[role.index()][step].iter().map(|row| usize::from(*row))
    }

    /// How many steps each pitch class sounds in some tracks.
    fn classes(&self, roles: &[Role], steps: std::ops::Range<usize>) -> [f64; 12] {
        let mut classes = [0.0; 12];
        for role in roles {
            steps.clone().flat_map(|step| self.rows(*role, step)).for_each(|row| classes[row % 12] += 1.0);
        }
        classes
    }
}

/// The weight in the major or harmonic minor scale that holds most.
fn best_scale(classes: &[f64; 12]) -> f64 {
    const SCALES: [[usize; 7]; 2] = [[0, 2, 4, 5, 7, 9, 11], [0, 2, 3, 5, 7, 8, 11]];
    let weight =
        |tonic: usize, scale: &[usize; 7]| scale.iter().map(|tone| classes[(tonic + tone) % 12]).sum::<f64>();
    let all = (0..12).flat_map(|tonic| SCALES.iter().map(move |scale| weight(tonic, scale)));
    all.fold(0.0, f64::max)
}
