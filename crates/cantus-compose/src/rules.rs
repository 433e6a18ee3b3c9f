//! The hard rules: what must not be, whatever the network likes.
//!
//! Each rule masks classes of a question. Together they leave a way to a good end from every point: a note that
//! sounds at the end begins in the last bar and sounds to the end exactly; no other note ends, and no slice
//! begins, later than the last place from which there is time for a final note. Every monophonic part sounds at the
//! end. After a pickup there are two ends to choose from: that of a whole last bar, and the pickup's length before it.
//!
//! Where a rule would leave nothing, it gives way, the later in [`Rule::ALL`] the sooner, and the trace says so. With a
//! range of at least one pitch in the key's scale for every part, those that always hold never did; of those that are asked for one may where several are, and
//! such a piece is drawn again.

mod ensemble;

pub(crate) use ensemble::{Beside, Ensemble, Page};

use cantus_model::encoding::{Length, MAX_QUARTERS, Part, STEPS_PER_QUARTER, Steps, part_order};
use cantus_model::styles::StylePart;
use cantus_model::walk::{ClassSet, END, Kind, NO_PICKUP, Question, STOP, Walker};
use cantus_score::{Key, Pitch};
use serde::{Serialize, Serializer};

use crate::plan::Plan;
use crate::request::Ending;
use crate::restraint::{Restraint, Restraints};

/// A rule: hard, or, where less of something is asked for ([`Restraint`]), weighed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Rule {
    /// Every note lies in its part's range.
    Range,
    /// Hands, strings and limbs can play what sounds at once ([`Player`](crate::Player)).
    Playable,
    /// No more notes sound at once than were asked for.
    Polyphony,
    /// The piece has exactly the bars asked for.
    Length,
    /// The pickup is shorter than a bar and can be written.
    Meter,
    /// A slice begins only where a part is free to begin a note.
    Rhythm,
    /// The piece ends with a held harmony in the last bar, every voice in it; a loop has no pickup.
    Ending,
    /// The piece begins with a note.
    Opening,
    /// Every note belongs to the key's scale.
    Scale,
    /// No part falls silent.
    Rests,
    /// No part goes below one that lies lower.
    Crossing,
    /// No two parts move from a fifth to a fifth.
    Fifths,
    /// No two parts move from an octave or a unison to another.
    Octaves,
    /// No part strikes the note again that it has just played.
    Repeats,
}

impl Rule {
    /// All rules, in the order in which they are applied.
    pub const ALL: [Self; 14] = [
        Self::Range,
        Self::Playable,
        Self::Polyphony,
        Self::Length,
        Self::Meter,
        Self::Rhythm,
        Self::Ending,
        Self::Opening,
        Self::Scale,
        Self::Rests,
        Self::Crossing,
        Self::Fifths,
        Self::Octaves,
        Self::Repeats,
    ];

    /// Its name in traces.
    pub const fn name(self) -> &'static str {
        [
            "range",
            "playable",
            "polyphony",
            "length",
            "metre",
            "rhythm",
            "ending",
            "opening",
            "scale",
            "rests",
            "crossing",
            "fifths",
            "octaves",
            "repeats",
        ][self as usize]
    }

    /// The rule that keeps a piece from something.
    pub(crate) const fn against(restraint: Restraint) -> Self {
        match restraint {
            Restraint::Accidentals => Self::Scale,
            Restraint::Fifths => Self::Fifths,
            Restraint::Octaves => Self::Octaves,
            Restraint::Crossings => Self::Crossing,
            Restraint::Rests => Self::Rests,
            Restraint::Repeats => Self::Repeats,
        }
    }
}

impl Serialize for Rule {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.name())
    }
}

