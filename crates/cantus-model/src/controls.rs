//! Controls: what a piece and each of its bars is like, as a network can be told of it.
//!
//! Values have units; what a network is told, and what a user asks for, is their place among the style's own: 0 is the
//! least that the style has, 1 the most, 0.5 the middle. So every control means the same in every style.

#[cfg(test)]
mod tests;

use std::ops::Range;

use cantus_features::control::{self, Bar, Chord, Control, Note, Values};
use cantus_score::{Key, Meter, Resolution};
use serde::{Deserialize, Serialize};

use crate::encoding::{MeterSpan, Part, STEPS_PER_QUARTER, Slice, SliceNote, Sliced, Steps};
use crate::walk::{Walker, bar_steps};

/// Levels by which the values of a control are told apart: tenths of what the style has.
pub const CONTROL_LEVELS: u32 = 10;

/// Points of a scale: the least, each tenth, and the most.
const POINTS: usize = CONTROL_LEVELS as usize + 1;

/// Most bars of a piece that are looked at; a broken file may claim millions of them.
const MOST_BARS: usize = 4096;

/// A level of each control, in the order of [`Control::ALL`]; none where nothing is said.
pub type Levels = [Option<u8>; Control::COUNT];

/// What is asked of a piece and of its bars, each thing optional.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Controls {
    /// Of the whole piece.
    pub piece: Levels,
    /// Of each whole bar; nothing is asked of those that are missing.
    pub bars: Vec<Levels>,
    /// Chords, each from a time after the first bar line until the next.
    pub chords: Vec<ChordSpan>,
}

/// A chord from a time on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChordSpan {
    /// When it begins, counted from the first whole bar.
    pub from: Steps,
    /// The chord; none where nothing is said.
    pub chord: Option<Chord>,
}

/// What a piece and its bars are like.
#[derive(Debug, Clone, PartialEq)]
pub struct MeasuredControls {
    /// Of the whole bars together.
    pub piece: Values,
    /// Of each whole bar.
    pub bars: Vec<Values>,
    /// The chord of each half of a bar, or of each bar whose beats cannot be halved.
    pub chords: Vec<ChordSpan>,
}

impl MeasuredControls {
    /// All of it, on the scales of a style.
    pub fn told(&self, scales: &[ControlScale]) -> Controls {
        let levels = |values: &Values, of: fn(&ControlScale) -> &Scale| {
            let level =
                |control: Control| Some(of(scale_of(scales, control)?).level(values[control.index()]?));
            Control::ALL.map(level)
        };
        Controls {
            piece: levels(&self.piece, |scale| &scale.pieces),
            bars: self.bars.iter().map(|bar| levels(bar, |scale| &scale.bars)).collect(),
            chords: self.chords.clone(),
        }
    }

    /// Measures a piece in the key that is heard in it. The pickup counts for nothing.
    pub fn of_piece(piece: &Sliced, home: Option<Key>) -> Self {
        Self::of_notes(&notes_of(&piece.slices, &piece.parts), &bars_of(piece), piece.pickup, home)
    }

    /// Measures some of the whole bars of a piece that is being written, in the key that it is written in.
    pub fn of_draft(walker: &Walker, bars: Range<u32>, home: Option<Key>) -> Self {
        let (pickup, meters) = (walker.pickup(), &walker.setup().meters);
        let bars =
            bars.map(|bar| bar_of(meters, bar)).map(|(begin, meter)| (bar_at(pickup + begin, meter), meter));
        let bars: Vec<(Bar, Meter)> = bars.collect();
        let (begin, length) = bars.first().map_or((0, 0), |(bar, _)| (bar.begin, bar.end - bar.begin));
        // Notes seldom sound into the fifth bar after their own.
        let before = begin.saturating_sub(4 * length);
        let slices = &walker.slices()[walker.slices().partition_point(|slice| slice.at < before)..];
        Self::of_notes(&notes_of(slices, &walker.setup().parts), &bars, pickup, home)
    }

    fn of_notes(notes: &[Note], spans: &[(Bar, Meter)], pickup: Steps, home: Option<Key>) -> Self {
        let bars: Vec<Bar> = spans.iter().map(|(bar, _)| *bar).collect();
        let stretches: Vec<Bar> = spans.iter().flat_map(|&(bar, meter)| halves(bar, meter)).collect();
        let from = |stretch: &Bar| stretch.begin.saturating_sub(pickup);
        let chords = control::chords(notes, &stretches);
        Self {
            piece: control::of_piece(notes, &bars, home),
            bars: control::of_bars(notes, &bars, home),
            chords: stretches
                .iter()
                .zip(chords)
                .map(|(at, chord)| ChordSpan { from: from(at), chord })
                .collect(),
        }
    }
}

