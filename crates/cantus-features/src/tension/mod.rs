//! Tonal tension: how far the sounding pitch classes lie from their key, from each other and from those just before.

pub(crate) mod centroid;
mod spiral;
#[cfg(test)]
mod tests;

use cantus_score::Key;

use crate::{Window, key};

/// The distance between the centre of what sounds and the centre of the piece's key in the spiral array.
pub(crate) fn strain(window: &Window) -> Option<f64> {
    strain_of(&key::pitch_classes(window), window.home?)
}

/// The same of pitch classes by how long each sounds.
pub(crate) fn strain_of(classes: &[f64; 12], home: Key) -> Option<f64> {
    let centre = spiral::centre(classes, home)?;
    Some(spiral::distance(centre, spiral::key(home.mode())))
}

/// The greatest distance between two pitch classes that sound, in the spiral array.
pub(crate) fn diameter(window: &Window) -> Option<f64> {
    let classes = key::pitch_classes(window);
    spiral::diameter(&classes, window.home?)
}

/// The distance of the tonal centroids (Harte and others, 2006) of pitch classes by how long each sounds, from 0 to
/// about 4.2; none where either side is silent.
pub fn tonal_distance(one: &[f64; 12], other: &[f64; 12]) -> Option<f64> {
    Some(centroid::distance(&centroid::of(one)?, &centroid::of(other)?))
}

/// How far the tonal centroid moves from the bar before; of a piece, the mean of its bars.
pub(crate) fn change(window: &Window) -> Option<f64> {
    if window.bars.is_empty() {
        let (before, here) = (centroid::of(&window.before?)?, centroid::of(&key::pitch_classes(window))?);
        return Some(centroid::distance(&before, &here));
    }
    crate::touch::mean(window.bars.iter().filter_map(change))
}
