//! A control as it is asked for: one value, or a curve over the piece.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::ComposeError;

/// Most points of a curve.
const MOST_POINTS: usize = 999;

/// A control through a piece, from 0 (the least that the style has) to 1 (the most); 0.5 is the style's middle.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct Course(Written);

/// A course as JSON has it: a number, or a list of numbers and gaps.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum Written {
    Value(f64),
    Curve(Vec<Option<f64>>),
}

impl Course {
    /// One value for the whole piece: so many of the style's pieces have less.
    pub fn value(value: f64) -> Result<Self, ComposeError> {
        checked(value).map(|value| Self(Written::Value(value)))
    }

    /// Points that lie evenly over the piece's bars, with straight lines between them; nothing is asked near a point that is
    /// missing. Of the style's bars, so many have less.
    pub fn curve(points: Vec<Option<f64>>) -> Result<Self, ComposeError> {
        if points.is_empty() || points.len() > MOST_POINTS {
            let value = format!("{} points", points.len());
            return Err(ComposeError::Range { what: "a curve", rule: "of 1 to 999 points", value });
        }
        for value in points.iter().flatten() {
            checked(*value)?;
        }
        Ok(Self(Written::Curve(points)))
    }

    /// The value for the whole piece, unless it is a curve.
    pub fn whole(&self) -> Option<f64> {
        match self.0 {
            Written::Value(value) => Some(value),
            Written::Curve(_) => None,
        }
    }

    /// The value for a bar of so many, counted from 0; none where nothing is asked.
    pub fn at(&self, bar: u32, bars: u32) -> Option<f64> {
        let points = match &self.0 {
            Written::Value(value) => return Some(*value),
            Written::Curve(points) => points,
        };
        let last = points.len() - 1;
        let place = f64::from(bar) * last as f64 / f64::from(bars.saturating_sub(1).max(1));
        let below = (place.floor() as usize).min(last);
        let part = place - below as f64;
        let [lower, upper] = [points[below], points[(below + 1).min(last)]];
        match (lower, upper) {
            (Some(lower), Some(upper)) => Some(lower + (upper - lower) * part),
            (value, _) if part < 0.5 => value,
            (_, value) => value,
        }
    }
}

fn checked(value: f64) -> Result<f64, ComposeError> {
    if (0.0..=1.0).contains(&value) {
        return Ok(value);
    }
    Err(ComposeError::Range { what: "a control", rule: "from 0 to 1", value: value.to_string() })
}

impl TryFrom<Written> for Course {
    type Error = ComposeError;

    fn try_from(written: Written) -> Result<Self, ComposeError> {
        match written {
            Written::Value(value) => Self::value(value),
            Written::Curve(points) => Self::curve(points),
        }
    }
}

impl From<Course> for Written {
    fn from(course: Course) -> Self {
        course.0
    }
}

/// Reads `0.7`, or a curve such as `0.2 0.5 - 0.3`, in which `-` asks for nothing.
impl FromStr for Course {
    type Err = ComposeError;

    fn from_str(text: &str) -> Result<Self, ComposeError> {
        let rule = "a number from 0 to 1, or several with spaces between them";
        let point = |word: &str| match word {
            "-" => Ok(None),
            number => number.parse().map(Some).map_err(|_| ComposeError::Range {
                what: "a control",
                rule,
                value: text.to_owned(),
            }),
        };
        let words = text.split([' ', ',']).filter(|word| !word.is_empty());
        let points: Vec<Option<f64>> = words.map(point).collect::<Result<_, _>>()?;
        match points[..] {
            [Some(value)] => Self::value(value),
            [] => Err(ComposeError::Range { what: "a control", rule, value: "nothing".into() }),
            _ => Self::curve(points),
        }
    }
}

/// As it is read.
impl fmt::Display for Course {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let point = |point: &Option<f64>| point.map_or_else(|| "-".to_owned(), |value| value.to_string());
        match &self.0 {
            Written::Value(value) => write!(f, "{value}"),
            Written::Curve(points) => f.write_str(&points.iter().map(point).collect::<Vec<_>>().join(" ")),
        }
    }
}
