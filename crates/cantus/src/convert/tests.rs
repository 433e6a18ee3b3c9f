use std::fs;
use std::path::Path;

use cantus_score::sheet::{
    Articulation, ChordSymbol, Grace, Part, Sheet, Spelled, Step, Syllable, Tone, Written,
};
use cantus_score::{Channel, Program, Resolution, Tempo, Ticks, Timed, Velocity};

use super::*;

const TUNE: &str = "X:1\nT:A\nL:1/4\nM:4/4\nK:G\nGABc|\n\nX:2\nT:B\nL:1/4\nM:4/4\nK:D\ndefg|\n";

/// A sheet with one of everything.
fn sheet() -> Sheet {
    let mut sheet = Sheet::new(Resolution::STANDARD);
    sheet.credits.lyricist = "Anna".into();
    let mut bar = cantus_score::sheet::Bar::new(Ticks(0), Ticks(1920));
    bar.meter = Some(cantus_score::Meter::FOUR_FOUR);
    bar.repeats.ends = Some(2);
    sheet.bars.push(bar);
    sheet.tempos.push(Timed::new(Ticks(0), Tempo::DEFAULT));
    let mut part = Part::new("Flute", Channel::MIN, Program::saturating(73));
    for (index, step) in [Step::C, Step::D, Step::E, Step::F].into_iter().enumerate() {
        let start = Ticks(index as u32 * 480);
        let mut note = Written::new(start, Ticks(480), Spelled::new(step, 0, 5));
        note.velocity = Some(Velocity::saturating(77));
        note.syllables = (1..=2).map(|verse| Syllable { verse, text: "la".into(), hyphen: false }).collect();
        note.articulations = vec![Articulation::Tenuto];
        if index == 1 {
            let grace = Written::new(start, Ticks(0), Spelled::new(Step::E, 0, 5));
            part.notes.push(Written { grace: Some(Grace { slashed: true }), ..grace });
        }
        part.notes.push(note);
    }
    let root = Tone::new(Step::C, 0);
    part.chords.push(Timed::new(Ticks(0), ChordSymbol { root, suffix: "m7".into(), bass: None }));
    sheet.parts.push(part);
    sheet
}

fn piece() -> Piece {
    Piece { tag: None, music: Form::Written(sheet()) }
}

#[test]
fn what_is_written_stays_written() {
    let options = ConvertOptions::default();
    let (bytes, losses) = encode_piece(&piece(), OutputFormat::MusicXml, &options).unwrap();
    assert!(losses.is_empty(), "{losses:?}");
    let text = String::from_utf8(bytes).unwrap();
    assert!(text.contains("<repeat direction=\"backward\"") && text.contains("number=\"2\""), "{text}");
    let played = ConvertOptions { order: Order::Played, ..options };
    let (bytes, _) = encode_piece(&piece(), OutputFormat::MusicXml, &played).unwrap();
    let text = String::from_utf8(bytes).unwrap();
    assert!(!text.contains("<repeat") && text.matches("<measure").count() == 2, "{text}");
}

#[test]
fn what_a_format_does_not_hold_is_told_with_its_count() {
    let lost = |format| {
        let (_, losses) = encode_piece(&piece(), format, &ConvertOptions::default()).unwrap();
        losses.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let has = |lost: &[String], line: &str| assert!(lost.iter().any(|lost| lost == line), "{line}: {lost:?}");
    has(&lost(OutputFormat::Kern), "4 of 4 velocities of notes are not kept in kern");
    has(&lost(OutputFormat::LilyPond), "4 of 4 velocities of notes are not kept in LilyPond");
    has(&lost(OutputFormat::Midi), "1 of 1 authors of words is not kept in MIDI");
    has(&lost(OutputFormat::Npy), "1 of 1 tempos is not kept in a piano roll");
    assert!(!lost(OutputFormat::Npz).iter().any(|line| line.contains("tempos")));
}

#[test]
fn json_is_read_back() {
    let score = Form::Written(sheet()).into_score();
    let told = json::score(&score);
    assert!(json::is_score(told.as_bytes()));
    assert_eq!(json::read(told.as_bytes()), Ok(score));
    let broken = told.replacen("\"pitch\": 72", "\"pitch\": 720", 1);
    assert!(json::read(broken.as_bytes()).unwrap_err().contains("a pitch must be between 0 and 127"));
}

fn all(inputs: &[PathBuf], target: &Target) -> Batch {
    convert_all(inputs, target, &ConvertOptions::default(), &|_| true).unwrap()
}

fn files(folder: &Path) -> Vec<String> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let name = entry.file_name().into_string().unwrap();
        if entry.path().is_dir() {
            names.extend(files(&entry.path()).iter().map(|below| format!("{name}/{below}")));
        } else {
            names.push(name);
        }
    }
    names.sort();
    names
}

