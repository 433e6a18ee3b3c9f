//! Networks of four voices as one file: weights, recipe and card. Nothing in it can be executed.

use std::collections::BTreeMap;

use cantus_nn::{Parameters, Precision, Rng, Weights};
use sha2::{Digest, Sha256};

use super::choir::Manner;
use super::measure::{Expected, expected};
use super::network::Network;
use super::piece::VoicedPiece;
use super::recipe::Recipe;
use super::task::VoicesTask;
use crate::corpus::hex;
use crate::model::{Card, ENGINE_KEY, ModelError, field, parsed};

/// The version of what its networks are asked.
pub(super) const VERSION: u32 = 1;

const VERSION_KEY: &str = "cantus.version";
const RECIPE_KEY: &str = "cantus.recipe";
const CARD_KEY: &str = "cantus.card";
const MANNER_KEY: &str = "cantus.manner";

/// Trained networks and all that is known of them.
#[derive(Debug, Clone)]
pub struct Model {
    network: Network,
    members: Vec<Parameters>,
    /// How they were trained.
    pub recipe: Recipe,
    /// What their users should know.
    pub card: Card,
    /// How they compose, where that was measured.
    pub manner: Option<Manner>,
    /// SHA-256 of the file as hexadecimal digits; empty until it has been read.
    pub digest: String,
}

impl Model {
    pub(super) fn new(members: Vec<Parameters>, recipe: Recipe, card: Card) -> Self {
        let (network, _) = Network::new(&recipe, &mut Rng::new(0));
        Self { network, members, recipe, card, manner: None, digest: String::new() }
    }

    /// The networks: what they share, and the weights of each.
    pub(super) fn networks(&self) -> (&Network, &[Parameters]) {
        (&self.network, &self.members)
    }

    /// Networks of a recipe that have learnt nothing.
    pub fn unlearnt(recipe: Recipe) -> Self {
        let members = (0..recipe.members as u64).map(|number| {
            let (_, params) = Network::new(&recipe, &mut Rng::new(recipe.seed).fork(number));
            params
        });
        Self::new(members.collect(), recipe, Card::default())
    }

    /// How many numbers it has.
    pub fn parameters(&self) -> usize {
        self.members.iter().map(Parameters::count).sum()
    }

    /// What it expects at every question of some pieces.
    pub fn expected(&self, pieces: &[VoicedPiece]) -> Vec<Expected> {
        expected(&self.network, &self.members.iter().collect::<Vec<_>>(), pieces)
    }

    /// The model's file. Equal models give equal bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut weights = Weights::new();
        for (number, member) in self.members.iter().enumerate() {
            for (name, tensor) in member.iter() {
                weights.insert(format!("{number}.{name}"), tensor.clone());
            }
        }
        weights.metadata = BTreeMap::from(
            [
                (ENGINE_KEY, VoicesTask::ENGINE.to_owned()),
                (VERSION_KEY, VERSION.to_string()),
                (RECIPE_KEY, self.recipe.write()),
                (CARD_KEY, serde_json::to_string(&self.card).unwrap_or_default()),
            ]
            .map(|(key, value)| (key.to_owned(), value)),
        );
        if let Some(manner) = &self.manner {
            weights.metadata.insert(MANNER_KEY.to_owned(), serde_json::to_string(manner).unwrap_or_default());
        }
        weights.save(Precision::Bf16)
    }

    /// Whether a file is a model of this engine, whole or not.
    pub fn is_model(bytes: &[u8]) -> bool {
        let weights = Weights::load(bytes);
        weights.is_ok_and(|weights| {
            weights.metadata.get(ENGINE_KEY).is_some_and(|engine| engine == VoicesTask::ENGINE)
        })
    }

    /// Reads a model's file.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ModelError> {
        let weights = Weights::load(bytes).map_err(ModelError::NotAModel)?;
        let engine = field(&weights, ENGINE_KEY)?;
        if engine != VoicesTask::ENGINE {
            return Err(ModelError::OtherEngine(engine.to_owned()));
        }
        let version = field(&weights, VERSION_KEY)?;
        if version != VERSION.to_string() {
            return Err(ModelError::OtherVersion(version.to_owned()));
        }
        let recipe = Recipe::read(field(&weights, RECIPE_KEY)?);
        let unfit = |reason: String| ModelError::Metadata { field: RECIPE_KEY, reason };
        let recipe = recipe.map_err(|error| unfit(error.to_string()))?;
        let (network, empty) = Network::new(&recipe, &mut Rng::new(0));
        let members = (0..recipe.members).map(|number| {
            let mut member = empty.clone();
            member.load(&weights.under(&format!("{number}."))).map_err(ModelError::Weights)?;
            Ok(member)
        });
        let members = members.collect::<Result<_, ModelError>>()?;
        let card = parsed(&weights, CARD_KEY)?;
        let has_manner = weights.metadata.contains_key(MANNER_KEY);
        let manner = if has_manner { Some(parsed(&weights, MANNER_KEY)?) } else { None };
        Ok(Self { network, members, recipe, card, manner, digest: hex(&Sha256::digest(bytes)) })
    }
}
