//! What a peer needs to do the same training steps.

use std::path::Path;

use cantus_model::lesson::{Batch, Exercise};
use cantus_model::network::Dropout;
use cantus_model::training::Training;
use cantus_model::walk::Kind;
use cantus_nn::{Bags, Edge, Precision, Tensor, Weights};

use super::failed;
use crate::error::Error;
use crate::write_file;

/// Learns the first epoch with nothing dropped out, and writes it: `weight.NAME` are the first weights, `STEP.…` a
/// step's questions and answers, `rates` the learning rates and `losses` what each step cost in nats a slice.
pub(super) fn write(file: &Path, training: &mut Training) -> Result<(), Error> {
    let mut weights = Weights::new();
    weights.metadata.insert("recipe".to_owned(), training.recipe.write());
    for (name, tensor) in training.weights().iter() {
        weights.insert(format!("weight.{name}"), tensor.clone());
    }
    let none = Dropout { feature: 0.0, input: 0.0, hidden: 0.0, head: 0.0 };
    let usual = std::mem::replace(&mut training.recipe.dropout, none);
    let (mut losses, mut rates) = (Vec::new(), Vec::new());
    for step in 0..training.steps_in_epoch() {
        add_batch(&mut weights, step, &training.next_batch().map_err(failed)?);
        rates.push(training.rate(step as u64));
        losses.push(training.step().map_err(failed)?.loss() as f32);
    }
    training.recipe.dropout = usual;
    add(&mut weights, "losses", 1, losses);
    add(&mut weights, "rates", 1, rates);
    write_file(file, &weights.save(Precision::F32))
}

fn add_batch(weights: &mut Weights, step: usize, batch: &Batch) {
    let sizes = [batch.steps, batch.batch, batch.slices].map(|size| size as f32);
    add(weights, &format!("{step}.sizes"), 1, sizes.into());
    add_bags(weights, &format!("{step}.trunk"), &batch.trunk);
    for (kind, exercise) in Kind::ALL.into_iter().zip(&batch.exercises) {
        if !exercise.answers.is_empty() {
            add_exercise(weights, &format!("{step}.{}", kind.name()), exercise);
        }
    }
}

fn add_exercise(weights: &mut Weights, name: &str, exercise: &Exercise) {
    let whole = |numbers: &[u32]| numbers.iter().map(|&number| number as f32).collect::<Vec<_>>();
    add_bags(weights, &format!("{name}.items"), &exercise.items);
    add(weights, &format!("{name}.answers"), 1, whole(&exercise.answers));
    add(weights, &format!("{name}.slices"), 1, whole(&exercise.slices));
    let rows = 0..exercise.answers.len();
    let classes = exercise.allowed.classes();
    let allowed = rows.clone().flat_map(|row| (0..classes).map(move |class| (row, class)));
    let allowed = allowed.map(|(row, class)| f32::from(u8::from(exercise.allowed.allows(row, class))));
    add(weights, &format!("{name}.allowed"), classes, allowed.collect());
    let terms = rows.flat_map(|row| {
        exercise.terms.row(row).iter().flat_map(move |term| {
            let wraps = f32::from(u8::from(term.edge == Edge::Wrap));
            let (source, width, shift) = (term.source as f32, term.width as f32, term.shift as f32);
            [row as f32, source, width, shift, wraps, term.classes.start as f32, term.classes.end as f32]
        })
    });
    add(weights, &format!("{name}.terms"), 7, terms.collect());
}

/// Bags as items and the place where each begins.
fn add_bags(weights: &mut Weights, name: &str, bags: &Bags) {
    let (mut items, mut begins) = (Vec::new(), Vec::new());
    for row in 0..bags.len() {
        begins.push(items.len() as f32);
        items.extend(bags.row(row).iter().map(|&item| item as f32));
    }
    add(weights, &format!("{name}.items"), 1, items);
    add(weights, &format!("{name}.begins"), 1, begins);
}

/// Adds a table with so many columns. Whole numbers up to 2²⁴ stay exact.
fn add(weights: &mut Weights, name: &str, columns: usize, numbers: Vec<f32>) {
    let rows = numbers.len() / columns;
    if let Ok(tensor) = Tensor::new(&[rows, columns], numbers) {
        weights.insert(name, tensor);
    }
}
