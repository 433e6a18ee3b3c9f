//! The moments at which notes begin, and what makes a listener hear a beat in them.

use cantus_score::{Score, Seconds, Ticks};

/// Notes that begin within this many seconds of the first of them are one chord, rolled or not.
const TOGETHER: f64 = 0.045;
/// The longest time from the first to the last note of a chord.
const LONGEST_ROLL: f64 = 0.09;
/// Onsets on either side with which one is compared.
const NEAR: usize = 8;

/// How many features an onset has.
pub const FEATURES: usize = 12;

/// A note as it is played.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Played {
    pub(crate) begin: f64,
    pub(crate) end: f64,
    pub(crate) key: u8,
    pub(crate) velocity: u8,
    pub(crate) drum: bool,
    pub(crate) track: usize,
    /// Its place in the track.
    pub(crate) index: usize,
    /// The tick at which it begins in the file.
    pub(crate) at: Ticks,
}

/// Notes that begin together.
#[derive(Debug, Clone, PartialEq)]
pub struct Onset {
    /// When they begin.
    pub seconds: Seconds,
    /// What may tell a beat from other moments: each about 0 on average, and about 1 where it speaks for a beat.
    pub features: [f64; FEATURES],
    /// Which notes they are, as a range of the played notes.
    pub(crate) notes: std::ops::Range<usize>,
}

/// All notes in the order in which they are played.
pub(crate) fn played(score: &Score) -> Vec<Played> {
    let map = score.tempo_map();
    let mut all = Vec::with_capacity(score.note_count());
    for (track, part) in score.tracks.iter().enumerate() {
        for (index, note) in part.notes.iter().enumerate() {
            all.push(Played {
                begin: map.seconds(note.start).0,
                end: map.seconds(note.end()).0,
                key: note.pitch.get(),
                velocity: note.velocity.map_or(64, cantus_score::Velocity::get),
                drum: part.is_drums(),
                track,
                index,
                at: note.start,
            });
        }
    }
    all.sort_by(|a, b| a.begin.total_cmp(&b.begin).then(a.key.cmp(&b.key)).then(a.track.cmp(&b.track)));
    all
}

/// Joins what begins together.
pub(crate) fn onsets(played: &[Played]) -> Vec<Onset> {
    let groups = groups(played);
    let raw: Vec<Raw> = groups.iter().map(|group| Raw::of(&played[group.clone()])).collect();
    let novelty = novelty(played, &groups);
    let features = (0..groups.len()).map(|index| features(&raw, &novelty, index));
    let all = groups.iter().zip(&raw).zip(features);
    all.map(|((notes, raw), features)| Onset { seconds: Seconds(raw.begin), features, notes: notes.clone() })
        .collect()
}

fn groups(played: &[Played]) -> Vec<std::ops::Range<usize>> {
    let mut groups: Vec<std::ops::Range<usize>> = Vec::new();
    for (index, note) in played.iter().enumerate() {
        match groups.last_mut() {
            Some(group)
                if note.begin - played[group.end - 1].begin <= TOGETHER
                    && note.begin - played[group.start].begin <= LONGEST_ROLL =>
            {
                group.end = index + 1;
            }
            _ => groups.push(index..index + 1),
        }
    }
    groups
}

/// What is known of one onset alone.
struct Raw {
    begin: f64,
    count: f64,
    loudness: f64,
    length: f64,
    /// The lowest key; nothing where only drums sound.
    lowest: Option<f64>,
    highest: Option<f64>,
    /// Whether a bass drum is struck, and a snare drum.
    kick: f64,
    snare: f64,
}

impl Raw {
    fn of(notes: &[Played]) -> Self {
        let pitched = || notes.iter().filter(|note| !note.drum).map(|note| f64::from(note.key));
        let drum =
            |keys: &[u8]| f64::from(u8::from(notes.iter().any(|note| note.drum && keys.contains(&note.key))));
        let longest = notes.iter().filter(|note| !note.drum).map(|note| note.end - note.begin);
        Self {
            begin: middle(notes),
            count: notes.len().min(6) as f64,
            loudness: notes.iter().map(|note| f64::from(note.velocity)).fold(0.0, f64::max),
            length: longest.fold(0.0, f64::max).min(4.0),
            lowest: pitched().reduce(f64::min),
            highest: pitched().reduce(f64::max),
            kick: drum(&[35, 36]),
            snare: drum(&[37, 38, 39, 40]),
        }
    }
}

