//! `cantus continue`, `infill`, `harmonize`, `accompany`, `vary` and `restyle`: work on the user's own music.

use std::path::{Path, PathBuf};

use cantus::composing::edit::{How, Keep, Original, Task, beside_the_melody, part_of_instrument, share_of_new_notes};
use cantus::composing::{ComposeError, Composer, Sampler};
use cantus::render::performance::Performance;
use cantus::render::roll::terminal;
use cantus::score::{Instrument, Score};
use cantus::SoundOptions;

use super::compose::any_seed;
use super::show::roll_options;
use crate::args::{
    AccompanyArgs, ContinueArgs, EditOptions, HarmonizeArgs, InfillArgs, RestyleArgs, VaryArgs,
};
use crate::exit::{Failure, Outcome};
use crate::printer::Printer;

/// `cantus continue`
pub(crate) fn go_on(args: &ContinueArgs, printer: &mut Printer) -> Result<Outcome, Failure> {
    let original = cantus::open_original(&args.file)?;
    let work = Work::new("continued", &args.file, &args.options)?;
    work.run(&original, printer, |_, how| original.to_continue(args.bars, how))
}

/// `cantus infill`
pub(crate) fn infill(args: &InfillArgs, printer: &mut Printer) -> Result<Outcome, Failure> {
    let original = cantus::open_original(&args.file)?;
    let parts = args.tracks.as_ref().map(|tracks| parts_of(&original, tracks)).transpose()?;
    let work = Work::new("filled", &args.file, &args.options)?;
    work.run(&original, printer, |_, how| original.to_infill(&args.bars, parts.as_deref(), how))
}

/// `cantus harmonize`
pub(crate) fn harmonize(args: &HarmonizeArgs, printer: &mut Printer) -> Result<Outcome, Failure> {
    let melody = melody_of(&args.file, args.track, printer)?;
    let work = Work::new("harmonized", &args.file, &args.options)?;
    let usual = work.style_named("chorale");
    let work = Work { usual, ..work };
    work.run(&melody, printer, |composer, how| set(&melody, composer, how))
}

/// `cantus restyle`
pub(crate) fn restyle(args: &RestyleArgs, printer: &mut Printer) -> Result<Outcome, Failure> {
    if args.options.style.is_none() {
        return Err(wish("restyle", "a new style must be named, as in --style folk"));
    }
    let melody = melody_of(&args.file, args.track, printer)?;
    let work = Work::new("restyled", &args.file, &args.options)?;
    work.run(&melody, printer, |composer, how| set(&melody, composer, how))
}

/// `cantus accompany`
pub(crate) fn accompany(args: &AccompanyArgs, printer: &mut Printer) -> Result<Outcome, Failure> {
    let original = cantus::open_original(&args.file)?;
    let named = args.instruments.as_ref().map(|names| instruments(names)).transpose()?;
    let work = Work::new("accompanied", &args.file, &args.options)?;
    work.run(&original, printer, |composer, how| {
        let style = how.style.and_then(|style| composer.styles().get(style as usize));
        let own = || style.map(|style| beside_the_melody(style).1).unwrap_or_default();
        let added = named.clone().unwrap_or_else(own);
        original.to_accompany(&added, how)
    })
}

/// `cantus vary`
pub(crate) fn vary(args: &VaryArgs, printer: &mut Printer) -> Result<Outcome, Failure> {
    let original = cantus::open_original(&args.file)?;
    let keep = args.keep.map_or(Keep::Nothing, Keep::from);
    let work = Work::new("varied", &args.file, &args.options)?;
    work.run(&original, printer, |_, how| original.to_vary(args.amount, keep, how))
}

fn wish(command: &'static str, message: impl Into<String>) -> Failure {
    Failure::Wish { message: message.into(), command }
}

/// A melody set for the parts of the style.
fn set(melody: &Original, composer: &Composer, how: How) -> Result<Task, ComposeError> {
    let style = how.style.and_then(|style| composer.styles().get(style as usize));
    melody.to_harmonize(style.ok_or(ComposeError::NoStyle)?, how)
}

/// The melody of a piece, alone.
fn melody_of(file: &Path, track: Option<usize>, printer: &Printer) -> Result<Original, Failure> {
    let original = cantus::open_original(file)?;
    let part = match track {
        Some(track) => original.part_of_track(track).map_err(cantus::impossible)?,
        None => original.melody().ok_or_else(|| wish("harmonize", "a melody must have pitches, but this piece has only drums"))?,
    };
    if original.piece.parts.len() > 1 {
        let name = &original.piece.parts[part].name;
        printer.say(&format!("the melody is track {}{}", part + 1, if name.is_empty() { String::new() } else { format!(", {name}") }));
    }
    original.alone(part).map_err(|error| cantus::impossible(error).into())
}

