//! What becomes of single things in a file: bytes in, readable text out.

use std::fmt::Write as _;

use cantus_score::{Control, Read, Score, Strictness, TextKind, Timed, Velocity, midi};

use super::fixtures::{C4, E4, chunk, file, header, parallel, track};

/// The score as text: one line for the piece, one for each part, and one for each warning.
fn show(read: &Read<Score>) -> String {
    let score = &read.value;
    let mut line = format!("{} {:?}", score.resolution.ticks_per_quarter(), score.title);
    for tempo in &score.tempos {
        write!(line, " {}@{}", tempo.value.micros_per_quarter(), tempo.at.0).unwrap();
    }
    for meter in &score.meters {
        write!(line, " {}@{}", meter.value, meter.at.0).unwrap();
    }
    for key in &score.keys {
        write!(line, " {}@{}", key.value, key.at.0).unwrap();
    }
    for text in &score.texts {
        write!(line, " {:?} {:?}@{}", text.value.kind, text.value.text, text.at.0).unwrap();
    }
    let mut lines = vec![line];
    for track in &score.tracks {
        let mut line = format!("{} {:?}", track.channel.get() + 1, track.name);
        for control in &track.controls {
            write!(line, " {}", show_control(control)).unwrap();
        }
        for text in &track.texts {
            let mark = if text.value.kind == TextKind::Lyric { "" } else { "#" };
            write!(line, " {mark}{:?}@{}", text.value.text, text.at.0).unwrap();
        }
        for note in &track.notes {
            let velocity = note.velocity.map_or(0, Velocity::get);
            write!(line, " {}@{}+{}v{velocity}", note.pitch, note.start.0, note.length.0).unwrap();
        }
        lines.push(line);
    }
    lines.extend(read.warnings.iter().map(|warning| format!("! {warning}")));
    lines.join("\n")
}

fn show_control(control: &Timed<Control>) -> String {
    let what = match &control.value {
        Control::Program(program) => format!("program {}", program.get()),
        Control::Controller(number, value) => format!("cc {}={}", number.get(), value.get()),
        Control::Bend(bend) => format!("bend {}", bend.get()),
        Control::Pressure(value) => format!("pressure {}", value.get()),
        Control::KeyPressure(key, value) => format!("pressure {key}={}", value.get()),
        Control::SysEx(bytes) => format!("sysex {bytes:02X?}"),
        Control::Raw(bytes) => format!("raw {bytes:02X?}"),
        Control::Port(port) => format!("port {}", port.get()),
    };
    format!("{what}@{}", control.at.0)
}

#[track_caller]
fn check(bytes: &[u8], expected: &str) {
    let read = midi::read(bytes, Strictness::Tolerant).unwrap();
    let expected: Vec<&str> = expected.lines().map(str::trim).collect();
    assert_eq!(show(&read), expected.join("\n"));
    assert_eq!(midi::read(bytes, Strictness::Strict).is_ok(), read.warnings.is_empty());
}

#[track_caller]
fn check_refused(bytes: &[u8], expected: &str) {
    let error = midi::read(bytes, Strictness::Tolerant).unwrap_err();
    assert_eq!(error.to_string(), format!("a MIDI file begins with \"MThd\", but {expected}"));
}

/// The events of two notes with something between them.
fn between(middle: &[u8]) -> Vec<u8> {
    file(&[C4, middle, E4].concat())
}

#[test]
fn notes() {
    check(&between(b""), "96 \"\"\n1 \"\" C4@0+96v64 E4@96+96v80");
    // Overlapping notes of one key end in the order in which they began.
    let overlapping = [0, 0x90, 60, 1, 10, 60, 2, 10, 60, 0, 10, 60, 0];
    check(&file(&overlapping), "96 \"\"\n1 \"\" C4@0+20v1 C4@10+20v2");
    check(&file(&[0, 0x90, 60, 1, 0, 60, 0]), "96 \"\"\n1 \"\" C4@0+0v1");
    // A chord is sorted from below.
    check(&file(&[0, 0x90, 64, 1, 0, 60, 1, 9, 64, 0, 0, 60, 0]), "96 \"\"\n1 \"\" C4@0+9v1 E4@0+9v1");
}

#[test]
fn notes_without_end_or_beginning() {
    check(
        &file(&[0, 0x90, 60, 1, 10, 0x80, 61, 0, 10, 0xB0, 7, 1]),
        "96 \"\"\n1 \"\" cc 7=1@20 C4@0+20v1\n\
         ! track 1, byte 26: a note ends that has not begun (key 61)\n\
         ! track 1, byte 38: 1 note is never released and ends with the track",
    );
}

