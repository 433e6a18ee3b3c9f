//! `report.html`: a run at a glance, in one file without scripts, readable while the run goes on.

use std::fmt::Write as _;

use super::history::Curve;
use super::metrics::EpochMetric;
use super::{Run, Stop, Units};

/// The file's name in the folder of a run.
pub const REPORT_FILE: &str = "report.html";

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 240.0;
/// Room for the numbers at the left and below.
const LEFT: f64 = 56.0;
const BELOW: f64 = 28.0;
const COLOURS: [&str; 6] = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"];

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:48rem;margin:2rem auto;padding:0 1rem;\
    color:#222;background:#fff}svg{width:100%;height:auto}svg text{font-size:12px;fill:currentColor}\
    table{border-collapse:collapse}td,th{padding:.15rem .8rem;text-align:right}\
    td:first-child,th:first-child{text-align:left;padding-left:0}tr.best{font-weight:bold}\
    pre{overflow-x:auto;background:#8881;padding:.6rem}\
    @media(prefers-color-scheme:dark){body{color:#ddd;background:#161616}}";

/// The page of a run as it stands.
pub(super) fn write(run: &Run, stop: Option<Stop>) -> String {
    let name = escaped(&run.settings.name);
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{name} · Cantus</title>\
         <meta name=\"viewport\" content=\"width=device-width\"><style>{STYLE}</style></head><body>\n\
         <h1>{name}</h1>\n<p>{}</p>\n",
        status(run, stop)
    );
    page += &charts(run);
    page += &table(run);
    page += &sample(run);
    page += &data(run);
    let _ = write!(
        page,
        "<h2>Recipe</h2>\n<pre>{}</pre>\n</body></html>\n",
        escaped(&run.settings.recipe.to_string())
    );
    page
}

fn status(run: &Run, stop: Option<Stop>) -> String {
    let state = match stop {
        None => "Training goes on.",
        Some(Stop::Done) => "Training is over: all epochs are done.",
        Some(Stop::Patience) => "Training is over: validation got no better.",
        Some(Stop::Asked) => "Training was stopped and can be gone on with.",
    };
    let valid = run.learner.units().valid;
    let best = run.history.best.as_ref().map_or_else(String::new, |best| {
        format!(" Best: epoch {}, {:.4} {valid} on validation pieces.", best.epoch, best.valid)
    });
    let (done, all) = (run.learner.place().epoch, run.learner.epochs());
    let seconds = run.history.epochs.back().map_or(0.0, |epoch| epoch.seconds);
    format!("{state} {done} of {all} epochs in {}.{best}", duration(seconds))
}

fn duration(seconds: f64) -> String {
    let whole = seconds.round() as u64;
    match (whole / 3600, whole / 60 % 60, whole % 60) {
        (0, 0, seconds) => format!("{seconds} s"),
        (0, minutes, seconds) => format!("{minutes} min {seconds} s"),
        (hours, minutes, _) => format!("{hours} h {minutes} min"),
    }
}

fn charts(run: &Run) -> String {
    let (history, units) = (&run.history, run.learner.units());
    let losses = [("training", &history.loss), ("validation", &history.valid)];
    let parts: Vec<(&str, &Curve)> =
        history.parts.iter().map(|(name, curve)| (name.as_str(), curve)).collect();
    [
        chart(&format!("Loss in {}, by step", units.loss), &losses),
        chart(&format!("Validation in {}, by epoch", units.valid), &parts),
        chart("Learning rate, by step", &[("learning rate", &history.rate)]),
    ]
    .concat()
}

fn table(run: &Run) -> String {
    let (epochs, units) = (&run.history.epochs, run.learner.units());
    let (Some(first), Some(last)) = (epochs.front(), epochs.back()) else { return String::new() };
    let mut html = String::from("<h2>Epochs</h2>\n<table><tr><th>epoch</th><th>training</th>");
    for part in &last.parts {
        let _ = write!(html, "<th>{}: {}</th>", escaped(&part.name), units.valid);
        if units.loss != units.valid {
            let _ = write!(html, "<th>{}</th>", units.loss);
        }
    }
    html += "</tr>\n";
    let best = run.history.best.as_ref();
    for epoch in best.filter(|best| best.epoch < first.epoch).into_iter().chain(epochs) {
        let is_best = best.is_some_and(|best| best.epoch == epoch.epoch);
        html += &row(epoch, is_best, units);
    }
    html + "</table>\n"
}

fn row(epoch: &EpochMetric, is_best: bool, units: Units) -> String {
    let class = if is_best { " class=\"best\"" } else { "" };
    let mut html = format!("<tr{class}><td>{}</td><td>{:.4}</td>", epoch.epoch, epoch.loss);
    for part in &epoch.parts {
        let _ = write!(html, "<td>{:.4}</td>", part.valid);
        if units.loss != units.valid {
            let _ = write!(html, "<td>{:.4}</td>", part.loss);
        }
    }
    html + "</tr>\n"
}

fn sample(run: &Run) -> String {
    let Some(epoch) = run.history.epochs.iter().rev().find(|epoch| !epoch.sample.is_empty()) else {
        return String::new();
    };
    format!("<h2>Sample after epoch {}</h2>\n<pre>{}</pre>\n", epoch.epoch, escaped(&epoch.sample.join("\n")))
}

fn data(run: &Run) -> String {
    let described = run.learner.described();
    let row = |tag: &str, cells: &[String]| {
        let cells = cells.iter().map(|cell| format!("<{tag}>{}</{tag}>", escaped(cell)));
        format!("<tr>{}</tr>\n", cells.collect::<Vec<_>>().concat())
    };
    let mut html = String::from("<h2>Data</h2>\n");
    if !described.columns.is_empty() {
        html += "<table>";
        html += &row("th", &described.columns);
        html.extend(described.rows.iter().map(|cells| row("td", cells)));
        html += "</table>\n";
    }
    let _ = writeln!(html, "<p>{}.</p>", escaped(&described.summary));
    html
}

fn chart(title: &str, lines: &[(&str, &Curve)]) -> String {
    let lines: Vec<_> = lines.iter().filter(|(_, curve)| !curve.points().is_empty()).collect();
    let points = || lines.iter().flat_map(|(_, curve)| curve.points());
    let (Some(x), Some(y)) = (range(points().map(|point| point.0)), range(points().map(|point| point.1)))
    else {
        return String::new();
    };
    let place = Scale { x, y };
    let mut svg = format!(
        "<h2>{title}</h2>\n<svg viewBox=\"0 0 {WIDTH} {:.0}\" role=\"img\" aria-label=\"{title}\">\n",
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

/// Where values lie on the page.
struct Scale {
    x: (f64, f64),
    y: (f64, f64),
}

impl Scale {
    fn x(&self, value: f64) -> f64 {
        LEFT + (value - self.x.0) / (self.x.1 - self.x.0) * (WIDTH - LEFT - 8.0)
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
    for value in ticks(place.x) {
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

fn curve(line: &Curve, colour: &str, place: &Scale) -> String {
    let finite = line.points().iter().filter(|point| point.1.is_finite());
    let points: Vec<(f64, f64)> = finite.map(|(x, y)| (place.x(*x), place.y(*y))).collect();
    if let [(x, y)] = points[..] {
        return format!("<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3\" fill=\"{colour}\"/>\n");
    }
    let text: Vec<String> = points.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
    let text = text.join(" ");
    format!("<polyline points=\"{text}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.5\"/>\n")
}

/// Text as HTML shows it.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
