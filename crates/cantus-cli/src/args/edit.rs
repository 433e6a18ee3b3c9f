//! Arguments of the commands that work on a piece: `continue`, `infill`, `harmonize`, `accompany`, `vary`, `restyle`, `blend`.

use std::ops::Range;
use std::path::PathBuf;

use cantus::composing::edit::Keep;
use cantus::parse;
use clap::{Args, ValueEnum};

use super::steer::SteerArgs;

/// What all of these commands may be told.
#[derive(Debug, Clone, Args)]
pub(crate) struct EditOptions {
    /// The style in which notes are made; without it, the one that the piece sounds like. `cantus styles` lists them
    #[arg(long, value_name = "NAME")]
    pub(crate) style: Option<String>,
    /// New notes of this key's scale only, such as "D minor" or Bb
    #[arg(long, value_name = "KEY", value_parser = parse::key)]
    pub(crate) scale: Option<cantus::score::Key>,
    #[command(flatten)]
    pub(crate) steer: SteerArgs,
    /// How daring: 0 always takes the likeliest note, 1 is as varied as the music learned from
    #[arg(long, value_name = "NUMBER", value_parser = super::compose::temperature, allow_hyphen_values = true)]
    pub(crate) temperature: Option<f64>,
    /// Leave out the least likely choices beyond this share of probability
    #[arg(long, value_name = "SHARE", value_parser = super::compose::top_p, allow_hyphen_values = true)]
    pub(crate) top_p: Option<f64>,
    /// How many drafts are written side by side: what follows and what is kept chooses among them [default: 8]
    #[arg(long, value_name = "NUMBER", value_parser = drafts, allow_hyphen_values = true)]
    pub(crate) drafts: Option<u32>,
    /// How many results
    #[arg(long, default_value = "1", value_parser = super::compose::count, allow_hyphen_values = true)]
    pub(crate) count: u32,
    /// The seed: the same one makes the same notes; without it one is drawn and told
    #[arg(long)]
    pub(crate) seed: Option<u64>,
    /// What makes notes: the recurrent network note by note, or a generator phrase by phrase; a model's own where one is named, else rnn
    #[arg(long, value_enum)]
    pub(crate) engine: Option<super::ComposeEngine>,
    /// A model file or the folder of a training run, in place of the built-in model
    #[arg(long, value_name = "FILE|RUN")]
    pub(crate) model: Option<PathBuf>,
    /// What to write, in the format of its ending (.mid, .musicxml, .abc, .krn, .ly, .wav, .svg …); may be given several times
    #[arg(short, long, value_name = "FILE", num_args = 1..)]
    pub(crate) output: Vec<PathBuf>,
    /// A SoundFont (SF2) to play with in place of the built-in instruments
    #[arg(long, value_name = "SF2")]
    pub(crate) soundfont: Option<PathBuf>,
}

/// Arguments of `cantus continue`.
#[derive(Debug, Args)]
pub(crate) struct ContinueArgs {
    /// The piece
    pub(crate) file: PathBuf,
    /// By how many bars
    #[arg(long, default_value = "8", value_parser = super::compose::bars, allow_hyphen_values = true)]
    pub(crate) bars: u32,
    #[command(flatten)]
    pub(crate) options: EditOptions,
}

/// Arguments of `cantus infill`.
#[derive(Debug, Args)]
pub(crate) struct InfillArgs {
    /// The piece
    pub(crate) file: PathBuf,
    /// The bars that are made anew, such as 5-8 or 12; the first whole bar is 1
    #[arg(long, value_name = "FROM-TO", value_parser = span)]
    pub(crate) bars: Range<u32>,
    /// Only in these tracks, such as 2,3; `cantus show` numbers them
    #[arg(long, value_name = "NUMBERS", value_delimiter = ',')]
    pub(crate) tracks: Option<Vec<usize>>,
    #[command(flatten)]
    pub(crate) options: EditOptions,
}

