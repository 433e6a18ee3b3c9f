//! From JSON to a score.

use cantus_score::{
    Bend, Channel, Control, Data, Key, Meter, Mode, Note, Pitch, Program, Resolution, Score, Tempo, Text,
    TextKind, Ticks, Timed, Track, Velocity,
};
use serde_json::Value;

use super::KINDS;

/// What a number in a score says that is none, or beyond its range: the place, and why.
type Fault = String;

/// Whether a file begins as the JSON of a score does: an object that names a resolution.
pub fn is_score(bytes: &[u8]) -> bool {
    let text = bytes.trim_ascii();
    text.starts_with(b"{")
        && text.ends_with(b"}")
        && text.windows(12).any(|part| part == b"\"resolution\"")
        && text.windows(8).any(|part| part == b"\"tracks\"")
}

/// Reads what [`score`](super::score) writes. Fails, with the place, where something is missing or beyond its range.
pub fn read(bytes: &[u8]) -> Result<Score, String> {
    let value: Value = serde_json::from_slice(bytes)
        .map_err(|error| format!("a score in JSON must be one whole object, but is not ({error})"))?;
    let resolution = Resolution::new(number(&value, "resolution")?).map_err(|error| error.to_string())?;
    let mut score = Score::new(resolution);
    word(&value, "title").clone_into(&mut score.title);
    score.tempos = timed(&value, "tempos", |item| ranged(Tempo::from_micros(number(item, "micros")?)))?;
    score.meters = timed(&value, "meters", meter)?;
    score.keys = timed(&value, "keys", key)?;
    score.texts = timed(&value, "texts", |item| Ok(text(item)))?;
    score.tracks = items(&value, "tracks").iter().map(track).collect::<Result<_, _>>()?;
    Ok(score)
}

fn track(value: &Value) -> Result<Track, Fault> {
    let channel = ranged(Channel::new(number(value, "channel")? - 1))?;
    let mut track = Track::new(word(value, "name"), channel, Program::PIANO);
    track.controls = timed(value, "controls", control)?;
    track.texts = timed(value, "texts", |item| Ok(text(item)))?;
    track.notes = items(value, "notes").iter().map(note).collect::<Result<_, _>>()?;
    track.notes.sort_unstable();
    Ok(track)
}

fn note(value: &Value) -> Result<Note, Fault> {
    let pitch = ranged(Pitch::new(number(value, "pitch")?))?;
    let mut note = Note::new(ticks(value, "at")?, ticks(value, "length")?, pitch);
    if value.get("velocity").is_some() {
        note.velocity = Some(ranged(Velocity::new(number(value, "velocity")?))?);
    }
    if value.get("release").is_some() {
        note.release = Some(ranged(Data::new(number(value, "release")?))?);
    }
    Ok(note)
}

fn control(value: &Value) -> Result<Control, Fault> {
    let data = |name| ranged(Data::new(number(value, name)?));
    let has = |name| value.get(name).is_some();
    if has("program") {
        return ranged(Program::new(number(value, "program")?)).map(Control::Program);
    }
    if has("controller") {
        return Ok(Control::Controller(data("controller")?, data("value")?));
    }
    if has("bend") {
        return ranged(Bend::new(number(value, "bend")?)).map(Control::Bend);
    }
    if has("key_pressure") {
        let pitch = ranged(Pitch::new(number(value, "key_pressure")?))?;
        return Ok(Control::KeyPressure(pitch, data("value")?));
    }
    if has("pressure") {
        return data("pressure").map(Control::Pressure);
    }
    if has("port") {
        return data("port").map(Control::Port);
    }
    let bytes = |name| items(value, name).iter().filter_map(Value::as_u64).map(|byte| byte as u8).collect();
    if has("sysex") {
        return Ok(Control::SysEx(bytes("sysex")));
    }
    if has("raw") { Ok(Control::Raw(bytes("raw"))) } else { Err(wrong("a control", value)) }
}

fn meter(value: &Value) -> Result<Meter, Fault> {
    let told = word(value, "meter");
    let numbers =
        told.split_once('/').and_then(|(over, under)| Some((over.parse().ok()?, under.parse().ok()?)));
    let (over, under): (i64, i64) = numbers.ok_or_else(|| wrong("a metre such as 3/4", value))?;
    ranged(Meter::new(over, under))
}

fn key(value: &Value) -> Result<Key, Fault> {
    let mode = if word(value, "key").ends_with("minor") { Mode::Minor } else { Mode::Major };
    ranged(Key::new(number(value, "fifths")?, mode))
}

fn text(value: &Value) -> Text {
    let name = word(value, "kind");
    let kind = KINDS.iter().find(|(_, known)| *known == name).map_or(TextKind::Text, |(kind, _)| *kind);
    Text { kind, text: word(value, "text").to_owned() }
}

/// The items of a list with their times, sorted.
fn timed<T>(
    value: &Value,
    name: &str,
    read: impl Fn(&Value) -> Result<T, Fault>,
) -> Result<Vec<Timed<T>>, Fault> {
    let item = |item: &Value| Ok(Timed::new(ticks(item, "at")?, read(item)?));
    let mut all: Vec<Timed<T>> = items(value, name).iter().map(item).collect::<Result<_, Fault>>()?;
    all.sort_by_key(|item| item.at);
    Ok(all)
}

fn items<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn word<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn number(value: &Value, name: &str) -> Result<i64, Fault> {
    value.get(name).and_then(Value::as_i64).ok_or_else(|| wrong(&format!("a whole number {name:?}"), value))
}

fn ticks(value: &Value, name: &str) -> Result<Ticks, Fault> {
    let number = number(value, name)?;
    u32::try_from(number)
        .map(Ticks)
        .map_err(|_| wrong(&format!("a time {name:?} of up to {}", u32::MAX), value))
}

fn ranged<T, E: std::fmt::Display>(value: Result<T, E>) -> Result<T, Fault> {
    value.map_err(|error| format!("a score in JSON: {error}"))
}

/// Says what is wanted where something else stands, of which the beginning is shown.
fn wrong(what: &str, value: &Value) -> Fault {
    let shown: String = value.to_string().chars().take(60).collect();
    format!("a score in JSON must have {what} here, but has {shown}")
}
