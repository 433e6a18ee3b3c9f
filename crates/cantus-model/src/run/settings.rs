//! `run.toml`: what a run is, written before its first step.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{RunError, Task};
use crate::array::ArrayTask;
use crate::array::gan::AdversarialTask;
use crate::gan::GanTask;
use crate::training::SliceTask;
use crate::voices::VoicesTask;

/// The file's name in the folder of a run.
pub const RUN_FILE: &str = "run.toml";

/// What a run is: its engine, its data and its recipe.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The version of the engine's questions.
    pub version: u32,
    /// The version of the program that began the run.
    pub program: String,
    /// The name that its models bear.
    pub name: String,
    /// The engine that learns.
    pub engine: String,
    /// The digest of all that is learnt from.
    pub digest: String,
    /// Where the data is and how it is read.
    pub data: toml::Table,
    /// How the network is built and trained.
    pub recipe: toml::Table,
}

/// An engine, as far as `run.toml` must know it.
struct Engine {
    name: &'static str,
    version: u32,
    read: ReadTask,
}

/// Makes a task of its tables of data and recipe, or says what is wrong with them.
type ReadTask = fn(&toml::Table, &toml::Table) -> Result<Box<dyn Task>, String>;

const ENGINES: [Engine; 5] = [
    Engine {
        name: SliceTask::ENGINE,
        version: SliceTask::VERSION,
        read: |data, recipe| Ok(Box::new(SliceTask::read(data, recipe)?)),
    },
    Engine {
        name: ArrayTask::ENGINE,
        version: ArrayTask::VERSION,
        read: |data, recipe| Ok(Box::new(ArrayTask::read(data, recipe)?)),
    },
    Engine {
        name: AdversarialTask::ENGINE,
        version: AdversarialTask::VERSION,
        read: |data, recipe| Ok(Box::new(AdversarialTask::read(data, recipe)?)),
    },
    Engine {
        name: GanTask::ENGINE,
        version: GanTask::VERSION,
        read: |data, recipe| Ok(Box::new(GanTask::read(data, recipe)?)),
    },
    Engine {
        name: VoicesTask::ENGINE,
        version: VoicesTask::VERSION,
        read: |data, recipe| Ok(Box::new(VoicesTask::read(data, recipe)?)),
    },
];

impl Settings {
    /// What a task is to be.
    pub(super) fn new(task: &dyn Task, name: &str, digest: String) -> Result<Self, RunError> {
        Ok(Self {
            version: task.version(),
            program: env!("CARGO_PKG_VERSION").to_owned(),
            name: name.to_owned(),
            engine: task.engine().to_owned(),
            digest,
            data: task.data()?,
            recipe: task.recipe(),
        })
    }

    /// The file's text.
    pub(super) fn write(&self) -> String {
        let text = toml::to_string(self).unwrap_or_default();
        format!(
            "# What this run is. A run keeps its recipe and its data: to change them, begin another one.\n{text}"
        )
    }

    /// Reads the file of a run, and the task that it tells of.
    pub(super) fn read(path: &Path, text: &str) -> Result<(Self, Box<dyn Task>), RunError> {
        let rule = "it must be the settings of a run as Cantus wrote them";
        let damaged = |found: String| RunError::Damaged { path: path.to_owned(), rule, found };
        let table: toml::Table = toml::from_str(text).map_err(|error| damaged(error.to_string()))?;
        let name = table.get("engine").and_then(toml::Value::as_str).unwrap_or_default();
        let engine = ENGINES.iter().find(|engine| engine.name == name);
        let engine = engine.ok_or_else(|| damaged(format!("there is no engine {name:?}")))?;
        // The version comes before the rest: what another version wrote may well have other fields.
        let version = table.get("version").and_then(toml::Value::as_integer);
        if let Some(found) = version.filter(|version| *version != i64::from(engine.version)) {
            let found = found.to_string();
            return Err(RunError::OtherVersion { path: path.to_owned(), ours: engine.version, found });
        }
        let settings: Self = toml::from_str(text).map_err(|error| damaged(error.to_string()))?;
        let task = (engine.read)(&settings.data, &settings.recipe).map_err(damaged)?;
        Ok((settings, task))
    }
}

/// The first value in which two tables differ: its name, the first's and the second's.
pub(super) fn difference(was: &toml::Table, now: &toml::Table) -> Option<[String; 3]> {
    first_difference("", was, now)
}

fn first_difference(prefix: &str, was: &toml::Table, now: &toml::Table) -> Option<[String; 3]> {
    let left_out = || "left out".to_owned();
    let changed = was.iter().find_map(|(key, value)| match (value, now.get(key)) {
        (toml::Value::Table(was), Some(toml::Value::Table(now))) => {
            first_difference(&format!("{prefix}{key}."), was, now)
        }
        (value, Some(other)) if value == other => None,
        (value, other) => {
            let other = other.map_or_else(left_out, ToString::to_string);
            Some([format!("{prefix}{key}"), value.to_string(), other])
        }
    });
    let added = || now.iter().find(|(key, _)| !was.contains_key(*key));
    changed.or_else(|| added().map(|(key, value)| [format!("{prefix}{key}"), left_out(), value.to_string()]))
}
