//! Whole scores as few bytes: what a corpus file keeps of a piece, in the source's own resolution.

use std::io::{Read as _, Write as _};

use cantus_score::{
    Bend, Channel, Control, Data, Key, Meter, Mode, Note, Pitch, Resolution, Score, Tempo, Text, TextKind,
    Ticks, Timed, Track, Velocity,
};
use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;

use super::bytes::{In, Out};

/// Packed bytes are believed to unpack to so many times their number, and no more.
const MOST_RATIO: u64 = 1100;

const KINDS: [TextKind; 6] = [
    TextKind::Text,
    TextKind::Copyright,
    TextKind::Lyric,
    TextKind::Marker,
    TextKind::Cue,
    TextKind::Instrument,
];

/// Packs a score. Equal scores give equal bytes.
pub(super) fn pack(score: &Score) -> Vec<u8> {
    let mut out = Out::default();
    out.number(score.resolution.ticks_per_quarter().into());
    out.bytes(score.title.as_bytes());
    timed(&mut out, &score.tempos, |out, tempo| out.number(tempo.micros_per_quarter().into()));
    timed(&mut out, &score.meters, |out, meter| out.0.extend([meter.beats(), meter.unit()]));
    timed(&mut out, &score.keys, |out, key| {
        out.0.extend([key.fifths() as u8, u8::from(key.mode() == Mode::Minor)]);
    });
    timed(&mut out, &score.texts, text);
    out.list(&score.tracks, track);
    deflate(&out.0)
}

/// Unpacks a score, unless the bytes are not those of one.
pub(super) fn unpack(packed: &[u8]) -> Option<Score> {
    let bytes = inflate(packed)?;
    let mut rest = In(&bytes);
    let mut score = Score::new(Resolution::new(rest.small::<u32>()?.into()).ok()?);
    score.title = rest.text()?;
    score.tempos = read_timed(&mut rest, |rest| Tempo::from_micros(rest.small::<u32>()?.into()).ok())?;
    score.meters = read_timed(&mut rest, |rest| {
        let (beats, unit) = (rest.byte()?, rest.byte()?);
        Meter::new(beats.into(), unit.into()).ok()
    })?;
    score.keys = read_timed(&mut rest, |rest| {
        let (fifths, minor) = (rest.byte()? as i8, rest.byte()?);
        Key::new(fifths.into(), if minor == 1 { Mode::Minor } else { Mode::Major }).ok()
    })?;
    score.texts = read_timed(&mut rest, read_text)?;
    score.tracks = rest.list(read_track)?;
    Some(score)
}

/// Compresses bytes; equal ones give equal bytes.
pub(super) fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut packed = DeflateEncoder::new(Vec::new(), Compression::default());
    // Writing into memory does not fail.
    let _ = packed.write_all(bytes);
    packed.finish().unwrap_or_default()
}

/// What [`deflate`] compressed.
pub(super) fn inflate(packed: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let most = (packed.len() as u64).saturating_mul(MOST_RATIO).saturating_add(64);
    DeflateDecoder::new(packed).take(most).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

/// Events in order, each by the time since the one before.
fn timed<T>(out: &mut Out, events: &[Timed<T>], mut one: impl FnMut(&mut Out, &T)) {
    let mut before = 0;
    out.list(events, |out, event| {
        out.signed(i64::from(event.at.0) - before);
        before = event.at.0.into();
        one(out, &event.value);
    });
}

fn read_timed<T>(rest: &mut In<'_>, mut one: impl FnMut(&mut In<'_>) -> Option<T>) -> Option<Vec<Timed<T>>> {
    let mut at = 0_i64;
    rest.list(|rest| {
        at = at.checked_add(rest.signed()?)?;
        Some(Timed::new(Ticks(at.try_into().ok()?), one(rest)?))
    })
}

