//! Laws of what is found below paths: archives are folders, bombs do not go off, what is broken is told.

use std::io::{Cursor, Write as _};
use std::time::Instant;

use cantus_score::npy::{self, Array, Element};
use flate2::Compression;
use flate2::write::GzEncoder;
use ruzstd::encoding::{CompressionLevel, compress_to_vec};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::super::{ReadError, Source, list};
use super::*;

/// A file with a tune of its own.
fn tune(seed: u64) -> Vec<u8> {
    format!("X:1\nT:Tune {seed}\nM:4/4\nL:1/4\nK:C\n{}|\n", letters(&wander(seed, 30))).into_bytes()
}

fn zipped(members: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for (name, bytes) in members {
        archive.start_file(*name, options).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

/// A tar archive; names are written as they are, also those that no good program writes.
fn tarred(members: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    for (name, bytes) in members {
        let mut header = tar::Header::new_ustar();
        header.as_mut_bytes()[..name.len()].copy_from_slice(name.as_bytes());
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        archive.append(&header, bytes.as_slice()).unwrap();
    }
    archive.into_inner().unwrap()
}

fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    compress_to_vec(bytes, CompressionLevel::Fastest)
}

/// Writes one file into a new folder and lists that.
fn listed(name: &str, bytes: &[u8]) -> (tempfile::TempDir, super::super::Listing) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(name), bytes).unwrap();
    let listing = list(&[folder.path().into()]).unwrap();
    (folder, listing)
}

fn names(sources: &[Source]) -> Vec<&str> {
    sources.iter().map(|source| source.name.as_str()).collect()
}

