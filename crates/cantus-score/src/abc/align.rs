//! Lays the bars of all voices side by side.

use super::voice::Bar;

/// The bars that all voices share, in grains.
#[derive(Debug, Default)]
pub(super) struct Bars {
    /// Where each begins.
    pub(super) starts: Vec<u64>,
    /// Where the last ends.
    pub(super) end: u64,
    /// For each voice, for each of its bars: where it begins, and the indices of the first and the last that it covers.
    pub(super) places: Vec<Vec<Place>>,
}

/// Where a bar of a voice lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) start: u64,
    pub(super) first: u32,
    pub(super) last: u32,
}

/// How many bars of one voice may make those of another before they count as wrong.
const MOST_TOGETHER: usize = 16;

/// Lays bars side by side. Voices that divide the same time differently share all their bar lines; where a voice's bar is too
/// short or too long for the others, each goes on with its next bar.
pub(super) fn aligned(voices: &[&[Bar]]) -> Bars {
    if let [only] = voices {
        return alone(only);
    }
    let longest = voices.iter().map(|bars| bars.len()).max().unwrap_or(0);
    let mut bars = Bars { starts: Vec::with_capacity(longest), ..Bars::default() };
    bars.places = voices.iter().map(|bars| Vec::with_capacity(bars.len())).collect();
    let mut next = vec![0; voices.len()];
    loop {
        let active: Vec<usize> = (0..voices.len())
            .filter(|&voice| next.get(voice) < voices.get(voice).map(|bars| bars.len()).as_ref())
            .collect();
        if active.is_empty() {
            return bars;
        }
        bars.add_group(voices, &active, &mut next);
    }
}

/// The bars of a single voice.
fn alone(voice: &[Bar]) -> Bars {
    let (mut starts, mut places, mut at) =
        (Vec::with_capacity(voice.len()), Vec::with_capacity(voice.len()), 0_u64);
    for (index, bar) in voice.iter().enumerate() {
        starts.push(at);
        places.push(Place { start: at, first: index as u32, last: index as u32 });
        at = at.saturating_add(bar.length);
    }
    Bars { starts, end: at, places: vec![places] }
}

impl Bars {
    /// Adds bars after which all voices are at one place.
    fn add_group(&mut self, voices: &[&[Bar]], active: &[usize], next: &mut [usize]) {
        let counts = together(voices, active, next);
        let begin = self.end;
        let mut lines = vec![begin];
        for (&voice, &count) in active.iter().zip(&counts) {
            let (Some(bars), Some(&from)) = (voices.get(voice), next.get(voice)) else { continue };
            let mut at = begin;
            for bar in bars.iter().skip(from).take(count) {
                at = at.saturating_add(bar.length);
                lines.push(at);
            }
            self.end = self.end.max(at);
        }
        let in_time = counts.iter().any(|&count| count > 1);
        lines.retain(|&line| line == begin || in_time && line < self.end);
        lines.sort_unstable();
        lines.dedup();
        let first = self.starts.len();
        self.starts.extend(&lines);
        for (&voice, &count) in active.iter().zip(&counts) {
            self.place(voices, voice, (first, &lines), (begin, count), next);
        }
    }

    fn place(
        &mut self,
        voices: &[&[Bar]],
        voice: usize,
        (first, lines): (usize, &[u64]),
        (begin, count): (u64, usize),
        next: &mut [usize],
    ) {
        let (Some(bars), Some(next), Some(places)) =
            (voices.get(voice), next.get_mut(voice), self.places.get_mut(voice))
        else {
            return;
        };
        let mut at = begin;
        for bar in bars.iter().skip(*next).take(count) {
            let index = |line: u64| first + lines.partition_point(|&other| other <= line).max(1) - 1;
            let end = at.saturating_add(bar.length);
            let last = index(end.saturating_sub(1).max(at)) as u32;
            places.push(Place { start: at, first: index(at) as u32, last });
            at = end;
        }
        *next += count;
    }
}

/// How many bars of each voice take the same time; one each where none do.
fn together(voices: &[&[Bar]], active: &[usize], next: &[usize]) -> Vec<usize> {
    let length = |voice: usize, offset: usize| {
        let bars = voices.get(voice)?;
        bars.get(next.get(voice)? + offset).map(|bar| bar.length)
    };
    let mut counts = vec![1; active.len()];
    let mut sums: Vec<u64> = active.iter().map(|&voice| length(voice, 0).unwrap_or(0)).collect();
    loop {
        let most = sums.iter().copied().max().unwrap_or(0);
        let mut even = true;
        for ((&voice, sum), count) in active.iter().zip(&mut sums).zip(&mut counts) {
            if *sum < most {
                let more = length(voice, *count).filter(|_| *count < MOST_TOGETHER);
                let Some(more) = more else { return vec![1; active.len()] };
                *sum = sum.saturating_add(more);
                *count += 1;
                even = false;
            }
        }
        if even {
            return counts;
        }
    }
}
