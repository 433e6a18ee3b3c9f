//! Reads the events of one chunk into its parts and into what belongs to the whole piece.

use std::fmt;

use super::MidiError;
use super::chunks::Body;
use super::event::{self, Event, Fault, Step};
use super::faults::Faults;
use super::keys::HeldKeys;
use super::part::Part;
use super::text::RawText;
use crate::{Channel, Control, Data, Key, Meter, Mode, Tempo, TextKind, Ticks, Timed};

/// What belongs to the whole piece, gathered from all chunks.
#[derive(Default)]
pub(super) struct Globals<'a> {
    pub(super) tempos: Vec<Timed<Tempo>>,
    pub(super) meters: Vec<Timed<Meter>>,
    pub(super) keys: Vec<Timed<Key>>,
    pub(super) texts: Vec<RawText<'a>>,
    /// Whether time is SMPTE time, so that tempos mean nothing.
    pub(super) fixed_tempo: bool,
}

/// What one chunk holds.
pub(super) struct Chunk<'a> {
    /// Its channels, in the order in which they appear.
    pub(super) parts: Vec<Part<'a>>,
    /// Whether there is any channel message.
    pub(super) plays: bool,
    pub(super) name: &'a [u8],
    /// Texts that name no channel.
    pub(super) texts: Vec<RawText<'a>>,
    /// System messages that came before any channel appeared.
    pub(super) loose: Vec<Timed<Control>>,
    /// When it ends.
    pub(super) end: Ticks,
}

/// How reading goes on after an event.
enum Flow {
    /// With the event that begins at this byte.
    On(usize),
    /// Not at all: the track ends at this byte.
    End(usize),
}

/// Reads one chunk.
pub(super) struct ChunkReader<'r, 'a> {
    /// The file up to where the chunk's events may reach.
    bytes: &'a [u8],
    track: usize,
    globals: &'r mut Globals<'a>,
    faults: &'r mut Faults,
    chunk: Chunk<'a>,
    /// The part of each channel, where it has one.
    slots: [Option<usize>; 16],
    held: Vec<HeldKeys>,
    running: u8,
    /// Whether a meta event or system message stood since the last channel message.
    interrupted: bool,
    /// The channel that following texts belong to.
    prefix: Option<Channel>,
    port: Option<Data>,
    /// The beginning of a system message that is not complete.
    open_message: Option<Vec<u8>>,
}

impl<'r, 'a> ChunkReader<'r, 'a> {
    /// Prepares to read a chunk that begins at a time.
    pub(super) fn new(
        bytes: &'a [u8],
        (track, start): (usize, Ticks),
        globals: &'r mut Globals<'a>,
        faults: &'r mut Faults,
    ) -> Self {
        let chunk = Chunk {
            parts: Vec::new(),
            plays: false,
            name: b"",
            texts: Vec::new(),
            loose: Vec::new(),
            end: start,
        };
        Self {
            bytes,
            track,
            globals,
            faults,
            chunk,
            slots: [None; 16],
            held: Vec::new(),
            running: 0,
            interrupted: false,
            prefix: None,
            port: None,
            open_message: None,
        }
    }

    /// Reads all events: what they hold, and where they end.
    pub(super) fn read(mut self, body: Body) -> Result<(Chunk<'a>, usize), MidiError> {
        self.bytes = self.bytes.get(..body.limit).unwrap_or(self.bytes);
        let mut at = body.start;
        let stop = loop {
            let flow = match event::scan(self.bytes, at, self.running) {
                Ok(step) => self.step(at, step)?,
                Err(_) if at >= self.bytes.len() => {
                    self.fault(at, format_args!("the track has no end-of-track event"))?;
                    Flow::End(self.bytes.len())
                }
                Err(fault) => self.recover(at, fault)?,
            };
            match flow {
                Flow::On(next) => at = next,
                Flow::End(stop) => break stop,
            }
        };
        self.close(stop)?;
        Ok((self.chunk, stop))
    }

    fn fault(&mut self, at: usize, message: fmt::Arguments<'_>) -> Result<(), MidiError> {
        self.faults.add(at, Some(self.track), message)
    }

