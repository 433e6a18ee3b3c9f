//! Room to breathe: where a voice or a wind instrument would play on for too long, a note is let go a little sooner.

use cantus_model::encoding::{Length, STEPS_PER_QUARTER, Sliced, Steps};
use cantus_model::styles::StylePart;

use crate::player::Player;
use crate::trace::{Alternative, Decision, Trace, part_of_a_whole};

/// The longest that is sung or blown in one breath, in seconds.
const BREATH: f64 = 12.0;
/// A silence in which one can breathe, in seconds.
const CATCH: f64 = 0.15;
/// A note that is so long, in seconds, gives a breath at its end by itself: it is let go sooner without being written so.
const LONG: f64 = 0.7;
/// What a shortened note is shortened by: a sixteenth, or half of the note.
const LET_GO: Steps = STEPS_PER_QUARTER / 4;

/// Shortens notes so that every voice and wind instrument can breathe, and tells the trace. Of the notes in one breath the longest is shortened, of
/// equals the last; only notes that `may_change` are. A single note that is longer than a breath stays.
pub(crate) fn breathe(
    piece: &mut Sliced,
    parts: &[StylePart],
    may_change: impl Fn(usize, Steps) -> bool,
    mut trace: Option<&mut Trace>,
) {
    let quarter = 60.0 / piece.tempo.map_or(100.0, cantus_score::Tempo::bpm);
    let seconds = |steps: Steps| f64::from(steps) * quarter / f64::from(STEPS_PER_QUARTER);
    for (part, described) in parts.iter().enumerate() {
        if Player::of(&described.part) != Player::Breath || !described.part.monophonic {
            continue;
        }
        for (at, length) in shortened(&line(piece, part), seconds, |at| may_change(part, at)) {
            let slice = piece.slices.iter_mut().find(|slice| slice.at == at);
            let notes = slice.into_iter().flat_map(|slice| &mut slice.notes);
            for note in notes.filter(|note| usize::from(note.part) == part) {
                note.length = length;
            }
            if let Some(trace) = &mut trace {
                trace.decisions.push(decision(at, part, length));
            }
        }
    }
}

/// When the notes of a part begin and how long they last.
fn line(piece: &Sliced, part: usize) -> Vec<(Steps, Steps)> {
    let notes = piece.slices.iter().flat_map(|slice| slice.notes.iter().map(|note| (slice.at, note)));
    let own = notes.filter(|(_, note)| usize::from(note.part) == part);
    own.map(|(at, note)| (at, note.length.steps())).collect()
}

/// The notes of a line that are shortened, and how long they are then.
fn shortened(
    line: &[(Steps, Steps)],
    seconds: impl Fn(Steps) -> f64,
    may_change: impl Fn(Steps) -> bool,
) -> Vec<(Steps, Length)> {
    let mut found = Vec::new();
    // The first note of this breath.
    let mut first = 0;
    for index in 0..line.len() {
        let (at, length) = line[index];
        if let Some((before, last)) = index.checked_sub(1).and_then(|before| line.get(before)) {
            let rest = at.saturating_sub(before + last);
            if seconds(rest) >= CATCH || seconds(*last) >= LONG {
                first = index;
            }
        }
        while seconds(at + length - line[first].0) > BREATH {
            let within = (first..index).filter(|note| may_change(line[*note].0) && line[*note].1 > 1);
            let Some(longest) = within.max_by_key(|note| (line[*note].1, *note)) else { break };
            let (start, length) = line[longest];
            found.push((start, Length::saturating(length - LET_GO.min(length / 2))));
            first = longest + 1;
        }
    }
    found
}

fn decision(at: Steps, part: usize, length: Length) -> Decision {
    let means = format!("let go after {} to breathe", part_of_a_whole(length.steps()));
    Decision {
        at,
        kind: "breath",
        part: Some(part),
        chosen: Alternative { class: length.class(), means, probability: 1.0 },
        likely: Vec::new(),
        masked: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Half a second a quarter.
    fn seconds(steps: Steps) -> f64 {
        f64::from(steps) / 48.0
    }

    fn line(lengths: &[Steps]) -> Vec<(Steps, Steps)> {
        let begin = |index: usize| lengths[..index].iter().sum();
        lengths.iter().enumerate().map(|(index, length)| (begin(index), *length)).collect()
    }

    #[test]
    fn a_long_line_of_quick_notes_is_broken_and_every_breath_is_short_enough() {
        let quick = line(&[12; 200]);
        let cut = shortened(&quick, seconds, |_| true);
        let ends: Vec<Steps> = cut.iter().map(|(at, _)| at + 12).collect();
        let breaths = [0].into_iter().chain(ends.iter().copied()).zip(ends.iter().copied().chain([2400]));
        assert!(breaths.into_iter().all(|(from, to)| seconds(to - from) <= BREATH && to > from));
        assert!(cut.iter().all(|(_, length)| length.steps() == 6));
        assert_eq!(shortened(&quick, seconds, |_| false), [], "what must stay stays");
    }

    #[test]
    fn the_longest_note_gives_the_breath_and_long_notes_and_rests_do_by_themselves() {
        let mut lengths = vec![12; 50];
        lengths[20] = 24;
        assert_eq!(shortened(&line(&lengths), seconds, |_| true), [(240, Length::saturating(18))]);
        lengths[20] = 48;
        assert_eq!(shortened(&line(&lengths), seconds, |_| true), []);
        let mut rested = line(&[12; 50]);
        for note in &mut rested[20..] {
            note.0 += 12;
        }
        assert_eq!(shortened(&rested, seconds, |_| true), []);
        assert_eq!(shortened(&[(0, 960)], seconds, |_| true), [], "one note is one breath");
    }
}
