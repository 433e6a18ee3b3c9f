//! Time in a score: ticks and beats as written, seconds as heard, joined by the tempo map only.

use std::num::NonZeroU16;
use std::ops::{Add, AddAssign, Sub};

use crate::RangeError;

/// Time in a score's own resolution, from its beginning; also a length of such time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Ticks(pub u32);

/// Time in quarter notes.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Default)]
pub struct Beats(pub f64);

/// Time as it is heard, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Default)]
pub struct Seconds(pub f64);

impl Ticks {
    /// The beginning of a score.
    pub const ZERO: Self = Self(0);

    /// The later time, or the largest that can be told where the sum is beyond it.
    #[must_use]
    pub const fn saturating_add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// The difference, or zero where `other` is later.
    #[must_use]
    pub const fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl Add for Ticks {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl AddAssign for Ticks {
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}

impl Sub for Ticks {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

/// How many ticks make a quarter note, from 1 to 32,767 as MIDI allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Resolution(NonZeroU16);

impl Resolution {
    /// 480 ticks a quarter, what most sequencers write.
    pub const STANDARD: Self = match NonZeroU16::new(480) {
        Some(ticks) => Self(ticks),
        None => unreachable!(),
    };

    /// Takes the ticks of a quarter note.
    pub const fn new(ticks_per_quarter: i64) -> Result<Self, RangeError> {
        let error = RangeError {
            what: "a resolution (ticks a quarter)",
            min: 1,
            max: 32_767,
            value: ticks_per_quarter,
        };
        if ticks_per_quarter > 32_767 || ticks_per_quarter < 1 {
            return Err(error);
        }
        match NonZeroU16::new(ticks_per_quarter as u16) {
            Some(ticks) => Ok(Self(ticks)),
            None => Err(error),
        }
    }

    /// Ticks in a quarter note.
    pub const fn ticks_per_quarter(self) -> u32 {
        self.0.get() as u32
    }

    /// Quarter notes that so many ticks take.
    pub fn beats(self, ticks: Ticks) -> Beats {
        Beats(f64::from(ticks.0) / f64::from(self.ticks_per_quarter()))
    }

    /// The nearest tick to a time in quarter notes.
    pub fn ticks(self, beats: Beats) -> Ticks {
        Ticks((beats.0 * f64::from(self.ticks_per_quarter())).round() as u32)
    }
}

/// A speed: microseconds that a quarter note takes, 1 to 16,777,215 as MIDI stores it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Tempo(u32);

impl Tempo {
    /// 120 quarter notes a minute, which MIDI takes where nothing is said.
    pub const DEFAULT: Self = Self(500_000);

    /// Takes the microseconds of a quarter note.
    pub const fn from_micros(micros_per_quarter: i64) -> Result<Self, RangeError> {
        if micros_per_quarter < 1 || micros_per_quarter > 0xFF_FFFF {
            return Err(RangeError {
                what: "a tempo (microseconds a quarter)",
                min: 1,
                max: 0xFF_FFFF,
                value: micros_per_quarter,
            });
        }
        Ok(Self(micros_per_quarter as u32))
    }

    /// Takes quarter notes a minute; what MIDI can store lies between 4 and 60,000,000.
    pub fn from_bpm(quarters_per_minute: f64) -> Result<Self, RangeError> {
        let error = RangeError {
            what: "a tempo (quarters a minute)",
            min: 4,
            max: 60_000_000,
            value: quarters_per_minute as i64,
        };
        if !(4.0..=60_000_000.0).contains(&quarters_per_minute) {
            return Err(error);
        }
        Self::from_micros((60_000_000.0 / quarters_per_minute).round() as i64).map_err(|_| error)
    }

    /// Microseconds that a quarter note takes.
    pub const fn micros_per_quarter(self) -> u32 {
        self.0
    }

    /// Quarter notes a minute.
    pub fn bpm(self) -> f64 {
        60_000_000.0 / f64::from(self.0)
    }
}

/// Something that holds from a time on, until the next of its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timed<T> {
    /// When it begins.
    pub at: Ticks,
    /// What begins.
    pub value: T,
}

impl<T> Timed<T> {
    /// Puts a value at a time.
    pub const fn new(at: Ticks, value: T) -> Self {
        Self { at, value }
    }
}

/// Joins ticks and seconds: the tempo changes of a score, made ready for look-ups in both directions.
#[derive(Debug, Clone, PartialEq)]
pub struct TempoMap {
    resolution: Resolution,
    /// Sorted by tick; the first is at tick 0. Seconds are those at the change.
    changes: Vec<(Ticks, Seconds, Tempo)>,
}

impl TempoMap {
    /// Makes the map from tempo changes in any order. Where two share a tick, the later in the list holds.
    pub fn new(resolution: Resolution, tempos: &[Timed<Tempo>]) -> Self {
        let mut sorted = vec![Timed::new(Ticks::ZERO, Tempo::DEFAULT)];
        sorted.extend_from_slice(tempos);
        sorted.sort_by_key(|tempo| tempo.at);
        let mut map = Self { resolution, changes: Vec::with_capacity(sorted.len()) };
        for Timed { at, value } in sorted {
            let seconds = map.seconds(at);
            if map.changes.last().is_some_and(|last| last.0 == at) {
                map.changes.pop();
            }
            map.changes.push((at, seconds, value));
        }
        map
    }

    /// The time at which a tick is heard.
    pub fn seconds(&self, at: Ticks) -> Seconds {
        let after = self.changes.partition_point(|change| change.0 <= at);
        let Some(&(tick, seconds, tempo)) = self.changes[..after].last() else {
            return Seconds(0.0);
        };
        Seconds(seconds.0 + f64::from(at.0 - tick.0) * self.seconds_per_tick(tempo))
    }

    /// The tick that is heard at a time, rounded to the nearest.
    pub fn ticks(&self, at: Seconds) -> Ticks {
        let after = self.changes.partition_point(|change| change.1.0 <= at.0);
        let Some(&(tick, seconds, tempo)) = self.changes[..after].last() else {
            return Ticks::ZERO;
        };
        Ticks(tick.0.saturating_add(((at.0 - seconds.0) / self.seconds_per_tick(tempo)).round() as u32))
    }

    fn seconds_per_tick(&self, tempo: Tempo) -> f64 {
        f64::from(tempo.micros_per_quarter()) / 1e6 / f64::from(self.resolution.ticks_per_quarter())
    }
}