fn notes_of(slices: &[Slice], parts: &[Part]) -> Vec<Note> {
    let notes = slices.iter().flat_map(|slice| slice.notes.iter().map(move |note| (slice.at, note)));
    let note = |(begin, note): (Steps, &SliceNote)| Note {
        begin,
        end: begin + note.length.steps(),
        pitch: (!parts[usize::from(note.part)].drums).then_some(note.pitch),
        // The middle of the level, as it is written.
        velocity: note.level.map(|level| f64::from(level) * 4.0 + 2.0),
    };
    notes.map(note).collect()
}

/// The whole bars of a piece with their metres.
fn bars_of(piece: &Sliced) -> Vec<(Bar, Meter)> {
    let end = piece.end();
    let ends = piece.meters.iter().skip(1).map(|span| span.from).chain([end]);
    let whole = piece.meters.iter().zip(ends).flat_map(|(span, until)| {
        let bar = bar_steps(span.meter);
        let begins = (span.from..until).step_by(bar as usize);
        begins.map(move |begin| {
            let bar = bar_at(begin, span.meter);
            (Bar { end: bar.end.min(until), ..bar }, span.meter)
        })
    });
    whole.take(MOST_BARS).collect()
}

/// The whole bar of a metre that begins at a time.
fn bar_at(begin: Steps, meter: Meter) -> Bar {
    let beat = meter.beat(resolution()).0.max(1);
    Bar { begin, end: begin + bar_steps(meter), beat, quarter: STEPS_PER_QUARTER }
}

/// The grid's own resolution.
fn resolution() -> Resolution {
    Resolution::new(i64::from(STEPS_PER_QUARTER)).unwrap_or(Resolution::STANDARD)
}

/// The halves of a bar, or the bar where its beats cannot be halved.
fn halves(bar: Bar, meter: Meter) -> Vec<Bar> {
    let middle = bar.begin + bar_steps(meter) / 2;
    if meter.beats().is_multiple_of(2) && middle > bar.begin && middle < bar.end {
        vec![Bar { end: middle, ..bar }, Bar { begin: middle, ..bar }]
    } else {
        vec![bar]
    }
}

/// When a whole bar begins, and its metre: bars are counted from 0, times from the first, those of the metres too.
pub fn bar_of(meters: &[MeterSpan], bar: u32) -> (Steps, Meter) {
    let before = bars_before(meters);
    let index = before.partition_point(|before| *before <= bar).saturating_sub(1);
    let (span, before) = (meters.get(index), before.get(index).copied().unwrap_or(0));
    let (from, meter) = span.map_or((0, Meter::FOUR_FOUR), |span| (span.from, span.meter));
    (from.saturating_add((bar - before).saturating_mul(bar_steps(meter))), meter)
}

/// The number of the whole bar that a time lies in, counted as in [`bar_of`].
pub fn bar_at_time(meters: &[MeterSpan], since: Steps) -> u32 {
    let index = meters.partition_point(|span| span.from <= since).saturating_sub(1);
    let before = bars_before(meters).get(index).copied().unwrap_or(0);
    let (from, meter) = meters.get(index).map_or((0, Meter::FOUR_FOUR), |span| (span.from, span.meter));
    before + since.saturating_sub(from) / bar_steps(meter)
}

/// How many whole bars lie before each metre of a list whose times count from the first whole bar.
pub(crate) fn bars_before(meters: &[MeterSpan]) -> Vec<u32> {
    let mut before = vec![0; meters.len()];
    for (index, pair) in meters.windows(2).enumerate() {
        let bars = pair[1].from.saturating_sub(pair[0].from).div_ceil(bar_steps(pair[0].meter));
        before[index + 1] = before[index] + bars;
    }
    before
}

/// What values a control takes in a style: the least, each tenth, and the most.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Scale {
    points: Vec<f64>,
}

