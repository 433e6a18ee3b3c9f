//! Laws of random numbers, weight files, optimisers and lists.

use crate::{
    AdamW, Bags, ClassMask, Decay, Ema, Gradients, Init, NnError, Parameters, Precision, Rng, Schedule,
    Tensor, Weights, clip_norm, from_bf16, to_bf16,
};

#[test]
fn random_numbers_never_change() {
    // A change here would change every piece composed with a given seed.
    let mut rng = Rng::new(42);
    let words: Vec<u64> = (0..3).map(|_| rng.next_u64()).collect();
    assert_eq!(words, [15_021_278_609_987_233_951, 5_881_210_131_331_364_753, 18_149_643_915_985_481_100]);
    let bits = |value: f32| value.to_bits();
    let drawn = (bits(rng.uniform()), bits(rng.normal()), rng.below(1000), rng.fork(7).next_u64());
    assert_eq!(drawn, (1_060_339_103, 1_068_208_075, 125, 8_958_778_313_453_116_825));
}

#[test]
fn random_numbers_are_spread_as_promised() {
    let mut rng = Rng::new(1);
    let count = 200_000;
    let normal: Vec<f64> = (0..count).map(|_| f64::from(rng.normal())).collect();
    let moment = |power: i32| normal.iter().map(|x| x.powi(power)).sum::<f64>() / f64::from(count);
    assert!(moment(1).abs() < 0.01 && (moment(2) - 1.0).abs() < 0.015 && (moment(4) - 3.0).abs() < 0.1);
    let mut hits = [0; 7];
    for _ in 0..70_000 {
        hits[rng.below(7)] += 1;
    }
    assert!(hits.iter().all(|hits| (9_600..10_400).contains(hits)), "{hits:?}");
    assert!((0..10_000).all(|_| (0.0..1.0).contains(&rng.uniform())));
    let mut items: Vec<u32> = (0..100).collect();
    rng.shuffle(&mut items);
    assert_ne!(items, (0..100).collect::<Vec<_>>());
    items.sort_unstable();
    assert_eq!(items, (0..100).collect::<Vec<_>>());
}

#[test]
fn a_generator_goes_on_from_its_state_and_forks_apart() {
    let mut rng = Rng::new(9);
    rng.next_u64();
    let mut copy = Rng::from_state(rng.state());
    let (mut a, mut b) = (rng.fork(0), rng.fork(1));
    assert_eq!(rng.next_u64(), copy.next_u64());
    assert_ne!(a.next_u64(), b.next_u64());
}

fn some_weights() -> Weights {
    let mut rng = Rng::new(2);
    let mut weights = Weights::new();
    for (name, shape) in [("b.long", vec![3, 5]), ("a", vec![7]), ("empty", vec![0, 4])] {
        let count = shape.iter().product();
        let data = (0..count).map(|_| rng.normal()).collect();
        weights.insert(name, Tensor::new(&shape, data).unwrap());
    }
    weights.metadata.insert("title".to_owned(), "Ein \"Lied\" in ä".to_owned());
    weights.metadata.insert("other".to_owned(), "x".to_owned());
    weights
}

#[test]
fn weights_come_back_as_they_were() {
    let weights = some_weights();
    let bytes = weights.save(Precision::F32);
    assert_eq!(Weights::load(&bytes).unwrap(), weights);
    assert_eq!(bytes, some_weights().save(Precision::F32));
    let halved = Weights::load(&weights.save(Precision::Bf16)).unwrap();
    for ((_, a), (_, b)) in weights.iter().zip(halved.iter()) {
        for (a, b) in a.data().iter().zip(b.data()) {
            assert!((a - b).abs() <= a.abs() / 256.0, "{a} became {b}");
        }
    }
    // What is rounded once stays.
    assert_eq!(Weights::load(&halved.save(Precision::Bf16)).unwrap(), halved);
}

