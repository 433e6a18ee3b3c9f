//! Where a run stands, as a weight file: all that the next step depends on.

use cantus_nn::{NnError, Weights};

use super::plan::Music;
use super::{Training, plan};
use crate::run::Place;

impl Training {
    /// Which step comes next.
    pub fn place(&self) -> Place {
        Place { step: self.step, epoch: self.epoch, step_in_epoch: self.step_in_epoch }
    }

    /// The weights as they are learnt, their average and the optimiser's memory. Together with the [`Place`], the
    /// recipe and the training set they decide every later step to the last bit.
    pub fn state(&self) -> Weights {
        let mut state = Weights::new();
        for (name, tensor) in self.params.iter() {
            state.insert(format!("raw.{name}"), tensor.clone());
        }
        for (name, tensor) in self.average.state() {
            state.insert(format!("average.{name}"), tensor);
        }
        for (name, tensor) in self.optimiser.state(&self.params) {
            state.insert(format!("optimiser.{name}"), tensor);
        }
        state
    }

    /// Goes on from a [`Training::state`] at its place; fails, and changes nothing, if a tensor is missing or of
    /// another shape, or if the place lies outside the epoch.
    pub fn restore(&mut self, state: &Weights, place: Place) -> Result<(), NnError> {
        let music = Music { own: &self.set, known: self.known.as_ref() };
        let plan = plan::epoch(music, &self.recipe, place.epoch);
        if place.step_in_epoch >= plan.len() {
            let reason = format!("an epoch has {} steps, but {} are done", plan.len(), place.step_in_epoch);
            return Err(NnError::File { reason });
        }
        let (mut params, mut average) = (self.params.clone(), self.average.clone());
        let mut optimiser = self.optimiser.clone();
        params.load(&state.under("raw."))?;
        average.restore(&state.under("average."))?;
        optimiser.restore(&params, &state.under("optimiser."))?;
        (self.params, self.average, self.optimiser) = (params, average, optimiser);
        (self.step, self.epoch, self.step_in_epoch, self.plan) =
            (place.step, place.epoch, place.step_in_epoch, plan);
        self.ready = None;
        Ok(())
    }
}
