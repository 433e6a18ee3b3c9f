//! `cantus compose`: new music.

use std::fmt::Write as _;
use std::hash::{BuildHasher as _, RandomState};
use std::path::{Path, PathBuf};

use cantus::composing::{
    ComposeError, Composer, Composition, Control, Ending, Length, PhraseComposer, Plan, Ranked, Request,
    Restraint, Steer as _, ranked,
};
use cantus::model::gan::Player;
use cantus::render::performance::Performance;
use cantus::render::roll::terminal;
use cantus::{AnyModel, OutputFormat, SoundOptions};

use super::show::roll_options;
use crate::args::{self, ComposeArgs, ComposeEngine, ComposeSettings};
use crate::exit::{Failure, Outcome};
use crate::printer::Printer;

/// Composes and writes what was asked for. Without a name for the result it is written as MIDI and WAV and drawn.
pub(crate) fn run(args: ComposeArgs, printer: &mut Printer) -> Result<Outcome, Failure> {
    let settings = args.settings(any_seed())?;
    let mut writer = match model((settings.model.as_deref(), settings.engine), "compose")? {
        AnyModel::Array(model) => return super::compose_array::run(&settings, &model, printer),
        AnyModel::Pieces(model) => return super::compose_array::pieces(&settings, *model, printer),
        AnyModel::Scores(model) => {
            Writer::Notes(Box::new(cantus::composer(&model, settings.model.as_deref())?))
        }
        AnyModel::Phrases(model) => {
            Writer::Phrases(Box::new(PhraseComposer::new(Player::new(*model, threads()))))
        }
        // It was refused already.
        AnyModel::Voices(_) => return Ok(Outcome::Done),
    };
    if let Some(wish) = settings.of_arrays().first() {
        let message = format!("{wish} is for models of arrays, but this model composes scores");
        return Err(Failure::Wish { message, command: "compose" });
    }
    let is_traced = is_traced(&settings.outputs)?;
    let mut asked = request(&settings).map_err(cantus::impossible)?;
    if let Some(path) = &settings.like {
        asked = like(&asked, path, &mut writer, printer)?;
    }
    if let Some(best) = settings.best.filter(|best| *best > settings.count) {
        let message = format!("--best {best} of --count {} pieces cannot be written", settings.count);
        return Err(Failure::Wish { message, command: "compose" });
    }
    let mut outcome = Outcome::Done;
    let mut candidates = Vec::new();
    for index in 0..settings.count {
        let seed = settings.seed.wrapping_add(u64::from(index));
        let bar = printer.piece_bar();
        let asked = asked.clone().seed(seed);
        let drawn = match &mut writer {
            Writer::Notes(composer) => {
                cantus::compose(composer, &asked, is_traced, &mut |drawn| bar.show(drawn))
            }
            Writer::Phrases(composer) => {
                cantus::compose_phrases(composer, &asked, &mut |drawn| bar.show(drawn))
            }
        };
        bar.end();
        let composition = drawn?;
        if settings.best.is_some() {
            candidates.push(composition);
        } else if !write(&settings, &composition, (index, settings.count), printer)? {
            outcome = Outcome::Findings;
        }
    }
    if let Some(best) = settings.best {
        let ranked = match &writer {
            Writer::Notes(composer) => ranked(&candidates, composer.styles(), Some(composer)),
            Writer::Phrases(composer) => ranked(&candidates, composer.styles(), None),
        };
        printer.say(&ranking(&ranked, &candidates));
        for (place, one) in (0..best).zip(&ranked) {
            if !write(&settings, &candidates[one.index], (place, best), printer)? {
                outcome = Outcome::Findings;
            }
        }
    }
    Ok(outcome)
}

