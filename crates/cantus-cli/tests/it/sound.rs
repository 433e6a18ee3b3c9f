//! Sound in and out: `cantus render`, `compose`, `convert` and `show` of sound files.

use std::fs;
use std::process::Command;

use serde_json::Value;

use crate::{Desk, TUNE};

/// What `cantus show --json` tells of a file.
fn shown(desk: &Desk, file: &str) -> Value {
    let run = desk.cantus(&format!("show --json {file}")).well();
    serde_json::from_str(run.out.trim()).unwrap()
}

fn number(facts: &Value, name: &str) -> f64 {
    facts[name].as_f64().unwrap_or_else(|| panic!("{name}: {facts}"))
}

#[test]
fn a_score_sounds_the_same_in_every_format() {
    let desk = Desk::new();
    desk.write("book.abc", TUNE);
    for ending in ["wav", "flac", "ogg"] {
        desk.cantus(&format!("render book.abc#3 -o tune.{ending}")).well();
    }
    let wav = shown(&desk, "tune.wav");
    assert!((number(&wav, "lufs") + 16.0).abs() < 0.5 && number(&wav, "true_peak") <= -1.0, "{wav}");
    for (ending, format) in [("flac", "FLAC"), ("ogg", "Ogg")] {
        let other = shown(&desk, &format!("tune.{ending}"));
        assert_eq!(other["format"], format);
        for fact in ["rate", "channels", "frames"] {
            assert_eq!(other[fact], wav[fact], "{ending}: {fact}");
        }
        assert!((number(&other, "lufs") - number(&wav, "lufs")).abs() < 0.2, "{ending}: {other}");
    }
    desk.cantus("convert tune.flac again.flac").well();
    assert_eq!(shown(&desk, "again.flac")["frames"], wav["frames"]);
}

#[test]
fn sound_becomes_other_sound_at_another_rate_in_one_channel() {
    let desk = Desk::new();
    desk.write("book.abc", TUNE);
    desk.cantus("render book.abc#3 -o tune.wav").well();
    let before = shown(&desk, "tune.wav");
    let bytes = fs::read(desk.path("tune.wav")).unwrap();
    desk.cantus("convert tune.wav small.ogg --rate 22050 --mono").well();
    let after = shown(&desk, "small.ogg");
    assert_eq!((&after["rate"], &after["channels"]), (&22_050.into(), &1.into()));
    assert!((number(&after, "seconds") - number(&before, "seconds")).abs() < 1e-4, "{after}");
    // What is there is left as it is, also where it is named as the result.
    let refused = desk.cantus("convert tune.wav tune.wav");
    assert!(refused.code != 0 && fs::read(desk.path("tune.wav")).unwrap() == bytes);
    let cut = &bytes[..bytes.len() / 2];
    desk.write("cut.wav", cut);
    let run = desk.cantus("convert cut.wav cut.flac").well();
    assert!(run.err.contains("byte 40: the samples claim"), "{}", run.err);
    assert!(desk.cantus("convert cut.wav cut.flac --strict").code != 0);
}

#[test]
fn notes_are_not_made_of_sound_and_no_rate_is_made_up() {
    let desk = Desk::new();
    desk.write("book.abc", TUNE);
    desk.cantus("render book.abc#3 -o tune.wav").well();
    let run = desk.cantus("convert tune.wav tune.mid");
    assert!(run.code != 0 && run.err.contains("they are not heard in it"), "{}", run.err);
    let run = desk.cantus("convert tune.wav tune.flac --rate 5");
    assert!(run.code != 0 && run.err.contains("between 100 and 768000 Hz"), "{}", run.err);
    desk.write("opus.ogg", [b"OggS\0\x02".as_slice(), &[0; 22], b"OpusHead"].concat());
    let run = desk.cantus("convert opus.ogg tune.flac");
    assert!(run.code != 0, "{}", run.err);
}

#[test]
fn mp3_is_written_by_the_users_ffmpeg_or_what_to_do_is_told() {
    let desk = Desk::new();
    desk.write("book.abc", TUNE);
    let run = desk.cantus("render book.abc#3 -o tune.mp3");
    if Command::new("ffmpeg").arg("-version").output().is_ok() {
        assert_eq!(run.code, 0, "{}", run.err);
        assert_eq!(shown(&desk, "tune.mp3")["format"], "MP3");
    } else {
        assert!(run.code != 0 && run.err.contains("install ffmpeg"), "{}", run.err);
        assert_eq!(desk.files(), ["book.abc"]);
    }
}