/// The rules of a plan, made ready for questions.
#[derive(Debug, Clone)]
pub(crate) struct Rules {
    bar: Steps,
    /// When the music ends where there is no pickup.
    end: Steps,
    /// The shortest time from the last slice to the end.
    close: Steps,
    has_pickup: bool,
    is_loop: bool,
    ensemble: Ensemble,
    /// The rules that hold, in their order.
    hard: Vec<Rule>,
    /// Those that are weighed, with what breaking them costs in nats.
    weighed: Vec<(Rule, f32)>,
    /// The parts that sound at the end.
    closers: Vec<usize>,
    /// The part that is asked last in a slice, of those that can sound.
    last_asked: usize,
    all_monophonic: bool,
}

/// What the rules need to know of the piece so far besides what the walker says.
#[derive(Debug, Clone)]
pub(crate) struct Standing {
    /// When each part falls silent.
    silent: Vec<Steps>,
    /// The ends that are still possible, the earlier first; never empty.
    ends: Vec<Steps>,
}

impl Standing {
    fn silent(&self, part: usize) -> Steps {
        self.silent.get(part).copied().unwrap_or(0)
    }

    /// The latest possible end.
    fn latest(&self) -> Steps {
        self.ends.last().copied().unwrap_or(0)
    }
}

impl Rules {
    pub(crate) fn new(plan: &Plan) -> Self {
        let (bar, end) = (plan.bar(), plan.end());
        // A final note of at least a quarter; a loop runs on.
        let close = if plan.ending == Ending::Loop { STEPS_PER_QUARTER / 4 } else { STEPS_PER_QUARTER };
        Self {
            bar,
            end,
            close: close.min(bar).min(end),
            has_pickup: plan.has_pickup && plan.ending != Ending::Loop,
            is_loop: plan.ending == Ending::Loop,
            ensemble: Ensemble::new(&plan.parts, (plan.key, plan.scale), plan.restraints.most_notes),
            hard: hard(&plan.restraints),
            weighed: weighed(&plan.restraints),
            closers: closers(&plan.parts, plan.scale),
            last_asked: part_order(plan.parts.len())
                .into_iter()
                .map(usize::from)
                .rfind(|part| can_sound(&plan.parts[*part], plan.scale))
                .unwrap_or(0),
            all_monophonic: plan.parts.iter().all(|part| part.part.monophonic),
        }
    }

    /// Whether the end leads back to the beginning.
    pub(crate) fn is_loop(&self) -> bool {
        self.is_loop
    }

    /// How a piece stands before its first note.
    pub(crate) fn start(&self) -> Standing {
        Standing { silent: vec![0; self.ensemble.parts()], ends: vec![self.end] }
    }

    /// Takes note of an answer: `walker` is past it, `before` told how many slices and notes of the last there were.
    pub(crate) fn follow(&self, standing: &mut Standing, walker: &Walker, before: (usize, usize)) {
        let slices = walker.slices();
        let Some(slice) = slices.last() else { return };
        if before.0 == 0 && walker.pickup() > 0 {
            standing.ends.push(self.end + walker.pickup());
        }
        let is_new = (slices.len(), slice.notes.len()) != before;
        if let Some(note) = slice.notes.last().filter(|_| is_new) {
            let (part, end) = (usize::from(note.part), slice.at + note.length.steps());
            standing.silent[part] = standing.silent[part].max(end);
            self.keep_ends(standing, |last_onset, final_end| end <= last_onset || end == final_end);
        }
        self.keep_ends(standing, |last_onset, _| slice.at <= last_onset);
    }

    /// Keeps the ends, told by their last onset and themselves, that are still possible; the latest where none is.
    fn keep_ends(&self, standing: &mut Standing, is_possible: impl Fn(Steps, Steps) -> bool) {
        let latest = standing.latest();
        standing.ends.retain(|&end| is_possible(self.last_onset(end), end));
        if standing.ends.is_empty() {
            standing.ends.push(latest);
        }
    }

    /// The last place before an end where a slice may begin.
    fn last_onset(&self, end: Steps) -> Steps {
        end.saturating_sub(self.close)
    }

    /// The rules that hold, in the order in which they are applied.
    pub(crate) fn hard(&self) -> &[Rule] {
        &self.hard
    }

