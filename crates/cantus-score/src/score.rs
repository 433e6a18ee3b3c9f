//! A score: what every reader makes and every writer takes.

use crate::{
    Beats, Bend, Channel, Data, Key, Meter, Pitch, Program, Resolution, Seconds, Tempo, TempoMap, Ticks,
    Timed, Velocity,
};

/// One note. Its velocity is unknown where the source is notation without dynamics.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Note {
    /// When it begins.
    pub start: Ticks,
    /// The key that sounds.
    pub pitch: Pitch,
    /// How long it is held; a length of zero is a note that the source struck and released at once.
    pub length: Ticks,
    /// How hard it is struck, where that is known.
    pub velocity: Option<Velocity>,
    /// How fast it is released, where the source says so.
    pub release: Option<Data>,
}

impl Note {
    /// A note without dynamics.
    pub const fn new(start: Ticks, length: Ticks, pitch: Pitch) -> Self {
        Self { start, pitch, length, velocity: None, release: None }
    }

    /// The same note struck so hard.
    #[must_use]
    pub const fn with_velocity(self, velocity: Velocity) -> Self {
        Self { velocity: Some(velocity), ..self }
    }

    /// When it ends.
    pub const fn end(self) -> Ticks {
        self.start.saturating_add(self.length)
    }
}

/// What a channel is told besides its notes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Control {
    /// Take another instrument.
    Program(Program),
    /// Set a controller (number, value): 7 is volume, 10 pan, 64 the sustain pedal.
    Controller(Data, Data),
    /// Bend the pitch.
    Bend(Bend),
    /// Pressure on all keys of the channel.
    Pressure(Data),
    /// Pressure on one key.
    KeyPressure(Pitch, Data),
    /// A message to one maker's instruments, without its first byte (F0) and with its last (F7).
    SysEx(Vec<u8>),
    /// Bytes that go to the instrument as they are (MIDI's escape packet).
    Raw(Vec<u8>),
    /// Sound on another MIDI port from here on: each port has its own 16 channels.
    Port(Data),
}

/// What a text in a score is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TextKind {
    /// Anything.
    Text,
    /// Who owns the piece.
    Copyright,
    /// A syllable to be sung.
    Lyric,
    /// A place with a name, such as a rehearsal mark.
    Marker,
    /// An event on stage or screen.
    Cue,
    /// The name of an instrument.
    Instrument,
}

/// A text at its place.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Text {
    /// What it is.
    pub kind: TextKind,
    /// What it says.
    pub text: String,
}

/// One part: a channel with its notes, in the order of their beginnings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Track {
    /// The part's name; empty where the source gives none.
    pub name: String,
    /// The channel on which it sounds.
    pub channel: Channel,
    /// Its notes, sorted.
    pub notes: Vec<Note>,
    /// Programs, controllers, bends and the like, sorted by time; the order of those at one time is kept.
    pub controls: Vec<Timed<Control>>,
    /// Lyrics and other texts of this part, sorted by time.
    pub texts: Vec<Timed<Text>>,
}

impl Track {
    /// A part without notes.
    pub fn new(name: impl Into<String>, channel: Channel, program: Program) -> Self {
        let controls = vec![Timed::new(Ticks::ZERO, Control::Program(program))];
        Self { name: name.into(), channel, notes: Vec::new(), controls, texts: Vec::new() }
    }

    /// Whether the part plays drums, so that its pitches name instruments.
    pub fn is_drums(&self) -> bool {
        self.channel == Channel::DRUMS
    }

    /// The first instrument that the part takes; the piano where it takes none.
    pub fn program(&self) -> Program {
        let programs = self.controls.iter().filter_map(|control| match control.value {
            Control::Program(program) => Some(program),
            _ => None,
        });
        programs.into_iter().next().unwrap_or(Program::PIANO)
    }

