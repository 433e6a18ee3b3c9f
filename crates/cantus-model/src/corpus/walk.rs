//! Finding the files of a corpus, in an order that no file system changes.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use super::{CorpusError, Format, Rights, Skipped, Split};

/// The style of pieces that no folder names.
const NAMELESS_STYLE: &str = "mine";

/// A file that may hold music.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Source {
    /// Where it lies.
    pub(super) path: PathBuf,
    /// Its path below the folder given, with `/` between folders.
    pub(super) name: String,
    /// The style that its folders name.
    pub(super) style: String,
    /// The split that a folder names.
    pub(super) named: Option<Split>,
    /// The terms of its folder.
    pub(super) terms: Rights,
}

/// Finds all files with music below the paths given; each file once.
pub(super) fn find(paths: &[PathBuf]) -> Result<(Vec<Source>, Vec<Skipped>), CorpusError> {
    let mut walk = Walk { own_names: paths.len() > 1, ..Walk::default() };
    for path in paths {
        walk.root(path)?;
    }
    Ok((walk.sources, walk.skipped))
}

/// What the folders above a file say about it.
#[derive(Clone, Default)]
struct Above {
    name: String,
    style: Option<String>,
    named: Option<Split>,
    terms: Rights,
}

impl Above {
    /// The same, one folder further down.
    fn below(&self, folder: &str) -> Self {
        let mut below = self.clone();
        below.name = format!("{}{folder}/", self.name);
        match Split::of_name(folder) {
            Some(split) => below.named = Some(split),
            None => below.style = below.style.or_else(|| Some(folder.to_owned())),
        }
        below
    }
}

#[derive(Default)]
struct Walk {
    sources: Vec<Source>,
    skipped: Vec<Skipped>,
    seen: BTreeSet<PathBuf>,
    /// Whether the name of a folder given may itself name a split: not where it is the only one,
    /// for then there would be nothing to hold against it.
    own_names: bool,
}

impl Walk {
    fn root(&mut self, path: &Path) -> Result<(), CorpusError> {
        let unreadable = |source| CorpusError::Unreadable { path: path.to_owned(), source };
        let metadata = match fs::metadata(path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(CorpusError::Missing(path.to_owned()));
            }
            other => other.map_err(unreadable)?,
        };
        if !metadata.is_dir() {
            let name = path.file_name().map(text).unwrap_or_default();
            self.file(path.to_owned(), &name, &Above::default(), NAMELESS_STYLE);
            return Ok(());
        }
        fs::read_dir(path).map_err(unreadable)?;
        let mut names = names_upwards(path);
        let mut above = Above::default();
        if let Some(split) = names.first().and_then(|name| Split::of_name(name)) {
            above.named = Some(split).filter(|_| self.own_names);
            // `chorale/valid` holds chorales, under the terms of all chorales.
            names.remove(0);
            above.terms = Rights::of_folder(&path.join(".."), &above.terms, &mut self.skipped);
        }
        self.folder(path, &above, names.first().map_or(NAMELESS_STYLE, String::as_str));
        Ok(())
    }

    /// Takes the music of a folder: its entries by name, so that each run finds them in one order.
    fn folder(&mut self, path: &Path, above: &Above, style: &str) {
        let mut above = above.clone();
        above.terms = Rights::of_folder(path, &above.terms, &mut self.skipped);
        let entries = match fs::read_dir(path) {
            Ok(entries) => entries,
            Err(error) => return self.skip(path, format!("the folder cannot be opened: {error}")),
        };
        let mut entries: Vec<_> = entries.filter_map(Result::ok).collect();
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let (path, name) = (entry.path(), text(entry.file_name()));
            // A link to a folder may lead back up and never end, so only links to files are followed.
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            if name.starts_with('.') {
                continue;
            }
            if is_folder {
                self.folder(&path, &above.below(&name), style);
            } else if Format::of_name(&name).is_some() && path.is_file() {
                self.file(path, &name, &above, style);
            }
        }
    }

    fn file(&mut self, path: PathBuf, name: &str, above: &Above, style: &str) {
        let real = path.canonicalize().unwrap_or_else(|_| path.clone());
        if !self.seen.insert(real) {
            return;
        }
        self.sources.push(Source {
            path,
            name: format!("{}{name}", above.name),
            style: above.style.clone().unwrap_or_else(|| style.to_owned()),
            named: above.named,
            terms: above.terms.clone(),
        });
    }

    fn skip(&mut self, path: &Path, reason: String) {
        self.skipped.push(Skipped { path: path.to_owned(), reason });
    }
}

/// The names of a folder and of those above it, also where it was given as `.` or `..`.
fn names_upwards(path: &Path) -> Vec<String> {
    let real = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    real.ancestors().filter_map(Path::file_name).map(text).collect()
}

fn text(name: impl AsRef<OsStr>) -> String {
    name.as_ref().to_string_lossy().into_owned()
}
