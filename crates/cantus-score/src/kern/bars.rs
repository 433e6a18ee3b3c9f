//! From bar lines to bars, with what is written new at them.

use super::interpretation::BarLine;
use super::reader::Change;
use super::recip::WHOLE;
use crate::sheet::Bar;
use crate::{Key, Meter, Mode, Ticks};

/// Bars beyond this number are not cut from a file without bar lines.
const MOST_CUT: usize = 10_000;

/// The bars of a piece. Their times in ticks are not known yet.
#[derive(Debug, Default)]
pub(super) struct Bars {
    /// Where each begins, in grains.
    pub(super) starts: Vec<u64>,
    /// Where the last ends.
    pub(super) end: u64,
    pub(super) list: Vec<Bar>,
    /// The line of the file on which each begins; 0 where no bar line says so.
    lines: Vec<usize>,
}

impl Bars {
    /// Lays the bars out that the changes of a piece name.
    pub(super) fn new(changes: &[(u64, Change)], end: u64) -> Self {
        let mut bars = Self { end, ..Self::default() };
        bars.open(0);
        let mut lines = changes.iter().filter_map(|(at, change)| match change {
            Change::Bar(line) => Some((*at, line)),
            _ => None,
        });
        match lines.next() {
            Some(first) => std::iter::once(first).chain(lines).for_each(|(at, line)| bars.line(at, line)),
            None => bars.cut(changes),
        }
        if bars.starts.len() > 1 && bars.starts.last() == Some(&end) {
            bars.starts.pop();
            bars.list.pop();
        }
        bars.write_meters(changes);
        bars.write_keys(changes);
        bars
    }

    /// The first bar that begins at a time or later; the number of bars where none does.
    pub(super) fn from(&self, time: u64) -> usize {
        self.starts.partition_point(|&start| start < time)
    }

    /// Divides bars within which a section begins.
    pub(super) fn divide(&mut self, changes: &[(u64, Change)]) {
        let labels = changes.iter().filter(|(_, change)| matches!(change, Change::Label { .. }));
        let within = |time: &u64| *time < self.end && self.starts.binary_search(time).is_err();
        let mut cuts: Vec<u64> = labels.map(|&(at, _)| at).filter(within).collect();
        cuts.dedup();
        let cuts = cuts.into_iter().map(|at| (at, Bar::new(Ticks::ZERO, Ticks::ZERO)));
        let bars = std::mem::take(&mut self.starts).into_iter().zip(std::mem::take(&mut self.list));
        let mut all: Vec<(u64, Bar)> = bars.chain(cuts).collect();
        all.sort_by_key(|bar| bar.0);
        (self.starts, self.list) = all.into_iter().unzip();
    }

    fn open(&mut self, at: u64) {
        self.starts.push(at);
        self.list.push(Bar::new(Ticks::ZERO, Ticks::ZERO));
        self.lines.push(0);
    }

    /// Bars within the piece that are not as long as their metre says, each with the line on which it begins. Those at signs of
    /// repetition, and two that make a whole one, may be so.
    pub(super) fn odd(&self) -> Vec<(usize, String)> {
        let ends = self.starts.iter().skip(1).chain([&self.end]);
        let lengths: Vec<u64> =
            self.starts.iter().zip(ends).map(|(start, end)| end.saturating_sub(*start)).collect();
        let (mut odd, mut meter) = (Vec::new(), None);
        for (index, bar) in self.list.iter().enumerate() {
            meter = bar.meter.or(meter);
            let (Some(meter), Some(&length), Some(&next)) =
                (meter, lengths.get(index), lengths.get(index + 1))
            else {
                continue;
            };
            let before = index.checked_sub(1).and_then(|before| lengths.get(before)).copied().unwrap_or(0);
            let whole = WHOLE * u64::from(meter.beats()) / u64::from(meter.unit());
            let is_whole = |length: u64| length.abs_diff(whole) <= WHOLE / 4000;
            let is_divided = [length, length + next, length + before].into_iter().any(is_whole);
            if index > 0 && !is_divided && !self.repeats_at(index) {
                let share = length as f64 / whole as f64;
                let line = self.lines.get(index).copied().unwrap_or(0);
                odd.push((
                    line,
                    format!("a bar must be {meter} long, but was {share:.2} of it; it stays so"),
                ));
            }
        }
        odd
    }

