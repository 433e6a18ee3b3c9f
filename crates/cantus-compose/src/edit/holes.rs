//! Where notes are to be made anew.

use std::ops::Range;

use cantus_model::encoding::Steps;

/// A stretch of a part, in grid steps, in which its notes are made anew: those that begin there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hole {
    /// The part's number.
    pub part: usize,
    /// From its first step until the step after its last.
    pub steps: Range<Steps>,
}

/// All holes of a piece.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Holes {
    /// Of each part, in order, none touching the next.
    parts: Vec<Vec<Range<Steps>>>,
}

impl Holes {
    /// Joins holes that touch; empty ones count for nothing.
    pub fn new(parts: usize, holes: impl IntoIterator<Item = Hole>) -> Self {
        let mut all = Self { parts: vec![Vec::new(); parts] };
        let mut holes: Vec<Hole> = holes.into_iter().filter(|hole| !hole.steps.is_empty()).collect();
        holes.sort_by_key(|hole| (hole.part, hole.steps.start));
        for Hole { part, steps } in holes {
            let Some(own) = all.parts.get_mut(part) else { continue };
            match own.last_mut() {
                Some(last) if last.end >= steps.start => last.end = last.end.max(steps.end),
                _ => own.push(steps),
            }
        }
        all
    }

    /// Whether nothing is to be made.
    pub fn are_none(&self) -> bool {
        self.parts.iter().all(Vec::is_empty)
    }

    /// The hole of a part that a time lies in.
    pub fn at(&self, part: usize, at: Steps) -> Option<&Range<Steps>> {
        self.parts.get(part)?.iter().find(|hole| hole.contains(&at))
    }

    /// Whether a note that begins at a time in a part is to be made anew.
    pub fn has(&self, part: usize, at: Steps) -> bool {
        self.at(part, at).is_some()
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = (usize, &Range<Steps>)> {
        self.parts.iter().enumerate().flat_map(|(part, holes)| holes.iter().map(move |hole| (part, hole)))
    }

    /// When the last ends.
    pub fn end(&self) -> Steps {
        self.iter().map(|(_, hole)| hole.end).max().unwrap_or(0)
    }

    /// The first time from `at` on that lies in a hole.
    pub fn next(&self, at: Steps) -> Option<Steps> {
        self.iter().filter(|(_, hole)| hole.end > at).map(|(_, hole)| hole.start.max(at)).min()
    }

    /// When the last hole ended that lies before a time, whole or in part.
    pub fn last_end(&self, at: Steps) -> Option<Steps> {
        self.iter().filter(|(_, hole)| hole.start < at).map(|(_, hole)| hole.end.min(at)).max()
    }
}
