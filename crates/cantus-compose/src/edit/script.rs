//! What each question of an edited piece may be answered: what is kept answers itself, what is made anew is free within its
//! hole.

use std::collections::BTreeMap;

use cantus_model::encoding::{SliceNote, Sliced, Steps};
use cantus_model::styles::StylePart;
use cantus_model::walk::{ClassSet, END, Kind, STOP, Walker, pickup_class};
use cantus_score::Key;

use super::holes::Holes;
use super::task::Keep;
use crate::player::Player;
use crate::rules::{Rule, both, keep_lengths, notes, within_reach};

/// What may be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    /// This alone, whatever is likely.
    Kept(u32),
    /// One of these; never empty.
    Free(ClassSet),
}

/// A piece with holes.
#[derive(Debug, Clone)]
pub(super) struct Script {
    pickup: Steps,
    /// The notes that stay, by their time.
    kept: BTreeMap<Steps, Vec<SliceNote>>,
    /// The notes that go, by their time: what is made may have to be like them.
    gone: BTreeMap<Steps, Vec<SliceNote>>,
    pub(super) holes: Holes,
    keep: Keep,
    /// By part, who plays it.
    players: Vec<Player>,
    /// By part, the notes of its range and a stop.
    ranges: Vec<ClassSet>,
    scale: Option<ClassSet>,
    /// When the piece ends, and its last bar begins.
    end: Steps,
    last_bar: Steps,
}

impl Script {
    pub(super) fn new(
        piece: &Sliced,
        holes: Holes,
        (parts, scale): (&[StylePart], Option<Key>),
        (keep, end, last_bar): (Keep, Steps, Steps),
    ) -> Self {
        let (mut kept, mut gone) = (BTreeMap::<_, Vec<_>>::new(), BTreeMap::<_, Vec<_>>::new());
        for slice in &piece.slices {
            for note in &slice.notes {
                let side = if holes.has(usize::from(note.part), slice.at) { &mut gone } else { &mut kept };
                side.entry(slice.at).or_default().push(*note);
            }
        }
        let range = |part: &StylePart| notes(|pitch| (part.low..=part.high).contains(&pitch.get()));
        Self {
            pickup: piece.pickup,
            kept,
            gone,
            holes,
            keep,
            players: parts.iter().map(|part| Player::of(&part.part)).collect(),
            ranges: parts.iter().map(range).collect(),
            scale: scale.map(|key| notes(|pitch| key.contains(pitch.class()))),
            end,
            last_bar,
        }
    }

    /// What the next question may be answered. `question` is asked of what is free alone; `note` is told what each rule leaves of what.
    pub(super) fn answer(
        &self,
        walker: &Walker,
        question: impl FnOnce() -> ClassSet,
        note: impl FnMut(Rule, ClassSet, ClassSet),
    ) -> Answer {
        match (walker.kind(), walker.asked_part()) {
            (Kind::Pickup, _) => Answer::Kept(pickup_class(self.pickup)),
            (_, None) => self.gap(walker, question, note),
            (_, Some(part)) if !self.holes.has(part, walker.now()) => {
                let kept = self.kept.get(&walker.now()).map_or([].as_slice(), Vec::as_slice);
                Answer::Kept(walker.answer_with(kept, None))
            }
            (kind, Some(part)) => self.note(walker, (kind, part), question, note),
        }
    }

    /// What stays or, where rhythm is kept, begins next.
    fn next_onset(&self, now: Steps) -> Option<Steps> {
        let after = (std::ops::Bound::Excluded(now), std::ops::Bound::Unbounded);
        let kept = self.kept.range(after).next().map(|(at, _)| *at);
        let gone = self.gone.range(after).next().map(|(at, _)| *at).filter(|_| self.keep == Keep::Rhythm);
        kept.into_iter().chain(gone).min()
    }

    fn gap(
        &self,
        walker: &Walker,
        question: impl FnOnce() -> ClassSet,
        mut note: impl FnMut(Rule, ClassSet, ClassSet),
    ) -> Answer {
        let now = walker.now();
        let next = self.next_onset(now);
        let kept = || Answer::Kept(walker.answer_with(&[], next));
        let hole = self.holes.next(now + 1).filter(|_| self.keep != Keep::Rhythm);
        let Some(hole) = hole.filter(|hole| next.is_none_or(|next| *hole < next)) else { return kept() };
        let fits = |gap: Steps| {
            let at = now + gap;
            Some(at) == next || (hole..next.unwrap_or(self.end)).contains(&at) && self.may_begin(walker, at)
        };
        let all = question();
        let mut left = keep_lengths(all, walker.kind(), walker.asked_quarters(), fits);
        if walker.kind() == Kind::Gap && (next.is_some() || now < self.last_bar) {
            left.remove(END);
        }
        note(Rule::Rhythm, all, left);
        if left.is_empty() { kept() } else { Answer::Free(left) }
    }

