//! How a descriptor is measured, and on what.

use cantus_score::Score;

use super::Origin;
use crate::Window;

/// How a descriptor is measured.
#[derive(Debug, Clone, Copy)]
pub enum Measure {
    /// One number of a stretch of a score.
    Number(fn(&Window) -> Option<f64>),
    /// Several numbers of a stretch of a score.
    Numbers(Numbers<Window, Option<Vec<f64>>>),
    /// A row of numbers for each beat or bar of a score, as the level says.
    Rows(Numbers<Score, Vec<Vec<f64>>>),
}

/// A measure of several numbers.
#[derive(Debug)]
pub struct Numbers<Music: 'static, Found: 'static> {
    /// What each number is of, in order: the names of the columns.
    pub parts: &'static [&'static str],
    /// The numbers, as many as there are parts.
    pub of: fn(&Music) -> Found,
}

impl<Music, Found> Clone for Numbers<Music, Found> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<Music, Found> Copy for Numbers<Music, Found> {}

impl Measure {
    /// What it is measured on.
    pub(super) const fn origin(&self) -> Origin {
        match self {
            Self::Number(_) | Self::Numbers(_) | Self::Rows(_) => Origin::Score,
        }
    }

    /// What its numbers are of; nothing for a single number.
    pub const fn parts(&self) -> &'static [&'static str] {
        match self {
            Self::Number(_) => &[],
            Self::Numbers(numbers) => numbers.parts,
            Self::Rows(numbers) => numbers.parts,
        }
    }
}
