//! Macros (`m:`): signs that stand for others.

use std::borrow::Cow;

use super::fields::letter_step;
use crate::sheet::Step;

/// The most macros of a tune.
const MOST: usize = 200;

/// A macro: what is found, and what stands in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Macro {
    /// Before the note and after it; a macro of one note has nothing after.
    before: String,
    /// What follows the note for which `n` stands; nothing where the macro stands for itself.
    after: Option<String>,
    text: String,
}

/// The macros of a tune, the last of one name holding.
#[derive(Debug, Clone, Default)]
pub(super) struct Macros(Vec<Macro>);

impl Macros {
    /// Takes a field such as `~g2 = {a}g{f}g` or `~n2 = (3o/n/m/`, where `n` stands for any note and the letters around it for
    /// those above and below.
    pub(super) fn define(&mut self, text: &str) -> Result<(), String> {
        let Some((target, text)) = text.split_once('=').filter(|pair| !pair.0.trim().is_empty()) else {
            return Err(format!(
                "a macro must be like `~g2 = {{a}}g`, but was `{}`; passed over",
                text.trim()
            ));
        };
        if self.0.len() >= MOST {
            return Err(format!("a tune may have up to {MOST} macros, but has more; passed over"));
        }
        let (target, text) = (target.trim(), text.trim().to_owned());
        let (before, after) = match target.split_once('n') {
            Some((before, after)) => (before.to_owned(), Some(after.to_owned())),
            None => (target.to_owned(), None),
        };
        self.0.retain(|known| (&known.before, &known.after) != (&before, &after));
        self.0.push(Macro { before, after, text });
        Ok(())
    }

    /// The line with its macros unfolded, as long as it grows by no more than `most` bytes; then it stays as it is.
    pub(super) fn unfolded<'a>(&self, line: &'a str, most: usize) -> Cow<'a, str> {
        if self.0.is_empty() {
            return Cow::Borrowed(line);
        }
        let (mut text, mut rest, mut changed) = (String::new(), line, false);
        while let Some(c) = rest.chars().next() {
            let inside = quoted(rest);
            let found = if inside > 0 { None } else { self.0.iter().find_map(|known| known.at(rest)) };
            let plain = inside.max(c.len_utf8());
            let (put, taken) =
                found.as_ref().map_or((rest.get(..plain).unwrap_or_default(), plain), |(put, taken)| {
                    (put.as_str(), *taken)
                });
            changed |= found.is_some();
            text.push_str(put);
            rest = rest.get(taken..).unwrap_or_default();
            if text.len() > line.len() + most {
                return Cow::Borrowed(line);
            }
        }
        if changed { Cow::Owned(text) } else { Cow::Borrowed(line) }
    }
}

/// The length of a quotation at the beginning of a text.
fn quoted(text: &str) -> usize {
    let end = text.strip_prefix('"').and_then(|inside| inside.find('"'));
    end.map_or(0, |end| end + 2)
}

impl Macro {
    /// What stands for the beginning of a text, and the bytes of it that are taken.
    fn at(&self, text: &str) -> Option<(String, usize)> {
        let rest = text.strip_prefix(self.before.as_str())?;
        let Some(after) = &self.after else { return Some((self.text.clone(), self.before.len())) };
        let letter = rest.chars().next()?;
        let step = letter_step(letter)?;
        let marks = rest.get(1..)?;
        let end = marks.find(|c| !"',".contains(c)).unwrap_or(marks.len());
        let (marks, rest) = marks.split_at(end);
        rest.strip_prefix(after.as_str())?;
        let up = marks.matches('\'').count() as i32 - marks.matches(',').count() as i32;
        let octave = i32::from(letter.is_ascii_lowercase()) + up.clamp(-10, 10);
        let place = octave * 7 + step as i32;
        Some((self.transposed(place), self.before.len() + 1 + end + after.len()))
    }

    /// The text with its letters from `h` to `z` as notes around a place in the scale.
    fn transposed(&self, place: i32) -> String {
        let mut text = String::with_capacity(self.text.len() + 8);
        for c in self.text.chars() {
            if ('h'..='z').contains(&c) {
                let to = place + c as i32 - 'n' as i32;
                push_note(&mut text, to);
            } else {
                text.push(c);
            }
        }
        text
    }
}

/// The note of a place in the scale; 0 is the middle C.
fn push_note(text: &mut String, place: i32) {
    let letter = Step::ALL.get(place.rem_euclid(7) as usize).map_or('C', |step| step.letter());
    let octave = place.div_euclid(7);
    text.push(if octave >= 1 { letter.to_ascii_lowercase() } else { letter });
    let marks = if octave >= 1 { octave - 1 } else { -octave };
    (0..marks).for_each(|_| text.push(if octave >= 1 { '\'' } else { ',' }));
}
