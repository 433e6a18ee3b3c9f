//! The forms in which music is written.

use std::path::Path;

use crate::error::{Error, Kind};

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
    /// Sound, packed without loss: 16-bit stereo.
    Flac,
    /// Sound, packed: Ogg Vorbis.
    Ogg,
    /// Sound, packed by the user's own ffmpeg.
    Mp3,
    /// Everything that the score holds, as one JSON object.
    Json,
    /// A piano roll as one array.
    Npy,
    /// A piano roll a part, with tempo, metre, key, instruments and names.
    Npz,
}

/// Each format with the endings of its files, the usual one first, and its name.
const TABLE: [(OutputFormat, &[&str], &str); 14] = [
    (OutputFormat::Midi, &["mid", "midi"], "MIDI"),
    (OutputFormat::MusicXml, &["musicxml", "xml"], "MusicXML"),
    (OutputFormat::Mxl, &["mxl"], "MusicXML"),
    (OutputFormat::Abc, &["abc"], "ABC"),
    (OutputFormat::Kern, &["krn", "kern"], "kern"),
    (OutputFormat::LilyPond, &["ly"], "LilyPond"),
    (OutputFormat::Wav, &["wav"], "sound"),
    (OutputFormat::Flac, &["flac"], "sound"),
    (OutputFormat::Ogg, &["ogg", "oga"], "sound"),
    (OutputFormat::Mp3, &["mp3"], "sound"),
    (OutputFormat::Svg, &["svg"], "a picture"),
    (OutputFormat::Json, &["json"], "JSON"),
    (OutputFormat::Npy, &["npy"], "a piano roll"),
    (OutputFormat::Npz, &["npz"], "an archive of piano rolls"),
];

impl OutputFormat {
    /// The format that a file's name asks for.
    pub fn of_path(path: &Path) -> Result<Self, Error> {
        let extension = path.extension().map(|extension| extension.to_string_lossy().to_lowercase());
        let found = extension.as_deref().and_then(Self::of_ending);
        found.ok_or_else(|| {
            unknown(extension.as_deref()).at(path).with_hint(format!("end the name in {}", endings()))
        })
    }

    /// The format whose files end so: `mid`, `.mid`.
    pub fn of_ending(ending: &str) -> Option<Self> {
        let ending = ending.trim_start_matches('.').to_lowercase();
        TABLE.iter().find(|row| row.1.contains(&ending.as_str())).map(|row| row.0)
    }

    /// The usual ending of its files.
    pub fn ending(self) -> &'static str {
        self.row().1.first().copied().unwrap_or_default()
    }

    /// Its name, as in "kern holds no …".
    pub fn name(self) -> &'static str {
        self.row().2
    }

    /// Whether it says how music is written, and not how it is played.
    pub fn is_written(self) -> bool {
        matches!(self, Self::MusicXml | Self::Mxl | Self::Abc | Self::Kern | Self::LilyPond)
    }

    /// Whether it is sound.
    pub fn is_sound(self) -> bool {
        matches!(self, Self::Wav | Self::Flac | Self::Ogg | Self::Mp3)
    }

    fn row(self) -> &'static (Self, &'static [&'static str], &'static str) {
        TABLE.iter().find(|row| row.0 == self).unwrap_or(&TABLE[0])
    }

    /// The same, where sound is wanted.
    pub fn sound_of_path(path: &Path) -> Result<Self, Error> {
        match Self::of_path(path) {
            Ok(format) if format.is_sound() => Ok(format),
            _ => {
                let rule = "sound is written as WAV, FLAC, Ogg or MP3, but this name ends in none of these";
                Err(Error::new(Kind::Request, rule).at(path).with_hint(
                    "end the name in .wav, .flac, .ogg or .mp3; `cantus convert` writes other formats",
                ))
            }
        }
    }
}

/// The usual endings, in words.
fn endings() -> String {
    let all: Vec<String> = TABLE.iter().map(|row| format!(".{}", row.0.ending())).collect();
    all.join(", ")
}

fn unknown(extension: Option<&str>) -> Error {
    let has = extension.map_or("has none".into(), |extension| format!("has .{extension}"));
    Error::new(
        Kind::Request,
        format!("the ending of its name tells the format of a result, but this name {has}"),
    )
}
