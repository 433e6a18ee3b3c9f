//! The beats on which played music is written down: those that were heard, or those of the file.

use cantus_score::{Beats as Quarters, Meter, Resolution, Score, Tempo, Ticks, Timed};

use super::Beats;
use super::warp::Warp;

/// What played notes are laid over.
pub(crate) struct Frame {
    pub(crate) warp: Warp,
    /// Whether beats are dotted quarters rather than quarters.
    pub(crate) compound: bool,
    pub(crate) meters: Vec<Timed<Meter>>,
}

/// The resolution of what is written.
pub(crate) const RESOLUTION: Resolution = Resolution::STANDARD;

impl Frame {
    /// Ticks of a beat.
    pub(crate) fn unit(&self) -> u32 {
        let quarter = RESOLUTION.ticks_per_quarter();
        if self.compound { quarter * 3 / 2 } else { quarter }
    }

    /// The beats that were heard.
    pub(crate) fn heard(beats: &Beats, compound: bool) -> Self {
        let warp = Warp::new(beats.beats.iter().map(|beat| beat.seconds.0));
        let mut frame = Self { warp, compound, meters: Vec::new() };
        frame.meters = frame.meters_of(beats);
        frame
    }

    /// The beats that a file claims.
    pub(crate) fn of_file(score: &Score) -> Self {
        let main = score.meter_at(score.pickup());
        let (beat, quarter) = (main.beat(score.resolution).0, score.resolution.ticks_per_quarter());
        let compound = 2 * beat == 3 * quarter;
        let unit = f64::from(quarter) * if compound { 1.5 } else { 1.0 };
        let map = score.tempo_map();
        let count = (f64::from(score.end().0) / unit) as u32 + 2;
        let tick = |beat: u32| Ticks((f64::from(beat) * unit).round() as u32);
        let warp = Warp::new((0..count).map(|beat| map.seconds(tick(beat)).0));
        let scaled = |at: Ticks| RESOLUTION.ticks(Quarters(f64::from(at.0) / f64::from(quarter)));
        let meters = score.meters.iter().map(|meter| Timed::new(scaled(meter.at), meter.value)).collect();
        Self { warp, compound, meters }
    }

    /// The metre of each bar where it changes; a first bar that is not whole is a pickup.
    fn meters_of(&self, beats: &Beats) -> Vec<Timed<Meter>> {
        let mut meters: Vec<Timed<Meter>> = Vec::new();
        let mut at = 0_u32;
        for bar in beats.beats.chunk_by(|_, next| next.place != 0) {
            let whole = bar.first().map_or(4, |first| usize::from(first.of));
            let is_last = at as usize + bar.len() >= beats.beats.len();
            let count = if is_last { whole.max(bar.len()) } else { bar.len() };
            let (upper, lower) = if self.compound { (3 * count, 8) } else { (count, 4) };
            if let Ok(meter) = Meter::new(upper as i64, lower)
                && meters.last().is_none_or(|last| last.value != meter)
            {
                meters.push(Timed::new(Ticks(at.saturating_mul(self.unit())), meter));
            }
            at = at.saturating_add(bar.len() as u32);
        }
        meters
    }

    /// A tempo wherever the one before would lead astray.
    pub(crate) fn tempos(&self) -> Vec<Timed<Tempo>> {
        const ASTRAY: f64 = 0.008;
        let quarters = f64::from(self.unit()) / f64::from(RESOLUTION.ticks_per_quarter());
        let mut tempos: Vec<Timed<Tempo>> = Vec::new();
        let (mut written, mut held, mut drift) = (0.0, 0.0, 0.0);
        for beat in 0..self.warp.len().saturating_sub(1) {
            let period = self.warp.period(beat);
            drift += period - held;
            if beat > 0 && f64::abs(drift) < ASTRAY && f64::abs(period - held) < ASTRAY {
                continue;
            }
            // The new tempo makes up for what was lost before.
            let wanted = (period + if beat > 0 { drift - (period - held) } else { 0.0 }).max(0.02);
            let micros = (wanted * 1e6 / quarters).round().clamp(1.0, 16_777_215.0);
            if let Ok(tempo) = Tempo::from_micros(micros as i64)
                && (micros - written).abs() > 0.5
            {
                tempos.push(Timed::new(Ticks((beat as u32).saturating_mul(self.unit())), tempo));
            }
            (written, held) = (micros, micros * quarters / 1e6);
            drift = wanted - held;
        }
        tempos
    }
}
