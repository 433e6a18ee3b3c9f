//! The catalogue in words: a page for people and a schema for programs.

use std::fmt::Write as _;

use super::{CATALOGUE, Descriptor, Measure, Origin};

/// The page `docs/reference/features.md`.
pub fn document() -> String {
    let mut text = "# Features\n\n\
        What Cantus measures on music. This page is made from the catalogue in the program \
        (`cargo run -p cantus-features --example reference`); `cantus features --list` prints the same.\n\n\
        `cantus features FILE…` tells the values; `--json` gives all of them, `-o x.csv`, `.npy` or `.npz` writes them down, \
        `-o x.svg` or `.png` draws them, and `--only NAME,NAME` chooses some. \
        A feature of several columns has a column for each of its parts, named `feature_part`. \
        A value that the music does not speak of (the range of a rest, the loudness of notes without dynamics) is left out. \
        What is measured only where `--only` names it takes a transform of its own and therefore time.\n\n"
        .to_owned();
    for (origin, title) in [(Origin::Score, "Of scores"), (Origin::Sound, "Of sound")] {
        let mut rows = CATALOGUE.iter().filter(|descriptor| descriptor.origin() == origin).peekable();
        if rows.peek().is_some() {
            let _ = writeln!(text, "## {title}\n");
        }
        for descriptor in rows {
            entry(&mut text, descriptor);
        }
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}

fn entry(text: &mut String, descriptor: &Descriptor) {
    let Descriptor { name, label, unit, formula, source, level, .. } = descriptor;
    let _ = writeln!(text, "### `{name}`: {label}\n\n{}.\n", capital(formula));
    let unit = if unit.is_empty() { "a bare number" } else { unit };
    let _ = writeln!(text, "- Unit: {unit}\n- Range: {}\n- Of: {}", range(descriptor.range), level.name());
    if !descriptor.measure.parts().is_empty() {
        let _ = writeln!(text, "- Parts: {}", descriptor.measure.parts().join(", "));
    }
    if matches!(descriptor.measure, Measure::Stream(_)) {
        text.push_str("- Measured only where it is named\n");
    }
    let _ = writeln!(text, "- Source: {source}\n");
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// A range in words.
fn range((low, high): (f64, f64)) -> String {
    match (low.is_finite(), high.is_finite()) {
        (true, true) => format!("{low} to {high}"),
        (true, false) => format!("{low} and more"),
        (false, true) => format!("{high} and less"),
        (false, false) => "any".to_owned(),
    }
}

/// A JSON schema of what `cantus features --json` prints of a piece or of a sound, `docs/reference/features.schema.json`.
pub fn schema() -> String {
    let mut text = HEAD.to_owned();
    let scores = || CATALOGUE.iter().filter(|descriptor| descriptor.origin() == Origin::Score);
    object(&mut text, "piece", scores().filter(|descriptor| descriptor.is_of_pieces()), property);
    text.push_str(",\n");
    object(&mut text, "bar", scores().filter(|descriptor| descriptor.is_of_bars()), property);
    text.push_str(",\n");
    let is_whole = |descriptor: &&Descriptor| {
        matches!(descriptor.measure, Measure::Sound(_) | Measure::Harmony(_) | Measure::Loudness(_))
    };
    object(&mut text, "sound", CATALOGUE.iter().filter(is_whole), property);
    text.push_str(",\n");
    let is_spread =
        |descriptor: &&Descriptor| matches!(descriptor.measure, Measure::Frames(_) | Measure::Stream(_));
    object(&mut text, "frames", CATALOGUE.iter().filter(is_spread), spread);
    text.push_str("\n  }\n}\n");
    text
}

/// What the schema says of the objects themselves.
const HEAD: &str = r##"{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "title": "What cantus features --json prints of a piece of notes or of a sound",
  "type": "object",
  "oneOf": [{ "$ref": "#/$defs/score" }, { "$ref": "#/$defs/recording" }],
  "$defs": {
    "score": {
      "type": "object",
      "required": ["path", "features", "bars", "chords", "keys"],
      "additionalProperties": false,
      "properties": {
        "path": { "type": "string" },
        "features": { "$ref": "#/$defs/piece" },
        "bars": { "type": "array", "items": { "$ref": "#/$defs/bar" } },
        "chords": { "type": "array", "items": { "$ref": "#/$defs/span" } },
        "keys": { "type": "array", "items": { "$ref": "#/$defs/span" } }
      }
    },
    "recording": {
      "type": "object",
      "required": ["path", "seconds", "features", "frames", "chords"],
      "additionalProperties": false,
      "properties": {
        "path": { "type": "string" },
        "seconds": { "type": "number", "minimum": 0 },
        "features": { "$ref": "#/$defs/sound" },
        "frames": { "$ref": "#/$defs/frames" },
        "chords": { "type": "array", "items": { "$ref": "#/$defs/heard" } }
      }
    },
    "span": {
      "type": "object",
      "required": ["begin", "end", "from", "to", "name"],
      "additionalProperties": false,
      "properties": {
        "begin": { "type": "number" },
        "end": { "type": "number" },
        "from": { "type": "number" },
        "to": { "type": "number" },
        "name": { "type": ["string", "null"] }
      }
    },
    "heard": {
      "type": "object",
      "required": ["begin", "end", "name"],
      "additionalProperties": false,
      "properties": {
        "begin": { "type": "number" },
        "end": { "type": "number" },
        "name": { "type": ["string", "null"] }
      }
    },
"##;

fn object<'a>(
    text: &mut String,
    name: &str,
    descriptors: impl Iterator<Item = &'a Descriptor>,
    property: fn(&Descriptor) -> String,
) {
    let properties: Vec<String> = descriptors.map(property).collect();
    let _ = write!(
        text,
        "    \"{name}\": {{ \"type\": \"object\", \"additionalProperties\": false, \"properties\": {{\n{}\n    }} }}",
        properties.join(",\n")
    );
}

/// The value of a descriptor, or a list of its numbers.
fn property(descriptor: &Descriptor) -> String {
    let kind = values(descriptor, descriptor.range);
    format!("      \"{}\": {{ {kind}, \"description\": \"{}\" }}", descriptor.name, described(descriptor))
}

/// How a descriptor is spread over frames.
fn spread(descriptor: &Descriptor) -> String {
    let (mean, deviation) = (values(descriptor, descriptor.range), values(descriptor, (0.0, f64::INFINITY)));
    format!(
        "      \"{}\": {{ \"type\": \"object\", \"required\": [\"mean\", \"deviation\"], \"properties\": {{ \
         \"mean\": {{ {mean} }}, \"deviation\": {{ {deviation} }} }}, \"description\": \"{}\" }}",
        descriptor.name,
        described(descriptor)
    )
}

/// A number in a range, or of several columns a list of such numbers; null where nothing is known.
fn values(descriptor: &Descriptor, (low, high): (f64, f64)) -> String {
    let mut bounds = String::new();
    if low.is_finite() {
        let _ = write!(bounds, ", \"minimum\": {low}");
    }
    if high.is_finite() {
        let _ = write!(bounds, ", \"maximum\": {high}");
    }
    if descriptor.measure.parts().is_empty() {
        return format!("\"type\": [\"number\", \"null\"]{bounds}");
    }
    let columns = descriptor.columns().len();
    format!(
        "\"type\": [\"array\", \"null\"], \"minItems\": {columns}, \"maxItems\": {columns}, \
         \"items\": {{ \"type\": \"number\"{bounds} }}"
    )
}

fn described(descriptor: &Descriptor) -> String {
    format!("{} ({})", descriptor.formula, descriptor.label).replace('\\', "\\\\").replace('"', "\\\"")
}
