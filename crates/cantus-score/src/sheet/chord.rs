//! Chord symbols as texts.

use super::{ChordSymbol, Step, Tone};

/// What a suffix is made of; the longest first.
const PIECES: [&str; 33] = [
    "maj", "Maj", "min", "dim", "aug", "sus", "add", "omit", "alt", "no", "mM", "M", "m", "-", "+", "°", "ø",
    "o", "Δ", "^", "#", "b", "(", ")", ",", "13", "11", "2", "4", "5", "6", "7", "9",
];

impl ChordSymbol {
    /// Reads a symbol such as `F#m7/C#`; nothing where a text is none.
    pub fn parse(text: &str) -> Option<Self> {
        let (root, rest) = tone(text.trim())?;
        let (suffix, bass) = match rest.rsplit_once('/') {
            Some((suffix, bass)) => match tone(bass)? {
                (bass, "") => (suffix, Some(bass)),
                _ => return None,
            },
            None => (rest, None),
        };
        is_suffix(suffix).then(|| Self { root, suffix: suffix.to_owned(), bass })
    }
}

/// A letter with its accidentals, and what follows it.
fn tone(text: &str) -> Option<(Tone, &str)> {
    let letter = text.chars().next().filter(char::is_ascii_uppercase)?;
    let step = Step::of_letter(letter)?;
    let rest = text.get(1..)?;
    let sign = rest.chars().next().filter(|sign| ['#', 'b', '♯', '♭'].contains(sign));
    let Some(sign) = sign else { return Some((Tone::new(step, 0), rest)) };
    let after = rest.trim_start_matches(sign);
    let count = rest.chars().take_while(|&other| other == sign).count().min(2) as i8;
    let alter = if ['#', '♯'].contains(&sign) { count } else { -count };
    Some((Tone::new(step, alter), after))
}

fn is_suffix(mut text: &str) -> bool {
    while !text.is_empty() {
        let Some(rest) = PIECES.iter().find_map(|piece| text.strip_prefix(piece)) else { return false };
        text = rest;
    }
    true
}
