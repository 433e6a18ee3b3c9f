//! The shape of the questions: kinds, classes, and the rows and columns that features and logits use.

use super::controls::{CHORDS, LEVELS as CONTROL_ROWS, QUALITIES};
use super::pointers::{POINTERS, STRENGTHS};
use super::table::{BRIEFS, DEGREES, DIRECTIONS, Group, INTERVALS, PITCHES, Rows, SPANS};
use crate::encoding::{LENGTH_CLASSES, MAX_QUARTERS, STEPS_PER_QUARTER, VELOCITY_LEVELS};

/// Parts that have features of their own; further ones share the last.
pub(crate) const SLOTS: u32 = 8;
/// Parts that have crossed features of their own: the outer ones and two inner ones.
pub(crate) const VOICES: u32 = 4;
/// What another note is to the part asked about: the lead's, the bass's, another part's, its own.
pub(crate) const ROLES: u32 = 4;
/// Families of eight programs, and drums.
pub(crate) const FAMILIES: u32 = 17;
/// Metres told apart.
pub(crate) const METERS: u32 = 12;
/// Positions in a bar told apart (a bar of 8/4).
pub(crate) const POSITIONS: u32 = 192;
/// Levels of tempo and of density.
pub(crate) const LEVELS: u32 = 13;
/// Bars to go told apart, and "not said".
pub(crate) const TO_GO: u32 = 18;

const Q: u32 = POINTERS as u32;

/// Kinds of questions, each with a head of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, PartialOrd, Ord)]
pub enum Kind {
    /// How long the incomplete first bar is.
    #[default]
    Pickup,
    /// Which pitch a part begins, or none.
    Pitch,
    /// Which drum is struck, or none.
    Drum,
    /// How long a note is.
    Length,
    /// How hard a note is struck.
    Velocity,
    /// How long until the next slice, or the end.
    Gap,
    /// Quarters of a rare length.
    Coarse,
    /// Steps of a rare length beyond its quarters.
    Fine,
}

impl Kind {
    /// All kinds, in the order of their numbers.
    pub const ALL: [Self; 8] = [
        Self::Pickup,
        Self::Pitch,
        Self::Drum,
        Self::Length,
        Self::Velocity,
        Self::Gap,
        Self::Coarse,
        Self::Fine,
    ];

    /// Its number.
    pub const fn index(self) -> usize {
        self as usize
    }

    /// Its name in files.
    pub const fn name(self) -> &'static str {
        ["pickup", "pitch", "drum", "length", "velocity", "gap", "coarse", "fine"][self as usize]
    }

    /// Its classes.
    pub const fn classes(self) -> usize {
        match self {
            Self::Pickup | Self::Gap => LENGTH_CLASSES + 1,
            Self::Pitch | Self::Drum => 129,
            Self::Length => LENGTH_CLASSES,
            Self::Velocity => VELOCITY_LEVELS as usize,
            Self::Coarse => MAX_QUARTERS as usize,
            Self::Fine => STEPS_PER_QUARTER as usize,
        }
    }

    /// Whether its head reads the trunk.
    pub const fn reads_trunk(self) -> bool {
        !matches!(self, Self::Pickup | Self::Coarse | Self::Fine)
    }
}

/// Rows of the embedding tables and columns of the heads, fixed by the number of styles and by whether controls are told.
#[derive(Debug, Clone)]
pub struct Spec {
    pub(crate) has_controls: bool,
    pub(crate) trunk: TrunkRows,
    pub(crate) pitch: PitchRows,
    pub(crate) length: LengthRows,
    pub(crate) gap: GapRows,
    pub(crate) simple: SimpleRows,
    rows: [usize; 8],
    trunk_rows: usize,
}

impl Spec {
    /// The specification for a number of styles, without controls.
    pub fn new(styles: u32) -> Self {
        Self::of_told(styles, false)
    }

    /// The specification for a number of styles, with controls. Their rows and columns stand after all others.
    pub fn with_controls(styles: u32) -> Self {
        Self::of_told(styles, true)
    }

