//! What a critic hears: how chords stand, how lines move, when notes begin and how long they are, and what comes again.

use std::collections::HashSet;
use std::ops::Range;

use cantus_features::key;
use cantus_nn::math;
use cantus_score::Mode;

use super::Heard;
use crate::encoding::{Length, STEPS_PER_QUARTER, Steps};

/// Chords by the pitch classes above the bass, a bit each.
const CHORDS: [u16; 24] = [
    chord(&[0]),
    chord(&[0, 7]),
    chord(&[0, 4]),
    chord(&[0, 3]),
    chord(&[0, 4, 7]),
    chord(&[0, 3, 7]),
    chord(&[0, 3, 8]),
    chord(&[0, 4, 9]),
    chord(&[0, 5, 9]),
    chord(&[0, 5, 8]),
    chord(&[0, 3, 6]),
    chord(&[0, 3, 9]),
    chord(&[0, 6, 9]),
    chord(&[0, 4, 7, 10]),
    chord(&[0, 3, 6, 8]),
    chord(&[0, 3, 5, 9]),
    chord(&[0, 2, 6, 9]),
    chord(&[0, 3, 7, 10]),
    chord(&[0, 4, 7, 11]),
    chord(&[0, 4, 7, 9]),
    chord(&[0, 3, 6, 10]),
    chord(&[0, 3, 6, 9]),
    chord(&[0, 5, 7]),
    chord(&[0, 2, 7]),
];

const fn chord(classes: &[u32]) -> u16 {
    let (mut bits, mut index) = (0, 0);
    while index < classes.len() {
        bits |= 1 << classes[index];
        index += 1;
    }
    bits
}

/// Kinds of parts: the first of those that are not drums, those between, and the last.
const ROLES: usize = 3;
/// Sizes of melodic steps that are told apart, in semitones; the last is all that are larger.
const STEPS: usize = 11;
/// Lengths that are told apart, the shortest of each kind, in grid steps.
const LENGTHS: [Steps; 9] = [0, 6, 8, 12, 18, 24, 36, 48, 96];
/// Traits of a role.
const OF_ROLE: usize = STEPS + 1 + 4 + LENGTHS.len() + 4 + 2;
/// Traits of what sounds together.
const OF_CHORDS: usize = 2 * (CHORDS.len() + 1) + 12 + 5 + 3;
/// Traits of when notes begin.
const OF_TIME: usize = 4 + 5 + 4 + 2;
/// Traits of the key.
const OF_KEY: usize = 12 + 12 + 3;
/// Traits of how the outer parts move.
const OF_MOTION: usize = 4;

/// How many traits a stretch of music has.
pub(super) const TRAITS: usize = ROLES * OF_ROLE + OF_CHORDS + OF_TIME + OF_KEY + OF_MOTION;

#[derive(Debug, Clone, Copy)]
struct Note {
    begin: Steps,
    end: Steps,
    pitch: i32,
    part: u8,
}

/// The traits of the notes that begin in a stretch, and of what sounds there; 0 where there is nothing that could have them.
pub(super) fn traits_of(heard: &Heard, stretch: Range<Steps>) -> Vec<f32> {
    let pitched: Vec<u8> =
        (0..heard.parts.len() as u8).filter(|part| !heard.parts[usize::from(*part)].drums).collect();
    // A note that sounds into the stretch began no longer before it than a note can be.
    let before = heard.slices.partition_point(|slice| slice.at + Length::MAX.steps() <= stretch.start);
    let mut notes = Vec::new();
    for slice in heard.slices[before..].iter().take_while(|slice| slice.at < stretch.end) {
        for note in &slice.notes {
            let end = slice.at + note.length.steps();
            if end > stretch.start && pitched.contains(&note.part) {
                notes.push(Note {
                    begin: slice.at,
                    end,
                    pitch: i32::from(note.pitch.get()),
                    part: note.part,
                });
            }
        }
    }
    let mut all = Vec::with_capacity(TRAITS);
    of_roles(&notes, &stretch, &pitched, &mut all);
    of_chords(&notes, &stretch, &mut all);
    of_time(&notes, &stretch, heard, &mut all);
    of_key(&notes, &stretch, &mut all);
    of_motion(&notes, &stretch, &pitched, &mut all);
    debug_assert_eq!(all.len(), TRAITS);
    all
}

fn shares(counts: &[f32], all: &mut Vec<f32>) {
    let sum = counts.iter().sum::<f32>().max(1e-6);
    all.extend(counts.iter().map(|count| count / sum));
}

/// The notes of a part one after another: the highest of those that begin together, of the last part the lowest.
fn line(notes: &[Note], part: u8, is_last: bool) -> Vec<Note> {
    let mut line: Vec<Note> = Vec::new();
    for note in notes.iter().filter(|note| note.part == part) {
        match line.last_mut().filter(|last| last.begin == note.begin) {
            Some(last) if (note.pitch > last.pitch) != is_last => *last = *note,
            Some(_) => {}
            None => line.push(*note),
        }
    }
    line
}

