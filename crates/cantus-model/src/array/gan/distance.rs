//! How far the pieces that are made are from those held out.
//!
//! The mean sliced Wasserstein distance (Bonneel et al. 2015), of frames with those that follow them and of whole pieces: both
//! sets are seen from random directions, and from each the sorted values of one are held against those of the other.

use cantus_nn::Rng;

/// Directions from which frames, and whole pieces, are seen.
const DIRECTIONS: usize = 32;
/// Most pairs of frames that are seen of a set.
const MOST_PAIRS: usize = 4096;
/// Quantiles that are compared.
const QUANTILES: usize = 200;
const SEED: u64 = 0xd15;

/// What a set of pieces looks like from each direction.
#[derive(Debug, Clone)]
pub(super) struct Views {
    /// Quantiles of frames, then of pieces.
    of: Vec<Vec<f32>>,
}

impl Views {
    /// Looks at pieces of so many features a frame, as networks see them.
    pub(super) fn of(pieces: &[Vec<f32>], features: usize) -> Self {
        let frames = pieces.first().map_or(0, |piece| piece.len() / features);
        let mut rng = Rng::new(SEED);
        let beside = features * frames.min(2);
        let windows = frames.saturating_sub(1).max(1);
        let all = pieces.len() * windows;
        let count = all.min(MOST_PAIRS);
        let pairs: Vec<&[f32]> = (0..count)
            .filter_map(|index| {
                let place = index * all / count;
                let begin = place % windows * features;
                pieces.get(place / windows)?.get(begin..begin + beside)
            })
            .collect();
        let wholes: Vec<&[f32]> = pieces.iter().map(Vec::as_slice).collect();
        let mut of = Vec::with_capacity(2 * DIRECTIONS);
        for (set, size) in [(&pairs, beside), (&wholes, features * frames)] {
            of.extend((0..DIRECTIONS).map(|_| quantiles(set, &direction(size, &mut rng))));
        }
        Self { of }
    }

    /// The mean difference of their quantiles, in deviations of real features or in numbers on or off.
    pub(super) fn distance(&self, other: &Self) -> f64 {
        let apart = |(one, other): (&Vec<f32>, &Vec<f32>)| {
            one.iter().zip(other).map(|(one, other)| f64::from((one - other).abs())).sum::<f64>()
        };
        let count = self.of.len() * QUANTILES;
        self.of.iter().zip(&other.of).map(apart).sum::<f64>() / count.max(1) as f64
    }
}

/// A direction of length 1.
fn direction(size: usize, rng: &mut Rng) -> Vec<f32> {
    let direction: Vec<f32> = (0..size).map(|_| rng.normal()).collect();
    let length = direction.iter().map(|x| x * x).sum::<f32>().sqrt().max(f32::MIN_POSITIVE);
    direction.into_iter().map(|x| x / length).collect()
}

fn quantiles(set: &[&[f32]], direction: &[f32]) -> Vec<f32> {
    let along = |place: &&[f32]| place.iter().zip(direction).map(|(x, d)| x * d).sum::<f32>();
    let mut seen: Vec<f32> = set.iter().map(along).collect();
    seen.sort_unstable_by(f32::total_cmp);
    let last = seen.len().saturating_sub(1) as f64;
    let at = |quantile: usize| {
        let place = (quantile as f64 + 0.5) / QUANTILES as f64 * last;
        let (below, share) = (place as usize, place.fract() as f32);
        let one = seen.get(below).copied().unwrap_or(0.0);
        let next = seen.get(below + 1).copied().unwrap_or(one);
        one + share * (next - one)
    };
    (0..QUANTILES).map(at).collect()
}
