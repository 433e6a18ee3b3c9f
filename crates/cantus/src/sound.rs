//! From a score to sound, and from sound to sound.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use cantus_audio::{
    AudioBuffer, DecodeError, Decoder, Depth, Loudness, LoudnessMeter, Quality, SampleRate, SoundFormat,
    Strictness,
};
use cantus_render::performance::{Performance, perform};
use cantus_render::synth;
use cantus_score::{Score, Seconds};

use crate::error::{Error, Kind};
use crate::output::unwritable;
use crate::{OutputFormat, write_file};

/// How a score sounds when it is rendered.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SoundOptions {
    /// A `SoundFont` (SF2) to play it with, in place of the built-in instruments.
    pub soundfont: Option<PathBuf>,
    /// What gives notes without dynamics theirs; notes that have them keep them.
    pub performance: Performance,
    /// How long a piece is that leads back to its beginning, where it does: its sound goes round without a seam.
    pub loop_length: Option<Seconds>,
}

/// What becomes of sound on its way from one file to another.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Reshape {
    /// The rate of the result; the sound's own where there is none.
    pub rate: Option<SampleRate>,
    /// Which channels the result has.
    pub channels: Channels,
}

/// The channels of a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Channels {
    /// Those of the sound.
    #[default]
    Same,
    /// One: the mean of all.
    Mono,
}

/// What is told of a sound file.
#[derive(Debug, Clone, PartialEq)]
pub struct SoundFacts {
    /// What the file is.
    pub format: SoundFormat,
    /// Samples a second.
    pub rate: SampleRate,
    /// How many channels it has.
    pub channels: usize,
    /// Samples of each channel.
    pub frames: u64,
    /// How loud it is; nothing where it has more channels than are measured.
    pub loudness: Option<Loudness>,
    /// What was forgiven.
    pub warnings: Vec<cantus_audio::Warning>,
}

impl SoundFacts {
    /// How long it lasts, in seconds.
    pub fn seconds(&self) -> f64 {
        self.frames as f64 / f64::from(self.rate.hertz())
    }
}

/// Renders a score as a file of sound: stereo, 44,100 Hz, at -16 LUFS; where the format has whole numbers, of 16 bits.
pub(crate) fn file(score: &Score, format: OutputFormat, options: &SoundOptions) -> Result<Vec<u8>, Error> {
    let sound = synth::render(&perform(score, options.performance), &synthesis(options)?);
    encode(&sound.map_err(|error| unplayable(error, options))?.into(), format)
}

fn synthesis(options: &SoundOptions) -> Result<synth::SoundOptions, Error> {
    let soundfont = options.soundfont.as_deref().map(read_soundfont).transpose()?;
    Ok(synth::SoundOptions { soundfont, loop_length: options.loop_length })
}

/// Whether a name is that of a folder, into which stems are written: it ends like one, or is one.
pub fn is_folder(path: &Path) -> bool {
    path.as_os_str().to_string_lossy().ends_with(['/', std::path::MAIN_SEPARATOR]) || path.is_dir()
}

/// Writes a WAV file of each track of a score into a folder, which is made if it is not there: all of one length and at one gain, so that
/// they lie together in any program for sound. Returns their paths.
pub fn write_stems(score: &Score, folder: &Path, options: &SoundOptions) -> Result<Vec<PathBuf>, Error> {
    let score = perform(score, options.performance);
    let stems = synth::render_stems(&score, &synthesis(options)?);
    let stems = stems.map_err(|error| unplayable(error, options))?;
    std::fs::create_dir_all(folder).map_err(|error| unwritable(error, folder))?;
    let mut written = Vec::new();
    for (number, stem) in stems {
        let path = folder.join(format!("{:02}-{}.wav", number + 1, plain_name(&score.tracks[number].name)));
        write_file(&path, &encode(&stem.into(), OutputFormat::Wav)?)?;
        written.push(path);
    }
    Ok(written)
}

/// A name that any system takes for a file's.
fn plain_name(name: &str) -> String {
    let plain = |letter: char| if letter.is_alphanumeric() { letter } else { '-' };
    let plain: String = name.trim().chars().map(plain).take(40).collect();
    let plain = plain.trim_matches('-');
    if plain.is_empty() { "track".to_owned() } else { plain.to_lowercase() }
}

/// Whether a file's first bytes promise sound.
pub fn is_sound(path: &Path) -> bool {
    let mut head = Vec::new();
    let read = File::open(path).and_then(|file| file.take(4096).read_to_end(&mut head));
    read.is_ok() && cantus_audio::looks_like_sound(&head)
}

/// Tells what a sound file is, block by block, so that an hour takes no more memory than a minute.
pub fn describe_sound(path: &Path) -> Result<SoundFacts, Error> {
    let mut decoder = open(path, Strictness::Tolerant)?;
    let mut meter = LoudnessMeter::new(decoder.rate(), decoder.channels());
    let mut frames = 0;
    while let Some(block) = decoder.next_block().map_err(|error| undecodable(error, path))? {
        let planes: Vec<&[f32]> = block.iter().map(Vec::as_slice).collect();
        frames += planes.first().map_or(0, |plane| plane.len()) as u64;
        if let Some(meter) = &mut meter {
            meter.add(&planes);
        }
    }
    Ok(SoundFacts {
        format: decoder.format(),
        rate: decoder.rate(),
        channels: decoder.channels(),
        frames,
        loudness: meter.map(|meter| meter.loudness()),
        warnings: decoder.warnings().to_vec(),
    })
}

