//! Chord symbols of `**mxhm`.

use crate::sheet::ChordSymbol;

/// Kinds of chords by name, with what is written after the root.
const KINDS: [(&str, &str); 17] = [
    ("major", ""),
    ("minor", "m"),
    ("augmented", "aug"),
    ("diminished", "dim"),
    ("dominant", "7"),
    ("major-seventh", "maj7"),
    ("minor-seventh", "m7"),
    ("diminished-seventh", "dim7"),
    ("half-diminished", "m7b5"),
    ("major-sixth", "6"),
    ("minor-sixth", "m6"),
    ("dominant-ninth", "9"),
    ("major-ninth", "maj9"),
    ("minor-ninth", "m9"),
    ("suspended-second", "sus2"),
    ("suspended-fourth", "sus4"),
    ("power", "5"),
];

/// Reads a symbol such as `F# minor-seventh/C#`.
pub(super) fn symbol(text: &str) -> Option<ChordSymbol> {
    let (chord, bass) = text.split_once('/').map_or((text, None), |(chord, bass)| (chord, Some(bass)));
    let (root, kind) = chord.trim().split_once(' ').unwrap_or((chord.trim(), "major"));
    let suffix = KINDS.iter().find(|entry| entry.0 == kind).map_or(kind, |entry| entry.1);
    let bass = bass.map(|bass| format!("/{}", flats(bass.trim()))).unwrap_or_default();
    ChordSymbol::parse(&format!("{}{suffix}{bass}", flats(root)))
}

/// Writes a symbol so that it is read again.
pub(super) fn text(symbol: &ChordSymbol) -> String {
    let kind =
        KINDS.iter().find(|entry| entry.1 == symbol.suffix).map_or(symbol.suffix.as_str(), |entry| entry.0);
    let bass = symbol.bass.map(|bass| format!("/{bass}").replace('b', "-")).unwrap_or_default();
    format!("{} {kind}{bass}", symbol.root.to_string().replace('b', "-"))
}

/// A tone's flats as letters.
fn flats(tone: &str) -> String {
    tone.replace('-', "b")
}
