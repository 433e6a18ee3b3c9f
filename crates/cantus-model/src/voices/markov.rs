//! Chains of variable order: the plain way to foretell music, for comparison.
//!
//! A chain counts what followed each context, from none at all to whole moments of the past, and takes of each as much as the
//! variety of what followed there warrants (Witten and Bell 1991). It answers the same questions as the networks.

use std::collections::HashMap;

use cantus_nn::Rng;

use super::measure::Expected;
use super::piece::{Frame, MOST_GAP, Moment, Then, VOICES, VoicedPiece};
use super::questions::{CLASSES, GAP, GAPS, ORDER, answer, class_of, gap_class, note_of};
use super::training::with_shifts;

/// Contexts of a question, the longest three whole moments.
const CONTEXTS: usize = 6;

/// What followed a context.
#[derive(Debug, Clone, Default)]
struct Followed {
    total: u32,
    /// Each class that did, and how often.
    classes: Vec<(u32, u32)>,
}

/// A chain of variable order that has counted some pieces.
#[derive(Debug, Clone, Default)]
pub struct Markov {
    followed: HashMap<u64, Followed>,
}

/// A question to a chain.
struct Asked {
    /// Which head would answer.
    head: usize,
    contexts: [u64; CONTEXTS],
    right: (u32, u32),
    /// Classes that are possible.
    allowed: Vec<u32>,
}

impl Markov {
    /// Counts pieces, each also transposed by at most so many semitones within the ranges of the voices.
    pub fn learn(pieces: &[VoicedPiece], transposition: i32) -> Self {
        let mut chain = Self::default();
        for (piece, (down, up)) in with_shifts(pieces.to_vec(), transposition) {
            for moved in (down..=up).filter_map(|shift| piece.transposed(shift)) {
                for Asked { contexts, right: (first, last), .. } in questions(&moved) {
                    // What the end of a piece leaves open is not counted.
                    for context in contexts.into_iter().filter(|_| first == last) {
                        chain.followed.entry(context).or_default().count(first);
                    }
                }
            }
        }
        chain
    }

    /// What it expects at every question of some pieces.
    pub fn expected(&self, pieces: &[VoicedPiece]) -> Vec<Expected> {
        let of_piece = |(piece, voiced): (usize, &VoicedPiece)| {
            let answered = |Asked { head, contexts, right, allowed }: Asked| {
                let probabilities = self.probabilities(&contexts, &allowed);
                Expected { piece, asked: head, right, probabilities }
            };
            questions(voiced).into_iter().map(answered).collect::<Vec<_>>()
        };
        pieces.iter().enumerate().flat_map(of_piece).collect()
    }

    /// Composes so many frames, each answer drawn by its probability.
    pub fn compose(&self, frames: usize, rng: &mut Rng) -> VoicedPiece {
        let mut piece = VoicedPiece { frames: Vec::with_capacity(frames) };
        let (mut moments, mut changes): (Vec<Moment>, bool) = (Vec::new(), true);
        while piece.frames.len() < frames {
            let (at, before) = (piece.frames.len(), piece.frames.last().copied());
            let past = past(&piece, &moments);
            let mut frame = before.unwrap_or_default();
            for place in (0..VOICES).filter(|_| changes) {
                let class = self.drawn(&about_voice(place, (before, frame), past), rng);
                frame[ORDER[place]] = note_of(class, frame[ORDER[place]]);
            }
            piece.frames.push(frame);
            let mut moment = Moment { at, changes, gap: 1, then: Then::Change };
            let class = self.drawn(&about_gap(&piece, moment, past), rng) as usize;
            changes = class < MOST_GAP;
            moment.gap = if changes { class + 1 } else { MOST_GAP };
            piece.frames.resize((at + moment.gap).min(frames), frame);
            moments.push(moment);
        }
        piece
    }

    fn drawn(&self, asked: &Asked, rng: &mut Rng) -> u32 {
        let probabilities = self.probabilities(&asked.contexts, &asked.allowed);
        let mut left = rng.uniform();
        let is_it = |class: &&u32| {
            left -= probabilities[**class as usize];
            left < 0.0
        };
        asked.allowed.iter().find(is_it).or(asked.allowed.last()).copied().unwrap_or(0)
    }

