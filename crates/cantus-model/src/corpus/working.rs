//! The working file of a corpus that is being built: what has been read so far, so that nothing is read twice.
//!
//! Records are appended as files are read, each with its length and a checksum. A program that is killed leaves whole
//! records and perhaps a part of one, which is cut off when the work goes on.

use std::collections::HashMap;
use std::fs::{File, TryLockError};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::UNIX_EPOCH;

use serde::{Deserialize, Serialize};

use super::bytes::checksum;
use super::file::read_extent;
use super::fingerprint::Fingerprint;
use super::record::{Extent, Facts};
use super::{CorpusError, Skipped, Source, Split};

/// What the file begins with: another version reads and measures otherwise, and begins anew.
const HEAD: &str = concat!("CANTUS WORKING ", env!("CARGO_PKG_VERSION"), " 1\n");
/// Bytes before a record's description: its length, that of the music, a checksum.
const PREFIX: usize = 4 + 8 + 8;

/// What was read of one file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct ReadFile {
    /// What the file was when it was read.
    pub(super) state: String,
    pub(super) hash: String,
    pub(super) pieces: Vec<ReadPiece>,
    pub(super) skipped: Vec<Skipped>,
    pub(super) warnings: usize,
}

/// What was read of one piece.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct ReadPiece {
    pub(super) tag: String,
    pub(super) named: Option<Split>,
    pub(super) title: String,
    pub(super) composer: Option<String>,
    pub(super) print: Fingerprint,
    pub(super) facts: Facts,
    /// Where its music stands; in the file, counted from the end of the description.
    pub(super) music: Extent,
    /// Its number among the runs.
    #[serde(skip)]
    pub(super) number: u32,
}

/// A working file.
#[derive(Debug)]
pub(super) struct Working {
    file: Mutex<(File, u64)>,
    /// What earlier work left, by state.
    known: HashMap<String, ReadFile>,
}

impl Working {
    /// Opens a working file, or begins one.
    pub(super) fn open(path: &Path) -> Result<Self, CorpusError> {
        let unwritable = |source| CorpusError::Unwritable { path: path.to_owned(), source };
        let options = File::options().read(true).write(true).create(true).truncate(false).open(path);
        let mut file = options.map_err(unwritable)?;
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => return Err(CorpusError::Busy(path.to_owned())),
            // Some file systems know no locks; there, care must do.
            Ok(()) | Err(TryLockError::Error(_)) => {}
        }
        let (known, end) = load(&mut file).map_err(unwritable)?;
        file.set_len(end).map_err(unwritable)?;
        Ok(Self { file: Mutex::new((file, end)), known })
    }

    /// What is known of a file in some state.
    pub(super) fn known(&self, state: &str) -> Option<&ReadFile> {
        self.known.get(state)
    }

    /// Keeps what was read of a file, with the packed music of its pieces one after the other, and says where that
    /// stands.
    pub(super) fn put(&self, read: &mut ReadFile, music: &[u8]) -> io::Result<()> {
        let text = serde_json::to_vec(&read)?;
        let mut record = Vec::with_capacity(PREFIX + text.len() + music.len());
        record.extend((text.len() as u32).to_le_bytes());
        record.extend((music.len() as u64).to_le_bytes());
        record.extend(checksum(&text).to_le_bytes());
        record.extend(&text);
        record.extend(music);
        let mut guard = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let (file, end) = &mut *guard;
        file.seek(SeekFrom::Start(*end))?;
        file.write_all(&record)?;
        let begin = *end + (PREFIX + text.len()) as u64;
        *end += record.len() as u64;
        read.pieces.iter_mut().for_each(|piece| piece.music.at += begin);
        Ok(())
    }

    /// The packed music at a place; nothing where it is not what was written.
    pub(super) fn music(&self, extent: Extent) -> io::Result<Option<Vec<u8>>> {
        read_extent(&mut self.file.lock().unwrap_or_else(PoisonError::into_inner).0, extent)
    }
}

/// Reads all whole records, and says where they end.
fn load(file: &mut File) -> io::Result<(HashMap<String, ReadFile>, u64)> {
    let size = file.metadata()?.len();
    let mut head = vec![0; HEAD.len()];
    if file.read_exact(&mut head).is_err() || head != HEAD.as_bytes() {
        file.seek(SeekFrom::Start(0))?;
        file.set_len(0)?;
        file.write_all(HEAD.as_bytes())?;
        return Ok((HashMap::new(), HEAD.len() as u64));
    }
    let (mut known, mut at) = (HashMap::new(), HEAD.len() as u64);
    while let Some((read, next)) = record(file, at, size)? {
        known.insert(read.state.clone(), read);
        at = next;
    }
    Ok((known, at))
}

/// The record at a place and where the next one begins; nothing where none is whole.
fn record(file: &mut File, at: u64, size: u64) -> io::Result<Option<(ReadFile, u64)>> {
    let left = size - at;
    let mut prefix = [0; PREFIX];
    if left < PREFIX as u64 {
        return Ok(None);
    }
    file.seek(SeekFrom::Start(at))?;
    file.read_exact(&mut prefix)?;
    let [a, b, c, d, numbers @ ..] = prefix;
    let text_length = u32::from_le_bytes([a, b, c, d]);
    let (numbers, _) = numbers.as_chunks::<8>();
    let [music, sum] = [numbers[0], numbers[1]].map(u64::from_le_bytes);
    let begin = at + PREFIX as u64 + u64::from(text_length);
    let Some(next) = begin.checked_add(music).filter(|next| *next <= size) else { return Ok(None) };
    let mut text = vec![0; text_length as usize];
    file.read_exact(&mut text)?;
    if checksum(&text) != sum {
        return Ok(None);
    }
    let Ok(mut read) = serde_json::from_slice::<ReadFile>(&text) else { return Ok(None) };
    read.pieces.iter_mut().for_each(|piece| piece.music.at += begin);
    Ok(Some((read, next)))
}

/// What a source is now, in words that change when its file does.
pub(super) fn state(source: &Source, real: &Path) -> String {
    let metadata = real.metadata();
    let size = metadata.as_ref().map_or(0, std::fs::Metadata::len);
    let changed = metadata.and_then(|metadata| metadata.modified()).ok();
    let changed = changed.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    let changed = changed.map_or(0, |time| time.as_nanos());
    let member = source.member.as_deref().unwrap_or_default();
    format!("{}\n{size}\n{changed}\n{member}\n{}", real.display(), source.perhaps)
}
