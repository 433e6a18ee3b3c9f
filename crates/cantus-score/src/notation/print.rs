//! From a score to text.

use std::fmt::Write as _;

use crate::{Mode, Note, Resolution, Score, Tempo, Ticks, Timed, Track};

/// Writes a score; the module's page says how, and what is left out.
pub fn print(score: &Score) -> String {
    let mut sections = vec![header(score)];
    sections.extend(score.tracks.iter().map(|track| part(track, score.resolution)));
    sections.join(" | ").trim().to_owned()
}

fn header(score: &Score) -> String {
    let mut words = Vec::new();
    let at_first = |at: Ticks| at == Ticks::ZERO;
    if let Some(key) = score.keys.first().filter(|key| at_first(key.at)) {
        let name = key.value.to_string();
        let tonic = name.split(' ').next().unwrap_or("C");
        words.push(format!("key={tonic}{}", if key.value.mode() == Mode::Minor { "m" } else { "" }));
    }
    let (first, second) = (score.meters.first(), score.meters.get(1));
    let pickup = score.pickup() > Ticks::ZERO;
    if let Some(Timed { value, .. }) =
        (if pickup { second } else { first }).filter(|meter| pickup || at_first(meter.at))
    {
        words.push(format!("meter={value}"));
    }
    if let Some(tempo) = score.tempos.first().filter(|tempo| at_first(tempo.at)) {
        words.push(format!("tempo={}", beats_a_minute(tempo.value)));
    }
    if let Some(first) = first.filter(|_| pickup) {
        words.push(format!("pickup={}", first.value));
    }
    if score.resolution != Resolution::STANDARD {
        words.push(format!("resolution={}", score.resolution.ticks_per_quarter()));
    }
    if !score.title.is_empty() {
        words.push(format!("title={}", one_word(&score.title)));
    }
    words.join(" ")
}

/// A tempo with as few decimals as give it back.
fn beats_a_minute(tempo: Tempo) -> String {
    let shown = |decimals: usize| format!("{:.decimals$}", tempo.bpm());
    let same = |text: &String| text.parse().ok().and_then(|bpm| Tempo::from_bpm(bpm).ok()) == Some(tempo);
    (0..9).map(shown).find(same).unwrap_or_else(|| tempo.bpm().to_string())
}

/// A name without what would end it.
fn one_word(name: &str) -> String {
    name.chars().map(|c| if c.is_whitespace() || ":|".contains(c) { '_' } else { c }).collect()
}

fn part(track: &Track, resolution: Resolution) -> String {
    let mut words = Vec::new();
    if !track.name.is_empty() {
        words.push(format!("{}:", one_word(&track.name)));
    }
    let mut at = Ticks::ZERO;
    let chords: Vec<&[Note]> = track.notes.chunk_by(|a, b| a.start == b.start).collect();
    for (index, chord) in chords.iter().enumerate() {
        let Some(first) = chord.first() else { continue };
        if first.start > at {
            words.push(format!("r{}", length(first.start.saturating_sub(at), resolution)));
        }
        let longest = chord.iter().map(|note| note.length).max().unwrap_or_default();
        let next = chords.get(index + 1).and_then(|next| next.first()).map(|note| note.start);
        let end = first.start.saturating_add(longest);
        at = next.map_or(end, |next| next.min(end));
        let mut word = sound(chord, resolution);
        if at < end {
            let step = length(at.saturating_sub(first.start), resolution);
            // Writing into a string cannot fail.
            let _ = write!(word, "@{step}");
        }
        words.push(word);
    }
    words.join(" ")
}

fn sound(chord: &[Note], resolution: Resolution) -> String {
    let with_length = |note: &Note| format!("{}{}", note.pitch, length(note.length, resolution));
    match chord {
        [note] => with_length(note),
        [first, rest @ ..] if rest.iter().all(|note| note.length == first.length) => {
            let pitches: Vec<String> = chord.iter().map(|note| note.pitch.to_string()).collect();
            format!("[{}]{}", pitches.join(" "), length(first.length, resolution))
        }
        _ => format!("[{}]", chord.iter().map(with_length).collect::<Vec<_>>().join(" ")),
    }
}

/// A length in parts of a whole note; one tick where it is none.
fn length(ticks: Ticks, resolution: Resolution) -> String {
    let (upper, lower) = (u64::from(ticks.0.max(1)), u64::from(resolution.ticks_per_quarter()) * 4);
    let common = gcd(upper, lower);
    match (upper / common, lower / common) {
        (1, lower) => format!("/{lower}"),
        (3, lower) if lower.is_multiple_of(2) => format!("/{}.", lower / 2),
        (upper, lower) => format!("*{upper}/{lower}"),
    }
}

fn gcd(mut a: u64, mut b: u64) -> u64 {
    while b > 0 {
        (a, b) = (b, a % b);
    }
    a
}
