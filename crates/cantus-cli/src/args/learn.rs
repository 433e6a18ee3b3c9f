//! Arguments of the commands that make and measure models.

use std::path::PathBuf;
use std::time::Duration;

use cantus::model::array::{Division, Target, Told, Values};
use cantus::model::run::TrainOptions;
use cantus::{ArraySettings, TrainSettings};
use clap::{Args, ValueEnum};

use super::compose::ComposeEngine;
use crate::exit::Failure;

/// Arguments of `cantus train`.
#[derive(Debug, Args)]
pub(crate) struct TrainArgs {
    /// A corpus file; or files and folders of music, where folders named train, valid and test are kept apart; or one array, music.npy or
    /// music.npz#NAME; or clips of sound
    #[arg(required_unless_present = "resume", value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// The folder that the run is written to
    #[arg(short, long, value_name = "RUN")]
    pub(crate) output: PathBuf,
    /// What learns; an array where the path is one or is a file of sound, else the network of scores
    #[arg(long, value_enum)]
    pub(crate) engine: Option<Engine>,
    /// The recipe: standard, quick for ten pieces or so, fine-tune with --from; for arrays article or careful, for clips sound; with --engine gan phrases or quick, for arrays dense; or a file RECIPE.toml
    #[arg(long, value_name = "NAME")]
    pub(crate) preset: Option<String>,
    /// Begin from a model that knows music: a model file, the folder of a run, or built-in; the recipe is then fine-tune
    #[arg(long, value_name = "MODEL", conflicts_with_all = ["resume", "cell"])]
    pub(crate) from: Option<PathBuf>,
    /// Music that the model of --from knows, a share of which is learnt along lest it be forgotten; without it the model
    /// composes some
    #[arg(long, value_name = "PATH", requires = "from")]
    pub(crate) base: Vec<PathBuf>,
    /// The kind of recurrent cell
    #[arg(long, value_enum)]
    pub(crate) cell: Option<Cell>,
    /// Go on where the run was stopped
    #[arg(long)]
    pub(crate) resume: bool,
    /// The longest time without a checkpoint, which is the most that a crash can cost
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    pub(crate) save_every: u64,
    /// Threads that learn; results do not depend on it [default: all processors]
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) threads: Option<u16>,
    /// What differs from the preset where an array is learnt.
    #[command(flatten)]
    pub(crate) array: ArrayArgs,
}

/// What differs from the preset where an array is learnt.
#[derive(Debug, Args)]
#[command(
    next_help_heading = "With an array (--epochs, --batch, --learning-rate and --seed also with --engine gan on scores)"
)]
pub(crate) struct ArrayArgs {
    /// What the network tells: the next frame, so that it can compose, or the same one, as for comparison
    #[arg(long, value_enum)]
    target: Option<TargetArg>,
    /// What the numbers are taken for: on and off where there are just two, else quantities
    #[arg(long, value_enum)]
    values: Option<ValuesArg>,
    /// Recurrent layers [article: 2]
    #[arg(long, value_name = "NUMBER")]
    layers: Option<usize>,
    /// Units of each layer [article: 128]
    #[arg(long, value_name = "NUMBER")]
    units: Option<usize>,
    /// The chance that a number drops out after each layer [article: 0.5]
    #[arg(long, value_name = "CHANCE", allow_hyphen_values = true)]
    dropout: Option<f32>,
    /// Times that the pieces are gone through [article: 100]
    #[arg(long, value_name = "NUMBER")]
    epochs: Option<u32>,
    /// Pieces side by side in one step [article: 32]
    #[arg(long, value_name = "NUMBER")]
    batch: Option<usize>,
    /// Adam's learning rate [article: 0.001]
    #[arg(long, value_name = "RATE", allow_hyphen_values = true)]
    learning_rate: Option<f32>,
    /// The share of pieces held out, by which the best weights are chosen [article: 0.2]
    #[arg(long, value_name = "SHARE", allow_hyphen_values = true)]
    held_out: Option<f64>,
    /// Which pieces are held out: any, or the last ones as Keras does it [article: random]
    #[arg(long, value_enum)]
    division: Option<DivisionArg>,
    /// Leave quantities as they are inside the network, in place of mean 0 and deviation 1
    #[arg(long)]
    raw: bool,
    /// Where every random choice begins [article: 1]
    #[arg(long)]
    seed: Option<u64>,
    /// What is told of each frame where clips of sound are learnt; sound is made of mel levels again [default: mel]
    #[arg(long, value_enum)]
    feature: Option<FeatureArg>,
}

