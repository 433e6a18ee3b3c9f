//! The best course of places and tempi, by dynamic programming.

use std::collections::VecDeque;

use super::{PARTS, Place, Pulse, TEMPI, Weights, period};

/// How many tempi further the tempo may go from one onset to the next.
const BEND: usize = 3;
/// How many onsets in a row may be ornaments.
const ORNAMENTS: usize = 4;
/// An ornament and its neighbours are no further apart than this, in seconds.
const ORNAMENT_SECONDS: f64 = 0.3;
/// A longer silence is heard as one of so many seconds: nobody counts on.
const LONGEST_SILENCE: f64 = 12.0;
/// A course is given up where it is so much worse than the best.
const HOPELESS: f64 = 40.0;
/// So many onsets are settled at once …
const BLOCK: usize = 4096;
/// … when so many later ones were heard.
const LOOK_AHEAD: usize = 512;

/// The places in a beat that is divided in two (the first eight) and in three.
const PLACES: [i64; SLOTS] = [0, 3, 6, 9, 12, 15, 18, 21, 0, 4, 8, 12, 16, 20];
const SLOTS: usize = 14;
/// How many of them divide in two.
const EVEN: usize = 8;
/// The kind of each place, as in [`Weights::kinds`].
const KINDS: [usize; SLOTS] = [0, 3, 2, 3, 1, 3, 2, 3, 0, 5, 4, 5, 4, 5];

/// How well the best course to each place in each tempo explains what was heard.
type Scores = [[f64; SLOTS]; TEMPI];
const NEVER: f64 = -1e18;

/// Where each onset lies in the beats, those left out that are ornaments. The onsets are sorted by time. `scale` stretches
/// all periods: 1 for music between 30 and 300 beats a minute.
///
/// Time is linear in the number of onsets, and memory beyond the result is bounded.
pub fn track(pulses: &[Pulse], scale: f64, weights: &Weights) -> Vec<Place> {
    let tracker = Tracker::new(scale, weights);
    let mut places: Vec<Place> = Vec::with_capacity(pulses.len());
    let mut begin = 0;
    while let Some(rest) = pulses.get(begin..).filter(|rest| !rest.is_empty()) {
        let block = rest.get(..BLOCK + LOOK_AHEAD).unwrap_or(rest);
        let is_last = block.len() == rest.len();
        let settled = if is_last { block.len() } else { BLOCK };
        let from = places.last().copied();
        for place in tracker.follow(block, from).into_iter().filter(|place| place.index < settled) {
            let place = Place { index: begin + place.index, ..place };
            // The first of a block is the last of the one before.
            if from.is_none_or(|from| from.index < place.index) {
                places.push(place);
            }
        }
        let reached = places.last().map_or(0, |place| place.index);
        begin = if is_last { pulses.len() } else { reached.max(begin + 1) };
    }
    places
}

struct Tracker<'a> {
    weights: &'a Weights,
    periods: [f64; TEMPI],
    scale: f64,
    /// What speaks against each tempo.
    prior: [f64; TEMPI],
}

/// How a state was reached.
#[derive(Clone, Copy, Default)]
struct Origin {
    /// How many onsets ago.
    back: u8,
    tempo: u8,
    slot: u8,
    /// In how many parts of a beat.
    parts: u32,
}

type Origins = Box<[[Origin; SLOTS]; TEMPI]>;

/// The way from one onset to another.
#[derive(Clone, Copy)]
struct Step {
    back: usize,
    seconds: f64,
    /// What speaks against leaving out the onsets between.
    cost: f64,
    /// What speaks for each place.
    at: [f64; SLOTS],
}

/// One end of a step: place, tempo, and what the course was worth.
#[derive(Clone, Copy)]
struct Start {
    slot: usize,
    source: usize,
    value: f64,
}

impl<'a> Tracker<'a> {
    fn new(scale: f64, weights: &'a Weights) -> Self {
        let periods: [f64; TEMPI] = std::array::from_fn(|tempo| period(tempo) * scale);
        let likely = (0..TEMPI).find(|&tempo| period(tempo) >= weights.period).unwrap_or(TEMPI / 2);
        let prior = std::array::from_fn(|tempo| {
            let tens = tempo.abs_diff(likely) as f64 / 10.0;
            weights.prior * tens * tens
        });
        Self { weights, periods, scale, prior }
    }

    /// The best course through some onsets, from a place of the first where that is known.
    fn follow(&self, pulses: &[Pulse], from: Option<Place>) -> Vec<Place> {
        let mut trail: Vec<Origins> = Vec::with_capacity(pulses.len());
        let mut recent: VecDeque<Scores> = VecDeque::with_capacity(ORNAMENTS + 2);
        for (index, pulse) in pulses.iter().enumerate() {
            let at = std::array::from_fn(|slot| self.at(slot, pulse.strength));
            let mut origins: Origins = Box::new([[Origin::default(); SLOTS]; TEMPI]);
            let mut here = if index == 0 { self.first(&at, from) } else { [[NEVER; SLOTS]; TEMPI] };
            let mut cost = 0.0;
            for (back, last) in (1..).zip(recent.iter().rev()) {
                let seconds = pulse.seconds - pulses[index - back].seconds;
                let step = Step { back, seconds: seconds.min(LONGEST_SILENCE * self.scale), cost, at };
                self.step(last, &mut here, &mut origins, &step);
                if !self.is_ornament(pulses, index - back) {
                    break;
                }
                cost += self.weights.ornament + pulses[index - back].strength.max(0.0);
            }
            if recent.len() > ORNAMENTS {
                recent.pop_front();
            }
            recent.push_back(here);
            trail.push(origins);
        }
        recent.back().map_or_else(Vec::new, |last| trace(last, &trail, from))
    }

