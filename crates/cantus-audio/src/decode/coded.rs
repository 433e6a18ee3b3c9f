//! Sound that a codec packed.

use std::panic::{AssertUnwindSafe, catch_unwind};

use symphonia::core::audio::{Channels, GenericAudioBufferRef};
use symphonia::core::codecs::audio::{AudioDecoder, AudioDecoderOptions};
use symphonia::core::errors::Error;
use symphonia::core::formats::{FormatOptions, FormatReader, Track, TrackType};
use symphonia::core::io::{MediaSourceStream, MediaSourceStreamOptions};
use symphonia::core::packet::Packet;
use symphonia::default::formats::{AdtsReader, FlacReader, IsoMp4Reader, MpaReader, OggReader, WavReader};

use super::kind::SoundFormat;
use super::source::Part;
use super::{DecodeError, MOST_CHANNELS, flac, is_sound, m4a};
use crate::buffer::SampleRate;
use crate::read::{Faults, Place};

/// The most frames of a block; what a damaged packet claims beyond is left out.
const MOST_FRAMES: usize = 65_536;
/// How many faults in a row end the sound.
const MOST_FAULTS_IN_A_ROW: usize = 64;

/// A packed file that is being read.
pub(super) struct Coded<'s> {
    format: SoundFormat,
    reader: Box<dyn FormatReader + 's>,
    decoder: Box<dyn AudioDecoder>,
    track: u32,
    rate: SampleRate,
    stated: Option<u64>,
    /// Frames given so far.
    done: u64,
    /// Frames that are still to be left out before the sound begins.
    skipping: usize,
    /// Frames of the sound that are still to come, where the file says.
    left: Option<u64>,
    /// The first block is decoded when the file is opened, for some files do not say what it is like.
    is_first: bool,
    has_ended: bool,
    changed: bool,
    block: Vec<Vec<f32>>, // [channels, frames]
}

/// What came of a packet.
enum Step {
    /// A block of a rate and so many channels.
    Block(u32, usize),
    /// Nothing to be heard.
    Nothing,
    /// A packet that could not be decoded: what was wrong, and how many frames it should have had.
    Broken(String, u64),
    /// Another stream begins.
    Reset,
    End,
    /// The file breaks off.
    BrokenOff(String),
}

/// Opens a file and decodes its first block.
pub(super) fn open<'s>(
    source: Part<'s>,
    format: SoundFormat,
    faults: &mut Faults,
) -> Result<Coded<'s>, DecodeError> {
    let mut source = source;
    let is_locked = format == SoundFormat::M4a && is_locked(&mut source)?;
    let edit = if format == SoundFormat::M4a { m4a::edit(&mut source)? } else { m4a::Edit::default() };
    let source = if format == SoundFormat::Flac { flac::clean(source, faults)? } else { source.from(0)? };
    let opened = quietly(|| reader(source, format)).and_then(|reader| {
        let (track, decoder) = quietly(|| decoder(reader.as_ref()))?;
        Ok((reader, track, decoder))
    });
    let (reader, track, decoder) = match opened {
        Ok(opened) => opened,
        Err(_) if is_locked => return Err(DecodeError::Foreign("M4A under a lock (DRM)".to_owned())),
        Err(problem) => return Err(problem.of(format)),
    };
    let stated = track.num_frames.filter(|_| matches!(format, SoundFormat::Flac | SoundFormat::M4a));
    let mut coded = Coded {
        format,
        reader,
        decoder,
        track: track.id,
        rate: SampleRate::CD,
        stated,
        done: 0,
        skipping: edit.skipped as usize,
        left: None,
        is_first: true,
        has_ended: false,
        changed: false,
        block: Vec::new(),
    };
    coded.first_block(&track, faults)?;
    if let Some((length, scale)) = edit.length {
        let left = length as f64 / f64::from(scale) * f64::from(coded.rate.hertz());
        coded.left = Some(left.round() as u64);
        coded.stated = coded.left;
    }
    Ok(coded)
}

/// Why a file could not be opened.
enum Problem {
    /// In the words of the library.
    Words(String),
    NoSound,
}

impl Problem {
    fn of(self, format: SoundFormat) -> DecodeError {
        let found = match self {
            Self::NoSound => {
                return DecodeError::Foreign(format!("{format} without sound that is decoded here"));
            }
            Self::Words(words) => words,
        };
        DecodeError::Damaged { format, rule: "have a head that makes sense", found }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::IoError(_) => Self::Words("it ends within it".to_owned()),
            error => Self::Words(format!("this one does not ({error})")),
        }
    }
}

/// Does something with the library, whose panics at damaged files become problems.
fn quietly<T>(work: impl FnOnce() -> Result<T, Problem>) -> Result<T, Problem> {
    let caught = catch_unwind(AssertUnwindSafe(work));
    caught.unwrap_or_else(|_| Err(Problem::Words("this one cannot be understood".to_owned())))
}

