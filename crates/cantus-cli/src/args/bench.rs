//! Arguments of the command that times fixed works.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// Arguments of `cantus bench`.
#[derive(Debug, Args)]
pub(crate) struct BenchArgs {
    /// What to time
    #[command(subcommand)]
    pub(crate) work: Work,
    /// Print JSON lines
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// How many threads share a training step
    #[arg(long, global = true, default_value_t = 2, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(crate) threads: u16,
    /// Use these instructions rather than the fastest: avx512, avx2 or portable
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) simd: Option<String>,
}

/// The works.
#[derive(Debug, Subcommand)]
pub(crate) enum Work {
    /// A training step: two LSTMs of 128 units on 32 rolls of 128 frames of 88 keys
    NnA,
    /// A training step: two LSTMs of 512 units on 32 sequences of 256 tokens
    NnB,
    /// One token of the network of nn-b, on one thread
    NnC,
    /// A step of two convolutional networks against one another, on 32 rolls of 64 frames of 88 keys
    NnD,
    /// The slice model: training on made music or on what is named, and composing with the built-in model
    Slices {
        /// Files and folders of music to train on
        #[arg(value_name = "PATH")]
        paths: Vec<PathBuf>,
        /// Write the steps of the first epoch for benches/slice-model/slice_torch.py
        #[arg(long, value_name = "FILE")]
        export: Option<PathBuf>,
    },
    /// Descriptors of a minute of sound: mel, MFCC, chroma, centroid, onsets and beats, on one thread
    Features,
    /// Decoding, on one thread: note after note of the built-in model in every style, half of them within p50 and 99 of a hundred within
    /// p99; or, of files of sound, megabytes a second and how many times as fast as it sounds
    Decode {
        /// Files of sound, and folders of them; the model's notes where none are named
        #[arg(value_name = "PATH")]
        paths: Vec<PathBuf>,
    },
    /// Reading music of every format into memory, on one thread: megabytes and pieces a second
    Read {
        /// Files, folders, archives and wildcards of music
        #[arg(required = true, value_name = "PATH")]
        paths: Vec<PathBuf>,
        /// Read so many files of each ending, taken evenly
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
        sample: Option<u32>,
        /// Copy what is read into a folder, so that peers read the same
        #[arg(long, value_name = "FOLDER")]
        keep: Option<PathBuf>,
    },
    /// Reading every MIDI file under a folder into notes, on one thread
    MidiRead {
        /// The folder
        folder: PathBuf,
    },
    /// Reading every MIDI file under a folder and cutting it into the slices that a network reads, on one thread
    MidiEncode {
        /// The folder
        folder: PathBuf,
    },
}
