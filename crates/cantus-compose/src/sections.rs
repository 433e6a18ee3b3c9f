//! Long form: sections that return, each time a little otherwise, with cadences at their ends.

use std::fmt;
use std::str::FromStr;

use cantus_features::control::{Chord, Control, Quality};
use cantus_model::controls::{ChordSpan, Levels};
use cantus_model::encoding::{ESCAPE, Length, Steps};
use cantus_model::walk::{Kind, STOP};
use cantus_nn::Rng;
use cantus_score::{Key, Mode, PitchClass};
use serde::{Deserialize, Serialize};

use crate::chooser::{Chooser, Context};
use crate::distribution::Distribution;
use crate::error::ComposeError;

/// Most sections of a form.
const MOST_SECTIONS: usize = 32;
/// Bars of a section where no length is asked for.
pub(crate) const USUAL_BARS: u32 = 8;
/// Of so many bars of a section that returns one is drawn anew, in the second half of them.
const GROUP: u32 = 4;
/// Bars at the end of a piece that are never those of an earlier section: they must lead to the end.
const ENDING: u32 = 2;
/// The stream of chance that the bars to be drawn anew come from.
const STREAM: u64 = u64::MAX - 1;

/// Sections by their letters, such as `AABA`: those with the same letter are the same music.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Form(String);

/// A section of a piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Section {
    /// Its letter.
    pub letter: char,
    /// Its first bar, from 0.
    pub first: u32,
    /// How many bars it has.
    pub bars: u32,
}

impl FromStr for Form {
    type Err = ComposeError;

    fn from_str(text: &str) -> Result<Self, ComposeError> {
        let letters: String = text.chars().filter(|sign| !sign.is_whitespace()).collect();
        let are_letters = letters.chars().all(|letter| letter.is_ascii_uppercase());
        if are_letters && (2..=MOST_SECTIONS).contains(&letters.len()) {
            return Ok(Self(letters));
        }
        let rule = "of 2 to 32 letters from A to Z, such as AABA";
        Err(ComposeError::Range { what: "a form", rule, value: format!("\"{text}\"") })
    }
}

impl TryFrom<String> for Form {
    type Error = ComposeError;

    fn try_from(text: String) -> Result<Self, ComposeError> {
        text.parse()
    }
}

impl From<Form> for String {
    fn from(form: Form) -> Self {
        form.0
    }
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Form {
    /// How many sections it has.
    pub(crate) fn count(&self) -> u32 {
        self.0.len() as u32
    }

    /// Its sections in a piece of so many bars, all of one length.
    pub(crate) fn sections(&self, bars: u32) -> Result<Vec<Section>, ComposeError> {
        if bars == 0 || !bars.is_multiple_of(self.count()) {
            let rule = format!("a multiple of {}, the sections of {self}", self.count());
            return Err(ComposeError::Place { what: "bars", rule, value: bars.to_string() });
        }
        let each = bars / self.count();
        let section = |(place, letter)| Section { letter, first: place * each, bars: each };
        Ok((0..).zip(self.0.chars()).map(section).collect())
    }
}

/// The cadences of sections in a key: to the tonic where the same section or a new one follows, and to the dominant where an earlier one
/// comes back. The end of the piece is not theirs.
pub(crate) fn cadences(sections: &[Section], key: Key, bar: Steps) -> Vec<ChordSpan> {
    let chord = |semitones: i64, quality: Quality| {
        let root = PitchClass::saturating((i64::from(key.tonic().get()) + semitones) % 12);
        Some(Chord { root, quality })
    };
    let of_mode = if key.mode() == Mode::Minor { Quality::Minor } else { Quality::Major };
    let (tonic, approach, dominant) = (chord(0, of_mode), chord(5, of_mode), chord(7, Quality::Major));
    let mut spans = Vec::new();
    for pair in sections.windows(2).filter(|pair| pair[0].bars >= GROUP) {
        let [section, next] = pair else { continue };
        let comes_back = next.letter < section.letter;
        let end = section.first + section.bars;
        let last = if comes_back { [approach, dominant] } else { [dominant, tonic] };
        for (before_end, chord) in [2, 1].into_iter().zip(last) {
            spans.push(ChordSpan { from: (end - before_end) * bar, chord });
        }
        spans.push(ChordSpan { from: end * bar, chord: None });
    }
    spans
}

/// Levels of density and register that sections with another letter than the first have, one letter after the other, so that they
/// are heard as something new.
const CONTRASTS: [[u8; 2]; 3] = [[7, 8], [2, 1], [8, 3]];

/// Asks bars of sections other than the first for density and register of their own, where `is_free` says that a control may be asked.
pub(crate) fn contrast(sections: &[Section], bars: &mut Vec<Levels>, is_free: impl Fn(Control) -> bool) {
    let Some(last) = sections.last() else { return };
    if ![Control::Density, Control::Register].into_iter().any(&is_free) {
        return;
    }
    bars.resize((last.first + last.bars) as usize, [None; Control::COUNT]);
    let mut letters: Vec<char> = sections.iter().map(|section| section.letter).collect();
    letters.sort_unstable();
    letters.dedup();
    for section in sections.iter().filter(|section| section.letter != sections[0].letter) {
        let others = letters.iter().filter(|letter| **letter != sections[0].letter);
        let place = others.take_while(|letter| **letter != section.letter).count();
        let levels = CONTRASTS[place % CONTRASTS.len()];
        for (control, level) in [Control::Density, Control::Register].into_iter().zip(levels) {
            let own = section.first as usize..(section.first + section.bars) as usize;
            for bar in bars[own].iter_mut().filter(|_| is_free(control)) {
                bar[control.index()] = Some(level);
            }
        }
    }
}

/// Chooses in a section that returns what was there the first time, where that can be.
pub(crate) struct Returns<'a> {
    chooser: &'a mut dyn Chooser,
    sections: &'a [Section],
    bar: Steps,
    /// Bars of any section, from its first, that are drawn anew where it returns.
    anew: Vec<bool>,
}

