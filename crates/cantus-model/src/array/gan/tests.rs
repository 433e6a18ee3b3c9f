//! Laws of adversarial networks of arrays.

use cantus_nn::{Path, Rng};
use cantus_score::npy::{Array, Element};

use super::super::Lessons;
use super::distance::Views;
use super::training::Training;
use super::*;

/// Pieces of four frames of three features: each frame is the one before it and a step along one of two directions.
fn walks(pieces: usize, seed: u64) -> Vec<f64> {
    let mut rng = Rng::new(seed);
    let mut numbers = Vec::new();
    for _ in 0..pieces {
        let step = if rng.below(2) == 0 { [1.0, 0.0, -1.0] } else { [0.0, 1.0, 2.0] };
        let mut frame = [0.0_f64; 3];
        for _ in 0..4 {
            for (number, step) in frame.iter_mut().zip(step) {
                *number += step + 0.1 * f64::from(rng.normal());
            }
            numbers.extend(frame);
        }
    }
    numbers
}

fn lessons(recipe: &Recipe) -> Lessons {
    let array = Array::from_values(&[120, 4, 3], Element::F32, &walks(120, 1)).unwrap();
    Lessons::new(array, &recipe.lessons()).unwrap()
}

fn recipe() -> Recipe {
    Recipe { noise: 8, units: 16, steps: 5, batch: 8, measured: 40, learning_rate: 1e-3, ..Recipe::default() }
}

fn training(recipe: Recipe) -> Training {
    let lessons = lessons(&recipe);
    Training::new(recipe, lessons)
}

#[test]
fn distance_is_none_to_itself_small_to_the_like_and_large_to_others() {
    let pieces = |seed| {
        let numbers: Vec<f32> = walks(1000, seed).iter().map(|x| *x as f32).collect();
        numbers.chunks(12).map(<[f32]>::to_vec).collect::<Vec<_>>()
    };
    let (one, like) = (pieces(1), pieces(2));
    // The same frames in another order, and the same pieces all alike.
    let shuffled: Vec<Vec<f32>> =
        one.iter().map(|piece| piece.chunks(3).rev().flatten().copied().collect()).collect();
    let collapsed = vec![one[0].clone(); 1000];
    let views = |pieces: &[Vec<f32>]| Views::of(pieces, 3);
    let own = views(&one);
    assert!(own.distance(&own) == 0.0);
    let near = own.distance(&views(&like));
    assert!(near > 0.0 && near < 0.3, "{near}");
    for far in [shuffled, collapsed] {
        let far = own.distance(&views(&far));
        assert!(far > 3.0 * near, "{far} against {near}");
    }
}

#[test]
fn what_is_made_comes_nearer_to_what_is_held_out() {
    let mut training = training(Recipe { units: 64, batch: 32, steps: 600, measured: 200, ..recipe() });
    let before = training.check();
    for _ in 0..600 {
        training.step();
    }
    let after = training.check();
    assert!(after.distance < 0.5 * before.distance, "{after:?} against {before:?}");
    assert!(after.distinct > 0.9 && after.spread > 0.6 && after.spread < 1.5, "{after:?}");
}

#[test]
fn a_run_goes_on_to_the_same_bits_with_any_number_of_threads() {
    let mut whole = training(recipe());
    let mut first = training(recipe());
    first.use_threads(3);
    for _ in 0..4 {
        whole.step();
        first.step();
    }
    let mut second = training(recipe());
    second.restore(&first.state(), first.place()).unwrap();
    for _ in 0..3 {
        whole.step();
        second.step();
    }
    assert!(whole.state().save(cantus_nn::Precision::F32) == second.state().save(cantus_nn::Precision::F32));
    assert_eq!(whole.check(), second.check());
}

#[test]
fn a_model_plays_the_same_from_its_file_and_alone_or_among_others() {
    let mut training = training(recipe());
    training.step();
    let scale = training.lessons.scale.clone();
    let weights = (training.generator.shape, training.weights());
    let model = Model::new(weights, scale, recipe(), crate::model::Card::default());
    let bytes = model.to_bytes();
    let read = Model::from_bytes(&bytes).unwrap();
    assert!(read.to_bytes() == bytes && Model::is_model(&bytes) && !super::super::Model::is_model(&bytes));
    assert_eq!((read.frames(), read.features()), (4, 3));
    let seeds: Vec<u64> = (0..40).collect();
    let all = Player::new(read.clone()).play(&seeds, 1.0);
    assert!(Player::on(Path::best(), read.clone()).play(&[39], 1.0)[0] == all[39]);
    assert!(all[0] != all[1] && all[0].len() == 12);
    let calm = Player::new(read).play(&[1, 2], 0.0);
    assert!(calm[0] == calm[1]);
}

#[test]
fn broken_models_are_refused() {
    let mut training = training(recipe());
    training.step();
    let weights = (training.generator.shape, training.weights());
    let model = Model::new(weights, training.lessons.scale.clone(), recipe(), crate::model::Card::default());
    let bytes = model.to_bytes();
    for cut in (0..bytes.len()).step_by(bytes.len() / 50) {
        assert!(Model::from_bytes(&bytes[..cut]).is_err());
    }
    let claims = |from: &str, to: &str| {
        let text = String::from_utf8_lossy(&bytes[8..]).into_owned();
        let place = text.find(from).unwrap() + 8;
        let mut changed = bytes.clone();
        changed[place..place + to.len()].copy_from_slice(to.as_bytes());
        Model::from_bytes(&changed)
    };
    assert!(claims(r#"\"units\":16"#, r#"\"units\":99"#).is_err());
    assert!(claims(r#"\"numbers\":12"#, r#"\"numbers\":13"#).is_err());
}
