//! Measures as others have published them, each by its own definition, so that numbers can be held against theirs.

pub(crate) mod musegan;
pub(crate) mod muspy;
#[cfg(test)]
mod tests;

use crate::Window;
use crate::window::Begun;

/// The notes of the tracks that are not drums.
fn pitched(window: &Window) -> impl Iterator<Item = &Begun> {
    window.begun.iter().filter(|note| !note.drum)
}

/// A share of a whole; none where there is no whole.
fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}
