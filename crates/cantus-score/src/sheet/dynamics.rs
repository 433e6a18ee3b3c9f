//! Dynamics by name.

use crate::Velocity;

/// Dynamics, each with the velocity that it stands for.
const LEVELS: [(&str, u8); 10] = [
    ("pppp", 10),
    ("ppp", 16),
    ("pp", 33),
    ("p", 49),
    ("mp", 64),
    ("mf", 80),
    ("f", 96),
    ("ff", 112),
    ("fff", 120),
    ("ffff", 127),
];

/// How hard notes are struck under a sign of dynamics; nothing for signs of one note.
pub(crate) fn velocity_of(sign: &str) -> Option<Velocity> {
    let sign = match sign {
        "ppppp" | "pppppp" => "pppp",
        "fffff" | "ffffff" => "ffff",
        "fp" | "sfp" | "n" => "p",
        "sfpp" => "pp",
        "pf" => "f",
        other => other,
    };
    LEVELS.iter().find(|level| level.0 == sign).map(|level| Velocity::saturating(i64::from(level.1)))
}

/// The sign that is nearest to a velocity.
pub(crate) fn sign_of(velocity: Velocity) -> &'static str {
    let nearest = LEVELS.iter().min_by_key(|level| level.1.abs_diff(velocity.get()));
    nearest.map_or("mf", |level| level.0)
}
