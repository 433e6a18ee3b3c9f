//! How fast the engine trains: `cargo run --release -p cantus-nn --example speed [threads] [avx2] [lstm] [a] [b] [c]`.
//!
//! `lstm` is one layer of 384 units forward and back; `a` and `b` are training steps of the works nn-a (two LSTMs of
//! 128 units on frames) and nn-b (two of 512 on tokens); `c` is the latter's decoding, nn-c. Each prints its median and best time over the runs.
#![allow(clippy::print_stdout, reason = "a measurement is printed")]

use std::time::Instant;

use cantus_nn::decode::{Linear, RecurrentCell, State, Table};
use cantus_nn::{
    AdamW, Bags, Cell, Decay, Gradients, Init, Mode, ParamId, Parameters, Path, Precision, Recurrent, Rng,
    Tape, Var,
};

/// Median and best of some runs, in milliseconds, after two that do not count.
fn measure(runs: usize, mut work: impl FnMut()) -> (f64, f64) {
    let mut times: Vec<f64> = (0..runs + 2)
        .map(|_| {
            let begin = Instant::now();
            work();
            begin.elapsed().as_secs_f64() * 1e3
        })
        .skip(2)
        .collect();
    times.sort_by(f64::total_cmp);
    (times[runs / 2], times[0])
}

fn report(name: &str, threads: usize, flops: f64, (median, best): (f64, f64)) {
    let speed = |time: f64| flops / time / 1e6;
    println!(
        "{name}, {threads} threads: median {median:.2} ms ({:.0} GFLOP/s), best {best:.2} ms ({:.0} GFLOP/s)",
        speed(median),
        speed(best)
    );
}

fn numbers(count: usize, rng: &mut Rng) -> Vec<f32> {
    (0..count).map(|_| rng.uniform() - 0.5).collect()
}

fn layer(path: Path, threads: usize, cell: Cell, units: usize, batch: usize) {
    let (inputs, steps) = (units, 150);
    let (mut params, mut rng) = (Parameters::new(), Rng::new(1));
    let layer = Recurrent::new(&mut params, "layer", cell, inputs, units, &mut rng);
    let x = numbers(steps * batch * inputs, &mut rng);
    let weights = numbers(steps * batch * units, &mut rng);
    let mut grads = Gradients::zeros_like(&params);
    let mut tape = Tape::on(path, threads);
    let time = measure(15, || {
        tape.begin(Mode::Eval);
        let x = tape.input(&x, [steps * batch, inputs]);
        let y = tape.recurrent(&params, x, &layer, steps, batch);
        let loss = tape.weighted_sum(y, &weights);
        tape.backward(&params, loss, &mut grads);
    });
    let flops = 3.0 * 2.0 * (steps * batch * cell.gates() * units * (inputs + units)) as f64;
    report(&format!("{cell:?} {units} units, batch {batch}, {steps} steps, {path:?}"), threads, flops, time);
}

fn article(path: Path, threads: usize) {
    let (steps, batch, keys, units) = (128, 32, 88, 128);
    let (mut params, mut rng) = (Parameters::new(), Rng::new(1));
    let first = Recurrent::new(&mut params, "first", Cell::Lstm, keys, units, &mut rng);
    let second = Recurrent::new(&mut params, "second", Cell::Lstm, units, units, &mut rng);
    let out = params.add("out", &[units, keys], Init::Uniform(0.088), Decay::Yes, &mut rng);
    let bias = params.add("bias", &[keys], Init::Zeros, Decay::No, &mut rng);
    let rows = steps * batch;
    let x: Vec<f32> = (0..rows * keys).map(|_| f32::from(rng.uniform() < 0.5)).collect();
    let y: Vec<f32> = (0..rows * keys).map(|_| f32::from(rng.uniform() < 0.5)).collect();
    let share = vec![1.0 / rows as f32; rows];
    let mut network = |tape: &mut Tape, params: &Parameters| {
        tape.begin(Mode::Train(rng.fork(rng.clone().next_u64())));
        rng.next_u64();
        let x = tape.constant(&x, [rows, keys]);
        let x = tape.recurrent(params, x, &first, steps, batch);
        let x = tape.dropout(x, 0.5);
        let x = tape.recurrent(params, x, &second, steps, batch);
        let x = tape.dropout(x, 0.5);
        let x = tape.linear(params, x, out, Some(bias));
        let each = tape.mean_squared_error(x, &y);
        tape.weighted_sum(each, &share)
    };
    let flops = 6.0 * (rows * (4 * units * (keys + 3 * units) + units * keys)) as f64;
    train(&format!("nn-a, {path:?}"), Tape::on(path, threads), &mut params, flops, 40, &mut network);
}

