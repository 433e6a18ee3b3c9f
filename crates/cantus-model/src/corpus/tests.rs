//! Laws of the corpus: nothing leaks, nothing depends on the file system, nothing vanishes without a reason.

mod building;
mod labelling;
mod listing;

use std::fs;
use std::path::{Path, PathBuf};

use cantus_score::{Channel, Note, Pitch, Program, Resolution, Score, Ticks, Track};

use super::divide::{Member, divide};
use super::fingerprint::Fingerprint;
use super::{Copies, Corpus, RIGHTS_FILE, Runs, ScanOptions, Split, fingerprint, group, scan, shared_runs};

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
    let in_memory = grouped(scores, &Runs::new(None));
    let on_disk = grouped(scores, &Runs::new(Some(tempfile::tempfile().unwrap())));
    assert_eq!(in_memory, on_disk);
    in_memory
}

fn grouped(scores: &[Score], runs: &Runs) -> Vec<usize> {
    let print = |score: &Score| Fingerprint::of(std::slice::from_ref(&score.title), score);
    let prints: Vec<Fingerprint> = scores.iter().map(print).collect();
    let marks = prints.iter().zip(scores).map(|(print, score)| group::Mark {
        print,
        number: runs.add(&fingerprint::runs(score, 24)).unwrap(),
        with: &[],
    });
    group::groups(&marks.collect::<Vec<_>>(), runs).unwrap()
}

#[test]
fn neither_resolution_nor_key_nor_a_rest_before_changes_the_shape() {
    let pitches = wander(1, 40);
    let marks = |score: &Score| (Fingerprint::of(&[], score), fingerprint::runs(score, 24));
    let one = marks(&melody(&pitches, 480, 0, 0));
    let same = marks(&melody(&pitches, 96, 0, 0));
    let moved = marks(&melody(&pitches, 24, 5, 3));
    assert_eq!(one, same);
    assert_eq!((one.0.shape, &one.1), (moved.0.shape, &moved.1));
    assert_ne!(one.0.digest, moved.0.digest);
    let other = marks(&melody(&wander(2, 40), 480, 0, 0));
    assert_ne!(one.0.shape, other.0.shape);
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
    (0..len).map(|seed| Fingerprint::of(&[], &melody(&wander(seed, 9), 480, 0, 0)).digest).collect()
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
fn a_group_too_large_to_be_held_out_does_not_let_the_others_be() {
    let digests = digests(300);
    let mut members = strangers(&digests, "a");
    members.iter_mut().take(200).for_each(|member| member.group = 0);
    assert_eq!(count(&divide(&members)), [280, 10, 10]);
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
    for member in &mut members {
        member.named = Some(Split::Train);
    }
    assert_eq!(count(&divide(&members)), [11, 1, 0]);
}

/// Writes a tune as an ABC file.
fn write_tune(folder: &Path, name: &str, title: &str, pitches: &[i64]) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, format!("X:1\nT:{title}\nM:4/4\nL:1/4\nK:C\n{}|\n", letters(pitches))).unwrap();
}

/// Pitches from C3 on as ABC letters.
fn letters(pitches: &[i64]) -> String {
    let names = ["=C", "^C", "=D", "_E", "=E", "=F", "^F", "=G", "_A", "=A", "_B", "=B"];
    let note = |pitch: &i64| {
        let octave = if *pitch >= 72 {
            "'"
        } else if *pitch >= 60 {
            ""
        } else {
            ","
        };
        format!("{}{octave}", names[(pitch % 12) as usize])
    };
    pitches.iter().map(note).collect::<Vec<_>>().join(" ")
}

fn scan_all(paths: &[&Path]) -> Corpus {
    let paths: Vec<PathBuf> = paths.iter().map(|path| path.to_path_buf()).collect();
    scan(&paths, &ScanOptions::default(), &|_| ()).unwrap()
}

fn named(corpus: &Corpus) -> Vec<(&str, &str, Split)> {
    corpus.pieces.iter().map(|piece| (piece.name.as_str(), piece.style.as_str(), piece.split)).collect()
}

