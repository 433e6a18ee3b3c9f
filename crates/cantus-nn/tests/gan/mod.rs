//! A small adversarial network with every operation on images and batches, for tests.
#![allow(dead_code, clippy::unwrap_used, reason = "each test takes what it needs, and fails where it cannot")]

use cantus_nn::{
    AdamW, Bags, Conv, Decay, Ema, Film, Gradients, Init, Mode, ParamId, Parameters, Patches, Rng,
    SpectralNorm, Tape, Var,
};

pub(crate) const BATCH: usize = 4;
pub(crate) const SEEDS: usize = 5;
pub(crate) const STEPS: usize = 8;
pub(crate) const KEYS: usize = 12;
pub(crate) const TRACKS: usize = 2;
pub(crate) const ROLL: usize = STEPS * KEYS * TRACKS;
const OCTAVES: usize = 2;
/// Beats of the coarsest grid.
const BEATS: usize = 2;
const SIGMA: f32 = 0.05;

/// A layer of a product.
type Linear = (ParamId, Option<ParamId>);

/// What a step is given.
pub(crate) struct Batch {
    /// `[batch, seeds]`
    pub(crate) seeds: Vec<f32>,
    /// One label a sample.
    pub(crate) labels: Bags,
    /// The same four times: real, fake and both with noise.
    pub(crate) labels_of_all: Bags,
    /// `[batch * steps * keys, tracks]`
    pub(crate) real: Vec<f32>,
    /// What the penalty adds to real and fake; drawn if there is none.
    pub(crate) noise: Option<Vec<f32>>,
}

/// Generator and discriminator.
pub(crate) struct Gan {
    pub(crate) params: Parameters,
    generator: Generator,
    discriminator: Discriminator,
    gradients: [Gradients; 2],
    adams: [AdamW; 2],
    pub(crate) ema: Ema,
}

struct Generator {
    labels: ParamId,
    first: Linear,
    rise: Conv,
    styles: [Linear; 2],
    middle: Conv,
    fine: Conv,
    coarse: Conv,
}

struct Discriminator {
    roll: Conv,
    line: Conv,
    chroma: Conv,
    lower: Conv,
    dense: Linear,
    norm: SpectralNorm,
    out: ParamId,
    labels: ParamId,
}

/// Adds a linear layer.
fn linear(params: &mut Parameters, name: &str, [inputs, outputs]: [usize; 2], rng: &mut Rng) -> Linear {
    let weight =
        params.add(&format!("{name}.weight"), &[inputs, outputs], Init::Normal(0.4), Decay::Yes, rng);
    let bias = params.add(&format!("{name}.bias"), &[outputs], Init::Normal(0.1), Decay::No, rng);
    (weight, Some(bias))
}

/// A kernel that slides without padding, in steps of its own size.
fn tiled(image: [usize; 2], channels: usize, kernel: [usize; 2]) -> Patches {
    Patches { image, channels, kernel, stride: kernel, padding: [0, 0] }
}

impl Generator {
    fn new(p: &mut Parameters, rng: &mut Rng) -> Self {
        let rise =
            Patches { image: [4, OCTAVES], channels: 6, kernel: [4, 3], stride: [2, 1], padding: [1, 1] };
        let middle = Patches { kernel: [3, 3], stride: [1, 1], ..rise };
        Self {
            labels: p.add("g.labels", &[3, 2], Init::Normal(1.0), Decay::Yes, rng),
            first: linear(p, "g.first", [SEEDS + 2, BEATS * OCTAVES * 8], rng),
            rise: Conv::transposed(p, "g.rise", rise, 8, rng),
            styles: ["g.style0", "g.style1"].map(|name| linear(p, name, [SEEDS + 2, 12], rng)),
            middle: Conv::new(p, "g.middle", middle, 6, rng),
            fine: Conv::transposed(p, "g.fine", tiled([STEPS, KEYS], TRACKS, [2, 6]), 6, rng),
            coarse: Conv::transposed(p, "g.coarse", tiled([BEATS, KEYS], TRACKS, [1, 6]), 8, rng),
        }
    }

