//! The recipe of a training run: every number that decides what comes of it, as a value that is saved first.

use cantus_nn::Cell;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::encoding::VELOCITY_LEVELS;
use crate::network::{Dropout, Shape, cell_name};

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
    /// Whether a piece is only transposed into keys that pieces of its style have.
    pub keys_of_style: bool,
    /// Most that the stated tempo is changed by, as a share.
    pub tempo_change: f64,
    /// Most levels of [`crate::encoding::VELOCITY_LEVELS`] that all of a piece's known velocities are moved by, up or
    /// down.
    pub velocity_change: u32,
    /// The chance that a part of a piece of several is left out; one at least stays.
    pub part_dropout: f32,
    /// The share of each epoch that is taken from the music of the model that a run began from, where it began from one.
    pub base_share: f32,
    /// The chance that each condition but the style is left out of a piece.
    pub condition_dropout: f32,
    /// The chance that every condition but the style is left out: how music without a request is composed.
    pub bare: f32,
    /// The chance that the style is left out.
    pub style_dropout: f32,
    /// Whether the network learns controls: what a piece and its bars are like.
    pub controls: bool,
    /// Whether a model that a run begins from learns its controls alone: what it answers without them stays as it is, to the
    /// bit.
    pub only_controls: bool,
    /// The chance that no control is told of a piece of which other conditions may be.
    pub uncontrolled: f32,
    /// The chance that each control is left out of a piece of which some may be told.
    pub control_dropout: f32,
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
            keys_of_style: false,
            tempo_change: 0.1,
            velocity_change: 0,
            part_dropout: 0.0,
            base_share: 0.0,
            condition_dropout: 0.4,
            bare: 0.3,
            style_dropout: 0.1,
            controls: false,
            only_controls: false,
            uncontrolled: 0.3,
            control_dropout: 0.5,
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
const PRESETS: [(&str, &str); 8] = [
    ("standard", include_str!("../presets/standard.toml")),
    ("quick", include_str!("../presets/quick.toml")),
    ("fine-tune", include_str!("../presets/fine-tune.toml")),
    ("controls", include_str!("../presets/controls.toml")),
    ("curve", include_str!("../presets/curve.toml")),
    ("default-model", include_str!("../presets/default-model.toml")),
    ("drummers", include_str!("../presets/drummers.toml")),
    ("default-model-end", include_str!("../presets/default-model-end.toml")),
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
        chance("part_dropout", self.part_dropout)?;
        chance("base_share", self.base_share)?;
        chance("uncontrolled", self.uncontrolled)?;
        chance("control_dropout", self.control_dropout)?;
        let levels = self.velocity_change;
        range("velocity_change", "from 0 to 16 levels", &levels, levels <= VELOCITY_LEVELS / 2)?;
        let rate = self.learning_rate;
        range("learning_rate", "between 0 and 1", &rate, rate > 0.0 && rate < 1.0)?;
        self.cell().map(|_| self)
    }

    /// The same for a network that is there already: cell and sizes are its own.
    #[must_use]
    pub fn sized_as(self, shape: &Shape) -> Self {
        let Shape { embedding, hidden, head, .. } = *shape;
        Self { cell: cell_name::of(shape.cell).to_owned(), embedding, hidden, head, ..self }
    }

    /// Fails if the recipe is not for a network of these sizes.
    pub(crate) fn expect_sizes_of(&self, shape: &Shape) -> Result<(), RecipeError> {
        let same = |name, rule, own: &dyn ToString, theirs: &dyn ToString| {
            range(name, rule, own, own.to_string() == theirs.to_string())
        };
        same("cell", "that of the model begun from", &self.cell, &cell_name::of(shape.cell))?;
        same("embedding", "that of the model begun from", &self.embedding, &shape.embedding)?;
        same("hidden", "that of the model begun from", &self.hidden, &shape.hidden)?;
        same("head", "that of the model begun from", &self.head, &shape.head)
    }

    /// Fails if the recipe is for a network that has learnt already.
    pub(crate) fn expect_all_learnt(&self) -> Result<(), RecipeError> {
        let rule = "false where a run begins from no model";
        range("only_controls", rule, &self.only_controls, !self.only_controls)
    }

    /// The recurrent cell.
    pub fn cell(&self) -> Result<Cell, RecipeError> {
        cell_of(&self.cell)
    }

    /// The shape of a network with these sizes.
    pub fn shape(&self, styles: u32, drums: bool, dynamics: bool) -> Result<Shape, RecipeError> {
        let Self { embedding, hidden, head, controls, .. } = *self;
        Ok(Shape { cell: self.cell()?, embedding, hidden, head, styles, drums, dynamics, controls })
    }
}

/// The text of a preset.
pub(crate) fn preset_of(presets: &[(&str, &'static str)], name: &str) -> Result<&'static str, RecipeError> {
    let text = presets.iter().find(|(preset, _)| *preset == name).map(|(_, text)| *text);
    let known = || presets.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
    text.ok_or_else(|| RecipeError::UnknownPreset { name: name.to_owned(), known: known() })
}

/// Values from their text.
pub(crate) fn toml_of<T: DeserializeOwned>(text: &str) -> Result<T, RecipeError> {
    toml::from_str(text).map_err(|error| RecipeError::Unreadable(error.to_string()))
}

/// The recurrent cell of a name.
pub(crate) fn cell_of(name: &str) -> Result<Cell, RecipeError> {
    match name {
        "lstm" => Ok(Cell::Lstm),
        "gru" => Ok(Cell::Gru),
        other => Err(RecipeError::Range { name: "cell", rule: "lstm or gru", value: other.to_owned() }),
    }
}

/// Fails if a number is 0 or more than a machine can hold.
pub(crate) fn whole(name: &'static str, value: usize, most: usize) -> Result<(), RecipeError> {
    range(name, "at least 1 and no more than the machine can hold", &value, (1..=most).contains(&value))
}

/// Fails if a number is no probability below 1.
pub(crate) fn chance(name: &'static str, value: f32) -> Result<(), RecipeError> {
    range(name, "from 0 to less than 1", &value, (0.0..1.0).contains(&value))
}

/// Fails, with the rule, if a value is not within it.
pub(crate) fn range(
    name: &'static str,
    rule: &'static str,
    value: &dyn ToString,
    is_within: bool,
) -> Result<(), RecipeError> {
    if is_within { Ok(()) } else { Err(RecipeError::Range { name, rule, value: value.to_string() }) }
}
