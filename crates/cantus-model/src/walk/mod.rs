//! The walk through a piece: one question after another, each with everything the network may know of it.
//!
//! A [`Walker`] holds the music so far and asks what comes next: the pickup, then, slice by slice, for each part
//! the notes that begin there (pitch, length, where known velocity) until the part stops, then the time to the
//! next slice or the end. Training answers with the piece that is learnt, composing with what a chooser takes;
//! both see the same features, so there is one description of them.

mod controls;
mod gap;
mod length;
mod pitch;
mod pointers;
mod question;
mod simple;
mod spec;
mod suffix;
pub(crate) mod table;
mod tonality;
mod trunk;

#[cfg(test)]
pub(crate) mod tests;

use cantus_features::control::Chord;
use cantus_score::{Key, Meter, Pitch};

pub(crate) use crate::controls::{Levels, bars_before};
use crate::encoding::{
    ESCAPE, LENGTH_CLASSES, Length, MeterSpan, Part, STEPS_PER_QUARTER, Slice, SliceNote, Sliced, Steps,
    part_order,
};
use pointers::{POINTERS, Pointer, Pointers};
pub use question::{ClassSet, Conditions, Question, Setup};
pub use spec::{Kind, Spec};
pub(crate) use suffix::SuffixMatcher;
pub(crate) use table::Group;
pub(crate) use tonality::Tonality;

/// The class that ends a piece in a question for the time to the next slice.
pub const END: u32 = LENGTH_CLASSES as u32;
/// The class that stands for no pickup.
pub const NO_PICKUP: u32 = LENGTH_CLASSES as u32;
/// The class with which a part stops in a slice; pitch `p` is class `p + 1`.
pub const STOP: u32 = 0;

/// Nothing is asked of a bar.
const NOTHING_ASKED: Levels = [None; cantus_features::control::Control::COUNT];

/// A part as it stands.
#[derive(Debug, Clone, Default)]
struct Voice {
    /// Notes that still sound, and when they end.
    sounding: Vec<(Pitch, Steps)>,
    /// The last pitch begun, the highest of its slice.
    last: Option<Pitch>,
    /// The pitch before that one.
    before: Option<Pitch>,
    last_onset: Option<Steps>,
    last_length: Option<Length>,
    length_before: Option<Length>,
    level: Option<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Pickup,
    /// The part at a place of the order may begin a note below the ceiling.
    Note {
        place: usize,
        ceiling: Option<Pitch>,
    },
    Length {
        place: usize,
        pitch: Pitch,
    },
    LengthCoarse {
        place: usize,
        pitch: Pitch,
    },
    LengthFine {
        place: usize,
        pitch: Pitch,
        quarters: u32,
    },
    Velocity {
        place: usize,
        pitch: Pitch,
        length: Length,
    },
    Gap,
    GapCoarse,
    GapFine {
        quarters: u32,
    },
    Done,
}

/// A piece being written, and the question that comes next.
#[derive(Debug, Clone)]
pub struct Walker<'a> {
    spec: &'a Spec,
    setup: Setup,
    order: Vec<u8>,
    /// Place of each part in the order.
    slots: Vec<u32>,
    /// Whole bars before each metre.
    bars_before: Vec<u32>,
    stage: Stage,
    pickup: Steps,
    now: Steps,
    last_gap: Option<Steps>,
    /// All slices; the last is being written.
    slices: Vec<Slice>,
    voices: Vec<Voice>,
    tonality: Tonality,
    /// The key of the music before this slice.
    key: Option<Key>,
    past: Pointers,
    pointers: [Pointer; POINTERS],
    /// Whether each pointer foretold everything in this slice so far.
    agreed: [bool; POINTERS],
    /// Whether the trunk has still to read this slice.
    fresh: bool,
}

