//! How long the sustain pedal holds notes.

use cantus_score::{Control, TempoMap, Track};

/// The stretches of time in which the pedal of a part is down, in seconds, sorted.
pub(crate) struct Pedal {
    down: Vec<(f64, f64)>,
}

impl Pedal {
    pub(crate) fn of(track: &Track, map: &TempoMap) -> Self {
        const SUSTAIN: u8 = 64;
        let (mut down, mut since) = (Vec::new(), None);
        for control in &track.controls {
            let Control::Controller(number, value) = &control.value else { continue };
            if number.get() != SUSTAIN {
                continue;
            }
            let now = map.seconds(control.at).0;
            match (value.get() >= 64, since) {
                (true, None) => since = Some(now),
                (false, Some(begin)) => {
                    down.push((begin, now));
                    since = None;
                }
                _ => {}
            }
        }
        Self { down }
    }

    /// When a note that is released at a time ceases to sound.
    pub(crate) fn sounds_until(&self, released: f64) -> f64 {
        let after = self.down.partition_point(|span| span.0 <= released);
        let span = after.checked_sub(1).and_then(|index| self.down.get(index));
        span.map_or(released, |span| span.1.max(released))
    }
}
