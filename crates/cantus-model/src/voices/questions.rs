//! What is asked at each moment, and all that bears on it: for each voice whether it holds or what it sings anew, then when
//! something changes next.

use cantus_nn::{Edge, Term};
use cantus_score::Pitch;

use super::past::{Asked, LONGEST, OPEN, POINTERS, Past, Pointed, RUNS, Scene, TO_GO};
use super::piece::{Frame, MOST_GAP, Moment, Then, VOICES, VoicedPiece};
use super::recipe::Told;
use crate::lesson::{Exercise, Lesson};
use crate::walk::table::{self, DEGREES, DIRECTIONS, INTERVALS, Rows};
use crate::walk::{ClassSet, Group, Question};
use cantus_nn::Bags;

/// Classes of a voice: hold, silence, each pitch.
pub const CLASSES: usize = 130;
/// A voice goes on with what it sings.
pub(super) const HOLD: u32 = 0;
/// A voice falls silent.
const SILENCE: u32 = 1;
/// The first pitch's class.
const PITCH: u32 = 2;
/// The order in which voices are decided: soprano, bass, tenor, alto.
pub(super) const ORDER: [usize; VOICES] = [0, 3, 2, 1];
/// Classes of gaps: so many frames, and as many without any change.
pub(super) const GAPS: usize = MOST_GAP + 1;
/// Steps of a bar of 4/4.
const BAR: usize = 16;
/// Bars told apart.
const BARS: u32 = 10;
/// Values of [`sung`].
const SUNG: u32 = 130;
const START: u32 = SUNG - 1;

/// The number of the head that tells gaps, after those of the voices.
pub(super) const GAP: usize = VOICES;
/// Exercises of a lesson: those of the heads, and what may still come of gaps that the piece's end cuts off.
pub(super) const EXERCISES: usize = VOICES + 2;
pub(super) const CUT_OFF: usize = VOICES + 1;

// Columns of a voice's raw output.
const STEP: u32 = CLASSES as u32;
const BASS: u32 = STEP + 51;
const KEY: u32 = BASS + 12;
const COPY: u32 = KEY + 12;
const RELATION: u32 = COPY + POINTERS as u32;
const RELATION_WIDTH: u32 = 51 + 12;

/// Rows of the tables.
#[derive(Debug, Clone)]
pub(super) struct Spec {
    /// What is left out.
    without: Vec<Told>,
    trunk: TrunkRows,
    voices: Vec<VoiceRows>,
    gap: GapRows,
    trunk_rows: usize,
    rows: [usize; VOICES + 1],
}

#[derive(Debug, Clone)]
struct TrunkRows {
    before: Group,
    age: Group,
    step: Group,
    above_bass: Group,
    position: Group,
    changed: Group,
    last_gap: Group,
    bar: Group,
    run: Group,
    pointed: Group,
    degree: Group,
    key: Group,
    to_go: Option<Group>,
}

#[derive(Debug, Clone)]
struct VoiceRows {
    before: Group,
    age: Group,
    position: Group,
    sung: Group,
    is_new: Group,
    interval: Group,
    parallel: Group,
    degree: Group,
    same: Group,
    pointed: Group,
    agreed: Group,
    to_go: Option<Group>,
}

#[derive(Debug, Clone)]
struct GapRows {
    sung: Group,
    is_new: Group,
    pointed: Group,
    agreed: Group,
    position: Group,
    last_gap: Group,
    to_go: Option<Group>,
}

const VOICE: u32 = VOICES as u32;
const QUEUE: u32 = POINTERS as u32;
const AGES: u32 = LONGEST + 1;