impl<'a> Walker<'a> {
    /// Stands before the first question.
    pub fn new(spec: &'a Spec, setup: Setup) -> Self {
        let order = part_order(setup.parts.len());
        let mut slots = vec![0; order.len()];
        for (place, &part) in order.iter().enumerate() {
            slots[part as usize] = place as u32;
        }
        let voices = vec![Voice::default(); setup.parts.len()];
        Self {
            spec,
            bars_before: bars_before(&setup.meters),
            setup,
            order,
            slots,
            stage: Stage::Pickup,
            pickup: 0,
            now: 0,
            last_gap: None,
            slices: Vec::new(),
            voices,
            tonality: Tonality::default(),
            key: None,
            past: Pointers::default(),
            pointers: [Pointer::default(); POINTERS],
            agreed: [true; POINTERS],
            fresh: false,
        }
    }

    /// Whether the piece has ended.
    pub fn is_done(&self) -> bool {
        self.stage == Stage::Done
    }

    /// Whether a new slice has begun that the trunk has not read; asking takes note of it.
    pub fn take_fresh(&mut self) -> bool {
        std::mem::take(&mut self.fresh)
    }

    /// The time of the slice that is being written.
    pub fn now(&self) -> Steps {
        self.now
    }

    /// The length of the incomplete first bar.
    pub fn pickup(&self) -> Steps {
        self.pickup
    }

    /// What was settled before the first note.
    pub fn setup(&self) -> &Setup {
        &self.setup
    }

    /// The slices so far, the last perhaps unfinished.
    pub fn slices(&self) -> &[Slice] {
        &self.slices
    }

    /// Whole quarters already told of an escaped length.
    pub fn asked_quarters(&self) -> u32 {
        match self.stage {
            Stage::LengthFine { quarters, .. } | Stage::GapFine { quarters } => quarters,
            _ => 0,
        }
    }

    /// Whether the question is about the time to the next slice (its escapes included).
    pub fn asks_gap(&self) -> bool {
        matches!(self.stage, Stage::Gap | Stage::GapCoarse | Stage::GapFine { .. })
    }

    /// The notes of the pieces so far as a piece of its own.
    pub fn into_piece(self) -> Sliced {
        let pickup = self.pickup;
        Sliced {
            title: String::new(),
            tempo: None,
            key: self.setup.conditions.key,
            parts: self.setup.parts,
            pickup,
            meters: self
                .setup
                .meters
                .iter()
                .map(|span| MeterSpan { from: span.from + pickup, ..*span })
                .collect(),
            slices: self.slices,
        }
    }

    /// The rows of the trunk's table for the slice that begins now.
    pub fn trunk_items(&self, items: &mut Vec<u32>) {
        items.clear();
        trunk::fill(self, items);
    }

    /// Describes the question that comes next; its buffers are used again.
    pub fn ask(&self, question: &mut Question) {
        question.items.clear();
        question.terms.clear();
        question.part = self.asked_part().unwrap_or(0);
        question.kind = self.kind();
        question.allowed = ClassSet::below(question.kind.classes() as u32);
        match self.stage {
            Stage::Pickup => simple::pickup(self, question),
            Stage::Note { ceiling, .. } if self.setup.parts[question.part].drums => {
                simple::drum(self, ceiling, question);
            }
            Stage::Note { ceiling, .. } => pitch::fill(self, ceiling, question),
            Stage::Length { pitch, .. } => length::fill(self, pitch, question),
            Stage::LengthCoarse { .. } | Stage::GapCoarse => simple::coarse(self, question),
            Stage::LengthFine { quarters, .. } | Stage::GapFine { quarters } => {
                simple::fine(self, quarters, question);
            }
            Stage::Velocity { pitch, .. } => simple::velocity(self, pitch, question),
            Stage::Gap | Stage::Done => gap::fill(self, question),
        }
    }

