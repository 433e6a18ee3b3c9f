//! Follows the beat through onsets: where in its beat each onset lies, and how fast the beats go.
//!
//! This part knows nothing of notes: an onset is a time and how much it sounds like a beat. The course of places and
//! tempi that explains all onsets best is found by dynamic programming, as with a hidden Markov model whose states are
//! (place in the beat, tempo). Other than in trackers on frames of sound, time goes from onset to onset.

/// A moment at which something begins.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pulse {
    /// When, in seconds.
    pub seconds: f64,
    /// How much it sounds like a beat: the logarithm of the odds, 0 where nothing is known.
    pub strength: f64,
}

/// Where an onset lies in the beats.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Which onset it is.
    pub index: usize,
    /// In [`PARTS`] of a beat, from the first beat that was heard.
    pub parts: u64,
    /// Which tempo holds: the index of a [`period`].
    pub tempo: usize,
}

/// The parts of a beat that are told apart.
pub const PARTS: u64 = 24;

/// How many tempi are told apart.
pub const TEMPI: usize = 60;
/// The shortest period of a beat in seconds.
const FASTEST: f64 = 0.2;
/// From one period to the next.
const RATIO: f64 = 1.04;
/// How many tempi further the tempo may go from one onset to the next.
const BEND: usize = 3;
/// How many onsets in a row may be ornaments.
const ORNAMENTS: usize = 4;
/// An ornament and what it decorates are no further apart than this, in seconds.
const ORNAMENT_SECONDS: f64 = 0.3;

/// The places in a beat that is divided in two (the first eight) and in three.
const PLACES: [i64; 14] = [0, 3, 6, 9, 12, 15, 18, 21, 0, 4, 8, 12, 16, 20];
/// How many of them divide in two.
const EVEN: usize = 8;
/// The kind of each place: the beat, half of it, a quarter, an eighth; a third, a sixth.
const KINDS: [usize; 14] = [0, 3, 2, 3, 1, 3, 2, 3, 0, 5, 4, 5, 4, 5];

/// What speaks for and against a course of beats, in nats.
#[derive(Debug, Clone, PartialEq)]
pub struct Weights {
    /// For an onset at each kind of place: beat, half, quarter, eighth, third, sixth.
    pub kinds: [f64; 6],
    /// How much the strength of an onset counts at each kind of place.
    pub strength: [f64; 6],
    /// Against a beat without an onset.
    pub silent: f64,
    /// Against an onset that is no more than an ornament.
    pub ornament: f64,
    /// Against dividing one beat in two and the next in three, or the other way round.
    pub division: f64,
    /// Against each step of [`RATIO`] between the tempi before and after an onset.
    pub bend: f64,
    /// The deviation of onsets in seconds …
    pub jitter: f64,
    /// … and as a share of the time since the last.
    pub stretch: f64,
    /// The most that a deviation costs.
    pub outlier: f64,
    /// The likeliest period in seconds.
    pub period: f64,
    /// Against each onset for the square of the steps of ten [`RATIO`]s from it.
    pub prior: f64,
}

impl Weights {
    /// What was fitted to one half of the performances.
    pub const DEFAULT: Self = Self {
        kinds: [0.0, -0.5, -1.2, -2.5, -0.8, -1.4],
        strength: [1.35, 0.2, -0.4, -0.26, -0.1, -0.4],
        silent: 2.16,
        ornament: 2.27,
        division: 1.3,
        bend: 1.5,
        jitter: 0.018,
        stretch: 0.03,
        outlier: 12.0,
        period: 0.81,
        prior: 0.1,
    };
}

/// The period of a tempo in seconds, if `scale` is 1.
pub fn period(tempo: usize) -> f64 {
    (0..tempo).fold(FASTEST, |period, _| period * RATIO)
}

/// So many onsets are followed before the course is settled up to [`LOOK_AHEAD`] of them before the last.
const BLOCK: usize = 4096;
/// How many later onsets are heard before a place is settled.
const LOOK_AHEAD: usize = 512;

const STATES: usize = TEMPI * PLACES.len();
const NEVER: f64 = -1e18;

