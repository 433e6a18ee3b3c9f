//! Laws of a model that knows some styles better, over networks that have learnt nothing.

use cantus_model::encoding::Sliced;
use cantus_model::model::Model;
use cantus_model::network::Network;
use cantus_nn::Rng;
use cantus_score::notation;

use super::{ONCE, model, part, style};
use crate::edit::{How, Original};
use crate::*;

/// A model of two kits, one of which the model of all styles does not know.
fn kits() -> Model {
    let kit = |name| style(name, vec![part("kit", [35, 51], false, true)]);
    let (network, params) = Network::new(model().network.shape, &mut Rng::new(77));
    let styles = vec![kit("other"), kit("kit"), kit("third")];
    Model { network, params, styles, digest: "kits".into(), ..model() }
}

/// The model of all styles, with a kit of its own.
fn all() -> Model {
    let mut all = model();
    all.styles[1] = style("kit", vec![part("kit", [30, 60], false, true)]);
    all
}

fn composed(composer: &Composer, style: &str, seed: u64) -> Composition {
    let request = Request::new(seed).style(style).bars(4).unwrap();
    composer.compose_with(&request, &mut request.sampler(), &[], ONCE).unwrap()
}

#[test]
fn what_is_asked_of_their_styles_alone_is_asked_of_the_drummers() {
    let (plain, own) = (Composer::new(&all()), Composer::new(&kits()));
    let both = Composer::new(&all()).with_drummers(&kits());
    assert_eq!(both.styles()[1], kits().styles[1]);
    assert_eq!((&both.styles()[0], &both.styles()[2]), (&all().styles[0], &all().styles[2]));
    for seed in 0..8 {
        let (drummed, alone) = (composed(&both, "kit", seed), composed(&own, "kit", seed));
        assert_eq!((&drummed.score, &drummed.model), (&alone.score, &"kits".to_owned()));
        assert_eq!(drummed.plan.style, 1, "its number among all styles");
        assert_ne!(drummed.score, composed(&plain, "kit", seed).score);
        for others in ["quartet", "band", "band:3,quartet"] {
            assert_eq!(composed(&both, others, seed), composed(&plain, others, seed));
        }
        let mixed = composed(&both, "kit:3,quartet", seed);
        assert_eq!(mixed.model, "digest", "drummers know nothing of the other style");
    }
    let unknown = Request::new(1).style("other");
    assert!(both.compose(&unknown).is_err(), "only styles of the model of all can be asked for");
}

#[test]
fn drummers_work_on_drums_on_their_beats_and_on_nothing_else() {
    let (plain, own) = (Composer::new(&all()), Composer::new(&kits()));
    let both = Composer::new(&all()).with_drummers(&kits());
    let mut tune = notation::parse("M: C3/4 D3/4 C3/4 D3/4 C3/4 D3/4 C3/4 D3/4 C3/4 D3/4 C3/4 D3/4").unwrap();
    let with_pitches = tune.clone();
    tune.tracks[0].channel = cantus_score::Channel::DRUMS;
    let mut free = tune.clone();
    for (index, note) in free.tracks[0].notes.iter_mut().enumerate() {
        note.start.0 += [7, 33, 61, 95][index % 4];
    }
    let nats = |composer: &Composer, score, style| {
        composer.nats(&Sliced::of_score(score), Some(style), usize::MAX).to_bits()
    };
    assert_eq!(nats(&both, &tune, 1), nats(&own, &tune, 1));
    for score in [&with_pitches, &free] {
        assert_eq!(nats(&both, score, 1), nats(&plain, score, 1));
    }
    let filled = |composer: &Composer, score: &cantus_score::Score| {
        let original = Original::new(score.clone()).unwrap();
        let how = How { style: Some(1), ..How::new(3) };
        let task = original.to_infill(&(2..4), None, how).unwrap();
        composer.fill(&task, &mut |_| {}).unwrap().piece
    };
    assert_eq!(filled(&both, &tune), filled(&own, &tune));
    assert_eq!(filled(&both, &free), filled(&plain, &free));
}
