//! Labels: a table of what is known of pieces, one a row, with tabs between columns.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use super::{Source, Split, archive};

/// What a table says of a piece; empty cells say nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Label {
    /// The path as it stands in the table.
    pub path: String,
    /// Its line, from 1.
    pub line: usize,
    /// Its style.
    pub style: Option<String>,
    /// Who wrote the music.
    pub composer: Option<String>,
    /// The licence.
    pub licence: Option<String>,
    /// The class of rights.
    pub rights: Option<String>,
    /// Who is to be credited.
    pub credit: Option<String>,
    /// The title.
    pub title: Option<String>,
    /// Pieces with the same word here stay together.
    pub group: Option<String>,
    /// The split.
    pub split: Option<Split>,
    /// Whether the split was only computed from a name (`split_kind` is `hash`), so that relatives may straddle it.
    pub is_hashed: bool,
}

/// A table of labels.
#[derive(Debug, Clone, Default)]
pub struct Labels {
    rows: Vec<Label>,
    /// The row of each piece or file.
    by_key: HashMap<String, usize>,
    /// All files of which any row speaks.
    files: HashSet<String>,
}

/// Why labels cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LabelsError {
    /// The table cannot be read.
    #[error("the labels cannot be read: {0}")]
    Unreadable(#[source] std::io::Error),
    /// It is no text.
    #[error("labels must be text in UTF-8 with a tab between columns, but this is not")]
    NotText,
    /// There is no column of paths.
    #[error("labels need a head with a column named path and a tab between columns, but the head is {0:?}")]
    NoPath(String),
    /// A row has more cells than the head.
    #[error(
        "a row of labels has a cell a column at most, but line {line} has {cells} cells for {columns} columns"
    )]
    Cells {
        /// Its line.
        line: usize,
        /// Its cells.
        cells: usize,
        /// Columns of the head.
        columns: usize,
    },
    /// A row names no split.
    #[error("a split is train, valid or test, but line {line} has {found:?}")]
    Split {
        /// Its line.
        line: usize,
        /// What stands there.
        found: String,
    },
    /// Two rows say different things of one piece.
    #[error(
        "a piece has one row of labels, but {path} stands in lines {first} and {second} with different cells"
    )]
    Twice {
        /// The piece.
        path: String,
        /// The first line.
        first: usize,
        /// The second.
        second: usize,
    },
}

impl Labels {
    /// Reads a table. Its first line names the columns, of which `path` must be one; `style`, `composer`, `licence`,
    /// `rights`, `credit`, `title`, `group`, `split` and `split_kind` are known, others are passed over. A path leads
    /// from the folder of the table to a file, `archive!member`, `file#tune` or `file#section/number`.
    pub fn read(path: &Path) -> Result<Self, LabelsError> {
        let bytes = fs::read(path).map_err(LabelsError::Unreadable)?;
        let text = String::from_utf8(bytes).map_err(|_| LabelsError::NotText)?;
        let folder = path.parent().unwrap_or(Path::new("")).to_owned();
        Self::parse(&text, &folder)
    }

    fn parse(text: &str, folder: &Path) -> Result<Self, LabelsError> {
        let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
        let mut lines = text.lines();
        let head = lines.next().unwrap_or_default();
        let columns: Vec<String> = head.split('\t').map(|name| name.trim().to_lowercase()).collect();
        if !columns.iter().any(|column| column == "path") {
            return Err(LabelsError::NoPath(head.chars().take(80).collect()));
        }
        let mut labels = Self::default();
        let mut resolver = Resolver { folder: folder.to_owned(), known: HashMap::new() };
        for (index, line) in lines.enumerate() {
            let line_number = index + 2;
            if line.trim().is_empty() {
                continue;
            }
            let cells: Vec<&str> = line.split('\t').collect();
            if cells.len() > columns.len() {
                let (cells, columns) = (cells.len(), columns.len());
                return Err(LabelsError::Cells { line: line_number, cells, columns });
            }
            labels.add(row(&columns, &cells, line_number)?, &mut resolver)?;
        }
        Ok(labels)
    }

