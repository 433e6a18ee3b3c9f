//! Faults of the events of a track: lengths, times, statuses, and events that no music has.

use std::ops::Range;

use super::super::event::{self, Event};
use super::Damage;
use super::chunks::chunks;

/// Delta times, lengths and other numbers of variable length: none, large, the largest, too long, without an end.
const NUMBERS: [&[u8]; 9] = [
    &[0],
    &[0x7F],
    &[0x81, 0],
    &[0xFF, 0x7F],
    &[0x83, 0xFF, 0x7F],
    &[0xFF, 0xFF, 0xFF, 0x7F],
    &[0x81, 0x80, 0x80, 0x80, 0],
    &[0xFF, 0xFF, 0xFF, 0xFF, 0x7F],
    &[0xFF; 9],
];

/// Events, each with its delta time, that music does not have or has seldom.
const EVENTS: [&[u8]; 20] = [
    b"\0\xFF\x51\x03\0\0\0",
    b"\0\xFF\x51\x03\0\0\x01",
    b"\0\xFF\x51\x03\xFF\xFF\xFF",
    b"\0\xFF\x58\x04\0\0\0\0",
    b"\0\xFF\x58\x04\x01\x07\x01\x08",
    b"\0\xFF\x58\x04\xFF\xFF\x18\x08",
    b"\0\xFF\x58\x02\x04\x02",
    b"\0\xFF\x59\x02\x63\x05",
    b"\0\xFF\x2F\0",
    b"\0\xFF\x20\x01\xFF",
    b"\0\xFF\x20\x01\x09",
    b"\0\xFF\x21\x01\x05",
    b"\0\xFF\x54\x05\xFF\xFF\xFF\xFF\xFF",
    b"\0\xFF\x05\x04\x83\x8F\x83\x93",
    b"\0\xFF\x03\x02\xE9\xFF",
    b"\0\xF0\x7F\x43",
    b"\0\xF7\0",
    b"\0\xFE",
    b"\0\x9F\x00\x7F",
    b"\0\x8F\x7F\x00",
];

impl Damage {
    /// One fault of the events of a track, as far as they can be read before it.
    pub(super) fn damage_events(&mut self, copy: &mut Vec<u8>) {
        let mut tracks = chunks(copy);
        tracks.retain(|track| copy.get(track.clone()).is_some_and(|bytes| bytes.starts_with(b"MTrk")));
        let Some(track) = self.one_of(&tracks) else { return };
        let events = events(copy, track);
        let Some(event) = self.one_of(&events) else { return };
        match self.below(7) {
            0 => self.change_time(copy, event),
            1 => self.change_packet_length(copy, &events),
            2 => lose_status(copy, event),
            3 => self.change_status(copy, event),
            4 => self.insert_event(copy, event),
            5 => self.swap_events(copy, &events),
            _ => self.repeat_event(copy, event),
        }
    }

    fn change_time(&mut self, copy: &mut Vec<u8>, event: Range<usize>) {
        let time = event.start..message_of(copy, event);
        if let Some(number) = self.one_of(&NUMBERS) {
            copy.splice(time, number.iter().copied());
        }
    }

    /// Lets a meta event or system message lie about its length.
    fn change_packet_length(&mut self, copy: &mut Vec<u8>, events: &[Range<usize>]) {
        let length_of = |event: &Range<usize>| {
            let message = message_of(copy, event.clone());
            match copy.get(message) {
                Some(0xFF) => Some(message + 2),
                Some(0xF0 | 0xF7) => Some(message + 1),
                _ => None,
            }
        };
        let lengths: Vec<usize> = events.iter().filter_map(length_of).collect();
        let Some(at) = self.one_of(&lengths).filter(|&at| at < copy.len()) else { return };
        let Some(byte) = copy.get_mut(at) else { return };
        if self.below(2) == 0 {
            *byte = byte.wrapping_add(self.below(9) as u8).wrapping_sub(4) & 0x7F;
        } else if let Some(number) = self.one_of(&NUMBERS) {
            copy.splice(at..=at, number.iter().copied());
        }
    }

    fn change_status(&mut self, copy: &mut [u8], event: Range<usize>) {
        let message = message_of(copy, event);
        let status = 0x80 | self.below(128) as u8;
        if let Some(byte) = copy.get_mut(message) {
            *byte = status;
        }
    }

    fn insert_event(&mut self, copy: &mut Vec<u8>, before: Range<usize>) {
        if let Some(event) = self.one_of(&EVENTS) {
            copy.splice(before.start..before.start, event.iter().copied());
        }
    }

    fn swap_events(&mut self, copy: &mut Vec<u8>, events: &[Range<usize>]) {
        let (Some(one), Some(other)) = (self.one_of(events), self.one_of(events)) else { return };
        let (first, second) = if one.start <= other.start { (one, other) } else { (other, one) };
        if first.end > second.start {
            return;
        }
        let earlier = copy.get(first.clone()).unwrap_or_default().to_vec();
        let later: Vec<u8> = copy.splice(second, earlier).collect();
        copy.splice(first, later);
    }

    /// Puts an event in again and again, up to 20,000 bytes of it.
    fn repeat_event(&mut self, copy: &mut Vec<u8>, event: Range<usize>) {
        let bytes = copy.get(event.clone()).unwrap_or_default().to_vec();
        let times = self.below(20_000 / bytes.len().max(1) + 1);
        copy.splice(event.end..event.end, bytes.repeat(times));
    }
}

/// Where the events of a track stand, up to the first that cannot be read.
fn events(bytes: &[u8], track: Range<usize>) -> Vec<Range<usize>> {
    let bytes = bytes.get(..track.end).unwrap_or_default();
    let (mut at, mut running, mut events) = (track.start + 8, 0, Vec::new());
    while let Ok(step) = event::scan(bytes, at, running) {
        if let Event::Channel { status, .. } = step.event {
            running = status;
        }
        events.push(at..step.next);
        at = step.next;
    }
    events
}

/// Where the message of an event begins, after its delta time.
fn message_of(bytes: &[u8], event: Range<usize>) -> usize {
    let time = bytes.get(event.clone()).unwrap_or_default().iter().position(|&byte| byte < 0x80);
    event.start + time.map_or(0, |last| last + 1)
}

/// Takes the status away, so that the event relies on the one before.
fn lose_status(copy: &mut Vec<u8>, event: Range<usize>) {
    let message = message_of(copy, event);
    if copy.get(message).is_some_and(|&byte| byte >= 0x80) {
        copy.remove(message);
    }
}
