//! Drums that were played, on the beats of their click.

use cantus_score::{Note, Pitch, Score, Ticks, edit};

use super::frame::Frame;
use super::grid::is_on_grid;
use super::onsets::{onsets, played};
use super::quantise::{InBeats, PARTS, quantised};

/// The rims and edges of electronic kits, by the keys that they send, and the heads, bows and cymbals that they belong to (Roland's
/// TD kits, as the Groove MIDI dataset has them: Gillick et al. 2019).
const ZONES: [(u8, u8); 9] =
    [(22, 42), (26, 46), (40, 38), (47, 45), (50, 48), (52, 57), (55, 49), (58, 43), (59, 51)];

/// Drums that were played to a click, put on its beats, which are those that the file claims: each onset at the nearest simple place of its beat (sixteenths, or triplets
/// where these lie nearer), each stroke a sixteenth long, rims and edges as the drum that they belong to. How loud strokes are stays.
///
/// Nothing where the score has anything but drums, or lies on its grid already.
pub fn drums_on_beats(score: &Score) -> Option<Score> {
    let mut with_notes = score.tracks.iter().filter(|track| !track.notes.is_empty()).peekable();
    if with_notes.peek().is_none() || !with_notes.all(cantus_score::Track::is_drums) || is_on_grid(score) {
        return None;
    }
    let played = played(score);
    let onsets = onsets(&played);
    let frame = Frame::of_file(score);
    let in_beats = |seconds: f64| {
        let at = frame.warp.beat(seconds);
        InBeats { at, period: frame.warp.period(at.max(0.0) as usize) }
    };
    let laid: Vec<InBeats> = onsets.iter().map(|onset| in_beats(onset.seconds.0)).collect();
    let quarter = score.resolution.ticks_per_quarter();
    let beat = i64::from(if frame.compound { quarter * 3 / 2 } else { quarter });
    let mut straight = score.clone();
    for track in &mut straight.tracks {
        track.notes.clear();
    }
    for (onset, place) in onsets.iter().zip(quantised(&laid, frame.compound)) {
        let start = Ticks(u32::try_from(place.max(0) * beat / PARTS).unwrap_or(u32::MAX));
        for note in played.get(onset.notes.clone()).unwrap_or_default() {
            let stroke = score.tracks[note.track].notes[note.index];
            let pitch = head_of(stroke.pitch);
            let stroke = Note { start, length: Ticks((quarter / 4).max(1)), pitch, ..stroke };
            straight.tracks[note.track].notes.push(stroke);
        }
    }
    for track in &mut straight.tracks {
        track.notes = edit::without_collisions(std::mem::take(&mut track.notes));
    }
    Some(straight)
}

fn head_of(pitch: Pitch) -> Pitch {
    let zone = ZONES.iter().find(|(zone, _)| *zone == pitch.get());
    zone.map_or(pitch, |(_, head)| Pitch::saturating(i64::from(*head)))
}
