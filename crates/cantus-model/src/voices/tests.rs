//! Laws of pieces of four voices and of the networks and chains that foretell them.

use cantus_nn::{Mode, Parameters, Path, Precision, Rng, Tape};
use cantus_score::Pitch;

use super::measure::expected;
use super::network::{Network, sign};
use super::past::Asked;
use super::piece::Then;
use super::questions::{CUT_OFF, GAP, ORDER};
use super::training::Training;
use super::*;
use crate::decoder::Decoder;
use crate::encoding::Sliced;
use crate::lesson::{Batch, Lesson};
use crate::training::NO_DROPOUT;
use crate::walk::Kind;

/// A piece of four voices that move by chance, now and then silent, now and then held for long.
fn piece(frames: usize, seed: u64) -> VoicedPiece {
    let mut rng = Rng::new(seed);
    let mut frame: Frame = [72, 64, 55, 48].map(|pitch| Some(Pitch::saturating(pitch)));
    let mut all = Vec::new();
    while all.len() < frames {
        for (voice, note) in frame.iter_mut().enumerate() {
            if rng.below(3) == 0 {
                let low = [67, 60, 53, 43][voice];
                *note = (rng.below(12) > 0).then(|| Pitch::saturating(low + rng.below(12) as i64));
            }
        }
        let held = [1, 2, 4, 4, 20][rng.below(5)];
        all.extend(std::iter::repeat_n(frame, held));
    }
    all.truncate(frames);
    VoicedPiece { frames: all }
}

fn pieces(count: u64) -> Vec<VoicedPiece> {
    (0..count).map(|seed| piece(60 + 7 * seed as usize, seed)).collect()
}

fn recipe() -> Recipe {
    let text = "members = 3\nembedding = 12\nhidden = 16\nhead = 12\nbatch = 2\nepochs = 4\n";
    Recipe::read(text).unwrap()
}

fn networks() -> (Network, Vec<Parameters>) {
    let (network, _) = Network::new(&recipe(), &mut Rng::new(0));
    let members = (1..4).map(|seed| Network::new(&recipe(), &mut Rng::new(seed)).1).collect();
    (network, members)
}

#[test]
fn a_chain_composes_what_it_expects() {
    let known = pieces(6);
    let chain = Markov::learn(&known, 0);
    let composed: Vec<VoicedPiece> = (0..6).map(|seed| chain.compose(80, &mut Rng::new(seed))).collect();
    assert_eq!(composed[1], chain.compose(80, &mut Rng::new(1)));
    assert_ne!(composed[1], composed[2]);
    for piece in &composed {
        assert_eq!(piece.frames.len(), 80);
        assert_eq!(VoicedPiece::of_piece(&piece.sliced()).unwrap().frames[..], piece.frames[..]);
    }
    // What it draws costs about as much as it says; pieces that it does not know cost more.
    let nats = |pieces: &[VoicedPiece]| Evaluation::of(pieces, &chain.expected(pieces)).pooled();
    let strange: Vec<VoicedPiece> = (50..56).map(|seed| piece(80, seed)).collect();
    assert!(nats(&composed) < 0.8 * nats(&strange), "{} and {}", nats(&composed), nats(&strange));
}

#[test]
fn moments_and_answers_retell_the_piece() {
    for piece in pieces(20) {
        let mut told: Vec<Frame> = Vec::new();
        for moment in piece.moments() {
            assert_eq!(moment.at, told.len());
            let before = told.last().copied();
            let mut frame = before.unwrap_or_default();
            for (place, voice) in ORDER.into_iter().enumerate().filter(|_| moment.changes) {
                let class = questions::answer(place, before, piece.frames[moment.at]);
                frame[voice] = questions::note_of(class, frame[voice]);
            }
            told.extend(std::iter::repeat_n(frame, moment.gap));
        }
        assert_eq!(told, piece.frames);
        assert_eq!(piece.moments().last().unwrap().then, Then::End);
    }
}

/// What the network expects at each question of a piece, by head.
fn by_head(piece: &VoicedPiece) -> Vec<Vec<Expected>> {
    let (network, members) = networks();
    let all = expected(&network, &members.iter().collect::<Vec<_>>(), std::slice::from_ref(piece));
    (0..=GAP).map(|head| all.iter().filter(|one| one.asked == head).cloned().collect()).collect()
}

#[test]
fn the_future_changes_no_earlier_expectation() {
    let piece = piece(80, 5);
    let moments = piece.moments();
    let cut = moments[moments.len() / 2].at;
    let mut other = piece.clone();
    for frame in &mut other.frames[cut..] {
        frame.rotate_left(1);
    }
    let changes = moments.iter().filter(|moment| moment.at < cut && moment.changes).count();
    let (one, two) = (by_head(&piece), by_head(&other));
    for head in 0..GAP {
        let chances = |all: &[Vec<Expected>]| -> Vec<Vec<f32>> {
            all[head][..changes].iter().map(|one| one.probabilities.clone()).collect()
        };
        assert_eq!(chances(&one), chances(&two), "head {head}");
    }
    assert_ne!(one, two);
}

