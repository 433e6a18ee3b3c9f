//! The files that are damaged: small ones made here, those of a folder, and real ones where they are at hand.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use super::{Format, fixtures, pieces};

/// Real music beside the repository.
const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data");
/// Small files of sound of every format, which the repository holds.
const SOUNDS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/audio");
/// Endings of files of sound.
const OF_SOUND: [&str; 12] =
    ["wav", "aiff", "aif", "aifc", "flac", "mp3", "ogg", "opus", "m4a", "mp4", "aac", "sound"];
/// What is read of a longer file, so that many copies are read in a short time.
const MOST_BYTES: usize = 48 << 10;
/// Files taken from each archive.
const FROM_ARCHIVE: usize = 12;

/// The files to damage: those made here, and those under a folder or else the real music beside the repository. `say`
/// is told what is absent.
pub(crate) fn files(format: Format, folder: Option<&Path>, say: impl Fn(&str)) -> Vec<Vec<u8>> {
    let mut files = fixtures::of(format);
    if format == Format::Sound {
        files.extend(under(Path::new(SOUNDS), format));
    }
    let data = Path::new(DATA);
    match folder {
        Some(folder) => files.extend(under(folder, format)),
        None if data.is_dir() => files.extend(of_the_data(data, format)),
        None => {
            say("skipped: no folder ../shared/data beside the repository, so only made files are damaged");
        }
    }
    if format == Format::Mxl {
        // A part of an archive is none.
        files.retain(|file| file.len() <= MOST_BYTES);
    }
    for file in &mut files {
        file.truncate(MOST_BYTES);
    }
    files
}

fn of_the_data(data: &Path, format: Format) -> Vec<Vec<u8>> {
    let (folder, archives): (&str, &[&str]) = match format {
        Format::Midi => (
            "formats/midi",
            &[
                "multi/freedoom_midi/midi.zip",
                "drums/groove/midi.zip",
                "pop/pop909/midi.zip",
                "piano/piano_midi_de/midi.zip",
                "folk/nottingham/midi.zip",
            ],
        ),
        Format::Abc => ("formats/abc", &["folk/tunebooks/abc.zip", "folk/essen_nc/abc.zip"]),
        Format::Notation => return Vec::new(),
        Format::Sound => ("formats/audio", &[]),
        Format::MusicXml | Format::Mxl => (
            "formats/musicxml",
            &[
                "multi/openscore_lieder/mxl.zip",
                "multi/openscore_quartets/mxl.zip",
                "multi/openscore_orchestra/mxl.zip",
            ],
        ),
        Format::Kern => ("formats/kern", &["piano/polish_kern/kern.zip", "piano/joplin_nc/kern.zip"]),
    };
    let archived = archives.iter().flat_map(|archive| archived(&data.join(archive), format));
    under(&data.join(folder), format).into_iter().chain(archived).collect()
}

fn has_format(path: &Path, format: Format) -> bool {
    let extension = path.extension().map(|extension| extension.to_string_lossy().to_lowercase());
    if format == Format::Sound {
        return extension.is_some_and(|extension| OF_SOUND.contains(&extension.as_str()));
    }
    extension.is_some_and(|extension| {
        let second = match format {
            Format::Midi => "midi",
            Format::MusicXml => "xml",
            other => other.extension(),
        };
        extension == format.extension() || extension == second
    })
}

/// All files of a format under a folder, in order.
fn under(folder: &Path, format: Format) -> Vec<Vec<u8>> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    let files = paths.into_iter().flat_map(|path| {
        if path.is_dir() {
            under(&path, format)
        } else if has_format(&path, format) {
            fs::read(&path).into_iter().collect()
        } else {
            Vec::new()
        }
    });
    files.collect()
}

/// Some files of a format in an archive, from its beginning to its end.
fn archived(path: &Path, format: Format) -> Vec<Vec<u8>> {
    let archive = File::open(path).ok().and_then(|file| zip::ZipArchive::new(file).ok());
    let Some(mut archive) = archive else { return Vec::new() };
    let step = archive.len().div_ceil(FROM_ARCHIVE).max(1);
    let mut found = Vec::new();
    for index in (0..archive.len()).step_by(step) {
        let Ok(mut entry) = archive.by_index(index) else { continue };
        let mut bytes = Vec::new();
        // Scores are packed in archives; what is damaged here is the score.
        let packed = if format == Format::MusicXml { Format::Mxl } else { format };
        let fits = entry.name().is_ok_and(|name| has_format(Path::new(name.as_ref()), packed));
        if !fits || entry.read_to_end(&mut bytes).is_err() {
            continue;
        }
        found.extend(if format == packed { Some(bytes) } else { pieces::unpacked(&bytes) });
    }
    found
}
