//! The final ritardando: tempo falls over the last bar as a runner comes to a stop, and the last chord is held.

use cantus_score::{Score, Tempo, Ticks, Timed};

use super::metre::place;

/// Adds the tempo changes to a performance; `written` is the score before velocities were given.
///
/// Friberg and Sundberg (*Does music performance allude to locomotion?*, J. Acoust. Soc. Am. 105, 1999) find
/// v(x) = (1 + (w^q − 1) x)^(1/q) of tempo over normalised score position, and that listeners prefer q of 2 and 3; here
/// q is 2, the square root. The final tempo w is 1 / (1 + 0.7 · quantity).
pub(super) fn slow_down(performed: &mut Score, written: &Score, quantity: f64) {
    let Some(last) = last_chord(written).filter(|_| quantity > 0.0 && is_mostly_written(written)) else {
        return;
    };
    let Some((begin, step, steps)) = span(written, last) else { return };
    if written.tempos.iter().any(|tempo| tempo.at > begin) {
        return;
    }
    let usual = written.tempos.last().map_or(Tempo::DEFAULT, |tempo| tempo.value);
    let slowest = 1.0 / (1.0 + 0.7 * quantity);
    let mut before = usual;
    for index in 0..=steps {
        let x = ((f64::from(index) + 0.5) / f64::from(steps)).min(1.0);
        let speed = (1.0 + (slowest * slowest - 1.0) * x).sqrt();
        let micros = (f64::from(usual.micros_per_quarter()) / speed).round() as i64;
        let Some(tempo) = Tempo::from_micros(micros).ok().filter(|tempo| slower(*tempo, before)) else {
            return;
        };
        let at = Ticks(begin.0 + index * step.0);
        if performed.tempos.last().is_some_and(|tempo| tempo.at == at) {
            performed.tempos.pop();
        }
        performed.tempos.push(Timed::new(at, tempo));
        before = tempo;
    }
}

fn slower(tempo: Tempo, than: Tempo) -> bool {
    tempo.micros_per_quarter() > than.micros_per_quarter()
}

/// When the last tuned notes begin.
fn last_chord(score: &Score) -> Option<Ticks> {
    let tuned = score.tracks.iter().filter(|track| !track.is_drums());
    tuned.filter_map(|track| track.notes.last()).map(|note| note.start).max()
}

/// Whether most notes have no velocity, so that the piece is notation and not a player's recording.
fn is_mostly_written(score: &Score) -> bool {
    let notes = score.tracks.iter().flat_map(|track| &track.notes);
    notes.filter(|note| note.velocity.is_none()).count() * 2 > score.note_count()
}

/// Where the slowing begins, the length of its steps, and their number up to the last chord: half beats over a bar, or
/// over a quarter of the piece where that is shorter.
fn span(score: &Score, last: Ticks) -> Option<(Ticks, Ticks, u32)> {
    let meter = place(score, last).0;
    let step = Ticks((meter.beat(score.resolution).0 / 2).max(1));
    let steps = meter.bar(score.resolution).0.min(last.0 / 4) / step.0;
    (steps >= 2).then(|| (Ticks(last.0 - steps * step.0), step, steps))
}
