//! Every operation's gradient against finite differences, and laws of the tape.

mod images;

use crate::{
    AdamW, Bags, Cell, ClassMask, Decay, Edge, Ema, Gradients, Init, Mode, ParamId, Parameters, Path,
    Recurrent, Rng, Tape, Term, Terms, Var, clip_norm,
};

/// A network under test: `build` records it from an input and gives its result, of any shape.
struct Case<'a> {
    params: Parameters,
    input: Vec<f32>,
    shape: [usize; 2],
    build: &'a dyn Fn(&mut Tape, &Parameters, Var) -> Var,
    /// Parameters that are a state and take no gradient.
    skip: Vec<ParamId>,
}

/// Where a number to differentiate by lies.
#[derive(Clone, Copy, Debug)]
enum Place {
    Input(usize),
    Param(ParamId, usize),
}

fn numbers(count: usize, rng: &mut Rng) -> Vec<f32> {
    (0..count).map(|_| rng.normal()).collect()
}

impl<'a> Case<'a> {
    fn new(
        params: Parameters,
        shape: [usize; 2],
        build: &'a dyn Fn(&mut Tape, &Parameters, Var) -> Var,
    ) -> Self {
        let input = numbers(shape[0] * shape[1], &mut Rng::new(5));
        Self { params, input, shape, build, skip: Vec::new() }
    }

    /// The weights of the sum that makes a loss of the result.
    fn weights(count: usize) -> Vec<f32> {
        numbers(count, &mut Rng::new(77))
    }

    fn place(&mut self, place: Place) -> &mut f32 {
        match place {
            Place::Input(index) => &mut self.input[index],
            Place::Param(id, index) => &mut self.params.get_mut(id).data_mut()[index],
        }
    }

    /// The loss with a number moved, summed in f64 so that differences keep their digits.
    fn loss(&mut self, place: Place, by: f32) -> f64 {
        let before = *self.place(place);
        *self.place(place) = before + by;
        let mut tape = Tape::new(1);
        tape.begin(Mode::Train(Rng::new(3)));
        let x = tape.input(&self.input, self.shape);
        let out = (self.build)(&mut tape, &self.params, x);
        let values = tape.value(out);
        let loss =
            values.iter().zip(Self::weights(values.len())).map(|(v, w)| f64::from(*v) * f64::from(w)).sum();
        *self.place(place) = before;
        loss
    }

    /// Compares up to 40 places of the input and of each parameter, on every path.
    fn check(mut self) {
        let gradients: Vec<_> = Path::supported().map(|path| self.gradients(path)).collect();
        assert!(!gradients[0].is_empty(), "no gradient arrived");
        for (index, &(place, _)) in gradients[0].iter().enumerate() {
            let slope = self.slope(place);
            for path in &gradients {
                let grad = path[index].1;
                let error = (slope - f64::from(grad)).abs();
                assert!(
                    error < 3e-4 + 5e-4 * slope.abs(),
                    "{place:?}: {grad} against {slope} by differences"
                );
            }
        }
    }

    /// Some places and the gradients that the tape finds there.
    fn gradients(&self, path: Path) -> Vec<(Place, f32)> {
        let mut tape = Tape::on(path, 2);
        let mut grads = Gradients::zeros_like(&self.params);
        tape.begin(Mode::Train(Rng::new(3)));
        let x = tape.input(&self.input, self.shape);
        let out = (self.build)(&mut tape, &self.params, x);
        let weights = Self::weights(tape.value(out).len());
        let loss = tape.weighted_sum(out, &weights);
        tape.backward(&self.params, loss, &mut grads);
        let mut pairs: Vec<_> =
            sample(tape.grad(x)).map(|(index, &grad)| (Place::Input(index), grad)).collect();
        for id in self.params.ids().filter(|id| !self.skip.contains(id)) {
            pairs.extend(sample(grads.get(id)).map(|(index, &grad)| (Place::Param(id, index), grad)));
        }
        pairs
    }

    /// The derivative by central differences of fourth order.
    fn slope(&mut self, place: Place) -> f64 {
        let step = 0.015_625f32;
        let mut difference = |by: f32| self.loss(place, by) - self.loss(place, -by);
        let (near, far) = (difference(step), difference(2.0 * step));
        (8.0 * near - far) / (12.0 * f64::from(step))
    }
}

/// About 40 of the entries, spread out.
fn sample(values: &[f32]) -> impl Iterator<Item = (usize, &f32)> {
    values.iter().enumerate().step_by((values.len() / 40).max(1))
}

fn with(shapes: &[&[usize]]) -> (Parameters, Vec<ParamId>) {
    let (mut params, mut rng) = (Parameters::new(), Rng::new(11));
    let ids = shapes
        .iter()
        .enumerate()
        .map(|(i, shape)| params.add(&format!("p{i}"), shape, Init::Normal(0.5), Decay::No, &mut rng))
        .collect();
    (params, ids)
}

