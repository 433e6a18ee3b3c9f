//! The recipe of a run on an array.

use cantus_nn::Cell;
use serde::{Deserialize, Serialize};

use crate::recipe::{RecipeError, cell_of, chance, preset_of, range, toml_of, whole};

/// What the network is to tell at each frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Target {
    /// The next frame from those before it, so that it can compose.
    #[default]
    Next,
    /// The frame that it reads, as programs for comparison do.
    Same,
}

/// What the numbers are taken for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Values {
    /// Binary where there are two different numbers in all, else real.
    #[default]
    Auto,
    /// On where a number is above the least one, else off.
    Binary,
    /// Quantities.
    Real,
}

/// Which pieces are held out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Division {
    /// Any, always the same ones of an array, whatever the seed.
    #[default]
    Random,
    /// The last ones, as Keras does it.
    Last,
}

/// How a network is built and trained on an array.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Recipe {
    /// Where every random choice begins, but for the division.
    pub seed: u64,
    /// `lstm` or `gru`.
    pub cell: String,
    /// Recurrent layers, one on top of the other.
    pub layers: usize,
    /// Units of each of them.
    pub units: usize,
    /// The chance that a number drops out after each recurrent layer.
    pub dropout: f32,
    /// Times that the training pieces are gone through.
    pub epochs: u32,
    /// Pieces side by side in one step.
    pub batch: usize,
    /// Longest stretch of a piece in one step, in frames; of longer pieces one is drawn each time.
    pub longest: usize,
    /// The learning rate.
    pub learning_rate: f32,
    /// The share of it that is left at the end, along half a cosine; 1 keeps it as it is.
    pub final_rate: f32,
    /// Steps over which the rate rises to it.
    pub warm_up: u64,
    /// Weight decay (`AdamW`, on weight matrices).
    pub weight_decay: f32,
    /// Gradients longer than this are shortened to it; 0 leaves them as they are.
    pub clip: f32,
    /// Decay of the running average of the weights, which is what is kept; 0 keeps the last weights.
    pub ema: f32,
    /// Epochs without a better validation loss after which training stops; 0 never stops early.
    pub patience: u32,
    /// The share of pieces that are held out for validation.
    pub held_out: f64,
    /// Which ones.
    pub division: Division,
    /// What the network tells.
    pub target: Target,
    /// What the numbers are taken for.
    pub values: Values,
    /// Whether real features are brought to mean 0 and deviation 1 inside the network.
    pub standardise: bool,
    /// Whether the network tells by how much real features differ from those that it reads, and not what they are: what
    /// changes little from frame to frame, such as sound, is told better so.
    pub changes: bool,
}

impl Default for Recipe {
    fn default() -> Self {
        Self {
            seed: 1,
            cell: "lstm".into(),
            layers: 2,
            units: 128,
            dropout: 0.5,
            epochs: 100,
            batch: 32,
            longest: 1024,
            learning_rate: 1e-3,
            final_rate: 1.0,
            warm_up: 0,
            weight_decay: 0.0,
            clip: 0.0,
            ema: 0.0,
            patience: 0,
            held_out: 0.2,
            division: Division::Random,
            target: Target::Next,
            values: Values::Auto,
            standardise: true,
            changes: false,
        }
    }
}

/// Presets by name: short texts over the default, each line with its reason.
const PRESETS: [(&str, &str); 3] = [
    ("article", include_str!("../../presets/array-article.toml")),
    ("careful", include_str!("../../presets/array-careful.toml")),
    ("sound", include_str!("../../presets/array-sound.toml")),
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
        // A struct of plain numbers and words always has a TOML form.
        toml::to_string(self).unwrap_or_default()
    }

    /// Fails if a value is out of its range.
    pub fn checked(self) -> Result<Self, RecipeError> {
        whole("layers", self.layers, 16)?;
        whole("units", self.units, 4096)?;
        whole("epochs", self.epochs as usize, 1_000_000)?;
        whole("batch", self.batch, 4096)?;
        whole("longest", self.longest, 1 << 20)?;
        chance("dropout", self.dropout)?;
        chance("ema", self.ema)?;
        let rate = self.learning_rate;
        range("learning_rate", "between 0 and 1", &rate, rate > 0.0 && rate < 1.0)?;
        range("final_rate", "from 0 to 1", &self.final_rate, (0.0..=1.0).contains(&self.final_rate))?;
        range(
            "weight_decay",
            "from 0 to 100",
            &self.weight_decay,
            (0.0..=100.0).contains(&self.weight_decay),
        )?;
        range("clip", "0 or more", &self.clip, self.clip >= 0.0 && self.clip.is_finite())?;
        range("held_out", "between 0 and 1", &self.held_out, self.held_out > 0.0 && self.held_out < 1.0)?;
        self.cell().map(|_| self)
    }

    /// The recurrent cell.
    pub fn cell(&self) -> Result<Cell, RecipeError> {
        cell_of(&self.cell)
    }
}
