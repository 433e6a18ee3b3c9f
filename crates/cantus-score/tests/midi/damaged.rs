//! Damaged files are read or refused, never worse, and what was rescued can be written.

use cantus_score::midi::damage;

use super::fixtures::rich;

#[test]
fn damaged_copies_are_rescued_or_refused() {
    let mut last = Vec::new();
    damage::check_copies(&rich(), 3000, 1, |copy| last = copy.to_vec()).unwrap_or_else(|why| {
        panic!("{why}\n{last:02X?}");
    });
}

#[test]
fn damage_is_told_by_its_seed_and_damages() {
    let files = rich();
    let copy = |seed| damage::Damage::new(seed).copy(&files[0], &files[1]);
    assert_eq!(copy(7), copy(7));
    let changed = (0..100).filter(|&seed| copy(seed) != files[0]).count();
    assert!(changed > 95, "only {changed} of 100 copies differ from the file");
}

#[test]
fn undamaged_files_have_no_warnings() {
    for (number, file) in rich().iter().enumerate() {
        let read = cantus_score::midi::read(file, cantus_score::Strictness::Strict);
        assert!(read.is_ok(), "file {number}: {}", read.unwrap_err());
    }
}
