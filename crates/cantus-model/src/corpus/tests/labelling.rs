//! Laws of labels: each row finds its piece or is told, and choices do what they say.

use super::super::{
    BuildOptions, Built, Choice, CorpusError, CorpusFile, Labels, LabelsError, Record, Splits, build,
};
use super::*;

const STEPS: &str = "{\"train\": [[[60,64],[62,65],[64,67]], [[50,53],[52,55],[50,60]]]}";

/// A folder with a file, a book and arrays of steps, and labels for all but one tune.
fn desk(labels: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    write_tune(folder.path(), "data/reels/one.abc", "One", &wander(1, 40));
    let tune = |number: u64| {
        format!("X:{number}\nT:Tune {number}\nM:4/4\nL:1/4\nK:C\n{}|\n\n", letters(&wander(number, 40)))
    };
    fs::write(folder.path().join("data/book.abc"), [tune(3), tune(4), tune(5)].concat()).unwrap();
    fs::write(folder.path().join("data/steps.json"), STEPS).unwrap();
    fs::write(folder.path().join("data/labels.tsv"), labels).unwrap();
    folder
}

const LABELS: &str = "\u{FEFF}path\tstyle\tcomposer\tlicence\trights\tsplit\tsplit_kind\tmood\r\n\
    reels/one.abc\treel-irish\tTurlough\tCC0\tclean\ttest\thash\tmerry\r\n\
    book.abc#3\treel-scottish\t\tCC BY 4.0\tattribution\tvalid\tstandard\r\n\
    book.abc#4\tjig\tNiel\t\t\ttrain\t\t\r\n\
    steps.json#train/1\tchorale\tBach\tnone\tunlicensed-pd\tvalid\tstandard\r\n\
    gone.mid\treel-irish\t\t\tclean\t\t\r\n";

fn build_in(
    folder: &tempfile::TempDir,
    change: impl FnOnce(&mut BuildOptions),
) -> Result<(Built, Vec<Record>), CorpusError> {
    let labels = Labels::read(&folder.path().join("data/labels.tsv")).unwrap();
    let mut options = BuildOptions { labels: Some(labels), ..BuildOptions::default() };
    change(&mut options);
    let output = folder.path().join("x.corpus");
    let _ = fs::remove_file(&output);
    let built = build(&[folder.path().join("data")], &output, &options, &|_| ())?;
    Ok((built, CorpusFile::open(&output)?.records))
}

fn told(records: &[Record]) -> Vec<(&str, &str, Split)> {
    records.iter().map(|record| (record.name.as_str(), record.style.as_str(), record.split)).collect()
}

#[test]
fn rows_find_files_tunes_and_steps_and_what_finds_nothing_is_told() {
    let folder = desk(LABELS);
    let (built, records) = build_in(&folder, |_| ()).unwrap();
    let names: Vec<&str> = records.iter().map(|record| record.name.as_str()).collect();
    assert_eq!(names, ["book.abc#3", "book.abc#4", "reels/one.abc#1", "steps.json#train/1"]);
    assert_eq!(built.rows_without_piece, ["gone.mid"]);
    assert_eq!(built.making.left_out.values().sum::<usize>(), 2, "{:?}", built.making.left_out);
    let one = &records[2];
    assert_eq!((one.style.as_str(), one.title.as_str()), ("reel-irish", "One"));
    assert_eq!(one.ledger.composer.as_deref(), Some("Turlough"));
    assert_eq!(one.ledger.terms.rights.as_deref(), Some("clean"));
    assert_eq!(one.ledger.collection.as_deref(), Some("data/reels"));
    assert_eq!((records[0].split, records[3].split), (Split::Valid, Split::Valid));
    let (_, all) = build_in(&folder, |options| options.choice.unlabelled = true).unwrap();
    assert_eq!(all.len(), 6);
}

#[test]
fn hashed_splits_are_dealt_anew_unless_all_labels_are_to_hold() {
    let folder = desk(LABELS);
    let (_, records) = build_in(&folder, |options| options.splits = Splits::Labels).unwrap();
    assert_eq!(records[2].split, Split::Test);
    let (_, records) = build_in(&folder, |_| ()).unwrap();
    // Two pieces are free, and something else is held out already: both are learnt.
    assert_eq!(records[2].split, Split::Train);
}

#[test]
fn classes_of_rights_and_styles_are_chosen_and_styles_merged() {
    let folder = desk(LABELS);
    let (built, records) = build_in(&folder, |options| {
        options.choice.rights = vec!["clean".into(), "attribution".into()];
        options.choice.merges = vec!["reel=reel-*".parse().unwrap()];
    })
    .unwrap();
    assert_eq!(
        told(&records),
        [("book.abc#3", "reel", Split::Valid), ("reels/one.abc#1", "reel", Split::Train)]
    );
    let left_out = &built.making.left_out;
    assert_eq!(left_out.get("without a stated class of rights"), Some(&1));
    assert_eq!(left_out.get("of the rights class unlicensed-pd"), Some(&1));
    let only = |pattern: &str| {
        let only = vec![pattern.parse().unwrap()];
        build_in(&folder, |options| options.choice = Choice { only, ..Choice::default() })
    };
    assert_eq!(only("reel-*").unwrap().1.len(), 2);
    assert!(matches!(only("waltz"), Err(CorpusError::NoSuchStyle { .. })));
    let rights =
        |class: &str| build_in(&folder, |options| options.choice.rights = vec![class.into()]).map(|_| ());
    assert!(matches!(rights("cleam"), Err(CorpusError::NoSuchRights { .. })));
    assert!(matches!(rights("copyleft"), Err(CorpusError::AllLeftOut(_))));
}

#[test]
fn labels_that_cannot_be_used_are_refused_with_their_line() {
    let read = |text: &str| {
        let folder = desk(text);
        Labels::read(&folder.path().join("data/labels.tsv")).map(|labels| labels.rows().len())
    };
    assert!(matches!(read(""), Err(LabelsError::NoPath(_))));
    assert!(matches!(read("reels/one.abc\treel\n"), Err(LabelsError::NoPath(_))));
    assert!(matches!(read("path,style\na,b\n"), Err(LabelsError::NoPath(_))));
    assert!(matches!(read("path\tstyle\na\tb\tc\n"), Err(LabelsError::Cells { line: 2, .. })));
    assert!(matches!(read("path\tsplit\na\tb\n"), Err(LabelsError::Split { line: 2, .. })));
    let twice = "path\tstyle\nreels/one.abc\ta\n\nreels/../reels/one.abc\tb\n";
    assert!(matches!(read(twice), Err(LabelsError::Twice { first: 2, second: 4, .. })));
    assert_eq!(read("style\tpath\na\tx.mid\na\tx.mid\n").unwrap(), 1);
    assert!("=a".parse::<super::super::Merge>().is_err());
    assert!("a=".parse::<super::super::Merge>().is_err());
}
