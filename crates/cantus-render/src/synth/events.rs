//! A score as a list of messages in time, with what the score leaves unsaid filled in.

use std::collections::HashMap;

use cantus_score::{Control, Score, TempoMap, Ticks, Track};

use super::BLOCK;
use crate::bank::{Needs, RATE};
use crate::mix;

/// A message with the block of samples in which it falls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Event {
    pub(super) block: usize,
    pub(super) message: Message,
}

/// What the synthesizer is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Message {
    /// Strike a key.
    On { channel: u8, key: u8, velocity: u8 },
    /// Let a key go.
    Off { channel: u8, key: u8 },
    /// Any other message: its `MIDI` command and data.
    Set { channel: u8, command: u8, data: [u8; 2] },
}

/// The order within one moment: keys are let go, then instruments are set, then keys are struck.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Turn {
    Off,
    Set,
    On,
}

/// The programs and keys that a score plays.
pub(super) fn needs(score: &Score) -> Needs {
    let mut needs = Needs::default();
    let mut programs = [cantus_score::Program::PIANO; 16];
    for (_, turn, moment) in moments(score) {
        match moment {
            Moment::Control(channel, Control::Program(program)) => programs[usize::from(channel)] = *program,
            Moment::Note(track, note) if turn == Turn::On => {
                if track.is_drums() {
                    needs.drum(note.pitch);
                } else {
                    needs.note(programs[usize::from(track.channel.get())], note.pitch);
                }
            }
            _ => {}
        }
    }
    needs
}

/// The messages of a score, in order.
pub(super) fn of(score: &Score) -> Vec<Event> {
    let map = score.tempo_map();
    let mut events = mix::stage(score)
        .into_iter()
        .map(|(channel, number, value)| Event { block: 0, message: controller(channel, number, value) })
        .collect();
    let mut player =
        Player { events: &mut events, map: &map, sounding: HashMap::new(), pressed: [(0, 0); 16] };
    for (at, turn, moment) in moments(score) {
        match moment {
            Moment::Control(channel, control) => player.control(at, channel, control),
            Moment::Note(track, note) if turn == Turn::On => {
                let velocity = note.velocity.map_or(mix::MEZZO, |velocity| velocity.get());
                player.strike(at, (track.channel.get(), note.pitch.get()), velocity);
            }
            Moment::Note(track, note) => player.release(at, (track.channel.get(), note.pitch.get())),
        }
    }
    lift_pedals(&mut events);
    events
}

/// Something that happens in a score.
#[derive(Clone, Copy)]
enum Moment<'a> {
    Note(&'a Track, &'a cantus_score::Note),
    Control(u8, &'a Control),
}

/// All that happens in a score, in the order in which a player must be told.
fn moments(score: &Score) -> Vec<(Ticks, Turn, Moment<'_>)> {
    let mut moments = Vec::with_capacity(score.note_count() * 2);
    let end = score.end();
    for track in &score.tracks {
        for note in &track.notes {
            // A note without length is struck before it is let go.
            let until = note.end().max(note.start.saturating_add(Ticks(1)));
            moments.push((note.start, Turn::On, Moment::Note(track, note)));
            moments.push((until, Turn::Off, Moment::Note(track, note)));
        }
        // Controllers that follow long after the last note would only make silence.
        for control in track.controls.iter().filter(|control| control.at <= end) {
            moments.push((control.at, Turn::Set, Moment::Control(track.channel.get(), &control.value)));
        }
    }
    moments.sort_by_key(|&(at, turn, _)| (at, turn));
    moments
}

/// Turns moments into messages.
struct Player<'a> {
    events: &'a mut Vec<Event>,
    map: &'a TempoMap,
    /// How many notes hold a key of a channel down: voices in unison share one.
    sounding: HashMap<(u8, u8), u32>,
    /// Each channel's modulation wheel and pressure.
    pressed: [(u8, u8); 16],
}

impl Player<'_> {
    fn push(&mut self, at: Ticks, message: Message) {
        let samples = self.map.seconds(at).0 * f64::from(RATE);
        self.events.push(Event { block: (samples / BLOCK as f64).round() as usize, message });
    }

    fn strike(&mut self, at: Ticks, (channel, key): (u8, u8), velocity: u8) {
        let held = self.sounding.entry((channel, key)).or_default();
        *held += 1;
        if *held > 1 {
            self.push(at, Message::Off { channel, key });
        }
        self.push(at, Message::On { channel, key, velocity });
    }

    fn release(&mut self, at: Ticks, (channel, key): (u8, u8)) {
        let held = self.sounding.entry((channel, key)).or_default();
        *held = held.saturating_sub(1);
        if *held == 0 {
            self.push(at, Message::Off { channel, key });
        }
    }

    fn control(&mut self, at: Ticks, channel: u8, control: &Control) {
        let place = usize::from(channel);
        let message = match *control {
            Control::Program(program) => Message::Set { channel, command: 0xC0, data: [program.get(), 0] },
            Control::Controller(number, value) if number.get() == 1 => {
                self.pressed[place].0 = value.get();
                controller(channel, 1, value.get().max(self.pressed[place].1))
            }
            Control::Controller(number, value) => controller(channel, number.get(), value.get()),
            Control::Bend(bend) => {
                let value = (i32::from(bend.get()) + 8_192) as u16;
                Message::Set { channel, command: 0xE0, data: [(value & 127) as u8, (value >> 7) as u8] }
            }
            // The synthesizer knows no pressure; what pressure does by default is vibrato, as the wheel does.
            Control::Pressure(pressure) => {
                self.pressed[place].1 = pressure.get();
                controller(channel, 1, pressure.get().max(self.pressed[place].0))
            }
            Control::KeyPressure(..) | Control::SysEx(_) | Control::Raw(_) | Control::Port(_) => return,
        };
        self.push(at, message);
    }
}

fn controller(channel: u8, number: u8, value: u8) -> Message {
    Message::Set { channel, command: 0xB0, data: [number, value] }
}

/// A pedal that is never lifted would ring for as long as the tail may last: it is lifted a second after the end.
fn lift_pedals(events: &mut Vec<Event>) {
    const PEDAL: u8 = 64;
    let mut down = [false; 16];
    for event in events.iter() {
        if let Message::Set { channel, command: 0xB0, data: [PEDAL, value] } = event.message {
            down[usize::from(channel)] = value >= 64;
        }
    }
    let block = events.last().map_or(0, |event| event.block) + RATE as usize / BLOCK;
    for (channel, _) in down.iter().enumerate().filter(|(_, down)| **down) {
        events.push(Event { block, message: controller(channel as u8, PEDAL, 0) });
    }
}
