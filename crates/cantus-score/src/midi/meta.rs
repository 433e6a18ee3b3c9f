//! What meta events and system messages mean.

use super::MidiError;
use super::event;
use super::text::RawText;
use super::track::{ChunkReader, Flow};
use crate::{Channel, Control, Data, Key, Meter, Mode, Tempo, TextKind, Timed};

impl<'a> ChunkReader<'_, 'a> {
    /// Takes a meta event, after which the next event begins at `next`.
    pub(super) fn meta(
        &mut self,
        at: usize,
        next: usize,
        (kind, data): (u8, &'a [u8]),
    ) -> Result<Flow, MidiError> {
        if let Some(expected) = event::meta_length(kind).filter(|&expected| expected != data.len()) {
            return self.misfit(at, next, (kind, data), expected);
        }
        match kind {
            event::END_OF_TRACK => return Ok(Flow::End(next)),
            0x20 => self.prefix(at, data)?,
            0x21 => self.port(at, data)?,
            0x51 => self.tempo(at, data)?,
            0x58 => self.meter(at, data)?,
            0x59 => self.key(at, data)?,
            0x01..=0x07 => self.text(kind, data),
            _ => {}
        }
        Ok(Flow::On(next))
    }

    fn tempo(&mut self, at: usize, data: &[u8]) -> Result<(), MidiError> {
        let &[high, middle, low] = data else { return Ok(()) };
        let micros = u32::from_be_bytes([0, high, middle, low]);
        match Tempo::from_micros(i64::from(micros)) {
            _ if self.globals.fixed_tempo => {
                self.fault(at, format_args!("a tempo ({micros}) in a file with SMPTE time was ignored"))
            }
            Ok(tempo) => {
                self.globals.tempos.push(Timed::new(self.chunk.end, tempo));
                Ok(())
            }
            Err(error) => self.fault(at, format_args!("{error}; it was ignored")),
        }
    }

    fn meter(&mut self, at: usize, data: &[u8]) -> Result<(), MidiError> {
        let &[beats, power, ..] = data else { return Ok(()) };
        match Meter::new(i64::from(beats), 1 << power.min(8)) {
            Ok(meter) => {
                self.globals.meters.push(Timed::new(self.chunk.end, meter));
                Ok(())
            }
            Err(error) => self.fault(at, format_args!("{error}; it was ignored")),
        }
    }

    fn key(&mut self, at: usize, data: &[u8]) -> Result<(), MidiError> {
        let &[fifths, mode] = data else { return Ok(()) };
        if mode > 1 {
            let message = "a key signature has mode 0 (major) or 1 (minor), but this one";
            return self.fault(at, format_args!("{message} {mode}; it was ignored"));
        }
        match Key::new(i64::from(fifths as i8), if mode == 1 { Mode::Minor } else { Mode::Major }) {
            Ok(key) => {
                self.globals.keys.push(Timed::new(self.chunk.end, key));
                Ok(())
            }
            Err(error) => self.fault(at, format_args!("{error}; it was ignored")),
        }
    }

    /// Takes a channel that the following texts belong to.
    fn prefix(&mut self, at: usize, data: &[u8]) -> Result<(), MidiError> {
        let &[channel] = data else { return Ok(()) };
        match Channel::new(i64::from(channel)) {
            Ok(channel) => {
                self.prefix = Some(channel);
                self.slot(channel);
                Ok(())
            }
            Err(error) => self.fault(at, format_args!("{error}; it was ignored")),
        }
    }

    /// Takes a port that the channels of this chunk belong to.
    fn port(&mut self, at: usize, data: &[u8]) -> Result<(), MidiError> {
        let &[port] = data else { return Ok(()) };
        let Ok(port) = Data::new(i64::from(port)) else {
            return self.fault(
                at,
                format_args!("a port lies between 0 and 127, but this is {port}; it was ignored"),
            );
        };
        if self.port == Some(port) {
            return Ok(());
        }
        if self.chunk.parts.len() > 1 {
            return self.fault(at, format_args!("a change of port amid several channels was ignored"));
        }
        self.port = Some(port);
        self.system_control(Control::Port(port));
        Ok(())
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
    pub(super) fn system_message(&mut self, at: usize, begins: bool, data: &[u8]) -> Result<(), MidiError> {
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
    pub(super) fn close_message(&mut self, at: usize) -> Result<(), MidiError> {
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
}
