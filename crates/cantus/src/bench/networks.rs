//! Works nn-a, nn-b and nn-c: training steps and decoding of two known networks.

use cantus_nn::decode::{Linear, RecurrentCell, State, Table};
use cantus_nn::{
    AdamW, Bags, Cell, Decay, Gradients, Init, Mode, ParamId, Parameters, Precision, Recurrent, Rng, Tape,
    Var, multiply_adds,
};

use super::{Machine, Measured, Report, measure};

/// One training step of the article's own model, in milliseconds: LSTM(128), dropout .5, LSTM(128), dropout .5,
/// Dense(88) at every step; batch 32, 128 steps, 88 numbers in and out; mean squared error; Adam.
pub fn nn_a(machine: Machine) -> Report {
    let mut params = Parameters::new();
    let article = Article::new(&mut params, &mut Rng::new(1));
    training("nn-a", machine, params, Article::flops(), 40, |tape, params, step| {
        article.loss(tape, params, step)
    })
}

/// One training step of a token model, in milliseconds: embedding 512 → 256, two LSTMs of 512, Linear → 512,
/// cross-entropy; batch 32, 256 steps; Adam.
pub fn nn_b(machine: Machine) -> Report {
    let mut params = Parameters::new();
    let tokens = Tokens::new(&mut params, &mut Rng::new(1));
    training("nn-b", machine, params, Tokens::flops(), 10, |tape, params, _| tokens.loss(tape, params))
}

/// One token that the model of [`nn_b`] adds to a sequence of its own, in microseconds: batch 1, one thread; with
/// weights of 32 and of 16 bits.
pub fn nn_c(machine: Machine) -> Vec<Report> {
    let mut params = Parameters::new();
    let tokens = Tokens::new(&mut params, &mut Rng::new(1));
    [(Precision::F32, "f32 weights"), (Precision::Bf16, "bf16 weights")]
        .map(|(precision, setting)| tokens.decoding(&params, precision, machine).with_setting(setting))
        .into()
}

/// Times whole training steps: forward, backward, Adam.
fn training(
    work: &'static str,
    machine: Machine,
    mut params: Parameters,
    flops: f64,
    runs: usize,
    loss: impl Fn(&mut Tape, &Parameters, u64) -> Var,
) -> Report {
    let mut tape = Tape::on(machine.instructions, machine.threads);
    let mut grads = Gradients::zeros_like(&params);
    let mut adam = AdamW::new(&params, 0.0);
    let mut step = 0;
    let measured = measure(runs, 3, || {
        let loss = loss(&mut tape, &params, step);
        grads.clear();
        tape.backward(&params, loss, &mut grads);
        adam.step(&mut params, &grads, 1e-3);
        step += 1;
    });
    of_peak(Report::new(work, "ms", measured, 1e3), flops, measured, machine)
}

/// The same report with how near so many floating-point operations came to the machine's peak.
pub(super) fn of_peak(report: Report, flops: f64, measured: Measured, machine: Machine) -> Report {
    report
        .with_fact("threads", machine.threads)
        .with_fact("instructions", machine.instructions())
        .with_fact("gflops", flops / measured.median / 1e9)
        .with_fact("fraction_of_peak", flops / measured.median / peak(machine))
}

/// The most floating-point operations a second that the machine's threads can do.
fn peak(machine: Machine) -> f64 {
    const ROUNDS: u64 = 200_000;
    let work = || multiply_adds(machine.instructions, machine.threads, ROUNDS);
    let measured = measure(5, 1, || {
        work();
    });
    work() as f64 / measured.best
}

/// The network of nn-a with its data.
struct Article {
    first: Recurrent,
    second: Recurrent,
    out: ParamId,
    bias: ParamId,
    x: Vec<f32>,
    y: Vec<f32>,
    share: Vec<f32>,
}

impl Article {
    const STEPS: usize = 128;
    const BATCH: usize = 32;
    const KEYS: usize = 88;
    const UNITS: usize = 128;
    const ROWS: usize = Self::STEPS * Self::BATCH;

    fn new(params: &mut Parameters, rng: &mut Rng) -> Self {
        let first = Recurrent::new(params, "first", Cell::Lstm, Self::KEYS, Self::UNITS, rng);
        let second = Recurrent::new(params, "second", Cell::Lstm, Self::UNITS, Self::UNITS, rng);
        let out = params.add("out", &[Self::UNITS, Self::KEYS], Init::Uniform(0.088), Decay::Yes, rng);
        let bias = params.add("bias", &[Self::KEYS], Init::Zeros, Decay::No, rng);
        let mut frames = || (0..Self::ROWS * Self::KEYS).map(|_| f32::from(rng.uniform() < 0.5)).collect();
        let (x, y) = (frames(), frames());
        Self { first, second, out, bias, x, y, share: vec![1.0 / Self::ROWS as f32; Self::ROWS] }
    }