    /// The rules that are weighed, with what breaking them costs in nats.
    pub(crate) fn weighed(&self) -> &[(Rule, f32)] {
        &self.weighed
    }

    /// The classes that a rule leaves of a question's.
    pub(crate) fn allowed(
        &self,
        rule: Rule,
        walker: &Walker,
        question: &Question,
        standing: &Standing,
    ) -> ClassSet {
        let all = question.allowed;
        match (rule, question.kind) {
            (Rule::Rests, Kind::Gap | Kind::Coarse | Kind::Fine) if walker.asks_gap() => {
                self.before_silence(all, walker, question.kind, standing)
            }
            (Rule::Length, Kind::Length | Kind::Gap | Kind::Coarse | Kind::Fine) => {
                self.in_time(all, walker, question.kind, standing)
            }
            (Rule::Meter, Kind::Pickup) => keep(all, can_be_written),
            (Rule::Rhythm, Kind::Gap | Kind::Coarse | Kind::Fine) if walker.asks_gap() => {
                self.to_a_free_part(all, walker, question.kind, standing)
            }
            (Rule::Ending, _) => self.ending(all, walker, question, standing),
            (Rule::Opening, Kind::Pitch | Kind::Drum) => self.opening(all, walker, question.part),
            (_, kind @ (Kind::Pitch | Kind::Drum)) => {
                let beside = Beside {
                    reserved: self.silent_closers(rule, walker, question.part),
                    ..Beside::default()
                };
                self.ensemble.allowed(rule, walker, (kind, question.part, all), beside)
            }
            _ => all,
        }
    }

    /// How many lines that must sound at the end are silent, where it matters that there be room for them.
    fn silent_closers(&self, rule: Rule, walker: &Walker, part: usize) -> usize {
        let silent = |closer: &&usize| {
            self.ensemble.is_pitched(**closer)
                && **closer != part
                && walker.sounding(**closer).next().is_none()
        };
        if rule == Rule::Polyphony { self.closers.iter().filter(silent).count() } else { 0 }
    }

    /// A slice begins before a line falls silent.
    fn before_silence(&self, all: ClassSet, walker: &Walker, kind: Kind, standing: &Standing) -> ClassSet {
        let silent = standing.silent.iter().enumerate().filter(|(part, _)| self.ensemble.is_line(*part));
        let Some(first) = silent.map(|(_, silent)| *silent).min() else { return all };
        let most = first.min(self.last_onset(standing.latest())).saturating_sub(walker.now());
        // The digits of a rare time must lead to one that the rule of rhythm allows as well.
        let least = if self.all_monophonic { most } else { 0 };
        keep_lengths(all, kind, walker.asked_quarters(), |gap| (least..=most).contains(&gap))
    }

    /// Notes end, and slices begin, in time.
    fn in_time(&self, all: ClassSet, walker: &Walker, kind: Kind, standing: &Standing) -> ClassSet {
        let latest = standing.latest();
        let last = if walker.asks_gap() { self.last_onset(latest) } else { latest };
        let most = last.saturating_sub(walker.now());
        keep_lengths(all, kind, walker.asked_quarters(), |steps| steps <= most)
    }

    fn to_a_free_part(&self, all: ClassSet, walker: &Walker, kind: Kind, standing: &Standing) -> ClassSet {
        let first_free = standing.silent.iter().min().copied().unwrap_or(0);
        let last_onset = self.last_onset(standing.latest());
        if !self.all_monophonic || first_free > last_onset {
            return all;
        }
        let [least, most] = [first_free, last_onset].map(|at| at.saturating_sub(walker.now()));
        keep_lengths(all, kind, walker.asked_quarters(), |gap| (least..=most).contains(&gap))
    }

