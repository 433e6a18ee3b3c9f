//! Work nn-d: a step of two convolutional networks that learn against one another.

use cantus_nn::{AdamW, Conv, Decay, Gradients, Init, Mode, ParamId, Parameters, Patches, Rng, Tape, Var};

use super::networks::of_peak;
use super::{Machine, Report, measure};

/// One step of a generator and a discriminator, in milliseconds: 128 numbers of noise become 256 × 8 × 11 by transposed
/// convolutions, then 128 × 8 × 11 (kernel 3), 64 × 16 × 22, 32 × 32 × 44 and 4 × 64 × 88 (kernel 4, stride 2), the
/// discriminator mirrored; leaky rectifiers (.2), tanh at the end; softplus losses; Adam (.5, .999); batch 32.
///
/// The gradients of the discriminator's weights by the generator's loss, which nobody uses, are not computed.
pub fn nn_d(machine: Machine) -> Report {
    let mut rng = Rng::new(1);
    let mut work = Adversaries::new(&mut rng);
    let mut tape = Tape::on(machine.instructions, machine.threads);
    let measured = measure(20, 3, || work.step(&mut tape, &mut rng));
    of_peak(Report::new("nn-d", "ms", measured, 1e3), Adversaries::flops(), measured, machine)
}

const BATCH: usize = 32;
const NOISE: usize = 128;
const SLOPE: f32 = 0.2;
/// Height, width and channels of the images between the discriminator's layers, which are the generator's backwards.
const IMAGES: [[usize; 3]; 5] = [[64, 88, 4], [32, 44, 32], [16, 22, 64], [8, 11, 128], [8, 11, 256]];

/// The two networks with their data.
struct Adversaries {
    params: Parameters,
    generator: Generator,
    discriminator: Discriminator,
    real: Vec<f32>,
    learners: [Learner; 2],
}

/// Noise to an image: a product, then transposed convolutions.
struct Generator {
    first: ParamId,
    bias: ParamId,
    layers: Vec<Conv>,
}

/// An image to a score: convolutions, then a product.
struct Discriminator {
    layers: Vec<Conv>,
    last: ParamId,
    bias: ParamId,
}

/// What moves one of the two.
struct Learner {
    grads: Gradients,
    adam: AdamW,
}

/// How the kernels slide over the images, from the largest.
fn kernels() -> impl DoubleEndedIterator<Item = (Patches, usize)> + ExactSizeIterator {
    (0..IMAGES.len() - 1).map(|layer| {
        let ([height, width, channels], [lower, ..]) = (IMAGES[layer], IMAGES[layer + 1]);
        let (kernel, stride) = if lower == height { (3, 1) } else { (4, 2) };
        let patches = Patches {
            image: [height, width],
            channels,
            kernel: [kernel; 2],
            stride: [stride; 2],
            padding: [1; 2],
        };
        (patches, IMAGES[layer + 1][2])
    })
}

impl Adversaries {
    fn new(rng: &mut Rng) -> Self {
        let mut params = Parameters::new();
        let flat = IMAGES[4].iter().product();
        let mut layer = |name: &str, shape: [usize; 2], rng: &mut Rng| {
            let init = Init::Uniform(1.0 / (shape[0] as f32).sqrt());
            let weight = params.add(name, &shape, init, Decay::Yes, rng);
            (weight, params.add(&format!("{name}.bias"), &shape[1..], Init::Zeros, Decay::No, rng))
        };
        let ((first, start), (last, end)) =
            (layer("g.first", [NOISE, flat], rng), layer("d.last", [flat, 1], rng));
        let layers = kernels().rev().enumerate().map(|(index, (patches, filters))| {
            Conv::transposed(&mut params, &format!("g.{index}"), patches, filters, rng)
        });
        let generator = Generator { first, bias: start, layers: layers.collect() };
        let layers = kernels().enumerate().map(|(index, (patches, filters))| {
            Conv::new(&mut params, &format!("d.{index}"), patches, filters, rng)
        });
        let discriminator = Discriminator { layers: layers.collect(), last, bias: end };
        let learners = ["g.", "d."].map(|prefix| {
            let mut adam = AdamW::new(&params, 0.0);
            adam.beta1 = 0.5;
            Learner { grads: Gradients::of(&params, |name| name.starts_with(prefix)), adam }
        });
        let size = BATCH * IMAGES[0].iter().product::<usize>();
        let real = (0..size).map(|_| rng.uniform()).collect();
        Self { params, generator, discriminator, real, learners }
    }

