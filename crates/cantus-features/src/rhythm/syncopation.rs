//! Syncopation: a note that begins on a weak place and is held over a stronger one.

use cantus_score::Meter;

use super::grid::nearest;
use super::moments;
use crate::Window;

/// The strengths of a bar's places, from the levels of its metre.
struct Levels {
    /// The distance of the places of each level, in twelfths of a quarter note, from the bar down to sixteenths.
    periods: Vec<u64>,
}

impl Levels {
    /// The levels of a metre: the bar, its divisions by two or three down to the beats' units, and halves down to sixteenths.
    fn of(meter: Meter) -> Self {
        let unit = (48 / u64::from(meter.unit())).max(1);
        let mut periods = vec![unit * u64::from(meter.beats())];
        let mut left = u64::from(meter.beats());
        while left > 1 {
            let factor = (2..=left).find(|factor| left % factor == 0).unwrap_or(left);
            left /= factor;
            periods.push(unit * left);
        }
        let mut period = unit;
        while period > 3 && period.is_multiple_of(2) {
            period /= 2;
            periods.push(period);
        }
        Self { periods }
    }

    /// How many levels below the bar's beginning a place is; none where it is on no level.
    fn depth(&self, place: u64) -> Option<usize> {
        self.periods.iter().position(|period| place.is_multiple_of(*period))
    }

    /// The least depth of the places strictly between two.
    fn strongest(&self, between: std::ops::Range<u64>) -> Option<usize> {
        let inside = |period: &u64| (between.start / period + 1) * period < between.end;
        self.periods.iter().position(inside)
    }
}

/// The syncopation of the onsets of a bar, summed; of a piece, the mean of its bars in which notes begin.
///
/// A note on the grid of sixteenths counts by how many levels the strongest place that passes before the next onset lies
/// above its own.
pub(crate) fn syncopation(window: &Window) -> Option<f64> {
    if window.bars.is_empty() {
        return of_bar(window);
    }
    let bars: Vec<f64> = window.bars.iter().filter_map(of_bar).collect();
    (!bars.is_empty()).then(|| bars.iter().sum::<f64>() / bars.len() as f64)
}

fn of_bar(bar: &Window) -> Option<f64> {
    let levels = Levels::of(bar.meter.unwrap_or(Meter::FOUR_FOUR));
    let place = |at: u32| nearest(at - bar.begin.0, bar.resolution);
    let mut places: Vec<u64> = moments(bar).iter().map(|at| place(at.0)).collect();
    places.dedup();
    // Beyond the bar's end only the next bar's beginning counts: nothing is stronger.
    let end = place(bar.end.0);
    let held = bar.begun.iter().any(|note| note.at.saturating_add(note.length) > bar.end);
    let next = bar.after.map_or(end + u64::from(held), |after| place(after.0).min(end + 1));
    let nexts = places.iter().copied().skip(1).chain([next]);
    let of_note = |(at, next): (u64, u64)| {
        let (own, passed) = (levels.depth(at)?, levels.strongest(at..next)?);
        Some(own.saturating_sub(passed))
    };
    let sum: usize = places.iter().copied().zip(nexts).filter_map(of_note).sum();
    (!places.is_empty()).then_some(sum as f64)
}
