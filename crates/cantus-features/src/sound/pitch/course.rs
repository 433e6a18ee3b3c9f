//! The likeliest course of pitches (Viterbi).

/// How likely a voice begins or ceases from one frame to the next.
const SWITCH: f32 = 0.01;
/// How many octaves a second a voice moves at most.
const FASTEST: f64 = 35.92;
/// Steps of the grid in an octave and in a semitone.
const AN_OCTAVE: f64 = 12.0;
const A_SEMITONE: usize = 10;
/// Frames that are kept before the older half is decided: what comes 11 s later changes nothing in practice.
const KEPT: usize = 1024;
/// The logarithm of a likelihood of nothing: that of the least double.
const NEVER: f32 = -708.4;

/// Follows pitches through frames. States are the pitches where a voice sounds, then the pitches at which it is silent.
#[derive(Debug)]
pub(super) struct Course {
    pitches: usize,
    reach: usize,
    near: Vec<f32>,        // [2 reach + 1]: logarithms of a triangle
    rows: Vec<f32>,        // [pitches]: logarithms of what a pitch's triangle sums to
    scores: [Vec<f32>; 2], // [reach + pitches + reach] each: sounding, silent
    best: [Best; 2],
    links: Vec<u16>, // [frames, 2 * pitches]
    begun: bool,
}

/// The best way to each pitch from pitches near it.
#[derive(Debug, Clone)]
struct Best {
    score: Vec<f32>, // [pitches]
    step: Vec<i32>,  // [pitches]: which of `near` was taken
}

impl Course {
    pub(super) fn new(pitches: usize, seconds_a_frame: f64) -> Self {
        let reach = (FASTEST * AN_OCTAVE * seconds_a_frame).round_ties_even() as usize * A_SEMITONE / 2;
        let reach = reach.min(pitches.saturating_sub(1));
        let height = |step: usize| (1 + reach - step.abs_diff(reach)) as f32 / (1 + reach) as f32;
        let heights: Vec<f32> = (0..=2 * reach).map(height).collect();
        let row = |pitch: usize| {
            let first = reach.saturating_sub(pitch);
            let last = (2 * reach).min(reach + pitches - 1 - pitch);
            heights[first..=last].iter().sum::<f32>().ln()
        };
        let lane = vec![f32::NEG_INFINITY; pitches + 2 * reach];
        let best = Best { score: vec![0.0; pitches], step: vec![0; pitches] };
        Self {
            pitches,
            reach,
            near: heights.iter().map(|height| height.ln()).collect(),
            rows: (0..pitches).map(row).collect(),
            scores: [lane.clone(), lane],
            best: [best.clone(), best],
            links: Vec::new(),
            begun: false,
        }
    }

    /// Takes how likely each pitch is in the next frame, and how likely a voice sounds at all; hands out states that are
    /// decided: a pitch, or none.
    pub(super) fn push(&mut self, likely: &[f32], voiced: f32, each: impl FnMut(Option<usize>)) {
        if self.begun {
            for (scores, best) in self.scores.iter_mut().zip(&mut self.best) {
                for (score, row) in scores[self.reach..].iter_mut().zip(&self.rows) {
                    *score -= row;
                }
                best.find(scores, &self.near);
            }
            self.choose();
        } else {
            self.scores.iter_mut().for_each(|scores| scores[self.reach..][..self.pitches].fill(0.0));
        }
        self.begun = true;
        self.observe(likely, voiced);
        if self.links.len() >= KEPT * 2 * self.pitches {
            self.decide(KEPT / 2, each);
        }
    }

    /// Goes on from voice and silence to voice and silence, and keeps whence.
    fn choose(&mut self) {
        let (stay, switch) = ((1.0 - SWITCH).ln(), SWITCH.ln());
        let (pitches, reach) = (self.pitches, self.reach);
        for (to, scores) in self.scores.iter_mut().enumerate() {
            let [same, other] = if to == 0 { [0, 1] } else { [1, 0] };
            for (pitch, score) in scores[reach..][..pitches].iter_mut().enumerate() {
                let (stays, comes) =
                    (self.best[same].score[pitch] + stay, self.best[other].score[pitch] + switch);
                let from = if stays >= comes { same } else { other };
                *score = stays.max(comes);
                let source = pitch + self.best[from].step[pitch] as usize - reach;
                self.links.push((from * pitches + source) as u16);
            }
        }
    }

    /// Adds what the frame says, and keeps the best score at 0.
    fn observe(&mut self, likely: &[f32], voiced: f32) {
        let [sounding, silent] = &mut self.scores;
        let inside = self.reach..self.reach + self.pitches;
        for (score, likely) in sounding[inside.clone()].iter_mut().zip(likely) {
            *score += if *likely > 0.0 { likely.ln() } else { NEVER };
        }
        let none = (1.0 - voiced) / self.pitches as f32;
        let none = if none > 0.0 { none.ln() } else { NEVER };
        let mut most = f32::NEG_INFINITY;
        for score in &mut silent[inside.clone()] {
            *score += none;
            most = most.max(*score);
        }
        most = sounding[inside.clone()].iter().copied().fold(most, f32::max);
        for score in sounding[inside.clone()].iter_mut().chain(&mut silent[inside]) {
            *score -= most;
        }
    }

    /// Hands out the states of the first frames of all that are kept.
    fn decide(&mut self, count: usize, mut each: impl FnMut(Option<usize>)) {
        let states = self.states();
        for state in states.iter().take(count) {
            each((*state < self.pitches).then_some(*state));
        }
        self.links.drain(..count * 2 * self.pitches);
    }

    /// The best course through all frames that are kept: one more than there are links.
    fn states(&self) -> Vec<usize> {
        let all = self.scores.iter().flat_map(|scores| &scores[self.reach..][..self.pitches]);
        let mut best = (0, f32::NEG_INFINITY);
        for (state, score) in all.enumerate() {
            if *score > best.1 {
                best = (state, *score);
            }
        }
        let mut states = vec![best.0];
        for links in self.links.rchunks_exact(2 * self.pitches) {
            let now = states[states.len() - 1];
            states.push(usize::from(links[now]));
        }
        states.reverse();
        states
    }

    /// Hands out the states of the frames that are left.
    pub(super) fn finish(self, mut each: impl FnMut(Option<usize>)) {
        if self.begun {
            for state in self.states() {
                each((state < self.pitches).then_some(state));
            }
        }
    }
}

impl Best {
    /// The best way to each pitch, step by step of what is near, all pitches at once.
    fn find(&mut self, scores: &[f32], near: &[f32]) {
        self.score.fill(f32::NEG_INFINITY);
        for (step, weight) in near.iter().enumerate() {
            let here = &scores[step..];
            for ((score, chosen), from) in self.score.iter_mut().zip(&mut self.step).zip(here) {
                let reached = from + weight;
                let better = reached > *score;
                *score = if better { reached } else { *score };
                *chosen = if better { step as i32 } else { *chosen };
            }
        }
    }
}
