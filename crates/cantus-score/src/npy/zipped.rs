//! `.npz`: a ZIP archive with a `.npy` file for each array.

use std::io::{Cursor, Read as _, Write as _};

use zip::result::ZipError;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::{Array, NpyError, write as write_npy};

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

/// The bytes of a compressed archive. Its files bear the oldest date that there is, so that equal arrays give equal
/// bytes.
pub(super) fn write(arrays: &[(&str, &Array)]) -> Result<Vec<u8>, NpyError> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(zip::DateTime::default())
        .large_file(arrays.iter().any(|(_, array)| array.bytes().len() > LIMIT_LARGE));
    for (name, array) in arrays {
        archive.start_file(format!("{name}{EXTENSION}"), options).map_err(|error| broken(&error))?;
        archive.write_all(&write_npy(array)).map_err(|error| broken(&error))?;
    }
    archive.finish().map(Cursor::into_inner).map_err(|error| broken(&error))
}

/// Files above this need the wider fields of the ZIP format, with room for a header.
const LIMIT_LARGE: usize = u32::MAX as usize - (1 << 20);

fn broken(error: &dyn std::fmt::Display) -> NpyError {
    NpyError::Archive(error.to_string())
}