#[test]
fn an_archive_of_any_kind_is_a_folder() {
    let members = [
        ("train/one.abc", tune(1)),
        ("b/train/two.abc", tune(2)),
        ("b/.hidden.abc", tune(3)),
        ("__MACOSX/b/two.abc", tune(3)),
        ("notes.txt", b"no music".to_vec()),
        ("b/letter.xml", b"<?xml version=\"1.0\"?><letter/>".to_vec()),
    ];
    let plain = tempfile::tempdir().unwrap();
    for (name, bytes) in &members {
        let path = plain.path().join("music").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    fs::remove_dir_all(plain.path().join("music/__MACOSX")).unwrap();
    let wanted = scan_all(&[&plain.path().join("music")]);
    assert_eq!((wanted.pieces.len(), wanted.skipped.len()), (2, 0));
    let tar = tarred(&members);
    // Two frames of Zstandard are one stream.
    let frames = [zstd(&tar[..700]), zstd(&tar[700..])].concat();
    let archives = [
        ("music.zip", zipped(&members)),
        ("music.tar", tar.clone()),
        ("music.tgz", gzipped(&tar)),
        ("music.tar.gz", gzipped(&tar)),
        ("music.tar.zst", frames),
    ];
    for (name, bytes) in archives {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        let corpus = scan_all(&[&path]);
        assert_eq!(corpus.skipped, [], "{name}");
        for (piece, wanted) in corpus.pieces.iter().zip(&wanted.pieces) {
            assert_eq!(piece.name, format!("{name}!{}", wanted.name));
            assert_eq!(
                (&piece.style, piece.split, &piece.digest, &piece.ledger.hash),
                (&wanted.style, wanted.split, &wanted.digest, &wanted.ledger.hash),
            );
        }
        assert_eq!(corpus.pieces.len(), wanted.pieces.len());
        let one = list(&[format!("{}!b/train/two.abc", path.display()).into()]).unwrap();
        assert_eq!(names(&one.sources), [format!("{name}!b/train/two.abc")]);
        assert_eq!(one.sources[0].to_string(), format!("{}!b/train/two.abc", path.display()));
        assert!(list(&[format!("{}!b/tra", path.display()).into()]).is_err());
    }
}

#[test]
fn names_that_climb_and_archives_in_archives_are_refused() {
    let inner = zipped(&[("x.abc", tune(1))]);
    let members = [
        ("../up.abc", tune(1)),
        ("a/../../up.abc", tune(2)),
        ("/root.abc", tune(3)),
        ("c:\\windows.abc", tune(4)),
        ("inner.zip", inner),
        ("good.abc", tune(5)),
    ];
    for (name, bytes) in [("a.zip", zipped(&members)), ("a.tar", tarred(&members))] {
        let (_folder, listing) = listed(name, &bytes);
        assert_eq!(names(&listing.sources), [format!("{name}!good.abc")]);
        let leads_out = listing.skipped.iter().filter(|skipped| skipped.reason.contains("leads out"));
        assert_eq!(leads_out.count(), 4, "{:?}", listing.skipped);
        assert!(listing.skipped.iter().any(|skipped| skipped.reason.contains("archives within archives")));
    }
}

#[test]
fn bombs_in_archives_do_not_go_off() {
    let zeros = vec![0; 80 << 20];
    let members: Vec<(&str, Vec<u8>)> = vec![("0.abc", tune(1)), ("1.mid", zeros)];
    let begin = Instant::now();
    for (name, bytes) in [("a.zip", zipped(&members)), ("a.tar.gz", gzipped(&tarred(&members)))] {
        let (_folder, listing) = listed(name, &bytes);
        let sizes = listing.read_each(1 << 20, |source, bytes| (source.name.clone(), bytes.map(|b| b.len())));
        assert!(matches!(sizes[0].1, Ok(1..200)), "{sizes:?}");
        assert!(
            sizes.get(1).is_none_or(|(_, size)| matches!(
                size,
                Err(ReadError::TooLarge { .. } | ReadError::Archive(_))
            )),
            "{sizes:?}"
        );
        assert!(sizes.len() == 2 || listing.skipped[0].reason.contains("unpacks to more than"));
    }
    println!("{:?}", begin.elapsed());
}

#[test]
fn a_broken_archive_gives_what_stands_before_the_break() {
    let members: Vec<(String, Vec<u8>)> =
        (0..40).map(|seed| (format!("{seed:02}.abc"), tune(seed))).collect();
    let members: Vec<(&str, Vec<u8>)> =
        members.iter().map(|(name, bytes)| (name.as_str(), bytes.clone())).collect();
    let tar = tarred(&members);
    let cut = |bytes: &[u8]| bytes[..bytes.len() / 2].to_vec();
    for (name, bytes) in [("a.tar", cut(&tar)), ("a.tar.gz", cut(&gzipped(&tar)))] {
        let (folder, listing) = listed(name, &bytes);
        let count = listing.sources.len();
        assert!((5..40).contains(&count), "{name}: {count}");
        assert_eq!(listing.skipped.len(), 1);
        let corpus = scan_all(&[folder.path()]);
        assert!(corpus.pieces.len() + 1 >= count, "{name}: {} of {count}", corpus.pieces.len());
    }
    for (name, bytes) in [("a.zip", cut(&zipped(&members))), ("b.tar.zst", b"\x28\xB5\x2F\xFDjunk".to_vec())]
    {
        let (_folder, listing) = listed(name, &bytes);
        assert_eq!((listing.sources.len(), listing.skipped.len()), (0, 1), "{name}");
        assert!(listing.skipped[0].reason.contains("cannot be read"), "{:?}", listing.skipped);
    }
}

#[test]
fn any_flipped_byte_of_an_archive_is_survived() {
    let members = [("a/one.abc", tune(1)), ("two.abc", tune(2))];
    let tar = tarred(&members);
    for (name, whole) in [("a.zip", zipped(&members)), ("a.tar.gz", gzipped(&tar)), ("a.tar.zst", zstd(&tar))]
    {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        for at in (0..whole.len()).step_by(7) {
            let mut bytes = whole.clone();
            bytes[at] ^= 0xA5;
            fs::write(&path, bytes).unwrap();
            let listing = list(&[folder.path().into()]).unwrap();
            let read = listing.read_each(1 << 20, |_, bytes| bytes.is_ok());
            assert_eq!(read.len(), listing.sources.len());
        }
    }
}

#[test]
fn wildcards_stand_for_what_they_match_by_name() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["b.abc", "a.abc", "c[1].abc", "d.txt"] {
        fs::write(folder.path().join(name), tune(1)).unwrap();
    }
    let found = |pattern: &str| list(&[folder.path().join(pattern)]).map(|listing| listing.sources);
    assert_eq!(names(&found("?.abc").unwrap()), ["a.abc", "b.abc"]);
    assert_eq!(names(&found("c[1].abc").unwrap()), ["c[1].abc"]);
    assert!(matches!(found("x*.abc"), Err(super::super::CorpusError::Missing(_))));
}

