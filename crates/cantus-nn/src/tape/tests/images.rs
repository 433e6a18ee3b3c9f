//! Gradients of the operations on images and batches, and laws of convolutions.

use super::{Case, numbers, with};
use crate::{
    Conv, Decay, Film, Gradients, Hold, Init, Mode, ParamId, Parameters, Patches, Path, Rng, SpectralNorm,
    Tape, Var,
};

/// Kernels of odd shapes: stride beyond the kernel, padding, a single place, channels around a vector's width.
fn kernels() -> Vec<(Patches, usize)> {
    let patches =
        |image, channels, kernel, stride, padding| Patches { image, channels, kernel, stride, padding };
    vec![
        (patches([5, 4], 3, [3, 3], [1, 1], [1, 1]), 2),
        (patches([8, 6], 1, [4, 4], [2, 2], [1, 1]), 17),
        (patches([6, 7], 16, [4, 3], [2, 1], [1, 1]), 33),
        (patches([4, 6], 5, [1, 6], [1, 1], [0, 0]), 4),
        (patches([8, 12], 2, [4, 6], [4, 6], [0, 0]), 3),
        (patches([3, 5], 7, [3, 5], [1, 1], [0, 0]), 1),
        (patches([7, 7], 2, [2, 1], [3, 2], [2, 0]), 5),
        (patches([4, 1], 6, [3, 1], [1, 1], [1, 0]), 8),
    ]
}

fn conv(params: &mut Parameters, (patches, filters): (Patches, usize), biases: usize) -> Conv {
    let rng = &mut Rng::new(3);
    let shape = [patches.kernel[0], patches.kernel[1], patches.channels, filters];
    let weight = params.add("weight", &shape, Init::Normal(0.3), Decay::Yes, rng);
    let bias = Some(params.add("bias", &[biases], Init::Normal(0.3), Decay::No, rng));
    Conv { patches, weight, bias }
}

#[test]
fn conv_gradient() {
    for (patches, filters) in kernels() {
        let mut params = Parameters::new();
        let layer = conv(&mut params, (patches, filters), filters);
        let rows = 3 * patches.image[0] * patches.image[1];
        Case::new(params.clone(), [rows, patches.channels], &|tape, params, x| tape.conv(params, x, &layer))
            .check();
        let bare = Conv { bias: None, ..layer };
        Case::new(params, [rows, patches.channels], &|tape, params, x| {
            let y = tape.conv(params, x, &bare);
            tape.tanh(y)
        })
        .check();
    }
}

#[test]
fn conv_transposed_gradient() {
    for (patches, filters) in kernels() {
        let mut params = Parameters::new();
        let layer = conv(&mut params, (patches, filters), patches.channels);
        let rows = 3 * patches.places();
        Case::new(params.clone(), [rows, filters], &|tape, params, x| {
            tape.conv_transposed(params, x, &layer)
        })
        .check();
    }
}

/// A convolution as its definition says it, in f64.
fn by_definition(patches: &Patches, filters: usize, images: &[f32], weights: &[f32]) -> Vec<f64> {
    let [height, width] = patches.image;
    let mut out = Vec::new();
    let [down, across] = patches.grid();
    for image in images.chunks_exact(height * width * patches.channels) {
        for (y, x, filter) in (0..down * across * filters)
            .map(|index| (index / filters / across, index / filters % across, index % filters))
        {
            let mut sum = 0.0;
            for (row, column, channel) in (0..patches.size()).map(|index| {
                let place = index / patches.channels;
                (place / patches.kernel[1], place % patches.kernel[1], index % patches.channels)
            }) {
                let at = (y * patches.stride[0] + row).wrapping_sub(patches.padding[0]);
                let beside = (x * patches.stride[1] + column).wrapping_sub(patches.padding[1]);
                if at < height && beside < width {
                    let weight = weights[((row * patches.kernel[1] + column) * patches.channels + channel)
                        * filters
                        + filter];
                    sum += f64::from(image[(at * width + beside) * patches.channels + channel])
                        * f64::from(weight);
                }
            }
            out.push(sum);
        }
    }
    out
}

