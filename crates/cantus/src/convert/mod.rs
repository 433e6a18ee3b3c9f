//! From one form of music to another.
//!
//! What is written goes from sheet to sheet, so that repeats, voices, spelling and words stay as they are; whatever
//! sounds is performed first. Each result is read back, and what did not come back is told.

mod format;
mod losses;
mod many;
mod names;
#[cfg(test)]
mod tests;

pub use format::OutputFormat;
pub use losses::Loss;
pub(crate) use many::is_something_else;
pub use many::{Batch, Done, Target, convert_all, is_many};

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use cantus_features::pulse::{self, Heard, Listen};
use cantus_model::corpus::Music as Form;
use cantus_score::roll::RollOptions;
use cantus_score::sheet::Sheet;
use cantus_score::{Score, Warning, abc, kern, lilypond, midi, musicxml, npy, roll};

use crate::error::{Error, Kind};
use crate::{Music, Piece, ReadOptions, Reshape, SoundOptions, json, numbered, read_as, write_file};

/// Which music of a written piece is written out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// Each bar once, with its signs of repetition.
    #[default]
    Written,
    /// The bars in the order in which they are played, without such signs.
    Played,
}

/// How music is turned into another form.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ConvertOptions {
    /// How files are read.
    pub reading: ReadOptions,
    /// What is written out of written music.
    pub order: Order,
    /// What piano rolls are like.
    pub roll: RollOptions,
    /// What music sounds like.
    pub sound: SoundOptions,
    /// On whose beats played music is written down.
    pub beats: Listen,
    /// What becomes of sound where a file of it becomes another.
    pub reshape: Reshape,
}

/// What became of a file.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Converted {
    /// The files written.
    pub files: Vec<PathBuf>,
    /// What the reader forgave.
    pub warnings: Vec<Warning>,
    /// What was forgiven of sound.
    pub sound_warnings: Vec<cantus_audio::Warning>,
    /// What the form does not hold, a line a kind.
    pub losses: Vec<Loss>,
    /// What was heard in each performance that was written down.
    pub heard: Vec<Heard>,
}

/// Writes a score in a format.
pub fn encode(score: &Score, format: OutputFormat, sound: &SoundOptions) -> Result<Vec<u8>, Error> {
    let options = ConvertOptions { sound: sound.clone(), ..ConvertOptions::default() };
    if format.is_written() {
        return encode_sheet(&Sheet::of_score(score), format);
    }
    encode_score(score, format, &options)
}

fn encode_sheet(sheet: &Sheet, format: OutputFormat) -> Result<Vec<u8>, Error> {
    Ok(match format {
        OutputFormat::Mxl => {
            return musicxml::write_mxl(sheet).map_err(|error| Error::of(Kind::Output, error));
        }
        OutputFormat::Abc => abc::write(sheet),
        OutputFormat::Kern => kern::write(sheet),
        OutputFormat::LilyPond => lilypond::write(sheet),
        _ => musicxml::write(sheet),
    }
    .into_bytes())
}

fn encode_score(score: &Score, format: OutputFormat, options: &ConvertOptions) -> Result<Vec<u8>, Error> {
    let impossible = |error: roll::RollError| Error::of(Kind::Output, error).with_hint(ROLL_HINT);
    match format {
        format if format.is_sound() => crate::sound::file(score, format, &options.sound),
        OutputFormat::Json => Ok(json::score(score).into_bytes()),
        OutputFormat::Npz => roll::write_archive(score, options.roll).map_err(impossible),
        OutputFormat::Npy => {
            roll::write(score, options.roll).map(|array| npy::write(&array)).map_err(impossible)
        }
        OutputFormat::Svg => {
            let picture = cantus_render::roll::SvgOptions::default();
            Ok(cantus_render::roll::svg(score, &picture).into_bytes())
        }
        _ => midi::write(score).map_err(|error| Error::of(Kind::Output, error)),
    }
}

const ROLL_HINT: &str = "take a coarser grid with --steps, or a part of the music";

