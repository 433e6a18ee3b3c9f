//! The grid of a phrase: a bar has at most sixteen steps, whatever its metre.

use cantus_score::Meter;
use serde::{Deserialize, Serialize};

use crate::encoding::Steps;

/// Bars of a phrase.
pub const BARS: usize = 4;
/// Steps for which a bar has room.
pub const BAR_STEPS: usize = 16;
/// Steps of a phrase.
pub const STEPS: usize = BARS * BAR_STEPS;
/// Steps that a network sees: the bar before the phrase, and the phrase.
pub const SEEN: usize = BAR_STEPS + STEPS;

/// A sixteenth note, in twenty-fourths of a quarter.
const SIXTEENTH: Steps = 6;
/// The fewest steps of a bar: with fewer there is nothing to tell.
const FEWEST: u32 = 6;

/// How the bars of a metre lie in the room of sixteen steps.
///
/// A step is a sixteenth where the bar has at most sixteen of them, else an eighth, a quarter or a half. Bars of up to eight
/// sixteenths, such as 2/4 and 3/8, lie in pairs, so that a phrase in them is eight bars.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Grid {
    /// Twenty-fourths of a quarter in a step.
    pub step: Steps,
    /// Steps in use of the room of each bar, the first ones.
    pub used: u8,
    /// Bars of the metre that lie in that room: 1 or 2.
    pub joined: u8,
    /// Whether beats are divided by three.
    pub compound: bool,
}

impl Grid {
    /// The grid of common time.
    pub const COMMON: Self = Self { step: SIXTEENTH, used: 16, joined: 1, compound: false };

    /// The grid of a metre; nothing where its bars do not fit one.
    pub fn of(meter: Meter) -> Option<Self> {
        let (beats, unit) = (u32::from(meter.beats()), u32::from(meter.unit()));
        let sixteenths = (beats * 16).checked_div(unit).filter(|_| (beats * 16).is_multiple_of(unit))?;
        let joined = if sixteenths <= 8 { 2 } else { 1 };
        let whole = sixteenths * joined;
        let parts =
            [1, 2, 4, 8].into_iter().find(|parts| whole.is_multiple_of(*parts) && whole / parts <= 16)?;
        let used = whole / parts;
        let compound = unit >= 8 && beats.is_multiple_of(3);
        let grid = Self { step: SIXTEENTH * parts, used: used as u8, joined: joined as u8, compound };
        (used >= FEWEST).then_some(grid)
    }

    /// The length of its room, in twenty-fourths of a quarter.
    pub fn length(self) -> Steps {
        self.step * u32::from(self.used)
    }

    /// Whether a step of a network's time is in use.
    pub fn uses(self, step: usize) -> bool {
        step % BAR_STEPS < usize::from(self.used)
    }
}