    /// When its last note ends.
    pub fn end(&self) -> Ticks {
        self.notes.iter().map(|note| note.end()).max().unwrap_or_default()
    }

    /// The lowest and the highest pitch, or nothing where it has no notes.
    pub fn range(&self) -> Option<(Pitch, Pitch)> {
        let low = self.notes.iter().map(|note| note.pitch).min()?;
        let high = self.notes.iter().map(|note| note.pitch).max()?;
        Some((low, high))
    }
}

/// A piece of music in the resolution of its source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Score {
    /// Ticks of a quarter note.
    pub resolution: Resolution,
    /// The title; empty where the source gives none.
    pub title: String,
    /// Tempo changes, sorted; where the first is later than tick 0, 120 quarters a minute hold before it.
    pub tempos: Vec<Timed<Tempo>>,
    /// Metre changes, sorted; where the first is later than tick 0, 4/4 holds before it.
    /// A pickup is a first metre that holds for exactly one bar, shorter than those after it.
    pub meters: Vec<Timed<Meter>>,
    /// Key signatures, sorted; none where the source gives none.
    pub keys: Vec<Timed<Key>>,
    /// Markers, cues, copyright and other texts of the whole piece, sorted by time.
    pub texts: Vec<Timed<Text>>,
    /// The parts.
    pub tracks: Vec<Track>,
}

impl Score {
    /// A score without music.
    pub fn new(resolution: Resolution) -> Self {
        Self {
            resolution,
            title: String::new(),
            tempos: Vec::new(),
            meters: Vec::new(),
            keys: Vec::new(),
            texts: Vec::new(),
            tracks: Vec::new(),
        }
    }

    /// When its last note ends.
    pub fn end(&self) -> Ticks {
        self.tracks.iter().map(Track::end).max().unwrap_or_default()
    }

    /// Its length in quarter notes, to the end of the last note.
    pub fn beats(&self) -> Beats {
        self.resolution.beats(self.end())
    }

    /// Its length as heard, to the end of the last note.
    pub fn seconds(&self) -> Seconds {
        self.tempo_map().seconds(self.end())
    }

    /// The number of sounding notes.
    pub fn note_count(&self) -> usize {
        self.tracks.iter().map(|track| track.notes.len()).sum()
    }

    /// The tempo changes, ready for look-ups.
    pub fn tempo_map(&self) -> TempoMap {
        TempoMap::new(self.resolution, &self.tempos)
    }

    /// The metre that holds at a tick.
    pub fn meter_at(&self, at: Ticks) -> Meter {
        let after = self.meters.partition_point(|meter| meter.at <= at);
        self.meters[..after].last().map_or(Meter::FOUR_FOUR, |meter| meter.value)
    }

    /// The length of the incomplete first bar, or zero where the piece begins with a whole one.
    pub fn pickup(&self) -> Ticks {
        let [first, second, ..] = self.meters.as_slice() else { return Ticks::ZERO };
        let (short, whole) = (first.value.bar(self.resolution), second.value.bar(self.resolution));
        if first.at == Ticks::ZERO && second.at == short && short < whole { short } else { Ticks::ZERO }
    }

    /// Where each bar begins, from the first (a pickup is a bar) to the last that holds music, at most
    /// [`Score::MOST_BARS`]. A change of metre begins a new bar wherever it stands.
    pub fn bar_lines(&self) -> Vec<Ticks> {
        let (mut lines, mut at, end) = (Vec::new(), Ticks::ZERO, self.end());
        while at < end && lines.len() < Self::MOST_BARS {
            lines.push(at);
            let whole = at.saturating_add(self.meter_at(at).bar(self.resolution));
            let next_change = self.meters.partition_point(|meter| meter.at <= at);
            at = self.meters.get(next_change).map_or(whole, |change| change.at.min(whole));
        }
        lines
    }

    /// Bars beyond this number have no bar lines: a broken file can claim billions.
    pub const MOST_BARS: usize = 100_000;
}
