//! `cantus continue`, `infill`, `harmonize`, `accompany`, `vary` and `restyle`: work on the user's own music.

use std::path::{Path, PathBuf};

use cantus::composing::edit::{
    How, Keep, Original, Task, beside_the_melody, part_of_instrument, share_of_new_notes,
};
use cantus::composing::{ComposeError, PhraseComposer, Sampler};
use cantus::model::gan::Player;
use cantus::model::styles::{Style, StylePart};
use cantus::render::roll::terminal;
use cantus::score::Instrument;
use cantus::{AnyModel, Drawn, Editor, OutputFormat, SoundOptions, Worked};

use super::compose::{any_seed, model, threads};
use super::show::roll_options;
use crate::args::{AccompanyArgs, ContinueArgs, EditOptions, InfillArgs, MelodyArgs, SteerArgs, VaryArgs};
use crate::exit::{Failure, Outcome};
use crate::printer::Printer;

/// The style in which melodies are harmonized where nothing else is said.
const USUAL_HARMONY: &str = "chorale";

/// The style in which a piece is accompanied that sounds like one of a single part.
const USUAL_COMPANY: &str = "song";

/// `cantus continue`
pub(crate) fn go_on(args: &ContinueArgs, printer: &mut Printer) -> Result<Outcome, Failure> {
    let original = cantus::open_original(&args.file)?;
    let work = Work::new(("continue", "continued"), &args.file, &args.options)?;
    work.tasks(&original, printer, |_, how| original.to_continue(args.bars, how))
}

/// `cantus infill`
pub(crate) fn infill(args: &InfillArgs, printer: &mut Printer) -> Result<Outcome, Failure> {
    let original = cantus::open_original(&args.file)?;
    let parts = args.tracks.as_ref().map(|tracks| parts_of(&original, tracks)).transpose()?;
    let work = Work::new(("infill", "filled"), &args.file, &args.options)?;
    work.tasks(&original, printer, |_, how| original.to_infill(&args.bars, parts.as_deref(), how))
}

/// `cantus harmonize`
pub(crate) fn harmonize(args: &MelodyArgs, printer: &mut Printer) -> Result<Outcome, Failure> {
    let melody = melody_of(("harmonize", &args.file), args.track, printer)?;
    let mut work = Work::new(("harmonize", "harmonized"), &args.file, &args.options)?;
    work.usual = work.style_named(USUAL_HARMONY);
    work.tasks(&melody, printer, |style, how| set(&melody, style, how))
}

/// `cantus restyle`
pub(crate) fn restyle(args: &MelodyArgs, printer: &mut Printer) -> Result<Outcome, Failure> {
    if args.options.style.is_none() {
        return Err(wish("restyle", "a new style must be named, as in --style folk"));
    }
    let melody = melody_of(("restyle", &args.file), args.track, printer)?;
    let work = Work::new(("restyle", "restyled"), &args.file, &args.options)?;
    work.tasks(&melody, printer, |style, how| set(&melody, style, how))
}

/// `cantus accompany`
pub(crate) fn accompany(args: &AccompanyArgs, printer: &mut Printer) -> Result<Outcome, Failure> {
    let original = cantus::open_original(&args.file)?;
    let named = args.instruments.as_ref().map(|names| instruments(names)).transpose()?;
    let mut work = Work::new(("accompany", "accompanied"), &args.file, &args.options)?;
    if args.options.style.is_none() {
        let heard = work.editor.style_of(&original.piece);
        let is_alone = heard.is_some_and(|style| work.editor.styles()[style as usize].parts.len() < 2);
        // Of a style in which one part plays nobody has learnt what others do.
        work.usual = work.style_named(USUAL_COMPANY).filter(|_| is_alone).or(heard);
    }
    work.tasks(&original, printer, |style, how| {
        let own = || style.map(|style| beside_the_melody(style).1).unwrap_or_default();
        original.to_accompany(&named.clone().unwrap_or_else(own), how)
    })
}