#[test]
fn a_convolution_is_what_its_definition_says() {
    for (patches, filters) in kernels() {
        let mut params = Parameters::new();
        let layer = Conv { bias: None, ..conv(&mut params, (patches, filters), filters) };
        let images = numbers(3 * patches.image_size(), &mut Rng::new(4));
        let expected = by_definition(&patches, filters, &images, params.get(layer.weight).data());
        let mut tape = Tape::new(2);
        tape.begin(Mode::Eval);
        let x = tape.constant(&images, [images.len() / patches.channels, patches.channels]);
        let y = tape.conv(&params, x, &layer);
        assert_eq!(tape.shape(y), (3 * patches.places(), filters));
        for (ours, exact) in tape.value(y).iter().zip(expected) {
            assert!((f64::from(*ours) - exact).abs() < 1e-4, "{patches:?}: {ours} against {exact}");
        }
    }
}

#[test]
fn convolutions_are_the_same_for_any_number_of_threads_and_on_every_path() {
    for (patches, filters) in kernels() {
        let mut params = Parameters::new();
        let layer = Conv { bias: None, ..conv(&mut params, (patches, filters), filters) };
        let images = numbers(5 * patches.image_size(), &mut Rng::new(4));
        let weights = numbers(images.len(), &mut Rng::new(5));
        let work = |path, threads| {
            let (mut tape, mut grads) = (Tape::on(path, threads), Gradients::zeros_like(&params));
            tape.begin(Mode::Eval);
            let x = tape.input(&images, [images.len() / patches.channels, patches.channels]);
            let y = tape.conv(&params, x, &layer);
            let back = tape.conv_transposed(&params, y, &layer);
            let loss = tape.weighted_sum(back, &weights);
            tape.backward(&params, loss, &mut grads);
            let numbers = [tape.value(y), tape.value(back), tape.grad(x), grads.get(layer.weight)].concat();
            numbers.into_iter().map(f32::to_bits).collect::<Vec<_>>()
        };
        let portable = work(Path::Portable, 1);
        for path in Path::supported() {
            for threads in [1, 2, 3, 7] {
                assert!(portable == work(path, threads), "{patches:?} on {path:?} with {threads} threads");
            }
        }
    }
}

#[test]
fn a_transposed_convolution_is_the_adjoint() {
    for (patches, filters) in kernels() {
        let mut params = Parameters::new();
        let layer = Conv { bias: None, ..conv(&mut params, (patches, filters), filters) };
        let images = numbers(2 * patches.image_size(), &mut Rng::new(4));
        let small = numbers(2 * patches.places() * filters, &mut Rng::new(5));
        let mut tape = Tape::new(2);
        tape.begin(Mode::Eval);
        let x = tape.constant(&images, [images.len() / patches.channels, patches.channels]);
        let y = tape.constant(&small, [small.len() / filters, filters]);
        let (there, back) = (tape.conv(&params, x, &layer), tape.conv_transposed(&params, y, &layer));
        let product =
            |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum::<f64>();
        let (one, other) = (product(tape.value(there), &small), product(&images, tape.value(back)));
        assert!((one - other).abs() < 1e-4 * one.abs().max(10.0), "{patches:?}: {one} against {other}");
    }
}

#[test]
fn grid_gradient() {
    let (params, _) = with(&[]);
    Case::new(params.clone(), [2 * 3 * 2, 5], &|tape, _, x| tape.upsample(x, [3, 2], [2, 3])).check();
    Case::new(params.clone(), [2 * 4 * 6, 5], &|tape, _, x| tape.mean_pool(x, [4, 6], [2, 3])).check();
    Case::new(params.clone(), [2 * 4 * 6, 5], &|tape, _, x| tape.pick(x, [4, 6], [2, 3])).check();
    Case::new(params.clone(), [2 * 4 * 3, 5], &|tape, _, x| tape.shift(x, [4, 3], [1, -2])).check();
    // A gradient that adds to one that has arrived.
    Case::new(params, [4, 3], &|tape, _, x| {
        let (a, b) = (tape.shift(x, [4, 1], [1, 0]), tape.shift(x, [4, 1], [-1, 0]));
        let (c, d) = (tape.mean_pool(a, [4, 1], [2, 1]), tape.pick(b, [4, 1], [2, 1]));
        let sum = tape.add(c, d);
        let sum = tape.upsample(sum, [2, 1], [2, 1]);
        tape.mul(sum, x)
    })
    .check();
}