    /// Whether a repeat begins or ends at either side of a bar.
    fn repeats_at(&self, index: usize) -> bool {
        let near = self.list.get(index.saturating_sub(1)..).unwrap_or_default().iter().take(3);
        near.map(|bar| &bar.repeats).any(|repeats| repeats.begins || repeats.ends.is_some())
    }

    /// A bar line; where no music stands before it, it says more about the bar line before.
    fn line(&mut self, at: u64, line: &BarLine) {
        if self.starts.last().is_some_and(|&start| start < at) {
            self.open(at);
        }
        if line.ends
            && let Some(before) = self.list.iter_mut().rev().nth(1)
        {
            before.repeats.ends = Some(2);
        }
        if let Some(number) = self.lines.last_mut() {
            *number = line.line;
        }
        if let Some(bar) = self.list.last_mut() {
            bar.repeats.begins |= line.begins;
            if bar.number.is_empty() {
                line.number.clone_into(&mut bar.number);
            }
        }
    }

    /// Without bar lines, bars are cut by the metre.
    fn cut(&mut self, changes: &[(u64, Change)]) {
        let mut meters = changes.iter().filter_map(|(at, change)| match change {
            Change::Meter(meter) => Some((*at, *meter)),
            _ => None,
        });
        let (mut at, mut meter, mut next) = (0, None, meters.next());
        loop {
            while let Some((_, new)) = next.filter(|change| change.0 <= at) {
                (meter, next) = (Some(new), meters.next());
            }
            let whole = meter
                .map_or(u64::MAX, |meter: Meter| WHOLE * u64::from(meter.beats()) / u64::from(meter.unit()));
            at = next.map_or(u64::MAX, |change| change.0).min(u64::saturating_add(at, whole));
            if at >= self.end || self.starts.len() >= MOST_CUT {
                return;
            }
            self.open(at);
        }
    }

    /// The bar in which a change is written: that which begins with it, else the next.
    fn bar_of(&mut self, time: u64) -> Option<&mut Bar> {
        let index = self.starts.partition_point(|&start| start < time);
        self.list.get_mut(index)
    }

    fn write_meters(&mut self, changes: &[(u64, Change)]) {
        let mut last: Option<(u64, Meter)> = None;
        for (at, change) in changes {
            let Change::Meter(meter) = *change else { continue };
            // The first spine's metre holds where they differ.
            if last.is_some_and(|last| last.0 == *at || last.1 == meter) {
                continue;
            }
            if let Some(bar) = self.bar_of(*at) {
                bar.meter = Some(meter);
            }
            last = Some((*at, meter));
        }
    }

    fn write_keys(&mut self, changes: &[(u64, Change)]) {
        let mut last = None;
        for together in changes.chunk_by(|a, b| a.0 == b.0) {
            let signature = together.iter().find_map(|(_, change)| match change {
                Change::Signature(fifths) => Some(*fifths),
                _ => None,
            });
            let named = together.iter().find_map(|(_, change)| match change {
                Change::Key(key) => Some(*key),
                _ => None,
            });
            let fifths =
                signature.or(last.map(|last: Key| last.fifths())).or(named.map(|named| named.fifths));
            let mode = named.map_or_else(
                || last.filter(|_| signature == last.map(Key::fifths)).map_or(Mode::Major, Key::mode),
                |named| named.mode,
            );
            let changed = signature.is_some() || named.is_some();
            let key = fifths.filter(|_| changed).and_then(|fifths| Key::new(i64::from(fifths), mode).ok());
            let Some(key) = key.filter(|key| last != Some(*key)) else { continue };
            if let (Some(bar), Some(at)) =
                (together.first().map(|change| change.0).and_then(|at| self.bar_of(at)), Some(key))
            {
                bar.key = Some(at);
            }
            last = Some(key);
        }
    }
}