/// A piece as it can be written in a format: a performance gets beats, note values, metre and key, where the format asks
/// for them; and what was heard in it.
pub fn heard(piece: &Piece, format: OutputFormat, beats: Listen) -> (Cow<'_, Piece>, Option<Heard>) {
    let Form::Played(score) = &piece.music else { return (Cow::Borrowed(piece), None) };
    if !format.is_written() {
        return (Cow::Borrowed(piece), None);
    }
    let notation = pulse::notate(score, beats);
    if notation.heard.is_none() {
        return (Cow::Borrowed(piece), None);
    }
    let written = Piece { music: Form::Played(notation.score), ..piece.clone() };
    (Cow::Owned(written), notation.heard)
}

/// A piece in another form, and what that does not hold.
pub fn encode_piece(
    piece: &Piece,
    format: OutputFormat,
    options: &ConvertOptions,
) -> Result<(Vec<u8>, Vec<Loss>), Error> {
    let form = match (&piece.music, options.order) {
        (Form::Written(sheet), Order::Played) => Cow::Owned(Form::Played(sheet.performed())),
        (form, _) => Cow::Borrowed(form),
    };
    if format.is_written() {
        let sheet = form.sheet();
        let bytes = encode_sheet(&sheet, format)?;
        let losses = losses::of_sheet(&form, &sheet, &bytes, format);
        return Ok((bytes, losses));
    }
    let score = form.score();
    let bytes = encode_score(&score, format, options)?;
    let losses = losses::of_score(&form, &score, &bytes, (format, options.roll.steps));
    Ok((bytes, losses))
}

/// Reads one file and writes another, in the format that its name asks for. A book of tunes becomes a file a tune:
/// `x-01.mid`, `x-02.mid` ….
pub fn convert(input: &Path, output: &Path, options: &ConvertOptions) -> Result<Converted, Error> {
    let format = OutputFormat::of_path(output)?;
    if crate::is_sound(input) {
        return convert_sound(input, (output, format), options);
    }
    let music = read_as(input, options.reading)?;
    let mut converted = Converted { warnings: music.warnings.clone(), ..Converted::default() };
    let count = music.pieces.len();
    for (index, piece) in music.pieces.iter().enumerate() {
        let path = numbered(output, index, count);
        keep_input(&file_of(&music), &path)?;
        let (piece, heard) = heard(piece, format, options.beats);
        converted.heard.extend(heard);
        let (bytes, losses) = encode_piece(&piece, format, options).map_err(|error| error.or_at(input))?;
        write_file(&path, &bytes)?;
        converted.files.push(path);
        losses::add(&mut converted.losses, losses);
    }
    Ok(converted)
}

/// Sound becomes sound; notes are not heard in it.
fn convert_sound(
    input: &Path,
    (output, format): (&Path, OutputFormat),
    options: &ConvertOptions,
) -> Result<Converted, Error> {
    if !format.is_sound() {
        let rule = "sound is converted to sound, but the result is to be notes; they are not heard in it";
        return Err(Error::new(Kind::Request, rule)
            .at(input)
            .with_hint("end the name in .wav, .flac, .ogg or .mp3"));
    }
    keep_input(input, output)?;
    let reading = (options.reshape, options.reading.strictness);
    let sound_warnings = crate::sound::convert(input, (output, format), reading)?;
    Ok(Converted { files: vec![output.to_owned()], sound_warnings, ..Converted::default() })
}

/// The file on the disk that music comes from.
fn file_of(music: &Music) -> PathBuf {
    let whole = music.path.to_string_lossy();
    let file = if music.path.exists() { &whole } else { whole.split(['#', '!']).next().unwrap_or(&whole) };
    PathBuf::from(file)
}

/// Refuses to write over what is being read.
fn keep_input(input: &Path, output: &Path) -> Result<(), Error> {
    let same = input
        .canonicalize()
        .ok()
        .is_some_and(|input| output.canonicalize().is_ok_and(|output| input == output));
    if same { Err(is_input(output)) } else { Ok(()) }
}

fn is_input(output: &Path) -> Error {
    let rule = "a conversion leaves its input as it is, but the output is the same file";
    Error::new(Kind::Request, rule).at(output).with_hint("give the output another name")
}