fn tokens(path: Path, threads: usize) {
    let (steps, batch, classes, width, units) = (256, 32, 512, 256, 512);
    let (mut params, mut rng) = (Parameters::new(), Rng::new(1));
    let table = params.add("table", &[classes, width], Init::Normal(1.0), Decay::Yes, &mut rng);
    let first = Recurrent::new(&mut params, "first", Cell::Lstm, width, units, &mut rng);
    let second = Recurrent::new(&mut params, "second", Cell::Lstm, units, units, &mut rng);
    let out: ParamId = params.add("out", &[units, classes], Init::Uniform(0.044), Decay::Yes, &mut rng);
    let bias = params.add("bias", &[classes], Init::Zeros, Decay::No, &mut rng);
    let rows = steps * batch;
    let mut bags = Bags::new();
    for _ in 0..rows {
        bags.push(&[rng.below(classes) as u32]);
    }
    let targets: Vec<u32> = (0..rows).map(|_| rng.below(classes) as u32).collect();
    let share = vec![1.0 / rows as f32; rows];
    let mut network = |tape: &mut Tape, params: &Parameters| {
        tape.begin(Mode::Eval);
        let x = tape.embedding_bag(params, table, &bags, 0.0);
        let x = tape.recurrent(params, x, &first, steps, batch);
        let x = tape.recurrent(params, x, &second, steps, batch);
        let x = tape.linear(params, x, out, Some(bias));
        let each = tape.softmax_cross_entropy(x, &targets, None);
        tape.weighted_sum(each, &share)
    };
    let flops = 6.0 * (rows * (4 * units * (width + 3 * units) + units * classes)) as f64;
    train(&format!("nn-b, {path:?}"), Tape::on(path, threads), &mut params, flops, 6, &mut network);
}

/// One autoregressive token of the model of nn-b, batch 1, on one thread.
fn decoding(path: Path, precision: Precision) {
    let (classes, width, units) = (512, 256, 512);
    let (mut params, mut rng) = (Parameters::new(), Rng::new(1));
    let table = params.add("table", &[classes, width], Init::Normal(1.0), Decay::Yes, &mut rng);
    let first = Recurrent::new(&mut params, "first", Cell::Lstm, width, units, &mut rng);
    let second = Recurrent::new(&mut params, "second", Cell::Lstm, units, units, &mut rng);
    let out = params.add("out", &[units, classes], Init::Uniform(0.044), Decay::Yes, &mut rng);
    let table = Table::new(params.get(table), precision);
    let cells = [first, second].map(|layer| RecurrentCell::on(path, &params, &layer, precision));
    let out = Linear::on(path, params.get(out), None, precision);
    let mut states = cells.each_ref().map(State::new);
    let (mut x, mut logits, mut token) = (vec![0.0; width], vec![0.0; classes], 5);
    let count = 200;
    let (median, best) = measure(20, || {
        for _ in 0..count {
            table.sum(&[token], &mut x);
            cells[0].step(&x, &mut states[0]);
            let [lower, upper] = &mut states;
            cells[1].step(lower.output(), upper);
            out.forward(upper.output(), &mut logits);
            let best = (0..classes).max_by(|&a, &b| logits[a].total_cmp(&logits[b]));
            token = best.unwrap_or_default() as u32;
        }
    });
    let each = 1e3 / f64::from(count);
    println!(
        "nn-c, {path:?}, {precision:?}: median {:.1} µs, best {:.1} µs a token",
        median * each,
        best * each
    );
}

fn train(
    name: &str,
    mut tape: Tape,
    params: &mut Parameters,
    flops: f64,
    runs: usize,
    network: &mut dyn FnMut(&mut Tape, &Parameters) -> Var,
) {
    let mut grads = Gradients::zeros_like(params);
    let mut adam = AdamW::new(params, 0.0);
    let mut losses = Vec::new();
    let time = measure(runs, || {
        let loss = network(&mut tape, params);
        losses.push(tape.value(loss)[0]);
        grads.clear();
        tape.backward(params, loss, &mut grads);
        adam.step(params, &grads, 1e-3);
    });
    report(name, tape.threads(), flops, time);
    println!("  loss {:.5} -> {:.5}", losses[0], losses[losses.len() - 1]);
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let threads = arguments.iter().find_map(|a| a.parse().ok()).unwrap_or(2);
    let path = if arguments.iter().any(|a| a == "avx2") { Path::Avx2 } else { Path::best() };
    let wants = |name: &str| arguments.iter().any(|a| a == name);
    if wants("peak") {
        for threads in [1, threads] {
            let (_, best) = measure(20, || {
                cantus_nn::multiply_adds(path, threads, 200_000);
            });
            let flops = cantus_nn::multiply_adds(path, threads, 200_000);
            println!("peak of {path:?} on {threads} threads: {:.0} GFLOP/s", flops as f64 / best / 1e6);
        }
    }
    if wants("lstm") {
        for batch in [8, 16] {
            layer(path, threads, Cell::Lstm, 384, batch);
            layer(path, threads, Cell::Gru, 384, batch);
        }
    }
    if wants("a") {
        article(path, threads);
    }
    if wants("c") {
        decoding(path, Precision::F32);
        decoding(path, Precision::Bf16);
    }
    if wants("b") {
        tokens(path, threads);
    }
}
