//! Arguments of the commands that read and write files of music.

use std::path::PathBuf;

use clap::Args;

/// Arguments of `cantus show`.
#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    /// Files of music or of sound; `book.abc#12` is one tune of a book, `tunes.zip!one.abc` one file of an archive
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Print one JSON object a file, and no picture
    #[arg(long)]
    pub(crate) json: bool,
}

/// Arguments of `cantus features`.
#[derive(Debug, Args)]
pub(crate) struct FeaturesArgs {
    /// Files of music or of sound, folders, archives and wildcards; `book.abc#12` is one tune of a book, `tunes.zip!one.abc`
    /// one file of an archive. Sound is measured in one channel at 22,050 Hz, but for loudness; it is not looked for in
    /// archives and wildcards
    #[arg(required_unless_present = "list", value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Measure these alone, by their names in the catalogue: `--only density,key`. Of sound, what takes a transform of its own and
    /// therefore time (`constant_q`, `chroma_constant_q`, `harmonic_share`, `pitch`) is measured only where it is named
    #[arg(long, value_name = "NAME,NAME", value_delimiter = ',')]
    pub(crate) only: Vec<String>,
    /// Print one JSON object a piece, with the values of each bar, chords and keys; of a sound with means, deviations and chords
    #[arg(long, conflicts_with = "output")]
    pub(crate) json: bool,
    /// Write the numbers (.csv, .npy, .npz) of all pieces, or a picture of each (.svg, .png); of sounds a line each (.csv),
    /// the frames of one (.npy) or of all (.npz)
    #[arg(short, long, value_name = "OUT")]
    pub(crate) output: Option<PathBuf>,
    /// What the picture shows: of scores a piano roll with chords and keys (roll) or how alike the bars are
    /// (similarity); of sound its wave (waveform), its power by frequency (spectrogram, mel) or pitch class (chroma), or how
    /// alike the beats are (similarity) [default: roll, of sound spectrogram]
    #[arg(long, value_name = "KIND", value_parser = picture, requires = "output")]
    pub(crate) picture: Option<cantus::Picture>,
    /// Tell what is measured, and measure nothing; with --json the whole catalogue
    #[arg(long)]
    pub(crate) list: bool,
}

fn picture(text: &str) -> Result<cantus::Picture, String> {
    match text {
        "roll" => Ok(cantus::Picture::Roll),
        "similarity" => Ok(cantus::Picture::Similarity),
        "waveform" => Ok(cantus::Picture::Waveform),
        "spectrogram" => Ok(cantus::Picture::Spectrogram),
        "mel" => Ok(cantus::Picture::Mel),
        "chroma" => Ok(cantus::Picture::Chroma),
        _ => Err("a picture shows a roll, similarity, waveform, spectrogram, mel or chroma".to_owned()),
    }
}

/// Arguments of `cantus convert`.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
pub(crate) struct ConvertArgs {
    /// Files of music and last the result, in the format of its ending: .mid, .musicxml, .mxl, .abc, .krn, .ly, .npy,
    /// .npz, .json, .wav, .flac, .ogg, .mp3 or .svg; a file of sound becomes sound. Folders, archives (.zip, .tar.zst …) and wildcards ('songs/*.mid') become a folder,
    /// a .zip or one .npy; `book.abc#12` is one tune, `tunes.zip!one.abc` one file of an archive
    #[arg(required = true, value_name = "IN… OUT")]
    pub(crate) paths: Vec<PathBuf>,
    /// The result, where it is not the last path
    #[arg(short, long, value_name = "OUT")]
    pub(crate) output: Option<PathBuf>,
    /// The format of each file of a folder or .zip, by its ending: musicxml, mid …
    #[arg(long, value_name = "FORMAT")]
    pub(crate) to: Option<String>,
    /// Write the bars of written music in the order in which they are played, without signs of repetition
    #[arg(long)]
    pub(crate) performed: bool,
    /// On whose beats played MIDI becomes written music: the file's where its notes lie on or near them and else those
    /// that are heard (auto), always the file's (file), or always those that are heard (listen)
    #[arg(long, value_name = "WHOSE", default_value = "auto", value_parser = beats)]
    pub(crate) beats: cantus::features::pulse::Listen,
    /// Refuse a file with any fault instead of forgiving it
    #[arg(long)]
    pub(crate) strict: bool,
    /// Steps of a quarter note in piano rolls, in and out: 4 is sixteenths, 12 has triplets too
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=960))]
    pub(crate) steps: u16,
    /// Keys of a piano roll: 128, or the piano's 88
    #[arg(long, value_name = "N", default_value = "128", value_parser = keys)]
    pub(crate) keys: cantus::Keys,
    /// What the numbers of a piano roll say: velocity, fraction (of 127) or on; velocity, and on where many pieces are
    /// one array
    #[arg(long, value_name = "KIND", value_parser = values)]
    pub(crate) values: Option<cantus::Values>,
    /// Samples a second of sound made of sound, in hertz [default: as it is]
    #[arg(long, value_name = "HERTZ", value_parser = rate)]
    pub(crate) rate: Option<cantus::audio::SampleRate>,
    /// Make one channel of sound made of sound
    #[arg(long)]
    pub(crate) mono: bool,
    /// The first of three axes of an array read counts the parts of one piece, and not pieces
    #[arg(long)]
    pub(crate) parts: bool,
    /// A SoundFont (SF2) to play with in place of the built-in instruments
    #[arg(long, value_name = "SF2")]
    pub(crate) soundfont: Option<PathBuf>,
}

fn beats(text: &str) -> Result<cantus::features::pulse::Listen, String> {
    match text {
        "auto" => Ok(cantus::features::pulse::Listen::Auto),
        "file" => Ok(cantus::features::pulse::Listen::File),
        "listen" => Ok(cantus::features::pulse::Listen::Always),
        _ => Err("played music is written on the beats of auto, file or listen".to_owned()),
    }
}

fn rate(text: &str) -> Result<cantus::audio::SampleRate, String> {
    let hertz =
        text.parse().map_err(|_| format!("a rate is a number of hertz, as in 44100, but was {text}"))?;
    cantus::audio::SampleRate::new(hertz).map_err(|error| error.to_string())
}

fn keys(text: &str) -> Result<cantus::Keys, String> {
    let count = text.parse().ok().and_then(cantus::Keys::of_count);
    count.ok_or_else(|| "a piano roll has 128 keys or 88".to_owned())
}

fn values(text: &str) -> Result<cantus::Values, String> {
    match text {
        "velocity" => Ok(cantus::Values::Velocity),
        "fraction" => Ok(cantus::Values::Fraction),
        "on" => Ok(cantus::Values::On),
        _ => Err("the numbers of a piano roll say velocity, fraction or on".to_owned()),
    }
}

/// Arguments of `cantus render`.
#[derive(Debug, Args)]
pub(crate) struct RenderArgs {
    /// A MIDI, MusicXML or Humdrum file or a book of ABC tunes; `book.abc#12` is one tune of it
    #[arg(value_name = "IN")]
    pub(crate) input: PathBuf,
    /// The sound to write: .wav, .flac, .ogg, or .mp3 with an ffmpeg of your own; a folder, DIR/, takes each track as a WAV of its own
    #[arg(short, long, value_name = "OUT.wav|DIR/")]
    pub(crate) output: PathBuf,
    /// A SoundFont (SF2) to play with in place of the built-in instruments
    #[arg(long, value_name = "SF2")]
    pub(crate) soundfont: Option<PathBuf>,
}
