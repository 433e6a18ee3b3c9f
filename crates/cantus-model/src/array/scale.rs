//! What the numbers of an array are, and how they are written for the network.

use cantus_score::npy::{Array, Element};
use serde::{Deserialize, Serialize};

use super::{ArrayError, Values};

/// What the network takes the numbers for.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// On or off, and the numbers that stand for them.
    Binary {
        /// The number of what is off; what is above it is on.
        off: f64,
        /// The number that what is on is written as.
        on: f64,
    },
    /// Quantities.
    Real,
}

/// How one feature is written for the network, and what it was like in training.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Feature {
    /// The number that becomes 0.
    pub centre: f64,
    /// The difference that becomes 1.
    pub spread: f64,
    /// The least number in training.
    pub least: f64,
    /// The largest number in training.
    pub most: f64,
    /// The mean of what the network sees of it in training; of a binary feature how often it is on.
    pub mean: f64,
}

impl Feature {
    /// Whether it was always the same in training, and how it is composed then.
    pub fn constant(&self) -> Option<f64> {
        (self.least >= self.most).then_some(self.least)
    }
}

/// What the numbers of an array are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scale {
    /// What they are taken for.
    pub kind: Kind,
    /// Frames that it describes, those of the training pieces.
    pub frames: usize,
    /// NumPy's name of the kind of number, which is composed too.
    pub element: String,
    /// Each feature.
    pub features: Vec<Feature>,
}

impl Scale {
    /// Describes some pieces of an array of finite numbers. Fails if they are all one number.
    pub(super) fn of(
        array: &Array,
        (frames, features): (usize, usize),
        pieces: &[usize],
        (values, standardise): (Values, bool),
    ) -> Result<Self, ArrayError> {
        let size = frames * features;
        let all = Spread::of(array, 0..array.len());
        if all.least >= all.most {
            return Err(ArrayError::Constant(all.least));
        }
        let kind = all.kind(values, array.element());
        let element = array.element().name().to_owned();
        let mut scale =
            Self { kind, frames: pieces.len() * frames, element, features: vec![NOTHING; features] };
        for &piece in pieces {
            let mut feature = 0;
            array.each(piece * size..(piece + 1) * size, |value| {
                if let Some(found) = scale.features.get_mut(feature) {
                    found.least = found.least.min(value);
                    found.most = found.most.max(value);
                }
                feature = (feature + 1) % features;
            });
        }
        scale.centre_on(array, size, pieces, standardise);
        Ok(scale)
    }

    /// Sets centre, spread and mean from the training pieces. Sums are of differences from the least number, so that
    /// large offsets cost no digits.
    fn centre_on(&mut self, array: &Array, size: usize, pieces: &[usize], standardise: bool) {
        let count = self.frames.max(1) as f64;
        let mut sums = vec![[0.0f64; 3]; self.features.len()];
        for &piece in pieces {
            let mut feature = 0;
            array.each(piece * size..(piece + 1) * size, |value| {
                if let (Some(found), Some(sum)) = (self.features.get(feature), sums.get_mut(feature)) {
                    let above = value - found.least;
                    sum[0] += above;
                    sum[1] += above * above;
                    sum[2] +=
                        f64::from(u8::from(matches!(self.kind, Kind::Binary { off, .. } if value > off)));
                }
                feature = (feature + 1) % self.features.len();
            });
        }
        for (feature, [sum, squares, on]) in self.features.iter_mut().zip(sums) {
            let mean = sum / count;
            let deviation = (squares / count - mean * mean).max(0.0).sqrt();
            match self.kind {
                Kind::Binary { .. } => feature.mean = on / count,
                Kind::Real if standardise => {
                    feature.centre = feature.least + mean;
                    feature.spread = if deviation > 0.0 { deviation } else { 1.0 };
                    feature.mean = 0.0;
                }
                Kind::Real => feature.mean = feature.least + mean,
            }
        }
    }

    /// What the network sees of a feature's number.
    pub fn encode(&self, feature: &Feature, value: f64) -> f32 {
        match self.kind {
            Kind::Binary { off, .. } => f32::from(u8::from(value > off)),
            Kind::Real => ((value - feature.centre) / feature.spread) as f32,
        }
    }

    /// The number that the network's value of a feature stands for: within what was seen in training, and whole where
    /// the array's numbers are.
    pub fn decode(&self, feature: &Feature, value: f32) -> f64 {
        if let Some(constant) = feature.constant() {
            return constant;
        }
        match self.kind {
            Kind::Binary { off, on } => {
                if value > 0.5 {
                    on
                } else {
                    off
                }
            }
            Kind::Real => {
                let value =
                    (f64::from(value) * feature.spread + feature.centre).clamp(feature.least, feature.most);
                if self.element().is_whole() { value.round_ties_even() } else { value }
            }
        }
    }

    /// Whether the network takes the numbers for on and off.
    pub fn is_binary(&self) -> bool {
        matches!(self.kind, Kind::Binary { .. })
    }

    /// Whether each feature is described by numbers that can be: a file may hold any.
    pub(super) fn describes_each_feature(&self) -> bool {
        let is_finite = |feature: &Feature| {
            let Feature { centre, spread, least, most, mean } = *feature;
            [centre, spread, least, most, mean].iter().all(|number| number.is_finite()) && spread > 0.0
        };
        !self.features.is_empty() && self.features.iter().all(is_finite)
    }

    /// The kind of number that is composed.
    pub fn element(&self) -> Element {
        Element::of_name(&self.element).unwrap_or(Element::F32)
    }

    /// The features that were always the same in training.
    pub fn constants(&self) -> Vec<usize> {
        let constant = |(index, feature): (usize, &Feature)| feature.constant().map(|_| index);
        self.features.iter().enumerate().filter_map(constant).collect()
    }
}

/// A feature of which no number has been seen.
const NOTHING: Feature =
    Feature { centre: 0.0, spread: 1.0, least: f64::INFINITY, most: f64::NEG_INFINITY, mean: 0.0 };

/// What numbers there are, all features together.
struct Spread {
    least: f64,
    most: f64,
    /// Whether there is a number between the two.
    is_between: bool,
    above: f64,
    count_above: u64,
}

impl Spread {
    fn of(array: &Array, places: std::ops::Range<usize>) -> Self {
        let mut found = Self {
            least: f64::INFINITY,
            most: f64::NEG_INFINITY,
            is_between: false,
            above: 0.0,
            count_above: 0,
        };
        array.each(places.clone(), |value| {
            found.least = found.least.min(value);
            found.most = found.most.max(value);
        });
        array.each(places, |value| {
            if value > found.least {
                found.is_between |= value < found.most;
                found.above += value - found.least;
                found.count_above += 1;
            }
        });
        found
    }

    fn kind(&self, values: Values, element: Element) -> Kind {
        let is_binary = match values {
            Values::Auto => !self.is_between,
            Values::Binary => true,
            Values::Real => false,
        };
        if !is_binary {
            return Kind::Real;
        }
        // What is on is written as it usually was.
        let mean = self.least + self.above / self.count_above.max(1) as f64;
        let on = if !self.is_between {
            self.most
        } else if element.is_whole() {
            mean.ceil()
        } else {
            mean
        };
        Kind::Binary { off: self.least, on }
    }
}
