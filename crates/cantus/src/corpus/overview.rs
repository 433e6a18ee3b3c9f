//! What a corpus holds, in numbers.

use std::collections::BTreeMap;

use cantus_model::corpus::{CorpusFile, Record, Split};
use cantus_score::{Key, Mode, PitchClass};
use serde_json::{Value, json};

/// Bars of a distribution that are told one by one; the others are summed up.
const MOST_BARS: usize = 24;

/// What a corpus holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Overview {
    /// Pieces, groups of relatives, notes, and hours of music.
    pub pieces: usize,
    /// Groups of relatives.
    pub groups: usize,
    /// Notes in all.
    pub notes: u64,
    /// How long all of it takes, in hours.
    pub hours: f64,
    /// Styles with their pieces for training, validation and test, the largest first.
    pub styles: Vec<(String, [usize; 3])>,
    /// How the pieces are distributed, each with one picture.
    pub distributions: Vec<Distribution>,
}

/// How many pieces are of which kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Distribution {
    /// Of what: `keys`.
    pub name: &'static str,
    /// Kinds with their pieces.
    pub bars: Vec<(String, usize)>,
}

/// Sums up a corpus.
pub fn overview_of(corpus: &CorpusFile) -> Overview {
    let records = &corpus.records;
    let groups: std::collections::BTreeSet<usize> = records.iter().map(|record| record.group).collect();
    let mut styles: BTreeMap<&str, [usize; 3]> = BTreeMap::new();
    for record in records {
        let place = Split::ALL.iter().position(|split| *split == record.split).unwrap_or(0);
        styles.entry(&record.style).or_default()[place] += 1;
    }
    let mut styles: Vec<(String, [usize; 3])> =
        styles.into_iter().map(|(name, counts)| (name.to_owned(), counts)).collect();
    styles.sort_by_key(|(_, counts)| std::cmp::Reverse(counts.iter().sum::<usize>()));
    Overview {
        pieces: records.len(),
        groups: groups.len(),
        notes: records.iter().map(|record| u64::from(record.facts.sounding)).sum(),
        hours: records.iter().map(|record| record.facts.seconds).sum::<f64>() / 3600.0,
        styles,
        distributions: distributions(records),
    }
}

fn distributions(records: &[Record]) -> Vec<Distribution> {
    let feature = |record: &Record, name: &str| record.facts.features.get(name).copied();
    let unstated = || "not stated".to_owned();
    vec![
        named("styles", records, |record| record.style.clone()),
        named("splits", records, |record| record.split.name().to_owned()),
        Distribution { name: "keys", bars: keys(records) },
        named("metres", records, |record| {
            let parts = feature(record, "meter_beats").zip(feature(record, "meter_unit"));
            parts.map_or_else(unstated, |(beats, unit)| format!("{beats}/{unit}"))
        }),
        stepped("lengths in bars", records, &[8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0], |record| {
            Some(f64::from(record.facts.bars))
        }),
        stepped("lengths in seconds", records, &[15.0, 30.0, 60.0, 120.0, 240.0, 480.0, 960.0], |record| {
            Some(record.facts.seconds)
        }),
        stepped(
            "tempi in quarters a minute",
            records,
            &[50.0, 70.0, 90.0, 110.0, 130.0, 160.0, 200.0],
            |record| feature(record, "tempo"),
        ),
        stepped("parts", records, &[2.0, 3.0, 4.0, 5.0, 9.0], |record| Some(f64::from(record.facts.parts))),
        stepped("notes that sound at once", records, &[1.01, 1.5, 2.0, 3.0, 4.0, 6.0], |record| {
            feature(record, "polyphony")
        }),
        stepped("notes a quarter", records, &[1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0], |record| {
            feature(record, "density")
        }),
        named("rights", records, |record| record.ledger.terms.rights.clone().unwrap_or_else(unstated)),
        named("licences", records, |record| record.ledger.terms.licence.clone().unwrap_or_else(unstated)),
        named("composers", records, |record| record.ledger.composer.clone().unwrap_or_else(unstated)),
        named("sources", records, |record| record.ledger.collection.clone().unwrap_or_else(unstated)),
    ]
}

