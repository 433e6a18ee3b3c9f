//! How a descriptor is measured, and on what.

use cantus_audio::Loudness;
use cantus_score::Score;

use super::Origin;
use crate::Window;
use crate::sound::{FrameTable, Listener, Setting};

/// How a descriptor is measured.
#[derive(Debug, Clone, Copy)]
pub enum Measure {
    /// One number of a stretch of a score.
    Number(fn(&Window) -> Option<f64>),
    /// Several numbers of a stretch of a score.
    Numbers(Numbers<Window, Option<Vec<f64>>>),
    /// A row of numbers for each beat or bar of a score, as the level says.
    Rows(Numbers<Score, Vec<Vec<f64>>>),
    /// Numbers of each frame of a sound, frame after frame, from the table of one walk over it.
    Frames(Columns),
    /// A number of each frame of a sound that names what sounds there, by its harmony, and of which there is no mean.
    Names(fn(&FrameTable) -> Vec<f32>),
    /// One number of a whole sound, from the same table.
    Sound(fn(&FrameTable) -> Option<f64>),
    /// One number of a whole sound, from what of that table tells its harmony ([`FrameTable::harmony`]).
    Harmony(fn(&FrameTable) -> Option<f64>),
    /// One number of a whole sound, all of its channels at its own rate.
    Loudness(fn(&Loudness) -> Option<f64>),
    /// Numbers of each frame of a sound that take a transform of their own and therefore time: what listens for them; nothing
    /// where the sample rate does not hold what is measured.
    Stream(Numbers<Setting, Option<Box<dyn Listener>>>),
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

/// Columns of the table of a sound's frames.
#[derive(Debug, Clone, Copy)]
pub struct Columns {
    /// What each column is of, in order; nothing where there is one.
    pub parts: &'static [&'static str],
    /// The numbers, frame after frame.
    pub of: fn(&FrameTable) -> &[f32],
}

impl Measure {
    /// What it is measured on.
    pub(super) const fn origin(&self) -> Origin {
        match self {
            Self::Number(_) | Self::Numbers(_) | Self::Rows(_) => Origin::Score,
            Self::Frames(_)
            | Self::Names(_)
            | Self::Sound(_)
            | Self::Harmony(_)
            | Self::Loudness(_)
            | Self::Stream(_) => Origin::Sound,
        }
    }

    /// What its numbers are of; nothing for a single number.
    pub const fn parts(&self) -> &'static [&'static str] {
        match self {
            Self::Number(_) | Self::Names(_) | Self::Sound(_) | Self::Harmony(_) | Self::Loudness(_) => &[],
            Self::Numbers(numbers) => numbers.parts,
            Self::Rows(numbers) => numbers.parts,
            Self::Frames(columns) => columns.parts,
            Self::Stream(numbers) => numbers.parts,
        }
    }
}