    fn probabilities(&self, contexts: &[u64; CONTEXTS], allowed: &[u32]) -> Vec<f32> {
        let mut chances = [0.0; CLASSES];
        for class in allowed {
            chances[*class as usize] = 1.0 / allowed.len() as f64;
        }
        for context in contexts {
            // Where a context never was, no longer one was either.
            let Some(followed) = self.followed.get(context) else { break };
            let kinds = followed.classes.len() as f64;
            let all = f64::from(followed.total) + kinds;
            for chance in &mut chances {
                *chance *= kinds / all;
            }
            for (class, count) in &followed.classes {
                chances[*class as usize] += f64::from(*count) / all;
            }
        }
        let sum: f64 = allowed.iter().map(|class| chances[*class as usize]).sum();
        let mut probabilities = vec![0.0; CLASSES];
        for class in allowed {
            probabilities[*class as usize] = (chances[*class as usize] / sum) as f32;
        }
        probabilities
    }
}

impl Followed {
    fn count(&mut self, class: u32) {
        self.total += 1;
        match self.classes.iter_mut().find(|(known, _)| *known == class) {
            Some((_, count)) => *count += 1,
            None => self.classes.push((class, 1)),
        }
    }
}

/// The questions of a piece in the order of the networks' heads, moment by moment.
fn questions(piece: &VoicedPiece) -> Vec<Asked> {
    let moments = piece.moments();
    let mut all = Vec::new();
    for (index, moment) in moments.iter().enumerate() {
        let frame = piece.frames[moment.at];
        let before = moment.at.checked_sub(1).map(|before| piece.frames[before]);
        let past = past(piece, &moments[..index]);
        for place in (0..VOICES).filter(|_| moment.changes) {
            all.push(about_voice(place, (before, frame), past));
        }
        all.push(about_gap(piece, *moment, past));
    }
    all
}

/// One, two and three moments of the past, each as a number.
fn past(piece: &VoicedPiece, moments: &[Moment]) -> [u64; 3] {
    let mut hash = START;
    let mut before = moments.iter().rev();
    std::array::from_fn(|_| {
        let moment = before.next();
        hash = moment
            .map_or(mix(hash, 0), |moment| mix(of_frame(hash, piece.frames[moment.at]), moment.gap as u64));
        hash
    })
}

fn about_voice(place: usize, (before, frame): (Option<Frame>, Frame), past: [u64; 3]) -> Asked {
    let voice = ORDER[place];
    let none = mix(START, place as u64);
    let own = mix(none, before.map_or(0, |before| u64::from(class_of(before[voice]))));
    let with_decided =
        |hash| ORDER[..place].iter().fold(hash, |hash, other| mix(hash, u64::from(class_of(frame[*other]))));
    let [one, two, three] = past.map(|past| with_decided(mix(own, past)));
    let right = answer(place, before, frame);
    let all_hold =
        before.is_some_and(|before| ORDER[..place].iter().all(|other| before[*other] == frame[*other]));
    let must_change = before.is_none() || (place + 1 == VOICES && all_hold);
    let held = before.map(|before| class_of(before[voice]));
    let allowed = (0..CLASSES as u32).filter(|class| (*class > 0 || !must_change) && Some(*class) != held);
    Asked {
        head: place,
        contexts: [none, own, with_decided(own), one, two, three],
        right: (right, right),
        allowed: allowed.collect(),
    }
}

fn about_gap(piece: &VoicedPiece, moment: Moment, past: [u64; 3]) -> Asked {
    let none = mix(START, GAP as u64);
    let position = mix(none, (moment.at % 16) as u64);
    let now = of_frame(position, piece.frames[moment.at]);
    let [one, two, three] = past.map(|past| mix(position, past));
    let last = gap_class(moment);
    let first = if moment.then == Then::End { moment.gap as u32 - 1 } else { last };
    Asked {
        head: GAP,
        contexts: [none, position, one, two, three, mix(three, now)],
        right: (first, last),
        allowed: (0..GAPS as u32).collect(),
    }
}

/// Where hashes begin (FNV-1a).
const START: u64 = 0xcbf2_9ce4_8422_2325;

fn mix(hash: u64, value: u64) -> u64 {
    (hash ^ (value + 1)).wrapping_mul(0x0100_0000_01b3).rotate_left(17)
}

fn of_frame(hash: u64, frame: Frame) -> u64 {
    frame.iter().fold(hash, |hash, note| mix(hash, u64::from(class_of(*note))))
}
