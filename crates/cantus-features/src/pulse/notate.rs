//! Played music written down.

use std::fmt;

use cantus_score::{Key, Meter, Note, Score, TempoMap, Text, TextKind, Ticks, Timed, Track, edit};

use super::frame::{Frame, RESOLUTION};
use super::grid::{Written, written};
use super::lengths::{self, Held};
use super::onsets::{self, Played};
use super::pedal::Pedal;
use super::quantise::{self, InBeats, PARTS};
use crate::key;

/// Whose beats music is written on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Listen {
    /// The file's where its onsets lie on or near them, else those that are heard.
    #[default]
    Auto,
    /// The file's: the score stays as it is.
    File,
    /// Those that are heard.
    Always,
}

/// What was heard in a performance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Heard {
    /// The metre of most bars.
    pub meter: Meter,
    /// Quarter notes a minute: in the middle, and the limits within which four fifths of the beats lie.
    pub tempo: (f64, f64, f64),
    /// The key.
    pub key: Key,
    /// Where the second of two swung notes begins, as a share of the beat; nothing where the music is even.
    pub swing: Option<f64>,
    /// Whether the beats are those of the file.
    pub click: bool,
}

impl fmt::Display for Heard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (middle, slow, fast) = self.tempo;
        write!(f, "{}, {middle:.0} quarters a minute", self.meter)?;
        if fast - slow >= 2.0 {
            write!(f, " ({slow:.0}\u{2013}{fast:.0})")?;
        }
        let name = self.key.to_string();
        let (tonic, mode) = name.split_once(' ').unwrap_or((&name, ""));
        let tonic = tonic.replace('#', " sharp").replace('b', " flat");
        write!(f, ", {tonic} {mode}")?;
        self.swing.map_or(Ok(()), |swing| write!(f, ", swing {:.0} %", swing * 100.0))?;
        if self.click { write!(f, ", on the beats of the file") } else { Ok(()) }
    }
}

/// Music that can be written down.
#[derive(Debug, Clone, PartialEq)]
pub struct Notation {
    /// The score, on a grid.
    pub score: Score,
    /// What was heard; nothing where the score was on its grid and stayed as it was.
    pub heard: Option<Heard>,
}

/// Writes played music down: on beats, with note values, metre, key and tempi.
///
/// - Onsets take simple places in their beats (`quantise` says which), lengths are note values that lead to the next note of
///   the hand where that fits. Swung music is written even, with a text that says how it is swung.
/// - Played back, the result follows the tempi of the performance. It begins with the first note; silence before is left
///   out.
/// - Parts, programs, velocities, controllers and texts stay. Notes of one pitch and part at one place become one.
/// - What lies on its grid already ([`super::is_on_grid`]) stays as it is, and so does a score without notes.
pub fn notate(score: &Score, listen: Listen) -> Notation {
    let kind = match listen {
        Listen::Auto => written(score),
        Listen::File => Written::OnGrid,
        Listen::Always => Written::Free,
    };
    let played = onsets::played(score);
    if kind == Written::OnGrid || played.is_empty() {
        return Notation { score: score.clone(), heard: None };
    }
    let onsets = onsets::onsets(&played);
    let click = kind == Written::NearGrid;
    let mut frame = if click {
        Frame::of_file(score)
    } else {
        Frame::heard(&super::beats_of(&played, &onsets, &super::track::Weights::DEFAULT), false)
    };
    let lay = |frame: &Frame| -> Vec<InBeats> {
        onsets
            .iter()
            .map(|onset| {
                let at = frame.warp.beat(onset.seconds.0);
                InBeats { at, period: frame.warp.period(at.max(0.0) as usize) }
            })
            .collect()
    };
    let mut laid = lay(&frame);
    let swing = if frame.compound { None } else { quantise::swing(&laid) };
    if !click && swing.is_none() && quantise::is_compound(&laid) {
        frame = Frame::heard(&super::beats_of(&played, &onsets, &super::track::Weights::DEFAULT), true);
        laid = lay(&frame);
    }
    if let Some(swing) = swing {
        for onset in &mut laid {
            onset.at = quantise::straight(onset.at, swing);
        }
    }
    let places = quantise::quantised(&laid, frame.compound);
    let mut starts = vec![0_i64; played.len()];
    for (onset, place) in onsets.iter().zip(&places) {
        for start in starts.get_mut(onset.notes.clone()).unwrap_or_default() {
            *start = (*place).max(0);
        }
    }
    let writer = Writer { score, map: score.tempo_map(), frame, swing };
    writer.write(&played, &starts, click)
}

struct Writer<'a> {
    score: &'a Score,
    map: TempoMap,
    frame: Frame,
    swing: Option<f64>,
}

