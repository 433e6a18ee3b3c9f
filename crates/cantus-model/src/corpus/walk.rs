//! Finding music below paths, in folders and in archives alike, in an order that no file system changes.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use super::{CorpusError, Format, Rights, Skipped, Split, archive};

/// The style of pieces that no folder names.
const NAMELESS_STYLE: &str = "mine";

/// A file that may hold music, on the disk or in an archive. It shows as its path, with `!` before the name in an
/// archive: `tunes.zip!reels/one.abc`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The file on the disk: the music itself, or the archive that holds it.
    pub path: PathBuf,
    /// The file's name in its archive.
    pub member: Option<String>,
    /// Its path below the path given, with `/` between folders: `tunes.zip!reels/one.abc`.
    pub name: String,
    /// Whether only its content can tell that it is music: `.xml`, `.json`, `.npy`, `.npz`.
    pub(super) perhaps: bool,
    /// The style that its folders name.
    pub(super) style: String,
    /// The split that a folder names.
    pub(super) named: Option<Split>,
    /// The terms of its folder.
    pub(super) terms: Rights,
}

impl Source {
    /// Whether only its content can tell that it is music (`.xml`, `.json`, `.npy`, `.npz`), so that it is nothing to speak of
    /// where it is none.
    pub fn is_perhaps(&self) -> bool {
        self.perhaps
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.path.display())?;
        self.member.as_ref().map_or(Ok(()), |member| write!(f, "!{member}"))
    }
}

/// The music below some paths, in a fixed order, each file once.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Listing {
    /// The files: path by path as given, and below each by name.
    pub sources: Vec<Source>,
    /// Folders, archives and files in archives that could not be looked at, and why.
    pub skipped: Vec<Skipped>,
}

/// Finds the music below some paths: files, folders, archives, files in archives (`tunes.zip!reels/one.abc`) and
/// wildcards (`music/*.mid`). Archives (`.zip`, `.tar`, `.tar.gz`, `.tar.zst`) are read like folders, but those within
/// archives are not opened. Only a path that leads nowhere is an error.
pub fn list(paths: &[PathBuf]) -> Result<Listing, CorpusError> {
    let paths = expanded(paths)?;
    let mut walk = Walk { own_names: paths.len() > 1, ..Walk::default() };
    for path in &paths {
        walk.root(path)?;
    }
    Ok(walk.listing)
}

/// The paths with each wildcard replaced by what it stands for, by name. What exists under its name is no wildcard.
fn expanded(paths: &[PathBuf]) -> Result<Vec<PathBuf>, CorpusError> {
    let mut all = Vec::with_capacity(paths.len());
    for path in paths {
        let pattern = path.to_str().filter(|text| text.contains(['*', '?', '[']) && !path.exists());
        let found = pattern.and_then(|pattern| glob::glob(pattern).ok());
        match found {
            None => all.push(path.clone()),
            Some(found) => {
                let before = all.len();
                all.extend(found.filter_map(Result::ok));
                if all.len() == before {
                    return Err(CorpusError::Missing(path.clone()));
                }
            }
        }
    }
    Ok(all)
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
    /// The same, one folder or archive further down, whose name shows as `shown`.
    fn below(&self, folder: &str, shown: &str) -> Self {
        let mut below = self.clone();
        below.name = format!("{}{shown}", self.name);
        match Split::of_name(folder) {
            Some(split) => below.named = Some(split),
            None => below.style = below.style.or_else(|| Some(folder.to_owned())),
        }
        below
    }
}

/// What a file's name promises.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Promise {
    Music,
    Perhaps,
    Archive,
    Nothing,
}

impl Promise {
    fn of(name: &str) -> Self {
        let lower = name.to_ascii_lowercase();
        if lower.starts_with('.') {
            Self::Nothing
        } else if Format::of_name(name).is_some() {
            Self::Music
        } else if archive::stem(name).is_some() {
            Self::Archive
        } else if [".xml", ".json", ".npy", ".npz"].iter().any(|ending| lower.ends_with(ending)) {
            Self::Perhaps
        } else {
            Self::Nothing
        }
    }
}

