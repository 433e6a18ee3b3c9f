//! Texts of unknown encoding: kept as bytes while a file is read, decoded when all of them are known.

use encoding_rs::{Encoding, SHIFT_JIS, WINDOWS_1252};

use crate::{Text, TextKind, Ticks, Timed};

/// A text event as it stands in the file.
#[derive(Debug, Clone, Copy)]
pub(super) struct RawText<'a> {
    pub(super) at: Ticks,
    pub(super) kind: TextKind,
    pub(super) bytes: &'a [u8],
}

impl RawText<'_> {
    /// Whether the text belongs to the whole piece, whichever chunk holds it.
    pub(super) fn is_global(&self) -> bool {
        matches!(self.kind, TextKind::Copyright | TextKind::Marker | TextKind::Cue)
    }
}

/// How the texts of one file are decoded.
pub(super) struct Decoder {
    /// The encoding of what is not UTF-8.
    legacy: &'static Encoding,
}

impl Decoder {
    /// Decides between Shift-JIS and Latin-1 for what is not UTF-8, by all texts of the file.
    pub(super) fn guess<'a>(texts: impl Iterator<Item = &'a [u8]>) -> Self {
        let legacy_texts = texts.filter(|bytes| !bytes.is_ascii() && std::str::from_utf8(bytes).is_err());
        let score: i64 = legacy_texts.map(japanese_score).sum();
        Self { legacy: if score > 0 { SHIFT_JIS } else { WINDOWS_1252 } }
    }

    /// The text without the zero bytes that some programs leave at its end.
    pub(super) fn decode(&self, bytes: &[u8]) -> String {
        let length = bytes.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
        let bytes = bytes.get(..length).unwrap_or_default();
        if let Ok(text) = std::str::from_utf8(bytes) {
            return text.to_owned();
        }
        let legacy = self.legacy.decode_without_bom_handling_and_without_replacement(bytes);
        legacy.unwrap_or_else(|| WINDOWS_1252.decode_without_bom_handling(bytes).0).into_owned()
    }

    /// A decoded text at its place, or nothing where it is empty.
    pub(super) fn text(&self, raw: RawText<'_>) -> Option<Timed<Text>> {
        let text = self.decode(raw.bytes);
        (!text.is_empty()).then(|| Timed::new(raw.at, Text { kind: raw.kind, text }))
    }
}

/// How much a text looks like Japanese in Shift-JIS (positive) or like a Western one (negative).
fn japanese_score(bytes: &[u8]) -> i64 {
    let Some(text) = SHIFT_JIS.decode_without_bom_handling_and_without_replacement(bytes) else { return -4 };
    let (mut score, mut before) = (0, ' ');
    let mut rest = text.chars().peekable();
    while let Some(char) = rest.next() {
        let after = rest.peek().copied().unwrap_or(' ');
        let beside_letter = before.is_ascii_alphabetic() || after.is_ascii_alphabetic();
        score += match char {
            '\u{3040}'..='\u{30FF}' => 2,
            // An accented capital of Latin-1 reads as one half-wide kana; a real word has several.
            '\u{FF61}'..='\u{FF9F}' if is_half_kana(before) || is_half_kana(after) => 1,
            '\u{3000}'..='\u{FFFF}' if !is_half_kana(char) && !beside_letter => 1,
            '\0'..='\u{7F}' => 0,
            _ => -2,
        };
        before = char;
    }
    score
}

fn is_half_kana(char: char) -> bool {
    ('\u{FF61}'..='\u{FF9F}').contains(&char)
}
