//! How drafts become a piece: each is drawn on to its end, several takes of a bar are compared where that pays, and the judges hear all of it.

use cantus_model::encoding::{Sliced, Steps};
use cantus_model::styles::heard_key;
use cantus_nn::{Rng, math};
use cantus_score::Score;

use crate::breath::breathe;
use crate::chooser::Chooser;
use crate::composer::Policy;
use crate::composition::Composition;
use crate::error::ComposeError;
use crate::judge::{Finished, Judge, Scope, Verdict, sounds_like};
use crate::plan::Plan;
use crate::request::{Ending, Request};
use crate::restraint::Restraint;
use crate::trace::Trace;

/// What a choice is made by: who chooses, chance, and which drawing of the piece it is.
pub(crate) type Chance<'a, 'b> = (&'a mut (dyn Chooser + 'b), &'a mut Rng, u32);

/// Who writes drafts.
pub(crate) trait Scribe {
    /// A piece so far; a copy of it is a place to come back to.
    type Draft: Clone;

    /// The beginning of a piece.
    fn begin(&self) -> Self::Draft;

    /// The time of what is written next; nothing where the piece has ended.
    fn now(&self, draft: &Self::Draft) -> Option<Steps>;

    /// Writes on until a moment begins at a time or later, or to the end.
    fn write(
        &mut self,
        draft: &mut Self::Draft,
        until: Option<Steps>,
        chance: Chance,
    ) -> Result<(), ComposeError>;

    /// Until when takes are drawn that are compared; nothing where none are.
    fn take_end(&self, draft: &Self::Draft) -> Option<Steps>;

    /// What a take that ends at a time is worth.
    fn worth(&self, take: &Self::Draft, end: Steps) -> Worth;

    /// The piece, its trace, and what it has of points.
    fn finished(&self, draft: Self::Draft) -> (Sliced, Option<Trace>, f64);
}

/// What a take is worth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Worth {
    /// How far it is from what is asked: the nearest is kept, the first that is near enough at once.
    Apart { distance: f64, is_near: bool },
    /// How much more it sounds like real pieces, in nats: one is drawn by what they say.
    Real(f32),
}

/// A drawn piece and what the judges said.
pub(crate) struct Candidate {
    pub(crate) piece: Sliced,
    pub(crate) score: Score,
    pub(crate) trace: Option<Trace>,
    pub(crate) remarks: Vec<String>,
    /// How much of it was rejected.
    pub(crate) rejected: Option<Scope>,
    pub(crate) points: f64,
}

impl Candidate {
    /// The piece as a composition of a request, drawn so often by the model of a digest.
    pub(crate) fn composition(
        self,
        request: &Request,
        plan: Plan,
        attempts: u32,
        digest: &str,
    ) -> Composition {
        let Self { mut score, piece, trace, remarks, points, .. } = self;
        let key = heard_key(&piece);
        score.title = title(&plan, key, request.asked_seed());
        let (request, model) = (request.clone(), digest.to_owned());
        Composition { score, request, plan, key, attempts, points, remarks, model, trace }
    }

    /// Fewer faults are better, then more points; of equals the earlier stays.
    pub(crate) fn is_better_than(&self, other: &Self) -> bool {
        let faults = |candidate: &Self| (candidate.remarks.len(), candidate.rejected);
        faults(self) < faults(other) || faults(self) == faults(other) && self.points > other.points
    }
}

fn title(plan: &Plan, key: Option<cantus_score::Key>, seed: u64) -> String {
    let key = key.map_or(String::new(), |key| format!(" in {key}"));
    format!("{}{key}, seed {seed}", plan.style_name)
}

/// Drawing after drawing of one piece.
pub(crate) struct Session<'a, S: Scribe> {
    scribe: S,
    plan: &'a Plan,
    judges: &'a [&'a dyn Judge],
    policy: Policy,
    rng: Rng,
    attempts: u32,
    accepted: u32,
    best: Option<Candidate>,
}