/// `cantus vary`
pub(crate) fn vary(args: &VaryArgs, printer: &mut Printer) -> Result<Outcome, Failure> {
    let original = cantus::open_original(&args.file)?;
    let keep = args.keep.map_or(Keep::Nothing, Keep::from);
    let work = Work::new(("vary", "varied"), &args.file, &args.options)?;
    work.run(&original, printer, |editor, how, progress| {
        Ok(editor.vary(&original, (args.amount, keep), &how, progress)?)
    })
}

fn wish(command: &'static str, message: impl Into<String>) -> Failure {
    Failure::Wish { message: message.into(), command }
}

/// A melody set for the parts of the style.
fn set(melody: &Original, style: Option<&Style>, how: How) -> Result<Task, ComposeError> {
    melody.to_harmonize(style.ok_or(ComposeError::NoStyle)?, how)
}

/// The melody of a piece, alone.
fn melody_of(
    (command, file): (&'static str, &Path),
    track: Option<usize>,
    printer: &Printer,
) -> Result<Original, Failure> {
    let original = cantus::open_original(file)?;
    let part = match track {
        Some(track) => original.part_of_track(track).map_err(cantus::impossible)?,
        None => original
            .melody()
            .ok_or_else(|| wish(command, "a melody must have pitches, but this piece has only drums"))?,
    };
    if original.piece.parts.len() > 1 {
        printer.say(&format!("the melody is {}", original.told_part(part)));
    }
    original.alone(part).map_err(|error| cantus::impossible(error).into())
}

fn parts_of(original: &Original, tracks: &[usize]) -> Result<Vec<usize>, Failure> {
    let part = |track: &usize| original.part_of_track(*track);
    tracks.iter().map(part).collect::<Result<_, _>>().map_err(|error| cantus::impossible(error).into())
}

fn instruments(names: &[String]) -> Result<Vec<StylePart>, Failure> {
    let part = |name: &String| {
        let name = name.trim();
        let known = Instrument::named(name);
        let rule = "an instrument must be one by its usual name, such as piano, violin or double bass";
        known
            .map(|known| part_of_instrument(name, known))
            .ok_or_else(|| wish("accompany", format!("{rule}, but was {name}")))
    };
    names.iter().map(part).collect()
}

/// One piece of work, as often as asked for.
struct Work<'a> {
    /// What is done with the piece, as results are named.
    done: &'static str,
    file: &'a Path,
    options: &'a EditOptions,
    editor: Editor,
    seed: u64,
    /// Whether a result tells every decision.
    is_traced: bool,
    /// The style where none is asked for; without it the one that is heard.
    usual: Option<u32>,
}

impl<'a> Work<'a> {
    fn new(
        (command, done): (&'static str, &'static str),
        file: &'a Path,
        options: &'a EditOptions,
    ) -> Result<Self, Failure> {
        // A name that tells no format fails before anything is made.
        let formats = options.output.iter().map(|path| OutputFormat::of_path(path));
        let is_traced = formats.collect::<Result<Vec<_>, _>>()?.contains(&OutputFormat::Json);
        let editor = match model((options.model.as_deref(), options.engine), command)? {
            AnyModel::Scores(model) => {
                Editor::Notes(Box::new(cantus::composer(&model, options.model.as_deref())?))
            }
            AnyModel::Phrases(model) => {
                Editor::Phrases(Box::new(PhraseComposer::new(Player::new(*model, threads()))))
            }
            _ => {
                return Err(wish(
                    command,
                    "a piece can be worked on by a model of scores, but this is one of arrays",
                ));
            }
        };
        let seed = options.seed.unwrap_or_else(any_seed);
        Ok(Self { done, file, options, editor, seed, is_traced, usual: None })
    }

    /// Does what a task says.
    fn tasks(
        self,
        original: &Original,
        printer: &mut Printer,
        task: impl Fn(Option<&Style>, How) -> Result<Task, ComposeError>,
    ) -> Result<Outcome, Failure> {
        self.run(original, printer, |editor, how, progress| {
            let style = how.style.and_then(|style| editor.styles().get(style as usize));
            let task = task(style, how).map_err(cantus::impossible)?;
            Ok(editor.work_on(original, &task, progress)?)
        })
    }

