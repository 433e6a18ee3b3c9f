//! What every format is to keep of music, in a form in which two readings can be compared.

use cantus::model::corpus::{self, Music};
use cantus::score::roll::{self, ReadOptions};
use cantus::score::{Resolution, Score, Strictness, Ticks, edit};
use cantus::{ConvertOptions, OutputFormat, Piece, encode_piece};

/// A time in quarter notes as a fraction in lowest terms.
pub(crate) type Time = (u64, u64);

/// Pitch, beginning, length, part, metre, key and tempo. Parts without notes are left out, and tempos are told to a
/// thousandth of a quarter a minute, as the written formats tell them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) parts: Vec<Vec<(Time, Time, u8)>>,
    /// Where bars begin, how long they are, and their metre, where they are whole: no format gives a pickup, or a bar that
    /// another metre cuts short, one of its own.
    pub(crate) bars: Vec<(Time, Time, Option<String>)>,
    pub(crate) keys: Vec<(Time, String)>,
    pub(crate) tempos: Vec<(Time, i64)>,
}

impl Told {
    pub(crate) fn of(score: &Score) -> Self {
        Self::in_ticks_of(score, score.resolution)
    }

    /// The same, with all times at the nearest tick of a resolution: that of the music which was written in another one.
    pub(crate) fn in_ticks_of(score: &Score, resolution: Resolution) -> Self {
        let (quarter, own) =
            (u64::from(resolution.ticks_per_quarter()), u64::from(score.resolution.ticks_per_quarter()));
        let nearest = |at: Ticks| (2 * u64::from(at.0) * quarter + own) / (2 * own);
        let time = |at: Ticks| fraction(nearest(at), quarter);
        let length = |from: Ticks, to: Ticks| fraction(nearest(to) - nearest(from), quarter);
        let end = score.end();
        let notes = |track: &cantus::score::Track| {
            let mut notes: Vec<_> = track
                .notes
                .iter()
                .map(|note| (time(note.start), length(note.start, note.end()), note.pitch.get()))
                .collect();
            notes.sort_by(|one, other| {
                exact(one.0, other.0).then(one.2.cmp(&other.2)).then(exact(one.1, other.1))
            });
            notes
        };
        let parts = score.tracks.iter().filter(|track| !track.notes.is_empty()).map(notes).collect();
        let keys = score.keys.iter().map(|key| (key.at, key.value.to_string()));
        let tempos = score.tempos.iter().map(|tempo| (tempo.at, (tempo.value.bpm() * 1000.0).round() as i64));
        Self {
            parts,
            bars: bars(score, time, length),
            keys: changes(keys, end, time),
            tempos: changes(tempos, end, time),
        }
    }

    /// In what another reading differs; nothing where it is the same.
    pub(crate) fn differences(&self, other: &Self) -> Vec<&'static str> {
        let count = |told: &Self| told.parts.iter().map(Vec::len).sum::<usize>();
        let struck = |told: &Self| -> Vec<_> {
            let mut all: Vec<_> = told.parts.iter().flatten().map(|note| (note.0, note.2)).collect();
            all.sort_unstable();
            all
        };
        let held = |told: &Self| -> Vec<_> {
            let mut all: Vec<_> = told.parts.iter().flatten().copied().collect();
            all.sort_unstable();
            all
        };
        let close = |one: &[(Time, i64)], other: &[(Time, i64)]| {
            let pairs = one.iter().zip(other);
            one.len() == other.len() && pairs.into_iter().all(|(a, b)| a.0 == b.0 && (a.1 - b.1).abs() <= 1)
        };
        let checks = [
            ("number of notes", count(self) == count(other)),
            ("beginnings or pitches", count(self) != count(other) || struck(self) == struck(other)),
            ("lengths", struck(self) != struck(other) || held(self) == held(other)),
            ("parts", held(self) != held(other) || self.parts == other.parts),
            ("metre", same_bars(&self.bars, &other.bars)),
            ("key", self.keys == other.keys),
            ("tempo", close(&self.tempos, &other.tempos)),
        ];
        checks.into_iter().filter(|(_, same)| !same).map(|(what, _)| what).collect()
    }
}

type Bar = (Time, Time, Option<String>);

/// The bars that begin before the last note ends.
fn bars(score: &Score, time: impl Fn(Ticks) -> Time, length: impl Fn(Ticks, Ticks) -> Time) -> Vec<Bar> {
    let lines = score.bar_lines();
    let pickup = score.pickup();
    let bar = |(index, &start): (usize, &Ticks)| {
        let meter = score.meter_at(start);
        let whole = Ticks(start.0 + meter.bar(score.resolution).0);
        let end = lines.get(index + 1).copied().unwrap_or(whole).min(whole);
        let name = (end == whole && start >= pickup).then(|| meter.to_string());
        (time(start), length(start, end), name)
    };
    lines.iter().enumerate().take_while(|(_, line)| **line < score.end()).map(bar).collect()
}

