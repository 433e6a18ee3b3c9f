//! What was measured, and what can be, as JSON.

use cantus_features::chords::Span;
use cantus_features::{CATALOGUE, Descriptor};
use serde_json::{Map, Value, json};

use super::Measured;

/// A piece in one object: its path, its `features` by name (a number, or a list of as many as there are columns, or null),
/// those of its `bars`, and the `chords` and `keys` that are heard one after the other, each from `begin` to `end` in
/// seconds and from `from` to `to` in quarter notes.
pub fn measured_as_json(measured: &Measured) -> Value {
    let map = measured.score.tempo_map();
    let place = |begin, end, name: Value| {
        let beats = |at| measured.score.resolution.beats(at).0;
        let (from, to) = (beats(begin), beats(end));
        json!({ "begin": map.seconds(begin).0, "end": map.seconds(end).0, "from": from, "to": to, "name": name })
    };
    let chord = |span: &Span| place(span.begin, span.end, json!(span.chord.map(|chord| chord.to_string())));
    let keys = measured.keys.iter();
    json!({
        "path": measured.name,
        "features": object(measured.selection.of_pieces(), &measured.piece),
        "bars": measured.bars.iter().map(|bar| object(measured.selection.of_bars(), bar)).collect::<Vec<_>>(),
        "chords": Span::joined(&measured.beats).iter().map(chord).collect::<Vec<_>>(),
        "keys": keys.map(|passage| place(passage.begin, passage.end, json!(passage.key.to_string()))).collect::<Vec<_>>(),
    })
}

fn object<'a>(
    descriptors: impl Iterator<Item = &'a Descriptor>,
    values: &[Option<Vec<f64>>],
) -> Map<String, Value> {
    let value = |descriptor: &Descriptor, values: &Option<Vec<f64>>| match values {
        Some(values) if descriptor.is_number() => json!(values.first()),
        values => json!(values),
    };
    let named = descriptors.zip(values);
    named.map(|(descriptor, values)| (descriptor.name.to_owned(), value(descriptor, values))).collect()
}

/// The catalogue itself: an object for each descriptor.
pub fn catalogue_as_json() -> Value {
    let bound = |value: f64| value.is_finite().then_some(value);
    let row = |descriptor: &Descriptor| {
        json!({
            "name": descriptor.name,
            "label": descriptor.label,
            "unit": descriptor.unit,
            "range": [bound(descriptor.range.0), bound(descriptor.range.1)],
            "formula": descriptor.formula,
            "source": descriptor.source,
            "level": descriptor.level.name(),
            "from": descriptor.origin().name(),
            "columns": descriptor.columns(),
        })
    };
    CATALOGUE.iter().map(row).collect()
}
