//! The seam of a loop: how likely its first chord is after its last.

use std::collections::BTreeMap;

use cantus_model::encoding::{Length, SliceNote};
use cantus_model::walk::{Kind, Question, STOP, Walker};

use crate::distribution::Distribution;
use crate::draft::Draft;

/// What the first slice of a loop costs after its last, in nats; `logits` asks the network about a draft.
pub(crate) fn cost(draft: &Draft, mut logits: impl FnMut(&mut Draft, &mut Question) -> Vec<f32>) -> f64 {
    let mut draft = draft.clone().alone();
    draft.trace = None;
    let first = draft.walker.slices().first().map_or(Vec::new(), |slice| slice.notes.clone());
    go_round(&mut draft);
    let (mut question, mut nats) = (Question::default(), 0.0);
    let mut begun: BTreeMap<usize, usize> = BTreeMap::new();
    while !draft.walker.asks_gap() && !draft.walker.is_done() {
        let logits = logits(&mut draft, &mut question);
        let notes: Vec<&SliceNote> =
            first.iter().filter(|note| usize::from(note.part) == question.part).collect();
        let count = begun.entry(question.part).or_default();
        let class = match question.kind {
            Kind::Pitch | Kind::Drum => {
                *count += 1;
                notes.get(*count - 1).map_or(STOP, |note| u32::from(note.pitch.get()) + 1)
            }
            kind => notes.get(count.saturating_sub(1)).map_or(0, |note| detail(kind, **note)),
        };
        if matches!(question.kind, Kind::Pitch | Kind::Drum) && question.allowed.contains(class) {
            nats -= ln_probability(&logits, &question, class);
        }
        draft.walker.answer(class);
    }
    nats
}

/// From the last slice to where the first would come again.
fn go_round(draft: &mut Draft) {
    let slices = draft.walker.slices();
    let last = slices.last().map_or(0, |slice| slice.at);
    let ends = slices.iter().flat_map(|slice| slice.notes.iter().map(|note| slice.at + note.length.steps()));
    let gap = Length::saturating(ends.max().unwrap_or(0).saturating_sub(last));
    spell(&mut draft.walker, gap);
}

fn spell(walker: &mut Walker, gap: Length) {
    walker.answer(gap.class());
    if Length::of_class(gap.class()).is_none() {
        walker.answer(gap.spelled().0);
        walker.answer(gap.spelled().1);
    }
}

fn detail(kind: Kind, note: SliceNote) -> u32 {
    match kind {
        Kind::Coarse => note.length.spelled().0,
        Kind::Fine => note.length.spelled().1,
        Kind::Velocity => note.level.map_or(0, u32::from),
        _ => note.length.class(),
    }
}

fn ln_probability(logits: &[f32], question: &Question, class: u32) -> f64 {
    let mut all = Distribution::default();
    all.fill(logits, question.allowed);
    f64::from(cantus_nn::math::ln(all.probability(class).max(1e-30)))
}
