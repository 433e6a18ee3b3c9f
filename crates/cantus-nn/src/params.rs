//! The numbers that a network learns, by name, and their gradients.

use crate::{NnError, Rng, Tensor, Weights};

/// Names one tensor of the [`Parameters`] that made it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ParamId(pub(crate) usize);

/// Whether weight decay pulls a tensor towards zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decay {
    /// It decays.
    Yes,
    /// It does not.
    No,
}

/// The numbers that a tensor starts with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Init {
    /// All 0.
    Zeros,
    /// All 1.
    Ones,
    /// Normal, with this standard deviation.
    Normal(f32),
    /// Uniform between minus and plus this.
    Uniform(f32),
}

/// The tensors of a network, in the order they were added.
#[derive(Debug, Clone, Default)]
pub struct Parameters {
    entries: Vec<Entry>,
}

#[derive(Debug, Clone)]
struct Entry {
    name: String,
    tensor: Tensor,
    decay: Decay,
}

impl Parameters {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a tensor with numbers drawn as `init` says.
    ///
    /// # Panics
    /// If the name is taken: two layers of one name could not be saved.
    pub fn add(&mut self, name: &str, shape: &[usize], init: Init, decay: Decay, rng: &mut Rng) -> ParamId {
        let mut tensor = Tensor::zeros(shape);
        for value in tensor.data_mut() {
            *value = match init {
                Init::Zeros => 0.0,
                Init::Ones => 1.0,
                Init::Normal(deviation) => deviation * rng.normal(),
                Init::Uniform(bound) => bound * (2.0 * rng.uniform() - 1.0),
            };
        }
        self.insert(name, tensor, decay)
    }

    /// Adds a tensor as it is.
    ///
    /// # Panics
    /// If the name is taken.
    pub fn insert(&mut self, name: &str, tensor: Tensor, decay: Decay) -> ParamId {
        assert!(self.id(name).is_none(), "a parameter's name must be new, but `{name}` is taken");
        self.entries.push(Entry { name: name.to_owned(), tensor, decay });
        ParamId(self.entries.len() - 1)
    }

    /// The tensor of an id.
    pub fn get(&self, id: ParamId) -> &Tensor {
        &self.entries[id.0].tensor
    }

    /// The tensor of an id, to be changed.
    pub fn get_mut(&mut self, id: ParamId) -> &mut Tensor {
        &mut self.entries[id.0].tensor
    }

    /// The id of a name, if there is one.
    pub fn id(&self, name: &str) -> Option<ParamId> {
        self.entries.iter().position(|entry| entry.name == name).map(ParamId)
    }

    /// The name of an id.
    pub fn name(&self, id: ParamId) -> &str {
        &self.entries[id.0].name
    }

    /// Whether weight decay applies to a tensor.
    pub fn decay(&self, id: ParamId) -> Decay {
        self.entries[id.0].decay
    }

    /// The ids in order.
    pub fn ids(&self) -> impl Iterator<Item = ParamId> + use<> {
        (0..self.entries.len()).map(ParamId)
    }

    /// Names and tensors in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Tensor)> {
        self.entries.iter().map(|entry| (entry.name.as_str(), &entry.tensor))
    }

    /// How many numbers there are in all.
    pub fn count(&self) -> usize {
        self.entries.iter().map(|entry| entry.tensor.data().len()).sum()
    }

    /// Takes every tensor from a weight file; fails, and changes nothing, if one is missing, unknown or of another
    /// shape.
    pub fn load(&mut self, weights: &Weights) -> Result<(), NnError> {
        for (name, _) in weights.iter() {
            if self.id(name).is_none() {
                return Err(NnError::Extra { name: name.to_owned() });
            }
        }
        let mut found = Vec::with_capacity(self.entries.len());
        for entry in &self.entries {
            found.push(weights.expect(&entry.name, entry.tensor.shape())?);
        }
        for (entry, tensor) in self.entries.iter_mut().zip(found) {
            entry.tensor.data_mut().copy_from_slice(tensor.data());
        }
        Ok(())
    }
}

/// The derivative of a loss by parameters, in the order of the [`Parameters`].
///
/// Those of all parameters, or of some alone: the others' are not computed and have no numbers, and an optimiser's step
/// leaves such parameters as they are. So two networks that learn against one another share one set of parameters, and
/// each has gradients and an optimiser of its own.
#[derive(Debug, Clone)]
pub struct Gradients {
    tensors: Vec<Vec<f32>>,
}

impl Gradients {
    /// All zero.
    pub fn zeros_like(params: &Parameters) -> Self {
        Self { tensors: params.iter().map(|(_, tensor)| vec![0.0; tensor.data().len()]).collect() }
    }

    /// All zero, of the parameters alone whose names `wanted` accepts. The tensors of one layer go together.
    pub fn of(params: &Parameters, wanted: impl Fn(&str) -> bool) -> Self {
        let size = |(name, tensor): (&str, &Tensor)| if wanted(name) { tensor.data().len() } else { 0 };
        Self { tensors: params.iter().map(|entry| vec![0.0; size(entry)]).collect() }
    }

    /// Whether there is a gradient for a tensor.
    pub fn wants(&self, id: ParamId) -> bool {
        !self.tensors[id.0].is_empty()
    }

    /// Sets every number to zero.
    pub fn clear(&mut self) {
        for tensor in &mut self.tensors {
            tensor.fill(0.0);
        }
    }

    /// The gradient of one tensor.
    pub fn get(&self, id: ParamId) -> &[f32] {
        &self.tensors[id.0]
    }

    /// The gradient of one tensor, to be changed.
    pub fn get_mut(&mut self, id: ParamId) -> &mut [f32] {
        &mut self.tensors[id.0]
    }

    /// The gradients of several tensors, no two the same, to be changed.
    pub(crate) fn several<const N: usize>(&mut self, ids: [ParamId; N]) -> [&mut [f32]; N] {
        let tensors = self.tensors.get_disjoint_mut(ids.map(|id| id.0));
        tensors.expect("the tensors of a layer differ").map(Vec::as_mut_slice)
    }

    /// Every gradient in order.
    pub fn iter(&self) -> impl Iterator<Item = &[f32]> {
        self.tensors.iter().map(Vec::as_slice)
    }

    /// Every gradient in order, to be changed.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut [f32]> {
        self.tensors.iter_mut().map(Vec::as_mut_slice)
    }
}
