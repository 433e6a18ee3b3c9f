//! Laws of corpus files: what is built is read back, always the same bytes, and damage is told.

use cantus_score::sheet::Sheet;
use cantus_score::{
    Bend, Control, Data, Key, Meter, Mode, Tempo, Text, TextKind, Timed, Velocity, kern, midi, musicxml,
};

use super::super::pack::{pack, unpack};
use super::super::{
    BuildOptions, Built, Choice, CorpusError, CorpusFile, Splits, Together, build, is_corpus_file,
};
use super::*;

/// A score that has everything.
fn rich() -> Score {
    let mut score = titled("Ä piece — ♪", melody(&wander(1, 40), 96, 0, 3));
    score.tempos = vec![
        Timed::new(Ticks(0), Tempo::from_bpm(97.3).unwrap()),
        Timed::new(Ticks(7), Tempo::from_micros(1).unwrap()),
    ];
    score.meters = vec![Timed::new(Ticks(5), Meter::new(7, 8).unwrap())];
    score.keys = vec![Timed::new(Ticks(1), Key::new(-4, Mode::Minor).unwrap())];
    let text = |kind| Timed::new(Ticks(9), Text { kind, text: "a\tb".into() });
    score.texts = vec![text(TextKind::Copyright), text(TextKind::Cue)];
    let track = &mut score.tracks[0];
    track.notes[0].velocity = Velocity::new(127).ok();
    track.notes[1].release = Data::new(0).ok();
    track.notes[2].length = Ticks(0);
    let data = |value| Data::new(value).unwrap();
    let controls = [
        Control::Controller(data(64), data(127)),
        Control::Bend(Bend::new(-8192).unwrap()),
        Control::Pressure(data(3)),
        Control::KeyPressure(Pitch::C4, data(9)),
        Control::SysEx(vec![1, 2, 0xF7]),
        Control::Raw(vec![]),
        Control::Port(data(1)),
    ];
    track.controls.extend(controls.map(|control| Timed::new(Ticks(u32::MAX), control)));
    track.texts = vec![text(TextKind::Lyric), text(TextKind::Marker)];
    score
}

#[test]
fn scores_come_back_from_their_packing_and_damage_does_no_harm() {
    let score = rich();
    let packed = pack(&score);
    assert_eq!(unpack(&packed).unwrap(), score);
    assert_eq!(pack(&unpack(&packed).unwrap()), packed);
    for at in 0..packed.len() {
        let mut bytes = packed.clone();
        bytes[at] ^= 0x55;
        let _ = unpack(&bytes);
        let _ = unpack(&packed[..at]);
    }
}

/// A folder of tunes, some of them related.
fn folder_of_tunes(count: u64) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("music")).unwrap();
    for seed in 0..count {
        let style = ["reel", "jig"][seed as usize % 2];
        write_tune(folder.path(), &format!("music/{style}/{seed}.abc"), "", &wander(seed / 3 * 3 + 100, 40));
    }
    fs::write(folder.path().join("music/broken.mid"), "MThd").unwrap();
    folder
}

fn build_on(
    threads: usize,
    folder: &Path,
    output: &str,
    options: &BuildOptions,
) -> Result<Built, CorpusError> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    pool.install(|| build(&[folder.join("music")], &folder.join(output), options, &|_| ()))
}

#[test]
fn a_corpus_built_twice_is_the_same_bytes_on_any_number_of_threads_also_where_it_was_interrupted() {
    let folder = folder_of_tunes(24);
    let path = |name: &str| folder.path().join(name);
    let options = BuildOptions::default();
    let built = build_on(1, folder.path(), "one", &options).unwrap();
    assert_eq!((built.pieces, built.making.duplicates, built.remembered), (8, 16, 0));
    build_on(5, folder.path(), "two", &options).unwrap();
    let bytes = fs::read(path("one")).unwrap();
    assert_eq!(fs::read(path("two")).unwrap(), bytes);
    assert!(!path("one.part").exists());

    // A build that fails at its end leaves all that was read.
    let choice = Choice { rights: vec!["clean".into()], ..Choice::default() };
    let none = BuildOptions { choice, ..BuildOptions::default() };
    assert!(matches!(build_on(2, folder.path(), "three", &none), Err(CorpusError::AllLeftOut(_))));
    let working = fs::read(path("three.part")).unwrap();
    for cut in [working.len(), working.len() - 1, working.len() / 2, 30, 5, 0] {
        let _ = fs::remove_file(path("three"));
        fs::write(path("three.part"), &working[..cut]).unwrap();
        let built = build_on(2, folder.path(), "three", &options).unwrap();
        assert_eq!(built.remembered > 0, cut > 100, "{cut}");
        assert!(fs::read(path("three")).unwrap() == bytes, "cut at {cut}");
    }
    // What changed meanwhile is read again.
    let _ = fs::remove_file(path("three"));
    fs::write(path("three.part"), &working).unwrap();
    write_tune(folder.path(), "music/reel/0.abc", "", &wander(999, 50));
    let built = build_on(2, folder.path(), "three", &options).unwrap();
    assert_eq!((built.remembered, built.pieces), (24, 9));
    assert!(matches!(build_on(1, folder.path(), "three", &options), Err(CorpusError::Exists(_))));
}

