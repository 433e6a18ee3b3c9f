//! The rules about what a part may play beside others: they hold in a piece that is written and in one that is worked on.

use cantus_model::encoding::SliceNote;
use cantus_model::styles::StylePart;
use cantus_model::walk::{ClassSet, Kind, STOP, Walker};
use cantus_score::{Key, Pitch};

use super::{FIFTH, OCTAVE, Rule, are_parallel, both, lines, notes};
use crate::player::Player;

/// What is written so far, as the rules see it.
pub(crate) trait Page {
    /// The pitches of a part that sound now, those that begin now among them.
    fn sounding(&self, part: usize) -> impl Iterator<Item = Pitch>;
    /// The pitches of a part that begin now.
    fn begun(&self, part: usize) -> impl Iterator<Item = Pitch>;
    /// The last pitch that a part began.
    fn last_pitch(&self, part: usize) -> Option<Pitch>;
    /// The steps that parts of one note at a time have taken now, but for one part's own: from which pitch to which.
    fn steps_beside(&self, own: usize) -> impl Iterator<Item = (Pitch, Pitch)>;
}

impl Page for Walker<'_> {
    fn sounding(&self, part: usize) -> impl Iterator<Item = Pitch> {
        self.sounding(part)
    }

    fn begun(&self, part: usize) -> impl Iterator<Item = Pitch> {
        let slice = self.slices().last().map_or([].as_slice(), |slice| &slice.notes);
        slice.iter().filter(move |note| usize::from(note.part) == part).map(|note| note.pitch)
    }

    fn last_pitch(&self, part: usize) -> Option<Pitch> {
        self.last_pitch(part)
    }

    fn steps_beside(&self, own: usize) -> impl Iterator<Item = (Pitch, Pitch)> {
        self.steps_beside(own)
    }
}

/// Who plays together.
#[derive(Debug, Clone)]
pub(crate) struct Ensemble {
    /// By part, the notes that its range allows, and the part's stop.
    ranges: Vec<ClassSet>,
    /// The notes of the scale, and a part's stop.
    scale: Option<ClassSet>,
    /// By part, who plays it.
    players: Vec<Player>,
    /// Most notes at once.
    most_notes: Option<usize>,
    /// By part of one note at a time, its place from the highest; nothing for others.
    lines: Vec<Option<usize>>,
}

/// What else sounds at a moment, besides what a walker knows.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Beside<'a> {
    /// Notes of other parts that are sure to begin now and have not been told yet.
    pub(crate) to_come: &'a [SliceNote],
    /// Notes for which there must be room.
    pub(crate) reserved: usize,
}

impl Ensemble {
    /// Parts with the key of their scale, and the key whose scale alone is allowed.
    pub(crate) fn new(
        parts: &[StylePart],
        (key, scale): (Option<Key>, Option<Key>),
        most_notes: Option<u8>,
    ) -> Self {
        let range = |part: &StylePart| notes(|pitch| (part.low..=part.high).contains(&pitch.get()));
        Self {
            ranges: parts.iter().map(range).collect(),
            scale: key.map(|key| notes(|pitch| key.contains(pitch.class()))),
            players: parts.iter().map(|part| Player::of(&part.part)).collect(),
            most_notes: most_notes.map(usize::from),
            lines: lines(parts, scale),
        }
    }

    /// How many parts there are.
    pub(crate) fn parts(&self) -> usize {
        self.players.len()
    }

    /// Whether a part plays one note at a time.
    pub(crate) fn is_line(&self, part: usize) -> bool {
        self.lines.get(part).is_some_and(Option::is_some)
    }

    /// Whether a part is not drums.
    pub(crate) fn is_pitched(&self, part: usize) -> bool {
        self.players[part] != Player::Kit
    }

    /// Most notes at once.
    pub(crate) fn most_notes(&self) -> Option<usize> {
        self.most_notes
    }