    /// What is asked next.
    pub fn kind(&self) -> Kind {
        match self.stage {
            Stage::Pickup => Kind::Pickup,
            Stage::Note { place, .. } if self.part_at(place).drums => Kind::Drum,
            Stage::Note { .. } => Kind::Pitch,
            Stage::Length { .. } => Kind::Length,
            Stage::LengthCoarse { .. } | Stage::GapCoarse => Kind::Coarse,
            Stage::LengthFine { .. } | Stage::GapFine { .. } => Kind::Fine,
            Stage::Velocity { .. } => Kind::Velocity,
            Stage::Gap | Stage::Done => Kind::Gap,
        }
    }

    /// Takes an answer and goes on to the next question. Answers beyond the classes count as the last class.
    pub fn answer(&mut self, class: u32) {
        match self.stage {
            Stage::Pickup => self.begin(class),
            Stage::Note { place, .. } if class == STOP => {
                self.compare_pitch(place, None);
                self.next_part(place + 1);
            }
            Stage::Note { place, .. } => {
                let pitch = Pitch::saturating(i64::from(class) - 1);
                self.compare_pitch(place, Some(pitch));
                self.stage = Stage::Length { place, pitch };
            }
            Stage::Length { place, pitch } => match Length::of_class(class) {
                Some(length) => self.take_length(place, pitch, length),
                None => self.stage = Stage::LengthCoarse { place, pitch },
            },
            Stage::LengthCoarse { place, pitch } => {
                self.stage = Stage::LengthFine { place, pitch, quarters: class };
            }
            Stage::LengthFine { place, pitch, quarters } => {
                self.take_length(place, pitch, Length::saturating(quarters * STEPS_PER_QUARTER + class));
            }
            Stage::Velocity { place, pitch, length } => {
                self.take_note(place, pitch, length, Some(class as u8));
            }
            Stage::Gap if class == END => self.finish(),
            Stage::Gap => match Length::of_class(class) {
                Some(gap) => self.advance(gap.steps()),
                None => self.stage = Stage::GapCoarse,
            },
            Stage::GapCoarse => self.stage = Stage::GapFine { quarters: class },
            Stage::GapFine { quarters } => {
                self.advance(Length::saturating(quarters * STEPS_PER_QUARTER + class).steps());
            }
            Stage::Done => {}
        }
    }

    /// The answer that leads to a piece which exists, given all answers so far led there.
    pub fn answer_of(&self, piece: &Sliced) -> u32 {
        let slice = self.slices.len().saturating_sub(1);
        let notes = piece.slices.get(slice).map_or([].as_slice(), |slice| &slice.notes);
        let next = piece.slices.get(slice + 1).map(|next| next.at);
        if self.stage == Stage::Pickup { pickup_class(piece.pickup) } else { self.answer_with(notes, next) }
    }

    /// The answer that leads to a slice of some notes, in their order, and to another at a time, or to the end. Of the pickup it
    /// knows nothing, and answers that there is none.
    pub fn answer_with(&self, notes: &[SliceNote], next: Option<Steps>) -> u32 {
        let gap = next.map(|next| Length::saturating(next - self.now));
        let of = |place: usize, pitch: Pitch| {
            notes.iter().find(|note| note.part == self.order[place] && note.pitch == pitch)
        };
        match self.stage {
            Stage::Pickup => NO_PICKUP,
            Stage::Note { place, ceiling } => {
                let part = self.order[place];
                let notes = notes.iter().filter(|note| note.part == part);
                let below =
                    notes.map(|note| note.pitch).find(|&pitch| ceiling.is_none_or(|ceiling| pitch < ceiling));
                below.map_or(STOP, |pitch| u32::from(pitch.get()) + 1)
            }
            Stage::Length { place, pitch } => of(place, pitch).map_or(0, |note| note.length.class()),
            Stage::LengthCoarse { place, pitch } => {
                of(place, pitch).map_or(0, |note| note.length.spelled().0)
            }
            Stage::LengthFine { place, pitch, .. } => {
                of(place, pitch).map_or(0, |note| note.length.spelled().1)
            }
            Stage::Velocity { place, pitch, .. } => {
                of(place, pitch).and_then(|note| note.level).map_or(16, u32::from)
            }
            Stage::Gap | Stage::Done => gap.map_or(END, Length::class),
            Stage::GapCoarse => gap.map_or(0, |gap| gap.spelled().0),
            Stage::GapFine { .. } => gap.map_or(0, |gap| gap.spelled().1),
        }
    }

