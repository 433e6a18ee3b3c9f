//! From one token of a `**kern` spine to notes.

use super::recip;
use crate::sheet::{Articulation, Grace, Spelled, Step, Tone};

/// A note or a rest of a token.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Sign {
    /// Its length in grains, where one is written.
    pub(super) length: Option<u64>,
    /// The pitch; none for a rest, and for an instrument without pitch.
    pub(super) pitch: Option<Spelled>,
    /// Whether it takes no time.
    pub(super) grace: Option<Grace>,
    /// A tie begins or goes on.
    pub(super) leads: bool,
    /// A tie ends or goes on.
    pub(super) led_to: bool,
    pub(super) articulations: Vec<Articulation>,
}

/// Reads one note or rest of a token, such as `[8.cc#L`; and what was wrong with it.
pub(super) fn sign(text: &[u8]) -> (Sign, Option<String>) {
    let mut scanner = Scanner::default();
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        at += scanner.step(rest);
    }
    scanner.finish(text)
}

#[derive(Default)]
struct Scanner {
    sign: Sign,
    recip: Option<u64>,
    dots: u32,
    letter: Option<(Step, i8)>,
    alter: i8,
    rest: bool,
    unpitched: bool,
    graces: u8,
    fault: Option<String>,
    accents: u8,
}

impl Scanner {
    /// Takes the sign at the beginning and tells how many bytes it has.
    fn step(&mut self, text: &[u8]) -> usize {
        let Some(&byte) = text.first() else { return 0 };
        match byte {
            b'0'..=b'9' => return self.digits(text),
            b'.' => self.dots += 1,
            b'a'..=b'g' | b'A'..=b'G' => {
                let run = text.iter().take_while(|&&next| next == byte).count();
                self.note(byte, run);
                return run;
            }
            b'#' | b'-' => self.accidental(if byte == b'#' { 1 } else { -1 }),
            b'r' => self.rest = true,
            b'R' => self.unpitched = true,
            b'q' => self.graces = self.graces.saturating_add(1),
            b'[' => self.sign.leads = true,
            b']' => self.sign.led_to = true,
            b'_' => (self.sign.leads, self.sign.led_to) = (true, true),
            b'^' => self.accents = self.accents.saturating_add(1),
            _ => self.sign.articulations.extend(articulation(byte)),
        }
        1
    }

    fn digits(&mut self, text: &[u8]) -> usize {
        let (length, read) = recip::length(text);
        if self.recip.is_none() {
            self.recip = length;
            if length.is_none() {
                self.fault = Some(
                    "a length must be between a 9999th and 64 whole notes; a quarter is taken".to_owned(),
                );
                self.recip = Some(recip::QUARTER);
            }
        }
        read
    }

    fn accidental(&mut self, semitones: i8) {
        if self.alter.signum() == -semitones {
            self.fault = Some("a note must be raised or lowered, but is both".to_owned());
        }
        self.alter = self.alter.saturating_add(semitones);
    }

    /// `c` is the middle C, `cc` the octave above; `C` the octave below, `CC` below that.
    fn note(&mut self, byte: u8, run: usize) {
        if self.letter.is_some() {
            self.fault = Some("a note must name one pitch, but names two; the first is taken".to_owned());
            return;
        }
        let octaves = i8::try_from(run).unwrap_or(i8::MAX).min(12);
        let octave = if byte.is_ascii_lowercase() { 3 + octaves } else { 4 - octaves };
        self.letter = Step::of_letter(char::from(byte)).map(|step| (step, octave));
    }

    fn finish(mut self, text: &[u8]) -> (Sign, Option<String>) {
        if let Some((step, octave)) = self.letter.filter(|_| !self.rest) {
            self.sign.pitch = Some(Spelled { octave, tone: Tone::new(step, self.alter.clamp(-3, 3)) });
        }
        if self.letter.is_none() && !self.rest && !self.unpitched && self.fault.is_none() {
            let shown = String::from_utf8_lossy(text);
            self.fault = Some(format!(
                "a note must name a pitch or be a rest `r`, but was `{shown}`; a rest is taken"
            ));
        }
        if self.graces > 0 {
            self.sign.grace = Some(Grace { slashed: self.graces == 1 });
        } else {
            self.sign.length = self.recip.map(|length| recip::dotted(length, self.dots));
        }
        match self.accents {
            0 => {}
            1 => self.sign.articulations.push(Articulation::Accent),
            _ => self.sign.articulations.push(Articulation::Marcato),
        }
        self.sign.articulations.sort_unstable();
        self.sign.articulations.dedup();
        (self.sign, self.fault)
    }
}

fn articulation(byte: u8) -> Option<Articulation> {
    Some(match byte {
        b'\'' => Articulation::Staccato,
        b'`' => Articulation::Staccatissimo,
        b'~' => Articulation::Tenuto,
        b';' => Articulation::Fermata,
        b't' | b'T' => Articulation::Trill,
        b'm' | b'M' | b'w' | b'W' => Articulation::Mordent,
        b'S' | b'$' => Articulation::Turn,
        b':' => Articulation::Arpeggio,
        _ => return None,
    })
}

/// The signs of an articulation.
pub(super) fn articulation_text(articulation: Articulation) -> &'static str {
    match articulation {
        Articulation::Accent => "^",
        Articulation::Marcato => "^^",
        Articulation::Staccato => "'",
        Articulation::Staccatissimo => "`",
        Articulation::Tenuto => "~",
        Articulation::Fermata => ";",
        Articulation::Trill => "T",
        Articulation::Mordent => "M",
        Articulation::Turn => "S",
        Articulation::Arpeggio => ":",
    }
}

/// The letters of a pitch with its accidental.
pub(super) fn pitch_text(pitch: Spelled) -> String {
    let letter = pitch.tone.step.letter();
    let (letter, count) = match pitch.octave {
        4.. => (letter.to_ascii_lowercase(), pitch.octave - 3),
        octave => (letter, 4_i8.saturating_sub(octave)),
    };
    let sign = if pitch.tone.alter < 0 { "-" } else { "#" };
    let letters = letter.to_string().repeat(usize::from(count.unsigned_abs()));
    letters + &sign.repeat(usize::from(pitch.tone.alter.unsigned_abs()))
}
