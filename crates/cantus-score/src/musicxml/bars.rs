//! Measures become bars: one for each, or more where a repeat or a new metre divides it.

use super::measures::{Measure, Sign, Spot};
use super::moment::{Moment, QUARTER};
use crate::sheet::{Bar, Jump};
use crate::{Key, Meter, Ticks};

/// Bars, still in moments.
#[derive(Default)]
pub(super) struct Bars {
    pub(super) all: Vec<Bar>,
    /// When each begins.
    pub(super) starts: Vec<Moment>,
    pub(super) end: Moment,
    /// The bars whose repeats do not say how many times.
    untold: Vec<usize>,
    /// The metre that holds, and whether it is still to be written at a bar.
    meter: Option<Meter>,
    waits: bool,
}

/// A key is looked for in so many parts.
const MOST_PARTS: usize = 64;

pub(super) fn bars(measures: &[Measure], starts: &[Moment]) -> Bars {
    let mut bars = Bars { all: Vec::with_capacity(measures.len()), ..Bars::default() };
    for (measure, start) in measures.iter().zip(starts) {
        bars.divide(measure, *start);
    }
    let mut signs = Vec::new();
    for (measure, start) in measures.iter().zip(starts) {
        for (spot, sign) in &measure.signs {
            let at = start.saturating_add(place(*spot, measure));
            bars.sign(at, *spot == Spot::Left, sign);
            signs.push((at, sign));
        }
    }
    // Brackets end before others begin.
    signs.sort_by_key(|(at, sign)| (*at, **sign != Sign::BracketEnds));
    bars.brackets(&signs);
    bars.passes_after();
    bars
}

/// Where in its measure a sign stands.
fn place(spot: Spot, measure: &Measure) -> Moment {
    match spot {
        Spot::Left => 0,
        Spot::Right => measure.lasts(),
        Spot::At(at) => at.min(measure.lasts()),
    }
}

impl Bars {
    /// Adds the bars of a measure.
    fn divide(&mut self, measure: &Measure, start: Moment) {
        let repeats = measure.signs.iter().filter(|sign| !matches!(sign.1, Sign::Jump(_)));
        let mut cuts: Vec<Moment> = repeats.map(|sign| place(sign.0, measure)).collect();
        let (waited, first) =
            (std::mem::take(&mut self.waits), measure.meters.iter().find(|meter| meter.0 == 0));
        self.meter = first.map(|first| first.1).or(self.meter);
        let (begun, whole) = (self.meter.filter(|_| waited), self.is_whole(measure));
        if !whole {
            cuts.extend(measure.meters.iter().map(|meter| meter.0));
        }
        cuts.retain(|cut| (1..measure.lasts()).contains(cut));
        cuts.push(0);
        cuts.sort_unstable();
        cuts.dedup();
        for cut in cuts {
            let mut bar = Bar::new(Ticks::ZERO, Ticks::ZERO);
            let meter = measure.meters.iter().find(|meter| meter.0 == cut);
            bar.meter = meter.map(|meter| meter.1);
            if cut == 0 {
                bar.meter = bar.meter.or(begun);
                bar.number.clone_from(&measure.number);
            }
            self.all.push(bar);
            self.starts.push(start.saturating_add(cut));
        }
        if let Some((at, last)) = measure.meters.last() {
            (self.meter, self.waits) = (Some(*last), whole && *at > 0);
        }
        self.end = start.saturating_add(measure.lasts());
    }

    /// Whether a measure is as long as the metre says with which it begins. It is one bar then; a metre within it holds from
    /// the next.
    fn is_whole(&self, measure: &Measure) -> bool {
        let length = |meter: Meter| 4 * QUARTER * Moment::from(meter.beats()) / Moment::from(meter.unit());
        self.meter.map(length) == Some(measure.lasts())
    }

    /// The bar that begins at a time or holds it.
    fn from(&self, at: Moment) -> usize {
        self.starts.partition_point(|start| *start <= at).saturating_sub(1)
    }

    /// The bar that ends at a time or holds it.
    fn until(&self, at: Moment) -> usize {
        self.starts.partition_point(|start| *start < at).saturating_sub(1)
    }