#[derive(Default)]
struct Walk {
    listing: Listing,
    seen: BTreeSet<PathBuf>,
    /// Whether the name of a folder given may itself name a split: not where it is the only one,
    /// for then there would be nothing to hold against it.
    own_names: bool,
}

impl Walk {
    fn root(&mut self, path: &Path) -> Result<(), CorpusError> {
        let unreadable = |source| CorpusError::Unreadable { path: path.to_owned(), source };
        let metadata = match fs::metadata(path) {
            Err(_) if self.member(path) => return Ok(()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(CorpusError::Missing(path.to_owned()));
            }
            other => other.map_err(unreadable)?,
        };
        let own_name = path.file_name().map(text).unwrap_or_default();
        if metadata.is_dir() {
            fs::read_dir(path).map_err(unreadable)?;
            let (above, style) = self.above_root(path, names_upwards(path));
            self.folder(path, &above, &style);
        } else if let Some(stem) = archive::stem(&own_name) {
            let mut names = names_upwards(path);
            if let Some(first) = names.first_mut() {
                stem.clone_into(first);
            }
            let (above, style) = self.above_root(path, names);
            let above = Above { name: format!("{own_name}!"), ..above };
            self.archive(path, &above, &style, |_| true);
        } else {
            let above = Above { name: own_name, ..Above::default() };
            self.file(path.to_owned(), &above, NAMELESS_STYLE, false);
        }
        Ok(())
    }

    /// What the name of a folder or archive given says of all below it, and the style that it names.
    fn above_root(&mut self, path: &Path, mut names: Vec<String>) -> (Above, String) {
        let mut above = Above::default();
        if let Some(split) = names.first().and_then(|name| Split::of_name(name)) {
            above.named = Some(split).filter(|_| self.own_names);
            // `chorale/valid` holds chorales, under the terms of all chorales.
            names.remove(0);
            let folder = if path.is_dir() { path.join("..") } else { path.join("../..") };
            above.terms = Rights::of_folder(&folder, &above.terms, &mut self.listing.skipped);
        }
        if !path.is_dir() {
            let folder = path.parent().unwrap_or(Path::new(""));
            above.terms = Rights::of_folder(folder, &above.terms, &mut self.listing.skipped);
        }
        (above, names.into_iter().next().unwrap_or_else(|| NAMELESS_STYLE.into()))
    }

    /// Takes a file or folder in an archive, `tunes.zip!reels`; `false` where the path is not of that form.
    fn member(&mut self, path: &Path) -> bool {
        let Some((file, inner)) = path.to_str().and_then(|text| text.split_once('!')) else { return false };
        let (file, inner) = (Path::new(file), inner.trim_end_matches('/'));
        let own_name = file.file_name().map(text).unwrap_or_default();
        let Some(stem) = archive::stem(&own_name).filter(|_| file.is_file()) else { return false };
        let before = self.listing.sources.len();
        let (above, style) = self.above_root(file, vec![stem.to_owned()]);
        let above = Above { name: format!("{own_name}!"), ..above };
        let is_wanted = |name: &str| {
            name.strip_prefix(inner).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        self.archive(file, &above, &style, is_wanted);
        self.listing.sources.len() > before
    }

    /// Takes the music of a folder: its entries by name, so that each run finds them in one order.
    fn folder(&mut self, path: &Path, above: &Above, style: &str) {
        let mut above = above.clone();
        above.terms = Rights::of_folder(path, &above.terms, &mut self.listing.skipped);
        let entries = match fs::read_dir(path) {
            Ok(entries) => entries,
            Err(error) => return self.skip(path, format!("the folder cannot be opened: {error}")),
        };
        let mut entries: Vec<_> = entries.filter_map(Result::ok).collect();
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let (path, name) = (entry.path(), text(entry.file_name()));
            // A link to a folder may lead back up and never end, so only links to files are followed.
            let kind = entry.file_type().ok();
            if kind.is_some_and(|kind| kind.is_symlink()) && path.is_dir() && !name.starts_with('.') {
                self.skip(&path, "links to folders are not followed; name the folder itself".into());
                continue;
            }
            if kind.is_some_and(|kind| kind.is_dir()) {
                if !name.starts_with('.') {
                    self.folder(&path, &above.below(&name, &format!("{name}/")), style);
                }
                continue;
            }
            match Promise::of(&name) {
                Promise::Nothing => {}
                _ if !path.is_file() => self.skip(&path, no_file(&path)),
                Promise::Archive => {
                    let stem = archive::stem(&name).unwrap_or(&name);
                    self.archive(&path, &above.below(stem, &format!("{name}!")), style, |_| true);
                }
                promise => {
                    let above = Above { name: format!("{}{name}", above.name), ..above.clone() };
                    self.file(path, &above, style, promise == Promise::Perhaps);
                }
            }
        }
    }