#[test]
fn grids_read_as_written() {
    let mut tape = Tape::new(1);
    tape.begin(Mode::Eval);
    let x = tape.constant(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0], [8, 1]);
    let (large, mean) = (tape.upsample(x, [4, 2], [1, 2]), tape.mean_pool(x, [4, 2], [2, 2]));
    let (picked, moved) = (tape.pick(x, [4, 2], [2, 1]), tape.shift(x, [2, 2], [1, 1]));
    assert_eq!(tape.value(large)[..8], [1.0, 1.0, 2.0, 2.0, 3.0, 3.0, 4.0, 4.0]);
    assert_eq!(tape.value(mean), [2.5, 6.5]);
    assert_eq!(tape.value(picked), [1.0, 2.0, 5.0, 6.0]);
    assert_eq!(tape.value(moved), [0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 5.0]);
}

#[test]
fn combination_gradient() {
    let (params, _) = with(&[]);
    Case::new(params.clone(), [3, 7], &|tape, _, x| tape.mul(x, x)).check();
    Case::new(params.clone(), [3, 7], &|tape, _, x| {
        let (a, b) = (tape.tanh(x), tape.affine(x, 0.3, -2.0));
        let product = tape.mul(a, b);
        tape.sub(product, x)
    })
    .check();
    Case::new(params.clone(), [3, 7], &|tape, _, x| tape.softplus(x)).check();
    Case::new(params.clone(), [3, 7], &|tape, _, x| tape.row_sum(x)).check();
    Case::new(params.clone(), [3, 7], &|tape, _, x| {
        let noisy = tape.add_noise(x, 0.05, &mut Rng::new(3));
        tape.mul(noisy, x)
    })
    .check();
    // A bend cannot be checked by differences: keep away from it.
    let mut leaky = Case::new(params, [5, 37], &|tape, _, x| tape.leaky_relu(x, 0.2));
    for value in &mut leaky.input {
        *value += 0.1f32.copysign(*value);
    }
    leaky.check();
}

#[test]
fn arrangement_gradient() {
    let (params, _) = with(&[]);
    Case::new(params.clone(), [4, 6], &|tape, _, x| tape.reshape(x, 3)).check();
    Case::new(params.clone(), [4, 6], &|tape, _, x| {
        let narrow = tape.columns(x, 1..4);
        let wide = tape.beside(narrow, x);
        tape.beside(wide, narrow)
    })
    .check();
    Case::new(params.clone(), [4, 6], &|tape, _, x| {
        let curved = tape.tanh(x);
        let both = tape.below(curved, x);
        let again = tape.below(both, x);
        tape.row_range(again, 2..9)
    })
    .check();
    Case::new(params, [4, 6], &|tape, _, x| {
        let (a, b) = (tape.reshape(x, 8), tape.reshape(x, 8));
        tape.mul(a, b)
    })
    .check();
}

#[test]
fn film_gradient() {
    for (film, channels) in [(Film::Plain, 5), (Film::Normed, 5), (Film::Normed, 19)] {
        let (params, ids) = with(&[&[4, 2 * channels], &[4, channels]]);
        Case::new(params, [3 * 6, channels], &|tape, params, x| {
            let seeds = tape.constant(&numbers(12, &mut Rng::new(8)), [3, 4]);
            let style = tape.linear(params, seeds, ids[0], None);
            let row = tape.linear(params, seeds, ids[1], None);
            let styled = tape.film(x, style, film);
            tape.add_to_places(styled, row)
        })
        .check();
    }
}