    /// The notes of a question about a part that a rule leaves.
    pub(crate) fn allowed(
        &self,
        rule: Rule,
        page: &impl Page,
        (kind, part, all): (Kind, usize, ClassSet),
        beside: Beside,
    ) -> ClassSet {
        match (rule, kind) {
            (Rule::Range, _) => both(all, self.ranges[part]),
            (Rule::Playable, _) => self.in_reach(all, page, part),
            (_, Kind::Drum) => all,
            (Rule::Scale, _) => self.scale.map_or(all, |scale| both(all, scale)),
            (Rule::Polyphony, _) => self.few_enough(all, page, beside),
            _ if !self.is_line(part) => all,
            (Rule::Fifths, _) => self.without_parallels(all, page, (part, FIFTH), beside),
            (Rule::Octaves, _) => self.without_parallels(all, page, (part, OCTAVE), beside),
            (Rule::Crossing, _) => self.in_its_place(all, page, part, beside),
            (Rule::Rests, _) => without(all, Some(STOP)),
            (Rule::Repeats, _) => without(all, page.last_pitch(part).map(class_of)),
            _ => all,
        }
    }

    /// Whether two lines would cross that sound together.
    pub(crate) fn cross(&self, (part, pitch): (usize, Pitch), (other, beside): (usize, Pitch)) -> bool {
        match (self.lines.get(part).copied().flatten(), self.lines.get(other).copied().flatten()) {
            (Some(own), Some(place)) if place < own => beside < pitch,
            (Some(own), Some(place)) if place > own => beside > pitch,
            _ => false,
        }
    }

    /// What can be played together with what the part plays already.
    fn in_reach(&self, all: ClassSet, page: &impl Page, part: usize) -> ClassSet {
        let player = self.players[part];
        let mut played: Vec<Pitch> =
            if player.holds() { page.sounding(part).collect() } else { page.begun(part).collect() };
        if played.is_empty() {
            return all;
        }
        let mut set = all;
        for pitch in pitches().filter(|pitch| all.contains(class_of(*pitch))) {
            played.push(pitch);
            if !player.can_play(&played) {
                set.remove(class_of(pitch));
            }
            played.pop();
        }
        set
    }

    /// A part begins a note only where there is room beside those that sound, those that are to come, and those for which room is kept.
    fn few_enough(&self, all: ClassSet, page: &impl Page, beside: Beside) -> ClassSet {
        let Some(most) = self.most_notes else { return all };
        let parts = (0..self.parts()).filter(|part| self.is_pitched(*part));
        let sounding: usize = parts.map(|part| page.sounding(part).count()).sum();
        let to_come = beside.to_come.iter().filter(|note| self.is_pitched(usize::from(note.part))).count();
        if sounding + to_come + beside.reserved < most {
            return all;
        }
        let mut stop = ClassSet::default();
        stop.insert(STOP);
        stop
    }

    /// A line moves nowhere in parallel to a line that has moved already, or is to move.
    fn without_parallels(
        &self,
        all: ClassSet,
        page: &impl Page,
        (part, interval): (usize, u8),
        beside: Beside,
    ) -> ClassSet {
        let mut set = all;
        let Some(from) = page.last_pitch(part) else { return set };
        let to_come = beside.to_come.iter().filter(|note| self.is_line(usize::from(note.part)));
        let to_come = to_come.filter_map(|note| Some((page.last_pitch(note.part.into())?, note.pitch)));
        for other in page.steps_beside(part).chain(to_come) {
            for to in pitches().filter(|to| are_parallel((from, *to), other, interval)) {
                set.remove(class_of(to));
            }
        }
        set
    }

    /// A line stays between those that lie higher and those that lie lower.
    fn in_its_place(&self, all: ClassSet, page: &impl Page, part: usize, beside: Beside) -> ClassSet {
        let sounding =
            (0..self.parts()).flat_map(|other| page.sounding(other).map(move |pitch| (other, pitch)));
        let to_come = beside.to_come.iter().map(|note| (usize::from(note.part), note.pitch));
        let mut set = all;
        for other in sounding.chain(to_come) {
            for pitch in pitches().filter(|pitch| self.cross((part, *pitch), other)) {
                set.remove(class_of(pitch));
            }
        }
        set
    }
}

fn pitches() -> impl Iterator<Item = Pitch> {
    (0..128).map(Pitch::saturating)
}

fn class_of(pitch: Pitch) -> u32 {
    u32::from(pitch.get()) + 1
}

fn without(all: ClassSet, class: Option<u32>) -> ClassSet {
    let mut set = all;
    if let Some(class) = class {
        set.remove(class);
    }
    set
}
