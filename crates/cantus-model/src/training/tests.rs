use super::*;
use crate::evaluate::evaluate;
use crate::run::Place;
use crate::styles::Style;
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
        let steps = plan::epoch(Music { own: &set, known: None }, &recipe, epoch);
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
    let before = training.validate().unwrap()[0].evaluation.per_note();
    let first = training.step().unwrap().loss();
    let mut last = first;
    while !training.is_done() {
        last = training.step().unwrap().loss();
    }
    assert!(last < 0.8 * first, "{first} became {last}");
    assert!(training.validate().unwrap()[0].evaluation.per_note() < before);
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

/// A model of the style `random`, trained for a few steps.
fn learnt() -> Model {
    let mut training = begin(1);
    for _ in 0..4 {
        training.step().unwrap();
    }
    training.model(Card { name: "first".into(), ..Card::default() })
}

/// A set of one style with random pieces of these seeds, the last of them for validation.
fn set_of(style: &str, seeds: std::ops::Range<u64>) -> TrainingSet {
    let store = Store::new(&std::env::temp_dir()).unwrap();
    let kept: Vec<_> = seeds.map(|seed| (0, store.put(&random_piece(seed)).unwrap())).collect();
    let (train, valid) = kept.split_at(kept.len() - 1);
    TrainingSet::of_pieces(store, &[style], train.iter().copied(), valid.iter().copied(), 2).unwrap()
}

fn go_on(model: &Model, style: &str, known: Option<TrainingSet>) -> Training {
    let recipe = Recipe { base_share: 0.5, ..tiny().0 };
    Training::from_model(model, recipe, set_of(style, 20..26), known, 1).unwrap()
}

/// What pieces of a style cost a training's averaged weights.
fn cost(training: &mut Training, style: Option<u32>) -> f64 {
    let pieces: Vec<Sliced> = (40..44).map(random_piece).collect();
    let asked: Vec<_> = pieces.iter().map(|piece| (piece, style)).collect();
    evaluate(&mut training.tape, &training.network, training.average.average(), &asked).nats()
}

#[test]
fn a_model_that_learns_on_knows_what_it_knew() {
    let model = learnt();
    let pieces: Vec<Sliced> = (40..44).map(random_piece).collect();
    let asked = |style| pieces.iter().map(|piece| (piece, style)).collect::<Vec<_>>();
    let was = |style| evaluate(&mut Tape::new(1), &model.network, &model.params, &asked(style)).nats();
    let mut training = go_on(&model, "mine", None);
    assert_eq!(cost(&mut training, Some(0)).to_bits(), was(Some(0)).to_bits());
    assert_eq!(cost(&mut training, None).to_bits(), was(None).to_bits());
    // A new style begins as music of no stated one.
    assert_eq!(cost(&mut training, Some(1)).to_bits(), was(None).to_bits());
    let names: Vec<_> = training.set.styles.iter().map(|style| style.name.as_str()).collect();
    assert_eq!(names, ["random", "mine"]);
}

/// Growing by controls changes no answer to a request without them.
#[test]
fn a_model_that_learns_controls_knows_what_it_knew() {
    let model = learnt();
    let pieces: Vec<Sliced> = (40..44).map(random_piece).collect();
    let asked: Vec<_> = pieces.iter().map(|piece| (piece, Some(0))).collect();
    let was = evaluate(&mut Tape::new(1), &model.network, &model.params, &asked).nats();
    let recipe = Recipe { controls: true, ..tiny().0 };
    let mut training = Training::from_model(&model, recipe, set_of("mine", 20..26), None, 1).unwrap();
    assert!(training.network.shape.controls && !model.network.shape.controls);
    assert_eq!(cost(&mut training, Some(0)).to_bits(), was.to_bits());
    training.step().unwrap();
    assert_ne!(cost(&mut training, Some(0)).to_bits(), was.to_bits());
}

/// Where only controls are learnt, a request without them is answered to the bit as before, and one with them is not.
#[test]
fn learning_controls_alone_changes_nothing_else() {
    let model = learnt();
    let recipe = Recipe { controls: true, only_controls: true, bare: 0.0, ..tiny().0 };
    let mut training =
        Training::from_model(&model, recipe.clone(), set_of("random", 20..26), None, 1).unwrap();
    let (was, facts) = (cost(&mut training, Some(0)), training.set.styles[0].clone());
    assert_eq!(
        Style { controls: Vec::new(), ..facts },
        Style { controls: Vec::new(), ..model.styles[0].clone() }
    );
    let grown = bits(&training);
    while !training.is_done() {
        training.step().unwrap();
    }
    assert_eq!(cost(&mut training, Some(0)).to_bits(), was.to_bits());
    assert!(bits(&training) != grown);
    for (name, tensor) in model.params.iter() {
        let learnt = training.weights().get(training.weights().id(name).unwrap());
        let rows = learnt.data().chunks(learnt.columns()).zip(tensor.data().chunks(tensor.columns()));
        assert!(rows.into_iter().all(|(learnt, known)| learnt[..known.len()] == *known), "{name}");
    }
    let rows = model.params.get(model.network.layers.table).data().len();
    let learnt = training.weights().get(training.network.layers.table).data();
    assert!(learnt[rows..].iter().any(|value| *value != 0.0));
    assert!(Training::new(recipe, tiny().1, 1).is_err());
}

