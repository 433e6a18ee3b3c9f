//! How far what was written lies from what was asked of it: of several takes of a bar, the nearest is kept.

#[cfg(test)]
mod tests;

use std::ops::Range;

use cantus_features::control::{Chord, Control, Values};
use cantus_model::controls::{
    ControlScale, Controls, Levels, MeasuredControls, Scale, bar_at_time, bar_of, scale_of,
};
use cantus_model::encoding::{Sliced, Steps};
use cantus_model::styles::heard_key;
use cantus_model::walk::{Conditions, Setup, Walker};
use cantus_score::Key;

use crate::judge::sounds_like;
use crate::plan::Plan;

/// Bars that a control with one value is measured on: those written last.
const RECENT_BARS: u32 = 32;
/// Takes that are no further than this from what is asked are as good as it.
pub(crate) const NEAR: f64 = 0.04;
/// What a chord costs whose root is right and whose kind is another.
const OTHER_KIND: f64 = 0.5;
/// What another key costs than that in which the piece set out, where the way from it is asked for.
const STRAYING: f64 = 0.1;
/// What a value costs beyond the style's own, where places end: the width of the style's values away costs so much.
const BEYOND: f64 = 0.05;

/// What bars are to be like.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Aim<'a> {
    controls: &'a Controls,
    scales: &'a [ControlScale],
    /// The key asked for; without it the one that is heard.
    key: Option<Key>,
    /// The key that the piece sets out in.
    home: Option<Key>,
    /// The first bar that anything is asked of, counted from 0.
    first: u32,
}

impl<'a> Aim<'a> {
    /// The aim of a plan in whose style controls have these scales; none where nothing is asked, or nothing of it counts.
    pub(crate) fn new(plan: &'a Plan, scales: &'a [ControlScale]) -> Option<Self> {
        let Plan { controls, key, home, strength, .. } = plan;
        let aim = Self::from_bar(0, (controls, scales), *key, *strength)?;
        Some(Self { home: *home, ..aim })
    }

    /// The aim of controls with these scales, in a key and so strong, from a bar on.
    pub(crate) fn from_bar(
        first: u32,
        (controls, scales): (&'a Controls, &'a [ControlScale]),
        key: Option<Key>,
        strength: f32,
    ) -> Option<Self> {
        let is_asked = strength > 0.0 && *controls != Controls::default();
        is_asked.then_some(Self { controls, scales, key, home: None, first })
    }

    /// When the bar ends that is being written, or the pickup before the first.
    pub(crate) fn bar_end(walker: &Walker) -> Steps {
        let pickup = walker.pickup();
        let Some(since) = walker.now().checked_sub(pickup) else { return pickup };
        let meters = &walker.setup().meters;
        pickup + bar_of(meters, bar_at_time(meters, since) + 1).0
    }

    /// How far a bar that ends at a time lies from what is asked: places among the style's own values, summed over the
    /// controls, and the share of its chords that are others.
    pub(crate) fn distance(&self, walker: &Walker, bar_end: Steps) -> f64 {
        let meters = &walker.setup().meters;
        let last = bar_end.checked_sub(walker.pickup() + 1).map(|since| bar_at_time(meters, since));
        let Some(bar) = last.filter(|bar| *bar >= self.first) else { return 0.0 };
        let first = (bar + 1).saturating_sub(RECENT_BARS).max(self.first);
        let key = self.key.or_else(|| self.key_heard(walker));
        let strays =
            self.key.is_none() && key.zip(self.home).is_some_and(|(key, home)| !sounds_like(key, home));
        let straying = if strays { STRAYING } else { 0.0 };
        let heard = MeasuredControls::of_draft(walker, first..bar + 1, key);
        let chords = self.wrong_chords(&heard, bar_of(meters, bar).0..bar_of(meters, bar + 1).0);
        self.of_controls(bar, (&heard.piece, heard.bars.last())) + chords + straying
    }

    /// The same of the bars of a finished piece, their mean.
    pub(crate) fn mean_distance(&self, piece: &Sliced) -> f64 {
        let heard = MeasuredControls::of_piece(piece, self.key.or_else(|| heard_key(piece)));
        let bars = heard.bars.len() as u32;
        let meters = Setup::of_piece(piece, Conditions::default()).meters;
        let of_bar = |bar: u32| {
            let of_controls = self.of_controls(bar, (&heard.piece, heard.bars.get(bar as usize)));
            of_controls + self.wrong_chords(&heard, bar_of(&meters, bar).0..bar_of(&meters, bar + 1).0)
        };
        (0..bars).map(of_bar).sum::<f64>() / f64::from(bars.max(1))
    }

    /// How far the controls of a bar are from what is asked, those with one value as they are heard in `piece`.
    fn of_controls(&self, bar: u32, (piece, heard): (&Values, Option<&Values>)) -> f64 {
        let asked_of_bar = self.controls.bars.get(bar as usize);
        let of_controls = Control::ALL.into_iter().filter_map(|control| {
            let (index, scale) = (control.index(), scale_of(self.scales, control)?);
            match level(&self.controls.piece, control) {
                Some(asked) => Some(apart(&scale.pieces, asked, piece[index])),
                None => Some(apart(&scale.bars, level(asked_of_bar?, control)?, heard?[index])),
            }
        });
        of_controls.sum::<f64>()
    }

    /// The key of what is written so far, where something is asked of the way from it.
    fn key_heard(&self, walker: &Walker) -> Option<Key> {
        let asks = |levels: &Levels| level(levels, Control::Tension).is_some();
        let is_asked = asks(&self.controls.piece) || self.controls.bars.iter().any(asks);
        is_asked.then(|| heard_key(&walker.clone().into_piece()))?
    }

    fn wrong_chords(&self, heard: &MeasuredControls, bar: Range<Steps>) -> f64 {
        let spans = heard.chords.iter().filter(|span| bar.contains(&span.from));
        let wrong = spans.filter_map(|span| Some(unlike(self.chord_at(span.from)?, span.chord)));
        let (sum, count) = wrong.fold((0.0, 0_u32), |(sum, count), wrong| (sum + wrong, count + 1));
        if count == 0 { 0.0 } else { sum / f64::from(count) }
    }

    fn chord_at(&self, at: Steps) -> Option<Chord> {
        let after = self.controls.chords.partition_point(|span| span.from <= at);
        self.controls.chords[..after].last()?.chord
    }
}

/// The place in the middle of a level.
fn level(levels: &Levels, control: Control) -> Option<f64> {
    levels[control.index()].map(Scale::place_of_level)
}

/// How far a value is from the place that was asked for. Silence has no value, and is as far as can be.
fn apart(scale: &Scale, asked: f64, heard: Option<f64>) -> f64 {
    let Some(heard) = heard else { return 1.0 };
    let width = (scale.value(1.0) - scale.value(0.0)).max(f64::MIN_POSITIVE);
    let beyond = (scale.value(0.0) - heard).max(heard - scale.value(1.0)).max(0.0);
    (scale.place(heard) - asked).abs() + BEYOND * (beyond / width).min(1.0)
}

fn unlike(asked: Chord, heard: Option<Chord>) -> f64 {
    match heard {
        Some(heard) if heard == asked => 0.0,
        Some(heard) if heard.root == asked.root => OTHER_KIND,
        _ => 1.0,
    }
}
