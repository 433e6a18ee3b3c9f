//! `.npz`: a ZIP archive with a `.npy` file for each array.

use std::io::{self, Cursor, Read as _, Seek, Write};

use zip::result::ZipError;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::{Array, Element, NpyError, head, size_of};

/// An archive is believed to unpack to this many bytes, whatever its own size …
pub(super) const LIMIT_BASE: usize = 64 << 20;
/// … and to this many times its own size.
pub(super) const LIMIT_RATIO: usize = 100;

const EXTENSION: &str = ".npy";

/// The names of the arrays, in the order of the archive.
pub(super) fn names(archive: &[u8]) -> Result<Vec<String>, NpyError> {
    let archive = ZipArchive::new(Cursor::new(archive)).map_err(|error| broken(&error))?;
    let names = (0..archive.len()).filter_map(|index| archive.name_for_index(index)?.ok());
    Ok(names.filter_map(|name| name.strip_suffix(EXTENSION).map(str::to_owned)).collect())
}

/// The file of the array of a name, or of the only one.
pub(super) fn extract(archive: &[u8], name: Option<&str>) -> Result<(String, Vec<u8>), NpyError> {
    let mut known = names(archive)?;
    let name = match name {
        Some(name) if known.iter().any(|other| other == name) => name.to_owned(),
        Some(name) => return Err(NpyError::NoSuchArray { name: name.to_owned(), known }),
        None if known.len() > 1 => return Err(NpyError::Several(known)),
        None => known.pop().ok_or(NpyError::NoArray)?,
    };
    let bytes = member(archive, &format!("{name}{EXTENSION}"))?;
    bytes.map(|bytes| (name, bytes)).ok_or(NpyError::NoArray)
}

/// The bytes of a file in an archive; none where there is no such file.
pub(super) fn member(archive: &[u8], name: &str) -> Result<Option<Vec<u8>>, NpyError> {
    let limit = archive.len().saturating_mul(LIMIT_RATIO).saturating_add(LIMIT_BASE);
    let mut archive = ZipArchive::new(Cursor::new(archive)).map_err(|error| broken(&error))?;
    let file = match archive.by_name(name) {
        Err(ZipError::FileNotFound) => return Ok(None),
        file => file.map_err(|error| broken(&error))?,
    };
    // What an archive says of its sizes may be a lie: what counts is what comes out of it.
    let mut bytes = Vec::new();
    file.take(limit as u64 + 1).read_to_end(&mut bytes).map_err(|error| broken(&error))?;
    if bytes.len() > limit { Err(NpyError::Bomb) } else { Ok(Some(bytes)) }
}

/// The bytes of a compressed archive.
pub(super) fn write(arrays: &[(&str, &Array)]) -> Result<Vec<u8>, NpyError> {
    let write_all = || {
        let mut archive = ArchiveWriter::new(Cursor::new(Vec::new()));
        for (name, array) in arrays {
            archive.begin(name, array.shape(), array.element())?;
            archive.write_all(array.bytes())?;
        }
        archive.finish()
    };
    write_all().map(Cursor::into_inner).map_err(|error| broken(&error))
}

/// Writes a compressed `.npz` archive array by array, so that no array need be in memory. Its files bear the oldest date that
/// there is, so that equal arrays give equal bytes.
pub struct ArchiveWriter<File: Write + Seek>(ZipWriter<File>);

impl<File: Write + Seek> ArchiveWriter<File> {
    /// An archive without arrays.
    pub fn new(file: File) -> Self {
        Self(ZipWriter::new(file))
    }

    /// Begins an array, of which the numbers are written next: little-endian, the last dimension lying together, as many as
    /// fill the shape.
    pub fn begin(&mut self, name: &str, shape: &[usize], element: Element) -> io::Result<()> {
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .last_modified_time(zip::DateTime::default())
            .large_file(size_of(shape, element).is_none_or(|size| size > LIMIT_LARGE));
        self.0.start_file(format!("{name}{EXTENSION}"), options)?;
        self.0.write_all(&head(shape, element))
    }

    /// Ends the archive and gives back what it was written to.
    pub fn finish(self) -> io::Result<File> {
        Ok(self.0.finish()?)
    }
}

impl<File: Write + Seek> Write for ArchiveWriter<File> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Files above this need the wider fields of the ZIP format, with room for a header.
const LIMIT_LARGE: usize = u32::MAX as usize - (1 << 20);

fn broken(error: &dyn std::fmt::Display) -> NpyError {
    NpyError::Archive(error.to_string())
}