#[test]
fn batch_deviation_gradient() {
    let (params, _) = with(&[]);
    Case::new(params, [2 * 3 * 4, 5], &|tape, _, x| tape.batch_deviation(x, 4, 3)).check();
}

#[test]
fn equal_images_deviate_by_nothing() {
    let mut tape = Tape::new(1);
    tape.begin(Mode::Eval);
    let image = numbers(12, &mut Rng::new(1));
    let opposite: Vec<f32> = image.iter().map(|x| -x).collect();
    let all = [&image[..], &image, &image, &opposite].concat();
    let x = tape.constant(&all, [16, 3]);
    let y = tape.batch_deviation(x, 4, 2);
    // Within a thousandth, the root of what is added to the variance.
    assert!(tape.value(y)[..8].iter().all(|y| (0.0..0.0011).contains(y)));
    let mean = image.iter().map(|x| x.abs()).sum::<f32>() / 12.0;
    assert!(tape.value(y)[8..].iter().all(|y| (y - mean).abs() < 1e-4));
}

#[test]
fn spectral_norm_gradient() {
    let (mut params, ids) = with(&[&[6, 4], &[4]]);
    let norm = SpectralNorm::new(&mut params, "norm", ids[0], Some(ids[1]), &mut Rng::new(2));
    // To its end, where the derivative by the singular vectors vanishes.
    (0..300).for_each(|_| norm.iterate(&mut params));
    let check = |only: &dyn Fn(ParamId) -> bool| {
        let build = |tape: &mut Tape, params: &Parameters, x: Var| {
            let y = tape.linear(params, x, ids[0], None);
            tape.spectral_norm(params, y, &norm)
        };
        let mut case = Case::new(params.clone(), [5, 6], &build);
        case.skip = params.ids().filter(|id| !only(*id)).collect();
        case.check();
    };
    check(&|id| id == ids[0] || id == ids[1]);
}

#[test]
fn a_spectral_norm_leaves_nothing_to_stretch() {
    let (mut params, ids) = with(&[&[9, 5]]);
    let norm = SpectralNorm::new(&mut params, "norm", ids[0], None, &mut Rng::new(2));
    (0..200).for_each(|_| norm.iterate(&mut params));
    let mut tape = Tape::new(1);
    tape.begin(Mode::Eval);
    // The left singular vector is stretched by exactly 1, and no other vector by more.
    let left = params.get(norm.left).data().to_vec();
    let mut rows = left.clone();
    rows.extend(numbers(9 * 20, &mut Rng::new(6)));
    let x = tape.constant(&rows, [21, 9]);
    let y = tape.linear(&params, x, ids[0], None);
    let y = tape.spectral_norm(&params, y, &norm);
    let length = |row: &[f32]| row.iter().map(|x| x * x).sum::<f32>().sqrt();
    assert!((length(&tape.value(y)[..5]) - 1.0).abs() < 1e-4);
    for (from, to) in rows.chunks_exact(9).zip(tape.value(y).chunks_exact(5)) {
        assert!(length(to) <= 1.0001 * length(from));
    }
}

#[test]
fn binary_is_a_step_whose_gradient_is_the_sigmoids() {
    let values = [-3.0f32, -0.5, 0.0, 1e-3, 2.0];
    let mut tape = Tape::new(1);
    tape.begin(Mode::Eval);
    let params = Parameters::new();
    let x = tape.input(&values, [1, 5]);
    let y = tape.binary(x);
    assert_eq!(tape.value(y), [0.0, 0.0, 0.0, 1.0, 1.0]);
    let loss = tape.weighted_sum(y, &[2.0; 5]);
    tape.backward(&params, loss, &mut Gradients::zeros_like(&params));
    for (grad, x) in tape.grad(x).iter().zip(values) {
        let sigmoid = 1.0 / (1.0 + (-x).exp());
        assert!((grad - 2.0 * sigmoid * (1.0 - sigmoid)).abs() < 1e-6);
    }
}

