//! The measures that all parts share, as their parts tell of them.

use super::moment::{FINE, Moment, QUARTER, ROUNDED};
use crate::Meter;
use crate::sheet::Jump;

/// Where in its measure a sign stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spot {
    /// At the beginning.
    Left,
    /// At the end, wherever that is.
    Right,
    /// Somewhere.
    At(Moment),
}

impl Spot {
    /// Where a sign at a time stands.
    pub(super) fn at(at: Moment) -> Self {
        if at <= 0 { Self::Left } else { Self::At(at) }
    }
}

/// What stands at a bar line or tells where to go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Sign {
    /// A repeated part begins.
    Begins,
    /// A repeated part ends and is played so many times, where that is said.
    Ends(Option<u8>),
    /// A bracket begins, for these passes.
    Bracket(Vec<u8>),
    /// A bracket ends.
    BracketEnds,
    Jump(Jump),
}

/// A measure has so many signs and metres at most; more are left out.
const MOST: usize = 64;

/// One measure.
#[derive(Debug, Clone, Default)]
pub(super) struct Measure {
    /// Its printed number.
    pub(super) number: String,
    /// How far the longest part goes in it.
    pub(super) length: Moment,
    /// Where the last note in it begins that lasts.
    pub(super) latest: Moment,
    /// How long its metre makes it; zero in free time.
    pub(super) nominal: Moment,
    pub(super) meters: Vec<(Moment, Meter)>,
    pub(super) signs: Vec<(Spot, Sign)>,
}

impl Measure {
    /// How long it is: as long as its longest part, and a whole bar where nothing stands in it that lasts a tick, or
    /// where a whole bar, in which all notes begin, is missed by what tuplets were rounded by.
    pub(super) fn lasts(&self) -> Moment {
        match (self.length, self.nominal) {
            (length, nominal) if nominal > self.latest && (length - nominal).abs() < ROUNDED => nominal,
            (length, _) if 2 * length >= QUARTER / FINE => length,
            (_, 0) => 4 * QUARTER,
            (_, nominal) => nominal,
        }
    }

    /// Adds a sign, unless another part has it.
    pub(super) fn sign(&mut self, spot: Spot, sign: Sign) {
        let place = match sign {
            // Jumps are drawn where there is room.
            Sign::Jump(_) => self.signs.iter().position(|known| known.1 == sign),
            _ => self.signs.iter().position(|known| known.0 == spot && known.1 == sign),
        };
        if place.is_none() && self.signs.len() < MOST {
            self.signs.push((spot, sign));
        }
    }

    /// Adds a metre; where two parts differ, the upper one's holds.
    pub(super) fn meter(&mut self, at: Moment, meter: Meter) {
        if self.meters.len() < MOST && self.meters.iter().all(|known| known.0 != at) {
            self.meters.push((at, meter));
        }
    }
}