    /// Takes a good event.
    #[inline]
    fn step(&mut self, at: usize, step: Step<'a>) -> Result<Flow, MidiError> {
        match step.event {
            Event::Channel { status, first, second } => {
                if step.running && self.interrupted && !self.goes_on_running(at, step)? {
                    return self.recover(at, Fault::NoStatus);
                }
                self.advance(at, step.delta)?;
                self.running = status;
                self.interrupted = false;
                self.channel_message(at, [status, first, second])?;
                Ok(Flow::On(step.next))
            }
            Event::Meta { kind, data } => {
                self.advance(at, step.delta)?;
                self.interrupted = true;
                self.meta(at, step.next, (kind, data))
            }
            Event::SysEx(data) | Event::Escape(data) => {
                self.advance(at, step.delta)?;
                self.interrupted = true;
                self.system_message(at, matches!(step.event, Event::SysEx(_)), data)?;
                Ok(Flow::On(step.next))
            }
        }
    }

    /// Decides by what follows whether a data byte after a meta event or system message goes on with the
    /// status before it, as some programs write against the standard.
    fn goes_on_running(&mut self, at: usize, step: Step<'a>) -> Result<bool, MidiError> {
        let goes_on = event::plausible(self.bytes, step.next, self.running);
        if goes_on {
            self.fault(at, format_args!("running status goes on across a meta event or system message"))?;
        }
        Ok(goes_on)
    }

    #[inline]
    fn advance(&mut self, at: usize, delta: u32) -> Result<(), MidiError> {
        let now = self.chunk.end.0.checked_add(delta);
        self.chunk.end = Ticks(now.unwrap_or(u32::MAX));
        if now.is_none() {
            self.fault(at, format_args!("time runs past the last tick that can be told, {}", u32::MAX))?;
        }
        Ok(())
    }

    /// Forgives an event that cannot be read.
    fn recover(&mut self, at: usize, fault: Fault<'a>) -> Result<Flow, MidiError> {
        match fault {
            Fault::LongTime(delta, message) => {
                if let Ok(step) = event::message(self.bytes, message, self.running, delta)
                    && event::plausible(self.bytes, step.next, self.running)
                {
                    self.fault(at, format_args!("a delta time has more than four bytes"))?;
                    return self.step(at, step);
                }
                self.resynchronise(at, "a delta time is too long")
            }
            Fault::Live(delta, status, next) if event::plausible(self.bytes, next, self.running) => {
                self.advance(at, delta)?;
                let message = format_args!("a message for live connections ({status:02X}) was skipped");
                self.fault(at, message)?;
                Ok(Flow::On(next))
            }
            Fault::HighData(step) if event::plausible(self.bytes, step.next, self.running) => {
                self.high_data(at, step)
            }
            Fault::Live(..) => self.resynchronise(at, "a message for live connections stands in the track"),
            Fault::HighData(_) => self.resynchronise(at, "a channel message is incomplete"),
            Fault::NoStatus => self.resynchronise(at, "an event has no status"),
            Fault::CutOff => self.resynchronise(at, "an event reaches past the end of the track"),
        }
    }

    /// Goes on at the next place where events make sense.
    fn resynchronise(&mut self, at: usize, why: &str) -> Result<Flow, MidiError> {
        let next = event::resynchronise(self.bytes, at + 1).unwrap_or(self.bytes.len());
        self.fault(at, format_args!("{why}: {} bytes were skipped", next - at))?;
        self.running = 0;
        Ok(Flow::On(next))
    }

    /// Takes a message whose value is too large as the largest; drops one whose key or number is.
    fn high_data(&mut self, at: usize, step: Step<'a>) -> Result<Flow, MidiError> {
        self.advance(at, step.delta)?;
        let Event::Channel { status, first, second } = step.event else {
            return Ok(Flow::On(step.next));
        };
        self.running = status;
        if first < 0x80 {
            self.fault(at, format_args!("a value of {second} was taken as 127"))?;
            self.channel_message(at, [status, first, 127])?;
        } else {
            self.fault(at, format_args!("a message with the impossible number {first} was skipped"))?;
        }
        Ok(Flow::On(step.next))
    }

