//! From the text of an order to the sections that it names.

use std::collections::HashMap;

use super::sections::Section;

/// The sections that an order names, one after the other; and what was wrong with it.
#[derive(Debug, Default)]
pub(super) struct Listed {
    pub(super) played: Vec<usize>,
    pub(super) faults: Vec<String>,
}

/// The names of a piece's sections.
pub(super) struct Names {
    /// The sections of each name, from first to last.
    exact: HashMap<String, Vec<usize>>,
    /// The same without regard to capitals and stray signs.
    plain: HashMap<String, Vec<usize>>,
    /// Whether music stands before the first label.
    unnamed_first: bool,
}

/// A name as it is looked for in a text without commas is not longer.
const LONGEST: usize = 16;
/// So many faults of an order are told.
const MOST_FAULTS: usize = 8;

impl Names {
    pub(super) fn new(sections: &[Section]) -> Self {
        let unnamed_first = sections.first().is_some_and(|first| first.names.is_empty());
        let mut names = Self { exact: HashMap::new(), plain: HashMap::new(), unnamed_first };
        for (index, section) in sections.iter().enumerate() {
            for name in &section.names {
                names.exact.entry(name.clone()).or_default().push(index);
                let same = names.plain.entry(plain(name)).or_default();
                if same.last() != Some(&index) {
                    same.push(index);
                }
            }
        }
        names
    }

    /// The sections of an order such as `A,A,B`.
    ///
    /// Forgiven are missing commas, other capitals, stray signs around a name, and a name that none but the music before the
    /// first label can have. Of several sections of one name the nearest is meant.
    pub(super) fn listed(&self, order: &str) -> Result<Listed, String> {
        let (mut listed, mut first) = (Listed::default(), None);
        for name in order.split(',').map(str::trim).filter(|name| !name.is_empty()) {
            let named = self.named(name, &mut listed);
            if named.is_empty() {
                let begins = listed.played.is_empty() && self.unnamed_first;
                if !begins && first != Some(name) {
                    return Err(format!(
                        "the order of sections must name sections of the piece, but names `{name}`; repeats hold as they stand"
                    ));
                }
                first = Some(name);
                listed.fault(format!("`{name}` must stand where its section begins, but stands nowhere; the music before the first label is taken"));
                listed.played.push(0);
            }
            for places in named {
                listed.play(places);
            }
        }
        if listed.played.is_empty() {
            return Err(
                "the order of sections must name a section, but names none; repeats hold as they stand"
                    .to_owned(),
            );
        }
        if self.unnamed_first && first.is_none() {
            // Music before the first label is played once, and first.
            listed.played.insert(0, 0);
        }
        Ok(listed)
    }

    /// For each section that a name of the order means, where sections of that name are; none where it means none.
    fn named(&self, name: &str, listed: &mut Listed) -> Vec<&[usize]> {
        if let Some(places) = self.exact.get(name) {
            return vec![places];
        }
        let found = self.plain.get(&plain(name)).map(|places| vec![places.as_slice()]);
        let found = found.or_else(|| self.run_together(name)).unwrap_or_default();
        if !found.is_empty() {
            listed.fault(format!("an order of sections must name them as their labels do, with commas between, but has `{name}`; what is like it is taken"));
        }
        found
    }

    /// The sections of names without commas, such as `AA1AA2` or `A.A`: the longest name each time.
    fn run_together(&self, name: &str) -> Option<Vec<&[usize]>> {
        let mut found = Vec::new();
        for piece in name.split(['.', ';', '<', '>', ' ']).filter(|piece| !piece.is_empty()) {
            let mut rest = piece;
            while !rest.is_empty() {
                let ends = rest.char_indices().map(|(at, c)| at + c.len_utf8()).take(LONGEST);
                let parts = ends.map(|end| rest.split_at(end));
                let known = parts.filter_map(|(part, after)| Some((self.plain.get(&plain(part))?, after)));
                let (places, after) = known.last()?;
                found.push(places.as_slice());
                rest = after;
            }
        }
        Some(found)
    }
}

impl Listed {
    /// Adds the nearest of some sections.
    fn play(&mut self, places: &[usize]) {
        let last = self.played.last().copied();
        let nearest =
            places.iter().min_by_key(|&&place| last.map(|last| (place.abs_diff(last), place < last)));
        self.played.extend(nearest);
        if places.len() > 1 {
            self.fault(
                "a name must stand for one section, but stands for several; the nearest is played, and one that never is belongs to the section before it".to_owned(),
            );
        }
    }

    fn fault(&mut self, fault: String) {
        if self.faults.len() < MOST_FAULTS && !self.faults.contains(&fault) {
            self.faults.push(fault);
        }
    }
}

/// A name without what is often written otherwise: capitals, stray signs, the sign `yy` of what is not printed.
fn plain(name: &str) -> String {
    let plain: String =
        name.chars().filter(|c| c.is_alphanumeric() || *c == '\'').flat_map(char::to_lowercase).collect();
    plain.strip_suffix("yy").map(str::to_owned).unwrap_or(plain)
}
