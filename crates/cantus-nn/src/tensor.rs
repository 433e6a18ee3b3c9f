//! A block of numbers with a shape.

use crate::NnError;

/// Numbers in row-major order: the last dimension lies together.
#[derive(Debug, Clone, PartialEq)]
pub struct Tensor {
    shape: Vec<usize>,
    data: Vec<f32>,
}

impl Tensor {
    /// Takes the numbers of a tensor; fails if they do not fill the shape exactly.
    pub fn new(shape: &[usize], data: Vec<f32>) -> Result<Self, NnError> {
        let expected = shape.iter().try_fold(1usize, |product, &size| product.checked_mul(size));
        if expected != Some(data.len()) {
            return Err(NnError::Size {
                shape: shape.to_vec(),
                expected: expected.unwrap_or(usize::MAX),
                found: data.len(),
            });
        }
        Ok(Self { shape: shape.to_vec(), data })
    }

    /// A tensor of zeros.
    pub fn zeros(shape: &[usize]) -> Self {
        Self { shape: shape.to_vec(), data: vec![0.0; shape.iter().product()] }
    }

    /// The length of each dimension.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// The numbers, row after row.
    pub fn data(&self) -> &[f32] {
        &self.data
    }

    /// The numbers, row after row, to be changed.
    pub fn data_mut(&mut self) -> &mut [f32] {
        &mut self.data
    }

    /// The memory of the numbers; what is put there must be as long as what was.
    pub(crate) fn data_mut_vec(&mut self) -> &mut Vec<f32> {
        &mut self.data
    }

    /// The length of the last dimension; 1 for a scalar.
    pub fn columns(&self) -> usize {
        self.shape.last().copied().unwrap_or(1)
    }

    /// The product of all dimensions but the last; 1 for a vector or a scalar.
    pub fn rows(&self) -> usize {
        let leading = self.shape.len().saturating_sub(1);
        self.shape.iter().take(leading).product()
    }
}
