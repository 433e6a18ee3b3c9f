//! Numbers of frames that lie on the disk until they are written, so that hours of them take no memory.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read as _, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cantus_features::sound::FrameTable;
use cantus_features::{Descriptor, Measure};
use tempfile::{NamedTempFile, TempPath};

use super::ears::Stream;
use crate::error::Error;
use crate::measure::Selection;
use crate::output::{temporary_beside, unwritable};

/// What was measured on each frame of a sound. It lies in files with passing names, which go with it.
#[derive(Debug, Clone)]
pub struct KeptFrames {
    /// How many frames there are.
    pub count: usize,
    /// Of each descriptor of frames, those that name what sounds last.
    pub(super) columns: Vec<Kept>,
}

impl KeptFrames {
    /// Keeps what was measured on so many frames: in their table, and what took a transform of its own. The files lie beside
    /// another.
    pub(super) fn new(
        (count, selection): (usize, &Selection),
        table: &FrameTable,
        streams: Vec<Option<Stream>>,
        beside: &Path,
    ) -> Result<Self, Error> {
        let mut columns = Vec::new();
        for (descriptor, stream) in selection.of_frames().zip(streams) {
            let spool = match (descriptor.measure, stream.and_then(|stream| stream.spool)) {
                (Measure::Frames(own), _) => Spool::of(beside, (own.of)(table))?,
                (_, Some(spool)) => spool,
                (_, None) => Spool::beside(beside)?,
            };
            columns.push(spool.end(descriptor)?);
        }
        for descriptor in selection.of_labels() {
            if let Measure::Names(of) = descriptor.measure {
                columns.push(Spool::of(beside, &of(table))?.end(descriptor)?);
            }
        }
        Ok(Self { count, columns })
    }
}

/// The numbers of a descriptor, frame after frame.
#[derive(Debug, Clone)]
pub(super) struct Kept {
    pub(super) descriptor: &'static Descriptor,
    file: Arc<TempPath>,
}

impl Kept {
    /// The numbers from the first frame on.
    pub(super) fn rows(&self) -> io::Result<Rows> {
        Ok(Rows { file: BufReader::new(File::open(&*self.file)?), columns: self.descriptor.columns().len() })
    }
}

/// Rows of numbers that are read from a file, one a frame.
pub(super) struct Rows {
    file: BufReader<File>,
    columns: usize,
}

impl Rows {
    /// Copies the next rows. Fails where there are fewer.
    pub(super) fn copy(&mut self, frames: usize, to: &mut impl Write) -> io::Result<()> {
        let bytes = (frames * self.columns * size_of::<f32>()) as u64;
        let copied = io::copy(&mut (&mut self.file).take(bytes), to)?;
        if copied == bytes { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
    }
}

/// A file that numbers are added to. What goes wrong is told at its end.
pub(super) struct Spool {
    file: BufWriter<NamedTempFile>,
    beside: PathBuf,
    fault: Option<io::Error>,
}

impl Spool {
    /// Without numbers yet.
    pub(super) fn beside(path: &Path) -> Result<Self, Error> {
        let file = temporary_beside(path).map_err(|error| unwritable(error, path))?;
        Ok(Self { file: BufWriter::new(file), beside: path.to_owned(), fault: None })
    }

    fn of(path: &Path, numbers: &[f32]) -> Result<Self, Error> {
        let mut spool = Self::beside(path)?;
        spool.push(numbers);
        Ok(spool)
    }

    pub(super) fn push(&mut self, numbers: &[f32]) {
        if self.fault.is_none() {
            let mut bytes = numbers.iter().map(|number| number.to_le_bytes());
            self.fault = bytes.try_for_each(|bytes| self.file.write_all(&bytes)).err();
        }
    }

    /// The numbers as those of a descriptor.
    fn end(self, descriptor: &'static Descriptor) -> Result<Kept, Error> {
        let Self { file, beside, fault } = self;
        let ended = match fault {
            None => file.into_inner().map_err(io::IntoInnerError::into_error),
            Some(fault) => Err(fault),
        };
        let file = ended.map_err(|error| unwritable(error, &beside))?;
        Ok(Kept { descriptor, file: Arc::new(file.into_temp_path()) })
    }
}
