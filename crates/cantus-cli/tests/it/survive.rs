//! Training that survives: programs killed at any moment, disks that are full, music larger than memory.
#![cfg(unix)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use cantus::score::notation;
use serde_json::Value;

use crate::Desk;

/// So small that a test can take dozens of checkpoints.
const RECIPE: &str =
    "embedding = 8\nhidden = 8\nhead = 8\nbatch = 2\nepochs = 12\nlongest = 8\npatience = 100\n";
const TRAIN: &str = "train music -o run --preset tiny.toml --threads 1 --save-every 0";
const RESUME: &str = "train -o run --resume --threads 1 --save-every 0";

/// Numbers that follow from a seed only.
struct Draw(u64);

impl Draw {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

/// A melody of some notes, as MIDI.
fn melody(seed: u64, notes: usize) -> Vec<u8> {
    let mut draw = Draw(seed);
    let mut note = || {
        let letter = ["C", "D", "E", "F", "G", "A", "B"][draw.below(7) as usize];
        format!("{letter}{}/{}", 4 + draw.below(2), [4, 8][draw.below(2) as usize])
    };
    let text: Vec<String> = (0..notes).map(|_| note()).collect();
    cantus::score::midi::write(&notation::parse(&text.join(" ")).unwrap()).unwrap()
}

/// A desk with some pieces of music and a recipe.
fn desk(pieces: u64, notes: usize) -> Desk {
    let desk = Desk::new();
    fs::create_dir(desk.path("music")).unwrap();
    for seed in 0..pieces {
        desk.write(&format!("music/{seed}.mid"), melody(seed, notes));
    }
    desk.write("tiny.toml", RECIPE.as_bytes());
    desk
}

/// A program that trains; it is killed where the test ends before it does.
struct Training(Child);

impl Training {
    fn begin(desk: &Desk, line: &str) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cantus"));
        command.args(line.split_whitespace()).current_dir(desk.path(""));
        Self(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap())
    }

    fn is_over(&mut self) -> bool {
        self.0.try_wait().unwrap().is_some()
    }

    /// Waits for something, or for the end.
    fn until(&mut self, mut is_so: impl FnMut(&Self) -> bool) {
        let begin = Instant::now();
        while !is_so(self) && !self.is_over() {
            assert!(begin.elapsed() < Duration::from_mins(5), "it never comes");
            sleep(Duration::from_micros(200));
        }
    }

    /// As `kill -9` does it.
    fn kill(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }

    /// The most memory that it has had so far, in bytes; 0 where the system does not tell.
    fn peak(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.0.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let digits = line.map(|line| line.trim().trim_end_matches(" kB").parse::<u64>());
        digits.and_then(Result::ok).unwrap_or_default() * 1024
    }
}