fn reader(source: Part<'_>, format: SoundFormat) -> Result<Box<dyn FormatReader + '_>, Problem> {
    let stream = MediaSourceStream::new(Box::new(source), MediaSourceStreamOptions::default());
    let options = FormatOptions::default();
    Ok(match format {
        SoundFormat::Flac => Box::new(FlacReader::try_new(stream, options)?),
        SoundFormat::Mp3 => Box::new(MpaReader::try_new(stream, options)?),
        SoundFormat::Aac => Box::new(AdtsReader::try_new(stream, options)?),
        SoundFormat::Ogg => Box::new(OggReader::try_new(stream, options)?),
        SoundFormat::M4a => Box::new(IsoMp4Reader::try_new(stream, options)?),
        SoundFormat::Wav | SoundFormat::Aiff => Box::new(WavReader::try_new(stream, options)?),
    })
}

/// The track of sound, and what decodes it.
fn decoder(reader: &dyn FormatReader) -> Result<(Track, Box<dyn AudioDecoder>), Problem> {
    let track = reader.default_track(TrackType::Audio).ok_or(Problem::NoSound)?;
    let params = track.codec_params.as_ref().and_then(|params| params.audio()).ok_or(Problem::NoSound)?;
    let options = AudioDecoderOptions::default().verify(true);
    let decoder = symphonia::default::get_codecs().make_audio_decoder(params, &options);
    match decoder {
        Ok(decoder) => Ok((track.clone(), decoder)),
        Err(Error::Unsupported(_)) => Err(Problem::NoSound),
        Err(error) => Err(error.into()),
    }
}

/// Whether an MPEG-4 file is encrypted: its description names the scheme.
fn is_locked(source: &mut Part<'_>) -> Result<bool, DecodeError> {
    const REACH: usize = 1 << 20;
    let end = source.len().saturating_sub(REACH as u64);
    let locked = |bytes: &[u8]| bytes.windows(4).any(|word| matches!(word, b"drms" | b"enca"));
    Ok(locked(&source.look(0, REACH)?) || locked(&source.look(end, REACH)?))
}

impl Coded<'_> {
    pub(super) fn rate(&self) -> SampleRate {
        self.rate
    }

    pub(super) fn channels(&self) -> usize {
        self.block.len()
    }

    pub(super) fn stated_frames(&self) -> Option<u64> {
        self.stated
    }

    /// Finds out what blocks are like.
    fn first_block(&mut self, track: &Track, faults: &mut Faults) -> Result<(), DecodeError> {
        let params = track.codec_params.as_ref().and_then(|params| params.audio());
        let stated_rate = params.and_then(|params| params.sample_rate);
        let stated_channels = params.and_then(|params| params.channels.as_ref()).map(Channels::count);
        if let Some(rate) = stated_rate {
            self.rate = SampleRate::new(rate)?;
        }
        let found = self.find_block(faults)?;
        let (Some(rate), Some(channels)) =
            (found.map(|f| f.0).or(stated_rate), found.map(|f| f.1).or(stated_channels))
        else {
            return Err(self.damaged("hold a frame that can be decoded", "holds none"));
        };
        if channels == 0 || channels > MOST_CHANNELS {
            return Err(self.damaged("have 1 to 64 channels", &format!("has {channels}")));
        }
        self.rate = SampleRate::new(rate)?;
        self.block.resize(channels, Vec::new());
        Ok(())
    }

    fn damaged(&self, rule: &'static str, found: &str) -> DecodeError {
        DecodeError::Damaged { format: self.format, rule, found: found.to_owned() }
    }

    fn place(&self) -> Place {
        Place::Second(self.done as f64 / f64::from(self.rate.hertz()))
    }

    pub(super) fn next_block(&mut self, faults: &mut Faults) -> Result<Option<&[Vec<f32>]>, DecodeError> {
        let channels = self.block.len();
        loop {
            if self.is_first {
                self.is_first = false;
            } else {
                let Some((rate, found)) = self.find_block(faults)? else { return Ok(None) };
                if !self.take(rate, (channels, found), faults)? {
                    return Ok(None);
                }
            }
            let decoded = self.block.first().map_or(0, Vec::len);
            let frames = self.cut();
            self.done += frames as u64;
            if frames > 0 {
                return Ok(Some(&self.block));
            }
            if decoded == 0 || self.left == Some(0) {
                return Ok(None);
            }
        }
    }

    /// Cuts off what comes before the sound and after it, and gives how many frames are left of the block.
    fn cut(&mut self) -> usize {
        let decoded = self.block.first().map_or(0, Vec::len);
        let skipped = self.skipping.min(decoded);
        self.skipping -= skipped;
        let mut frames = decoded - skipped;
        if let Some(left) = &mut self.left {
            frames = frames.min((*left).try_into().unwrap_or(usize::MAX));
            *left -= frames as u64;
        }
        for channel in &mut self.block {
            channel.drain(..skipped);
            channel.truncate(frames);
        }
        frames
    }

    /// Makes a block like those before it. Gives false where that cannot be.
    fn take(
        &mut self,
        rate: u32,
        (channels, found): (usize, usize),
        faults: &mut Faults,
    ) -> Result<bool, DecodeError> {
        if rate != self.rate.hertz() {
            let message =
                format!("the rate changes from {} to {rate} Hz; what follows was left out", self.rate);
            faults.forgive(self.place(), message)?;
            self.has_ended = true;
            return Ok(false);
        }
        if found != channels && !self.changed {
            self.changed = true;
            let message = format!("the channels change from {channels} to {found}; {channels} were kept");
            faults.forgive(self.place(), message)?;
        }
        if found != channels {
            let frames = self.block.first().map_or(0, Vec::len);
            let rest = if found == 1 { self.block[0].clone() } else { vec![0.0; frames] };
            self.block.resize(channels, rest);
        }
        Ok(true)
    }

    /// Decodes up to the next block that holds something, and gives its rate and channels.
    fn find_block(&mut self, faults: &mut Faults) -> Result<Option<(u32, usize)>, DecodeError> {
        let mut in_a_row = 0;
        while !self.has_ended {
            match self.step() {
                Step::Block(rate, channels) => return Ok(Some((rate, channels))),
                Step::Nothing | Step::Reset => in_a_row += usize::from(self.block.is_empty()),
                Step::Broken(message, frames) => {
                    in_a_row += 1;
                    let frames = frames.min(MOST_FRAMES as u64) as usize;
                    let has_place = !self.is_first && frames > 0;
                    let instead = if has_place { "silence stands in its place" } else { "it was left out" };
                    faults.forgive(self.place(), format!("a packet is damaged ({message}); {instead}"))?;
                    if has_place {
                        for channel in &mut self.block {
                            channel.clear();
                            channel.resize(frames, 0.0);
                        }
                        return Ok(Some((self.rate.hertz(), self.block.len())));
                    }
                }
                Step::BrokenOff(message) => {
                    faults.forgive(self.place(), message)?;
                    self.has_ended = true;
                }
                Step::End => self.end(faults)?,
            }
            if in_a_row > MOST_FAULTS_IN_A_ROW {
                faults.forgive(self.place(), "nothing more can be decoded; the rest was left out")?;
                self.has_ended = true;
            }
        }
        Ok(None)
    }

    /// Reads and decodes one packet.
    fn step(&mut self) -> Step {
        let stepping = AssertUnwindSafe(|| match self.reader.next_packet() {
            Ok(Some(packet)) if packet.track_id == self.track => self.decode(&packet),
            Ok(Some(_)) => Step::Nothing,
            Ok(None) => Step::End,
            Err(Error::ResetRequired) => self.reset(),
            Err(Error::IoError(_)) => {
                Step::BrokenOff("the file breaks off; what is there was read".to_owned())
            }
            Err(error) => Step::Broken(error.to_string(), 0),
        });
        let broken = "the rest cannot be understood and was left out";
        catch_unwind(stepping).unwrap_or_else(|_| Step::BrokenOff(broken.to_owned()))
    }

    fn decode(&mut self, packet: &Packet) -> Step {
        match self.decoder.decode(packet) {
            Ok(sound) if sound.frames() == 0 => Step::Nothing,
            Ok(sound) => copy(&sound, &mut self.block),
            Err(Error::ResetRequired) => self.reset(),
            Err(Error::IoError(_)) => Step::Broken("it ends too early".to_owned(), packet.dur.get()),
            Err(error) => Step::Broken(error.to_string(), packet.dur.get()),
        }
    }

    /// Goes on with the stream that follows in the same file.
    fn reset(&mut self) -> Step {
        match decoder(self.reader.as_ref()) {
            Ok((track, decoder)) => {
                self.track = track.id;
                self.decoder = decoder;
                Step::Reset
            }
            Err(_) => {
                Step::BrokenOff("another stream follows that is not decoded; it was left out".to_owned())
            }
        }
    }

    /// Holds what was heard against what the file claims.
    fn end(&mut self, faults: &mut Faults) -> Result<(), DecodeError> {
        self.has_ended = true;
        let checked = catch_unwind(AssertUnwindSafe(|| self.decoder.finalize().verify_ok));
        if let Some(stated) =
            self.stated.filter(|stated| *stated != self.done && self.format == SoundFormat::Flac)
        {
            let message =
                format!("the file claims {stated} samples of each channel, but {} are there", self.done);
            faults.forgive(self.place(), message)?;
        } else if checked.is_ok_and(|checked| checked == Some(false)) {
            faults.forgive(self.place(), "the samples are not those that the checksum (MD5) was made of")?;
        }
        Ok(())
    }
}

/// Copies what was decoded into planes.
fn copy(sound: &GenericAudioBufferRef<'_>, block: &mut Vec<Vec<f32>>) -> Step {
    let channels = sound.num_planes();
    if sound.frames() > MOST_FRAMES || channels > MOST_CHANNELS {
        return Step::Broken("it is longer than any packet".to_owned(), 0);
    }
    sound.copy_to_vecs_planar(block);
    block.truncate(channels);
    for sample in block.iter_mut().flatten().filter(|sample| !is_sound(**sample)) {
        *sample = 0.0;
    }
    Step::Block(sound.spec().rate(), channels)
}
