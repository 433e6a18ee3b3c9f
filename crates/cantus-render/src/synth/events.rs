//! A score as a list of messages in time, with what the score leaves unsaid filled in.

use std::collections::{BTreeMap, HashMap};

use cantus_score::{Control, Program, Score, TempoMap, Ticks, Track, Velocity};

use super::BLOCK;
use crate::bank::{Needs, RATE};
use crate::mix;

/// Where a part plays: each `MIDI` port has 16 channels of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Seat {
    pub(crate) port: u8,
    pub(crate) channel: u8,
}

impl Seat {
    /// The seat of a track: its channel, at the first port that it names.
    pub(crate) fn of(track: &Track) -> Self {
        let ports = track.controls.iter().filter_map(|control| match control.value {
            Control::Port(port) => Some(port.get()),
            _ => None,
        });
        Self { port: ports.into_iter().next().unwrap_or(0), channel: track.channel.get() }
    }
}

/// A message with its seat and the block of samples in which it falls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Event {
    pub(super) block: usize,
    pub(super) seat: Seat,
    pub(super) message: Message,
}

/// What the synthesizer is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Message {
    /// Strike a key.
    On { key: u8, velocity: u8 },
    /// Let a key go.
    Off { key: u8 },
    /// Any other message: its `MIDI` command and data.
    Set { command: u8, data: [u8; 2] },
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
    let mut programs: HashMap<Seat, Program> = HashMap::new();
    for (_, turn, moment) in moments(score) {
        match moment {
            Moment::Control(seat, Control::Program(program)) => {
                programs.insert(seat, *program);
            }
            Moment::Note(track, note) if turn == Turn::On => {
                if track.is_drums() {
                    needs.drum(note.pitch);
                } else {
                    let program = programs.get(&Seat::of(track)).copied().unwrap_or(Program::PIANO);
                    needs.note(program, note.pitch);
                }
            }
            _ => {}
        }
    }
    needs
}

/// The messages of a score, in order, with the notes of the tracks that `is_played` picks by their numbers. Where parts stand does
/// not depend on which are played.
pub(super) fn of(score: &Score, is_played: impl Fn(usize) -> bool) -> Vec<Event> {
    let map = score.tempo_map();
    let mut events = mix::stage(score)
        .into_iter()
        .map(|(seat, number, value)| Event { block: 0, seat, message: controller(number, value) })
        .collect();
    let mut player =
        Player { events: &mut events, map: &map, sounding: HashMap::new(), pressed: HashMap::new() };
    let is_played: Vec<bool> = (0..score.tracks.len()).map(is_played).collect();
    let plays = |track: &Track| {
        score.tracks.iter().zip(&is_played).any(|(other, is_played)| *is_played && std::ptr::eq(other, track))
    };
    for (at, turn, moment) in moments(score) {
        match moment {
            Moment::Control(seat, control) => player.control(at, seat, control),
            Moment::Note(track, _) if !plays(track) => {}
            Moment::Note(track, note) if turn == Turn::On => {
                let velocity = note.velocity.map_or(mix::MEZZO, Velocity::get);
                player.strike(at, (Seat::of(track), note.pitch.get()), velocity);
            }
            Moment::Note(track, note) => player.release(at, (Seat::of(track), note.pitch.get())),
        }
    }
    lift_pedals(&mut events);
    events
}

/// Something that happens in a score.
#[derive(Clone, Copy)]
enum Moment<'a> {
    Note(&'a Track, &'a cantus_score::Note),
    Control(Seat, &'a Control),
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
            moments.push((control.at, Turn::Set, Moment::Control(Seat::of(track), &control.value)));
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
    sounding: HashMap<(Seat, u8), u32>,
    /// Each channel's modulation wheel and pressure.
    pressed: HashMap<Seat, (u8, u8)>,
}

impl Player<'_> {
    fn push(&mut self, at: Ticks, seat: Seat, message: Message) {
        let samples = self.map.seconds(at).0 * f64::from(RATE);
        self.events.push(Event { block: (samples / BLOCK as f64).round() as usize, seat, message });
    }

    fn strike(&mut self, at: Ticks, (seat, key): (Seat, u8), velocity: u8) {
        let held = self.sounding.entry((seat, key)).or_default();
        *held += 1;
        if *held > 1 {
            self.push(at, seat, Message::Off { key });
        }
        self.push(at, seat, Message::On { key, velocity });
    }

    fn release(&mut self, at: Ticks, (seat, key): (Seat, u8)) {
        let held = self.sounding.entry((seat, key)).or_default();
        *held = held.saturating_sub(1);
        if *held == 0 {
            self.push(at, seat, Message::Off { key });
        }
    }

    fn control(&mut self, at: Ticks, seat: Seat, control: &Control) {
        let pressed = self.pressed.entry(seat).or_default();
        let message = match *control {
            Control::Program(program) => Message::Set { command: 0xC0, data: [program.get(), 0] },
            Control::Controller(number, value) if number.get() == 1 => {
                pressed.0 = value.get();
                controller(1, pressed.0.max(pressed.1))
            }
            Control::Controller(number, value) => controller(number.get(), value.get()),
            Control::Bend(bend) => {
                let value = (i32::from(bend.get()) + 8_192) as u16;
                Message::Set { command: 0xE0, data: [(value & 127) as u8, (value >> 7) as u8] }
            }
            // The synthesizer knows no pressure; what pressure does by default is vibrato, as the wheel does.
            Control::Pressure(pressure) => {
                pressed.1 = pressure.get();
                controller(1, pressed.0.max(pressed.1))
            }
            Control::KeyPressure(..) | Control::SysEx(_) | Control::Raw(_) | Control::Port(_) => return,
        };
        self.push(at, seat, message);
    }
}

fn controller(number: u8, value: u8) -> Message {
    Message::Set { command: 0xB0, data: [number, value] }
}

/// A pedal that is never lifted would ring for as long as the tail may last: it is lifted a second after the end.
fn lift_pedals(events: &mut Vec<Event>) {
    const PEDAL: u8 = 64;
    let mut down = BTreeMap::new();
    for event in events.iter() {
        if let Message::Set { command: 0xB0, data: [PEDAL, value] } = event.message {
            down.insert(event.seat, value >= 64);
        }
    }
    let block = events.last().map_or(0, |event| event.block) + RATE as usize / BLOCK;
    for (seat, _) in down.into_iter().filter(|&(_, down)| down) {
        events.push(Event { block, seat, message: controller(PEDAL, 0) });
    }
}
