//! A stretch of a score, made ready for measuring.

use cantus_score::{Beats, Meter, Pitch, Score, Ticks};

/// The part of one note that sounds within a window, in ticks of the score.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sounding {
    /// When it begins to sound here.
    pub begin: Ticks,
    /// When it ceases to sound here.
    pub end: Ticks,
    /// The key that sounds.
    pub pitch: Pitch,
}

/// A note counts in so many bars at most: one that is never released would sound in every bar of a broken file.
const LONGEST_NOTE: usize = 256;

/// A stretch of a score: the whole piece or one bar.
#[derive(Debug, Clone, PartialEq)]
pub struct Window {
    /// What sounds in it, drums left out, in the order of the tracks and then of time.
    pub sounding: Vec<Sounding>,
    /// How many notes begin in it, drums included.
    pub onsets: usize,
    /// Its length.
    pub beats: Beats,
    /// Its tempo in quarters a minute, averaged over time; none where the score states no tempo.
    pub tempo: Option<f64>,
    /// The metre that holds at its beginning (after a pickup, for a whole piece); none where the score states none.
    pub meter: Option<Meter>,
}

impl Window {
    /// The whole piece, from tick 0 to the end of the last note.
    pub fn of_piece(score: &Score) -> Self {
        let meter = if score.pickup() > Ticks::ZERO {
            score.meter_at(score.pickup())
        } else {
            score.meter_at(Ticks::ZERO)
        };
        let mut windows = Self::between(score, &[Ticks::ZERO]);
        let mut window = windows.pop().unwrap_or_else(Self::empty);
        window.meter = (!score.meters.is_empty()).then_some(meter);
        window
    }

    /// Each bar of [`Score::bar_lines`]; the last reaches to the end of the last note. A note that is held for more than
    /// 256 bars sounds in the first 256 of them.
    pub fn of_bars(score: &Score) -> Vec<Self> {
        Self::between(score, &score.bar_lines())
    }

    fn empty() -> Self {
        Self { sounding: Vec::new(), onsets: 0, beats: Beats(0.0), tempo: None, meter: None }
    }

    /// The windows that begin at `lines`, each up to the next and the last up to the end of the score.
    fn between(score: &Score, lines: &[Ticks]) -> Vec<Self> {
        let (map, end) = (score.tempo_map(), score.end());
        let ends = lines.iter().skip(1).copied().chain([end]);
        let spans: Vec<(Ticks, Ticks)> = lines.iter().copied().zip(ends).collect();
        let window = |&(begin, end): &(Ticks, Ticks)| {
            let beats = score.resolution.beats(end.saturating_sub(begin));
            let seconds = map.seconds(end).0 - map.seconds(begin).0;
            let tempo = (seconds > 0.0 && !score.tempos.is_empty()).then(|| beats.0 * 60.0 / seconds);
            let meter = (!score.meters.is_empty()).then(|| score.meter_at(begin));
            Self { beats, tempo, meter, ..Self::empty() }
        };
        let mut windows: Vec<Self> = spans.iter().map(window).collect();
        for track in &score.tracks {
            for note in &track.notes {
                let first = spans.partition_point(|span| span.0 <= note.start).saturating_sub(1);
                let reached = windows.iter_mut().zip(&spans).enumerate().skip(first).take(LONGEST_NOTE);
                for (index, (window, &(begin, end))) in reached {
                    if index > first && begin >= note.end() {
                        break;
                    }
                    window.onsets += usize::from(index == first);
                    let (begin, end) = (note.start.max(begin), note.end().min(end));
                    if begin < end && !track.is_drums() {
                        window.sounding.push(Sounding { begin, end, pitch: note.pitch });
                    }
                }
            }
        }
        windows
    }
}
