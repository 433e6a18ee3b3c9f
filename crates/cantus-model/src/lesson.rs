//! Pieces as questions and answers: what a batch of training holds.

use cantus_nn::{Bags, ClassMask, Terms};

use crate::encoding::{Sliced, Steps};
use crate::walk::{Conditions, Kind, Question, Setup, Spec, Walker, bar_steps};

/// All questions of one kind, with their answers.
#[derive(Debug, Clone)]
pub struct Exercise {
    /// Rows of the kind's embedding table, a bag a question.
    pub items: Bags,
    /// How raw outputs add up to logits.
    pub terms: Terms,
    /// Classes that are possible.
    pub allowed: ClassMask,
    /// The right answers.
    pub answers: Vec<u32>,
    /// The slice (later: the row of the trunk's output) that each question belongs to.
    pub slices: Vec<u32>,
}

impl Exercise {
    /// No questions yet, of so many classes.
    pub(crate) fn new(classes: usize) -> Self {
        Self {
            items: Bags::new(),
            terms: Terms::new(),
            allowed: ClassMask::new(classes),
            answers: Vec::new(),
            slices: Vec::new(),
        }
    }

    pub(crate) fn push(&mut self, question: &Question, answer: u32, slice: u32) {
        self.items.push(&question.items);
        self.terms.push(&question.terms);
        self.allowed.push_words(&question.allowed.0);
        self.answers.push(answer);
        self.slices.push(slice);
    }

    fn append(&mut self, other: &Self, row_of: impl Fn(u32) -> u32) {
        for index in 0..other.answers.len() {
            self.items.push(other.items.row(index));
            self.terms.push(other.terms.row(index));
            self.allowed.push_words(other.allowed.row(index));
            self.answers.push(other.answers[index]);
            self.slices.push(row_of(other.slices[index]));
        }
    }
}

/// A stretch of a piece as questions and answers.
#[derive(Debug, Clone)]
pub struct Lesson {
    /// Rows of the trunk's table, a bag a slice.
    pub trunk: Bags,
    /// Questions by the head that answers: of the walk by kind, in the order of [`Kind::ALL`].
    pub exercises: Vec<Exercise>,
}

impl Lesson {
    /// Slices in the lesson.
    pub fn slices(&self) -> usize {
        self.trunk.len()
    }

    /// Walks through a piece and keeps the questions of the slices in a range.
    pub fn of_piece(
        spec: &Spec,
        piece: &Sliced,
        conditions: Conditions,
        range: std::ops::Range<usize>,
    ) -> Self {
        Self::of_setup(spec, piece, Setup::of_piece(piece, conditions), range)
    }

    /// The same from a setup, which is the piece's own but for what is asked for.
    pub fn of_setup(spec: &Spec, piece: &Sliced, setup: Setup, range: std::ops::Range<usize>) -> Self {
        let mut walker = Walker::new(spec, setup);
        let mut lesson = Self {
            trunk: Bags::new(),
            exercises: Kind::ALL.map(|kind| Exercise::new(kind.classes())).into(),
        };
        let mut question = Question::default();
        let mut items = Vec::new();
        while !walker.is_done() && walker.slices().len() <= range.end {
            let slice = walker.slices().len().saturating_sub(1);
            let is_kept = range.contains(&slice);
            if walker.take_fresh() && is_kept {
                walker.trunk_items(&mut items);
                lesson.trunk.push(&items);
            }
            let answer = walker.answer_of(piece);
            if is_kept {
                walker.ask(&mut question);
                let row = (slice - range.start) as u32;
                lesson.exercises[question.kind.index()].push(&question, answer, row);
            }
            walker.answer(answer);
        }
        lesson
    }
}

/// The time from the first whole bar of a piece to the end of its last bar.
pub fn whole_length(piece: &Sliced) -> Steps {
    let Some(last) = piece.meters.last() else { return 0 };
    let bar = bar_steps(last.meter);
    let bars = piece.end().saturating_sub(last.from).div_ceil(bar);
    last.from + bars * bar - piece.pickup
}

/// Lessons side by side, time outermost as the recurrent layer wants them.
#[derive(Debug, Clone)]
pub struct Batch {
    /// Rows of the trunk's table, `steps * batch` bags; those beyond a lesson's end are empty.
    pub trunk: Bags,
    /// Questions by kind; their slices are rows of the trunk.
    pub exercises: Vec<Exercise>,
    /// Slices of the longest lesson.
    pub steps: usize,
    /// How many lessons.
    pub batch: usize,
    /// Slices in all.
    pub slices: usize,
}

impl Batch {
    /// Puts lessons side by side.
    pub fn of_lessons(lessons: &[Lesson]) -> Self {
        let (steps, batch) = (lessons.iter().map(Lesson::slices).max().unwrap_or(0), lessons.len());
        let mut trunk = Bags::new();
        for step in 0..steps {
            for lesson in lessons {
                trunk.push(if step < lesson.slices() { lesson.trunk.row(step) } else { &[] });
            }
        }
        let empty = |exercise: &Exercise| Exercise::new(exercise.allowed.classes());
        let mut exercises: Vec<Exercise> =
            lessons.first().map_or_else(Vec::new, |lesson| lesson.exercises.iter().map(empty).collect());
        for (column, lesson) in lessons.iter().enumerate() {
            for (all, own) in exercises.iter_mut().zip(&lesson.exercises) {
                all.append(own, |slice| slice * batch as u32 + column as u32);
            }
        }
        Self { trunk, exercises, steps, batch, slices: lessons.iter().map(Lesson::slices).sum() }
    }

    /// Questions in all.
    pub fn questions(&self) -> usize {
        self.exercises.iter().map(|exercise| exercise.answers.len()).sum()
    }
}
