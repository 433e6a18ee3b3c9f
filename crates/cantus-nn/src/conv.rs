//! The parameters of convolutions, and of the bound on a layer's weights.

use crate::{Decay, Init, ParamId, Parameters, Patches, Rng, Tensor};

/// A convolution, or its adjoint: how its kernel slides, and the tensors that it reads.
///
/// # Shapes
/// `weight` is `[kernel height, kernel width, channels, filters]` for both, the channels being those of the image that
/// the kernel slides over and the filters those of its places. `bias` is `[filters]` for a convolution and `[channels]`
/// for a transposed one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Conv {
    /// How the kernel slides.
    pub patches: Patches,
    /// Weights.
    pub weight: ParamId,
    /// What is added to each channel of the result.
    pub bias: Option<ParamId>,
}

impl Conv {
    /// Adds the tensors `name.weight` and `name.bias` of a convolution with so many filters.
    ///
    /// Weights are uniform within ±1/√(numbers of a patch), and biases 0. Weights decay, biases do not.
    pub fn new(params: &mut Parameters, name: &str, patches: Patches, filters: usize, rng: &mut Rng) -> Self {
        Self::with_bias(params, name, patches, [filters, filters], rng)
    }

    /// The same for a transposed convolution, which reads so many filters and gives the channels of the patches.
    pub fn transposed(
        params: &mut Parameters,
        name: &str,
        patches: Patches,
        filters: usize,
        rng: &mut Rng,
    ) -> Self {
        Self::with_bias(params, name, patches, [filters, patches.channels], rng)
    }

    fn with_bias(
        params: &mut Parameters,
        name: &str,
        patches: Patches,
        [filters, biases]: [usize; 2],
        rng: &mut Rng,
    ) -> Self {
        let Patches { kernel: [height, width], channels, .. } = patches;
        let init = Init::Uniform(1.0 / (patches.size() as f32).sqrt());
        let shape = [height, width, channels, filters];
        let weight = params.add(&format!("{name}.weight"), &shape, init, Decay::Yes, rng);
        let bias = params.insert(&format!("{name}.bias"), Tensor::zeros(&[biases]), Decay::No);
        Self { patches, weight, bias: Some(bias) }
    }
}

/// Bounds how much a layer without bias can stretch: its result divided by the largest singular value of its weights
/// (Miyato et al., 2018), plus a bias.
///
/// The singular vectors are found by power iteration, one round a step of training, and lie among the parameters so
/// that a checkpoint keeps them; they take no gradient.
///
/// # Shapes
/// With a weight of `[rows, columns]`, all dimensions but the last being rows: `left` `[rows]`, `right` `[columns]`,
/// `bias` `[columns]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SpectralNorm {
    /// The weight of the layer before.
    pub weight: ParamId,
    /// Its left singular vector, as far as it is known.
    pub left: ParamId,
    /// Its right singular vector, as far as it is known.
    pub right: ParamId,
    /// What is added to each column.
    pub bias: Option<ParamId>,
}

impl SpectralNorm {
    /// Adds the tensors `name.left` and `name.right` and takes a few rounds of power iteration. Takes over the bias
    /// of the layer, which must then have none.
    pub fn new(
        params: &mut Parameters,
        name: &str,
        weight: ParamId,
        bias: Option<ParamId>,
        rng: &mut Rng,
    ) -> Self {
        let (rows, columns) = (params.get(weight).rows(), params.get(weight).columns());
        let left = params.add(&format!("{name}.left"), &[rows], Init::Normal(1.0), Decay::No, rng);
        let right = params.add(&format!("{name}.right"), &[columns], Init::Normal(1.0), Decay::No, rng);
        let norm = Self { weight, left, right, bias };
        for _ in 0..15 {
            norm.iterate(params);
        }
        norm
    }

    /// One round of power iteration: to be called before each step of training.
    pub fn iterate(&self, params: &mut Parameters) {
        let mut left = std::mem::take(params.get_mut(self.left).data_mut_vec());
        let mut right = std::mem::take(params.get_mut(self.right).data_mut_vec());
        let weight = params.get(self.weight).data();
        for (left, row) in left.iter_mut().zip(weight.chunks_exact(right.len().max(1))) {
            *left = row.iter().zip(&right).map(|(w, v)| w * v).sum();
        }
        to_unit_length(&mut left);
        right.fill(0.0);
        for (left, row) in left.iter().zip(weight.chunks_exact(right.len().max(1))) {
            for (right, w) in right.iter_mut().zip(row) {
                *right += left * w;
            }
        }
        to_unit_length(&mut right);
        *params.get_mut(self.left).data_mut_vec() = left;
        *params.get_mut(self.right).data_mut_vec() = right;
    }
}

/// Scales a vector to length 1, if it has a length.
fn to_unit_length(vector: &mut [f32]) {
    let square: f64 = vector.iter().map(|x| f64::from(*x) * f64::from(*x)).sum();
    let scale = 1.0 / square.sqrt().max(1e-12) as f32;
    for x in vector {
        *x *= scale;
    }
}
