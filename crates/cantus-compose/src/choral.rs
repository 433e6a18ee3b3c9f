//! Plain pieces for four voices, sung by networks that ask at each moment whether a voice goes on.

use cantus_model::controls::Controls;
use cantus_model::critic::Heard;
use cantus_model::encoding::{ESCAPE, Length, MeterSpan, STEPS_PER_QUARTER, Sliced, Steps};
use cantus_model::styles::Style;
use cantus_model::voices::{Choir, Ear, Manner, Model, Song, SongQuestion, VOICES};
use cantus_model::walk::{ClassSet, Kind, STOP};
use cantus_nn::Path;
use cantus_score::{Meter, Pitch};

use crate::chooser::Context;
use crate::distribution::{self, Distribution};
use crate::error::ComposeError;
use crate::plan::Plan;
use crate::request::{Ending, Request};
use crate::rules::{Beside, Ensemble, Page, Rule, hard, weighed};
use crate::session::{Chance, Scribe, Worth};
use crate::trace::{Decision, Trace};

/// Grid steps of a sixteenth.
const SIXTEENTH: Steps = STEPS_PER_QUARTER / 4;
/// Sixteenths that an ending other than the tonic pretends to be still to come.
const TO_COME: usize = 64;

/// A choir and how it sings.
#[derive(Debug)]
pub(crate) struct Choral {
    choir: Choir,
    manner: Manner,
    digest: String,
}

impl Choral {
    pub(crate) fn new(path: Path, model: &Model) -> Result<Self, ComposeError> {
        let choir = Choir::on(path, model).ok_or(ComposeError::CannotSing)?;
        let manner = model.manner.clone().ok_or(ComposeError::CannotSing)?;
        Ok(Self { choir, manner, digest: model.digest.clone() })
    }

    /// The digest of its model's file.
    pub(crate) fn digest(&self) -> &str {
        &self.digest
    }

    /// Whether all that a plan settles is what it knows: its style alone, for four voices in 4/4, nothing asked of bars and chords.
    pub(crate) fn sings(&self, plan: &Plan) -> bool {
        plan.style_name == self.manner.style
            && plan.others.is_empty()
            && plan.parts.len() == VOICES
            && plan.parts.iter().all(|part| part.part.monophonic && !part.part.drums)
            && plan.meter == Meter::FOUR_FOUR
            && plan.sections.is_empty()
            && plan.controls == Controls::default()
            && plan.ending != Ending::Loop
    }

    /// The plan of a request that it sings: what its style avoids is its own.
    pub(crate) fn plan(&self, request: &Request, styles: &[Style]) -> Result<Plan, ComposeError> {
        let own = |style: &Style| {
            let is_own = style.name == self.manner.style;
            let avoids = if is_own { &self.manner.avoids } else { &style.avoids };
            Style { avoids: avoids.clone(), ..style.clone() }
        };
        Plan::new(request, &styles.iter().map(own).collect::<Vec<_>>())
    }

    pub(crate) fn scribe<'a>(&'a self, plan: &'a Plan, is_traced: bool) -> Singer<'a> {
        Singer {
            choral: self,
            plan,
            ensemble: Ensemble::new(&plan.parts, (plan.key, plan.scale), plan.restraints.most_notes),
            hard: hard(&plan.restraints),
            weighed: weighed(&plan.restraints),
            ear: Ear::default(),
            logits: Vec::new(),
            leaned: Vec::new(),
            offered: Distribution::default(),
            is_traced,
        }
    }
}

/// Writes drafts by a plan.
pub(crate) struct Singer<'a> {
    choral: &'a Choral,
    plan: &'a Plan,
    ensemble: Ensemble,
    hard: Vec<Rule>,
    weighed: Vec<(Rule, f32)>,
    ear: Ear,
    logits: Vec<f32>,
    /// The logits as rules leave them that are weighed.
    leaned: Vec<f32>,
    offered: Distribution,
    is_traced: bool,
}

/// A piece so far.
#[derive(Clone)]
pub(crate) struct Sung {
    song: Song,
    trace: Option<Trace>,
}

impl Page for Song {
    fn sounding(&self, part: usize) -> impl Iterator<Item = Pitch> {
        self.sings(part).into_iter()
    }

    fn begun(&self, part: usize) -> impl Iterator<Item = Pitch> {
        self.sings(part).filter(|now| self.sang(part) != Some(*now)).into_iter()
    }

    fn last_pitch(&self, part: usize) -> Option<Pitch> {
        self.last_sung(part)
    }

    fn steps_beside(&self, own: usize) -> impl Iterator<Item = (Pitch, Pitch)> {
        let others = (0..VOICES).filter(move |voice| *voice != own);
        let steps = others.filter_map(|voice| Some((self.last_sung(voice)?, self.sings(voice)?)));
        steps.filter(|(from, to)| from != to)
    }
}