#[test]
fn a_folder_is_converted_whatever_is_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name);
    fs::create_dir_all(place("in/deep")).unwrap();
    fs::write(place("in/book.abc"), TUNE).unwrap();
    fs::write(place("in/deep/one.abc"), TUNE.split("\n\n").next().unwrap()).unwrap();
    fs::write(place("in/one.abc"), TUNE.split("\n\n").next().unwrap()).unwrap();
    fs::write(place("in/broken.mid"), b"\x89PNG").unwrap();
    convert(&place("in/one.abc"), &place("in/one.mid"), &ConvertOptions::default()).unwrap();
    let batch = all(&[place("in")], &Target::Folder(place("out"), OutputFormat::MusicXml));
    let expected =
        ["book-01.musicxml", "book-02.musicxml", "deep/one.musicxml", "one-abc.musicxml", "one-mid.musicxml"];
    assert_eq!(files(&place("out")), expected);
    assert_eq!((batch.written, batch.failures().count(), batch.renamed.len()), (5, 1, 2));
    assert!(batch.failures().all(|(name, _)| name.ends_with("broken.mid")));
    // Into an archive, and from there into one array.
    let target = Target::Archive(place("all.zip"), OutputFormat::Midi);
    assert_eq!(all(&[place("in")], &target).written, 5);
    let bytes = fs::read(place("all.zip")).unwrap();
    all(&[place("in")], &target);
    assert_eq!(fs::read(place("all.zip")).unwrap(), bytes);
    assert_eq!(all(&[place("all.zip")], &Target::Stack(place("all.npy"))).written, 5);
    let music = crate::read(&place("all.npy")).unwrap();
    assert_eq!((music.format, music.pieces.len()), ("roll", 5));
    assert!(music.pieces.iter().all(|piece| piece.score().note_count() == 4));
}

#[test]
fn results_bear_their_own_names_and_only_results_are_renamed() {
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name);
    fs::create_dir_all(place("in/a!b.zip")).unwrap();
    let tune = TUNE.split("\n\n").next().unwrap();
    for name in ["in/ba!ng.abc", "in/a!b.zip/what!.abc", "in/one.abc", "in/two.abc"] {
        fs::write(place(name), tune).unwrap();
    }
    // These are no music.
    fs::write(place("in/one.mid"), b"").unwrap();
    fs::write(place("in/two.mid"), b"").unwrap();
    fs::write(place("in/two.krn"), b"").unwrap();
    let batch = all(&[place("in")], &Target::Folder(place("out"), OutputFormat::Midi));
    assert_eq!(files(&place("out")), ["a!b.zip/what!.mid", "ba!ng.mid", "one-abc.mid", "two-abc.mid"]);
    let renamed: Vec<&str> = batch.renamed.iter().map(|(_, name)| name.as_str()).collect();
    assert_eq!((renamed, batch.failures().count()), (vec!["one-abc", "two-abc"], 3));
    // A name in an archive may have such a letter too.
    all(&[place("in")], &Target::Archive(place("all.zip"), OutputFormat::Abc));
    let again = all(&[place("all.zip")], &Target::Folder(place("again"), OutputFormat::Midi));
    assert_eq!((again.written, again.renamed.len()), (4, 0));
    let expected = ["all/a!b.zip/what!.mid", "all/ba!ng.mid", "all/one-abc.mid", "all/two-abc.mid"];
    assert_eq!(files(&place("again")), expected);
}

#[test]
fn no_input_is_written_over() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("one.abc");
    fs::write(&path, TUNE.split("\n\n").next().unwrap()).unwrap();
    let before = fs::read(&path).unwrap();
    let batch = all(&[folder.path().into()], &Target::Folder(folder.path().into(), OutputFormat::Abc));
    assert_eq!((batch.written, batch.failures().count()), (0, 1));
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn a_stop_leaves_whole_files_only() {
    let folder = tempfile::tempdir().unwrap();
    for number in 0..20 {
        fs::write(folder.path().join(format!("{number}.abc")), TUNE).unwrap();
    }
    let target = Target::Folder(folder.path().join("out"), OutputFormat::Midi);
    let options = ConvertOptions::default();
    let batch = convert_all(&[folder.path().into()], &target, &options, &|_| false).unwrap();
    assert!(batch.stopped && batch.files.len() < 20, "{}", batch.files.len());
    for name in files(&folder.path().join("out")) {
        crate::read(&folder.path().join("out").join(name)).unwrap();
    }
}