/// Arguments of `cantus harmonize` and `cantus restyle`.
#[derive(Debug, Args)]
pub(crate) struct MelodyArgs {
    /// The melody, or a piece whose melody is kept
    pub(crate) file: PathBuf,
    /// Which track is the melody; the highest where nothing is said
    #[arg(long, value_name = "NUMBER")]
    pub(crate) track: Option<usize>,
    #[command(flatten)]
    pub(crate) options: EditOptions,
}

/// Arguments of `cantus accompany`.
#[derive(Debug, Args)]
pub(crate) struct AccompanyArgs {
    /// The piece, all of which is kept
    pub(crate) file: PathBuf,
    /// What plays with it, such as "piano, cello"; without it, the style's own parts beside its melody
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub(crate) instruments: Option<Vec<String>>,
    #[command(flatten)]
    pub(crate) options: EditOptions,
}

/// Arguments of `cantus vary`.
#[derive(Debug, Args)]
pub(crate) struct VaryArgs {
    /// The piece
    pub(crate) file: PathBuf,
    /// The share of notes that are made anew, from 0 to 1
    #[arg(long, default_value = "0.3", value_parser = share, allow_hyphen_values = true)]
    pub(crate) amount: f64,
    /// What of the notes that go the new ones keep
    #[arg(long, value_enum)]
    pub(crate) keep: Option<KeepArg>,
    #[command(flatten)]
    pub(crate) options: EditOptions,
}

/// Arguments of `cantus blend`.
#[derive(Debug, Args)]
pub(crate) struct BlendArgs {
    /// The piece at the beginning of the way
    pub(crate) from: PathBuf,
    /// The piece at its end, in the same metre
    pub(crate) to: PathBuf,
    /// How many results, the two pieces counted
    #[arg(long, default_value = "5", value_parser = steps, allow_hyphen_values = true)]
    pub(crate) steps: u32,
    /// The seed: the same one makes the same notes; without it one is drawn and told
    #[arg(long)]
    pub(crate) seed: Option<u64>,
    /// A generator of phrases, file or folder of a training run, in place of the built-in one
    #[arg(long, value_name = "FILE|RUN")]
    pub(crate) model: Option<PathBuf>,
    /// What to write, in the format of its ending; x.mid becomes x-01.mid, x-02.mid …
    #[arg(short, long, value_name = "FILE", num_args = 1..)]
    pub(crate) output: Vec<PathBuf>,
    /// A SoundFont (SF2) to play with in place of the built-in instruments
    #[arg(long, value_name = "SF2")]
    pub(crate) soundfont: Option<PathBuf>,
}

/// What a variation keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum KeepArg {
    /// When notes begin and how long they are
    Rhythm,
    /// Whether lines rise, fall or stay
    Contour,
    /// The chords that are heard
    Chords,
}

impl From<KeepArg> for Keep {
    fn from(keep: KeepArg) -> Self {
        match keep {
            KeepArg::Rhythm => Self::Rhythm,
            KeepArg::Contour => Self::Contour,
            KeepArg::Chords => Self::Chords,
        }
    }
}

/// `5-8` or `12`.
fn span(text: &str) -> Result<Range<u32>, String> {
    let (first, last) = text.split_once(['-', '–']).unwrap_or((text, text));
    let number = |text: &str| text.trim().parse::<u32>().ok().filter(|bar| (1..100_000).contains(bar));
    match (number(first), number(last)) {
        (Some(first), Some(last)) if first <= last => Ok(first..last + 1),
        _ => Err(format!(
            "bars must be a number, or two from the lower to the higher such as 5-8, but were {text}"
        )),
    }
}

fn share(text: &str) -> Result<f64, String> {
    parse::between(text, 0.0, 1.0, "the share of notes")
}

fn steps(text: &str) -> Result<u32, String> {
    super::compose::whole(text, 3, 99, "the number of steps")
}

fn drafts(text: &str) -> Result<u32, String> {
    super::compose::whole(text, 1, 1000, "the number of drafts")
}
