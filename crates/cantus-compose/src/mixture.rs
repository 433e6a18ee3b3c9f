//! Styles that are asked for together.

use cantus_model::styles::Style;

use crate::error::ComposeError;

/// Most styles of a mixture: each costs as much time as the first.
const MOST_STYLES: usize = 4;

/// Styles by number with their shares, which sum to 1: the first has the greatest.
pub(crate) type Mixture = Vec<(u32, f32)>;

/// The styles that a text names: one, or several with their shares, as `chorale:0.7,folk:0.3`. A share that is not said is as large
/// as any other.
pub(crate) fn mixture(text: &str, styles: &[Style]) -> Result<Mixture, ComposeError> {
    if let Some(number) = number(text, styles) {
        return Ok(vec![(number, 1.0)]);
    }
    let mut mixture = Mixture::new();
    for named in text.split(',') {
        let (name, share) = named.rsplit_once(':').unwrap_or((named, "1"));
        let name = name.trim();
        let number = number(name, styles).ok_or_else(|| unknown(name, styles))?;
        let wrong =
            |rule| ComposeError::Range { what: "a style's share", rule, value: named.trim().to_owned() };
        let share: f32 = share.trim().parse().map_err(|_| wrong("a number, as in chorale:0.7,folk:0.3"))?;
        if !(share > 0.0 && share <= 1000.0) {
            return Err(wrong("above 0, and at most 1000"));
        }
        mixture.push((number, share));
    }
    let wrong = |rule| ComposeError::Range { what: "a mixture of styles", rule, value: text.to_owned() };
    let mut numbers: Vec<u32> = mixture.iter().map(|(number, _)| *number).collect();
    numbers.sort_unstable();
    numbers.dedup();
    if numbers.len() < mixture.len() {
        return Err(wrong("of styles that differ"));
    }
    if mixture.len() > MOST_STYLES {
        return Err(wrong("of at most 4 styles"));
    }
    let sum: f32 = mixture.iter().map(|(_, share)| share).sum();
    for (_, share) in &mut mixture {
        *share /= sum;
    }
    mixture.sort_by(|(_, one), (_, other)| other.total_cmp(one));
    Ok(mixture)
}

/// The number of a style that has parts.
fn number(name: &str, styles: &[Style]) -> Option<u32> {
    let found = styles.iter().position(|style| !style.parts.is_empty() && style.name == name);
    found.map(|index| index as u32)
}

fn unknown(name: &str, styles: &[Style]) -> ComposeError {
    let usable = styles.iter().filter(|style| !style.parts.is_empty());
    let known = usable.map(|style| style.name.as_str()).collect::<Vec<_>>().join(", ");
    ComposeError::UnknownStyle { name: name.to_owned(), known }
}
