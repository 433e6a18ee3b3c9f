//! Drafts of an edited piece, written side by side.
//!
//! A network that reads from left to right does not see what is kept after a hole, or in parts that are asked later. But it
//! says how likely that is after each of several drafts: drafts are drawn, weighted by the probability of what is kept, and
//! the likelier ones go on (a particle filter; Gordon et al. 1993, Naesseth et al. 2019 "Elements of sequential Monte Carlo").
//! In the limit of many drafts that is the network's own distribution of what is made, given all that is kept.

use cantus_model::decoder::{Decoder, Reading};
use cantus_model::encoding::{Sliced, Steps};
use cantus_model::walk::{Kind, Question, Walker};
use cantus_nn::{Rng, math};

use super::script::{Answer, Script};
use crate::aim::Aim;
use crate::chooser::{Chooser, Context};
use crate::distribution::{Distribution, Step, masked};
use crate::draft::{Walkers, guide};
use crate::rules::both;
use crate::trace::{Decision, Trace};

/// Bars after a hole that choose among drafts.
const BARS_HEARD: u32 = 2;
/// What a draft loses whose bar lies as far from what is asked of it as can be in one control, in nats.
const APART: f64 = 16.0;
/// The least that a kept note can count, in nats: drafts that it is impossible after still differ.
const IMPOSSIBLE: f64 = -20.0;

/// One draft.
#[derive(Debug, Clone)]
struct Draft<'a> {
    walker: Walker<'a>,
    reading: Reading,
    /// The same piece as one of which nothing is asked, where that is to be followed more or less than was learnt.
    plain: Option<(Walker<'a>, Reading)>,
    /// Whether the trunk has still to read the slice that begins.
    is_unread: bool,
    /// The logarithm of its weight.
    weight: f64,
    /// What its kept and its free answers cost, in nats, where they were counted.
    cost: Cost,
    trace: Option<Trace>,
}

/// What answers cost, in nats.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Cost {
    /// Of the notes that were made.
    pub made: f64,
    /// Of what is kept after or beside them.
    pub kept: f64,
}

/// What came of a task.
#[derive(Debug, Clone, PartialEq)]
pub struct Filled {
    /// The whole piece, what is kept and what was made.
    pub piece: Sliced,
    /// What the draft cost that was kept.
    pub cost: Cost,
    /// What was decided of the notes that were made, where that was recorded.
    pub trace: Option<Trace>,
    /// The logarithm of how likely what is kept is, given what lies before the holes: the mean over all drafts.
    pub evidence: f64,
}

/// Writes drafts.
pub(super) struct Writer<'a> {
    decoder: &'a Decoder,
    script: &'a Script,
    /// What bars are to be like, and how strongly that is followed.
    aim: Option<Aim<'a>>,
    strength: f32,
    chooser: &'a mut dyn Chooser,
    rng: Rng,
    question: Question,
    items: Vec<u32>,
    logits: Vec<f32>,
    /// The logits as rules leave them that are weighed.
    weighed: Vec<f32>,
    plain_question: Question,
    plain_logits: Vec<f32>,
    offered: Distribution,
}

impl<'a> Writer<'a> {
    pub(super) fn new(
        decoder: &'a Decoder,
        (script, aim, strength): (&'a Script, Option<Aim<'a>>, f32),
        chooser: &'a mut dyn Chooser,
        rng: Rng,
    ) -> Self {
        let (question, items, logits, weighed, offered) = Default::default();
        let (plain_question, plain_logits) = Default::default();
        Self {
            decoder,
            script,
            aim,
            strength,
            chooser,
            rng,
            question,
            items,
            logits,
            weighed,
            plain_question,
            plain_logits,
            offered,
        }
    }

