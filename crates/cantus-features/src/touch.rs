//! How notes are struck and held: dynamics and articulation.

use crate::Window;
use crate::window::Begun;

/// The mean velocity of the notes that begin and whose velocity is known.
pub(crate) fn velocity(window: &Window) -> Option<f64> {
    mean(velocities(window))
}

/// The standard deviation of velocity.
pub(crate) fn velocity_spread(window: &Window) -> Option<f64> {
    let centre = velocity(window)?;
    mean(velocities(window).map(|velocity| (velocity - centre) * (velocity - centre))).map(f64::sqrt)
}

fn velocities(window: &Window) -> impl Iterator<Item = f64> {
    window.begun.iter().filter_map(|note| Some(f64::from(note.velocity?.get())))
}

/// The mean share of the time to the next note of the same track for which a note is held; drums and last notes are left
/// out, as are those before a rest of a quarter note and more.
pub(crate) fn articulation(window: &Window) -> Option<f64> {
    let quarter = window.resolution.ticks_per_quarter();
    let held = |note: &Begun| {
        let until_next = note.next?.0.saturating_sub(note.at.0);
        let rests = until_next.saturating_sub(note.length.0) >= quarter;
        let counts = !note.drum && until_next > 0 && !rests;
        counts.then(|| (f64::from(note.length.0) / f64::from(until_next)).min(LONGEST))
    };
    mean(window.begun.iter().filter_map(held))
}

/// A note that is held while others follow it in its track counts as held for so many times the way to the next at most.
const LONGEST: f64 = 2.0;

/// The mean; none of nothing.
pub(crate) fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (mut sum, mut count) = (0.0, 0_u32);
    for value in values {
        sum += value;
        count += 1;
    }
    (count > 0).then(|| sum / f64::from(count))
}