impl Spec {
    /// Tables without what is left out, and with what may be asked for, where that is told.
    pub(super) fn new(without: &[Told], is_asked: bool) -> Self {
        let to_go = |rows: &mut Rows| is_asked.then(|| rows.group(TO_GO));
        let mut rows = Rows::default();
        let trunk = TrunkRows {
            before: rows.group(VOICE * SUNG),
            age: rows.group(VOICE * AGES),
            step: rows.group(VOICE * INTERVALS),
            above_bass: rows.group((VOICE - 1) * 13),
            position: rows.group(BAR as u32),
            changed: rows.group(1 << VOICES),
            last_gap: rows.group(AGES),
            bar: rows.group(BARS),
            run: rows.group(QUEUE * RUNS),
            pointed: rows.group(QUEUE * VOICE * SUNG),
            degree: rows.group(VOICE * DEGREES),
            key: rows.group(25),
            to_go: to_go(&mut rows),
        };
        let trunk_rows = rows.total();
        let mut sizes = [0; VOICES + 1];
        let voices = (0..VOICE).map(|place| {
            let mut rows = Rows::default();
            let own = VoiceRows {
                before: rows.group(SUNG),
                age: rows.group(AGES),
                position: rows.group(BAR as u32),
                sung: rows.group(place * SUNG),
                is_new: rows.group(place * 2),
                interval: rows.group(place * INTERVALS),
                parallel: rows.group(place * 13 * DIRECTIONS),
                degree: rows.group((place + 1) * DEGREES),
                same: rows.group(QUEUE * RUNS * 2),
                pointed: rows.group(QUEUE * SUNG),
                agreed: rows.group(QUEUE * RUNS * 2),
                to_go: to_go(&mut rows),
            };
            sizes[place as usize] = rows.total();
            own
        });
        let voices = voices.collect();
        let mut rows = Rows::default();
        let gap = GapRows {
            sung: rows.group(VOICE * SUNG),
            is_new: rows.group(VOICE * 2),
            pointed: rows.group(QUEUE * (OPEN + 1)),
            agreed: rows.group(QUEUE * RUNS * 2),
            position: rows.group(BAR as u32),
            last_gap: rows.group(AGES),
            to_go: to_go(&mut rows),
        };
        sizes[GAP] = rows.total();
        Self { without: without.to_vec(), trunk, voices, gap, trunk_rows, rows: sizes }
    }

    /// The scene without what is left out.
    pub(super) fn told(&self, scene: Scene) -> Scene {
        let key = scene.key.filter(|_| self.tells(Told::Key));
        let pointed = if self.tells(Told::Match) { scene.pointed } else { [Pointed::NOWHERE; POINTERS] };
        Scene { key, pointed, ..scene }
    }

    fn tells(&self, told: Told) -> bool {
        !self.without.contains(&told)
    }

    /// Rows of the trunk's table.
    pub(super) fn trunk_rows(&self) -> usize {
        self.trunk_rows
    }

    /// Rows of a head's table.
    pub(super) fn rows(&self, head: usize) -> usize {
        self.rows[head]
    }

    /// Raw outputs of a head.
    pub(super) fn columns(head: usize) -> usize {
        if head == GAP { GAPS } else { (RELATION + head as u32 * RELATION_WIDTH) as usize }
    }

    /// Rows of the trunk's table for a scene.
    pub(super) fn trunk_items(&self, scene: &Scene, items: &mut Vec<u32>) {
        let rows = &self.trunk;
        items.clear();
        let bass = scene.before.and_then(|before| before[VOICES - 1]);
        for voice in 0..VOICES {
            let (v, note) = (voice as u32, scene.before.and_then(|before| before[voice]));
            items.push(rows.before.pair(v, SUNG, sung(scene.before, voice)));
            items.push(rows.age.pair(v, AGES, scene.ages[voice]));
            items.push(rows.step.pair(v, INTERVALS, scene.steps[voice]));
            items.push(rows.degree.pair(v, DEGREES, table::degree(scene.key, note)));
            if voice + 1 < VOICES {
                items.push(rows.above_bass.pair(v, 13, above(bass, note)));
            }
        }
        items.push(rows.position.row((scene.at % BAR) as u32));
        let changed = (0..VOICES).map(|voice| u32::from(scene.changed[voice]) << voice);
        items.push(rows.changed.row(changed.sum()));
        items.push(rows.last_gap.row(scene.last_gap));
        items.push(rows.bar.row((scene.at / BAR) as u32));
        items.push(rows.key.row(table::key(scene.key)));
        items.extend(rows.to_go.as_ref().map(|to_go| to_go.row(scene.to_go)));
        for (index, pointed) in scene.pointed.iter().enumerate() {
            let index = index as u32;
            items.push(rows.run.pair(index, RUNS, pointed.run));
            // Of what the highest voice points at, only that voice is of weight.
            let told = if index == 0 { VOICES } else { 1 };
            for voice in 0..told {
                items.push(rows.pointed.pair(index * VOICE + voice as u32, SUNG, sung(pointed.frame, voice)));
            }
        }
    }