    fn loss(&self, tape: &mut Tape, params: &Parameters, step: u64) -> Var {
        tape.begin(Mode::Train(Rng::new(2).fork(step)));
        let mut x = tape.constant(&self.x, [Self::ROWS, Self::KEYS]);
        for layer in [&self.first, &self.second] {
            x = tape.recurrent(params, x, layer, Self::STEPS, Self::BATCH); // [rows, units]
            x = tape.dropout(x, 0.5);
        }
        let x = tape.linear(params, x, self.out, Some(self.bias)); // [rows, keys]
        let each = tape.mean_squared_error(x, &self.y); // [rows, 1]
        tape.weighted_sum(each, &self.share)
    }

    /// Multiplications and additions of a step's matrix products, forward and back; the frames need no gradient.
    fn flops() -> f64 {
        let products = Self::ROWS * Self::UNITS * (4 * (Self::KEYS + 3 * Self::UNITS) + Self::KEYS);
        let unneeded = Self::ROWS * Self::UNITS * 4 * Self::KEYS;
        (6 * products - 2 * unneeded) as f64
    }
}

/// The network of nn-b and nn-c with its data.
struct Tokens {
    table: ParamId,
    first: Recurrent,
    second: Recurrent,
    out: ParamId,
    bias: ParamId,
    x: Bags,
    y: Vec<u32>,
    share: Vec<f32>,
}

impl Tokens {
    const STEPS: usize = 256;
    const BATCH: usize = 32;
    const CLASSES: usize = 512;
    const WIDTH: usize = 256;
    const UNITS: usize = 512;
    const ROWS: usize = Self::STEPS * Self::BATCH;

    fn new(params: &mut Parameters, rng: &mut Rng) -> Self {
        let table = params.add("table", &[Self::CLASSES, Self::WIDTH], Init::Normal(1.0), Decay::Yes, rng);
        let first = Recurrent::new(params, "first", Cell::Lstm, Self::WIDTH, Self::UNITS, rng);
        let second = Recurrent::new(params, "second", Cell::Lstm, Self::UNITS, Self::UNITS, rng);
        let out = params.add("out", &[Self::UNITS, Self::CLASSES], Init::Uniform(0.044), Decay::Yes, rng);
        let bias = params.add("bias", &[Self::CLASSES], Init::Zeros, Decay::No, rng);
        let mut x = Bags::new();
        (0..Self::ROWS).for_each(|_| x.push(&[rng.below(Self::CLASSES) as u32]));
        let y = (0..Self::ROWS).map(|_| rng.below(Self::CLASSES) as u32).collect();
        Self { table, first, second, out, bias, x, y, share: vec![1.0 / Self::ROWS as f32; Self::ROWS] }
    }

    fn loss(&self, tape: &mut Tape, params: &Parameters) -> Var {
        tape.begin(Mode::Eval);
        let mut x = tape.embedding_bag(params, self.table, &self.x, 0.0); // [rows, width]
        for layer in [&self.first, &self.second] {
            x = tape.recurrent(params, x, layer, Self::STEPS, Self::BATCH); // [rows, units]
        }
        let x = tape.linear(params, x, self.out, Some(self.bias)); // [rows, classes]
        let each = tape.softmax_cross_entropy(x, &self.y, None); // [rows, 1]
        tape.weighted_sum(each, &self.share)
    }

    /// Multiplications and additions of a step's matrix products, forward and back.
    fn flops() -> f64 {
        6.0 * (Self::ROWS * Self::UNITS * (4 * (Self::WIDTH + 3 * Self::UNITS) + Self::CLASSES)) as f64
    }

    fn decoding(&self, params: &Parameters, precision: Precision, machine: Machine) -> Report {
        const TOKENS: u32 = 200;
        let table = Table::new(params.get(self.table), precision);
        let cells = [&self.first, &self.second]
            .map(|layer| RecurrentCell::on(machine.instructions, params, layer, precision));
        let bias = Some(params.get(self.bias));
        let out = Linear::on(machine.instructions, params.get(self.out), bias, precision);
        let (mut x, mut logits) = (vec![0.0; Self::WIDTH], vec![0.0; Self::CLASSES]);
        let measured = measure(10, 3, || {
            let mut states = cells.each_ref().map(State::new);
            let mut token = 5;
            for _ in 0..TOKENS {
                table.sum(&[token], &mut x);
                let [lower, upper] = &mut states;
                cells[0].step(&x, lower);
                cells[1].step(lower.output(), upper);
                out.forward(upper.output(), &mut logits);
                token = likeliest(&logits);
            }
        });
        Report::new("nn-c", "us", measured, 1e6 / f64::from(TOKENS))
            .with_fact("instructions", machine.instructions())
    }
}

/// The class of the largest logit, the first of equals.
fn likeliest(logits: &[f32]) -> u32 {
    let mut best = 0;
    for (class, logit) in logits.iter().enumerate() {
        if *logit > logits[best] {
            best = class;
        }
    }
    best as u32
}
