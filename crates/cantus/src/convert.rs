//! From a score to the bytes of a file.

use std::path::{Path, PathBuf};

use cantus_render::roll;
use cantus_score::sheet::Sheet;
use cantus_score::{Score, abc, kern, lilypond, midi, musicxml};

use crate::error::{Error, Kind};
use crate::{SoundOptions, json, numbered, read, write_file};

/// A form in which a score can be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutputFormat {
    /// A standard MIDI file, type 1.
    Midi,
    /// Written music: MusicXML, plain.
    MusicXml,
    /// Written music: MusicXML, packed.
    Mxl,
    /// Written music: a tune in ABC notation.
    Abc,
    /// Written music: Humdrum kern.
    Kern,
    /// Written music, to be engraved by `LilyPond`.
    LilyPond,
    /// A piano roll as a picture.
    Svg,
    /// Sound: 16-bit stereo.
    Wav,
    /// Everything that the score holds, as one JSON object.
    Json,
}

impl OutputFormat {
    /// The format that a file's name asks for.
    pub fn of_path(path: &Path) -> Result<Self, Error> {
        let extension = path.extension().map(|extension| extension.to_string_lossy().to_lowercase());
        match extension.as_deref() {
            Some("mid" | "midi") => Ok(Self::Midi),
            Some("musicxml" | "xml") => Ok(Self::MusicXml),
            Some("mxl") => Ok(Self::Mxl),
            Some("abc") => Ok(Self::Abc),
            Some("krn") => Ok(Self::Kern),
            Some("ly") => Ok(Self::LilyPond),
            Some("svg") => Ok(Self::Svg),
            Some("wav") => Ok(Self::Wav),
            Some("json") => Ok(Self::Json),
            other => Err(unknown(other)
                .at(path)
                .with_hint("end the name in .mid, .musicxml, .mxl, .abc, .krn, .ly, .wav, .svg or .json")),
        }
    }

    /// The same, where sound is wanted.
    pub fn sound_of_path(path: &Path) -> Result<Self, Error> {
        match Self::of_path(path) {
            Ok(Self::Wav) => Ok(Self::Wav),
            _ => {
                Err(Error::new(Kind::Request, "sound is written as WAV, but this name does not end in .wav")
                    .at(path)
                    .with_hint("end the name in .wav; `cantus convert` writes other formats"))
            }
        }
    }
}

fn unknown(extension: Option<&str>) -> Error {
    let has = extension.map_or("has none".into(), |extension| format!("has .{extension}"));
    Error::new(
        Kind::Request,
        format!("the ending of its name tells the format of a result, but this name {has}"),
    )
}

/// Writes a score in a format.
pub fn encode(score: &Score, format: OutputFormat, sound: &SoundOptions) -> Result<Vec<u8>, Error> {
    match format {
        OutputFormat::Midi => midi::write(score).map_err(|error| Error::of(Kind::Output, error)),
        OutputFormat::MusicXml => Ok(musicxml::write(&Sheet::of_score(score)).into_bytes()),
        OutputFormat::Mxl => {
            musicxml::write_mxl(&Sheet::of_score(score)).map_err(|error| Error::of(Kind::Output, error))
        }
        OutputFormat::Abc => Ok(abc::write(&Sheet::of_score(score)).into_bytes()),
        OutputFormat::Kern => Ok(kern::write(&Sheet::of_score(score)).into_bytes()),
        OutputFormat::LilyPond => Ok(lilypond::write(&Sheet::of_score(score)).into_bytes()),
        OutputFormat::Svg => Ok(roll::svg(score, &roll::SvgOptions::default()).into_bytes()),
        OutputFormat::Wav => crate::sound::wav(score, sound),
        OutputFormat::Json => Ok(json::score(score).into_bytes()),
    }
}

/// Reads one file and writes another, in the format that its name asks for; returns the files written. A book of
/// tunes becomes a file a tune: `x-01.mid`, `x-02.mid` ….
pub fn convert(input: &Path, output: &Path, sound: &SoundOptions) -> Result<Vec<PathBuf>, Error> {
    let format = OutputFormat::of_path(output)?;
    let music = read(input)?;
    let count = music.pieces.len();
    let mut written = Vec::with_capacity(count);
    for (index, piece) in music.pieces.iter().enumerate() {
        let path = numbered(output, index, count);
        keep_input(input, &path)?;
        let bytes = encode(&piece.score, format, sound).map_err(|error| error.or_at(input))?;
        write_file(&path, &bytes)?;
        written.push(path);
    }
    Ok(written)
}

/// Refuses to write over what is being read.
fn keep_input(input: &Path, output: &Path) -> Result<(), Error> {
    let same = input
        .canonicalize()
        .ok()
        .is_some_and(|input| output.canonicalize().is_ok_and(|output| input == output));
    if !same {
        return Ok(());
    }
    let error =
        Error::new(Kind::Request, "a conversion leaves its input as it is, but the output is the same file");
    Err(error.at(output).with_hint("give the output another name"))
}
