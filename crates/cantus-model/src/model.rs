//! A model as one file: weights, sizes, styles, recipe and card. Nothing in it can be executed.

use std::collections::{BTreeMap, BTreeSet};

use cantus_nn::{NnError, Parameters, Precision, Weights};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};

use crate::corpus::{Corpus, LedgerEntry, Split, hex};
use crate::network::{Network, Shape};
use crate::recipe::Recipe;
use crate::styles::Style;

/// The version of the questions: their features, classes and order. A model answers those that it was trained on.
pub const VERSION: u32 = 1;

/// Where a file of another engine than the slices' names it.
pub(crate) const ENGINE_KEY: &str = "cantus.engine";

/// Most styles that a model may have; a header that claims more is not believed.
const LARGEST_STYLE_LIST: usize = 1000;

/// Most composers of one source that a card names.
const MOST_COMPOSERS: usize = 1000;

/// A trained network and all that is known of it.
#[derive(Debug, Clone)]
pub struct Model {
    /// The network.
    pub network: Network,
    /// Its weights.
    pub params: Parameters,
    /// Its styles, in the order of their numbers.
    pub styles: Vec<Style>,
    /// How it was trained.
    pub recipe: Recipe,
    /// What its users should know.
    pub card: Card,
    /// SHA-256 of its file as hexadecimal digits; empty until it has been written or read.
    pub digest: String,
}

/// What the users of a model should know.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Card {
    /// The model's name.
    pub name: String,
    /// The music it was trained on, by terms.
    pub sources: Vec<CardSource>,
    /// Pieces by style and split.
    pub styles: Vec<CardStyle>,
    /// SHA-256 over the ledger of every training piece.
    pub ledger: String,
    /// Epochs after which the weights were best.
    pub epochs: u32,
    /// Measured numbers by name.
    pub numbers: BTreeMap<String, f64>,
    /// What it can and cannot do, in sentences.
    pub notes: Vec<String>,
    /// How well small networks expect its corpus after learning from shares of it, the smallest first; empty where
    /// that was not measured.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub curve: Vec<CurvePoint>,
}

/// What a small network makes of a share of a corpus.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CurvePoint {
    /// The share of the training pieces, up to 1.
    pub share: f64,
    /// Pieces that it learned from.
    pub pieces: usize,
    /// Notes that they have, nearly.
    pub notes: u64,
    /// Epochs after which it expected the validation pieces best.
    pub epochs: u32,
    /// What a note of the validation pieces then cost in nats, the mean over the styles.
    pub nats_per_note: f64,
}

/// Training music under the same terms.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CardSource {
    /// Who is credited; where nobody is, the folder or archive that the music is from.
    pub credit: String,
    /// The licence.
    pub licence: String,
    /// The class of rights.
    pub rights: String,
    /// How many training pieces.
    pub pieces: u32,
    /// Who wrote the music, as far as that is known, in alphabetical order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub composers: Vec<String>,
}

/// How many pieces of a style there were.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CardStyle {
    /// The style's name.
    pub name: String,
    /// Pieces it was trained on.
    pub train: u32,
    /// Pieces by which training was stopped.
    pub valid: u32,
    /// Pieces kept for the final measurement.
    pub test: u32,
}

impl Card {
    /// The card of a model that will be trained on a corpus.
    pub fn of_corpus<Music>(name: &str, corpus: &Corpus<Music>) -> Self {
        let count = |style: &str, split| corpus.of(split).filter(|piece| piece.style == style).count() as u32;
        let styles = corpus.styles().into_iter().map(|style| CardStyle {
            name: style.to_owned(),
            train: count(style, Split::Train),
            valid: count(style, Split::Valid),
            test: count(style, Split::Test),
        });
        let mut sources: BTreeMap<[String; 3], (u32, BTreeSet<String>)> = BTreeMap::new();
        let mut ledger = Sha256::new();
        for piece in corpus.of(Split::Train) {
            let LedgerEntry { hash, collection, composer, terms, .. } = &piece.ledger;
            let said = |value: Option<&String>| value.cloned().unwrap_or_else(|| "not stated".into());
            let credit = said(terms.credit.as_ref().or(collection.as_ref()));
            let [licence, rights] = [&terms.licence, &terms.rights].map(|value| said(value.as_ref()));
            ledger
                .update(format!("{}\t{hash}\t{}\t{licence}\t{rights}\t{credit}\n", piece.name, piece.digest));
            let (pieces, composers) = sources.entry([credit, licence, rights]).or_default();
            *pieces += 1;
            composers.extend(composer.clone());
        }
        let sources = sources.into_iter().map(|([credit, licence, rights], (pieces, composers))| {
            CardSource { credit, licence, rights, pieces, composers: listed(composers) }
        });
        Self {
            name: name.to_owned(),
            sources: sources.collect(),
            styles: styles.collect(),
            ledger: hex(&ledger.finalize()),
            ..Self::default()
        }
    }
}