impl<'a> Returns<'a> {
    pub(crate) fn new(chooser: &'a mut dyn Chooser, sections: &'a [Section], bar: Steps, seed: u64) -> Self {
        let mut rng = Rng::new(seed).fork(STREAM);
        let mut anew = vec![false; sections.first().map_or(0, |section| section.bars as usize)];
        for group in anew.chunks_mut(GROUP as usize) {
            let half = group.len() / 2;
            let place = half + rng.below(group.len() - half);
            group[place] = true;
        }
        // The last bar of a section is always its own, for its cadence.
        if let Some(last) = anew.last_mut() {
            *last = true;
        }
        Self { chooser, sections, bar: bar.max(1), anew }
    }

    fn section_of(&self, bar: u32) -> Option<Section> {
        self.sections.iter().rfind(|section| section.first <= bar).copied()
    }

    /// Whether the bar at a place of a section is drawn anew.
    fn is_anew(&self, within: u32) -> bool {
        self.anew.get(within as usize).copied().unwrap_or(true)
    }

    /// The bar of which a bar is the return, where its section was there before; and whether it is to repeat it.
    fn source_of(&self, bar: u32) -> Option<(u32, bool)> {
        let section = self.section_of(bar)?;
        let first = self.sections.iter().find(|first| first.letter == section.letter)?;
        let end = self.sections.last().map_or(0, |last| last.first + last.bars);
        let within = bar - section.first;
        let repeats = !self.is_anew(within) && bar + ENDING < end;
        (first.first != section.first).then_some((first.first + within, repeats))
    }

    /// Whether nothing sounds over the line before a bar, so that what returns can begin there.
    fn is_clean(&self, bar: u32) -> bool {
        self.section_of(bar)
            .is_some_and(|section| bar == section.first || self.is_anew(bar - section.first - 1))
    }

    /// The answer that was given the first time, and whether it is to be given again.
    fn known(&self, context: &Context) -> Option<(u32, bool)> {
        let piece = context.piece?;
        let bar = context.at.checked_sub(piece.pickup())? / self.bar;
        let (source, repeats) = self.source_of(bar)?;
        let later = (bar - source) * self.bar;
        let slices = piece.slices();
        let index = slices.binary_search_by_key(&(context.at - later), |slice| slice.at).ok()?;
        let next = slices.get(index + 1).map(|next| next.at + later);
        let is_known = context.kind != Kind::Gap || next.is_some();
        is_known.then(|| (piece.answer_with(&slices[index].notes, next), repeats))
    }

    /// The answer that leads to the next clean line, where the one that was drawn goes beyond it.
    fn shortened(&self, drawn: u32, context: &Context) -> Option<u32> {
        let piece = context.piece?;
        let (at, pickup) = (context.at, piece.pickup());
        // The pickup lies before bar 0.
        let first = at.checked_sub(pickup).map_or(0, |since| since / self.bar + 1);
        let bars = first..self.sections.last()?.first + 1;
        let left = pickup + bars.into_iter().find(|bar| self.is_clean(*bar))? * self.bar - at;
        let left_as = Length::saturating(left);
        let (quarters, rest) = left_as.spelled();
        match context.kind {
            Kind::Length | Kind::Gap => {
                let goes_beyond = match Length::of_class(drawn) {
                    Some(length) => length.steps() > left,
                    // The end of a piece is no length; a rare length is told in quarters and what is beyond them.
                    None => drawn == ESCAPE && left_as.class() != ESCAPE,
                };
                goes_beyond.then(|| left_as.class())
            }
            Kind::Coarse => (drawn > quarters).then_some(quarters),
            Kind::Fine => (piece.asked_quarters() == quarters && drawn > rest).then_some(rest),
            _ => None,
        }
    }
}

/// Another note than one, each as likely as it is offered.
fn another(offered: &Distribution, than: u32, rng: &mut Rng) -> Option<u32> {
    let others = || offered.classes.iter().copied().filter(|class| *class != than && *class != STOP);
    let all: f32 = others().map(|class| offered.probability(class)).sum();
    let mut left = rng.uniform() * all;
    let drawn = others().find(|class| {
        left -= offered.probability(*class);
        left < 0.0
    });
    drawn.or_else(|| others().next_back())
}

impl Chooser for Returns<'_> {
    fn choose(&mut self, offered: &Distribution, context: &Context, rng: &mut Rng) -> u32 {
        // The inner chooser is always asked: it may mark time, and chance goes on alike.
        let drawn = self.chooser.choose(offered, context, rng);
        let is_offered = |class: &u32| offered.classes.binary_search(class).is_ok();
        let known = self.known(context);
        if let Some((known, true)) = known.filter(|(known, _)| is_offered(known)) {
            return known;
        }
        // Left to itself the network repeats what it remembers: of what is to vary every second note is another one.
        if known == Some((drawn, false)) && context.kind == Kind::Pitch && drawn != STOP && rng.below(2) == 0
        {
            return another(offered, drawn, rng).unwrap_or(drawn);
        }
        self.shortened(drawn, context).filter(is_offered).unwrap_or(drawn)
    }
}
