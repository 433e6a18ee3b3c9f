//! Bad input: one message with file, rule and hint, exit code 2, and every file as it was.

use std::fs;

use crate::{Desk, TUNE};

/// Checks that a command fails with all of the words, without a panic, a result or a change to a file.
#[track_caller]
pub(crate) fn check(desk: &Desk, line: &str, words: &[&str]) {
    let before = desk.files();
    let run = desk.cantus(line);
    assert_eq!(run.code, 2, "{line}: {}", run.err);
    assert_eq!(run.out, "", "{line}");
    for word in words {
        assert!(run.err.contains(word), "{line}: {word:?} is not in\n{}", run.err);
    }
    assert!(!run.err.contains("panicked"), "{line}: {}", run.err);
    assert_eq!(desk.files(), before, "{line}");
}

fn desk() -> Desk {
    let desk = Desk::new();
    desk.write("good.abc", TUNE);
    desk.write("empty.mid", "");
    desk.write("sound.mid", b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0");
    desk.write("text.mid", "Dear Sir or Madam");
    desk.write("no.sf2", "no font");
    fs::create_dir(desk.path("folder.mid")).unwrap();
    desk
}

#[test]
fn files_that_cannot_be_read() {
    let desk = desk();
    for command in ["show", "show --json", "features", "convert"] {
        let out = if command == "convert" { "out.mid" } else { "" };
        let check = |file: &str, words: &[&str]| check(&desk, &format!("{command} {file} {out}"), words);
        check("none.mid", &["none.mid", "no such file", "hint:"]);
        check("folder.mid", &["folder.mid", "is a folder", "hint:"]);
        check("empty.mid", &["empty.mid", "empty file", "hint:"]);
        // Sound is read, but no notes are heard in it.
        let words = if command == "convert" { "the result is to be notes" } else { "a WAV file must have" };
        check("sound.mid", &["sound.mid", words, "hint:"]);
        check("text.mid", &["text.mid", "no kind of file that is known", "hint:"]);
        check("good.abc#9", &["good.abc", "none has 9", "numbers from 3 to 4"]);
    }
}

#[test]
fn archives_that_are_taken_for_files() {
    let desk = desk();
    desk.cantus("convert good.abc --to mid -o tunes.zip").well();
    // No name in the archive is in the way of one with a # or a ! of its own.
    fs::create_dir(desk.path("odd")).unwrap();
    for name in ["odd/with#hash.abc", "odd/with!bang.abc", "odd/number#3.abc"] {
        desk.write(name, TUNE);
    }
    desk.write("text.zip", "no archive");
    desk.write("nothing.tar", "");
    desk.write("cut.tgz", b"\x1F\x8B\x08\0\0\0\0\0\0\xFF\x4B");
    for command in ["show", "features"] {
        let check = |file: &str, words: &[&str]| check(&desk, &format!("{command} {file}"), words);
        if command == "show" {
            check(
                "tunes.zip",
                &["tunes.zip", "this is an archive", "hint: name a file in it, such as tunes.zip!"],
            );
        } else {
            // Archives are measured like folders.
            desk.cantus("features tunes.zip").well();
        }
        check("text.zip", &["text.zip", "the archive cannot be read"]);
        check("nothing.tar", &["nothing.tar", "there are no files in the archive"]);
        check("cut.tgz", &["cut.tgz", "it ends too early"]);
        check("tunes.zip!none.mid", &["tunes.zip!none.mid", "no such file"]);
        for name in ["with#hash.abc", "with!bang.abc", "number#3.abc", "number#3.abc#3"] {
            desk.cantus(&format!("{command} odd/{name}")).well();
        }
    }
    check(
        &desk,
        "convert text.zip -o out --to mid",
        &["no music was found", "text.zip", "the archive cannot be read"],
    );
    check(&desk, "corpus build text.zip -o out.corpus", &["text.zip", "the archive cannot be read"]);
    check(&desk, "train nothing.tar -o run", &["nothing.tar", "there are no files in the archive"]);
}

#[test]
fn results_that_cannot_be_written() {
    let desk = desk();
    check(&desk, "convert good.abc#3 out.xyz", &["out.xyz", "has .xyz", ".mid, .musicxml"]);
    check(&desk, "convert good.abc#3 out", &["has none", "hint:"]);
    check(&desk, "convert good.abc#3 folder.mid", &["folder.mid", "this is a folder", "hint:"]);
    check(&desk, "convert good.abc#3 none/out.mid", &["none/out.mid", "does not exist", "hint:"]);
    check(&desk, "convert good.abc#3 empty.mid/out.mid", &["is a file"]);
    check(&desk, "render good.abc#3 -o out.mid", &["out.mid", ".wav", "hint:"]);
    check(&desk, "render good.abc#3 -o out.wav --soundfont no.sf2", &["no.sf2", "SoundFont", "hint:"]);
    check(&desk, "render good.abc#3 -o out.wav --soundfont none.sf2", &["none.sf2", "hint:"]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk() {
    let desk = desk();
    std::os::unix::fs::symlink("/dev/full", desk.path("full.mid")).unwrap();
    check(&desk, "convert good.abc#3 full.mid", &["full.mid", "the disk is full", "hint:"]);
}

#[test]
fn an_input_is_never_its_own_output() {
    let desk = desk();
    desk.cantus("convert good.abc#3 a.mid").well();
    let before = fs::read(desk.path("a.mid")).unwrap();
    check(&desk, "convert a.mid ./a.mid", &["leaves its input as it is", "hint:"]);
    assert_eq!(fs::read(desk.path("a.mid")).unwrap(), before);
}

#[test]
fn wishes_that_cannot_be_met_state_their_rule() {
    let desk = desk();
    check(&desk, "compose --bars 0", &["--bars", "between 1 and 999, but was 0"]);
    check(&desk, "compose --bars -3", &["between 1 and 999, but was -3"]);
    check(&desk, "compose --seconds 0", &["--seconds", "a length in seconds"]);
    check(&desk, "compose --key H", &["a key is a note and a mode", "but was \"H\""]);
    check(&desk, "compose --meter 4/5", &["a power of two"]);
    check(&desk, "compose --tempo fast", &["between 20 and 400, but was fast"]);
    check(&desk, "compose --top-p 0", &["between 0.01 and 1"]);
    check(&desk, "compose --temperature -1", &["between 0 and 5"]);
    check(&desk, "compose --count 0", &["between 1 and 9999"]);
    check(&desk, "compose --bars 8 --seconds 20", &["cannot be used with"]);
    check(&desk, "train", &["PATH"]);
}
