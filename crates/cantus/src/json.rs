//! A score as JSON, for programs that know no music formats, and back.

mod read;

pub use read::{is_score, read};

use cantus_compose::Trace;
use cantus_score::{Control, Note, Score, Text, TextKind, Timed, Track};
use serde_json::{Value, json};

/// Writes all that a score holds. Times are ticks; `resolution` is the ticks of a quarter note.
pub fn score(score: &Score) -> String {
    format!("{:#}\n", value(score))
}

/// The same with what was decided of it.
pub fn score_with_trace(score: &Score, trace: &Trace) -> String {
    let mut value = value(score);
    value["trace"] = json!(trace);
    format!("{value:#}\n")
}

fn value(score: &Score) -> Value {
    json!({
        "title": score.title,
        "resolution": score.resolution.ticks_per_quarter(),
        "beats": score.beats().0,
        "seconds": score.seconds().0,
        "tempos": timed(&score.tempos, |tempo| json!({ "bpm": tempo.bpm(), "micros": tempo.micros_per_quarter() })),
        "meters": timed(&score.meters, |meter| json!({ "meter": meter.to_string() })),
        "keys": timed(&score.keys, |key| json!({ "key": key.to_string(), "fifths": key.fifths() })),
        "texts": timed(&score.texts, text),
        "tracks": score.tracks.iter().map(track).collect::<Vec<_>>(),
    })
}

fn timed<T>(items: &[Timed<T>], value: impl Fn(&T) -> Value) -> Vec<Value> {
    let with_time = |item: &Timed<T>| {
        let mut object = value(&item.value);
        object["at"] = item.at.0.into();
        object
    };
    items.iter().map(with_time).collect()
}

fn track(track: &Track) -> Value {
    json!({
        "name": track.name,
        "channel": track.channel.get() + 1,
        "drums": track.is_drums(),
        "program": track.program().get(),
        "notes": track.notes.iter().map(note).collect::<Vec<_>>(),
        "controls": timed(&track.controls, control),
        "texts": timed(&track.texts, text),
    })
}

fn note(note: &Note) -> Value {
    let mut object = json!({ "at": note.start.0, "length": note.length.0, "pitch": note.pitch.get() });
    if let Some(velocity) = note.velocity {
        object["velocity"] = velocity.get().into();
    }
    if let Some(release) = note.release {
        object["release"] = release.get().into();
    }
    object
}

fn control(control: &Control) -> Value {
    match control {
        Control::Program(program) => json!({ "program": program.get() }),
        Control::Controller(number, value) => json!({ "controller": number.get(), "value": value.get() }),
        Control::Bend(bend) => json!({ "bend": bend.get() }),
        Control::Pressure(value) => json!({ "pressure": value.get() }),
        Control::KeyPressure(pitch, value) => json!({ "key_pressure": pitch.get(), "value": value.get() }),
        Control::Raw(bytes) => json!({ "raw": bytes }),
        Control::Port(port) => json!({ "port": port.get() }),
        Control::SysEx(bytes) => json!({ "sysex": bytes }),
    }
}

/// The kinds of texts with their names.
const KINDS: [(TextKind, &str); 6] = [
    (TextKind::Text, "text"),
    (TextKind::Copyright, "copyright"),
    (TextKind::Lyric, "lyric"),
    (TextKind::Marker, "marker"),
    (TextKind::Cue, "cue"),
    (TextKind::Instrument, "instrument"),
];

fn text(text: &Text) -> Value {
    let kind = KINDS.iter().find(|(kind, _)| *kind == text.kind).map_or("text", |(_, name)| name);
    json!({ "kind": kind, "text": text.text })
}
