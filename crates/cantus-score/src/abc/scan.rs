//! From a line of music to signs.

use super::fields;

/// A length as written: a multiple of the unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Length {
    pub(super) upper: u64,
    pub(super) lower: u64,
}

/// A bar line, and what repeats at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct BarLine {
    /// A repeat begins here.
    pub(super) begins: bool,
    /// How often the section that ends here is played again.
    pub(super) again: u8,
    /// Two strokes or a thick one.
    pub(super) double: bool,
}

/// One sign of a line of music.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Sign {
    /// A note: its letter as a step above C, its octave (4 holds middle C), its accidental in semitones.
    Note { step: usize, octave: i32, accidental: Option<i8>, length: Length },
    /// A rest.
    Rest(Length),
    /// A rest of so many bars.
    BarRest(u64),
    /// A chord begins.
    ChordBegins,
    /// A chord ends; all its notes are so many times as long.
    ChordEnds(Length),
    /// The note before is longer by as many halvings as the note after is shorter; negative the other way round.
    Broken(i32),
    /// The note or chord before is held into the next.
    Tie,
    /// A tuplet: so many notes (first), in the time of so many (second), for the next so many (third).
    Tuplet(u64, Option<u64>, Option<u64>),
    /// A bar line.
    Bar(BarLine),
    /// A variant ending for these passes begins.
    Ending(Vec<u8>),
    /// The music goes back to the beginning of the bar, for another line of the same voice.
    Overlay,
    /// A field within the line, such as `[M:3/4]`.
    Field(char, String),
    /// A chord symbol.
    Symbol(String),
    /// Something wrong, passed over.
    Fault(String),
}

/// The signs of a line, each with its column from 1.
pub(super) fn signs(line: &str) -> Vec<(usize, Sign)> {
    let mut scanner = Scanner { chars: line.chars().collect(), at: 0, in_chord: false };
    let mut signs = Vec::new();
    while let Some(c) = scanner.peek(0) {
        let begin = scanner.at;
        if let Some(sign) = scanner.sign(c) {
            signs.push((begin + 1, sign));
        }
        debug_assert!(scanner.at > begin, "a sign takes at least one character");
        scanner.at = scanner.at.max(begin + 1);
    }
    signs
}

/// The highest number of a length that is taken at its word.
const MOST: u64 = 9_999;

struct Scanner {
    chars: Vec<char>,
    at: usize,
    in_chord: bool,
}