    #[inline]
    fn channel_message(&mut self, at: usize, message: [u8; 3]) -> Result<(), MidiError> {
        self.chunk.plays = true;
        self.prefix = None;
        let slot = self.slot(Channel::saturating(i64::from(message[0] & 0x0F)));
        let now = self.chunk.end;
        let (Some(part), Some(held)) = (self.chunk.parts.get_mut(slot), self.held.get_mut(slot)) else {
            return Ok(());
        };
        if part.message(held, now, message) {
            return Ok(());
        }
        self.fault(at, format_args!("a note ends that has not begun (key {})", message[1]))
    }

    /// The place of a channel's part, which is made where there is none yet.
    #[inline]
    fn slot(&mut self, channel: Channel) -> usize {
        match self.slots.get(usize::from(channel.get())) {
            Some(&Some(slot)) => slot,
            _ => self.new_part(channel),
        }
    }

    fn new_part(&mut self, channel: Channel) -> usize {
        let slot = self.chunk.parts.len();
        let mut part = Part::new(channel);
        if slot == 0 {
            part.controls = std::mem::take(&mut self.chunk.loose);
        } else if let Some(port) = self.port {
            part.controls.push(Timed::new(self.chunk.end, Control::Port(port)));
        }
        self.chunk.parts.push(part);
        self.held.push(HeldKeys::new());
        if let Some(entry) = self.slots.get_mut(usize::from(channel.get())) {
            *entry = Some(slot);
        }
        slot
    }

