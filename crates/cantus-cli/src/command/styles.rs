//! `cantus styles`: what a model can compose.

use std::fmt::Write as _;

use cantus::AnyModel;
use cantus::model::styles::Style;
use serde_json::json;

use crate::args::{ComposeEngine, StylesArgs};
use crate::exit::{Failure, Outcome};
use crate::printer::Printer;

/// Prints each style with its parts, metres, tempo and length.
pub(crate) fn run(args: &StylesArgs, printer: &mut Printer) -> Result<Outcome, Failure> {
    let model = match (args.model.as_deref(), args.engine) {
        (None, Some(ComposeEngine::Gan)) => AnyModel::Phrases(Box::new(cantus::built_in_phrases()?)),
        (path, _) => cantus::open_any_model(path)?,
    };
    let styles = match model {
        AnyModel::Scores(model) => cantus::composer(&model, args.model.as_deref())?.styles().to_vec(),
        AnyModel::Phrases(model) => model.styles,
        // It knows none, and the error says so.
        AnyModel::Array(_) | AnyModel::Pieces(_) | AnyModel::Voices(_) => {
            cantus::model_or_default(args.model.as_deref())?.styles
        }
    };
    for mut style in styles {
        // Its weights say nothing to a reader.
        style.critic = None;
        let style = &style;
        printer.data(&if args.json { format!("{}\n", json!(style)) } else { as_text(style) })?;
    }
    Ok(Outcome::Done)
}

fn as_text(style: &Style) -> String {
    let mut text = format!("{}\n", style.name);
    let name = |name: &str| if name.is_empty() { "one without a name".to_owned() } else { name.to_owned() };
    let parts: Vec<String> = style.parts.iter().map(|part| name(&part.part.name)).collect();
    let meters: Vec<String> =
        style.meters.iter().take(6).map(|meter| format!("{}/{}", meter.beats, meter.unit)).collect();
    let _ = writeln!(text, "  parts    {}", parts.join(", "));
    let _ = writeln!(text, "  metres   {}", meters.join(", "));
    let _ = writeln!(text, "  tempo    about {:.0} quarters a minute", style.tempo);
    let _ = writeln!(text, "  length   about {} bars", style.bars);
    if !style.avoids.is_empty() {
        let avoids: Vec<String> = style.avoids.iter().map(|(of, nats)| format!("{of}:{nats}")).collect();
        let _ = writeln!(text, "  avoids   {}", avoids.join(", "));
    }
    let _ = writeln!(text, "  learned from {} pieces", style.pieces);
    text
}
