//! Ten losses, norms of gradients and the final weights of two small networks, against PyTorch
//! (`fixtures/golden/nn/reference.py` made the numbers).

#![allow(clippy::unwrap_used, reason = "a test's helper fails as the test does")]

use cantus_nn::{
    AdamW, Bags, Cell, ClassMask, Decay, Gradients, Init, Mode, ParamId, Parameters, Recurrent, Rng, Tape,
    Tensor, Var, clip_norm,
};
use serde_json::Value;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/golden/nn/reference.json");

/// The numbers of a JSON list, however deep.
fn numbers(value: &Value) -> Vec<f32> {
    match value.as_array() {
        Some(list) => list.iter().flat_map(numbers).collect(),
        None => vec![value.as_f64().expect("a number") as f32],
    }
}

/// The lists of whole numbers of a JSON list.
fn lists(value: &Value) -> Vec<Vec<u32>> {
    value.as_array().unwrap().iter().map(|list| numbers(list).iter().map(|&n| n as u32).collect()).collect()
}

struct Network {
    params: Parameters,
    layer: Recurrent,
    ids: [ParamId; 5],
    steps: usize,
    batch: usize,
    bags: Bags,
    mask: ClassMask,
    targets: Vec<u32>,
    weights: Vec<f32>,
}

impl Network {
    fn new(case: &Value) -> Self {
        let (mut params, mut rng) = (Parameters::new(), Rng::new(0));
        let (initial, task) = (&case["initial"], &case["task"]);
        let cell = if case["cell"] == "lstm" { Cell::Lstm } else { Cell::Gru };
        let size = |name: &str, axis: usize| {
            let rows = initial[name].as_array().unwrap();
            if axis == 0 { rows.len() } else { rows[0].as_array().unwrap().len() }
        };
        let (units, width, classes) = (size("norm.gain", 0), size("table", 1), size("out.bias", 0));
        let mut add = |name: &str, shape: &[usize]| {
            let decay = if shape.len() == 2 { Decay::Yes } else { Decay::No };
            params.add(name, shape, Init::Zeros, decay, &mut rng)
        };
        let ids = [
            add("table", &[size("table", 0), width]),
            add("norm.gain", &[units]),
            add("norm.bias", &[units]),
            add("out.weight", &[units, classes]),
            add("out.bias", &[classes]),
        ];
        let layer = Recurrent::new(&mut params, "layer", cell, width, units, &mut rng);
        for id in params.ids() {
            let values = numbers(&initial[params.name(id)]);
            *params.get_mut(id) = Tensor::new(params.get(id).shape(), values).unwrap();
        }
        let (mut bags, mut mask) = (Bags::new(), ClassMask::new(classes));
        for bag in lists(&task["bags"]) {
            bags.push(&bag);
        }
        for flags in lists(&task["allowed"]) {
            let row = mask.push();
            for (class, _) in flags.iter().enumerate().filter(|(_, flag)| **flag == 1) {
                mask.allow(row, class);
            }
        }
        let whole = |name: &str| case[name].as_u64().unwrap() as usize;
        let targets = numbers(&task["targets"]).iter().map(|&n| n as u32).collect();
        let (steps, batch) = (whole("steps"), whole("batch"));
        Self { params, layer, ids, steps, batch, bags, mask, targets, weights: numbers(&task["weights"]) }
    }

    fn loss(&self, tape: &mut Tape) -> Var {
        let (p, [table, gain, shift, weight, bias]) = (&self.params, self.ids);
        tape.begin(Mode::Train(Rng::new(0)));
        let x = tape.embedding_bag(p, table, &self.bags, 0.0);
        let hidden = tape.recurrent(p, x, &self.layer, self.steps, self.batch);
        let normal = tape.layer_norm(p, hidden, gain, shift);
        let active = tape.gelu(normal);
        let logits = tape.linear(p, active, weight, Some(bias));
        let each = tape.softmax_cross_entropy(logits, &self.targets, Some(&self.mask));
        tape.weighted_sum(each, &self.weights)
    }
}

fn close(ours: f32, theirs: f32, what: &str) {
    assert!(
        (ours - theirs).abs() < 2e-5 * theirs.abs().max(1.0),
        "{what}: {ours} against PyTorch's {theirs}"
    );
}

#[test]
fn ten_steps_agree_with_pytorch() {
    let file: Value = serde_json::from_str(&std::fs::read_to_string(FILE).unwrap()).unwrap();
    let constants = &file["optimiser"];
    let constant = |name: &str| constants[name].as_f64().unwrap() as f32;
    for case in file["networks"].as_array().unwrap() {
        let mut network = Network::new(case);
        let mut grads = Gradients::zeros_like(&network.params);
        let mut adam = AdamW::new(&network.params, constant("decay"));
        (adam.beta1, adam.beta2) = (constants["betas"][0].as_f64().unwrap() as f32, 0.98);
        adam.epsilon = constant("epsilon");
        let mut tape = Tape::new(2);
        let expected = numbers(&case["losses"]).into_iter().zip(numbers(&case["norms"]));
        for (step, (loss, norm)) in expected.enumerate() {
            let sum = network.loss(&mut tape);
            close(tape.value(sum)[0], loss, &format!("{} loss {step}", case["cell"]));
            grads.clear();
            tape.backward(&network.params, sum, &mut grads);
            let before = clip_norm(&mut grads, constant("clip"));
            close(before, norm, &format!("{} norm {step}", case["cell"]));
            adam.step(&mut network.params, &grads, constant("rate"));
        }
        for (name, tensor) in network.params.iter() {
            for (ours, theirs) in tensor.data().iter().zip(numbers(&case["final"][name])) {
                close(*ours, theirs, &format!("{} {name}", case["cell"]));
            }
        }
    }
}
