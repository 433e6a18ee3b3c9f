//! `report.html`: a run at a glance, in one file without scripts, readable while the run goes on.

use std::fmt::Write as _;

use super::history::Curve;
use super::metrics::EpochMetric;
use super::{Run, Stop, Units};
use crate::chart::{Axis, chart, escaped};

/// The file's name in the folder of a run.
pub const REPORT_FILE: &str = "report.html";

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
    page += &remarks(run);
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
        section(&format!("Loss in {}, by step", units.loss), &losses),
        section(&format!("Validation in {}, by epoch", units.valid), &parts),
        section("Learning rate, by step", &[("learning rate", &history.rate)]),
    ]
    .concat()
}

/// A picture of some curves under a title; nothing where there is no point to draw.
fn section(title: &str, curves: &[(&str, &Curve)]) -> String {
    let lines: Vec<_> = curves.iter().map(|(name, curve)| (*name, curve.points())).collect();
    let picture = chart(title, &lines, Axis::Even);
    if picture.is_empty() { picture } else { format!("<h2>{title}</h2>\n{picture}") }
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

/// What was said of the last epoch, and what was made in it.
fn remarks(run: &Run) -> String {
    let Some(epoch) = run.history.epochs.back() else { return String::new() };
    let lines: Vec<String> = epoch.remarks.iter().map(|remark| escaped(remark)).collect();
    let said = if lines.is_empty() { String::new() } else { format!("<p>{}.</p>\n", lines.join(".<br>\n")) };
    let picture = run.learner.picture();
    if said.is_empty() && picture.is_empty() {
        return String::new();
    }
    format!("<h2>After epoch {}</h2>\n{said}{picture}", epoch.epoch)
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