    /// The roll, `[batch * steps * keys, tracks]`.
    fn roll(&self, tape: &mut Tape, p: &Parameters, batch: &Batch) -> Var {
        let seeds = tape.constant(&batch.seeds, [BATCH, SEEDS]);
        let labels = tape.embedding_bag(p, self.labels, &batch.labels, 0.0);
        let wish = tape.beside(seeds, labels); // [batch, seeds + 2]
        let base = tape.linear(p, wish, self.first.0, self.first.1);
        let base = tape.reshape(base, 8);
        let base = tape.leaky_relu(base, 0.2); // [batch * beats * octaves, 8]
        let styles = self.styles.map(|(weight, bias)| tape.linear(p, wish, weight, bias));
        let x = tape.conv_transposed(p, base, &self.rise);
        let x = tape.film(x, styles[0], Film::Normed);
        let x = tape.leaky_relu(x, 0.2);
        let more = tape.conv(p, x, &self.middle);
        let x = tape.add(x, more);
        let x = tape.film(x, styles[1], Film::Plain);
        let fine = tape.conv_transposed(p, x, &self.fine);
        let fine = tape.affine(fine, 0.25, -0.1);
        let coarse = tape.conv_transposed(p, base, &self.coarse);
        let coarse = tape.upsample(coarse, [BEATS, KEYS], [STEPS / BEATS, 1]);
        let logits = tape.add(fine, coarse);
        tape.binary(logits)
    }
}

impl Discriminator {
    fn new(p: &mut Parameters, rng: &mut Rng) -> Self {
        let lower =
            Patches { image: [4, OCTAVES], channels: 8, kernel: [3, 3], stride: [2, 1], padding: [1, 1] };
        let (roll, line, chroma) = (
            Conv::new(p, "d.roll", tiled([STEPS, KEYS], 3 * TRACKS, [2, 6]), 8, rng),
            Conv::new(p, "d.line", tiled([STEPS, 1], TRACKS, [2, 1]), 8, rng),
            Conv::new(p, "d.chroma", tiled([STEPS, 6], TRACKS, [2, 6]), 8, rng),
        );
        let lower = Conv::new(p, "d.lower", lower, 6, rng);
        let (weight, bias) = linear(p, "d.dense", [2 * OCTAVES * 7, 10], rng);
        Self {
            roll,
            line,
            chroma,
            lower,
            dense: (weight, None),
            norm: SpectralNorm::new(p, "d.norm", weight, bias, rng),
            out: p.add("d.out", &[10, 1], Init::Normal(0.4), Decay::Yes, rng),
            labels: p.add("d.labels", &[3, 10], Init::Normal(0.4), Decay::Yes, rng),
        }
    }

    /// A score for each roll, `[n, 1]`, the rolls being groups of a batch.
    fn score(&self, tape: &mut Tape, p: &Parameters, x: Var, labels: &Bags) -> Var {
        let size = [STEPS, KEYS];
        let (before, after) = (tape.shift(x, size, [1, 0]), tape.shift(x, size, [-1, 0]));
        let begins = tape.sub(x, before);
        let alone = tape.sub(begins, after);
        let views = [begins, alone].map(|view| {
            let view = tape.affine(view, 1.0, -0.5);
            let view = tape.relu(view);
            tape.affine(view, 2.0, 0.0)
        });
        let seen = tape.beside(x, views[0]);
        let seen = tape.beside(seen, views[1]);
        let h = tape.conv(p, seen, &self.roll); // [n * 4 * octaves, 8]
        let line = tape.mean_pool(x, size, [1, KEYS]);
        let chroma = tape.reshape(x, 6 * TRACKS);
        let chroma = tape.mean_pool(chroma, [STEPS * OCTAVES, 1], [OCTAVES, 1]);
        let chroma = tape.reshape(chroma, TRACKS);
        let h = [(line, &self.line), (chroma, &self.chroma)].into_iter().fold(h, |h, (view, conv)| {
            let view = tape.conv(p, view, conv);
            let view = tape.upsample(view, [4, 1], [1, OCTAVES]);
            tape.add(h, view)
        });
        let h = tape.leaky_relu(h, 0.2);
        let h = tape.conv(p, h, &self.lower); // [n * 2 * octaves, 6]
        let h = tape.leaky_relu(h, 0.2);
        let spread = tape.batch_deviation(h, 2 * OCTAVES, BATCH);
        let h = tape.beside(h, spread);
        let h = tape.reshape(h, 2 * OCTAVES * 7);
        let h = tape.linear(p, h, self.dense.0, self.dense.1);
        let h = tape.spectral_norm(p, h, &self.norm);
        let h = tape.leaky_relu(h, 0.2); // [n, 10]
        let score = tape.linear(p, h, self.out, None);
        let labels = tape.embedding_bag(p, self.labels, labels, 0.0);
        let product = tape.mul(labels, h);
        let product = tape.row_sum(product);
        let product = tape.affine(product, 0.25, 0.0);
        tape.add(score, product)
    }
}

