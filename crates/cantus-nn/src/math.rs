//! Our own exp, tanh, sigmoid and ln: the same bits on every machine.
//!
//! The system's mathematical library differs from machine to machine in the last bit, which would make one seed
//! mean two pieces. These are polynomials in fused multiply-add; the vector kernels evaluate the same ones.

/// ln 2 in two parts, the first exact when multiplied by a small whole number.
pub(crate) const LN2_HIGH: f32 = 0.693_359_4;
/// What [`LN2_HIGH`] has too much.
pub(crate) const LN2_LOW: f32 = -2.121_944_4e-4;
/// Below this exp gives 0: what is smaller is no normal number.
pub(crate) const EXP_LOW: f32 = -87.3;
/// Above this exp stays at its largest value, 1.65e38.
pub(crate) const EXP_HIGH: f32 = 88.0;
/// The polynomial of `(exp(r) - 1 - r) / r²` on `|r| ≤ ln 2 / 2`, highest power first.
pub(crate) const EXP: [f32; 6] =
    [1.987_569_2e-4, 1.398_199_9e-3, 8.333_452e-3, 4.166_579_6e-2, 1.666_666_5e-1, 0.5];

/// eˣ, within two units in the last place; 0 below −87.3, at most e⁸⁸.
pub fn exp(x: f32) -> f32 {
    if x < EXP_LOW {
        return 0.0;
    }
    let x = if EXP_HIGH < x { EXP_HIGH } else { x };
    let n = (x * std::f32::consts::LOG2_E).round_ties_even();
    let r = n.mul_add(-LN2_LOW, n.mul_add(-LN2_HIGH, x));
    let series = EXP.iter().skip(1).fold(EXP[0], |sum, &c| sum.mul_add(r, c));
    let mantissa = series.mul_add(r * r, r) + 1.0;
    mantissa * f32::from_bits(((n as i32 + 127) as u32) << 23)
}

/// 1 / (1 + e⁻ˣ), within 1.2e-7.
pub fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + exp(-x))
}

/// The hyperbolic tangent, within 2.4e-7 (in absolute, not relative, terms).
pub fn tanh(x: f32) -> f32 {
    2.0f32.mul_add(sigmoid(x + x), -1.0)
}

/// The natural logarithm; −∞ at 0, no number below.
pub fn ln(x: f32) -> f32 {
    if x == 0.0 {
        return f32::NEG_INFINITY;
    }
    if x.is_nan() || x < 0.0 {
        return f32::NAN;
    }
    if x == f32::INFINITY {
        return x;
    }
    // Subnormal numbers have no exponent of their own: lift them by 2²⁴.
    let (x, lift) = if x < f32::MIN_POSITIVE { (x * 16_777_216.0, 24.0) } else { (x, 0.0) };
    // x = mantissa · 2^exponent with the mantissa in [√½, √2).
    let bits = x.to_bits().wrapping_sub(0x3f35_04f3);
    let exponent = ((bits as i32) >> 23) as f32 - lift;
    let mantissa = f32::from_bits((bits & 0x007f_ffff).wrapping_add(0x3f35_04f3));
    // ln((1 + s) / (1 − s)) = 2 (s + s³/3 + s⁵/5 + …), |s| ≤ 0.1716
    let s = (mantissa - 1.0) / (mantissa + 1.0);
    let square = s * s;
    let series = [2.0 / 11.0, 2.0 / 9.0, 2.0 / 7.0, 2.0 / 5.0, 2.0 / 3.0]
        .iter()
        .fold(2.0 / 13.0, |sum: f32, &c| sum.mul_add(square, c));
    let small = (series * square).mul_add(s, 2.0 * s);
    exponent.mul_add(LN2_HIGH, exponent.mul_add(LN2_LOW, small))
}

/// `base` to a whole power by squaring, so that no mathematical library is asked and every machine finds the same.
pub fn power(base: f64, exponent: u64) -> f64 {
    let (mut result, mut square, mut left) = (1.0, base, exponent);
    while left > 0 {
        if left & 1 == 1 {
            result *= square;
        }
        square *= square;
        left >>= 1;
    }
    result
}
