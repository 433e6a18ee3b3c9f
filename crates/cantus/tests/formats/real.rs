//! Real music in every format: a sample of the data beside the repository. The example `formats` goes through all of it.
#![allow(clippy::print_stdout, reason = "a test that skips says so")]

use std::collections::BTreeMap;
use std::path::Path;

use cantus::ConvertOptions;
use cantus::model::corpus;
use cantus::score::Strictness;

use crate::told::{FORMATS, expected, there_and_back, told_back};

/// Folders, and of how many files each one is taken.
const SAMPLES: [(&str, usize); 5] = [
    ("folk/nottingham", 60),
    ("piano/polish_kern", 150),
    ("multi/openscore_lieder", 300),
    ("multi/freedoom_midi", 30),
    ("formats/musicxml/made", 3),
];

#[test]
fn a_sample_of_real_music_comes_back() {
    let data = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data"));
    if !data.is_dir() {
        println!("skipped: no folder ../shared/data beside the repository");
        return;
    }
    let options = ConvertOptions::default();
    let mut counts: BTreeMap<(&str, &str), (usize, usize, Vec<&str>)> = BTreeMap::new();
    for (folder, step) in SAMPLES {
        let mut listing = corpus::list(&[data.join(folder)]).unwrap();
        let mut place = 0;
        listing.sources.retain(|_| {
            place += 1;
            place % step == 0
        });
        let results = listing.read_each(64 << 20, |_, bytes| {
            let opened = bytes.ok().and_then(|bytes| corpus::read(&bytes, Strictness::Tolerant).ok());
            let mut results = Vec::new();
            for piece in opened.into_iter().flat_map(|opened| opened.pieces).take(5) {
                for format in FORMATS {
                    let before = expected(&piece.music, format, &options);
                    let back = there_and_back(&piece.music, format, &options).unwrap();
                    results
                        .push((format.name(), before.differences(&told_back(&piece.music, format, &back))));
                }
            }
            results
        });
        for (format, found) in results.into_iter().flatten() {
            let count = counts.entry((folder, format)).or_default();
            (count.0, count.1) = (count.0 + 1, count.1 + usize::from(found.is_empty()));
            count.2.extend(found);
        }
    }
    for ((folder, format), (all, same, found)) in &mut counts {
        found.sort_unstable();
        let classes =
            found.chunk_by(|one, next| one == next).map(|class| format!("{} {}", class[0], class.len()));
        println!("{folder} in {format}: {same} of {all} exactly; {}", classes.collect::<Vec<_>>().join(", "));
    }
    // Nothing at all is lost in these; MusicXML keeps every note, but moves a key within a bar to its line and says
    // nothing of bars that end early.
    let of = |format: &'static str| counts.iter().filter(move |((_, name), _)| *name == format);
    assert!(of("MIDI").chain(of("JSON")).all(|(_, (all, same, _))| all == same));
    assert!(
        of("MusicXML").flat_map(|(_, (_, _, found))| found).all(|class| ["metre", "key"].contains(class))
    );
}
