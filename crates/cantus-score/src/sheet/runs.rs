//! Stretches of bars that are played as they stand on the page.

use std::ops::Range;

use crate::{Key, Meter, Ticks, Timed};

use super::Sheet;
use super::meters::{self, Measure};
use super::order::PlayedBar;

/// Bars that are played one after the other as they are written.
pub(super) struct Run {
    pub(super) bars: Range<usize>,
    /// Which pass this is through its repeated section.
    pub(super) pass: u8,
    /// The written time in which it lies.
    pub(super) written: Range<Ticks>,
    /// Where notes that last beyond it are cut, in written time: where the music goes elsewhere.
    cut: Ticks,
    /// When it begins to be played.
    pub(super) at: Ticks,
}

impl Run {
    /// When a written time of this run is played.
    pub(super) fn played(&self, written: Ticks) -> Ticks {
        self.at.saturating_add(written.min(self.cut).saturating_sub(self.written.start))
    }

    /// Those of a sorted list that lie within.
    pub(super) fn within<'a, T>(&self, sorted: &'a [T], at: impl Fn(&T) -> Ticks) -> &'a [T] {
        let begin = sorted.partition_point(|item| at(item) < self.written.start);
        let end = sorted.partition_point(|item| at(item) < self.written.end);
        sorted.get(begin..end).unwrap_or_default()
    }

    /// Changes in played time: those within, and before them the one that holds at the beginning.
    fn changes<'a, T: Copy>(
        &self,
        sorted: &'a [Timed<T>],
    ) -> impl Iterator<Item = Timed<T>> + use<'a, '_, T> {
        let begin = sorted.partition_point(|change| change.at < self.written.start);
        let is_told = sorted.get(begin).is_some_and(|change| change.at == self.written.start);
        let before = begin.checked_sub(1).filter(|_| !is_told).and_then(|index| sorted.get(index));
        let before = before.map(|change| Timed::new(self.at, change.value));
        before.into_iter().chain(self.moved(sorted))
    }

    /// Those of a sorted list that lie within, in played time.
    pub(super) fn moved<'a, T: Clone>(
        &self,
        sorted: &'a [Timed<T>],
    ) -> impl Iterator<Item = Timed<T>> + use<'a, '_, T> {
        let within = self.within(sorted, |item| item.at).iter();
        within.map(|item| Timed::new(self.played(item.at), item.value.clone()))
    }
}

/// Changes in played time, told again where another run has another one at its beginning.
pub(super) fn changes<T: Copy + PartialEq>(runs: &[Run], sorted: &[Timed<T>]) -> Vec<Timed<T>> {
    let mut changes: Vec<Timed<T>> = Vec::new();
    for run in runs {
        for change in run.changes(sorted) {
            let last = changes.last();
            let repeated = change.at == run.at && last.is_some_and(|last| last.value == change.value);
            if !repeated {
                changes.push(change);
            }
        }
    }
    changes
}

/// The runs of bars in an order. Without bars, all that is written is one.
pub(super) fn runs(sheet: &Sheet, order: &[PlayedBar]) -> Vec<Run> {
    let (mut runs, mut at) = (Vec::<Run>::new(), Ticks::ZERO);
    for played in order {
        let Some(bar) = sheet.bars.get(played.index) else { continue };
        match runs.last_mut() {
            Some(run) if run.bars.end == played.index && run.pass == played.pass => {
                run.bars.end += 1;
                run.written.end = bar.end();
            }
            _ => {
                let bars = played.index..played.index + 1;
                let written = bar.start..bar.end();
                runs.push(Run { bars, pass: played.pass, written, cut: Ticks::ZERO, at });
            }
        }
        at = at.saturating_add(bar.length);
    }
    if sheet.bars.is_empty() {
        runs.push(Run { bars: 0..0, pass: 1, written: Ticks::ZERO..Ticks::ZERO, cut: Ticks::ZERO, at });
    }
    set_ends(&mut runs, sheet.bars.len());
    runs
}

/// What is written before the first bar belongs to it, what is written after the last to that; a note lasts beyond its run
/// where the next one follows it on the page.
fn set_ends(runs: &mut [Run], bar_count: usize) {
    let end = Ticks(u32::MAX);
    let mut next: Option<(usize, Ticks)> = None;
    for run in runs.iter_mut().rev() {
        if run.bars.end == bar_count {
            run.written.end = end;
        }
        run.cut = match next {
            Some((begin, cut)) if begin == run.bars.end => cut,
            _ => run.written.end,
        };
        next = Some((run.bars.start, run.cut));
    }
}

/// The changes of metre and of key, in played time.
pub(super) fn signatures(sheet: &Sheet, runs: &[Run]) -> (Vec<Timed<Meter>>, Vec<Timed<Key>>) {
    let holding = holding(sheet);
    let (mut measures, mut keys, mut at) = (Vec::new(), Vec::<Timed<Key>>::new(), Ticks::ZERO);
    for index in runs.iter().flat_map(|run| run.bars.clone()) {
        let (Some(bar), Some(&(meter, key))) = (sheet.bars.get(index), holding.get(index)) else { continue };
        if let Some(key) = key
            && keys.last().is_none_or(|last| last.value != key)
        {
            keys.push(Timed::new(at, key));
        }
        if bar.length > Ticks::ZERO {
            measures.push(Measure { length: bar.length, meter });
        }
        at = at.saturating_add(bar.length);
    }
    (meters::changes(&measures, sheet.resolution), keys)
}

/// The metre and the key that hold in each bar.
pub(super) fn holding(sheet: &Sheet) -> Vec<(Option<Meter>, Option<Key>)> {
    let (mut meter, mut key) = (None, None);
    let hold = |bar: &super::Bar| {
        meter = bar.meter.or(meter);
        key = bar.key.or(key);
        (meter, key)
    };
    sheet.bars.iter().map(hold).collect()
}
