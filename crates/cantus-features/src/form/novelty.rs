//! Novelty: a checkerboard along the diagonal of the self-similarity, high where what follows is unlike what went before.

/// Bars on either side that the checkerboard reaches.
const REACH: usize = 4;
/// A section has so many bars at least.
const SHORTEST: usize = 4;

/// How new each bar is, from -1 to 1: how alike the bars before it are among themselves and those from it on, less how alike
/// the ones are to the others, nearer bars weighing more.
pub(super) fn of(similarity: &[Vec<f64>]) -> Vec<f64> {
    let count = similarity.len();
    let at = |bar: usize| {
        let near = bar.saturating_sub(REACH)..(bar + REACH).min(count);
        let (mut sum, mut weights) = (0.0, 0.0);
        for (one, row) in similarity.iter().enumerate().take(near.end).skip(near.start) {
            for (other, alike) in row.iter().enumerate().take(near.end).skip(near.start) {
                let weight = nearness(one, bar) * nearness(other, bar);
                let same_side = (one < bar) == (other < bar);
                sum += if same_side { weight } else { -weight } * alike;
                weights += weight;
            }
        }
        sum / weights
    };
    // At the very ends there is nothing to compare.
    (0..count).map(|bar| if bar == 0 { 0.0 } else { at(bar) }).collect()
}

fn nearness(bar: usize, middle: usize) -> f64 {
    let away = if bar < middle { middle - 1 - bar } else { bar - middle };
    (REACH - away) as f64
}

/// Where sections begin: bars newer than any other within reach, by more than the mean and one standard deviation.
pub(super) fn boundaries(novelty: &[f64]) -> Vec<usize> {
    let count = novelty.len() as f64;
    let mean = novelty.iter().sum::<f64>() / count;
    let spread = (novelty.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / count).sqrt();
    let mut begins: Vec<usize> = Vec::new();
    for (bar, &value) in novelty.iter().enumerate() {
        let near = &novelty[bar.saturating_sub(SHORTEST - 1)..(bar + SHORTEST).min(novelty.len())];
        let is_peak = near.iter().all(|&other| other <= value);
        let is_far = bar >= begins.last().map_or(SHORTEST, |last| last + SHORTEST);
        if is_peak && is_far && bar + SHORTEST <= novelty.len() && value > mean + spread {
            begins.push(bar);
        }
    }
    begins
}
