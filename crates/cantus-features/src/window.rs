//! A stretch of a score, made ready for measuring.

use cantus_score::{Beats, Control, Key, Meter, Pitch, Resolution, Score, Ticks, Velocity};

use crate::key;

/// The part of one note that sounds within a window, in ticks of the score.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sounding {
    /// When it begins to sound here.
    pub begin: Ticks,
    /// When it ceases to sound here.
    pub end: Ticks,
    /// The key that sounds.
    pub pitch: Pitch,
    /// The number of its track in the score.
    pub track: u32,
}

/// A note that begins within a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Begun {
    /// When, in ticks of the score.
    pub at: Ticks,
    /// How long it is held, also beyond the window.
    pub length: Ticks,
    /// Its key, or its drum.
    pub pitch: Pitch,
    /// How hard it is struck, where that is known.
    pub velocity: Option<Velocity>,
    /// The number of its track in the score.
    pub track: u32,
    /// Whether its track plays drums.
    pub drum: bool,
    /// When the next note of its track begins that does not begin with it.
    pub next: Option<Ticks>,
}

/// A note counts in so many bars at most: one that is never released would sound in every bar of a broken file.
pub(crate) const LONGEST_NOTE: usize = 256;

/// A stretch of a score: the whole piece or one bar.
#[derive(Debug, Clone, PartialEq)]
pub struct Window {
    /// When it begins.
    pub begin: Ticks,
    /// When it ends.
    pub end: Ticks,
    /// Ticks of a quarter note.
    pub resolution: Resolution,
    /// What sounds in it, drums left out, in the order of the tracks and then of time.
    pub sounding: Vec<Sounding>,
    /// The notes that begin in it, drums included, in the order of the tracks and then of time.
    pub begun: Vec<Begun>,
    /// Its length.
    pub beats: Beats,
    /// Its tempo in quarters a minute, averaged over time; none where the score states no tempo.
    pub tempo: Option<f64>,
    /// The metre that holds at its beginning (after a pickup, for a whole piece); none where the score states none.
    pub meter: Option<Meter>,
    /// The key of the whole piece, as it is heard; none where only drums sound.
    pub home: Option<Key>,
    /// How long each pitch class sounds in the bar before; none for the first bar and for whole pieces.
    pub before: Option<[f64; 12]>,
    /// When the first note after it begins, drums included.
    pub after: Option<Ticks>,
    /// When the last controller of a whole piece is set, a pedal released after its last note among them; of a bar its end.
    pub last_control: Ticks,
    /// The bars of a whole piece; a bar has none.
    pub bars: Vec<Window>,
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
        let mut window = windows.pop().unwrap_or_else(|| Self::empty(score.resolution));
        window.meter = (!score.meters.is_empty()).then_some(meter);
        window.last_control = last_control(score);
        window.bars = Self::of_bars(score);
        window.home = window.bars.first().and_then(|bar| bar.home);
        window
    }

    /// Each bar of [`Score::bar_lines`]; the last reaches to the end of the last note. A note that is held for more than
    /// 256 bars sounds in the first 256 of them.
    pub fn of_bars(score: &Score) -> Vec<Self> {
        let mut bars = Self::between(score, &score.bar_lines());
        let classes: Vec<[f64; 12]> = bars.iter().map(key::pitch_classes).collect();
        let home = key::of_piece(&bars).map(|estimate| estimate.key);
        for (index, bar) in bars.iter_mut().enumerate() {
            bar.home = home;
            bar.before = index.checked_sub(1).map(|before| classes[before]);
        }
        bars
    }

    fn empty(resolution: Resolution) -> Self {
        Self {
            begin: Ticks::ZERO,
            end: Ticks::ZERO,
            resolution,
            sounding: Vec::new(),
            begun: Vec::new(),
            beats: Beats(0.0),
            tempo: None,
            meter: None,
            home: None,
            before: None,
            after: None,
            last_control: Ticks::ZERO,
            bars: Vec::new(),
        }
    }

    /// The windows that begin at `lines`, each up to the next and the last up to the end of the score.
    pub(crate) fn between(score: &Score, lines: &[Ticks]) -> Vec<Self> {
        let (map, last) = (score.tempo_map(), score.end());
        let ends = lines.iter().skip(1).copied().chain([last]);
        let window = |(&begin, end): (&Ticks, Ticks)| {
            let beats = score.resolution.beats(end.saturating_sub(begin));
            let seconds = map.seconds(end).0 - map.seconds(begin).0;
            let tempo = (seconds > 0.0 && !score.tempos.is_empty()).then(|| beats.0 * 60.0 / seconds);
            let meter = (!score.meters.is_empty()).then(|| score.meter_at(begin));
            Self { begin, end, last_control: end, beats, tempo, meter, ..Self::empty(score.resolution) }
        };
        let mut windows: Vec<Self> = lines.iter().zip(ends).map(window).collect();
        for track in 0..score.tracks.len() {
            fill(&mut windows, score, track);
        }
        let mut after = None;
        for window in windows.iter_mut().rev() {
            window.after = after;
            after = window.begun.iter().map(|note| note.at).min().or(after);
        }
        windows
    }
}

/// When the last controller of any track is set; the end of the last note where that is later.
fn last_control(score: &Score) -> Ticks {
    let controls = score.tracks.iter().flat_map(|track| &track.controls);
    let controllers = controls.filter(|control| matches!(control.value, Control::Controller(..)));
    controllers.map(|control| control.at).max().unwrap_or_default().max(score.end())
}

/// Puts the notes of one track into the windows in which they begin and sound.
fn fill(windows: &mut [Window], score: &Score, number: usize) {
    let track = &score.tracks[number];
    let next = next_onsets(&track.notes);
    for (note, next) in track.notes.iter().zip(next) {
        let first = windows.partition_point(|window| window.begin <= note.start).saturating_sub(1);
        for (index, window) in windows.iter_mut().enumerate().skip(first).take(LONGEST_NOTE) {
            if index > first && window.begin >= note.end() {
                break;
            }
            if index == first {
                window.begun.push(Begun {
                    at: note.start,
                    length: note.length,
                    pitch: note.pitch,
                    velocity: note.velocity,
                    track: number as u32,
                    drum: track.is_drums(),
                    next,
                });
            }
            let (begin, end) = (note.start.max(window.begin), note.end().min(window.end));
            if begin < end && !track.is_drums() {
                window.sounding.push(Sounding { begin, end, pitch: note.pitch, track: number as u32 });
            }
        }
    }
}

/// For each note of a track when the next begins that does not begin with it.
fn next_onsets(notes: &[cantus_score::Note]) -> Vec<Option<Ticks>> {
    let (mut next, mut here) = (None, None);
    let mut all: Vec<Option<Ticks>> = Vec::with_capacity(notes.len());
    for note in notes.iter().rev() {
        if here.is_some_and(|here| here != note.start) {
            next = here;
        }
        here = Some(note.start);
        all.push(next);
    }
    all.reverse();
    all
}
