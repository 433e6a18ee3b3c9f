//! One event from the bytes of a track: a delta time and a message.

/// What an event says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Event<'a> {
    /// A message to a channel; the second byte is 0 where the message has one.
    Channel { status: u8, first: u8, second: u8 },
    /// A meta event (FF): its kind and content.
    Meta { kind: u8, data: &'a [u8] },
    /// A system exclusive packet (F0), complete or not.
    SysEx(&'a [u8]),
    /// A continuation or escape packet (F7).
    Escape(&'a [u8]),
}

/// An event with what stands before and after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Step<'a> {
    /// Ticks since the event before.
    pub(super) delta: u32,
    pub(super) event: Event<'a>,
    /// Whether the event relies on the status of the one before.
    pub(super) running: bool,
    /// Where the next event begins.
    pub(super) next: usize,
}

/// Why no event can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault<'a> {
    /// A delta time longer than the four bytes allowed; its value and where its message begins, where it ends.
    LongTime(u32, usize),
    /// A data byte where a status must be.
    NoStatus,
    /// A channel message whose data have the highest bit set; the step as if they might.
    HighData(Step<'a>),
    /// A message that only a live connection may carry; its delta time, status and end.
    Live(u32, u8, usize),
    /// The track ends within the event.
    CutOff,
}

/// The end-of-track event.
pub(super) const END_OF_TRACK: u8 = 0x2F;

/// How many data bytes follow the status of a channel message.
pub(super) const fn data_bytes(status: u8) -> usize {
    if matches!(status & 0xF0, 0xC0 | 0xD0) { 1 } else { 2 }
}

/// Reads a variable-length number: its value and where it ends.
/// A fifth byte or more is a fault that still tells the value, held below the largest.
#[inline]
fn number<'a>(bytes: &[u8], at: usize) -> Result<(u32, usize), Fault<'a>> {
    let mut value: u32 = 0;
    for (index, &byte) in bytes.get(at..).unwrap_or_default().iter().enumerate().take(8) {
        let next = if value >> 25 == 0 { value << 7 } else { !0x7F };
        value = next | u32::from(byte & 0x7F);
        if byte < 0x80 {
            let end = at + index + 1;
            return if index < 4 { Ok((value, end)) } else { Err(Fault::LongTime(value, end)) };
        }
    }
    Err(Fault::CutOff)
}

/// Reads a length and as many bytes: those bytes and where they end.
fn packet(bytes: &[u8], at: usize) -> Result<(&[u8], usize), Fault<'_>> {
    let (length, start) = number(bytes, at).map_err(|_| Fault::CutOff)?;
    let end = start.saturating_add(length as usize);
    bytes.get(start..end).map(|data| (data, end)).ok_or(Fault::CutOff)
}

/// Reads the event at a byte. `running` is the last channel status, or 0 where there was none.
#[inline]
pub(super) fn scan(bytes: &[u8], at: usize, running: u8) -> Result<Step<'_>, Fault<'_>> {
    let (delta, at) = number(bytes, at)?;
    message(bytes, at, running, delta)
}

/// Reads the message at a byte, its delta time known.
#[inline]
pub(super) fn message(bytes: &[u8], at: usize, running: u8, delta: u32) -> Result<Step<'_>, Fault<'_>> {
    let &head = bytes.get(at).ok_or(Fault::CutOff)?;
    if head < 0x80 {
        if running == 0 {
            return Err(Fault::NoStatus);
        }
        return channel(bytes, at, running, delta)
            .map(|step| Step { running: true, ..step })
            .map_err(as_running);
    }
    if head < 0xF0 {
        return channel(bytes, at + 1, head, delta);
    }
    system(bytes, at, head, delta)
}

