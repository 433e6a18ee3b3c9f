//! Writing results: whole or not at all.

use std::fs::{self, File};
use std::io::{self, BufWriter, Seek as _, Write as _};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::error::{Error, Kind};

/// Writes a file so that whoever looks sees the old one or the new one, never a part: into a temporary file beside it,
/// then renamed. A file that exists is replaced; where writing fails it stays as it was.
pub fn write_file(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    write_file_with(path, |file| file.write_all(bytes))
}

/// Writes a file as [`write_file`] does, part by part, so that what is written need not be in memory.
pub(crate) fn write_file_with(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<&mut File>) -> io::Result<()>,
) -> Result<(), Error> {
    // A link is followed, so that what it points at changes and not the link.
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let written = match fs::metadata(&target) {
        Ok(metadata) if metadata.is_dir() => return Err(is_folder(path)),
        Ok(metadata) if !metadata.is_file() => fill(&target, write),
        Ok(metadata) if metadata.permissions().readonly() => {
            Err(io::Error::new(io::ErrorKind::PermissionDenied, "the file is read-only"))
        }
        Ok(metadata) => replace(&target, write, Some(metadata.permissions())),
        Err(_) => replace(&target, write, None),
    };
    written.map_err(|error| unwritable(error, path))
}

/// Writes to a device or pipe, which cannot be replaced, and in which nobody can go back to what was written.
fn fill(path: &Path, write: impl FnOnce(&mut BufWriter<&mut File>) -> io::Result<()>) -> io::Result<()> {
    let mut file = tempfile::tempfile()?;
    written(&mut file, write)?;
    file.rewind()?;
    io::copy(&mut file, &mut File::options().write(true).open(path)?)?;
    Ok(())
}

fn written(
    file: &mut File,
    write: impl FnOnce(&mut BufWriter<&mut File>) -> io::Result<()>,
) -> io::Result<()> {
    let mut buffer = BufWriter::new(file);
    write(&mut buffer)?;
    buffer.flush()
}

fn replace(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<&mut File>) -> io::Result<()>,
    permissions: Option<fs::Permissions>,
) -> io::Result<()> {
    let mut file = temporary_beside(path)?;
    written(file.as_file_mut(), write)?;
    file.as_file().sync_all()?;
    if let Some(permissions) = permissions {
        file.as_file().set_permissions(permissions)?;
    }
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// A new file in the folder of another, which goes when nobody holds it any more.
pub(crate) fn temporary_beside(path: &Path) -> io::Result<NamedTempFile> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    builder.prefix(".cantus-").suffix(".tmp");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        // What the user's mask leaves of these is what any other program's new file has.
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder)
}

fn is_folder(path: &Path) -> Error {
    let hint = format!("name a file in it, such as {}", path.join("piece.mid").display());
    Error::new(Kind::Output, "a result is written to a file, but this is a folder").at(path).with_hint(hint)
}

/// Says what helps against each way in which writing fails.
pub(crate) fn unwritable(error: io::Error, path: &Path) -> Error {
    let (message, hint) = match error.kind() {
        io::ErrorKind::NotFound => {
            ("the folder that is to hold it does not exist", "create the folder first")
        }
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            ("there is no permission to write it", "choose another place with -o, or change the permissions")
        }
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            ("the disk is full", "free some space or choose another place; nothing that existed was changed")
        }
        io::ErrorKind::NotADirectory => ("what should be a folder on its path is a file", "check the path"),
        io::ErrorKind::InvalidFilename => {
            ("the name is not one that a file may have", "choose a shorter name")
        }
        _ => ("it cannot be written", "choose another place with -o"),
    };
    Error::because(Kind::Output, format!("{message} ({error})"), error).at(path).with_hint(hint)
}

/// The path of one of `count` results: as it is where there is one, else `x.mid` becomes `x-01.mid`, `x-02.mid` ….
pub fn numbered(path: &Path, index: usize, count: usize) -> PathBuf {
    if count < 2 {
        return path.to_owned();
    }
    let is_folder = crate::is_folder(path);
    let digits = count.to_string().len().max(2);
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let extension = path.extension().map(|extension| format!(".{}", extension.to_string_lossy()));
    let numbered =
        path.with_file_name(format!("{stem}-{:0digits$}{}", index + 1, extension.unwrap_or_default()));
    // A folder's name goes on ending like one.
    if is_folder { numbered.join("") } else { numbered }
}