impl Scale {
    /// The scale of some values; none of nothing.
    pub fn of_values(mut values: Vec<f64>) -> Option<Self> {
        values.sort_by(f64::total_cmp);
        let last = values.len().checked_sub(1)?;
        let tenth = |point: usize| {
            let place = point * last;
            let (below, part) = (place / (POINTS - 1), place % (POINTS - 1));
            let above = values[(below + 1).min(last)];
            values[below] + (above - values[below]) * part as f64 / (POINTS - 1) as f64
        };
        // In as few digits as tell them apart to the ear.
        let short = |value: f64| (value * 1000.0).round() / 1000.0;
        Some(Self { points: (0..POINTS).map(|point| short(tenth(point))).collect() })
    }

    /// Whether most of the style's values are one and the same, so that there is hardly anything to choose from.
    pub fn is_flat(&self) -> bool {
        // More than half of the points lie next to each other, so the middle one is among them.
        let middle = self.value(0.5);
        self.points.iter().filter(|point| point.total_cmp(&middle).is_eq()).count() > POINTS / 2
    }

    /// The place of a value, in tenths from 0 to 10; in the middle of all places that have it.
    fn tenths(&self, value: f64) -> f64 {
        let below = self.points.iter().filter(|point| **point < value).count();
        let up_to = self.points.iter().filter(|point| **point <= value).count();
        match (below, up_to) {
            (below, up_to) if up_to > below => (below + up_to - 1) as f64 / 2.0,
            (0, _) => 0.0,
            (below, _) if below < self.points.len() => {
                let (lower, upper) = (self.points[below - 1], self.points[below]);
                (below - 1) as f64 + (value - lower) / (upper - lower)
            }
            _ => f64::from(CONTROL_LEVELS),
        }
    }

    /// The place of a value among the style's, from 0 to 1.
    pub fn place(&self, value: f64) -> f64 {
        self.tenths(value) / f64::from(CONTROL_LEVELS)
    }

    /// The value at a place from 0 to 1.
    pub fn value(&self, place: f64) -> f64 {
        let tenths = (place * f64::from(CONTROL_LEVELS)).clamp(0.0, f64::from(CONTROL_LEVELS));
        let at = |index: usize| self.points.get(index).or(self.points.last()).copied().unwrap_or(0.0);
        let below = tenths.floor();
        let (lower, upper) = (at(below as usize), at(below as usize + 1));
        lower + (upper - lower) * (tenths - below)
    }

    /// The place in the middle of a level.
    pub fn place_of_level(level: u8) -> f64 {
        (f64::from(level) + 0.5) / f64::from(CONTROL_LEVELS)
    }

    /// The level of a value.
    pub fn level(&self, value: f64) -> u8 {
        (self.tenths(value) as u8).min(CONTROL_LEVELS as u8 - 1)
    }
}

/// The values that a control takes in a style.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ControlScale {
    /// The control's name.
    pub name: String,
    /// Values of its pieces.
    pub pieces: Scale,
    /// Values of their bars.
    pub bars: Scale,
}

/// The scale of a control among a style's.
pub fn scale_of(scales: &[ControlScale], control: Control) -> Option<&ControlScale> {
    scales.iter().find(|scale| scale.name == control.name())
}

/// The values of a style's pieces, counted one after the other.
#[derive(Debug, Clone, Default)]
pub(crate) struct ScaleTally {
    pieces: [Vec<f64>; Control::COUNT],
    bars: [Vec<f64>; Control::COUNT],
}

/// Most bars of a piece that count for its style: long pieces should not speak for the others.
const MOST_COUNTED: usize = 16;

impl ScaleTally {
    pub(crate) fn add(&mut self, measured: &MeasuredControls) {
        let every = measured.bars.len().div_ceil(MOST_COUNTED).max(1);
        for control in 0..Control::COUNT {
            self.pieces[control].extend(measured.piece[control]);
            self.bars[control].extend(measured.bars.iter().step_by(every).filter_map(|bar| bar[control]));
        }
    }

    /// Counts what another has counted.
    pub(crate) fn join(&mut self, other: Self) {
        for (own, other) in self.pieces.iter_mut().zip(other.pieces) {
            own.extend(other);
        }
        for (own, other) in self.bars.iter_mut().zip(other.bars) {
            own.extend(other);
        }
    }

    pub(crate) fn scales(self) -> Vec<ControlScale> {
        let both = Control::ALL.into_iter().zip(self.pieces).zip(self.bars);
        let scale = |((control, pieces), bars): ((Control, _), _)| {
            let (pieces, bars) = (Scale::of_values(pieces)?, Scale::of_values(bars)?);
            Some(ControlScale { name: control.name().to_owned(), pieces, bars })
        };
        both.filter_map(scale).collect()
    }
}
