//! Where header and chunks lie in a file, whatever their length fields say.

use std::ops::Range;

use super::MidiError;
use super::faults::Faults;

/// What the header says; nothing where the header is cut off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) format: Option<u16>,
    pub(super) tracks: Option<u16>,
    pub(super) division: Option<u16>,
    /// Where its fields begin.
    pub(super) at: usize,
}

/// The first bytes of files that are known not to be MIDI.
const OTHER_FORMATS: [(usize, &[u8], &str); 14] = [
    (0, b"SMF2CLIP", "a MIDI 2.0 clip file, which Cantus does not read"),
    (8, b"WAVE", "a WAV sound file"),
    (8, b"AIFF", "an AIFF sound file"),
    (8, b"AIFC", "an AIFF sound file"),
    (0, b"OggS", "an Ogg sound file"),
    (0, b"fLaC", "a FLAC sound file"),
    (0, b"ID3", "an MP3 sound file"),
    (0, b"PK\x03\x04", "a zip archive, perhaps compressed MusicXML"),
    (0, b"<?xml", "an XML file, perhaps MusicXML"),
    (0, b"\xEF\xBB\xBF<?xml", "an XML file, perhaps MusicXML"),
    (0, b"%abc", "a tune in ABC notation"),
    (0, b"X:", "a tune in ABC notation"),
    (0, b"**kern", "a score in Humdrum notation"),
    (0, b"!!!", "a score in Humdrum notation"),
];

fn be16(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().map(|&pair| u16::from_be_bytes(pair))
}

fn be32(bytes: &[u8], at: usize) -> Option<usize> {
    bytes.get(at..)?.first_chunk().map(|&four| u32::from_be_bytes(four) as usize)
}

fn le32(bytes: &[u8], at: usize) -> Option<usize> {
    bytes.get(at..)?.first_chunk().map(|&four| u32::from_le_bytes(four) as usize)
}

/// Where four bytes stand, from a place on.
fn find(bytes: &[u8], from: usize, what: [u8; 4]) -> Option<usize> {
    let place = bytes.get(from..)?.windows(4).position(|window| window == what)?;
    Some(from + place)
}

fn is_at(bytes: &[u8], at: usize, what: &[u8]) -> bool {
    bytes.get(at..).is_some_and(|rest| rest.starts_with(what))
}

/// Whether the head of a chunk stands at a place: a MIDI chunk, or four letters with a length that fits.
fn is_chunk(bytes: &[u8], at: usize) -> bool {
    let Some(name) = bytes.get(at..at.saturating_add(4)) else { return false };
    let Some(length) = be32(bytes, at.saturating_add(4)) else { return false };
    if name == b"MTrk" || name == b"MThd" {
        return true;
    }
    let printable = name.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b' ');
    printable && length <= bytes.len() - at - 8
}

/// Whether a track that claims to end here may be believed.
fn is_track_end(bytes: &[u8], start: usize, end: usize) -> bool {
    let ends_track = end >= start + 3 && bytes.get(end - 3..end) == Some(&[0xFF, 0x2F, 0]);
    end == bytes.len() || is_chunk(bytes, end) || ends_track
}

/// The part of a file that is MIDI: all of it, or what an RMID wrapper holds.
pub(super) fn unwrap(bytes: &[u8]) -> Result<Range<usize>, MidiError> {
    if bytes.is_empty() {
        return Err(MidiError::Empty);
    }
    if is_at(bytes, 0, b"RIFF") && is_at(bytes, 8, b"RMID") {
        return Ok(riff_data(bytes).unwrap_or(12..bytes.len()));
    }
    let other = OTHER_FORMATS.iter().find(|(at, magic, _)| is_at(bytes, *at, magic));
    other.map_or(Ok(0..bytes.len()), |(_, _, name)| Err(MidiError::OtherFormat(name)))
}

/// The content of the `data` chunk of a RIFF file.
fn riff_data(bytes: &[u8]) -> Option<Range<usize>> {
    let mut at = 12;
    loop {
        let length = le32(bytes, at + 4)?;
        let end = (at + 8).saturating_add(length);
        if is_at(bytes, at, b"data") {
            return Some(at + 8..end.min(bytes.len()));
        }
        at = end + (length & 1);
    }
}

