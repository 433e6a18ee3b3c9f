//! Two networks that learn against one another: the same bits on any number of threads and on every path, each moved
//! by its own loss alone, and ten steps against PyTorch (`fixtures/golden/nn/gan.py` made the numbers).

mod gan;

use cantus_nn::{Path, Rng, Tape, Tensor};
use gan::{Batch, Gan, some_batch};
use serde_json::Value;

/// Losses, weights, gradients and averages after two steps.
fn train(path: Path, threads: usize) -> Vec<u32> {
    let (mut gan, mut tape, mut rng) = (Gan::new(), Tape::on(path, threads), Rng::new(5));
    // Twice: the second time every buffer holds old numbers.
    let losses = [(); 2].map(|()| gan.step(&mut tape, &some_batch(&mut rng.fork(1)), &mut rng));
    let gradients = gan.gradients().iter().flat_map(|grads| grads.iter().flatten());
    let tensors = [&gan.params, gan.ema.average()].into_iter();
    let weights = tensors.flat_map(|params| params.iter().flat_map(|(_, tensor)| tensor.data()));
    losses.iter().flatten().chain(gradients).chain(weights).map(|value| value.to_bits()).collect()
}

#[test]
fn adversaries_learn_the_same_for_any_number_of_threads_and_on_every_path() {
    let portable = train(Path::Portable, 1);
    for path in Path::supported() {
        for threads in [1, 2, 3, 5] {
            assert!(portable == train(path, threads), "{path:?} with {threads} threads");
        }
    }
}

#[test]
fn each_loss_moves_its_own_network() {
    let mut gan = Gan::new();
    let (mut tape, mut rng) = (Tape::new(2), Rng::new(5));
    let before = gan.params.clone();
    gan.step(&mut tape, &some_batch(&mut rng.fork(1)), &mut rng);
    for (grads, prefix) in gan.gradients().iter().zip(["g.", "d."]) {
        for id in gan.params.ids() {
            let name = gan.params.name(id);
            assert_eq!(grads.wants(id), name.starts_with(prefix), "{name}");
            let state = name.starts_with("d.norm.");
            if grads.wants(id) && !state {
                assert!(grads.get(id).iter().any(|g| *g != 0.0), "{name} has no gradient");
                assert_ne!(gan.params.get(id), before.get(id), "{name} did not move");
            }
        }
    }
}

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/golden/nn/gan.json");

/// The numbers of a JSON list, however deep.
fn numbers(value: &Value) -> Vec<f32> {
    match value.as_array() {
        Some(list) => list.iter().flat_map(numbers).collect(),
        None => vec![value.as_f64().expect("a number") as f32],
    }
}

fn close(ours: f32, theirs: f32, what: &str) {
    assert!(
        (ours - theirs).abs() < 2e-5 * theirs.abs().max(1.0),
        "{what}: {ours} against PyTorch's {theirs}"
    );
}

#[test]
fn ten_steps_of_adversaries_agree_with_pytorch() {
    let file: Value =
        serde_json::from_str(&std::fs::read_to_string(FILE).expect("the golden file")).expect("JSON");
    let mut gan = Gan::new();
    for id in gan.params.ids() {
        let values = numbers(&file["initial"][gan.params.name(id)]);
        *gan.params.get_mut(id) = Tensor::new(gan.params.get(id).shape(), values).expect("the same shape");
    }
    let labels: Vec<u32> = numbers(&file["labels"]).iter().map(|&label| label as u32).collect();
    let (seeds, real, noise) = (numbers(&file["seeds"]), numbers(&file["real"]), numbers(&file["noise"]));
    let batch = Batch::new(seeds, &labels, real, Some(noise));
    let (mut tape, mut rng) = (Tape::new(2), Rng::new(0));
    for (step, losses) in file["losses"].as_array().expect("a list").iter().enumerate() {
        let ours = gan.step(&mut tape, &batch, &mut rng);
        for ((ours, theirs), name) in
            ours.into_iter().zip(numbers(losses)).zip(["discriminator", "generator"])
        {
            close(ours, theirs, &format!("{name} loss {step}"));
        }
    }
    for (name, tensor) in gan.params.iter() {
        for (ours, theirs) in tensor.data().iter().zip(numbers(&file["final"][name])) {
            close(*ours, theirs, name);
        }
    }
}