#[test]
fn bf16_rounds_to_the_nearest_even() {
    for (value, expected) in
        [(1.0, 0x3f80), (f32::from_bits(0x3f80_8000), 0x3f80), (f32::from_bits(0x3f81_8000), 0x3f82)]
    {
        assert_eq!(to_bf16(value), expected);
    }
    assert_eq!(to_bf16(f32::from_bits(0x3f80_8001)), 0x3f81);
    assert!(from_bf16(to_bf16(f32::NAN)).is_nan());
    assert_eq!(from_bf16(to_bf16(f32::NEG_INFINITY)).to_bits(), f32::NEG_INFINITY.to_bits());
}

#[test]
fn a_broken_weight_file_is_refused_with_the_reason() {
    let bytes = some_weights().save(Precision::F32);
    for length in [0, 7, 8, 20, bytes.len() / 2, bytes.len() - 1] {
        assert!(matches!(Weights::load(&bytes[..length]), Err(NnError::File { .. })), "{length} bytes");
    }
    let text = r#"{"a":{"dtype":"I32","shape":[1],"data_offsets":[0,4]}}  "#;
    let mut whole = (text.len() as u64).to_le_bytes().to_vec();
    whole.extend_from_slice(text.as_bytes());
    whole.extend_from_slice(&[0; 4]);
    let error = Weights::load(&whole).unwrap_err();
    assert_eq!(error.to_string(), "weights must be F32 or BF16, but tensor `a` is I32");
}

#[test]
fn loading_names_the_tensor_that_does_not_fit() {
    let mut rng = Rng::new(1);
    let mut params = Parameters::new();
    let id = params.add("a", &[7], Init::Normal(1.0), Decay::Yes, &mut rng);
    let before = params.get(id).clone();
    let message = |params: &mut Parameters, weights: &Weights| params.load(weights).unwrap_err().to_string();
    let mut weights = Weights::new();
    assert_eq!(message(&mut params, &weights), "the model needs a tensor `a`, but the file has none");
    weights.insert("a", Tensor::zeros(&[6]));
    assert_eq!(message(&mut params, &weights), "tensor `a` must have the shape [7], but has [6]");
    weights.insert("a", Tensor::zeros(&[7]));
    weights.insert("b", Tensor::zeros(&[1]));
    assert_eq!(message(&mut params, &weights), "every tensor must belong to the model, but `b` does not");
    assert_eq!(params.get(id), &before);
}

/// Parameters, and gradients that depend on them and on the step.
fn problem() -> (Parameters, impl Fn(&Parameters, u64) -> Gradients) {
    let (mut params, mut rng) = (Parameters::new(), Rng::new(1));
    params.add("w", &[4, 3], Init::Normal(1.0), Decay::Yes, &mut rng);
    params.add("b", &[5], Init::Uniform(1.0), Decay::No, &mut rng);
    let gradients = |params: &Parameters, step: u64| {
        let mut grads = Gradients::zeros_like(params);
        for id in params.ids() {
            for (g, w) in grads.get_mut(id).iter_mut().zip(params.get(id).data()) {
                *g = w - (step as f32).sin();
            }
        }
        grads
    };
    (params, gradients)
}

#[test]
fn training_resumes_to_the_same_bits() {
    let (mut params, gradients) = problem();
    let (mut adam, mut ema) = (AdamW::new(&params, 0.1), Ema::new(&params, 0.99));
    let mut saved = None;
    for step in 0..20 {
        if step == 11 {
            let mut file = Weights::new();
            let (adam, ema) = (adam.state(&params), ema.state());
            file.extend(params.iter());
            for (prefix, state) in [("adam.", &adam), ("ema.", &ema)] {
                for (name, tensor) in state {
                    file.insert(format!("{prefix}{name}"), tensor.clone());
                }
            }
            saved = Some(file.save(Precision::F32));
        }
        let grads = gradients(&params, step);
        adam.step(&mut params, &grads, 0.01);
        ema.update(&params);
    }
    let file = Weights::load(&saved.unwrap()).unwrap();
    let (mut again, _) = problem();
    for id in again.ids() {
        let name = again.name(id).to_owned();
        *again.get_mut(id) = file.get(&name).unwrap().clone();
    }
    let (mut adam_again, mut ema_again) = (AdamW::new(&again, 0.1), Ema::new(&again, 0.99));
    adam_again.restore(&again, &file.under("adam.")).unwrap();
    ema_again.restore(&file.under("ema.")).unwrap();
    for step in 11..20 {
        let grads = gradients(&again, step);
        adam_again.step(&mut again, &grads, 0.01);
        ema_again.update(&again);
    }
    assert!(params.iter().eq(again.iter()));
    assert_eq!(adam.state(&params), adam_again.state(&again));
    assert_eq!(ema.state(), ema_again.state());
}

