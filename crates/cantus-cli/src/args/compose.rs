//! Arguments of `cantus compose`.

use std::path::PathBuf;

use cantus::composing::{ComposeError, Form};
use cantus::parse;
use cantus::score::{Key, Meter, Tempo};
use clap::{Args, ValueEnum};

use super::steer::SteerArgs;
use crate::exit::Failure;

/// Arguments of `cantus compose`.
#[derive(Debug, Args)]
pub(crate) struct ComposeArgs {
    /// The style, or several mixed by their shares, as chorale:0.7,folk:0.3; `cantus styles` lists them
    #[arg(long, value_name = "NAME")]
    pub(crate) style: Option<String>,
    /// Like the piece in FILE: its style where none is named, and its metre, tempo, key, length and controls as they are measured;
    /// none of its notes
    #[arg(long, value_name = "FILE")]
    pub(crate) like: Option<PathBuf>,
    /// The key, such as "D minor", F#, "Bb major" or am
    #[arg(long, value_name = "KEY", num_args = 1..=2)]
    pub(crate) key: Option<Vec<String>>,
    /// Only notes of the key's scale
    #[arg(long, requires = "key")]
    pub(crate) scale_only: bool,
    /// Quarter notes a minute, from 20 to 400
    #[arg(long, value_name = "BPM", value_parser = parse::tempo)]
    pub(crate) tempo: Option<Tempo>,
    /// The metre, such as 4/4 or 6/8
    #[arg(long, value_name = "METRE", alias = "metre", value_parser = parse::meter)]
    pub(crate) meter: Option<Meter>,
    /// How many bars, from 1 to 999
    #[arg(long, value_parser = bars, conflicts_with = "seconds", allow_hyphen_values = true)]
    pub(crate) bars: Option<u32>,
    /// How long, such as 90 or 1:30
    #[arg(long, value_name = "TIME", value_parser = parse::seconds, allow_hyphen_values = true)]
    pub(crate) seconds: Option<f64>,
    /// Sections that return, such as AABA: the same letter is the same music, a little otherwise each time
    #[arg(long, value_name = "LETTERS", value_parser = form)]
    pub(crate) form: Option<Form>,
    /// How the piece ends
    #[arg(long, value_enum)]
    pub(crate) ending: Option<Ending>,
    #[command(flatten)]
    pub(crate) steer: SteerArgs,
    /// Leave the performance out: no accents, no phrasing, no final ritardando
    #[arg(long)]
    pub(crate) flat: bool,
    /// How daring: 0 always takes the likeliest note, 1 is as varied as the music learned from
    #[arg(long, value_name = "NUMBER", value_parser = temperature, allow_hyphen_values = true)]
    pub(crate) temperature: Option<f64>,
    /// Leave out the least likely choices beyond this share of probability
    #[arg(long, value_name = "SHARE", value_parser = top_p, allow_hyphen_values = true)]
    pub(crate) top_p: Option<f64>,
    /// How many pieces
    #[arg(long, default_value = "1", value_parser = count, allow_hyphen_values = true)]
    pub(crate) count: u32,
    /// Of --count pieces write only so many, the best: by faults, likelihood, what was asked and patterns of their own
    #[arg(long, value_name = "NUMBER", value_parser = count, requires = "count", allow_hyphen_values = true)]
    pub(crate) best: Option<u32>,
    /// The seed: the same one makes the same piece; without it one is drawn and told
    #[arg(long)]
    pub(crate) seed: Option<u64>,
    /// What composes: the recurrent network note by note, or adversarial networks phrase by phrase; a model's own where one is named, else rnn
    #[arg(long, value_enum)]
    pub(crate) engine: Option<ComposeEngine>,
    /// A model file or the folder of a training run, in place of the built-in model
    #[arg(long, value_name = "FILE|RUN")]
    pub(crate) model: Option<PathBuf>,
    /// What to write, in the format of its ending: .mid, .musicxml, .mxl, .abc, .krn, .ly, .wav, .flac, .ogg, .mp3, .svg or .json, or .npy or .npz with a model of arrays; a
    /// folder, DIR/, takes each track as a WAV of its own; may be given several times
    #[arg(short, long, value_name = "FILE", num_args = 1..)]
    pub(crate) output: Vec<PathBuf>,
    /// A SoundFont (SF2) to play with in place of the built-in instruments
    #[arg(long, value_name = "SF2")]
    pub(crate) soundfont: Option<PathBuf>,
    /// With a model of arrays: how many new frames; as many as the pieces learned from have where nothing is said
    #[arg(long, value_name = "NUMBER", value_parser = frames, allow_hyphen_values = true)]
    pub(crate) frames: Option<usize>,
    /// With a model of arrays: an array whose pieces' beginnings are gone on from
    #[arg(long, value_name = "ARRAY")]
    pub(crate) primer: Option<PathBuf>,
    /// With --primer: how many frames of a beginning [default: a quarter of the piece]
    #[arg(long, value_name = "NUMBER", value_parser = frames, requires = "primer", allow_hyphen_values = true)]
    pub(crate) primer_frames: Option<usize>,
}

