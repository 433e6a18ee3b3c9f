use crate::arrows::{MAY_DEPEND_ON, against};
use crate::files::{data_finding, inherits_lints, text_findings};
use crate::invariants::Tests;
use crate::licences::is_allowed;
use crate::sources::code_lines;

#[test]
fn every_arrow_points_to_the_right() {
    for (place, (package, left)) in MAY_DEPEND_ON.iter().enumerate() {
        for name in *left {
            let stands = MAY_DEPEND_ON.iter().position(|(other, _)| other == name).unwrap();
            assert!(stands < place, "{package} depends on {name}, which stands to its right");
        }
    }
}

#[test]
fn a_dependency_against_the_arrows_is_found() {
    assert!(against("cantus-model", &["cantus-score", "cantus-nn"]).is_empty());
    assert_eq!(against("cantus-nn", &["cantus-score"]).len(), 1);
    assert_eq!(against("cantus-score", &["cantus-nn"]).len(), 1);
    assert_eq!(against("cantus-cli", &["cantus", "cantus-model"]).len(), 1);
    assert!(against("cantus-new", &[])[0].contains("not on the map"));
}

#[test]
fn licences_are_read_as_expressions() {
    for allowed in [
        "MIT",
        "MIT/Apache-2.0",
        "GPL-3.0 OR MIT",
        "(MIT OR GPL-2.0) AND BSD-3-Clause",
        "Apache-2.0 WITH LLVM-exception OR GPL-3.0",
        "Zlib OR Apache-2.0 OR MIT",
        "(MIT OR Apache-2.0) AND Unicode-3.0",
    ] {
        assert!(is_allowed("x", allowed), "{allowed}");
    }
    for refused in
        ["GPL-3.0", "MIT AND LGPL-2.1", "(MIT", "", "MIT MIT", "MPL-2.0", "MIT AND (GPL-2.0 OR AGPL-3.0)"]
    {
        assert!(!is_allowed("x", refused), "{refused}");
    }
    assert!(is_allowed("symphonia-core", "MPL-2.0"));
    assert!(!is_allowed("other", "MPL-2.0"));
}

#[test]
fn code_lines_leave_out_blanks_and_comments() {
    assert_eq!(code_lines("//! A.\n\nfn a() {\n    // Why.\n    b(); // what\n}\n"), 3);
    assert_eq!(text_findings("crates/a/src/long.rs", &"a();\n".repeat(601)).len(), 1);
    assert!(text_findings("crates/a/src/long.rs", &"a();\n".repeat(600)).is_empty());
}

#[test]
fn paths_of_one_machine_are_found_with_their_line() {
    let text = ["fine\nsee /ho", "me/ada/song.mid\n"].concat();
    assert!(text_findings("README.md", &text)[0].starts_with("README.md:2:"));
    assert!(text_findings("README.md", "see ../shared/data").is_empty());
}

#[test]
fn manifests_inherit_the_lints() {
    assert!(inherits_lints("[package]\n[lints]\nworkspace = true\n[dependencies]\n"));
    assert!(!inherits_lints("[package]\n[dependencies]\n"));
    assert!(!inherits_lints("[package]\n[lints]\n\n[lints.rust]\nworkspace = true\n"));
}

#[test]
fn data_belongs_to_fixtures_and_is_small() {
    assert!(data_finding("crates/a/src/bach.mid", 10).is_some());
    assert!(data_finding("fixtures/midi/odd.MID", 10).is_none());
    assert!(data_finding("fixtures/midi/odd.mid", 1_000_000).is_some());
    assert!(data_finding("crates/a/src/lib.rs", 1_000_000).is_none());
}

#[test]
fn unsafe_code_is_for_the_kernels() {
    let text = ["#![allow(", "unsafe_code, reason = \"SIMD\")]"].concat();
    assert!(text_findings("crates/cantus-nn/src/simd.rs", &text).is_empty());
    assert_eq!(text_findings("crates/cantus-score/src/lib.rs", &text).len(), 1);
}

#[test]
fn pure_crates_do_not_touch_the_outside() {
    let text = "use std::fs;\n";
    assert_eq!(text_findings("crates/cantus-score/src/midi.rs", text).len(), 1);
    assert_eq!(text_findings("crates/cantus-compose/src/lib.rs", "let now = Instant::now();").len(), 1);
    assert!(text_findings("crates/cantus-score/src/midi.rs", "// not std::fs").is_empty());
    assert!(text_findings("crates/cantus-score/src/midi/tests.rs", text).is_empty());
    assert!(text_findings("crates/cantus-model/src/corpus/scan.rs", text).is_empty());
}

#[test]
fn the_map_names_tests_that_exist() {
    let map =
        "1. A rule of `this_type`.\n   Held by `a_law` and `cargo test`,\n   `another_law`.\n\n`not_named`\n";
    let mut tests = Tests::default();
    tests.read("ARCHITECTURE.md", map);
    tests.read("crates/a/src/tests.rs", "#[test]\nfn a_law() {}\n");
    assert_eq!(tests.findings(), ["ARCHITECTURE.md: no test is called `another_law`"]);
}