#[test]
fn controls_are_learnt_to_the_same_bits_on_any_number_of_threads_and_after_a_stop() {
    let with_controls = |threads| {
        let (recipe, set) = tiny();
        let recipe = Recipe { controls: true, uncontrolled: 0.0, control_dropout: 0.2, bare: 0.0, ..recipe };
        Training::new(recipe, set, threads).unwrap()
    };
    let (mut one, mut two) = (with_controls(1), with_controls(2));
    one.step().unwrap();
    let (place, state) = (one.place(), one.state());
    two.step().unwrap();
    assert!(bits(&one) == bits(&two));
    one.step().unwrap();
    let mut resumed = with_controls(1);
    resumed.restore(&state, place).unwrap();
    resumed.step().unwrap();
    assert!(bits(&one) == bits(&resumed));
}

#[test]
fn a_style_of_the_same_name_is_learnt_on() {
    let training = go_on(&learnt(), "random", None);
    assert_eq!(training.set.styles.len(), 1);
    assert_eq!(training.set.styles[0].pieces, 5);
}

#[test]
fn known_music_has_its_share_of_an_epoch() {
    let training = go_on(&learnt(), "mine", Some(set_of("random", 0..12)));
    let picks = || training.plan.iter().flatten();
    let known: Vec<_> = picks().filter(|pick| pick.is_known).collect();
    assert_eq!((picks().count(), known.len()), (10, 5));
    let mut training = training;
    training.step().unwrap();
    let validated = training.validate().unwrap();
    let told: Vec<_> = validated.iter().map(|one| (one.style, one.is_known)).collect();
    assert_eq!(told, [(1, false), (0, true)]);
}

#[test]
fn a_recipe_for_another_network_is_refused() {
    let recipe = Recipe { hidden: 9, ..tiny().0 };
    let error = Training::from_model(&learnt(), recipe, set_of("mine", 20..26), None, 1).unwrap_err();
    assert_eq!(error.to_string(), "hidden must be that of the model begun from, but was 9");
}

#[test]
fn augmented_pieces_are_the_piece_with_less_or_louder() {
    let piece = random_piece(3);
    let parts = piece.parts.len();
    assert_eq!(piece.without(&vec![false; parts]), piece);
    for left_out in 0..parts {
        let is_left_out: Vec<bool> = (0..parts).map(|part| part == left_out).collect();
        let fewer = piece.without(&is_left_out);
        let notes = |piece: &Sliced, part: usize| {
            let all =
                piece.slices.iter().flat_map(|slice| slice.notes.iter().map(move |note| (slice.at, *note)));
            all.filter(|(_, note)| note.part as usize == part)
                .map(|(at, note)| (at, note.pitch, note.length))
                .collect::<Vec<_>>()
        };
        for part in (0..parts).filter(|part| *part != left_out) {
            let number = part - usize::from(part > left_out);
            assert_eq!(notes(&fewer, number), notes(&piece, part));
        }
        assert_eq!(fewer.parts.len(), parts - 1);
    }
    let (mut up, mut back) = (piece.clone(), piece.clone());
    up.louder(40);
    assert!(
        up.slices
            .iter()
            .flat_map(|slice| &slice.notes)
            .all(|note| note.level.is_none_or(|level| level == 31))
    );
    back.louder(0);
    assert_eq!(back, piece);
}

#[test]
fn pieces_move_only_into_keys_of_their_style() {
    let (recipe, mut set) = tiny();
    set.styles[0].keys.truncate(1);
    let usual = set.styles[0].keys[0].key().unwrap();
    let recipe = Recipe { keys_of_style: true, ..recipe };
    for epoch in 0..8 {
        for pick in plan::epoch(Music { own: &set, known: None }, &recipe, epoch).iter().flatten() {
            let key = set.train[pick.piece].measured.key.unwrap().transposed(pick.shift);
            assert!(pick.shift == 0 || (key.tonic(), key.mode()) == (usual.tonic(), usual.mode()));
        }
    }
}
