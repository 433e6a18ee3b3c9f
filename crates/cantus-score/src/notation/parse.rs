//! From text to a score.

use crate::{Channel, Key, Meter, Mode, Note, Pitch, Resolution, Score, Tempo, Ticks, Timed, Track};

/// A word of the notation that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{rule}, but was `{word}`")]
pub struct NotationError {
    /// What the word must be.
    pub rule: &'static str,
    /// The word.
    pub word: String,
}

const LENGTH: &str = "a length must be like /4, /8. or *5/8, more than nothing and a whole number of ticks";

fn wrong(rule: &'static str, word: &str) -> NotationError {
    NotationError { rule, word: word.to_owned() }
}

/// Reads a score; the module's page says how it is written.
pub fn parse(text: &str) -> Result<Score, NotationError> {
    let mut sections: Vec<&str> = text.split('|').map(str::trim).collect();
    let has_header = sections.first().is_some_and(|first| first.is_empty() || first.contains('='));
    let header = if has_header { sections.remove(0) } else { "" };
    let mut score = parse_header(header)?;
    for (index, section) in sections.into_iter().enumerate() {
        let track = parse_part(section, index, score.resolution)?;
        score.tracks.push(track);
    }
    Ok(score)
}

fn parse_header(text: &str) -> Result<Score, NotationError> {
    let mut score = Score::new(Resolution::STANDARD);
    let mut pickup = None;
    for word in text.split_whitespace() {
        let rule = "a setting must be key=, meter=, tempo=, pickup=, resolution= or title= and a value";
        let error = || wrong(rule, word);
        let (name, value) = word.split_once('=').ok_or_else(error)?;
        match name {
            "key" => score.keys.push(Timed::new(Ticks::ZERO, parse_key(value).ok_or_else(error)?)),
            "meter" => score.meters.push(Timed::new(Ticks::ZERO, parse_meter(value).ok_or_else(error)?)),
            "pickup" => pickup = Some(parse_meter(value).ok_or_else(error)?),
            "tempo" => {
                let tempo = value.parse().ok().and_then(|bpm| Tempo::from_bpm(bpm).ok()).ok_or_else(error)?;
                score.tempos.push(Timed::new(Ticks::ZERO, tempo));
            }
            "resolution" => {
                let ticks = value.parse().map_err(|_| error())?;
                score.resolution = Resolution::new(ticks).map_err(|_| error())?;
            }
            "title" => value.clone_into(&mut score.title),
            _ => return Err(error()),
        }
    }
    if let Some(pickup) = pickup {
        let bar = pickup.bar(score.resolution);
        for meter in &mut score.meters {
            meter.at = bar;
        }
        score.meters.insert(0, Timed::new(Ticks::ZERO, pickup));
    }
    Ok(score)
}

fn parse_meter(text: &str) -> Option<Meter> {
    let (beats, unit) = text.split_once('/')?;
    Meter::new(beats.parse().ok()?, unit.parse().ok()?).ok()
}

/// A key keeps its spelling: `Gb` has six flats, `F#` six sharps.
fn parse_key(text: &str) -> Option<Key> {
    let (tonic, mode) = match text.strip_suffix('m') {
        Some(tonic) => (tonic, Mode::Minor),
        None => (text, Mode::Major),
    };
    let letter = tonic.chars().next()?;
    let fifths = "FCGDAEB".find(letter)? as i64 - 1;
    let sharps = match tonic.get(1..)? {
        "" => 0,
        "#" => 7,
        "b" => -7,
        _ => return None,
    };
    Key::new(fifths + sharps - if mode == Mode::Minor { 3 } else { 0 }, mode).ok()
}

fn parse_part(text: &str, index: usize, resolution: Resolution) -> Result<Track, NotationError> {
    let (name, notes) = text.split_once(':').unwrap_or(("", text));
    let mut reader = Part {
        resolution,
        at: Ticks::ZERO,
        length: Ticks(resolution.ticks_per_quarter()),
        notes: Vec::new(),
    };
    for word in words(notes) {
        reader.word(word)?;
    }
    reader.notes.sort_unstable();
    let channel = Channel::saturating((index % 15 + usize::from(index % 15 >= 9)) as i64);
    let name = name.trim().to_owned();
    Ok(Track { name, channel, notes: reader.notes, controls: Vec::new(), texts: Vec::new() })
}

