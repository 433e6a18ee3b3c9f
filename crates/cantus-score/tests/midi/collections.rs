//! The collections of real and made files, where they are at hand.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use cantus_score::midi::{self, damage};
use cantus_score::{Strictness, Ticks};

const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data");

/// A file or folder of the data, or nothing, with a line that says so, where it is absent.
fn data(path: &str) -> Option<PathBuf> {
    let path = Path::new(DATA).join(path);
    if path.exists() {
        return Some(path);
    }
    println!("skipped: {} is not there", path.display());
    None
}

/// All files under a folder with their names, in order.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let read = |path: PathBuf| {
        if path.is_dir() {
            files(&path)
        } else {
            vec![(path.display().to_string(), fs::read(&path).unwrap())]
        }
    };
    paths.into_iter().flat_map(read).collect()
}

/// Every so many of the MIDI files in an archive.
fn archived(path: &str, step: usize) -> Vec<(String, Vec<u8>)> {
    let Some(path) = data(path) else { return Vec::new() };
    let mut archive = zip::ZipArchive::new(fs::File::open(path).unwrap()).unwrap();
    let mut found = Vec::new();
    for index in (0..archive.len()).step_by(step) {
        let mut entry = archive.by_index(index).unwrap();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        if entry.is_file() {
            found.push((entry.name().unwrap().into_owned(), bytes));
        }
    }
    found
}

/// A text as a message; an empty one says nothing.
fn words(kind: &str, bytes: &[u8]) -> String {
    let latin = || bytes.iter().map(|&byte| char::from(byte)).collect();
    let text = std::str::from_utf8(bytes).map_or_else(|_| latin(), str::to_owned);
    let text = text.trim_end_matches('\0');
    if text.is_empty() { String::new() } else { format!("{kind} {text}") }
}

/// What the messages of a track say, sorted, wherever the file puts them: written independently of our reader
/// on midly's, as a list of (tick, message in words).
fn audible(bytes: &[u8]) -> Option<Vec<(u64, String)>> {
    use midly::{MetaMessage, MidiMessage, Smf, TrackEventKind};
    let smf = Smf::parse(bytes).ok()?;
    let mut found = Vec::new();
    // Of tempos, metres and keys at one tick only the last is heard.
    let mut changes = BTreeMap::new();
    for track in &smf.tracks {
        let mut now = 0;
        for event in track {
            now += u64::from(event.delta.as_int());
            let what = match event.kind {
                TrackEventKind::Midi { channel, message: MidiMessage::NoteOn { key, vel } } if vel == 0 => {
                    format!("{channel} off {key}")
                }
                TrackEventKind::Midi { channel, message: MidiMessage::NoteOff { key, .. } } => {
                    format!("{channel} off {key}")
                }
                TrackEventKind::Midi { channel, message } => format!("{channel} {message:?}"),
                TrackEventKind::SysEx(bytes) => format!("sysex {bytes:?}"),
                TrackEventKind::Escape(bytes) => format!("escape {bytes:?}"),
                TrackEventKind::Meta(MetaMessage::TimeSignature(beats, power, ..)) => {
                    changes.insert((now, "metre"), format!("{beats}/2^{power}"));
                    continue;
                }
                TrackEventKind::Meta(MetaMessage::Tempo(micros)) => {
                    changes.insert((now, "tempo"), micros.to_string());
                    continue;
                }
                TrackEventKind::Meta(MetaMessage::KeySignature(fifths, minor)) => {
                    changes.insert((now, "key"), format!("{fifths} {minor}"));
                    continue;
                }
                TrackEventKind::Meta(
                    MetaMessage::EndOfTrack
                    | MetaMessage::SequencerSpecific(_)
                    | MetaMessage::SmpteOffset(_)
                    | MetaMessage::MidiChannel(_)
                    | MetaMessage::TrackNumber(_)
                    | MetaMessage::DeviceName(_)
                    | MetaMessage::ProgramName(_)
                    | MetaMessage::Unknown(..),
                ) => continue,
                // A name stays at the beginning; the name of a chunk that plays nothing becomes a text.
                TrackEventKind::Meta(MetaMessage::TrackName(text)) => {
                    found.push((0, words("text", text)));
                    continue;
                }
                TrackEventKind::Meta(MetaMessage::Text(text)) => words("text", text),
                TrackEventKind::Meta(MetaMessage::Lyric(text)) => words("lyric", text),
                TrackEventKind::Meta(MetaMessage::Marker(text)) => words("marker", text),
                TrackEventKind::Meta(MetaMessage::CuePoint(text)) => words("cue", text),
                TrackEventKind::Meta(MetaMessage::Copyright(text)) => words("copyright", text),
                TrackEventKind::Meta(MetaMessage::InstrumentName(text)) => words("instrument", text),
                TrackEventKind::Meta(message) => format!("{message:?}"),
            };
            found.push((now, what));
        }
    }
    found.extend(changes.into_iter().map(|((at, kind), value)| (at, format!("{kind} {value}"))));
    found.retain(|(_, what)| !what.is_empty());
    found.sort();
    Some(found)
}

