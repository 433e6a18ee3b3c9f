//! Repetition and form.

use super::{Descriptor, Level, Measure, Numbers, OWN};
use crate::form;

/// The rows of this topic.
pub(super) const ROWS: &[Descriptor] = &[
    Descriptor {
        name: "repetition",
        label: "repetition",
        unit: "",
        range: (0.0, 1.0),
        formula: "how like each bar is to the bar before it that is most like it, the mean without the first bar: the mean of \
                  the cosines of the pitch classes' sounding times and of the onsets in sixteenths of the bar",
        source: "self-similarity of Foote 1999, on bars",
        level: Level::Piece,
        measure: Measure::Number(form::repetition),
    },
    Descriptor {
        name: "sections",
        label: "sections",
        unit: "sections",
        range: (1.0, 250.0),
        formula: "peaks of novelty above its mean and one standard deviation, four bars apart at least, and one",
        source: "Foote 2000",
        level: Level::Piece,
        measure: Measure::Number(form::sections),
    },
    Descriptor {
        name: "form",
        label: "form",
        unit: "-1 to 1; number from 0; 0 to 1",
        range: (-1.0, 250.0),
        formula: "of each bar its novelty (a checkerboard of four bars either way on the self-similarity), the number of its \
                  section, and its likeness to the most alike bar before it",
        source: OWN,
        level: Level::Bar,
        measure: Measure::Rows(Numbers { parts: form::PARTS, of: form::table }),
    },
];
