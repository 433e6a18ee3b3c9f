//! Small scores through one door.
