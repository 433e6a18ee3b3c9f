//! The rights ledger: where each piece comes from, and under which terms.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::Skipped;

/// The file that states the terms of a folder and of those below it.
pub const RIGHTS_FILE: &str = "rights.toml";

/// The terms of a folder's pieces, as a `rights.toml` in it states them. A deeper folder's file replaces it whole.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rights {
    /// The licence, such as `CC BY 4.0`.
    pub licence: Option<String>,
    /// The class of rights, such as `clean`, `attribution` or `unlicensed-pd`.
    pub rights: Option<String>,
    /// Who is to be credited, or where the music was found.
    pub credit: Option<String>,
}

impl Rights {
    /// The terms that hold in a folder: those of its own file, else those of the folder above.
    pub(crate) fn of_folder(folder: &Path, above: &Self, skipped: &mut Vec<Skipped>) -> Self {
        let path = folder.join(RIGHTS_FILE);
        let Ok(text) = std::fs::read_to_string(&path) else { return above.clone() };
        toml::from_str(&text).unwrap_or_else(|error| {
            let reason = format!("the terms of a folder must be TOML: {}", error.message());
            skipped.push(Skipped { path, reason });
            above.clone()
        })
    }
}

/// One line of the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct LedgerEntry {
    /// The file that the piece was read from, with its name in an archive behind `!`.
    pub source: PathBuf,
    /// SHA-256 of that file's bytes, as hexadecimal digits.
    pub hash: String,
    /// The folder or archive that it is from, as a corpus file names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub collection: Option<String>,
    /// Who wrote the music, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub composer: Option<String>,
    /// Its terms, as far as they are known.
    #[serde(flatten)]
    pub terms: Rights,
}
