//! What a `V:` field and directives say about a voice.

use super::voice::{Setting, Shift, Voice};
use crate::sheet::{Clef, Transposition};
use crate::{Channel, Program};

/// A voice and what is said about it.
#[derive(Debug, Clone, Default)]
pub(super) struct Player {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) clef: Option<Clef>,
    pub(super) octaves: i32,
    pub(super) semitones: i32,
    pub(super) program: Option<Program>,
    pub(super) channel: Option<Channel>,
    pub(super) voice: Option<Box<Voice>>,
}

impl Player {
    /// Reads what follows a voice's name, or stands in a key field: `clef=treble-8 name="Tenor" octave=-1 transpose=-2`.
    pub(super) fn describe(&mut self, text: &str) {
        for (key, value) in properties(text) {
            match key {
                "name" | "nm" => self.name = super::text::decoded(value).into_owned(),
                "clef" | "cl" => self.set_clef(value),
                "transpose" | "t" => self.transpose(value.parse::<i32>().unwrap_or(0)),
                "octave" => self.octaves += value.parse::<i32>().unwrap_or(0).clamp(-10, 10),
                _ => {}
            }
        }
        self.octaves = self.octaves.clamp(-10, 10);
        // A clef may stand without its name.
        for word in text.split_whitespace().filter(|word| !word.contains('=')) {
            if CLEFS.iter().any(|known| word.starts_with(known.0)) {
                self.set_clef(word);
            }
        }
    }

    /// Moves all that the voice plays, where it has not begun.
    pub(super) fn transpose(&mut self, semitones: i32) {
        if self.voice.is_none() {
            self.semitones = (self.semitones + semitones.clamp(-60, 60)).clamp(-60, 60);
        }
    }

    fn set_clef(&mut self, name: &str) {
        let eighth = |sign: &str| i32::from(name.ends_with(sign));
        if self.voice.is_none() {
            self.octaves += eighth("+8") - eighth("-8");
        }
        let Some(clef) = clef(name) else { return };
        match &mut self.voice {
            Some(voice) => voice.set_clef(clef),
            None => self.clef = Some(clef),
        }
    }

    fn shift(&self) -> Shift {
        Shift { octaves: self.octaves, transposition: transposition(self.semitones) }
    }

    /// How the part is written apart from how it sounds.
    pub(super) fn transposition(&self) -> Transposition {
        transposition(self.semitones)
    }

    /// The voice, begun where it has not sounded yet.
    pub(super) fn begun(&mut self, setting: &Setting) -> &mut Voice {
        let shift = self.shift();
        self.voice.get_or_insert_with(|| Box::new(Voice::new(setting, shift)))
    }
}

/// So many semitones as an interval of the scale.
fn transposition(semitones: i32) -> Transposition {
    const STEPS: [i32; 12] = [0, 1, 1, 2, 2, 3, 3, 4, 5, 5, 6, 6];
    let (octaves, rest) = (semitones.abs() / 12, semitones.abs() % 12);
    let steps = 7 * octaves + STEPS.get(rest as usize).copied().unwrap_or(0);
    Transposition { steps: (steps * semitones.signum()) as i8, semitones: semitones as i8 }
}

/// The names of clefs; the first of each is the one that is written.
const CLEFS: [(&str, Clef); 8] = [
    ("treble-8", Clef::TenorVoice),
    ("treble", Clef::Treble),
    ("alto1", Clef::Soprano),
    ("alto", Clef::Alto),
    ("tenor", Clef::Tenor),
    ("soprano", Clef::Soprano),
    ("bass", Clef::Bass),
    ("perc", Clef::Percussion),
];

/// The clef of a name; one with an octave sign below sounds an octave lower, as its voice does.
pub(super) fn clef(name: &str) -> Option<Clef> {
    let by_letter = |name: &str| match name.chars().next()? {
        'G' => Some(Clef::Treble),
        'C' => Some(Clef::Alto),
        'F' => Some(Clef::Bass),
        'P' => Some(Clef::Percussion),
        _ => None,
    };
    let name = name.trim_matches('"');
    CLEFS.iter().find(|known| name.starts_with(known.0)).map(|known| known.1).or_else(|| by_letter(name))
}

/// How a clef is written.
pub(super) fn clef_name(clef: Clef) -> &'static str {
    CLEFS.iter().find(|known| known.1 == clef).map_or("treble", |known| known.0)
}

/// `key=value` and `key="some value"`.
pub(super) fn properties(text: &str) -> Vec<(&str, &str)> {
    let (mut found, mut rest) = (Vec::new(), text);
    while let Some((before, after)) = rest.split_once('=') {
        let key = before.split_whitespace().last().unwrap_or("");
        let (value, next) = match after.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
            None => after.split_once(char::is_whitespace).unwrap_or((after, "")),
        };
        found.push((key, value));
        rest = next;
    }
    found
}

/// More voices a tune has not.
const MOST_NAMES: usize = 255;

/// The voices of each brace in a list such as `1 {2 3}`. Voices that share a staff there, as in `{(1 2) 3}`, are rather
/// singers than hands.
pub(super) fn braces(list: &str) -> Vec<Vec<String>> {
    let groups = list.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|group| group.0);
    let names = |group: &str| {
        let names = group.split(['|', ' ', '\t']).filter(|name| !name.is_empty());
        names.take(MOST_NAMES).map(ToOwned::to_owned).collect()
    };
    groups.filter(|group| !group.contains('(')).take(MOST_NAMES).map(names).collect()
}
