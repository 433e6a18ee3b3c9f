//! Networks of four voices that sing: a piece is asked for a moment at a time, and answered voice by voice.

use std::collections::BTreeMap;

use cantus_nn::{Path, Precision, math};
use cantus_score::{Key, Pitch};
use serde::{Deserialize, Serialize};

use super::model::Model;
use super::past::{Asked, Past, Scene};
use super::piece::{Frame, MOST_GAP, SIXTEENTH, VOICES, VoicedPiece};
use super::questions::{CLASSES, GAP, GAPS, HOLD, ORDER, Spec, class_of, note_of};
use crate::critic::Critic;
use crate::decoder::{Decoder, Reading};
use crate::encoding::{ESCAPE, LENGTH_CLASSES, Length, SliceNote, Steps};
use crate::walk::{ClassSet, Kind, Question, STOP};

/// What is known of the pieces that networks compose, besides their weights.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manner {
    /// The style that they are of.
    pub style: String,
    /// What they are to have less of than the networks make of themselves, as [`Style::avoids`](crate::styles::Style) has it.
    pub avoids: BTreeMap<String, f32>,
    /// What tells real pieces from those that the networks make.
    pub critic: Option<Critic>,
}

/// Networks made ready to compose any number of pieces.
#[derive(Debug)]
pub struct Choir {
    pub(super) spec: Spec,
    pub(super) members: Vec<Decoder>,
}

/// A piece that a choir sings, as far as it is; a copy of it is a place to come back to.
#[derive(Debug, Clone)]
pub struct Song {
    piece: VoicedPiece,
    end: usize,
    past: Past,
    readings: Vec<Reading>,
    scene: Scene,
    /// What voices sing now, those that are decided.
    frame: Frame,
    /// The last pitch that each voice sang before now.
    last: Frame,
    /// Which question of a moment comes next: those of the voices in their order, then when something changes.
    place: usize,
    is_unread: bool,
}

/// A question to a choir: its kind, the voice that it is about, and what may be answered.
///
/// Voices are answered by the classes of [`Kind::Pitch`]: the pitch that a voice sings already means that it holds it. When something
/// changes next is answered by the classes of [`Kind::Gap`]; [`ESCAPE`] says that for sixteen sixteenths nothing does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SongQuestion {
    /// `Pitch` or `Gap`.
    pub kind: Kind,
    /// The voice, from the highest.
    pub voice: usize,
    /// What may be answered.
    pub allowed: ClassSet,
}

/// Room to ask in.
#[derive(Debug, Default)]
pub struct Ear {
    items: Vec<u32>,
    question: Question,
    logits: Vec<f32>,
    chances: Vec<f32>,
}

impl Choir {
    /// Packs a model's weights, or says that its networks cannot sing: their layers must be one recurrent one.
    pub fn on(path: Path, model: &Model) -> Option<Self> {
        let (network, members) = model.networks();
        let pack = |params| Decoder::of_layers(path, network.layers(), params, Precision::Bf16);
        (network.is_plain() && model.recipe.asked)
            .then(|| Self { spec: network.spec.clone(), members: members.iter().map(pack).collect() })
    }

    /// The beginning of a piece of so many sixteenths in a key, told as if so many more were to come.
    pub fn begin(&self, key: Option<Key>, sixteenths: usize, to_come: usize) -> Song {
        let past = Past::new(Asked { key, end: Some(sixteenths + to_come) });
        Song {
            piece: VoicedPiece { frames: Vec::with_capacity(sixteenths) },
            end: sixteenths,
            scene: past.scene(0, true),
            past,
            readings: self.members.iter().map(Decoder::start).collect(),
            frame: Frame::default(),
            last: Frame::default(),
            place: 0,
            is_unread: true,
        }
    }

    /// Asks what comes next; `logits` gets natural logarithms of probabilities (or what differs from them by a constant), by class.
    pub fn ask(&self, song: &mut Song, ear: &mut Ear, logits: &mut Vec<f32>) -> SongQuestion {
        let scene = self.spec.told(song.scene);
        if std::mem::take(&mut song.is_unread) {
            self.spec.trunk_items(&scene, &mut ear.items);
            for (member, reading) in self.members.iter().zip(&mut song.readings) {
                member.read_slice(&ear.items, reading);
            }
        }
        let (kind, voice) = (song.kind(), song.voice());
        let classes = if kind == Kind::Gap {
            self.spec.ask_gap(&scene, song.frame, &mut ear.question);
            GAPS
        } else {
            self.spec.ask_voice(song.place, &scene, song.frame, &mut ear.question);
            CLASSES
        };
        self.chances((song.place.min(GAP), classes), song, ear);
        let mut allowed = ClassSet::default();
        logits.clear();
        logits.resize(if kind == Kind::Gap { LENGTH_CLASSES + 1 } else { kind.classes() }, f32::NEG_INFINITY);
        for class in (0..classes as u32).filter(|class| ear.question.allowed.contains(*class)) {
            let told = if kind == Kind::Gap { told_gap(class) } else { song.told_note(class) };
            allowed.insert(told);
            logits[told as usize] = math::ln(ear.chances[class as usize].max(f32::MIN_POSITIVE));
        }
        SongQuestion { kind, voice, allowed }
    }

