//! Musical values as people type them.

use cantus_score::{Key, Meter, Mode, PitchClass, Tempo};

/// Reads a key: `D minor`, `F#`, `Bb major`, `am`. Without a mode it is major.
/// A key that no signature can write (G sharp major) becomes the one that sounds the same.
pub fn key(text: &str) -> Result<Key, String> {
    let rule = || {
        format!(
            "a key is a note and a mode, such as \"D minor\", \"F#\", \"Bb major\" or \"am\", but was \"{text}\""
        )
    };
    let trimmed = text.trim();
    let mut letters = trimmed.chars();
    let letter = letters.next().ok_or_else(rule)?.to_ascii_uppercase();
    let natural: i64 = "FCGDAEB".find(letter).ok_or_else(rule)? as i64 - 1;
    let (accidental, rest) = accidental(letters.as_str());
    let mode = mode(rest).ok_or_else(rule)?;
    let fifths = natural + 7 * accidental - if mode == Mode::Minor { 3 } else { 0 };
    let tonic = (natural + 7 * accidental) * 7;
    Ok(Key::new(fifths, mode)
        .unwrap_or_else(|_| Key::of_tonic(PitchClass::saturating(tonic.rem_euclid(12)), mode)))
}

fn accidental(text: &str) -> (i64, &str) {
    for (sign, value) in
        [("#", 1), ("♯", 1), ("b", -1), ("♭", -1), ("-sharp", 1), (" sharp", 1), ("-flat", -1), (" flat", -1)]
    {
        if let Some(rest) = text.strip_prefix(sign) {
            return (value, rest);
        }
    }
    (0, text)
}

fn mode(text: &str) -> Option<Mode> {
    let word = text.trim_matches([' ', '-', '_']);
    match word.to_lowercase().as_str() {
        "" | "maj" | "major" | "dur" => Some(Mode::Major),
        "m" if word == "m" => Some(Mode::Minor),
        "min" | "minor" | "moll" => Some(Mode::Minor),
        _ => None,
    }
}

/// Reads a metre: `4/4`, `6/8`.
pub fn meter(text: &str) -> Result<Meter, String> {
    let rule = || format!("a metre is two numbers, such as 3/4 or 6/8, but was \"{text}\"");
    let (beats, unit) = text.trim().split_once('/').ok_or_else(rule)?;
    let number = |text: &str| text.trim().parse::<i64>().map_err(|_| rule());
    Meter::new(number(beats)?, number(unit)?).map_err(|error| error.to_string())
}

/// Reads a tempo in quarter notes a minute, from 20 to 400.
pub fn tempo(text: &str) -> Result<Tempo, String> {
    let bpm = between(text, 20.0, 400.0, "a tempo in quarter notes a minute")?;
    Tempo::from_bpm(bpm).map_err(|error| error.to_string())
}

/// Reads a length in seconds, to an hour: `90`, `90s` or `1:30`.
pub fn seconds(text: &str) -> Result<f64, String> {
    let plain = text.trim().trim_end_matches('s');
    let Some((minutes, seconds)) = plain.split_once(':') else {
        return between(plain, 1.0, 3600.0, "a length in seconds");
    };
    let minutes = between(minutes, 0.0, 60.0, "the minutes of a length")?;
    let seconds = between(seconds, 0.0, 59.999, "the seconds of a length")?;
    between(&(minutes * 60.0 + seconds).to_string(), 1.0, 3600.0, "a length in seconds")
}

/// Reads a number within a range; `what` says what it means.
pub fn between(text: &str, least: f64, most: f64, what: &str) -> Result<f64, String> {
    match text.trim().parse::<f64>() {
        Ok(value) if (least..=most).contains(&value) => Ok(value),
        _ => Err(format!("{what} must be a number between {least} and {most}, but was {text}")),
    }
}