impl Scanner {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.at + ahead).copied()
    }

    fn eat(&mut self, wanted: char) -> bool {
        let found = self.peek(0) == Some(wanted);
        self.at += usize::from(found);
        found
    }

    /// How many of a character stand here; they are passed.
    fn run(&mut self, wanted: char) -> usize {
        let begin = self.at;
        while self.eat(wanted) {}
        self.at - begin
    }

    fn number(&mut self) -> Option<u64> {
        let mut value = None;
        while let Some(digit) = self.peek(0).and_then(|c| c.to_digit(10)) {
            value = Some((value.unwrap_or(0) * 10 + u64::from(digit)).min(MOST + 1));
            self.at += 1;
        }
        value
    }

    /// Passes over `open … close` and gives what is between, if the line holds the close before any of `never`.
    fn between(&mut self, close: char, never: &[char]) -> Option<String> {
        let inside = self.chars.get(self.at + 1..)?;
        let end = inside.iter().position(|c| *c == close || never.contains(c))?;
        if inside.get(end) != Some(&close) {
            return None;
        }
        let text = inside.get(..end)?.iter().collect();
        self.at += end + 2;
        Some(text)
    }

    /// Reads the sign that begins with `c`; nothing for what has no meaning in sound. Always moves on.
    fn sign(&mut self, c: char) -> Option<Sign> {
        match c {
            'A'..='G' | 'a'..='g' | '^' | '_' | '=' => return Some(self.note()),
            '|' | ':' => return Some(self.bar()),
            '[' => return Some(self.bracket()),
            ']' if self.in_chord => {
                self.at += 1;
                self.in_chord = false;
                return Some(Sign::ChordEnds(self.length()));
            }
            '"' => return self.quoted(),
            '{' => return self.grace(),
            '(' if self.peek(1).is_some_and(|c| c.is_ascii_digit()) => return Some(self.tuplet()),
            '>' => return Some(Sign::Broken(self.run('>') as i32)),
            '<' => return Some(Sign::Broken(-(self.run('<') as i32))),
            '!' => {
                self.shout();
                return None;
            }
            '+' => return self.plus(),
            // `|1` and `:|2`, the brackets left out.
            '0'..='9' if self.after_bar_line() => return Some(self.ending()),
            _ => self.at += 1,
        }
        match c {
            'z' | 'x' => Some(Sign::Rest(self.length())),
            'Z' | 'X' => Some(Sign::BarRest(self.number().unwrap_or(1))),
            'y' => {
                self.length();
                None
            }
            '-' => Some(Sign::Tie),
            '&' => Some(Sign::Overlay),
            // Slurs, decorations, beams, spaces and what version 2.1 reserves: none has a sound of its own.
            '('
            | ')'
            | '.'
            | '~'
            | '\\'
            | '`'
            | '#'
            | '*'
            | ';'
            | '?'
            | '@'
            | '$'
            | 'H'..='W'
            | 'h'..='w' => None,
            c if c.is_whitespace() => None,
            ']' => Some(Sign::Fault("a `]` closes a chord, but none is open; passed over".into())),
            c => Some(Sign::Fault(format!("`{c}` means nothing in music; passed over"))),
        }
    }

    fn accidental(&mut self) -> Option<i8> {
        let sharps = self.run('^').min(2) as i8;
        let flats = if sharps == 0 { self.run('_').min(2) as i8 } else { 0 };
        let natural = sharps == 0 && flats == 0 && self.eat('=');
        (natural || sharps + flats > 0).then_some(sharps - flats)
    }

    fn note(&mut self) -> Sign {
        let accidental = self.accidental();
        // `_/e` is a quarter tone, which no key of the keyboard plays: the letter's own pitch is nearest.
        let quarter_tone = accidental.is_some() && self.eat('/');
        let Some((letter, step)) = self.peek(0).and_then(|c| Some((c, fields::letter_step(c)?))) else {
            return Sign::Fault(
                "an accidental must stand before a note, but none follows; passed over".into(),
            );
        };
        self.at += 1;
        let mut octave = if letter.is_ascii_lowercase() { 5 } else { 4 };
        loop {
            match self.peek(0) {
                Some('\'') => octave += 1,
                Some(',') => octave -= 1,
                _ => break,
            }
            self.at += 1;
        }
        let accidental = if quarter_tone { Some(0) } else { accidental };
        Sign::Note { step, octave, accidental, length: self.length() }
    }

    /// `3`, `/`, `//`, `/4`, `3/2`.
    fn length(&mut self) -> Length {
        let upper = self.number().unwrap_or(1);
        let mut lower = 1;
        while self.eat('/') {
            lower *= self.number().unwrap_or(2);
            lower = lower.min(MOST + 1);
        }
        Length { upper, lower }
    }

    fn bar(&mut self) -> Sign {
        let fresh = self.at == 0 || self.after_bar_line();
        let mut run = String::new();
        while let Some(c) = self.peek(0) {
            let thick = c == '[' && self.peek(1) == Some('|');
            let closes = c == ']' && run.ends_with('|');
            if !(c == '|' || c == ':' || thick || closes) {
                break;
            }
            run.push(c);
            self.at += 1;
        }
        let line = bar_line(&run);
        // A lone colon belongs to the bar line before it, even across the end of a line; else it ends a repeat.
        if run == ":" && fresh {
            return Sign::Bar(BarLine { begins: true, again: 0, ..line });
        }
        Sign::Bar(line)
    }

    /// `[1` (an ending), `[|` (a bar line), `[M:3/4]` (a field), `[CEG]` (a chord).
    fn bracket(&mut self) -> Sign {
        match (self.peek(1), self.peek(2)) {
            (Some('|'), _) => return self.bar(),
            (Some('0'..='9'), _) => {
                self.at += 1;
                return self.ending();
            }
            (Some(letter), Some(':')) if letter.is_ascii_alphabetic() => {
                if let Some(field) = self.between(']', &[]) {
                    return Sign::Field(letter, field.chars().skip(2).collect());
                }
            }
            _ => {
                let rest = self.chars.get(self.at + 1..).unwrap_or_default();
                let end = rest.iter().position(|c| "]|[".contains(*c));
                if end.and_then(|end| rest.get(end)) == Some(&']') && !self.in_chord {
                    self.at += 1;
                    self.in_chord = true;
                    return Sign::ChordBegins;
                }
            }
        }
        self.at += 1;
        Sign::Fault("a `[` must be closed by `]` in the same bar, but was not; passed over".into())
    }

    fn after_bar_line(&self) -> bool {
        let before = self.chars.get(..self.at).unwrap_or_default();
        before.iter().rev().find(|c| **c != ' ').is_some_and(|c| "|:".contains(*c))
    }

    /// `1`, `1,3`, `1-3`.
    fn ending(&mut self) -> Sign {
        let mut passes = Vec::new();
        while let Some(first) = self.number() {
            let last = if self.peek(0) == Some('-') && self.peek(1).is_some_and(|c| c.is_ascii_digit()) {
                self.at += 1;
                self.number().unwrap_or(first)
            } else {
                first
            };
            passes.extend((first..=last.min(16)).map(|pass| pass.min(16) as u8));
            let more = self.peek(0) == Some(',') && self.peek(1).is_some_and(|c| c.is_ascii_digit());
            if !more {
                break;
            }
            self.at += 1;
        }
        Sign::Ending(passes)
    }

    fn quoted(&mut self) -> Option<Sign> {
        if let Some(text) = self.between('"', &[]) {
            // `"^text"`, `"_text"` and the like are words above or below the staff.
            let words = text.starts_with(['^', '_', '<', '>', '@']);
            return (!words && !text.trim().is_empty()).then(|| Sign::Symbol(text.trim().to_owned()));
        }
        while self.peek(0).is_some_and(|c| c != ' ' && c != '|') {
            self.at += 1;
        }
        Some(Sign::Fault(
            "a quotation must be closed in its line, but was not; its first word is left out".into(),
        ))
    }

    fn grace(&mut self) -> Option<Sign> {
        if self.between('}', &['|', '{']).is_some() {
            return None;
        }
        self.at += 1;
        Some(Sign::Fault("grace notes must be closed by `}` in the same bar, but were not".into()))
    }

    fn tuplet(&mut self) -> Sign {
        self.at += 1;
        let notes = self.number().unwrap_or(3);
        let mut part = || if self.eat(':') { self.number() } else { None };
        let (time, count) = (part(), part());
        Sign::Tuplet(notes, time, count)
    }

    /// Passes over a decoration such as `!trill!`; a lone `!` is a mark of older programs or a stroke.
    fn shout(&mut self) {
        let begin = self.at;
        let closed = self.between('!', &['|', ' ', ':', '"']);
        if closed.is_none() {
            self.at = begin + 1;
        }
    }

    /// `+CEG+` is a chord in version 1, `+trill+` a decoration in version 2.0.
    fn plus(&mut self) -> Option<Sign> {
        if self.in_chord {
            self.at += 1;
            self.in_chord = false;
            return Some(Sign::ChordEnds(Length { upper: 1, lower: 1 }));
        }
        let begin = self.at;
        let Some(inside) = self.between('+', &['|', ' ', ':', '"']) else {
            self.at += 1;
            return Some(Sign::Fault(
                "a `+` must be closed in the same bar, but was not; passed over".into(),
            ));
        };
        let is_note = |c: char| "ABCDEFGabcdefg".contains(c);
        let chord = inside.chars().filter(|c| is_note(*c)).count() > 1
            && inside.chars().all(|c| is_note(c) || "0123456789/^_=,'".contains(c))
            && inside.chars().any(|c| c != 'f');
        if chord {
            (self.at, self.in_chord) = (begin + 1, true);
            return Some(Sign::ChordBegins);
        }
        None
    }
}

/// What a run of `|`, `:`, `[` and `]` means.
fn bar_line(run: &str) -> BarLine {
    let strokes = run.find(['|', '[', ']']);
    let (before, after) = match strokes {
        Some(first) => {
            let last = run.rfind(['|', '[', ']']).unwrap_or(first);
            (first, run.len() - last - 1)
        }
        // `::` stands for `:||:`.
        None => (run.len().div_ceil(2), run.len() / 2),
    };
    let hidden = run.contains("[|]");
    let double = !hidden && (run.contains("||") || run.contains(['[', ']']));
    BarLine { begins: after > 0, again: before.min(15) as u8, double }
}
