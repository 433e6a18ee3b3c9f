//! The arrows of the design: which crate may depend on which.

use cargo_metadata::Metadata;

/// Every crate and what it may depend on. Data flows from left to right, so a crate knows only crates to its left, and
/// each list here holds only crates that stand above it.
pub(crate) const MAY_DEPEND_ON: &[(&str, &[&str])] = &[
    ("cantus-score", &[]),
    ("cantus-audio", &[]),
    ("cantus-nn", &[]),
    ("cantus-weights", &[]),
    ("cantus-features", &["cantus-score", "cantus-audio"]),
    ("cantus-model", &["cantus-score", "cantus-audio", "cantus-features", "cantus-nn"]),
    ("cantus-compose", LEARNING),
    ("cantus-render", COMPOSING),
    ("cantus-explain", COMPOSING),
    ("cantus-rights", COMPOSING),
    ("cantus-taste", COMPOSING),
    ("cantus", LIBRARY),
    ("cantus-studio", &["cantus"]),
    ("cantus-cli", &["cantus", "cantus-studio"]),
    ("xtask", &[]),
];

const LEARNING: &[&str] = &["cantus-score", "cantus-audio", "cantus-features", "cantus-nn", "cantus-model"];
const COMPOSING: &[&str] =
    &["cantus-score", "cantus-audio", "cantus-features", "cantus-nn", "cantus-model", "cantus-compose"];
const LIBRARY: &[&str] = &[
    "cantus-score",
    "cantus-audio",
    "cantus-features",
    "cantus-nn",
    "cantus-model",
    "cantus-compose",
    "cantus-render",
    "cantus-explain",
    "cantus-rights",
    "cantus-taste",
    "cantus-weights",
];

/// One line for each dependency against the arrows, tests' and build scripts' dependencies included.
pub(crate) fn findings(metadata: &Metadata) -> Vec<String> {
    let members = metadata.workspace_packages();
    let mut findings = Vec::new();
    for package in &members {
        let ours = package.dependencies.iter().filter(|dependency| dependency.path.is_some());
        let ours: Vec<&str> = ours.map(|dependency| dependency.name.as_str()).collect();
        findings.extend(against(package.name.as_str(), &ours));
    }
    findings
}

/// What is wrong with one crate's dependencies on the others.
pub(crate) fn against(package: &str, ours: &[&str]) -> Vec<String> {
    let Some((_, allowed)) = MAY_DEPEND_ON.iter().find(|(name, _)| *name == package) else {
        return vec![format!(
            "{package}: not on the map; give it its place in xtask/src/arrows.rs and ARCHITECTURE.md"
        )];
    };
    let wrong = ours.iter().filter(|name| !allowed.contains(name));
    wrong.map(|name| format!("{package}: may not depend on {name}, which is not to its left")).collect()
}
