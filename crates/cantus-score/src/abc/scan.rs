//! From a line of music to signs.

use super::fields;
use crate::sheet::Step;

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
pub(super) enum Sign<'a> {
    /// A note: its letter, its octave (4 holds middle C), its accidental in semitones.
    Note { step: Step, octave: i32, accidental: Option<i8>, length: Length },
    /// A rest.
    Rest(Length),
    /// A rest of so many bars.
    BarRest(u64),
    /// A chord begins.
    ChordBegins,
    /// A chord ends; all its notes are so many times as long.
    ChordEnds(Length),
    /// Grace notes begin, with a stroke through their stem or without.
    GraceBegins { slashed: bool },
    /// Grace notes end.
    GraceEnds,
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
    Field(char, &'a str),
    /// A text in quotes: a chord symbol, or words where a sign of their place comes first.
    Quoted(&'a str),
    /// A decoration by its name, such as `trill`.
    Decoration(&'a str),
    /// A letter or sign that stands for a decoration.
    Short(char),
    /// Something wrong, passed over.
    Fault(String),
}

/// The highest number of a length that is taken at its word.
const MOST: u64 = 9_999;

/// The most passes of a repeated section.
const MOST_PASSES: u64 = 16;

/// The signs of a line, each with the byte at which it begins.
pub(super) struct Signs<'a> {
    line: &'a str,
    bytes: &'a [u8],
    at: usize,
    in_chord: bool,
    in_grace: bool,
    /// Closing signs that do not come any more in this line.
    missing: [bool; 128],
}

impl<'a> Iterator for Signs<'a> {
    type Item = (usize, Sign<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        while let Some(byte) = self.peek(0) {
            let begin = self.at;
            let sign = self.sign(byte);
            debug_assert!(self.at > begin, "a sign takes at least one byte");
            if let Some(sign) = sign {
                return Some((begin, sign));
            }
        }
        None
    }
}

impl<'a> Signs<'a> {
    pub(super) fn new(line: &'a str) -> Self {
        Self { line, bytes: line.as_bytes(), at: 0, in_chord: false, in_grace: false, missing: [false; 128] }
    }

    fn peek(&self, ahead: usize) -> Option<u8> {
        self.bytes.get(self.at + ahead).copied()
    }

    fn eat(&mut self, wanted: u8) -> bool {
        let found = self.peek(0) == Some(wanted);
        self.at += usize::from(found);
        found
    }

    /// How many of a character stand here; they are passed.
    fn run(&mut self, wanted: u8) -> usize {
        let begin = self.at;
        while self.eat(wanted) {}
        self.at - begin
    }

    fn number(&mut self) -> Option<u64> {
        let mut value = None;
        while let Some(digit) = self.peek(0).filter(u8::is_ascii_digit) {
            value = Some((value.unwrap_or(0) * 10 + u64::from(digit - b'0')).min(MOST + 1));
            self.at += 1;
        }
        value
    }

    /// Passes over `open … close` and gives what is between, if the line holds the close before any of `never`.
    fn between(&mut self, close: u8, never: &[u8]) -> Option<&'a str> {
        if self.missing.get(usize::from(close)) == Some(&true) {
            return None;
        }
        let inside = self.bytes.get(self.at + 1..)?;
        let Some(end) = inside.iter().position(|byte| *byte == close || never.contains(byte)) else {
            if let Some(missing) = self.missing.get_mut(usize::from(close)) {
                *missing = true;
            }
            return None;
        };
        if inside.get(end) != Some(&close) {
            return None;
        }
        let text = self.line.get(self.at + 1..self.at + 1 + end)?;
        self.at += end + 2;
        Some(text)
    }

    /// Reads the sign that begins with `byte`; nothing for what has no meaning. Always moves on.
    fn sign(&mut self, byte: u8) -> Option<Sign<'a>> {
        match byte {
            b'A'..=b'G' | b'a'..=b'g' | b'^' | b'_' | b'=' => return Some(self.note()),
            b'|' | b':' => return Some(self.bar()),
            b'[' => return Some(self.bracket()),
            b']' if self.in_chord => {
                self.at += 1;
                self.in_chord = false;
                return Some(Sign::ChordEnds(self.length()));
            }
            b'"' => return Some(self.quoted()),
            b'{' => return Some(self.grace()),
            b'}' if self.in_grace => {
                self.at += 1;
                self.in_grace = false;
                return Some(Sign::GraceEnds);
            }
            b'(' if self.peek(1).is_some_and(|next| next.is_ascii_digit()) => return Some(self.tuplet()),
            b'>' => return Some(Sign::Broken(self.run(b'>') as i32)),
            b'<' => return Some(Sign::Broken(-(self.run(b'<') as i32))),
            b'!' => return self.shout(),
            b'+' => return Some(self.plus()),
            // `|1` and `:|2`, the brackets left out.
            b'0'..=b'9' if self.after_bar_line() => return Some(self.ending()),
            _ => {}
        }
        let c = self.line.get(self.at..).and_then(|rest| rest.chars().next()).unwrap_or(' ');
        self.at += c.len_utf8();
        match c {
            'z' | 'x' => Some(Sign::Rest(self.length())),
            'Z' | 'X' => Some(Sign::BarRest(self.number().unwrap_or(1))),
            'y' => {
                self.length();
                None
            }
            '-' => Some(Sign::Tie),
            '&' => Some(Sign::Overlay),
            '.' | '~' | 'H'..='W' | 'h'..='w' => Some(Sign::Short(c)),
            // Slurs, beams, spaces and what version 2.1 reserves: none has a sound of its own.
            '(' | ')' | '\\' | '`' | '#' | '*' | ';' | '?' | '@' | '$' => None,
            c if c.is_whitespace() => None,
            ']' => Some(Sign::Fault("a `]` closes a chord, but none is open; passed over".into())),
            c => Some(Sign::Fault(format!("`{c}` means nothing in music; passed over"))),
        }
    }

    fn accidental(&mut self) -> Option<i8> {
        let sharps = self.run(b'^').min(2) as i8;
        let flats = if sharps == 0 { self.run(b'_').min(2) as i8 } else { 0 };
        let natural = sharps == 0 && flats == 0 && self.eat(b'=');
        (natural || sharps + flats > 0).then_some(sharps - flats)
    }

    fn note(&mut self) -> Sign<'a> {
        let accidental = self.accidental();
        // `_/e` is a quarter tone, which no key of the keyboard plays: the letter's own pitch is nearest.
        let quarter_tone = accidental.is_some() && self.eat(b'/');
        let letter = self.peek(0).map(char::from);
        let Some((letter, step)) = letter.and_then(|letter| Some((letter, fields::letter_step(letter)?)))
        else {
            return Sign::Fault(
                "an accidental must stand before a note, but none follows; passed over".into(),
            );
        };
        self.at += 1;
        let mut octave = if letter.is_ascii_lowercase() { 5 } else { 4 };
        loop {
            match self.peek(0) {
                Some(b'\'') => octave += 1,
                Some(b',') => octave -= 1,
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
        while self.eat(b'/') {
            lower *= self.number().unwrap_or(2);
            lower = lower.min(MOST + 1);
        }
        Length { upper, lower }
    }

    fn bar(&mut self) -> Sign<'a> {
        let fresh = self.at == 0 || self.after_bar_line();
        let begin = self.at;
        while let Some(byte) = self.peek(0) {
            let thick = byte == b'[' && self.peek(1) == Some(b'|');
            let closes = byte == b']' && self.at > begin && self.bytes.get(self.at - 1) == Some(&b'|');
            if !(byte == b'|' || byte == b':' || thick || closes) {
                break;
            }
            self.at += 1;
        }
        let run = self.line.get(begin..self.at).unwrap_or_default();
        let line = bar_line(run);
        // A lone colon belongs to the bar line before it, even across the end of a line; else it ends a repeat.
        if run == ":" && fresh {
            return Sign::Bar(BarLine { begins: true, again: 0, ..line });
        }
        Sign::Bar(line)
    }

    /// `[1` (an ending), `[|` (a bar line), `[M:3/4]` (a field), `[CEG]` (a chord).
    fn bracket(&mut self) -> Sign<'a> {
        match (self.peek(1), self.peek(2)) {
            (Some(b'|'), _) => return self.bar(),
            (Some(b'0'..=b'9'), _) => {
                self.at += 1;
                return self.ending();
            }
            (Some(letter), Some(b':')) if letter.is_ascii_alphabetic() => {
                if let Some(field) = self.between(b']', &[]) {
                    return Sign::Field(char::from(letter), field.get(2..).unwrap_or_default());
                }
            }
            _ => {
                let rest = self.bytes.get(self.at + 1..).unwrap_or_default();
                let end = closing_of_chord(rest);
                if end.and_then(|end| rest.get(end)) == Some(&b']') && !self.in_chord {
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
        let before = self.bytes.get(..self.at).unwrap_or_default();
        before.iter().rev().find(|byte| **byte != b' ').is_some_and(|byte| b"|:".contains(byte))
    }

    /// `1`, `1,3`, `1-3`.
    fn ending(&mut self) -> Sign<'a> {
        let mut passes = Vec::new();
        while let Some(first) = self.number() {
            let last = if self.peek(0) == Some(b'-') && self.peek(1).is_some_and(|byte| byte.is_ascii_digit())
            {
                self.at += 1;
                self.number().unwrap_or(first)
            } else {
                first
            };
            let first = first.max(1);
            passes.extend((first..=last.max(first).min(MOST_PASSES)).map(|pass| pass as u8));
            let more = self.peek(0) == Some(b',') && self.peek(1).is_some_and(|byte| byte.is_ascii_digit());
            if !more {
                break;
            }
            self.at += 1;
        }
        if passes.is_empty() {
            return Sign::Fault(format!(
                "an ending must be for one of {MOST_PASSES} passes, but is for none; passed over"
            ));
        }
        passes.sort_unstable();
        passes.dedup();
        Sign::Ending(passes)
    }

    fn quoted(&mut self) -> Sign<'a> {
        if let Some(text) = self.between(b'"', &[]) {
            return Sign::Quoted(text.trim());
        }
        while self.peek(0).is_some_and(|byte| byte != b' ' && byte != b'|') {
            self.at += 1;
        }
        Sign::Fault("a quotation must be closed in its line, but was not; its first word is left out".into())
    }

    fn grace(&mut self) -> Sign<'a> {
        let rest = self.bytes.get(self.at + 1..).unwrap_or_default();
        let end = rest.iter().position(|byte| b"}|{".contains(byte));
        let closed = end.and_then(|end| rest.get(end)) == Some(&b'}');
        self.at += 1;
        if closed && !self.in_grace {
            self.in_grace = true;
            return Sign::GraceBegins { slashed: self.eat(b'/') };
        }
        Sign::Fault("grace notes must be closed by `}` in the same bar, but were not".into())
    }

    fn tuplet(&mut self) -> Sign<'a> {
        self.at += 1;
        let notes = self.number().unwrap_or(3);
        let mut part = || if self.eat(b':') { self.number() } else { None };
        let (time, count) = (part(), part());
        Sign::Tuplet(notes, time, count)
    }

    /// A decoration such as `!trill!`; a lone `!` is a mark of older programs or a stroke.
    fn shout(&mut self) -> Option<Sign<'a>> {
        let begin = self.at;
        let name = self.between(b'!', b"| :\"");
        self.at = self.at.max(begin + 1);
        name.filter(|name| !name.is_empty()).map(Sign::Decoration)
    }

    /// `+CEG+` is a chord in version 1, `+trill+` a decoration in version 2.0.
    fn plus(&mut self) -> Sign<'a> {
        if self.in_chord {
            self.at += 1;
            self.in_chord = false;
            return Sign::ChordEnds(Length { upper: 1, lower: 1 });
        }
        let begin = self.at;
        let Some(inside) = self.between(b'+', b"| :\"") else {
            self.at += 1;
            return Sign::Fault("a `+` must be closed in the same bar, but was not; passed over".into());
        };
        let is_note = |c: char| "ABCDEFGabcdefg".contains(c);
        let chord = inside.chars().filter(|c| is_note(*c)).count() > 1
            && inside.chars().all(|c| is_note(c) || "0123456789/^_=,'".contains(c))
            && inside.chars().any(|c| c != 'f');
        if chord {
            (self.at, self.in_chord) = (begin + 1, true);
            return Sign::ChordBegins;
        }
        Sign::Decoration(inside)
    }
}

/// Where the first bracket or bar line outside of quotes stands.
fn closing_of_chord(rest: &[u8]) -> Option<usize> {
    let mut quoted = false;
    rest.iter().position(|byte| {
        quoted ^= *byte == b'"';
        !quoted && b"]|[".contains(byte)
    })
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