impl ComposeArgs {
    /// Checks what the parts of the command line only say together. `seed` is taken where none was given.
    pub(crate) fn settings(self, seed: u64) -> Result<ComposeSettings, Failure> {
        let key = self.key.map(|words| parse::key(&words.join(" "))).transpose();
        let key =
            key.map_err(|rule| Failure::Wish { message: format!("--key: {rule}"), command: "compose" })?;
        let bars = self.bars.map(Length::Bars);
        Ok(ComposeSettings {
            style: self.style,
            like: self.like,
            key,
            scale_only: self.scale_only,
            steer: self.steer,
            tempo: self.tempo,
            meter: self.meter,
            length: bars.or(self.seconds.map(Length::Seconds)),
            form: self.form,
            ending: self.ending,
            flat: self.flat,
            temperature: self.temperature,
            top_p: self.top_p,
            count: self.count,
            best: self.best,
            seed: self.seed.unwrap_or(seed),
            engine: self.engine,
            model: self.model,
            outputs: self.output,
            soundfont: self.soundfont,
            frames: self.frames,
            primer: self.primer,
            primer_frames: self.primer_frames,
        })
    }
}

/// What composes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ComposeEngine {
    /// The recurrent network, note by note
    Rnn,
    /// A generator of whole phrases
    Gan,
}

/// How a piece ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Ending {
    /// At rest on the tonic
    Tonic,
    /// Unresolved, asking for more
    Open,
    /// So that it leads back to its beginning
    Loop,
}

/// How long a piece is to be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Length {
    /// So many bars.
    Bars(u32),
    /// So many seconds.
    Seconds(f64),
}

/// What `cantus compose` is asked to do.
#[derive(Debug, Clone)]
pub(crate) struct ComposeSettings {
    pub(crate) style: Option<String>,
    pub(crate) like: Option<PathBuf>,
    pub(crate) key: Option<Key>,
    pub(crate) scale_only: bool,
    pub(crate) steer: SteerArgs,
    pub(crate) tempo: Option<Tempo>,
    pub(crate) meter: Option<Meter>,
    pub(crate) length: Option<Length>,
    pub(crate) form: Option<Form>,
    pub(crate) ending: Option<Ending>,
    pub(crate) flat: bool,
    pub(crate) temperature: Option<f64>,
    pub(crate) top_p: Option<f64>,
    pub(crate) count: u32,
    pub(crate) best: Option<u32>,
    pub(crate) seed: u64,
    pub(crate) engine: Option<ComposeEngine>,
    pub(crate) model: Option<PathBuf>,
    pub(crate) outputs: Vec<PathBuf>,
    pub(crate) soundfont: Option<PathBuf>,
    pub(crate) frames: Option<usize>,
    pub(crate) primer: Option<PathBuf>,
    pub(crate) primer_frames: Option<usize>,
}

impl ComposeSettings {
    /// What was asked for that only a model of scores can do.
    pub(crate) fn of_scores(&self) -> Vec<&'static str> {
        let asked = [
            ("--style", self.style.is_some()),
            ("--like", self.like.is_some()),
            ("--key", self.key.is_some()),
            ("--scale-only", self.scale_only),
            ("--tempo", self.tempo.is_some()),
            ("--meter", self.meter.is_some()),
            ("--bars", matches!(self.length, Some(Length::Bars(_)))),
            ("--seconds", matches!(self.length, Some(Length::Seconds(_)))),
            ("--form", self.form.is_some()),
            ("--ending", self.ending.is_some()),
            ("--flat", self.flat),
            ("--top-p", self.top_p.is_some()),
            ("--soundfont", self.soundfont.is_some()),
            ("--best", self.best.is_some()),
        ];
        asked
            .into_iter()
            .chain(self.steer.named())
            .filter(|(_, is_asked)| *is_asked)
            .map(|(name, _)| name)
            .collect()
    }

    /// What was asked for that only a model of arrays can do.
    pub(crate) fn of_arrays(&self) -> Vec<&'static str> {
        let asked = [("--frames", self.frames.is_some()), ("--primer", self.primer.is_some())];
        asked.into_iter().filter(|(_, is_asked)| *is_asked).map(|(name, _)| name).collect()
    }
}

fn frames(text: &str) -> Result<usize, String> {
    whole(text, 1, 10_000_000, "the number of frames").map(|frames| frames as usize)
}

fn form(text: &str) -> Result<Form, String> {
    text.parse().map_err(|error: ComposeError| error.to_string())
}

pub(super) fn bars(text: &str) -> Result<u32, String> {
    whole(text, 1, 999, "the number of bars")
}

pub(super) fn count(text: &str) -> Result<u32, String> {
    whole(text, 1, 9999, "the number of pieces")
}

pub(super) fn temperature(text: &str) -> Result<f64, String> {
    parse::between(text, 0.0, 5.0, "a temperature")
}

pub(super) fn top_p(text: &str) -> Result<f64, String> {
    parse::between(text, 0.01, 1.0, "the share of probability")
}

pub(super) fn whole(text: &str, least: u32, most: u32, what: &str) -> Result<u32, String> {
    match text.parse::<u32>() {
        Ok(value) if (least..=most).contains(&value) => Ok(value),
        _ => Err(format!("{what} must be a whole number between {least} and {most}, but was {text}")),
    }
}
