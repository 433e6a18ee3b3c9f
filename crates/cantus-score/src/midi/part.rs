//! One channel of one chunk while it is read.

use super::keys::HeldKeys;
use super::text::{Decoder, RawText};
use crate::{Bend, Channel, Control, Data, Note, Pitch, Program, Ticks, Timed, Track, Velocity};

/// A part in the making: a track whose texts are still bytes.
pub(super) struct Part<'a> {
    pub(super) channel: Channel,
    pub(super) name: &'a [u8],
    pub(super) notes: Vec<Note>,
    pub(super) controls: Vec<Timed<Control>>,
    pub(super) texts: Vec<RawText<'a>>,
}

impl<'a> Part<'a> {
    pub(super) fn new(channel: Channel) -> Self {
        Self { channel, name: b"", notes: Vec::new(), controls: Vec::new(), texts: Vec::new() }
    }

    /// Takes a channel message; tells whether it made sense, which only the end of no note does not.
    #[inline]
    pub(super) fn message(&mut self, held: &mut HeldKeys, now: Ticks, message: [u8; 3]) -> bool {
        let [status, first, second] = message;
        let (first_data, second_data) = (data(first), data(second));
        let control = match status & 0xF0 {
            0x80 => return held.release(&mut self.notes, first, now, Some(second_data)),
            0x90 if second == 0 => return held.release(&mut self.notes, first, now, None),
            0x90 => {
                let velocity = Velocity::saturating(i64::from(second));
                let note = Note::new(now, Ticks::ZERO, pitch(first)).with_velocity(velocity);
                held.press(&mut self.notes, note);
                return true;
            }
            0xA0 => Control::KeyPressure(pitch(first), second_data),
            0xB0 => Control::Controller(first_data, second_data),
            0xC0 => Control::Program(Program::saturating(i64::from(first))),
            0xD0 => Control::Pressure(first_data),
            _ => Control::Bend(Bend::saturating((i64::from(second) << 7 | i64::from(first)) - 8192)),
        };
        self.push_control(now, control);
        true
    }

    /// Adds a control. Room grows by half, not by doubling: a control takes many times the bytes it had in
    /// the file, and memory is to stay in proportion.
    pub(super) fn push_control(&mut self, at: Ticks, control: Control) {
        if self.controls.len() == self.controls.capacity() {
            self.controls.reserve_exact(4 + self.controls.len() / 2);
        }
        self.controls.push(Timed::new(at, control));
    }

    /// Puts the notes of each chord in order and gives back memory that was taken in advance.
    pub(super) fn finish(&mut self) {
        for chord in self.notes.chunk_by_mut(|a, b| a.start == b.start) {
            chord.sort_unstable();
        }
        self.notes.shrink_to_fit();
        self.controls.shrink_to_fit();
        self.texts.shrink_to_fit();
    }

    /// Adds texts that name no channel.
    pub(super) fn add_texts(&mut self, texts: Vec<RawText<'a>>) {
        if !texts.is_empty() {
            self.texts.extend(texts);
            self.texts.sort_by_key(|text| text.at);
        }
    }

    /// Adds messages that stand before the part's own wherever they share a tick.
    pub(super) fn precede(&mut self, mut controls: Vec<Timed<Control>>) {
        if controls.is_empty() {
            return;
        }
        controls.append(&mut self.controls);
        controls.sort_by_key(|control| control.at);
        self.controls = controls;
    }

    /// The finished track.
    pub(super) fn into_track(self, decoder: &Decoder) -> Track {
        Track {
            name: decoder.decode(self.name),
            channel: self.channel,
            notes: self.notes,
            controls: self.controls,
            texts: self.texts.into_iter().filter_map(|text| decoder.text(text)).collect(),
        }
    }
}

fn data(value: u8) -> Data {
    Data::saturating(i64::from(value))
}

fn pitch(key: u8) -> Pitch {
    Pitch::saturating(i64::from(key))
}
