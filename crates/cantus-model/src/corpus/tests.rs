//! Laws of the corpus: nothing leaks, nothing depends on the file system, nothing vanishes without a reason.

use std::path::{Path, PathBuf};

use cantus_score::{Channel, Note, Pitch, Program, Resolution, Score, Ticks, Track};

use super::divide::{Member, divide};
use super::fingerprint::Fingerprint;
use super::{Split, group};

/// A melody of quarter notes at a resolution, moved by some semitones and delayed by some quarters.
fn melody(pitches: &[i64], resolution: i64, semitones: i64, delay: u32) -> Score {
    let resolution = Resolution::new(resolution).unwrap();
    let quarter = resolution.ticks_per_quarter();
    let mut track = Track::new("Melody", Channel::MIN, Program::PIANO);
    track.notes = (delay..)
        .zip(pitches)
        .map(|(at, pitch)| {
            Note::new(Ticks(at * quarter), Ticks(quarter), Pitch::new(pitch + semitones).unwrap())
        })
        .collect();
    let mut score = Score::new(resolution);
    score.tracks.push(track);
    score
}

/// A wandering melody that depends on a seed only.
fn wander(seed: u64, len: usize) -> Vec<i64> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut step = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as i64
    };
    (0..len).map(|_| 55 + step().rem_euclid(20)).collect()
}

fn titled(title: &str, score: Score) -> Score {
    Score { title: title.into(), ..score }
}

fn groups_of(scores: &[Score]) -> Vec<usize> {
    let prints: Vec<Fingerprint> = scores.iter().map(|score| Fingerprint::of(&[score.title.clone()], score, 24)).collect();
    group::groups(&prints.iter().collect::<Vec<_>>())
}

#[test]
fn neither_resolution_nor_key_nor_a_rest_before_changes_the_shape() {
    let pitches = wander(1, 40);
    let one = Fingerprint::of(&[], &melody(&pitches, 480, 0, 0), 24);
    let same = Fingerprint::of(&[], &melody(&pitches, 96, 0, 0), 24);
    let moved = Fingerprint::of(&[], &melody(&pitches, 24, 5, 3), 24);
    assert_eq!(one, same);
    assert_eq!((one.shape, &one.runs), (moved.shape, &moved.runs));
    assert_ne!(one.digest, moved.digest);
    let other = Fingerprint::of(&[], &melody(&wander(2, 40), 480, 0, 0), 24);
    assert_ne!(one.shape, other.shape);
}

#[test]
fn relatives_share_a_group_and_strangers_do_not() {
    let (theme, other) = (wander(3, 60), wander(4, 60));
    let quoting: Vec<i64> = other[..20].iter().chain(&theme[10..34]).copied().collect();
    let almost: Vec<i64> = other[30..50].iter().chain(&theme[36..59]).copied().collect();
    let scores = [
        melody(&theme, 480, 0, 0),
        titled("The Rose", melody(&wander(5, 30), 480, 0, 0)),
        melody(&quoting, 120, 7, 2),
        titled("Rose, The", melody(&wander(6, 30), 480, 0, 0)),
        melody(&almost, 480, 0, 0),
    ];
    assert_eq!(groups_of(&scores), [0, 1, 0, 1, 2]);
}

#[test]
fn repeated_notes_and_trills_and_empty_titles_join_nobody() {
    let trill: Vec<i64> = (0..40).map(|at| 60 + at % 2).collect();
    let scores = [
        titled("Untitled", melody(&[vec![60; 30], wander(7, 40)].concat(), 480, 0, 0)),
        titled("untitled", melody(&[vec![64; 30], wander(8, 40)].concat(), 480, 0, 0)),
        melody(&[trill.clone(), wander(9, 40)].concat(), 480, 0, 0),
        melody(&[trill, wander(10, 40)].concat(), 480, 0, 0),
    ];
    assert_eq!(groups_of(&scores), [0, 1, 2, 3]);
}

#[test]
fn drums_of_one_pattern_stay_apart_but_copies_are_found() {
    let drums = |pitches: &[i64]| {
        let mut score = melody(pitches, 480, 0, 0);
        score.tracks[0].channel = Channel::DRUMS;
        score
    };
    let beat = wander(11, 30);
    let longer = [beat.clone(), vec![36]].concat();
    let moved: Vec<i64> = beat.iter().map(|pitch| pitch + 1).collect();
    assert_eq!(groups_of(&[drums(&beat), drums(&longer), drums(&moved), drums(&beat)]), [0, 1, 2, 0]);
}

/// Members of so many groups of one piece each.
fn strangers<'a>(digests: &'a [String], style: &'a str) -> Vec<Member<'a>> {
    let numbered = digests.iter().enumerate();
    numbered.map(|(group, digest)| Member { group, style, named: None, digest }).collect()
}

fn digests(len: u64) -> Vec<String> {
    (0..len).map(|seed| Fingerprint::of(&[], &melody(&wander(seed, 9), 480, 0, 0), 24).digest).collect()
}

fn count(splits: &[Split]) -> [usize; 3] {
    Split::ALL.map(|split| splits.iter().filter(|&&each| each == split).count())
}

#[test]
fn ten_pieces_are_divided_eight_one_one_and_two_leave_one_to_validate() {
    for (pieces, wanted) in
        [(1, [1, 0, 0]), (2, [1, 1, 0]), (9, [8, 1, 0]), (10, [8, 1, 1]), (100, [80, 10, 10])]
    {
        assert_eq!(count(&divide(&strangers(&digests(pieces), "a"))), wanted);
    }
}

#[test]
fn each_style_is_divided_on_its_own_and_small_ones_together() {
    let digests = digests(45);
    let mut members = strangers(&digests, "large");
    for (at, member) in members.iter_mut().enumerate().skip(30) {
        member.style = if at < 40 { "ten" } else { ["x", "y", "z", "v", "w"][at - 40] };
    }
    let splits = divide(&members);
    assert_eq!(count(&splits[..30]), [24, 3, 3]);
    assert_eq!(count(&splits[30..40]), [8, 1, 1]);
    assert_eq!(count(&splits[40..]), [4, 1, 0]);
}

#[test]
fn no_group_is_torn_apart() {
    let digests = digests(200);
    let mut members = strangers(&digests, "a");
    for (at, member) in members.iter_mut().enumerate() {
        member.group = at * at / 300;
    }
    let splits = divide(&members);
    for (one, split) in members.iter().zip(&splits) {
        for (other, its) in members.iter().zip(&splits) {
            assert!(one.group != other.group || split == its);
        }
    }
    let [train, valid, test] = count(&splits);
    assert!((150..=170).contains(&train) && valid > 10 && test > 10, "{train} {valid} {test}");
}

#[test]
fn what_folders_name_stays_and_relatives_follow() {
    let digests = digests(6);
    let mut members = strangers(&digests, "a");
    members[0].named = Some(Split::Test);
    members[1].group = 0;
    members[2].named = Some(Split::Train);
    members[3].group = 2;
    members[4].named = Some(Split::Valid);
    let splits = divide(&members);
    assert_eq!(splits[..5], [Split::Test, Split::Test, Split::Train, Split::Train, Split::Valid]);
}

#[test]
fn training_folders_alone_still_leave_something_to_validate() {
    let digests = digests(12);
    let mut members = strangers(&digests, "a");
    members.iter_mut().for_each(|member| member.named = Some(Split::Train));
    assert_eq!(count(&divide(&members)), [11, 1, 0]);
}
