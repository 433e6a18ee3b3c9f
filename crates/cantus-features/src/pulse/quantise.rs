//! Onsets at simple places of their beats.

/// Parts of a beat: all grids are exact in them.
pub(crate) const PARTS: i64 = 24;

/// An onset in beats, from the first.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct InBeats {
    /// Where it was played.
    pub(crate) at: f64,
    /// How long its beat is, in seconds.
    pub(crate) period: f64,
}

/// How a beat may be divided, and what speaks against it, where a beat is a plain note or a dotted one.
const GRIDS: [(i64, f64, f64); 7] = [
    (1, 0.0, 0.0),
    (2, 0.7, 3.5),
    (4, 2.2, 6.0),
    (8, 6.5, 8.0),
    (3, 2.4, 0.6),
    (6, 5.0, 2.0),
    (12, 9.0, 5.5),
];
/// Against a grid of another kind than that of the beat before.
const SWITCH: f64 = 0.7;
/// The deviation of an onset from its place, in seconds …
const JITTER: f64 = 0.018;
/// … and in beats.
const SHARE: f64 = 0.035;
/// Against two onsets at one place.
const COLLISION: f64 = 3.0;

/// The place of each onset in [`PARTS`] of a beat. The onsets are sorted; so are the places.
///
/// Each beat takes the grid for which deviations and what speaks against the grid are the least together, given those of
/// the beats around it.
pub(crate) fn quantised(onsets: &[InBeats], compound: bool) -> Vec<i64> {
    let beats: Vec<&[InBeats]> =
        onsets.chunk_by(|a, b| (a.at + EARLY).floor() as i64 == (b.at + EARLY).floor() as i64).collect();
    let grids = grids(&beats, compound);
    let mut places: Vec<i64> = Vec::with_capacity(onsets.len());
    for (beat, grid) in beats.iter().zip(grids) {
        for onset in *beat {
            let place = nearest(onset.at, GRIDS[grid].0);
            places.push(place.max(places.last().copied().unwrap_or(i64::MIN)));
        }
    }
    places
}

/// Onsets so much before a beat belong to it.
const EARLY: f64 = 0.07;

fn nearest(at: f64, grid: i64) -> i64 {
    (at * grid as f64).round() as i64 * (PARTS / grid)
}

fn grids(beats: &[&[InBeats]], compound: bool) -> Vec<usize> {
    const COUNT: usize = GRIDS.len();
    let mut costs = [0.0_f64; COUNT];
    let mut trail: Vec<[u8; COUNT]> = Vec::with_capacity(beats.len());
    for beat in beats {
        let best = (0..COUNT).min_by(|&a, &b| costs[a].total_cmp(&costs[b])).unwrap_or(0);
        let mut from = [0; COUNT];
        let mut next = [0.0; COUNT];
        for grid in 0..COUNT {
            let same = (0..COUNT).filter(|&other| alike(other, grid));
            let near = same.min_by(|&a, &b| costs[a].total_cmp(&costs[b])).unwrap_or(grid);
            let (source, switch) =
                if costs[near] <= costs[best] + SWITCH { (near, 0.0) } else { (best, SWITCH) };
            next[grid] = costs[source] + switch + cost(beat, grid, compound);
            from[grid] = source as u8;
        }
        costs = next;
        trail.push(from);
    }
    let mut grid = (0..COUNT).min_by(|&a, &b| costs[a].total_cmp(&costs[b])).unwrap_or(0);
    let mut grids = Vec::with_capacity(beats.len());
    for from in trail.iter().rev() {
        grids.push(grid);
        grid = usize::from(from[grid]);
    }
    grids.reverse();
    grids
}

/// Whether two grids divide in two both, or in three both; the undivided beat is like any.
fn alike(a: usize, b: usize) -> bool {
    a == 0 || b == 0 || (GRIDS[a].0 % 3 == 0) == (GRIDS[b].0 % 3 == 0)
}

fn cost(beat: &[InBeats], grid: usize, compound: bool) -> f64 {
    let (parts, simple, dotted) = GRIDS[grid];
    let mut sum = if compound { dotted } else { simple };
    let mut last: Option<i64> = None;
    for onset in beat {
        let place = nearest(onset.at, parts);
        let off = onset.at - place as f64 / PARTS as f64;
        let width = JITTER + SHARE * onset.period;
        let error = off * onset.period / width;
        sum += (error * error / 2.0).min(8.0);
        sum += if last == Some(place) { COLLISION } else { 0.0 };
        last = Some(place);
    }
    sum
}

/// Whether beats are divided in three rather than in two.
pub(crate) fn is_compound(onsets: &[InBeats]) -> bool {
    let (mut thirds, mut halves) = (0_usize, 0_usize);
    for onset in onsets {
        let phase = onset.at - onset.at.floor();
        thirds += usize::from((phase - 1.0 / 3.0).abs() < 0.06 || (phase - 2.0 / 3.0).abs() < 0.06);
        halves += usize::from((phase - 0.5).abs() < 0.06);
    }
    thirds > 4 * halves && thirds * 8 > onsets.len()
}

/// Where the second of two swung notes begins, as a share of the beat; nothing where the music is not swung.
///
/// Swung beats have one onset within, late, and few beats are full triplets.
pub(crate) fn swing(onsets: &[InBeats]) -> Option<f64> {
    let beats = onsets.chunk_by(|a, b| (a.at + EARLY).floor() as i64 == (b.at + EARLY).floor() as i64);
    let (mut late, mut triplets, mut divided) = (Vec::new(), 0_usize, 0_usize);
    for beat in beats {
        let phases: Vec<f64> = beat.iter().map(|onset| onset.at - (onset.at + EARLY).floor()).collect();
        let within: Vec<f64> = phases.into_iter().filter(|phase| (0.15..0.85).contains(phase)).collect();
        divided += usize::from(!within.is_empty());
        match within.as_slice() {
            [one] => late.push(*one),
            [first, ..] if (0.27..0.41).contains(first) => triplets += 1,
            _ => {}
        }
    }
    late.sort_by(f64::total_cmp);
    let at = |share: f64| late.get((late.len() as f64 * share) as usize).copied().unwrap_or(0.0);
    let middle = at(0.5);
    let steady = at(0.75) - at(0.25) < 0.09 && at(0.2) > 0.53;
    let enough = late.len() >= 8 && late.len() * 2 > divided && triplets * 6 < late.len();
    ((0.57..0.75).contains(&middle) && steady && enough).then_some(middle)
}

/// Makes swung notes even.
pub(crate) fn straight(at: f64, swing: f64) -> f64 {
    let beat = at.floor();
    let phase = at - beat;
    let even =
        if phase < swing { phase / (2.0 * swing) } else { 0.5 + (phase - swing) / (2.0 * (1.0 - swing)) };
    beat + even
}
