//! The recipe of an adversarial run on phrases.

use serde::{Deserialize, Serialize};

use crate::recipe::{RecipeError, chance, preset_of, range, toml_of, whole};

/// How two networks learn against each other.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Recipe {
    /// Where every random choice begins.
    pub seed: u64,
    /// Epochs: how often what is made is measured.
    pub epochs: u32,
    /// Steps of an epoch.
    pub steps: usize,
    /// Phrases side by side in one step, of every style as many.
    pub batch: usize,
    /// Most phrases of a style that are learnt from.
    pub phrases_per_style: usize,
    /// Highest learning rate, of both networks.
    pub learning_rate: f32,
    /// The rate at the end as a share of it.
    pub final_rate: f32,
    /// Steps over which the rate rises.
    pub warm_up: u64,
    /// Decay of the running average of the generator's weights, which is what is kept; 0 keeps the last.
    pub ema: f32,
    /// How strongly the discriminator must answer alike to phrases that differ by a little noise, at first.
    pub penalty: f32,
    /// The same at the end.
    pub final_penalty: f32,
    /// The deviation of that noise.
    pub noise: f32,
    /// The chance that some tracks are given, so that the others are learnt as their accompaniment.
    pub given: f32,
    /// The chance that a phrase is learnt without the bar before it.
    pub alone: f32,
    /// The chance that no chords are told, and that no density is.
    pub condition_dropout: f32,
    /// How much it counts for the discriminator that real phrases fit their style better than the others, in nats.
    pub fit_style: f32,
    /// How much it counts for the generator, in nats, that a listener hears the style that was asked for.
    pub heard_style: f32,
    /// The same of the roots of the chords that were asked for.
    pub heard_chords: f32,
    /// The same of the squares of what densities are off.
    pub heard_density: f32,
    /// Whether style and everything else that is asked is left out, for comparison.
    pub unconditional: bool,
    /// Epochs without a better measurement after which training stops; 0 never stops early.
    pub patience: u32,
    /// Phrases of each style that are made and measured at each epoch.
    pub measured: usize,
}

impl Default for Recipe {
    fn default() -> Self {
        Self {
            seed: 1,
            epochs: 40,
            steps: 250,
            batch: 32,
            phrases_per_style: 12_000,
            learning_rate: 4e-4,
            final_rate: 0.1,
            warm_up: 50,
            ema: 0.998,
            penalty: 1.0,
            final_penalty: 0.3,
            noise: 0.05,
            given: 0.3,
            alone: 0.4,
            condition_dropout: 0.5,
            fit_style: 0.0,
            heard_style: 0.0,
            heard_chords: 0.0,
            heard_density: 0.0,
            unconditional: false,
            patience: 0,
            measured: 128,
        }
    }
}

/// Presets by name: short texts over the default, each line with its reason.
const PRESETS: [(&str, &str); 2] = [
    ("phrases", include_str!("../../presets/gan-phrases.toml")),
    ("quick", include_str!("../../presets/gan-quick.toml")),
];

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
        // A struct of plain numbers has a TOML form.
        toml::to_string(self).unwrap_or_default()
    }

    fn checked(self) -> Result<Self, RecipeError> {
        whole("epochs", self.epochs as usize, 1_000_000)?;
        whole("steps", self.steps, 1_000_000)?;
        whole("phrases_per_style", self.phrases_per_style, 1 << 24)?;
        whole("measured", self.measured, 1 << 16)?;
        range("batch", "from 2 to 1024", &self.batch, (2..=1024).contains(&self.batch))?;
        chance("ema", self.ema)?;
        chance("given", self.given)?;
        chance("alone", self.alone)?;
        chance("condition_dropout", self.condition_dropout)?;
        let rate = self.learning_rate;
        range("learning_rate", "between 0 and 1", &rate, rate > 0.0 && rate < 1.0)?;
        range("final_rate", "from 0 to 1", &self.final_rate, (0.0..=1.0).contains(&self.final_rate))?;
        range("noise", "between 0 and 1", &self.noise, self.noise > 0.0 && self.noise < 1.0)?;
        let weights = [
            ("penalty", self.penalty),
            ("final_penalty", self.final_penalty),
            ("fit_style", self.fit_style),
            ("heard_style", self.heard_style),
            ("heard_chords", self.heard_chords),
            ("heard_density", self.heard_density),
        ];
        for (name, weight) in weights {
            range(name, "from 0 to 1000", &weight, (0.0..=1000.0).contains(&weight))?;
        }
        Ok(self)
    }
}
