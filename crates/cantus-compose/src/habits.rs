//! What a style avoids: how strongly each restraint is weighed so that composed pieces have about as much of what it is against as real ones.

use std::collections::BTreeMap;

use cantus_model::encoding::Sliced;
use cantus_score::Score;

use crate::check::violations;
use crate::composer::Composer;
use crate::error::ComposeError;
use crate::plan::Plan;
use crate::request::Request;
use crate::restraint::Restraint;
use crate::rules::{Rule, lines};
use crate::steer::Steer as _;

/// Bars of the pieces that are composed.
const BARS: u32 = 16;
/// How often weights are mended by what comes of them.
const ROUNDS: usize = 5;
/// The heaviest weight of a habit, in nats.
const HEAVIEST: f32 = 8.0;
/// The part of what real pieces have that composed ones are to have: chance must not make it more.
const AIM: f64 = 0.6;
/// The least ratio of what is made and what is to be by which a weight is mended.
const LEAST: f64 = 0.5;
/// A weight that is too small to matter.
const LIGHTEST: f32 = 0.25;
/// The part of a difference that a round mends.
const PACE: f64 = 0.8;

/// Weights in nats by the names of restraints of lines, for a style: `real` are pieces of it in its usual setting, and so many are composed in each round.
/// Composed pieces are to have a little less than real ones: of what they have so by
/// themselves nothing is weighed.
pub fn habits(
    composer: &Composer,
    style: &str,
    real: &[Sliced],
    pieces: u64,
) -> Result<BTreeMap<String, f32>, ComposeError> {
    let plain = Request::new(0).style(style).bars(BARS)?;
    let count = lines(&Plan::new(&plain, composer.styles())?.parts, None).into_iter().flatten().count();
    let of_lines: Vec<Restraint> =
        Restraint::OF_LINES.into_iter().filter(|(_, needed)| *needed <= count).map(|(of, _)| of).collect();
    let all = of_lines.iter().fold(plain, |request, restraint| request.without(*restraint));
    let strict = Plan::new(&all, composer.styles())?;
    let alike = |piece: &&Sliced| piece.parts.len() == strict.parts.len();
    let goal = rates(real.iter().filter(alike).map(Sliced::to_score), &strict);
    let mut weights: BTreeMap<Restraint, f32> = of_lines.iter().map(|restraint| (*restraint, 0.0)).collect();
    for round in 0..ROUNDS as u64 {
        let made = (0..pieces).map(|piece| {
            let mut request = Request::new(round * pieces + piece).style(style).bars(BARS)?;
            for (restraint, nats) in &weights {
                request = request.avoid(*restraint, *nats)?;
            }
            Ok(composer.compose(&request)?.score)
        });
        let made: Vec<Score> = made.collect::<Result<_, ComposeError>>()?;
        let rates = rates(made.into_iter(), &strict);
        for (restraint, nats) in &mut weights {
            // What never happened says only that the weight is heavy enough.
            let excess = (rates.of(*restraint) / (AIM * goal.with_half_a_case(*restraint))).max(LEAST).ln();
            *nats = (*nats + (PACE * excess) as f32).clamp(0.0, HEAVIEST);
        }
    }
    let heavy = weights.into_iter().filter(|(_, nats)| *nats >= LIGHTEST);
    Ok(heavy.map(|(restraint, nats)| (restraint.name().to_owned(), (nats * 20.0).round() / 20.0)).collect())
}

/// How often rules are broken.
struct Rates {
    notes: f64,
    broken: BTreeMap<&'static str, f64>,
}

impl Rates {
    /// How often a note breaks a rule.
    fn of(&self, restraint: Restraint) -> f64 {
        self.broken(restraint) / self.notes.max(1.0)
    }

    /// The same with half a case more, so that what never happened has a rate.
    fn with_half_a_case(&self, restraint: Restraint) -> f64 {
        (self.broken(restraint) + 0.5) / self.notes.max(1.0)
    }

    fn broken(&self, restraint: Restraint) -> f64 {
        self.broken.get(Rule::against(restraint).name()).copied().unwrap_or(0.0)
    }
}

fn rates(scores: impl Iterator<Item = Score>, strict: &Plan) -> Rates {
    let mut rates = Rates { notes: 0.0, broken: BTreeMap::new() };
    for score in scores {
        rates.notes += score.note_count() as f64;
        for (rule, _) in violations(&score, strict) {
            *rates.broken.entry(rule.name()).or_default() += 1.0;
        }
    }
    rates
}