    fn of_told(styles: u32, has_controls: bool) -> Self {
        let mut rows = [0; 8];
        let told = u32::from(has_controls);
        let (trunk, trunk_rows) = TrunkRows::new(styles, told);
        let (pitch, pitch_rows) = PitchRows::new(styles, told);
        let (length, length_rows) = LengthRows::new(styles, told);
        let (gap, gap_rows) = GapRows::new(styles, told);
        let (simple, simple_rows) = SimpleRows::new(styles, told);
        rows.copy_from_slice(&simple_rows);
        rows[Kind::Pitch.index()] = pitch_rows;
        rows[Kind::Length.index()] = length_rows;
        rows[Kind::Gap.index()] = gap_rows;
        Self { has_controls, trunk, pitch, length, gap, simple, rows, trunk_rows }
    }

    /// Whether controls are told.
    pub fn has_controls(&self) -> bool {
        self.has_controls
    }

    /// Rows of the trunk's embedding table.
    pub fn trunk_rows(&self) -> usize {
        self.trunk_rows
    }

    /// Rows of a kind's embedding table.
    pub fn rows(&self, kind: Kind) -> usize {
        self.rows[kind.index()]
    }

    /// The rows that tell the style in a kind's table, or in the trunk's where no kind is named; none where the style
    /// is not told. The first row of them stands for no style.
    pub(crate) fn style_rows(&self, kind: Option<Kind>) -> Option<Group> {
        Some(match kind {
            None => self.trunk.style,
            Some(Kind::Pickup) => self.simple.pickup_style,
            Some(Kind::Pitch) => self.pitch.style,
            Some(Kind::Drum) => self.simple.drum_style,
            Some(Kind::Length) => self.length.style,
            Some(Kind::Velocity) => self.simple.velocity_style,
            Some(Kind::Gap) => self.gap.style,
            Some(Kind::Coarse | Kind::Fine) => return None,
        })
    }

    /// Raw outputs of a kind's head.
    pub fn columns(&self, kind: Kind) -> usize {
        match kind {
            Kind::Pitch => (PITCH_CHORD + 12 * u32::from(self.has_controls)) as usize,
            Kind::Drum => (PITCHES + Q) as usize,
            Kind::Length => LENGTH_COLUMNS as usize,
            Kind::Gap => GAP_COLUMNS as usize,
            _ => kind.classes(),
        }
    }
}

// Columns of the pitch head's raw output.
/// The part's stop and every pitch, absolute.
pub(crate) const PITCH_ABSOLUTE: u32 = 0;
/// Pitch classes above the tonic of the key heard.
pub(crate) const PITCH_HEARD: u32 = PITCHES;
/// Pitch classes above the tonic asked for.
pub(crate) const PITCH_ASKED: u32 = PITCH_HEARD + 12;
/// Intervals from the part's last pitch.
pub(crate) const PITCH_STEP: u32 = PITCH_ASKED + 12;
/// For each role, intervals from its note and pitch classes above it.
pub(crate) const PITCH_RELATION: u32 = PITCH_STEP + 51;
/// Columns of one role.
pub(crate) const RELATION_WIDTH: u32 = 51 + 12;
/// What each pointer foretells.
pub(crate) const PITCH_POINTED: u32 = PITCH_RELATION + ROLES * RELATION_WIDTH;
/// Pitch classes above the root of the chord asked for, where controls are told.
pub(crate) const PITCH_CHORD: u32 = PITCH_POINTED + Q;

// Columns of the length head's raw output.
/// Ending together with a note of each role that begins now.
pub(crate) const LENGTH_TOGETHER: u32 = LENGTH_CLASSES as u32;
/// Ending together with a note of each role that sounds already.
pub(crate) const LENGTH_HELD: u32 = LENGTH_TOGETHER + ROLES;
/// Ending with the bar and with the piece.
pub(crate) const LENGTH_TO_BAR: u32 = LENGTH_HELD + ROLES;
/// What each pointer foretells.
pub(crate) const LENGTH_POINTED: u32 = LENGTH_TO_BAR + 2;
const LENGTH_COLUMNS: u32 = LENGTH_POINTED + Q;

