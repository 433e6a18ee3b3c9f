//! From a request to a composition: pieces are drawn until the judges accept one.

use cantus_model::controls::Controls;
use cantus_model::decoder::Decoder;
use cantus_model::encoding::{Sliced, Steps};
use cantus_model::model::Model;
use cantus_model::styles::{Style, heard_key};
use cantus_model::walk::{Kind, Spec, Walker};
use cantus_nn::{Path, Precision, Rng};
use cantus_score::Score;

use crate::aim::{Aim, NEAR};
use crate::breath::breathe;
use crate::chooser::Chooser;
use crate::composition::Composition;
use crate::draft::{Draft, Writer};
use crate::error::ComposeError;
use crate::judge::{Finished, Judge, Scope, Verdict, standard_judges};
use crate::plan::Plan;
use crate::request::Request;
use crate::restraint::Restraint;
use crate::rules::Rules;
use crate::sections::Returns;
use crate::trace::Trace;

/// How long the composer tries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// Most drawings of a piece or its ending, at least 1.
    pub attempts: u32,
    /// Most drawings of one piece's ending before all of it is drawn again.
    pub endings: u32,
    /// The bars that an ending is drawn again from.
    pub ending_bars: u32,
    /// How many pieces that no judge rejects are compared by their scores, at least 1.
    pub candidates: u32,
    /// How many endings of a loop are compared by how well they lead back, at least 1.
    pub loop_endings: u32,
    /// How many takes of each bar are compared where controls or chords are asked for, at least 1.
    pub takes: u32,
    /// Whether every decision is recorded.
    pub is_traced: bool,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            attempts: 100,
            endings: 5,
            ending_bars: 2,
            candidates: 1,
            loop_endings: 12,
            takes: 8,
            is_traced: false,
        }
    }
}

/// A model made ready to compose any number of pieces.
#[derive(Debug)]
pub struct Composer {
    spec: Spec,
    styles: Vec<Style>,
    digest: String,
    decoder: Decoder,
}

impl Composer {
    /// Packs a model's weights; the model itself is not needed any more.
    pub fn new(model: &Model) -> Self {
        Self::on(Path::best(), model)
    }

    /// Like [`Composer::new`], with given instructions of the processor; the same pieces come of all of them.
    pub fn on(path: Path, model: &Model) -> Self {
        Self {
            spec: model.network.spec.clone(),
            styles: model.styles.clone(),
            digest: model.digest.clone(),
            decoder: Decoder::on(path, &model.network, &model.params, Precision::Bf16),
        }
    }

    /// Whether controls can be asked for.
    pub fn knows_controls(&self) -> bool {
        self.spec.has_controls()
    }

    /// The styles that can be asked for.
    pub fn styles(&self) -> &[Style] {
        &self.styles
    }

    pub(crate) fn spec(&self) -> &Spec {
        &self.spec
    }

    pub(crate) fn decoder(&self) -> &Decoder {
        &self.decoder
    }

    /// Composes with the request's sampler, the standard judges and the default policy.
    pub fn compose(&self, request: &Request) -> Result<Composition, ComposeError> {
        self.compose_with(request, &mut request.sampler(), &standard_judges(), Policy::default())
    }

    /// The trace of a request, computed anew: what [`Composition::trace`] of the same request and model holds.
    pub fn retrace(&self, request: &Request) -> Result<Trace, ComposeError> {
        let policy = Policy { is_traced: true, ..Policy::default() };
        let composition = self.compose_with(request, &mut request.sampler(), &standard_judges(), policy)?;
        Ok(composition.trace.unwrap_or_default())
    }

    /// Composes with a chooser, judges and a policy of one's own.
    pub fn compose_with(
        &self,
        request: &Request,
        chooser: &mut dyn Chooser,
        judges: &[&dyn Judge],
        policy: Policy,
    ) -> Result<Composition, ComposeError> {
        if !self.knows_controls() && !request.wishes().is_empty() {
            return Err(ComposeError::NoControls { wish: request.wishes().first().to_owned() });
        }
        let plan = Plan::new(request, &self.styles)?;
        let rules = Rules::new(&plan);
        let mut session = Session {
            composer: self,
            plan: &plan,
            rules: &rules,
            aim: Aim::new(&plan, &self.styles[plan.style as usize].controls),
            writer: Writer::new(&self.decoder, &rules, plan.strength),
            rng: Rng::new(request.asked_seed()),
            judges,
            policy,
            attempts: 0,
            accepted: 0,
            best: None,
        };
        let mut returns;
        let chooser: &mut dyn Chooser = if plan.sections.is_empty() {
            chooser
        } else {
            returns = Returns::new(chooser, &plan.sections, plan.bar(), request.asked_seed());
            &mut returns
        };
        session.run(chooser)?;
        let attempts = session.attempts;
        let best = session.best.ok_or_else(|| ComposeError::Range {
            what: "attempts",
            rule: "at least 1",
            value: "0".into(),
        })?;
        Ok(best.composition(request, plan, attempts, &self.digest))
    }
}