/// Nothing that midly hears in the file is missing from what we write of it, nor added.
fn assert_nothing_audible_is_lost(name: &str, bytes: &[u8]) {
    let Ok(read) = midi::read(bytes, Strictness::Strict) else { return };
    let written = midi::write(&read.value).unwrap();
    let (Some(before), Some(after)) = (audible(bytes), audible(&written)) else {
        panic!("{name}: midly refuses what we read without a warning");
    };
    let only = |these: &[(u64, String)], those: &[(u64, String)]| {
        these.iter().filter(|event| those.binary_search(event).is_err()).take(3).cloned().collect::<Vec<_>>()
    };
    let (lost, added) = (only(&before, &after), only(&after, &before));
    assert!(lost.is_empty() && added.is_empty(), "{name}: lost {lost:?}, added {added:?}");
}

#[test]
fn every_file_for_decoders_is_read_or_refused_and_comes_back() {
    let Some(folder) = data("formats/midi") else { return };
    for (name, bytes) in files(&folder) {
        damage::check(&bytes).unwrap_or_else(|why| panic!("{name}: {why}"));
        let refused = midi::read(&bytes, Strictness::Tolerant).is_err();
        let no_midi =
            ["midi2", "test-empty-file", "test-not-a-midi-file"].iter().any(|part| name.contains(part));
        assert_eq!(refused, no_midi, "{name}");
    }
}

#[test]
fn damaged_copies_of_the_files_for_decoders_are_rescued_or_refused() {
    let Some(folder) = data("formats/midi") else { return };
    let files: Vec<Vec<u8>> = files(&folder).into_iter().map(|(_, bytes)| bytes).collect();
    damage::check_copies(&files, 1500, 2, |_| {}).unwrap();
}

#[test]
fn real_files_come_back_and_nothing_audible_is_lost() {
    let archives = [
        ("multi/freedoom_midi/midi.zip", 8),
        ("drums/groove/midi.zip", 50),
        ("pop/pop909/midi.zip", 60),
        ("piano/piano_midi_de/midi.zip", 30),
        ("folk/nottingham/midi.zip", 60),
    ];
    for (name, bytes) in archives.into_iter().flat_map(|(path, step)| archived(path, step)) {
        damage::check(&bytes).unwrap_or_else(|why| panic!("{name}: {why}"));
        assert_nothing_audible_is_lost(&name, &bytes);
    }
}

/// What the maker of the files says of them, as notes, resolution and whether there are warnings.
#[test]
fn made_files_are_read_as_they_were_meant() {
    let Some(folder) = data("formats/midi/made") else { return };
    let expected = [
        ("valid/made_two_part", 48, 480, false),
        ("odd/empty_track_only", 0, 480, false),
        ("odd/format2", 48, 480, false),
        ("odd/header_len_10", 24, 480, true),
        ("odd/missing_end_of_track", 24, 480, true),
        ("odd/note_never_off", 2, 480, true),
        ("odd/ntracks_too_few", 24, 480, true),
        ("odd/ntracks_too_many", 24, 480, true),
        ("odd/overlapping_same_pitch", 2, 480, false),
        ("odd/ppq_1", 24, 1, false),
        ("odd/ppq_32767", 24, 32_767, false),
        ("odd/running_status", 3, 480, false),
        ("odd/running_status_after_meta", 2, 480, true),
        ("odd/seven_eight_and_pickup", 24, 480, false),
        ("odd/smpte_division_25_40", 24, 500, false),
        ("odd/tempo_changes", 24, 480, false),
        ("odd/trailing_garbage", 48, 480, true),
        ("odd/unknown_chunk_between", 24, 480, true),
        ("broken/bad_magic", 48, 480, true),
        ("broken/data_without_status", 0, 480, true),
        ("broken/division_zero", 24, 480, true),
        ("broken/header_len_4", 24, 480, true),
        ("broken/track_len_too_big", 24, 480, true),
        ("broken/track_len_too_small", 24, 480, true),
        ("broken/trunc_25", 8, 480, true),
        ("broken/trunc_50", 22, 480, true),
        ("broken/trunc_90", 43, 480, true),
        ("broken/vlq_five_bytes", 1, 480, true),
    ];
    for (name, notes, resolution, warns) in expected {
        let bytes = fs::read(folder.join(format!("{name}.mid"))).unwrap();
        let read = midi::read(&bytes, Strictness::Tolerant).unwrap();
        let found =
            (read.value.note_count(), read.value.resolution.ticks_per_quarter(), !read.warnings.is_empty());
        assert_eq!(found, (notes, resolution, warns), "{name}: {:?}", read.warnings);
    }
}

#[test]
fn the_whole_scale_of_a_file_with_wrong_lengths_is_rescued() {
    let Some(folder) = data("formats/midi/made/broken") else { return };
    let ends = ["track_len_too_big", "track_len_too_small"].map(|name| {
        let bytes = fs::read(folder.join(format!("{name}.mid"))).unwrap();
        midi::read(&bytes, Strictness::Tolerant).unwrap().value.end()
    });
    assert!(ends[0] > Ticks::ZERO && ends[0] == ends[1]);
}
