//! The runs of notes of all pieces, sorted so that relatives are found in memory that does not grow with the music.

use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Runs are told apart by the first bits of their hashes first.
const BUCKETS: usize = 256;
/// Runs of a bucket that are written to the disk together.
const CHUNK: usize = 1024;
/// Bytes of a run on the disk: its hash and its piece.
const WIDTH: usize = 12;

/// A run: its hash, and the number of the piece that it stands in.
pub(super) type Run = (u64, u32);

/// The runs of all pieces: in memory, or in a file where one is given.
#[derive(Debug)]
pub(crate) struct Runs(Mutex<Inner>);

#[derive(Debug)]
struct Inner {
    buckets: Vec<Bucket>,
    file: Option<File>,
    pieces: u32,
    /// Bytes of the file.
    end: u64,
}

#[derive(Debug, Clone, Default)]
struct Bucket {
    open: Vec<Run>,
    /// Where its chunks begin in the file.
    chunks: Vec<u64>,
}

impl Runs {
    /// None yet. Without a file all stay in memory: some 16 bytes a note; with one, some 12 bytes a note stand there.
    pub(crate) fn new(file: Option<File>) -> Self {
        Self(Mutex::new(Inner { buckets: vec![Bucket::default(); BUCKETS], file, pieces: 0, end: 0 }))
    }

    /// Adds the runs of one more piece and gives its number. The numbers follow the calls, which may come from any
    /// thread; nothing that is found depends on their order.
    pub(super) fn add(&self, runs: &[u64]) -> io::Result<u32> {
        let mut inner = self.lock();
        let piece = inner.pieces;
        inner.pieces += 1;
        for &run in runs {
            inner.push((run, piece))?;
        }
        Ok(piece)
    }

    /// How many pieces have been added.
    pub(super) fn pieces(&self) -> usize {
        self.lock().pieces as usize
    }

    /// Calls `each` with the pieces of every run that stands in more than one piece.
    pub(super) fn shared(&self, mut each: impl FnMut(&[Run])) -> io::Result<()> {
        for bucket in 0..BUCKETS {
            let mut runs = self.lock().read(bucket)?;
            runs.sort_unstable();
            runs.chunk_by(|one, other| one.0 == other.0).filter(|same| same.len() > 1).for_each(&mut each);
        }
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn push(&mut self, run: Run) -> io::Result<()> {
        let Self { buckets, file, end, .. } = self;
        let bucket = &mut buckets[(run.0 >> 56) as usize];
        bucket.open.push(run);
        if let Some(file) = file.as_mut().filter(|_| bucket.open.len() == CHUNK) {
            let bytes = bucket.open.drain(..).flat_map(bytes_of).collect::<Vec<u8>>();
            file.seek(SeekFrom::Start(*end))?;
            file.write_all(&bytes)?;
            bucket.chunks.push(*end);
            *end += bytes.len() as u64;
        }
        Ok(())
    }

    fn read(&mut self, bucket: usize) -> io::Result<Vec<Run>> {
        let Self { buckets, file, .. } = self;
        let bucket = &buckets[bucket];
        let mut runs = bucket.open.clone();
        let mut bytes = [0; CHUNK * WIDTH];
        for &chunk in &bucket.chunks {
            let Some(file) = file.as_mut() else { break };
            file.seek(SeekFrom::Start(chunk))?;
            file.read_exact(&mut bytes)?;
            runs.extend(bytes.as_chunks::<WIDTH>().0.iter().map(run_of));
        }
        Ok(runs)
    }
}

/// A new file on the disk of a folder, whose name goes at once where the system allows it; a name that stays does no
/// harm.
pub(crate) fn nameless(folder: &Path, name: &str) -> io::Result<File> {
    let path = folder.join(name);
    let file = File::options().read(true).write(true).create(true).truncate(true).open(&path)?;
    let _ = fs::remove_file(&path);
    Ok(file)
}

fn bytes_of((hash, piece): Run) -> [u8; WIDTH] {
    let mut bytes = [0; WIDTH];
    bytes[..8].copy_from_slice(&hash.to_le_bytes());
    bytes[8..].copy_from_slice(&piece.to_le_bytes());
    bytes
}

fn run_of(bytes: &[u8; WIDTH]) -> Run {
    let [a, b, c, d, e, f, g, h, i, j, k, l] = *bytes;
    (u64::from_le_bytes([a, b, c, d, e, f, g, h]), u32::from_le_bytes([i, j, k, l]))
}