#[test]
fn transposed_music_has_transposed_answers() {
    let piece = piece(60, 3);
    let higher = piece.transposed(3).unwrap();
    let answers = |piece: &VoicedPiece| -> Vec<Vec<u32>> {
        let (network, _) = networks();
        network
            .spec
            .lesson(piece, Asked::default())
            .exercises
            .into_iter()
            .map(|exercise| exercise.answers)
            .collect()
    };
    let moved = |(head, answers): (usize, Vec<u32>)| -> Vec<u32> {
        let moved = |class: u32| if head < VOICES && class > 1 { class + 3 } else { class };
        answers.into_iter().map(moved).collect()
    };
    let expected: Vec<Vec<u32>> = answers(&piece).into_iter().enumerate().map(moved).collect();
    assert_eq!(answers(&higher), expected);
    assert_eq!(piece.transposed(127), None);
}

#[test]
fn expectations_are_probabilities_and_what_cannot_be_is_not_expected() {
    let piece = piece(90, 7);
    let chain = Markov::learn(&pieces(4), 2);
    let of_chain = chain.expected(std::slice::from_ref(&piece));
    for one in by_head(&piece).iter().flatten().chain(&of_chain) {
        let sum: f32 = one.probabilities.iter().sum();
        assert!((sum - 1.0).abs() < 1e-5, "{sum}");
        let (first, last) = one.right;
        assert!((first..=last).all(|class| one.probabilities[class as usize] > 0.0));
        assert!(one.asked < GAP || one.probabilities[17..].iter().all(|chance| *chance == 0.0));
    }
    // What a voice sings already is not begun, and one of the four changes.
    let first = of_chain.iter().find(|one| one.asked == 0).unwrap();
    assert!(first.probabilities[0] <= 0.0, "nothing is held at the beginning");
}

#[test]
fn what_training_pays_is_what_is_measured() {
    let (network, members) = networks();
    let pieces = pieces(5);
    let lessons: Vec<Lesson> =
        pieces.iter().map(|piece| network.spec.lesson(piece, Asked::default())).collect();
    let batch = Batch::of_lessons(&lessons);
    let mut tape = Tape::new(1);
    tape.begin(Mode::Eval);
    let costs = network.costs(&mut tape, &members[0], &batch, NO_DROPOUT);
    let paid = costs.into_iter().enumerate().filter_map(|(exercise, cost)| Some((exercise, cost?)));
    let paid: f64 = paid
        .map(|(exercise, cost)| {
            let sum: f64 = tape.value(cost).iter().map(|nats| f64::from(*nats)).sum();
            f64::from(sign(exercise)) * sum
        })
        .sum();
    let measured = Evaluation::of(&pieces, &expected(&network, &[&members[0]], &pieces));
    let nats: f64 = measured.pieces.iter().map(|piece| piece.nats).sum();
    assert!((paid - nats).abs() < 1e-4 * nats, "{paid} and {nats}");
    assert_eq!(batch.exercises[CUT_OFF].answers.len(), pieces.len());
    // Tokens are voices at sixteenths, and each piece costs the same alone.
    let tokens: usize = pieces.iter().map(|piece| VOICES * piece.frames.len()).sum();
    assert!((measured.pooled() - nats / tokens as f64).abs() < 1e-9);
    for (piece, cost) in pieces.iter().zip(&measured.pieces) {
        let alone = std::slice::from_ref(piece);
        let alone = Evaluation::of(alone, &expected(&network, &[&members[0]], alone));
        assert!((alone.pieces[0].nats - cost.nats).abs() < 1e-3);
    }
}

#[test]
fn networks_together_expect_the_mean_of_what_each_does() {
    let (network, members) = networks();
    let pieces = pieces(2);
    let together = expected(&network, &members.iter().collect::<Vec<_>>(), &pieces);
    let each: Vec<Vec<Expected>> =
        members.iter().map(|member| expected(&network, &[member], &pieces)).collect();
    for (index, one) in together.iter().enumerate() {
        for (class, chance) in one.probabilities.iter().enumerate() {
            let mean: f32 = each.iter().map(|all| all[index].probabilities[class]).sum::<f32>() / 3.0;
            assert!((chance - mean).abs() < 1e-6);
        }
    }
}

