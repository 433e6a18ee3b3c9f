//! Whether the ticks of a file already say where its beats are.

use cantus_score::Score;

/// How the onsets of a file lie on its grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// On simple fractions of its quarters: it was written, or quantised.
    OnGrid,
    /// Near them: it was played to a click, and the file's beats are right.
    NearGrid,
    /// Anywhere: it was played freely, and its ticks say nothing of beats.
    Free,
}

/// The share of onsets that lie on the grid in a file that was written.
const ON: f64 = 0.85;
/// How far an onset may be from its place, in quarters.
const TOLERANCE: f64 = 0.011;
/// The least concentration of the onsets about sixteenths or twelfths of a quarter in a file that was played to a click.
const NEAR: f64 = 0.42;

/// How the onsets of a score lie on its grid. A score with few onsets is on its grid: nothing can be heard in it.
pub fn written(score: &Score) -> Written {
    const FEWEST: f64 = 4.0;
    let quarter = u64::from(score.resolution.ticks_per_quarter());
    let (mut on, mut all) = (0.0, 0.0);
    let mut sums = [[0.0_f64; 2]; 2];
    for note in score.tracks.iter().flat_map(|track| &track.notes) {
        let phase = (u64::from(note.start.0) % quarter) as f64 / quarter as f64;
        all += 1.0;
        on += f64::from(u8::from(
            [8.0, 6.0, 5.0].iter().any(|&parts| off(phase, parts) <= TOLERANCE.max(0.5 / quarter as f64)),
        ));
        for (sum, parts) in sums.iter_mut().zip([4.0, 3.0]) {
            let (cosine, sine) = turn(phase * parts);
            sum[0] += cosine;
            sum[1] += sine;
        }
    }
    let near = |sum: &[f64; 2]| (sum[0] * sum[0] + sum[1] * sum[1]).sqrt() >= NEAR * all && sum[0] > 0.0;
    if all < FEWEST || on >= ON * all {
        Written::OnGrid
    } else if sums.iter().any(near) {
        Written::NearGrid
    } else {
        Written::Free
    }
}

/// Whether the onsets of a score lie on its grid, so that it can be written down as it is.
pub fn is_on_grid(score: &Score) -> bool {
    written(score) == Written::OnGrid
}

/// How far a phase is from the nearest of so many parts.
fn off(phase: f64, parts: f64) -> f64 {
    let scaled = phase * parts;
    (scaled - scaled.round()).abs() / parts
}

/// The point of a turn on a diamond: like cosine and sine, but the same on every machine.
fn turn(turns: f64) -> (f64, f64) {
    let phase = turns - turns.floor();
    let cosine = (phase - 0.5).abs() * 4.0 - 1.0;
    let shifted = phase + 0.75 - (phase + 0.75).floor();
    (cosine, (shifted - 0.5).abs() * 4.0 - 1.0)
}