/// Where each onset lies in the beats, those left out that are ornaments. The onsets are sorted by time. `scale` stretches
/// all periods: 1 for music between 30 and 300 beats a minute.
///
/// Time is linear in the number of onsets, and memory beyond the result is bounded.
pub fn track(pulses: &[Pulse], scale: f64, weights: &Weights) -> Vec<Place> {
    let mut tracker = Tracker::new(scale, weights);
    let mut places: Vec<Place> = Vec::with_capacity(pulses.len());
    let mut begin = 0;
    while begin < pulses.len() {
        let end = (begin + BLOCK + LOOK_AHEAD).min(pulses.len());
        let settled = if end == pulses.len() { end } else { begin + BLOCK };
        let block = tracker.follow(&pulses[begin..end], places.last().copied());
        let offset = begin;
        for mut place in block {
            place.index += offset;
            if place.index >= settled {
                break;
            }
            // The first of a block is the last of the one before.
            if places.last().is_none_or(|last| last.index < place.index) {
                places.push(place);
            }
        }
        if end == pulses.len() {
            break;
        }
        let last = places.last().map_or(settled, |place| place.index);
        begin = if last > begin { last } else { settled };
    }
    places
}

struct Tracker<'a> {
    weights: &'a Weights,
    periods: [f64; TEMPI],
    scale: f64,
    prior: [f64; TEMPI],
}

/// How a state was reached: (onsets back, tempo, place), and how many parts of a beat it took.
#[derive(Clone, Copy, Default)]
struct From {
    back: u8,
    tempo: u8,
    place: u8,
    parts: u32,
}

impl<'a> Tracker<'a> {
    fn new(scale: f64, weights: &'a Weights) -> Self {
        let periods: [f64; TEMPI] = std::array::from_fn(|tempo| period(tempo) * scale);
        let likely = periods.iter().position(|&period| period >= weights.period * scale);
        let likely = likely.unwrap_or(TEMPI / 2) as f64;
        let prior = std::array::from_fn(|tempo| {
            let tens = (tempo as f64 - likely) / 10.0;
            -weights.prior * tens * tens
        });
        Self { weights, periods, scale, prior }
    }

    /// The best course through some onsets, from a place of the first where that is known.
    fn follow(&mut self, pulses: &[Pulse], from: Option<Place>) -> Vec<Place> {
        let mut scores: Vec<[f64; STATES]> = Vec::with_capacity(ORNAMENTS + 2);
        let mut trail: Vec<Vec<From>> = Vec::with_capacity(pulses.len());
        let mut ring: std::collections::VecDeque<[f64; STATES]> = std::collections::VecDeque::new();
        let _ = &mut scores;
        for index in 0..pulses.len() {
            let mut here = [NEVER; STATES];
            let mut origin = vec![From::default(); STATES];
            if index == 0 {
                self.begin(pulses[0], from, &mut here);
            }
            for back in 1..=(ORNAMENTS + 1).min(index) {
                let skipped = &pulses[index - back + 1..index];
                if !self.may_skip(pulses, index - back, index) {
                    break;
                }
                let cost: f64 = skipped.iter().map(|skipped| self.weights.ornament + skipped.strength.max(0.0)).sum();
                let seconds = pulses[index].seconds - pulses[index - back].seconds;
                self.step(&ring[ring.len() - back], &mut here, &mut origin, Step { back, seconds, cost, strength: pulses[index].strength });
            }
            if ring.len() > ORNAMENTS {
                ring.pop_front();
            }
            ring.push_back(here);
            trail.push(origin);
        }
        self.trace(ring.back(), &trail, from)
    }

    /// Whether all onsets between two may be ornaments.
    fn may_skip(&self, pulses: &[Pulse], from: usize, to: usize) -> bool {
        let near = |index: usize| {
            pulses[index].seconds - pulses[index - 1].seconds < ORNAMENT_SECONDS * self.scale
                && pulses[index + 1].seconds - pulses[index].seconds < ORNAMENT_SECONDS * self.scale
        };
        (from + 1..to).all(near)
    }

    fn begin(&self, pulse: Pulse, from: Option<Place>, here: &mut [f64; STATES]) {
        if let Some(place) = from {
            let parts = (place.parts % PARTS) as i64;
            for (slot, _) in PLACES.iter().enumerate().filter(|slot| *slot.1 == parts) {
                here[place.tempo * PLACES.len() + slot] = 0.0;
            }
            return;
        }
        for tempo in 0..TEMPI {
            for slot in 0..PLACES.len() {
                here[tempo * PLACES.len() + slot] = self.at(slot, pulse.strength) + self.prior[tempo];
            }
        }
    }

