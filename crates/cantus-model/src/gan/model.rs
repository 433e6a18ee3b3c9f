//! A generator as one file: weights, styles, recipe and card. Nothing in it can be executed.

use std::collections::BTreeMap;

use cantus_nn::{Parameters, Precision, Rng, Weights};
use sha2::{Digest, Sha256};

use super::generator::Generator;
use super::habits::Habits;
use super::listener::Listener;
use super::recipe::Recipe;
use super::task::GanTask;
use crate::corpus::hex;
use crate::model::{Card, ENGINE_KEY, ModelError, field, parsed};
use crate::styles::Style;

/// The version of what a generator is asked. A model answers what it was trained on.
pub const VERSION: u32 = 2;

const VERSION_KEY: &str = "cantus.version";
const STYLES_KEY: &str = "cantus.styles";
const HABITS_KEY: &str = "cantus.habits";
const RECIPE_KEY: &str = "cantus.recipe";
const CARD_KEY: &str = "cantus.card";
const WEIGHTS: &str = "network.";
/// Most styles that a model may have; a header that claims more is not believed.
const MOST_STYLES: usize = 1000;

/// A trained generator and all that is known of it.
#[derive(Debug, Clone)]
pub struct Model {
    pub(super) generator: Generator,
    pub(super) listener: Listener,
    pub(super) params: Parameters,
    /// Its styles, in the order of their numbers.
    pub styles: Vec<Style>,
    /// What phrases of each are used to.
    pub(super) habits: Vec<Habits>,
    /// How it was trained.
    pub recipe: Recipe,
    /// What its users should know.
    pub card: Card,
    /// SHA-256 of its file as hexadecimal digits; empty until it has been read.
    pub digest: String,
}

impl Model {
    /// The model of the weights of a generator and its listener; others among them are left out.
    pub(super) fn new(
        weights: &Parameters,
        (styles, habits): (Vec<Style>, Vec<Habits>),
        recipe: Recipe,
        card: Card,
    ) -> Self {
        let (generator, listener, mut params) = empty(styles.len());
        for id in params.ids() {
            if let Some(from) = weights.id(params.name(id)) {
                super::dense::filled(params.get_mut(id), weights.get(from).data());
            }
        }
        Self { generator, listener, params, styles, habits, recipe, card, digest: String::new() }
    }

    /// How many numbers it has.
    pub fn parameters(&self) -> usize {
        self.params.count()
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
                (ENGINE_KEY, GanTask::ENGINE.to_owned()),
                (VERSION_KEY, VERSION.to_string()),
                (STYLES_KEY, json(serde_json::to_string(&self.styles))),
                (HABITS_KEY, json(serde_json::to_string(&self.habits))),
                (RECIPE_KEY, self.recipe.write()),
                (CARD_KEY, json(serde_json::to_string(&self.card))),
            ]
            .map(|(key, value)| (key.to_owned(), value)),
        );
        weights.save(Precision::Bf16)
    }

    /// Whether a file is a model of this engine, whole or not.
    pub fn is_model(bytes: &[u8]) -> bool {
        let weights = Weights::load(bytes);
        weights.is_ok_and(|weights| {
            weights.metadata.get(ENGINE_KEY).is_some_and(|engine| engine == GanTask::ENGINE)
        })
    }

    /// Reads a model's file.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ModelError> {
        let weights = Weights::load(bytes).map_err(ModelError::NotAModel)?;
        let engine = field(&weights, ENGINE_KEY)?;
        if engine != GanTask::ENGINE {
            return Err(ModelError::OtherEngine(engine.to_owned()));
        }
        let version = field(&weights, VERSION_KEY)?;
        if version != VERSION.to_string() {
            return Err(ModelError::OtherVersion(version.to_owned()));
        }
        let styles: Vec<Style> = parsed(&weights, STYLES_KEY)?;
        let unfit = |field: &'static str, reason: String| ModelError::Metadata { field, reason };
        if styles.is_empty() || styles.len() > MOST_STYLES {
            return Err(unfit(STYLES_KEY, format!("it lists {} styles", styles.len())));
        }
        // Of older files no habits are known.
        let habits: Vec<Habits> = match weights.metadata.get(HABITS_KEY) {
            Some(_) => parsed(&weights, HABITS_KEY)?,
            None => vec![Habits::default(); styles.len()],
        };
        if habits.len() != styles.len() || !habits.iter().all(Habits::are_sound) {
            return Err(unfit(HABITS_KEY, format!("it tells {} for {} styles", habits.len(), styles.len())));
        }
        let recipe = Recipe::read(field(&weights, RECIPE_KEY)?);
        let recipe = recipe.map_err(|error| unfit(RECIPE_KEY, error.to_string()))?;
        let (generator, listener, mut params) = empty(styles.len());
        params.load(&weights.under(WEIGHTS)).map_err(ModelError::Weights)?;
        let card = parsed(&weights, CARD_KEY)?;
        let digest = hex(&Sha256::digest(bytes));
        Ok(Self { generator, listener, params, styles, habits, recipe, card, digest })
    }
}

fn empty(styles: usize) -> (Generator, Listener, Parameters) {
    let (mut params, mut rng) = (Parameters::new(), Rng::new(0));
    let generator = Generator::new(styles, &mut params, &mut rng);
    let listener = Listener::new(styles, &mut params, &mut rng);
    (generator, listener, params)
}
