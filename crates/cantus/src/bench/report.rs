//! Times, and how they are told.

use std::fmt;
use std::time::Instant;

use serde_json::{Map, Value, json};

/// What some runs of one work took.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measured {
    /// The median, in seconds.
    pub median: f64,
    /// The shortest, in seconds.
    pub best: f64,
    /// How many runs counted.
    pub runs: usize,
}

/// Times a work: `warm_up` runs that do not count, then `runs` (at least one) that do.
pub fn measure(runs: usize, warm_up: usize, mut work: impl FnMut()) -> Measured {
    (0..warm_up).for_each(|_| work());
    let seconds: Vec<f64> = (0..runs.max(1))
        .map(|_| {
            let begin = Instant::now();
            work();
            begin.elapsed().as_secs_f64()
        })
        .collect();
    summary(seconds)
}

/// The middle and the shortest of some times, at least one.
pub(super) fn summary(mut seconds: Vec<f64>) -> Measured {
    seconds.sort_by(f64::total_cmp);
    let middle = seconds.len() / 2;
    let median = if seconds.len() % 2 == 1 {
        seconds[middle]
    } else {
        f64::midpoint(seconds[middle - 1], seconds[middle])
    };
    Measured { median, best: seconds[0], runs: seconds.len() }
}

/// What this thread has worked, in seconds from some beginning: processor time where the system tells it, so that what
/// else the machine does counts little.
pub(super) fn clock() -> f64 {
    #[cfg(unix)]
    {
        let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
        time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
    }
    #[cfg(not(unix))]
    {
        static BEGIN: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
        BEGIN.get_or_init(Instant::now).elapsed().as_secs_f64()
    }
}

/// One work's times, in the unit that suits it, and what else is worth knowing of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// Whose times they are: Cantus, with a word on the setting where a work has several.
    pub peer: String,
    /// The work's name.
    pub work: &'static str,
    /// The unit of the times, such as `ms` or `ms/file`.
    pub unit: &'static str,
    /// The median time in that unit.
    pub median: f64,
    /// The best time in that unit.
    pub best: f64,
    /// How many runs counted.
    pub runs: usize,
    /// Further numbers by name, such as the fraction of the machine's peak.
    pub facts: Vec<(&'static str, Value)>,
    /// What only the JSON lines tell, by name.
    pub details: Vec<(&'static str, Value)>,
}

impl Report {
    /// A report of Cantus; `scale` turns seconds into `unit`.
    pub fn new(work: &'static str, unit: &'static str, measured: Measured, scale: f64) -> Self {
        Self {
            peer: "cantus".to_owned(),
            work,
            unit,
            median: measured.median * scale,
            best: measured.best * scale,
            runs: measured.runs,
            facts: Vec::new(),
            details: Vec::new(),
        }
    }

    /// The same under a peer's name that tells a setting.
    #[must_use]
    pub fn with_setting(mut self, setting: &str) -> Self {
        self.peer = format!("cantus, {setting}");
        self
    }

    /// The same with one more fact.
    #[must_use]
    pub fn with_fact(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.facts.push((name, value.into()));
        self
    }

    /// The same with more than a line of text can tell.
    #[must_use]
    pub fn with_detail(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.details.push((name, value.into()));
        self
    }

    /// The line that comparisons read, and a second one with the facts where there are any.
    pub fn json_lines(&self) -> String {
        let Self { peer, work, unit, median, best, runs, facts, details } = self;
        let version = env!("CARGO_PKG_VERSION");
        let line = json!({
            "peer": peer, "version": version, "work": work, "unit": unit,
            "median": median, "best": best, "runs": runs,
        });
        if facts.is_empty() && details.is_empty() {
            return format!("{line}\n");
        }
        let mut more = Map::new();
        more.insert("peer".to_owned(), json!(peer));
        more.insert("work".to_owned(), json!(work));
        more.extend(facts.iter().chain(details).map(|(name, value)| ((*name).to_owned(), value.clone())));
        format!("{line}\n{}\n", Value::Object(more))
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { peer, work, unit, median, best, runs, facts, .. } = self;
        write!(f, "{work:12} {peer}: {median:.4} {unit} (best {best:.4}, {runs} runs)")?;
        for (name, value) in facts {
            write!(f, ", {} ", name.replace('_', " "))?;
            match value {
                Value::String(word) => f.write_str(word)?,
                Value::Number(number) if number.is_f64() => {
                    write!(f, "{:.3}", number.as_f64().unwrap_or_default())?;
                }
                other => write!(f, "{other}")?,
            }
        }
        Ok(())
    }
}