impl Writer<'_> {
    fn write(&self, played: &[Played], starts: &[i64], click: bool) -> Notation {
        let mut notes: Vec<Vec<(&Played, i64)>> = vec![Vec::new(); self.score.tracks.len()];
        for (note, start) in played.iter().zip(starts) {
            if let Some(part) = notes.get_mut(note.track) {
                part.push((note, *start));
            }
        }
        let mut score = Score::new(RESOLUTION);
        score.title.clone_from(&self.score.title);
        score.tempos = self.frame.tempos();
        score.meters.clone_from(&self.frame.meters);
        score.tracks =
            self.score.tracks.iter().zip(notes).map(|(track, notes)| self.part(track, notes)).collect();
        score.texts = self.texts(&self.score.texts);
        let key = key::of_score(&score).key;
        score.keys = vec![Timed::new(Ticks::ZERO, key)];
        if let Some(swing) = self.swing {
            let text = Text { kind: TextKind::Text, text: format!("swing {:.0} %", swing * 100.0) };
            score.texts.insert(0, Timed::new(Ticks::ZERO, text));
        }
        let heard = Heard { meter: main_meter(&score), tempo: self.tempo(), key, swing: self.swing, click };
        Notation { score, heard: Some(heard) }
    }

    fn part(&self, track: &Track, mut notes: Vec<(&Played, i64)>) -> Track {
        notes.sort_by_key(|(note, start)| (*start, note.key));
        let pedal = Pedal::of(track, &self.map);
        let held: Vec<Held> = notes
            .iter()
            .map(|&(note, start)| Held {
                key: note.key,
                start,
                released: self.beat(note.end) * PARTS as f64,
                sounded: self.beat(pedal.sounds_until(note.end)) * PARTS as f64,
            })
            .collect();
        let lengths = lengths::lengths(&held, self.frame.compound);
        let written = notes.iter().zip(lengths).filter_map(|(&(note, start), length)| {
            let original = track.notes.get(note.index)?;
            Some(Note { start: self.ticks_of(start), length: self.ticks_of(length), ..*original })
        });
        let notes = edit::without_collisions(written.collect());
        let at = |time| self.at(time);
        let controls =
            track.controls.iter().map(|control| Timed::new(at(control.at), control.value.clone())).collect();
        Track {
            name: track.name.clone(),
            channel: track.channel,
            notes,
            controls,
            texts: self.texts(&track.texts),
        }
    }

    fn texts(&self, texts: &[Timed<Text>]) -> Vec<Timed<Text>> {
        texts.iter().map(|text| Timed::new(self.at(text.at), text.value.clone())).collect()
    }

    /// The beat at a time, swing made even.
    fn beat(&self, seconds: f64) -> f64 {
        let beat = self.frame.warp.beat(seconds);
        self.swing.map_or(beat, |swing| quantise::straight(beat, swing))
    }

    /// Where a tick of the performance is written.
    fn at(&self, tick: Ticks) -> Ticks {
        let beat = self.beat(self.map.seconds(tick).0);
        Ticks((beat * f64::from(self.frame.unit())).round().max(0.0) as u32)
    }

    fn ticks_of(&self, parts: i64) -> Ticks {
        let ticks = parts.max(0) * i64::from(self.frame.unit()) / PARTS;
        Ticks(u32::try_from(ticks).unwrap_or(u32::MAX))
    }

    fn tempo(&self) -> (f64, f64, f64) {
        let quarters = f64::from(self.frame.unit()) / f64::from(RESOLUTION.ticks_per_quarter());
        let mut all: Vec<f64> = (0..self.frame.warp.len().saturating_sub(1))
            .map(|beat| 60.0 * quarters / self.frame.warp.period(beat))
            .collect();
        all.sort_by(f64::total_cmp);
        let at = |tenths: usize| all.get(all.len() * tenths / 10).copied().unwrap_or(120.0);
        (at(5), at(1), at(9))
    }
}

/// The metre that holds longest.
fn main_meter(score: &Score) -> Meter {
    let end = score.end();
    let mut lengths: Vec<(Meter, u64)> = Vec::new();
    for (index, meter) in score.meters.iter().enumerate() {
        let until = score.meters.get(index + 1).map_or(end, |next| next.at);
        let length = u64::from(until.saturating_sub(meter.at).0);
        match lengths.iter_mut().find(|entry| entry.0 == meter.value) {
            Some(entry) => entry.1 += length,
            None => lengths.push((meter.value, length)),
        }
    }
    lengths.into_iter().max_by_key(|entry| entry.1).map_or(Meter::FOUR_FOUR, |entry| entry.0)
}