/// Counts kinds that have names: the commonest first, the rest summed up.
fn named(name: &'static str, records: &[Record], kind: impl Fn(&Record) -> String) -> Distribution {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for record in records {
        *counts.entry(kind(record)).or_default() += 1;
    }
    let mut bars: Vec<(String, usize)> = counts.into_iter().collect();
    bars.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    if bars.len() > MOST_BARS {
        let rest = bars.split_off(MOST_BARS - 1);
        let sum = rest.iter().map(|(_, count)| count).sum();
        bars.push((format!("{} others", rest.len()), sum));
    }
    Distribution { name, bars }
}

/// Counts values between limits, in their order.
fn stepped(
    name: &'static str,
    records: &[Record],
    limits: &[f64],
    value: impl Fn(&Record) -> Option<f64>,
) -> Distribution {
    let mut counts = vec![0; limits.len() + 1];
    let mut unstated = 0;
    for record in records {
        match value(record) {
            Some(value) => counts[limits.partition_point(|limit| *limit <= value)] += 1,
            None => unstated += 1,
        }
    }
    let label = |place: usize| match (place.checked_sub(1).and_then(|low| limits.get(low)), limits.get(place))
    {
        (None, Some(high)) => format!("under {high}"),
        (Some(low), Some(high)) if name == "parts" && high - low < 1.5 => {
            format!("{low}")
        }
        (Some(low), Some(high)) => format!("{low} to {high}"),
        (Some(low), None) => format!("from {low}"),
        (None, None) => String::new(),
    };
    let mut bars: Vec<(String, usize)> =
        counts.into_iter().enumerate().map(|(place, count)| (label(place), count)).collect();
    if unstated > 0 {
        bars.push(("not stated".to_owned(), unstated));
    }
    Distribution { name, bars }
}

/// The keys that the pieces are heard in, majors from C, then minors.
fn keys(records: &[Record]) -> Vec<(String, usize)> {
    let mut counts = [0; 24];
    let mut none = 0;
    for record in records {
        match record.facts.features.get("key").and_then(|key| counts.get_mut(*key as usize)) {
            Some(count) => *count += 1,
            None => none += 1,
        }
    }
    let label = |place: usize| {
        let mode = if place < 12 { Mode::Major } else { Mode::Minor };
        Key::of_tonic(PitchClass::saturating((place % 12) as i64), mode).to_string()
    };
    let mut bars: Vec<(String, usize)> =
        counts.into_iter().enumerate().map(|(place, count)| (label(place), count)).collect();
    if none > 0 {
        bars.push(("none (drums)".to_owned(), none));
    }
    bars
}

impl Overview {
    /// The same for machines.
    pub fn to_json(&self) -> Value {
        let styles = self.styles.iter().map(|(name, [train, valid, test])| {
            json!({ "style": name, "train": train, "valid": valid, "test": test })
        });
        let bars = |distribution: &Distribution| {
            let bars =
                distribution.bars.iter().map(|(kind, pieces)| json!({ "kind": kind, "pieces": pieces }));
            (distribution.name.to_owned(), Value::Array(bars.collect()))
        };
        json!({
            "pieces": self.pieces,
            "groups": self.groups,
            "notes": self.notes,
            "hours": self.hours,
            "styles": styles.collect::<Vec<_>>(),
            "distributions": self.distributions.iter().map(bars).collect::<serde_json::Map<_, _>>(),
        })
    }
}

/// The pieces of a corpus, a JSON object each: names, splits, terms and all that was measured.
pub fn corpus_rows(corpus: &CorpusFile) -> impl Iterator<Item = Value> {
    corpus.records.iter().map(|record| {
        let terms = &record.ledger.terms;
        json!({
            "name": record.name, "title": record.title, "style": record.style, "split": record.split.name(),
            "group": record.group, "notes": record.notes, "source": record.ledger.source.display().to_string(),
            "hash": record.ledger.hash, "composer": record.ledger.composer, "licence": terms.licence,
            "rights": terms.rights, "credit": terms.credit, "bars": record.facts.bars, "parts": record.facts.parts,
            "seconds": record.facts.seconds, "sounding": record.facts.sounding, "features": record.facts.features,
        })
    })
}