#[test]
fn steps_become_voices_that_hold_and_sections_name_splits() {
    let folder = tempfile::tempdir().unwrap();
    let bar = |soprano: i64| format!("[{soprano},64,60,-1]");
    let piece: Vec<String> = [67, 67, 67, 67, 69, 69, 69, 69].iter().map(|&pitch| bar(pitch)).collect();
    let text = format!(
        "{{\"train\": [[{}], [[60], [60, 64], []]], \"valid\": [[[50], [52], [53]]]}}",
        piece.join(",")
    );
    fs::write(folder.path().join("chorales.json"), text).unwrap();
    fs::write(folder.path().join("other.json"), "{\"a\": 1}").unwrap();
    let corpus = scan_all(&[folder.path()]);
    assert_eq!(corpus.skipped, []);
    let first = &corpus.pieces[0];
    assert_eq!((first.name.as_str(), first.split), ("chorales.json#train/0", Split::Train));
    let tracks = &first.score.tracks;
    assert_eq!((tracks[0].name.as_str(), tracks.len()), ("Soprano", 4));
    assert_eq!(notes(&tracks[0]), [(0, 480, 67), (480, 480, 69)]);
    assert_eq!(notes(&tracks[1]), [(0, 960, 64)]);
    assert_eq!(notes(&tracks[3]), []);
    // Two quarters are no whole bar: a pickup.
    assert_eq!(first.score.pickup(), Ticks(960));
    assert_eq!(notes(&corpus.pieces[1].score.tracks[0]), [(0, 240, 60), (120, 120, 64)]);
}

/// Beginning, length and pitch of each note.
fn notes(track: &Track) -> Vec<(u32, u32, u8)> {
    track.notes.iter().map(|note| (note.start.0, note.length.0, note.pitch.get())).collect()
}

#[test]
fn steps_that_are_none_are_refused_with_a_reason() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.json");
    for (text, reason) in [
        ("{\"a\": 1}", "lists of pieces"),
        ("{\"a\": [[[200]]]}", "200"),
        ("{\"a\": [[[1.5]]]}", "lists of pieces"),
        ("{", "lists of pieces"),
    ] {
        fs::write(&path, text).unwrap();
        let corpus = scan(std::slice::from_ref(&path), &ScanOptions::default(), &|_| ());
        let error = corpus.unwrap_err().to_string();
        assert!(error.contains(reason), "{error}");
    }
}

/// A set of piano rolls: a piece for each number, which holds that key for two steps; `train` and `test` have as many.
fn set(keys: &[usize]) -> Vec<u8> {
    let held = |&on: &usize| (0..2 * 88).map(move |cell| f64::from(u8::from(cell % 88 == on)));
    let values: Vec<f64> = keys.iter().flat_map(held).collect();
    let roll = Array::from_values(&[2 * keys.len(), 88], Element::U8, &values).unwrap();
    let lengths = Array::from_values(&[keys.len()], Element::I32, &vec![2.0; keys.len()]).unwrap();
    let arrays =
        [("train_roll", &roll), ("train_len", &lengths), ("test_roll", &roll), ("test_len", &lengths)];
    npy::write_archive(&arrays).unwrap()
}

