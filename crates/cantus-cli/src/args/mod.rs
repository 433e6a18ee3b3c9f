//! What may be typed. Each command's arguments lie in a file of their own and become its settings there.

mod bench;
mod compose;
mod corpus;
mod edit;
mod files;
mod learn;
mod steer;

use clap::{Parser, Subcommand};

pub(crate) use bench::{BenchArgs, Work};
pub(crate) use compose::{ComposeArgs, ComposeEngine, ComposeSettings, Ending, Length};
pub(crate) use corpus::{BuildArgs, CorpusArgs, CorpusCommand, ShowCorpusArgs};
pub(crate) use edit::{
    AccompanyArgs, BlendArgs, ContinueArgs, EditOptions, InfillArgs, MelodyArgs, VaryArgs,
};
pub(crate) use files::{ConvertArgs, FeaturesArgs, RenderArgs, ShowArgs};
pub(crate) use learn::{CardArgs, EvalArgs, StylesArgs, TrainArgs};
pub(crate) use steer::SteerArgs;

/// Learns music and makes music.
#[derive(Debug, Parser)]
#[command(name = "cantus", version, about, propagate_version = true)]
pub(crate) struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Compose new music
    Compose(Box<ComposeArgs>),
    /// Go on where a piece ends
    Continue(Box<ContinueArgs>),
    /// Make bars of a piece anew, to fit what comes before and after
    Infill(Box<InfillArgs>),
    /// Set a melody for the parts of a style
    Harmonize(Box<MelodyArgs>),
    /// Add parts to a piece
    Accompany(Box<AccompanyArgs>),
    /// Make some of a piece's notes anew
    Vary(Box<VaryArgs>),
    /// Set the melody of a piece in another style
    Restyle(Box<MelodyArgs>),
    /// Make pieces on the way from one piece to another
    Blend(BlendArgs),
    /// List the styles that a model knows
    Styles(StylesArgs),
    /// Show what a file of music holds, with a piano roll; what a file of sound is
    Show(ShowArgs),
    /// Measure what music is like: key, chords, density, range, rhythm, tension …
    #[command(after_help = crate::command::features_help())]
    Features(FeaturesArgs),
    /// Turn files into another format (.mid, .musicxml, .abc, .npy, .wav, .svg …)
    Convert(ConvertArgs),
    /// Play a file into a file of sound (.wav, .flac, .ogg, .mp3)
    Render(RenderArgs),
    /// Make one file of your music for training, with a ledger of rights; tell what such a file holds
    Corpus(CorpusArgs),
    /// Train a network on your own music
    Train(TrainArgs),
    /// Measure how well a model expects pieces that it has not seen
    Eval(EvalArgs),
    /// Tell what a model is: its data, their licences, its numbers and limits
    Card(CardArgs),
    /// Time fixed works, to be held against other programs on the same machine
    Bench(BenchArgs),
}
