//! A piece being written: question, rules, choice, answer, until it ends.

use cantus_model::decoder::{Decoder, Reading};
use cantus_model::encoding::Steps;
use cantus_model::walk::{END, Kind, Question, Walker};
use cantus_nn::Rng;

use crate::chooser::{Chooser, Context};
use crate::distribution::{self, Distribution};
use crate::error::ComposeError;
use crate::rules::{Rules, Standing};
use crate::seam;
use crate::session::Chance;
use crate::trace::{Decision, Trace};

/// A piece as it is read in a style: what is asked of it, and, where controls are to be followed more or less than was learnt, the
/// same without.
pub(crate) type Walkers<'a> = (Walker<'a>, Option<Walker<'a>>);

/// A piece as the network reads it in a style.
#[derive(Debug, Clone)]
struct Reader<'a> {
    walker: Walker<'a>,
    reading: Reading,
    /// The same piece as one of which no controls are asked, where these are to be followed more or less than was learnt.
    plain: Option<(Walker<'a>, Reading)>,
    /// How much of what is expected is what it expects.
    share: f32,
}

/// A piece so far; a copy of it is a place to come back to.
#[derive(Debug, Clone)]
pub(crate) struct Draft<'a> {
    pub(crate) walker: Walker<'a>,
    reading: Reading,
    /// The same piece as one of which no controls are asked, where these are to be followed more or less than was learnt.
    plain: Option<(Walker<'a>, Reading)>,
    /// As it is read in other styles, where styles are mixed.
    others: Vec<Reader<'a>>,
    standing: Standing,
    /// Whether the trunk has still to read the slice that begins.
    is_unread: bool,
    pub(crate) trace: Option<Trace>,
    /// What the way back to the beginning costs, in nats, at the end of a loop.
    pub(crate) seam: Option<f64>,
}

impl<'a> Draft<'a> {
    pub(crate) fn new(
        (walker, plain): Walkers<'a>,
        others: Vec<(Walkers<'a>, f32)>,
        decoder: &Decoder,
        rules: &Rules,
        is_traced: bool,
    ) -> Self {
        let begun = |plain: Option<Walker<'a>>| plain.map(|walker| (walker, decoder.start()));
        let other = |((walker, plain), share): (Walkers<'a>, f32)| Reader {
            walker,
            reading: decoder.start(),
            plain: begun(plain),
            share,
        };
        Self {
            walker,
            reading: decoder.start(),
            plain: begun(plain),
            others: others.into_iter().map(other).collect(),
            standing: rules.start(),
            is_unread: false,
            trace: is_traced.then(Trace::default),
            seam: None,
        }
    }

    /// Leaves one way of reading the piece: in its own style, with what is asked.
    pub(crate) fn alone(mut self) -> Self {
        self.plain = None;
        self.others.clear();
        self
    }
}

/// What writes drafts, with room to work in.
#[derive(Debug)]
pub(crate) struct Writer<'a> {
    decoder: &'a Decoder,
    rules: &'a Rules,
    /// How strongly controls are followed.
    strength: f32,
    question: Question,
    items: Vec<u32>,
    logits: Vec<f32>,
    other_question: Question,
    other_logits: Vec<f32>,
    plain_logits: Vec<f32>,
    /// The logits as rules leave them that are weighed.
    weighed: Vec<f32>,
    offered: Distribution,
}

impl<'a> Writer<'a> {
    pub(crate) fn new(decoder: &'a Decoder, rules: &'a Rules, strength: f32) -> Self {
        Self {
            decoder,
            rules,
            strength,
            question: Question::default(),
            items: Vec::new(),
            logits: Vec::new(),
            other_question: Question::default(),
            other_logits: Vec::new(),
            plain_logits: Vec::new(),
            weighed: Vec::new(),
            offered: Distribution::default(),
        }
    }

    /// Writes on until a slice begins at a time or later, or to the end.
    pub(crate) fn write(
        &mut self,
        draft: &mut Draft,
        until: Option<Steps>,
        (chooser, rng, attempt): Chance,
    ) -> Result<(), ComposeError> {
        while !draft.walker.is_done() {
            draft.is_unread |= draft.walker.take_fresh();
            if draft.is_unread && until.is_some_and(|until| draft.walker.now() >= until) {
                break;
            }
            self.ask(draft);
            self.offer(draft);
            let class = self.chosen(draft, chooser, rng, attempt)?;
            if self.rules.is_loop() && draft.walker.kind() == Kind::Gap && class == END {
                draft.seam = Some(self.seam(draft));
            }
            answer(self.rules, draft, class);
        }
        Ok(())
    }

