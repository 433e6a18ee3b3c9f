//! Where the bytes come from: anything that can be read and sought in, from a place on.

use std::io::{self, Read, Seek, SeekFrom};

use symphonia::core::io::MediaSource;

/// What a sound file can be read from: a file, or its bytes in a cursor.
pub trait Source: Read + Seek + Send + Sync {}

impl<T: Read + Seek + Send + Sync> Source for T {}

/// A source from a place on, as if it began there, or behind bytes that stand in front of it.
pub(super) struct Part<'s> {
    source: Box<dyn Source + 's>,
    front: Vec<u8>,
    start: u64,
    end: u64,
    /// Where the next byte is read, counted from the beginning of the part.
    position: u64,
}

impl<'s> Part<'s> {
    pub(super) fn whole(mut source: Box<dyn Source + 's>) -> io::Result<Self> {
        let end = source.seek(SeekFrom::End(0))?;
        source.rewind()?;
        Ok(Self { source, front: Vec::new(), start: 0, end, position: 0 })
    }

    /// What follows `offset`.
    pub(super) fn from(self, offset: u64) -> io::Result<Self> {
        self.behind(Vec::new(), offset)
    }

    /// What follows `offset`, with other bytes in front of it.
    pub(super) fn behind(mut self, front: Vec<u8>, offset: u64) -> io::Result<Self> {
        self.start = self.start.saturating_add(offset).min(self.end);
        self.front = front;
        self.rewind()?;
        Ok(self)
    }

    pub(super) fn len(&self) -> u64 {
        self.front.len() as u64 + self.end - self.start
    }

    /// The bytes from `offset` on, fewer where the source ends before.
    pub(super) fn look(&mut self, offset: u64, count: usize) -> io::Result<Vec<u8>> {
        self.seek(SeekFrom::Start(offset))?;
        let mut bytes = Vec::new();
        self.by_ref().take(count as u64).read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

impl Read for Part<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let front = self.front.get(self.position as usize..).filter(|front| !front.is_empty());
        let count = match front {
            Some(mut front) => front.read(buffer)?,
            None => self.source.read(buffer)?,
        };
        self.position += count as u64;
        Ok(count)
    }
}

impl Seek for Part<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let position = match to {
            SeekFrom::Start(offset) => Some(offset),
            SeekFrom::Current(step) => self.position.checked_add_signed(step),
            SeekFrom::End(step) => self.len().checked_add_signed(step),
        };
        let position = position.ok_or(io::ErrorKind::InvalidInput)?;
        let behind = position.saturating_sub(self.front.len() as u64);
        self.source.seek(SeekFrom::Start(self.start.saturating_add(behind).min(i64::MAX as u64)))?;
        self.position = position;
        Ok(position)
    }
}

impl MediaSource for Part<'_> {
    fn is_seekable(&self) -> bool {
        true
    }

    fn byte_len(&self) -> Option<u64> {
        Some(self.len())
    }
}