/// Finds and reads the header: its fields and where the first chunk after it begins.
pub(super) fn header(bytes: &[u8], from: usize, faults: &mut Faults) -> Result<(Header, usize), MidiError> {
    let found = find(bytes, from, *b"MThd");
    let Some(at) = found else { return lost_header(bytes, from, faults) };
    if at > from {
        faults.add(from, None, format_args!("{} bytes before the MIDI header were skipped", at - from))?;
    }
    let fields = at + 8;
    let length = be32(bytes, at + 4).unwrap_or(0);
    let told = fields.saturating_add(length);
    let next = if told <= bytes.len() && (is_chunk(bytes, told) || told == bytes.len()) {
        told
    } else if is_chunk(bytes, fields + 6) {
        fields + 6
    } else {
        find(bytes, at + 4, *b"MTrk").unwrap_or(bytes.len())
    };
    if length != 6 {
        let message = format_args!("a MIDI header has 6 bytes, but this one says {length}");
        faults.add(at, None, message)?;
    }
    let known = bytes.get(..next).unwrap_or(bytes);
    let [format, tracks, division] = [0, 2, 4].map(|offset| be16(known, fields + offset));
    Ok((Header { format, tracks, division, at: fields }, next))
}

/// What can be known where the header's name is damaged: the fields, if they stand before the first track.
fn lost_header(bytes: &[u8], from: usize, faults: &mut Faults) -> Result<(Header, usize), MidiError> {
    let track = find(bytes, from, *b"MTrk").ok_or(MidiError::NotMidi)?;
    faults.add(from, None, format_args!("the MIDI header is missing or damaged"))?;
    let at = track.saturating_sub(6).max(from);
    let is_header = track >= from + 14 && be32(bytes, at - 4) == Some(6);
    let field = |offset| if is_header { be16(bytes, at + offset) } else { None };
    Ok((Header { format: field(0), tracks: field(2), division: field(4), at }, track))
}

/// The body of a track as far as it may be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Body {
    /// Its first byte.
    pub(super) start: usize,
    /// The end that its length field tells.
    told_end: usize,
    /// The end up to which events may stand: the told one where something there speaks for it.
    pub(super) limit: usize,
}

/// Finds the next track at or after a place, skipping what is none.
pub(super) fn next_track(
    bytes: &[u8],
    mut at: usize,
    faults: &mut Faults,
) -> Result<Option<Body>, MidiError> {
    while at < bytes.len() {
        if is_at(bytes, at, b"MTrk") && at + 8 <= bytes.len() {
            return Ok(Some(body(bytes, at)));
        }
        let next = if is_chunk(bytes, at) {
            let name = String::from_utf8_lossy(bytes.get(at..at + 4).unwrap_or_default());
            faults.add(at, None, format_args!("a chunk of unknown kind ({name}) was skipped"))?;
            let told = (at + 8).saturating_add(be32(bytes, at + 4).unwrap_or(0));
            if told <= bytes.len() { told } else { find(bytes, at + 4, *b"MTrk").unwrap_or(bytes.len()) }
        } else {
            let next = find(bytes, at, *b"MTrk").filter(|&next| next > at).unwrap_or(bytes.len());
            faults.add(at, None, format_args!("{} bytes that belong to no chunk were skipped", next - at))?;
            next
        };
        at = next;
    }
    Ok(None)
}

fn body(bytes: &[u8], at: usize) -> Body {
    let start = at + 8;
    let told_end = start.saturating_add(be32(bytes, at + 4).unwrap_or(0));
    let believed = told_end <= bytes.len() && is_track_end(bytes, start, told_end);
    let limit = if believed { told_end } else { find(bytes, start, *b"MTrk").unwrap_or(bytes.len()) };
    Body { start, told_end, limit }
}

impl Body {
    /// Where to look for the next chunk, given where the events ended; warns where the length field was wrong.
    pub(super) fn after(
        &self,
        bytes: &[u8],
        stop: usize,
        track: usize,
        faults: &mut Faults,
    ) -> Result<usize, MidiError> {
        if stop == self.told_end {
            return Ok(stop);
        }
        let (told, real) = (self.told_end - self.start, stop - self.start);
        let message = format_args!("the track says that it has {told} bytes, but its events take {real}");
        faults.add(self.start - 4, Some(track), message)?;
        let next_is_here =
            is_at(bytes, stop, b"MTrk") || (self.limit != self.told_end && is_chunk(bytes, stop));
        Ok(if next_is_here { stop } else { self.limit })
    }
}
