//! What may be chosen, and how likely the network finds it.

use cantus_model::walk::ClassSet;
use cantus_nn::math;

use crate::rules::{Rule, both};
use crate::trace::Masked;

/// The classes that every rule leaves, in rising order.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Distribution {
    /// The classes.
    pub classes: Vec<u32>,
    /// The network's logit of each.
    pub logits: Vec<f32>,
    /// Their probabilities, which add up to 1.
    pub probabilities: Vec<f32>,
}

impl Distribution {
    /// The likeliest class; the lowest of those that tie.
    pub fn likeliest(&self) -> u32 {
        let mut best = 0;
        for (index, probability) in self.probabilities.iter().enumerate() {
            if *probability > self.probabilities[best] {
                best = index;
            }
        }
        self.classes.get(best).copied().unwrap_or(0)
    }

    /// The probability of a class; 0 for one that is not offered.
    pub fn probability(&self, class: u32) -> f32 {
        self.classes.binary_search(&class).map_or(0.0, |index| self.probabilities[index])
    }

    pub(crate) fn fill(&mut self, logits: &[f32], allowed: ClassSet) {
        self.classes.clear();
        self.logits.clear();
        for (class, &logit) in logits.iter().enumerate() {
            if allowed.contains(class as u32) {
                self.classes.push(class as u32);
                self.logits.push(if logit.is_finite() { logit } else { -1e30 });
            }
        }
        softmax(&self.logits, 1.0, &mut self.probabilities);
    }
}

/// `probabilities = softmax(logits / temperature)`, with the same bits on every machine.
pub(crate) fn softmax(logits: &[f32], temperature: f32, probabilities: &mut Vec<f32>) {
    let most = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    probabilities.clear();
    probabilities.extend(logits.iter().map(|logit| math::exp((logit - most) / temperature)));
    let total: f32 = probabilities.iter().sum();
    for probability in probabilities {
        *probability /= total;
    }
}

/// What rules leave of some classes, one after the other; one that would leave nothing gives way. `note` is told each rule, what there was
/// before it, and what it would leave.
pub(crate) fn apply(
    hard: &[Rule],
    all: ClassSet,
    allowed: impl Fn(Rule) -> ClassSet,
    mut note: impl FnMut(Rule, ClassSet, ClassSet),
) -> ClassSet {
    let mut left = all;
    for &rule in hard {
        let less = both(left, allowed(rule));
        note(rule, left, less);
        if !less.is_empty() {
            left = less;
        }
    }
    left
}

/// Makes what weighed rules are against less likely; `note` is told each such rule, its weight, and what it leaves.
pub(crate) fn weigh(
    weighed: &[(Rule, f32)],
    logits: &mut [f32],
    allowed: impl Fn(Rule) -> ClassSet,
    mut note: impl FnMut(Rule, f32, ClassSet),
) {
    for &(rule, nats) in weighed {
        let left = allowed(rule);
        for (class, logit) in logits.iter_mut().enumerate() {
            *logit -= if left.contains(class as u32) { 0.0 } else { nats };
        }
        note(rule, nats, left);
    }
}

/// A rule, what there was before it and after it, and what breaking it costs where it is weighed.
pub(crate) type Step = (Rule, ClassSet, ClassSet, Option<f32>);

/// What each rule took away of the probability that the network gave.
pub(crate) fn masked(before: &Distribution, steps: &[Step]) -> Vec<Masked> {
    let lost = |from: ClassSet, to: ClassSet| {
        let gone = |class: u32| from.contains(class) && !to.contains(class);
        let masses = before.classes.iter().zip(&before.probabilities);
        masses.filter(|(class, _)| gone(**class)).map(|(_, mass)| mass).sum::<f32>()
    };
    let taken = steps.iter().filter(|(_, from, to, _)| from != to);
    let masked = |&(rule, from, to, nats): &Step| {
        let gave_way = nats.is_none() && to.is_empty();
        Masked { rule, mass: lost(from, to), gave_way, nats }
    };
    taken.map(masked).collect()
}

/// What each rule took away of what the network expects of `all`: `allowed` tells what a rule leaves.
pub(crate) fn taken(
    (hard, weighed): (&[Rule], &[(Rule, f32)]),
    (all, logits): (ClassSet, &[f32]),
    allowed: impl Fn(Rule) -> ClassSet,
) -> Vec<Masked> {
    let mut steps: Vec<Step> = Vec::new();
    let left = apply(hard, all, &allowed, |rule, from, to| steps.push((rule, from, to, None)));
    let weigh_one = |rule, nats, to| steps.push((rule, left, both(left, to), Some(nats)));
    weigh(weighed, &mut logits.to_vec(), allowed, weigh_one);
    let mut before = Distribution::default();
    before.fill(logits, all);
    masked(&before, &steps)
}
