//! Writes a score as a Type 1 file.

use midly::num::{u4, u7, u15, u24, u28};
use midly::{Format, Header, MetaMessage, MidiMessage, PitchBend, Timing, TrackEvent, TrackEventKind};

use super::{MidiError, canonical};
use crate::{Control, Key, Meter, Mode, Note, Score, Text, TextKind, Ticks, Timed, Track};

/// The longest delta time that MIDI can tell.
const LONGEST_DELTA: u32 = 0x0FFF_FFFF;
/// The longest text or message.
const LONGEST_MESSAGE: usize = 0x0FFF_FFFF;
/// One chunk of 65,535 is the conductor's.
const MOST_PARTS: usize = 65_534;

/// Writes a score as a Standard MIDI File of Type 1: first a chunk with title, tempo, metre, key and the
/// texts of the whole piece, then one chunk for each track, also where tracks share a channel.
///
/// The file says what [`canonical`] says. Releases come before other messages of their tick, presses after.
/// A wait that is longer than MIDI can tell is bridged by empty events which readers skip.
/// Fails where there are too many parts, or a text or part is too long for MIDI.
pub fn write(score: &Score) -> Result<Vec<u8>, MidiError> {
    if score.tracks.len() > MOST_PARTS {
        return Err(MidiError::TooManyParts(score.tracks.len()));
    }
    let score = canonical(score);
    let mut chunks = vec![conductor(&score)?];
    for track in &score.tracks {
        chunks.push(part(track)?);
    }
    let ticks = u15::new(score.resolution.ticks_per_quarter() as u16);
    let header = Header::new(Format::Parallel, Timing::Metrical(ticks));
    let mut bytes = Vec::new();
    midly::write_std(&header, &chunks, &mut bytes).map_err(|_| MidiError::PartTooLong)?;
    Ok(bytes)
}

/// What comes first within one tick.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Name,
    Release,
    Text,
    Control,
    Press,
    ReleaseAtOnce,
}

/// Events in any order, each with its tick.
#[derive(Default)]
struct Events<'a>(Vec<(Ticks, Rank, TrackEventKind<'a>)>);

impl<'a> Events<'a> {
    fn push(&mut self, at: Ticks, rank: Rank, kind: TrackEventKind<'a>) {
        self.0.push((at, rank, kind));
    }

    fn push_meta(&mut self, at: Ticks, rank: Rank, message: MetaMessage<'a>) {
        self.push(at, rank, TrackEventKind::Meta(message));
    }

    fn push_name(&mut self, name: &'a str) -> Result<(), MidiError> {
        if !name.is_empty() {
            self.push_meta(Ticks::ZERO, Rank::Name, MetaMessage::TrackName(checked(name.as_bytes())?));
        }
        Ok(())
    }

    fn push_texts(&mut self, texts: &'a [Timed<Text>]) -> Result<(), MidiError> {
        for Timed { at, value } in texts {
            let bytes = checked(value.text.as_bytes())?;
            let message = match value.kind {
                TextKind::Text => MetaMessage::Text(bytes),
                TextKind::Copyright => MetaMessage::Copyright(bytes),
                TextKind::Lyric => MetaMessage::Lyric(bytes),
                TextKind::Marker => MetaMessage::Marker(bytes),
                TextKind::Cue => MetaMessage::CuePoint(bytes),
                TextKind::Instrument => MetaMessage::InstrumentName(bytes),
            };
            self.push_meta(*at, Rank::Text, message);
        }
        Ok(())
    }

    /// The events in the order of time, with delta times and the end of the track.
    fn finish(mut self) -> Vec<TrackEvent<'a>> {
        self.0.sort_by_key(|&(at, rank, _)| (at, rank));
        let mut events = Vec::with_capacity(self.0.len() + 1);
        let mut now = 0;
        for (at, _, kind) in self.0 {
            while at.0 - now > LONGEST_DELTA {
                events.push(event(LONGEST_DELTA, TrackEventKind::Meta(MetaMessage::SequencerSpecific(&[]))));
                now += LONGEST_DELTA;
            }
            events.push(event(at.0 - now, kind));
            now = at.0;
        }
        events.push(event(0, TrackEventKind::Meta(MetaMessage::EndOfTrack)));
        events
    }
}

