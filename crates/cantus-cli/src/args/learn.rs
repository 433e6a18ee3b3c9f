//! Arguments of the commands that make and measure models.

use std::path::PathBuf;

use cantus::TrainSettings;
use clap::{Args, ValueEnum};

/// Arguments of `cantus train`.
#[derive(Debug, Args)]
pub(crate) struct TrainArgs {
    /// Files and folders of music; folders named train, valid and test are kept apart
    #[arg(required_unless_present = "resume", value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// The folder that the run is written to
    #[arg(short, long, value_name = "RUN")]
    pub(crate) output: PathBuf,
    /// The recipe: standard, or quick for ten pieces or so
    #[arg(long, value_name = "NAME")]
    pub(crate) preset: Option<String>,
    /// The kind of recurrent cell
    #[arg(long, value_enum)]
    pub(crate) cell: Option<Cell>,
    /// Go on where the run was stopped
    #[arg(long)]
    pub(crate) resume: bool,
}

impl TrainArgs {
    /// What is to be trained.
    pub(crate) fn settings(self) -> TrainSettings {
        let cell = self.cell.map(|cell| match cell {
            Cell::Lstm => "lstm".to_owned(),
            Cell::Gru => "gru".to_owned(),
        });
        let Self { paths, output: folder, preset, resume: resumes, .. } = self;
        TrainSettings { paths, folder, preset, cell, resumes }
    }
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
    /// A model file or the folder of a training run
    #[arg(value_name = "MODEL")]
    pub(crate) model: PathBuf,
    /// Files and folders of music that the model has not seen
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

/// Arguments of `cantus styles`.
#[derive(Debug, Args)]
pub(crate) struct StylesArgs {
    /// A model file or the folder of a training run, in place of the built-in model
    #[arg(long, value_name = "FILE|RUN")]
    pub(crate) model: Option<PathBuf>,
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
}