impl Drop for Training {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A checkpoint: its header, and the bytes of its numbers.
fn checkpoint(path: &Path) -> Option<(Value, Vec<u8>)> {
    let bytes = fs::read(path).ok()?;
    let length = u64::from_le_bytes(*bytes.first_chunk()?) as usize;
    let header: Value = serde_json::from_slice(bytes.get(8..8 + length)?).unwrap();
    let progress = header["__metadata__"]["cantus.progress"].as_str()?;
    let mut progress: Value = serde_json::from_str(progress).unwrap();
    // How long it took is the one thing that may differ.
    progress["seconds"].take();
    Some((progress, bytes[8 + length..].to_vec()))
}

/// All that a finished run comes to, apart from how long it took.
fn results(run: &Path) -> Vec<(String, Vec<u8>)> {
    let names = ["run.toml", "corpus.jsonl", "best.safetensors", "last.safetensors"];
    let mut results: Vec<_> =
        names.map(|name| (name.to_owned(), fs::read(run.join(name)).unwrap_or_default())).into();
    let (progress, numbers) = checkpoint(&run.join("state.safetensors")).unwrap();
    results
        .extend([("progress".to_owned(), progress.to_string().into_bytes()), ("state".to_owned(), numbers)]);
    results.push(("metrics".to_owned(), metrics(run).into_bytes()));
    results
}

/// The metrics without what depends on the clock or on where a run was stopped.
fn metrics(run: &Path) -> String {
    let text = fs::read_to_string(run.join("metrics.jsonl")).unwrap();
    let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let epochs = lines.filter(|line| line["kind"] == "epoch").map(|mut line| {
        line["seconds"].take();
        line.to_string() + "\n"
    });
    epochs.collect()
}

fn assert_same(run: &Path, whole: &Path) {
    for ((name, one), (_, other)) in results(run).into_iter().zip(results(whole)) {
        // The folders of music differ, and with them the paths.
        assert!(name == "run.toml" || name == "corpus.jsonl" || one == other, "{name} differs");
    }
}

/// A run that nothing stops.
fn whole(pieces: u64, notes: usize) -> (Desk, PathBuf) {
    let desk = desk(pieces, notes);
    desk.cantus(&TRAIN.replace("--save-every 0", "")).well();
    let run = desk.path("run");
    (desk, run)
}

/// Whether a checkpoint is just being written.
fn is_saving(run: &Path) -> bool {
    let part = fs::metadata(run.join("state.safetensors.part"));
    part.is_ok_and(|part| part.len() > 0) || !run.join("state.safetensors").exists()
}

#[test]
fn a_run_killed_at_any_moment_ends_with_the_same_bits() {
    let (_whole, whole) = whole(6, 40);
    let desk = desk(6, 40);
    let run = desk.path("run");
    let mut draw = Draw(7);
    let mut training = Training::begin(&desk, TRAIN);
    training.until(|_| run.join("state.safetensors").exists());
    let (mut kills, mut inside, mut step) = (0, 0, 0);
    while !training.is_over() {
        sleep(Duration::from_micros(draw.below(60_000)));
        if draw.below(2) == 0 {
            training.until(|_| is_saving(&run));
        }
        training.kill();
        kills += 1;
        inside += u32::from(is_saving(&run));
        let saved = ["state.safetensors", "state-before.safetensors"].map(|name| checkpoint(&run.join(name)));
        let steps = saved.iter().flatten().map(|(progress, _)| progress["step"].as_u64().unwrap());
        // What was saved once is never lost again.
        let latest = steps.max().unwrap();
        assert!(latest >= step, "step {latest} after step {step}");
        step = latest;
        training = Training::begin(&desk, RESUME);
        training.until(|_| {
            let saved = checkpoint(&run.join("state.safetensors"));
            saved.is_some_and(|(progress, _)| progress["step"].as_u64() > Some(step))
        });
    }
    println!("killed {kills} times, {inside} of them while a checkpoint was written");
    assert!(kills >= 5 && inside >= 1 && inside < kills, "{kills} kills, {inside} inside");
    desk.cantus(RESUME).well();
    assert_same(&run, &whole);
    // Nothing unfinished is left behind.
    let names = fs::read_dir(&run).unwrap().map(|entry| entry.unwrap().file_name());
    assert!(names.into_iter().all(|name| !name.to_string_lossy().ends_with(".part")));
}

#[test]
fn a_full_disk_leaves_the_run_intact_and_says_what_to_do() {
    let (_whole, whole) = whole(6, 40);
    let desk = desk(6, 40);
    let run = desk.path("run");
    let mut training = Training::begin(&desk, TRAIN);
    training.until(|_| run.join("state-before.safetensors").exists());
    training.kill();
    let kept = fs::read(run.join("state-before.safetensors")).unwrap();
    // No file may have more than 64 blocks: all but models and checkpoints fit.
    let limited = format!("trap '' XFSZ; ulimit -f 64; exec {} {RESUME}", env!("CARGO_BIN_EXE_cantus"));
    let output = Command::new("sh").args(["-c", &limited]).current_dir(desk.path("")).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{said}");
    for word in [".safetensors cannot be written", "hint:", "--resume"] {
        assert!(said.contains(word), "{word:?} is not in\n{said}");
    }
    assert!(fs::read(run.join("state-before.safetensors")).unwrap() == kept);
    desk.cantus(RESUME).well();
    assert_same(&run, &whole);
}

#[test]
fn what_a_run_began_with_cannot_be_changed() {
    let desk = desk(6, 40);
    desk.cantus("train music -o run --preset tiny.toml").well();
    fs::create_dir(desk.path("other")).unwrap();
    let piece = fs::read(desk.path("music/3.mid")).unwrap();
    let refused = |line: &str, words: &[&str]| {
        let run = desk.cantus(line);
        assert_eq!(run.code, 2, "{line}: {}", run.err);
        for word in words.iter().chain(&["hint:"]) {
            assert!(run.err.contains(word), "{line}: {word:?} is not in\n{}", run.err);
        }
    };
    refused("train other -o run --resume", &["run.toml", "paths was", "other"]);
    refused("train -o run --resume --preset standard", &["run.toml", "batch was 2 and is now 8"]);
    refused("train -o run --resume --cell gru", &["run.toml", "cell was", "gru"]);
    fs::remove_file(desk.path("music/3.mid")).unwrap();
    refused("train -o run --resume", &["corpus.jsonl", "3.mid is gone"]);
    desk.write("music/3.mid", melody(77, 40));
    refused("train -o run --resume", &["corpus.jsonl", "3.mid has other notes"]);
    desk.write("music/3.mid", &piece);
    desk.cantus("train music -o run --resume --preset tiny.toml").well();
}

#[test]
fn memory_does_not_grow_with_the_music() {
    // The most memory up to the first checkpoint, and the bytes of music.
    let peak = |pieces: u64| {
        let desk = desk(pieces, 4000);
        let files = fs::read_dir(desk.path("music")).unwrap();
        let music: u64 = files.map(|file| file.unwrap().metadata().unwrap().len()).sum();
        let mut training = Training::begin(&desk, TRAIN);
        let saved = desk.path("run/state.safetensors");
        let mut most = 0;
        training.until(|training| {
            most = most.max(training.peak());
            saved.exists()
        });
        (most, music)
    };
    let ((small, few), (large, many)) = (peak(40), peak(360));
    println!("{few} bytes of music take {small} bytes of memory, {many} take {large}");
    let (growth, music) = (large.saturating_sub(small), many - few);
    assert!(growth < music / 2, "{growth} bytes of memory more for {music} bytes of music more");
}
