//! Arrays as files.

use std::fmt;
use std::fs::{self, File};
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use cantus_score::npy::{self, Array};
use cantus_score::{Read, Strictness};
use sha2::{Digest, Sha256};

use super::ArrayError;
use crate::corpus::hex;

/// The largest file that is read, in bytes.
const LARGEST_FILE: u64 = 4 << 30;

/// Where an array lies: a file, and a name in it where the file is an archive. It is written `music.npz#NAME`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The file.
    pub file: PathBuf,
    /// The array's name in an archive.
    pub name: Option<String>,
}

impl Source {
    /// Where an array lies that is named `music.npy` or `music.npz#NAME`. A file whose own name has a `#` is a file.
    pub fn of(path: &Path) -> Self {
        let split = path.to_str().and_then(|text| text.rsplit_once('#'));
        match split {
            Some((file, name)) if !path.exists() => Self { file: file.into(), name: Some(name.to_owned()) },
            _ => Self { file: path.to_owned(), name: None },
        }
    }
}

impl fmt::Display for Source {
    /// The file's name without its folders, and the array's where it has one.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file.file_name().unwrap_or_default().to_string_lossy())?;
        self.name.as_ref().map_or(Ok(()), |name| write!(f, "#{name}"))
    }
}

/// Reads an array, with the faults that were forgiven and the SHA-256 of the file as hexadecimal digits.
pub fn open(source: &Source) -> Result<(Read<Array>, String), ArrayError> {
    let bytes = bytes_of(&source.file)?;
    let hash = hex(&Sha256::digest(&bytes));
    Ok((npy::read(&bytes, source.name.as_deref(), Strictness::Tolerant)?, hash))
}

fn bytes_of(path: &Path) -> Result<Vec<u8>, ArrayError> {
    let unreadable = |error: std::io::Error| match error.kind() {
        ErrorKind::NotFound => ArrayError::Missing,
        _ => ArrayError::Unreadable(error.to_string()),
    };
    let metadata = fs::metadata(path).map_err(unreadable)?;
    if metadata.is_dir() {
        return Err(ArrayError::Folder);
    }
    if metadata.len() > LARGEST_FILE {
        return Err(ArrayError::TooLarge { limit: LARGEST_FILE, size: metadata.len() });
    }
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(unreadable)?;
    file.take(LARGEST_FILE).read_to_end(&mut bytes).map_err(unreadable)?;
    Ok(bytes)
}
