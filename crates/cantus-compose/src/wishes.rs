//! What is asked of a piece and its bars, settled against what the style has.

use std::collections::BTreeMap;
use std::ops::Range;

use cantus_features::control::Control;
use cantus_model::controls::{ControlScale, Controls, scale_of};
use cantus_model::encoding::Steps;
use cantus_model::styles::Style;
use serde::{Deserialize, Serialize};

use crate::chart::Chart;
use crate::course::Course;
use crate::error::ComposeError;

/// Controls by name, and chords.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Wishes {
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) controls: BTreeMap<String, Course>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) chords: Option<Chart>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) strength: Option<f32>,
}

impl Wishes {
    /// How strongly controls are followed.
    pub(crate) fn strength(&self) -> f32 {
        self.strength.unwrap_or(USUAL_STRENGTH)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.controls.is_empty() && self.chords.is_none() && self.strength.is_none()
    }

    /// What is asked, in words.
    pub(crate) fn first(&self) -> &str {
        let first = self.controls.keys().next().map(String::as_str);
        first.unwrap_or(if self.chords.is_some() { "chords" } else { "a strength" })
    }

    /// Fails where a name is none of a control's.
    pub(crate) fn checked(self) -> Result<Self, ComposeError> {
        let unknown =
            self.controls.keys().find(|name| Control::ALL.iter().all(|control| control.name() != *name));
        match unknown {
            None => Ok(self
                .strength
                .map(checked_strength)
                .transpose()
                .map(|strength| Self { strength, ..self })?),
            Some(name) => Err(ComposeError::Range {
                what: "a control",
                rule: "density, polyphony, register, rhythm, dynamics or tension",
                value: name.clone(),
            }),
        }
    }

    /// Levels of a style for some bars that follow each other. A control with one value is told of the piece and of its bars, a
    /// curve of the bars alone.
    pub(crate) fn settled(&self, style: &Style, bars: &[Range<Steps>]) -> Result<Controls, ComposeError> {
        let (mut settled, count) = (Controls::default(), bars.len() as u32);
        for control in Control::ALL {
            let Some(course) = self.controls.get(control.name()) else { continue };
            let scale = usable(style, control)?;
            settled.bars.resize(bars.len(), [None; Control::COUNT]);
            let whole = course.whole().map(|value| scale.pieces.value(value));
            settled.piece[control.index()] = whole.map(|value| scale.pieces.level(value));
            for (number, levels) in settled.bars.iter_mut().enumerate() {
                let of_bar = || course.at(number as u32, count).map(|place| scale.bars.value(place));
                levels[control.index()] = whole.or_else(of_bar).map(|value| scale.bars.level(value));
            }
        }
        settled.chords = self.chords.as_ref().map_or_else(Vec::new, |chart| chart.spans(bars));
        Ok(settled)
    }
}

/// How strongly controls are followed where nothing is said.
const USUAL_STRENGTH: f32 = 2.0;

/// A strength from 0 to 5.
pub(crate) fn checked_strength(strength: f32) -> Result<f32, ComposeError> {
    if (0.0..=5.0).contains(&strength) {
        return Ok(strength);
    }
    Err(ComposeError::Range { what: "a strength", rule: "from 0 to 5", value: strength.to_string() })
}

/// The scale of a control in a style, if there is anything to choose from.
pub(crate) fn usable(style: &Style, control: Control) -> Result<&ControlScale, ComposeError> {
    let refused =
        |reason| ComposeError::ControlOfStyle { control: control.name(), style: style.name.clone(), reason };
    let scale =
        scale_of(&style.controls, control).ok_or_else(|| refused("whose pieces have none that is known"))?;
    if scale.pieces.is_flat() && scale.bars.is_flat() {
        return Err(refused("most of whose pieces have the same"));
    }
    Ok(scale)
}
