//! Work read: files of any format into sheets and scores in memory, on one thread, each file timed by itself.

use std::collections::BTreeMap;
use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};

use cantus_model::corpus::{self, Format, Source};
use cantus_score::{Strictness, abc, kern, midi, musicxml};
use serde_json::{Map, json};

use super::report::{clock, summary};
use super::{Measured, Report};
use crate::error::{Error, Kind};
use crate::input::LARGEST_FILE;
use crate::write_file;

/// How often each file is read.
const RUNS: usize = 5;

/// What is read.
#[derive(Debug, Clone, Default)]
pub struct Reading {
    /// Files, folders, archives and wildcards.
    pub paths: Vec<PathBuf>,
    /// So many files of each ending, taken evenly; all where nothing is said.
    pub sample: Option<usize>,
    /// A new folder for copies of what is read, so that peers read the same.
    pub keep: Option<PathBuf>,
}

/// One file that is read.
struct File {
    name: String,
    kind: Readable,
    bytes: Vec<u8>,
    pieces: usize,
    /// Of each run, in seconds.
    times: Vec<f64>,
}

/// The formats, told from a file's content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Readable {
    Midi,
    MusicXml,
    Mxl,
    Abc,
    Kern,
}

impl Readable {
    fn of(bytes: &[u8]) -> Option<Self> {
        match Format::of_content(bytes) {
            Format::Midi => Some(Self::Midi),
            Format::MusicXml if bytes.starts_with(b"PK") => Some(Self::Mxl),
            Format::MusicXml => Some(Self::MusicXml),
            Format::Abc => Some(Self::Abc),
            Format::Kern => Some(Self::Kern),
            _ => None,
        }
    }

    const fn work(self) -> &'static str {
        match self {
            Self::Midi => "read-midi",
            Self::MusicXml => "read-musicxml",
            Self::Mxl => "read-mxl",
            Self::Abc => "read-abc",
            Self::Kern => "read-kern",
        }
    }

    /// How many pieces are read from a file; nothing where it is refused.
    fn read(self, bytes: &[u8]) -> Option<usize> {
        let forgiving = Strictness::Tolerant;
        match self {
            Self::Midi => midi::read(bytes, forgiving).map(|read| kept(&read, 1)).ok(),
            Self::MusicXml | Self::Mxl => musicxml::read(bytes, forgiving).map(|read| kept(&read, 1)).ok(),
            Self::Kern => kern::read(bytes, forgiving).map(|read| kept(&read, 1)).ok(),
            Self::Abc => abc::read_book(bytes, forgiving).ok().map(|read| {
                let tunes = read.value.len();
                kept(&read, tunes)
            }),
        }
    }
}

/// Makes sure that what nobody looks at is made all the same.
fn kept<T>(made: &T, count: usize) -> usize {
    std::hint::black_box(made);
    count
}

/// Reads the files below some paths into sheets and scores, in milliseconds for all of a format: a report a format. The
/// bytes are in memory beforehand; files that are refused are counted and left out of the time.
pub fn read(reading: &Reading) -> Result<Vec<Report>, Error> {
    let (mut files, refused) = load(reading)?;
    if let Some(folder) = &reading.keep {
        keep(&files, folder)?;
    }
    for _ in 0..RUNS {
        for file in &mut files {
            let begin = clock();
            file.kind.read(&file.bytes);
            file.times.push(clock() - begin);
        }
    }
    let mut kinds: BTreeMap<Readable, Vec<File>> = BTreeMap::new();
    for file in files {
        kinds.entry(file.kind).or_default().push(file);
    }
    Ok(kinds.into_iter().map(|(kind, files)| report(kind, &files, refused.get(&kind).copied())).collect())
}

