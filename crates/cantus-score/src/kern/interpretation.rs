//! What the lines that begin with `*` and `=` say.

use crate::sheet::{Clef, Transposition};
use crate::{Key, Meter, Mode, Tempo};

/// A bar line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct BarLine {
    pub(super) number: String,
    /// A repeated part begins here.
    pub(super) begins: bool,
    /// A repeated part ends here.
    pub(super) ends: bool,
    /// The line on which it stands.
    pub(super) line: usize,
}

/// Reads a bar line such as `=12:|!`.
pub(super) fn bar_line(token: &str) -> BarLine {
    let token = token.trim_start_matches('=');
    let number_end = token.find(|c: char| !c.is_ascii_digit()).unwrap_or(token.len());
    let letter =
        token.get(number_end..).and_then(|rest| rest.chars().next()).filter(char::is_ascii_lowercase);
    let end = number_end + if number_end > 0 { letter.map_or(0, char::len_utf8) } else { 0 };
    let (number, signs) = token.split_at(end);
    let first = signs.find(['|', '!']).unwrap_or(signs.len());
    let last = signs.rfind(['|', '!']).unwrap_or(0);
    let colon = |part: Option<&str>| part.is_some_and(|part| part.contains(':'));
    let ends = first < signs.len() && colon(signs.get(..first));
    let begins = first < signs.len() && colon(signs.get(last..));
    BarLine { number: number.to_owned(), begins, ends, line: 0 }
}

/// A key's tonic and mode, as `*G:` and `*d:dor` name them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Designation {
    pub(super) mode: Mode,
    /// The sharps of its signature; flats are negative.
    pub(super) fifths: i8,
}

