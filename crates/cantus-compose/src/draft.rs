//! A piece being written: question, rules, choice, answer, until it ends.

use cantus_model::decoder::{Decoder, Reading};
use cantus_model::encoding::Steps;
use cantus_model::walk::{ClassSet, END, Kind, Question, Walker};
use cantus_nn::Rng;

use crate::chooser::{Chooser, Context};
use crate::distribution::{self, Distribution};
use crate::error::ComposeError;
use crate::rules::{Rule, Rules, Standing};
use crate::seam;
use crate::trace::{Decision, Trace};

/// A piece so far; a copy of it is a place to come back to.
#[derive(Debug, Clone)]
pub(crate) struct Draft<'a> {
    pub(crate) walker: Walker<'a>,
    reading: Reading,
    /// The same piece as one of which no controls are asked, where these are to be followed more or less than was learnt.
    pub(crate) plain: Option<(Walker<'a>, Reading)>,
    standing: Standing,
    /// Whether the trunk has still to read the slice that begins.
    is_unread: bool,
    pub(crate) trace: Option<Trace>,
    /// What the way back to the beginning costs, in nats, at the end of a loop.
    pub(crate) seam: Option<f64>,
}

impl<'a> Draft<'a> {
    pub(crate) fn new(
        (walker, plain): (Walker<'a>, Option<Walker<'a>>),
        decoder: &Decoder,
        rules: &Rules,
        is_traced: bool,
    ) -> Self {
        Self {
            walker,
            reading: decoder.start(),
            plain: plain.map(|walker| (walker, decoder.start())),
            standing: rules.start(),
            is_unread: false,
            trace: is_traced.then(Trace::default),
            seam: None,
        }
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
    plain_question: Question,
    plain_logits: Vec<f32>,
    offered: Distribution,
}

impl<'a> Writer<'a> {
    pub(crate) fn new(decoder: &'a Decoder, rules: &'a Rules, strength: f32) -> Self {
        let (question, items, logits, plain_question, plain_logits, offered) = Default::default();
        Self { decoder, rules, strength, question, items, logits, plain_question, plain_logits, offered }
    }

    /// Writes on until a slice begins at a time or later, or to the end.
    pub(crate) fn write(
        &mut self,
        draft: &mut Draft,
        until: Option<Steps>,
        (chooser, rng, attempt): (&mut dyn Chooser, &mut Rng, u32),
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
        if is_unread {
            draft.walker.trunk_items(&mut self.items);
            self.decoder.read_slice(&self.items, &mut draft.reading);
        }
        draft.walker.ask(&mut self.question);
        self.decoder.logits(&self.question, &mut draft.reading, &mut self.logits);
        if let Some((walker, reading)) = &mut draft.plain {
            if is_unread {
                walker.trunk_items(&mut self.items);
                self.decoder.read_slice(&self.items, reading);
            }
            walker.ask(&mut self.plain_question);
            self.decoder.logits(&self.plain_question, reading, &mut self.plain_logits);
            self.guide();
        }
    }

    /// Goes as far beyond what is likely without controls as the strength says: 0 is there, 1 is what is likely with them
    /// (Ho and Salimans 2022).
    fn guide(&mut self) {
        for (logit, plain) in self.logits.iter_mut().zip(&self.plain_logits) {
            *logit = plain + self.strength * (*logit - plain);
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

    /// Takes away what the rules forbid.
    fn offer(&mut self, draft: &Draft) {
        let left =
            distribution::apply(self.rules, &draft.walker, &self.question, &draft.standing, |_, _, _| ());
        self.offered.fill(&self.logits, left);
    }

    fn chosen(
        &mut self,
        draft: &mut Draft,
        chooser: &mut dyn Chooser,
        rng: &mut Rng,
        attempt: u32,
    ) -> Result<u32, ComposeError> {
        let (kind, part, at) = (self.question.kind, self.question.part, draft.walker.now());
        let context = Context { kind, part, at, attempt, piece: &draft.walker };
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
        let mut steps: Vec<(Rule, ClassSet, ClassSet)> = Vec::new();
        let keep = |rule, from, to| steps.push((rule, from, to));
        distribution::apply(self.rules, &draft.walker, &self.question, &draft.standing, keep);
        let mut before = Distribution::default();
        before.fill(&self.logits, self.question.allowed);
        distribution::masked(&before, &steps)
    }
}

/// Takes the answer, and notes where the piece stands then.
fn answer(rules: &Rules, draft: &mut Draft, class: u32) {
    let slices = draft.walker.slices();
    let before = (slices.len(), slices.last().map_or(0, |slice| slice.notes.len()));
    draft.walker.answer(class);
    if let Some((walker, _)) = &mut draft.plain {
        walker.answer(class);
    }
    rules.follow(&mut draft.standing, &draft.walker, before);
}
