//! From a request to files of new music.

use std::path::Path;

use cantus_compose::{
    Chooser, ComposeError, Composer, Composition, Context, Distribution, Ending, Length, PhraseComposer,
    Plan, Policy, Request, standard_judges,
};
use cantus_model::encoding::{Steps, ticks};
use cantus_model::model::Model;
use cantus_nn::Rng;
use cantus_render::performance::{Expression, Performance, perform};
use cantus_score::{Score, Seconds, Track};

use crate::error::{Error, Kind};
use crate::{OutputFormat, SoundOptions, encode, write_file};

/// How far a piece is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Drawn {
    /// The bar that is drawn, from 0; a bar may be drawn several times, and the piece as well.
    pub bar: u32,
    /// How many bars the piece has.
    pub bars: u32,
}

/// Composes what is asked for; `is_traced` records every decision, for a result as JSON. `progress` is called for each bar that
/// is begun.
pub fn compose(
    composer: &Composer,
    request: &Request,
    is_traced: bool,
    progress: &mut dyn FnMut(Drawn),
) -> Result<Composition, Error> {
    let policy = Policy { is_traced, ..Policy::default() };
    let plan = Plan::new(request, composer.styles()).map_err(impossible)?;
    let mut chooser =
        Watched { chooser: request.sampler(), bar: plan.bar(), bars: plan.bars, now: None, progress };
    composer.compose_with(request, &mut chooser, &standard_judges(), policy).map_err(impossible)
}

/// Composes by phrases what is asked for. `progress` is called for each phrase.
pub fn compose_phrases(
    composer: &mut PhraseComposer,
    request: &Request,
    progress: &mut dyn FnMut(Drawn),
) -> Result<Composition, Error> {
    let mut drawn = |bar, bars| progress(Drawn { bar, bars });
    composer.compose(request, &standard_judges(), &mut drawn).map_err(impossible)
}

/// A chooser that tells which bar it is at.
struct Watched<'a, Inner> {
    chooser: Inner,
    bar: Steps,
    bars: u32,
    now: Option<u32>,
    progress: &'a mut dyn FnMut(Drawn),
}

impl<Inner: Chooser> Chooser for Watched<'_, Inner> {
    fn choose(&mut self, offered: &Distribution, context: &Context, rng: &mut Rng) -> u32 {
        let bar = (context.at / self.bar.max(1)).min(self.bars);
        if self.now.replace(bar) != Some(bar) {
            (self.progress)(Drawn { bar, bars: self.bars });
        }
        self.chooser.choose(offered, context, rng)
    }
}

/// An error of a request, with what helps.
pub fn impossible(error: ComposeError) -> Error {
    let hint = match &error {
        ComposeError::UnknownStyle { .. } => "`cantus styles` lists the styles with their metres and lengths",
        ComposeError::NoStyle => "take another model, or leave --model out for the built-in one",
        ComposeError::ScaleWithoutKey => "add a key, such as --key \"D minor\", or leave --scale-only out",
        ComposeError::NoControls { .. } => {
            "teach it with `cantus train MUSIC --from built-in --preset controls -o RUN`, then compose with --model RUN"
        }
        ComposeError::Place { what: "a part", .. } => "`cantus styles` lists the parts of each style",
        ComposeError::Place { what: "the bars of a section", .. } => "change --bars or --form",
        ComposeError::Place { .. } => "`cantus show` counts the bars of a piece and numbers its tracks",
        ComposeError::ControlOfStyle { .. } => "take another style, or leave the control out",
        ComposeError::Contradiction { .. } => "leave one of the two out, or change it",
        ComposeError::TempoAgainstSeconds { .. } => "leave the tempo out, or take the one that fits",
        ComposeError::SecondsWithoutTempo { .. } => "ask for a longer piece or a shorter bar",
        _ => "`cantus help` and the name of the command tell what may be asked for",
    };
    Error::of(Kind::Request, error).with_hint(hint)
}

/// The performance that a composition gets: a loop and a piece of given seconds keep their tempo to the end.
pub fn performance_of(composition: &Composition) -> Performance {
    let keeps_tempo = composition.plan.ending == Ending::Loop
        || matches!(composition.request.asked_length(), Some(Length::Seconds(_)));
    let usual = Expression::default();
    let ritardando = if keeps_tempo { 0.0 } else { usual.ritardando };
    Performance::Expressive(Expression { ritardando, ..usual })
}

/// How long a composition is that leads back to its beginning: its bars, whatever rings on.
pub fn loop_length_of(composition: &Composition) -> Option<Seconds> {
    let end = ticks(composition.plan.end());
    let is_loop = composition.plan.ending == Ending::Loop;
    is_loop.then(|| composition.score.tempo_map().seconds(end))
}

/// Writes a composition in the format that the path asks for. MIDI and sound are performed as `sound` says; JSON
/// holds the written notes, the request and the trace.
pub fn write_composition(composition: &Composition, path: &Path, sound: &SoundOptions) -> Result<(), Error> {
    let format = OutputFormat::of_path(path)?;
    let bytes = match format {
        OutputFormat::Json => {
            let json = serde_json::to_string_pretty(&composition.record());
            json.map_err(|error| Error::of(Kind::Output, error).at(path))?.into_bytes()
        }
        OutputFormat::Midi => encode(&perform(&composition.score, sound.performance), format, sound)?,
        _ => encode(&composition.score, format, sound)?,
    };
    write_file(path, &bytes)
}

/// Four bars of a style that a model composes as it stands, in two lines of text: its highest and its lowest part, or the two
/// halves of its only one. Nothing where nothing comes.
pub fn sample(model: &Model, style: &str, seed: u64) -> Vec<String> {
    let Ok(request) = Request::new(seed).style(style).bars(4) else { return Vec::new() };
    // A model that has just begun to learn obeys no judge, and none is to hold training up.
    let policy = Policy { attempts: 1, ..Policy::default() };
    let composed = Composer::new(model).compose_with(&request, &mut request.sampler(), &[], policy);
    composed.map(|composition| two_lines(&composition.score)).unwrap_or_default()
}

fn two_lines(score: &Score) -> Vec<String> {
    let with_notes: Vec<&Track> = score.tracks.iter().filter(|track| !track.notes.is_empty()).collect();
    match with_notes.as_slice() {
        [] => Vec::new(),
        [alone] => {
            let words = words(score, alone);
            let (first, second) = words.split_at(words.len().div_ceil(2));
            vec![first.join(" "), second.join(" ")]
        }
        [highest, .., lowest] => [highest, lowest].map(|track| words(score, track).join(" ")).into(),
    }
}

/// Pitches with their lengths in quarter notes, such as `C5` and `G4:0.5`.
fn words(score: &Score, track: &Track) -> Vec<String> {
    let word = |note: &cantus_score::Note| match score.resolution.beats(note.length).0 {
        1.0 => note.pitch.to_string(),
        quarters => format!("{}:{}", note.pitch, (quarters * 100.0).round() / 100.0),
    };
    track.notes.iter().map(word).collect()
}