// Columns of the gap head's raw output.
/// When the first of the sounding notes ends.
pub(crate) const GAP_FIRST_END: u32 = LENGTH_CLASSES as u32 + 1;
/// When the note of each slot ends.
pub(crate) const GAP_ENDS: u32 = GAP_FIRST_END + 1;
/// What each pointer foretells.
pub(crate) const GAP_POINTED: u32 = GAP_ENDS + SLOTS;
const GAP_COLUMNS: u32 = GAP_POINTED + Q;

/// Rows that tell a pointer's strength and whether it agreed so far.
const POINTER_TRUST: u32 = Q * STRENGTHS * 2;

#[derive(Debug, Clone)]
pub(crate) struct TrunkRows {
    pub(crate) style: Group,
    pub(crate) asked_key: Group,
    pub(crate) tempo: Group,
    pub(crate) density: Group,
    pub(crate) to_go: Group,
    pub(crate) to_end: Group,
    pub(crate) meter: Group,
    pub(crate) position: Group,
    pub(crate) in_beat: Group,
    pub(crate) bar: Group,
    pub(crate) bar_in_eight: Group,
    pub(crate) last_gap: Group,
    pub(crate) heard_key: Group,
    pub(crate) parts: Group,
    pub(crate) family: Group,
    pub(crate) last: Group,
    pub(crate) sounding: Group,
    pub(crate) age: Group,
    pub(crate) step: Group,
    pub(crate) heard_degree: Group,
    pub(crate) asked_degree: Group,
    pub(crate) above_bass: Group,
    pub(crate) onset: Group,
    pub(crate) chord_tone: Group,
    pub(crate) drum: Group,
    pub(crate) trust: Group,
    pub(crate) pointed: Group,
    pub(crate) control_piece: Group,
    pub(crate) control_now: Group,
    pub(crate) control_next: Group,
    pub(crate) chord: Group,
    pub(crate) chord_degree: Group,
}

impl TrunkRows {
    fn new(styles: u32, told: u32) -> (Self, usize) {
        let mut rows = Rows::default();
        let table = Self {
            style: rows.group(styles + 1),
            asked_key: rows.group(25),
            tempo: rows.group(LEVELS),
            density: rows.group(LEVELS),
            to_go: rows.group(TO_GO),
            to_end: rows.group(SPANS),
            meter: rows.group(METERS),
            position: rows.group(POSITIONS),
            in_beat: rows.group(24),
            bar: rows.group(10),
            bar_in_eight: rows.group(8),
            last_gap: rows.group(SPANS),
            heard_key: rows.group(25),
            parts: rows.group(16),
            family: rows.group(SLOTS * FAMILIES),
            last: rows.group(SLOTS * PITCHES),
            sounding: rows.group(SLOTS * BRIEFS),
            age: rows.group(SLOTS * BRIEFS),
            step: rows.group(SLOTS * INTERVALS),
            heard_degree: rows.group(SLOTS * DEGREES),
            asked_degree: rows.group(SLOTS * DEGREES),
            above_bass: rows.group(SLOTS * 13),
            onset: rows.group(SLOTS * 2),
            chord_tone: rows.group(PITCHES),
            drum: rows.group(PITCHES),
            trust: rows.group(Q * STRENGTHS),
            pointed: rows.group(VOICES * 3 * (INTERVALS + 1)),
            control_piece: rows.group(told * CONTROL_ROWS),
            control_now: rows.group(told * CONTROL_ROWS),
            control_next: rows.group(told * CONTROL_ROWS),
            chord: rows.group(told * 2 * CHORDS),
            chord_degree: rows.group(told * 2 * DEGREES),
        };
        (table, rows.total())
    }
}

