//! Pieces of four voices on a grid of sixteenths, as benchmarks have them.
//!
//! The network of slices must tell how long a note is when it begins. Where a note struck again cannot be told from one that
//! is held, as on a grid of what sounds, that takes knowing the harmony to come. Here each voice is asked anew whether it holds
//! whenever something changes.

mod measure;
mod network;
mod past;
mod piece;
mod questions;
mod recipe;
mod training;

pub use measure::{Evaluation, PieceCost};
pub use piece::{Frame, NotVoices, VOICES, VoicedPiece};
pub use recipe::Recipe;

/// EXPERIMENT
pub fn experiment(recipe: Recipe, sets: [Vec<VoicedPiece>; 3], threads: usize) {
    let [train, valid, test] = sets;
    let mut training = training::Training::new(recipe, train, valid);
    training.use_threads(threads);
    let clock = std::time::Instant::now();
    let (mut cost, mut items) = (0.0, 0);
    for epoch in 0..training.recipe.epochs {
        for _ in 0..training.steps_in_epoch() {
            let report = training.step();
            cost += report.cost;
            items += report.items;
        }
        if (epoch + 1) % 7 == 0 || epoch + 1 == training.recipe.epochs {
            let valid = training.validate();
            eprintln!("{} {:.0} s train {:.4} valid {:.4}", epoch + 1, clock.elapsed().as_secs_f64(), cost / items as f64, valid.pooled());
        }
        (cost, items) = (0.0, 0);
    }
    let valid = training.validate();
    let weights = training.weights();
    let (network, _) = network::Network::new(&training.recipe, &mut cantus_nn::Rng::new(0));
    for member in &weights {
        let own = Evaluation { pieces: measure::evaluate(&network, &[member], &test) };
        eprintln!("member test {:.4}", own.pooled());
    }
    let test = Evaluation { pieces: measure::evaluate(&network, &weights.iter().collect::<Vec<_>>(), &test) };
    for (name, e) in [("VALID", valid), ("TEST", test)] {
        println!("{name} {:.4} piece {:.4} onsets {:.4}", e.pooled(), e.per_piece(), e.onsets_only());
    }
}