    /// Whether some part has a hole at a time and is free to begin a note there.
    fn may_begin(&self, walker: &Walker, at: Steps) -> bool {
        (0..self.ranges.len()).any(|part| self.holes.has(part, at) && walker.is_free(part, at))
    }

    fn note(
        &self,
        walker: &Walker,
        (kind, part): (Kind, usize),
        question: impl FnOnce() -> ClassSet,
        mut note: impl FnMut(Rule, ClassSet, ClassSet),
    ) -> Answer {
        let now = walker.now();
        let gone = || self.gone.get(&now).into_iter().flatten().filter(|note| usize::from(note.part) == part);
        let made = || {
            let slice = walker.slices().last().map_or([].as_slice(), |slice| &slice.notes);
            slice.iter().filter(|note| usize::from(note.part) == part).count()
        };
        let all = question();
        let left = match kind {
            Kind::Pitch | Kind::Drum => {
                let mut left = both(all, self.ranges[part]);
                note(Rule::Range, all, left);
                if let Some(scale) = self.scale.filter(|_| kind == Kind::Pitch) {
                    note(Rule::Scale, left, both(left, scale));
                    left = both(left, scale);
                }
                let reached = within_reach(left, walker, part, self.players[part]);
                note(Rule::Playable, left, reached);
                match self.keep {
                    Keep::Rhythm if made() >= gone().count() => return Answer::Kept(STOP),
                    Keep::Rhythm => {
                        // As many notes are made as go: where too few are in reach, some are out of it.
                        let missing = gone().count() - made() - 1;
                        let room = with_room_below(reached, missing);
                        if room.is_empty() { with_room_below(left, missing) } else { room }
                    }
                    Keep::Contour => self.like(reached, walker, (part, made())),
                    Keep::Nothing | Keep::Chords => reached,
                }
            }
            Kind::Velocity => all,
            _ if self.keep == Keep::Rhythm => {
                // The notes that are made take the lengths of those that go, from high to low.
                let length = gone().nth(made()).map(|note| note.length);
                let is_same = |steps: Steps| length.is_some_and(|length| length.steps() == steps);
                keep_lengths(all, kind, walker.asked_quarters(), is_same)
            }
            _ => {
                let until = self.holes.at(part, now).map_or(self.end, |hole| hole.end);
                let left = keep_lengths(all, kind, walker.asked_quarters(), |length| now + length <= until);
                note(Rule::Length, all, left);
                left
            }
        };
        match (left.is_empty(), kind) {
            (false, _) => Answer::Free(left),
            (true, Kind::Pitch | Kind::Drum) => Answer::Kept(STOP),
            (true, _) => Answer::Free(all),
        }
    }

    /// Keeps the pitches that go the way that the gone note went from the one before it.
    fn like(&self, all: ClassSet, walker: &Walker, (part, made): (usize, usize)) -> ClassSet {
        let of_part = |notes: &[SliceNote]| {
            let own = notes.iter().filter(|note| usize::from(note.part) == part);
            own.map(|note| note.pitch).max()
        };
        let now = walker.now();
        let Some(here) = self.gone.get(&now).and_then(|notes| of_part(notes)) else { return all };
        let before = |notes: &BTreeMap<Steps, Vec<SliceNote>>| {
            notes.range(..now).rev().find_map(|(at, notes)| Some((*at, of_part(notes)?)))
        };
        let before = before(&self.gone).max(before(&self.kept));
        let (Some((_, before)), Some(last), 0) = (before, walker.last_pitch(part), made) else { return all };
        let mut left = all;
        for pitch in 0..128_u8 {
            if pitch.cmp(&last.get()) != here.cmp(&before) {
                left.remove(u32::from(pitch) + 1);
            }
        }
        // A stop is no way to follow a contour, unless nothing else is left.
        left.remove(STOP);
        if left.is_empty() { all } else { left }
    }
}

/// The pitches of a set below which it has so many others: the notes of a chord are asked for from high to low.
fn with_room_below(all: ClassSet, notes: usize) -> ClassSet {
    let mut left = all;
    left.remove(STOP);
    let lowest = (1..Kind::Pitch.classes() as u32).filter(|class| left.contains(*class)).take(notes);
    for class in lowest.collect::<Vec<_>>() {
        left.remove(class);
    }
    left
}
