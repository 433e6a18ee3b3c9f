use super::*;
use crate::run::Place;
use crate::training::plan;
use crate::walk::tests::random_piece;

/// A set of random pieces and a recipe for a tiny network.
pub(crate) fn tiny() -> (Recipe, TrainingSet) {
    let mut recipe =
        Recipe { embedding: 8, hidden: 8, head: 8, batch: 2, epochs: 3, longest: 12, ..Recipe::default() };
    recipe.transposition = 2;
    let prepared = |seed: u64| {
        let piece = random_piece(seed);
        let measured = crate::styles::measure(&piece);
        Prepared { name: format!("piece {seed}"), style: 0, measured, piece, shifts: vec![-1, 0, 2] }
    };
    let train: Vec<Prepared> = (0..6).map(prepared).collect();
    let pieces: Vec<_> = train.iter().map(|piece| &piece.piece).collect();
    let styles = vec![crate::styles::Style::of_pieces("random", &pieces)];
    (recipe, TrainingSet { train, valid: (6..8).map(prepared).collect(), styles })
}

fn begin(threads: usize) -> Training {
    let (recipe, set) = tiny();
    Training::new(recipe, set, threads).unwrap()
}

/// All that the next step depends on, as bytes.
fn bits(training: &Training) -> Vec<u8> {
    training.state().save(cantus_nn::Precision::F32)
}

#[test]
fn a_training_goes_on_from_its_state_to_the_same_bits() {
    let mut whole = begin(1);
    let mut states = vec![(whole.place(), whole.state())];
    while !whole.is_done() {
        whole.step();
        states.push((whole.place(), whole.state()));
    }
    for from in [0, 1, 2, 4] {
        let (place, state) = &states[from];
        let mut resumed = begin(1);
        // It has been elsewhere before: nothing of that may remain.
        resumed.step();
        resumed.restore(state, *place).unwrap();
        while !resumed.is_done() {
            resumed.step();
        }
        assert!(bits(&resumed) == bits(&whole), "from step {from}");
        assert_eq!(resumed.place(), whole.place());
    }
}

#[test]
fn the_number_of_threads_changes_no_bit() {
    let (mut one, mut two) = (begin(1), begin(2));
    for _ in 0..4 {
        assert_eq!(one.step(), two.step());
    }
    assert!(bits(&one) == bits(&two));
}

#[test]
fn another_seed_learns_other_weights() {
    let (recipe, set) = tiny();
    let mut other = Training::new(Recipe { seed: 2, ..recipe }, set, 1).unwrap();
    let mut one = begin(1);
    one.step();
    other.step();
    assert!(bits(&one) != bits(&other));
}

#[test]
fn a_state_that_does_not_fit_changes_nothing() {
    let mut training = begin(1);
    training.step();
    let (before, place, state) = (bits(&training), training.place(), training.state());
    let far = Place { step_in_epoch: 1000, ..place };
    assert!(training.restore(&state, far).is_err());
    assert!(training.restore(&state.under("raw."), place).is_err());
    assert!(bits(&training) == before);
    assert_eq!(training.place(), place);
}

#[test]
fn every_piece_is_learnt_once_an_epoch_and_only_where_it_may_be_moved() {
    let (recipe, set) = tiny();
    for epoch in 0..4 {
        let steps = plan::epoch(&set, &recipe, epoch);
        let mut pieces: Vec<usize> = steps.iter().flatten().map(|pick| pick.piece).collect();
        pieces.sort_unstable();
        assert_eq!(pieces, (0..set.train.len()).collect::<Vec<_>>());
        assert!(steps.iter().flatten().all(|pick| set.train[pick.piece].shifts.contains(&pick.shift)));
    }
}

#[test]
fn training_lowers_the_loss_of_what_it_learns() {
    let (recipe, set) = tiny();
    let recipe =
        Recipe { epochs: 40, dropout: NO_DROPOUT, ema: 0.5, weight_decay: 0.0, warm_up: 2, ..recipe };
    let mut training = Training::new(recipe, set, 1).unwrap();
    let before = training.validate()[0].per_note();
    let first = training.step().loss();
    let mut last = first;
    while !training.is_done() {
        last = training.step().loss();
    }
    assert!(last < 0.8 * first, "{first} became {last}");
    assert!(training.validate()[0].per_note() < before);
}
