//! The corpus file: pieces whole and packed, an index of all that is known of them, checksums over both.
//!
//! ```text
//!  CANTUSCO, version (4), 0 (4)        the head
//!  packed score, packed score …        in the order of the index
//!  packed index                        JSON lines: how it was made, then a line a piece
//!  place and length of the index (8 + 8), its SHA-256 (32), CANTUSCO        the tail
//! ```
//! Numbers are little-endian. Equal corpora are equal bytes.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufWriter, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use cantus_score::Score;
use rayon::prelude::*;
use sha2::{Digest, Sha256};

use super::bytes::checksum;
use super::pack::{deflate, inflate, unpack};
use super::record::{Extent, Making, Record};
use super::scan::{Progress, Reader};
use super::{Copies, Corpus, CorpusError, Piece, Split, hex};

const MAGIC: [u8; 8] = *b"CANTUSCO";
/// The version of the layout.
const VERSION: u32 = 1;
const HEAD: u64 = 16;
const TAIL: usize = 8 + 8 + 32 + 8;
/// What a piece's music is called in the index.
pub(super) const SCORE: &str = "score";

/// Whether a file begins as a corpus file does.
pub fn is_corpus_file(path: &Path) -> bool {
    let mut head = [0; MAGIC.len()];
    path.is_file()
        && File::open(path).and_then(|mut file| file.read_exact(&mut head)).is_ok()
        && head == MAGIC
}

/// A corpus file, open for reading.
#[derive(Debug)]
pub struct CorpusFile {
    path: PathBuf,
    file: Mutex<File>,
    /// How it was made.
    pub making: Making,
    /// Its pieces, in order.
    pub records: Vec<Record>,
    /// SHA-256 of its index, and through that of all that it holds, as hexadecimal digits.
    pub digest: String,
}

impl CorpusFile {
    /// Opens a corpus file and reads its index. Fails if the file is damaged or of another version.
    pub fn open(path: &Path) -> Result<Self, CorpusError> {
        let unreadable = |source| CorpusError::Unreadable { path: path.to_owned(), source };
        let damaged = |found: &str| CorpusError::Damaged { path: path.to_owned(), found: found.to_owned() };
        let mut file = File::open(path).map_err(unreadable)?;
        let size = file.metadata().map_err(unreadable)?.len();
        let mut head = [0; HEAD as usize];
        file.read_exact(&mut head).map_err(|_| damaged("it is cut off"))?;
        if head[..8] != MAGIC {
            return Err(damaged("it does not begin as one"));
        }
        let version = u32::from_le_bytes([head[8], head[9], head[10], head[11]]);
        if version != VERSION {
            return Err(CorpusError::OtherVersion { path: path.to_owned(), version });
        }
        if head[12..] != [0; 4] {
            return Err(damaged("its head is not what was written"));
        }
        let index = index(&mut file, size).map_err(unreadable)?;
        let (index, digest) =
            index.ok_or_else(|| damaged("it is cut off, or its index is not what was written"))?;
        let plain = inflate(&index).ok_or_else(|| damaged("its index cannot be unpacked"))?;
        let (making, records) =
            parsed(&plain).map_err(|error| damaged(&format!("its index cannot be read ({error})")))?;
        Ok(Self { path: path.to_owned(), file: Mutex::new(file), making, records, digest })
    }

    /// The music of a piece. Fails if it is not what was written.
    pub fn score(&self, record: &Record) -> Result<Score, CorpusError> {
        let damaged = |found: String| CorpusError::Damaged { path: self.path.clone(), found };
        let wrong = || damaged(format!("the music of {} is not what was written", record.name));
        let extent = *record.holds.get(SCORE).ok_or_else(wrong)?;
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes = read_extent(&mut file, extent).map_err(|error| damaged(error.to_string()))?;
        drop(file);
        bytes.and_then(|bytes| unpack(&bytes)).ok_or_else(wrong)
    }

    /// The pieces, with what a reader keeps of their music. To be measured ([`Copies::Keep`]) are those that are held
    /// out for it, where there are such.
    pub(super) fn corpus<Music: Send>(
        &self,
        copies: Copies,
        reader: &Reader<'_, Music>,
    ) -> Result<Corpus<Music>, CorpusError> {
        let has_test = self.records.iter().any(|record| record.split == Split::Test);
        let tests_only = copies == Copies::Keep && has_test;
        let wanted = self.records.iter().filter(|record| !tests_only || record.split == Split::Test);
        let wanted: Vec<&Record> = wanted.collect();
        let (files, done) = (wanted.len(), AtomicUsize::new(0));
        let piece = |record: &&Record| {
            let score = (reader.keep)(self.score(record)?).map_err(CorpusError::Unkept)?;
            (reader.progress)(Progress { done: done.fetch_add(1, Ordering::Relaxed) + 1, files });
            Ok(self.piece(record, score))
        };
        let pieces = wanted.par_iter().map(piece).collect::<Result<_, CorpusError>>()?;
        let Making { warnings, duplicates, straddling, .. } = self.making;
        Ok(Corpus { pieces, skipped: Vec::new(), warnings, duplicates, straddling })
    }