    /// Asks the network, which first reads the slice that begins.
    fn ask(&mut self, draft: &mut Draft) {
        let is_unread = std::mem::take(&mut draft.is_unread);
        let Self { decoder, items, question, logits, other_question, other_logits, plain_logits, .. } = self;
        let mut answers =
            |walker: &Walker, reading: &mut Reading, question: &mut Question, logits: &mut Vec<f32>| {
                if is_unread {
                    walker.trunk_items(items);
                    decoder.read_slice(items, reading);
                }
                walker.ask(question);
                decoder.logits(question, reading, logits);
            };
        answers(&draft.walker, &mut draft.reading, question, logits);
        if let Some((walker, reading)) = &mut draft.plain {
            answers(walker, reading, other_question, plain_logits);
            guide(self.strength, logits, plain_logits);
        }
        let own_share = 1.0 - draft.others.iter().map(|other| other.share).sum::<f32>();
        if !draft.others.is_empty() {
            for logit in logits.iter_mut() {
                *logit *= own_share;
            }
        }
        for Reader { walker, reading, plain, share } in &mut draft.others {
            answers(walker, reading, other_question, other_logits);
            if let Some((walker, reading)) = plain {
                answers(walker, reading, other_question, plain_logits);
                guide(self.strength, other_logits, plain_logits);
            }
            for (logit, other) in logits.iter_mut().zip(&*other_logits) {
                *logit += *share * other;
            }
        }
    }

    /// What the way from here to the beginning costs.
    fn seam(&mut self, draft: &Draft) -> f64 {
        seam::cost(draft, |draft, question| {
            draft.is_unread |= draft.walker.take_fresh();
            self.ask(draft);
            question.clone_from(&self.question);
            self.logits.clone()
        })
    }

    /// Takes away what the rules forbid, and makes less likely what they are against.
    fn offer(&mut self, draft: &Draft) {
        let Self { rules, question, logits, weighed, offered, .. } = self;
        let Draft { walker, standing, .. } = draft;
        let allowed = |rule| rules.allowed(rule, walker, question, standing);
        let left = distribution::apply(rules.hard(), question.allowed, allowed, |_, _, _| ());
        weighed.clone_from(logits);
        distribution::weigh(rules.weighed(), weighed, allowed, |_, _, _| ());
        offered.fill(weighed, left);
    }

    fn chosen(
        &mut self,
        draft: &mut Draft,
        chooser: &mut dyn Chooser,
        rng: &mut Rng,
        attempt: u32,
    ) -> Result<u32, ComposeError> {
        let (kind, part, at) = (self.question.kind, self.question.part, draft.walker.now());
        let context = Context { kind, part, at, attempt, piece: Some(&draft.walker) };
        let class = chooser.choose(&self.offered, &context, rng);
        if self.offered.classes.binary_search(&class).is_err() {
            return Err(ComposeError::NotOffered { kind: kind.name(), class });
        }
        if draft.trace.is_some() {
            let mut decision = Decision::new(at, kind, part, &self.offered, class);
            decision.masked = self.masked(draft);
            if let Some(trace) = &mut draft.trace {
                trace.decisions.push(decision);
            }
        }
        Ok(class)
    }

    fn masked(&self, draft: &Draft) -> Vec<crate::trace::Masked> {
        let Self { rules, question, .. } = self;
        let allowed = |rule| rules.allowed(rule, &draft.walker, question, &draft.standing);
        distribution::taken((rules.hard(), rules.weighed()), (question.allowed, &self.logits), allowed)
    }
}

/// Goes as far beyond what is likely without controls as the strength says: 0 is there, 1 is what is likely with them
/// (Ho and Salimans 2022).
pub(crate) fn guide(strength: f32, logits: &mut [f32], plain: &[f32]) {
    for (logit, plain) in logits.iter_mut().zip(plain) {
        *logit = plain + strength * (*logit - plain);
    }
}

/// Takes the answer, and notes where the piece stands then.
fn answer(rules: &Rules, draft: &mut Draft, class: u32) {
    let slices = draft.walker.slices();
    let before = (slices.len(), slices.last().map_or(0, |slice| slice.notes.len()));
    draft.walker.answer(class);
    let others = draft.others.iter_mut().flat_map(|other| {
        std::iter::once(&mut other.walker).chain(other.plain.iter_mut().map(|(walker, _)| walker))
    });
    for walker in draft.plain.iter_mut().map(|(walker, _)| walker).chain(others) {
        walker.answer(class);
    }
    rules.follow(&mut draft.standing, &draft.walker, before);
}
