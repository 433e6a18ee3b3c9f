//! Joins the chunks of a file to a score.

use super::MidiError;
use super::chunks::{self, Header};
use super::faults::Faults;
use super::part::Part;
use super::text::{Decoder, RawText};
use super::track::{Chunk, ChunkReader, Globals};
use crate::{Channel, Control, Meter, Read, Resolution, Score, Strictness, Tempo, TextKind, Ticks, Timed};

/// More parts than a file could count are not read: a hostile file would fill memory with empty ones.
const MOST_PARTS: usize = 65_534;

/// Reads a Standard MIDI File of format 0, 1 or 2, also in an RMID wrapper.
///
/// Tolerant reading fails only where nothing in the bytes is MIDI; strict reading fails at the first fault.
/// The [module](super) tells what becomes of each thing in the file.
pub fn read(bytes: &[u8], strictness: Strictness) -> Result<Read<Score>, MidiError> {
    let mut faults = Faults::new(strictness);
    let midi = chunks::unwrap(bytes)?;
    let whole = bytes.get(..midi.end).unwrap_or(bytes);
    let (header, first) = chunks::header(whole, midi.start, &mut faults)?;
    let mut piece = Piece::begin(header, &mut faults)?;
    piece.read_chunks(whole, first, &mut faults)?;
    let value = piece.finish();
    Ok(Read { value, warnings: faults.finish(bytes.len()) })
}

/// A score in the making.
struct Piece<'a> {
    header: Header,
    resolution: Resolution,
    sequential: bool,
    globals: Globals<'a>,
    parts: Vec<Part<'a>>,
    /// The name of the first chunk, and whether that chunk plays.
    first: Option<(&'a [u8], bool)>,
    /// How many chunks play.
    playing: usize,
    /// System messages that wait for a part to belong to.
    waiting: Vec<Timed<Control>>,
}

impl<'a> Piece<'a> {
    fn begin(header: Header, faults: &mut Faults) -> Result<Self, MidiError> {
        if let Some(format @ 3..) = header.format {
            faults.add(
                header.at,
                None,
                format_args!("a MIDI file has format 0, 1 or 2, but this one has {format}"),
            )?;
        }
        let (resolution, tempo) = division(header, faults)?;
        let mut globals = Globals { fixed_tempo: tempo.is_some(), ..Globals::default() };
        globals.tempos.extend(tempo.map(|tempo| Timed::new(Ticks::ZERO, tempo)));
        Ok(Self {
            header,
            resolution,
            sequential: header.format == Some(2),
            globals,
            parts: Vec::new(),
            first: None,
            playing: 0,
            waiting: Vec::new(),
        })
    }

    fn read_chunks(&mut self, bytes: &'a [u8], mut at: usize, faults: &mut Faults) -> Result<(), MidiError> {
        let (mut track, mut start) = (0, Ticks::ZERO);
        while let Some(body) = chunks::next_track(bytes, at, faults)? {
            if self.parts.len() + 16 > MOST_PARTS {
                faults.add(at, None, format_args!("more than {MOST_PARTS} parts: the rest was not read"))?;
                break;
            }
            if self.sequential && track > 0 {
                self.begin_sequence(start);
            }
            let reader = ChunkReader::new(bytes, (track, start), &mut self.globals, faults);
            let (chunk, stop) = reader.read(body)?;
            at = body.after(bytes, stop, track, faults)?;
            if self.sequential {
                self.end_sequence(&chunk, &mut start);
            }
            self.take(chunk, track == 0);
            track += 1;
        }
        self.check_count(track, faults)
    }

    fn check_count(&self, tracks: usize, faults: &mut Faults) -> Result<(), MidiError> {
        match (self.header.tracks, self.header.format) {
            (Some(told), _) if usize::from(told) != tracks => {
                let message = format_args!("the header says {told} tracks, but there are {tracks}");
                faults.add(self.header.at + 2, None, message)
            }
            (_, Some(0)) if tracks > 1 => {
                let message = format_args!("a file of format 0 has one track, but this one has {tracks}");
                faults.add(self.header.at, None, message)
            }
            _ => Ok(()),
        }
    }

    /// Lets a further sequence begin with the tempo and metre that hold where nothing is said.
    fn begin_sequence(&mut self, start: Ticks) {
        if !self.globals.tempos.is_empty() && !self.globals.fixed_tempo {
            self.globals.tempos.push(Timed::new(start, Tempo::DEFAULT));
        }
        if !self.globals.meters.is_empty() {
            self.globals.meters.push(Timed::new(start, Meter::FOUR_FOUR));
        }
    }

    /// Marks where a sequence began, and moves on to its end.
    fn end_sequence(&mut self, chunk: &Chunk<'a>, start: &mut Ticks) {
        self.globals.texts.push(RawText { at: *start, kind: TextKind::Marker, bytes: chunk.name });
        *start = chunk.end;
    }

    /// Takes what one chunk holds.
    fn take(&mut self, mut chunk: Chunk<'a>, is_first: bool) {
        self.playing += usize::from(chunk.plays);
        if is_first && !chunk.plays {
            return self.take_conductor(chunk);
        }
        if is_first {
            self.first = Some((chunk.name, true));
        }
        self.take_global_texts(&mut chunk);
        if chunk.parts.is_empty() && !chunk.texts.is_empty() {
            chunk.parts.push(Part::new(Channel::MIN));
        } else if chunk.parts.is_empty() {
            // Programs write their credits as names of empty tracks.
            let credit = RawText { at: Ticks::ZERO, kind: TextKind::Text, bytes: chunk.name };
            self.globals.texts.push(credit);
        }
        self.wait(chunk.loose);
        if let Some(first) = chunk.parts.first_mut() {
            first.add_texts(chunk.texts);
            first.precede(std::mem::take(&mut self.waiting));
        }
        for part in &mut chunk.parts {
            if part.name.is_empty() {
                part.name = chunk.name;
            }
        }
        self.parts.append(&mut chunk.parts);
    }