    fn ending(&self, all: ClassSet, walker: &Walker, question: &Question, standing: &Standing) -> ClassSet {
        match question.kind {
            Kind::Pickup => {
                let most = if self.has_pickup { self.bar.saturating_sub(self.close) } else { 0 };
                keep(all, |pickup| pickup <= most)
            }
            Kind::Pitch | Kind::Drum => self.last_chance(all, walker.now(), question.part, standing),
            Kind::Length | Kind::Coarse | Kind::Fine if !walker.asks_gap() => {
                let fits = |length| standing.ends.iter().any(|&end| self.leads_to(end, walker, length));
                keep_lengths(all, question.kind, walker.asked_quarters(), fits)
            }
            Kind::Gap => self.may_end(all, walker, standing),
            _ => all,
        }
    }

    /// At the last onset every voice sounds.
    fn last_chance(&self, all: ClassSet, now: Steps, part: usize, standing: &Standing) -> ClassSet {
        let mut set = all;
        let end = standing.latest();
        if now == self.last_onset(end) && self.closers.contains(&part) && standing.silent(part) < end {
            set.remove(STOP);
        }
        set
    }

    /// Whether a note of a length that begins now leaves an end possible.
    fn leads_to(&self, end: Steps, walker: &Walker, length: Steps) -> bool {
        let until = walker.now() + length;
        until <= self.last_onset(end) || until == end && self.is_closing(end, walker)
    }

    /// Whether notes that begin now may sound to the end: in the last bar, or a half note before the end in short bars.
    fn is_closing(&self, end: Steps, walker: &Walker) -> bool {
        let last_bar = (self.end + walker.pickup()).saturating_sub(self.bar);
        let half = end.saturating_sub(2 * STEPS_PER_QUARTER);
        walker.now() >= last_bar.min(half).min(self.last_onset(end))
    }

    fn may_end(&self, all: ClassSet, walker: &Walker, standing: &Standing) -> ClassSet {
        let mut set = all;
        let all_sound_to = |end: Steps| self.closers.iter().all(|&part| standing.silent(part) == end);
        let is_end = |&&end: &&Steps| all_sound_to(end) && self.is_closing(end, walker);
        match standing.ends.iter().find(is_end) {
            None => set.remove(END),
            // Every part sounds to the latest end: nothing can begin any more.
            Some(&end) if self.all_monophonic && end == standing.latest() => {
                set = ClassSet::default();
                set.insert(END);
            }
            Some(_) => {}
        }
        set
    }

    fn opening(&self, all: ClassSet, walker: &Walker, part: usize) -> ClassSet {
        let mut set = all;
        let nothing_yet = walker.slices().iter().all(|slice| slice.notes.is_empty());
        if walker.now() == 0 && part == self.last_asked && nothing_yet {
            set.remove(STOP);
        }
        set
    }
}

/// The rules that hold whatever is asked for, and those that are asked for.
pub(crate) fn hard(restraints: &Restraints) -> Vec<Rule> {
    let is_hard = |rule: &Rule| {
        let mut of = Restraint::ALL.into_iter().filter(|of| Rule::against(*of) == *rule);
        of.next().is_none_or(|of| restraints.forbidden.contains(&of))
    };
    Rule::ALL.into_iter().filter(is_hard).collect()
}

/// The rules that are weighed, with what breaking them costs in nats.
pub(crate) fn weighed(restraints: &Restraints) -> Vec<(Rule, f32)> {
    restraints.avoided.iter().map(|(of, nats)| (Rule::against(*of), *nats)).collect()
}

/// Whether the range of a part has a note of the scale that alone is allowed: a part of one sound may not, and is silent then.
pub(crate) fn can_sound(part: &StylePart, scale: Option<Key>) -> bool {
    let is_in =
        |key: Key| (part.low..=part.high).any(|pitch| key.contains(Pitch::saturating(pitch.into()).class()));
    part.part.drums || scale.is_none_or(is_in)
}

