//! What each question of an edited piece may be answered: what is kept answers itself, what is made anew is free within its
//! hole.

use std::collections::BTreeMap;

use cantus_model::encoding::{SliceNote, Sliced, Steps};
use cantus_model::walk::{ClassSet, END, Kind, STOP, Walker, pickup_class};

use super::asked::Asked;
use super::holes::Holes;
use super::task::Keep;
use crate::rules::{Beside, Ensemble, Rule, both, hard, keep_lengths, weighed};

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
    ensemble: Ensemble,
    /// The rules for notes, in the order in which they are applied.
    hard: Vec<Rule>,
    /// Those that are weighed, with what breaking them costs in nats.
    weighed: Vec<(Rule, f32)>,
    /// How many notes stay that sound where one of them begins, drums left out; told where it matters.
    kept_at_once: BTreeMap<Steps, usize>,
    /// When the piece ends, and its last bar begins.
    end: Steps,
    last_bar: Steps,
}

impl Script {
    pub(super) fn new(
        piece: &Sliced,
        holes: Holes,
        asked: &Asked,
        (keep, end, last_bar): (Keep, Steps, Steps),
    ) -> Self {
        let (mut kept, mut gone) = (BTreeMap::<_, Vec<_>>::new(), BTreeMap::<_, Vec<_>>::new());
        for slice in &piece.slices {
            for note in &slice.notes {
                let side = if holes.has(usize::from(note.part), slice.at) { &mut gone } else { &mut kept };
                side.entry(slice.at).or_default().push(*note);
            }
        }
        let Asked { parts, key, scale, restraints, .. } = asked;
        let ensemble = Ensemble::new(parts, (*key, *scale), restraints.most_notes);
        let kept_at_once = match restraints.most_notes {
            Some(_) => at_once(&kept, |part| ensemble.is_pitched(part)),
            None => BTreeMap::new(),
        };
        let mut hard = hard(restraints);
        if scale.is_some() && !hard.contains(&Rule::Scale) {
            hard.push(Rule::Scale);
            hard.sort_unstable();
        }
        Self {
            pickup: piece.pickup,
            kept,
            gone,
            holes,
            keep,
            ensemble,
            hard,
            weighed: weighed(restraints),
            kept_at_once,
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
        if self.hard.contains(&Rule::Rests) {
            let until = self.first_silence(walker);
            let sounds_on = |gap: Steps| fits(gap) && until.is_none_or(|until| now + gap <= until);
            let fewer = keep_lengths(left, walker.kind(), walker.asked_quarters(), sounds_on);
            note(Rule::Rests, left, fewer);
            left = if fewer.is_empty() { left } else { fewer };
        }
        if left.is_empty() { kept() } else { Answer::Free(left) }
    }

    /// When a line would first be silent in a hole, if nothing began before.
    fn first_silence(&self, walker: &Walker) -> Option<Steps> {
        let silence = |(part, hole): (usize, &std::ops::Range<Steps>)| {
            let silent = walker.silent_at(part).unwrap_or(walker.now());
            let from = silent.max(hole.start);
            (self.ensemble.is_line(part) && from < hole.end && from > walker.now()).then_some(from)
        };
        self.holes.iter().filter_map(silence).min()
    }

    /// Whether some part has a hole at a time and is free to begin a note there.
    fn may_begin(&self, walker: &Walker, at: Steps) -> bool {
        (0..self.ensemble.parts()).any(|part| self.holes.has(part, at) && walker.is_free(part, at))
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
                // Who strikes as many notes as before may have to give up what rules leave of them.
                let (mut left, mut reached) = (all, all);
                for &rule in &self.hard {
                    let fewer = self.left_by(rule, walker, (kind, part), reached);
                    note(rule, reached, fewer);
                    if !fewer.is_empty() {
                        reached = fewer;
                        if matches!(rule, Rule::Range | Rule::Scale) {
                            left = both(left, fewer);
                        }
                    }
                }
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
                let until = self.until(part, now);
                let left = keep_lengths(all, kind, walker.asked_quarters(), |length| now + length <= until);
                note(Rule::Length, all, left);
                let in_way =
                    [Rule::Polyphony, Rule::Crossing].into_iter().filter(|rule| self.hard.contains(rule));
                let until =
                    in_way.filter_map(|rule| Some((self.in_its_way(rule, walker, part)?, rule))).min();
                match until {
                    Some((until, rule)) => {
                        let fewer =
                            keep_lengths(left, kind, walker.asked_quarters(), |length| now + length <= until);
                        note(rule, left, fewer);
                        if fewer.is_empty() { left } else { fewer }
                    }
                    None => left,
                }
            }
        };
        match (left.is_empty(), kind) {
            (false, _) => Answer::Free(left),
            (true, Kind::Pitch | Kind::Drum) => Answer::Kept(STOP),
            (true, _) => Answer::Free(all),
        }
    }

    /// What weighed rules are against in a question about a note: each rule, what breaking it costs, and the classes that it leaves.
    pub(super) fn weighed<'a>(
        &'a self,
        walker: &'a Walker,
        all: ClassSet,
    ) -> impl Iterator<Item = (Rule, f32, ClassSet)> + 'a {
        let asked = walker.asked_part().map(|part| (walker.kind(), part));
        let is_note = |(kind, _): &(Kind, usize)| matches!(kind, Kind::Pitch | Kind::Drum);
        let of_note = asked.filter(is_note).into_iter();
        of_note.flat_map(move |asked| {
            self.weighed
                .iter()
                .map(move |(rule, nats)| (*rule, *nats, self.left_by(*rule, walker, asked, all)))
        })
    }

    /// The notes that a rule leaves.
    fn left_by(&self, rule: Rule, walker: &Walker, (kind, part): (Kind, usize), all: ClassSet) -> ClassSet {
        let begun = walker.slices().last().map_or([].as_slice(), |slice| &slice.notes);
        let kept = self.kept.get(&walker.now()).map_or([].as_slice(), Vec::as_slice);
        let is_told =
            |note: &SliceNote| begun.iter().any(|told| (told.part, told.pitch) == (note.part, note.pitch));
        let to_come: Vec<SliceNote> = kept.iter().filter(|note| !is_told(note)).copied().collect();
        self.ensemble.allowed(rule, walker, (kind, part, all), Beside { to_come: &to_come, reserved: 0 })
    }

    /// Until when a note that is made may sound: to the end of its hole, or as long as what went sounded beyond it.
    fn until(&self, part: usize, at: Steps) -> Steps {
        let Some(hole) = self.holes.at(part, at) else { return self.end };
        let own = |notes: &SliceNote| usize::from(notes.part) == part;
        let gone = self.gone.range(hole.clone());
        let ends = gone.flat_map(|(at, notes)| {
            notes.iter().filter(|note| own(note)).map(move |note| at + note.length.steps())
        });
        let next = self.kept.range(hole.end..).find(|(_, notes)| notes.iter().any(own)).map(|(at, _)| *at);
        ends.max().unwrap_or(hole.end).min(next.unwrap_or(self.end)).max(hole.end)
    }

    /// Whether a note that stays breaks a rule that is asked for beside what was made.
    pub(super) fn is_broken_by(&self, class: u32, walker: &Walker) -> bool {
        let (Kind::Pitch, Some(part)) = (walker.kind(), walker.asked_part()) else { return false };
        let beside = [Rule::Crossing, Rule::Fifths, Rule::Octaves, Rule::Repeats];
        let mut one = ClassSet::default();
        one.insert(class);
        let asked = self.hard.iter().filter(|rule| beside.contains(rule));
        class != STOP
            && asked.into_iter().any(|rule| self.left_by(*rule, walker, (Kind::Pitch, part), one).is_empty())
    }

    /// When a note that stays begins beside which the asked one must not sound by a rule.
    fn in_its_way(&self, rule: Rule, walker: &Walker, part: usize) -> Option<Steps> {
        let (now, own) = (walker.now(), walker.asked_pitch()?);
        let until = self.until(part, now);
        let later = now + 1..until.max(now + 1);
        if rule == Rule::Crossing {
            let crosses = |note: &SliceNote| self.ensemble.cross((part, own), (note.part.into(), note.pitch));
            let mut kept = self.kept.range(later);
            return kept.find(|(_, notes)| notes.iter().any(crosses)).map(|(at, _)| *at);
        }
        let most = self.ensemble.most_notes().filter(|_| self.ensemble.is_pitched(part))?;
        let is_full = |at: Steps, kept: usize| kept + self.made_at(walker, at) + 1 > most;
        self.kept_at_once.range(later).find(|(at, kept)| is_full(**at, **kept)).map(|(at, _)| *at)
    }

    /// How many notes that were made sound at a time to come, drums left out.
    fn made_at(&self, walker: &Walker, at: Steps) -> usize {
        let slices = walker.slices().iter().rev().take(SLICES_HEARD);
        let notes = slices.flat_map(|slice| slice.notes.iter().map(move |note| (slice.at, note)));
        let sounds = |(begin, note): &(Steps, &SliceNote)| {
            let part = usize::from(note.part);
            self.holes.has(part, *begin) && self.ensemble.is_pitched(part) && begin + note.length.steps() > at
        };
        notes.filter(sounds).count()
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

/// Slices in which notes begin that may still sound.
const SLICES_HEARD: usize = 256;

/// How many of some notes sound where one of them begins, of parts that count.
fn at_once(
    notes: &BTreeMap<Steps, Vec<SliceNote>>,
    counts: impl Fn(usize) -> bool,
) -> BTreeMap<Steps, usize> {
    let mut sounding: Vec<Steps> = Vec::new();
    let mut all = BTreeMap::new();
    for (at, begun) in notes {
        sounding.retain(|end| end > at);
        let begun = begun.iter().filter(|note| counts(note.part.into()));
        sounding.extend(begun.map(|note| at + note.length.steps()));
        all.insert(*at, sounding.len());
    }
    all
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