impl Gan {
    pub(crate) fn new() -> Self {
        let (mut params, mut rng) = (Parameters::new(), Rng::new(1));
        let generator = Generator::new(&mut params, &mut rng);
        let discriminator = Discriminator::new(&mut params, &mut rng);
        let gradients = ["g.", "d."].map(|prefix| Gradients::of(&params, |name| name.starts_with(prefix)));
        let adams = [(); 2].map(|()| {
            let mut adam = AdamW::new(&params, 0.0);
            (adam.beta1, adam.beta2, adam.epsilon) = (0.0, 0.99, 1e-6);
            adam
        });
        let ema = Ema::new(&params, 0.9);
        Self { params, generator, discriminator, gradients, adams, ema }
    }

    /// One step of both; the losses of discriminator and generator.
    pub(crate) fn step(&mut self, tape: &mut Tape, batch: &Batch, rng: &mut Rng) -> [f32; 2] {
        self.discriminator.norm.iterate(&mut self.params);
        tape.begin(Mode::Eval);
        let fake = self.generator.roll(tape, &self.params, batch);
        let real = tape.constant(&batch.real, [BATCH * STEPS * KEYS, TRACKS]);
        let loss = self.discriminator_loss(tape, [real, fake], batch, rng);
        let first = self.learn(1, tape, loss);
        let loss = self.generator_loss(tape, [real, fake], batch);
        let second = self.learn(0, tape, loss);
        self.ema.update(&self.params);
        [first, second]
    }

    fn discriminator_loss(
        &self,
        tape: &mut Tape,
        [real, fake]: [Var; 2],
        batch: &Batch,
        rng: &mut Rng,
    ) -> Var {
        let fake = tape.detach(fake);
        let both = tape.below(real, fake);
        let noisy = match &batch.noise {
            Some(noise) => {
                let noise = tape.constant(noise, [2 * BATCH * STEPS * KEYS, TRACKS]);
                let noise = tape.affine(noise, SIGMA, 0.0);
                tape.add(both, noise)
            }
            None => tape.add_noise(both, SIGMA, rng),
        };
        let all = tape.below(both, noisy);
        let scores = self.discriminator.score(tape, &self.params, all, &batch.labels_of_all);
        let part = |tape: &mut Tape, index| tape.row_range(scores, index * BATCH..(index + 1) * BATCH);
        let [real, fake, near_real, near_fake] = [0, 1, 2, 3].map(|index| part(tape, index));
        let pair = tape.sub(fake, real);
        let pair = tape.softplus(pair);
        let penalties = [(real, near_real), (fake, near_fake)].map(|(at, near)| {
            let slope = tape.sub(at, near);
            tape.mul(slope, slope)
        });
        let penalty = tape.add(penalties[0], penalties[1]);
        let penalty = tape.affine(penalty, 0.5 / (SIGMA * SIGMA), 0.0);
        let each = tape.add(pair, penalty);
        tape.weighted_sum(each, &[1.0 / BATCH as f32; BATCH])
    }

    fn generator_loss(&self, tape: &mut Tape, [real, fake]: [Var; 2], batch: &Batch) -> Var {
        let [real, fake] =
            [real, fake].map(|roll| self.discriminator.score(tape, &self.params, roll, &batch.labels));
        let real = tape.detach(real);
        let pair = tape.sub(real, fake);
        let pair = tape.softplus(pair);
        tape.weighted_sum(pair, &[1.0 / BATCH as f32; BATCH])
    }

    /// A step of one of the two against its loss.
    fn learn(&mut self, which: usize, tape: &mut Tape, loss: Var) -> f32 {
        let grads = &mut self.gradients[which];
        grads.clear();
        tape.backward(&self.params, loss, grads);
        self.adams[which].step(&mut self.params, grads, 0.003);
        tape.value(loss)[0]
    }

    pub(crate) fn gradients(&self) -> &[Gradients; 2] {
        &self.gradients
    }
}

impl Batch {
    pub(crate) fn new(seeds: Vec<f32>, labels: &[u32], real: Vec<f32>, noise: Option<Vec<f32>>) -> Self {
        let bags = |times: usize| {
            let mut bags = Bags::new();
            (0..times).for_each(|_| labels.iter().for_each(|&label| bags.push(&[label])));
            bags
        };
        Self { seeds, labels: bags(1), labels_of_all: bags(4), real, noise }
    }
}

/// A batch of noise and of rolls like any other.
pub(crate) fn some_batch(rng: &mut Rng) -> Batch {
    let seeds = (0..BATCH * SEEDS).map(|_| rng.normal()).collect();
    let real = (0..BATCH * ROLL).map(|_| f32::from(rng.uniform() < 0.3)).collect();
    let labels: Vec<u32> = (0..BATCH).map(|_| rng.below(3) as u32).collect();
    Batch::new(seeds, &labels, real, None)
}
