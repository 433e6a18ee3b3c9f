//! The key of the music just heard: pitch classes that fade with time, and the key nearest to them.

use cantus_features::key;
use cantus_nn::math::power;
use cantus_score::{Key, Mode, PitchClass};

use crate::encoding::Steps;

/// The factor by which a sound fades in one grid step: to 1/e in 384 steps (four bars of 4/4).
const FADE: f64 = 0.997_399_221_2;

/// Pitch classes by how long and how lately they sounded.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tonality {
    sounded: [f64; 12],
}

/// How long the scale of a key that is asked for counts as heard, in grid steps a degree: the tonic thrice, fifth and third twice.
const OF_KEY: f64 = 24.0;

impl Tonality {
    /// As if a key had been heard for some bars.
    pub(crate) fn of_key(key: Key) -> Self {
        let tonic = usize::from(key.tonic().get());
        let third = if key.mode() == Mode::Minor { 3 } else { 4 };
        let weight = |class: usize| match (class + 12 - tonic) % 12 {
            0 => 3.0,
            7 => 2.0,
            above if above == third => 2.0,
            _ if key.contains(PitchClass::saturating(class as i64)) => 1.0,
            _ => 0.0,
        };
        Self { sounded: std::array::from_fn(|class| OF_KEY * weight(class)) }
    }

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_is_asked_for_is_heard() {
        for fifths in -6..=6 {
            for mode in [Mode::Major, Mode::Minor] {
                let key = Key::new(fifths, mode).unwrap();
                let heard = Tonality::of_key(key).key().unwrap();
                assert_eq!((heard.tonic(), heard.mode()), (key.tonic(), key.mode()), "{key}");
            }
        }
    }
}