    /// Takes a meta event, after which the next event begins at `next`.
    fn meta(&mut self, at: usize, next: usize, (kind, data): (u8, &'a [u8])) -> Result<Flow, MidiError> {
        if let Some(expected) = event::meta_length(kind).filter(|&expected| expected != data.len()) {
            return self.misfit(at, next, (kind, data), expected);
        }
        match kind {
            event::END_OF_TRACK => return Ok(Flow::End(next)),
            0x51 | 0x58 | 0x59 => self.global(at, kind, data)?,
            0x20 | 0x21 => self.prefix(at, kind, data)?,
            0x01..=0x07 => self.text(kind, data),
            _ => {}
        }
        Ok(Flow::On(next))
    }

    /// Forgives a meta event whose length is not the one of its kind.
    fn misfit(
        &mut self,
        at: usize,
        next: usize,
        (kind, data): (u8, &'a [u8]),
        expected: usize,
    ) -> Result<Flow, MidiError> {
        let length = data.len();
        self.fault(
            at,
            format_args!("a meta event {kind:02X} has {expected} bytes, but this one has {length}"),
        )?;
        let told_is_good = event::plausible(self.bytes, next, self.running);
        if kind == event::END_OF_TRACK {
            return Ok(if told_is_good && next < self.bytes.len() {
                Flow::On(next)
            } else {
                Flow::End(next)
            });
        }
        let content = next - length;
        let next_by_kind = content + expected;
        let next = if told_is_good || !event::plausible(self.bytes, next_by_kind, self.running) {
            next
        } else {
            next_by_kind
        };
        match self.bytes.get(content..next_by_kind) {
            Some(data) if next >= next_by_kind => self.meta(at, next, (kind, data)),
            _ => Ok(Flow::On(next)),
        }
    }

    /// Takes a tempo, a metre or a key.
    fn global(&mut self, at: usize, kind: u8, data: &[u8]) -> Result<(), MidiError> {
        let now = self.chunk.end;
        let result = match *data {
            [a, b, c] if self.globals.fixed_tempo => {
                let tempo = u32::from_be_bytes([0, a, b, c]);
                let message = format_args!("a tempo ({tempo}) in a file with SMPTE time was ignored");
                return self.fault(at, message);
            }
            [a, b, c] => Tempo::from_micros(i64::from(u32::from_be_bytes([0, a, b, c])))
                .map(|tempo| self.globals.tempos.push(Timed::new(now, tempo))),
            [beats, power, ..] if kind == 0x58 => Meter::new(i64::from(beats), 1 << power.min(8))
                .map(|meter| self.globals.meters.push(Timed::new(now, meter))),
            [fifths, minor] => {
                let mode = if minor == 1 { Mode::Minor } else { Mode::Major };
                // A mode that is neither major nor minor spoils the signature like too many sharps do.
                let fifths = if minor > 1 { i64::from(minor) } else { i64::from(fifths as i8) };
                Key::new(fifths.max(-8), mode).map(|key| self.globals.keys.push(Timed::new(now, key)))
            }
            _ => Ok(()),
        };
        result.or_else(|error| self.fault(at, format_args!("{error}; it was ignored")))
    }

    /// Takes a channel or a port that what follows belongs to.
    fn prefix(&mut self, at: usize, kind: u8, data: &[u8]) -> Result<(), MidiError> {
        let value = i64::from(data.first().copied().unwrap_or(0));
        if kind == 0x20 {
            match Channel::new(value) {
                Ok(channel) => {
                    self.prefix = Some(channel);
                    self.slot(channel);
                }
                Err(error) => self.fault(at, format_args!("{error}; it was ignored"))?,
            }
            return Ok(());
        }
        match (Data::new(value), self.chunk.parts.len()) {
            (Err(error), _) => self.fault(at, format_args!("{error}; the port was ignored")),
            (Ok(_), 2..) => {
                self.fault(at, format_args!("a change of port amid several channels was ignored"))
            }
            (Ok(port), _) => {
                self.port = Some(port);
                self.system_control(Control::Port(port));
                Ok(())
            }
        }
    }

    /// Takes a text or a name.
    fn text(&mut self, kind: u8, bytes: &'a [u8]) {
        let slot = self.prefix.map(|channel| self.slot(channel));
        let (name, texts) = match slot.and_then(|slot| self.chunk.parts.get_mut(slot)) {
            Some(part) => (&mut part.name, &mut part.texts),
            None => (&mut self.chunk.name, &mut self.chunk.texts),
        };
        let kind = match kind {
            0x02 => TextKind::Copyright,
            0x03 if name.is_empty() || *name == bytes => {
                *name = bytes;
                return;
            }
            0x04 => TextKind::Instrument,
            0x05 => TextKind::Lyric,
            0x06 => TextKind::Marker,
            0x07 => TextKind::Cue,
            // A further name is a text like any other.
            _ => TextKind::Text,
        };
        texts.push(RawText { at: self.chunk.end, kind, bytes });
    }

    /// Takes a packet of a system message (F0 begins one, F7 goes on or stands alone).
    fn system_message(&mut self, at: usize, begins: bool, data: &[u8]) -> Result<(), MidiError> {
        if begins {
            self.close_message(at)?;
        } else if self.open_message.is_none() {
            if !data.is_empty() {
                self.system_control(Control::Raw(data.to_vec()));
            }
            return Ok(());
        }
        let message = self.open_message.get_or_insert_default();
        message.extend_from_slice(data);
        if message.last() == Some(&0xF7) {
            self.finish_message();
        }
        Ok(())
    }

    /// Ends a system message that nothing completes.
    fn close_message(&mut self, at: usize) -> Result<(), MidiError> {
        if let Some(message) = &mut self.open_message {
            message.push(0xF7);
            self.fault(at, format_args!("a system message before this has no end (F7)"))?;
            self.finish_message();
        }
        Ok(())
    }

    fn finish_message(&mut self) {
        if let Some(message) = self.open_message.take() {
            self.system_control(Control::SysEx(message));
        }
    }

    /// Gives a message that names no channel to the first part.
    fn system_control(&mut self, control: Control) {
        let controls = self.chunk.parts.first_mut().map_or(&mut self.chunk.loose, |part| &mut part.controls);
        controls.push(Timed::new(self.chunk.end, control));
    }

    /// Ends what is still open at the end of the chunk.
    fn close(&mut self, at: usize) -> Result<(), MidiError> {
        self.close_message(at)?;
        let mut count = 0;
        for (part, held) in self.chunk.parts.iter_mut().zip(&mut self.held) {
            count += held.release_all(&mut part.notes, self.chunk.end);
            part.finish();
        }
        if count > 0 {
            self.fault(at, format_args!("{count} notes are never released; they end with the track"))?;
        }
        Ok(())
    }
}