#[test]
fn sets_and_stacks_of_piano_rolls_are_pieces_and_other_arrays_are_not_spoken_of() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: Vec<u8>| fs::write(folder.path().join(name), bytes).unwrap();
    write("a.npz", set(&[39, 40]));
    let stack: Vec<f64> = (0..2 * 3 * 128).map(|cell| f64::from(u8::from(cell % 128 == 60))).collect();
    write("b.npy", npy::write(&Array::from_values(&[2, 3, 128], Element::U8, &stack).unwrap()));
    write("c.npy", npy::write(&Array::from_values(&[4, 5], Element::F32, &[0.5; 20]).unwrap()));
    write(
        "d.npz",
        npy::write_archive(&[("x", &Array::from_values(&[1], Element::F32, &[0.5]).unwrap())]).unwrap(),
    );
    let paths = [folder.path().to_owned()];
    let options = ScanOptions { copies: Copies::Keep, ..ScanOptions::default() };
    let corpus = scan(&paths, &options, &|_| ()).unwrap();
    let told: Vec<_> = corpus
        .pieces
        .iter()
        .map(|piece| (piece.name.as_str(), piece.split, notes(&piece.score.tracks[0])))
        .collect();
    let note = |length: u32, pitch: u8| vec![(0, length, pitch)];
    assert_eq!(
        told[..4],
        [
            ("a.npz#train/0", Split::Train, note(240, 60)),
            ("a.npz#train/1", Split::Train, note(240, 61)),
            ("a.npz#test/0", Split::Test, note(240, 60)),
            ("a.npz#test/1", Split::Test, note(240, 61)),
        ]
    );
    let stacked: Vec<_> = told[4..].iter().map(|(name, _, notes)| (*name, notes.clone())).collect();
    assert_eq!(stacked, [("b.npy#1", note(360, 60)), ("b.npy#2", note(360, 60))]);
    assert_eq!(corpus.skipped, []);
}

#[test]
fn a_set_of_rolls_that_does_not_fit_is_told_also_in_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let (roll, lengths) = (vec![0.0; 88], [2.0]);
    let roll = Array::from_values(&[1, 88], Element::U8, &roll).unwrap();
    let lengths = Array::from_values(&[1], Element::I32, &lengths).unwrap();
    let set = npy::write_archive(&[("train_roll", &roll), ("train_len", &lengths)]).unwrap();
    fs::write(folder.path().join("a.npz"), set).unwrap();
    fs::write(folder.path().join("b.abc"), tune(1)).unwrap();
    let corpus = scan_all(&[folder.path()]);
    assert_eq!(corpus.pieces.len(), 1);
    let [skipped] = &corpus.skipped[..] else { panic!("{:?}", corpus.skipped) };
    assert!(
        skipped.reason.contains("train_len tells of 2 steps and train_roll holds 1"),
        "{}",
        skipped.reason
    );
}

/// A tar archive with a file and a link to it.
fn linked(kind: tar::EntryType) -> Vec<u8> {
    let mut archive = tar::Builder::new(tarred(&[("a.abc", tune(1))]));
    let whole = archive.get_mut();
    // Two blocks of zeros end an archive; the link stands before them.
    whole.truncate(whole.len() - 1024);
    let mut header = tar::Header::new_ustar();
    header.set_entry_type(kind);
    header.set_size(0);
    archive.append_link(&mut header, "b.abc", "a.abc").unwrap();
    archive.into_inner().unwrap()
}