/// The composers of a source, but no more of them than a card can bear.
fn listed(composers: BTreeSet<String>) -> Vec<String> {
    let others = composers.len().saturating_sub(MOST_COMPOSERS);
    let mut listed: Vec<String> = composers.into_iter().take(MOST_COMPOSERS).collect();
    if others > 0 {
        listed.push(format!("{others} others"));
    }
    listed
}

/// A file is no model that can be used.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// It is no weight file at all, or it is cut off.
    #[error("a model must be a whole safetensors file made by `cantus train`, but this one is not ({0})")]
    NotAModel(NnError),
    /// It is a weight file of something else.
    #[error(
        "a model must say what it is, but this file has no `{0}` in its metadata: it was not made by Cantus"
    )]
    Foreign(&'static str),
    /// It is a model of another engine.
    #[error("this needs a model that learned scores, but this one is of the engine `{0}`")]
    OtherEngine(String),
    /// It was made by another version.
    #[error("this version of Cantus reads models of version {VERSION}, but the file is of version {0}")]
    OtherVersion(String),
    /// Its metadata cannot be read.
    #[error("the model's {field} cannot be read: {reason}")]
    Metadata {
        /// Which field.
        field: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// Its tensors do not fit its sizes.
    #[error("the model's weights do not fit its sizes: {0}")]
    Weights(NnError),
}

impl Model {
    /// The model's file. Equal models give equal bytes.
    pub fn to_bytes(&self, precision: Precision) -> Vec<u8> {
        let mut weights = Weights::new();
        weights.extend(self.params.iter());
        let json = |value: Result<String, serde_json::Error>| value.unwrap_or_default();
        weights.metadata = BTreeMap::from([
            ("cantus.version".to_owned(), VERSION.to_string()),
            ("cantus.shape".to_owned(), json(serde_json::to_string(&self.network.shape))),
            ("cantus.styles".to_owned(), json(serde_json::to_string(&self.styles))),
            ("cantus.recipe".to_owned(), self.recipe.write()),
            ("cantus.card".to_owned(), json(serde_json::to_string(&self.card))),
        ]);
        weights.save(precision)
    }

    /// Reads a model's file.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ModelError> {
        let weights = Weights::load(bytes).map_err(ModelError::NotAModel)?;
        if let Some(engine) = weights.metadata.get(ENGINE_KEY) {
            return Err(ModelError::OtherEngine(engine.clone()));
        }
        let version = field(&weights, "cantus.version")?;
        if version != VERSION.to_string() {
            return Err(ModelError::OtherVersion(version.to_owned()));
        }
        let shape: Shape = parsed(&weights, "cantus.shape")?;
        let styles: Vec<Style> = parsed(&weights, "cantus.styles")?;
        let unfit = |reason: String| ModelError::Metadata { field: "cantus.recipe", reason };
        let recipe =
            Recipe::read(field(&weights, "cantus.recipe")?).map_err(|error| unfit(error.to_string()))?;
        check_sizes(&shape, &styles, &weights)?;
        let (network, mut params) = Network::unlearnt(shape);
        params.load(&weights).map_err(ModelError::Weights)?;
        let card = parsed(&weights, "cantus.card")?;
        Ok(Self { network, params, styles, recipe, card, digest: hex(&Sha256::digest(bytes)) })
    }

    /// The number of a style.
    pub fn style(&self, name: &str) -> Option<u32> {
        self.styles.iter().position(|style| style.name == name).map(|index| index as u32)
    }
}

/// Refuses sizes that the file's own tensors do not bear out, before memory is taken for them.
fn check_sizes(shape: &Shape, styles: &[Style], weights: &Weights) -> Result<(), ModelError> {
    let wrong = |reason: &str| ModelError::Metadata { field: "cantus.shape", reason: reason.to_owned() };
    if styles.len() != shape.styles as usize || styles.len() > LARGEST_STYLE_LIST {
        return Err(wrong("the number of styles is not that of the list of styles"));
    }
    let table = weights.get("trunk.table").ok_or_else(|| wrong("there is no tensor trunk.table"))?;
    let hidden = weights.get("trunk.hidden").ok_or_else(|| wrong("there is no tensor trunk.hidden"))?;
    let head =
        weights.get("pitch.inner.weight").ok_or_else(|| wrong("there is no tensor pitch.inner.weight"))?;
    let bears_out =
        table.columns() == shape.embedding && hidden.rows() == shape.hidden && head.rows() == shape.head;
    if bears_out { Ok(()) } else { Err(wrong("the sizes are not those of the tensors")) }
}

pub(crate) fn field<'a>(weights: &'a Weights, name: &'static str) -> Result<&'a str, ModelError> {
    weights.metadata.get(name).map(String::as_str).ok_or(ModelError::Foreign(name))
}

pub(crate) fn parsed<T: DeserializeOwned>(weights: &Weights, name: &'static str) -> Result<T, ModelError> {
    let text = field(weights, name)?;
    serde_json::from_str(text)
        .map_err(|error| ModelError::Metadata { field: name, reason: error.to_string() })
}
