//! Arguments of the commands that read and write files of music.

use std::path::PathBuf;

use clap::Args;

/// Arguments of `cantus show`.
#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    /// Files of music; `book.abc#12` is one tune of a book
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Print one JSON object a file, and no picture
    #[arg(long)]
    pub(crate) json: bool,
}

/// Arguments of `cantus features`.
#[derive(Debug, Args)]
pub(crate) struct FeaturesArgs {
    /// Files of music; `book.abc#12` is one tune of a book
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Print one JSON object a piece, with the values of each bar
    #[arg(long)]
    pub(crate) json: bool,
}

/// Arguments of `cantus convert`.
#[derive(Debug, Args)]
pub(crate) struct ConvertArgs {
    /// A MIDI, MusicXML or Humdrum file or a book of ABC tunes; `book.abc#12` is one tune of it
    #[arg(value_name = "IN")]
    pub(crate) input: PathBuf,
    /// What to write, in the format of its ending: .mid, .musicxml, .mxl, .abc, .krn, .ly, .wav, .svg or .json
    #[arg(value_name = "OUT")]
    pub(crate) output: PathBuf,
    /// A SoundFont (SF2) to play with in place of the built-in instruments
    #[arg(long, value_name = "SF2")]
    pub(crate) soundfont: Option<PathBuf>,
}

/// Arguments of `cantus render`.
#[derive(Debug, Args)]
pub(crate) struct RenderArgs {
    /// A MIDI, MusicXML or Humdrum file or a book of ABC tunes; `book.abc#12` is one tune of it
    #[arg(value_name = "IN")]
    pub(crate) input: PathBuf,
    /// The WAV file to write
    #[arg(short, long, value_name = "OUT.wav")]
    pub(crate) output: PathBuf,
    /// A SoundFont (SF2) to play with in place of the built-in instruments
    #[arg(long, value_name = "SF2")]
    pub(crate) soundfont: Option<PathBuf>,
}