    fn run(
        mut self,
        original: &Original,
        printer: &mut Printer,
        make: impl Fn(&mut Editor, How, &mut dyn FnMut(Drawn)) -> Result<Worked, Failure>,
    ) -> Result<Outcome, Failure> {
        let style = self.style(original, printer)?;
        let steer = self.steer(original)?;
        let mut outcome = Outcome::Done;
        for index in 0..self.options.count {
            let seed = self.seed.wrapping_add(u64::from(index));
            let how = steer.ask(self.how(seed, style)).map_err(cantus::impossible)?;
            let bar = printer.piece_bar();
            let made = make(&mut self.editor, how, &mut |drawn| bar.show(drawn));
            bar.end();
            let made = made?;
            let new = 100.0 * share_of_new_notes(&original.score, &made.score);
            printer.say(&format!("{new:.0} % of its notes are new, seed {seed}"));
            for remark in &made.remarks {
                printer.say(&format!("not as asked: {remark}"));
                outcome = Outcome::Findings;
            }
            self.write(&made, (seed, index), printer)?;
        }
        Ok(outcome)
    }

    /// What is asked, with tracks that are told by their numbers as the parts that they are.
    fn steer(&self, original: &Original) -> Result<SteerArgs, Failure> {
        let mut steer = self.options.steer.clone();
        for range in steer.ranges() {
            if let Ok(track) = range.part.parse() {
                let part = original.part_of_track(track).map_err(cantus::impossible)?;
                range.part = (part + 1).to_string();
            }
        }
        Ok(steer)
    }

    fn how(&self, seed: u64, style: Option<u32>) -> How {
        let usual = How::new(seed);
        let number = |asked: Option<f64>, usual: f32| asked.map_or(usual, |asked| asked as f32);
        let temperature = number(self.options.temperature, usual.sampler.temperature());
        let top_p = number(self.options.top_p, usual.sampler.top_p());
        How {
            style,
            scale: self.options.scale,
            is_traced: self.is_traced,
            sampler: Sampler::new(temperature, top_p),
            drafts: self.options.drafts.unwrap_or(usual.drafts),
            ..usual
        }
    }

    fn style_named(&self, name: &str) -> Option<u32> {
        self.editor.styles().iter().position(|style| style.name == name).map(|index| index as u32)
    }

    /// The style asked for, or the one that is heard.
    fn style(&mut self, original: &Original, printer: &Printer) -> Result<Option<u32>, Failure> {
        if let Some(name) = &self.options.style {
            let names: Vec<&str> = self.editor.styles().iter().map(|style| style.name.as_str()).collect();
            let unknown = ComposeError::UnknownStyle { name: name.clone(), known: names.join(", ") };
            return Ok(Some(self.style_named(name).ok_or_else(|| cantus::impossible(unknown))?));
        }
        let style = self.usual.or_else(|| self.editor.style_of(&original.piece));
        if let Some(style) = style.and_then(|style| self.editor.styles().get(style as usize)) {
            printer.say(&format!("in the style of {}", style.name));
        }
        Ok(style)
    }

    fn write(&self, made: &Worked, (seed, index): (u64, u32), printer: &mut Printer) -> Result<(), Failure> {
        let sound = SoundOptions { soundfont: self.options.soundfont.clone(), ..SoundOptions::default() };
        for path in self.paths(seed, index) {
            let spinner = printer.spinner("writing");
            let written = cantus::write_worked(made, &path, &sound);
            spinner.finish_and_clear();
            written?;
            printer.say(&format!("wrote {}", path.display()));
        }
        if self.options.output.is_empty() {
            printer.data(&terminal(&made.score, &roll_options(printer)))?;
        }
        Ok(())
    }

    /// Where a result is written: as named, or by the piece's name, what was done and the seed.
    fn paths(&self, seed: u64, index: u32) -> Vec<PathBuf> {
        if self.options.output.is_empty() {
            let stem = self.file.file_stem().unwrap_or_default().to_string_lossy();
            return ["mid", "wav"]
                .map(|ending| PathBuf::from(format!("{stem}-{}-{seed}.{ending}", self.done)))
                .into();
        }
        let count = self.options.count as usize;
        self.options.output.iter().map(|path| cantus::numbered(path, index as usize, count)).collect()
    }
}
