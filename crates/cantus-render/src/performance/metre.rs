//! Metrical weight: how strong a place in the bar is.

use cantus_score::{Meter, Score, Ticks};

/// The accent of a place in its bar, in dB: the downbeat, the middle of the bar, beats, halves of beats, the rest.
pub(super) fn accent(score: &Score, at: Ticks) -> f64 {
    let (meter, within) = place(score, at);
    let (bar, beat) = (meter.bar(score.resolution).0, meter.beat(score.resolution).0);
    if within == 0 {
        return 1.5;
    }
    if within % beat == 0 {
        let is_middle = (bar / beat).is_multiple_of(2) && within * 2 == bar;
        return if is_middle { 0.5 } else { 0.0 };
    }
    let parts = if is_compound(meter) { 3 } else { 2 };
    if (within * parts).is_multiple_of(beat) { -0.7 } else { -1.2 }
}

fn is_compound(meter: Meter) -> bool {
    meter.unit() >= 8 && meter.beats() > 3 && meter.beats().is_multiple_of(3)
}

/// The metre that holds and the ticks since its bar began; a pickup counts as the end of a whole bar.
pub(super) fn place(score: &Score, at: Ticks) -> (Meter, u32) {
    let pickup = score.pickup();
    if at < pickup {
        let meter = score.meter_at(pickup);
        return (meter, meter.bar(score.resolution).saturating_sub(pickup).0 + at.0);
    }
    let meter = score.meter_at(at);
    let since = score.meters.partition_point(|change| change.at <= at);
    let since = score.meters[..since].last().map_or(Ticks::ZERO, |change| change.at);
    (meter, at.saturating_sub(since).0 % meter.bar(score.resolution).0)
}
