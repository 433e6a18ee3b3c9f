//! What holds of the reader and the writer together.

use proptest::prelude::*;

use super::event::{self, Event, Step};
use super::{MidiError, canonical, read, write};
use crate::{
    Bend, Channel, Control, Data, Key, Meter, Mode, Note, Pitch, Program, Resolution, Score, Strictness,
    Tempo, Text, TextKind, Ticks, Timed, Track, Velocity,
};

fn data() -> impl Strategy<Value = Data> {
    (0i64..128).prop_map(Data::saturating)
}

/// Bytes of which events are likely.
fn event_byte() -> impl Strategy<Value = u8> {
    prop_oneof![3 => 0u8..0x80, 1 => any::<u8>(), 1 => 0x80u8..0xF0]
}

/// Mostly near times, so that things share ticks, and some far beyond what one delta time can tell.
fn ticks() -> impl Strategy<Value = Ticks> {
    prop_oneof![12 => 0u32..40, 3 => 0u32..5000, 1 => any::<u32>()].prop_map(Ticks)
}

fn timed<T: std::fmt::Debug>(value: impl Strategy<Value = T>) -> impl Strategy<Value = Timed<T>> {
    (ticks(), value).prop_map(|(at, value)| Timed::new(at, value))
}

fn note() -> impl Strategy<Value = Note> {
    let velocity = proptest::option::of((1i64..128).prop_map(Velocity::saturating));
    (ticks(), ticks(), 58i64..63, velocity, proptest::option::of(data())).prop_map(
        |(start, length, pitch, velocity, release)| Note {
            start,
            pitch: Pitch::saturating(pitch),
            length,
            velocity,
            release,
        },
    )
}

fn control() -> impl Strategy<Value = Control> {
    let bytes = || proptest::collection::vec(any::<u8>(), 0..6);
    prop_oneof![
        (0i64..128).prop_map(|program| Control::Program(Program::saturating(program))),
        (data(), data()).prop_map(|(number, value)| Control::Controller(number, value)),
        (-8192i64..8192).prop_map(|bend| Control::Bend(Bend::saturating(bend))),
        data().prop_map(Control::Pressure),
        (0i64..128, data()).prop_map(|(key, value)| Control::KeyPressure(Pitch::saturating(key), value)),
        bytes().prop_map(Control::SysEx),
        bytes().prop_map(Control::Raw),
        data().prop_map(Control::Port),
    ]
}

fn string() -> impl Strategy<Value = String> {
    prop_oneof!["[a-zA-Z ]{0,8}", "\\PC{0,6}", "[あ-んÀ-ÿ\0]{0,5}"]
}

fn text() -> impl Strategy<Value = Text> {
    use TextKind::{Copyright, Cue, Instrument, Lyric, Marker};
    let kinds = [TextKind::Text, Copyright, Lyric, Marker, Cue, Instrument];
    (proptest::sample::select(kinds.to_vec()), string()).prop_map(|(kind, text)| Text { kind, text })
}

fn track() -> impl Strategy<Value = Track> {
    use proptest::collection::vec;
    let events = (vec(note(), 0..20), vec(timed(control()), 0..8), vec(timed(text()), 0..4));
    (string(), 0i64..16, events).prop_map(|(name, channel, (notes, controls, texts))| Track {
        name,
        channel: Channel::saturating(channel),
        notes,
        controls,
        texts,
    })
}

/// Any score at all, sorted or not.
fn score() -> impl Strategy<Value = Score> {
    use proptest::collection::vec;
    let tempo = (1i64..0x100_0000).prop_map(|micros| Tempo::from_micros(micros).unwrap());
    let meter = (1i64..256, 0u32..8).prop_map(|(beats, power)| Meter::new(beats, 1 << power).unwrap());
    let key = (-7i64..8, any::<bool>())
        .prop_map(|(fifths, minor)| Key::new(fifths, if minor { Mode::Minor } else { Mode::Major }).unwrap());
    let changes = (vec(timed(tempo), 0..4), vec(timed(meter), 0..4), vec(timed(key), 0..4));
    let texts = vec(timed(text()), 0..4);
    (1i64..32_768, string(), changes, texts, vec(track(), 0..5)).prop_map(
        |(resolution, title, (tempos, meters, keys), texts, tracks)| Score {
            resolution: Resolution::new(resolution).unwrap(),
            title,
            tempos,
            meters,
            keys,
            texts,
            tracks,
        },
    )
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(score in score()) {
        let bytes = write(&score).unwrap();
        let back = read(&bytes, Strictness::Strict).unwrap();
        prop_assert_eq!(&back.value, &canonical(&score));
        prop_assert!(back.warnings.is_empty());
    }

    #[test]
    fn what_is_canonical_stays(score in score()) {
        let once = canonical(&score);
        prop_assert_eq!(canonical(&once), once);
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = read(&bytes, Strictness::Tolerant);
        let track = [b"MThd\0\0\0\x06\0\x01\0\x01\x01\xE0MTrk\0\0\0\xC8".as_slice(), &bytes].concat();
        prop_assert!(read(&track, Strictness::Tolerant).is_ok());
    }

    /// The fast way to read an event and the general one agree.
    #[test]
    fn quick_events_are_the_same(bytes in proptest::collection::vec(event_byte(), 0..12), running in any::<u8>()) {
        let running = if running < 0x40 { 0 } else { 0x80 | (running % 0x70) };
        if let Some(quick) = event::quick(&bytes, 0, running) {
            let step = event::scan(&bytes, 0, running).unwrap();
            let [status, first, second] = quick.message;
            prop_assert_eq!(step.event, Event::Channel { status, first, second });
            prop_assert_eq!((step.delta, step.next), (quick.delta, quick.next));
        } else if bytes.len() >= 7 && bytes[..3].iter().any(|&byte| byte < 0x80) {
            let scanned = event::scan(&bytes, 0, running);
            let is_message = matches!(scanned, Ok(Step { event: Event::Channel { .. }, .. }));
            prop_assert!(!is_message, "{scanned:?} is left to the slow way");
        }
    }

    /// Midly, which is strict here, understands our files as we do.
    #[test]
    fn another_reader_finds_the_same_notes(score in score()) {
        let bytes = write(&score).unwrap();
        let smf = midly::Smf::parse(&bytes).unwrap();
        let presses = smf.tracks.iter().flatten().filter(|event| matches!(
            event.kind,
            midly::TrackEventKind::Midi { message: midly::MidiMessage::NoteOn { vel, .. }, .. } if vel > 0
        ));
        prop_assert_eq!(presses.count(), score.note_count());
        prop_assert_eq!(smf.tracks.len(), score.tracks.len() + 1);
    }
}

#[test]
fn too_many_parts_are_refused() {
    let mut score = Score::new(Resolution::STANDARD);
    score.tracks = vec![Track::new("", Channel::MIN, Program::PIANO); 65_535];
    assert_eq!(write(&score), Err(MidiError::TooManyParts(65_535)));
}
