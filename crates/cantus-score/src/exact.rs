//! From a reader's own fine grains of time to ticks.

use crate::{Resolution, Ticks};

/// The ticks of a quarter where no resolution that MIDI can hold is exact.
const FINE: i64 = 30_240;

/// 480 ticks a quarter, or the smallest multiple in which all times are exact, or the smallest number in which they are. A
/// quarter has so many grains, a multiple of 480.
pub(crate) fn resolution(quarter: u64, times: impl Iterator<Item = u64>) -> Resolution {
    let common = times.fold(quarter, gcd).max(1);
    let exact = |common: u64| Resolution::new(i64::try_from(quarter / common).unwrap_or(i64::MAX));
    exact(gcd(common, quarter / 480).max(1))
        .or_else(|_| exact(common))
        .or_else(|_| Resolution::new(FINE))
        .unwrap_or(Resolution::STANDARD)
}

/// The nearest tick to a time in grains.
pub(crate) fn ticks(grains: u64, quarter: u64, resolution: Resolution) -> Ticks {
    let ticks = u128::from(grains) * u128::from(resolution.ticks_per_quarter()) + u128::from(quarter / 2);
    Ticks(u32::try_from(ticks / u128::from(quarter)).unwrap_or(u32::MAX))
}

fn gcd(mut a: u64, mut b: u64) -> u64 {
    while b > 0 {
        (a, b) = (b, a % b);
    }
    a
}