fn title(plan: &Plan, key: Option<cantus_score::Key>, seed: u64) -> String {
    let key = key.map_or(String::new(), |key| format!(" in {key}"));
    format!("{}{key}, seed {seed}", plan.style_name)
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

struct Session<'a> {
    composer: &'a Composer,
    plan: &'a Plan,
    rules: &'a Rules,
    aim: Option<Aim<'a>>,
    writer: Writer<'a>,
    rng: Rng,
    judges: &'a [&'a dyn Judge],
    policy: Policy,
    attempts: u32,
    accepted: u32,
    best: Option<Candidate>,
}

impl<'a> Session<'a> {
    fn run(&mut self, chooser: &mut dyn Chooser) -> Result<(), ComposeError> {
        let most = self.policy.attempts.max(1);
        let endings = if self.rules.is_loop() { self.policy.loop_endings.max(1) } else { 1 };
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
        Ok(())
    }

    /// Draws a piece up to its last bars.
    fn beginning(&mut self, chooser: &mut dyn Chooser) -> Result<Draft<'a>, ComposeError> {
        let composer = self.composer;
        let dynamics = composer.decoder.answers(Kind::Velocity);
        let walkers = |style: u32| {
            let setup = self.plan.setup(style, dynamics);
            let plain = setup.clone().with_controls(Controls::default());
            let plain = self.plan.is_guided().then(|| Walker::new(&composer.spec, plain));
            (Walker::new(&composer.spec, setup), plain)
        };
        let others = self.plan.others.iter().map(|(style, share)| (walkers(*style), *share)).collect();
        let own = walkers(self.plan.style);
        let mut draft = Draft::new(own, others, &composer.decoder, self.rules, self.policy.is_traced);
        let until: Steps =
            self.plan.end().saturating_sub(self.plan.bar().saturating_mul(self.policy.ending_bars));
        let mut rng = self.rng.fork(2 * u64::from(self.attempts));
        self.write(&mut draft, Some(until), (chooser, &mut rng))?;
        Ok(draft)
    }

    /// Writes on until a slice begins at a time or later, or to the end; bar by bar where something is asked of the bars.
    fn write(
        &mut self,
        draft: &mut Draft<'a>,
        until: Option<Steps>,
        (chooser, rng): (&mut dyn Chooser, &mut Rng),
    ) -> Result<(), ComposeError> {
        let Some(aim) = self.aim else {
            return self.writer.write(draft, until, (chooser, rng, self.attempts));
        };
        // The pickup's length is settled first.
        self.writer.write(draft, Some(0), (chooser, rng, self.attempts))?;
        while !draft.walker.is_done() && until.is_none_or(|until| draft.walker.now() < until) {
            let bar_end = Aim::bar_end(&draft.walker);
            let end = until.map_or(bar_end, |until| until.min(bar_end));
            *draft = self.nearest_take(draft, (aim, end), (chooser, rng))?;
        }
        Ok(())
    }

    /// Draws the bar that ends at a time until it is as asked, or several times: the nearest is kept.
    fn nearest_take(
        &mut self,
        draft: &Draft<'a>,
        (aim, end): (Aim, Steps),
        (chooser, rng): (&mut dyn Chooser, &mut Rng),
    ) -> Result<Draft<'a>, ComposeError> {
        let mut nearest: Option<(f64, Draft)> = None;
        for _ in 0..self.policy.takes.max(1) {
            let mut take = draft.clone();
            self.writer.write(&mut take, Some(end), (chooser, rng, self.attempts))?;
            let distance = aim.distance(&take.walker, end);
            if nearest.as_ref().is_none_or(|(least, _)| distance < *least) {
                nearest = Some((distance, take));
            }
            if distance < NEAR {
                break;
            }
        }
        Ok(nearest.map_or_else(|| draft.clone(), |(_, take)| take))
    }

    /// Draws the rest, and asks the judges; says how much of it they reject.
    fn finish(
        &mut self,
        mut draft: Draft<'a>,
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

    fn judged(&self, draft: Draft) -> Candidate {
        let Draft { walker, trace, seam, .. } = draft;
        judged(walker.into_piece(), trace, (self.plan, -seam.unwrap_or(0.0)), self.judges)
    }
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

/// Whether two keys are the same but for their spelling.
fn sounds_like(a: cantus_score::Key, b: cantus_score::Key) -> bool {
    a.tonic() == b.tonic() && a.mode() == b.mode()
}
