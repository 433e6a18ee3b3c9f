//! What a slice, a note and a piece take in composing.

use std::time::Instant;

use cantus_compose::{Chooser, Composer, Context, Distribution, Policy, Request, Sampler, standard_judges};
use cantus_model::walk::{Kind, STOP};
use cantus_nn::Rng;
use cantus_render::performance::perform;

use super::spread;
use crate::bench::{Machine, Report, measure};
use crate::error::Error;
use crate::learned::model_or_default;
use crate::{OutputFormat, SoundOptions, encode, impossible, performance_of};

/// Pieces drawn of each style.
const PIECES: u64 = 12;

/// The time from slice to slice and from note to note in every style of the model, drafts that were rejected among
/// them.
pub(super) fn decisions(composer: &Composer) -> Result<Vec<Report>, Error> {
    let mut reports = Vec::new();
    for style in composer.styles() {
        let mut timed = Timed { sampler: Sampler::DEFAULT, slices: Laps::default(), notes: Laps::default() };
        for seed in 0..PIECES {
            let request = Request::new(seed).style(&style.name);
            composer
                .compose_with(&request, &mut timed, &standard_judges(), Policy::default())
                .map_err(impossible)?;
            timed.slices.last = None;
            timed.notes.last = None;
        }
        for (work, laps) in [("compose-slice", timed.slices), ("compose-note", timed.notes)] {
            let (measured, late) = spread(laps.seconds);
            let report = Report::new(work, "us", measured, 1e6).with_setting(&style.name);
            reports.push(report.with_fact("p99_us", late * 1e6));
        }
    }
    Ok(reports)
}

/// Times between marks of one draft.
#[derive(Default)]
struct Laps {
    last: Option<(u32, Instant)>,
    seconds: Vec<f64>,
}

impl Laps {
    fn mark(&mut self, attempt: u32, now: Instant) {
        if let Some((_, last)) = self.last.filter(|last| last.0 == attempt) {
            self.seconds.push((now - last).as_secs_f64());
        }
        self.last = Some((attempt, now));
    }
}

/// The usual sampler with a watch in its hand.
struct Timed {
    sampler: Sampler,
    slices: Laps,
    notes: Laps,
}

impl Chooser for Timed {
    fn choose(&mut self, offered: &Distribution, context: &Context, rng: &mut Rng) -> u32 {
        let class = self.sampler.choose(offered, context, rng);
        let now = Instant::now();
        match context.kind {
            Kind::Pitch | Kind::Drum if class != STOP => self.notes.mark(context.attempt, now),
            Kind::Gap => self.slices.mark(context.attempt, now),
            _ => {}
        }
        class
    }
}

/// The bars of the piece that is timed whole.
const BARS: u32 = 32;

/// A piece of 32 bars in the model's first style, from opening the built-in model to the bytes of a MIDI file.
pub(super) fn piece(machine: Machine) -> Result<Report, Error> {
    let (mut seed, mut parts, mut drawn) = (0, 0, 0);
    let mut work = || -> Result<(), Error> {
        let composer = Composer::on(machine.instructions, &model_or_default(None)?);
        let composition = crate::compose(
            &composer,
            &Request::new(seed).bars(BARS).map_err(impossible)?,
            false,
            &mut |_| {},
        )?;
        let sound = SoundOptions { performance: performance_of(&composition), ..SoundOptions::default() };
        encode(&perform(&composition.score, sound.performance), OutputFormat::Midi, &sound)?;
        seed += 1;
        parts = composition.score.tracks.len();
        drawn += composition.attempts;
        Ok(())
    };
    let mut outcome = Ok(());
    let measured = measure(20, 2, || {
        if let Err(error) = work() {
            outcome = Err(error);
        }
    });
    outcome?;
    Ok(Report::new("compose-piece", "ms", measured, 1e3)
        .with_fact("bars", BARS)
        .with_fact("parts", parts)
        .with_fact("drawings_a_piece", f64::from(drawn) / seed as f64))
}
