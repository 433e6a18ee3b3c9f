//! The recipe of a run on pieces of four voices.

use serde::{Deserialize, Serialize};

use crate::network::Dropout;
use crate::recipe::{RecipeError, cell_of, chance, preset_of, range, toml_of, whole};

/// The name of a linear recurrence among the cells.
pub(super) const LINEAR: &str = "linear";

/// What networks are told besides the notes themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Told {
    /// Where the past was as now, and what followed.
    Match,
    /// Intervals to the notes that are decided, and motion.
    Relation,
    /// The key of the past, and pitches above its tonic.
    Key,
}

/// How networks of four voices are built and trained.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Recipe {
    /// Where every random choice begins.
    pub seed: u64,
    /// Networks that learn side by side, each from a beginning of its own; what they expect is the mean of their probabilities.
    pub members: usize,
    /// `lstm`, `gru`, or `linear`: a state whose gates do not depend on it.
    pub cell: String,
    /// Recurrent layers, one upon the other.
    pub layers: usize,
    /// Width of the trunk's embedding.
    pub embedding: usize,
    /// Units of the recurrent layer.
    pub hidden: usize,
    /// Width of the heads.
    pub head: usize,
    /// Times that the training pieces are gone through.
    pub epochs: u32,
    /// Pieces side by side in one step.
    pub batch: usize,
    /// Highest learning rate.
    pub learning_rate: f32,
    /// Steps over which the rate rises to it.
    pub warm_up: u64,
    /// Weight decay (`AdamW`, on weight matrices).
    pub weight_decay: f32,
    /// Gradients longer than this are shortened to it.
    pub clip: f32,
    /// Decay of the running average of the weights, which is what is kept.
    pub ema: f32,
    /// What drops out.
    pub dropout: Dropout,
    /// What the networks are not told, for comparison: `match` (where the past was as now), `relation` (intervals to the notes that
    /// are decided) or `key`.
    pub without: Vec<Told>,
    /// Whether, half of the time, the networks are told what may be asked for: the key, and when the piece ends. Networks that compose need it.
    pub asked: bool,
    /// Most semitones that a piece is transposed by, up or down, within the ranges of the voices.
    pub transposition: i32,
    /// Epochs without a better validation loss after which training stops.
    pub patience: u32,
}

impl Default for Recipe {
    fn default() -> Self {
        Self {
            seed: 1,
            members: 1,
            cell: "lstm".into(),
            layers: 1,
            embedding: 256,
            hidden: 384,
            head: 256,
            epochs: 28,
            batch: 8,
            learning_rate: 3e-3,
            warm_up: 50,
            weight_decay: 0.6,
            clip: 1.0,
            ema: 0.99,
            dropout: Dropout { feature: 0.1, input: 0.3, hidden: 0.6, head: 0.5 },
            without: Vec::new(),
            asked: false,
            transposition: 6,
            patience: 100,
        }
    }
}

/// Presets by name: short texts over the default, each line with its reason.
const PRESETS: [(&str, &str); 2] = [
    ("jsb16", include_str!("../../presets/jsb16.toml")),
    ("chorales", include_str!("../../presets/chorales.toml")),
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
        // A struct of plain numbers and strings always has a TOML form.
        toml::to_string(self).unwrap_or_default()
    }

    fn checked(self) -> Result<Self, RecipeError> {
        range("members", "from 1 to 64", &self.members, (1..=64).contains(&self.members))?;
        whole("embedding", self.embedding, 4096)?;
        whole("hidden", self.hidden, 4096)?;
        whole("head", self.head, 4096)?;
        whole("epochs", self.epochs as usize, 1_000_000)?;
        whole("batch", self.batch, 4096)?;
        chance("dropout.feature", self.dropout.feature)?;
        chance("dropout.input", self.dropout.input)?;
        chance("dropout.hidden", self.dropout.hidden)?;
        chance("dropout.head", self.dropout.head)?;
        chance("ema", self.ema)?;
        let rate = self.learning_rate;
        range("learning_rate", "between 0 and 1", &rate, rate > 0.0 && rate < 1.0)?;
        range("layers", "from 1 to 8", &self.layers, (1..=8).contains(&self.layers))?;
        if self.cell != LINEAR {
            cell_of(&self.cell)?;
        }
        Ok(self)
    }
}
