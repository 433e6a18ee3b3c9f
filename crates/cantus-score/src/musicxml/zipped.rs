//! `.mxl`: a ZIP archive whose container names the score.

use std::io::{Cursor, Read as _, Write as _};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::MusicXmlError;
use super::decode::decode;
use super::faults::Faults;
use super::xml::{Fragment, Xml};
use crate::Strictness;

/// An archive is believed to unpack to this many bytes, whatever its own size …
pub(super) const LIMIT_BASE: usize = 4 << 20;
/// … and to this many times its own size.
pub(super) const LIMIT_RATIO: usize = 45;

const CONTAINER: &str = "META-INF/container.xml";

/// Whether a file begins as a ZIP archive does.
pub(super) fn is_archive(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06")
}

/// The bytes of the score that the container names, else of the first file that may be one; and what had to be
/// forgiven for it.
pub(super) fn extract(bytes: &[u8]) -> Result<(Vec<u8>, Option<String>), MusicXmlError> {
    let limit = bytes.len().saturating_mul(LIMIT_RATIO).saturating_add(LIMIT_BASE);
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| broken(&error))?;
    let named = member(&mut archive, CONTAINER, 1 << 20).ok().and_then(|file| rootfile(&file));
    if let Some(name) = &named
        && archive.index_for_name(name).is_some()
    {
        return Ok((member(&mut archive, name, limit)?, None));
    }
    let names = (0..archive.len()).filter_map(|index| archive.name_for_index(index)?.ok());
    let mut names = names.filter(|name| may_be_score(name)).map(std::borrow::Cow::into_owned);
    let name = names.next().ok_or(MusicXmlError::NoScore)?;
    let fault = match named {
        Some(named) => {
            format!("the container names {named:?}, which is not in the archive; {name:?} is read")
        }
        None => format!("the archive has no container that names its score; {name:?} is read"),
    };
    Ok((member(&mut archive, &name, limit)?, Some(fault)))
}

fn may_be_score(name: &str) -> bool {
    let lower = name.to_lowercase();
    !lower.starts_with("meta-inf/")
        && !lower.contains("__macosx")
        && [".xml", ".musicxml"].iter().any(|end| lower.ends_with(end))
}

fn member(
    archive: &mut ZipArchive<Cursor<&[u8]>>,
    name: &str,
    limit: usize,
) -> Result<Vec<u8>, MusicXmlError> {
    let file = archive.by_name(name).map_err(|error| broken(&error))?;
    // What an archive says of its sizes may be a lie: what counts is what comes out of it.
    let told = usize::try_from(file.size()).unwrap_or(usize::MAX);
    let mut bytes = Vec::with_capacity(told.min(limit) + 1);
    file.take(limit as u64 + 1).read_to_end(&mut bytes).map_err(|error| broken(&error))?;
    if bytes.len() > limit { Err(MusicXmlError::Bomb) } else { Ok(bytes) }
}

/// The file that a container names first.
fn rootfile(container: &[u8]) -> Option<String> {
    let text = decode(container);
    let (mut xml, mut fragment) = (Xml::new(&text), Fragment::default());
    let mut faults = Faults::new(&text, Strictness::Tolerant);
    let root = xml.next_child(&mut faults).ok()??;
    let root = xml.whole(root, &mut fragment, &mut faults).ok()?;
    let file = root.child("rootfiles")?.child("rootfile")?;
    file.attribute("full-path").map(std::borrow::Cow::into_owned)
}

/// The bytes of an archive with one score. Its files bear the oldest date that there is, so that equal scores give
/// equal bytes.
pub(super) fn write(score: &str) -> Result<Vec<u8>, MusicXmlError> {
    const ROOT: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<container>\n  <rootfiles>\n    \
        <rootfile full-path=\"score.musicxml\" media-type=\"application/vnd.recordare.musicxml+xml\"/>\n  \
        </rootfiles>\n</container>\n";
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(zip::DateTime::default());
    for (name, text) in [(CONTAINER, ROOT), ("score.musicxml", score)] {
        archive.start_file(name, options).map_err(|error| broken(&error))?;
        archive.write_all(text.as_bytes()).map_err(|error| broken(&error))?;
    }
    archive.finish().map(Cursor::into_inner).map_err(|error| broken(&error))
}

fn broken(error: &dyn std::fmt::Display) -> MusicXmlError {
    MusicXmlError::Archive(error.to_string())
}