/// An interpretation that says something about the music.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Tandem<'a> {
    Part(u32),
    Staff(u32),
    Name(&'a str),
    Class(&'a str),
    Instrument(&'a str),
    Transposition(Transposition),
    Clef(Clef),
    /// Sharps of the signature; flats are negative.
    Signature(i8),
    Key(Designation),
    Meter(Meter),
    Tempo(Tempo),
    /// A section begins.
    Label(&'a str),
    /// The order in which sections are played.
    Order(&'a str),
}

/// Reads an interpretation; nothing for those that say nothing about sound, and an error for one that is broken.
pub(super) fn tandem(token: &str) -> Result<Option<Tandem<'_>>, String> {
    let text = token.get(1..).unwrap_or_default();
    if let Some(text) = text.strip_prefix("MM") {
        return tempo(text).map(|tempo| tempo.map(Tandem::Tempo));
    }
    if let Some(text) = text.strip_prefix('M').filter(|text| text.starts_with(|c: char| c.is_ascii_digit())) {
        return meter(text).map(|meter| Some(Tandem::Meter(meter)));
    }
    Ok(if let Some(text) = text.strip_prefix("k[") {
        return signature(text).map(|fifths| Some(Tandem::Signature(fifths)));
    } else if let Some(text) = text.strip_prefix("clef") {
        return clef(text).map(|clef| clef.map(Tandem::Clef));
    } else if let Some(text) = text.strip_prefix("part") {
        leading_number(text).map(Tandem::Part)
    } else if let Some(text) = text.strip_prefix("staff") {
        leading_number(text).map(Tandem::Staff)
    } else if let Some(text) = text.strip_prefix("ITr") {
        return transposition(text).map(|moved| Some(Tandem::Transposition(moved)));
    } else if let Some(text) = text.strip_prefix('I') {
        instrument(text)
    } else if let Some(text) = text.strip_prefix('>') {
        section(text)
    } else {
        designation(text).map(Tandem::Key)
    })
}

fn instrument(text: &str) -> Option<Tandem<'_>> {
    match text.chars().next()? {
        '"' => text.get(1..).map(|name| Tandem::Name(name.trim())),
        'C' => text.get(1..).map(Tandem::Class),
        c if c.is_ascii_lowercase() => Some(Tandem::Instrument(text)),
        _ => None,
    }
}

fn section(text: &str) -> Option<Tandem<'_>> {
    match text.split_once('[') {
        Some(("", list)) => Some(Tandem::Order(list.trim_end_matches(']'))),
        // Other orders have names, such as `norep`.
        Some(_) => None,
        None => Some(Tandem::Label(text)),
    }
}

/// Quarters a minute; words such as `[Allegro]` say none.
fn tempo(text: &str) -> Result<Option<Tempo>, String> {
    let text = text.trim();
    if !text.starts_with(|c: char| c.is_ascii_digit() || c == '-') {
        return Ok(None);
    }
    let tempo = text.parse().ok().and_then(|bpm: f64| Tempo::from_bpm(bpm).ok());
    let wrong =
        || format!("a tempo must be 4 to 60000000 quarters a minute, but was `{text}`; it is passed over");
    tempo.map(Some).ok_or_else(wrong)
}

/// `6/8`; `3/4%2` and the like are read up to what is plain.
fn meter(text: &str) -> Result<Meter, String> {
    let wrong = || format!("a metre must be like 6/8, but was `{text}`; it is passed over");
    let (upper, lower) = text.split_once('/').ok_or_else(wrong)?;
    let mut beats = 0_i64;
    for part in upper.split('+') {
        beats = beats.saturating_add(i64::from(part.trim().parse::<u16>().map_err(|_| wrong())?));
    }
    let unit = match lower {
        // `3/1` of doubled values; `2/0` counts breves.
        "0" => {
            beats = beats.saturating_mul(2);
            1
        }
        _ => i64::from(leading_number(lower).ok_or_else(wrong)?),
    };
    Meter::new(beats, unit).map_err(|error| format!("{error}; the metre is passed over"))
}

/// `f#c#]`: the number of sharps, or of flats as a negative number.
fn signature(text: &str) -> Result<i8, String> {
    let (sharps, flats) = (text.matches('#').count(), text.matches('-').count());
    let wrong = || {
        format!("a key signature must hold up to seven sharps or flats, but was `[{text}`; it is passed over")
    };
    match (sharps, flats) {
        (0..=7, 0) => Ok(sharps as i8),
        (0, 0..=7) => Ok(-(flats as i8)),
        _ => Err(wrong()),
    }
}

/// `G:`, `b-:`, `d:dor`.
fn designation(text: &str) -> Option<Designation> {
    let (tonic, mode) = text.split_once(':')?;
    let letter = tonic.chars().next()?;
    let place = "FCGDAEB".find(letter.to_ascii_uppercase())? as i8 - 1;
    let altered = match tonic.get(1..)? {
        "" => 0,
        "#" => 7,
        "-" => -7,
        _ => return None,
    };
    let minor = letter.is_ascii_lowercase();
    let (offset, mode) = match mode.get(..3) {
        Some("ion") => (0, Mode::Major),
        Some("mix") => (-1, Mode::Major),
        Some("lyd") => (1, Mode::Major),
        Some("dor") => (-2, Mode::Minor),
        Some("phr") => (-4, Mode::Minor),
        Some("loc") => (-5, Mode::Minor),
        Some("aeo") => (-3, Mode::Minor),
        _ if minor => (-3, Mode::Minor),
        _ => (0, Mode::Major),
    };
    Some(Designation { mode, fifths: place + altered + offset })
}

/// `d1c2`: from what sounds, in which the file is written, to what the player reads; so the other way round.
fn transposition(text: &str) -> Result<Transposition, String> {
    let parsed = || {
        let (steps, semitones) = text.trim().strip_prefix('d')?.split_once('c')?;
        let (steps, semitones): (i8, i8) = (steps.parse().ok()?, semitones.parse().ok()?);
        Some(Transposition { steps: steps.checked_neg()?, semitones: semitones.checked_neg()? })
    };
    let wrong = || format!("a transposition must be like `d1c2`, but was `{text}`; it is passed over");
    parsed().ok_or_else(wrong)
}

/// The clef of a text such as `G2`; nothing for clefs that a sheet does not know.
fn clef(text: &str) -> Result<Option<Clef>, String> {
    if !text.starts_with(['G', 'F', 'C', 'X']) {
        return Err(format!("a clef must be like `G2`, but was `{text}`; it is passed over"));
    }
    Ok(CLEFS.iter().find(|entry| entry.0 == text).map(|entry| entry.1))
}

/// Clefs; of two texts for one clef the first is written. Those that a sheet does not know are drawn to their neighbour.
const CLEFS: [(&str, Clef); 14] = [
    ("G2", Clef::Treble),
    ("G1", Clef::Treble),
    ("G", Clef::Treble),
    ("Gv2", Clef::TenorVoice),
    ("C3", Clef::Alto),
    ("C4", Clef::Tenor),
    ("C5", Clef::Tenor),
    ("C1", Clef::Soprano),
    ("C2", Clef::Soprano),
    ("F4", Clef::Bass),
    ("F3", Clef::Bass),
    ("F5", Clef::Bass),
    ("F", Clef::Bass),
    ("X", Clef::Percussion),
];

/// The text of a clef.
pub(super) fn clef_text(clef: Clef) -> &'static str {
    CLEFS.iter().find(|entry| entry.1 == clef).map_or("G2", |entry| entry.0)
}

/// The number at the beginning of a text.
pub(super) fn leading_number(text: &str) -> Option<u32> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    text.get(..end)?.parse().ok()
}

/// The signature of a key, such as `[f#c#]`.
pub(super) fn signature_text(fifths: i8) -> String {
    let count = usize::from(fifths.unsigned_abs());
    let tones: String = if fifths < 0 {
        "beadgcf".chars().take(count).flat_map(|letter| [letter, '-']).collect()
    } else {
        "fcgdaeb".chars().take(count).flat_map(|letter| [letter, '#']).collect()
    };
    format!("[{tones}]")
}

/// A key by its tonic, such as `b-` for B flat minor.
pub(super) fn tonic_text(key: Key) -> String {
    let name = key.to_string();
    let tonic = name.split(' ').next().unwrap_or("C").replace('b', "-");
    if key.mode() == Mode::Minor { tonic.to_lowercase() } else { tonic }
}