    /// Writes the piece from its beginning; `trace` is what its decisions are recorded in. `progress` is told the time that all drafts have reached.
    pub(super) fn write(
        &mut self,
        (walker, plain): Walkers<'a>,
        (count, trace): (usize, Option<Trace>),
        progress: &mut dyn FnMut(Steps),
    ) -> Filled {
        let reading = self.decoder.start();
        let plain = plain.map(|walker| (walker, self.decoder.start()));
        let (is_unread, weight, cost) = (false, 0.0, Cost::default());
        let first = Draft { walker, reading, plain, is_unread, weight, cost, trace };
        let mut drafts = vec![first];
        let mut evidence = 0.0;
        let mut bar = 0;
        // The draft that is furthest behind, of those that have not ended.
        let last = |drafts: &[Draft<'a>]| {
            let unfinished = drafts.iter().filter(|draft| !draft.walker.is_done());
            let last = unfinished.min_by_key(|draft| draft.walker.now());
            last.map(|draft| (draft.walker.now(), draft.walker.bar(), bar_end(&draft.walker)))
        };
        while let Some((now, length, until)) = last(&drafts) {
            progress(now);
            let heard = self.script.holes.last_end(until).is_some_and(|end| now < end + BARS_HEARD * length);
            let is_near = heard || self.script.holes.next(now).is_some_and(|hole| hole < until);
            if is_near && drafts.len() < count {
                let draft = drafts[0].clone();
                drafts.resize(count, draft);
            } else if !is_near && drafts.len() > 1 {
                evidence += mean_weight(&drafts);
                drafts = vec![heaviest(drafts)];
                drafts[0].weight = 0.0;
            }
            for (index, draft) in drafts.iter_mut().enumerate() {
                let mut rng = self.rng.fork((bar << 16) + index as u64);
                self.advance(draft, (until, is_near), &mut rng);
                if let Some(aim) =
                    self.aim.filter(|_| self.script.holes.next(now).is_some_and(|hole| hole < until))
                {
                    draft.weight -= APART * aim.distance(&draft.walker, until);
                }
            }
            if drafts.len() > 1 {
                let mut rng = self.rng.fork((bar << 16) + u64::from(u16::MAX));
                evidence += chosen(&mut drafts, &mut rng);
            }
            bar += 1;
        }
        evidence += mean_weight(&drafts);
        let Draft { walker, cost, trace, .. } = heaviest(drafts);
        Filled { piece: walker.into_piece(), cost, trace, evidence }
    }

    /// Writes a draft on until a slice begins at a time or later, or to the end. Only where holes are near is it counted how
    /// likely that is.
    fn advance(&mut self, draft: &mut Draft, (until, is_counted): (Steps, bool), rng: &mut Rng) {
        while !draft.walker.is_done() {
            draft.is_unread |= draft.walker.take_fresh();
            if draft.is_unread {
                if draft.walker.now() >= until {
                    break;
                }
                let plain = draft.plain.iter_mut().map(|(walker, reading)| (&*walker, reading));
                for (walker, reading) in std::iter::once((&draft.walker, &mut draft.reading)).chain(plain) {
                    walker.trunk_items(&mut self.items);
                    self.decoder.read_slice(&self.items, reading);
                }
                draft.is_unread = false;
            }
            let question = &mut self.question;
            let mut is_asked = false;
            let ask = || {
                is_asked = true;
                draft.walker.ask(question);
                question.allowed
            };
            let answer = self.script.answer(&draft.walker, ask, |_, _, _| ());
            let class = match answer {
                Answer::Kept(class) if !is_counted => class,
                Answer::Kept(class) => {
                    if !is_asked {
                        draft.walker.ask(&mut self.question);
                    }
                    self.count_kept(draft, class);
                    class
                }
                Answer::Free(allowed) => {
                    self.ask(draft);
                    self.offered.fill(&self.logits, self.question.allowed);
                    self.weigh(&draft.walker);
                    let within = self.offered.classes.iter().zip(&self.offered.probabilities);
                    let within = within.filter(|(class, _)| allowed.contains(**class));
                    let nats = |class: u32| self.logits[class as usize] - self.weighed[class as usize];
                    let share: f32 = within.map(|(class, share)| share * math::exp(-nats(*class))).sum();
                    draft.weight += ln(share);
                    self.offered.fill(&self.weighed, allowed);
                    let Question { kind, part, .. } = self.question;
                    let context = Context {
                        kind,
                        part,
                        at: draft.walker.now(),
                        attempt: 0,
                        piece: Some(&draft.walker),
                    };
                    let class = self.chooser.choose(&self.offered, &context, rng);
                    draft.cost.made -= ln(self.offered.probability(class)) + ln(share);
                    self.record(draft, (kind, part), class);
                    class
                }
            };
            draft.walker.answer(class);
            if let Some((walker, _)) = &mut draft.plain {
                walker.answer(class);
            }
        }
    }

    /// Makes what weighed rules are against less likely.
    fn weigh(&mut self, walker: &Walker) {
        self.weighed.clone_from(&self.logits);
        for (_, nats, left) in self.script.weighed(walker, self.question.allowed) {
            for (class, logit) in self.weighed.iter_mut().enumerate() {
                *logit -= if left.contains(class as u32) { 0.0 } else { nats };
            }
        }
    }

