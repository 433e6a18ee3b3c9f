//! What the fields `K:`, `M:`, `L:` and `Q:` say.

use super::voice::WHOLE;
use crate::sheet::Step;
use crate::{Key, Meter, Mode, PitchClass, Tempo};

/// The letters in the order in which sharps enter a signature, as steps above C.
const SHARPS: [usize; 7] = [3, 0, 4, 1, 5, 2, 6];

/// A key field: the signature, what each letter is raised by, and the tonic that it names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Signature {
    /// The key for the score; none where the field says `none` or names no key.
    pub(super) key: Option<Key>,
    /// Semitones by which each letter from C to B is raised.
    pub(super) raised: [i8; 7],
    /// The tonic that the field names.
    pub(super) tonic: Option<PitchClass>,
}

impl Signature {
    /// No sharps, no flats, no tonic.
    pub(super) const NONE: Self = Self { key: None, raised: [0; 7], tonic: None };

    fn new(fifths: i32, mode: Mode, tonic: Option<PitchClass>) -> Self {
        let mut raised = [0; 7];
        for (place, &letter) in SHARPS.iter().enumerate() {
            raised[letter] = (fifths + 6 - place as i32).div_euclid(7) as i8;
        }
        // A signature of more than seven sharps or flats is shown by its enharmonic twin.
        let folded = if fifths.abs() <= 7 { fifths } else { fifths - 12 * fifths.signum() };
        Self { key: Key::new(i64::from(folded), mode).ok(), raised, tonic }
    }
}

/// The step of a letter, in either case.
pub(super) fn letter_step(letter: char) -> Option<Step> {
    Some(match letter {
        'C' | 'c' => Step::C,
        'D' | 'd' => Step::D,
        'E' | 'e' => Step::E,
        'F' | 'f' => Step::F,
        'G' | 'g' => Step::G,
        'A' | 'a' => Step::A,
        'B' | 'b' => Step::B,
        _ => return None,
    })
}

/// Reads a key such as `G`, `Am`, `D Dorian`, `F#mix`, `Dphr ^F`, `C^f^c`, `HP`, `none`; and what was forgiven.
pub(super) fn key(text: &str) -> (Signature, Option<String>) {
    let mut text = text.trim();
    // The pipes have F sharp and C sharp, whether their music shows them (`Hp`) or takes them for granted (`HP`).
    if let Some(rest) = text.strip_prefix("HP").or_else(|| text.strip_prefix("Hp")) {
        return (with_accidentals(Signature::new(2, Mode::Major, PitchClass::new(9).ok()), rest), None);
    }
    let Some((step, letter)) = text.chars().next().and_then(|c| Some((letter_step(c)?, c))) else {
        return if text.is_empty() || starts_with(text, "none") || text.starts_with(['^', '_', '=']) {
            (with_accidentals(Signature::NONE, text), None)
        } else if text.contains('=') {
            (Signature::NONE, None)
        } else {
            let fault =
                format!("a key must begin with a letter from A to G, but was `{text}`; none is taken");
            (Signature::NONE, Some(fault))
        };
    };
    // `K:clef=bass` names no key.
    if starts_with(text, "clef") || letter == 'b' && starts_with(text, "bass") {
        return (Signature::NONE, None);
    }
    text = &text[1..];
    let place = SHARPS.iter().position(|&sharp| sharp == step as usize).unwrap_or(0) as i32;
    // On the line of fifths F is -1, C is 0 …
    let mut fifths = place - 1;
    for (sign, change) in [("#", 7), ("b", -7)] {
        if let Some(rest) = text.strip_prefix(sign) {
            (text, fifths) = (rest, fifths + change);
        }
    }
    let tonic = PitchClass::new(i64::from((fifths * 7).rem_euclid(12))).ok();
    let text = text.trim_start();
    let name_end = text.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(text.len());
    // An explicit signature is the accidentals that follow, and nothing else.
    if starts_with(text, "exp") {
        return (with_accidentals(Signature { tonic, ..Signature::NONE }, &text[name_end..]), None);
    }
    let signature = |offset, mode| Signature::new(fifths + offset, mode, tonic);
    if let Some((offset, mode)) = mode(&text[..name_end]) {
        return (with_accidentals(signature(offset, mode), &text[name_end..]), None);
    }
    // `clef=bass`, `treble-8` and the like may follow at once.
    let major = signature(0, Mode::Major);
    if text[name_end..].starts_with('=') || names_no_key(text) {
        return (major, None);
    }
    (major, Some(format!("a mode must be like `m`, `mix` or `dor`, but was `{text}`; major is taken")))
}

/// Whether a key field speaks of its voice alone, such as `clef=bass`.
pub(super) fn names_no_key(text: &str) -> bool {
    const WORDS: [&str; 13] = [
        "clef",
        "treble",
        "alto",
        "tenor",
        "bass",
        "perc",
        "octave",
        "transpose",
        "middle",
        "staff",
        "name",
        "style",
        "stem",
    ];
    let text = text.trim();
    WORDS.iter().any(|word| starts_with(text, word) && (text.contains('=') || text.len() <= word.len() + 2))
}

fn starts_with(text: &str, word: &str) -> bool {
    text.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word))
}

