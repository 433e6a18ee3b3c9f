//! Sound at another rate.

use rubato::audioadapter_buffers::direct::SequentialSliceOfVecs;
use rubato::{Fft, FixedSync, Resampler as _, WindowFunction};

use crate::buffer::{AudioBuffer, SampleRate};

/// The shortest filter, in samples of the lower rate: it keeps all but the last half percent below half that rate.
const SHORTEST: usize = 2048;

/// Brings sound to another rate, block by block.
///
/// The filter is linear in phase, and its delay is taken away again: what sounds at a moment sounds at that moment after it.
/// Whatever lies above half the lower rate is removed by more than 100 dB.
pub struct Resampler {
    from: SampleRate,
    to: SampleRate,
    /// Nothing where both rates are the same.
    filter: Option<Fft<f64>>,
    /// What was taken and not yet filtered.
    waiting: Vec<Vec<f64>>, // [channels, frames]
    filtered: Vec<Vec<f64>>, // [channels, frames]
    ready: Vec<Vec<f32>>,    // [channels, frames]
    taken: u64,
    given: u64,
    /// Frames of the filter's delay that are still to be left out.
    delay: usize,
}

impl Resampler {
    /// From one rate to another, for so many channels.
    pub fn new(from: SampleRate, to: SampleRate, channels: usize) -> Self {
        let filter =
            if from == to { None } else { filter(from.hertz() as usize, to.hertz() as usize, channels) };
        let delay = filter.as_ref().map_or(0, rubato::Resampler::output_delay);
        let frames = filter.as_ref().map_or(0, rubato::Resampler::output_frames_max);
        Self {
            from,
            to,
            filter,
            waiting: vec![Vec::new(); channels],
            filtered: vec![vec![0.0; frames]; channels],
            ready: vec![Vec::new(); channels],
            taken: 0,
            given: 0,
            delay,
        }
    }

    /// Takes the next samples, and gives what they make complete: often nothing, then a lot.
    ///
    /// # Shapes
    /// `[channels, frames]`, in and out
    pub fn push(&mut self, block: &[Vec<f32>]) -> &[Vec<f32>] {
        self.taken += block.first().map_or(0, Vec::len) as u64;
        for ready in &mut self.ready {
            ready.clear();
        }
        if self.filter.is_none() {
            for (ready, channel) in self.ready.iter_mut().zip(block) {
                ready.extend_from_slice(channel);
            }
            return &self.ready;
        }
        for (waiting, channel) in self.waiting.iter_mut().zip(block) {
            waiting.extend(channel.iter().map(|sample| f64::from(*sample)));
        }
        while self.is_full() {
            self.filter_block();
        }
        &self.ready
    }

    /// Gives the rest, so that all in all the sound has every sample whose moment lies within it:
    /// `ceil(frames * to / from)`.
    ///
    /// # Shapes
    /// `[channels, frames]`
    pub fn finish(mut self) -> Vec<Vec<f32>> {
        for ready in &mut self.ready {
            ready.clear();
        }
        let all = (self.taken * u64::from(self.to.hertz())).div_ceil(self.from.hertz().into());
        let Some(next) = self.filter.as_ref().map(rubato::Resampler::input_frames_next) else {
            return self.ready;
        };
        while self.given < all && !self.waiting.is_empty() {
            for waiting in &mut self.waiting {
                waiting.resize(next, 0.0);
            }
            self.filter_block();
        }
        let surplus = self.given.saturating_sub(all) as usize;
        for ready in &mut self.ready {
            ready.truncate(ready.len().saturating_sub(surplus));
        }
        self.ready
    }

    /// Whether enough waits to be filtered.
    fn is_full(&self) -> bool {
        let waiting = self.waiting.first().map_or(0, Vec::len);
        self.filter.as_ref().is_some_and(|filter| waiting >= filter.input_frames_next())
    }

    /// Filters one block of what waits, which is there.
    fn filter_block(&mut self) {
        let Some(filter) = &mut self.filter else { return };
        let (channels, frames) = (self.waiting.len(), self.filtered[0].len());
        let (wanted, waiting) = (filter.input_frames_next(), self.waiting[0].len());
        let input = SequentialSliceOfVecs::new(&self.waiting, channels, waiting);
        let output = SequentialSliceOfVecs::new_mut(&mut self.filtered, channels, frames);
        // Shapes are those that the filter was made for, so that nothing is refused.
        let (Ok(input), Ok(mut output)) = (input, output) else { return };
        let Ok((_, made)) = filter.process_into_buffer(&input, &mut output, None) else { return };
        let late = self.delay.min(made);
        self.delay -= late;
        self.given += (made - late) as u64;
        for ((ready, filtered), waiting) in self.ready.iter_mut().zip(&self.filtered).zip(&mut self.waiting) {
            ready.extend(filtered[late..made].iter().map(|sample| *sample as f32));
            waiting.drain(..wanted.min(waiting.len()));
        }
    }
}

/// A filter whose blocks are long enough at both rates.
fn filter(from: usize, to: usize, channels: usize) -> Option<Fft<f64>> {
    let unit = gcd(from, to);
    let (from_unit, to_unit) = (from / unit, to / unit);
    // Of even length at both rates, the filter is late by whole samples.
    let block = SHORTEST.div_ceil(from_unit.min(to_unit)).next_multiple_of(2) * from_unit;
    // Only rates of nothing are refused.
    Fft::new_custom(from, to, block, 1, channels.max(1), WindowFunction::BlackmanHarris2, FixedSync::Both)
        .ok()
}

fn gcd(a: usize, b: usize) -> usize {
    if b == 0 { a } else { gcd(b, a % b) }
}

impl AudioBuffer {
    /// The same sound at another rate: `ceil(frames * rate / own rate)` frames, each at its own moment.
    #[must_use]
    pub fn resampled(&self, rate: SampleRate) -> Self {
        let mut resampler = Resampler::new(self.rate(), rate, self.channels().len());
        let mut channels = resampler.push(self.channels()).to_vec();
        for (channel, rest) in channels.iter_mut().zip(resampler.finish()) {
            channel.extend(rest);
        }
        Self::new(rate, channels)
    }
}

#[cfg(test)]
mod tests;
