//! A request for music like some that is there: what is measured of it is asked for, and no note of it.

use cantus_features::control::{Control, Values};
use cantus_model::controls::MeasuredControls;
use cantus_model::encoding::Sliced;
use cantus_model::styles::{Style, heard_key};

use crate::course::Course;
use crate::error::ComposeError;
use crate::request::Request;
use crate::steer::Steer as _;
use crate::wishes::usable;

/// Most points of a curve: what is measured within a sixteenth of the piece is one number.
const MOST_POINTS: usize = 16;
/// The longest piece that can be asked for, in bars.
const MOST_BARS: usize = 999;

impl Request {
    /// Asks for a piece like a reference, as the pieces of a style go: its metre, tempo, key and length, and those of some controls
    /// in which the style varies, as curves over the piece. What was asked for already stays.
    pub fn like(
        mut self,
        reference: &Sliced,
        style: &Style,
        controls: &[Control],
    ) -> Result<Self, ComposeError> {
        let home = heard_key(reference);
        let measured = MeasuredControls::of_piece(reference, home);
        let has_pitches = style.parts.iter().any(|part| !part.part.drums);
        if let (None, Some(key)) = (self.asked_key(), home.filter(|_| has_pitches)) {
            self = self.key(key);
        }
        if let (None, Some(tempo)) = (self.asked_tempo(), reference.tempo) {
            // A tempo that no piece may have is left to the style.
            self = self.clone().tempo(tempo).unwrap_or(self);
        }
        let meter = reference.meters.first().filter(|_| self.asked_meter().is_none());
        if let Some(span) = meter {
            self = self.meter(span.meter)?;
        }
        if self.asked_length().is_none() {
            self = self.bars(measured.bars.len().clamp(1, MOST_BARS) as u32)?;
        }
        for control in controls.iter().copied() {
            let Ok(scale) = usable(style, control) else { continue };
            if self.asked_control(control).is_some() {
                continue;
            }
            let place = |value: Option<f64>| value.map(|value| scale.bars.place(value));
            let points: Vec<Option<f64>> = means(&measured.bars, control).into_iter().map(place).collect();
            if points.iter().any(Option::is_some) {
                self = self.control(control, Course::curve(points)?);
            }
        }
        Ok(self)
    }
}

/// The means of a control over stretches of bars, at most so many.
fn means(bars: &[Values], control: Control) -> Vec<Option<f64>> {
    let count = bars.len().clamp(1, MOST_POINTS);
    let stretch = |index: usize| &bars[index * bars.len() / count..(index + 1) * bars.len() / count];
    let mean = |bars: &[Values]| {
        let values = || bars.iter().filter_map(|bar| bar[control.index()]);
        let count = values().count();
        (count > 0).then(|| values().sum::<f64>() / count as f64)
    };
    (0..count).map(|index| mean(stretch(index))).collect()
}