/// How a mode moves the signature of its tonic's major key, and whether its third is major.
fn mode(name: &str) -> Option<(i32, Mode)> {
    let lower = name.to_ascii_lowercase();
    if lower.is_empty() {
        return Some((0, Mode::Major));
    }
    Some(match lower.get(..3).unwrap_or(&lower) {
        "maj" | "ion" => (0, Mode::Major),
        "m" | "min" | "aeo" => (-3, Mode::Minor),
        "mix" => (-1, Mode::Major),
        "lyd" => (1, Mode::Major),
        "dor" => (-2, Mode::Minor),
        "phr" => (-4, Mode::Minor),
        "loc" => (-5, Mode::Minor),
        _ => return None,
    })
}

/// Adds the accidentals that a key field lists, such as `^f _b =c`.
fn with_accidentals(mut signature: Signature, text: &str) -> Signature {
    let mut sign: Option<i8> = None;
    for c in text.chars() {
        match (c, sign) {
            ('^', Some(raise @ 1..)) => sign = Some(raise + 1),
            ('_', Some(raise @ ..=-1)) => sign = Some(raise - 1),
            ('^', _) => sign = Some(1),
            ('_', _) => sign = Some(-1),
            ('=', _) => sign = Some(0),
            (_, Some(raise)) => {
                if let Some(raised) = letter_step(c).and_then(|step| signature.raised.get_mut(step as usize))
                {
                    *raised = raise.clamp(-2, 2);
                }
                sign = None;
            }
            // A word such as `clef=bass` ends the list.
            (c, None) if c.is_ascii_alphabetic() => break,
            _ => {}
        }
    }
    signature
}

/// Reads a metre: `6/8`, `C`, `C|`, `2+3/8`, `(2+3)/8`; nothing for `none`.
pub(super) fn meter(text: &str) -> Result<Option<Meter>, String> {
    let text = text.trim();
    match text {
        "" | "none" | "None" | "NONE" => return Ok(None),
        "C" | "c" => return Ok(Some(Meter::FOUR_FOUR)),
        "C|" | "c|" => return Ok(Meter::new(2, 2).ok()),
        _ => {}
    }
    let wrong = || format!("a metre must be like 6/8, C, C| or none, but was `{text}`");
    let (upper, lower) = text.split_once('/').ok_or_else(wrong)?;
    let lower = leading_number(lower).ok_or_else(wrong)?;
    let mut beats = 0_i64;
    for part in upper.split('+') {
        let digits = part.trim_matches(|c: char| c == '(' || c == ')' || c.is_whitespace());
        beats = beats.saturating_add(digits.parse::<u16>().map_err(|_| wrong())?.into());
    }
    Meter::new(beats, lower).map(Some).map_err(|error| error.to_string())
}

/// Reads the unit of length, such as `1/8`, in grains.
pub(super) fn unit(text: &str) -> Result<u64, String> {
    let wrong = || format!("a unit of length must be like 1/8, but was `{}`", text.trim());
    let (upper, lower) = text.trim().split_once('/').unwrap_or((text.trim(), "1"));
    let (upper, lower) = (leading_number(upper).ok_or_else(wrong)?, leading_number(lower).ok_or_else(wrong)?);
    if !(1..=16).contains(&upper) || !(1..=512).contains(&lower) {
        return Err(wrong());
    }
    Ok(WHOLE * upper as u64 / lower as u64)
}

/// The unit of length where no field gives it: a sixteenth in metres shorter than 3/4, else an eighth.
pub(super) fn default_unit(meter: Option<Meter>) -> u64 {
    let short = meter.is_some_and(|meter| u32::from(meter.beats()) * 4 < u32::from(meter.unit()) * 3);
    if short { WHOLE / 16 } else { WHOLE / 8 }
}

/// Reads a tempo: `1/4=120`, `"Slow" 3/8=60`, `C=100`, `120` (units a minute); nothing where it is words only.
pub(super) fn tempo(text: &str, unit: u64) -> Result<Option<Tempo>, String> {
    let outside: String = text.split('"').step_by(2).collect::<Vec<_>>().join(" ");
    let outside = outside.trim();
    let wrong = || format!("a tempo must be like 1/4=120, but was `{outside}`");
    let (note, count) = match outside.split_once('=') {
        Some((note, count)) => (beat_length(note, unit).ok_or_else(wrong)?, count),
        None => (unit, outside),
    };
    if !count.contains(|c: char| c.is_ascii_digit()) {
        return Ok(None);
    }
    let digits: String = count.trim().chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
    let count: f64 = digits.parse().map_err(|_| wrong())?;
    Tempo::from_bpm(count * note as f64 * 4.0 / WHOLE as f64).map(Some).map_err(|error| error.to_string())
}

/// The words of a tempo field: what stands in quotes.
pub(super) fn tempo_words(text: &str) -> String {
    text.split('"')
        .skip(1)
        .step_by(2)
        .map(str::trim)
        .filter(|words| !words.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// The length of a beat in a tempo field, which may be a sum: `1/4`, `1/4 1/8`, `C`, `C3`.
fn beat_length(text: &str, unit_length: u64) -> Option<u64> {
    let text = text.trim();
    if let Some(times) = text.strip_prefix(['C', 'c']) {
        let times = if times.trim().is_empty() { 1 } else { leading_number(times)? };
        return (1..=64).contains(&times).then(|| unit_length * times as u64);
    }
    let text = text.replace(" /", "/").replace("/ ", "/");
    let mut sum = 0;
    for part in text.split_whitespace() {
        sum += unit(part).ok()?;
    }
    (sum > 0).then_some(sum)
}

/// The number at the beginning of a text.
pub(super) fn leading_number(text: &str) -> Option<i64> {
    let text = text.trim_start();
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    text[..end].parse::<u32>().ok().map(i64::from)
}