impl ArrayArgs {
    fn told(&self) -> Option<Told> {
        self.feature.map(|feature| match feature {
            FeatureArg::Mel => Told::Mel,
            FeatureArg::Mfcc => Told::Mfcc,
            FeatureArg::Chroma => Told::Chroma,
            FeatureArg::Contrast => Told::Contrast,
        })
    }

    fn settings(self) -> ArraySettings {
        let Self { seed, layers, units, dropout, epochs, batch, learning_rate, held_out, .. } = self;
        ArraySettings {
            seed,
            layers,
            units,
            dropout,
            epochs,
            batch,
            learning_rate,
            held_out,
            division: self.division.map(|division| match division {
                DivisionArg::Random => Division::Random,
                DivisionArg::Last => Division::Last,
            }),
            target: self.target.map(|target| match target {
                TargetArg::Next => Target::Next,
                TargetArg::Same => Target::Same,
            }),
            values: self.values.map(|values| match values {
                ValuesArg::Auto => Values::Auto,
                ValuesArg::Binary => Values::Binary,
                ValuesArg::Real => Values::Real,
            }),
            standardise: self.raw.then_some(false),
        }
    }
}

impl TrainArgs {
    /// What is to be trained. Fails where the parts of the command line contradict each other.
    pub(crate) fn settings(self) -> Result<TrainSettings, Failure> {
        let is_array = |path: &PathBuf| cantus::is_array(path) || path.is_file() && cantus::are_clips(path);
        let engine = match self.engine {
            Some(Engine::Array) => cantus::Engine::Array,
            Some(Engine::Gan) if self.paths.first().is_some_and(|path| cantus::is_array(path)) => {
                cantus::Engine::Pieces
            }
            Some(Engine::Gan) => cantus::Engine::Phrases,
            None if self.paths.first().is_some_and(is_array) => cantus::Engine::Array,
            Some(Engine::Rnn) | None => cantus::Engine::Scores,
        };
        let told = self.array.told();
        let array = self.array.settings();
        let are_clips = self.paths.iter().any(|path| cantus::are_clips(path));
        let wish = |message: &str| Err(Failure::Wish { message: message.to_owned(), command: "train" });
        if engine == cantus::Engine::Array && self.paths.len() > 1 && !are_clips {
            return wish(
                "the array engine learns from one array or from clips of sound, but several paths are named",
            );
        }
        if told.is_some() && !are_clips {
            return wish("--feature is for clips of sound, but no sound is learnt here");
        }
        if engine == cantus::Engine::Scores && !array.is_empty() {
            return wish(
                "--target, --values, --layers, --units, --dropout, --epochs, --batch, --learning-rate, --held-out, \
                 --division, --raw and --seed are for --engine array, but scores are learnt here; their recipe is a \
                 --preset",
            );
        }
        if matches!(engine, cantus::Engine::Pieces | cantus::Engine::Phrases) && are_clips {
            return wish(
                "adversarial networks learn scores or an array, but these are clips of sound; --engine array learns sound",
            );
        }
        if engine == cantus::Engine::Pieces {
            if self.paths.len() > 1 {
                return wish("adversarial networks learn from one array, but several paths are named");
            }
            if self.cell.is_some() || array.layers.is_some() || array.target.is_some() {
                return wish(
                    "--cell, --layers and --target are for recurrent networks, but adversarial ones learn here",
                );
            }
        }
        let mut others = array.clone();
        (others.seed, others.epochs, others.batch, others.learning_rate) = (None, None, None, None);
        if engine == cantus::Engine::Phrases && (!others.is_empty() || self.cell.is_some()) {
            return wish(
                "--cell, --target, --values, --layers, --units, --dropout, --held-out, --division and --raw are for recurrent \
                 networks, but phrases are learnt here",
            );
        }
        let cell = self.cell.map(|cell| match cell {
            Cell::Lstm => "lstm".to_owned(),
            Cell::Gru => "gru".to_owned(),
        });
        let mut options =
            TrainOptions { save_every: Duration::from_secs(self.save_every), ..Default::default() };
        options.threads = self.threads.map_or(options.threads, usize::from);
        if engine != cantus::Engine::Scores && self.from.is_some() {
            return wish("--from is for the recurrent network of scores, but another engine learns here");
        }
        let Self { paths, output: folder, preset, from, base, resume: resumes, .. } = self;
        let told = told.unwrap_or_default();
        Ok(TrainSettings { engine, paths, folder, preset, from, base, cell, array, told, resumes, options })
    }
}