#[derive(Debug, Clone)]
pub(crate) struct PitchRows {
    pub(crate) slot: Group,
    pub(crate) style: Group,
    pub(crate) family: Group,
    pub(crate) last: Group,
    pub(crate) step: Group,
    pub(crate) age: Group,
    pub(crate) length: Group,
    pub(crate) position: Group,
    pub(crate) heard_key: Group,
    pub(crate) asked_key: Group,
    pub(crate) heard_degree: Group,
    pub(crate) asked_degree: Group,
    pub(crate) to_go: Group,
    pub(crate) ceiling: Group,
    pub(crate) interval: Group,
    pub(crate) parallel: Group,
    pub(crate) degree: Group,
    pub(crate) is_new: Group,
    pub(crate) trust: Group,
    pub(crate) pointed: Group,
    pub(crate) control: Group,
    pub(crate) chord_quality: Group,
    pub(crate) chord_degree: Group,
    pub(crate) chord_last: Group,
}

impl PitchRows {
    fn new(styles: u32, told: u32) -> (Self, usize) {
        let mut rows = Rows::default();
        let table = Self {
            slot: rows.group(SLOTS),
            style: rows.group(styles + 1),
            family: rows.group(FAMILIES),
            last: rows.group(VOICES * PITCHES),
            step: rows.group(VOICES * INTERVALS),
            age: rows.group(VOICES * BRIEFS),
            length: rows.group(VOICES * BRIEFS),
            position: rows.group(VOICES * 64),
            heard_key: rows.group(25),
            asked_key: rows.group(25),
            heard_degree: rows.group(VOICES * DEGREES),
            asked_degree: rows.group(VOICES * DEGREES),
            to_go: rows.group(VOICES * 5),
            ceiling: rows.group(INTERVALS),
            interval: rows.group(VOICES * ROLES * INTERVALS),
            parallel: rows.group(VOICES * ROLES * 13 * DIRECTIONS),
            degree: rows.group(ROLES * DEGREES),
            is_new: rows.group(VOICES * ROLES * 2),
            trust: rows.group(POINTER_TRUST),
            pointed: rows.group(Q * (INTERVALS + 1)),
            control: rows.group(told * CONTROL_ROWS),
            chord_quality: rows.group(told * QUALITIES),
            chord_degree: rows.group(told * DEGREES),
            chord_last: rows.group(told * VOICES * 13),
        };
        (table, rows.total())
    }
}

#[derive(Debug, Clone)]
pub(crate) struct LengthRows {
    pub(crate) slot: Group,
    pub(crate) style: Group,
    pub(crate) family: Group,
    pub(crate) meter: Group,
    pub(crate) position: Group,
    pub(crate) in_beat: Group,
    pub(crate) last: Group,
    pub(crate) before: Group,
    pub(crate) step: Group,
    pub(crate) degree: Group,
    pub(crate) together: Group,
    pub(crate) held: Group,
    pub(crate) vertical: Group,
    pub(crate) to_go: Group,
    pub(crate) to_end: Group,
    pub(crate) trust: Group,
    pub(crate) pointed: Group,
    pub(crate) control: Group,
}

impl LengthRows {
    fn new(styles: u32, told: u32) -> (Self, usize) {
        let mut rows = Rows::default();
        let table = Self {
            slot: rows.group(SLOTS),
            style: rows.group(styles + 1),
            family: rows.group(FAMILIES),
            meter: rows.group(METERS),
            position: rows.group(VOICES * (POSITIONS / 2)),
            in_beat: rows.group(24),
            last: rows.group(VOICES * SPANS),
            before: rows.group(VOICES * SPANS),
            step: rows.group(VOICES * INTERVALS),
            degree: rows.group(VOICES * DEGREES),
            together: rows.group(ROLES * SPANS),
            held: rows.group(ROLES * SPANS),
            vertical: rows.group(ROLES * 2 * 12),
            to_go: rows.group(5),
            to_end: rows.group(SPANS),
            trust: rows.group(POINTER_TRUST),
            pointed: rows.group(Q * SPANS),
            control: rows.group(told * CONTROL_ROWS),
        };
        (table, rows.total())
    }
}

