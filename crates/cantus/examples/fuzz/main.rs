//! Damaged copies by the thousand: `cargo xtask fuzz` runs this program.
#![allow(unsafe_code, reason = "an allocator that counts can only be installed by unsafe code")]
#![allow(clippy::print_stderr, reason = "a program of the repository talks to who runs it")]

mod fuzzing;

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use fuzzing::{Finding, Format, Summary};

/// What is asked for.
struct Plan {
    count: u64,
    seed: u64,
    formats: Vec<Format>,
    folder: Option<PathBuf>,
    replay: Option<PathBuf>,
    /// Where the copy in hand is kept, so that it is there whatever happens.
    kept: PathBuf,
}

impl Plan {
    fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Self, Box<dyn Error>> {
        let mut plan = Self {
            count: 10_000,
            seed: 1,
            formats: Format::ALL.into(),
            folder: None,
            replay: None,
            kept: std::env::temp_dir(),
        };
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().ok_or_else(|| format!("{argument} needs a value"));
            match argument.as_str() {
                "--count" => plan.count = value()?.parse()?,
                "--seed" => plan.seed = value()?.parse()?,
                "--format" => plan.formats = vec![format_of(&value()?)?],
                "--replay" => plan.replay = Some(value()?.into()),
                "--keep" => plan.kept = value()?.into(),
                _ if argument.starts_with('-') => return Err(format!("{argument} is not known").into()),
                _ => plan.folder = Some(argument.into()),
            }
        }
        Ok(plan)
    }

    fn copy_in_hand(&self, format: Format) -> PathBuf {
        self.kept.join(format!("copy.{}", format.extension()))
    }
}

fn format_of(name: &str) -> Result<Format, String> {
    match name {
        "midi" | "mid" => Ok(Format::Midi),
        "abc" => Ok(Format::Abc),
        "notation" | "txt" => Ok(Format::Notation),
        "musicxml" | "xml" => Ok(Format::MusicXml),
        "mxl" => Ok(Format::Mxl),
        "kern" | "krn" => Ok(Format::Kern),
        "sound" => Ok(Format::Sound),
        _ => Err(format!("a format is midi, abc, notation, musicxml, mxl, kern or sound, but was {name}")),
    }
}

fn main() -> ExitCode {
    let outcome = Plan::parse(std::env::args().skip(1)).and_then(|plan| run(&plan));
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("fuzz: {error}");
            ExitCode::from(2)
        }
    }
}

/// Does what is asked for; tells whether nothing was found.
fn run(plan: &Plan) -> Result<bool, Box<dyn Error>> {
    fs::create_dir_all(&plan.kept)?;
    if let Some(file) = &plan.replay {
        return replay(file);
    }
    for &format in &plan.formats {
        let files = fuzzing::files(format, plan.folder.as_deref(), |line| eprintln!("{line}"));
        eprintln!("{format:?}: {} copies of {} files, seeds from {}", plan.count, files.len(), plan.seed);
        let hand = plan.copy_in_hand(format);
        let found = fuzzing::fuzz(format, &files, (plan.count, plan.seed), |seed, copy| {
            // Where the disk is full the fuzzing goes on; the seed tells the copy all the same.
            let _ = fs::write(&hand, copy);
            let done = seed - plan.seed;
            if done > 0 && done.is_multiple_of(1000) {
                eprintln!("  {done} copies");
            }
        });
        let _ = fs::remove_file(&hand);
        match found {
            Ok(summary) => tell(&summary),
            Err(finding) => return keep(plan, format, &finding).map(|()| false),
        }
    }
    Ok(true)
}

fn replay(file: &Path) -> Result<bool, Box<dyn Error>> {
    let extension = file.extension().unwrap_or_default().to_string_lossy().to_lowercase();
    let (format, bytes) = (format_of(&extension)?, fs::read(file)?);
    let mut summary = Summary::default();
    let tried = fuzzing::try_bytes(format, &bytes, 0, &mut summary);
    tell(&summary);
    match &tried {
        Ok(()) => eprintln!("{}: nothing found", file.display()),
        Err(why) => eprintln!("{}: {why}", file.display()),
    }
    Ok(tried.is_ok())
}

fn tell(summary: &Summary) {
    eprintln!(
        "  {} of {} were read, the others refused; the most that each step took:",
        summary.rescued, summary.copies
    );
    for worst in &summary.worst {
        let (milliseconds, megabytes) = (worst.time.0.as_secs_f64() * 1e3, worst.memory.0 as f64 / 1e6);
        eprintln!(
            "  {:22} {milliseconds:8.1} ms (seed {}) {megabytes:8.1} MB (seed {})",
            worst.step, worst.time.1, worst.memory.1
        );
    }
}

/// Keeps the bytes of a finding, and tells how to try them again.
fn keep(plan: &Plan, format: Format, finding: &Finding) -> Result<(), Box<dyn Error>> {
    let path = plan.kept.join(format!("found-{}.{}", finding.seed, format.extension()));
    fs::write(&path, &finding.bytes)?;
    eprintln!("FOUND by seed {}: {}", finding.seed, finding.why);
    eprintln!("the bytes are in {0}; try them again with: cargo xtask fuzz --replay {0}", path.display());
    Ok(())
}
