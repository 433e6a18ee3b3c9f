//! Repetition and form: how alike bars are, where something new begins, and the sections between.

mod novelty;
mod similarity;
#[cfg(test)]
mod tests;

use cantus_score::Score;

use crate::Window;
use crate::touch::mean;

pub use similarity::{MOST_BARS, similarity};

/// The columns of the form of bars.
pub(crate) const PARTS: &[&str] = &["novelty", "section", "likeness"];

/// For each bar of a score, at most [`MOST_BARS`]: how new it is, the number of its section from 0, and how like it is to
/// the bar before it that is most like it.
pub(crate) fn table(score: &Score) -> Vec<Vec<f64>> {
    let bars = similarity(&Window::of_bars(score));
    let novelty = novelty::of(&bars);
    let begins = novelty::boundaries(&novelty);
    let mut section = 0.0;
    let row = |(index, novelty): (usize, &f64)| {
        section += if begins.contains(&index) { 1.0 } else { 0.0 };
        vec![*novelty, section, likeness(&bars, index)]
    };
    novelty.iter().enumerate().map(row).collect()
}

/// How like a bar is to the bar before it that is most like it; 0 of the first.
fn likeness(bars: &[Vec<f64>], index: usize) -> f64 {
    bars[index][..index].iter().copied().fold(0.0, f64::max)
}

/// How like each bar is to an earlier one, the mean without the first.
pub(crate) fn repetition(window: &Window) -> Option<f64> {
    let bars = similarity(&window.bars);
    mean((1..bars.len()).map(|index| likeness(&bars, index)))
}

/// How many sections there are.
pub(crate) fn sections(window: &Window) -> Option<f64> {
    let bars = similarity(&window.bars);
    (!bars.is_empty()).then(|| novelty::boundaries(&novelty::of(&bars)).len() as f64 + 1.0)
}

/// The numbers of the bars, from 0, at which a section begins, without the first.
pub fn boundaries(score: &Score) -> Vec<usize> {
    novelty::boundaries(&novelty::of(&similarity(&Window::of_bars(score))))
}