    /// The question about the voice at a place of [`ORDER`], those before it being decided in `frame`.
    pub(super) fn ask_voice(&self, place: usize, scene: &Scene, frame: Frame, question: &mut Question) {
        let (rows, voice) = (&self.voices[place], ORDER[place]);
        let before = scene.before.and_then(|before| before[voice]);
        question.items.clear();
        question.terms.clear();
        let items = &mut question.items;
        items.push(rows.before.row(sung(scene.before, voice)));
        items.push(rows.age.row(scene.ages[voice]));
        items.push(rows.position.row((scene.at % BAR) as u32));
        items.push(rows.degree.pair(0, DEGREES, table::degree(scene.key, before)));
        items.extend(rows.to_go.as_ref().map(|to_go| to_go.row(scene.to_go)));
        let mut all_hold = true;
        for (index, &other) in ORDER[..place].iter().enumerate() {
            let (j, note) = (index as u32, frame[other]);
            let other_before = scene.before.and_then(|before| before[other]);
            let is_new = scene.before.is_none_or(|before| before[other] != note);
            all_hold &= !is_new;
            items.push(rows.sung.pair(j, SUNG, sung(Some(frame), other)));
            items.push(rows.is_new.pair(j, 2, u32::from(is_new)));
            if self.tells(Told::Relation) {
                items.push(rows.interval.pair(j, INTERVALS, table::interval(before, note)));
                let apart = above(other_before, before);
                let motion = if apart < 12 { table::direction(other_before, note) } else { 1 };
                items.push(rows.parallel.pair(j, 13 * DIRECTIONS, apart * DIRECTIONS + motion));
            }
            items.push(rows.degree.pair(j + 1, DEGREES, table::degree(scene.key, note)));
        }
        for (index, pointed) in scene.pointed.iter().enumerate() {
            let index = index as u32;
            let foretold = sung(pointed.frame, voice);
            let same = foretold == sung(scene.before, voice);
            let agreed = ORDER[..place]
                .iter()
                .all(|&other| pointed.frame.is_some_and(|foretold| foretold[other] == frame[other]));
            items.push(rows.same.pair(index, RUNS * 2, pointed.run * 2 + u32::from(same)));
            items.push(rows.pointed.pair(index, SUNG, foretold));
            items.push(rows.agreed.pair(index, RUNS * 2, pointed.run * 2 + u32::from(agreed)));
        }
        self.terms(place, scene, frame, question);
        question.allowed = ClassSet::below(CLASSES as u32);
        if let Some(frame) = scene.before {
            question.allowed.remove(class_of(frame[voice]));
        }
        // Something changes at a scene: the last voice must, where no other does.
        if scene.before.is_none() || (place + 1 == VOICES && all_hold) {
            question.allowed.remove(HOLD);
        }
    }

    /// How raw outputs add up: absolute pitches, intervals from the voice's own note, intervals and pitch classes above each note that
    /// was decided, pitch classes above the tonic, and what pointers foretell. To hold a note counts as to sing it.
    fn terms(&self, place: usize, scene: &Scene, frame: Frame, question: &mut Question) {
        let voice = ORDER[place];
        let before = scene.before.and_then(|before| before[voice]);
        let held = before.filter(|_| place > 0);
        let terms = &mut question.terms;
        terms.push(term(0, CLASSES as u32, 0, Edge::Clamp, 0..CLASSES as u32));
        let mut look_up = |column: u32, width: u32, from: i32, edge: Edge| {
            let shift = from - PITCH as i32;
            terms.push(term(column, width, shift, edge, PITCH..CLASSES as u32));
            if let Some(held) = held {
                terms.push(term(column, width, shift + class_of(Some(held)) as i32, edge, HOLD..HOLD + 1));
            }
        };
        let number = |pitch: Pitch| i32::from(pitch.get());
        if let Some(before) = before {
            look_up(STEP, 51, 25 - number(before), Edge::Clamp);
        }
        if let Some(bass) = scene.before.and_then(|before| before[VOICES - 1]).filter(|_| place == 0) {
            look_up(BASS, 12, -number(bass), Edge::Wrap);
        }
        if let Some(key) = scene.key {
            look_up(KEY, 12, -i32::from(key.tonic().get()), Edge::Wrap);
        }
        for (index, &other) in ORDER[..place].iter().enumerate().filter(|_| self.tells(Told::Relation)) {
            if let Some(note) = frame[other] {
                let column = RELATION + index as u32 * RELATION_WIDTH;
                look_up(column, 51, 25 - number(note), Edge::Clamp);
                look_up(column + 51, 12, -number(note), Edge::Wrap);
            }
        }
        for (index, pointed) in scene.pointed.iter().enumerate() {
            if let Some(foretold) = pointed.frame {
                let holds = scene.before.is_some_and(|before| before[voice] == foretold[voice]);
                let class = if holds { HOLD } else { class_of(foretold[voice]) };
                terms.push(term(COPY + index as u32, 1, 0, Edge::Clamp, class..class + 1));
            }
        }
    }