    /// Takes the first chunk where it plays nothing: all that it says is about the whole piece.
    fn take_conductor(&mut self, chunk: Chunk<'a>) {
        let mut names = chunk.parts.iter().map(|part| part.name).filter(|name| !name.is_empty());
        let name = if chunk.name.is_empty() { names.next().unwrap_or_default() } else { chunk.name };
        self.first = Some((name, false));
        self.globals.texts.extend(chunk.texts);
        self.wait(chunk.loose);
        for part in chunk.parts {
            self.globals.texts.extend(part.texts);
            self.wait(part.controls);
        }
    }

    fn take_global_texts(&mut self, chunk: &mut Chunk<'a>) {
        let lists = chunk.parts.iter_mut().map(|part| &mut part.texts).chain([&mut chunk.texts]);
        for texts in lists {
            self.globals.texts.extend(texts.extract_if(.., |text| text.is_global()));
        }
    }

    /// Keeps system messages for the next part; a port means nothing without a channel.
    fn wait(&mut self, messages: Vec<Timed<Control>>) {
        let messages = messages.into_iter().filter(|message| !matches!(message.value, Control::Port(_)));
        self.waiting.extend(messages);
    }

    /// Gives messages that found no part to the last one.
    fn place_waiting(&mut self) {
        if self.waiting.is_empty() {
            return;
        }
        if self.parts.is_empty() {
            self.parts.push(Part::new(Channel::MIN));
        }
        if let Some(last) = self.parts.last_mut() {
            last.controls.append(&mut self.waiting);
            last.controls.sort_by_key(|control| control.at);
        }
    }

    fn title(&self) -> &'a [u8] {
        match self.first {
            Some((name, plays)) if !plays || self.playing == 1 => name,
            _ => b"",
        }
    }

    fn finish(mut self) -> Score {
        self.place_waiting();
        self.globals.texts.sort_by_key(|text| text.at);
        let title = self.title();
        let names = self.parts.iter().map(|part| part.name).chain([title]);
        let texts = self.parts.iter().flat_map(|part| &part.texts).chain(&self.globals.texts);
        let decoder = Decoder::guess(names.chain(texts.map(|text| text.bytes)));
        Score {
            resolution: self.resolution,
            title: decoder.decode(title),
            tempos: last_of_each_tick(self.globals.tempos),
            meters: last_of_each_tick(self.globals.meters),
            keys: last_of_each_tick(self.globals.keys),
            texts: self.globals.texts.into_iter().filter_map(|text| decoder.text(text)).collect(),
            tracks: self.parts.into_iter().map(|part| part.into_track(&decoder)).collect(),
        }
    }
}

/// Sorts by time; of several at one tick the last holds.
pub(super) fn last_of_each_tick<T: Copy>(mut changes: Vec<Timed<T>>) -> Vec<Timed<T>> {
    changes.sort_by_key(|change| change.at);
    changes.dedup_by(|later, kept| {
        let same = later.at == kept.at;
        if same {
            kept.value = later.value;
        }
        same
    });
    changes
}

/// The resolution, and the fixed tempo where time is SMPTE time.
fn division(header: Header, faults: &mut Faults) -> Result<(Resolution, Option<Tempo>), MidiError> {
    let place = header.at + 4;
    let Some(division) = header.division else {
        faults.add(
            place,
            None,
            format_args!("the header tells no resolution; 480 ticks a quarter were taken"),
        )?;
        return Ok((Resolution::STANDARD, None));
    };
    let smpte = division & 0x8000 != 0;
    let found = if smpte { smpte_division(division) } else { plain_division(division) };
    let Some(found) = found else {
        let message = format_args!("a resolution of zero; 480 ticks a quarter were taken");
        faults.add(place, None, message)?;
        return Ok((Resolution::STANDARD, None));
    };
    if smpte && ![24, 25, 29, 30].contains(&frame_rate(division)) {
        let rate = frame_rate(division);
        faults.add(
            place,
            None,
            format_args!("SMPTE time has 24, 25, 29 or 30 frames a second, not {rate}"),
        )?;
    }
    Ok(found)
}

fn plain_division(division: u16) -> Option<(Resolution, Option<Tempo>)> {
    Some((Resolution::new(i64::from(division)).ok()?, None))
}

fn frame_rate(division: u16) -> i64 {
    i64::from((division >> 8) as i8).abs()
}

/// Ticks of SMPTE time are parts of a second. Half a second is called a quarter note where that is a whole
/// number of ticks, else a whole second is: so every tick keeps its exact length. 29 frames stand for
/// 30 frames in 1.001 seconds.
fn smpte_division(division: u16) -> Option<(Resolution, Option<Tempo>)> {
    let (frames, ticks) = (frame_rate(division), i64::from(division & 0xFF));
    let (frames, half_second) = if frames == 29 { (30, 500_500) } else { (frames, 500_000) };
    let ticks_per_second = frames * ticks;
    let (quarter, micros) = if ticks_per_second % 2 == 0 {
        (ticks_per_second / 2, half_second)
    } else {
        (ticks_per_second, half_second * 2)
    };
    Some((Resolution::new(quarter).ok()?, Some(Tempo::from_micros(micros).ok()?)))
}
