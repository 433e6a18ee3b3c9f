//! The words and colours of a roll: headings, drum names, and how each part looks.

use cantus_score::{Pitch, Score, Tempo, Ticks};

/// How a part is told from the others: a colour for those who see it, a note head and a tail for everybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Look {
    /// The colour in a picture.
    pub(super) rgb: &'static str,
    /// The nearest of the terminal's 256 colours that reads on dark and on light.
    pub(super) ansi: u8,
    /// What marks a note's beginning.
    pub(super) head: char,
    /// What shows that it is held.
    pub(super) tail: char,
}

/// Eight looks that stay apart for the colour-blind as well, by hue and by lightness.
const LOOKS: [Look; 8] = [
    Look { rgb: "#1f6fb4", ansi: 33, head: '●', tail: '━' },
    Look { rgb: "#d9542b", ansi: 209, head: '■', tail: '═' },
    Look { rgb: "#1c9a73", ansi: 36, head: '▲', tail: '─' },
    Look { rgb: "#8a56ac", ansi: 141, head: '◆', tail: '╍' },
    Look { rgb: "#d99a12", ansi: 178, head: '○', tail: '┄' },
    Look { rgb: "#3aa6c9", ansi: 44, head: '□', tail: '╌' },
    Look { rgb: "#bf4c86", ansi: 175, head: '△', tail: '┈' },
    Look { rgb: "#6d7a32", ansi: 143, head: '◇', tail: '╴' },
];

/// The look of the part at a place in the score; it repeats after eight.
pub(super) fn look(part: usize) -> Look {
    LOOKS[part % LOOKS.len()]
}

/// What is known of the piece in one line: key, metre, tempo and length.
pub(super) fn heading(score: &Score, bars: &str) -> String {
    let key = score.keys.first().map(|key| key.value.to_string());
    let tempo = format!("♩ = {:.0}", first_tempo(score).bpm());
    let seconds = score.seconds().0.round() as u64;
    let length = format!("{bars}, {}:{:02}", seconds / 60, seconds % 60);
    let meter = score.meter_at(score.pickup()).to_string();
    let words = key.into_iter().chain([meter, tempo, length]);
    words.collect::<Vec<_>>().join(" · ")
}

/// The tempo at the beginning.
fn first_tempo(score: &Score) -> Tempo {
    let begun = score.tempos.partition_point(|tempo| tempo.at == Ticks::ZERO);
    score.tempos[..begun].last().map_or(Tempo::DEFAULT, |tempo| tempo.value)
}

/// The name of a part, cut where it is long, or its number where it has none.
pub(super) fn part_name(name: &str, index: usize) -> String {
    let name: String = name.trim().chars().filter(|letter| !letter.is_control()).collect();
    match name.char_indices().nth(LONGEST_NAME) {
        _ if name.is_empty() => format!("part {}", index + 1),
        Some((end, _)) => format!("{}…", &name[..end]),
        None => name,
    }
}

/// Letters of a part's name.
const LONGEST_NAME: usize = 28;

/// The General MIDI drum that a key plays, short enough for a margin.
pub(super) fn drum(pitch: Pitch) -> String {
    let name = match pitch.get() {
        35 => "kick 2",
        36 => "kick",
        37 => "rim",
        38 => "snare",
        39 => "clap",
        40 => "snare 2",
        41 | 43 => "tom low",
        42 => "hat",
        44 => "hat ped",
        45 | 47 => "tom mid",
        46 => "hat op",
        48 | 50 => "tom hi",
        49 => "crash",
        51 => "ride",
        52 => "china",
        53 => "bell",
        54 => "tamb",
        55 => "splash",
        56 => "cowbell",
        57 => "crash 2",
        59 => "ride 2",
        60 => "bongo h",
        61 => "bongo l",
        62..=64 => "conga",
        69 => "cabasa",
        70 => "maracas",
        75 => "claves",
        _ => return format!("drum {}", pitch.get()),
    };
    name.to_owned()
}
