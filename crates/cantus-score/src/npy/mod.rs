//! Reading and writing of NumPy's arrays: `.npy` files and `.npz` archives of them.
//!
//! Every kind of number, byte order and order of dimensions is read; what would have to be run to be read (pickled
//! Python objects) is refused. An [`Array`] keeps its numbers as they are, so that nothing is lost from file to file.
//! The format is described at <https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html>.

mod array;
mod element;
mod error;
mod header;
mod order;
#[cfg(test)]
mod tests;
mod zipped;

pub use array::Array;
pub use element::Element;
pub use error::NpyError;
pub use zipped::ArchiveWriter;

use crate::{Place, Read, Strictness, Warning};
use header::Header;

/// What every `.npy` file begins with.
const MAGIC: &[u8] = b"\x93NUMPY";
/// What every `.npz` archive begins with; the second is that of an empty one.
const ZIP_MAGIC: [&[u8]; 2] = [b"PK\x03\x04", b"PK\x05\x06"];

/// Whether a file begins as an `.npy` file or a ZIP archive does.
pub fn is_array_file(bytes: &[u8]) -> bool {
    bytes.starts_with(MAGIC) || is_archive(bytes)
}

/// Whether a file begins as a ZIP archive does, so that it may hold several arrays.
pub fn is_archive(bytes: &[u8]) -> bool {
    ZIP_MAGIC.iter().any(|magic| bytes.starts_with(magic))
}

/// Reads the array of an `.npy` file, or one array of an `.npz` archive: the one of a name, or the only one.
///
/// A file that was cut off gives the whole items of the first dimension that are there, with a warning; a strict
/// reader refuses it, and bytes after the end.
pub fn read(bytes: &[u8], name: Option<&str>, strictness: Strictness) -> Result<Read<Array>, NpyError> {
    if is_archive(bytes) {
        let (_, file) = zipped::extract(bytes, name)?;
        return read_one(&file, strictness);
    }
    match name {
        Some(name) => Err(NpyError::NoNames(name.to_owned())),
        None => read_one(bytes, strictness),
    }
}

/// The names of the arrays in an `.npz` archive, in its order, without their `.npy`; none for an `.npy` file.
pub fn names(bytes: &[u8]) -> Result<Vec<String>, NpyError> {
    if is_archive(bytes) { zipped::names(bytes) } else { Ok(Vec::new()) }
}

/// The bytes of another file in an `.npz` archive, by its whole name; none where there is no such file.
pub fn member(bytes: &[u8], name: &str) -> Result<Option<Vec<u8>>, NpyError> {
    zipped::member(bytes, name)
}

/// The bytes of an `.npy` file: version 1.0, little-endian, the last dimension lying together.
pub fn write(array: &Array) -> Vec<u8> {
    let mut file = head(array.shape(), array.element());
    file.extend_from_slice(array.bytes());
    file
}

/// What an `.npy` file begins with; its numbers follow: little-endian, the last dimension lying together, as many as fill the
/// shape.
pub fn head(shape: &[usize], element: Element) -> Vec<u8> {
    header::write(shape, element)
}

/// The bytes of a compressed `.npz` archive of some arrays by name. Equal arrays give equal bytes.
pub fn write_archive(arrays: &[(&str, &Array)]) -> Result<Vec<u8>, NpyError> {
    zipped::write(arrays)
}

fn read_one(file: &[u8], strictness: Strictness) -> Result<Read<Array>, NpyError> {
    let (Header { element, is_big_endian, is_fortran, mut shape }, begin) = header::read(file)?;
    let body = file.get(begin..).unwrap_or_default();
    let mut warnings = Vec::new();
    let expected = size_of(&shape, element);
    let size = match expected {
        Some(size) if size <= body.len() => size,
        _ if strictness == Strictness::Strict || is_fortran => return Err(short(&shape, element, body)),
        _ => rescue(&mut shape, element, body, &mut warnings)?,
    };
    if size < body.len() && warnings.is_empty() {
        let message = format!("{} bytes follow the array's end: they are left out", body.len() - size);
        if strictness == Strictness::Strict {
            return Err(NpyError::Trailing(body.len() - size));
        }
        warnings.push(warning(begin + size, message));
    }
    let mut numbers = body.get(..size).unwrap_or_default().to_vec();
    if is_fortran {
        numbers = order::c_order(&numbers, &shape, element.size());
    }
    if is_big_endian {
        numbers.chunks_exact_mut(element.size()).for_each(<[u8]>::reverse);
    }
    Ok(Read { value: Array::new(&shape, element, numbers)?, warnings })
}

/// Cuts the first dimension to what is there.
fn rescue(
    shape: &mut [usize],
    element: Element,
    body: &[u8],
    warnings: &mut Vec<Warning>,
) -> Result<usize, NpyError> {
    let item = shape.get(1..).and_then(|rest| size_of(rest, element)).filter(|&size| size > 0);
    let whole = item.map_or(0, |item| body.len() / item);
    let (Some(first), Some(item), true) = (shape.first().copied(), item, whole > 0) else {
        return Err(short(shape, element, body));
    };
    let message = format!("the file is cut off: {whole} of {first} items of the first dimension are there");
    warnings.push(warning(body.len(), message));
    if let Some(first) = shape.first_mut() {
        *first = whole;
    }
    Ok(whole * item)
}

fn short(shape: &[usize], element: Element, body: &[u8]) -> NpyError {
    NpyError::Short { shape: shape.to_vec(), expected: size_of(shape, element), found: body.len() }
}

/// How many bytes an array takes; none where no machine could hold it.
fn size_of(shape: &[usize], element: Element) -> Option<usize> {
    shape.iter().try_fold(element.size(), |size, &length| size.checked_mul(length))
}

fn warning(offset: usize, message: String) -> Warning {
    Warning { place: Place::Byte { offset, track: None }, message }
}