    /// The question when something changes next, `frame` being sung now.
    pub(super) fn ask_gap(&self, scene: &Scene, frame: Frame, question: &mut Question) {
        let rows = &self.gap;
        question.items.clear();
        question.terms.clear();
        let items = &mut question.items;
        for (voice, note) in frame.iter().enumerate() {
            let v = voice as u32;
            let is_new = scene.before.is_none_or(|before| before[voice] != *note);
            items.push(rows.sung.pair(v, SUNG, sung(Some(frame), voice)));
            items.push(rows.is_new.pair(v, 2, u32::from(is_new)));
        }
        for (index, pointed) in scene.pointed.iter().enumerate() {
            let agreed = pointed.run * 2 + u32::from(pointed.frame == Some(frame));
            items.push(rows.pointed.pair(index as u32, OPEN + 1, pointed.gap));
            items.push(rows.agreed.pair(index as u32, RUNS * 2, agreed));
        }
        items.push(rows.position.row((scene.at % BAR) as u32));
        items.push(rows.last_gap.row(scene.last_gap));
        items.extend(rows.to_go.as_ref().map(|to_go| to_go.row(scene.to_go)));
        question.terms.push(term(0, GAPS as u32, 0, Edge::Clamp, 0..GAPS as u32));
        question.allowed = ClassSet::below(GAPS as u32);
    }

    /// A piece as questions and answers. The last gap is not known to its end: its cost is that of all gaps, less that of those
    /// which reach beyond the end.
    pub(super) fn lesson(&self, piece: &VoicedPiece, asked: Asked) -> Lesson {
        let classes = |exercise: usize| if exercise < VOICES { CLASSES } else { GAPS };
        let exercises = (0..EXERCISES).map(|exercise| Exercise::new(classes(exercise))).collect();
        let mut lesson = Lesson { trunk: Bags::new(), exercises };
        let (mut past, mut items, mut question) = (Past::new(asked), Vec::new(), Question::default());
        let mut last_gap = 0;
        for moment in piece.moments() {
            let frame = piece.frames[moment.at];
            let scene = self.told(past.scene(last_gap, moment.changes));
            self.trunk_items(&scene, &mut items);
            let row = lesson.trunk.len() as u32;
            lesson.trunk.push(&items);
            for place in (0..VOICES).filter(|_| moment.changes) {
                self.ask_voice(place, &scene, frame, &mut question);
                lesson.exercises[place].push(&question, answer(place, scene.before, frame), row);
            }
            self.ask_gap(&scene, frame, &mut question);
            lesson.exercises[GAP].push(&question, gap_class(moment), row);
            if moment.then == Then::End {
                (0..moment.gap as u32 - 1).for_each(|shorter| question.allowed.remove(shorter));
                lesson.exercises[CUT_OFF].push(&question, gap_class(moment), row);
            }
            (0..moment.gap).for_each(|_| past.push(frame));
            last_gap = moment.gap as u32 + u32::from(moment.then == Then::Same);
        }
        lesson
    }
}

/// The class of what comes after a moment; that of the longest gap where the end leaves it open.
pub(super) fn gap_class(moment: Moment) -> u32 {
    match moment.then {
        Then::Change => moment.gap as u32 - 1,
        Then::Same | Then::End => MOST_GAP as u32,
    }
}

/// The class of what a voice sings.
pub(super) fn class_of(note: Option<Pitch>) -> u32 {
    note.map_or(SILENCE, |pitch| u32::from(pitch.get()) + PITCH)
}

/// What a voice sings by the class of what it does, after what it sang.
pub(super) fn note_of(class: u32, before: Option<Pitch>) -> Option<Pitch> {
    match class {
        HOLD => before,
        SILENCE => None,
        pitch => Some(Pitch::saturating(i64::from(pitch - PITCH))),
    }
}

/// The class of what the voice at a place of [`ORDER`] does in a frame.
pub(super) fn answer(place: usize, before: Option<Frame>, frame: Frame) -> u32 {
    let voice = ORDER[place];
    let holds = before.is_some_and(|before| before[voice] == frame[voice]);
    if holds { HOLD } else { class_of(frame[voice]) }
}

/// What a voice sings: a pitch, silence, or nothing yet.
fn sung(frame: Option<Frame>, voice: usize) -> u32 {
    frame.map_or(START, |frame| frame[voice].map_or(START - 1, |pitch| u32::from(pitch.get())))
}

/// The pitch class of a note above another, or 12.
fn above(low: Option<Pitch>, note: Option<Pitch>) -> u32 {
    match (low, note) {
        (Some(low), Some(note)) => table::semitones(low, note).rem_euclid(12) as u32,
        _ => 12,
    }
}

fn term(source: u32, width: u32, shift: i32, edge: Edge, classes: std::ops::Range<u32>) -> Term {
    Term { source, width, shift, edge, classes }
}
