//! Why a file cannot be read as MusicXML.

use super::zipped::{LIMIT_BASE, LIMIT_RATIO};
use crate::Warning;

/// Why a file cannot be read as MusicXML.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MusicXmlError {
    /// There are no bytes.
    #[error("a MusicXML file begins with a score, but this file is empty")]
    Empty,
    /// It is no XML at all.
    #[error("a MusicXML file is text in angle brackets, but this file is not")]
    NotXml,
    /// It is XML of another kind.
    #[error("a MusicXML file holds a <score-partwise> or a <score-timewise>, but this one holds <{0}>")]
    OtherXml(String),
    /// No part has a bar.
    #[error("a score must hold at least one part with one bar, but this one holds none")]
    NoMusic,
    /// The archive cannot be read.
    #[error("an .mxl file must be a whole ZIP archive with a score, but this one is not ({0})")]
    Archive(String),
    /// The archive holds no score.
    #[error("an .mxl file must hold a score, but this one holds none")]
    NoScore,
    /// The archive unpacks to more than is believed.
    #[error(
        "an archive may unpack to {LIMIT_RATIO} times its size and {} MiB, but this one claims more",
        LIMIT_BASE >> 20
    )]
    Bomb,
    /// The first fault of a file that was to be read strictly.
    #[error("{0}")]
    Fault(Warning),
}