    /// Takes the music of an archive, as far as it is wanted.
    fn archive(&mut self, path: &Path, above: &Above, style: &str, is_wanted: impl Fn(&str) -> bool) {
        if !self.is_new(path) {
            return;
        }
        let archive::Contents { members, faults } = archive::list(path);
        for (name, reason) in faults {
            let name = name.map(|name| format!("!{name}")).unwrap_or_default();
            self.skip(&PathBuf::from(format!("{}{name}", path.display())), reason);
        }
        for member in members.into_iter().filter(|member| is_wanted(member)) {
            self.archived(path, member, above, style);
        }
    }

    fn archived(&mut self, path: &Path, member: String, above: &Above, style: &str) {
        let mut parts = member.split('/');
        let file = parts.next_back().unwrap_or_default();
        let promise = Promise::of(file);
        let is_hidden = parts.clone().any(|folder| folder.starts_with('.') || folder == "__MACOSX");
        if promise == Promise::Nothing || is_hidden {
            return;
        }
        if promise == Promise::Archive {
            let path = PathBuf::from(format!("{}!{member}", path.display()));
            return self
                .skip(&path, "archives within archives are not opened; unpack the outer one first".into());
        }
        let mut inner = above.clone();
        for folder in parts {
            inner = inner.below(folder, &format!("{folder}/"));
        }
        self.listing.sources.push(Source {
            path: path.to_owned(),
            name: format!("{}{member}", above.name),
            member: Some(member),
            perhaps: promise == Promise::Perhaps,
            style: inner.style.unwrap_or_else(|| style.to_owned()),
            named: inner.named,
            terms: inner.terms,
        });
    }

    fn file(&mut self, path: PathBuf, above: &Above, style: &str, perhaps: bool) {
        if self.is_new(&path) {
            let Above { name, named, terms, .. } = above.clone();
            let style = above.style.clone().unwrap_or_else(|| style.to_owned());
            self.listing.sources.push(Source { path, member: None, name, perhaps, style, named, terms });
        }
    }

    fn is_new(&mut self, path: &Path) -> bool {
        self.seen.insert(path.canonicalize().unwrap_or_else(|_| path.to_owned()))
    }

    fn skip(&mut self, path: &Path, reason: String) {
        self.listing.skipped.push(Skipped { path: path.to_owned(), reason });
    }
}

/// The names of a file or folder and of those above it, also where it was given as `.` or `..`.
fn names_upwards(path: &Path) -> Vec<String> {
    let real = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    real.ancestors().filter_map(Path::file_name).map(text).collect()
}

/// Why what has the name of a file is none.
fn no_file(path: &Path) -> String {
    match fs::metadata(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            "it is a link that leads nowhere".into()
        }
        Err(error) => format!("it cannot be read: {error}"),
        Ok(_) => "a file is wanted, but this is a device or a pipe".into(),
    }
}

fn text(name: impl AsRef<OsStr>) -> String {
    name.as_ref().to_string_lossy().into_owned()
}
