//! Reads the events of one chunk into its parts and into what belongs to the whole piece.

use std::fmt;

use super::MidiError;
use super::chunks::Body;
use super::event::{self, Event, Fault, Step};
use super::faults::Faults;
use super::keys::HeldKeys;
use super::part::Part;
use super::text::RawText;
use crate::{Channel, Control, Data, Key, Meter, Tempo, Ticks, Timed};

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
pub(super) enum Flow {
    /// With the event that begins at this byte.
    On(usize),
    /// Not at all: the track ends at this byte.
    End(usize),
}

/// Reads one chunk.
pub(super) struct ChunkReader<'r, 'a> {
    /// The file up to where the chunk's events may reach.
    pub(super) bytes: &'a [u8],
    track: usize,
    pub(super) globals: &'r mut Globals<'a>,
    faults: &'r mut Faults,
    pub(super) chunk: Chunk<'a>,
    /// The part of each channel, where it has one.
    slots: [Option<usize>; 16],
    held: Vec<HeldKeys>,
    pub(super) running: u8,
    /// Whether a meta event or system message stood since the last channel message.
    interrupted: bool,
    /// The channel that following texts belong to.
    pub(super) prefix: Option<Channel>,
    pub(super) port: Option<Data>,
    /// The beginning of a system message that is not complete.
    pub(super) open_message: Option<Vec<u8>>,
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
            at = self.quick_messages(at)?;
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

    /// Reads channel messages for as long as they are simple: where the first other event begins.
    fn quick_messages(&mut self, mut at: usize) -> Result<usize, MidiError> {
        if self.interrupted {
            return Ok(at);
        }
        while let Some(quick) = event::quick(self.bytes, at, self.running) {
            self.advance(at, quick.delta)?;
            self.running = quick.message[0];
            self.channel_message(at, quick.message)?;
            at = quick.next;
        }
        Ok(at)
    }

    pub(super) fn fault(&mut self, at: usize, message: fmt::Arguments<'_>) -> Result<(), MidiError> {
        self.faults.add(at, Some(self.track), message)
    }

    /// Takes a good event.
    #[inline]
    pub(super) fn step(&mut self, at: usize, step: Step<'a>) -> Result<Flow, MidiError> {
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
    pub(super) fn advance(&mut self, at: usize, delta: u32) -> Result<(), MidiError> {
        let now = self.chunk.end.0.checked_add(delta);
        self.chunk.end = Ticks(now.unwrap_or(u32::MAX));
        if now.is_none() {
            self.fault(at, format_args!("time runs past the last tick that can be told, {}", u32::MAX))?;
        }
        Ok(())
    }

    #[inline]
    pub(super) fn channel_message(&mut self, at: usize, message: [u8; 3]) -> Result<(), MidiError> {
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
    pub(super) fn slot(&mut self, channel: Channel) -> usize {
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
            part.push_control(self.chunk.end, Control::Port(port));
        }
        self.chunk.parts.push(part);
        self.held.push(HeldKeys::new());
        if let Some(entry) = self.slots.get_mut(usize::from(channel.get())) {
            *entry = Some(slot);
        }
        slot
    }

    /// Ends what is still open at the end of the chunk.
    fn close(&mut self, at: usize) -> Result<(), MidiError> {
        self.close_message(at)?;
        let mut count = 0;
        for (part, held) in self.chunk.parts.iter_mut().zip(&mut self.held) {
            count += held.release_all(&mut part.notes, self.chunk.end);
            part.finish();
        }
        match count {
            0 => Ok(()),
            1 => self.fault(at, format_args!("1 note is never released and ends with the track")),
            _ => self.fault(at, format_args!("{count} notes are never released and end with the track")),
        }
    }
}