    fn piece<Music>(&self, record: &Record, score: Music) -> Piece<Music> {
        Piece {
            name: record.name.clone(),
            path: self.path.clone(),
            title: record.title.clone(),
            style: record.style.clone(),
            split: record.split,
            group: record.group,
            score,
            digest: record.notes.clone(),
            ledger: record.ledger.clone(),
        }
    }
}

/// The packed index of a file of some bytes, and its hash; nothing where it is not what was written.
fn index(file: &mut File, size: u64) -> io::Result<Option<(Vec<u8>, String)>> {
    let Some(tail_at) = size.checked_sub(TAIL as u64).filter(|at| *at >= HEAD) else { return Ok(None) };
    let mut tail = [0; TAIL];
    file.seek(SeekFrom::Start(tail_at))?;
    file.read_exact(&mut tail)?;
    let (numbers, _) = tail.as_chunks::<8>();
    let [at, bytes] = [numbers[0], numbers[1]].map(u64::from_le_bytes);
    if tail[48..] != MAGIC || at < HEAD || at.checked_add(bytes) != Some(tail_at) {
        return Ok(None);
    }
    let mut index = vec![0; bytes as usize];
    file.seek(SeekFrom::Start(at))?;
    file.read_exact(&mut index)?;
    let hash = Sha256::digest(&index);
    Ok((hash[..] == tail[16..48]).then(|| (index, hex(&hash))))
}

fn parsed(index: &[u8]) -> Result<(Making, Vec<Record>), serde_json::Error> {
    let mut lines = index.split(|&byte| byte == b'\n').filter(|line| !line.is_empty());
    let making = serde_json::from_slice(lines.next().unwrap_or_default())?;
    Ok((making, lines.map(serde_json::from_slice).collect::<Result<_, _>>()?))
}

/// The bytes at a place, unless they are not those that were written.
pub(super) fn read_extent(file: &mut File, extent: Extent) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(extent.at))?;
    file.take(extent.bytes.into()).read_to_end(&mut bytes)?;
    Ok(Some(bytes).filter(|bytes| bytes.len() == extent.bytes as usize && checksum(bytes) == extent.sum))
}

/// A corpus file being written.
pub(super) struct Writer {
    file: BufWriter<File>,
    at: u64,
}

impl Writer {
    pub(super) fn new(file: File) -> io::Result<Self> {
        let mut file = BufWriter::new(file);
        file.write_all(&MAGIC)?;
        file.write_all(&VERSION.to_le_bytes())?;
        file.write_all(&[0; 4])?;
        Ok(Self { file, at: HEAD })
    }

    /// Writes the bytes of a piece and says where they stand.
    pub(super) fn put(&mut self, bytes: &[u8]) -> io::Result<Extent> {
        self.file.write_all(bytes)?;
        let extent = Extent { at: self.at, bytes: bytes.len() as u32, sum: checksum(bytes) };
        self.at += bytes.len() as u64;
        Ok(extent)
    }

    /// Writes the index, and gives the number of bytes in all.
    pub(super) fn finish(mut self, making: &Making, records: &[Record]) -> io::Result<u64> {
        let mut lines = serde_json::to_vec(making)?;
        for record in records {
            lines.push(b'\n');
            serde_json::to_writer(&mut lines, record)?;
        }
        let index = deflate(&lines);
        self.file.write_all(&index)?;
        self.file.write_all(&self.at.to_le_bytes())?;
        self.file.write_all(&(index.len() as u64).to_le_bytes())?;
        self.file.write_all(&Sha256::digest(&index))?;
        self.file.write_all(&MAGIC)?;
        let file = self.file.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.sync_all()?;
        Ok(self.at + index.len() as u64 + TAIL as u64)
    }
}

/// The entry of a piece's music in its record.
pub(super) fn holds(score: Extent) -> BTreeMap<String, Extent> {
    BTreeMap::from([(SCORE.to_owned(), score)])
}
