use super::*;
use crate::run::Place;
use crate::training::plan;
use crate::walk::tests::random_piece;

/// A set of random pieces and a recipe for a tiny network.
pub(crate) fn tiny() -> (Recipe, TrainingSet) {
    let mut recipe =
        Recipe { embedding: 8, hidden: 8, head: 8, batch: 2, epochs: 3, longest: 12, ..Recipe::default() };
    recipe.transposition = 2;
    let store = Store::new(&std::env::temp_dir()).unwrap();
    let kept = |seeds: std::ops::Range<u64>| {
        let kept: Vec<_> = seeds.map(|seed| (0, store.put(&random_piece(seed)).unwrap())).collect();
        kept.into_iter()
    };
    let (train, valid) = (kept(0..6), kept(6..8));
    (recipe, TrainingSet::of_pieces(store, &["random"], train, valid, 2).unwrap())
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
        whole.step().unwrap();
        states.push((whole.place(), whole.state()));
    }
    for from in [0, 1, 2, 4] {
        let (place, state) = &states[from];
        let mut resumed = begin(1);
        // It has been elsewhere before: nothing of that may remain.
        resumed.step().unwrap();
        resumed.restore(state, *place).unwrap();
        while !resumed.is_done() {
            resumed.step().unwrap();
        }
        assert!(bits(&resumed) == bits(&whole), "from step {from}");
        assert_eq!(resumed.place(), whole.place());
    }
}

#[test]
fn the_number_of_threads_changes_no_bit() {
    let (mut one, mut two) = (begin(1), begin(2));
    for _ in 0..4 {
        assert_eq!(one.step().unwrap(), two.step().unwrap());
    }
    assert!(bits(&one) == bits(&two));
}

#[test]
fn another_seed_learns_other_weights() {
    let (recipe, set) = tiny();
    let mut other = Training::new(Recipe { seed: 2, ..recipe }, set, 1).unwrap();
    let mut one = begin(1);
    one.step().unwrap();
    other.step().unwrap();
    assert!(bits(&one) != bits(&other));
}

#[test]
fn a_state_that_does_not_fit_changes_nothing() {
    let mut training = begin(1);
    training.step().unwrap();
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
        let may = |pick: &Pick| {
            let (lowest, highest) = set.train[pick.piece].shifts;
            (lowest..=highest).contains(&pick.shift)
        };
        assert!(steps.iter().flatten().all(may));
    }
}

#[test]
fn training_lowers_the_loss_of_what_it_learns() {
    let (recipe, set) = tiny();
    let recipe =
        Recipe { epochs: 40, dropout: NO_DROPOUT, ema: 0.5, weight_decay: 0.0, warm_up: 2, ..recipe };
    let mut training = Training::new(recipe, set, 1).unwrap();
    let before = training.validate().unwrap()[0].per_note();
    let first = training.step().unwrap().loss();
    let mut last = first;
    while !training.is_done() {
        last = training.step().unwrap().loss();
    }
    assert!(last < 0.8 * first, "{first} became {last}");
    assert!(training.validate().unwrap()[0].per_note() < before);
}

#[test]
fn pieces_come_back_from_the_disk_as_they_were() {
    let store = Store::new(&std::env::temp_dir()).unwrap();
    let mut pieces: Vec<Sliced> = (0..20).map(random_piece).collect();
    pieces[0].title = "Ä piece — ♪".to_owned();
    pieces[1].key = None;
    pieces[2].tempo = None;
    let kept: Vec<Kept> = pieces.iter().map(|piece| store.put(piece).unwrap()).collect();
    for (piece, kept) in pieces.iter().zip(&kept).rev() {
        assert_eq!(store.get(*kept).unwrap(), *piece);
    }
}

#[test]
fn a_damaged_piece_is_noticed_whatever_bit_flips() {
    let whole = codec::write(&random_piece(1));
    for bit in 0..8 * whole.len() {
        let mut bytes = whole.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(codec::read(&bytes), None);
    }
    for length in 0..whole.len() {
        assert_eq!(codec::read(&whole[..length]), None);
    }
}
