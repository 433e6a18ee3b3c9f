//! Pieces on the grid as bytes: some five a note, with a checksum.

use cantus_score::{Key, Meter, Mode, Pitch, Tempo};

use crate::corpus::checksum;
use crate::encoding::{Length, MeterSpan, Part, Slice, SliceNote, Sliced};

/// In place of a velocity that is not known.
const NO_LEVEL: u8 = u8::MAX;

/// The bytes of a piece.
pub(super) fn write(piece: &Sliced) -> Vec<u8> {
    let mut out = Vec::with_capacity(64 + 12 * piece.slices.len());
    text(&mut out, &piece.title);
    number(&mut out, piece.tempo.map_or(0, Tempo::micros_per_quarter));
    out.extend(piece.key.map_or([0; 3], |key| [1, key.fifths() as u8, u8::from(key.mode() == Mode::Minor)]));
    out.push(piece.parts.len() as u8);
    for part in &piece.parts {
        text(&mut out, &part.name);
        out.extend([part.program, u8::from(part.drums), u8::from(part.monophonic)]);
    }
    number(&mut out, piece.pickup);
    number(&mut out, piece.meters.len() as u32);
    for span in &piece.meters {
        number(&mut out, span.from);
        out.extend([span.meter.beats(), span.meter.unit()]);
    }
    number(&mut out, piece.slices.len() as u32);
    for slice in &piece.slices {
        number(&mut out, slice.at);
        number(&mut out, slice.notes.len() as u32);
        for note in &slice.notes {
            out.extend([note.part, note.pitch.get(), note.level.unwrap_or(NO_LEVEL)]);
            out.extend((note.length.steps() as u16).to_le_bytes());
        }
    }
    let sum = checksum(&out);
    out.extend(sum.to_le_bytes());
    out
}

/// The piece of some bytes, unless they are not those that were written.
pub(super) fn read(bytes: &[u8]) -> Option<Sliced> {
    let (content, sum) = bytes.split_last_chunk()?;
    if checksum(content) != u64::from_le_bytes(*sum) {
        return None;
    }
    let mut rest = Bytes(content);
    let title = rest.text()?;
    let tempo = rest.number()?;
    let [has_key, fifths, minor] = rest.take()?;
    let mode = if minor == 1 { Mode::Minor } else { Mode::Major };
    let [parts] = rest.take()?;
    Some(Sliced {
        title,
        tempo: Tempo::from_micros(i64::from(tempo)).ok().filter(|_| tempo > 0),
        key: Key::new(i64::from(fifths as i8), mode).ok().filter(|_| has_key == 1),
        parts: (0..parts).map(|_| rest.part()).collect::<Option<_>>()?,
        pickup: rest.number()?,
        meters: rest.list(Bytes::meter)?,
        slices: rest.list(Bytes::slice)?,
    })
}

fn text(out: &mut Vec<u8>, text: &str) {
    number(out, text.len() as u32);
    out.extend(text.as_bytes());
}

fn number(out: &mut Vec<u8>, number: u32) {
    out.extend(number.to_le_bytes());
}

/// The bytes that are still to be read.
struct Bytes<'a>(&'a [u8]);

impl Bytes<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*taken)
    }

    fn number(&mut self) -> Option<u32> {
        self.take().map(u32::from_le_bytes)
    }

    fn text(&mut self) -> Option<String> {
        let length = self.number()? as usize;
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        String::from_utf8(taken.to_vec()).ok()
    }

    fn list<T>(&mut self, mut one: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let count = self.number()?;
        (0..count).map(|_| one(self)).collect()
    }

    fn part(&mut self) -> Option<Part> {
        let name = self.text()?;
        let [program, drums, monophonic] = self.take()?;
        Some(Part { name, program, drums: drums == 1, monophonic: monophonic == 1 })
    }

    fn meter(&mut self) -> Option<MeterSpan> {
        let from = self.number()?;
        let [beats, unit] = self.take()?;
        Some(MeterSpan { from, meter: Meter::new(beats.into(), unit.into()).ok()? })
    }

    fn slice(&mut self) -> Option<Slice> {
        Some(Slice { at: self.number()?, notes: self.list(Self::note)? })
    }

    fn note(&mut self) -> Option<SliceNote> {
        let [part, pitch, level] = self.take()?;
        let length = u16::from_le_bytes(self.take()?);
        Some(SliceNote {
            part,
            pitch: Pitch::new(pitch.into()).ok()?,
            length: Length::saturating(length.into()),
            level: Some(level).filter(|&level| level != NO_LEVEL),
        })
    }
}
