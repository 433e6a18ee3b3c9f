//! How `LilyPond` calls things.

use crate::sheet::values::Value;
use crate::sheet::{Articulation, ChordSymbol, Clef, Spelled, Tone};
use crate::{Key, Mode, Pitch, Program};

/// A text in quotes.
pub(super) fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace(['\n', '\r'], " "))
}

/// A letter with its accidental; two are the most that have a name.
pub(super) fn tone(tone: Tone) -> String {
    let sign = if tone.alter < 0 { "es" } else { "is" };
    let letter = tone.step.letter().to_ascii_lowercase();
    format!("{letter}{}", sign.repeat(usize::from(tone.alter.unsigned_abs().min(2))))
}

/// A pitch with its octave: `c'` is the middle C.
pub(super) fn pitch(spelled: Spelled) -> String {
    let named = match spelled.pitch() {
        Some(key) if spelled.tone.alter.abs() > 2 => Spelled::in_key(key, Key::C_MAJOR),
        _ => spelled,
    };
    let up = i32::from(named.octave) - 3;
    let mark = if up < 0 { "," } else { "'" };
    format!("{}{}", tone(named.tone), mark.repeat(up.unsigned_abs().min(10) as usize))
}

/// A note value; nothing where none has a name.
pub(super) fn value(value: Value) -> String {
    let name = match value.halvings {
        -3 => "\\maxima".to_owned(),
        -2 => "\\longa".to_owned(),
        -1 => "\\breve".to_owned(),
        halvings => (1_u32 << halvings.clamp(0, 10)).to_string(),
    };
    name + &".".repeat(usize::from(value.dots))
}

/// A key signature.
pub(super) fn key(key: Key) -> String {
    let minor = key.mode() == Mode::Minor;
    let tonic = Tone::of_fifths(i32::from(key.fifths()) + if minor { 3 } else { 0 });
    format!("\\key {} {}", tone(tonic), if minor { "\\minor" } else { "\\major" })
}

/// A clef.
pub(super) fn clef(clef: Clef) -> &'static str {
    match clef {
        Clef::Treble => "treble",
        Clef::TenorVoice => "treble_8",
        Clef::Alto => "alto",
        Clef::Tenor => "tenor",
        Clef::Soprano => "soprano",
        Clef::Bass => "bass",
        Clef::Percussion => "percussion",
    }
}

/// A sign behind a note.
pub(super) fn articulation(sign: Articulation) -> &'static str {
    match sign {
        Articulation::Staccato => "-.",
        Articulation::Staccatissimo => "-!",
        Articulation::Tenuto => "--",
        Articulation::Accent => "->",
        Articulation::Marcato => "-^",
        Articulation::Fermata => "\\fermata",
        Articulation::Trill => "\\trill",
        Articulation::Mordent => "\\prall",
        Articulation::Turn => "\\turn",
        Articulation::Arpeggio => "\\arpeggio",
    }
}

/// A chord with its duration, as `\chordmode` reads it. A suffix that has no name is cut to the longest that has.
pub(super) fn chord(symbol: &ChordSymbol, duration: &str) -> String {
    const SUFFIXES: [(&str, &str); 31] = [
        ("m7b5", ":m7.5-"),
        ("maj13", ":maj13"),
        ("maj9", ":maj9"),
        ("maj7", ":maj7"),
        ("maj", ""),
        ("min7", ":m7"),
        ("min", ":m"),
        ("m7", ":m7"),
        ("m9", ":m9"),
        ("m11", ":m11"),
        ("m13", ":m13"),
        ("m6", ":m6"),
        ("mM7", ":m7+"),
        ("m", ":m"),
        ("-7", ":m7"),
        ("-", ":m"),
        ("dim7", ":dim7"),
        ("dim", ":dim"),
        ("°7", ":dim7"),
        ("°", ":dim"),
        ("ø", ":m7.5-"),
        ("aug", ":aug"),
        ("+", ":aug"),
        ("sus2", ":sus2"),
        ("sus", ":sus4"),
        ("7sus4", ":sus4.7"),
        ("13", ":13"),
        ("11", ":11"),
        ("9", ":9"),
        ("7", ":7"),
        ("6", ":6"),
    ];
    let fitting = SUFFIXES.iter().filter(|(name, _)| symbol.suffix.starts_with(name));
    let quality = fitting.max_by_key(|(name, _)| name.len()).map_or("", |suffix| suffix.1);
    let bass = symbol.bass.map(|bass| format!("/{}", tone(bass))).unwrap_or_default();
    format!("{}{duration}{quality}{bass}", tone(symbol.root))
}

