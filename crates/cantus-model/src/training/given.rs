//! The music of a run as `run.toml` tells of it, whatever engine learns from it.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::corpus::{Copies, ScanOptions};
use crate::run::RunError;

/// Files and folders of music, and how they are read.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Given {
    /// Files and folders.
    pub(crate) paths: Vec<PathBuf>,
    /// How they are read and divided.
    pub(crate) scan: ScanOptions,
    /// Music of the model that a run begins from, where it begins from one.
    pub(crate) base: Option<Vec<PathBuf>>,
}

/// The table `[data]`.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Source {
    /// The files and folders given, from the root.
    paths: Vec<String>,
    /// `drop`, `keep-named` or `keep`: what becomes of pieces that stand there twice.
    copies: String,
    /// How many notes in a row two pieces must share to belong together.
    run: usize,
    /// The largest file that is read, in bytes.
    largest_file: u64,
    /// Music of the model that the run began from, where it began from one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    base: Option<Vec<String>>,
}

const COPIES: [(&str, Copies); 3] =
    [("drop", Copies::Drop), ("keep-named", Copies::KeepNamed), ("keep", Copies::Keep)];

impl Given {
    /// Reads the table, or says what is wrong with it.
    pub(crate) fn read(table: &toml::Table) -> Result<Self, String> {
        let source: Source = table.clone().try_into().map_err(|error| error.to_string())?;
        let copies = COPIES.iter().find(|(name, _)| *name == source.copies).map(|(_, copies)| *copies);
        let copies = copies.ok_or_else(|| format!("copies is {}", source.copies))?;
        let scan = ScanOptions { copies, run: source.run, largest_file: source.largest_file };
        let paths = |texts: &[String]| texts.iter().map(PathBuf::from).collect();
        Ok(Self { paths: paths(&source.paths), scan, base: source.base.as_deref().map(paths) })
    }

    /// Writes the table. Fails if a path is no text.
    pub(crate) fn table(&self) -> Result<toml::Table, RunError> {
        let text = |path: &PathBuf| {
            let whole = std::path::absolute(path).unwrap_or_else(|_| path.clone());
            whole.to_str().map(str::to_owned).ok_or_else(|| RunError::PathText(path.clone()))
        };
        let texts = |paths: &[PathBuf]| paths.iter().map(text).collect::<Result<Vec<String>, _>>();
        let copies = COPIES.iter().find(|(_, copies)| *copies == self.scan.copies);
        let source = Source {
            paths: texts(&self.paths)?,
            base: self.base.as_deref().map(texts).transpose()?,
            copies: copies.map_or("drop", |(name, _)| name).to_owned(),
            run: self.scan.run,
            largest_file: self.scan.largest_file,
        };
        // A struct of plain numbers and strings always has a TOML form.
        Ok(toml::Table::try_from(source).unwrap_or_default())
    }
}
