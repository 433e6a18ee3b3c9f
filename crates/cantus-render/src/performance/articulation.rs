//! Articulation: a repeated note is let go a moment before it is struck again.

use cantus_score::{Score, Seconds, TempoMap, Ticks};

/// The silence before a repeated note at quantity 1, in seconds.
const SILENCE: f64 = 0.035;

/// Shortens each note without known velocity that runs into the same pitch of its part, but never by more than a
/// quarter of the time between the two beginnings.
pub(super) fn part_repeated_notes(score: &mut Score, quantity: f64) {
    if quantity == 0.0 {
        return;
    }
    let tempos = score.tempo_map();
    for track in score.tracks.iter_mut().filter(|track| !track.is_drums()) {
        let mut next = [None; 128];
        for note in track.notes.iter_mut().rev() {
            let following = next[usize::from(note.pitch.get())].replace(note.start);
            let Some(again) = following.filter(|&again| again > note.start) else { continue };
            let longest = again - note.start - silence(&tempos, note.start, again, quantity);
            if note.velocity.is_none() {
                note.length = note.length.min(longest);
            }
        }
    }
}

/// The ticks of silence before a note that repeats an earlier one.
fn silence(tempos: &TempoMap, start: Ticks, again: Ticks, quantity: f64) -> Ticks {
    let let_go = tempos.ticks(Seconds(tempos.seconds(again).0 - SILENCE * quantity));
    let quarter = Ticks((again - start).0 / 4);
    again.saturating_sub(let_go).min(quarter)
}
