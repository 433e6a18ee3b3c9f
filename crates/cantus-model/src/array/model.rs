//! A model of an array as one file: weights, sizes, scale, recipe and card. Nothing in it can be executed.

use std::collections::BTreeMap;

use cantus_nn::{Parameters, Precision, Rng, Tensor, Weights};
use sha2::{Digest, Sha256};

use super::{ArrayTask, Network, Recipe, Scale, Shape, Telling};
use crate::corpus::hex;
use crate::model::{Card, ENGINE_KEY, ModelError, field, parsed};

/// The version of what a network is asked. A model answers what it was trained on.
pub const VERSION: u32 = 1;

const VERSION_KEY: &str = "cantus.version";
const SHAPE_KEY: &str = "cantus.shape";
const SCALE_KEY: &str = "cantus.scale";
const FRAMES_KEY: &str = "cantus.frames";
const TELLING_KEY: &str = "cantus.telling";
const RECIPE_KEY: &str = "cantus.recipe";
const CARD_KEY: &str = "cantus.card";
const ERRORS: &str = "errors";
const WEIGHTS: &str = "network.";

/// A trained network and all that is known of it.
#[derive(Debug, Clone)]
pub struct Model {
    /// The network.
    pub network: Network,
    /// Its weights.
    pub params: Parameters,
    /// What its numbers are.
    pub scale: Scale,
    /// Frames of the pieces that it learned from.
    pub frames: usize,
    /// Errors that it made on held-out frames, as the network sees them, `[frames, features]`; of real numbers only.
    pub errors: Vec<f32>,
    /// How sound was told in its numbers, where it learned sound.
    pub telling: Option<Telling>,
    /// How it was trained.
    pub recipe: Recipe,
    /// What its users should know.
    pub card: Card,
    /// SHA-256 of its file as hexadecimal digits; empty until it has been read.
    pub digest: String,
}

impl Model {
    /// The model's file. Equal models give equal bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut weights = Weights::new();
        for (name, tensor) in self.params.iter() {
            weights.insert(format!("{WEIGHTS}{name}"), tensor.clone());
        }
        let features = self.scale.features.len().max(1);
        if let Ok(errors) = Tensor::new(&[self.errors.len() / features, features], self.errors.clone()) {
            weights.insert(ERRORS, errors);
        }
        let json = |value: Result<String, serde_json::Error>| value.unwrap_or_default();
        weights.metadata = BTreeMap::from(
            [
                (ENGINE_KEY, ArrayTask::ENGINE.to_owned()),
                (VERSION_KEY, VERSION.to_string()),
                (SHAPE_KEY, json(serde_json::to_string(&self.network.shape))),
                (SCALE_KEY, json(serde_json::to_string(&self.scale))),
                (FRAMES_KEY, self.frames.to_string()),
                (RECIPE_KEY, self.recipe.write()),
                (CARD_KEY, json(serde_json::to_string(&self.card))),
            ]
            .map(|(key, value)| (key.to_owned(), value)),
        );
        if let Some(telling) = &self.telling {
            weights.metadata.insert(TELLING_KEY.to_owned(), json(serde_json::to_string(telling)));
        }
        weights.save(Precision::F32)
    }

    /// Whether a file is a model of this engine, whole or not.
    pub fn is_model(bytes: &[u8]) -> bool {
        let weights = Weights::load(bytes);
        weights.is_ok_and(|weights| {
            weights.metadata.get(ENGINE_KEY).is_some_and(|engine| engine == ArrayTask::ENGINE)
        })
    }

    /// Reads a model's file.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ModelError> {
        let weights = Weights::load(bytes).map_err(ModelError::NotAModel)?;
        let engine = field(&weights, ENGINE_KEY)?;
        if engine != ArrayTask::ENGINE {
            return Err(ModelError::OtherEngine(engine.to_owned()));
        }
        let version = field(&weights, VERSION_KEY)?;
        if version != VERSION.to_string() {
            return Err(ModelError::OtherVersion(version.to_owned()));
        }
        let shape: Shape = parsed(&weights, SHAPE_KEY)?;
        let scale: Scale = parsed(&weights, SCALE_KEY)?;
        let recipe = Recipe::read(field(&weights, RECIPE_KEY)?);
        let recipe = recipe.map_err(|error| unfit(RECIPE_KEY, error.to_string()))?;
        check_sizes(shape, &scale, &weights)?;
        let errors = weights.get(ERRORS).map(|errors| errors.data().to_vec()).unwrap_or_default();
        let (network, mut params) = Network::new(shape, &mut Rng::new(0));
        params.load(&weights.under(WEIGHTS)).map_err(ModelError::Weights)?;
        let (frames, card) = (parsed(&weights, FRAMES_KEY)?, parsed(&weights, CARD_KEY)?);
        let is_told = weights.metadata.contains_key(TELLING_KEY);
        let telling: Option<Telling> = is_told.then(|| parsed(&weights, TELLING_KEY)).transpose()?;
        if let Some(Err(error)) = telling.map(Telling::frames) {
            return Err(unfit(TELLING_KEY, error.to_string()));
        }
        let digest = hex(&Sha256::digest(bytes));
        Ok(Self { network, params, scale, frames, errors, telling, recipe, card, digest })
    }
}

fn unfit(field: &'static str, reason: String) -> ModelError {
    ModelError::Metadata { field, reason }
}

/// Refuses sizes that the file's own tensors do not bear out, before memory is taken for them.
fn check_sizes(shape: Shape, scale: &Scale, weights: &Weights) -> Result<(), ModelError> {
    let Shape { cell, features, layers, units } = shape;
    if scale.features.len() != features || !scale.describes_each_feature() {
        return Err(unfit(SCALE_KEY, "it does not describe each feature".to_owned()));
    }
    if weights.get(ERRORS).is_some_and(|errors| errors.columns() != features) {
        return Err(unfit(SHAPE_KEY, "the errors have another number of features".to_owned()));
    }
    let columns = cell.gates().saturating_mul(units);
    for index in 0..layers {
        let inputs = if index == 0 { features } else { units };
        for (part, rows) in [("input", inputs), ("hidden", units)] {
            let name = format!("{WEIGHTS}layer{index}.{part}");
            weights.expect(&name, &[rows, columns]).map_err(ModelError::Weights)?;
        }
    }
    let out = weights.expect(&format!("{WEIGHTS}out.weight"), &[units, features]);
    out.map(|_| ()).map_err(ModelError::Weights)
}