#[test]
fn linear_gradient() {
    for (inputs, outputs, rows) in [(7, 5, 3), (1, 1, 1), (33, 70, 19), (16, 64, 8)] {
        let (params, ids) = with(&[&[inputs, outputs], &[outputs]]);
        Case::new(params, [rows, inputs], &|tape, params, x| tape.linear(params, x, ids[0], Some(ids[1])))
            .check();
        let (params, ids) = with(&[&[inputs, outputs]]);
        Case::new(params, [rows, inputs], &|tape, params, x| tape.linear(params, x, ids[0], None)).check();
    }
}

#[test]
fn embedding_bag_gradient() {
    let mut bags = Bags::new();
    bags.push(&[1, 4, 4]);
    bags.push(&[]);
    bags.push(&[0, 2, 3, 4, 1]);
    for chance in [0.0, 0.4] {
        let (params, ids) = with(&[&[6, 5]]);
        Case::new(params, [3, 5], &|tape, params, x| {
            let sums = tape.embedding_bag(params, ids[0], &bags, chance);
            tape.add(sums, x)
        })
        .check();
    }
}

#[test]
fn recurrent_gradient() {
    // Odd sizes, one step, one sequence, and sizes at and beyond the width of a vector.
    let sizes = [(5, 7, 4, 3), (3, 1, 6, 1), (2, 16, 3, 8), (6, 33, 5, 13), (4, 48, 1, 2), (1, 20, 7, 6)];
    for cell in [Cell::Lstm, Cell::Gru] {
        for (inputs, units, steps, batch) in sizes {
            let (mut params, mut rng) = (Parameters::new(), Rng::new(9));
            let layer = Recurrent::new(&mut params, "layer", cell, inputs, units, &mut rng);
            // Biases of zero would hide a gate that is forgotten.
            for value in params.get_mut(layer.bias).data_mut() {
                *value += 0.3 * rng.normal();
            }
            Case::new(params, [steps * batch, inputs], &|tape, params, x| {
                tape.recurrent(params, x, &layer, steps, batch)
            })
            .check();
        }
    }
}

#[test]
fn stacked_recurrent_gradient() {
    let (mut params, mut rng) = (Parameters::new(), Rng::new(21));
    let first = Recurrent::new(&mut params, "first", Cell::Gru, 4, 9, &mut rng);
    let second = Recurrent::new(&mut params, "second", Cell::Lstm, 9, 6, &mut rng);
    Case::new(params, [10, 4], &|tape, params, x| {
        let hidden = tape.recurrent(params, x, &first, 5, 2);
        let hidden = tape.dropout(hidden, 0.3);
        tape.recurrent(params, hidden, &second, 5, 2)
    })
    .check();
}

#[test]
fn gated_scan_gradient() {
    Case::new(Parameters::new(), [5 * 2, 6], &|tape, _, x| tape.gated_scan(x, 2)).check();
}

#[test]
fn a_gated_scan_holds_what_it_keeps_and_takes_what_it_does_not() {
    let mut tape = Tape::new(1);
    tape.begin(Mode::Eval);
    // Two sequences of three steps: gates that are shut, open and half open.
    let x = [-40.0, 3.0, 40.0, 5.0, 40.0, 7.0, -40.0, 1.0, 0.0, 5.0, 0.0, 9.0];
    let x = tape.constant(&x, [6, 2]);
    let held = tape.gated_scan(x, 2);
    for (value, expected) in tape.value(held).iter().zip([3.0, 0.0, 3.0, 1.0, 4.0, 5.0]) {
        assert!((value - expected).abs() < 1e-6, "{value}, not {expected}");
    }
}

#[test]
fn selection_gradient() {
    let (params, _) = with(&[]);
    Case::new(params.clone(), [4, 7], &|tape, _, x| tape.rows(x, &[2, 0, 2, 3, 2])).check();
    Case::new(params.clone(), [4, 7], &|tape, _, x| tape.columns(x, 2..6)).check();
    Case::new(params, [4, 7], &|tape, _, x| {
        let (a, b) = (tape.columns(x, 0..3), tape.columns(x, 2..5));
        tape.add(a, b)
    })
    .check();
}

#[test]
fn curve_gradient() {
    let (params, _) = with(&[]);
    Case::new(params.clone(), [5, 37], &|tape, _, x| tape.gelu(x)).check();
    Case::new(params.clone(), [5, 37], &|tape, _, x| tape.tanh(x)).check();
    Case::new(params.clone(), [5, 37], &|tape, _, x| tape.sigmoid(x)).check();
    Case::new(params.clone(), [5, 37], &|tape, _, x| tape.dropout(x, 0.5)).check();
    // A bend cannot be checked by differences: keep away from it.
    let mut relu = Case::new(params, [5, 37], &|tape, _, x| tape.relu(x));
    for value in &mut relu.input {
        *value += 0.1f32.copysign(*value);
    }
    relu.check();
}