/// The role of the part at a place among so many.
const fn role_of(place: usize, parts: usize) -> usize {
    if place == 0 {
        0
    } else if place + 1 == parts {
        2
    } else {
        1
    }
}

/// How many figures of so many notes came before, in any key, and how many figures there are.
fn repetition(line: &[Note], notes: usize) -> (f32, f32) {
    let mut known = HashSet::with_capacity(line.len());
    let (mut again, mut of) = (0.0, 0.0);
    for figure in line.windows(notes) {
        let step = |hash: u64, pair: &[Note]| {
            let (step, time) = (pair[1].pitch - pair[0].pitch, pair[1].begin - pair[0].begin);
            (hash ^ u64::from(step.cast_unsigned())).wrapping_mul(PRIME).rotate_left(17)
                ^ u64::from(time).wrapping_mul(PRIME)
        };
        of += 1.0;
        again += f32::from(u8::from(!known.insert(figure.windows(2).fold(0, step))));
    }
    (again, of)
}

/// What hashes are mixed by (FNV-1a).
const PRIME: u64 = 0x0100_0000_01b3;

fn of_roles(notes: &[Note], stretch: &Range<Steps>, pitched: &[u8], all: &mut Vec<f32>) {
    for role in 0..ROLES {
        let (mut steps, mut up, mut moves) = ([0.0; STEPS], 0.0, 0.0);
        let (mut turns, mut shapes) = (0.0, [0.0; 4]);
        let (mut lengths, mut count, mut sum, mut squares) = ([0.0; LENGTHS.len()], 0.0_f32, 0.0, 0.0);
        let (mut low, mut high) = (i32::MAX, i32::MIN);
        let (mut known, mut figures) = ([0.0; 2], [0.0; 2]);
        let own = pitched.iter().enumerate().filter(|(place, _)| role_of(*place, pitched.len()) == role);
        for (_, part) in own {
            let line = line(notes, *part, role == 2);
            for note in line.iter().filter(|note| note.begin >= stretch.start) {
                let kind = LENGTHS.partition_point(|shortest| *shortest <= note.end - note.begin) - 1;
                lengths[kind] += 1.0;
                count += 1.0;
                sum += note.pitch as f32;
                squares += (note.pitch * note.pitch) as f32;
                (low, high) = (low.min(note.pitch), high.max(note.pitch));
            }
            for pair in line.windows(2) {
                let step = pair[1].pitch - pair[0].pitch;
                steps[(step.unsigned_abs() as usize).min(STEPS - 1)] += 1.0;
                up += f32::from(u8::from(step > 0));
                moves += 1.0;
            }
            for (kind, notes) in [3, 5].into_iter().enumerate() {
                let (again, of) = repetition(&line, notes);
                known[kind] += again;
                figures[kind] += of;
            }
            for three in line.windows(3) {
                let [first, second] = [three[1].pitch - three[0].pitch, three[2].pitch - three[1].pitch];
                turns += 1.0;
                shapes[0] += f32::from(u8::from(first * second < 0));
                let leaps = first.abs() > 2;
                shapes[1] += f32::from(u8::from(leaps && second.abs() <= 2 && first * second < 0));
                shapes[2] += f32::from(u8::from(leaps && second.abs() > 2));
                shapes[3] += f32::from(u8::from(second == -first));
            }
        }
        shares(&steps, all);
        all.push(up / f32::max(moves, 1.0));
        all.extend(shapes.map(|shape| shape / f32::max(turns, 1.0)));
        shares(&lengths, all);
        all.extend([0, 1].map(|kind| known[kind] / f32::max(figures[kind], 1.0)));
        let mean = sum / count.max(1.0);
        let deviation = (squares / count.max(1.0) - mean * mean).max(0.0).sqrt();
        let quarters = (stretch.end - stretch.start) as f32 / STEPS_PER_QUARTER as f32;
        let range = if count > 0.0 { (high - low) as f32 } else { 0.0 };
        all.extend([mean / 12.0, deviation / 6.0, range / 12.0, count / quarters.max(1.0)]);
    }
}

