//! Lengths of notes: the part of a whole note, as `**recip` writes it.

/// Grains of a whole note, the time unit of the reader: 8192ths and tuplets of all numbers up to 28 are exact.
pub(super) const WHOLE: u64 = 8192 * 81 * 25 * 7 * 11 * 13 * 17 * 19 * 23;
/// Grains of a quarter note.
pub(super) const QUARTER: u64 = WHOLE / 4;
/// The longest note that is taken at its word.
const LONGEST: u64 = 64 * WHOLE;
/// The highest number that is taken at its word.
const MOST: u64 = 999_999;

/// Reads the digits that a text begins with, such as `8`, `00` or `3%2`: the length without dots, and how many bytes
/// were read. No length where it is zero, or longer than 64 whole notes.
pub(super) fn length(text: &[u8]) -> (Option<u64>, usize) {
    let (lower, digits) = number(text);
    if lower == 0 {
        let doubled = u32::try_from(digits).unwrap_or(u32::MAX).min(7);
        return (Some(WHOLE << doubled).filter(|&length| length <= LONGEST), digits);
    }
    let after = text.get(digits..).unwrap_or_default();
    let (upper, more) = match after.strip_prefix(b"%") {
        Some(rest) if rest.first().is_some_and(u8::is_ascii_digit) => number(rest),
        _ => (1, 0),
    };
    let read = if more > 0 { digits + 1 + more } else { digits };
    if lower > MOST || upper > MOST {
        return (None, read);
    }
    let length = (u128::from(WHOLE) * u128::from(upper) + u128::from(lower / 2)) / u128::from(lower);
    let length = u64::try_from(length).unwrap_or(u64::MAX);
    (Some(length).filter(|length| (1..=LONGEST).contains(length)), read)
}

/// A length with so many dots behind it.
pub(super) fn dotted(length: u64, dots: u32) -> u64 {
    let halves = 1_u64 << dots.min(6);
    length * (2 * halves - 1) / halves
}

fn number(text: &[u8]) -> (u64, usize) {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit());
    digits.fold((0, 0), |(value, count), digit| {
        ((value * 10 + u64::from(digit - b'0')).min(MOST + 1), count + 1)
    })
}

/// Writes a length, so many ticks of a whole note of so many: `4.`, `12`, `0`, or `5%3` for what neither dots nor parts of
/// a whole note say.
pub(super) fn text(ticks: u64, whole: u64) -> String {
    let common = gcd(ticks, whole).max(1);
    let (upper, lower) = (ticks / common, whole / common);
    match upper {
        1 => lower.to_string(),
        3 if lower.is_multiple_of(2) => format!("{}.", lower / 2),
        7 if lower.is_multiple_of(4) => format!("{}..", lower / 4),
        2 | 4 | 8 if lower == 1 => "0".repeat(upper.ilog2() as usize),
        3 | 6 | 12 if lower == 1 => format!("{}.", "0".repeat((upper / 3).ilog2() as usize + 1)),
        _ => format!("{lower}%{upper}"),
    }
}

fn gcd(mut a: u64, mut b: u64) -> u64 {
    while b > 0 {
        (a, b) = (b, a % b);
    }
    a
}
