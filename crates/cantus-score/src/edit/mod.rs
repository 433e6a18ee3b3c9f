//! Changes of whole scores: transposing, quantising, cutting, joining, another resolution.
//!
//! Every function makes a new score and leaves the old one as it was.

#[cfg(test)]
mod tests;

use std::ops::Range;

use crate::{Note, Resolution, Score, Text, Ticks, Timed, Track};

/// The score so many semitones higher (lower where negative): notes and keys move, drums stay. Nothing where a note
/// would leave the keyboard.
pub fn transposed(score: &Score, semitones: i32) -> Option<Score> {
    let mut moved = score.clone();
    for key in &mut moved.keys {
        key.value = key.value.transposed(semitones);
    }
    for track in moved.tracks.iter_mut().filter(|track| !track.is_drums()) {
        for note in &mut track.notes {
            note.pitch = note.pitch.transposed(semitones)?;
        }
        track.notes.sort_unstable();
    }
    Some(moved)
}

/// The score with every onset and every length at the nearest of `steps` steps a quarter (halves go up); a note is at
/// least one step long. All else stays where it was.
///
/// Where two notes of one pitch and part come to begin together, they become one, as long as the longer and as loud as the
/// louder; where one would last beyond the beginning of the next, it ends there. A grid that is finer than the resolution
/// changes nothing but such collisions.
pub fn quantised(score: &Score, steps: u32) -> Score {
    let quarter = u64::from(score.resolution.ticks_per_quarter());
    let steps = u64::from(steps.max(1)).min(quarter);
    let nearest = |ticks: Ticks| (u64::from(ticks.0) * steps * 2 + quarter) / (quarter * 2);
    let ticks =
        |step: u64| Ticks(u32::try_from((step * quarter * 2 + steps) / (steps * 2)).unwrap_or(u32::MAX));
    let mut moved = score.clone();
    for track in &mut moved.tracks {
        for note in &mut track.notes {
            let (start, length) = (nearest(note.start), nearest(note.length).max(1));
            note.start = ticks(start);
            note.length = ticks(start + length).saturating_sub(note.start);
        }
        track.notes = without_collisions(std::mem::take(&mut track.notes));
    }
    moved
}

/// The notes of one part, sorted, those of one pitch that begin together joined (as long as the longer, as loud as the
/// louder), and each ended at the beginning of the next of its pitch.
pub fn without_collisions(mut notes: Vec<Note>) -> Vec<Note> {
    notes.sort_unstable_by_key(|note| (note.pitch, note.start, note.length));
    let mut kept: Vec<Note> = Vec::with_capacity(notes.len());
    for note in notes {
        match kept.last_mut() {
            Some(last) if last.pitch == note.pitch && last.start == note.start => {
                let velocity = last.velocity.max(note.velocity);
                *last = Note { velocity, ..note };
            }
            Some(last) if last.pitch == note.pitch => {
                last.length = last.length.min(note.start.saturating_sub(last.start));
                kept.push(note);
            }
            _ => kept.push(note),
        }
    }
    kept.sort_unstable();
    kept
}

/// What sounds and holds from `range.start` until before `range.end`, moved to tick 0.
///
/// Notes that begin within the range are kept and cut at its end; notes that began before it are left out. The tempo, metre
/// and key that hold at the beginning, and the last of each kind of control, are written at tick 0.
pub fn slice(score: &Score, range: Range<Ticks>) -> Score {
    let range = range.start..range.end.max(range.start);
    let track = |track: &Track| Track {
        name: track.name.clone(),
        channel: track.channel,
        notes: sliced_notes(&track.notes, &range),
        controls: sliced_controls(track, &range),
        texts: sliced_texts(&track.texts, &range),
    };
    Score {
        resolution: score.resolution,
        title: score.title.clone(),
        tempos: holding(&score.tempos, &range),
        meters: holding(&score.meters, &range),
        keys: holding(&score.keys, &range),
        texts: sliced_texts(&score.texts, &range),
        tracks: score.tracks.iter().map(track).collect(),
    }
}

fn sliced_notes(notes: &[Note], range: &Range<Ticks>) -> Vec<Note> {
    let within = notes.iter().filter(|note| range.contains(&note.start));
    let moved = within.map(|note| Note {
        start: note.start.saturating_sub(range.start),
        length: note.length.min(range.end.saturating_sub(note.start)),
        ..*note
    });
    let mut moved: Vec<Note> = moved.collect();
    moved.sort_unstable();
    moved
}

fn sliced_texts(texts: &[Timed<Text>], range: &Range<Ticks>) -> Vec<Timed<Text>> {
    let within = texts.iter().filter(|text| range.contains(&text.at));
    within.map(|text| Timed::new(text.at.saturating_sub(range.start), text.value.clone())).collect()
}

