//! The pieces of a run on the disk: what a step needs is read when it needs it.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::codec;
use crate::corpus::nameless;
use crate::encoding::Sliced;

/// Pieces in a file without a name: nobody else can change or delete it, and however the program ends, the system
/// takes it away.
#[derive(Debug)]
pub struct Store {
    folder: PathBuf,
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    file: File,
    /// Bytes of the file.
    end: u64,
}

/// Where a piece stands in a [`Store`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kept {
    at: u64,
    bytes: u32,
}

/// A piece cannot be read again.
#[derive(Debug, thiserror::Error)]
#[error("the pieces of a run are kept on its disk while it trains, but one cannot be read again in {}: {found}", folder.display())]
pub struct StoreError {
    /// The folder of the run.
    folder: PathBuf,
    /// What is wrong.
    found: String,
}

impl Store {
    /// No pieces yet, in a file on the disk of a folder.
    pub fn new(folder: &Path) -> io::Result<Self> {
        let inner = Mutex::new(Inner { file: nameless(folder, "pieces.part")?, end: 0 });
        Ok(Self { folder: folder.to_owned(), inner })
    }

    /// Keeps a piece; may be called from any thread.
    pub fn put(&self, piece: &Sliced) -> io::Result<Kept> {
        let bytes = codec::write(piece);
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let at = inner.end;
        inner.file.seek(SeekFrom::Start(at))?;
        inner.file.write_all(&bytes)?;
        inner.end += bytes.len() as u64;
        Ok(Kept { at, bytes: bytes.len() as u32 })
    }

    /// Reads a piece again; may be called from any thread.
    pub fn get(&self, kept: Kept) -> Result<Sliced, StoreError> {
        let failed = |found: String| StoreError { folder: self.folder.clone(), found };
        let bytes = self.read(kept).map_err(|error| failed(error.to_string()))?;
        codec::read(&bytes).ok_or_else(|| failed("its bytes are not those that were written".to_owned()))
    }

    fn read(&self, kept: Kept) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; kept.bytes as usize];
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.file.seek(SeekFrom::Start(kept.at))?;
        inner.file.read_exact(&mut bytes)?;
        Ok(bytes)
    }
}
