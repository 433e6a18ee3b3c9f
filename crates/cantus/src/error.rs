//! The one error of the library: what went wrong, where, and what to do about it.

use std::fmt;
use std::path::{Path, PathBuf};

/// What an error is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Missing,
    Input,
    Output,
    Request,
    Model,
    Training,
}

/// Why something could not be done. It shows as the file (where one is concerned) and the rule that it breaks;
/// [`Error::hint`] says what helps.
pub struct Error(Box<Inner>);

struct Inner {
    kind: Kind,
    path: Option<PathBuf>,
    message: String,
    hint: Option<String>,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    pub(crate) fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self(Box::new(Inner { kind, path: None, message: message.into(), hint: None, source: None }))
    }

    /// An error whose message is its source's.
    pub(crate) fn of(kind: Kind, source: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self::because(kind, source.to_string(), source)
    }

    /// An error that says more than its source.
    pub(crate) fn because(
        kind: Kind,
        message: impl Into<String>,
        source: impl std::error::Error + Send + Sync + 'static,
    ) -> Self {
        let mut error = Self::new(kind, message);
        error.0.source = Some(Box::new(source));
        error
    }

    pub(crate) fn at(mut self, path: &Path) -> Self {
        self.0.path = Some(path.to_owned());
        self
    }

    /// The place of an error that has none yet.
    pub(crate) fn or_at(self, path: &Path) -> Self {
        if self.0.path.is_some() { self } else { self.at(path) }
    }

    pub(crate) fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hint = Some(hint.into());
        self
    }

    /// Whether a file that was asked for does not exist.
    pub fn is_missing(&self) -> bool {
        self.0.kind == Kind::Missing
    }

    /// Whether a file could not be read, or does not hold what was wanted.
    pub fn is_input(&self) -> bool {
        matches!(self.0.kind, Kind::Input | Kind::Missing)
    }

    /// Whether a result could not be written.
    pub fn is_output(&self) -> bool {
        self.0.kind == Kind::Output
    }

    /// Whether what was asked for cannot be had: an unknown style, no bars, contradicting wishes.
    pub fn is_request(&self) -> bool {
        self.0.kind == Kind::Request
    }

    /// Whether a model is broken or of another version.
    pub fn is_model(&self) -> bool {
        self.0.kind == Kind::Model
    }

    /// Whether training could not begin or go on.
    pub fn is_training(&self) -> bool {
        self.0.kind == Kind::Training
    }

    /// The file that the error is about.
    pub fn path(&self) -> Option<&Path> {
        self.0.path.as_deref()
    }

    /// What to do about it.
    pub fn hint(&self) -> Option<&str> {
        self.0.hint.as_deref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(path) = self.path() {
            write!(f, "{}: ", path.display())?;
        }
        f.write_str(&self.0.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {self}", self.0.kind)?;
        self.hint().map_or(Ok(()), |hint| write!(f, " (hint: {hint})"))
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        // The message already is the source's, so only what lies below that is news.
        self.0.source.as_deref().and_then(std::error::Error::source)
    }
}