fn same_bars(one: &[Bar], other: &[Bar]) -> bool {
    let same =
        |a: &Bar, b: &Bar| (&a.0, &a.1) == (&b.0, &b.1) && (a.2 == b.2 || a.2.is_none() || b.2.is_none());
    one.len() == other.len() && one.iter().zip(other).all(|(a, b)| same(a, b))
}

fn fraction(over: u64, under: u64) -> Time {
    fn divisor(a: u64, b: u64) -> u64 {
        if b == 0 { a.max(1) } else { divisor(b, a % b) }
    }
    let common = divisor(over, under);
    (over / common, under / common)
}

fn exact(one: Time, other: Time) -> std::cmp::Ordering {
    (one.0 * other.1).cmp(&(other.0 * one.1))
}

/// What changes after the last note, and what stays as it was, changes nothing.
fn changes<T: PartialEq>(
    all: impl Iterator<Item = (Ticks, T)>,
    end: Ticks,
    time: impl Fn(Ticks) -> Time,
) -> Vec<(Time, T)> {
    let mut kept: Vec<(Time, T)> = Vec::new();
    for (at, value) in all.filter(|(at, _)| *at < end || at.0 == 0) {
        // Of two at one time the later one holds.
        if kept.last().is_some_and(|last| last.0 == time(at)) {
            kept.pop();
        }
        if kept.last().is_none_or(|last| last.1 != value) {
            kept.push((time(at), value));
        }
    }
    kept
}

/// The formats that are written and read.
pub(crate) const FORMATS: [OutputFormat; 7] = [
    OutputFormat::Midi,
    OutputFormat::MusicXml,
    OutputFormat::Mxl,
    OutputFormat::Abc,
    OutputFormat::Kern,
    OutputFormat::Npz,
    OutputFormat::Json,
];

/// Music written in a format and read again, as it sounds; or why it was not.
pub(crate) fn there_and_back(
    music: &Music,
    format: OutputFormat,
    options: &ConvertOptions,
) -> Result<Score, String> {
    let piece = Piece { tag: None, music: music.clone() };
    let (bytes, _) = encode_piece(&piece, format, options).map_err(|error| error.to_string())?;
    match format {
        OutputFormat::Npz => {
            let read = roll::read(&bytes, ReadOptions::default()).map_err(|error| error.to_string())?;
            read.value.into_iter().next().ok_or_else(|| "no piece".to_owned())
        }
        OutputFormat::Json => cantus::json::read(&bytes),
        _ => {
            let opened = corpus::read(&bytes, Strictness::Tolerant).map_err(|error| error.to_string())?;
            let piece = opened.pieces.into_iter().next().ok_or_else(|| "no piece".to_owned())?;
            Ok(match piece.music {
                // Both are to be told without what only a performance adds.
                Music::Written(sheet) if matches!(music, Music::Written(_)) => sheet.as_written(),
                other => other.into_score(),
            })
        }
    }
}

/// What a format gave back of music. What was played keeps its times to its own ticks: a triplet that these could only round
/// is written exactly.
pub(crate) fn told_back(music: &Music, format: OutputFormat, back: &Score) -> Told {
    match music {
        _ if format == OutputFormat::Npz => Told::of(back),
        Music::Written(_) => Told::of(back),
        Music::Played(score) => Told::in_ticks_of(back, score.resolution),
    }
}

/// What a format is to give back of music. Written music goes to written formats as it stands, and is played elsewhere; a
/// piano roll has it on its grid.
pub(crate) fn expected(music: &Music, format: OutputFormat, options: &ConvertOptions) -> Told {
    match music {
        Music::Written(sheet) if format == OutputFormat::Kern => Told::of(&sheet.as_written()),
        Music::Written(sheet) if format.is_written() => Told::of(&sheet.unrolled().as_written()),
        // MIDI ends a key that is struck while it sounds, and says no more than its writer promises.
        other if format == OutputFormat::Midi => Told::of(&cantus::score::midi::canonical(&other.score())),
        other if format == OutputFormat::Npz => {
            let steps = options.roll.steps;
            let grid = Resolution::new(steps.into()).unwrap_or(Resolution::STANDARD);
            Told::in_ticks_of(&edit::quantised(&other.score(), steps.into()), grid)
        }
        other => Told::of(&other.score()),
    }
}