#[test]
fn noise_has_the_deviation_asked_for_and_is_the_same_on_any_number_of_threads() {
    let values = vec![1.0; 60_000];
    let draw = |threads| {
        let mut tape = Tape::new(threads);
        tape.begin(Mode::Eval);
        let x = tape.constant(&values, [600, 100]);
        let mut rng = Rng::new(4);
        let y = tape.add_noise(x, 0.05, &mut rng);
        (tape.value(y).to_vec(), rng.next_u64())
    };
    let (noisy, after) = draw(1);
    let square = noisy.iter().map(|y| f64::from(y - 1.0) * f64::from(y - 1.0)).sum::<f64>() / 60_000.0;
    assert!((square.sqrt() / 0.05 - 1.0).abs() < 0.02, "{square}");
    assert_eq!(draw(3), (noisy, after));
}

/// Two sequences of four steps, with every kind of step.
const HOLDS: [Hold; 8] = [
    Hold::Played,
    Hold::Played,
    Hold::Held,
    Hold::Played,
    Hold::Played,
    Hold::Silent,
    Hold::Played,
    Hold::Played,
];

#[test]
fn sustain_gradient() {
    let before = [0.0, 1.0, 1.0, 0.0, 0.5, 1.0];
    for gates in [3, 1] {
        Case::new(Parameters::new(), [8, 3 + gates], &|tape, _, x| {
            let open = tape.sigmoid(x);
            let (struck, gates) = (tape.columns(open, 0..3), tape.columns(open, 3..3 + gates));
            tape.sustain(struck, gates, &before, &HOLDS)
        })
        .check();
    }
}

#[test]
fn what_is_struck_sounds_until_its_gate_closes() {
    let mut tape = Tape::new(1);
    tape.begin(Mode::Eval);
    let struck = tape.constant(&[1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0], [8, 1]);
    let gates = tape.constant(&[0.0, 1.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0], [8, 1]);
    let told = tape.sustain(struck, gates, &[1.0, 1.0], &HOLDS);
    let kind = |kind: usize| tape.value(told).iter().skip(kind).step_by(3).copied().collect::<Vec<_>>();
    assert_eq!(kind(0), [1.0, 1.0, 1.0, 0.0, 1.0, 0.0, 1.0, 1.0]);
    assert_eq!(kind(1), [1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0]);
    assert_eq!(kind(2), [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0]);
}

#[test]
fn a_choice_has_the_gradient_of_the_softmax() {
    let logits = numbers(12, &mut Rng::new(8));
    let weights = numbers(12, &mut Rng::new(9));
    let mut tape = Tape::new(1);
    tape.begin(Mode::Eval);
    let x = tape.input(&logits, [3, 4]);
    let choice = tape.one_of(x);
    for (row, logits) in tape.value(choice).chunks(4).zip(logits.chunks(4)) {
        let greatest = logits.iter().copied().fold(f32::MIN, f32::max);
        assert_eq!(
            row,
            logits.iter().map(|x| f32::from(u8::from(x.total_cmp(&greatest).is_eq()))).collect::<Vec<_>>()
        );
    }
    let flat = tape.reshape(choice, 1);
    let loss = tape.weighted_sum(flat, &weights);
    tape.backward(&Parameters::new(), loss, &mut Gradients::zeros_like(&Parameters::new()));
    let soft = |logits: &[f64]| -> f64 {
        let rows = logits.chunks(4).zip(weights.chunks(4));
        rows.map(|(row, weights)| {
            let sum: f64 = row.iter().map(|x| x.exp()).sum();
            row.iter().zip(weights).map(|(x, w)| x.exp() / sum * f64::from(*w)).sum::<f64>()
        })
        .sum()
    };
    for place in 0..12 {
        let moved = |by: f64| {
            let mut moved: Vec<f64> = logits.iter().map(|x| f64::from(*x)).collect();
            moved[place] += by;
            soft(&moved)
        };
        let slope = (moved(1e-5) - moved(-1e-5)) / 2e-5;
        assert!((f64::from(tape.grad(x)[place]) - slope).abs() < 1e-5, "{place}");
    }
}