/// The moment of a chord: that of its middle note, or of the earlier of two.
fn middle(notes: &[Played]) -> f64 {
    notes.get(notes.len().saturating_sub(1) / 2).map_or(0.0, |note| note.begin)
}

/// For each onset, how much of it is harmony that did not sound in the last second, and whether its bass is new.
fn novelty(played: &[Played], groups: &[std::ops::Range<usize>]) -> Vec<(f64, f64)> {
    const MEMORY: f64 = 1.2;
    const LOW: u8 = 55;
    let mut last_heard = [f64::NEG_INFINITY; 12];
    let mut last_bass: Option<u8> = None;
    let mut all = Vec::with_capacity(groups.len());
    for group in groups {
        let notes = &played[group.clone()];
        let now = notes.first().map_or(0.0, |note| note.begin);
        let (mut new, mut count) = (0.0, 0.0);
        for note in notes.iter().filter(|note| !note.drum) {
            let class = usize::from(note.key % 12);
            count += 1.0;
            new += f64::from(u8::from(now - last_heard[class] > MEMORY));
        }
        for note in notes.iter().filter(|note| !note.drum) {
            last_heard[usize::from(note.key % 12)] = note.end.min(now + 2.0).max(now);
        }
        let bass = notes.iter().filter(|note| !note.drum && note.key < LOW).map(|note| note.key).min();
        let changed = bass.is_some() && bass.map(|key| key % 12) != last_bass.map(|key| key % 12);
        last_bass = bass.or(last_bass);
        all.push((if count > 0.0 { new / count } else { 0.0 }, f64::from(u8::from(changed))));
    }
    all
}

/// Compares an onset with those around it.
fn features(raw: &[Raw], novelty: &[(f64, f64)], index: usize) -> [f64; FEATURES] {
    let around = &raw[index.saturating_sub(NEAR)..(index + NEAR + 1).min(raw.len())];
    let mean = |value: &dyn Fn(&Raw) -> f64| around.iter().map(value).sum::<f64>() / around.len() as f64;
    let span = around.last().map_or(0.0, |last| last.begin) - around.first().map_or(0.0, |first| first.begin);
    let step = if around.len() > 1 { (span / (around.len() - 1) as f64).max(0.02) } else { 0.5 };
    let here = &raw[index];
    let next = raw.get(index + 1).map_or(2.0 * step, |next| next.begin - here.begin);
    let last = index.checked_sub(1).and_then(|last| raw.get(last));
    let since = last.map_or(2.0 * step, |last| here.begin - last.begin);
    let lowest = mean(&|raw| raw.lowest.unwrap_or(60.0));
    let low = here.lowest.map_or(0.0, |low| (lowest - low) / 12.0);
    let (left, right) = (last.and_then(|last| last.lowest), raw.get(index + 1).and_then(|next| next.lowest));
    let is_low =
        |other: Option<f64>| here.lowest.is_some_and(|low| other.is_none_or(|other| low < other - 2.0));
    let top = mean(&|raw| raw.highest.unwrap_or(60.0));
    let near_length = mean(&|raw| raw.length).max(0.05);
    [
        (here.count - mean(&|raw| raw.count)) / 1.5,
        (here.loudness - mean(&|raw| raw.loudness)) / 12.0,
        (here.length / near_length).min(4.0) - 1.0,
        (next / step).min(4.0) - 1.0,
        (since / step).min(4.0) - 1.0,
        low.clamp(-2.0, 2.0),
        f64::from(u8::from(is_low(left) && is_low(right))),
        novelty[index].0 - 0.3,
        novelty[index].1 - 0.2,
        here.highest.map_or(0.0, |high| ((high - top) / 12.0).clamp(-2.0, 2.0)),
        here.kick - mean(&|raw| raw.kick),
        here.snare - mean(&|raw| raw.snare),
    ]
}
