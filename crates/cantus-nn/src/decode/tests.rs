//! Decoding gives the same bits on every path, and what the tape gives.

use super::{Linear, RecurrentCell, State};
use crate::{Cell, Decay, Init, Mode, Parameters, Path, Precision, Recurrent, Rng, Tape, Tensor};
use crate::{from_bf16, to_bf16};

fn numbers(count: usize, rng: &mut Rng) -> Vec<f32> {
    (0..count).map(|_| rng.normal()).collect()
}

fn layer(cell: Cell, inputs: usize, units: usize) -> (Parameters, Recurrent, Rng) {
    let (mut params, mut rng) = (Parameters::new(), Rng::new(4));
    let layer = Recurrent::new(&mut params, "layer", cell, inputs, units, &mut rng);
    for value in params.get_mut(layer.bias).data_mut() {
        *value += 0.5 * rng.normal();
    }
    (params, layer, rng)
}

/// Outputs of all steps, one sequence.
fn steps(cell: &RecurrentCell, x: &[f32]) -> Vec<f32> {
    let mut state = State::new(cell);
    let step = |input: &[f32]| {
        cell.step(input, &mut state);
        state.output().to_vec()
    };
    x.chunks_exact(cell.inputs()).flat_map(step).collect()
}

/// Inputs and units: less than a vector, odd numbers of vectors, whole blocks of them and one unit more.
const SIZES: [(usize, usize); 8] =
    [(5, 7), (1, 1), (40, 33), (16, 128), (70, 200), (3, 16), (17, 31), (2, 129)];

fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|value| value.to_bits()).collect()
}

#[test]
fn every_path_gives_the_same_bits() {
    for precision in [Precision::F32, Precision::Bf16] {
        for (inputs, units) in SIZES {
            for cell in [Cell::Lstm, Cell::Gru] {
                let (params, layer, mut rng) = layer(cell, inputs, units);
                let x = numbers(6 * inputs, &mut rng);
                let run = |path| bits(&steps(&RecurrentCell::on(path, &params, &layer, precision), &x));
                let expected = run(Path::Portable);
                for path in Path::supported() {
                    assert_eq!(run(path), expected, "{cell:?} {inputs} to {units} on {path:?}");
                }
            }
        }
    }
}

/// `x w + b`, every sum in order.
fn product(x: &[f32], weights: &Tensor, bias: &Tensor) -> Vec<f32> {
    let column = |column: usize| {
        let weights = weights.data().iter().skip(column).step_by(weights.columns());
        x.iter().zip(weights).fold(bias.data()[column], |sum, (x, weight)| x.mul_add(*weight, sum))
    };
    (0..weights.columns()).map(column).collect()
}

#[test]
fn a_linear_layer_adds_in_order_on_every_path() {
    let mut rng = Rng::new(3);
    // Every number of vectors up to two blocks, whole and not, on vectors of eight and of sixteen.
    for outputs in (1..20).chain((24..=264).step_by(8)).chain([31, 33, 63, 65, 127, 129, 255, 257]) {
        let inputs = 1 + outputs % 5;
        let weights = Tensor::new(&[inputs, outputs], numbers(inputs * outputs, &mut rng)).unwrap();
        let bias = Tensor::new(&[outputs], numbers(outputs, &mut rng)).unwrap();
        let x = numbers(inputs, &mut rng);
        for precision in [Precision::F32, Precision::Bf16] {
            let expected = bits(&product(&x, &rounded(&weights, precision), &bias));
            for path in Path::supported() {
                let mut out = vec![0.0; outputs];
                Linear::on(path, &weights, Some(&bias), precision).forward(&x, &mut out);
                assert_eq!(bits(&out), expected, "{inputs} to {outputs} on {path:?}, {precision:?}");
            }
        }
    }
}

fn rounded(weights: &Tensor, precision: Precision) -> Tensor {
    let mut weights = weights.clone();
    if precision == Precision::Bf16 {
        weights.data_mut().iter_mut().for_each(|value| *value = from_bf16(to_bf16(*value)));
    }
    weights
}

#[test]
fn steps_are_the_unrolled_sequence() {
    for (inputs, units) in SIZES {
        for cell in [Cell::Lstm, Cell::Gru] {
            let (params, layer, mut rng) = layer(cell, inputs, units);
            let (count, batch) = (9, 3);
            let x = numbers(count * batch * inputs, &mut rng);
            let mut tape = Tape::new(1);
            tape.begin(Mode::Eval);
            let input = tape.constant(&x, [count * batch, inputs]);
            let output = tape.recurrent(&params, input, &layer, count, batch);
            let decoder = RecurrentCell::new(&params, &layer, Precision::F32);
            for sequence in 0..batch {
                let own: Vec<f32> =
                    x.chunks_exact(inputs).skip(sequence).step_by(batch).flatten().copied().collect();
                let unrolled = tape.value(output).chunks_exact(units).skip(sequence).step_by(batch).flatten();
                for (step, unrolled) in steps(&decoder, &own).iter().zip(unrolled) {
                    assert!(
                        (step - unrolled).abs() < 1e-5,
                        "{cell:?} {inputs} to {units}: {step} {unrolled}"
                    );
                }
            }
        }
    }
}

#[test]
fn decoding_functions_are_the_tape_s() {
    let mut rng = Rng::new(6);
    let x = numbers(77, &mut rng);
    let mut tape = Tape::new(1);
    tape.begin(Mode::Eval);
    let input = tape.constant(&x, [1, 77]);
    let active = tape.gelu(input);
    let loss = tape.softmax_cross_entropy(input, &[5], None);
    let mut own = x.clone();
    super::gelu(Path::best(), &mut own);
    assert_eq!(bits(&own), bits(tape.value(active)));
    own.copy_from_slice(&x);
    super::softmax(Path::best(), &mut own);
    assert!((-own[5].ln() - tape.value(loss)[0]).abs() < 1e-6);
    assert!((own.iter().sum::<f32>() - 1.0).abs() < 1e-6);
    own[3] = f32::NEG_INFINITY;
    super::softmax(Path::best(), &mut own);
    assert_eq!(own[3].to_bits(), 0);
}

#[test]
fn activations_are_the_same_on_every_path() {
    let mut rng = Rng::new(7);
    for count in [1, 7, 8, 9, 16, 31, 256, 257] {
        let x = numbers(count, &mut rng);
        let run = |path, function: fn(Path, &mut [f32])| {
            let mut x = x.clone();
            function(path, &mut x);
            bits(&x)
        };
        for path in Path::supported() {
            for function in [super::gelu, super::softmax] {
                assert_eq!(run(path, function), run(Path::Portable, function), "{count} numbers on {path:?}");
            }
        }
    }
}

#[test]
fn rounded_weights_are_those_of_a_file() {
    let mut rng = Rng::new(2);
    let mut params = Parameters::new();
    let id = params.add("w", &[9, 20], Init::Normal(1.0), Decay::Yes, &mut rng);
    let mut weights = crate::Weights::new();
    weights.extend(params.iter());
    let file = crate::Weights::load(&weights.save(Precision::Bf16)).unwrap();
    let x = numbers(9, &mut rng);
    let (mut a, mut b) = (vec![0.0; 20], vec![0.0; 20]);
    Linear::new(params.get(id), None, Precision::Bf16).forward(&x, &mut a);
    Linear::new(file.get("w").unwrap(), None, Precision::F32).forward(&x, &mut b);
    assert_eq!(bits(&a), bits(&b));
}