    /// The probabilities of a head's classes, the mean over the networks.
    fn chances(&self, head: (usize, usize), song: &mut Song, ear: &mut Ear) {
        let Ear { question, logits, chances, .. } = ear;
        chances.clear();
        chances.resize(head.1, 0.0);
        for (member, reading) in self.members.iter().zip(&mut song.readings) {
            member.logits_of(head, question, reading, logits);
            let allowed = || (0..head.1).filter(|class| question.allowed.contains(*class as u32));
            let most = allowed().map(|class| logits[class]).fold(f32::MIN, f32::max);
            let sum: f32 = allowed().map(|class| math::exp(logits[class] - most)).sum();
            for class in allowed() {
                chances[class] += math::exp(logits[class] - most) / (sum * self.members.len() as f32);
            }
        }
    }
}

/// The class of a time till something changes, told as a length.
fn told_gap(class: u32) -> u32 {
    if class as usize == MOST_GAP { ESCAPE } else { Length::saturating((class + 1) * SIXTEENTH).class() }
}

impl Song {
    /// What is asked next: `Pitch` or `Gap`.
    pub fn kind(&self) -> Kind {
        if self.place < VOICES { Kind::Pitch } else { Kind::Gap }
    }

    /// The voice that is asked next.
    fn voice(&self) -> usize {
        ORDER.get(self.place).copied().unwrap_or(0)
    }

    /// Whether the piece has come to its end.
    pub fn is_done(&self) -> bool {
        self.piece.frames.len() >= self.end
    }

    /// Whether a moment begins of which nothing is decided.
    pub fn is_fresh(&self) -> bool {
        self.place == self.first_place() && self.is_unread
    }

    /// The time of the moment that is being decided, in grid steps.
    pub fn now(&self) -> Steps {
        self.scene.at as Steps * SIXTEENTH
    }

    /// When it ends, in grid steps.
    pub fn end(&self) -> Steps {
        self.end as Steps * SIXTEENTH
    }

    /// What a voice sings now, if that is decided and it sings.
    pub fn sings(&self, voice: usize) -> Option<Pitch> {
        self.is_decided(voice).then(|| self.frame[voice]).flatten()
    }

    /// What it sang before.
    pub fn sang(&self, voice: usize) -> Option<Pitch> {
        self.scene.before.and_then(|before| before[voice])
    }

    /// The last pitch that it sang before now, whatever rests came after it.
    pub fn last_sung(&self, voice: usize) -> Option<Pitch> {
        self.last[voice]
    }

    /// Whether it is decided what a voice does now.
    pub fn is_decided(&self, voice: usize) -> bool {
        ORDER[..self.place.min(VOICES)].contains(&voice)
    }

    /// The notes so far; those that are being sung last till now.
    pub fn notes(&self) -> Vec<(Steps, SliceNote)> {
        self.piece.notes()
    }

    /// Takes the answer and goes on.
    pub fn answer(&mut self, class: u32) {
        if self.place < VOICES {
            let voice = self.voice();
            self.frame[voice] = (class != STOP).then(|| Pitch::saturating(i64::from(class) - 1));
            self.place += 1;
            return;
        }
        let gap = Length::of_class(class).map_or(MOST_GAP, |gap| (gap.steps() / SIXTEENTH).max(1) as usize);
        let changes = class != ESCAPE;
        let gap = gap.min(self.end - self.piece.frames.len());
        for (last, now) in self.last.iter_mut().zip(self.frame) {
            *last = now.or(*last);
        }
        for _ in 0..gap {
            self.past.push(self.frame);
            self.piece.frames.push(self.frame);
        }
        self.scene = self.past.scene(gap as u32 + u32::from(!changes), changes);
        self.place = if changes { 0 } else { VOICES };
        self.is_unread = true;
    }

    /// The first question of a moment like this one.
    fn first_place(&self) -> usize {
        if self.place == VOICES && self.is_unread { VOICES } else { 0 }
    }

    /// The class of what a voice does, told as the pitch that it then sings.
    fn told_note(&self, class: u32) -> u32 {
        let voice = self.voice();
        let note = if class == HOLD { self.sang(voice) } else { note_of(class, None) };
        // Silence comes first, then the pitches, as in questions for pitches.
        class_of(note) - 1
    }
}