    /// Asks the network the question that is ready.
    fn ask(&mut self, draft: &mut Draft) {
        self.decoder.logits(&self.question, &mut draft.reading, &mut self.logits);
        if let Some((walker, reading)) = &mut draft.plain {
            walker.ask(&mut self.plain_question);
            self.decoder.logits(&self.plain_question, reading, &mut self.plain_logits);
            guide(self.strength, &mut self.logits, &self.plain_logits);
        }
    }

    /// Tells a draft's trace what was chosen.
    fn record(&self, draft: &mut Draft, (kind, part): (Kind, usize), class: u32) {
        let Draft { walker, trace: Some(trace), .. } = draft else { return };
        let mut decision = Decision::new(walker.now(), kind, part, &self.offered, class);
        let mut steps: Vec<Step> = Vec::new();
        let note = |rule, from, to| steps.push((rule, from, to, None));
        let answer = self.script.answer(walker, || self.question.allowed, note);
        if let Answer::Free(left) = answer {
            let weighed = self.script.weighed(walker, self.question.allowed);
            steps.extend(weighed.map(|(rule, nats, to)| (rule, left, both(left, to), Some(nats))));
        }
        let mut before = Distribution::default();
        before.fill(&self.logits, self.question.allowed);
        decision.masked = masked(&before, &steps);
        trace.decisions.push(decision);
    }

    /// Weighs a draft by how likely it makes what is kept.
    fn count_kept(&mut self, draft: &mut Draft, class: u32) {
        self.ask(draft);
        self.offered.fill(&self.logits, self.question.allowed);
        let likely = ln(self.offered.probability(class));
        draft.weight += likely;
        // What stays cannot give way to a rule: the drafts must.
        if self.script.is_broken_by(class, &draft.walker) {
            draft.weight += IMPOSSIBLE;
        }
        draft.cost.kept -= likely;
    }
}

fn ln(probability: f32) -> f64 {
    f64::from(math::ln(probability.max(1e-30))).max(IMPOSSIBLE)
}

/// When the bar ends that a walker stands in.
fn bar_end(walker: &Walker) -> Steps {
    let bar = walker.bar();
    walker.now() + bar - walker.position().min(bar.saturating_sub(1))
}

/// The heaviest draft, the first of equals.
fn heaviest(mut drafts: Vec<Draft>) -> Draft {
    let better = |best: usize, one: usize| if drafts[one].weight > drafts[best].weight { one } else { best };
    let best = (0..drafts.len()).fold(0, better);
    drafts.swap_remove(best)
}

/// The logarithm of the mean of the weights.
fn mean_weight(drafts: &[Draft]) -> f64 {
    let most = drafts.iter().map(|draft| draft.weight).fold(f64::MIN, f64::max);
    let sum: f64 = drafts.iter().map(|draft| exp(draft.weight - most)).sum();
    most + ln((sum / drafts.len().max(1) as f64) as f32)
}

fn exp(x: f64) -> f64 {
    f64::from(math::exp(x as f32))
}

/// Lets drafts go on by their weights, once these differ much: each about as often as it is heavy. Returns the logarithm of the mean weight, by
/// which all of them have become lighter, or 0 where all go on as they are.
fn chosen(drafts: &mut Vec<Draft>, rng: &mut Rng) -> f64 {
    let mean = mean_weight(drafts);
    let shares: Vec<f64> =
        drafts.iter().map(|draft| exp(draft.weight - mean) / drafts.len() as f64).collect();
    let alike = 1.0 / shares.iter().map(|share| share * share).sum::<f64>();
    if alike * 2.0 >= drafts.len() as f64 {
        return 0.0;
    }
    // One number places all (systematic resampling).
    let count = drafts.len();
    let first = f64::from(rng.uniform());
    let mut next = Vec::with_capacity(count);
    let mut sum = 0.0;
    for (draft, share) in drafts.iter().zip(shares) {
        sum += share * count as f64;
        while next.len() < count && next.len() as f64 + first < sum {
            next.push(Draft { weight: 0.0, ..draft.clone() });
        }
    }
    while let (true, Some(last)) = (next.len() < count, drafts.last()) {
        next.push(Draft { weight: 0.0, ..last.clone() });
    }
    *drafts = next;
    mean
}
