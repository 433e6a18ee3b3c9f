//! From a score to sound: the score's events in order, played by a `SoundFont` synthesizer, then mixed.

mod events;
mod font;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use cantus_audio::{AudioBuffer, SampleRate};
use cantus_score::{Score, Seconds};
use rustysynth::{SoundFont, Synthesizer, SynthesizerSettings};

use crate::bank::{self, RATE};
use crate::mix;
pub(crate) use events::Seat;
use events::{Event, Message};

/// Sound in two channels of equal length at [`StereoBuffer::RATE`]; full scale is -1 to 1.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct StereoBuffer {
    /// The left channel.
    pub left: Vec<f32>,
    /// The right channel.
    pub right: Vec<f32>,
}

impl StereoBuffer {
    /// Samples a second.
    pub const RATE: u32 = RATE;

    /// How long it lasts.
    pub fn seconds(&self) -> Seconds {
        Seconds(self.left.len() as f64 / f64::from(RATE))
    }
}

impl From<StereoBuffer> for AudioBuffer {
    fn from(sound: StereoBuffer) -> Self {
        let rate = SampleRate::new(RATE).unwrap_or(SampleRate::CD);
        Self::new(rate, vec![sound.left, sound.right])
    }
}

/// How a score is rendered.
#[derive(Debug, Clone, Default)]
pub struct SoundOptions {
    /// The bytes of the user's own `SoundFont` 2 file; the built-in bank where there is none.
    pub soundfont: Option<Vec<u8>>,
    /// How long a piece is that leads back to its beginning: what rings on after it is heard at its beginning, so that it can be
    /// played over and over without a seam. Nothing where a piece just ends.
    pub loop_length: Option<Seconds>,
}

/// Why a score cannot be rendered.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum RenderError {
    /// The file begins differently from any `SoundFont`.
    #[error("a SoundFont must begin with RIFF and sfbk, but this file begins with {0:?}")]
    NotSoundFont(String),
    /// The file's samples are compressed.
    #[error("the samples of a SoundFont must be uncompressed (SF2), but this file holds Ogg Vorbis (SF3)")]
    Compressed,
    /// The file ends too early.
    #[error(
        "a SoundFont must hold all the bytes that its chunks promise, but {chunk} promises {promised} and {held} are left"
    )]
    Truncated {
        /// The name of the chunk.
        chunk: String,
        /// The bytes that it should hold.
        promised: usize,
        /// The bytes that are there.
        held: usize,
    },
    /// The file's lists do not fit together.
    #[error("the lists of a SoundFont must fit together, but {0}")]
    Damaged(String),
    /// The piece would fill the memory.
    #[error("a piece must last at most {max} minutes to be rendered, but lasts {minutes:.0}")]
    TooLong {
        /// The longest that is rendered.
        max: u32,
        /// How long it lasts.
        minutes: f64,
    },
}

/// The longest piece in minutes: at 21 MB a minute, and twice that while the limiter works, an hour fills 2.5 GB.
const MOST_MINUTES: u32 = 60;
/// Samples that the synthesizer makes at a time; events fall on the nearest such block (1.5 ms).
const BLOCK: usize = 64;
/// The longest time that sound may ring on after the last event.
const LONGEST_TAIL: f64 = 12.0;
/// Sound below this counts as silence: 80 dB under full scale.
const SILENCE: f32 = 1e-4;

/// Plays a score: in stereo at 44,100 Hz, to the end of its last sound, at a loudness of -16 LUFS and with peaks of at
/// most -1 dBTP.
///
/// Programs, controllers, bends and pedals of the score are played. Where a channel sets no place or volume of its own,
/// its parts are spread gently across the stage. A note without velocity is played mezzo forte (80).
/// The same score always gives the same samples.
///
/// Fails where the user's `SoundFont` cannot be read or where the piece lasts more than an hour.
///
/// ```
/// use cantus_render::synth::{SoundOptions, render};
/// use cantus_score::{Channel, Note, Pitch, Program, Resolution, Score, Ticks, Track};
///
/// let mut score = Score::new(Resolution::STANDARD);
/// let mut flute = Track::new("Flute", Channel::MIN, Program::saturating(73));
/// flute.notes.push(Note::new(Ticks(0), Ticks(480), Pitch::C4));
/// score.tracks.push(flute);
/// let sound = render(&score, &SoundOptions::default())?;
/// assert!(sound.seconds().0 > 0.5);
/// # Ok::<(), cantus_render::synth::RenderError>(())
/// ```
pub fn render(score: &Score, options: &SoundOptions) -> Result<StereoBuffer, RenderError> {
    let font = font_for(score, options)?;
    if score.note_count() == 0 {
        return Ok(StereoBuffer::default());
    }
    let mut sound = play_safely(&events::of(score, |_| true), &font, options)?;
    match options.loop_length {
        Some(_) => mix::master_loop(&mut sound),
        None => mix::master(&mut sound),
    }
    Ok(sound)
}

