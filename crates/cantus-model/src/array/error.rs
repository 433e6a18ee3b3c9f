//! Why an array cannot be learnt from or composed with.

use std::path::PathBuf;

use cantus_score::npy::NpyError;

/// Why an array cannot be learnt from or composed with.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ArrayError {
    /// There is no such file.
    #[error("there is no such file")]
    Missing,
    /// The path leads to a folder.
    #[error("the array engine learns from one .npy or .npz file, but this is a folder")]
    Folder,
    /// The system does not hand the file over.
    #[error("it cannot be read: {0}")]
    Unreadable(String),
    /// The file is larger than the limit.
    #[error("a file of arrays may have up to {limit} bytes, but this one has {size}")]
    TooLarge {
        /// The most bytes allowed.
        limit: u64,
        /// The bytes that the file has.
        size: u64,
    },
    /// It holds no array that is read.
    #[error(transparent)]
    Npy(#[from] NpyError),
    /// It has another number of dimensions than three.
    #[error(
        "music is learnt from an array of three dimensions, [pieces, time, features], but this one has the shape {0:?}"
    )]
    Rank(Vec<usize>),
    /// A dimension is 0.
    #[error("an array must have at least one piece, frame and feature, but this one has the shape {0:?}")]
    Empty(Vec<usize>),
    /// There are more features than a network is built for.
    #[error("a frame may have up to {most} features, but these have {found}")]
    Wide {
        /// The most features.
        most: usize,
        /// How many there are.
        found: usize,
    },
    /// A number is infinite or none.
    #[error("every number must be finite, but piece {}, frame {}, feature {} (counted from 0) is {value}, and {others} more are not", place[0], place[1], place[2])]
    NotFinite {
        /// Piece, frame and feature of the first one.
        place: [usize; 3],
        /// What stands there.
        value: f64,
        /// How many more there are.
        others: usize,
    },
    /// There is one piece only.
    #[error(
        "training needs at least two pieces, one to learn from and one to stop by, but there is 1 of {frames} frames"
    )]
    OnePiece {
        /// How long it is.
        frames: usize,
    },
    /// There are too few pieces for two networks against each other.
    #[error(
        "adversarial networks need at least {fewest} pieces to learn from besides those held out, but there are {found}"
    )]
    FewPieces {
        /// The least number of pieces.
        fewest: usize,
        /// How many there are.
        found: usize,
    },
    /// A piece has more numbers than dense layers are built for.
    #[error(
        "adversarial networks make whole pieces of up to {most} numbers, but these are {frames} frames of {features}"
    )]
    LargePiece {
        /// The most numbers.
        most: usize,
        /// Frames of a piece.
        frames: usize,
        /// Features of a frame.
        features: usize,
    },
    /// There is one clip of sound only.
    #[error("training needs at least two clips, one to learn from and one to stop by, but there is 1")]
    OneClip,
    /// There is no such file or folder of sound.
    #[error("there is no {}", .0.display())]
    MissingClip(PathBuf),
    /// There is no file of sound below the paths.
    #[error(
        "there must be sound to learn from, but no file here is called .wav, .flac, .mp3, .ogg, .aiff or .m4a"
    )]
    NoSound,
    /// None of the files can be used; the first one's reason.
    #[error("there must be sound to learn from, but none of the files can be used; the first one: {0}")]
    NoClip(String),
    /// How sound was told makes no sense.
    #[error("sound must be told in frames that can be, but {0}")]
    Telling(String),
    /// Sound was told by something of which no sound can be made again.
    #[error("sound is made of mel levels, but this model tells {0}")]
    NotInvertible(String),
    /// The same number stands everywhere.
    #[error("there must be something to learn, but every number of this array is {0}")]
    Constant(f64),
    /// All pieces are equal.
    #[error("there must be pieces to learn from that are not held out too, but all {0} pieces are equal")]
    AllEqual(usize),
    /// A model was trained on frames of another width.
    #[error("this model reads frames of {expected} features, but these have {found}")]
    Features {
        /// What the model reads.
        expected: usize,
        /// What there are.
        found: usize,
    },
    /// A model that tells the frame it reads.
    #[error(
        "a model composes if it was trained to tell the next frame, but this one tells the frame that it reads"
    )]
    SameTarget,
}

impl ArrayError {
    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Missing | Self::MissingClip(_) => {
                "check the path; names are case-sensitive on most systems"
            }
            Self::Folder => "name the file; folders of scores are learnt from without --engine array",
            Self::Unreadable(_) => "check that you may read it",
            Self::TooLarge { .. } => {
                "save it as a smaller kind of number, such as array.astype(np.uint8), or in parts"
            }
            Self::Npy(error) => error.hint(),
            Self::Rank(shape) if shape.len() == 2 => {
                "cut one long piece into several: array.reshape(pieces, time, features)"
            }
            Self::FewPieces { .. } => {
                "cut long pieces into several with array.reshape, or let the recurrent network learn: --engine array"
            }
            Self::LargePiece { .. } => {
                "cut pieces into shorter ones: array.reshape(pieces, time, features); the recurrent network, --engine array, takes them whole"
            }
            Self::Rank(_) => "bring it into this form with array.reshape(pieces, time, features)",
            Self::Empty(_) => "see what was saved: array.shape tells",
            Self::Wide { .. } => "features are the numbers of one moment; are time and features exchanged?",
            Self::NotFinite { .. } => {
                "find them with np.argwhere(~np.isfinite(array)), or set them to 0 with np.nan_to_num"
            }
            Self::OnePiece { .. } => "cut it into several: array.reshape(pieces, time, features)",
            Self::OneClip => "cut the recording into several files",
            Self::NoSound => "name files or folders of sound; scores are learnt from without --engine array",
            Self::NoClip(_) => "`cantus show FILE` tells what a file holds",
            Self::Telling(_) => "take a model that `cantus train` wrote",
            Self::NotInvertible(_) => "compose an array, new.npy, or train with --feature mel",
            Self::Constant(_) | Self::AllEqual(_) => {
                "see what was saved; some hundred different pieces make a beginning"
            }
            Self::Features { .. } => {
                "take an array of the same features as the one that the model learned from"
            }
            Self::SameTarget => "train with --target next",
        }
    }
}
