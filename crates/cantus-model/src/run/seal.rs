//! A checksum within a weight file, so that a single flipped bit of a checkpoint is noticed.

use sha2::{Digest, Sha256};

use crate::corpus::hex;

/// The field of the metadata that holds it.
const KEY: &str = "cantus.sha256";
/// Hexadecimal digits of a checksum.
const DIGITS: usize = 64;

/// The field as it is before the file is sealed.
pub(super) fn open() -> (String, String) {
    (KEY.to_owned(), "0".repeat(DIGITS))
}

/// Writes the checksum of a file into the field that [`open`] left in it: that of the file with nothing but zeros
/// there.
pub(super) fn seal(mut bytes: Vec<u8>) -> Vec<u8> {
    let sum = hex(&Sha256::digest(&bytes));
    if let Some(place) = place(&bytes) {
        bytes[place].copy_from_slice(sum.as_bytes());
    }
    bytes
}

/// Holds a file against its checksum.
pub(super) fn check(bytes: &[u8]) -> Result<(), String> {
    let place = place(bytes).ok_or("there is no checksum in it")?;
    let mut hash = Sha256::new();
    hash.update(&bytes[..place.start]);
    hash.update([b'0'; DIGITS]);
    hash.update(&bytes[place.end..]);
    let is_whole = hex(&hash.finalize()).as_bytes() == &bytes[place];
    if is_whole { Ok(()) } else { Err("its content is not what its checksum says".to_owned()) }
}

/// Where the digits stand: in the header, behind the field's name.
fn place(bytes: &[u8]) -> Option<std::ops::Range<usize>> {
    let length = usize::try_from(u64::from_le_bytes(*bytes.first_chunk()?)).ok()?;
    let header = bytes.get(8..)?;
    let header = &header[..length.min(header.len())];
    let name = format!("\"{KEY}\":\"");
    let at = header.windows(name.len()).position(|window| window == name.as_bytes())?;
    let start = 8 + at + name.len();
    (start + DIGITS <= bytes.len()).then_some(start..start + DIGITS)
}
