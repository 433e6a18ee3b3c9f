//! Every path gives the same bits, and they are right.

use super::{Kernel, Path, Simd};
use crate::{Rng, math};

/// Applies exp, sigmoid and tanh to numbers in whole vectors.
struct Curves<'a> {
    x: &'a [f32],
    out: [&'a mut [f32]; 3],
}

impl Kernel for Curves<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let [exp, sigmoid, tanh] = self.out;
        for place in (0..self.x.len()).step_by(S::LANES) {
            // SAFETY: the test's lists are multiples of sixteen long.
            unsafe {
                let x = simd.load(self.x.as_ptr().add(place));
                simd.store(exp.as_mut_ptr().add(place), simd.exp(x));
                simd.store(sigmoid.as_mut_ptr().add(place), simd.sigmoid(x));
                simd.store(tanh.as_mut_ptr().add(place), simd.tanh(x));
            }
        }
    }
}

fn curves(path: Path, x: &[f32]) -> [Vec<f32>; 3] {
    let mut out = [(); 3].map(|()| vec![0.0; x.len()]);
    path.run(Curves { x, out: out.each_mut().map(Vec::as_mut_slice) });
    out
}

fn arguments() -> Vec<f32> {
    let mut rng = Rng::new(1);
    let mut x: Vec<f32> = (0..32_000).map(|i| rng.normal() * [0.01, 1.0, 10.0, 60.0][i % 4]).collect();
    x.extend([0.0, -0.0, 87.9, 88.1, 1e30, -87.2, -87.4, -1e30, f32::INFINITY, f32::NEG_INFINITY]);
    x.extend([-1e-30, 1e-30, 0.5, -0.5, f32::MIN_POSITIVE, f32::NAN]);
    x
}

#[test]
fn curves_are_the_same_on_every_path() {
    let x = arguments();
    let scalar = [math::exp, math::sigmoid, math::tanh].map(|f| x.iter().map(|&x| f(x)).collect::<Vec<_>>());
    for path in Path::supported() {
        for (ours, expected) in curves(path, &x).iter().zip(&scalar) {
            for ((x, a), b) in x.iter().zip(ours).zip(expected) {
                assert!(
                    a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan(),
                    "{path:?} at {x}: {a} and {b}"
                );
            }
        }
    }
}

#[test]
fn curves_are_right() {
    for x in arguments().into_iter().filter(|x| x.abs() < 87.0 && *x != 0.0) {
        let exact = f64::from(x).exp();
        assert!((f64::from(math::exp(x)) - exact).abs() < 1.5e-7 * exact, "exp {x}");
        let sigmoid = 1.0 / (1.0 + (-f64::from(x)).exp());
        assert!((f64::from(math::sigmoid(x)) - sigmoid).abs() < 1.2e-7, "sigmoid {x}");
        assert!((f64::from(math::tanh(x)) - f64::from(x).tanh()).abs() < 2.4e-7, "tanh {x}");
        let ln = f64::from(x.abs()).ln();
        assert!((f64::from(math::ln(x.abs())) - ln).abs() < 1.5e-7 * ln.abs().max(0.3), "ln {x}");
    }
    assert_eq!(math::exp(f32::NEG_INFINITY).to_bits(), 0);
    assert_eq!(math::ln(0.0).to_bits(), f32::NEG_INFINITY.to_bits());
    assert!(math::ln(-1.0).is_nan() && math::exp(f32::NAN).is_nan());
    assert!((f64::from(math::ln(1e-42)) - f64::from(1e-42f32).ln()).abs() < 1e-5);
}
