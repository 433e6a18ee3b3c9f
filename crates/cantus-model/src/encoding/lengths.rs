//! The vocabulary of lengths: note lengths and times between onsets as classes.
//!
//! Lengths that music uses often have a class of their own; every other length up to [`Length::MAX`] is
//! spelled as an escape, a count of quarters and a count of grid steps.

use std::sync::LazyLock;

/// Grid steps of a quarter note: triplets, sixteenths and thirty-seconds fall on it.
pub const STEPS_PER_QUARTER: u32 = 24;

/// Quarters that an escaped length can count.
pub const MAX_QUARTERS: u32 = 64;

/// A positive length in grid steps, short enough to be spelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Length(u16);

impl Length {
    /// The longest length that can be spelled: a grid step less than 64 quarters.
    pub const MAX: Self = Self((MAX_QUARTERS * STEPS_PER_QUARTER - 1) as u16);

    /// The length nearest to a number of grid steps, at least one.
    pub const fn saturating(steps: u32) -> Self {
        if steps == 0 {
            Self(1)
        } else if steps > Self::MAX.0 as u32 {
            Self::MAX
        } else {
            Self(steps as u16)
        }
    }

    /// The length in grid steps.
    pub const fn steps(self) -> u32 {
        self.0 as u32
    }

    /// The length's class, which is [`ESCAPE`] for rare ones.
    pub fn class(self) -> u32 {
        VOCABULARY.class_of[self.0 as usize]
    }

    /// The length of a class, unless that is the escape.
    pub fn of_class(class: u32) -> Option<Self> {
        VOCABULARY.common.get(class as usize).map(|&steps| Self(steps))
    }

    /// Whole quarters in the length and the steps left over, as an escape spells them.
    pub const fn spelled(self) -> (u32, u32) {
        (self.steps() / STEPS_PER_QUARTER, self.steps() % STEPS_PER_QUARTER)
    }
}

/// The class that stands for every rare length; also the number of common lengths.
pub const ESCAPE: u32 = 70;

/// Classes of lengths, the escape included.
pub const LENGTH_CLASSES: usize = ESCAPE as usize + 1;

struct Vocabulary {
    /// Common lengths in rising order.
    common: Vec<u16>,
    /// Class by length in steps.
    class_of: Vec<u32>,
}

static VOCABULARY: LazyLock<Vocabulary> = LazyLock::new(|| {
    let common: Vec<u16> = (1..=Length::MAX.0).filter(|&steps| is_common(steps)).collect();
    let mut class_of = vec![ESCAPE; Length::MAX.0 as usize + 1];
    for (class, &steps) in common.iter().enumerate() {
        class_of[steps as usize] = class as u32;
    }
    Vocabulary { common, class_of }
});

/// Every step up to a quarter, thirty-seconds up to a half, triplet eighths up to a whole,
/// sixteenths up to two wholes and quarters up to four.
const fn is_common(steps: u16) -> bool {
    steps <= 24
        || (steps <= 48 && steps.is_multiple_of(3))
        || (steps <= 96 && steps.is_multiple_of(8))
        || (steps <= 192 && steps.is_multiple_of(6))
        || (steps <= 384 && steps.is_multiple_of(24))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_length_is_told_by_its_class_or_its_spelling() {
        assert_eq!(VOCABULARY.common.len(), ESCAPE as usize);
        for steps in 1..=Length::MAX.steps() {
            let length = Length::saturating(steps);
            let (quarters, rest) = length.spelled();
            assert_eq!(quarters * STEPS_PER_QUARTER + rest, steps);
            match Length::of_class(length.class()) {
                Some(common) => assert_eq!(common, length),
                None => assert_eq!(length.class(), ESCAPE),
            }
        }
    }
}