#[test]
fn folders_name_styles_and_splits() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("songs");
    for (seed, name) in ["b/train/1.abc", "a/deep/test/2.abc", "3.abc", "b/valid/x/4.ABC"].iter().enumerate()
    {
        write_tune(&root, name, "", &wander(seed as u64 + 20, 30));
    }
    fs::write(root.join("b/notes.txt"), "no music").unwrap();
    fs::write(root.join("b/.hidden.abc"), "no music").unwrap();
    let corpus = scan_all(&[&root]);
    let wanted = [
        ("3.abc#1", "songs", Split::Train),
        ("a/deep/test/2.abc#1", "a", Split::Test),
        ("b/train/1.abc#1", "b", Split::Train),
        ("b/valid/x/4.ABC#1", "b", Split::Valid),
    ];
    assert_eq!(named(&corpus), wanted);
    assert_eq!(corpus.skipped, []);
    assert_eq!(named(&scan_all(&[&root.join("b/train")])), [("1.abc#1", "b", Split::Train)]);
    let alone = scan_all(&[&root.join("3.abc"), &root.join("3.abc")]);
    assert_eq!(named(&alone), [("3.abc#1", "mine", Split::Train)]);
}

#[test]
fn one_folder_given_may_have_any_name_and_several_may_be_the_splits() {
    let folder = tempfile::tempdir().unwrap();
    for seed in 0..4 {
        write_tune(folder.path(), &format!("test/{seed}.abc"), "", &wander(seed + 30, 30));
        write_tune(folder.path(), &format!("train/{seed}.abc"), "", &wander(seed + 40, 30));
    }
    let (test, train) = (folder.path().join("test"), folder.path().join("train"));
    let dealt: Vec<Split> = scan_all(&[&test]).pieces.iter().map(|piece| piece.split).collect();
    assert_eq!(count(&dealt), [3, 1, 0]);
    assert_eq!(scan_all(&[&folder.path().join("train/../test/.")]).styles(), scan_all(&[&train]).styles());
    let dealt: Vec<Split> = scan_all(&[&train, &test]).pieces.iter().map(|piece| piece.split).collect();
    assert_eq!(count(&dealt), [3, 1, 4]);
}

#[test]
fn copies_go_and_training_loses_what_is_held_out() {
    let folder = tempfile::tempdir().unwrap();
    let (one, two, three) = (wander(50, 40), wander(51, 40), wander(52, 40));
    let higher: Vec<i64> = one.iter().map(|pitch| pitch + 3).collect();
    let quoting: Vec<i64> = wander(53, 9).into_iter().chain(two.iter().skip(5).copied()).collect();
    write_tune(folder.path(), "train/copy.abc", "Copy", &higher);
    write_tune(folder.path(), "train/quoting.abc", "Quoting", &quoting);
    write_tune(folder.path(), "train/same title.abc", "The Tune", &wander(54, 40));
    write_tune(folder.path(), "train/three.abc", "Three", &three);
    write_tune(folder.path(), "train/three again.abc", "Three again", &three);
    write_tune(folder.path(), "valid/two.abc", "Two", &two);
    write_tune(folder.path(), "test/one.abc", "Tune, The!", &one);
    let corpus = scan_all(&[folder.path()]);
    let names: Vec<&str> = corpus.pieces.iter().map(|piece| piece.name.as_str()).collect();
    assert_eq!(names, ["test/one.abc#1", "train/three again.abc#1", "valid/two.abc#1"]);
    assert_eq!((corpus.duplicates, corpus.straddling), (2, 2));
    assert_eq!(shared_runs(&corpus, Split::Test, 24) + shared_runs(&corpus, Split::Valid, 24), 0);

    let named = ScanOptions { copies: Copies::KeepNamed, ..ScanOptions::default() };
    assert_eq!(scan(&[folder.path().into()], &named, &|_| ()).unwrap().pieces.len(), 7);

    let all = ScanOptions { copies: Copies::Keep, ..ScanOptions::default() };
    let corpus = scan(&[folder.path().into()], &all, &|_| ()).unwrap();
    assert_eq!(corpus.pieces.len(), 7);
    assert_eq!(shared_runs(&corpus, Split::Valid, 24), 1);
}

