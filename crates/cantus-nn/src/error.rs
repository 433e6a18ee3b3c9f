//! What can go wrong with tensors and the files that hold them.

/// A tensor or a weight file broke a rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NnError {
    /// The numbers given do not fill the shape.
    #[error("a tensor of shape {shape:?} holds {expected} numbers, but {found} were given")]
    Size {
        /// The shape asked for.
        shape: Vec<usize>,
        /// How many numbers that shape holds.
        expected: usize,
        /// How many came.
        found: usize,
    },
    /// The bytes are no weight file, or end too early.
    #[error("a weight file must be a whole safetensors file, but {reason}")]
    File {
        /// What the reader found.
        reason: String,
    },
    /// A tensor has numbers of a kind that is not read.
    #[error("weights must be F32 or BF16, but tensor `{name}` is {found}")]
    Type {
        /// The tensor's name.
        name: String,
        /// The kind found.
        found: String,
    },
    /// A tensor that the model needs is not in the file.
    #[error("the model needs a tensor `{name}`, but the file has none")]
    Missing {
        /// The tensor's name.
        name: String,
    },
    /// The file has a tensor that the model does not know.
    #[error("every tensor must belong to the model, but `{name}` does not")]
    Extra {
        /// The tensor's name.
        name: String,
    },
    /// A tensor has another shape than the model's.
    #[error("tensor `{name}` must have the shape {expected:?}, but has {found:?}")]
    Shape {
        /// The tensor's name.
        name: String,
        /// The model's shape.
        expected: Vec<usize>,
        /// The file's shape.
        found: Vec<usize>,
    },
}
