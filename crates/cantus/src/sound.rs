//! From a score to sound.

use std::fs;
use std::path::{Path, PathBuf};

use cantus_render::performance::{Performance, perform};
use cantus_render::{synth, wav};
use cantus_score::Score;

use crate::error::{Error, Kind};

/// How a score sounds when it is rendered.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SoundOptions {
    /// A `SoundFont` (SF2) to play it with, in place of the built-in instruments.
    pub soundfont: Option<PathBuf>,
    /// What gives notes without dynamics theirs; notes that have them keep them.
    pub performance: Performance,
}

/// Renders a score as the bytes of a WAV file: 16 bits, stereo, 44,100 Hz, at -16 LUFS.
pub(crate) fn wav(score: &Score, options: &SoundOptions) -> Result<Vec<u8>, Error> {
    let soundfont = options.soundfont.as_deref().map(read_soundfont).transpose()?;
    let score = perform(score, options.performance);
    let sound = synth::render(&score, &synth::SoundOptions { soundfont });
    sound.map(|sound| wav::write(&sound)).map_err(|error| unplayable(error, options))
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