#[test]
fn running_status() {
    check(
        &file(&[0, 0x90, 60, 1, 5, 0xFF, 1, 1, b'x', 5, 60, 0, 0, 61, 1, 9, 61, 0]),
        "96 \"\"\n1 \"\" #\"x\"@5 C4@0+10v1 C#4@10+9v1\n\
         ! track 1, byte 31: running status goes on across a meta event or system message",
    );
    // After a live message too, and a status that nothing can follow is no status.
    check(
        &file(&[0, 0x90, 60, 1, 5, 0xF8, 5, 60, 0]),
        "96 \"\"\n1 \"\" C4@0+10v1\n! track 1, byte 26: a message for live connections (F8) was skipped",
    );
}

#[test]
fn bad_events_are_skipped() {
    check(
        &between(&[0, 0xE0]),
        "96 \"\"\n1 \"\" C4@0+96v64 E4@96+96v80\n! track 1, byte 30: a channel message is incomplete: 2 bytes were skipped",
    );
    check(
        &between(&[0, 0x90, 0xC0, 0xC0]),
        "96 \"\"\n1 \"\" C4@0+96v64 E4@96+96v80\n\
         ! track 1, byte 30: a message with the impossible number 192 was skipped",
    );
    check(
        &between(&[0, 0xB0, 7, 200]),
        "96 \"\"\n1 \"\" cc 7=127@96 C4@0+96v64 E4@96+96v80\n\
         ! track 1, byte 30: a value of 200 was taken as 127",
    );
    check(
        &between(&[0, 0xFF, 1, 0x7F, b'a', b'b']),
        "96 \"\"\n1 \"\" C4@0+96v64 E4@96+96v80\n\
         ! track 1, byte 30: an event reaches past the end of the track: 6 bytes were skipped",
    );
    check(
        &file(&[&[7, 60, 64], C4].concat()),
        "96 \"\"\n1 \"\" C4@0+96v64\n! track 1, byte 22: an event has no status: 3 bytes were skipped",
    );
}

#[test]
fn times() {
    check(
        &file(&[0x81, 0x80, 0x80, 0x80, 0, 0x90, 60, 64]),
        "96 \"\"\n1 \"\" C4@268435456+0v64\n\
         ! track 1, byte 22: a delta time has more than four bytes\n\
         ! track 1, byte 34: 1 note is never released and ends with the track",
    );
    let waits = [0xFF, 0xFF, 0xFF, 0x7F, 0xB0, 1, 1].repeat(17);
    let read = midi::read(&file(&[&waits, C4].concat()), Strictness::Tolerant).unwrap();
    assert_eq!(read.value.tracks[0].notes[0].start.0, u32::MAX);
    assert!(read.warnings[0].message.contains("time runs past"), "{:?}", read.warnings);
}

#[test]
fn changes_of_tempo_metre_and_key() {
    check(
        &file(b"\0\xFF\x51\x03\x07\xA1\x20\0\xFF\x58\x04\x06\x03\x24\x08\0\xFF\x59\x02\xFD\x01"),
        "96 \"\" 500000@0 6/8@0 C minor@0",
    );
    check(
        &file(b"\0\xFF\x51\x03\0\0\0\0\xFF\x58\x04\0\x02\x24\x08\0\xFF\x58\x04\x04\x20\x24\x08\0\xFF\x59\x02\x08\0\
                \0\xFF\x59\x02\0\x02"),
        "96 \"\"\n\
         ! track 1, byte 22: a tempo (microseconds a quarter) must be between 1 and 16777215, but was 0; it was ignored\n\
         ! track 1, byte 29: the upper number of a metre must be between 1 and 255, but was 0; it was ignored\n\
         ! track 1, byte 37: the lower number of a metre (a power of two) must be between 1 and 128, but was 256; it was ignored\n\
         ! track 1, byte 45: a key signature (sharps) must be between -7 and 7, but was 8; it was ignored\n\
         ! track 1, byte 51: a key signature has mode 0 (major) or 1 (minor), but this one 2; it was ignored",
    );
    // A wrong length is put right by what follows.
    check(
        &between(b"\0\xFF\x51\x04\x07\xA1\x20"),
        "96 \"\" 500000@96\n1 \"\" C4@0+96v64 E4@96+96v80\n\
         ! track 1, byte 30: a meta event 51 has 3 bytes, but this one has 4",
    );
    // The last of several at one tick holds.
    let twice: &[u8] = b"\0\xFF\x51\x03\0\0\x01\0\xFF\x51\x03\0\0\x02";
    check(&parallel(&[twice, &[b"\0\xFF\x51\x03\0\0\x03", C4].concat()]), "96 \"\" 3@0\n1 \"\" C4@0+96v64");
}

