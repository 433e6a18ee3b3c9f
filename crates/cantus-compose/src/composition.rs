//! A finished composition, and its record.

use std::collections::BTreeMap;

use cantus_features::control::Control;
use cantus_model::controls::Controls;
use cantus_score::{Key, Score, Track};
use serde::Serialize;

use crate::names;
use crate::plan::Plan;
use crate::request::{Ending, Request};
use crate::trace::Trace;

/// A piece, and all that it came from.
#[derive(Debug, Clone, PartialEq)]
pub struct Composition {
    /// The music: a named track with program and channel a part, tempo, key, metre and title.
    pub score: Score,
    /// What was asked for.
    pub request: Request,
    /// What was settled before the first note.
    pub plan: Plan,
    /// The key heard in the piece.
    pub key: Option<Key>,
    /// How often the piece or its ending was drawn.
    pub attempts: u32,
    /// The sum of the judges' scores, less what the way back of a loop costs in nats.
    pub points: f64,
    /// What the judges found wanting, where no drawing satisfied all of them; empty otherwise.
    pub remarks: Vec<String>,
    /// The digest of the model's file; empty for a model that was never in one.
    pub model: String,
    /// Every decision, where they were recorded.
    pub trace: Option<Trace>,
}

/// A composition as JSON has it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Record<'a> {
    title: &'a str,
    seed: u64,
    model: &'a str,
    request: &'a Request,
    style: &'a str,
    #[serde(with = "names::key")]
    key: Option<Key>,
    tempo: f64,
    meter: String,
    bars: u32,
    ending: Ending,
    seconds: f64,
    attempts: u32,
    remarks: &'a [String],
    /// What the network was told of the piece and its bars, by control.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    told: BTreeMap<&'static str, Told>,
    /// Ticks of a quarter note, in which the notes are told.
    resolution: u32,
    /// Ticks of the incomplete first bar.
    pickup: u32,
    parts: Vec<PartRecord<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trace: Option<&'a Trace>,
}

/// Levels of a control, 0 to 9: tenths of what the style has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Told {
    #[serde(skip_serializing_if = "Option::is_none")]
    piece: Option<u8>,
    bars: Vec<Option<u8>>,
}

/// A part as JSON has it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PartRecord<'a> {
    name: &'a str,
    /// From 1, as musicians count channels.
    channel: u8,
    program: u8,
    notes: Vec<NoteRecord>,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
struct NoteRecord {
    at: u32,
    length: u32,
    pitch: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    velocity: Option<u8>,
}

impl Composition {
    /// Whether every judge accepted it; [`Composition::remarks`] tell what is wanting otherwise.
    pub fn is_as_asked(&self) -> bool {
        self.remarks.is_empty()
    }

    /// All of it in a form that serialises: request, seed, model, notes, and the trace where it was recorded.
    pub fn record(&self) -> Record<'_> {
        let Self { score, request, plan, .. } = self;
        Record {
            title: &score.title,
            seed: request.asked_seed(),
            model: &self.model,
            request,
            style: &plan.style_name,
            key: self.key,
            tempo: names::bpm(plan.tempo),
            meter: plan.meter.to_string(),
            bars: plan.bars,
            ending: plan.ending,
            seconds: score.seconds().0,
            attempts: self.attempts,
            remarks: &self.remarks,
            told: told(&plan.controls),
            resolution: score.resolution.ticks_per_quarter(),
            pickup: score.pickup().0,
            parts: score.tracks.iter().map(part).collect(),
            trace: self.trace.as_ref(),
        }
    }
}

fn told(controls: &Controls) -> BTreeMap<&'static str, Told> {
    let of = |control: Control| Told {
        piece: controls.piece[control.index()],
        bars: controls.bars.iter().map(|levels| levels[control.index()]).collect(),
    };
    let is_told = |(_, told): &(&str, Told)| told.piece.is_some() || told.bars.iter().any(Option::is_some);
    Control::ALL.into_iter().map(|control| (control.name(), of(control))).filter(is_told).collect()
}

fn part(track: &Track) -> PartRecord<'_> {
    let notes = track.notes.iter().map(|note| NoteRecord {
        at: note.start.0,
        length: note.length.0,
        pitch: note.pitch.get(),
        velocity: note.velocity.map(cantus_score::Velocity::get),
    });
    PartRecord {
        name: &track.name,
        channel: track.channel.get() + 1,
        program: track.program().get(),
        notes: notes.collect(),
    }
}
