//! Why an array cannot be read or written.

use super::zipped::{LIMIT_BASE, LIMIT_RATIO};

/// Why an array cannot be read or written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NpyError {
    /// It is neither an `.npy` file nor an archive.
    #[error("a NumPy file must begin with \\x93NUMPY, but this one does not")]
    NotNumpy,
    /// It is of a version that is not known.
    #[error("a NumPy file must be of format version 1, 2 or 3, but this one is of version {0}.{1}")]
    Version(u8, u8),
    /// The header cannot be read.
    #[error("the header of a NumPy file must tell kind, order and shape of its numbers, but {0}")]
    Header(String),
    /// It holds Python objects.
    #[error(
        "an array must hold plain numbers, but this one holds pickled Python objects, which could run any program when opened"
    )]
    Pickled,
    /// It holds something that is no number, or none that is read.
    #[error("an array must hold real numbers, but this one holds {what} ({code})")]
    Unsupported {
        /// NumPy's code.
        code: String,
        /// What that is.
        what: &'static str,
    },
    /// It has more dimensions than NumPy knows.
    #[error("an array may have up to 64 dimensions, but this one has {0}")]
    Rank(usize),
    /// There are fewer numbers than the shape asks for.
    #[error("an array of shape {shape:?} must have {} bytes of numbers, but there are {found}", size(*expected))]
    Short {
        /// The shape.
        shape: Vec<usize>,
        /// The bytes that it needs; none where no machine has so many.
        expected: Option<usize>,
        /// The bytes that there are.
        found: usize,
    },
    /// A strict reader found more bytes than the shape asks for.
    #[error("a NumPy file must end with its array, but {0} bytes follow")]
    Trailing(usize),
    /// The archive cannot be read.
    #[error("an .npz file must be a whole ZIP archive of arrays, but this one is not ({0})")]
    Archive(String),
    /// The archive holds nothing that is read.
    #[error("an .npz file must hold at least one array, but this one holds none")]
    NoArray,
    /// There are several arrays and none was named.
    #[error("one array of an archive is read at a time, but this one holds {}", .0.join(", "))]
    Several(Vec<String>),
    /// There is no array of that name.
    #[error("the archive holds {}, but no array named {name}", known.join(", "))]
    NoSuchArray {
        /// The name that was asked for.
        name: String,
        /// The names that there are.
        known: Vec<String>,
    },
    /// An `.npy` file holds one array, which has no name.
    #[error("only arrays of an .npz archive have names, but this file is asked for one named {0}")]
    NoNames(String),
    /// The array unpacks to more than is believed.
    #[error(
        "an archive may unpack to {LIMIT_RATIO} times its size and {} MiB, but this one claims more",
        LIMIT_BASE >> 20
    )]
    Bomb,
}

fn size(expected: Option<usize>) -> String {
    expected.map_or_else(|| "more than any machine's".to_owned(), |size| size.to_string())
}

impl NpyError {
    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Pickled => {
                "save pieces of one length as one array of numbers: np.save(\"music.npy\", np.stack(pieces).astype(np.float32))"
            }
            Self::Unsupported { .. } => "convert it first, for instance with array.astype(np.float32)",
            Self::Several(_) | Self::NoSuchArray { .. } => "name one of them after a #, as in music.npz#NAME",
            Self::NoNames(_) => "leave the # and the name out",
            Self::Bomb => {
                "save the array as .npy, or as a smaller kind of number with array.astype(np.uint8) or astype(bool)"
            }
            Self::Short { .. } | Self::Archive(_) => {
                "was the file copied or downloaded to its end? Save it again with np.save"
            }
            _ => "save the array with np.save(\"music.npy\", array)",
        }
    }
}
