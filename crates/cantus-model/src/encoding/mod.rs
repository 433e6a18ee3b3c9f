//! Music as the network reads it: slices on a grid, and classes of lengths.

pub mod lengths;
pub mod slices;

pub use lengths::{ESCAPE, LENGTH_CLASSES, Length, MAX_QUARTERS, STEPS_PER_QUARTER};
pub use slices::{
    MAX_PARTS, MeterSpan, Part, Slice, SliceNote, Sliced, Steps, VELOCITY_LEVELS, part_order, ticks,
};