#[test]
fn layer_norm_gradient() {
    for columns in [3, 16, 45] {
        let (params, ids) = with(&[&[columns], &[columns]]);
        Case::new(params, [6, columns], &|tape, params, x| tape.layer_norm(params, x, ids[0], ids[1]))
            .check();
    }
}

#[test]
fn shifted_sum_gradient() {
    let mut terms = Terms::new();
    let clamp = Term { source: 0, width: 9, shift: -3, edge: Edge::Clamp, classes: 0..11 };
    let wrap = Term { source: 9, width: 4, shift: 2, edge: Edge::Wrap, classes: 3..10 };
    terms.push(&[clamp.clone(), wrap.clone()]);
    terms.push(&[]);
    terms.push(&[wrap, clamp.clone(), clamp]);
    let (params, _) = with(&[]);
    Case::new(params, [3, 13], &|tape, _, x| tape.shifted_sum(x, 11, &terms)).check();
}

#[test]
fn loss_gradient() {
    let (params, _) = with(&[]);
    for classes in [5, 70] {
        let mut mask = ClassMask::new(classes);
        for row in 0..3 {
            mask.push();
            for class in (row..classes).step_by(2) {
                mask.allow(row, class);
            }
        }
        let targets = [2, 3, 4];
        Case::new(params.clone(), [3, classes], &|tape, _, x| tape.softmax_cross_entropy(x, &targets, None))
            .check();
        Case::new(params.clone(), [3, classes], &|tape, _, x| {
            tape.softmax_cross_entropy(x, &targets, Some(&mask))
        })
        .check();
    }
    let targets: Vec<f32> = (0..21).map(|i| (i % 3) as f32 / 2.0).collect();
    Case::new(params.clone(), [3, 7], &|tape, _, x| tape.sigmoid_cross_entropy(x, &targets)).check();
    Case::new(params, [3, 7], &|tape, _, x| tape.mean_squared_error(x, &targets)).check();
}

#[test]
fn an_input_used_twice_gets_both_gradients() {
    let (params, ids) = with(&[&[4, 4], &[4]]);
    Case::new(params, [3, 4], &|tape, params, x| {
        let a = tape.linear(params, x, ids[0], Some(ids[1]));
        let b = tape.linear(params, a, ids[0], None);
        let c = tape.add(a, b);
        let d = tape.tanh(a);
        tape.add(c, d)
    })
    .check();
}

#[test]
fn shifted_sum_reads_as_written() {
    let mut tape = Tape::new(1);
    tape.begin(Mode::Eval);
    let x = tape.constant(&[0.0, 10.0, 20.0, 30.0, 1.0, 2.0, 3.0], [1, 7]);
    let mut terms = Terms::new();
    terms.push(&[
        Term { source: 0, width: 4, shift: -1, edge: Edge::Clamp, classes: 0..6 },
        Term { source: 4, width: 3, shift: 1, edge: Edge::Wrap, classes: 1..5 },
    ]);
    let sum = tape.shifted_sum(x, 6, &terms);
    assert_eq!(tape.value(sum), [0.0, 3.0, 11.0, 22.0, 33.0, 30.0]);
}

#[test]
fn a_forbidden_class_has_no_probability() {
    let mut tape = Tape::new(1);
    tape.begin(Mode::Eval);
    let logits = tape.constant(&[50.0, 1.0, 1.0, 60.0], [1, 4]);
    let mut mask = ClassMask::new(4);
    mask.push_all();
    mask.forbid(0, 0);
    mask.forbid(0, 3);
    let loss = tape.softmax_cross_entropy(logits, &[1], Some(&mask));
    assert!((tape.value(loss)[0] - 2.0f32.ln()).abs() < 1e-6);
}

#[test]
fn dropout_keeps_the_mean_and_evaluation_keeps_all() {
    let mut tape = Tape::new(1);
    let ones = vec![1.0; 20_000];
    tape.begin(Mode::Train(Rng::new(1)));
    let x = tape.constant(&ones, [200, 100]);
    let y = tape.dropout(x, 0.3);
    let kept = tape.value(y).iter().filter(|v| **v != 0.0).count() as f32 / 20_000.0;
    assert!((kept - 0.7).abs() < 0.015, "kept {kept}");
    assert!(tape.value(y).iter().all(|v| *v == 0.0 || (v - 1.0 / 0.7).abs() < 1e-6));
    tape.begin(Mode::Eval);
    let x = tape.constant(&ones, [200, 100]);
    let y = tape.dropout(x, 0.3);
    assert_eq!(tape.value(y), ones);
}