fn of_chords(notes: &[Note], stretch: &Range<Steps>, all: &mut Vec<f32>) {
    let mut times: Vec<(Steps, bool)> = Vec::with_capacity(2 * notes.len());
    for note in notes {
        times.push((note.begin.max(stretch.start), true));
        times.push((note.end.min(stretch.end), false));
    }
    times.sort_unstable();
    times.dedup_by(|later, earlier| {
        let same = later.0 == earlier.0;
        earlier.1 |= same && later.1;
        same
    });
    let (mut kinds, mut begun) = ([0.0; CHORDS.len() + 1], [0.0; CHORDS.len() + 1]);
    let (mut above, mut classes, mut sounding) = ([0.0; 12], [0.0; 5], 0.0);
    let (mut different, mut time) = (Vec::<(u16, f32)>::new(), 0.0);
    // Notes come in the order in which they begin.
    let (mut sound, mut next) = (Vec::<Note>::new(), 0);
    for pair in times.windows(2) {
        let (from, begins) = pair[0];
        let span = (pair[1].0 - from) as f32;
        sound.retain(|note| note.end > from);
        while let Some(note) = notes.get(next).filter(|note| note.begin <= from) {
            sound.extend(Some(*note).filter(|note| note.end > from));
            next += 1;
        }
        let Some(low) = sound.iter().map(|note| note.pitch).min() else { continue };
        let (mut mask, count) = (0_u16, sound.len() as f32);
        for note in &sound {
            mask |= 1 << (note.pitch - low).rem_euclid(12);
            above[(note.pitch - low).rem_euclid(12) as usize] += span;
        }
        let kind = CHORDS.iter().position(|chord| *chord == mask).unwrap_or(CHORDS.len());
        kinds[kind] += span;
        begun[kind] += f32::from(u8::from(begins));
        classes[(mask.count_ones() as usize).min(5) - 1] += span;
        sounding += count * span;
        time += span;
        match different.iter_mut().find(|(other, _)| *other == mask) {
            Some((_, sum)) => *sum += span,
            None => different.push((mask, span)),
        }
    }
    shares(&kinds, all);
    shares(&begun, all);
    shares(&above, all);
    shares(&classes, all);
    let entropy: f32 = different.iter().map(|(_, span)| -(span / time) * math::ln(span / time)).sum();
    let length = (stretch.end - stretch.start).max(1) as f32;
    all.extend([sounding / f32::max(time, 1.0) / 4.0, time / length, entropy / 3.0]);
}

fn of_time(notes: &[Note], stretch: &Range<Steps>, heard: &Heard, all: &mut Vec<f32>) {
    let (mut together, mut in_beat, mut in_bar) = ([0.0; 4], [0.0; 5], [0.0; 4]);
    let (mut moments, mut count) = (0.0, 0.0);
    let mut begun: Vec<Steps> =
        notes.iter().map(|note| note.begin).filter(|at| *at >= stretch.start).collect();
    begun.sort_unstable();
    for same in begun.chunk_by(|one, other| one == other) {
        moments += 1.0;
        count += same.len() as f32;
        together[same.len().min(4) - 1] += 1.0;
        let since = (same[0] + heard.bar - heard.pickup % heard.bar) % heard.bar;
        let place = match since % STEPS_PER_QUARTER {
            0 => 0,
            12 => 1,
            6 => 2,
            18 => 3,
            _ => 4,
        };
        in_beat[place] += 1.0;
        if place == 0 {
            in_bar[(since / STEPS_PER_QUARTER).min(3) as usize] += 1.0;
        }
    }
    shares(&together, all);
    shares(&in_beat, all);
    shares(&in_bar, all);
    let quarters = ((stretch.end - stretch.start) as f32 / STEPS_PER_QUARTER as f32).max(1.0);
    all.extend([moments / quarters / 2.0, count / quarters / 6.0]);
}

fn of_key(notes: &[Note], stretch: &Range<Steps>, all: &mut Vec<f32>) {
    let mut sounded = [0.0_f64; 12];
    for note in notes {
        let time = note.end.min(stretch.end) - note.begin.max(stretch.start);
        sounded[note.pitch.rem_euclid(12) as usize] += f64::from(time);
    }
    let sum = sounded.iter().sum::<f64>().max(1e-6);
    let shares = sounded.map(|time| (time / sum) as f32);
    let estimate = key::estimate(&sounded);
    let tonic = usize::from(estimate.key.tonic().get());
    all.extend((0..12).map(|above| shares[(tonic + above) % 12]));
    let mut sorted = shares;
    sorted.sort_by(|one, other| other.total_cmp(one));
    all.extend(sorted);
    let is_minor = estimate.key.mode() == Mode::Minor;
    all.extend([estimate.correlation as f32, estimate.margin as f32, f32::from(u8::from(is_minor))]);
}

/// How the outer parts move where both do: alike by the same interval, alike, against each other, and one alone.
fn of_motion(notes: &[Note], stretch: &Range<Steps>, pitched: &[u8], all: &mut Vec<f32>) {
    let mut kinds = [0.0; OF_MOTION];
    if let [first, .., last] = pitched {
        let lines = [line(notes, *first, false), line(notes, *last, true)];
        let mut times: Vec<Steps> = lines.iter().flatten().map(|note| note.begin).collect();
        times.retain(|at| *at >= stretch.start);
        times.sort_unstable();
        times.dedup();
        let at = |line: &[Note], time: Steps| {
            let after = line.partition_point(|note| note.begin <= time);
            after.checked_sub(1).map(|index| line[index].pitch)
        };
        for pair in times.windows(2) {
            let steps = lines.each_ref().map(|line| Some(at(line, pair[1])? - at(line, pair[0])?));
            if let [Some(high), Some(low)] = steps {
                let kind = match (high, low) {
                    (0, 0) => continue,
                    (0, _) | (_, 0) => 3,
                    _ if high == low => 0,
                    _ if high * low > 0 => 1,
                    _ => 2,
                };
                kinds[kind] += 1.0;
            }
        }
    }
    shares(&kinds, all);
}