/// Plays each track of a score that has notes by itself, with its number: all of one length, and so loud that their sum is the whole
/// at -16 LUFS, or less where its peaks would go beyond -1 dBTP.
///
/// Fails as [`render`] does.
pub fn render_stems(
    score: &Score,
    options: &SoundOptions,
) -> Result<Vec<(usize, StereoBuffer)>, RenderError> {
    let font = font_for(score, options)?;
    let played = score.tracks.iter().enumerate().filter(|(_, track)| !track.notes.is_empty());
    let stem = |(number, _): (usize, _)| {
        let sound = play_safely(&events::of(score, |track| track == number), &font, options)?;
        Ok((number, sound))
    };
    let mut stems = played.map(stem).collect::<Result<Vec<_>, RenderError>>()?;
    let length = stems.iter().map(|(_, stem)| stem.left.len()).max().unwrap_or(0);
    let mut sum = StereoBuffer { left: vec![0.0; length], right: vec![0.0; length] };
    for (_, stem) in &mut stems {
        stem.left.resize(length, 0.0);
        stem.right.resize(length, 0.0);
        add(&mut sum.left, &stem.left);
        add(&mut sum.right, &stem.right);
    }
    let stems_alone = stems.iter_mut().map(|(_, stem)| stem).collect();
    mix::master_stems(stems_alone, &sum, options.loop_length.is_some());
    Ok(stems)
}

/// The samples that a score is played with. Fails where the piece is too long as well.
fn font_for(score: &Score, options: &SoundOptions) -> Result<Arc<SoundFont>, RenderError> {
    let minutes = score.seconds().0 / 60.0;
    if minutes > f64::from(MOST_MINUTES) {
        return Err(RenderError::TooLong { max: MOST_MINUTES, minutes });
    }
    let font = match &options.soundfont {
        Some(bytes) => font::read(bytes)?,
        None => font::read(&bank::build(&events::needs(score)))?,
    };
    Ok(Arc::new(font))
}

fn play_safely(
    events: &[Event],
    font: &Arc<SoundFont>,
    options: &SoundOptions,
) -> Result<StereoBuffer, RenderError> {
    // The checks leave one way open: a loop of very few samples, which a high note may overleap.
    let playing = AssertUnwindSafe(|| play(events, font));
    let mut sound = catch_unwind(playing)
        .unwrap_or_else(|_| Err(RenderError::Damaged("one of its samples cannot be played".to_owned())))?;
    if let Some(length) = options.loop_length {
        wrap(&mut sound, (length.0 * f64::from(RATE)).round().max(1.0) as usize);
    }
    Ok(sound)
}

/// Puts what rings on after so many samples over the beginning, as often as it goes round.
fn wrap(sound: &mut StereoBuffer, length: usize) {
    for channel in [&mut sound.left, &mut sound.right] {
        let mut whole = vec![0.0; length];
        channel.chunks(length).for_each(|turn| add(&mut whole, turn));
        *channel = whole;
    }
}

/// Plays the events one after the other, and then lets the sound ring until it is silent.
fn play(events: &[Event], font: &Arc<SoundFont>) -> Result<StereoBuffer, RenderError> {
    let mut ports = synthesizers(events, font)?;
    let last = events.last().map_or(0, |event| event.block);
    let most = last + (LONGEST_TAIL * f64::from(RATE)) as usize / BLOCK;
    let mut sound = StereoBuffer::default();
    let mut waiting = events.iter().peekable();
    let (mut left, mut right) = ([0.0; BLOCK], [0.0; BLOCK]);
    for block in 0..most {
        while let Some(event) = waiting.next_if(|event| event.block <= block) {
            if let Some(synth) = ports.get_mut(&event.seat.port) {
                send(synth, i32::from(event.seat.channel), event.message);
            }
        }
        let start = sound.left.len();
        sound.left.resize(start + BLOCK, 0.0);
        sound.right.resize(start + BLOCK, 0.0);
        for synth in ports.values_mut() {
            synth.render(&mut left, &mut right);
            add(&mut sound.left[start..], &left);
            add(&mut sound.right[start..], &right);
        }
        if block > last + 4 && is_silent(&sound, start) {
            break;
        }
    }
    Ok(sound)
}

/// A synthesizer for each port in use; a port has 16 channels.
fn synthesizers(events: &[Event], font: &Arc<SoundFont>) -> Result<BTreeMap<u8, Synthesizer>, RenderError> {
    let mut settings = SynthesizerSettings::new(RATE as i32);
    settings.block_size = BLOCK;
    settings.maximum_polyphony = 160;
    let mut ports = BTreeMap::new();
    for event in events {
        if let Entry::Vacant(port) = ports.entry(event.seat.port) {
            let synth = Synthesizer::new(font, &settings);
            port.insert(synth.map_err(|error| RenderError::Damaged(error.to_string()))?);
        }
    }
    Ok(ports)
}

fn add(sum: &mut [f32], samples: &[f32]) {
    for (sum, sample) in sum.iter_mut().zip(samples) {
        *sum += sample;
    }
}

/// Whether the last tenth of a second is silent; one block alone might be a pause between two beats.
fn is_silent(sound: &StereoBuffer, end: usize) -> bool {
    let start = end.saturating_sub(RATE as usize / 10);
    // The loudest block is looked at first: sound that goes on is most often heard at the end.
    let quiet = |samples: &[f32]| samples.iter().rev().all(|x| x.abs() < SILENCE);
    quiet(&sound.left[start..]) && quiet(&sound.right[start..])
}

fn send(synth: &mut Synthesizer, channel: i32, message: Message) {
    match message {
        Message::On { key, velocity } => synth.note_on(channel, i32::from(key), i32::from(velocity)),
        Message::Off { key } => synth.note_off(channel, i32::from(key)),
        Message::Set { command, data } => {
            let [first, second] = data.map(i32::from);
            synth.process_midi_message(channel, i32::from(command), first, second);
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
