//! Time while a file is read: fine enough for whatever divisions its parts count in.

use crate::{Resolution, Ticks};

/// A time or a length in parts of a quarter note, [`QUARTER`] of them.
pub(super) type Moment = i64;

/// A quarter note; divisible by what notation divides by: 4096, 27, 25, and 7 to 19.
pub(super) const QUARTER: Moment = 4096 * 27 * 25 * 7 * 11 * 13 * 17 * 19;

/// Ticks of a quarter note where none tell everything: divisible by 64, 9, 5 and 7.
pub(super) const FINE: Moment = 20_160;

/// By less than this the notes of a measure miss its length where tuplets were rounded to whole divisions.
pub(super) const ROUNDED: Moment = QUARTER / 64;

/// The longest that one element may last: more is a slip of the pen.
pub(super) const LONGEST: Moment = 4096 * QUARTER;
/// The longest that one measure may last; music without bar lines is one measure.
pub(super) const LONGEST_MEASURE: Moment = 64 * LONGEST;

/// A length in divisions of a quarter note, as far as a measure may last.
pub(super) fn of_divisions(length: i64, divisions: i64) -> Moment {
    (i128::from(length) * i128::from(QUARTER) / i128::from(divisions.max(1)))
        .clamp(i128::from(-LONGEST_MEASURE), i128::from(LONGEST_MEASURE)) as Moment
}

/// A length in quarter notes, as far as a measure may last.
pub(super) fn of_quarters(quarters: f64) -> Moment {
    (quarters * QUARTER as f64).round().clamp(-LONGEST_MEASURE as f64, LONGEST_MEASURE as f64) as Moment
}

/// The nearest tick.
pub(super) fn ticks(moment: Moment, resolution: Resolution) -> Ticks {
    let wide = i128::from(moment.max(0)) * i128::from(resolution.ticks_per_quarter());
    let nearest = (wide + i128::from(QUARTER / 2)) / i128::from(QUARTER);
    Ticks(u32::try_from(nearest).unwrap_or(u32::MAX))
}

/// The resolution that tells all these divisions, or nothing where there is none.
pub(super) fn common(divisions: impl IntoIterator<Item = i64>) -> Option<Resolution> {
    let both = |so_far: i64, next: i64| {
        let common = so_far / gcd(so_far, next) * next;
        (common <= 32_767).then_some(common)
    };
    Resolution::new(divisions.into_iter().try_fold(1, both)?).ok()
}

/// Whether a resolution tells a moment, apart from what was rounded.
pub(super) fn tells(resolution: Resolution, moment: Moment) -> bool {
    let within = i128::from(moment) * i128::from(resolution.ticks_per_quarter()) % i128::from(QUARTER);
    let off = within.min(i128::from(QUARTER) - within);
    off * 1_000 < i128::from(QUARTER)
}

/// The resolution that tells all these moments, or nothing where there is none.
pub(super) fn telling(moments: impl Iterator<Item = Moment>) -> Option<Resolution> {
    Resolution::new(QUARTER / moments.fold(QUARTER, gcd)).ok()
}

fn gcd(a: i64, b: i64) -> i64 {
    if b == 0 { a.abs().max(1) } else { gcd(b, a % b) }
}
