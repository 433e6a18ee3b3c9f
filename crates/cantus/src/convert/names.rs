//! Names for the results of many files.

use std::collections::{BTreeMap, BTreeSet};

use cantus_model::corpus::Source;

/// The name of each source's result below the place for them all, without its ending: folders are kept, an archive
/// becomes one. Where two would be the same (`a.mid` and `a.abc`), each gets the ending of its source (`a-mid`, `a-abc`),
/// and a number where that is not enough.
pub(super) fn stems(sources: &[Source]) -> Vec<String> {
    let plain: Vec<(String, String)> = sources.iter().map(parts).collect();
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for (stem, _) in &plain {
        *counts.entry(stem.to_lowercase()).or_insert(0) += 1;
    }
    let is_shared = |stem: &str| counts.get(&stem.to_lowercase()).is_some_and(|&count| count > 1);
    let mut used: BTreeSet<String> =
        plain.iter().filter(|(stem, _)| !is_shared(stem)).map(|(stem, _)| stem.to_lowercase()).collect();
    let mut stems = Vec::with_capacity(plain.len());
    for (stem, ending) in &plain {
        if !is_shared(stem) {
            stems.push(stem.clone());
            continue;
        }
        let wish = if ending.is_empty() { stem.clone() } else { format!("{stem}-{ending}") };
        let numbered = (2..).map(|number| format!("{wish}-{number}"));
        let free =
            std::iter::once(wish.clone()).chain(numbered).find(|name| used.insert(name.to_lowercase()));
        stems.push(free.unwrap_or(wish));
    }
    stems
}

/// The stem of a piece of a source: the source's own where it is the only one, else numbered; never one that belongs to
/// another source.
pub(super) fn of_piece(stem: &str, (index, count): (usize, usize), all: &BTreeSet<String>) -> String {
    if count < 2 {
        return stem.to_owned();
    }
    let digits = count.to_string().len().max(2);
    let mut name = format!("{stem}-{:0digits$}", index + 1);
    while all.contains(&name.to_lowercase()) {
        name.push_str("-tune");
    }
    name
}

/// The name of a source's own file, without its ending.
pub(super) fn own(source: &Source) -> String {
    let (stem, _) = parts(source);
    stem.rsplit('/').next().map(str::to_owned).unwrap_or(stem)
}

/// A source's name without its ending, and the ending. What leads out of the folder is taken away. A `!` stands before a name
/// in an archive; any other is a letter like others.
fn parts(source: &Source) -> (String, String) {
    let member = source.member.as_deref();
    let archive = member.and_then(|member| source.name.strip_suffix(member)?.strip_suffix('!'));
    let (outside, inside) = match archive {
        Some(archive) => (archive, member.unwrap_or_default()),
        None => ("", source.name.as_str()),
    };
    let archive = inner(outside);
    let archive = archive.iter().map(|folder| without_archive(folder).to_owned());
    let mut path: Vec<String> = archive.chain(inner(inside)).collect();
    let file = path.pop().unwrap_or_else(|| "music".to_owned());
    let (stem, ending) = file.rsplit_once('.').filter(|(stem, _)| !stem.is_empty()).unwrap_or((&file, ""));
    path.push(stem.to_owned());
    (path.join("/"), ending.to_lowercase())
}

/// The folders of a path and its file.
fn inner(path: &str) -> Vec<String> {
    let parts = path.split(['/', '\\']);
    let is_inside = |part: &&str| !part.is_empty() && !part.chars().all(|sign| sign == '.');
    parts.filter(is_inside).map(str::to_owned).collect()
}

/// An archive's name without what makes it one.
fn without_archive(folder: &str) -> &str {
    let endings = [".zip", ".tar.zst", ".tar.gz", ".tgz", ".tzst", ".tar"];
    let lower = folder.to_lowercase();
    let ending = endings.iter().find(|ending| lower.ends_with(**ending) && lower.len() > ending.len());
    ending.and_then(|ending| folder.get(..folder.len() - ending.len())).unwrap_or(folder)
}
