//! What was decided, and what it was decided from.

use cantus_model::encoding::{Length, STEPS_PER_QUARTER, Steps};
use cantus_model::walk::{END, Kind, NO_PICKUP, STOP};
use cantus_score::Pitch;
use serde::Serialize;

use crate::distribution::Distribution;
use crate::rules::Rule;

/// How many alternatives a trace keeps of each decision.
const ALTERNATIVES: usize = 5;

/// Every decision of a piece, in order.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[serde(transparent)]
pub struct Trace {
    /// The decisions.
    pub decisions: Vec<Decision>,
}

/// One decision.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Decision {
    /// The time of the slice, in grid steps of a twenty-fourth of a quarter.
    pub at: Steps,
    /// What was asked: `pitch`, `length`, `gap` …
    pub kind: &'static str,
    /// The part that it was about, for decisions about notes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub part: Option<usize>,
    /// What was chosen.
    pub chosen: Alternative,
    /// The likeliest choices under the rules, the likeliest first.
    pub likely: Vec<Alternative>,
    /// What each rule took away.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub masked: Vec<Masked>,
}

/// A possible choice.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Alternative {
    /// Its class.
    pub class: u32,
    /// What the class means, in words.
    pub means: String,
    /// Its probability under the rules, before temperature, from 0 to 1.
    pub probability: f32,
}

/// What a rule took away from a decision, or made less likely.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Masked {
    /// The rule.
    pub rule: Rule,
    /// The share of the network's probability that it is about, from 0 to 1.
    pub mass: f32,
    /// Whether the rule gave way instead, because it would have left nothing.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub gave_way: bool,
    /// By how many nats what it is against became less likely, where it is weighed and takes nothing away.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nats: Option<f32>,
}

impl Decision {
    pub(crate) fn new(at: Steps, kind: Kind, part: usize, offered: &Distribution, class: u32) -> Self {
        let is_about_a_note = matches!(kind, Kind::Pitch | Kind::Drum | Kind::Length | Kind::Velocity);
        let alternative = |class: u32| Alternative {
            class,
            means: meaning(kind, class),
            probability: offered.probability(class),
        };
        let mut likely: Vec<usize> = (0..offered.classes.len()).collect();
        likely.sort_by(|&a, &b| offered.probabilities[b].total_cmp(&offered.probabilities[a]));
        likely.truncate(ALTERNATIVES);
        Self {
            at,
            kind: kind.name(),
            part: is_about_a_note.then_some(part),
            chosen: alternative(class),
            likely: likely.into_iter().map(|index| alternative(offered.classes[index])).collect(),
            masked: Vec::new(),
        }
    }
}

/// What a class means, in words; lengths in parts of a whole note.
pub fn meaning(kind: Kind, class: u32) -> String {
    match kind {
        Kind::Pickup if class == NO_PICKUP => "no pickup".into(),
        Kind::Gap if class == END => "the end".into(),
        Kind::Pickup | Kind::Gap | Kind::Length => Length::of_class(class)
            .map_or_else(|| "a rare length".into(), |length| part_of_a_whole(length.steps())),
        Kind::Pitch | Kind::Drum if class == STOP => "no note".into(),
        Kind::Pitch => Pitch::saturating(i64::from(class) - 1).to_string(),
        Kind::Drum => format!("drum {}", class.saturating_sub(1)),
        Kind::Velocity => format!("velocity {}", class * 4 + 2),
        Kind::Coarse => format!("{class} quarters and"),
        Kind::Fine => format!("{class} of 24 of a quarter"),
    }
}

pub(crate) fn part_of_a_whole(steps: Steps) -> String {
    let (mut upper, mut lower) = (steps, 4 * STEPS_PER_QUARTER);
    for factor in [2, 3] {
        while upper.is_multiple_of(factor) && lower.is_multiple_of(factor) {
            (upper, lower) = (upper / factor, lower / factor);
        }
    }
    format!("{upper}/{lower}")
}