/// The files that can be read, and how many of each format cannot.
fn load(reading: &Reading) -> Result<(Vec<File>, BTreeMap<Readable, usize>), Error> {
    let mut listing = corpus::list(&reading.paths).map_err(|error| Error::of(Kind::Missing, error))?;
    listing.sources = sampled(listing.sources, reading.sample);
    let loaded = listing.read_each(LARGEST_FILE, |source, bytes| {
        let bytes = bytes.ok()?;
        let kind = Readable::of(&bytes)?;
        let pieces = kind.read(&bytes);
        Some((
            kind,
            pieces.map(|pieces| File { name: source.name.clone(), kind, bytes, pieces, times: Vec::new() }),
        ))
    });
    let (mut files, mut refused) = (Vec::new(), BTreeMap::new());
    for (kind, file) in loaded.into_iter().flatten() {
        match file {
            Some(file) => files.push(file),
            None => *refused.entry(kind).or_default() += 1,
        }
    }
    if files.is_empty() {
        let message = "files of music are wanted, but none can be read below the paths given";
        return Err(
            Error::new(Kind::Input, message).with_hint("MIDI, MusicXML, ABC and Humdrum files are read")
        );
    }
    Ok((files, refused))
}

/// So many sources of each ending, evenly.
fn sampled(sources: Vec<Source>, count: Option<usize>) -> Vec<Source> {
    let Some(count) = count else { return sources };
    let mut endings: BTreeMap<String, Vec<Source>> = BTreeMap::new();
    for source in sources {
        let ending = source.name.rsplit('.').next().unwrap_or_default().to_lowercase();
        endings.entry(ending).or_default().push(source);
    }
    let some = endings.into_values().flat_map(|all| {
        let (of, wanted) = (all.len(), count.min(all.len()));
        let places: std::collections::BTreeSet<usize> =
            (0..wanted).map(|index| index * of / wanted).collect();
        all.into_iter().enumerate().filter(move |(place, _)| places.contains(place)).map(|(_, source)| source)
    });
    // Files of one archive stand together, so that it is unpacked once.
    let mut some: Vec<Source> = some.collect();
    some.sort_by(|one, other| one.path.cmp(&other.path));
    some
}

/// Copies the files into a folder; their names there are theirs from now on.
fn keep(files: &[File], folder: &Path) -> Result<(), Error> {
    fs::create_dir_all(folder).map_err(|error| crate::output::unwritable(error, folder))?;
    for (number, file) in files.iter().enumerate() {
        let own = file.name.rsplit(['/', '!', '\\']).next().unwrap_or_default();
        write_file(&folder.join(format!("{number:05}-{own}")), &file.bytes)?;
    }
    Ok(())
}

fn report(kind: Readable, files: &[File], refused: Option<usize>) -> Report {
    let passes: Vec<f64> = (0..RUNS).map(|run| files.iter().map(|file| file.times[run]).sum()).collect();
    let measured: Measured = summary(passes);
    let pieces: usize = files.iter().map(|file| file.pieces).sum();
    let megabytes = files.iter().map(|file| size(file.kind, &file.bytes)).sum::<u64>() as f64 / 1e6;
    let each: Map<_, _> = files
        .iter()
        .map(|file| {
            (
                file.name.clone(),
                json!([1e3 * summary(file.times.clone()).median, file.pieces, size(file.kind, &file.bytes)]),
            )
        })
        .collect();
    Report::new(kind.work(), "ms", measured, 1e3)
        .with_fact("files", files.len())
        .with_fact("refused", refused.unwrap_or_default())
        .with_fact("pieces", pieces)
        .with_fact("megabytes", megabytes)
        .with_fact("megabytes_per_second", megabytes / measured.median)
        .with_fact("pieces_per_second", pieces as f64 / measured.median)
        .with_detail("each", each)
}

/// The bytes that are read, unpacked.
fn size(kind: Readable, bytes: &[u8]) -> u64 {
    let whole = bytes.len() as u64;
    if kind != Readable::Mxl {
        return whole;
    }
    let Ok(mut archive) = zip::ZipArchive::new(Cursor::new(bytes)) else { return whole };
    (0..archive.len()).filter_map(|index| Some(archive.by_index_raw(index).ok()?.size())).sum()
}