#[test]
fn odd_archives_give_what_they_hold_and_tell_what_they_do_not() {
    let two = [("a1.abc", tune(1)), ("a2.abc", tune(2))];
    let doubled = {
        let mut bytes = zipped(&two);
        for at in 0..bytes.len() - 6 {
            if &bytes[at..at + 6] == b"a2.abc" {
                bytes[at + 1] = b'1';
            }
        }
        bytes
    };
    let tar = tarred(&[("a.abc", tune(1)), ("b.abc", vec![b'%'; 300_000])]);
    let whole = zstd(&tar);
    let both = ["a1.abc", "a2.abc"];
    let odd: [(&str, Vec<u8>, &[&str], &str); 13] = [
        ("behind-a-program.zip", [b"MZ junk".to_vec(), zipped(&two)].concat(), &both, ""),
        ("before-junk.zip", [zipped(&two), b"junk".repeat(9)].concat(), &both, ""),
        ("tar-by-content.zip", tarred(&two), &both, ""),
        ("zip-by-content.tar", zipped(&two), &both, ""),
        ("nothing.zip", Vec::new(), &[], "the archive cannot be read"),
        ("text.zip", tune(1), &[], "the archive cannot be read"),
        ("nothing.tar", Vec::new(), &[], "there are no files in the archive"),
        ("none.zip", zipped(&[]), &[], "there are no files in the archive"),
        ("twice.zip", doubled, &["a1.abc"], "1 files in the archive have the names of others"),
        ("twice.tar", tarred(&[("a.abc", tune(1)), ("a.abc", tune(2))]), &["a.abc"], "several files"),
        ("soft.tar", linked(tar::EntryType::Symlink), &["a.abc"], "links in archives are not followed"),
        ("hard.tar", linked(tar::EntryType::Link), &["a.abc"], "links in archives are not followed"),
        ("cut.tar.zst", whole[..whole.len() - 5].to_vec(), &["a.abc"], "it ends too early"),
    ];
    for (name, bytes, members, reason) in odd {
        let (folder, listing) = listed(name, &bytes);
        let wanted: Vec<String> = members.iter().map(|member| format!("{name}!{member}")).collect();
        let found = names(&listing.sources);
        assert!(wanted.iter().all(|member| found.contains(&member.as_str())), "{name}: {found:?}");
        let reasons: Vec<&str> = listing.skipped.iter().map(|skipped| skipped.reason.as_str()).collect();
        assert_eq!(reasons.is_empty(), reason.is_empty(), "{name}: {reasons:?}");
        assert!(reasons.iter().all(|told| told.contains(reason)), "{name}: {reasons:?}");
        // Whatever is listed is also read.
        let read = list(&[folder.path().into()]).unwrap().read_each(1 << 20, |_, bytes| bytes.is_ok());
        assert!(wanted.is_empty() || read[0], "{name}");
    }
}

#[cfg(unix)]
#[test]
fn what_cannot_be_read_in_a_folder_is_told() {
    use std::os::unix::fs::symlink;
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let odd_names =
        ["sp ace.abc", "new\nline.abc", "ha#sh.abc", "ba!ng.abc", "st*r.abc", "br[1].abc", "a.zip!b.abc"];
    for (seed, name) in (1..).zip(odd_names) {
        fs::write(at(name), tune(seed)).unwrap();
    }
    fs::create_dir(at("sub")).unwrap();
    symlink("nowhere.abc", at("broken.abc")).unwrap();
    symlink("loop.abc", at("loop.abc")).unwrap();
    symlink("/dev/null", at("device.abc")).unwrap();
    symlink("..", at("sub/up")).unwrap();
    fs::write(at("empty.abc"), "").unwrap();
    let corpus = scan_all(&[folder.path()]);
    assert_eq!(corpus.pieces.len(), odd_names.len());
    let mut told: Vec<(String, String)> = corpus
        .skipped
        .iter()
        .map(|skipped| (text_of(skipped.path.file_name()), skipped.reason.clone()))
        .collect();
    told.sort();
    let reasons = [
        ("broken.abc", "leads nowhere"),
        ("device.abc", "a device or a pipe"),
        ("empty.abc", "an empty file"),
        ("loop.abc", "it cannot be read"),
        ("up", "links to folders are not followed"),
    ];
    assert_eq!(told.len(), reasons.len(), "{told:?}");
    for ((name, told), (wanted, reason)) in told.iter().zip(reasons) {
        assert!(name == wanted && told.contains(reason), "{name}: {told}");
    }
}

#[cfg(unix)]
fn text_of(name: Option<&std::ffi::OsStr>) -> String {
    name.unwrap_or_default().to_string_lossy().into_owned()
}