fn parts_of(original: &Original, tracks: &[usize]) -> Result<Vec<usize>, Failure> {
    let part = |track: &usize| original.part_of_track(*track);
    tracks.iter().map(part).collect::<Result<_, _>>().map_err(|error| cantus::impossible(error).into())
}

fn instruments(names: &[String]) -> Result<Vec<cantus::model::styles::StylePart>, Failure> {
    let part = |name: &String| {
        let name = name.trim();
        let known = Instrument::named(name);
        let rule = "an instrument must be one by its usual name, such as piano, violin or double bass";
        known.map(|known| part_of_instrument(name, known)).ok_or_else(|| wish("accompany", format!("{rule}, but was {name}")))
    };
    names.iter().map(part).collect()
}

/// One piece of work, as often as asked for.
struct Work<'a> {
    /// What is done with the piece, as results are named.
    done: &'static str,
    file: &'a Path,
    options: &'a EditOptions,
    composer: Composer,
    seed: u64,
    /// The style where none is asked for; without it the one that is heard.
    usual: Option<u32>,
}

impl<'a> Work<'a> {
    fn new(done: &'static str, file: &'a Path, options: &'a EditOptions) -> Result<Self, Failure> {
        // A name that tells no format fails before anything is made.
        for path in &options.output {
            cantus::OutputFormat::of_path(path)?;
        }
        let model = cantus::model_or_default(options.model.as_deref())?;
        let seed = options.seed.unwrap_or_else(any_seed);
        Ok(Self { done, file, options, composer: Composer::new(&model), seed, usual: None })
    }

    fn run(
        &self,
        original: &Original,
        printer: &mut Printer,
        task: impl Fn(&Composer, How) -> Result<Task, ComposeError>,
    ) -> Result<Outcome, Failure> {
        let style = self.style(original, printer)?;
        for index in 0..self.options.count {
            let seed = self.seed.wrapping_add(u64::from(index));
            let task = task(&self.composer, self.how(seed, style));
            let bar = printer.piece_bar();
            let made = cantus::work_on(&self.composer, original, task, &mut |drawn| bar.show(drawn));
            bar.end();
            let made = made?;
            let new = 100.0 * share_of_new_notes(&original.score, &made);
            printer.say(&format!("{new:.0} % of its notes are new, seed {seed}"));
            self.write(&made, (seed, index), printer)?;
        }
        Ok(Outcome::Done)
    }

    fn how(&self, seed: u64, style: Option<u32>) -> How {
        let usual = How::new(seed);
        let number = |asked: Option<f64>, usual: f32| asked.map_or(usual, |asked| asked as f32);
        let temperature = number(self.options.temperature, usual.sampler.temperature());
        let top_p = number(self.options.top_p, usual.sampler.top_p());
        How {
            style,
            scale: self.options.scale,
            sampler: Sampler::new(temperature, top_p),
            drafts: self.options.drafts.unwrap_or(usual.drafts),
            ..usual
        }
    }

    fn style_named(&self, name: &str) -> Option<u32> {
        self.composer.styles().iter().position(|style| style.name == name).map(|index| index as u32)
    }

    /// The style asked for, or the one that is heard.
    fn style(&self, original: &Original, printer: &Printer) -> Result<Option<u32>, Failure> {
        if let Some(name) = &self.options.style {
            let known = || self.composer.styles().iter().map(|style| style.name.as_str()).collect::<Vec<_>>().join(", ");
            let unknown = || cantus::impossible(ComposeError::UnknownStyle { name: name.clone(), known: known() });
            return Ok(Some(self.style_named(name).ok_or_else(unknown)?));
        }
        let style = self.usual.or_else(|| self.composer.style_of(&original.piece));
        if let Some(style) = style.and_then(|style| self.composer.styles().get(style as usize)) {
            printer.say(&format!("in the style of {}", style.name));
        }
        Ok(style)
    }

    fn write(&self, made: &Score, (seed, index): (u64, u32), printer: &mut Printer) -> Result<(), Failure> {
        let sound = SoundOptions { soundfont: self.options.soundfont.clone(), performance: Performance::default() };
        for path in self.paths(seed, index) {
            let spinner = printer.spinner("writing");
            let written = cantus::write_worked(made, &path, &sound);
            spinner.finish_and_clear();
            written?;
            printer.say(&format!("wrote {}", path.display()));
        }
        if self.options.output.is_empty() {
            printer.data(&terminal(made, &roll_options(printer)))?;
        }
        Ok(())
    }

    /// Where a result is written: as named, or by the piece's name, what was done and the seed.
    fn paths(&self, seed: u64, index: u32) -> Vec<PathBuf> {
        if self.options.output.is_empty() {
            let stem = self.file.file_stem().unwrap_or_default().to_string_lossy();
            return ["mid", "wav"].map(|ending| PathBuf::from(format!("{stem}-{}-{seed}.{ending}", self.done))).into();
        }
        let count = self.options.count as usize;
        self.options.output.iter().map(|path| cantus::numbered(path, index as usize, count)).collect()
    }
}