    /// The part that the next question is about, where it is about a note.
    pub fn asked_part(&self) -> Option<usize> {
        match self.stage {
            Stage::Note { place, .. }
            | Stage::Length { place, .. }
            | Stage::LengthCoarse { place, .. }
            | Stage::LengthFine { place, .. }
            | Stage::Velocity { place, .. } => Some(self.order[place] as usize),
            _ => None,
        }
    }

    /// The pitch whose length or velocity is asked for.
    pub fn asked_pitch(&self) -> Option<Pitch> {
        match self.stage {
            Stage::Length { pitch, .. }
            | Stage::LengthCoarse { pitch, .. }
            | Stage::LengthFine { pitch, .. }
            | Stage::Velocity { pitch, .. } => Some(pitch),
            _ => None,
        }
    }

    fn part_at(&self, place: usize) -> &Part {
        &self.setup.parts[self.order[place] as usize]
    }

    fn begin(&mut self, class: u32) {
        self.pickup = if class == NO_PICKUP { 0 } else { Length::of_class(class).map_or(0, Length::steps) };
        self.open_slice();
    }

    fn open_slice(&mut self) {
        self.slices.push(Slice { at: self.now, notes: Vec::new() });
        self.pointers = self.past.at(self.now, self.bar());
        self.agreed = [true; POINTERS];
        self.key = self.tonality.key();
        self.fresh = true;
        self.next_part(0);
    }

    /// Goes to the first part from a place on that may begin a note: a monophonic one that sounds may not.
    fn next_part(&mut self, place: usize) {
        let is_free = |&place: &usize| {
            !self.part_at(place).monophonic || self.voices[self.order[place] as usize].sounding.is_empty()
        };
        self.stage = match (place..self.order.len()).find(is_free) {
            Some(place) => Stage::Note { place, ceiling: None },
            None => Stage::Gap,
        };
    }

    fn take_length(&mut self, place: usize, pitch: Pitch, length: Length) {
        self.compare_length(place, pitch, length);
        if self.setup.dynamics {
            self.stage = Stage::Velocity { place, pitch, length };
        } else {
            self.take_note(place, pitch, length, None);
        }
    }

    fn take_note(&mut self, place: usize, pitch: Pitch, length: Length, level: Option<u8>) {
        let (part, now) = (self.order[place], self.now);
        let voice = &mut self.voices[part as usize];
        voice.sounding.push((pitch, now + length.steps()));
        if voice.last_onset != Some(now) {
            voice.before = voice.last;
            voice.last = Some(pitch);
            voice.length_before = voice.last_length;
            voice.last_length = Some(length);
            voice.last_onset = Some(now);
        }
        voice.level = level.or(voice.level);
        if let Some(slice) = self.slices.last_mut() {
            slice.notes.push(SliceNote { part, pitch, length, level });
        }
        if self.part_at(place).monophonic {
            self.next_part(place + 1);
        } else {
            self.stage = Stage::Note { place, ceiling: Some(pitch) };
        }
    }

    fn advance(&mut self, gap: Steps) {
        self.past.push(&self.slices, gap, self.bar());
        let (now, parts) = (self.now, &self.setup.parts);
        let pitched = self.voices.iter().zip(parts).filter(|(_, part)| !part.drums);
        let sounding = pitched.flat_map(|(voice, _)| &voice.sounding);
        self.tonality.pass(gap, sounding.map(|(pitch, end)| (pitch.class(), (end - now).min(gap))));
        self.now += gap;
        self.last_gap = Some(gap);
        for voice in &mut self.voices {
            voice.sounding.retain(|(_, end)| *end > self.now);
        }
        self.open_slice();
    }

