//! The key of the music just heard: pitch classes that fade with time, and the key nearest to them.

use cantus_features::key;
use cantus_nn::math::power;
use cantus_score::{Key, PitchClass};

use crate::encoding::Steps;

/// The factor by which a sound fades in one grid step: to 1/e in 384 steps (four bars of 4/4).
const FADE: f64 = 0.997_399_221_2;

/// Pitch classes by how long and how lately they sounded.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tonality {
    sounded: [f64; 12],
}

impl Tonality {
    /// Lets time pass while pitch classes sound, each so many steps of it.
    pub(crate) fn pass(&mut self, time: Steps, sounding: impl Iterator<Item = (PitchClass, Steps)>) {
        let fade = power(FADE, u64::from(time));
        for sounded in &mut self.sounded {
            *sounded *= fade;
        }
        for (class, steps) in sounding {
            self.sounded[class.get() as usize] += f64::from(steps);
        }
    }

    /// The key nearest to what sounded, or nothing before the first note.
    pub(crate) fn key(&self) -> Option<Key> {
        let anything = self.sounded.iter().sum::<f64>() > 0.0;
        anything.then(|| key::estimate(&self.sounded).key)
    }
}
