//! What a piece is to be like, as its user asks for it.

use cantus_features::control::Control;
use cantus_score::{Key, Meter, Tempo};
use serde::{Deserialize, Serialize};

use crate::chart::Chart;
use crate::chooser::Sampler;
use crate::course::Course;
use crate::error::ComposeError;
use crate::names;
use crate::restraint::Restraints;
use crate::sections::Form;
use crate::steer::Steer;
use crate::wishes::Wishes;

/// The slowest and the fastest tempo that a piece may have, in quarter notes a minute.
pub(crate) const TEMPI: std::ops::RangeInclusive<f64> = 20.0..=400.0;

/// How a piece ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Ending {
    /// At rest on the tonic.
    Tonic,
    /// Unresolved, on the dominant: it asks for more.
    Open,
    /// So that it leads back to its beginning.
    Loop,
}

/// How long a piece is.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Length {
    /// So many whole bars.
    Bars(u32),
    /// So many seconds; whole bars are fitted to them by the tempo.
    Seconds(f64),
}

/// What is asked for. Everything but the seed may be left open; the style's habits fill it in.
///
/// Each number has one door that checks it, so that a request that exists can be planned.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, try_from = "Written", into = "Written")]
pub struct Request {
    written: Written,
}

/// A request as JSON has it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Written {
    style: Option<String>,
    #[serde(with = "names::key")]
    key: Option<Key>,
    #[serde(skip_serializing_if = "Restraints::is_empty")]
    restraints: Restraints,
    #[serde(with = "names::tempo")]
    tempo: Option<Tempo>,
    #[serde(with = "names::meter")]
    meter: Option<Meter>,
    length: Option<Length>,
    #[serde(skip_serializing_if = "Option::is_none")]
    form: Option<Form>,
    ending: Option<Ending>,
    temperature: f32,
    top_p: f32,
    seed: u64,
    #[serde(skip_serializing_if = "Wishes::is_empty")]
    wishes: Wishes,
}

impl Default for Written {
    fn default() -> Self {
        Self {
            style: None,
            key: None,
            restraints: Restraints::default(),
            tempo: None,
            meter: None,
            length: None,
            form: None,
            ending: None,
            temperature: Sampler::DEFAULT.temperature(),
            top_p: Sampler::DEFAULT.top_p(),
            seed: 0,
            wishes: Wishes::default(),
        }
    }
}

impl Request {
    /// Asks for any piece, by the habits of the model's first style.
    pub fn new(seed: u64) -> Self {
        Self { written: Written { seed, ..Written::default() } }
    }

    /// In a style, by its name.
    #[must_use]
    pub fn style(mut self, name: impl Into<String>) -> Self {
        self.written.style = Some(name.into());
        self
    }

    /// In a key.
    #[must_use]
    pub fn key(mut self, key: Key) -> Self {
        self.written.key = Some(key);
        self
    }

    /// At a tempo from 20 to 400 quarter notes a minute.
    pub fn tempo(mut self, tempo: Tempo) -> Result<Self, ComposeError> {
        let bpm = tempo.bpm();
        // A stored tempo is rounded to a microsecond a quarter.
        in_range(
            "a tempo",
            "from 20 to 400 quarter notes a minute",
            bpm,
            *TEMPI.start() - 1e-3,
            *TEMPI.end() + 1e-2,
        )?;
        self.written.tempo = Some(tempo);
        Ok(self)
    }

    /// In a metre whose bar is a whole number of grid steps, 96 to a whole note.
    pub fn meter(mut self, meter: Meter) -> Result<Self, ComposeError> {
        if !(u32::from(meter.beats()) * 96).is_multiple_of(u32::from(meter.unit())) {
            let rule = "a bar of whole 96ths of a whole note";
            return Err(ComposeError::Range { what: "a metre", rule, value: meter.to_string() });
        }
        self.written.meter = Some(meter);
        Ok(self)
    }

    /// So many bars, from 1 to 999.
    pub fn bars(mut self, bars: u32) -> Result<Self, ComposeError> {
        match bars {
            0 => return Err(ComposeError::Range { what: "bars", rule: "at least 1", value: "0".into() }),
            1..=999 => self.written.length = Some(Length::Bars(bars)),
            _ => {
                return Err(ComposeError::Range {
                    what: "bars",
                    rule: "at most 999",
                    value: bars.to_string(),
                });
            }
        }
        Ok(self)
    }

    /// So many seconds, from 1 to 3600.
    pub fn seconds(mut self, seconds: f64) -> Result<Self, ComposeError> {
        in_range("a length", "from 1 to 3600 seconds", seconds, 1.0, 3600.0)?;
        self.written.length = Some(Length::Seconds(seconds));
        Ok(self)
    }

