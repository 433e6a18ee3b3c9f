//! What is asked of a phrase, as numbers that a network reads.

use cantus_features::control::Chord;
use cantus_score::Mode;

use super::grid::{BARS, Grid};
use super::phrase::Phrase;
use super::roles::Role;

/// Numbers that say how the bars lie on the grid.
const GRID_NUMBERS: usize = 10;
/// Numbers of a phrase besides those of its style: mode, grid, tracks that play, tracks that are given, joined, last.
const OTHER_NUMBERS: usize = 3 + GRID_NUMBERS + 2 * Role::ALL.len() + 2;
/// Those of them that are known of any phrase without hearing it, the first: mode, grid, tracks that play.
pub(super) const HEARD_NUMBERS: usize = 3 + GRID_NUMBERS + Role::ALL.len();
/// Numbers of a bar: the tones of its chord, its root, whether a chord is asked for, density, whether it is asked for.
pub(super) const BAR_NUMBERS: usize = 12 + 12 + 1 + 1 + 1;

/// What is asked of a phrase. Everything after the tracks is optional.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    /// The number of its style.
    pub style: usize,
    /// Styles that are mixed with it, and their shares of the whole.
    pub others: Vec<(usize, f32)>,
    /// How its bars lie on the steps.
    pub grid: Grid,
    /// Major or minor; nothing where only drums play.
    pub mode: Option<Mode>,
    /// Which tracks play.
    pub plays: [bool; 4],
    /// Which of them are given and are not to be made.
    pub given: [bool; 4],
    /// Whether it goes on from the bar before.
    pub is_joined: bool,
    /// Whether the piece ends with it.
    pub is_last: bool,
    /// The chord of each bar, on C as the tonic.
    pub chords: [Option<Chord>; BARS],
    /// Moments at which something begins, per quarter note, of each bar.
    pub density: [Option<f32>; BARS],
}

impl Condition {
    /// What a real phrase of a style answers to, nothing given.
    pub fn of_phrase(style: usize, phrase: &Phrase) -> Self {
        Self {
            style,
            others: Vec::new(),
            grid: phrase.grid,
            mode: phrase.mode,
            plays: Role::ALL.map(|role| phrase.has(role)),
            given: [false; 4],
            is_joined: phrase.is_joined,
            is_last: phrase.is_last,
            chords: phrase.chords,
            density: phrase.density,
        }
    }

    /// The share of a style, from 0 to 1.
    pub(super) fn share(&self, style: usize) -> f32 {
        let of = |wanted: &dyn Fn(usize) -> bool| -> f32 {
            self.others.iter().filter(|(other, _)| wanted(*other)).map(|(_, share)| share).sum()
        };
        let own = if style == self.style { 1.0 - of(&|_| true) } else { 0.0 };
        own + of(&|other| other == style)
    }

    /// How many numbers tell it of so many styles.
    pub(super) const fn numbers(styles: usize) -> usize {
        styles + OTHER_NUMBERS
    }

    /// Appends the numbers of the phrase as a whole.
    pub(super) fn write(&self, styles: usize, out: &mut Vec<f32>) {
        let flag = |is: bool| f32::from(u8::from(is));
        out.extend((0..styles).map(|style| self.share(style)));
        out.extend([None, Some(Mode::Major), Some(Mode::Minor)].map(|mode| flag(mode == self.mode)));
        out.extend(grid_numbers(self.grid));
        out.extend(self.plays.map(flag));
        out.extend(self.given.map(flag));
        out.extend([self.is_joined, self.is_last].map(flag));
    }

    /// Appends the numbers of each bar.
    pub(super) fn write_bars(&self, out: &mut Vec<f32>) {
        for (chord, density) in self.chords.iter().zip(self.density) {
            let mut numbers = [0.0; BAR_NUMBERS];
            if let Some(chord) = chord {
                let root = usize::from(chord.root.get());
                chord.quality.tones().iter().for_each(|tone| numbers[(root + tone) % 12] = 1.0);
                numbers[12 + root] = 1.0;
                numbers[24] = 1.0;
            }
            if let Some(density) = density {
                numbers[25] = 0.5 * density;
                numbers[26] = 1.0;
            }
            out.extend(numbers);
        }
    }
}

/// How many steps a bar has, how long they are, and whether beats are divided by three.
fn grid_numbers(grid: Grid) -> [f32; GRID_NUMBERS] {
    let mut numbers = [0.0; GRID_NUMBERS];
    let place = match (grid.used, grid.compound) {
        (16, _) => 0,
        (12, false) => 1,
        (12, true) => 2,
        (9, _) => 3,
        (10, _) => 4,
        _ => 5,
    };
    numbers[place] = 1.0;
    let length = match grid.step {
        6 => 6,
        12 => 7,
        _ => 8,
    };
    numbers[length] = 1.0;
    numbers[9] = f32::from(u8::from(grid.joined == 2));
    numbers
}