/// An instrument of the drum kit.
pub(super) fn drum(key: Pitch) -> &'static str {
    const FROM_35: [&str; 47] = [
        "bda", "bd", "ss", "sna", "hc", "sne", "tomfl", "hhc", "tomfh", "hhp", "toml", "hho", "tomml",
        "tommh", "cymca", "tomh", "cymra", "cymch", "rb", "tamb", "cyms", "cb", "cymcb", "vibs", "cymrb",
        "boh", "bol", "cghm", "cgho", "cglo", "timh", "timl", "agh", "agl", "cab", "mar", "whs", "whl",
        "guis", "guil", "cl", "wbh", "wbl", "cuim", "cuio", "trim", "trio",
    ];
    let index = usize::from(key.get()).checked_sub(35);
    index.and_then(|index| FROM_35.get(index)).copied().unwrap_or("hc")
}

/// What plays the staff in the MIDI file that `LilyPond` makes.
pub(super) fn instrument(program: Program) -> String {
    let name = INSTRUMENTS.get(usize::from(program.get()));
    name.map(|name| format!("midiInstrument = \"{name}\"")).unwrap_or_default()
}

/// The programs by the names that `LilyPond` knows.
const INSTRUMENTS: [&str; 128] = [
    "acoustic grand",
    "bright acoustic",
    "electric grand",
    "honky-tonk",
    "electric piano 1",
    "electric piano 2",
    "harpsichord",
    "clav",
    "celesta",
    "glockenspiel",
    "music box",
    "vibraphone",
    "marimba",
    "xylophone",
    "tubular bells",
    "dulcimer",
    "drawbar organ",
    "percussive organ",
    "rock organ",
    "church organ",
    "reed organ",
    "accordion",
    "harmonica",
    "concertina",
    "acoustic guitar (nylon)",
    "acoustic guitar (steel)",
    "electric guitar (jazz)",
    "electric guitar (clean)",
    "electric guitar (muted)",
    "overdriven guitar",
    "distorted guitar",
    "guitar harmonics",
    "acoustic bass",
    "electric bass (finger)",
    "electric bass (pick)",
    "fretless bass",
    "slap bass 1",
    "slap bass 2",
    "synth bass 1",
    "synth bass 2",
    "violin",
    "viola",
    "cello",
    "contrabass",
    "tremolo strings",
    "pizzicato strings",
    "orchestral harp",
    "timpani",
    "string ensemble 1",
    "string ensemble 2",
    "synthstrings 1",
    "synthstrings 2",
    "choir aahs",
    "voice oohs",
    "synth voice",
    "orchestra hit",
    "trumpet",
    "trombone",
    "tuba",
    "muted trumpet",
    "french horn",
    "brass section",
    "synthbrass 1",
    "synthbrass 2",
    "soprano sax",
    "alto sax",
    "tenor sax",
    "baritone sax",
    "oboe",
    "english horn",
    "bassoon",
    "clarinet",
    "piccolo",
    "flute",
    "recorder",
    "pan flute",
    "blown bottle",
    "shakuhachi",
    "whistle",
    "ocarina",
    "lead 1 (square)",
    "lead 2 (sawtooth)",
    "lead 3 (calliope)",
    "lead 4 (chiff)",
    "lead 5 (charang)",
    "lead 6 (voice)",
    "lead 7 (fifths)",
    "lead 8 (bass+lead)",
    "pad 1 (new age)",
    "pad 2 (warm)",
    "pad 3 (polysynth)",
    "pad 4 (choir)",
    "pad 5 (bowed)",
    "pad 6 (metallic)",
    "pad 7 (halo)",
    "pad 8 (sweep)",
    "fx 1 (rain)",
    "fx 2 (soundtrack)",
    "fx 3 (crystal)",
    "fx 4 (atmosphere)",
    "fx 5 (brightness)",
    "fx 6 (goblins)",
    "fx 7 (echoes)",
    "fx 8 (sci-fi)",
    "sitar",
    "banjo",
    "shamisen",
    "koto",
    "kalimba",
    "bagpipe",
    "fiddle",
    "shanai",
    "tinkle bell",
    "agogo",
    "steel drums",
    "woodblock",
    "taiko drum",
    "melodic tom",
    "synth drum",
    "reverse cymbal",
    "guitar fret noise",
    "breath noise",
    "seashore",
    "bird tweet",
    "telephone ring",
    "helicopter",
    "applause",
    "gunshot",
];