#[test]
fn parameters_without_gradients_stay_as_they_are() {
    let (mut params, gradients) = problem();
    let before = params.clone();
    let [moved, still] = ["w", "b"].map(|name| params.id(name).unwrap());
    let mut grads = Gradients::of(&params, |name| name == "w");
    grads.get_mut(moved).copy_from_slice(gradients(&params, 0).get(moved));
    assert!(grads.wants(moved) && !grads.wants(still));
    let mut adam = AdamW::new(&params, 0.5);
    clip_norm(&mut grads, 1.0);
    adam.step(&mut params, &grads, 0.1);
    assert_ne!(params.get(moved), before.get(moved));
    assert_eq!(params.get(still), before.get(still));
}

#[test]
fn clipping_scales_to_the_norm() {
    let (params, gradients) = problem();
    let mut grads = gradients(&params, 0);
    let before = clip_norm(&mut grads, 0.5);
    let after = clip_norm(&mut grads, 0.5);
    assert!(before > 0.5 && (after - 0.5).abs() < 1e-6);
    let copy = grads.clone();
    clip_norm(&mut grads, 10.0);
    assert!(copy.iter().eq(grads.iter()));
}

#[test]
fn the_average_follows_faster_at_first() {
    let mut params = Parameters::new();
    let id = params.add("w", &[1], Init::Zeros, Decay::No, &mut Rng::new(0));
    let mut ema = Ema::new(&params, 0.9);
    params.get_mut(id).data_mut()[0] = 1.0;
    ema.update(&params);
    assert!((ema.average().get(id).data()[0] - 9.0 / 11.0).abs() < 1e-6);
    for _ in 0..200 {
        ema.update(&params);
    }
    params.get_mut(id).data_mut()[0] = 2.0;
    ema.update(&params);
    assert!((ema.average().get(id).data()[0] - 1.1).abs() < 1e-4);
}

#[test]
fn the_schedule_rises_then_falls_to_its_floor() {
    let schedule = Schedule { peak: 1.0, floor: 0.1, warm_up: 10, steps: 110 };
    let close = |step: u64, rate: f32| assert!((schedule.rate(step) - rate).abs() < 1e-6, "step {step}");
    close(0, 0.1);
    close(9, 1.0);
    close(10, 1.0);
    close(60, 0.55);
    close(110, 0.1);
    close(1000, 0.1);
}

#[test]
fn bags_keep_what_is_kept() {
    let mut bags = Bags::new();
    bags.push(&[1, 2, 3]);
    bags.push(&[]);
    bags.push(&[4, 5]);
    let mut index = 0;
    bags.retain(|| {
        index += 1;
        index % 2 == 0
    });
    assert_eq!((bags.len(), bags.row(0), bags.row(1), bags.row(2)), (3, &[2][..], &[][..], &[4][..]));
}

#[test]
fn masks_are_bits() {
    let mut mask = ClassMask::new(130);
    assert_eq!((mask.push(), mask.push_all()), (0, 1));
    mask.allow(0, 129);
    mask.forbid(1, 64);
    assert!(mask.allows(0, 129) && !mask.allows(0, 1) && !mask.allows(1, 64) && mask.allows(1, 65));
    assert!(!mask.allows(1, 130));
    assert_eq!(mask.row(0), [0, 0, 2]);
}
