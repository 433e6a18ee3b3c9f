//! Arguments of `cantus compose`.

use std::path::PathBuf;

use cantus::composing::{Chart, ComposeError, Control, Course, Form, Restraint};
use cantus::parse;
use cantus::score::notation::parse_pitch;
use cantus::score::{Key, Meter, Pitch, Tempo};
use clap::{Args, ValueEnum};

use crate::exit::Failure;

/// How much less likely something is that is avoided, in nats, where nothing is said.
const USUAL_WEIGHT: &str = "2";

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
    /// Without some of these: parallels (or fifths and octaves alone), crossings, rests, repeats, all of parts that play one note at a time; accidentals,
    /// as --scale-only
    #[arg(long, value_name = "NAMES", value_delimiter = ',', value_parser = without)]
    pub(crate) without: Vec<Restrained>,
    /// Less of some of these without forbidding them, by nats of likelihood, such as parallels:2,rests:1; 2 where no number is said
    #[arg(long, value_name = "NAME:NATS", value_delimiter = ',', value_parser = avoided)]
    pub(crate) avoid: Vec<(Restrained, f32)>,
    /// At most so many notes at once, drums left out
    #[arg(long, value_name = "NUMBER", value_parser = most_notes, allow_hyphen_values = true)]
    pub(crate) most_notes: Option<u8>,
    /// The range of a part, such as Soprano:C4-G5; may be given several times
    #[arg(long, value_name = "PART:LOW-HIGH", value_delimiter = ',', value_parser = part_range)]
    pub(crate) range: Vec<PartRange>,
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
    /// How many notes: 0 is the sparsest that the style has, 1 the busiest; one value, or a curve such as "0.2 0.5 0.9 0.3"
    #[arg(long, value_name = "VALUE|CURVE", value_parser = course, allow_hyphen_values = true)]
    pub(crate) density: Option<Course>,
    /// How many notes sound at once, from 0 to 1
    #[arg(long, value_name = "VALUE|CURVE", value_parser = course, allow_hyphen_values = true)]
    pub(crate) polyphony: Option<Course>,
    /// How high, from 0 to 1
    #[arg(long, value_name = "VALUE|CURVE", value_parser = course, allow_hyphen_values = true)]
    pub(crate) register: Option<Course>,
    /// How much lies off the beat, from 0 to 1
    #[arg(long, value_name = "VALUE|CURVE", value_parser = course, allow_hyphen_values = true)]
    pub(crate) rhythm: Option<Course>,
    /// How loud, from 0 to 1, where the style knows dynamics
    #[arg(long, value_name = "VALUE|CURVE", value_parser = course, allow_hyphen_values = true)]
    pub(crate) dynamics: Option<Course>,
    /// How far from home the harmony is, from 0 to 1
    #[arg(long, value_name = "VALUE|CURVE", value_parser = course, allow_hyphen_values = true)]
    pub(crate) tension: Option<Course>,
    /// Chords to lean on, bar by bar and over and over, such as "Dm7 G7 | Cmaj7"
    #[arg(long, value_name = "CHORDS", value_parser = chart)]
    pub(crate) chords: Option<Chart>,
    /// How strongly controls and chords are followed: 0 not at all, 1 as the music learned from, up to 5 [default: 2]
    #[arg(long, value_name = "NUMBER", value_parser = strength, allow_hyphen_values = true)]
    pub(crate) strength: Option<f64>,
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
        let courses = [self.density, self.polyphony, self.register, self.rhythm, self.dynamics, self.tension];
        let asked = Control::ALL.into_iter().zip(courses);
        let bars = self.bars.map(Length::Bars);
        let weighed = |(all, nats): (Restrained, f32)| all.0.into_iter().map(move |of| (of, nats));
        let avoided = self.avoid.into_iter().flat_map(weighed);
        let accidentals = self.scale_only.then_some(Restraint::Accidentals);
        Ok(ComposeSettings {
            style: self.style,
            like: self.like,
            key,
            without: accidentals.into_iter().chain(self.without.into_iter().flat_map(|all| all.0)).collect(),
            avoid: avoided.collect(),
            most_notes: self.most_notes,
            ranges: self.range,
            tempo: self.tempo,
            meter: self.meter,
            length: bars.or(self.seconds.map(Length::Seconds)),
            form: self.form,
            ending: self.ending,
            controls: asked.filter_map(|(control, course)| Some((control, course?))).collect(),
            chords: self.chords,
            strength: self.strength,
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

/// The range of a part.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct PartRange {
    pub(crate) part: String,
    pub(crate) low: Pitch,
    pub(crate) high: Pitch,
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
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ComposeSettings {
    pub(crate) style: Option<String>,
    pub(crate) like: Option<PathBuf>,
    pub(crate) key: Option<Key>,
    pub(crate) without: Vec<Restraint>,
    pub(crate) avoid: Vec<(Restraint, f32)>,
    pub(crate) most_notes: Option<u8>,
    pub(crate) ranges: Vec<PartRange>,
    pub(crate) tempo: Option<Tempo>,
    pub(crate) meter: Option<Meter>,
    pub(crate) length: Option<Length>,
    pub(crate) form: Option<Form>,
    pub(crate) ending: Option<Ending>,
    pub(crate) controls: Vec<(Control, Course)>,
    pub(crate) chords: Option<Chart>,
    pub(crate) strength: Option<f64>,
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
            ("--without and --scale-only", !self.without.is_empty()),
            ("--avoid", !self.avoid.is_empty()),
            ("--most-notes", self.most_notes.is_some()),
            ("--range", !self.ranges.is_empty()),
            ("--tempo", self.tempo.is_some()),
            ("--meter", self.meter.is_some()),
            ("--bars", matches!(self.length, Some(Length::Bars(_)))),
            ("--seconds", matches!(self.length, Some(Length::Seconds(_)))),
            ("--form", self.form.is_some()),
            ("--ending", self.ending.is_some()),
            ("--density and the other controls", !self.controls.is_empty()),
            ("--chords", self.chords.is_some()),
            ("--flat", self.flat),
            ("--top-p", self.top_p.is_some()),
            ("--soundfont", self.soundfont.is_some()),
            ("--best", self.best.is_some()),
        ];
        asked.into_iter().filter(|(_, is_asked)| *is_asked).map(|(name, _)| name).collect()
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

/// What a word leaves out: one thing, or both kinds of parallels.
#[derive(Debug, Clone)]
pub(crate) struct Restrained(Vec<Restraint>);

fn without(text: &str) -> Result<Restrained, String> {
    let rule = || {
        let names = Restraint::ALL.map(Restraint::name).join(", ");
        format!("what is left out or avoided must be one of parallels, {names}, but was {text}")
    };
    match text.trim() {
        "parallels" => Ok(Restrained(Restraint::PARALLELS.into())),
        name => Restraint::named(name).map(|one| Restrained(vec![one])).ok_or_else(rule),
    }
}

fn avoided(text: &str) -> Result<(Restrained, f32), String> {
    let (name, nats) = text.split_once(':').unwrap_or((text, USUAL_WEIGHT));
    let restrained = without(name)?;
    let nats = parse::between(nats, 0.0, 30.0, "a weight in nats")?;
    Ok((restrained, nats as f32))
}

fn most_notes(text: &str) -> Result<u8, String> {
    whole(text, 1, 64, "the most notes at once").map(|notes| notes as u8)
}

fn part_range(text: &str) -> Result<PartRange, String> {
    let rule =
        || format!("a range must be a part, a low and a high note, such as Soprano:C4-G5, but was {text}");
    let (part, keys) = text.rsplit_once(':').ok_or_else(rule)?;
    let (low, high) = keys.split_once('-').ok_or_else(rule)?;
    let pitch = |text: &str| parse_pitch(text.trim()).ok_or_else(rule);
    Ok(PartRange { part: part.trim().to_owned(), low: pitch(low)?, high: pitch(high)? })
}

fn form(text: &str) -> Result<Form, String> {
    text.parse().map_err(|error: ComposeError| error.to_string())
}

fn course(text: &str) -> Result<Course, String> {
    text.parse().map_err(|error: ComposeError| error.to_string())
}

fn chart(text: &str) -> Result<Chart, String> {
    text.parse().map_err(|error: ComposeError| error.to_string())
}

pub(super) fn bars(text: &str) -> Result<u32, String> {
    whole(text, 1, 999, "the number of bars")
}

pub(super) fn count(text: &str) -> Result<u32, String> {
    whole(text, 1, 9999, "the number of pieces")
}

fn strength(text: &str) -> Result<f64, String> {
    parse::between(text, 0.0, 5.0, "a strength")
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
