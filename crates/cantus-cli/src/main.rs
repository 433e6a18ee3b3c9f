//! The cantus program.
fn main() {}
