//! The catalogue in words: a page for people and a schema for programs.

use std::fmt::Write as _;

use super::{CATALOGUE, Descriptor, Origin};

/// The page `docs/reference/features.md`.
pub fn document() -> String {
    let mut text = "# Features\n\n\
        What Cantus measures on music. This page is made from the catalogue in the program \
        (`cargo run -p cantus-features --example reference`); `cantus features --list` prints the same.\n\n\
        `cantus features FILE…` tells the values; `--json` gives all of them, `-o x.csv`, `.npy` or `.npz` writes them down. \
        A feature of several columns has a column for each of its parts, named `feature_part`. \
        A value that the music does not speak of (the range of a rest, the loudness of notes without dynamics) is left out.\n\n"
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

/// A JSON schema of what `cantus features --json` prints of a piece, `docs/reference/features.schema.json`.
pub fn schema() -> String {
    let mut text = "{\n  \"$schema\": \"https://json-schema.org/draft/2020-12/schema\",\n  \
        \"title\": \"What cantus features --json prints of a piece\",\n  \"type\": \"object\",\n  \
        \"required\": [\"path\", \"features\", \"bars\", \"chords\", \"keys\"],\n  \"properties\": {\n    \
        \"path\": { \"type\": \"string\" },\n    \"features\": { \"$ref\": \"#/$defs/piece\" },\n    \
        \"bars\": { \"type\": \"array\", \"items\": { \"$ref\": \"#/$defs/bar\" } },\n    \
        \"chords\": { \"$ref\": \"#/$defs/spans\" },\n    \"keys\": { \"$ref\": \"#/$defs/spans\" }\n  },\n  \"$defs\": {\n    \
        \"spans\": { \"type\": \"array\", \"items\": { \"type\": \"object\", \"required\": [\"begin\", \"end\", \"from\", \
        \"to\", \"name\"], \"properties\": { \"begin\": { \"type\": \"number\" }, \"end\": { \"type\": \"number\" }, \
        \"from\": { \"type\": \"number\" }, \"to\": { \"type\": \"number\" }, \"name\": { \"type\": [\"string\", \"null\"] } } } },\n"
        .to_owned();
    let scores = || CATALOGUE.iter().filter(|descriptor| descriptor.origin() == Origin::Score);
    object(&mut text, "piece", scores().filter(|descriptor| descriptor.is_of_pieces()));
    text.push_str(",\n");
    object(&mut text, "bar", scores().filter(|descriptor| descriptor.is_of_bars()));
    text.push_str("\n  }\n}\n");
    text
}

fn object<'a>(text: &mut String, name: &str, descriptors: impl Iterator<Item = &'a Descriptor>) {
    let properties: Vec<String> = descriptors.map(property).collect();
    let _ = write!(
        text,
        "    \"{name}\": {{ \"type\": \"object\", \"properties\": {{\n{}\n    }} }}",
        properties.join(",\n")
    );
}

fn property(descriptor: &Descriptor) -> String {
    let (low, high) = descriptor.range;
    let mut bounds = String::new();
    if low.is_finite() {
        let _ = write!(bounds, ", \"minimum\": {low}");
    }
    if high.is_finite() {
        let _ = write!(bounds, ", \"maximum\": {high}");
    }
    let kind = if descriptor.is_number() {
        format!("\"type\": [\"number\", \"null\"]{bounds}")
    } else {
        let columns = descriptor.columns().len();
        format!(
            "\"type\": [\"array\", \"null\"], \"minItems\": {columns}, \"maxItems\": {columns}, \
             \"items\": {{ \"type\": \"number\"{bounds} }}"
        )
    };
    let description =
        format!("{} ({})", descriptor.formula, descriptor.label).replace('\\', "\\\\").replace('"', "\\\"");
    format!("      \"{}\": {{ {kind}, \"description\": \"{description}\" }}", descriptor.name)
}