    /// What speaks for an onset at a place.
    fn at(&self, slot: usize, strength: f64) -> f64 {
        let kind = KINDS[slot];
        self.weights.kinds[kind] + self.weights.strength[kind] * strength
    }

    fn step(&self, last: &[f64; STATES], here: &mut [f64; STATES], origin: &mut [From], step: Step) {
        const SLOTS: usize = PLACES.len();
        let best = last.iter().copied().fold(NEVER, f64::max);
        let floor = best - 40.0;
        let at: [f64; SLOTS] = std::array::from_fn(|slot| self.at(slot, step.strength));
        for tempo in 0..TEMPI {
            let period = self.periods[tempo];
            let elapsed = step.seconds / period * PARTS as f64;
            let width = self.weights.jitter * self.scale.min(1.0) + self.weights.stretch * step.seconds;
            let sharp = 1.0 / (2.0 * width * width);
            let beats = (step.seconds / period).max(0.25);
            let bend_cost = self.weights.bend / beats.min(2.0).sqrt();
            for slot in 0..SLOTS {
                let (mut value, mut source) = (NEVER, tempo);
                for other in tempo.saturating_sub(BEND)..(tempo + BEND + 1).min(TEMPI) {
                    let reached =
                        last[other * SLOTS + slot] - bend_cost * (other.abs_diff(tempo) as f64);
                    if reached > value {
                        (value, source) = (reached, other);
                    }
                }
                if value < floor {
                    continue;
                }
                value += self.prior[tempo] - step.cost;
                let mut go = |to: i64, target: usize| {
                    let parts = to - PLACES[slot];
                    if parts <= 0 {
                        return;
                    }
                    let error = (elapsed - parts as f64) * period / PARTS as f64;
                    let deviation = (error * error * sharp).min(self.weights.outlier);
                    let crossed = (to - 1).div_euclid(PARTS as i64).clamp(0, 8) as f64;
                    let crosses = to >= PARTS as i64;
                    let other_division = (slot < EVEN) != (target < EVEN);
                    if other_division && !crosses {
                        return;
                    }
                    let switch = if other_division { self.weights.division } else { 0.0 };
                    let total = value + at[target] - deviation - self.weights.silent * crossed - switch;
                    let state = tempo * SLOTS + target;
                    if total > here[state] {
                        here[state] = total;
                        origin[state] = From {
                            back: step.back as u8,
                            tempo: source as u8,
                            place: slot as u8,
                            parts: parts as u32,
                        };
                    }
                };
                let exact = PLACES[slot] as f64 + elapsed.min(1e6);
                let third = (exact / 3.0).floor() as i64;
                let fourth = (exact / 4.0).floor() as i64;
                for to in [third, third + 1] {
                    go(3 * to, to.rem_euclid(8) as usize);
                }
                for to in [fourth, fourth + 1] {
                    go(4 * to, EVEN + to.rem_euclid(6) as usize);
                }
            }
        }
    }

    fn trace(&self, last: Option<&[f64; STATES]>, trail: &[Vec<From>], from: Option<Place>) -> Vec<Place> {
        let Some(last) = last else { return Vec::new() };
        let best = (0..STATES).max_by(|&a, &b| last[a].total_cmp(&last[b]).then(b.cmp(&a)));
        let mut state = best.unwrap_or_default();
        let (mut index, mut reversed) = (trail.len() - 1, Vec::new());
        loop {
            let source = trail[index][state];
            reversed.push((index, state, source.parts));
            if source.back == 0 || index == 0 {
                break;
            }
            index -= usize::from(source.back);
            state = usize::from(source.tempo) * PLACES.len() + usize::from(source.place);
        }
        reversed.reverse();
        let first = reversed.first().map_or(0, |first| PLACES[first.1 % PLACES.len()] as u64);
        let mut parts = from.map_or(first, |from| from.parts);
        let mut places = Vec::with_capacity(reversed.len());
        for (position, (index, state, advance)) in reversed.into_iter().enumerate() {
            parts += if position == 0 { 0 } else { u64::from(advance) };
            places.push(Place { index, parts, tempo: state / PLACES.len() });
        }
        places
    }
}

#[derive(Clone, Copy)]
struct Step {
    back: usize,
    seconds: f64,
    cost: f64,
    strength: f64,
}
