//! `cantus eval --benchmark`: a model beside what others reported of theirs.

use std::fmt::Write as _;
use std::path::Path;

use cantus::model::run::TrainOptions;
use cantus::{AnyModel, ArraySettings, BUILT_IN, BenchmarkCost, BenchmarkRow, Engine, Jsb16, TrainSettings};
use serde_json::json;

use super::train;
use crate::args::EvalArgs;
use crate::exit::{Failure, Outcome};
use crate::printer::Printer;
use crate::stop;

/// Trains a model if that is asked for, measures it, and prints the table.
pub(crate) fn run(args: &EvalArgs, printer: &mut Printer) -> Result<Outcome, Failure> {
    let bar = printer.files_bar();
    let benchmark = Jsb16::read(&args.paths, &|progress| bar.show(progress));
    bar.end();
    let benchmark = benchmark?;
    if args.train {
        let settings = TrainSettings {
            engine: Engine::Voices,
            paths: args.paths.clone(),
            folder: args.model.clone(),
            preset: args.preset.clone(),
            array: ArraySettings { seed: args.seed, ..ArraySettings::default() },
            options: TrainOptions::default(),
            ..TrainSettings::default()
        };
        train::watched(&settings, printer)?;
        if stop::is_asked() {
            printer.say("stopped as asked: the table is that of the best epoch so far");
        }
    }
    let is_built_in = args.model == Path::new(BUILT_IN) && !args.model.exists();
    let models: Vec<AnyModel> = if is_built_in {
        let choir = AnyModel::Voices(Box::new(cantus::built_in_choir()?));
        vec![choir, cantus::open_any_model(None)?]
    } else {
        vec![cantus::open_any_model(Some(&args.model))?]
    };
    let spinner = printer.spinner("measuring");
    let rows = benchmark.rows(&models);
    spinner.finish_and_clear();
    let rows = rows?;
    if let Some(path) = &args.dump {
        benchmark.dump(&models[0], path)?;
        printer.say(&format!("wrote {}", path.display()));
    }
    printer.data(&if args.json { as_json(&rows) } else { as_table(&rows) })?;
    Ok(Outcome::Done)
}

fn as_json(rows: &[BenchmarkRow]) -> String {
    let cost = |cost: &Option<BenchmarkCost>| {
        cost.map(|BenchmarkCost { pooled, per_piece, onsets_only }| {
            json!({ "pooled": pooled, "per_piece": per_piece, "onsets_only": onsets_only })
        })
    };
    let row = |BenchmarkRow { name, costs: [valid, test] }: &BenchmarkRow| json!({ "name": name, "valid": cost(valid), "test": cost(test) });
    let rows: Vec<_> = rows.iter().map(row).collect();
    format!("{}\n", json!({ "benchmark": "jsb16", "unit": "nats a voice and sixteenth", "rows": rows }))
}

fn as_table(rows: &[BenchmarkRow]) -> String {
    let width = rows.iter().map(|row| row.name.chars().count()).max().unwrap_or(0);
    let mut text = format!(
        "{:width$}    validation                      test\n{:width$}    pooled  by piece  onsets only     pooled  by piece  onsets only\n",
        "nats of a voice at a sixteenth", ""
    );
    for BenchmarkRow { name, costs } in rows {
        let _ = write!(text, "{name:width$}");
        for cost in costs {
            let number = |value: Option<f64>| value.map_or("–".to_owned(), |value| format!("{value:.4}"));
            let [pooled, by_piece, onsets] = match cost {
                Some(cost) => [Some(cost.pooled), cost.per_piece, cost.onsets_only].map(number),
                None => [None; 3].map(number),
            };
            let _ = write!(text, "    {pooled:>6}  {by_piece:>8}  {onsets:>11}");
        }
        text.push('\n');
    }
    text
}