/// Words parted by spaces, where a chord in brackets is one word.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0_i32;
    let parts = text.split(move |c: char| {
        depth += i32::from(c == '[') - i32::from(c == ']');
        depth <= 0 && c.is_whitespace()
    });
    parts.filter(|word| !word.is_empty())
}

struct Part {
    resolution: Resolution,
    at: Ticks,
    /// The length that holds where none is written.
    length: Ticks,
    notes: Vec<Note>,
}

impl Part {
    fn word(&mut self, word: &str) -> Result<(), NotationError> {
        let (sound, step) = word.split_once('@').unwrap_or((word, ""));
        let longest = if let Some(chord) = sound.strip_prefix('[') {
            let (inside, length) =
                chord.split_once(']').ok_or_else(|| wrong("a chord must end with a bracket", word))?;
            if !length.is_empty() {
                self.length = self.parse_length(length)?;
            }
            let (chord_length, mut longest) = (self.length, Ticks::ZERO);
            for note in inside.split_whitespace() {
                self.length = chord_length;
                longest = longest.max(self.note(note)?);
            }
            self.length = chord_length;
            longest
        } else if let Some(length) = sound.strip_prefix('r') {
            if !length.is_empty() {
                self.length = self.parse_length(length)?;
            }
            self.length
        } else {
            self.note(sound)?
        };
        let step = match step {
            "" => longest,
            "0" => Ticks::ZERO,
            step => self.parse_length(step)?,
        };
        self.at = self.at.saturating_add(step);
        Ok(())
    }

    /// Adds one note and gives its length.
    fn note(&mut self, word: &str) -> Result<Ticks, NotationError> {
        let end = word.find(['/', '*']).unwrap_or(word.len());
        let (pitch, length) = word.split_at(end);
        let pitch = parse_pitch(pitch).ok_or_else(|| wrong("a note must be like C4, F#5 or Bb3", word))?;
        if !length.is_empty() {
            self.length = self.parse_length(length)?;
        }
        self.notes.push(Note::new(self.at, self.length, pitch));
        Ok(self.length)
    }

    fn parse_length(&self, word: &str) -> Result<Ticks, NotationError> {
        length_in_ticks(word, self.resolution).ok_or_else(|| wrong(LENGTH, word))
    }
}

/// `/4`, `/8.`, `*5/8` in ticks; nothing where that is no whole number of them, or none.
fn length_in_ticks(word: &str, resolution: Resolution) -> Option<Ticks> {
    let (mut upper, lower) = if let Some(lower) = word.strip_prefix('/') {
        (1_u64, lower)
    } else {
        let (upper, lower) = word.strip_prefix('*')?.split_once('/')?;
        (u64::from(upper.parse::<u32>().ok()?), lower)
    };
    let digits = lower.trim_end_matches('.');
    let dots = (lower.len() - digits.len()).min(8);
    let mut lower = u64::from(digits.parse::<u32>().ok()?) << dots;
    upper *= (2 << dots) - 1;
    lower = lower.max(1);
    let ticks = upper.checked_mul(u64::from(resolution.ticks_per_quarter()) * 4)?;
    if ticks == 0 || !ticks.is_multiple_of(lower) {
        return None;
    }
    u32::try_from(ticks / lower).ok().map(Ticks)
}

/// Reads a pitch, such as `C4`, `F#3` or `Bb5`; middle C is C4.
pub fn parse_pitch(text: &str) -> Option<Pitch> {
    let letter = text.chars().next().filter(char::is_ascii_uppercase)?;
    let class = *[0_i64, 2, 4, 5, 7, 9, 11].get("CDEFGAB".find(letter)?)?;
    let rest = text.get(1..)?;
    let (sharps, octave) = match rest.strip_prefix('#') {
        Some(octave) => (1, octave),
        None => rest.strip_prefix('b').map_or((0, rest), |octave| (-1, octave)),
    };
    Pitch::new((i64::from(octave.parse::<i8>().ok()?) + 1) * 12 + class + sharps).ok()
}
