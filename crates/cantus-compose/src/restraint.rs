//! What a piece is to do without, or to have less of: rules that are asked for, hard or weighed.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::error::ComposeError;

/// Something that a piece can do without, or have less of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Restraint {
    /// Notes outside the key's scale.
    Accidentals,
    /// Two parts of one note at a time that move from a fifth to a fifth.
    Fifths,
    /// Two such parts that move from an octave or a unison to another.
    Octaves,
    /// A part of one note at a time that goes below one that lies lower.
    Crossings,
    /// Silence in a part of one note at a time.
    Rests,
    /// A note in such a part that is the one before it, struck again.
    Repeats,
}

impl Restraint {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Accidentals, Self::Fifths, Self::Octaves, Self::Crossings, Self::Rests, Self::Repeats];

    /// What is called parallels.
    pub const PARALLELS: [Self; 2] = [Self::Fifths, Self::Octaves];

    /// Those of parts that play one note at a time, with how many such parts each needs.
    pub(crate) const OF_LINES: [(Self, usize); 5] =
        [(Self::Fifths, 2), (Self::Octaves, 2), (Self::Crossings, 2), (Self::Rests, 1), (Self::Repeats, 1)];

    /// Its name, as the user writes it.
    pub const fn name(self) -> &'static str {
        ["accidentals", "fifths", "octaves", "crossings", "rests", "repeats"][self as usize]
    }

    /// The restraint of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|restraint| restraint.name() == name)
    }
}

/// The most that something can be weighed down by, in nats: it is left to one case in a million million.
const HEAVIEST: f32 = 30.0;
/// The most notes at once that can be asked for.
const MOST: u8 = 64;

/// All that a piece is to do without or to have less of.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Restraints {
    /// What must not be.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub(crate) forbidden: BTreeSet<Restraint>,
    /// What is less likely, by so many nats.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) avoided: BTreeMap<Restraint, f32>,
    /// Most notes that sound at once, drums left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) most_notes: Option<u8>,
    /// The lowest and the highest key of parts, by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) ranges: BTreeMap<String, (u8, u8)>,
}

impl Restraints {
    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether something is forbidden, or avoided by any weight.
    pub(crate) fn asks(&self, restraint: Restraint) -> bool {
        self.forbidden.contains(&restraint) || self.avoided.get(&restraint).is_some_and(|nats| *nats > 0.0)
    }

    /// Whether anything is said of it, if only that it is not avoided.
    fn has(&self, restraint: Restraint) -> bool {
        self.forbidden.contains(&restraint) || self.avoided.contains_key(&restraint)
    }

    /// With what a style avoids, unless something else is asked.
    pub(crate) fn with_habits(&self, habits: &BTreeMap<String, f32>, lines: usize) -> Self {
        let mut all = self.clone();
        for (restraint, _) in Restraint::OF_LINES.into_iter().filter(|(_, needed)| lines >= *needed) {
            if let Some(nats) = habits.get(restraint.name()).filter(|_| !self.has(restraint)) {
                all.avoided.insert(restraint, *nats);
            }
        }
        all
    }

    /// The first of them in words, but for the scale.
    pub(crate) fn first(&self) -> Option<String> {
        let forbidden = self.forbidden.iter().find(|restraint| **restraint != Restraint::Accidentals);
        let named = forbidden.map(|restraint| format!("a rule against {}", restraint.name()));
        let avoided = || self.avoided.keys().next().map(|restraint| format!("fewer {}", restraint.name()));
        let most = || self.most_notes.map(|most| format!("at most {most} notes at once"));
        let range = || self.ranges.keys().next().map(|part| format!("a range for {part}"));
        named.or_else(avoided).or_else(most).or_else(range)
    }

    /// Fails where a number makes no sense.
    pub(crate) fn checked(self) -> Result<Self, ComposeError> {
        for weight in self.avoided.values() {
            checked_weight(*weight)?;
        }
        self.most_notes.map(checked_most).transpose()?;
        for (part, (low, high)) in &self.ranges {
            checked_range(part, (*low, *high))?;
        }
        Ok(self)
    }
}

/// A weight from 0 to 30 nats.
pub(crate) fn checked_weight(nats: f32) -> Result<f32, ComposeError> {
    if (0.0..=HEAVIEST).contains(&nats) {
        return Ok(nats);
    }
    let rule = "from 0 to 30 nats";
    Err(ComposeError::Range { what: "a weight of what is avoided", rule, value: nats.to_string() })
}

/// From 1 to 64 notes.
pub(crate) fn checked_most(notes: u8) -> Result<u8, ComposeError> {
    if (1..=MOST).contains(&notes) {
        return Ok(notes);
    }
    let rule = "from 1 to 64";
    Err(ComposeError::Range { what: "the most notes at once", rule, value: notes.to_string() })
}

/// Keys from low to high.
pub(crate) fn checked_range(part: &str, (low, high): (u8, u8)) -> Result<(u8, u8), ComposeError> {
    if low <= high && high < 128 {
        return Ok((low, high));
    }
    let value = format!("{part} from {low} to {high}");
    Err(ComposeError::Range { what: "a range", rule: "from a lower note to a higher one", value })
}