/// Tells of a piece, the one of a number among so many, and writes it; says whether it is as asked.
fn write(
    settings: &ComposeSettings,
    composition: &Composition,
    place: (u32, u32),
    printer: &mut Printer,
) -> Result<bool, Failure> {
    tell(composition, printer);
    let sound = sound(settings, composition);
    for path in paths(settings, composition.request.asked_seed(), place) {
        let spinner = printer.spinner("writing");
        let written = if cantus::is_folder(&path) {
            cantus::write_stems(&composition.score, &path, &sound)
        } else {
            cantus::write_composition(composition, &path, &sound).map(|()| vec![path])
        };
        spinner.finish_and_clear();
        for path in written? {
            printer.say(&format!("wrote {}", path.display()));
        }
    }
    if settings.outputs.is_empty() {
        printer.data(&terminal(&composition.score, &roll_options(printer)))?;
    }
    Ok(composition.is_as_asked())
}

/// The ranking of pieces as a table.
fn ranking(ranked: &[Ranked], pieces: &[Composition]) -> String {
    let mut text =
        String::from("place       seed  nats a note  off what was asked  patterns of its own  faults");
    let number = |value: Option<f64>| value.map_or("–".to_owned(), |value| format!("{value:.3}"));
    for (place, Ranked { index, faults, nats, off, new, .. }) in ranked.iter().enumerate() {
        let (seed, own) = (pieces[*index].request.asked_seed(), format!("{:.0} %", 100.0 * new));
        let (nats, off) = (number(*nats), number(*off));
        let _ = write!(text, "\n{:5} {seed:10}  {nats:>11}  {off:>18}  {own:>19}  {faults:6}", place + 1);
    }
    text
}

/// Who writes a piece.
enum Writer {
    /// The recurrent network, note by note.
    Notes(Box<Composer>),
    /// A generator, phrase by phrase.
    Phrases(Box<PhraseComposer>),
}

/// Asks for what is measured of a piece, in its style where none was asked for.
fn like(asked: &Request, path: &Path, writer: &mut Writer, printer: &Printer) -> Result<Request, Failure> {
    let reference = cantus::open_original(path)?.piece;
    let (heard, controls) = match writer {
        Writer::Notes(composer) => {
            let controls: &[Control] = if composer.knows_controls() { &Control::ALL } else { &[] };
            (composer.style_of(&reference), controls)
        }
        Writer::Phrases(composer) => (composer.style_of(&reference), &[Control::Density][..]),
    };
    let styles = match writer {
        Writer::Notes(composer) => composer.styles(),
        Writer::Phrases(composer) => composer.styles(),
    };
    let is_named = asked.asked_style().is_some();
    let heard = heard.filter(|_| !is_named).and_then(|heard| styles.get(heard as usize));
    let asked = heard.map_or_else(|| asked.clone(), |style| asked.clone().style(&style.name));
    let plan = Plan::new(&asked, styles).map_err(cantus::impossible)?;
    let style = &styles[plan.style as usize];
    if !is_named {
        printer.say(&format!("in the style of {}", style.name));
    }
    asked.like(&reference, style, controls).map_err(cantus::impossible).map_err(Failure::from)
}

/// The model asked for. Fails where it is not of the engine asked for.
pub(super) fn model(
    (path, engine): (Option<&Path>, Option<ComposeEngine>),
    command: &'static str,
) -> Result<AnyModel, Failure> {
    let wish = |message: &str| Failure::Wish { message: message.to_owned(), command };
    let model = match (path, engine) {
        (None, Some(ComposeEngine::Gan)) => AnyModel::Phrases(Box::new(cantus::built_in_phrases()?)),
        (path, _) => cantus::open_any_model(path)?,
    };
    match (&model, engine) {
        (AnyModel::Voices(_), _) => {
            Err(wish("networks of four voices compose as part of the built-in model only: leave --model out"))
        }
        (AnyModel::Phrases(_) | AnyModel::Pieces(_), Some(ComposeEngine::Rnn)) => {
            Err(wish("--engine rnn was asked for, but the model is a generator"))
        }
        (AnyModel::Scores(_) | AnyModel::Array(_), Some(ComposeEngine::Gan)) => {
            Err(wish("--engine gan was asked for, but the model is a recurrent network"))
        }
        _ => Ok(model),
    }
}

