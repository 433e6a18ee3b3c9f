//! The logarithm, by additions, multiplications and divisions in a fixed order: the same bits on every machine.

/// The binary logarithm of a positive number, to 1e-14 of its size.
///
/// Formula: the exponent of the number, plus `2 / ln 2` times the series of the inverse hyperbolic tangent of
/// `(m - 1) / (m + 1)`, where `m` is its mantissa between `sqrt(1/2)` and `sqrt(2)`.
pub(crate) fn log2(number: f64) -> f64 {
    const BITS: u64 = (1 << 52) - 1;
    let bits = number.to_bits();
    let mut exponent = (bits >> 52) as i64 - 1023;
    let mut mantissa = f64::from_bits(bits & BITS | 1023 << 52);
    if mantissa > std::f64::consts::SQRT_2 {
        mantissa /= 2.0;
        exponent += 1;
    }
    let small = (mantissa - 1.0) / (mantissa + 1.0);
    let square = small * small;
    // Terms from the smallest: 1/23 … 1/3, 1.
    let series = (0..12).rev().fold(0.0, |sum, term| sum * square + 1.0 / f64::from(2 * term + 1));
    exponent as f64 + 2.0 * small * series / std::f64::consts::LN_2
}

/// The entropy of counts in bits; none where they are all zero.
pub(crate) fn entropy(counts: &[u32]) -> Option<f64> {
    let all = f64::from(counts.iter().sum::<u32>());
    let part = |count: &u32| {
        let share = f64::from(*count) / all;
        share * log2(share)
    };
    (all > 0.0).then(|| -counts.iter().filter(|&&count| count > 0).map(part).sum::<f64>())
}

#[cfg(test)]
mod tests {
    #[test]
    fn it_is_the_logarithm() {
        for number in (1..4000).map(|step| 1.01_f64.powi(step - 2000)).chain([1.0, 2.0, 0.5, 1.0 / 3.0]) {
            let expected = number.log2();
            assert!((super::log2(number) - expected).abs() <= 1e-14 * expected.abs().max(1.0), "{number}");
        }
    }

    #[test]
    fn even_counts_have_as_many_bits_as_it_takes_to_name_one() {
        assert_eq!(super::entropy(&[3; 8]), Some(3.0));
        assert_eq!(super::entropy(&[0, 5, 0]).map(f64::abs), Some(0.0));
        assert_eq!(super::entropy(&[0, 0]), None);
    }
}