    fn add(&mut self, row: Label, resolver: &mut Resolver) -> Result<(), LabelsError> {
        let (file, tag) = resolver.key(&row.path);
        let key = format!("{file}{tag}");
        if let Some(&first) = self.by_key.get(&key) {
            let earlier = &self.rows[first];
            let same = Label { line: row.line, path: row.path.clone(), ..earlier.clone() } == row;
            let twice = LabelsError::Twice { path: row.path, first: earlier.line, second: row.line };
            return if same { Ok(()) } else { Err(twice) };
        }
        self.by_key.insert(key, self.rows.len());
        self.files.insert(file);
        self.rows.push(row);
        Ok(())
    }

    /// The rows, in the order of the table.
    pub fn rows(&self) -> &[Label] {
        &self.rows
    }

    /// The number of the row of a piece of a file, or of the whole file.
    pub(super) fn of_piece(&self, key: &str, tag: &str) -> Option<usize> {
        self.by_key.get(&format!("{key}{tag}")).or_else(|| self.by_key.get(key)).copied()
    }

    /// Whether any row speaks of a file or of pieces of it.
    pub(super) fn speak_of(&self, key: &str) -> bool {
        self.files.contains(key)
    }
}

fn row(columns: &[String], cells: &[&str], line: usize) -> Result<Label, LabelsError> {
    let cell = |name: &str| {
        let column = columns.iter().position(|column| column == name)?;
        cells.get(column).map(|cell| cell.trim()).filter(|cell| !cell.is_empty()).map(str::to_owned)
    };
    let wrong = |found: String| LabelsError::Split { line, found };
    let split = |name: String| match name.to_lowercase().as_str() {
        "training" => Ok(Split::Train),
        "validation" | "val" | "dev" => Ok(Split::Valid),
        other => Split::of_name(other).ok_or_else(|| wrong(name)),
    };
    Ok(Label {
        path: cell("path").unwrap_or_default(),
        line,
        style: cell("style"),
        composer: cell("composer"),
        licence: cell("licence").or_else(|| cell("license")),
        rights: cell("rights"),
        credit: cell("credit"),
        title: cell("title"),
        group: cell("group"),
        split: cell("split").map(split).transpose()?,
        is_hashed: cell("split_kind").is_some_and(|kind| kind == "hash"),
    })
}

/// Finds the file that a path of a table means.
struct Resolver {
    folder: PathBuf,
    known: HashMap<String, Option<PathBuf>>,
}

impl Resolver {
    /// The key of the file, and the tag behind it.
    fn key(&mut self, path: &str) -> (String, String) {
        if let Some(file) = self.existing(path) {
            return (file.display().to_string(), String::new());
        }
        let (rest, tag) = match path.rsplit_once('#') {
            Some((rest, tag)) => (rest, format!("#{tag}")),
            None => (path, String::new()),
        };
        if let Some(file) = self.existing(rest) {
            return (file.display().to_string(), tag);
        }
        for (at, _) in path.match_indices('!') {
            let (file, member) = (&path[..at], &path[at + 1..]);
            if archive::stem(file).is_none() {
                continue;
            }
            if let Some(file) = self.existing(file) {
                let file = file.display();
                // Names in archives seldom hold a `#`; where one ends in a music file's name, it is the name.
                let whole = super::Format::of_name(member).is_some();
                return match member.rsplit_once('#') {
                    Some((member, tag)) if !whole => (format!("{file}!{member}"), format!("#{tag}")),
                    _ => (format!("{file}!{member}"), String::new()),
                };
            }
        }
        (rest.to_owned(), tag)
    }

    fn existing(&mut self, path: &str) -> Option<PathBuf> {
        let folder = &self.folder;
        let find = || folder.join(path).canonicalize().ok().filter(|file| file.is_file());
        if path.contains(['!', '#']) {
            // Such a path seldom is a file's; remembering all of them would only take memory.
            return find();
        }
        self.known.entry(path.to_owned()).or_insert_with(find).clone()
    }
}

/// The key by which labels know a source.
pub(super) fn key(source: &Source, real: &Path) -> String {
    let member = source.member.as_ref().map(|member| format!("!{member}"));
    format!("{}{}", real.display(), member.unwrap_or_default())
}
