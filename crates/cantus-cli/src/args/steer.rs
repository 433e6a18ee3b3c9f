//! What music can be steered by, whether a whole piece is composed or notes are made in one.

use cantus::composing::{Chart, ComposeError, Control, Course, Restraint, Steer};
use cantus::parse;
use cantus::score::Pitch;
use cantus::score::notation::parse_pitch;
use clap::Args;

/// How much less likely something is that is avoided, in nats, where nothing is said.
const USUAL_WEIGHT: &str = "2";

/// Controls, chords and rules.
#[derive(Debug, Clone, Args)]
pub(crate) struct SteerArgs {
    /// Without some of these: parallels (or fifths and octaves alone), crossings, rests, repeats, all of parts that play one note at a time; accidentals,
    /// outside the key's scale
    #[arg(long, value_name = "NAMES", value_delimiter = ',', value_parser = without)]
    without: Vec<Restrained>,
    /// Less of some of these without forbidding them, by nats of likelihood, such as parallels:2,rests:1; 2 where no number is said
    #[arg(long, value_name = "NAME:NATS", value_delimiter = ',', value_parser = avoided)]
    avoid: Vec<(Restrained, f32)>,
    /// At most so many notes at once, drums left out
    #[arg(long, value_name = "NUMBER", value_parser = most_notes, allow_hyphen_values = true)]
    most_notes: Option<u8>,
    /// The range of a part, by its name or number, such as Soprano:C4-G5; may be given several times
    #[arg(long, value_name = "PART:LOW-HIGH", value_delimiter = ',', value_parser = part_range)]
    range: Vec<PartRange>,
    /// How many notes: 0 is the sparsest that the style has, 1 the busiest; one value, or a curve over the bars such as "0.2 0.5 0.9 0.3"
    #[arg(long, value_name = "VALUE|CURVE", value_parser = course, allow_hyphen_values = true)]
    density: Option<Course>,
    /// How many notes sound at once, from 0 to 1
    #[arg(long, value_name = "VALUE|CURVE", value_parser = course, allow_hyphen_values = true)]
    polyphony: Option<Course>,
    /// How high, from 0 to 1
    #[arg(long, value_name = "VALUE|CURVE", value_parser = course, allow_hyphen_values = true)]
    register: Option<Course>,
    /// How much lies off the beat, from 0 to 1
    #[arg(long, value_name = "VALUE|CURVE", value_parser = course, allow_hyphen_values = true)]
    rhythm: Option<Course>,
    /// How loud, from 0 to 1, where the style knows dynamics
    #[arg(long, value_name = "VALUE|CURVE", value_parser = course, allow_hyphen_values = true)]
    dynamics: Option<Course>,
    /// How far from home the harmony is, from 0 to 1
    #[arg(long, value_name = "VALUE|CURVE", value_parser = course, allow_hyphen_values = true)]
    tension: Option<Course>,
    /// Chords to lean on, bar by bar and over and over, such as "Dm7 G7 | Cmaj7"
    #[arg(long, value_name = "CHORDS", value_parser = chart)]
    chords: Option<Chart>,
    /// How strongly controls and chords are followed: 0 not at all, 1 as the music learned from, up to 5 [default: 2]
    #[arg(long, value_name = "NUMBER", value_parser = strength, allow_hyphen_values = true)]
    strength: Option<f64>,
}

impl SteerArgs {
    /// Asks for all of it.
    pub(crate) fn ask<T: Steer>(&self, mut of: T) -> Result<T, ComposeError> {
        for restraint in self.without.iter().flat_map(|all| &all.0) {
            of = of.without(*restraint);
        }
        for (all, nats) in &self.avoid {
            for restraint in &all.0 {
                of = of.avoid(*restraint, *nats)?;
            }
        }
        if let Some(notes) = self.most_notes {
            of = of.most_notes(notes)?;
        }
        for PartRange { part, low, high } in &self.range {
            of = of.range(part, (*low, *high))?;
        }
        for (control, course) in self.controls() {
            of = of.control(control, course.clone());
        }
        if let Some(chords) = &self.chords {
            of = of.chords(chords.clone());
        }
        if let Some(strength) = self.strength {
            of = of.strength(strength as f32)?;
        }
        Ok(of)
    }

    fn controls(&self) -> impl Iterator<Item = (Control, &Course)> {
        let Self { density, polyphony, register, rhythm, dynamics, tension, .. } = self;
        let courses = [density, polyphony, register, rhythm, dynamics, tension];
        Control::ALL
            .into_iter()
            .zip(courses)
            .filter_map(|(control, course)| Some((control, course.as_ref()?)))
    }

    /// What was asked for, by the names of options.
    pub(crate) fn named(&self) -> Vec<(&'static str, bool)> {
        vec![
            ("--without", !self.without.is_empty()),
            ("--avoid", !self.avoid.is_empty()),
            ("--most-notes", self.most_notes.is_some()),
            ("--range", !self.range.is_empty()),
            ("--density and the other controls", self.controls().next().is_some()),
            ("--chords", self.chords.is_some()),
            ("--strength", self.strength.is_some()),
        ]
    }

    /// The ranges asked for, to be told by other names of their parts.
    pub(crate) fn ranges(&mut self) -> &mut [PartRange] {
        &mut self.range
    }
}

/// The range of a part.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct PartRange {
    pub(crate) part: String,
    low: Pitch,
    high: Pitch,
}

/// What a word leaves out: one thing, or both kinds of parallels.
#[derive(Debug, Clone)]
struct Restrained(Vec<Restraint>);

fn without(text: &str) -> Result<Restrained, String> {
    let rule = || {
        let names = Restraint::ALL.map(Restraint::name).join(", ");
        format!("what is left out or avoided must be one of parallels, {names}, but was {text}")
    };
    match text.trim() {
        "parallels" => Ok(Restrained(Restraint::PARALLELS.into())),
        name => Restraint::named(name).map(|one| Restrained(vec![one])).ok_or_else(rule),
    }
}

fn avoided(text: &str) -> Result<(Restrained, f32), String> {
    let (name, nats) = text.split_once(':').unwrap_or((text, USUAL_WEIGHT));
    let restrained = without(name)?;
    let nats = parse::between(nats, 0.0, 30.0, "a weight in nats")?;
    Ok((restrained, nats as f32))
}

fn most_notes(text: &str) -> Result<u8, String> {
    super::compose::whole(text, 1, 64, "the most notes at once").map(|notes| notes as u8)
}

fn part_range(text: &str) -> Result<PartRange, String> {
    let rule =
        || format!("a range must be a part, a low and a high note, such as Soprano:C4-G5, but was {text}");
    let (part, keys) = text.rsplit_once(':').ok_or_else(rule)?;
    let (low, high) = keys.split_once('-').ok_or_else(rule)?;
    let pitch = |text: &str| parse_pitch(text.trim()).ok_or_else(rule);
    Ok(PartRange { part: part.trim().to_owned(), low: pitch(low)?, high: pitch(high)? })
}

fn course(text: &str) -> Result<Course, String> {
    text.parse().map_err(|error: ComposeError| error.to_string())
}

fn chart(text: &str) -> Result<Chart, String> {
    text.parse().map_err(|error: ComposeError| error.to_string())
}

fn strength(text: &str) -> Result<f64, String> {
    parse::between(text, 0.0, 5.0, "a strength")
}
