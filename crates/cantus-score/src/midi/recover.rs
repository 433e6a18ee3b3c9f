//! How the reader of a chunk goes on after a fault.

use super::MidiError;
use super::event::{self, Event, Fault, Step};
use super::track::{ChunkReader, Flow};

impl<'a> ChunkReader<'_, 'a> {
    /// Forgives an event that cannot be read.
    pub(super) fn recover(&mut self, at: usize, fault: Fault<'a>) -> Result<Flow, MidiError> {
        match fault {
            Fault::LongTime(delta, message) => {
                if let Ok(step) = event::message(self.bytes, message, self.running, delta)
                    && event::plausible(self.bytes, step.next, self.running)
                {
                    self.fault(at, format_args!("a delta time has more than four bytes"))?;
                    return self.step(at, step);
                }
                self.resynchronise((at, at + 1), "a delta time is too long")
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
            Fault::Live(..) => {
                self.resynchronise((at, at + 1), "a message for live connections stands in the track")
            }
            Fault::HighData(step) => {
                // Its time and its status were good.
                self.advance(at, step.delta)?;
                let from = if step.running { at + 1 } else { step.next - event::data_bytes(status_of(step)) };
                self.resynchronise((at, from), "a channel message is incomplete")
            }
            Fault::NoStatus => self.resynchronise((at, at + 1), "an event has no status"),
            Fault::CutOff => self.resynchronise((at, at + 1), "an event reaches past the end of the track"),
        }
    }

    /// Goes on at the next place where events make sense, after a fault at `at` and not before `from`.
    fn resynchronise(&mut self, (at, from): (usize, usize), why: &str) -> Result<Flow, MidiError> {
        let next = event::resynchronise(self.bytes, from).unwrap_or(self.bytes.len());
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

    /// Forgives a meta event whose length is not the one of its kind.
    pub(super) fn misfit(
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
}

fn status_of(step: Step<'_>) -> u8 {
    match step.event {
        Event::Channel { status, .. } => status,
        _ => 0xFF,
    }
}
