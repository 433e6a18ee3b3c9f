//! Which descriptors of the catalogue are measured.

use std::collections::BTreeSet;

use cantus_features::{CATALOGUE, Descriptor, Measure, Origin, find};

use super::{Frames, Picture};
use crate::error::{Error, Kind};

/// What is to be measured, and what is to be kept of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Wanted {
    /// The descriptors.
    pub selection: Selection,
    /// What remains of the frames of sounds.
    pub frames: Frames,
    /// Which picture is made of each sound, if any, while it is measured.
    pub picture: Option<Picture>,
}

/// Some descriptors. By default they are all, but for those of sound that take a transform of their own and therefore time.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Selection(Option<BTreeSet<&'static str>>);

impl Selection {
    /// The descriptors of these names. Fails at a name that none has, and says which names are near it.
    pub fn of_names<Name: AsRef<str>>(names: &[Name]) -> Result<Self, Error> {
        let found = names.iter().map(|name| {
            let name = name.as_ref().trim();
            find(name).map(|descriptor| descriptor.name).ok_or_else(|| unknown(name))
        });
        Ok(Self(Some(found.collect::<Result<_, _>>()?)))
    }

    /// Whether a descriptor is among them.
    pub fn has(&self, descriptor: &Descriptor) -> bool {
        match &self.0 {
            Some(names) => names.contains(descriptor.name),
            None => !matches!(descriptor.measure, Measure::Stream(_)),
        }
    }

    /// Those of whole pieces of notes, in the order of the catalogue.
    pub fn of_pieces(&self) -> impl Iterator<Item = &'static Descriptor> {
        let is_rows = |descriptor: &Descriptor| matches!(descriptor.measure, Measure::Rows(_));
        self.of(Origin::Score).filter(move |descriptor| descriptor.is_of_pieces() && !is_rows(descriptor))
    }

    /// Those of bars of notes, in the order of the catalogue.
    pub fn of_bars(&self) -> impl Iterator<Item = &'static Descriptor> {
        self.of(Origin::Score).filter(|descriptor| descriptor.is_of_bars())
    }

    /// Those of whole sounds, in the order of the catalogue.
    pub fn of_sounds(&self) -> impl Iterator<Item = &'static Descriptor> {
        let is_whole = |measure: &Measure| {
            matches!(measure, Measure::Sound(_) | Measure::Harmony(_) | Measure::Loudness(_))
        };
        self.of(Origin::Sound).filter(move |descriptor| is_whole(&descriptor.measure))
    }

    /// Those of frames of sound of which there are means, in the order of the catalogue.
    pub fn of_frames(&self) -> impl Iterator<Item = &'static Descriptor> {
        self.of(Origin::Sound).filter(|descriptor| is_spread(descriptor))
    }

    /// Those of frames of sound that name what sounds and of which there is no mean, in the order of the catalogue.
    pub fn of_labels(&self) -> impl Iterator<Item = &'static Descriptor> {
        self.of(Origin::Sound).filter(|descriptor| matches!(descriptor.measure, Measure::Names(_)))
    }

    fn of(&self, origin: Origin) -> impl Iterator<Item = &'static Descriptor> {
        CATALOGUE.iter().filter(move |descriptor| descriptor.origin() == origin && self.has(descriptor))
    }
}

/// Whether it is of frames of sound and has a mean.
fn is_spread(descriptor: &Descriptor) -> bool {
    matches!(descriptor.measure, Measure::Frames(_) | Measure::Stream(_))
}

fn unknown(name: &str) -> Error {
    let near = near(name);
    let hint = if near.is_empty() {
        "`cantus features --list` tells all".to_owned()
    } else {
        format!("near it: {}; `cantus features --list` tells all", near.join(", "))
    };
    Error::new(Kind::Request, format!("what is measured has a name of the catalogue, but was {name}"))
        .with_hint(hint)
}

/// The names most like one: those that it is a part of, then those that few letters part from it.
fn near(name: &str) -> Vec<&'static str> {
    const MOST: usize = 5;
    let name = name.to_lowercase().replace(['-', ' '], "_");
    let distance = |other: &str| {
        let holds = !name.is_empty() && (other.contains(&name) || name.contains(other));
        if holds { 0 } else { strsim::levenshtein(&name, other) }
    };
    let mut near: Vec<(usize, &str)> = CATALOGUE
        .iter()
        .map(|descriptor| (distance(descriptor.name), descriptor.name))
        .filter(|(distance, other)| 3 * distance <= other.len())
        .collect();
    near.sort_by_key(|(distance, _)| *distance);
    near.into_iter().take(MOST).map(|(_, name)| name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_names_are_told_of_those_that_are_none() {
        let hint = |name: &str| Selection::of_names(&[name]).unwrap_err().hint().unwrap().to_owned();
        assert!(hint("constantq").contains("constant_q"), "{}", hint("constantq"));
        assert!(hint("Spectral-Centroid").contains("spectral_centroid"));
        assert!(hint("chromagram").contains("near it: chroma"));
        assert!(hint("pitsch").contains("near it: pitch"));
        assert!(hint("zzzzzz").starts_with("`cantus"));
    }

    #[test]
    fn every_descriptor_is_in_one_kind_and_named_ones_alone_are_chosen() {
        let kinds = |selection: &Selection| {
            let names: Vec<&str> = selection
                .of_pieces()
                .chain(selection.of_sounds())
                .chain(selection.of_frames())
                .chain(selection.of_labels())
                .map(|descriptor| descriptor.name)
                .collect();
            names
        };
        let all: Vec<&str> = CATALOGUE.iter().map(|descriptor| descriptor.name).collect();
        let everything = Selection::of_names(&all).unwrap();
        let mut found = kinds(&everything);
        found.extend(everything.of_bars().map(|descriptor| descriptor.name));
        let found: BTreeSet<&str> = found.into_iter().collect();
        // Rows of beats are told as chords.
        let missing: Vec<&&str> = all.iter().filter(|name| !found.contains(**name)).collect();
        assert!(
            missing.iter().all(|name| find(name).unwrap().level == cantus_features::Level::Beat),
            "{missing:?}"
        );
        assert_eq!(kinds(&Selection::of_names(&["pitch", " density"]).unwrap()), ["density", "pitch"]);
        assert!(!kinds(&Selection::default()).contains(&"pitch"));
        assert!(kinds(&Selection::default()).contains(&"loudness"));
    }
}
