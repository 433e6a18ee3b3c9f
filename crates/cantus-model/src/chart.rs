//! Pictures of curves as SVG, for pages and files of their own.

use std::fmt::Write as _;

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 240.0;
/// Room for the numbers at the left and below.
const LEFT: f64 = 56.0;
const BELOW: f64 = 28.0;
const COLOURS: [&str; 6] = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"];

/// How values along the bottom are spread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Axis {
    /// The same room for the same difference.
    Even,
    /// The same room for the same factor.
    Logarithmic,
}

/// A picture of some named curves, each a list of points; nothing where no point is finite.
pub(crate) fn chart(title: &str, lines: &[(&str, &[(f64, f64)])], axis: Axis) -> String {
    let lines: Vec<_> = lines.iter().filter(|(_, points)| !points.is_empty()).collect();
    let points = || lines.iter().flat_map(|(_, points)| points.iter());
    let xs = points().map(|point| axis.place(point.0));
    let (Some(x), Some(y)) = (range(xs), range(points().map(|point| point.1))) else {
        return String::new();
    };
    let place = Scale { axis, x, y };
    let mut svg = format!(
        "<svg viewBox=\"0 0 {WIDTH} {:.0}\" role=\"img\" aria-label=\"{title}\">\n",
        HEIGHT + BELOW + 20.0 * lines.len() as f64
    );
    svg += &grid(&place);
    for (index, ((name, line), colour)) in lines.iter().zip(COLOURS.iter().cycle()).enumerate() {
        svg += &curve(line, colour, &place);
        let y = HEIGHT + BELOW + 20.0 * index as f64 + 14.0;
        let _ = writeln!(
            svg,
            "<rect x=\"{LEFT}\" y=\"{:.0}\" width=\"18\" height=\"4\" fill=\"{colour}\"/>\
             <text x=\"{:.0}\" y=\"{y:.0}\">{}</text>",
            y - 6.0,
            LEFT + 26.0,
            escaped(name)
        );
    }
    svg + "</svg>\n"
}

impl Axis {
    /// Where a value stands before it is drawn to the page.
    fn place(self, value: f64) -> f64 {
        match self {
            Self::Even => value,
            Self::Logarithmic => value.max(f64::MIN_POSITIVE).log10(),
        }
    }

    /// Round values within a range of places.
    fn ticks(self, (low, high): (f64, f64)) -> Vec<f64> {
        if self == Self::Even {
            return ticks((low, high));
        }
        let decades = (low.floor() as i32..=high.ceil() as i32)
            .flat_map(|decade| [1.0, 2.0, 5.0].map(|digit| digit * 10f64.powi(decade)));
        decades.filter(|value| (low..=high).contains(&value.log10())).take(20).collect()
    }
}

/// Where values lie on the page.
struct Scale {
    axis: Axis,
    /// The range along the bottom, as the axis places values.
    x: (f64, f64),
    y: (f64, f64),
}

impl Scale {
    fn x(&self, value: f64) -> f64 {
        LEFT + (self.axis.place(value) - self.x.0) / (self.x.1 - self.x.0) * (WIDTH - LEFT - 8.0)
    }

    fn y(&self, value: f64) -> f64 {
        HEIGHT - (value - self.y.0) / (self.y.1 - self.y.0) * (HEIGHT - 10.0)
    }
}

/// The smallest and the greatest value, apart; none where nothing is finite.
fn range(values: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    let finite = values.filter(|value| value.is_finite());
    let (low, high) = finite
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
    let apart = if high > low { high } else { low + low.abs().max(1e-6) };
    (low <= high).then_some((low, apart))
}

fn grid(place: &Scale) -> String {
    let mut svg = String::new();
    for value in ticks(place.y) {
        let y = place.y(value);
        let _ = writeln!(
            svg,
            "<line x1=\"{LEFT}\" x2=\"{:.0}\" y1=\"{y:.1}\" y2=\"{y:.1}\" stroke=\"#8884\"/>\
             <text x=\"{:.0}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
            WIDTH - 8.0,
            LEFT - 6.0,
            y + 4.0,
            number(value)
        );
    }
    for value in place.axis.ticks(place.x) {
        let _ = writeln!(
            svg,
            "<text x=\"{:.1}\" y=\"{:.0}\" text-anchor=\"middle\">{}</text>",
            place.x(value),
            HEIGHT + 18.0,
            number(value)
        );
    }
    svg
}

/// Round values within a range, some five of them.
fn ticks((low, high): (f64, f64)) -> Vec<f64> {
    let rough = (high - low) / 5.0;
    let magnitude = 10f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].map(|factor| factor * magnitude);
    let step = step.into_iter().find(|step| *step >= rough).unwrap_or(rough);
    let first = (low / step).ceil() as i64;
    let last = (high / step).floor() as i64;
    (first..=last).take(20).map(|index| index as f64 * step).collect()
}

/// A number without the dust of binary fractions.
fn number(value: f64) -> String {
    let text = format!("{value:.5}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text.is_empty() || text == "-0" { "0".to_owned() } else { text.to_owned() }
}

fn curve(line: &[(f64, f64)], colour: &str, place: &Scale) -> String {
    let finite = line.iter().filter(|point| point.1.is_finite());
    let points: Vec<(f64, f64)> = finite.map(|(x, y)| (place.x(*x), place.y(*y))).collect();
    if let [(x, y)] = points[..] {
        return format!("<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3\" fill=\"{colour}\"/>\n");
    }
    let text: Vec<String> = points.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
    let text = text.join(" ");
    format!("<polyline points=\"{text}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.5\"/>\n")
}

/// Text as HTML shows it.
pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