    fn finish(&mut self) {
        self.stage = Stage::Done;
    }

    /// Notes which pointers foretold the pitch (or the stop).
    fn compare_pitch(&mut self, place: usize, pitch: Option<Pitch>) {
        let ceiling = match self.stage {
            Stage::Note { ceiling, .. } => ceiling,
            _ => None,
        };
        for index in 0..POINTERS {
            let foretold = self.foretold(index, self.order[place] as usize, ceiling);
            self.agreed[index] &= foretold.map(|(pitch, _)| pitch) == pitch;
        }
    }

    fn compare_length(&mut self, place: usize, pitch: Pitch, length: Length) {
        for index in 0..POINTERS {
            let same = self.foretold_at(index, self.order[place] as usize, pitch) == Some(length);
            self.agreed[index] &= same;
        }
    }

    /// The highest note below a ceiling that a part began where a pointer points, moved to the present pitch.
    fn foretold(&self, index: usize, part: usize, ceiling: Option<Pitch>) -> Option<(Pitch, Length)> {
        let pointer = self.pointers[index];
        let slice = pointers::slice_at(&self.slices, pointer.at?)?;
        let notes = slice.notes.iter().filter(|note| note.part as usize == part);
        let moved = notes.filter_map(|note| Some((self.moved(note.pitch, pointer, part)?, note.length)));
        moved
            .filter(|(pitch, _)| ceiling.is_none_or(|ceiling| *pitch < ceiling))
            .max_by_key(|(pitch, _)| *pitch)
    }

    /// The length of a pitch where a pointer points.
    fn foretold_at(&self, index: usize, part: usize, pitch: Pitch) -> Option<Length> {
        let pointer = self.pointers[index];
        let slice = pointers::slice_at(&self.slices, pointer.at?)?;
        let notes = slice.notes.iter().filter(|note| note.part as usize == part);
        let same = notes.filter(|note| self.moved(note.pitch, pointer, part) == Some(pitch));
        same.map(|note| note.length).next()
    }

    fn moved(&self, pitch: Pitch, pointer: Pointer, part: usize) -> Option<Pitch> {
        let semitones = if self.setup.parts[part].drums { 0 } else { pointer.transposition };
        pitch.transposed(semitones)
    }

    /// The metre that holds now.
    pub fn meter(&self) -> Meter {
        self.meter_since().0
    }

    /// The metre that holds now, and when it began.
    fn meter_since(&self) -> (Meter, Steps) {
        let since_pickup = self.now.saturating_sub(self.pickup);
        let after = self.setup.meters.partition_point(|span| span.from <= since_pickup);
        self.setup.meters[..after].last().map_or((Meter::FOUR_FOUR, 0), |span| (span.meter, span.from))
    }

    /// The length of a bar now.
    pub fn bar(&self) -> Steps {
        bar_steps(self.meter())
    }

    /// The time since the bar's beginning; a pickup ends its bar.
    pub fn position(&self) -> Steps {
        let (meter, from) = self.meter_since();
        let (bar, start) = (bar_steps(meter), self.pickup + from);
        match self.now.checked_sub(start) {
            Some(since) => since % bar,
            // Before the first whole bar the time counts backwards from its beginning.
            None => (bar - (start - self.now) % bar) % bar,
        }
    }

    /// Whole bars before this one in its metre; a pickup lies in bar 0.
    fn bar_index(&self) -> u32 {
        let (_, from) = self.meter_since();
        self.now.saturating_sub(self.pickup).saturating_sub(from) / self.bar()
    }

    /// What is asked of this bar and of the next. A pickup lies before the first bar that anything is asked of.
    fn asked_bars(&self) -> (&Levels, &Levels) {
        let asked = |bar: u32| self.setup.controls.bars.get(bar as usize).unwrap_or(&NOTHING_ASKED);
        let Some(since) = self.now.checked_sub(self.pickup) else { return (&NOTHING_ASKED, asked(0)) };
        let meter = self.setup.meters.partition_point(|span| span.from <= since).saturating_sub(1);
        let from = self.setup.meters.get(meter).map_or(0, |span| span.from);
        let before = self.bars_before.get(meter).copied().unwrap_or(0);
        let bar = before + since.saturating_sub(from) / self.bar();
        (asked(bar), asked(bar + 1))
    }

