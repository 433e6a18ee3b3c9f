//! How often the estimated key is the one that a tune book writes.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "helpers of tests fail and talk like tests")]

use std::path::Path;

use cantus_features::key::{self, Profile};
use cantus_features::{Window, ends_on_tonic};
use cantus_score::abc::{Tune, read_book};
use cantus_score::{Mode, Strictness};

/// The tunes of Nottingham, whose keys its keepers have checked; nothing where the data are not there.
fn tunes() -> Option<Vec<Tune>> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/folk/nottingham/ABC_cleaned");
    if !Path::new(folder).is_dir() {
        println!("skipped: no folder ../shared/data beside the repository");
        return None;
    }
    let mut tunes = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read(entry.unwrap().path()).unwrap();
        tunes.extend(read_book(&text, Strictness::Tolerant).unwrap().value);
    }
    Some(tunes)
}

/// Shares of tunes: the tonic and the major or minor third found, the signature found, and the end on the written tonic.
fn shares(tunes: &[Tune], profile: &Profile) -> [f64; 3] {
    let (mut key_found, mut signature, mut ends, mut all) = (0, 0, 0, 0);
    for tune in tunes {
        let score = tune.sheet.performed();
        let (Some(tonic), [written]) = (tune.tonic, score.keys.as_slice()) else { continue };
        let found = key::estimate_with(&key::pitch_classes(&Window::of_piece(&score)), profile).key;
        let tonic_key = cantus_score::Key::of_tonic(tonic, Mode::Major);
        all += 1;
        key_found += usize::from(found.tonic() == tonic && found.mode() == written.value.mode());
        signature += usize::from((found.fifths() - written.value.fifths()) % 12 == 0);
        ends += usize::from(ends_on_tonic(&score, tonic_key));
    }
    [key_found, signature, ends].map(|count| f64::from(count as u32) / f64::from(all as u32))
}

#[test]
fn the_default_profile_finds_the_keys_of_tune_books() {
    let Some(tunes) = tunes() else { return };
    let profiles = [
        ("Krumhansl-Kessler", Profile::KRUMHANSL_KESSLER),
        ("Albrecht-Shanahan", Profile::ALBRECHT_SHANAHAN),
        ("Temperley", Profile::TEMPERLEY),
    ];
    for (name, profile) in profiles {
        let [key, signature, ends] = shares(&tunes, &profile);
        println!("{name}: key {key:.3}, signature {signature:.3}; ends on the tonic {ends:.3}");
    }
    let [key, ..] = shares(&tunes, &Profile::DEFAULT);
    assert!(key > 0.85, "the key is found in {key:.3} of the tunes");
}
