//! What stands around the notes: attributes, directions, chord symbols, bar lines.

use super::note::percent;
use super::out::Out;
use crate::musicxml::attributes::{near, shift};
use crate::musicxml::harmony::KINDS;
use crate::musicxml::names;
use crate::sheet::{Bar, ChordSymbol, Clef, Jump, Transposition, dynamics};
use crate::{Key, Meter, Mode, Tempo, Text, TextKind, Velocity};

/// Something at a time in a bar.
pub(super) enum Mark<'a> {
    Clef(u8, Clef),
    Tempo(Tempo),
    /// A text of the whole piece.
    Text(&'a Text),
    /// Words of the part.
    Words(&'a Text),
    Dynamics(Velocity),
    Chord(&'a ChordSymbol),
    Jump(Jump),
}

impl Mark<'_> {
    pub(super) fn write(&self, out: &mut Out, many_staves: bool) {
        match self {
            Self::Clef(staff, clef) => {
                out.open("attributes", "");
                clef_sign(out, many_staves.then_some(*staff), *clef);
                out.close();
            }
            Self::Tempo(tempo) => self::tempo(out, *tempo),
            Self::Text(text) if text.kind == TextKind::Marker => {
                direction(out, " placement=\"above\"", |out| out.text("rehearsal", "", &text.text), "");
            }
            Self::Text(text) => {
                let attributes = " placement=\"above\" directive=\"yes\"";
                direction(out, attributes, |out| out.text("words", "", &text.text), "");
            }
            Self::Words(text) => {
                direction(out, " placement=\"above\"", |out| out.text("words", "", &text.text), "");
            }
            Self::Dynamics(velocity) => {
                let sign = |out: &mut Out| {
                    out.open("dynamics", "");
                    out.empty(dynamics::sign_of(*velocity), "");
                    out.close();
                };
                let sound = format!(" dynamics=\"{}\"", percent(*velocity));
                direction(out, " placement=\"below\"", sign, &sound);
            }
            Self::Chord(chord) => harmony(out, chord),
            Self::Jump(jump) => self::jump(out, *jump),
        }
    }
}

/// A direction; `sound` holds the attributes of its sound, none where it is empty.
fn direction(out: &mut Out, attributes: &str, kind: impl FnOnce(&mut Out), sound: &str) {
    out.open("direction", attributes);
    out.open("direction-type", "");
    kind(out);
    out.close();
    if !sound.is_empty() {
        out.empty("sound", sound);
    }
    out.close();
}

/// A tempo, told so exactly that reading gives it back.
fn tempo(out: &mut Out, tempo: Tempo) {
    let exact = |decimals: usize| format!("{:.decimals$}", tempo.bpm());
    let gives_back = |text: &String| text.parse().is_ok_and(|bpm| Tempo::from_bpm(bpm) == Ok(tempo));
    let sound = (0..9).map(exact).find(gives_back).unwrap_or_else(|| tempo.bpm().to_string());
    let mark = |out: &mut Out| {
        out.open("metronome", "");
        out.plain("beat-unit", "quarter");
        out.plain("per-minute", tempo.bpm().round());
        out.close();
    };
    direction(out, " placement=\"above\"", mark, &format!(" tempo=\"{sound}\""));
}

fn jump(out: &mut Out, jump: Jump) {
    let (words, sound) = match jump {
        Jump::Segno => ("", " segno=\"segno\""),
        Jump::Coda => ("", " coda=\"coda\""),
        Jump::ToCoda => ("To Coda", " tocoda=\"coda\""),
        Jump::Fine => ("Fine", " fine=\"yes\""),
        Jump::DaCapo => ("D.C.", " dacapo=\"yes\""),
        Jump::DalSegno => ("D.S.", " dalsegno=\"segno\""),
    };
    let sign = |out: &mut Out| match jump {
        Jump::Segno => out.empty("segno", ""),
        Jump::Coda => out.empty("coda", ""),
        _ => out.plain("words", words),
    };
    direction(out, " placement=\"above\"", sign, sound);
}

fn harmony(out: &mut Out, chord: &ChordSymbol) {
    out.open("harmony", "");
    out.open("root", "");
    out.plain("root-step", chord.root.step.letter());
    if chord.root.alter != 0 {
        out.plain("root-alter", chord.root.alter);
    }
    out.close();
    let (kind, degrees) = kind_of(&chord.suffix);
    let text = format!(" text=\"{}\"", super::out::escaped(&chord.suffix));
    out.text("kind", &text, kind);
    if let Some(bass) = chord.bass {
        out.open("bass", "");
        out.plain("bass-step", bass.step.letter());
        if bass.alter != 0 {
            out.plain("bass-alter", bass.alter);
        }
        out.close();
    }
    for degree in degrees {
        out.open("degree", "");
        out.plain("degree-value", degree.value);
        out.plain("degree-alter", degree.alter);
        out.plain("degree-type", degree.kind);
        out.close();
    }
    out.close();
}

/// A degree that a chord has more, less or otherwise.
struct Degree {
    value: u8,
    alter: i8,
    kind: &'static str,
}

/// The kind of chord that a suffix names, with its degrees; "other" where it is not known.
fn kind_of(suffix: &str) -> (&'static str, Vec<Degree>) {
    let mut kinds: Vec<_> = KINDS.iter().filter(|kind| suffix.starts_with(kind.1)).collect();
    kinds.sort_by_key(|kind| std::cmp::Reverse(kind.1.len()));
    let known = kinds.into_iter().find_map(|kind| {
        let rest = suffix.get(kind.1.len()..)?;
        Some((kind.0, degrees(rest)?))
    });
    known.unwrap_or_else(|| ("other", Vec::new()))
}

/// The degrees in a text such as `b9#11no3`; nothing where it holds anything else.
fn degrees(mut text: &str) -> Option<Vec<Degree>> {
    const SIGNS: [(&str, i8, &str); 4] =
        [("add", 0, "add"), ("no", 0, "subtract"), ("b", -1, "alter"), ("#", 1, "alter")];
    let mut degrees = Vec::new();
    while !text.is_empty() {
        let (sign, alter, kind) = SIGNS.into_iter().find(|sign| text.starts_with(sign.0))?;
        let rest = text.get(sign.len()..)?;
        let digits = rest.len() - rest.trim_start_matches(|char: char| char.is_ascii_digit()).len();
        degrees.push(Degree { value: rest.get(..digits)?.parse().ok()?, alter, kind });
        text = rest.get(digits..)?;
        // A number is written as it is read.
        if degrees.last().is_some_and(|degree| degree.value.to_string().len() != digits) {
            return None;
        }
    }
    Some(degrees)
}

/// A clef, with the number of its staff where there are several.
pub(super) fn clef_sign(out: &mut Out, staff: Option<u8>, clef: Clef) {
    let (sign, line, octaves) = names::clef_sign(clef);
    out.open("clef", &staff.map_or_else(String::new, |staff| format!(" number=\"{staff}\"")));
    out.plain("sign", sign);
    if clef != Clef::Percussion {
        out.plain("line", line);
    }
    if octaves != 0 {
        out.plain("clef-octave-change", octaves);
    }
    out.close();
}

pub(super) fn key(out: &mut Out, key: Key, transposition: Transposition) {
    out.open("key", "");
    out.plain("fifths", written_fifths(key, transposition));
    out.plain("mode", if key.mode() == Mode::Minor { "minor" } else { "major" });
    out.close();
}

/// The signature as it is written for an instrument.
pub(super) fn written_fifths(key: Key, transposition: Transposition) -> i64 {
    near(i64::from(key.fifths()) - shift(transposition))
}

pub(super) fn time(out: &mut Out, meter: Meter) {
    out.open("time", "");
    out.plain("beats", meter.beats());
    out.plain("beat-type", meter.unit());
    out.close();
}

pub(super) fn transpose(out: &mut Out, transposition: Transposition) {
    let octaves = transposition.semitones / 12;
    out.open("transpose", "");
    out.plain("diatonic", transposition.steps - 7 * octaves);
    out.plain("chromatic", transposition.semitones - 12 * octaves);
    if octaves != 0 {
        out.plain("octave-change", octaves);
    }
    out.close();
}

/// The bar line before a bar.
pub(super) fn bar_line_before(out: &mut Out, before: Option<&Bar>, bar: &Bar) {
    let bracket = !bar.repeats.endings.is_empty()
        && before.is_none_or(|before| {
            before.repeats.endings != bar.repeats.endings || before.repeats.ends.is_some()
        });
    if !bracket && !bar.repeats.begins {
        return;
    }
    out.open("barline", " location=\"left\"");
    if bar.repeats.begins {
        out.plain("bar-style", "heavy-light");
    }
    if bracket {
        out.empty("ending", &format!(" number=\"{}\" type=\"start\"", passes(bar)));
    }
    if bar.repeats.begins {
        out.empty("repeat", " direction=\"forward\"");
    }
    out.close();
}

/// The bar line after a bar.
pub(super) fn bar_line_after(out: &mut Out, bar: &Bar, after: Option<&Bar>) {
    let bracket = !bar.repeats.endings.is_empty()
        && after
            .is_none_or(|after| after.repeats.endings != bar.repeats.endings || bar.repeats.ends.is_some());
    if !bracket && bar.repeats.ends.is_none() && after.is_some() {
        return;
    }
    out.open("barline", " location=\"right\"");
    if bar.repeats.ends.is_some() || after.is_none() {
        out.plain("bar-style", "light-heavy");
    }
    if bracket {
        let kind = if bar.repeats.ends.is_some() { "stop" } else { "discontinue" };
        out.empty("ending", &format!(" number=\"{}\" type=\"{kind}\"", passes(bar)));
    }
    if let Some(times) = bar.repeats.ends {
        let told = times != 2 || bar.repeats.endings.len() > 1;
        let times = if told { format!(" times=\"{times}\"") } else { String::new() };
        out.empty("repeat", &format!(" direction=\"backward\"{times}"));
    }
    out.close();
}

fn passes(bar: &Bar) -> String {
    let passes: Vec<String> = bar.repeats.endings.iter().map(u8::to_string).collect();
    passes.join(",")
}