/// By part of one note at a time that can sound, its place from the highest by the middle of its range.
pub(crate) fn lines(parts: &[StylePart], scale: Option<Key>) -> Vec<Option<usize>> {
    let is_line = |part: &usize| {
        let StylePart { part: Part { monophonic, drums, .. }, .. } = parts[*part];
        monophonic && !drums && can_sound(&parts[*part], scale)
    };
    let mut order: Vec<usize> = (0..parts.len()).filter(is_line).collect();
    order.sort_by_key(|part| std::cmp::Reverse(u32::from(parts[*part].low) + u32::from(parts[*part].high)));
    (0..parts.len()).map(|part| order.iter().position(|line| *line == part)).collect()
}

/// The parts that sound at the end: all voices, else the last pitched part that is asked, else the last at all.
pub(crate) fn closers(parts: &[StylePart], scale: Option<Key>) -> Vec<usize> {
    let order = part_order(parts.len()).into_iter().map(usize::from);
    let order: Vec<usize> = order.filter(|part| can_sound(&parts[*part], scale)).collect();
    let voices: Vec<usize> = order.iter().copied().filter(|&part| parts[part].part.monophonic).collect();
    if !voices.is_empty() {
        return voices;
    }
    let pitched = order.iter().rev().find(|&&part| !parts[part].part.drums);
    pitched.or(order.last()).copied().into_iter().collect()
}

/// A fifth and an octave in semitones, whatever octaves lie between.
pub(crate) const FIFTH: u8 = 7;
pub(crate) const OCTAVE: u8 = 0;

/// Whether two parts that both move keep an interval between them, however many octaves wide.
pub(crate) fn are_parallel(
    (from, to): (Pitch, Pitch),
    (other_from, other_to): (Pitch, Pitch),
    interval: u8,
) -> bool {
    let is_apart = |one: Pitch, other: Pitch| one.get().abs_diff(other.get()) % 12 == interval;
    from != to && other_from != other_to && is_apart(from, other_from) && is_apart(to, other_to)
}

/// Pitches as classes, with the part's stop.
pub(crate) fn notes(is_in: impl Fn(Pitch) -> bool) -> ClassSet {
    let mut set = ClassSet::default();
    set.insert(STOP);
    for number in 0..128 {
        if is_in(Pitch::saturating(number)) {
            set.insert(number as u32 + 1);
        }
    }
    set
}

pub(crate) fn both(a: ClassSet, b: ClassSet) -> ClassSet {
    let mut set = a;
    for (word, other) in set.0.iter_mut().zip(b.0) {
        *word &= other;
    }
    set
}

/// Keeps the pickups that fit; no pickup always does.
fn keep(all: ClassSet, fits: impl Fn(Steps) -> bool) -> ClassSet {
    let mut set = all;
    for class in 0..NO_PICKUP {
        if !Length::of_class(class).is_some_and(|pickup| fits(pickup.steps())) {
            set.remove(class);
        }
    }
    set
}

/// A metre for the pickup's bar exists.
fn can_be_written(pickup: Steps) -> bool {
    pickup.is_multiple_of(3)
}

/// Keeps the classes of a length, or of a digit of a spelled one, that lead to a length that fits. The end of a
/// piece stays.
pub(crate) fn keep_lengths(
    all: ClassSet,
    kind: Kind,
    quarters: u32,
    fits: impl Fn(Steps) -> bool,
) -> ClassSet {
    let rare_of = |quarter: u32| {
        let from = quarter * STEPS_PER_QUARTER;
        let of_quarter = from.max(1)..from + STEPS_PER_QUARTER;
        of_quarter.filter(|&steps| Length::saturating(steps).class() == cantus_model::encoding::ESCAPE)
    };
    let fits_class = |class: u32| match kind {
        Kind::Fine => fits(quarters * STEPS_PER_QUARTER + class),
        Kind::Coarse => rare_of(class).any(&fits),
        _ if class == END && kind == Kind::Gap => true,
        _ => match Length::of_class(class) {
            Some(length) => fits(length.steps()),
            None => (1..MAX_QUARTERS).any(|quarter| rare_of(quarter).any(&fits)),
        },
    };
    let mut set = all;
    for class in 0..kind.classes() as u32 {
        if all.contains(class) && !fits_class(class) {
            set.remove(class);
        }
    }
    set
}
