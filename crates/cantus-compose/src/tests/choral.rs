//! Laws of what a choir sings, over networks that have learnt nothing.

use cantus_model::critic::Critic;
use cantus_model::encoding::Sliced;
use cantus_model::voices::{self, Manner, Recipe};
use cantus_nn::Path;

use super::{ONCE, key, model};
use crate::*;
use cantus_nn::Rng;

fn networks() -> voices::Model {
    let recipe = "members = 2\nembedding = 12\nhidden = 16\nhead = 12\nasked = true\n";
    let mut networks = voices::Model::unlearnt(Recipe::read(recipe).unwrap());
    networks.manner = Some(Manner { style: "quartet".into(), ..Manner::default() });
    networks.digest = "choir".into();
    networks
}

fn composer() -> Composer {
    Composer::new(&model()).with_choir(&networks()).unwrap()
}

/// A request that a choir sings, of which anything may be left out.
fn random_request(seed: u64) -> Request {
    let mut rng = Rng::new(seed);
    let mut request = Request::new(seed).style("quartet");
    if rng.below(2) == 0 {
        request = request.key(key(&mut rng));
        request = if rng.below(2) == 0 { request.without(Restraint::Accidentals) } else { request };
    }
    for restraint in &Restraint::ALL[1..] {
        request = match rng.below(4) {
            0 => request.without(*restraint),
            1 => request.avoid(*restraint, 3.0).unwrap(),
            _ => request,
        };
    }
    request = if rng.below(2) == 0 {
        request.bars(1 + rng.below(6) as u32).unwrap()
    } else {
        request.seconds(f64::from(4 + rng.below(10) as u32)).unwrap()
    };
    request = request.temperature([0.0, 0.5, 1.0, 5.0][rng.below(4)]).unwrap();
    request = request.top_p([0.01, 0.9, 1.0][rng.below(3)]).unwrap();
    if rng.below(2) == 0 { request.ending([Ending::Tonic, Ending::Open][rng.below(2)]) } else { request }
}

/// Rules that give way where several would leave nothing.
const MAY_GIVE_WAY: [Rule; 5] = [Rule::Rests, Rule::Crossing, Rule::Fifths, Rule::Octaves, Rule::Scale];

#[test]
fn what_is_sung_keeps_the_rules_whatever_the_networks_like() {
    let composer = composer();
    for seed in 0..120 {
        let request = random_request(seed);
        let sung = composer.compose_with(&request, &mut request.sampler(), &[], ONCE).unwrap();
        assert_eq!(sung.model, "choir");
        let broken = violations(&sung.score, &sung.plan);
        let always: Vec<_> = broken.iter().filter(|(rule, _)| !MAY_GIVE_WAY.contains(rule)).collect();
        assert!(always.is_empty(), "seed {seed}: {always:?}");
        let share = (broken.len() - always.len()) as f64 / sung.score.note_count().max(1) as f64;
        assert!(share < 0.3, "seed {seed}: rules gave way too often: {share}");
    }
}

#[test]
fn a_rule_alone_never_gives_way() {
    let composer = composer();
    for restraint in [Restraint::Rests, Restraint::Fifths, Restraint::Octaves, Restraint::Crossings] {
        for seed in 0..12 {
            let request = Request::new(seed).style("quartet").bars(6).unwrap().without(restraint);
            let sung = composer.compose_with(&request, &mut request.sampler(), &[], ONCE).unwrap();
            let broken = violations(&sung.score, &sung.plan);
            assert!(broken.is_empty(), "{restraint:?}, seed {seed}: {broken:?}");
        }
    }
}

#[test]
fn what_is_sung_is_the_same_on_every_path_and_is_retraced() {
    let request = Request::new(3).style("quartet").bars(8).unwrap();
    let own = composer().compose(&request).unwrap();
    for path in Path::supported() {
        let composer = Composer::on(path, &model()).with_choir(&networks()).unwrap();
        assert_eq!(composer.compose(&request).unwrap().score, own.score, "{path:?}");
    }
    let trace = composer().retrace(&request).unwrap();
    let pitches = trace.decisions.iter().filter(|decision| decision.kind == "pitch").count();
    assert!(
        pitches > own.score.note_count() && trace.decisions.iter().any(|decision| decision.kind == "gap")
    );
    assert!(trace.decisions.windows(2).all(|pair| pair[0].at <= pair[1].at));
}

#[test]
fn what_a_choir_does_not_know_is_composed_by_the_network_of_all_styles() {
    let composer = composer();
    let plain = Request::new(1).style("quartet").bars(4).unwrap();
    let others = [
        plain.clone().meter(cantus_score::Meter::new(3, 4).unwrap()).unwrap(),
        plain.clone().ending(Ending::Loop),
        plain.clone().style("quartet:0.5,tune:0.5"),
        plain.clone().style("tune"),
        plain.clone().form("AABA".parse().unwrap()),
        plain.clone().chords("C | F | G | C".parse().unwrap()),
    ];
    assert_eq!(composer.compose(&plain).unwrap().model, "choir");
    for request in others {
        let composed = composer.compose_with(&request, &mut request.sampler(), &[], ONCE).unwrap();
        assert_eq!(composed.model, "digest", "{request:?}");
    }
    let mut strangers = networks();
    strangers.manner = None;
    assert!(matches!(Composer::new(&model()).with_choir(&strangers), Err(ComposeError::CannotSing)));
}

#[test]
fn what_a_critic_likes_is_sung_more_often() {
    let plain = composer();
    let sing = |composer: &Composer, seed: u64| {
        let request = Request::new(seed).style("quartet").bars(8).unwrap();
        let sung = composer.compose_with(&request, &mut request.sampler(), &[], ONCE).unwrap();
        Sliced::of_score(&sung.score)
    };
    // Of what the networks sing by themselves, the pieces with more notes stand for what is real.
    let mut pieces: Vec<Sliced> = (0..24).map(|seed| sing(&plain, seed)).collect();
    pieces.sort_by_key(Sliced::note_count);
    let (few, many) = pieces.split_at(12);
    let critic = Critic::of_style(many).unwrap().sharpened(many, few);
    let mut networks = networks();
    networks.manner = Some(Manner { critic: Some(critic), ..networks.manner.clone().unwrap() });
    let critical = Composer::new(&model()).with_choir(&networks).unwrap();
    let notes =
        |composer: &Composer| -> usize { (100..110).map(|seed| sing(composer, seed).note_count()).sum() };
    let (without, with) = (notes(&plain), notes(&critical));
    assert!(with as f64 > 1.05 * without as f64, "{without} and {with}");
}
