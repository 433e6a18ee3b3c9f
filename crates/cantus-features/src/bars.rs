//! The bars of a score as stretches of time.

use std::ops::Range;

use cantus_score::{Score, Ticks};

/// The bars of a score as ranges of ticks, from [`Score::bar_lines`]; the last reaches to the end of the last note.
pub fn bars(score: &Score) -> Vec<Range<Ticks>> {
    let (lines, end) = (score.bar_lines(), score.end());
    let ends: Vec<Ticks> = lines.iter().skip(1).copied().chain([end]).collect();
    lines.into_iter().zip(ends).map(|(begin, end)| begin..end).collect()
}
