//! Why a run cannot begin or go on.

use std::path::PathBuf;

use crate::array::ArrayError;
use crate::corpus::CorpusError;
use crate::gan::PhraseError;
use crate::recipe::RecipeError;
use crate::training::{SetError, StoreError};
use crate::voices::NotVoices;

/// Why a run cannot begin or go on. Whatever it is, what the run has saved stays as it was.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The folder already holds a run.
    #[error("a new run needs a folder without one, but {} is already there", .0.display())]
    Taken(PathBuf),
    /// The folder holds no run.
    #[error("a run to go on with has a file `run.toml`, but there is no {}", .0.display())]
    NoRun(PathBuf),
    /// Another process trains in the folder.
    #[error("only one program at a time may train in a folder, but another one holds {}", .0.display())]
    Busy(PathBuf),
    /// A path cannot be written into `run.toml`.
    #[error("the paths of a corpus must be Unicode text, but {} is not", .0.display())]
    PathText(PathBuf),
    /// The corpus cannot be read.
    #[error(transparent)]
    Corpus(CorpusError),
    /// A piece is not one of four voices.
    #[error("{piece} cannot be learnt as four voices: {source}")]
    Voices {
        /// The piece's name.
        piece: String,
        /// What is wrong with it.
        source: NotVoices,
    },
    /// The corpus cannot be learnt from.
    #[error(transparent)]
    Set(SetError),
    /// A piece that was kept on the disk cannot be read again.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The array cannot be learnt from.
    #[error("{}: {source}", path.display())]
    Array {
        /// Its file.
        path: PathBuf,
        /// What is wrong with it.
        source: ArrayError,
    },
    /// The music has no phrases to learn from.
    #[error(transparent)]
    Phrases(PhraseError),
    /// The recipe cannot be used.
    #[error(transparent)]
    Recipe(#[from] RecipeError),
    /// A file of the run is not what this program wrote.
    #[error("{}: {rule}: {found}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What it must be.
        rule: &'static str,
        /// What is wrong with it.
        found: String,
    },
    /// A run of another version of its engine.
    #[error("{}: this version of Cantus goes on with runs of version {ours}, but the run is of version {found}", path.display())]
    OtherVersion {
        /// The file that says so.
        path: PathBuf,
        /// The version that this program's engine has.
        ours: u32,
        /// The version that the file states.
        found: String,
    },
    /// The recipe is not the one that the run began with.
    #[error("{}: a run keeps its recipe, but {name} was {was} and is now {now}", path.display())]
    RecipeChanged {
        /// The file that says so.
        path: PathBuf,
        /// The value's name.
        name: String,
        /// What it was.
        was: String,
        /// What it is.
        now: String,
    },
    /// The data is not what the run began with.
    #[error("{}: a run keeps its data, but {what}", path.display())]
    DataChanged {
        /// The file that lists the data.
        path: PathBuf,
        /// What changed.
        what: String,
    },
    /// A file of the run cannot be read.
    #[error("{} cannot be read: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A file of the run cannot be written.
    #[error("{} cannot be written: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The loss is no number any more.
    #[error("the loss must stay a number, but at step {step} it was {loss}")]
    Diverged {
        /// The step.
        step: u64,
        /// The loss, in the engine's unit.
        loss: f64,
    },
}

impl From<SetError> for RunError {
    fn from(error: SetError) -> Self {
        match error {
            SetError::Corpus(error) => Self::Corpus(error),
            SetError::Store(error) => Self::Store(error),
            other => Self::Set(other),
        }
    }
}

impl From<PhraseError> for RunError {
    fn from(error: PhraseError) -> Self {
        match error {
            PhraseError::Corpus(error) => Self::Corpus(error),
            other => Self::Phrases(other),
        }
    }
}

impl RunError {
    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Taken(_) => "go on with it by --resume, or name another folder with -o",
            Self::NoRun(_) => "name the folder of a run, or begin one without --resume",
            Self::Busy(_) => "wait until the other training ends, or stop it",
            Self::PathText(_) => "rename the file or folder",
            Self::Corpus(CorpusError::Unkept(_)) => {
                "make room on the disk of the run's folder, and try again"
            }
            Self::Corpus(_) => "name files or folders that hold music as MIDI, MusicXML, kern or ABC",
            Self::Store(_) => "go on with --resume, which reads the music anew; all that was saved is intact",
            Self::Set(_) => "add pieces, at best some dozens of one style",
            Self::Phrases(_) => {
                "phrases are four bars of one metre, of at most sixteen sixteenths, eighths or quarters each"
            }
            Self::Voices { .. } => {
                "leave that piece out: these networks know four voices on sixteenths alone"
            }
            Self::Array { source, .. } => source.hint(),
            Self::Recipe(_) => "correct that value, or leave it out",
            Self::Damaged { .. } => "put the file back from a copy, or begin a new run in another folder",
            Self::OtherVersion { .. } => "go on with the version that began it, or begin a new run",
            Self::RecipeChanged { .. } => {
                "set the value back in run.toml, or begin a new run in another folder"
            }
            Self::DataChanged { .. } => {
                "put the data back as it was (--resume needs no path), or begin a new run in another folder"
            }
            Self::Read { .. } => "see whether the file is there and may be read",
            Self::Write { source, .. } if is_full(source) => {
                "make room on the disk and go on with --resume; all that was saved before is intact"
            }
            Self::Write { .. } => "see whether the folder may be written, then go on with --resume",
            Self::Diverged { .. } => {
                "begin a new run with a lower learning_rate; the last checkpoint is intact"
            }
        }
    }
}

/// Whether the disk, or what its owner may have of it, is used up.
fn is_full(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
    matches!(error.kind(), StorageFull | QuotaExceeded | FileTooLarge)
}