    /// The chord asked for now, and the one after it.
    fn asked_chords(&self) -> (Option<Chord>, Option<Chord>) {
        let chords = &self.setup.controls.chords;
        let asked = |index: usize| chords.get(index).and_then(|span| span.chord);
        let Some(since) = self.now.checked_sub(self.pickup) else { return (None, asked(0)) };
        let after = chords.partition_point(|span| span.from <= since);
        (after.checked_sub(1).and_then(asked), asked(after))
    }

    /// Whether a part may begin a note at a time not before now, if nothing begins till then: one that plays one note at a time
    /// must have ended it.
    pub fn is_free(&self, part: usize, at: Steps) -> bool {
        let sounds = |voice: &Voice| voice.sounding.iter().any(|(_, end)| *end > at);
        !self.setup.parts[part].monophonic || !sounds(&self.voices[part])
    }

    /// When a part falls silent, if something of it sounds now.
    pub fn silent_at(&self, part: usize) -> Option<Steps> {
        self.voices.get(part)?.sounding.iter().map(|(_, end)| *end).filter(|end| *end > self.now).max()
    }

    /// The pitches of a part that sound now, those that begin now among them.
    pub fn sounding(&self, part: usize) -> impl Iterator<Item = Pitch> {
        let sounding = self.voices.get(part).map_or([].as_slice(), |voice| &voice.sounding);
        sounding.iter().filter(|(_, end)| *end > self.now).map(|(pitch, _)| *pitch)
    }

    /// The last pitch that a part began, the highest of those that began together.
    pub fn last_pitch(&self, part: usize) -> Option<Pitch> {
        self.voices.get(part)?.last
    }

    /// The steps that parts of one note at a time have taken now, but for one part's own: from which pitch to which.
    pub fn steps_beside(&self, own: usize) -> impl Iterator<Item = (Pitch, Pitch)> {
        let steps = move |(part, voice): (usize, &Voice)| {
            let Part { monophonic, drums, .. } = self.setup.parts[part];
            let moves = part != own && monophonic && !drums && voice.last_onset == Some(self.now);
            moves.then_some(())?;
            Some((voice.before?, voice.last?))
        };
        self.voices.iter().enumerate().filter_map(steps)
    }

    /// The time left until the length asked for, where one is.
    pub fn time_left(&self) -> Option<Steps> {
        self.setup.conditions.length.map(|length| (self.pickup + length).saturating_sub(self.now))
    }

    /// Bars that begin after this one: none in the last bar.
    fn bars_to_go(&self) -> Option<u32> {
        let to_bar_end = self.bar() - self.position();
        self.time_left().map(|left| left.saturating_sub(to_bar_end).div_ceil(self.bar()))
    }

    /// The slot of a part: its place in the order, those after the eighth together.
    fn slot(&self, part: usize) -> u32 {
        self.slots[part].min(spec::SLOTS - 1)
    }

    /// The time for which the longest sounding note of a part goes on.
    fn remaining(&self, part: usize) -> Option<Steps> {
        self.voices[part].sounding.iter().map(|(_, end)| end - self.now).max()
    }
}

/// The length of a bar in grid steps.
pub fn bar_steps(meter: Meter) -> Steps {
    (u32::from(meter.beats()) * 4 * STEPS_PER_QUARTER / u32::from(meter.unit())).max(1)
}

/// The class of a pickup; one that has no class of its own counts as none.
pub fn pickup_class(pickup: Steps) -> u32 {
    if pickup == 0 {
        return NO_PICKUP;
    }
    let class = Length::saturating(pickup).class();
    if class == ESCAPE { NO_PICKUP } else { class }
}
