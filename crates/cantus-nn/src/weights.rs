//! Weight files: tensors by name with text beside them, in the safetensors format.

use std::collections::BTreeMap;

use safetensors::{Dtype, SafeTensors};
use serde_json::{Map, Value, json};

use crate::{NnError, Tensor};

/// How each number of a weight file is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Precision {
    /// As it is, four bytes.
    #[default]
    F32,
    /// Rounded to eight significant bits (the nearest, ties to even), two bytes.
    Bf16,
}

/// Named tensors and text, as a weight file holds them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Weights {
    tensors: BTreeMap<String, Tensor>,
    /// Text by key: configuration, card, anything.
    pub metadata: BTreeMap<String, String>,
}

impl Weights {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a tensor, or replaces the one of that name.
    pub fn insert(&mut self, name: impl Into<String>, tensor: Tensor) {
        self.tensors.insert(name.into(), tensor);
    }

    /// Adds each of some named tensors.
    pub fn extend<'a>(&mut self, tensors: impl IntoIterator<Item = (&'a str, &'a Tensor)>) {
        for (name, tensor) in tensors {
            self.insert(name, tensor.clone());
        }
    }

    /// The tensor of a name, if there is one.
    pub fn get(&self, name: &str) -> Option<&Tensor> {
        self.tensors.get(name)
    }

    /// The tensor of a name; fails if there is none or if its shape is another.
    pub fn expect(&self, name: &str, shape: &[usize]) -> Result<&Tensor, NnError> {
        let tensor = self.get(name).ok_or_else(|| NnError::Missing { name: name.to_owned() })?;
        if tensor.shape() == shape {
            return Ok(tensor);
        }
        Err(NnError::Shape {
            name: name.to_owned(),
            expected: shape.to_vec(),
            found: tensor.shape().to_vec(),
        })
    }

    /// The tensors whose names begin with a prefix, named without it.
    #[must_use]
    pub fn under(&self, prefix: &str) -> Self {
        let strip = |(name, tensor): (&String, &Tensor)| {
            name.strip_prefix(prefix).map(|rest| (rest.to_owned(), tensor.clone()))
        };
        Self { tensors: self.tensors.iter().filter_map(strip).collect(), metadata: BTreeMap::new() }
    }

    /// Names and tensors, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Tensor)> {
        self.tensors.iter().map(|(name, tensor)| (name.as_str(), tensor))
    }

    /// The bytes of a weight file; equal weights give equal bytes.
    pub fn save(&self, precision: Precision) -> Vec<u8> {
        let (kind, width) = match precision {
            Precision::F32 => ("F32", 4),
            Precision::Bf16 => ("BF16", 2),
        };
        let mut header = Map::new();
        if !self.metadata.is_empty() {
            header.insert("__metadata__".to_owned(), json!(self.metadata));
        }
        let mut end = 0;
        for (name, tensor) in &self.tensors {
            let begin = end;
            end += tensor.data().len() * width;
            header.insert(
                name.clone(),
                json!({ "dtype": kind, "shape": tensor.shape(), "data_offsets": [begin, end] }),
            );
        }
        let mut text = Value::Object(header).to_string().into_bytes();
        // The numbers begin at a multiple of eight.
        text.resize(text.len().next_multiple_of(8), b' ');
        let mut bytes = Vec::with_capacity(8 + text.len() + end);
        bytes.extend_from_slice(&(text.len() as u64).to_le_bytes());
        bytes.extend_from_slice(&text);
        for value in self.tensors.values().flat_map(Tensor::data) {
            match precision {
                Precision::F32 => bytes.extend_from_slice(&value.to_le_bytes()),
                Precision::Bf16 => bytes.extend_from_slice(&to_bf16(*value).to_le_bytes()),
            }
        }
        bytes
    }

    /// Reads a weight file; numbers of either precision become f32.
    pub fn load(bytes: &[u8]) -> Result<Self, NnError> {
        let broken = |error: safetensors::SafeTensorError| NnError::File { reason: error.to_string() };
        let file = SafeTensors::deserialize(bytes).map_err(broken)?;
        let (_, header) = SafeTensors::read_metadata(bytes).map_err(broken)?;
        let metadata = header.metadata().clone().unwrap_or_default().into_iter().collect();
        let mut tensors = BTreeMap::new();
        for (name, view) in file.tensors() {
            let data = match view.dtype() {
                Dtype::F32 => {
                    view.data().as_chunks().0.iter().map(|four| f32::from_le_bytes(*four)).collect()
                }
                Dtype::BF16 => {
                    view.data().as_chunks().0.iter().map(|two| from_bf16(u16::from_le_bytes(*two))).collect()
                }
                other => return Err(NnError::Type { name, found: format!("{other:?}") }),
            };
            let tensor = Tensor::new(view.shape(), data)?;
            tensors.insert(name, tensor);
        }
        Ok(Self { tensors, metadata })
    }
}

/// Rounds to the nearest bf16, ties to even; what is no number stays none.
pub fn to_bf16(value: f32) -> u16 {
    let bits = value.to_bits();
    if value.is_nan() {
        return (bits >> 16) as u16 | 0x40;
    }
    ((bits + 0x7fff + (bits >> 16 & 1)) >> 16) as u16
}

/// The value of a bf16.
pub fn from_bf16(bits: u16) -> f32 {
    f32::from_bits(u32::from(bits) << 16)
}