#[derive(Debug, Clone)]
pub(crate) struct GapRows {
    pub(crate) style: Group,
    pub(crate) meter: Group,
    pub(crate) position: Group,
    pub(crate) in_beat: Group,
    pub(crate) first_end: Group,
    pub(crate) remaining: Group,
    pub(crate) onsets: Group,
    pub(crate) last_gap: Group,
    pub(crate) all_busy: Group,
    pub(crate) to_go: Group,
    pub(crate) to_end: Group,
    pub(crate) trust: Group,
    pub(crate) pointed: Group,
    pub(crate) control: Group,
}

impl GapRows {
    fn new(styles: u32, told: u32) -> (Self, usize) {
        let mut rows = Rows::default();
        let table = Self {
            style: rows.group(styles + 1),
            meter: rows.group(METERS),
            position: rows.group(POSITIONS),
            in_beat: rows.group(24),
            first_end: rows.group(SPANS),
            remaining: rows.group(SLOTS * SPANS),
            onsets: rows.group(9),
            last_gap: rows.group(SPANS),
            all_busy: rows.group(2),
            to_go: rows.group(5),
            to_end: rows.group(SPANS),
            trust: rows.group(POINTER_TRUST),
            pointed: rows.group(Q * SPANS),
            control: rows.group(told * CONTROL_ROWS),
        };
        (table, rows.total())
    }
}

/// Rows of the small tables: pickup, drum, velocity, coarse and fine.
#[derive(Debug, Clone)]
pub(crate) struct SimpleRows {
    pub(crate) pickup_style: Group,
    pub(crate) pickup_meter: Group,
    pub(crate) drum_style: Group,
    pub(crate) drum_position: Group,
    pub(crate) drum_struck: Group,
    pub(crate) drum_before: Group,
    pub(crate) drum_ceiling: Group,
    pub(crate) drum_trust: Group,
    pub(crate) drum_pointed: Group,
    pub(crate) velocity_style: Group,
    pub(crate) velocity_slot: Group,
    pub(crate) velocity_family: Group,
    pub(crate) velocity_position: Group,
    pub(crate) velocity_pitch: Group,
    pub(crate) velocity_before: Group,
    pub(crate) velocity_together: Group,
    pub(crate) coarse_of: Group,
    pub(crate) fine_of: Group,
    pub(crate) drum_control: Group,
    pub(crate) velocity_control: Group,
}

impl SimpleRows {
    fn new(styles: u32, told: u32) -> (Self, [usize; 8]) {
        let [mut pickup, mut drum, mut velocity] = [Rows::default(), Rows::default(), Rows::default()];
        let [mut coarse, mut fine] = [Rows::default(), Rows::default()];
        let table = Self {
            pickup_style: pickup.group(styles + 1),
            pickup_meter: pickup.group(METERS),
            drum_style: drum.group(styles + 1),
            drum_position: drum.group(POSITIONS),
            drum_struck: drum.group(PITCHES),
            drum_before: drum.group(PITCHES),
            drum_ceiling: drum.group(PITCHES),
            drum_trust: drum.group(POINTER_TRUST),
            drum_pointed: drum.group(Q * (PITCHES + 1)),
            velocity_style: velocity.group(styles + 1),
            velocity_slot: velocity.group(SLOTS),
            velocity_family: velocity.group(FAMILIES),
            velocity_position: velocity.group(64),
            velocity_pitch: velocity.group(2 * PITCHES),
            velocity_before: velocity.group(VELOCITY_LEVELS + 1),
            velocity_together: velocity.group(ROLES * (VELOCITY_LEVELS + 1)),
            coarse_of: coarse.group(2),
            fine_of: fine.group(2 * MAX_QUARTERS),
            drum_control: drum.group(told * CONTROL_ROWS),
            velocity_control: velocity.group(told * CONTROL_ROWS),
        };
        let mut rows = [0; 8];
        rows[Kind::Pickup.index()] = pickup.total();
        rows[Kind::Drum.index()] = drum.total();
        rows[Kind::Velocity.index()] = velocity.total();
        rows[Kind::Coarse.index()] = coarse.total();
        rows[Kind::Fine.index()] = fine.total();
        (table, rows)
    }
}