/// Reads a sound file and writes another; gives what was forgiven.
pub(crate) fn convert(
    input: &Path,
    (output, format): (&Path, OutputFormat),
    (reshape, strictness): (Reshape, cantus_score::Strictness),
) -> Result<Vec<cantus_audio::Warning>, Error> {
    let strictness = match strictness {
        cantus_score::Strictness::Tolerant => Strictness::Tolerant,
        cantus_score::Strictness::Strict => Strictness::Strict,
    };
    let read = open(input, strictness)?.read_to_end().map_err(|error| undecodable(error, input))?;
    let mut sound = read.value;
    if reshape.channels == Channels::Mono {
        sound = AudioBuffer::of_mono(sound.rate(), sound.to_mono());
    }
    if let Some(rate) = reshape.rate {
        sound = sound.resampled(rate);
    }
    write_file(output, &encode(&sound, format).map_err(|error| error.or_at(output))?)?;
    Ok(read.warnings)
}

pub(crate) fn open(path: &Path, strictness: Strictness) -> Result<Decoder<'static>, Error> {
    let file = File::open(path).map_err(|error| {
        let kind = if error.kind() == std::io::ErrorKind::NotFound { Kind::Missing } else { Kind::Input };
        Error::because(kind, format!("it cannot be read ({error})"), error)
            .at(path)
            .with_hint("check the path")
    })?;
    Decoder::open(file, strictness).map_err(|error| undecodable(error, path))
}

pub(crate) fn undecodable(error: DecodeError, path: &Path) -> Error {
    let hint = match &error {
        DecodeError::Fault(_) => "leave --strict out, and what can be read is read",
        DecodeError::TooLong { .. } => "cut it into shorter files",
        _ => "what counts is the content, not the name; does another program play it?",
    };
    Error::of(Kind::Input, error).at(path).with_hint(hint)
}

/// Writes sound in the format of a name.
pub fn write_sound(sound: &AudioBuffer, path: &Path) -> Result<(), Error> {
    write_file(path, &encode(sound, OutputFormat::sound_of_path(path)?)?)
}

fn encode(sound: &AudioBuffer, format: OutputFormat) -> Result<Vec<u8>, Error> {
    let written = match format {
        OutputFormat::Flac => cantus_audio::encode_flac(sound, Depth::Bits16),
        OutputFormat::Ogg => cantus_audio::encode_ogg(sound, Quality::default()),
        OutputFormat::Mp3 => return mp3(sound),
        _ => cantus_audio::encode_wav(sound, Depth::Bits16),
    };
    written.map_err(|error| {
        Error::of(Kind::Output, error).with_hint("--rate and --mono, or another format, help")
    })
}

/// MP3 by the user's own ffmpeg: the encoders of it have licences that ours does not go with.
fn mp3(sound: &AudioBuffer) -> Result<Vec<u8>, Error> {
    const INSTEAD: &str = "install ffmpeg (with libmp3lame), or end the name in .ogg or .flac";
    let failed = |what: String| Error::new(Kind::Output, what).with_hint(INSTEAD);
    let unwritable =
        |error: std::io::Error| failed(format!("MP3 is written through temporary files, but {error}"));
    let wav =
        cantus_audio::encode_wav(sound, Depth::Float32).map_err(|error| Error::of(Kind::Output, error))?;
    let folder = tempfile::tempdir().map_err(unwritable)?;
    let [input, output] = ["in.wav", "out.mp3"].map(|name| folder.path().join(name));
    fs::write(&input, wav).map_err(unwritable)?;
    let mut command = Command::new("ffmpeg");
    command.args(["-nostdin", "-v", "error", "-i"]).arg(&input);
    command.args(["-codec:a", "libmp3lame", "-q:a", "2", "-bitexact"]).arg(&output);
    let done = command
        .output()
        .map_err(|error| failed(format!("MP3 is written by ffmpeg, but that did not start ({error})")))?;
    if !done.status.success() {
        let told = String::from_utf8_lossy(&done.stderr);
        let last = told.lines().last().unwrap_or("it does not say why");
        return Err(failed(format!("MP3 is written by ffmpeg, but that failed: {last}")));
    }
    fs::read(&output).map_err(unwritable)
}

fn read_soundfont(path: &Path) -> Result<Vec<u8>, Error> {
    fs::read(path).map_err(|error| {
        let kind = if error.kind() == std::io::ErrorKind::NotFound { Kind::Missing } else { Kind::Input };
        Error::because(kind, format!("the SoundFont cannot be read ({error})"), error)
            .at(path)
            .with_hint("check the path; without --soundfont the built-in instruments play")
    })
}

fn unplayable(error: synth::RenderError, options: &SoundOptions) -> Error {
    if matches!(error, synth::RenderError::TooLong { .. }) {
        return Error::of(Kind::Request, error).with_hint("render a part of the piece");
    }
    let error = Error::of(Kind::Input, error)
        .with_hint("SF2 files are played; without --soundfont the built-in instruments play");
    match &options.soundfont {
        Some(path) => error.at(path),
        None => error,
    }
}