    /// In sections, of which those with the same letter are the same music, a little otherwise each time.
    #[must_use]
    pub fn form(mut self, form: Form) -> Self {
        self.written.form = Some(form);
        self
    }

    /// With an ending.
    #[must_use]
    pub fn ending(mut self, ending: Ending) -> Self {
        self.written.ending = Some(ending);
        self
    }

    /// How daring, from 0 (always the likeliest) to 5; 1 is as varied as the music that was learnt.
    pub fn temperature(mut self, temperature: f32) -> Result<Self, ComposeError> {
        in_range("a temperature", "from 0 to 5", f64::from(temperature), 0.0, 5.0)?;
        self.written.temperature = temperature;
        Ok(self)
    }

    /// The least likely choices beyond this share of probability are left out; from 0.01 to 1.
    pub fn top_p(mut self, top_p: f32) -> Result<Self, ComposeError> {
        in_range("a share of probability", "from 0.01 to 1", f64::from(top_p), 0.009_999, 1.0)?;
        self.written.top_p = top_p;
        Ok(self)
    }

    /// The same request with another seed; the pieces of a series have seeds that follow each other.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.written.seed = seed;
        self
    }

    /// The name of the style asked for.
    pub fn asked_style(&self) -> Option<&str> {
        self.written.style.as_deref()
    }

    /// The key asked for.
    pub fn asked_key(&self) -> Option<Key> {
        self.written.key
    }

    /// What the piece is to do without, or to have less of.
    pub(crate) fn restraints(&self) -> &Restraints {
        &self.written.restraints
    }

    /// The tempo asked for.
    pub fn asked_tempo(&self) -> Option<Tempo> {
        self.written.tempo
    }

    /// The metre asked for.
    pub fn asked_meter(&self) -> Option<Meter> {
        self.written.meter
    }

    /// The length asked for.
    pub fn asked_length(&self) -> Option<Length> {
        self.written.length
    }

    /// The form asked for.
    pub fn asked_form(&self) -> Option<&Form> {
        self.written.form.as_ref()
    }

    /// The ending asked for.
    pub fn asked_ending(&self) -> Option<Ending> {
        self.written.ending
    }

    /// The course of a control asked for.
    pub fn asked_control(&self, control: Control) -> Option<&Course> {
        self.written.wishes.controls.get(control.name())
    }

    /// The chords asked for.
    pub fn asked_chords(&self) -> Option<&Chart> {
        self.written.wishes.chords.as_ref()
    }

    /// How strongly controls are followed.
    pub fn asked_strength(&self) -> f32 {
        self.written.wishes.strength()
    }

    /// All that is asked of the piece and its bars.
    pub(crate) fn wishes(&self) -> &Wishes {
        &self.written.wishes
    }

    /// The seed.
    pub fn asked_seed(&self) -> u64 {
        self.written.seed
    }

    /// The sampler with the temperature and the share of probability asked for.
    pub fn sampler(&self) -> Sampler {
        Sampler::new(self.written.temperature, self.written.top_p)
    }
}

impl Steer for Request {
    fn asked(&mut self) -> (&mut Wishes, &mut Restraints) {
        (&mut self.written.wishes, &mut self.written.restraints)
    }
}

impl From<Request> for Written {
    fn from(request: Request) -> Self {
        request.written
    }
}

impl TryFrom<Written> for Request {
    type Error = ComposeError;

    /// Every number goes through its door.
    fn try_from(written: Written) -> Result<Self, ComposeError> {
        let mut request = Self::new(written.seed).temperature(written.temperature)?.top_p(written.top_p)?;
        if let Some(tempo) = written.tempo {
            request = request.tempo(tempo)?;
        }
        if let Some(meter) = written.meter {
            request = request.meter(meter)?;
        }
        request = match written.length {
            Some(Length::Bars(bars)) => request.bars(bars)?,
            Some(Length::Seconds(seconds)) => request.seconds(seconds)?,
            None => request,
        };
        let Written { style, key, restraints, form, ending, wishes, .. } = written;
        let (wishes, restraints) = (wishes.checked()?, restraints.checked()?);
        request.written = Written { style, key, restraints, form, ending, wishes, ..request.written };
        Ok(request)
    }
}

fn in_range(
    what: &'static str,
    rule: &'static str,
    value: f64,
    least: f64,
    most: f64,
) -> Result<(), ComposeError> {
    if (least..=most).contains(&value) {
        return Ok(());
    }
    Err(ComposeError::Range { what, rule, value: value.to_string() })
}