fn text(out: &mut Out, text: &Text) {
    let kind = KINDS.iter().position(|kind| *kind == text.kind).unwrap_or(0);
    out.byte(kind as u8);
    out.bytes(text.text.as_bytes());
}

fn read_text(rest: &mut In<'_>) -> Option<Text> {
    Some(Text { kind: *KINDS.get(usize::from(rest.byte()?))?, text: rest.text()? })
}

fn track(out: &mut Out, track: &Track) {
    out.bytes(track.name.as_bytes());
    out.byte(track.channel.get());
    // Column by column, for like packs well beside like.
    let mut before = 0;
    out.list(&track.notes, |out, note| {
        out.signed(i64::from(note.start.0) - before);
        before = note.start.0.into();
    });
    for note in &track.notes {
        out.number(note.length.0.into());
    }
    out.0.extend(track.notes.iter().map(|note| note.pitch.get()));
    out.0.extend(track.notes.iter().map(|note| note.velocity.map_or(0, Velocity::get)));
    out.0.extend(track.notes.iter().map(|note| note.release.map_or(0, |release| release.get() + 1)));
    timed(out, &track.controls, control);
    timed(out, &track.texts, text);
}

fn read_track(rest: &mut In<'_>) -> Option<Track> {
    let (name, channel) = (rest.text()?, Channel::new(rest.byte()?.into()).ok()?);
    let mut at = 0_i64;
    let starts = rest.list(|rest| {
        at = at.checked_add(rest.signed()?)?;
        u32::try_from(at).ok()
    })?;
    let mut notes: Vec<Note> = starts
        .into_iter()
        .map(|start| Some(Note::new(Ticks(start), Ticks(rest.small()?), Pitch::C4)))
        .collect::<Option<_>>()?;
    for note in &mut notes {
        note.pitch = Pitch::new(rest.byte()?.into()).ok()?;
    }
    for note in &mut notes {
        note.velocity = match rest.byte()? {
            0 => None,
            velocity => Some(Velocity::new(velocity.into()).ok()?),
        };
    }
    for note in &mut notes {
        note.release = match rest.byte()? {
            0 => None,
            more => Some(Data::new(i64::from(more) - 1).ok()?),
        };
    }
    let controls = read_timed(rest, read_control)?;
    Some(Track { name, channel, notes, controls, texts: read_timed(rest, read_text)? })
}

fn control(out: &mut Out, control: &Control) {
    match control {
        Control::Program(program) => out.0.extend([0, program.get()]),
        Control::Controller(number, value) => out.0.extend([1, number.get(), value.get()]),
        Control::Bend(bend) => {
            out.byte(2);
            out.signed(bend.get().into());
        }
        Control::Pressure(value) => out.0.extend([3, value.get()]),
        Control::KeyPressure(pitch, value) => out.0.extend([4, pitch.get(), value.get()]),
        Control::SysEx(bytes) => {
            out.byte(5);
            out.bytes(bytes);
        }
        Control::Raw(bytes) => {
            out.byte(6);
            out.bytes(bytes);
        }
        Control::Port(port) => out.0.extend([7, port.get()]),
    }
}

fn read_control(rest: &mut In<'_>) -> Option<Control> {
    let kind = rest.byte()?;
    let data = |rest: &mut In<'_>| Data::new(rest.byte()?.into()).ok();
    Some(match kind {
        0 => Control::Program(cantus_score::Program::new(rest.byte()?.into()).ok()?),
        1 => Control::Controller(data(rest)?, data(rest)?),
        2 => Control::Bend(Bend::new(rest.signed()?).ok()?),
        3 => Control::Pressure(data(rest)?),
        4 => Control::KeyPressure(Pitch::new(rest.byte()?.into()).ok()?, data(rest)?),
        5 => Control::SysEx(rest.bytes()?.to_vec()),
        6 => Control::Raw(rest.bytes()?.to_vec()),
        7 => Control::Port(data(rest)?),
        _ => return None,
    })
}
