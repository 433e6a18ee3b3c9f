//! Chord symbols.

use super::MusicXmlError;
use super::faults::Faults;
use super::xml::Node;
use crate::sheet::{ChordSymbol, Step, Tone};

/// The kinds of chords, with what is written after the root. The first of a suffix is the one that is written.
pub(super) const KINDS: [(&str, &str); 33] = [
    ("major", ""),
    ("minor", "m"),
    ("augmented", "aug"),
    ("diminished", "dim"),
    ("dominant", "7"),
    ("major-seventh", "maj7"),
    ("minor-seventh", "m7"),
    ("diminished-seventh", "dim7"),
    ("augmented-seventh", "aug7"),
    ("half-diminished", "m7b5"),
    ("major-minor", "mmaj7"),
    ("major-sixth", "6"),
    ("minor-sixth", "m6"),
    ("dominant-ninth", "9"),
    ("major-ninth", "maj9"),
    ("minor-ninth", "m9"),
    ("dominant-11th", "11"),
    ("major-11th", "maj11"),
    ("minor-11th", "m11"),
    ("dominant-13th", "13"),
    ("major-13th", "maj13"),
    ("minor-13th", "m13"),
    ("suspended-second", "sus2"),
    ("suspended-fourth", "sus4"),
    ("power", "5"),
    ("pedal", "pedal"),
    ("Neapolitan", "N6"),
    ("Italian", "It6"),
    ("French", "Fr6"),
    ("German", "Ger6"),
    ("Tristan", "Tristan"),
    // Spellings of older programs.
    ("min", "m"),
    ("maj", ""),
];

/// The chord symbol of an element; nothing for "no chord" and for what has no root.
pub(super) fn read(
    node: Node<'_, '_>,
    faults: &mut Faults<'_>,
) -> Result<Option<ChordSymbol>, MusicXmlError> {
    let Some(kind) = node.child("kind") else { return Ok(None) };
    if kind.text() == "none" {
        return Ok(None);
    }
    let Some(root) = node.child("root").and_then(|root| tone(root, "root")) else {
        let message = format_args!("a chord symbol must have a root from A to G; this one is left out");
        faults.add(node.offset(), message)?;
        return Ok(None);
    };
    let bass = node.child("bass").and_then(|bass| tone(bass, "bass")).filter(|bass| *bass != root);
    let known = KINDS.iter().find(|known| known.0 == kind.text());
    let mut suffix = match known {
        Some(known) => known.1.to_owned(),
        None => kind.attribute("text").unwrap_or_default().into_owned(),
    };
    if known.is_some() {
        node.children().filter(|child| child.name() == "degree").for_each(|degree| add(&mut suffix, degree));
    }
    Ok(Some(ChordSymbol { root, suffix, bass }))
}

/// The letter and accidental in `<root-step>` and `<root-alter>`, or those of a bass.
fn tone(node: Node<'_, '_>, what: &str) -> Option<Tone> {
    let mut letters = node.child_text(&format!("{what}-step"))?.chars();
    let step = Step::of_letter(letters.next()?)?;
    let alter = node.child(&format!("{what}-alter")).and_then(Node::integer).unwrap_or(0);
    Some(Tone::new(step, alter.clamp(-3, 3) as i8))
}

/// Adds a degree to a suffix: `add9`, `b5`, `no3`.
fn add(suffix: &mut String, degree: Node<'_, '_>) {
    let Some(number) = degree.child_text("degree-value") else { return };
    let alter = degree.child("degree-alter").and_then(Node::integer).unwrap_or(0);
    let sign = match alter {
        0 => "",
        ..0 => "b",
        1.. => "#",
    };
    match degree.child_text("degree-type") {
        Some("subtract") => suffix.push_str("no"),
        Some("add") if alter == 0 => suffix.push_str("add"),
        _ => suffix.push_str(sign),
    }
    suffix.push_str(number);
}
