//! Chords as musicians write them down: `Dm7 G7 | Cmaj7`.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use cantus_features::control::{Chord, Quality};
use cantus_model::controls::ChordSpan;
use cantus_model::encoding::Steps;
use cantus_score::PitchClass;
use serde::{Deserialize, Serialize};

use crate::error::ComposeError;

/// Most bars of a chart, and most chords of one of them.
const MOST: (usize, usize) = (999, 16);

/// The chords of some bars; they are played over and over until the piece ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Chart {
    /// Chords of each bar, evenly spread; none where nothing is asked.
    bars: Vec<Vec<Option<Chord>>>,
}

impl Chart {
    /// All chords, in their order.
    pub(crate) fn chords(&self) -> impl Iterator<Item = Chord> {
        self.bars.iter().flatten().flatten().copied()
    }

    /// The chords of some bars that follow each other.
    pub fn spans(&self, bars: &[Range<Steps>]) -> Vec<ChordSpan> {
        let round = bars.iter().zip(self.bars.iter().cycle());
        let of_bar = |(bar, chords): (&Range<Steps>, &Vec<Option<Chord>>)| {
            let (begin, length) = (bar.start, bar.end - bar.start);
            let count = chords.len() as u32;
            let from = move |index: usize| begin + index as u32 * length / count;
            let span =
                |(index, chord): (usize, &Option<Chord>)| ChordSpan { from: from(index), chord: *chord };
            chords.iter().enumerate().map(span).collect::<Vec<_>>()
        };
        round.flat_map(of_bar).collect()
    }
}

/// Reads bars between `|`, each with one or more chords; `-` asks for none, `%` repeats the bar before.
impl FromStr for Chart {
    type Err = ComposeError;

    fn from_str(text: &str) -> Result<Self, ComposeError> {
        let mut bars: Vec<Vec<Option<Chord>>> = Vec::new();
        for words in text.trim().trim_matches('|').split('|') {
            let words: Vec<&str> = words.split_whitespace().collect();
            let bar = match (words.as_slice(), bars.last()) {
                (["%"], Some(before)) => before.clone(),
                ([], _) => vec![None],
                _ => words.iter().map(|word| chord(word)).collect::<Result<_, _>>()?,
            };
            bars.push(bar);
        }
        let is_fit = bars.len() <= MOST.0 && bars.iter().all(|bar| bar.len() <= MOST.1);
        if !is_fit || bars.iter().flatten().all(Option::is_none) {
            let rule =
                "bars of at most 16 chords between |, such as \"Dm7 G7 | Cmaj7\", and at most 999 of them";
            return Err(ComposeError::Range { what: "a chart", rule, value: format!("\"{text}\"") });
        }
        Ok(Self { bars })
    }
}

/// A chord of a word; a bass after a stroke is left to the music.
fn chord(word: &str) -> Result<Option<Chord>, ComposeError> {
    if matches!(word, "-" | "N.C." | "NC") {
        return Ok(None);
    }
    let rule = "a root and a kind, such as C, F#m, Bb7, Cmaj7, Dm7 or Bdim";
    let wrong = || ComposeError::Range { what: "a chord", rule, value: word.to_owned() };
    let above_bass = word.split_once('/').map_or(word, |(above, _)| above);
    let mut letters = above_bass.chars();
    let natural = letters.next().and_then(|letter| "C D EF G A B".find(letter)).ok_or_else(wrong)? as i64;
    let (sign, kind) = accidental(letters.as_str());
    let quality = quality(kind).ok_or_else(wrong)?;
    Ok(Some(Chord { root: PitchClass::saturating((natural + sign).rem_euclid(12)), quality }))
}

fn accidental(text: &str) -> (i64, &str) {
    let signs = [("#", 1), ("♯", 1), ("b", -1), ("♭", -1)];
    let found = signs.iter().find_map(|(sign, by)| text.strip_prefix(sign).map(|rest| (*by, rest)));
    found.unwrap_or((0, text))
}

/// The kind of chord that a name is, or is nearest to: a ninth is a seventh chord, a suspended one is without its third.
fn quality(name: &str) -> Option<Quality> {
    Some(match name {
        "" | "maj" | "M" | "6" | "sus4" | "sus2" | "sus" | "add9" | "aug" | "+" => Quality::Major,
        "m" | "min" | "-" | "m6" => Quality::Minor,
        "dim" | "o" | "°" | "dim7" | "o7" | "°7" | "m7b5" | "ø" | "ø7" => Quality::Diminished,
        "7" | "9" | "11" | "13" | "7sus4" | "dom7" => Quality::Dominant,
        "maj7" | "M7" | "Δ" | "Δ7" | "maj9" => Quality::MajorSeventh,
        "m7" | "min7" | "-7" | "m9" | "m11" => Quality::MinorSeventh,
        _ => return None,
    })
}

/// As it is read, each chord as the kind that it was taken for.
impl fmt::Display for Chart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = |chord: &Option<Chord>| chord.map_or_else(|| "-".to_owned(), |chord| chord.to_string());
        let bar = |bar: &Vec<Option<Chord>>| bar.iter().map(word).collect::<Vec<_>>().join(" ");
        f.write_str(&self.bars.iter().map(bar).collect::<Vec<_>>().join(" | "))
    }
}

impl TryFrom<String> for Chart {
    type Error = ComposeError;

    fn try_from(text: String) -> Result<Self, ComposeError> {
        text.parse()
    }
}

impl From<Chart> for String {
    fn from(chart: Chart) -> Self {
        chart.to_string()
    }
}
