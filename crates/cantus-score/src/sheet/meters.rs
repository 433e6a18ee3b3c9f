//! From bars to the changes of metre that a score keeps.

use crate::{Meter, Resolution, Ticks, Timed};

/// A bar as it is played: its length, and the metre that is written for it.
#[derive(Clone, Copy)]
pub(super) struct Measure {
    pub(super) length: Ticks,
    pub(super) meter: Option<Meter>,
}

/// The changes of metre that give these bars.
///
/// Incomplete bars that together make a whole one, as at a repeat in the middle of a bar, become one. Any other bar that its
/// metre does not fill takes the metre of its length, so that a pickup is a short first metre; where no metre has that length,
/// the metre is written again after it, which begins a new bar there. An incomplete last bar stays as it is.
pub(super) fn changes(bars: &[Measure], resolution: Resolution) -> Vec<Timed<Meter>> {
    let (mut changes, mut at, mut index, mut cut) = (Vec::new(), Ticks::ZERO, 0, false);
    while let Some(bar) = bars.get(index) {
        let (joined, length) = join(bars.get(index..).unwrap_or_default(), resolution);
        let last = index + joined == bars.len();
        let sayable = if is_regular(*bar, length, last, resolution) {
            bar.meter
        } else {
            meter_of_length(length, bar.meter, resolution)
        };
        push(&mut changes, at, sayable.or(bar.meter), cut);
        cut = sayable.is_none();
        at = at.saturating_add(length);
        index += joined;
    }
    changes
}

fn is_regular(bar: Measure, length: Ticks, last: bool, resolution: Resolution) -> bool {
    bar.meter.is_some_and(|meter| {
        let whole = meter.bar(resolution);
        length.0.is_multiple_of(whole.0) || last && length < whole
    })
}

fn push(changes: &mut Vec<Timed<Meter>>, at: Ticks, meter: Option<Meter>, cut: bool) {
    let before = changes.last().map(|change| change.value);
    if let Some(meter) = meter
        && (cut || before != Some(meter))
    {
        changes.push(Timed::new(at, meter));
    }
}

/// How many of the bars that follow make one bar, and its length.
fn join(bars: &[Measure], resolution: Resolution) -> (usize, Ticks) {
    let Some(first) = bars.first() else { return (1, Ticks::ZERO) };
    let Some(meter) = first.meter else { return (1, first.length) };
    let (whole, mut sum) = (meter.bar(resolution), Ticks::ZERO);
    for (index, bar) in bars.iter().enumerate().take_while(|(_, bar)| bar.meter == Some(meter)) {
        sum = sum.saturating_add(bar.length);
        if sum >= whole {
            return if sum == whole { (index + 1, sum) } else { (1, first.length) };
        }
    }
    (1, first.length)
}

/// The metre of a bar of such a length, with the lower number of `natural` where that can be.
fn meter_of_length(length: Ticks, natural: Option<Meter>, resolution: Resolution) -> Option<Meter> {
    let whole = u64::from(resolution.ticks_per_quarter()) * 4;
    let first = natural.map_or(4, Meter::unit);
    let units = std::iter::once(first).chain([4, 8, 16, 32, 64]).filter(|&unit| unit >= first.min(4));
    let mut sayable = units.filter_map(|unit| {
        let beats = u64::from(length.0) * u64::from(unit);
        let exact = beats > 0 && beats.is_multiple_of(whole);
        exact.then(|| Meter::new((beats / whole) as i64, i64::from(unit)).ok()).flatten()
    });
    sayable.next()
}