/// What learns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Engine {
    /// A recurrent network of scores
    Rnn,
    /// A recurrent network of an array [pieces, time, features]
    Array,
    /// Two networks against each other: whole phrases of four bars at once, or whole pieces of an array
    Gan,
}

/// What the network tells at each frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum TargetArg {
    /// The next frame
    Next,
    /// The frame that it reads
    Same,
}

/// What is told of each frame of sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FeatureArg {
    /// The levels of 128 mel bands
    Mel,
    /// 20 cepstral coefficients of them
    Mfcc,
    /// The strength of each pitch class
    Chroma,
    /// How much peaks stand out from valleys in each octave
    Contrast,
}

/// What the numbers are taken for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ValuesArg {
    /// On and off where there are just two different ones, else quantities
    Auto,
    /// On where a number is above the least one
    Binary,
    /// Quantities
    Real,
}

/// Which pieces are held out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum DivisionArg {
    /// Any, always the same ones of an array
    Random,
    /// The last ones
    Last,
}

/// The kind of recurrent cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Cell {
    /// Long short-term memory
    Lstm,
    /// Gated recurrent unit
    Gru,
}

/// Arguments of `cantus eval`.
#[derive(Debug, Args)]
pub(crate) struct EvalArgs {
    /// A model file or the folder of a training run; with --learning-curve a path of music like the others
    #[arg(value_name = "MODEL")]
    pub(crate) model: PathBuf,
    /// Files and folders of music that the model has not seen; for a model of arrays arrays, or clips where it learned sound
    #[arg(required_unless_present = "learning_curve", value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Tell how much music is needed: train small networks on 1/16, 1/8 … all of the music, and measure each
    #[arg(long)]
    pub(crate) learning_curve: bool,
    /// Measure on a published benchmark, whose file is the path, beside what others reported: jsb16 is the file of
    /// chorales on sixteenths, told by voices
    #[arg(long, value_enum, value_name = "NAME", conflicts_with = "learning_curve")]
    pub(crate) benchmark: Option<Benchmark>,
    /// Train the model first, by the recipe of the benchmark, into the folder MODEL
    #[arg(long, requires = "benchmark")]
    pub(crate) train: bool,
    /// Write what the model expects at every question into FILE.npz
    #[arg(long, value_name = "FILE", requires = "benchmark")]
    pub(crate) dump: Option<PathBuf>,
    /// Draw the learning curve into a picture, CURVE.svg
    #[arg(short, long, value_name = "FILE", requires = "learning_curve")]
    pub(crate) output: Option<PathBuf>,
    /// The recipe where networks are trained: curve, jsb16, or a file RECIPE.toml
    #[arg(long, value_name = "NAME")]
    pub(crate) preset: Option<String>,
    /// Where every random choice begins where networks are trained
    #[arg(long)]
    pub(crate) seed: Option<u64>,
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

/// Published benchmarks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Benchmark {
    /// Chorales by J. S. Bach on sixteenths, four voices
    Jsb16,
}

/// Arguments of `cantus styles`.
#[derive(Debug, Args)]
pub(crate) struct StylesArgs {
    /// A model file or the folder of a training run, in place of the built-in model
    #[arg(long, value_name = "FILE|RUN")]
    pub(crate) model: Option<PathBuf>,
    /// Which built-in model where none is named: the recurrent network, or the generator of phrases
    #[arg(long, value_enum, conflicts_with = "model")]
    pub(crate) engine: Option<ComposeEngine>,
    /// Print one JSON object a style
    #[arg(long)]
    pub(crate) json: bool,
}

/// Arguments of `cantus card`.
#[derive(Debug, Args)]
pub(crate) struct CardArgs {
    /// A model file or the folder of a training run; the built-in model where none is named
    #[arg(value_name = "MODEL")]
    pub(crate) model: Option<PathBuf>,
    /// Which built-in model where none is named: the recurrent network, or the generator of phrases
    #[arg(long, value_enum, conflicts_with = "model")]
    pub(crate) engine: Option<ComposeEngine>,
}