fn event(delta: u32, kind: TrackEventKind<'_>) -> TrackEvent<'_> {
    TrackEvent { delta: u28::new(delta), kind }
}

fn checked(bytes: &[u8]) -> Result<&[u8], MidiError> {
    if bytes.len() > LONGEST_MESSAGE { Err(MidiError::MessageTooLong(bytes.len())) } else { Ok(bytes) }
}

/// The chunk of what belongs to the whole piece.
fn conductor(score: &Score) -> Result<Vec<TrackEvent<'_>>, MidiError> {
    let mut events = Events::default();
    events.push_name(&score.title)?;
    for tempo in &score.tempos {
        let micros = u24::new(tempo.value.micros_per_quarter());
        events.push_meta(tempo.at, Rank::Control, MetaMessage::Tempo(micros));
    }
    for meter in &score.meters {
        events.push_meta(meter.at, Rank::Control, time_signature(meter.value));
    }
    for key in &score.keys {
        events.push_meta(key.at, Rank::Control, key_signature(key.value));
    }
    events.push_texts(&score.texts)?;
    Ok(events.finish())
}

/// A metre, with a metronome that clicks the felt beats.
fn time_signature(meter: Meter) -> MetaMessage<'static> {
    let clocks_of_unit = 96 / u32::from(meter.unit());
    let compound = meter.unit() >= 8 && meter.beats() > 3 && meter.beats().is_multiple_of(3);
    let clocks = if compound { clocks_of_unit * 3 } else { clocks_of_unit };
    MetaMessage::TimeSignature(meter.beats(), meter.unit().ilog2() as u8, clocks.max(1) as u8, 8)
}

fn key_signature(key: Key) -> MetaMessage<'static> {
    MetaMessage::KeySignature(key.fifths(), key.mode() == Mode::Minor)
}

/// The chunk of one track.
fn part(track: &Track) -> Result<Vec<TrackEvent<'_>>, MidiError> {
    let mut events = Events::default();
    if !plays(track) {
        // Nothing else would tell the channel.
        let channel = u4::new(track.channel.get());
        events.push_meta(Ticks::ZERO, Rank::Name, MetaMessage::MidiChannel(channel));
    }
    events.push_name(&track.name)?;
    events.push_texts(&track.texts)?;
    for control in &track.controls {
        events.push(control.at, Rank::Control, control_event(track, &control.value)?);
    }
    for note in &track.notes {
        push_note(&mut events, track, note);
    }
    Ok(events.finish())
}

/// Whether the track has any message that names its channel.
fn plays(track: &Track) -> bool {
    let names_channel = |control: &Timed<Control>| {
        !matches!(control.value, Control::SysEx(_) | Control::Raw(_) | Control::Port(_))
    };
    !track.notes.is_empty() || track.controls.iter().any(names_channel)
}

fn midi<'a>(track: &Track, message: MidiMessage) -> TrackEventKind<'a> {
    TrackEventKind::Midi { channel: u4::new(track.channel.get()), message }
}

fn push_note(events: &mut Events<'_>, track: &Track, note: &Note) {
    let key = u7::new(note.pitch.get());
    let velocity = note.velocity.unwrap_or(super::DEFAULT_VELOCITY);
    events.push(
        note.start,
        Rank::Press,
        midi(track, MidiMessage::NoteOn { key, vel: u7::new(velocity.get()) }),
    );
    let release = match note.release {
        Some(velocity) => MidiMessage::NoteOff { key, vel: u7::new(velocity.get()) },
        None => MidiMessage::NoteOn { key, vel: u7::new(0) },
    };
    let rank = if note.end() == note.start { Rank::ReleaseAtOnce } else { Rank::Release };
    events.push(note.end(), rank, midi(track, release));
}

fn control_event<'a>(track: &Track, control: &'a Control) -> Result<TrackEventKind<'a>, MidiError> {
    let message = match control {
        Control::Program(program) => MidiMessage::ProgramChange { program: u7::new(program.get()) },
        Control::Controller(number, value) => {
            MidiMessage::Controller { controller: u7::new(number.get()), value: u7::new(value.get()) }
        }
        Control::Bend(bend) => MidiMessage::PitchBend { bend: PitchBend::from_int(bend.get()) },
        Control::Pressure(value) => MidiMessage::ChannelAftertouch { vel: u7::new(value.get()) },
        Control::KeyPressure(key, value) => {
            MidiMessage::Aftertouch { key: u7::new(key.get()), vel: u7::new(value.get()) }
        }
        Control::SysEx(bytes) => return Ok(TrackEventKind::SysEx(checked(bytes)?)),
        Control::Raw(bytes) => return Ok(TrackEventKind::Escape(checked(bytes)?)),
        Control::Port(port) => return Ok(TrackEventKind::Meta(MetaMessage::MidiPort(u7::new(port.get())))),
    };
    Ok(midi(track, message))
}