/// Losses, weights, their average and gradients after two steps of training with every operation, in a network large
/// enough that threads share its work.
fn train(path: Path, threads: usize, cell: Cell) -> Vec<u32> {
    let (mut params, mut rng) = (Parameters::new(), Rng::new(31));
    let table = params.add("table", &[50, 160], Init::Normal(0.3), Decay::Yes, &mut rng);
    let layer = Recurrent::new(&mut params, "layer", cell, 160, 72, &mut rng);
    // Small enough that threads share the batch, where the first shares its units.
    let second = Recurrent::new(&mut params, "second", cell, 72, 64, &mut rng);
    let gain = params.add("gain", &[64], Init::Ones, Decay::No, &mut rng);
    let shift = params.add("shift", &[64], Init::Zeros, Decay::No, &mut rng);
    let weight = params.add("weight", &[64, 210], Init::Normal(0.2), Decay::Yes, &mut rng);
    let bias = params.add("bias", &[210], Init::Normal(0.2), Decay::No, &mut rng);
    let narrow = params.add("narrow", &[105, 88], Init::Normal(0.2), Decay::Yes, &mut rng);
    let (steps, batch) = (6, 43);
    let rows = steps * batch;
    let mut bags = Bags::new();
    for row in 0..rows as u32 {
        bags.push(&[row % 50, row * 7 % 50, row * 3 % 11]);
    }
    let targets: Vec<u32> = (0..rows as u32).map(|row| row * 13 % 210).collect();
    let pixels: Vec<f32> = (0..rows * 88).map(|i| (i % 3) as f32 / 2.0).collect();
    let mut terms = Terms::new();
    for shift in 0..rows as i32 {
        terms.push(&[
            Term { source: 0, width: 210, shift: shift % 9 - 4, edge: Edge::Clamp, classes: 0..210 },
            Term { source: 12, width: 12, shift, edge: Edge::Wrap, classes: 10..200 },
        ]);
    }
    let mut tape = Tape::on(path, threads);
    let (mut grads, mut adam) = (Gradients::zeros_like(&params), AdamW::new(&params, 0.1));
    let mut ema = Ema::new(&params, 0.9);
    let shares = vec![1.0 / rows as f32; rows];
    let mut seen = Vec::new();
    // Twice: the second time every buffer holds old numbers.
    for _ in 0..2 {
        tape.begin(Mode::Train(Rng::new(8)));
        let x = tape.embedding_bag(&params, table, &bags, 0.1);
        let x = tape.dropout(x, 0.2);
        let x = tape.recurrent(&params, x, &layer, steps, batch);
        let x = tape.recurrent(&params, x, &second, steps, batch);
        let x = tape.layer_norm(&params, x, gain, shift);
        let picked = tape.rows(x, &targets);
        let x = tape.add(x, picked);
        let x = tape.gelu(x);
        let x = tape.linear(&params, x, weight, Some(bias));
        let left = tape.columns(x, 0..105);
        let (bent, curved) = (tape.relu(left), tape.tanh(left));
        let left = tape.add(bent, curved);
        let left = tape.linear(&params, left, narrow, None);
        let square = tape.sigmoid(left);
        let square = tape.mean_squared_error(square, &pixels);
        let binary = tape.sigmoid_cross_entropy(left, &pixels);
        let classes = tape.shifted_sum(x, 210, &terms);
        let classes = tape.softmax_cross_entropy(classes, &targets, None);
        let each = tape.add(square, binary);
        let each = tape.add(each, classes);
        let loss = tape.weighted_sum(each, &shares);
        grads.clear();
        tape.backward(&params, loss, &mut grads);
        clip_norm(&mut grads, 1.0);
        adam.step(&mut params, &grads, 0.01);
        ema.update(&params);
        seen.push(tape.value(loss)[0]);
    }
    seen.extend(grads.iter().flatten());
    for tensors in [&params, ema.average()] {
        seen.extend(tensors.iter().flat_map(|(_, tensor)| tensor.data()));
    }
    seen.into_iter().map(f32::to_bits).collect()
}

#[test]
fn training_is_the_same_for_any_number_of_threads() {
    for cell in [Cell::Lstm, Cell::Gru] {
        for path in Path::supported() {
            let alone = train(path, 1, cell);
            for threads in [2, 3, 5] {
                assert!(alone == train(path, threads, cell), "{cell:?} on {path:?} with {threads} threads");
            }
        }
    }
}

#[test]
fn training_is_the_same_on_every_path() {
    for cell in [Cell::Lstm, Cell::Gru] {
        let portable = train(Path::Portable, 2, cell);
        for path in Path::supported() {
            assert!(portable == train(path, 2, cell), "{cell:?} on {path:?}");
        }
    }
}
