//! Corpus files: building them, and telling what they hold.

mod overview;
mod picture;

use std::path::{Path, PathBuf};

use cantus_model::corpus::{
    self, BuildOptions, Built, Choice, CorpusFile, Labels, Progress, ScanOptions, Splits, Together,
};

use crate::error::{Error, Kind};
use crate::learned::no_corpus;

pub use overview::{Distribution, Overview, corpus_rows, overview_of};
pub use picture::corpus_picture;

/// What a corpus file is to be made of.
#[derive(Debug, Clone, Default)]
pub struct CorpusSettings {
    /// Files, folders, archives and wildcards of music.
    pub paths: Vec<PathBuf>,
    /// The file to be written.
    pub output: PathBuf,
    /// A table of what is known of the pieces.
    pub labels: Option<PathBuf>,
    /// Which pieces are taken, and how styles are named.
    pub choice: Choice,
    /// Whose division is kept.
    pub splits: Splits,
    /// What stays together besides relatives.
    pub together: Option<Together>,
}

/// Builds a corpus file; one that was interrupted goes on where it was.
pub fn build_corpus(settings: &CorpusSettings, progress: &(dyn Fn(Progress) + Sync)) -> Result<Built, Error> {
    let labels = settings.labels.as_deref().map(|path| {
        let hint = "name columns in the first line: path, style, composer, licence, rights, split …";
        Labels::read(path).map_err(|error| Error::of(Kind::Input, error).at(path).with_hint(hint))
    });
    let options = BuildOptions {
        scan: ScanOptions::default(),
        labels: labels.transpose()?,
        choice: settings.choice.clone(),
        splits: settings.splits,
        together: settings.together,
    };
    corpus::build(&settings.paths, &settings.output, &options, progress).map_err(no_corpus)
}

/// Opens a corpus file.
pub fn open_corpus(path: &Path) -> Result<CorpusFile, Error> {
    if !path.exists() {
        let error = Error::new(Kind::Missing, "there is no such corpus file").at(path);
        return Err(error.with_hint("make one of your music: cantus corpus build PATH… -o FILE"));
    }
    if !corpus::is_corpus_file(path) {
        let message = "what is shown is a corpus file, but this is something else";
        let hint = "make a corpus of it first: cantus corpus build PATH… -o FILE";
        return Err(Error::new(Kind::Input, message).at(path).with_hint(hint));
    }
    CorpusFile::open(path).map_err(no_corpus)
}