impl<'a, S: Scribe> Session<'a, S> {
    pub(crate) fn new(
        scribe: S,
        plan: &'a Plan,
        judges: &'a [&'a dyn Judge],
        (policy, seed): (Policy, u64),
    ) -> Self {
        Self { scribe, plan, judges, policy, rng: Rng::new(seed), attempts: 0, accepted: 0, best: None }
    }

    /// Draws until enough pieces are accepted, or as often as the policy allows: the best, and how often was drawn.
    pub(crate) fn run(mut self, chooser: &mut dyn Chooser) -> Result<(Candidate, u32), ComposeError> {
        let most = self.policy.attempts.max(1);
        let endings = if self.plan.ending == Ending::Loop { self.policy.loop_endings.max(1) } else { 1 };
        while self.attempts < most && self.accepted < self.policy.candidates.max(1) {
            let beginning = self.beginning(chooser)?;
            let mut good = 0;
            for _ in 0..self.policy.endings.max(endings) {
                let rejected = self.finish(beginning.clone(), chooser)?;
                good += u32::from(rejected.is_none());
                if good == endings || rejected == Some(Scope::Piece) || self.attempts >= most {
                    break;
                }
            }
            self.accepted += u32::from(good > 0);
        }
        let best = self.best.ok_or_else(|| ComposeError::Range {
            what: "attempts",
            rule: "at least 1",
            value: "0".into(),
        })?;
        Ok((best, self.attempts))
    }

    /// Draws a piece up to its last bars.
    fn beginning(&mut self, chooser: &mut dyn Chooser) -> Result<S::Draft, ComposeError> {
        let mut draft = self.scribe.begin();
        let until: Steps =
            self.plan.end().saturating_sub(self.plan.bar().saturating_mul(self.policy.ending_bars));
        let mut rng = self.rng.fork(2 * u64::from(self.attempts));
        self.write(&mut draft, Some(until), (chooser, &mut rng))?;
        Ok(draft)
    }

    /// Writes on until a moment begins at a time or later, or to the end; stretch by stretch where takes are compared.
    fn write(
        &mut self,
        draft: &mut S::Draft,
        until: Option<Steps>,
        (chooser, rng): (&mut dyn Chooser, &mut Rng),
    ) -> Result<(), ComposeError> {
        if self.scribe.take_end(draft).is_none() {
            return self.scribe.write(draft, until, (chooser, rng, self.attempts));
        }
        // The pickup's length is settled first.
        self.scribe.write(draft, Some(0), (&mut *chooser, &mut *rng, self.attempts))?;
        while let Some(now) = self.scribe.now(draft).filter(|now| until.is_none_or(|until| *now < until)) {
            let end = self.scribe.take_end(draft).unwrap_or(now + 1);
            let end = until.map_or(end, |until| until.min(end));
            *draft = self.best_take(draft, end, (&mut *chooser, &mut *rng))?;
        }
        Ok(())
    }

    /// Draws what comes until a time several times, and takes one by what they are worth; of takes that end the piece, one that no judge
    /// rejects before any other.
    fn best_take(
        &mut self,
        draft: &S::Draft,
        end: Steps,
        (chooser, rng): (&mut dyn Chooser, &mut Rng),
    ) -> Result<S::Draft, ComposeError> {
        let mut best: Option<(bool, f64, S::Draft)> = None;
        for _ in 0..self.policy.takes.max(1) {
            let mut take = draft.clone();
            self.scribe.write(&mut take, Some(end), (&mut *chooser, &mut *rng, self.attempts))?;
            let (worth, is_near) = match self.scribe.worth(&take, end) {
                Worth::Apart { distance, is_near } => (-distance, is_near),
                // The greatest of such sums is drawn by the softmax of what they say (Gumbel 1954).
                Worth::Real(nats) => (f64::from(nats + gumbel(rng)), false),
            };
            let is_good = self.scribe.now(&take).is_some() || self.judged(take.clone()).rejected.is_none();
            if best.as_ref().is_none_or(|(was_good, most, _)| (is_good, worth) > (*was_good, *most)) {
                best = Some((is_good, worth, take));
            }
            if is_near && is_good {
                break;
            }
        }
        Ok(best.map_or_else(|| draft.clone(), |(.., take)| take))
    }

    /// A draft that has come to its end, as the judges hear it.
    fn judged(&self, draft: S::Draft) -> Candidate {
        let (piece, trace, points) = self.scribe.finished(draft);
        judged(piece, trace, (self.plan, points), self.judges)
    }

    /// Draws the rest, and asks the judges; says how much of it they reject.
    fn finish(
        &mut self,
        mut draft: S::Draft,
        chooser: &mut dyn Chooser,
    ) -> Result<Option<Scope>, ComposeError> {
        let mut rng = self.rng.fork(2 * u64::from(self.attempts) + 1);
        self.write(&mut draft, None, (chooser, &mut rng))?;
        self.attempts += 1;
        let candidate = self.judged(draft);
        let rejected = candidate.rejected;
        if self.best.as_ref().is_none_or(|best| candidate.is_better_than(best)) {
            self.best = Some(candidate);
        }
        Ok(rejected)
    }
}

/// A number of Gumbel's distribution.
fn gumbel(rng: &mut Rng) -> f32 {
    let chance = rng.uniform().clamp(1e-7, 1.0 - 1e-7);
    -math::ln(-math::ln(chance))
}

/// Sends a drawn piece before the judges; points are what it has without them.
pub(crate) fn judged(
    mut piece: Sliced,
    mut trace: Option<Trace>,
    (plan, mut points): (&Plan, f64),
    judges: &[&dyn Judge],
) -> Candidate {
    piece.tempo = Some(plan.tempo);
    if !plan.restraints.forbidden.contains(&Restraint::Rests) {
        breathe(&mut piece, &plan.parts, |_, _| true, trace.as_mut());
    }
    let heard = heard_key(&piece);
    piece.key = heard.map(|heard| plan.key.filter(|asked| sounds_like(*asked, heard)).unwrap_or(heard));
    let score = piece.to_score();
    let finished = Finished { piece: &piece, score: &score, plan };
    let (mut remarks, mut rejected) = (Vec::new(), None);
    for judge in judges {
        match judge.judge(&finished) {
            Verdict::Accept => {}
            Verdict::Score(more) => points += more,
            Verdict::Reject(scope, reason) => {
                rejected = rejected.max(Some(scope));
                remarks.push(reason);
            }
        }
    }
    Candidate { piece, score, trace, remarks, rejected, points }
}