#[test]
fn a_corpus_file_holds_what_a_scan_finds() {
    let folder = folder_of_tunes(12);
    let scanned = scan_all(&[&folder.path().join("music")]);
    build_on(2, folder.path(), "x.corpus", &BuildOptions::default()).unwrap();
    fs::remove_dir_all(folder.path().join("music")).unwrap();
    let file = folder.path().join("x.corpus");
    assert!(is_corpus_file(&file));
    let read = scan_all(&[&file]);
    let told = |corpus: &Corpus| -> Vec<_> {
        let piece = |piece: &crate::corpus::Piece| {
            let (name, style) = (piece.name.clone(), piece.style.clone());
            (name, style, piece.split, piece.group, piece.score.clone(), piece.digest.clone())
        };
        corpus.pieces.iter().map(piece).collect()
    };
    assert_eq!(told(&read), told(&scanned));
    let opened = CorpusFile::open(&file).unwrap();
    assert_eq!(opened.records[0].ledger.source, Path::new("music/jig/1.abc"));
    assert_eq!(opened.making.faults[0].count, 1);
    let measured = ScanOptions { copies: Copies::Keep, ..ScanOptions::default() };
    let tests = scan(std::slice::from_ref(&file), &measured, &|_| ()).unwrap();
    assert!(tests.pieces.iter().all(|piece| piece.split == Split::Test) || read.of(Split::Test).count() == 0);
    let twice = scan(&[file.clone(), file], &ScanOptions::default(), &|_| ());
    assert!(matches!(twice, Err(CorpusError::CorpusAmongOthers(_))));
}

#[test]
fn any_flipped_byte_of_a_corpus_file_is_noticed_and_any_cut() {
    let folder = folder_of_tunes(3);
    build_on(1, folder.path(), "x", &BuildOptions::default()).unwrap();
    let whole = fs::read(folder.path().join("x")).unwrap();
    let path = folder.path().join("damaged");
    let opens = |bytes: &[u8]| {
        fs::write(&path, bytes).unwrap();
        let corpus = CorpusFile::open(&path)?;
        corpus.records.iter().try_for_each(|record| corpus.score(record).map(|_| ()))
    };
    assert!(opens(&whole).is_ok());
    for at in (0..whole.len()).step_by(3).chain(0..20).chain(whole.len() - 60..whole.len()) {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x10;
        assert!(opens(&bytes).is_err(), "byte {at}");
        assert!(opens(&whole[..at]).is_err(), "cut at {at}");
    }
}

#[test]
fn copies_are_found_across_formats_and_keys() {
    let folder = tempfile::tempdir().unwrap();
    let mut score = melody(&wander(7, 60), 480, 0, 0);
    score.meters.push(Timed::new(Ticks(0), Meter::FOUR_FOUR));
    let mut second = melody(&wander(8, 60), 480, -5, 0).tracks.remove(0);
    // Held over bar lines, so that written forms have ties.
    second.notes = second.notes.into_iter().step_by(3).collect();
    second.notes.iter_mut().for_each(|note| note.length = Ticks(3 * 480));
    second.channel = Channel::saturating(1);
    score.tracks.push(second);
    let mut higher = score.clone();
    for note in higher.tracks.iter_mut().flat_map(|track| &mut track.notes) {
        note.pitch = note.pitch.transposed(2).unwrap();
        // Detached, as players do it, and after a bar of rest.
        note.length = Ticks(note.length.0 - 40);
        note.start = Ticks(note.start.0 + 4 * 480);
    }
    let sheet = Sheet::of_score(&score);
    fs::write(folder.path().join("a.mid"), midi::write(&score).unwrap()).unwrap();
    fs::write(folder.path().join("b.krn"), kern::write(&sheet)).unwrap();
    fs::write(folder.path().join("c.musicxml"), musicxml::write(&sheet)).unwrap();
    fs::write(folder.path().join("d.mid"), midi::write(&higher).unwrap()).unwrap();
    write_tune(folder.path(), "e.abc", "", &wander(9, 60));
    let corpus = scan_all(&[folder.path()]);
    assert_eq!(corpus.skipped, []);
    let names: Vec<&str> = corpus.pieces.iter().map(|piece| piece.name.as_str()).collect();
    assert_eq!((names, corpus.duplicates), (vec!["a.mid", "e.abc#1"], 3));
}

#[test]
fn validation_loses_what_the_test_knows() {
    let folder = tempfile::tempdir().unwrap();
    let theme = wander(50, 40);
    let quoting: Vec<i64> = wander(51, 9).into_iter().chain(theme.iter().skip(5).copied()).collect();
    write_tune(folder.path(), "valid/quoting.abc", "", &quoting);
    write_tune(folder.path(), "valid/other.abc", "", &wander(52, 40));
    write_tune(folder.path(), "test/theme.abc", "", &theme);
    write_tune(folder.path(), "train/one.abc", "", &wander(53, 40));
    let corpus = scan_all(&[folder.path()]);
    let names: Vec<&str> = corpus.pieces.iter().map(|piece| piece.name.as_str()).collect();
    assert_eq!(names, ["test/theme.abc#1", "train/one.abc#1", "valid/other.abc#1"]);
    assert_eq!(corpus.straddling, 1);
}

#[test]
fn what_stays_together_is_on_one_side() {
    let folder = folder_of_tunes(0);
    for seed in 0..40 {
        let name = format!("music/{}/{seed}.abc", seed % 8);
        write_tune(folder.path(), &name, "", &wander(seed * 3 + 300, 40));
    }
    let options = BuildOptions { together: Some(Together::Folder), ..BuildOptions::default() };
    let built = build_on(1, folder.path(), "x", &options).unwrap();
    assert_eq!((built.pieces, built.groups), (40, 8));
    let ours = BuildOptions { splits: Splits::Ours, ..BuildOptions::default() };
    assert_eq!(build_on(1, folder.path(), "y", &ours).unwrap().groups, 40);
}
