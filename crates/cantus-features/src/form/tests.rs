//! Laws of form.

use cantus_score::notation::parse;

use super::{boundaries, similarity};
use crate::{Window, find};

/// Eight bars of one kind and eight of another.
fn two_sections() -> String {
    let first = "C4/4 E4/4 G4/4 E4/4 ".repeat(8);
    let second = "F#4/2 A4/8 C#5/8 F#4/4 ".repeat(8);
    format!("meter=4/4 | {first}{second}")
}

#[test]
fn a_new_section_is_heard_where_it_begins() {
    let score = parse(&two_sections()).unwrap();
    assert_eq!(boundaries(&score), [8]);
    assert_eq!(find("sections").unwrap().measure(&Window::of_piece(&score)), Some(2.0));
    let rows = super::table(&score);
    assert_eq!(rows.len(), 16);
    assert!(rows[..8].iter().all(|row| row[1] < 0.5) && rows[8..].iter().all(|row| row[1] > 0.5));
}

#[test]
fn bars_are_like_themselves_and_each_other_both_ways() {
    let score = parse("meter=4/4 | C4/4 E4/4 G4/4 E4/4 F4/2 A4/8 C5/8 r/4 r/1 C4/4 E4/4 G4/4 E4/4").unwrap();
    let bars = similarity(&Window::of_bars(&score));
    for (one, row) in bars.iter().enumerate() {
        assert!((row[one] - 1.0).abs() < 1e-12);
        for (other, value) in row.iter().enumerate() {
            assert_eq!(value.to_bits(), bars[other][one].to_bits());
            assert!((0.0..=1.0).contains(value));
        }
    }
    assert!((bars[0][3] - 1.0).abs() < 1e-12 && bars[0][1] < 0.6);
}

#[test]
fn music_that_repeats_has_no_sections_and_all_repetition() {
    let score = parse(&format!("meter=2/4 | {}", "C4/4 G4/4 ".repeat(20))).unwrap();
    assert_eq!(boundaries(&score), Vec::<usize>::new());
    let repetition = find("repetition").unwrap().measure(&Window::of_piece(&score)).unwrap();
    assert!((repetition - 1.0).abs() < 1e-12);
}