#[test]
fn a_chain_knows_by_heart_what_it_counted_and_not_what_it_did_not() {
    let known = pieces(1);
    let nats =
        |chain: &Markov, pieces: &[VoicedPiece]| Evaluation::of(pieces, &chain.expected(pieces)).pooled();
    let chain = Markov::learn(&known, 0);
    let stranger = [piece(60, 99)];
    assert!(nats(&chain, &known) < 0.5 * nats(&chain, &stranger));
    // Without anything counted all that is possible is as likely.
    let nothing = Markov::default();
    assert!(nats(&nothing, &known) > nats(&chain, &known));
    // Of pieces heard in all keys those of another key are expected better.
    let higher = [known[0].transposed(2).unwrap()];
    let more = [known[0].clone(), known[0].transposed(5).unwrap()];
    assert!(nats(&Markov::learn(&more, 6), &higher) < 0.5 * nats(&Markov::learn(&more, 0), &higher));
}

#[test]
fn voices_learn_the_same_on_any_number_of_threads_and_after_a_stop() {
    let run = |threads: usize, stops: bool| {
        let begin = || {
            let mut training = Training::new(recipe(), pieces(5), pieces(2));
            training.use_threads(threads);
            training
        };
        let mut training = begin();
        for step in 0..5 {
            training.step();
            if step == 2 && stops {
                let (state, place) = (training.state(), training.place());
                training = begin();
                training.restore(&state, place).unwrap();
                training.validate();
            }
        }
        training.state()
    };
    let whole = run(1, false);
    assert_eq!(run(3, false), whole);
    assert_eq!(run(2, true), whole);
}

#[test]
fn training_makes_what_is_held_out_more_likely() {
    let mut training = Training::new(Recipe { epochs: 10, ..recipe() }, pieces(6), vec![piece(60, 50)]);
    training.use_threads(1);
    let before = training.validate().pooled();
    for _ in 0..30 {
        training.step();
    }
    let after = training.validate().pooled();
    assert!(after < 0.9 * before, "{before} and then {after}");
}

#[test]
fn networks_of_other_kinds_learn_too_and_are_not_told_what_is_left_out() {
    let told = |recipe: &Recipe| -> usize {
        let (network, _) = Network::new(recipe, &mut Rng::new(1));
        let lesson = network.spec.lesson(&piece(60, 2), Asked::default());
        let of = |bags: &cantus_nn::Bags| (0..bags.len()).map(|row| bags.row(row).len()).sum::<usize>();
        of(&lesson.trunk) + lesson.exercises.iter().map(|exercise| of(&exercise.items)).sum::<usize>()
    };
    let text = "members = 1\nembedding = 12\nhidden = 16\nhead = 12\nbatch = 2\nepochs = 8\n";
    let plain = told(&Recipe::read(text).unwrap());
    for (other, tells_less) in [
        ("layers = 2", false),
        ("cell = \"gru\"", false),
        ("cell = \"linear\"\nlayers = 2", false),
        ("without = [\"match\"]", false),
        ("without = [\"relation\"]", true),
        ("without = [\"key\", \"match\"]", false),
    ] {
        let recipe = Recipe::read(&format!("{text}{other}\n")).unwrap();
        assert_eq!(told(&recipe) < plain, tells_less, "{other}");
        let mut training = Training::new(recipe.clone(), pieces(6), vec![piece(60, 50)]);
        let before = training.validate().pooled();
        for _ in 0..20 {
            training.step();
        }
        assert!(training.validate().pooled() < before, "{other}");
        let model = Model::new(training.weights(), recipe, crate::model::Card::default());
        assert_eq!(Model::from_bytes(&model.to_bytes()).unwrap().to_bytes(), model.to_bytes(), "{other}");
    }
    // What is told of a key and of the past is then that there is none.
    let (network, _) =
        Network::new(&Recipe::read("without = [\"match\", \"key\"]").unwrap(), &mut Rng::new(1));
    let (other, _) = Network::new(&Recipe::default(), &mut Rng::new(1));
    let trunk = |network: &Network| network.spec.lesson(&piece(60, 2), Asked::default()).trunk;
    assert_ne!(trunk(&network), trunk(&other));
    assert!(Recipe::read("cell = \"linearer\"").is_err() && Recipe::read("layers = 0").is_err());
}

#[test]
fn models_come_back_from_their_files() {
    let (_, members) = networks();
    let card = crate::model::Card { name: "four".into(), ..Default::default() };
    let model = Model::new(members, recipe(), card);
    let read = Model::from_bytes(&model.to_bytes()).unwrap();
    assert_eq!((&read.card, &read.recipe), (&model.card, &model.recipe));
    assert_eq!(read.to_bytes(), model.to_bytes());
    assert_eq!(read.parameters(), model.parameters());
    let piece = [piece(40, 1)];
    let [one, two] = [&read, &model].map(|model| Evaluation::of(&piece, &model.expected(&piece)).pooled());
    assert!((one - two).abs() < 0.05, "numbers of sixteen bits are nearly the same: {one}, {two}");
    let bytes = model.to_bytes();
    for cut in [0, 10, bytes.len() / 2, bytes.len() - 1] {
        assert!(Model::from_bytes(&bytes[..cut]).is_err());
    }
}

