//! The one table of descriptors, a file for each topic.

mod document;
mod form;
mod harmony;
mod measure;
mod melody;
mod musegan;
mod muspy;
mod rhythm;
mod score;
mod sound;
mod touch;

use cantus_score::Score;

use crate::Window;

pub use document::{document, schema};
pub use measure::{Columns, Measure, Numbers};

/// Where a descriptor makes sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Level {
    /// Of whole pieces only.
    Piece,
    /// Of whole pieces and of each bar.
    PieceAndBar,
    /// Of bars only.
    Bar,
    /// Of the beats of a piece.
    Beat,
    /// Of short frames of sound.
    Frame,
}

impl Level {
    /// Its name, as tables and files tell it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Piece => "piece",
            Self::PieceAndBar => "piece and bar",
            Self::Bar => "bar",
            Self::Beat => "beat",
            Self::Frame => "frame",
        }
    }
}

/// What a descriptor is measured on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Origin {
    /// Notes.
    Score,
    /// Sound.
    Sound,
}

impl Origin {
    /// Its name, as tables and files tell it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Score => "score",
            Self::Sound => "sound",
        }
    }
}

/// One descriptor of music.
#[derive(Debug, Clone, Copy)]
pub struct Descriptor {
    /// Its name, as it stands in files and on the command line.
    pub name: &'static str,
    /// Its name for people.
    pub label: &'static str,
    /// Its unit; empty where it is a bare number.
    pub unit: &'static str,
    /// The least and the greatest value that it can take; infinite where nothing bounds it.
    pub range: (f64, f64),
    /// How it is computed, in one line.
    pub formula: &'static str,
    /// Where the definition is from.
    pub source: &'static str,
    /// Of what it can be measured.
    pub level: Level,
    /// How it is measured, and on what.
    pub measure: Measure,
}

impl Descriptor {
    /// What it is measured on.
    pub const fn origin(&self) -> Origin {
        self.measure.origin()
    }

    /// The names of its columns: one, its own, where it is a single number.
    pub fn columns(&self) -> Vec<String> {
        match self.measure.parts() {
            [] => vec![self.name.to_owned()],
            parts => parts.iter().map(|part| format!("{}_{part}", self.name)).collect(),
        }
    }

    /// Measures it on a window; none where the music says nothing about it (the range of a rest, the tempo of a score that
    /// states none) and where it is not a single number of a stretch of a score.
    pub fn measure(&self, window: &Window) -> Option<f64> {
        match self.measure {
            Measure::Number(measure) => measure(window),
            _ => None,
        }
    }

    /// Whether it is a single number of a stretch of a score.
    pub const fn is_number(&self) -> bool {
        matches!(self.measure, Measure::Number(_))
    }

    /// Whether it can be measured on whole pieces.
    pub const fn is_of_pieces(&self) -> bool {
        matches!(self.level, Level::Piece | Level::PieceAndBar)
    }

    /// Whether it can be measured on single bars.
    pub const fn is_of_bars(&self) -> bool {
        matches!(self.level, Level::Bar | Level::PieceAndBar)
    }
}

/// Its source, where the definition is ours.
const OWN: &str = "defined here";
/// Nothing bounds it.
const ANY: f64 = f64::INFINITY;

/// The tables, topic by topic.
const TABLES: &[&[Descriptor]] = &[
    score::ROWS,
    rhythm::ROWS,
    touch::ROWS,
    harmony::ROWS,
    melody::ROWS,
    form::ROWS,
    muspy::ROWS,
    musegan::ROWS,
    sound::ROWS,
];

/// All descriptors. A topic's new rows go to its end, new topics to the end of all.
pub const CATALOGUE: &[Descriptor] = &joined::<{ count() }>();

/// How many descriptors there are.
const fn count() -> usize {
    let (mut count, mut table) = (0, 0);
    while table < TABLES.len() {
        count += TABLES[table].len();
        table += 1;
    }
    count
}

/// The tables in one.
const fn joined<const COUNT: usize>() -> [Descriptor; COUNT] {
    let mut all = [TABLES[0][0]; COUNT];
    let (mut filled, mut table) = (0, 0);
    while table < TABLES.len() {
        let mut row = 0;
        while row < TABLES[table].len() {
            all[filled] = TABLES[table][row];
            filled += 1;
            row += 1;
        }
        table += 1;
    }
    all
}

/// The descriptor of a name.
pub fn find(name: &str) -> Option<&'static Descriptor> {
    CATALOGUE.iter().find(|descriptor| descriptor.name == name)
}

/// The descriptors that are single numbers of scores, in the order in which [`of_piece`] and [`of_bars`] measure them.
pub fn numbers() -> impl Iterator<Item = &'static Descriptor> + Clone {
    CATALOGUE.iter().filter(|descriptor| descriptor.is_number())
}

/// Measures every descriptor of [`numbers`] on a whole piece, in their order; none for those of bars.
pub fn of_piece(score: &Score) -> Vec<Option<f64>> {
    let window = Window::of_piece(score);
    numbers()
        .map(|descriptor| descriptor.is_of_pieces().then(|| descriptor.measure(&window)).flatten())
        .collect()
}

/// Measures every descriptor of [`numbers`] on every bar: one row a bar, in their order; none for those of whole pieces.
pub fn of_bars(score: &Score) -> Vec<Vec<Option<f64>>> {
    let row = |bar: &Window| {
        numbers()
            .map(|descriptor| descriptor.is_of_bars().then(|| descriptor.measure(bar)).flatten())
            .collect()
    };
    Window::of_bars(score).iter().map(row).collect()
}
