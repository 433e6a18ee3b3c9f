//! What stands along the side of a plot.

/// The most ticks that an axis of time or of counted things has, about.
const TICKS: f64 = 12.0;

/// What is counted or measured along a side, from its beginning: the left or the upper end.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Axis {
    /// What it is, with its unit.
    pub name: String,
    /// Places that have a label.
    pub ticks: Vec<Tick>,
}

/// A place of an axis.
#[derive(Debug, Clone, PartialEq)]
pub struct Tick {
    /// Where it is, from 0 at the beginning to 1 at the end.
    pub at: f64,
    /// What stands there.
    pub label: String,
}

impl Axis {
    /// Things that are counted from 1, each in the middle of its field: the first, and about ten a round step apart.
    pub fn counted(name: &str, count: usize) -> Self {
        let step = [1, 2, 4, 5, 8, 10, 20, 50, 100, 200, 500]
            .into_iter()
            .find(|step| count / step <= TICKS as usize)
            .unwrap_or(1000);
        let numbers = (1..=count).filter(|number| *number == 1 || number.is_multiple_of(step));
        let tick =
            |number: usize| Tick { at: (number as f64 - 0.5) / count as f64, label: number.to_string() };
        Self { name: name.to_owned(), ticks: numbers.map(tick).collect() }
    }

    /// Things that have names, each in the middle of its field.
    pub fn named<'a>(name: &str, names: impl ExactSizeIterator<Item = &'a str>) -> Self {
        let count = names.len() as f64;
        let tick =
            |(index, name): (usize, &str)| Tick { at: (index as f64 + 0.5) / count, label: name.to_owned() };
        Self { name: name.to_owned(), ticks: names.enumerate().map(tick).collect() }
    }

    /// Time from 0 to so many seconds, told in minutes and seconds.
    pub fn seconds(seconds: f64) -> Self {
        let moments = moments(seconds);
        let tick = |moment: f64| Tick { at: moment / seconds, label: clock(moment, seconds) };
        Self { name: time(seconds).to_owned(), ticks: moments.map(tick).collect() }
    }

    /// Time, where the fields of the axis begin at these moments and the last ends after so many seconds.
    pub fn beats(begins: &[f64], seconds: f64) -> Self {
        let tick = |moment: f64| {
            let field = begins.partition_point(|begin| *begin <= moment);
            (field > 0).then(|| Tick {
                at: (field as f64 - 0.5) / begins.len() as f64,
                label: clock(moment, seconds),
            })
        };
        let mut ticks: Vec<Tick> = moments(seconds).filter_map(tick).collect();
        ticks.dedup_by(|later, first| later.at <= first.at);
        Self { name: time(seconds).to_owned(), ticks }
    }
}

/// Moments a round step apart, about a dozen at most.
fn moments(seconds: f64) -> impl Iterator<Item = f64> {
    const STEPS: [f64; 20] = [
        0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0,
        300.0, 600.0, 1800.0,
    ];
    let step = STEPS.into_iter().find(|step| seconds / step <= TICKS);
    let step = step.unwrap_or_else(|| 3600.0 * (seconds / 3600.0 / TICKS).ceil());
    let count = if seconds > 0.0 { (seconds / step) as usize + 1 } else { 0 };
    (0..count).map(move |index| index as f64 * step)
}

/// The name of an axis of time.
fn time(seconds: f64) -> &'static str {
    if seconds >= 3600.0 { "time (h:mm:ss)" } else { "time (m:ss)" }
}

/// A moment of some time: `1:05`, `1:02:00` of more than an hour, `0:00.25` of a moment.
fn clock(moment: f64, of: f64) -> String {
    let decimals = if of > TICKS * 0.5 {
        0
    } else if of > TICKS * 0.05 {
        1
    } else {
        3
    };
    let unit = 10_f64.powi(decimals);
    let parts = (moment * unit).round();
    let whole = (parts / unit).floor();
    let (hours, minutes, seconds) = ((whole / 3600.0).floor(), (whole / 60.0).floor(), whole % 60.0);
    let rest = match decimals {
        0 => String::new(),
        count => format!(".{:0width$.0}", parts - whole * unit, width = count as usize),
    };
    if of >= 3600.0 {
        format!("{hours:.0}:{:02.0}:{seconds:02.0}", minutes % 60.0)
    } else {
        format!("{minutes:.0}:{seconds:02.0}{rest}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(axis: &Axis) -> Vec<&str> {
        axis.ticks.iter().map(|tick| tick.label.as_str()).collect()
    }

    #[test]
    fn moments_are_round_and_few_whatever_the_length() {
        assert_eq!(labels(&Axis::seconds(3.2))[..3], ["0:00.0", "0:00.5", "0:01.0"]);
        assert_eq!(labels(&Axis::seconds(61.0))[..3], ["0:00", "0:10", "0:20"]);
        assert_eq!(labels(&Axis::seconds(4000.0))[..2], ["0:00:00", "0:10:00"]);
        for seconds in [0.0, 0.001, 0.01, 0.1, 0.3, 0.7, 1.0, 5.9, 6.1, 59.0, 299.0, 3599.0, 7200.0, 1e6] {
            let axis = Axis::seconds(seconds);
            assert!(axis.ticks.len() <= 13, "{seconds}: {axis:?}");
            assert!(axis.ticks.iter().all(|tick| (0.0..=1.0).contains(&tick.at)), "{axis:?}");
            let mut told = labels(&axis);
            told.dedup();
            assert_eq!(told.len(), axis.ticks.len(), "{seconds}: {axis:?}");
        }
    }

    #[test]
    fn beats_bear_the_moment_at_which_they_sound() {
        let begins = [0.5, 1.5, 2.5, 3.5];
        let axis = Axis::beats(&begins, 6.0);
        let third = axis.ticks.iter().find(|tick| tick.label == "0:02.5").unwrap();
        assert!((third.at - 2.5 / 4.0).abs() < 1e-9);
    }
}