#[test]
fn what_is_no_piece_of_four_voices_is_refused() {
    let of =
        |text: &str| VoicedPiece::of_piece(&Sliced::of_score(&cantus_score::notation::parse(text).unwrap()));
    let four = |last: &str| of(&format!("S: C5/4 D5/4 | A: E4/4 F4/4 | T: G3/4 A3/4 | B: {last}"));
    let piece = four("r/4 C3/4 D3/4").unwrap();
    assert_eq!(piece.frames.len(), 12);
    let note = |frame: usize, voice: usize| piece.frames[frame][voice].map(Pitch::get);
    assert_eq!([note(0, 3), note(4, 3), note(8, 3)], [None, Some(48), Some(50)]);
    assert_eq!([note(3, 0), note(7, 0), note(8, 0)], [Some(72), Some(74), None]);
    assert_eq!(of("C5/4 D5/4"), Err(NotVoices::Parts(1)));
    assert_eq!(four("[C3 G3]/4"), Err(NotVoices::Chords(4)));
    assert_eq!(four("C3/12 D3/12 E3/12"), Err(NotVoices::OffGrid(4)));
}

#[test]
fn a_choir_expects_what_its_networks_do_and_sings_what_it_is_answered() {
    let (network, members) = networks();
    let pack = |params| Decoder::of_layers(Path::best(), network.layers(), params, Precision::F32);
    let choir = Choir { spec: network.spec.clone(), members: members.iter().map(pack).collect() };
    let all: Vec<&Parameters> = members.iter().collect();
    for piece in [piece(90, 7), piece(64, 3), piece(1, 1)] {
        let expected = expected(&network, &all, std::slice::from_ref(&piece));
        let mut by_head: Vec<_> =
            (0..=GAP).map(|head| expected.iter().filter(move |one| one.asked == head)).collect();
        let (mut song, mut ear, mut logits) =
            (choir.begin(None, piece.frames.len(), 0), Ear::default(), Vec::new());
        while !song.is_done() {
            let at = (song.now() / 6) as usize;
            let asked = choir.ask(&mut song, &mut ear, &mut logits);
            let head = if asked.kind == Kind::Gap {
                GAP
            } else {
                ORDER.iter().position(|voice| *voice == asked.voice).unwrap()
            };
            let one = by_head[head].next().unwrap();
            let sum: f32 = one.probabilities.iter().sum();
            let own: f32 = logits.iter().map(|logit| logit.exp()).sum();
            assert!((sum - 1.0).abs() < 1e-4 && (own - 1.0).abs() < 1e-4);
            let moment = piece.moments().into_iter().find(|moment| moment.at == at).unwrap();
            let class = match asked.kind {
                Kind::Pitch => piece.frames[at][asked.voice].map_or(0, |pitch| u32::from(pitch.get()) + 1),
                _ if moment.then == Then::Same => crate::encoding::ESCAPE,
                _ => crate::encoding::Length::saturating(moment.gap as u32 * 6).class(),
            };
            assert!(asked.allowed.contains(class));
            if moment.then != Then::End || asked.kind == Kind::Pitch {
                let chance = one.probabilities[one.right.0 as usize];
                assert!((logits[class as usize].exp() - chance).abs() < 1e-4, "{head} at {at}");
            }
            song.answer(class);
        }
        assert_eq!(song.notes(), piece.notes());
    }
}

#[test]
fn networks_that_are_told_the_key_and_the_end_expect_something_else() {
    let recipe = Recipe::read("members = 1\nembedding = 12\nhidden = 16\nhead = 12\nasked = true\n").unwrap();
    let choir = Choir::on(Path::best(), &Model::unlearnt(recipe.clone())).unwrap();
    let first = |key, sixteenths| {
        let mut logits = Vec::new();
        choir.ask(&mut choir.begin(key, sixteenths, 0), &mut Ear::default(), &mut logits);
        logits
    };
    let [c, g] =
        [0, 1].map(|fifths| Some(cantus_score::Key::new(fifths, cantus_score::Mode::Major).unwrap()));
    assert_ne!(first(None, 64), first(c, 64));
    assert_ne!(first(g, 64), first(c, 64));
    assert_ne!(first(c, 64), first(c, 8));
    // Networks that are never told of them cannot be asked for them.
    assert!(Choir::on(Path::best(), &Model::unlearnt(Recipe { asked: false, ..recipe.clone() })).is_none());
    assert!(Choir::on(Path::best(), &Model::unlearnt(Recipe { layers: 2, ..recipe })).is_none());
}
