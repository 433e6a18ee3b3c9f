//! Archives, read like folders: `.zip`, `.tar`, `.tar.gz` and `.tar.zst`.
//!
//! What an archive says of itself is not believed: members are counted, what comes out is measured, and names that
//! climb out of the archive are refused. A broken archive gives what stands before the break.

use std::collections::{BTreeSet, HashMap};
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use flate2::bufread::MultiGzDecoder;
use ruzstd::decoding::StreamingDecoder;
use zip::ZipArchive;

use super::{Format, ReadError};

/// Most members of an archive that are looked at.
const MOST_MEMBERS: usize = 100_000;
/// An archive is believed to unpack to this many bytes, whatever its own size …
const LIMIT_BASE: u64 = 64 << 20;
/// … and to this many times its own size.
const LIMIT_RATIO: u64 = 100;

/// The end of a ZIP archive, with the longest comment.
const LONGEST_END: u64 = 22 + (1 << 16);

/// The endings of archives' names.
const ENDINGS: [&str; 6] = [".zip", ".tar", ".tar.gz", ".tgz", ".tar.zst", ".tzst"];

/// The name of an archive without its ending, or nothing where the name is not an archive's.
pub(super) fn stem(name: &str) -> Option<&str> {
    let lower = name.to_ascii_lowercase();
    let ending = ENDINGS.iter().find(|ending| lower.ends_with(**ending))?;
    name.get(..name.len() - ending.len())
}

/// What is in an archive.
#[derive(Debug, Default)]
pub(super) struct Contents {
    /// The names of its files, each once, sorted.
    pub(super) members: BTreeSet<String>,
    /// Names of members that are refused, each with the reason; the archive itself has no name here.
    pub(super) faults: Vec<(Option<String>, String)>,
}

impl Contents {
    /// Takes note of a member; `false` where there are too many.
    fn add(&mut self, name: &str) -> bool {
        if self.members.len() >= MOST_MEMBERS {
            let reason = format!("an archive may have up to {MOST_MEMBERS} files; the others are left out");
            self.faults.push((None, reason));
            return false;
        }
        match plain_name(name) {
            Some(name) if self.members.contains(&name) => {
                self.faults
                    .push((Some(name), "several files in the archive have this name; one is read".into()));
            }
            Some(name) => drop(self.members.insert(name)),
            None => self.faults.push((
                Some(name.to_owned()),
                "a name in an archive must stay below the archive, but this one leads out of it".into(),
            )),
        }
        true
    }
}

/// A member's name with `/` between folders, unless it leads out of the archive.
fn plain_name(name: &str) -> Option<String> {
    let name = name.replace('\\', "/");
    let drive = name.as_bytes().get(1) == Some(&b':');
    if name.starts_with('/') || drive || name.split('/').any(|part| part == "..") {
        return None;
    }
    let parts: Vec<&str> = name.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    Some(parts.join("/"))
}

/// Lists an archive. What cannot be listed is among the faults.
pub(super) fn list(path: &Path) -> Contents {
    let mut contents = Contents::default();
    if let Err(error) = list_into(path, &mut contents) {
        contents.faults.push((None, broken(&error).to_string()));
    }
    if contents.members.is_empty() && contents.faults.is_empty() {
        contents.faults.push((None, "there are no files in the archive".into()));
    }
    contents
}

fn list_into(path: &Path, contents: &mut Contents) -> io::Result<()> {
    let Some(tar) = tar_of(path)? else {
        return list_zip(path, contents);
    };
    for entry in tar::Archive::new(tar).entries()? {
        let entry = entry?;
        let (kind, name) = (entry.header().entry_type(), tar_name(&entry));
        if kind.is_file() && !contents.add(&name) {
            break;
        }
        if (kind.is_symlink() || kind.is_hard_link()) && Format::of_name(&name).is_some() {
            contents.faults.push((Some(name), "links in archives are not followed".into()));
        }
    }
    Ok(())
}

