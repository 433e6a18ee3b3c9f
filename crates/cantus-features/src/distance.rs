//! How far apart two sets of measured values are.

/// The earth mover's distance between two sets of numbers (Wasserstein's of order 1), in the unit of the numbers: by how much the
/// numbers of one set must be moved, in the mean, to become the other. 0 where either is empty.
///
/// It is the area between the two quantile functions. NaN is not allowed.
///
/// ```
/// use cantus_features::distance::earth_movers;
///
/// assert_eq!(earth_movers(&[0.0, 1.0], &[2.0, 3.0]), 2.0);
/// ```
pub fn earth_movers(one: &[f64], other: &[f64]) -> f64 {
    let (one, other) = (sorted(one), sorted(other));
    if one.is_empty() || other.is_empty() {
        return 0.0;
    }
    let (mut i, mut j, mut at, mut area) = (0, 0, 0.0, 0.0);
    while i < one.len() && j < other.len() {
        let (end_one, end_other) = ((i + 1) as f64 / one.len() as f64, (j + 1) as f64 / other.len() as f64);
        let end = end_one.min(end_other);
        area += (one[i] - other[j]).abs() * (end - at);
        at = end;
        i += usize::from(end_one <= end);
        j += usize::from(end_other <= end);
    }
    area
}

fn sorted(numbers: &[f64]) -> Vec<f64> {
    let mut sorted = numbers.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_moved_is_as_far_as_it_was_moved() {
        let numbers: Vec<f64> = (0..50).map(|place| f64::from(place * place % 37)).collect();
        let moved: Vec<f64> = numbers.iter().rev().map(|number| number + 2.5).collect();
        assert!((earth_movers(&numbers, &moved) - 2.5).abs() < 1e-12);
        assert!(earth_movers(&numbers, &numbers) < 1e-12);
    }

    #[test]
    fn it_is_a_distance_also_between_sets_of_unequal_size() {
        let (a, b, c) = ([0.0, 1.0, 5.0], [2.0, 2.0], [1.0, 4.0, 4.0, 9.0, 0.5]);
        assert!((earth_movers(&a, &b) - earth_movers(&b, &a)).abs() < 1e-12);
        assert!(earth_movers(&a, &c) <= earth_movers(&a, &b) + earth_movers(&b, &c) + 1e-12);
        // A third each of 0 and 1 and 5 to a half each of 2: (2 + 1 + 3) / 3.
        assert!((earth_movers(&a, &b) - 2.0).abs() < 1e-12);
        assert!(earth_movers(&[], &b).abs() < f64::EPSILON);
    }
}
