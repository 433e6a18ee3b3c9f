//! What is to be made anew in a piece, and how.

use cantus_model::encoding::{Sliced, Steps};
use cantus_model::styles::StylePart;
use cantus_score::Key;

use super::holes::Holes;
use crate::breath::breathe;
use crate::chooser::Sampler;
use crate::restraint::{Restraint, Restraints};
use crate::steer::Steer;
use crate::trace::Trace;
use crate::wishes::Wishes;

/// What of the notes that go is kept by those that are made in their place.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Keep {
    /// Nothing but what the music around them says.
    #[default]
    Nothing,
    /// When notes begin, how long they are and how many sound together.
    Rhythm,
    /// Whether the line rises, falls or stays.
    Contour,
    /// The chords that are heard in them, as far as the network follows chords.
    Chords,
}

/// A piece with holes, which are to be filled.
#[derive(Debug, Clone)]
pub struct Task {
    /// What is there. Parts that are to be made have no notes.
    pub piece: Sliced,
    /// Its parts with the ranges in which notes are made.
    pub parts: Vec<StylePart>,
    /// Where notes are made.
    pub holes: Holes,
    /// When the piece ends, in grid steps.
    pub end: Steps,
    /// What is kept of the notes that go.
    pub keep: Keep,
    /// Whether what is made is to be like what goes; a network that hears what is around it knows no other way.
    pub is_variation: bool,
    /// How notes are made.
    pub how: How,
}

impl Task {
    /// Lets who sings or blows what was made breathe, unless the rhythm is kept or rests are forbidden.
    pub(crate) fn breathe(&self, piece: &mut Sliced, trace: Option<&mut Trace>) {
        let must_sound = self.how.restraints.forbidden.contains(&Restraint::Rests);
        if self.keep != Keep::Rhythm && !must_sound {
            breathe(piece, &self.parts, |part, at| self.holes.has(part, at), trace);
        }
    }
}

/// How notes are made.
#[derive(Debug, Clone)]
pub struct How {
    /// The number of the style in which notes are made; without one the music itself says how it goes on.
    pub style: Option<u32>,
    /// The key whose scale alone is allowed.
    pub scale: Option<Key>,
    /// Controls and chords of the bars in which notes are made, with how strongly they are followed ([`Steer`]).
    pub wishes: Wishes,
    /// Rules for the notes that are made ([`Steer`]).
    pub restraints: Restraints,
    /// Whether every decision is recorded.
    pub is_traced: bool,
    /// How choices are drawn.
    pub sampler: Sampler,
    /// Where every random choice begins.
    pub seed: u64,
    /// How many drafts are written side by side; what follows a hole, and what is kept beside it, chooses among them. At least 1.
    pub drafts: u32,
}

impl How {
    /// As the music itself goes on, from a seed.
    pub fn new(seed: u64) -> Self {
        let (wishes, restraints) = Default::default();
        let (sampler, drafts) = (Sampler::DEFAULT, DRAFTS);
        Self { style: None, scale: None, wishes, restraints, is_traced: false, sampler, seed, drafts }
    }
}

impl Steer for How {
    fn asked(&mut self) -> (&mut Wishes, &mut Restraints) {
        (&mut self.wishes, &mut self.restraints)
    }
}

/// Drafts that are written side by side, where nothing else is said.
const DRAFTS: u32 = 8;