fn list_zip(path: &Path, contents: &mut Contents) -> io::Result<()> {
    let mut file = BufReader::new(File::open(path)?);
    let promised = promised(&mut file)?;
    let archive = ZipArchive::new(file)?;
    for index in 0..archive.len() {
        let Some(name) = archive.name_for_index(index) else { break };
        let name = name.map_or_else(|_| "\u{FFFD}".into(), std::borrow::Cow::into_owned);
        if !name.ends_with('/') && !contents.add(&name) {
            break;
        }
    }
    // Of files that have one name in all its bytes, the archive shows the last alone.
    if let Some(hidden) =
        promised.and_then(|promised| promised.checked_sub(archive.len())).filter(|&hidden| hidden > 0)
    {
        let reason =
            format!("{hidden} files in the archive have the names of others; the last of each name is read");
        contents.faults.push((None, reason));
    }
    Ok(())
}

/// How many entries a ZIP archive says that it has, where it says so in the usual place.
fn promised(file: &mut (impl Read + Seek)) -> io::Result<Option<usize>> {
    const END: &[u8] = b"PK\x05\x06";
    let size = file.seek(SeekFrom::End(0))?;
    file.seek(SeekFrom::Start(size.saturating_sub(LONGEST_END)))?;
    let mut end = Vec::new();
    file.by_ref().take(LONGEST_END).read_to_end(&mut end)?;
    file.rewind()?;
    let at = end.windows(END.len()).rposition(|four| four == END);
    let count = at.and_then(|at| end.get(at + 10..at + 12)?.try_into().ok()).map(u16::from_le_bytes);
    // An archive of more entries tells their number elsewhere.
    Ok(count.filter(|&count| count < u16::MAX).map(usize::from))
}

fn tar_name(entry: &tar::Entry<'_, impl Read>) -> String {
    String::from_utf8_lossy(&entry.path_bytes()).into_owned()
}

/// Reads the wanted members of an archive, each with its number, in the archive's order; `take` says whether to go on.
/// Each has at most `limit` bytes.
pub(super) fn read(
    path: &Path,
    mut wanted: HashMap<&str, usize>,
    limit: u64,
    take: &mut dyn FnMut(usize, Result<Vec<u8>, ReadError>) -> bool,
) {
    let ended = read_into(path, &mut wanted, limit, take);
    let reason = ended.map_or_else(|error| broken(&error), |()| ReadError::Archive("it is gone".into()));
    let mut missed: Vec<usize> = wanted.into_values().collect();
    missed.sort_unstable();
    for index in missed {
        if !take(index, Err(ReadError::Archive(reason.to_string()))) {
            return;
        }
    }
}

fn read_into(
    path: &Path,
    wanted: &mut HashMap<&str, usize>,
    limit: u64,
    take: &mut dyn FnMut(usize, Result<Vec<u8>, ReadError>) -> bool,
) -> io::Result<()> {
    let Some(tar) = tar_of(path)? else { return read_zip(path, wanted, limit, take) };
    for entry in tar::Archive::new(tar).entries()? {
        let entry = entry?;
        let name = plain_name(&tar_name(&entry)).unwrap_or_default();
        if !entry.header().entry_type().is_file() {
            continue;
        }
        let Some(index) = wanted.remove(name.as_str()) else { continue };
        if !take(index, bytes_of(entry, limit)) || wanted.is_empty() {
            break;
        }
    }
    Ok(())
}

fn read_zip(
    path: &Path,
    wanted: &mut HashMap<&str, usize>,
    limit: u64,
    take: &mut dyn FnMut(usize, Result<Vec<u8>, ReadError>) -> bool,
) -> io::Result<()> {
    let file = File::open(path)?;
    let mut left = unpacked_limit(&file)?;
    let mut archive = ZipArchive::new(BufReader::new(file))?;
    for place in 0..archive.len() {
        let name = archive.name_for_index(place).and_then(Result::ok).and_then(|name| plain_name(&name));
        let Some(index) = name.and_then(|name| wanted.remove(name.as_str())) else { continue };
        let bytes = match archive.by_index(place) {
            Ok(_) if left == 0 => Err(too_much()),
            Ok(member) => bytes_of(member, limit),
            Err(error) => Err(broken(&error.into())),
        };
        // A member that is refused was unpacked up to the limit all the same.
        let unpacked = bytes.as_ref().map_or(limit, |bytes| bytes.len() as u64);
        left = left.saturating_sub(unpacked);
        if !take(index, bytes) || wanted.is_empty() {
            break;
        }
    }
    Ok(())
}