#[test]
fn resolutions() {
    let with_division = |division| [header(0, 1, division), track(C4)].concat();
    check(
        &with_division(0),
        "480 \"\"\n1 \"\" C4@0+96v64\n! byte 12: a resolution of zero; 480 ticks a quarter were taken",
    );
    // 25 frames of 40 ticks: a tick is a millisecond.
    check(&with_division(0xE728), "500 \"\" 500000@0\n1 \"\" C4@0+96v64");
    // 29.97 frames of 100 ticks.
    check(&with_division(0xE364), "1500 \"\" 500500@0\n1 \"\" C4@0+96v64");
    // 25 frames of 1 tick: a second is called a quarter, so that ticks stay whole.
    check(&with_division(0xE701), "25 \"\" 1000000@0\n1 \"\" C4@0+96v64");
    check(
        &[header(0, 1, 0xE728), track(b"\0\xFF\x51\x03\0\0\x01")].concat(),
        "500 \"\" 500000@0\n! track 1, byte 22: a tempo (1) in a file with SMPTE time was ignored",
    );
}

#[test]
fn formats() {
    let tracks = [track(&[b"\0\xFF\x03\x01a\0\xFF\x51\x03\0\0\x09", C4].concat()), track(E4)].concat();
    let with_format = |format| [header(format, 2, 96), tracks.clone()].concat();
    check(&with_format(1), "96 \"\" 9@0\n1 \"a\" C4@0+96v64\n1 \"\" E4@0+96v80");
    // Sequences follow one another, and the second begins with the tempo of a new file.
    check(&with_format(2), "96 \"\" 9@0 500000@96 Marker \"a\"@0\n1 \"a\" C4@0+96v64\n1 \"\" E4@96+96v80");
    check(
        &with_format(0),
        "96 \"\" 9@0\n1 \"a\" C4@0+96v64\n1 \"\" E4@0+96v80\n\
         ! byte 8: a file of format 0 has one track, but this one has 2",
    );
    check(
        &with_format(7),
        "96 \"\" 9@0\n1 \"a\" C4@0+96v64\n1 \"\" E4@0+96v80\n\
         ! byte 8: a MIDI file has format 0, 1 or 2, but this one has 7",
    );
}

#[test]
fn one_part_for_each_channel() {
    let events =
        [b"\0\xFF\x03\x04Name\0\xFF\x05\x02La\0\xF0\x02\x41\xF7", C4, &[0, 0x95, 60, 9, 1, 60, 0]].concat();
    check(
        &file(&events),
        "96 \"Name\"\n1 \"Name\" sysex [41, F7]@0 \"La\"@0 C4@0+96v64\n6 \"Name\" C4@96+1v9",
    );
    // A channel prefix names one of them.
    let named = b"\0\xFF\x20\x01\x05\0\xFF\x03\x05Flute\0\xFF\x05\x02Fa\0\x90\x3C\x09\x01\x3C\0\0\x95\x3C\x09\x01\x3C\0";
    check(&file(named), "96 \"\"\n6 \"Flute\" \"Fa\"@0 C4@1+1v9\n1 \"\" C4@0+1v9");
}

#[test]
fn chunks_that_play_nothing() {
    let conductor = b"\0\xFF\x03\x04Tune\0\xFF\x01\x02by\0\xFF\x02\x03(c)\0\xF0\x02\x41\xF7";
    let credits = b"\0\xFF\x03\x06thanks";
    let words = b"\0\xFF\x03\x05Words\x05\xFF\x05\x02La";
    check(
        &parallel(&[conductor, credits, C4, words]),
        "96 \"Tune\" Text \"by\"@0 Copyright \"(c)\"@0 Text \"thanks\"@0\n\
         1 \"\" sysex [41, F7]@0 C4@0+96v64\n1 \"Words\" \"La\"@5",
    );
    // A conductor that names a channel is still one.
    let prefixed = b"\0\xFF\x20\x01\0\0\xFF\x03\x04Tune\0\xFF\x01\x02by";
    check(&parallel(&[prefixed, C4]), "96 \"Tune\" Text \"by\"@0\n1 \"\" C4@0+96v64");
    check(&file(b"\0\xF0\x02\x41\xF7"), "96 \"\"\n1 \"\" sysex [41, F7]@0");
}

#[test]
fn system_messages() {
    check(
        &file(b"\0\xF0\x02\x41\x42\x05\xF7\x02\x43\xF7\0\xF7\x01\xFA"),
        "96 \"\"\n1 \"\" sysex [41, 42, 43, F7]@5 raw [FA]@5",
    );
    check(
        &file(b"\0\xF0\x01\x41\x05\xF0\x02\x42\xF7"),
        "96 \"\"\n1 \"\" sysex [41, F7]@5 sysex [42, F7]@5\n\
         ! track 1, byte 26: a system message before this has no end (F7)",
    );
    check(&file(&[b"\0\xFF\x21\x01\x03", C4].concat()), "96 \"\"\n1 \"\" port 3@0 C4@0+96v64");
}

