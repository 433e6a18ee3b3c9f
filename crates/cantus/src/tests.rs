//! Laws of the facade: what is typed is understood, and what is written is whole.

use std::fs;
use std::path::Path;

use super::*;

#[test]
fn keys_are_understood_as_people_type_them() {
    for (typed, meant) in [
        ("D minor", "D minor"),
        ("F#", "F# major"),
        ("Bb major", "Bb major"),
        ("am", "A minor"),
        ("bbm", "Bb minor"),
        ("b", "B major"),
        ("C♯ min", "C# minor"),
        ("e-flat major", "Eb major"),
        ("G# major", "Ab major"),
        ("Fb minor", "E minor"),
        ("g moll", "G minor"),
    ] {
        assert_eq!(parse::key(typed).map(|key| key.to_string()), Ok(meant.to_owned()), "{typed}");
    }
    for wrong in ["", "H", "A lydian", "Am7", "CM", "minor"] {
        assert!(parse::key(wrong).is_err_and(|rule| rule.contains("a key is")), "{wrong}");
    }
}

#[test]
fn metres_tempos_and_lengths_state_their_rule() {
    assert_eq!(parse::meter("6/8").map(|meter| meter.to_string()), Ok("6/8".into()));
    assert!(parse::meter("6/7").is_err_and(|rule| rule.contains("a power of two")));
    assert!(parse::meter("waltz").is_err_and(|rule| rule.contains("such as 3/4")));
    assert!(parse::tempo("0").is_err_and(|rule| rule.contains("between 20 and 400, but was 0")));
    assert!(parse::tempo("NaN").is_err());
    assert_eq!(parse::seconds("1:30"), Ok(90.0));
    assert_eq!(parse::seconds("12.5s"), Ok(12.5));
    assert!(parse::seconds("-3").is_err());
}

#[test]
fn several_results_are_numbered() {
    let path = Path::new("out/x.mid");
    assert_eq!(numbered(path, 0, 1), path);
    assert_eq!(numbered(path, 2, 12), Path::new("out/x-03.mid"));
    assert_eq!(numbered(path, 99, 100), Path::new("out/x-100.mid"));
}

#[test]
fn a_file_is_replaced_whole_and_nothing_else_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("piece.mid");
    write_file(&path, b"old").unwrap();
    write_file(&path, b"new").unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"new");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[cfg(unix)]
#[test]
fn a_link_is_followed_and_permissions_stay() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let (real, link) = (folder.path().join("real.mid"), folder.path().join("link.mid"));
    fs::write(&real, "old").unwrap();
    fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).unwrap();
    std::os::unix::fs::symlink(&real, &link).unwrap();
    write_file(&link, b"new").unwrap();
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(fs::read(&real).unwrap(), b"new");
    assert_eq!(fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o640);
}

#[test]
fn what_cannot_be_written_says_why_and_what_helps() {
    let folder = tempfile::tempdir().unwrap();
    let check = |path: &Path, rule: &str| {
        let error = write_file(path, b"x").unwrap_err();
        assert!(error.is_output() && error.hint().is_some(), "{error:?}");
        assert!(error.to_string().contains(rule), "{error}");
        assert!(error.to_string().starts_with(&path.display().to_string()), "{error}");
    };
    check(folder.path(), "this is a folder");
    check(&folder.path().join("none/x.mid"), "does not exist");
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    check(&file.join("x.mid"), "is a file");
    if Path::new("/dev/full").exists() {
        check(Path::new("/dev/full"), "the disk is full");
    }
}
