//! The recipe of an adversarial run on an array.

use serde::{Deserialize, Serialize};

use super::super::{Division, Recipe as Recurrent, Values};
use crate::recipe::{RecipeError, chance, preset_of, range, toml_of, whole};

/// How two dense networks learn against each other.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Recipe {
    /// Where every random choice begins.
    pub seed: u64,
    /// Numbers of the noise.
    pub noise: usize,
    /// Units of the layer next to the noise, and of that next to the verdict; the other hidden layer has twice as many.
    pub units: usize,
    /// The chance that a number drops out after each hidden layer, of both networks, while they learn.
    pub dropout: f32,
    /// Most checks of how far what is made is from what is held out.
    pub epochs: u32,
    /// Steps from one check to the next.
    pub steps: usize,
    /// Pieces side by side in one step.
    pub batch: usize,
    /// The learning rate of both networks.
    pub learning_rate: f32,
    /// How strongly the discriminator must answer alike to pieces that differ by a little noise.
    pub penalty: f32,
    /// The deviation of that noise.
    pub blur: f32,
    /// Decay of the running average of the generator's weights, which is what is kept; 0 keeps the last.
    pub ema: f32,
    /// Checks without a smaller distance after which training stops; 0 never stops early.
    pub patience: u32,
    /// Pieces that are made for a check.
    pub measured: usize,
    /// The share of pieces that are held out.
    pub held_out: f64,
    /// Which ones.
    pub division: Division,
    /// What the numbers are taken for.
    pub values: Values,
    /// Whether real features are brought to mean 0 and deviation 1 inside the networks.
    pub standardise: bool,
}

impl Default for Recipe {
    fn default() -> Self {
        Self {
            seed: 1,
            noise: 64,
            units: 256,
            dropout: 0.1,
            epochs: 300,
            steps: 50,
            batch: 32,
            learning_rate: 1e-3,
            penalty: 30.0,
            blur: 0.1,
            ema: 0.99,
            patience: 25,
            measured: 256,
            held_out: 0.2,
            division: Division::Random,
            values: Values::Auto,
            standardise: true,
        }
    }
}

/// Presets by name: short texts over the default, each line with its reason.
const PRESETS: [(&str, &str); 1] = [("dense", include_str!("../../../presets/array-gan.toml"))];

impl Recipe {
    /// The names of the presets.
    pub fn presets() -> Vec<&'static str> {
        PRESETS.iter().map(|(name, _)| *name).collect()
    }

    /// The recipe of a preset.
    pub fn preset(name: &str) -> Result<Self, RecipeError> {
        preset_of(&PRESETS, name).and_then(Self::read)
    }

    /// Reads a recipe; what it leaves out is as in [`Recipe::default`].
    pub fn read(text: &str) -> Result<Self, RecipeError> {
        toml_of::<Self>(text)?.checked()
    }

    /// The recipe as text, every value in it.
    pub fn write(&self) -> String {
        // A struct of plain numbers and words has a TOML form.
        toml::to_string(self).unwrap_or_default()
    }

    /// Fails if a value is out of its range.
    pub fn checked(self) -> Result<Self, RecipeError> {
        whole("noise", self.noise, 4096)?;
        whole("units", self.units, 4096)?;
        whole("epochs", self.epochs as usize, 1_000_000)?;
        whole("steps", self.steps, 1_000_000)?;
        whole("measured", self.measured, 1 << 16)?;
        range("batch", "from 2 to 4096", &self.batch, (2..=4096).contains(&self.batch))?;
        chance("dropout", self.dropout)?;
        chance("ema", self.ema)?;
        let rate = self.learning_rate;
        range("learning_rate", "between 0 and 1", &rate, rate > 0.0 && rate < 1.0)?;
        range("penalty", "from 0 to 1000", &self.penalty, (0.0..=1000.0).contains(&self.penalty))?;
        range("blur", "between 0 and 1", &self.blur, self.blur > 0.0 && self.blur < 1.0)?;
        range("held_out", "between 0 and 1", &self.held_out, self.held_out > 0.0 && self.held_out < 1.0)?;
        Ok(self)
    }

    /// How the array is divided and what its numbers are taken for, as the recurrent engine has it.
    pub(super) fn lessons(&self) -> Recurrent {
        let Self { held_out, division, values, standardise, .. } = *self;
        Recurrent { held_out, division, values, standardise, ..Recurrent::default() }
    }
}
