//! The recipe of a training run: every number that decides what comes of it, as a value that is saved first.

use cantus_nn::Cell;
use serde::{Deserialize, Serialize};

use crate::network::{Dropout, Shape};

/// How a network is built and trained.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Recipe {
    /// Where every random choice begins.
    pub seed: u64,
    /// `lstm` or `gru`.
    pub cell: String,
    /// Width of the trunk's embedding.
    pub embedding: usize,
    /// Units of the recurrent layer.
    pub hidden: usize,
    /// Width of the heads.
    pub head: usize,
    /// Times that the training pieces are gone through.
    pub epochs: u32,
    /// Most pieces of a style in one epoch, drawn anew each time; 0 takes all.
    pub pieces_per_style: usize,
    /// Pieces side by side in one step.
    pub batch: usize,
    /// Longest stretch of a piece in one step, in slices.
    pub longest: usize,
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
    /// Most semitones that a piece is transposed by, up or down, within the range of its style.
    pub transposition: i32,
    /// Most that the stated tempo is changed by, as a share.
    pub tempo_change: f64,
    /// The chance that each condition but the style is left out of a piece.
    pub condition_dropout: f32,
    /// The chance that every condition but the style is left out: how music without a request is composed.
    pub bare: f32,
    /// The chance that the style is left out.
    pub style_dropout: f32,
    /// Epochs without a better validation loss after which training stops.
    pub patience: u32,
    /// Most validation pieces of a style that are measured at each epoch.
    pub validation_pieces: usize,
}

impl Default for Recipe {
    fn default() -> Self {
        Self {
            seed: 1,
            cell: "lstm".into(),
            embedding: 192,
            hidden: 384,
            head: 256,
            epochs: 30,
            pieces_per_style: 0,
            batch: 8,
            longest: 384,
            learning_rate: 3e-3,
            warm_up: 50,
            weight_decay: 0.3,
            clip: 1.0,
            ema: 0.99,
            dropout: Dropout { feature: 0.1, input: 0.2, hidden: 0.4, head: 0.3 },
            transposition: 6,
            tempo_change: 0.1,
            condition_dropout: 0.4,
            bare: 0.3,
            style_dropout: 0.1,
            patience: 8,
            validation_pieces: 100,
        }
    }
}

/// A recipe cannot be used.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum RecipeError {
    /// The text is no recipe.
    #[error("a recipe must be TOML with known names and values: {0}")]
    Unreadable(String),
    /// A value is out of its range.
    #[error("{name} must be {rule}, but was {value}")]
    Range {
        /// The value's name in the recipe.
        name: &'static str,
        /// Its range in words.
        rule: &'static str,
        /// The value.
        value: String,
    },
    /// There is no preset of this name.
    #[error("a preset must be one of {known}, but was {name}")]
    UnknownPreset {
        /// The name asked for.
        name: String,
        /// The names there are.
        known: String,
    },
}

/// Presets by name: short texts over the default, each line with its reason.
const PRESETS: [(&str, &str); 3] = [
    ("standard", include_str!("../presets/standard.toml")),
    ("quick", include_str!("../presets/quick.toml")),
    ("default-model", include_str!("../presets/default-model.toml")),
];

impl Recipe {
    /// The names of the presets.
    pub fn presets() -> Vec<&'static str> {
        PRESETS.iter().map(|(name, _)| *name).collect()
    }

    /// The recipe of a preset.
    pub fn preset(name: &str) -> Result<Self, RecipeError> {
        let known = || Self::presets().join(", ");
        let text = PRESETS.iter().find(|(preset, _)| *preset == name).map(|(_, text)| *text);
        text.ok_or_else(|| RecipeError::UnknownPreset { name: name.to_owned(), known: known() })
            .and_then(Self::read)
    }

    /// Reads a recipe; what it leaves out is as in [`Recipe::default`].
    pub fn read(text: &str) -> Result<Self, RecipeError> {
        let recipe: Self =
            toml::from_str(text).map_err(|error| RecipeError::Unreadable(error.to_string()))?;
        recipe.checked()
    }

    /// The recipe as text, every value in it.
    pub fn write(&self) -> String {
        // A struct of plain numbers and strings always has a TOML form.
        toml::to_string(self).unwrap_or_default()
    }

    fn checked(self) -> Result<Self, RecipeError> {
        let whole = |name, value: usize, most: usize| {
            let rule = "at least 1 and no more than the machine can hold";
            if (1..=most).contains(&value) {
                Ok(())
            } else {
                Err(RecipeError::Range { name, rule, value: value.to_string() })
            }
        };
        let chance = |name, value: f32| {
            let rule = "from 0 to less than 1";
            if (0.0..1.0).contains(&value) {
                Ok(())
            } else {
                Err(RecipeError::Range { name, rule, value: value.to_string() })
            }
        };
        whole("embedding", self.embedding, 4096)?;
        whole("hidden", self.hidden, 4096)?;
        whole("head", self.head, 4096)?;
        whole("epochs", self.epochs as usize, 1_000_000)?;
        whole("batch", self.batch, 4096)?;
        whole("longest", self.longest, 1 << 20)?;
        chance("dropout.feature", self.dropout.feature)?;
        chance("dropout.input", self.dropout.input)?;
        chance("dropout.hidden", self.dropout.hidden)?;
        chance("dropout.head", self.dropout.head)?;
        chance("ema", self.ema)?;
        if !(self.learning_rate > 0.0 && self.learning_rate < 1.0) {
            let value = self.learning_rate.to_string();
            return Err(RecipeError::Range { name: "learning_rate", rule: "between 0 and 1", value });
        }
        self.cell().map(|_| self)
    }

    /// The recurrent cell.
    pub fn cell(&self) -> Result<Cell, RecipeError> {
        match self.cell.as_str() {
            "lstm" => Ok(Cell::Lstm),
            "gru" => Ok(Cell::Gru),
            other => Err(RecipeError::Range { name: "cell", rule: "lstm or gru", value: other.to_owned() }),
        }
    }

    /// The shape of a network with these sizes.
    pub fn shape(&self, styles: u32, drums: bool, dynamics: bool) -> Result<Shape, RecipeError> {
        let Self { embedding, hidden, head, .. } = *self;
        Ok(Shape { cell: self.cell()?, embedding, hidden, head, styles, drums, dynamics })
    }
}