    fn step(&mut self, tape: &mut Tape, rng: &mut Rng) {
        tape.begin(Mode::Eval);
        let noise: Vec<f32> = (0..BATCH * NOISE).map(|_| rng.normal()).collect();
        let noise = tape.constant(&noise, [BATCH, NOISE]);
        let fake = self.generator.image(tape, &self.params, noise);
        let real = tape.constant(&self.real, [BATCH * IMAGES[0][0] * IMAGES[0][1], IMAGES[0][2]]);
        let (given, made) = (self.score(tape, real), tape.detach(fake));
        let made = self.score(tape, made);
        let (given, made) = (surprise(tape, given, -1.0), surprise(tape, made, 1.0));
        let loss = tape.add(given, made);
        self.learn(1, tape, loss);
        let score = self.score(tape, fake);
        let loss = surprise(tape, score, -1.0);
        self.learn(0, tape, loss);
    }

    fn score(&self, tape: &mut Tape, image: Var) -> Var {
        self.discriminator.score(tape, &self.params, image)
    }

    fn learn(&mut self, which: usize, tape: &mut Tape, loss: Var) {
        let Learner { grads, adam } = &mut self.learners[which];
        grads.clear();
        tape.backward(&self.params, loss, grads);
        adam.step(&mut self.params, grads, 2e-4);
    }

    /// Multiplications and additions of a step's products: forward and back, the generator once, the discriminator on
    /// real and fake without a gradient by the image, and on fake for the generator with that one alone.
    fn flops() -> f64 {
        let flat: usize = IMAGES[4].iter().product();
        let layers: Vec<usize> = kernels()
            .map(|(patches, filters)| patches.grid().iter().product::<usize>() * patches.size() * filters)
            .collect();
        let kernels: usize = layers.iter().sum();
        let generator = 3 * (kernels + NOISE * flat) - NOISE * flat;
        let discriminator = 2 * (3 * (kernels + flat) - layers[0]) + 2 * (kernels + flat);
        (2 * BATCH * (generator + discriminator)) as f64
    }
}

impl Generator {
    fn image(&self, tape: &mut Tape, params: &Parameters, noise: Var) -> Var {
        let x = tape.linear(params, noise, self.first, Some(self.bias));
        let mut x = tape.reshape(x, IMAGES[4][2]);
        for layer in &self.layers {
            x = tape.leaky_relu(x, SLOPE);
            x = tape.conv_transposed(params, x, layer); // [batch * height * width, channels]
        }
        tape.tanh(x)
    }
}

impl Discriminator {
    fn score(&self, tape: &mut Tape, params: &Parameters, image: Var) -> Var {
        let mut x = image;
        for layer in &self.layers {
            x = tape.conv(params, x, layer); // [batch * height * width, channels]
            x = tape.leaky_relu(x, SLOPE);
        }
        let x = tape.reshape(x, IMAGES[4].iter().product());
        tape.linear(params, x, self.last, Some(self.bias)) // [batch, 1]
    }
}

/// The mean of ln(1 + e^(± score)).
fn surprise(tape: &mut Tape, score: Var, sign: f32) -> Var {
    let score = tape.affine(score, sign, 0.0);
    let each = tape.softplus(score);
    tape.weighted_sum(each, &[1.0 / BATCH as f32; BATCH])
}
