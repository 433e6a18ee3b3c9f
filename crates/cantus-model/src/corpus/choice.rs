//! What is taken into a corpus, under which names, and what stays together.

use std::collections::BTreeSet;
use std::str::FromStr;

pub use glob::Pattern as StylePattern;

use super::labels::Label;
use super::{CorpusError, Source, Split};

/// The classes of rights that are usual; labels may have others.
pub const RIGHTS_CLASSES: [&str; 9] = [
    "clean",
    "attribution",
    "attribution-check",
    "copyleft",
    "unlicensed-pd",
    "benchmark",
    "study",
    "nc",
    "composition-copyright",
];

/// Which pieces are taken, and how styles are named.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Choice {
    /// The classes of rights that are taken; all, and pieces without a class, where none is named.
    pub rights: Vec<String>,
    /// Styles that become one.
    pub merges: Vec<Merge>,
    /// The styles that are taken, after merging; all where none is named.
    pub only: Vec<StylePattern>,
    /// Whether files without a row in the labels are taken.
    pub unlabelled: bool,
}

/// Styles that become one: names, in which `*` stands for anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merge {
    /// The name of the one.
    pub name: String,
    /// The styles that become it.
    pub styles: Vec<StylePattern>,
}

/// What was typed is no merging of styles.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("styles are merged as NAME=STYLE,STYLE…, but this is {0:?}")]
pub struct MergeError(String);

impl FromStr for Merge {
    type Err = MergeError;

    fn from_str(text: &str) -> Result<Self, MergeError> {
        let wrong = || MergeError(text.to_owned());
        let (name, styles) = text.split_once('=').ok_or_else(wrong)?;
        let pattern = |style: &str| StylePattern::new(style.trim()).map_err(|_| wrong());
        let styles = styles.split(',').filter(|style| !style.trim().is_empty()).map(pattern);
        let merge = Self { name: name.trim().to_owned(), styles: styles.collect::<Result<_, _>>()? };
        if merge.name.is_empty() || merge.styles.is_empty() { Err(wrong()) } else { Ok(merge) }
    }
}

impl Choice {
    /// The name under which a style is taken: that of the first merge that names it.
    pub fn merged(&self, style: &str) -> String {
        let named =
            self.merges.iter().find(|merge| merge.styles.iter().any(|pattern| pattern.matches(style)));
        named.map_or(style, |merge| &merge.name).to_owned()
    }

    /// Why pieces of a style and a class of rights are left out, if they are.
    pub(super) fn reason_against(&self, style: &str, rights: Option<&str>) -> Option<String> {
        if !self.rights.is_empty() {
            match rights {
                None => return Some("without a stated class of rights".into()),
                Some(class) if !self.rights.iter().any(|wanted| wanted == class) => {
                    return Some(format!("of the rights class {class}"));
                }
                Some(_) => {}
            }
        }
        let style = self.merged(style);
        let is_wanted = self.only.is_empty() || self.only.iter().any(|pattern| pattern.matches(&style));
        (!is_wanted).then(|| format!("of the style {style}"))
    }

    /// Fails where a class or style is asked for that is nowhere.
    pub(super) fn check(
        &self,
        styles: &BTreeSet<String>,
        classes: &BTreeSet<String>,
    ) -> Result<(), CorpusError> {
        let list = |names: &BTreeSet<String>| names.iter().cloned().collect::<Vec<_>>().join(", ");
        let is_known = |class: &&String| classes.contains(*class) || RIGHTS_CLASSES.contains(&class.as_str());
        if let Some(asked) = self.rights.iter().find(|class| !is_known(class)) {
            return Err(CorpusError::NoSuchRights { asked: asked.clone(), known: list(classes) });
        }
        let merged: BTreeSet<String> = styles.iter().map(|style| self.merged(style)).collect();
        let missing = |patterns: &[StylePattern], styles: &BTreeSet<String>| {
            let unmatched =
                patterns.iter().find(|pattern| !styles.iter().any(|style| pattern.matches(style)));
            unmatched.map(|pattern| pattern.as_str().to_owned())
        };
        let in_merges = self.merges.iter().find_map(|merge| missing(&merge.styles, styles));
        if let Some(asked) = in_merges {
            return Err(CorpusError::NoSuchStyle { asked, known: list(styles) });
        }
        match missing(&self.only, &merged) {
            Some(asked) => Err(CorpusError::NoSuchStyle { asked, known: list(&merged) }),
            None => Ok(()),
        }
    }
}

/// Whose division into training, validation and test is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Splits {
    /// What folders, files and labels state, but for splits that labels say are only hashes of names: those leak, and
    /// are dealt anew by groups of relatives.
    #[default]
    Published,
    /// None: all is dealt anew.
    Ours,
    /// All that is stated, also hashes of names.
    Labels,
}

impl Splits {
    /// The split that a piece keeps, if any.
    pub(super) fn named(self, label: &Label, of_files: Option<Split>) -> Option<Split> {
        match self {
            Self::Ours => None,
            Self::Published if label.is_hashed => None,
            Self::Published | Self::Labels => label.split.or(of_files),
        }
    }
}

/// What stays together in a corpus besides relatives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Together {
    /// All pieces of a composer, where that is known.
    Composer,
    /// All pieces of a folder.
    Folder,
    /// All pieces of a file: the tunes of a book.
    Book,
}

impl Together {
    /// The word that pieces which stay together share.
    pub(super) fn word(self, source: &Source, composer: Option<&str>) -> Option<String> {
        match self {
            Self::Composer => composer.map(|name| format!("composer {}", name.to_lowercase())),
            Self::Folder => {
                let folder = source.name.rsplit_once(['/', '!']).map_or("", |(folder, _)| folder);
                Some(format!("folder {folder}"))
            }
            Self::Book => Some(format!("book {}", source.name)),
        }
    }
}
