//! `cantus eval`: how well a model expects music.

use std::fmt::Write as _;

use cantus::model::array;
use cantus::{AnyModel, ArrayCost, StyleCost, Unlikeness};
use serde_json::json;

use super::{benchmark, learning_curve};
use crate::args::EvalArgs;
use crate::exit::{Failure, Outcome};
use crate::printer::Printer;

/// Measures and prints a line a style.
pub(crate) fn run(args: &EvalArgs, printer: &mut Printer) -> Result<Outcome, Failure> {
    if !(args.train || args.learning_curve) && (args.seed.is_some() || args.preset.is_some()) {
        let message = "--seed and --preset are for networks that are trained: with --benchmark and --train, or with \
                       --learning-curve";
        return Err(Failure::Wish { message: message.to_owned(), command: "eval" });
    }
    if args.learning_curve {
        return learning_curve::run(args, printer);
    }
    if args.benchmark.is_some() {
        return benchmark::run(args, printer);
    }
    let model = match cantus::open_any_model(Some(&args.model))? {
        AnyModel::Array(model) => return array(args, &model, printer),
        AnyModel::Scores(model) => model,
        AnyModel::Voices(_) => {
            let message = "a model of four voices is measured on its benchmark: --benchmark jsb16".to_owned();
            return Err(Failure::Wish { message, command: "eval" });
        }
        AnyModel::Phrases(_) | AnyModel::Pieces(_) => {
            let message =
                "a generator tells no likelihood: its card holds what was measured of it".to_owned();
            return Err(Failure::Wish { message, command: "eval" });
        }
    };
    let bar = printer.files_bar();
    let result = cantus::evaluate_model(&model, &args.paths, &|progress| bar.show(progress));
    bar.end();
    let (costs, corpus) = result?;
    for skipped in &corpus.skipped {
        printer.say(&format!("skipped {}: {}", skipped.path.display(), skipped.reason));
    }
    for style in costs.iter().filter(|cost| !cost.known) {
        printer.say(&format!("the model knows no style {}: measured without one", style.style));
    }
    printer.data(&if args.json { as_json(&costs) } else { as_table(&costs) })?;
    Ok(Outcome::Done)
}

/// Measures a model of arrays and prints a line an array.
fn array(args: &EvalArgs, model: &array::Model, printer: &mut Printer) -> Result<Outcome, Failure> {
    let unit = if model.scale.is_binary() { "nats a frame" } else { "squared error a number" };
    let repeats = if model.scale.is_binary() { "" } else { "  repeating the frame before" };
    let head = format!("pieces     frames  {unit}  knowing only each feature's mean{repeats}\n");
    // A table has its head with its first line, so that a failure prints none of it.
    let mut head = Some(head).filter(|_| !args.json);
    for path in &args.paths {
        let ArrayCost { evaluation, baseline, repeating } = cantus::evaluate_array(model, path)?;
        let (pieces, frames, loss) = (evaluation.pieces, evaluation.frames, evaluation.per_frame());
        let unlikeness = cantus::unlikeness_of(model, path)?;
        let width = unit.len();
        printer.data(&if args.json {
            let path = path.display().to_string();
            let apart = unlikeness.map(|apart| {
                let Unlikeness { among_clips, composed, shuffled, noise } = apart;
                json!({ "among_clips": among_clips, "composed": composed, "shuffled": shuffled, "noise": noise })
            });
            let line = json!({
                "path": path, "pieces": pieces, "frames": frames, "unit": unit, "loss": loss, "baseline": baseline,
                "repeating": repeating, "unlikeness": apart,
            });
            format!("{line}\n")
        } else {
            let head = head.take().unwrap_or_default();
            let repeating = repeating.map_or(String::new(), |cost| format!("  {cost:26.4}"));
            let name = path.display();
            let apart = unlikeness.map(as_text).unwrap_or_default();
            format!("{head}{pieces:6}  {frames:9}  {loss:width$.4}  {baseline:32.4}{repeating}  {name}\n{apart}")
        })?;
    }
    Ok(Outcome::Done)
}

/// How like composed sound is to clips, in a sentence.
fn as_text(apart: Unlikeness) -> String {
    let Unlikeness { among_clips, composed, shuffled, noise } = apart;
    format!(
        "in what is measured on frames, composed sound is {composed:.3} deviations from the clips; their frames in any \
         order are {shuffled:.3}, noise is {noise:.3}, and half of the clips from the other half {among_clips:.3}\n"
    )
}

fn as_json(costs: &[StyleCost]) -> String {
    let styles = costs.iter().map(|StyleCost { style, known, evaluation }| {
        json!({
            "style": style,
            "known": known,
            "pieces": evaluation.pieces.len(),
            "notes": evaluation.notes,
            "slices": evaluation.slices,
            "nats": evaluation.nats(),
            "nats_per_note": evaluation.per_note(),
            "nats_per_slice": evaluation.per_slice(),
        })
    });
    format!("{}\n", json!({ "styles": styles.collect::<Vec<_>>() }))
}

fn as_table(costs: &[StyleCost]) -> String {
    let mut text = String::from("style             pieces     notes   nats a note  nats a slice\n");
    for StyleCost { style, evaluation, .. } in costs {
        let _ = writeln!(
            text,
            "{style:16}  {:6}  {:8}  {:12.4}  {:12.4}",
            evaluation.pieces.len(),
            evaluation.notes,
            evaluation.per_note(),
            evaluation.per_slice(),
        );
    }
    text
}
