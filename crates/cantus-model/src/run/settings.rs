//! `run.toml`: what a run is, written before its first step.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::RunError;
use crate::corpus::{Copies, ScanOptions};
use crate::model::VERSION;
use crate::recipe::Recipe;

/// The file's name in the folder of a run.
pub const RUN_FILE: &str = "run.toml";

/// What a run is: its music and its recipe.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The version of the network's questions.
    pub version: u32,
    /// The version of the program that began the run.
    pub program: String,
    /// The name that its models bear.
    pub name: String,
    /// How the music is found and divided.
    pub corpus: Source,
    /// How the network is built and trained.
    pub recipe: Recipe,
}

/// How the music of a run is found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// The files and folders given, from the root.
    pub paths: Vec<String>,
    /// `drop`, `keep-named` or `keep`: what becomes of pieces that stand there twice.
    pub copies: String,
    /// How many notes in a row two pieces must share to belong together.
    pub run: usize,
    /// The largest file that is read, in bytes.
    pub largest_file: u64,
    /// SHA-256 over the names, splits and contents of all pieces, as hexadecimal digits.
    pub digest: String,
}

const COPIES: [(&str, Copies); 3] =
    [("drop", Copies::Drop), ("keep-named", Copies::KeepNamed), ("keep", Copies::Keep)];

impl Source {
    /// The music below some paths.
    pub(super) fn new(paths: &[PathBuf], options: &ScanOptions, digest: String) -> Result<Self, RunError> {
        let text = |path: &PathBuf| {
            let whole = std::path::absolute(path).unwrap_or_else(|_| path.clone());
            whole.to_str().map(str::to_owned).ok_or_else(|| RunError::PathText(path.clone()))
        };
        let copies =
            COPIES.iter().find(|(_, copies)| *copies == options.copies).map_or("drop", |(name, _)| name);
        Ok(Self {
            paths: paths.iter().map(text).collect::<Result<_, _>>()?,
            copies: copies.to_owned(),
            run: options.run,
            largest_file: options.largest_file,
            digest,
        })
    }

    /// The paths to scan.
    pub(super) fn paths(&self) -> Vec<PathBuf> {
        self.paths.iter().map(PathBuf::from).collect()
    }

    fn copies(&self) -> Option<Copies> {
        COPIES.iter().find(|(name, _)| *name == self.copies).map(|(_, copies)| *copies)
    }

    /// How to scan them.
    pub(super) fn options(&self) -> ScanOptions {
        let copies = self.copies().unwrap_or_default();
        ScanOptions { copies, run: self.run, largest_file: self.largest_file }
    }
}

impl Settings {
    /// The file's text.
    pub(super) fn write(&self) -> String {
        let text = toml::to_string(self).unwrap_or_default();
        format!(
            "# What this run is. A run keeps its recipe and its music: to change them, begin another one.\n{text}"
        )
    }

    /// Reads the file of a run.
    pub(super) fn read(path: &Path, text: &str) -> Result<Self, RunError> {
        let rule = "it must be the settings of a run as Cantus wrote them";
        let damaged = |found: String| RunError::Damaged { path: path.to_owned(), rule, found };
        let table: toml::Table = toml::from_str(text).map_err(|error| damaged(error.to_string()))?;
        // The version comes first: what another version wrote may well have other fields.
        if let Some(version) = table.get("version").and_then(toml::Value::as_integer)
            && version != i64::from(VERSION)
        {
            return Err(RunError::OtherVersion { path: path.to_owned(), found: version as u32 });
        }
        let settings: Self = toml::from_str(text).map_err(|error| damaged(error.to_string()))?;
        if settings.corpus.copies().is_none() {
            return Err(damaged(format!("copies is {}", settings.corpus.copies)));
        }
        // The recipe's own reader holds its ranges.
        Recipe::read(&settings.recipe.write()).map_err(|error| damaged(error.to_string()))?;
        Ok(settings)
    }
}

/// The first value in which two recipes differ: its name, the first's and the second's.
pub(super) fn difference(was: &Recipe, now: &Recipe) -> Option<[String; 3]> {
    let table = |recipe: &Recipe| toml::from_str::<toml::Table>(&recipe.write()).unwrap_or_default();
    first_difference("", &table(was), &table(now))
}

fn first_difference(prefix: &str, was: &toml::Table, now: &toml::Table) -> Option<[String; 3]> {
    was.iter().find_map(|(key, value)| match (value, now.get(key)) {
        (toml::Value::Table(was), Some(toml::Value::Table(now))) => {
            first_difference(&format!("{prefix}{key}."), was, now)
        }
        (value, Some(other)) if value == other => None,
        (value, other) => {
            let other = other.map_or_else(|| "left out".to_owned(), ToString::to_string);
            Some([format!("{prefix}{key}"), value.to_string(), other])
        }
    })
}