#[test]
fn controls() {
    check(
        &file(&[
            0, 0xC2, 5, 1, 0xE2, 0, 0x40, 0, 0x7F, 0x7F, 0, 0, 0, 0, 0xD2, 9, 0, 0xA2, 60, 8, 0, 0xB2, 64,
            127,
        ]),
        "96 \"\"\n3 \"\" program 5@0 bend 0@1 bend 8191@1 bend -8192@1 pressure 9@1 pressure C4=8@1 cc 64=127@1",
    );
}

#[test]
fn texts_in_three_encodings() {
    let lyric = |text: &[u8]| [&[0, 0xFF, 5, text.len() as u8], text].concat();
    check(&file(&[lyric("é".as_bytes()), C4.to_vec()].concat()), "96 \"\"\n1 \"\" \"é\"@0 C4@0+96v64");
    check(
        &file(&[lyric(b"caf\xE9"), lyric(b"M\xFAsica"), lyric(b"don\x92t"), C4.to_vec()].concat()),
        "96 \"\"\n1 \"\" \"café\"@0 \"Música\"@0 \"don’t\"@0 C4@0+96v64",
    );
    // One syllable of hiragana decides for a kanji that alone could be two Western letters.
    check(
        &file(&[lyric(b"\x82\xA9"), lyric(b"\x89\xCC"), lyric(b"\xB6\xC5"), C4.to_vec()].concat()),
        "96 \"\"\n1 \"\" \"か\"@0 \"歌\"@0 \"ｶﾅ\"@0 C4@0+96v64",
    );
    check(
        &file(&[lyric(b"end\0\0"), lyric(b""), C4.to_vec()].concat()),
        "96 \"\"\n1 \"\" \"end\"@0 C4@0+96v64",
    );
}

#[test]
fn junk_and_wrappers() {
    let whole = file(C4);
    let music = "96 \"\"\n1 \"\" C4@0+96v64";
    check(
        &[b"junk".as_slice(), &whole].concat(),
        &format!("{music}\n! byte 0: 4 bytes before the MIDI header were skipped"),
    );
    let size = (whole.len() as u32).to_le_bytes();
    check(&[b"RIFF\0\0\0\0RMIDdata", size.as_slice(), &whole, b"LIST\x02\0\0\0xx"].concat(), music);
    check(
        &[&whole, b"\0\0\0".as_slice()].concat(),
        &format!("{music}\n! byte 34: 3 bytes that belong to no chunk were skipped"),
    );
    let unknown = [header(0, 1, 96), chunk(*b"XFIH", b"data"), track(C4)].concat();
    check(&unknown, &format!("{music}\n! byte 14: a chunk of unknown kind (XFIH) was skipped"));
}

#[test]
fn wrong_lengths() {
    let tracks = |length: u32| {
        let mut bytes = parallel(&[C4, E4]);
        bytes[18..22].copy_from_slice(&length.to_be_bytes());
        bytes
    };
    for length in [0, 3, 11, 13, 40, 1000, u32::MAX] {
        check(
            &tracks(length),
            &format!(
                "96 \"\"\n1 \"\" C4@0+96v64\n1 \"\" E4@0+96v80\n\
                 ! track 1, byte 18: the track says that it has {length} bytes, but its events take 12"
            ),
        );
    }
    let mut unended = header(1, 2, 96);
    unended.extend([chunk(*b"MTrk", C4), track(E4)].concat());
    check(
        &unended,
        "96 \"\"\n1 \"\" C4@0+96v64\n1 \"\" E4@0+96v80\n! track 1, byte 30: the track has no end-of-track event",
    );
}

#[test]
fn other_files_are_named() {
    check_refused(b"", "this file is empty");
    check_refused(b"hello", "this file has neither a MIDI header nor a MIDI track");
    check_refused(b"SMF2CLIP\0\x40\0\0", "this is a MIDI 2.0 clip file, which Cantus does not read");
    check_refused(b"RIFF\x24\0\0\0WAVEfmt ", "this is a WAV sound file");
    check_refused(b"OggS\0", "this is an Ogg sound file");
    check_refused(b"PK\x03\x04MThd", "this is a zip archive, perhaps compressed MusicXML");
}

#[test]
fn warnings_are_bounded() {
    let read = midi::read(&file(&[0, 0x80, 60, 0].repeat(500)), Strictness::Tolerant).unwrap();
    assert_eq!(read.warnings.len(), cantus_score::MOST_WARNINGS);
    assert_eq!(read.warnings[99].message, "and 401 more faults in this file");
}
