//! Pieces before they are divided: copies go, relatives are joined, groups are dealt.

use std::collections::HashSet;
use std::io;
use std::path::PathBuf;

use super::divide::{Member, divide};
use super::fingerprint::Fingerprint;
use super::group::{self, Mark};
use super::{Copies, LedgerEntry, Piece, Rights, Runs, Split};

/// A piece before its group and split are known.
#[derive(Debug, Clone)]
pub(super) struct Draft<Music> {
    pub(super) name: String,
    /// The file that holds it.
    pub(super) path: PathBuf,
    /// The same as the ledger names it.
    pub(super) source: PathBuf,
    pub(super) style: String,
    /// The split that a folder or a label names.
    pub(super) named: Option<Split>,
    /// The folder or archive that it is from, where the ledger is to name it.
    pub(super) collection: Option<String>,
    pub(super) terms: Rights,
    pub(super) title: String,
    pub(super) composer: Option<String>,
    /// Pieces with the same word here stay together.
    pub(super) with: Vec<String>,
    pub(super) music: Music,
    /// SHA-256 of the file.
    pub(super) hash: String,
    pub(super) print: Fingerprint,
    /// Its number among the runs.
    pub(super) number: u32,
}

/// What became of the drafts.
pub(super) struct Dealt<Music> {
    pub(super) pieces: Vec<Piece<Music>>,
    pub(super) duplicates: usize,
    pub(super) straddling: usize,
}

/// Drops copies, joins relatives and deals the groups.
pub(super) fn deal<Music>(
    mut drafts: Vec<Draft<Music>>,
    copies: Copies,
    runs: &Runs,
) -> io::Result<Dealt<Music>> {
    let (mut duplicates, mut straddling) = (0, 0);
    if copies != Copies::Keep {
        duplicates = drop_duplicates(&mut drafts, copies);
        // Validation must not know the test either; then training may know neither.
        straddling = drop_related(&mut drafts, copies, runs, &[Split::Test], Some(Split::Valid))?
            + drop_related(&mut drafts, copies, runs, &[Split::Valid, Split::Test], None)?;
    }
    Ok(Dealt { pieces: pieces(drafts, runs)?, duplicates, straddling })
}

impl<Music> Draft<Music> {
    /// Whether a folder or label keeps it away from training.
    fn is_held_out(&self) -> bool {
        matches!(self.named, Some(Split::Valid | Split::Test))
    }

    /// Whether it stays whatever else the corpus holds.
    fn stays(&self, copies: Copies) -> bool {
        self.is_held_out() || (copies == Copies::KeepNamed && self.named.is_some())
    }
}

/// Keeps one of the pieces with the same notes in whatever key, and tells how many went.
fn drop_duplicates<Music>(drafts: &mut Vec<Draft<Music>>, copies: Copies) -> usize {
    let before = drafts.len();
    let staying = drafts.iter().filter(|draft| draft.stays(copies));
    let mut seen: HashSet<[u8; 32]> = staying.map(|draft| draft.print.shape).collect();
    drafts.retain(|draft| draft.stays(copies) || seen.insert(draft.print.shape));
    before - drafts.len()
}

/// Takes what is related to a piece of the splits held out from what may be learnt (or, where `from` names a split, from
/// that), and tells how many went.
fn drop_related<Music>(
    drafts: &mut Vec<Draft<Music>>,
    copies: Copies,
    runs: &Runs,
    held: &[Split],
    from: Option<Split>,
) -> io::Result<usize> {
    let before = drafts.len();
    let is_held = |draft: &Draft<Music>| draft.named.is_some_and(|split| held.contains(&split));
    let counts = group::title_counts(drafts.iter().map(|draft| &draft.print));
    let held_titles: HashSet<String> = drafts
        .iter()
        .filter(|draft| is_held(draft))
        .flat_map(|draft| draft.print.titles.iter().filter(|title| group::tells(&counts, title, before)))
        .cloned()
        .collect();
    let mut is_held_out = vec![false; runs.pieces()];
    drafts.iter().filter(|draft| is_held(draft)).for_each(|draft| is_held_out[draft.number as usize] = true);
    let mut is_related = vec![false; runs.pieces()];
    runs.shared(|same| {
        if same.iter().any(|(_, piece)| is_held_out[*piece as usize]) {
            for (_, piece) in same {
                is_related[*piece as usize] = true;
            }
        }
    })?;
    drafts.retain(|draft| {
        let stays = match from {
            Some(from) => draft.named != Some(from) || copies == Copies::KeepNamed,
            None => draft.stays(copies),
        };
        let same_title = draft.print.titles.iter().any(|title| held_titles.contains(title));
        stays || !(same_title || is_related[draft.number as usize])
    });
    Ok(before - drafts.len())
}

fn pieces<Music>(drafts: Vec<Draft<Music>>, runs: &Runs) -> io::Result<Vec<Piece<Music>>> {
    let marks =
        drafts.iter().map(|draft| Mark { print: &draft.print, number: draft.number, with: &draft.with });
    let groups = group::groups(&marks.collect::<Vec<_>>(), runs)?;
    let members = drafts.iter().zip(&groups).map(|(draft, &group)| Member {
        group,
        style: &draft.style,
        named: draft.named,
        digest: &draft.print.digest,
    });
    let splits = divide(&members.collect::<Vec<_>>());
    let dealt = drafts.into_iter().zip(groups).zip(splits);
    Ok(dealt.map(|((draft, group), split)| draft.into_piece(group, split)).collect())
}

impl<Music> Draft<Music> {
    fn into_piece(self, group: usize, split: Split) -> Piece<Music> {
        let Self {
            name, path, source, style, collection, terms, title, composer, music, hash, print, ..
        } = self;
        let ledger = LedgerEntry { source, hash, collection, composer, terms };
        Piece { name, path, style, split, group, title, score: music, digest: print.digest, ledger }
    }
}
