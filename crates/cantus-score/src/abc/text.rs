//! Letters that a tune book writes by signs: `\'e`, `&eacute;`, `\u00e9`.

use std::borrow::Cow;

/// Letters with the sign that each accent of `\` adds, and what they make.
const ACCENTS: [(char, &str, &str); 11] = [
    ('`', "AEIOUaeiou", "ÀÈÌÒÙàèìòù"),
    ('\'', "AEIOUYaeiouyCcNnSsZz", "ÁÉÍÓÚÝáéíóúýĆćŃńŚśŹź"),
    ('^', "AEIOUaeiouYy", "ÂÊÎÔÛâêîôûŶŷ"),
    ('"', "AEIOUaeiouYy", "ÄËÏÖÜäëïöüŸÿ"),
    (',', "CcSs", "ÇçŞş"),
    ('~', "ANOano", "ÃÑÕãñõ"),
    ('v', "CcSsZzEeRrDdNn", "ČčŠšŽžĚěŘřĎďŇň"),
    ('u', "AaEeGgOo", "ĂăĔĕĞğŎŏ"),
    ('c', "Cc", "Çç"),
    ('=', "AEIOUaeiou", "ĀĒĪŌŪāēīōū"),
    ('o', "Aa", "Åå"),
];

/// Letters of their own.
const PAIRS: [(&str, char); 13] = [
    ("AA", 'Å'),
    ("aa", 'å'),
    ("AE", 'Æ'),
    ("ae", 'æ'),
    ("OE", 'Œ'),
    ("oe", 'œ'),
    ("/O", 'Ø'),
    ("/o", 'ø'),
    ("ss", 'ß'),
    ("DH", 'Ð'),
    ("dh", 'ð'),
    ("TH", 'Þ'),
    ("th", 'þ'),
];

/// Accents and letters by the names that HTML gives them.
const ENTITIES: [(&str, char); 8] = [
    ("amp", '&'),
    ("lt", '<'),
    ("gt", '>'),
    ("quot", '"'),
    ("nbsp", ' '),
    ("copy", '©'),
    ("szlig", 'ß'),
    ("oslash", 'ø'),
];
const ENTITY_ACCENTS: [(&str, char); 7] = [
    ("grave", '`'),
    ("acute", '\''),
    ("circ", '^'),
    ("uml", '"'),
    ("cedil", ','),
    ("tilde", '~'),
    ("ring", 'o'),
];

/// The text with its letters as they are meant.
pub(super) fn decoded(text: &str) -> Cow<'_, str> {
    if !text.contains(['\\', '&']) {
        return Cow::Borrowed(text);
    }
    let (mut plain, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(at) = rest.find(['\\', '&']) {
        plain.push_str(rest.get(..at).unwrap_or_default());
        rest = rest.get(at..).unwrap_or_default();
        let (letter, length) = escape(rest).unwrap_or((rest.chars().next().unwrap_or(' '), 1));
        plain.push(letter);
        rest = rest.get(length..).unwrap_or_default();
    }
    plain.push_str(rest);
    Cow::Owned(plain)
}

/// The letter of a text that begins with a sign for one, and the bytes that it takes.
fn escape(text: &str) -> Option<(char, usize)> {
    if let Some(name) = text.strip_prefix('&') {
        return entity(name.get(..name.find(';')?)?).map(|(letter, length)| (letter, length + 2));
    }
    let name = text.strip_prefix('\\')?;
    if let Some(pair) = PAIRS.iter().find(|pair| name.starts_with(pair.0)) {
        return Some((pair.1, 3));
    }
    let mut chars = name.chars();
    let (sign, letter) = (chars.next()?, chars.next());
    if sign == 'u'
        && let Some(code) = name.get(1..5).and_then(|code| u32::from_str_radix(code, 16).ok())
    {
        return Some((char::from_u32(code)?, 6));
    }
    if let Some(letter) = letter.and_then(|letter| accented(sign, letter)) {
        return Some((letter, 3));
    }
    "%&\\".contains(sign).then_some((sign, 2))
}

/// The letter of a name such as `eacute`, or of a number such as `#233`, and the length of the name.
fn entity(name: &str) -> Option<(char, usize)> {
    if let Some(number) = name.strip_prefix('#') {
        return Some((char::from_u32(number.parse().ok()?)?, name.len()));
    }
    if let Some(entity) = ENTITIES.iter().find(|entity| entity.0 == name) {
        return Some((entity.1, name.len()));
    }
    let letter = name.chars().next()?;
    let accent = ENTITY_ACCENTS.iter().find(|accent| name.get(letter.len_utf8()..) == Some(accent.0))?;
    Some((accented(accent.1, letter)?, name.len()))
}

fn accented(accent: char, letter: char) -> Option<char> {
    let accent = ACCENTS.iter().find(|known| known.0 == accent)?;
    accent.1.chars().zip(accent.2.chars()).find(|pair| pair.0 == letter).map(|pair| pair.1)
}
