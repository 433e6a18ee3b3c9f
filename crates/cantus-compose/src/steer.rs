//! What can be asked of music that is made, whether a whole piece or what goes into one.

use cantus_features::control::Control;
use cantus_score::Pitch;

use crate::chart::Chart;
use crate::course::Course;
use crate::error::ComposeError;
use crate::restraint::{Restraint, Restraints, checked_most, checked_range, checked_weight};
use crate::wishes::{Wishes, checked_strength};

/// Something that can be steered: a [`Request`](crate::Request) for a piece, or [`How`](crate::edit::How) notes are made in one.
pub trait Steer: Sized {
    /// What was asked so far.
    fn asked(&mut self) -> (&mut Wishes, &mut Restraints);

    /// With a control: a value, or a curve over the bars that are made.
    #[must_use]
    fn control(mut self, control: Control, course: Course) -> Self {
        self.asked().0.controls.insert(control.name().to_owned(), course);
        self
    }

    /// With chords, bar by bar and over and over.
    #[must_use]
    fn chords(mut self, chords: Chart) -> Self {
        self.asked().0.chords = Some(chords);
        self
    }

    /// How strongly controls are followed, from 0 (not at all) to 5; 1 is as was learnt.
    fn strength(mut self, strength: f32) -> Result<Self, ComposeError> {
        self.asked().0.strength = Some(checked_strength(strength)?);
        Ok(self)
    }

    /// Without something: a hard rule. The scale without accidentals is that of the key; in minor both sixths and both sevenths
    /// belong to it.
    #[must_use]
    fn without(mut self, restraint: Restraint) -> Self {
        self.asked().1.forbidden.insert(restraint);
        self
    }

    /// With less of something: what it is in is less likely by so many nats, from 0 to 30.
    fn avoid(mut self, restraint: Restraint, nats: f32) -> Result<Self, ComposeError> {
        self.asked().1.avoided.insert(restraint, checked_weight(nats)?);
        Ok(self)
    }

    /// With at most so many notes at once, from 1 to 64, drums left out.
    fn most_notes(mut self, notes: u8) -> Result<Self, ComposeError> {
        self.asked().1.most_notes = Some(checked_most(notes)?);
        Ok(self)
    }

    /// With a part, by its name, between two keys.
    fn range(mut self, part: &str, (low, high): (Pitch, Pitch)) -> Result<Self, ComposeError> {
        let range = checked_range(part, (low.get(), high.get()))?;
        self.asked().1.ranges.insert(part.to_owned(), range);
        Ok(self)
    }
}