/// The bytes of a member; its own word on its size is not asked for.
fn bytes_of(member: impl Read, limit: u64) -> Result<Vec<u8>, ReadError> {
    let mut bytes = Vec::new();
    member.take(limit + 1).read_to_end(&mut bytes).map_err(|error| broken(&error))?;
    if bytes.len() as u64 > limit {
        return Err(ReadError::TooLarge { limit, size: None });
    }
    Ok(bytes)
}

/// The stream of a tar archive, unpacked and bounded; nothing where the file is a ZIP archive.
fn tar_of(path: &Path) -> io::Result<Option<Box<dyn Read>>> {
    let file = File::open(path)?;
    let limit = unpacked_limit(&file)?;
    let mut file = BufReader::new(file);
    let head = file.fill_buf()?;
    let is_zip = || ends_in_zip(path) && head.get(257..262) != Some(b"ustar");
    let stream: Box<dyn Read> = if head.starts_with(b"PK") {
        return Ok(None);
    } else if head.starts_with(b"\x1F\x8B") {
        Box::new(MultiGzDecoder::new(file))
    } else if head.starts_with(b"\x28\xB5\x2F\xFD") {
        Box::new(Frames { file: Some(file), frame: None })
    } else if is_zip() {
        // Something may stand before an archive, such as a program that unpacks it.
        return Ok(None);
    } else {
        Box::new(file)
    };
    Ok(Some(Box::new(Bounded { stream, left: limit })))
}

fn ends_in_zip(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("zip"))
}

fn unpacked_limit(file: &File) -> io::Result<u64> {
    Ok(file.metadata()?.len().saturating_mul(LIMIT_RATIO).saturating_add(LIMIT_BASE))
}

/// The frames of a Zstandard file, one after the other.
struct Frames {
    /// The file between two frames.
    file: Option<BufReader<File>>,
    /// The frame that is being read.
    frame: Option<Box<Frame>>,
}

type Frame = StreamingDecoder<BufReader<File>, ruzstd::decoding::FrameDecoder>;

impl Read for Frames {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            if let Some(frame) = &mut self.frame {
                let count = frame.read(buffer)?;
                if count > 0 || buffer.is_empty() {
                    return Ok(count);
                }
                self.file = self.frame.take().map(|frame| frame.into_inner());
            }
            let Some(mut file) = self.file.take() else { return Ok(0) };
            if file.fill_buf()?.is_empty() {
                return Ok(0);
            }
            self.frame = Some(Box::new(StreamingDecoder::new(file).map_err(io::Error::other)?));
        }
    }
}

/// A stream that ends with an error where more comes out than can be believed.
struct Bounded<R> {
    stream: R,
    left: u64,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.stream.read(buffer)? as u64;
        self.left = self.left.checked_sub(count).ok_or_else(|| io::Error::other(too_much()))?;
        Ok(count as usize)
    }
}

fn too_much() -> ReadError {
    ReadError::Archive(format!(
        "it unpacks to more than {} MiB and {LIMIT_RATIO} times its size",
        LIMIT_BASE >> 20
    ))
}

fn broken(error: &io::Error) -> ReadError {
    match error.get_ref().and_then(|inner| inner.downcast_ref::<ReadError>()) {
        Some(ReadError::Archive(reason)) => ReadError::Archive(reason.clone()),
        _ if ends_early(error) => {
            ReadError::Archive("it ends too early; was it copied or downloaded to its end?".into())
        }
        _ => ReadError::Archive(error.to_string()),
    }
}

/// Whether a packed stream breaks off: each of the unpackers says so in its own words.
fn ends_early(error: &io::Error) -> bool {
    let text = error.to_string();
    error.kind() == io::ErrorKind::UnexpectedEof
        || [
            "UnexpectedEof",
            "incomplete deflate stream",
            "unexpected end of file",
            "failed to fill whole buffer",
        ]
        .iter()
        .any(|words| text.contains(words))
}