    /// Whether an onset may be left out: it lies close between two others.
    fn is_ornament(&self, pulses: &[Pulse], index: usize) -> bool {
        let near = ORNAMENT_SECONDS * self.scale;
        let (Some(before), Some(after)) =
            (index.checked_sub(1).and_then(|before| pulses.get(before)), pulses.get(index + 1))
        else {
            return false;
        };
        pulses[index].seconds - before.seconds < near && after.seconds - pulses[index].seconds < near
    }

    /// What speaks for an onset at a place.
    fn at(&self, slot: usize, strength: f64) -> f64 {
        let kind = KINDS[slot];
        self.weights.kinds[kind] + self.weights.strength[kind] * strength
    }

    /// The first onset: anywhere, or where it is known to be.
    fn first(&self, at: &[f64; SLOTS], from: Option<Place>) -> Scores {
        let score = |tempo: usize, slot: usize| match from {
            None => at[slot] - self.prior[tempo],
            Some(place) if place.tempo == tempo && PLACES[slot] as u64 == place.parts % PARTS => 0.0,
            Some(_) => NEVER,
        };
        std::array::from_fn(|tempo| std::array::from_fn(|slot| score(tempo, slot)))
    }

    /// From all states of one onset to all of another.
    fn step(&self, last: &Scores, here: &mut Scores, origins: &mut Origins, step: &Step) {
        let floor = last.iter().flatten().copied().fold(NEVER, f64::max) - HOPELESS;
        for tempo in 0..TEMPI {
            let beats = (step.seconds / self.periods[tempo]).clamp(0.25, 2.0);
            let bend = self.weights.bend / beats.sqrt();
            let nearest = tempo.saturating_sub(BEND)..(tempo + BEND + 1).min(TEMPI);
            let near: Vec<(usize, f64, &[f64; SLOTS])> =
                nearest.map(|other| (other, bend * other.abs_diff(tempo) as f64, &last[other])).collect();
            for slot in 0..SLOTS {
                let start = Start { slot, source: tempo, value: NEVER };
                let best = near.iter().fold(start, |best, &(source, cost, scores)| {
                    let value = scores[slot] - cost;
                    if value > best.value { Start { slot, source, value } } else { best }
                });
                if best.value >= floor {
                    let start = Start { value: best.value - self.prior[tempo] - step.cost, ..best };
                    self.land(start, tempo, step, (&mut here[tempo], &mut origins[tempo]));
                }
            }
        }
    }

    /// From one place to those that lie about as far as the time says.
    fn land(
        &self,
        start: Start,
        tempo: usize,
        step: &Step,
        (here, origins): (&mut [f64; SLOTS], &mut [Origin; SLOTS]),
    ) {
        let part = self.periods[tempo] / PARTS as f64;
        let width = self.weights.jitter + self.weights.stretch * step.seconds;
        let exact = PLACES[start.slot] as f64 + step.seconds / part;
        let (third, fourth) = ((exact / 3.0).floor() as i64, (exact / 4.0).floor() as i64);
        let even = [third, third + 1].map(|to| (3 * to, to.rem_euclid(8) as usize));
        let odd = [fourth, fourth + 1].map(|to| (4 * to, EVEN + to.rem_euclid(6) as usize));
        for (to, slot) in even.into_iter().chain(odd) {
            let is_other = (start.slot < EVEN) != (slot < EVEN);
            let crosses = to >= PARTS as i64;
            if to <= PLACES[start.slot] || is_other && !crosses {
                continue;
            }
            let error = (exact - to as f64) * part / width;
            let deviation = (error * error / 2.0).min(self.weights.outlier);
            let silent = ((to - 1).div_euclid(PARTS as i64)).clamp(0, 8) as f64;
            let switch = if is_other { self.weights.division } else { 0.0 };
            let total = start.value + step.at[slot] - deviation - self.weights.silent * silent - switch;
            if total > here[slot] {
                here[slot] = total;
                let parts = (to - PLACES[start.slot]) as u32;
                let (back, tempo, slot_before) = (step.back as u8, start.source as u8, start.slot as u8);
                origins[slot] = Origin { back, tempo, slot: slot_before, parts };
            }
        }
    }
}

/// Follows the best course back from its end.
fn trace(last: &Scores, trail: &[Origins], from: Option<Place>) -> Vec<Place> {
    let states = (0..TEMPI).flat_map(|tempo| (0..SLOTS).map(move |slot| (tempo, slot)));
    let best = states.fold(
        (0, 0),
        |best, state| {
            if last[state.0][state.1] > last[best.0][best.1] { state } else { best }
        },
    );
    let ((mut tempo, mut slot), mut index) = (best, trail.len() - 1);
    let mut reversed = Vec::with_capacity(trail.len());
    loop {
        let origin = trail[index][tempo][slot];
        reversed.push((index, tempo, slot, u64::from(origin.parts)));
        if origin.back == 0 {
            break;
        }
        index -= usize::from(origin.back);
        (tempo, slot) = (usize::from(origin.tempo), usize::from(origin.slot));
    }
    let first = reversed.last().map_or(0, |first| PLACES[first.2] as u64);
    let mut parts = from.map_or(first, |from| from.parts);
    let forward = reversed.into_iter().rev().enumerate();
    let places = forward.map(|(position, (index, tempo, _, advance))| {
        parts += if position == 0 { 0 } else { advance };
        Place { index, parts, tempo }
    });
    places.collect()
}
