//! Writing a run's files so that a power cut at any moment leaves the old file or the new one, never a part.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::RunError;

/// The single acts by which files change. The tests put a disk in its place that dies at any of them.
pub(super) trait Disk {
    /// Makes a file of these bytes, or replaces its content, and waits until it is on the disk.
    fn write(&mut self, path: &Path, bytes: &[u8]) -> io::Result<()>;
    /// Gives a file another file's name, in one act.
    fn rename(&mut self, from: &Path, to: &Path) -> io::Result<()>;
    /// Waits until a folder's names are on the disk.
    fn sync_folder(&mut self, folder: &Path) -> io::Result<()>;
    /// Takes a file away.
    fn remove(&mut self, path: &Path) -> io::Result<()>;
    /// Adds bytes at a file's end; a file that is not there is made.
    fn append(&mut self, path: &Path, bytes: &[u8]) -> io::Result<()>;
}

/// The disk of the system.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct RealDisk;

impl Disk for RealDisk {
    fn write(&mut self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let mut file = File::create(path)?;
        file.write_all(bytes)?;
        file.sync_all()
    }

    fn rename(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn sync_folder(&mut self, folder: &Path) -> io::Result<()> {
        // Only Unix lets a folder be opened; elsewhere the rename itself must do.
        if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
    }

    fn remove(&mut self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn append(&mut self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        File::options().append(true).create(true).open(path)?.write_all(bytes)
    }
}

/// The folder of a run.
pub(super) struct Folder<'a> {
    pub(super) path: &'a Path,
    pub(super) disk: &'a mut dyn Disk,
}

impl Folder<'_> {
    /// Replaces a file as a whole: what stands there is the old content or the new at every moment.
    pub(super) fn replace(&mut self, name: &str, bytes: &[u8]) -> Result<(), RunError> {
        self.put(name, None, bytes)
    }

    /// The same, and what stood there goes by another name from then on. Between the two there may be a moment at
    /// which the file has only that other name.
    pub(super) fn replace_keeping(&mut self, name: &str, kept: &str, bytes: &[u8]) -> Result<(), RunError> {
        self.put(name, Some(kept), bytes)
    }

    fn put(&mut self, name: &str, kept: Option<&str>, bytes: &[u8]) -> Result<(), RunError> {
        let path = self.path.join(name);
        let fresh = temporary(&path);
        let kept = kept.filter(|_| path.exists()).map(|kept| self.path.join(kept));
        let result = self.exchange(&fresh, &path, kept.as_deref(), bytes);
        result.map_err(|source| {
            // Nothing more can be done if this fails too; the next write begins the same file anew.
            let _ = self.disk.remove(&fresh);
            RunError::Write { path, source }
        })
    }

    fn exchange(&mut self, fresh: &Path, path: &Path, kept: Option<&Path>, bytes: &[u8]) -> io::Result<()> {
        self.disk.write(fresh, bytes)?;
        if let Some(kept) = kept {
            self.disk.rename(path, kept)?;
        }
        self.disk.rename(fresh, path)?;
        self.disk.sync_folder(self.path)
    }

    /// Takes away what a program that was killed has left of some files unfinished.
    pub(super) fn tidy(&mut self, names: &[&str]) -> Result<(), RunError> {
        for name in names {
            let path = temporary(&self.path.join(name));
            if path.exists() {
                self.disk.remove(&path).map_err(|source| RunError::Write { path, source })?;
            }
        }
        Ok(())
    }

    /// Adds a line to a file.
    pub(super) fn append(&mut self, name: &str, line: &str) -> Result<(), RunError> {
        let path = self.path.join(name);
        let result = self.disk.append(&path, format!("{line}\n").as_bytes());
        result.map_err(|source| RunError::Write { path, source })
    }
}

/// The name under which a file is written before it takes its place.
fn temporary(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    path.with_file_name(name)
}