/// The changes within a range, and before them the one that holds where it begins.
fn holding<T: Clone>(changes: &[Timed<T>], range: &Range<Ticks>) -> Vec<Timed<T>> {
    let before = changes.partition_point(|change| change.at <= range.start);
    let within = changes.partition_point(|change| change.at < range.end).max(before);
    let kept = changes.get(before.saturating_sub(1)..within).unwrap_or_default();
    let moved = |change: &Timed<T>| Timed::new(change.at.saturating_sub(range.start), change.value.clone());
    kept.iter().map(moved).collect()
}

/// The controls within a range, and before them, in their order, the last of each kind and number.
fn sliced_controls(track: &Track, range: &Range<Ticks>) -> Vec<Timed<crate::Control>> {
    use crate::Control::{Bend, Controller, KeyPressure, Pressure, Program, SysEx};
    let same = |a: &crate::Control, b: &crate::Control| match (a, b) {
        (Controller(a, _), Controller(b, _)) => a == b,
        (KeyPressure(a, _), KeyPressure(b, _)) => a == b,
        (Program(_), Program(_)) | (Bend(_), Bend(_)) | (Pressure(_), Pressure(_)) => true,
        (SysEx(a), SysEx(b)) => a == b,
        _ => false,
    };
    let mut kept: Vec<Timed<crate::Control>> = Vec::new();
    for control in track.controls.iter().filter(|control| control.at < range.end) {
        if control.at < range.start {
            kept.retain(|earlier| !same(&earlier.value, &control.value));
        }
        kept.push(Timed::new(control.at.saturating_sub(range.start), control.value.clone()));
    }
    kept
}

/// All parts of all scores together, from tick 0 on; metre, keys, tempo, title and texts of the piece are those of the first.
///
/// The resolution is the smallest in which all are exact, or the first score's where MIDI can hold none; then times are
/// rounded. No scores make an empty score.
pub fn merge(scores: &[Score]) -> Score {
    let Some(first) = scores.first() else { return Score::new(Resolution::STANDARD) };
    let common = scores.iter().try_fold(1_u32, |common, score| {
        let ticks = score.resolution.ticks_per_quarter();
        (common / gcd(common, ticks)).checked_mul(ticks).filter(|&common| common <= 32_767)
    });
    let resolution =
        common.and_then(|ticks| Resolution::new(i64::from(ticks)).ok()).unwrap_or(first.resolution);
    let mut merged = rounded_to(first, resolution);
    for score in scores.iter().skip(1) {
        merged.tracks.extend(rounded_to(score, resolution).tracks);
    }
    merged
}

/// The score in another resolution, or nothing where a time falls between its ticks or beyond the last that can be told.
pub fn rescaled(score: &Score, resolution: Resolution) -> Option<Score> {
    let (from, to) = (score.resolution.ticks_per_quarter(), resolution.ticks_per_quarter());
    let mut exact = true;
    let scaled = with_times(score, resolution, |ticks| {
        let product = u64::from(ticks.0) * u64::from(to);
        let quotient = product / u64::from(from);
        let ticks = u32::try_from(quotient);
        exact &= product.is_multiple_of(u64::from(from)) && ticks.is_ok();
        Ticks(ticks.unwrap_or(u32::MAX))
    });
    exact.then_some(scaled)
}

/// The score in another resolution, each time at the nearest tick.
fn rounded_to(score: &Score, resolution: Resolution) -> Score {
    let (from, to) = (score.resolution.ticks_per_quarter(), resolution.ticks_per_quarter());
    let half = u64::from(from / 2);
    with_times(score, resolution, |ticks| {
        let rounded = (u64::from(ticks.0) * u64::from(to) + half) / u64::from(from);
        Ticks(u32::try_from(rounded).unwrap_or(u32::MAX))
    })
}

/// The score in another resolution, with every time and length changed by `change`.
fn with_times(score: &Score, resolution: Resolution, mut change: impl FnMut(Ticks) -> Ticks) -> Score {
    fn each<T>(timed: &mut [Timed<T>], change: &mut impl FnMut(Ticks) -> Ticks) {
        for item in timed {
            item.at = change(item.at);
        }
    }
    let mut scaled = Score { resolution, ..score.clone() };
    each(&mut scaled.tempos, &mut change);
    each(&mut scaled.meters, &mut change);
    each(&mut scaled.keys, &mut change);
    each(&mut scaled.texts, &mut change);
    for track in &mut scaled.tracks {
        each(&mut track.controls, &mut change);
        each(&mut track.texts, &mut change);
        for note in &mut track.notes {
            note.start = change(note.start);
            note.length = change(note.length);
        }
        track.notes.sort_unstable();
    }
    scaled
}

fn gcd(mut a: u32, mut b: u32) -> u32 {
    while b > 0 {
        (a, b) = (b, a % b);
    }
    a
}
