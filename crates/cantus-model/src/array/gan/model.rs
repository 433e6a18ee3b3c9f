//! A generator of arrays as one file: weights, the scale of its numbers, recipe and card. Nothing in it can be executed.

use std::collections::BTreeMap;

use cantus_nn::{Parameters, Precision, Rng, Weights};
use sha2::{Digest, Sha256};

use super::super::Scale;
use super::networks::{Generator, MOST_NUMBERS, Shape};
use super::recipe::Recipe;
use super::task::AdversarialTask;
use crate::corpus::hex;
use crate::model::{Card, ENGINE_KEY, ModelError, field, parsed};

/// The version of what its networks are asked.
pub const VERSION: u32 = 1;

const VERSION_KEY: &str = "cantus.version";
const SHAPE_KEY: &str = "cantus.shape";
const SCALE_KEY: &str = "cantus.scale";
const RECIPE_KEY: &str = "cantus.recipe";
const CARD_KEY: &str = "cantus.card";
const WEIGHTS: &str = "network.";

/// A trained generator of arrays and all that is known of it.
#[derive(Debug, Clone)]
pub struct Model {
    pub(super) generator: Generator,
    pub(super) params: Parameters,
    /// What its numbers are.
    pub scale: Scale,
    /// How it was trained.
    pub recipe: Recipe,
    /// What its users should know.
    pub card: Card,
    /// SHA-256 of its file as hexadecimal digits; empty until it has been read.
    pub digest: String,
}

impl Model {
    /// The model of a generator's weights; others among them are left out.
    pub(super) fn new(
        (shape, weights): (Shape, &Parameters),
        scale: Scale,
        recipe: Recipe,
        card: Card,
    ) -> Self {
        let (generator, mut params) = empty(shape);
        for id in params.ids() {
            if let Some(from) = weights.id(params.name(id)) {
                crate::gan::dense::filled(params.get_mut(id), weights.get(from).data());
            }
        }
        Self { generator, params, scale, recipe, card, digest: String::new() }
    }

    /// Frames of each piece that it makes.
    pub fn frames(&self) -> usize {
        self.generator.shape.numbers / self.features()
    }

    /// Features of each frame.
    pub fn features(&self) -> usize {
        self.scale.features.len()
    }

    /// The model's file. Equal models give equal bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut weights = Weights::new();
        for (name, tensor) in self.params.iter() {
            weights.insert(format!("{WEIGHTS}{name}"), tensor.clone());
        }
        let json = |value: Result<String, serde_json::Error>| value.unwrap_or_default();
        weights.metadata = BTreeMap::from(
            [
                (ENGINE_KEY, AdversarialTask::ENGINE.to_owned()),
                (VERSION_KEY, VERSION.to_string()),
                (SHAPE_KEY, json(serde_json::to_string(&self.generator.shape))),
                (SCALE_KEY, json(serde_json::to_string(&self.scale))),
                (RECIPE_KEY, self.recipe.write()),
                (CARD_KEY, json(serde_json::to_string(&self.card))),
            ]
            .map(|(key, value)| (key.to_owned(), value)),
        );
        weights.save(Precision::F32)
    }

    /// Whether a file is a model of this engine, whole or not.
    pub fn is_model(bytes: &[u8]) -> bool {
        let weights = Weights::load(bytes);
        weights.is_ok_and(|weights| {
            weights.metadata.get(ENGINE_KEY).is_some_and(|engine| engine == AdversarialTask::ENGINE)
        })
    }

    /// Reads a model's file.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ModelError> {
        let weights = Weights::load(bytes).map_err(ModelError::NotAModel)?;
        let engine = field(&weights, ENGINE_KEY)?;
        if engine != AdversarialTask::ENGINE {
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
        let (generator, mut params) = empty(shape);
        params.load(&weights.under(WEIGHTS)).map_err(ModelError::Weights)?;
        let card = parsed(&weights, CARD_KEY)?;
        Ok(Self { generator, params, scale, recipe, card, digest: hex(&Sha256::digest(bytes)) })
    }
}

fn unfit(field: &'static str, reason: String) -> ModelError {
    ModelError::Metadata { field, reason }
}

/// Refuses sizes that the file's own tensors do not bear out, before memory is taken for them.
fn check_sizes(shape: Shape, scale: &Scale, weights: &Weights) -> Result<(), ModelError> {
    let Shape { noise, units, numbers, .. } = shape;
    if !scale.describes_each_feature() {
        return Err(unfit(SCALE_KEY, "it does not describe each feature".to_owned()));
    }
    if numbers == 0 || numbers > MOST_NUMBERS || !numbers.is_multiple_of(scale.features.len()) {
        return Err(unfit(SHAPE_KEY, format!("{numbers} numbers fill no whole frames")));
    }
    let wide = units.saturating_mul(2);
    for (layer, sizes) in [[noise, units], [units, wide], [wide, numbers]].iter().enumerate() {
        weights.expect(&format!("{WEIGHTS}g.{layer}.weight"), sizes).map_err(ModelError::Weights)?;
    }
    Ok(())
}

fn empty(shape: Shape) -> (Generator, Parameters) {
    let mut params = Parameters::new();
    let generator = Generator::new(shape, &mut params, &mut Rng::new(0));
    (generator, params)
}