#[test]
fn what_cannot_be_read_is_told_and_the_rest_is_taken() {
    let folder = tempfile::tempdir().unwrap();
    write_tune(folder.path(), "good.abc", "Good", &wander(60, 30));
    fs::write(folder.path().join("empty.mid"), "").unwrap();
    fs::write(folder.path().join("sound.mid"), b"RIFF\x24\0\0\0WAVEfmt ").unwrap();
    fs::write(folder.path().join("rests.abc"), "X:7\nM:4/4\nL:1/4\nK:C\nz4|\n").unwrap();
    fs::write(folder.path().join(RIGHTS_FILE), "licence = 7").unwrap();
    let corpus = scan_all(&[folder.path()]);
    assert_eq!(corpus.pieces.len(), 1);
    let told = |name: &str| {
        let found = corpus.skipped.iter().find(|skipped| skipped.path.ends_with(name));
        found.map_or("", |skipped| skipped.reason.as_str())
    };
    assert!(told("empty.mid").contains("an empty file"), "{}", told("empty.mid"));
    assert!(told("sound.mid").contains("a WAV sound file"), "{}", told("sound.mid"));
    assert_eq!(told("rests.abc#7"), "it holds no notes");
    assert!(told(RIGHTS_FILE).contains("must be TOML"));
    assert_eq!(corpus.skipped.len(), 4);
}

#[test]
fn no_music_and_no_path_are_errors_that_say_so() {
    let folder = tempfile::tempdir().unwrap();
    let fail = |path: &Path| scan(&[path.into()], &ScanOptions::default(), &|_| ()).unwrap_err().to_string();
    assert!(fail(folder.path()).contains("at least one piece"));
    assert!(fail(&folder.path().join("none")).ends_with("does not"));
}

#[test]
fn the_ledger_states_source_hash_and_the_nearest_terms() {
    let folder = tempfile::tempdir().unwrap();
    write_tune(folder.path(), "a/one.abc", "One", &wander(70, 30));
    write_tune(folder.path(), "b/two.abc", "Two", &wander(71, 30));
    fs::write(folder.path().join(RIGHTS_FILE), "licence = \"CC0 1.0\"\nrights = \"clean\"").unwrap();
    fs::write(folder.path().join("b").join(RIGHTS_FILE), "licence = \"CC BY 4.0\"").unwrap();
    let corpus = scan_all(&[folder.path()]);
    let ledgers: Vec<_> = corpus.pieces.iter().map(|piece| &piece.ledger).collect();
    assert_eq!(ledgers[0].terms.rights.as_deref(), Some("clean"));
    assert_eq!((ledgers[1].terms.licence.as_deref(), &ledgers[1].terms.rights), (Some("CC BY 4.0"), &None));
    assert_eq!(ledgers[0].hash.len(), 64);
    assert_eq!(ledgers[0].source, corpus.pieces[0].path);
}

#[test]
fn the_same_folder_gives_the_same_corpus_on_any_number_of_threads() {
    let folder = tempfile::tempdir().unwrap();
    for seed in 0..40 {
        write_tune(folder.path(), &format!("{seed}.abc"), "", &wander(seed / 2 + 80, 30 + seed as usize % 2));
    }
    let on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| scan_all(&[folder.path()]))
    };
    let corpus = on(1);
    assert_eq!(corpus, on(7));
    assert_eq!((corpus.pieces.len(), corpus.groups()), (40, 20));
}

#[test]
fn no_file_of_the_collection_stops_a_scan() {
    let data = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/formats"));
    if !data.exists() {
        println!("skipped: ../shared/data/formats is not here");
        return;
    }
    let corpus = scan_all(&[data]);
    assert!(corpus.pieces.len() > 50, "{}", corpus.pieces.len());
    assert_eq!(shared_runs(&corpus, Split::Test, 24) + shared_runs(&corpus, Split::Valid, 24), 0);
}

#[test]
fn runs_on_the_disk_are_those_in_memory() {
    let mut state = 1_u64;
    let mut draw = move |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let (memory, disk) = (Runs::new(None), Runs::new(Some(tempfile::tempfile().unwrap())));
    for piece in 0..400 {
        // Two buckets, so that many chunks are written; some runs stand in several pieces.
        let runs: Vec<u64> = (0..50).map(|_| draw(2) << 63 | draw(8000)).collect();
        assert_eq!((memory.add(&runs).unwrap(), disk.add(&runs).unwrap()), (piece, piece));
    }
    let shared = |runs: &Runs| {
        let mut all = Vec::new();
        runs.shared(|same| all.push(same.to_vec())).unwrap();
        all
    };
    assert!(shared(&memory).len() > 1000);
    assert_eq!(shared(&memory), shared(&disk));
}