impl Singer<'_> {
    /// The classes that a rule leaves of a question's.
    fn allowed(&self, rule: Rule, song: &Song, asked: SongQuestion) -> ClassSet {
        let SongQuestion { kind, voice, allowed } = asked;
        match (rule, kind) {
            (Rule::Ending, Kind::Gap) => ending(song, self.plan.bar(), allowed),
            (Rule::Ending, _) if song.now() >= last_onset(song) => without_stop(allowed),
            (Rule::Opening, Kind::Pitch) if song.now() == 0 && is_last_and_alone(song, voice) => {
                without_stop(allowed)
            }
            // The pitch that is being sung means that it is held.
            (Rule::Repeats, Kind::Pitch) if song.sang(voice).is_some() => allowed,
            (_, Kind::Pitch) => self.ensemble.allowed(rule, song, (kind, voice, allowed), Beside::default()),
            _ => allowed,
        }
    }

    /// Asks, offers what the rules leave, and answers with what is chosen.
    fn step(&mut self, draft: &mut Sung, (chooser, rng, attempt): Chance) -> Result<(), ComposeError> {
        let asked = self.choral.choir.ask(&mut draft.song, &mut self.ear, &mut self.logits);
        let song = &draft.song;
        let left = distribution::apply(
            &self.hard,
            asked.allowed,
            |rule| self.allowed(rule, song, asked),
            |_, _, _| (),
        );
        let mut leaned = std::mem::take(&mut self.leaned);
        leaned.clone_from(&self.logits);
        distribution::weigh(&self.weighed, &mut leaned, |rule| self.allowed(rule, song, asked), |_, _, _| ());
        self.offered.fill(&leaned, left);
        self.leaned = leaned;
        let SongQuestion { kind, voice, .. } = asked;
        let context = Context { kind, part: voice, at: song.now(), attempt, piece: None };
        let class = chooser.choose(&self.offered, &context, rng);
        if self.offered.classes.binary_search(&class).is_err() {
            return Err(ComposeError::NotOffered { kind: kind.name(), class });
        }
        if let Some(trace) = &mut draft.trace {
            let mut decision = Decision::new(song.now(), kind, voice, &self.offered, class);
            let rules = (self.hard.as_slice(), self.weighed.as_slice());
            let allowed = |rule| self.allowed(rule, song, asked);
            decision.masked = distribution::taken(rules, (asked.allowed, &self.logits), allowed);
            trace.decisions.push(decision);
        }
        draft.song.answer(class);
        Ok(())
    }

    /// The notes so far as a piece.
    fn piece(&self, song: &Song) -> Sliced {
        let blank = Sliced {
            title: String::new(),
            tempo: None,
            key: self.plan.home,
            parts: self.plan.parts.iter().map(|part| part.part.clone()).collect(),
            pickup: 0,
            meters: vec![MeterSpan { from: 0, meter: self.plan.meter }],
            slices: Vec::new(),
        };
        blank.with_notes(song.notes())
    }
}

impl Scribe for Singer<'_> {
    type Draft = Sung;

    fn begin(&self) -> Sung {
        let sixteenths = (self.plan.end() / SIXTEENTH) as usize;
        let to_come = if self.plan.ending == Ending::Tonic { 0 } else { TO_COME };
        let song = self.choral.choir.begin(self.plan.home, sixteenths, to_come);
        Sung { song, trace: self.is_traced.then(Trace::default) }
    }

    fn now(&self, draft: &Sung) -> Option<Steps> {
        (!draft.song.is_done()).then(|| draft.song.now())
    }

    fn write(
        &mut self,
        draft: &mut Sung,
        until: Option<Steps>,
        (chooser, rng, attempt): Chance,
    ) -> Result<(), ComposeError> {
        let is_far = |song: &Song| song.is_fresh() && until.is_some_and(|until| song.now() >= until);
        while !draft.song.is_done() && !is_far(&draft.song) {
            self.step(draft, (&mut *chooser, &mut *rng, attempt))?;
        }
        Ok(())
    }

    fn take_end(&self, draft: &Sung) -> Option<Steps> {
        let bar = self.plan.bar();
        self.choral.manner.critic.is_some().then(|| (draft.song.now() / bar + 1) * bar)
    }

    fn worth(&self, take: &Sung, end: Steps) -> Worth {
        let piece = self.piece(&take.song);
        let critic = self.choral.manner.critic.as_ref();
        Worth::Real(critic.map_or(0.0, |critic| critic.nats(&Heard::piece(&piece), end)))
    }

    fn finished(&self, draft: Sung) -> (Sliced, Option<Trace>, f64) {
        (self.piece(&draft.song), draft.trace, 0.0)
    }
}

/// The last place before the end where something may change: a final harmony is a quarter long at least.
fn last_onset(song: &Song) -> Steps {
    song.end().saturating_sub(STEPS_PER_QUARTER)
}

/// A piece ends with a harmony in the last bar that all voices sing, and nothing changes after the last place for that.
fn ending(song: &Song, bar: Steps, all: ClassSet) -> ClassSet {
    let (now, end, last) = (song.now(), song.end(), last_onset(song));
    let all_sing = (0..VOICES).all(|voice| song.sings(voice).is_some());
    let may_close = all_sing && now >= end.saturating_sub(bar).min(last);
    let mut set = all;
    for class in (0..=ESCAPE).filter(|class| all.contains(*class)) {
        let then = now + Length::of_class(class).map_or(bar, Length::steps);
        let fits = if then >= end { may_close } else { then <= last };
        if !fits {
            set.remove(class);
        }
    }
    set
}

fn without_stop(all: ClassSet) -> ClassSet {
    let mut set = all;
    set.remove(STOP);
    set
}

/// Whether a voice is the last that is asked at a moment, and all others are silent.
fn is_last_and_alone(song: &Song, voice: usize) -> bool {
    (0..VOICES).all(|other| other == voice || song.is_decided(other) && song.sings(other).is_none())
}