/// Threads that play; the music does not depend on it.
pub(super) fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// A seed that nobody chose, short enough to be typed again.
pub(super) fn any_seed() -> u64 {
    RandomState::new().hash_one(0) % 1_000_000_000
}

/// Whether a result tells every decision. Fails where a name tells no format, before anything is composed.
fn is_traced(outputs: &[PathBuf]) -> Result<bool, Failure> {
    let files = outputs.iter().filter(|path| !cantus::is_folder(path));
    let formats = files.map(|path| OutputFormat::of_path(path));
    Ok(formats.collect::<Result<Vec<_>, _>>()?.contains(&OutputFormat::Json))
}

fn request(settings: &ComposeSettings) -> Result<Request, ComposeError> {
    let mut request = Request::new(settings.seed);
    if let Some(style) = &settings.style {
        request = request.style(style);
    }
    if let Some(key) = settings.key {
        request = request.key(key);
    }
    if settings.scale_only {
        request = request.without(Restraint::Accidentals);
    }
    request = settings.steer.ask(request)?;
    if let Some(tempo) = settings.tempo {
        request = request.tempo(tempo)?;
    }
    if let Some(meter) = settings.meter {
        request = request.meter(meter)?;
    }
    request = match settings.length {
        Some(args::Length::Bars(bars)) => request.bars(bars)?,
        Some(args::Length::Seconds(seconds)) => request.seconds(seconds)?,
        None => request,
    };
    if let Some(form) = &settings.form {
        request = request.form(form.clone());
    }
    if let Some(ending) = settings.ending {
        request = request.ending(match ending {
            args::Ending::Tonic => Ending::Tonic,
            args::Ending::Open => Ending::Open,
            args::Ending::Loop => Ending::Loop,
        });
    }
    if let Some(temperature) = settings.temperature {
        request = request.temperature(temperature as f32)?;
    }
    if let Some(top_p) = settings.top_p {
        request = request.top_p(top_p as f32)?;
    }
    Ok(request)
}

fn sound(settings: &ComposeSettings, composition: &Composition) -> SoundOptions {
    let performance = if settings.flat { Performance::Flat } else { cantus::performance_of(composition) };
    let loop_length = cantus::loop_length_of(composition);
    SoundOptions { soundfont: settings.soundfont.clone(), performance, loop_length }
}

/// Where a piece is written: as named, or by its seed.
fn paths(settings: &ComposeSettings, seed: u64, (index, count): (u32, u32)) -> Vec<PathBuf> {
    if settings.outputs.is_empty() {
        return ["mid", "wav"].map(|format| PathBuf::from(format!("cantus-{seed}.{format}"))).into();
    }
    let numbered = |path: &PathBuf| cantus::numbered(Path::new(path), index as usize, count as usize);
    settings.outputs.iter().map(numbered).collect()
}

/// Says what was composed, and what it lacks.
fn tell(composition: &Composition, printer: &Printer) {
    let plan = &composition.plan;
    let key = composition.key.map(|key| format!(" in {key}")).unwrap_or_default();
    let bars = if plan.bars == 1 { "1 bar".into() } else { format!("{} bars", plan.bars) };
    let length = match composition.request.asked_length() {
        Some(Length::Seconds(seconds)) => format!("{bars}, {seconds} s"),
        _ => bars,
    };
    let drawn = match composition.attempts {
        1 => "at the first go".into(),
        attempts => format!("drawn {attempts} times"),
    };
    printer.say(&format!(
        "{}{key}, {}, {length}, {:.0} quarters a minute, seed {}, {drawn}",
        plan.style_name,
        plan.meter,
        plan.tempo.bpm(),
        composition.request.asked_seed(),
    ));
    for remark in &composition.remarks {
        printer.say(&format!("not as asked: {remark}"));
    }
}