/// Marks a faulty step as one that relied on the status before.
fn as_running(fault: Fault<'_>) -> Fault<'_> {
    match fault {
        Fault::HighData(step) => Fault::HighData(Step { running: true, ..step }),
        other => other,
    }
}

#[inline]
fn channel(bytes: &[u8], at: usize, status: u8, delta: u32) -> Result<Step<'_>, Fault<'_>> {
    let count = data_bytes(status);
    let &first = bytes.get(at).ok_or(Fault::CutOff)?;
    let second = if count == 2 { *bytes.get(at + 1).ok_or(Fault::CutOff)? } else { 0 };
    let event = Event::Channel { status, first, second };
    let step = Step { delta, event, running: false, next: at + count };
    if (first | second) < 0x80 { Ok(step) } else { Err(Fault::HighData(step)) }
}

fn system(bytes: &[u8], at: usize, head: u8, delta: u32) -> Result<Step<'_>, Fault<'_>> {
    let (event, next) = match head {
        0xFF => {
            let &kind = bytes.get(at + 1).ok_or(Fault::CutOff)?;
            let (data, next) = packet(bytes, at + 2)?;
            (Event::Meta { kind, data }, next)
        }
        0xF0 => packet(bytes, at + 1).map(|(data, next)| (Event::SysEx(data), next))?,
        0xF7 => packet(bytes, at + 1).map(|(data, next)| (Event::Escape(data), next))?,
        0xF2 => return Err(Fault::Live(delta, head, at + 3)),
        0xF1 | 0xF3 => return Err(Fault::Live(delta, head, at + 2)),
        _ => return Err(Fault::Live(delta, head, at + 1)),
    };
    Ok(Step { delta, event, running: false, next })
}

/// How many good events in a row are taken for music; fewer let noise pass, more let one fault hide another.
const GOOD_EVENTS: usize = 4;

/// A channel message that is good beyond doubt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Quick {
    pub(super) delta: u32,
    /// Status and data; the last is 0 where the message has one data byte.
    pub(super) message: [u8; 3],
    pub(super) next: usize,
}

/// Reads what most events are: a good channel message after a delta time of at most three bytes, not in the
/// last seven bytes of the track. Everything else is left to [`scan`], which agrees where this answers.
#[inline]
pub(super) fn quick(bytes: &[u8], at: usize, running: u8) -> Option<Quick> {
    let window: &[u8; 7] = bytes.get(at..)?.first_chunk()?;
    let (delta, length) = match *window {
        [a @ ..0x80, ..] => (u32::from(a), 1),
        [a, b @ ..0x80, ..] => (u32::from(a & 0x7F) << 7 | u32::from(b), 2),
        [a, b, c @ ..0x80, ..] => (u32::from(a & 0x7F) << 14 | u32::from(b & 0x7F) << 7 | u32::from(c), 3),
        _ => return None,
    };
    let head = window[length];
    let (status, first) = if head < 0x80 { (running, length) } else { (head, length + 1) };
    let count = data_bytes(status);
    let data = [window[first], if count == 2 { window[first + 1] } else { 0 }];
    let good = (0x80..0xF0).contains(&status) && (data[0] | data[1]) < 0x80;
    good.then_some(Quick { delta, message: [status, data[0], data[1]], next: at + first + count })
}

/// Whether the bytes from here on look like events: several good ones, or good ones up to the end of the track.
pub(super) fn plausible(bytes: &[u8], at: usize, running: u8) -> bool {
    let mut at = at;
    let mut running = running;
    for _ in 0..GOOD_EVENTS {
        if at == bytes.len() {
            return true;
        }
        let Ok(step) = scan(bytes, at, running) else { return false };
        match step.event {
            Event::Meta { kind: END_OF_TRACK, data } => return data.is_empty(),
            Event::Meta { kind, data } if !meta_fits(kind, data.len()) => return false,
            Event::Channel { status, .. } => running = status,
            _ => {}
        }
        at = step.next;
    }
    true
}

/// Whether a meta event of this kind may have so many bytes.
pub(super) fn meta_fits(kind: u8, length: usize) -> bool {
    kind < 0x80 && meta_length(kind).is_none_or(|expected| expected == length)
}

/// The length of the meta events that have a fixed one.
pub(super) const fn meta_length(kind: u8) -> Option<usize> {
    match kind {
        0x20 | 0x21 => Some(1),
        END_OF_TRACK => Some(0),
        0x51 => Some(3),
        0x54 => Some(5),
        0x58 => Some(4),
        0x59 => Some(2),
        _ => None,
    }
}

/// The first place from here on where an event with a status of its own begins and more events follow.
pub(super) fn resynchronise(bytes: &[u8], from: usize) -> Option<usize> {
    (from..bytes.len()).find(|&at| {
        // Without a running status, a plausible event begins with a status of its own.
        at + 1 < bytes.len() && plausible(bytes, at, 0)
    })
}
