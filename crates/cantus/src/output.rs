//! Writing results: whole or not at all.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::error::{Error, Kind};

/// Writes a file so that whoever looks sees the old one or the new one, never a part: into a temporary file beside it,
/// then renamed. A file that exists is replaced; where writing fails it stays as it was.
pub fn write_file(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    // A link is followed, so that what it points at changes and not the link.
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let written = match fs::metadata(&target) {
        Ok(metadata) if metadata.is_dir() => return Err(is_folder(path)),
        // A device or pipe cannot be replaced.
        Ok(metadata) if !metadata.is_file() => fs::write(&target, bytes),
        Ok(metadata) if metadata.permissions().readonly() => {
            Err(io::Error::new(io::ErrorKind::PermissionDenied, "the file is read-only"))
        }
        Ok(metadata) => replace(&target, bytes, Some(metadata.permissions())),
        Err(_) => replace(&target, bytes, None),
    };
    written.map_err(|error| unwritable(error, path))
}

fn replace(path: &Path, bytes: &[u8], permissions: Option<fs::Permissions>) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    builder.prefix(".cantus-").suffix(".tmp");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        // What the user's mask leaves of these is what any other program's new file has.
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    let mut file = builder.tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    if let Some(permissions) = permissions {
        file.as_file().set_permissions(permissions)?;
    }
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
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
    let digits = count.to_string().len().max(2);
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let extension = path.extension().map(|extension| format!(".{}", extension.to_string_lossy()));
    path.with_file_name(format!("{stem}-{:0digits$}{}", index + 1, extension.unwrap_or_default()))
}