    fn sign(&mut self, at: Moment, at_left: bool, sign: &Sign) {
        let (from, until) = (self.from(at), self.until(at));
        match sign {
            Sign::Begins if at >= self.end => {}
            Sign::Begins => self.with(from, |bar| bar.repeats.begins = true),
            Sign::Ends(times) => {
                if times.is_none() {
                    self.untold.push(until);
                }
                self.with(until, |bar| bar.repeats.ends = Some(times.unwrap_or(2)));
            }
            Sign::Jump(jump @ (Jump::Segno | Jump::Coda)) => {
                self.with(from, |bar| bar.repeats.jumps.push(*jump));
            }
            Sign::Jump(jump) => {
                let index = if at_left { from } else { until };
                self.with(index, |bar| bar.repeats.jumps.push(*jump));
            }
            Sign::Bracket(_) | Sign::BracketEnds => {}
        }
    }

    fn with(&mut self, index: usize, change: impl FnOnce(&mut Bar)) {
        if let Some(bar) = self.all.get_mut(index) {
            change(bar);
        }
    }

    /// Puts bars under their brackets. One that never ends reaches to the end of its repeat, or holds one bar.
    fn brackets(&mut self, signs: &[(Moment, &Sign)]) {
        let brackets = signs.iter().filter(|sign| matches!(sign.1, Sign::Bracket(_) | Sign::BracketEnds));
        let mut brackets = brackets.peekable();
        while let Some((at, sign)) = brackets.next() {
            let Sign::Bracket(passes) = sign else { continue };
            let first = self.from(*at);
            let last = match brackets.peek() {
                Some((end, Sign::BracketEnds)) => self.until(*end),
                other => {
                    let most = other.map_or(self.all.len(), |next| self.from(next.0));
                    let repeat = (first..most)
                        .find(|index| self.all.get(*index).is_some_and(|bar| bar.repeats.ends.is_some()));
                    repeat.unwrap_or(first)
                }
            };
            for index in first..=last.max(first) {
                self.with(index, |bar| bar.repeats.endings.clone_from(passes));
            }
        }
    }

    /// A repeat under the last bracket, for several passes, leads to one pass more.
    fn passes_after(&mut self) {
        for index in std::mem::take(&mut self.untold) {
            let next = self.all.get(index + 1).is_none_or(|next| next.repeats.endings.is_empty());
            self.with(index, |bar| {
                if let ([_, .., last], true) = (bar.repeats.endings.as_slice(), next) {
                    bar.repeats.ends = Some(last.saturating_add(1));
                }
            });
        }
    }
}

/// Sets the keys of bars: at each bar the one that most parts have. A key within a bar holds from the next.
pub(super) fn keys(bars: &mut Bars, parts: Vec<Vec<(Moment, Key)>>) {
    let mut changes = Vec::new();
    for (part, keys) in parts.into_iter().take(MOST_PARTS).enumerate() {
        for (at, key) in keys {
            let from = bars.from(at);
            let within = bars.starts.get(from).is_some_and(|start| *start < at);
            let index = if within && from + 1 < bars.all.len() { from + 1 } else { from };
            changes.push((index, part, key));
        }
    }
    changes.sort_by_key(|change| (change.0, change.1));
    let mut current: Vec<Option<Key>> = vec![None; MOST_PARTS];
    for together in changes.chunk_by(|a, b| a.0 == b.0) {
        for (_, part, key) in together {
            current[*part] = Some(*key);
        }
        let most = most_common(&current);
        if let Some((index, ..)) = together.iter().find(|change| Some(change.2) == most) {
            bars.with(*index, |bar| bar.key = most);
        }
    }
}

/// The key that most parts have; of several, the one of the highest part.
fn most_common(keys: &[Option<Key>]) -> Option<Key> {
    let count = |key: &Key| keys.iter().flatten().filter(|other| *other == key).count();
    let mut best: Option<(usize, Key)> = None;
    for key in keys.iter().flatten() {
        let count = count(key);
        if best.is_none_or(|best| count > best.0) {
            best = Some((count, *key));
        }
    }
    best.map(|best| best.1)
}
