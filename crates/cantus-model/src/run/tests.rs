use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use cantus_nn::Rng;
use cantus_score::midi;
use tempfile::TempDir;

use super::disk::{Disk, RealDisk};
use super::trainer::train_on;
use super::*;
use crate::model::Model;
use crate::recipe::Recipe;
use crate::training::SliceTask;
use crate::walk::tests::random_piece;

/// A folder with some random pieces as MIDI.
fn music() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for seed in 0..7 {
        let bytes = midi::write(&random_piece(seed).to_score()).unwrap();
        std::fs::write(folder.path().join(format!("{seed}.mid")), bytes).unwrap();
    }
    folder
}

fn recipe() -> Recipe {
    Recipe { embedding: 8, hidden: 8, head: 8, batch: 2, epochs: 3, longest: 8, ..Recipe::default() }
}

fn new_run(folder: &Path, music: &TempDir) -> NewRun {
    with_recipe(folder, music, recipe())
}

fn with_recipe(folder: &Path, music: &TempDir, recipe: Recipe) -> NewRun {
    NewRun::new(folder, SliceTask::new(&[music.path().to_owned()], recipe))
}

fn create(folder: &Path, music: &TempDir) -> Run {
    Run::create(&new_run(folder, music), &|_| ()).unwrap()
}

fn resume(folder: &Path) -> Run {
    Run::resume(folder, &|_| ()).unwrap()
}

fn options() -> TrainOptions {
    TrainOptions { threads: 1, save_every: Duration::MAX, line_every: 1 }
}

/// Saves after every step.
fn eager() -> TrainOptions {
    TrainOptions { save_every: Duration::ZERO, ..options() }
}

/// Asks to stop after some steps, and keeps what it was told.
#[derive(Default)]
struct Watcher {
    stop_after: Option<u64>,
    steps: u64,
    losses: Vec<(u64, f64)>,
    stop: Option<Stop>,
}

impl Watch for Watcher {
    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Step(step) => {
                self.steps += 1;
                self.losses.push((step.step, step.loss));
            }
            Event::Stopped(stop) => self.stop = Some(stop),
            _ => (),
        }
    }

    fn stops(&mut self) -> bool {
        self.stop_after.is_some_and(|after| self.steps >= after)
    }

    fn sample(&mut self, model: &[u8], _part: &str) -> Vec<String> {
        let model = Model::from_bytes(model).unwrap();
        vec![format!("after <{}> epochs", model.card.epochs)]
    }
}

fn stopping_after(steps: u64) -> Watcher {
    Watcher { stop_after: Some(steps), ..Watcher::default() }
}

/// The files that a finished run leaves and that do not hold the time.
fn results(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let files = [RUN_FILE, CORPUS_FILE, BEST_FILE, LAST_FILE];
    let mut results: Vec<_> =
        files.map(|name| (name.to_owned(), std::fs::read(folder.join(name)).unwrap())).into();
    let weights = cantus_nn::Weights::load(&std::fs::read(folder.join(STATE_FILE)).unwrap()).unwrap();
    results.extend(weights.iter().map(|(name, tensor)| {
        (name.to_owned(), tensor.data().iter().flat_map(|value| value.to_bits().to_le_bytes()).collect())
    }));
    results
}

/// Steps and losses of the metrics, which are the same however often a run was stopped.
fn curve(folder: &Path) -> Vec<(u64, Option<u64>)> {
    let text = std::fs::read_to_string(folder.join(METRICS_FILE)).unwrap();
    let metrics: Vec<Metric> = metrics::read(&text, u64::MAX).collect();
    assert_eq!(metrics.len(), text.lines().count());
    let loss = |metric: &Metric| match metric {
        Metric::Step(_) => None,
        Metric::Epoch(epoch) => Some(epoch.valid.to_bits()),
    };
    metrics.iter().map(|metric| (metric.step(), loss(metric))).collect()
}

/// What a run comes to that nothing stops.
fn whole(music: &TempDir) -> (TempDir, PathBuf) {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("run");
    let outcome = train(create(&folder, music), &options(), &mut ()).unwrap();
    assert_eq!((outcome.stop, outcome.epochs), (Stop::Done, 3));
    (home, folder)
}

fn assert_same(folder: &Path, whole: &Path, what: &str) {
    for (one, other) in results(folder).into_iter().zip(results(whole)) {
        // The run's name is that of its folder, which is the same here.
        assert!(one == other, "{what}: {} differs", other.0);
    }
    assert_eq!(curve(folder), curve(whole), "{what}");
}

#[test]
fn a_run_that_is_stopped_anywhere_ends_with_the_same_bits() {
    let music = music();
    let (_home, whole) = whole(&music);
    let mut rng = Rng::new(5);
    for round in 0..4 {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("run");
        let mut run = create(&folder, &music);
        let mut sessions = 0;
        loop {
            let outcome = train(run, &options(), &mut stopping_after(1 + rng.below(4) as u64)).unwrap();
            sessions += 1;
            if outcome.stop != Stop::Asked {
                break;
            }
            run = resume(&folder);
        }
        assert!(sessions > 1);
        assert_same(&folder, &whole, &format!("round {round}"));
    }
}

/// A disk that dies at one of its acts: half of what it was to write is there, and nothing works from then on.
struct DyingDisk {
    acts: usize,
}

impl DyingDisk {
    fn live(&mut self) -> io::Result<()> {
        let is_dead = self.acts == 0;
        self.acts = self.acts.saturating_sub(1);
        if is_dead { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
    }
}

impl Disk for DyingDisk {
    fn write(&mut self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.live().inspect_err(|_| {
            // The act that kills it leaves a part of the file.
            let _ = std::fs::write(path, &bytes[..bytes.len() / 2]);
        })?;
        RealDisk.write(path, bytes)
    }

    fn rename(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        self.live()?;
        RealDisk.rename(from, to)
    }

    fn sync_folder(&mut self, folder: &Path) -> io::Result<()> {
        self.live()?;
        RealDisk.sync_folder(folder)
    }

    fn remove(&mut self, path: &Path) -> io::Result<()> {
        self.live()?;
        RealDisk.remove(path)
    }

    fn append(&mut self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.live().inspect_err(|_| {
            let _ = RealDisk.append(path, &bytes[..bytes.len() / 2]);
        })?;
        RealDisk.append(path, bytes)
    }
}

#[test]
fn a_run_whose_disk_dies_at_any_act_goes_on_to_the_same_bits() {
    let music = music();
    let (_home, whole) = whole(&music);
    let mut ended = false;
    // Every act of the first steps, then each seventh.
    for acts in (0..40).chain((40..).step_by(7)) {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("run");
        let run = create(&folder, &music);
        match train_on(&mut DyingDisk { acts }, run, &eager(), &mut ()) {
            Ok(_) => ended = true,
            Err(error) => assert!(matches!(error, RunError::Write { .. }), "{error}"),
        }
        train(resume(&folder), &options(), &mut ()).unwrap();
        assert_same(&folder, &whole, &format!("after {acts} acts"));
        if ended {
            break;
        }
    }
    assert!(ended);
}

#[test]
fn a_run_that_could_not_even_be_described_can_be_begun_again() {
    let music = music();
    for acts in 0..6 {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("run");
        let result = Run::create_on(&mut DyingDisk { acts }, &new_run(&folder, &music), &|_| ());
        assert!(matches!(result, Err(RunError::Write { .. })), "{acts}");
        let run = match Run::create(&new_run(&folder, &music), &|_| ()) {
            Err(RunError::Taken(_)) => resume(&folder),
            other => other.unwrap(),
        };
        assert_eq!(run.settings().recipe, SliceTask::new(&[], recipe()).recipe());
    }
}

#[test]
fn patience_ends_a_run_that_gets_no_better_and_the_best_is_kept() {
    let music = music();
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("run");
    // So high a rate on so little music gets worse soon.
    let worse = Recipe { epochs: 400, patience: 2, learning_rate: 0.3, ema: 0.0, clip: 100.0, ..recipe() };
    let new = with_recipe(&folder, &music, worse);
    let mut watcher = Watcher::default();
    let outcome = train(Run::create(&new, &|_| ()).unwrap(), &options(), &mut watcher).unwrap();
    assert_eq!((outcome.stop, watcher.stop), (Stop::Patience, Some(Stop::Patience)));
    let (best, valid) = outcome.best.unwrap();
    assert_eq!(outcome.epochs, best + 2);
    let text = std::fs::read_to_string(folder.join(METRICS_FILE)).unwrap();
    for metric in metrics::read(&text, u64::MAX) {
        if let Metric::Epoch(epoch) = metric {
            assert!(epoch.valid >= valid);
            assert_eq!(epoch.valid.to_bits() == valid.to_bits(), epoch.epoch == best);
        }
    }
    let model = Model::from_bytes(&std::fs::read(outcome.model).unwrap()).unwrap();
    assert_eq!(model.card.epochs, best);
    // What is over stays over.
    let again = train(resume(&folder), &options(), &mut ()).unwrap();
    assert_eq!((again.stop, again.epochs), (Stop::Patience, outcome.epochs));
}

#[test]
fn a_folder_holds_one_run_and_one_trainer() {
    let music = music();
    let (_home, folder) = whole(&music);
    let before = results(&folder);
    assert!(matches!(Run::create(&new_run(&folder, &music), &|_| ()), Err(RunError::Taken(_))));
    assert!(results(&folder) == before);
    let _run = resume(&folder);
    assert!(matches!(Run::resume(&folder, &|_| ()), Err(RunError::Busy(_))));
}

#[test]
fn changed_music_is_named() {
    let music = music();
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("run");
    train(create(&folder, &music), &options(), &mut stopping_after(2)).unwrap();
    let before = results_of_stopped(&folder);
    let said = || Run::resume(&folder, &|_| ()).unwrap_err().to_string();
    let (path, other) = (music.path().join("3.mid"), music.path().join("new.mid"));
    let bytes = std::fs::read(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    assert!(said().contains("3.mid is gone"), "{}", said());
    std::fs::write(&path, midi::write(&random_piece(99).to_score()).unwrap()).unwrap();
    assert!(said().contains("3.mid has other notes"), "{}", said());
    std::fs::write(&path, &bytes).unwrap();
    std::fs::write(&other, midi::write(&random_piece(99).to_score()).unwrap()).unwrap();
    assert!(said().contains("new.mid is new"), "{}", said());
    std::fs::remove_file(&other).unwrap();
    assert_eq!(results_of_stopped(&folder), before);
    resume(&folder);
}

/// The bytes of every file of a run that was stopped.
fn results_of_stopped(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.into_iter().map(|path| (path.clone(), std::fs::read(path).unwrap())).collect()
}

/// Changes a file of a stopped run and gives what resuming says.
fn spoilt(name: &str, change: impl Fn(&[u8]) -> Vec<u8>) -> RunError {
    let music = music();
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("run");
    let steps = if name == BEST_FILE { 4 } else { 1 };
    train(create(&folder, &music), &options(), &mut stopping_after(steps)).unwrap();
    let path = folder.join(name);
    std::fs::write(&path, change(&std::fs::read(&path).unwrap())).unwrap();
    let before = results_of_stopped(&folder);
    let error = Run::resume(&folder, &|_| ()).and_then(|run| train(run, &options(), &mut ())).unwrap_err();
    let kept = |files: Vec<(PathBuf, Vec<u8>)>| -> Vec<_> {
        files.into_iter().filter(|(path, _)| !path.ends_with(METRICS_FILE)).collect()
    };
    assert_eq!(kept(results_of_stopped(&folder)), kept(before), "the run must stay as it was");
    assert!(error.to_string().contains(folder.to_str().unwrap()), "{error}");
    assert!(!error.hint().is_empty());
    error
}

#[test]
fn files_of_a_run_that_are_not_its_own_are_refused() {
    let half = |bytes: &[u8]| bytes[..bytes.len() / 2].to_vec();
    let foreign = |_: &[u8]| {
        let mut weights = cantus_nn::Weights::new();
        weights.insert("a", cantus_nn::Tensor::zeros(&[2]));
        weights.save(cantus_nn::Precision::F32)
    };
    let replaced = |from: &'static str, to: &'static str| {
        move |bytes: &[u8]| String::from_utf8_lossy(bytes).replace(from, to).into_bytes()
    };
    let check = |name, change: &dyn Fn(&[u8]) -> Vec<u8>, said: &str| {
        let error = spoilt(name, change).to_string();
        assert!(error.contains(said), "{error}");
    };
    check(STATE_FILE, &half, "a checkpoint must be a whole file");
    check(STATE_FILE, &|_| Vec::new(), "a checkpoint must be a whole file");
    check(STATE_FILE, &foreign, "there is no checksum in it");
    check(BEST_FILE, &half, "the best model so far must be a whole file");
    check(RUN_FILE, &|_| b"what?".to_vec(), "it must be the settings of a run");
    check(RUN_FILE, &replaced("batch = 2", "batch = 0"), "it must be the settings of a run");
    check(RUN_FILE, &replaced("batch = 2", "batch = 3"), "batch was 2 and is now 3");
    check(RUN_FILE, &replaced("hidden = 0.4", "hidden = 0.5"), "dropout.hidden was 0.4");
    check(RUN_FILE, &replaced("version = ", "version = 9"), "version 9");
}

#[test]
fn any_flipped_bit_of_a_checkpoint_is_noticed() {
    let music = music();
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("run");
    train(create(&folder, &music), &options(), &mut stopping_after(1)).unwrap();
    let (run, path) = (folder.join(RUN_FILE), folder.join(STATE_FILE));
    let (settings, _) = Settings::read(&run, &std::fs::read_to_string(&run).unwrap()).unwrap();
    let whole = std::fs::read(&path).unwrap();
    let mut rng = Rng::new(3);
    for _ in 0..200 {
        let mut bytes = whole.clone();
        bytes[rng.below(whole.len())] ^= 1 << rng.below(8);
        std::fs::write(&path, bytes).unwrap();
        let error = checkpoint::find(&folder, &settings).unwrap_err();
        assert!(matches!(&error, RunError::Damaged { path: named, .. } if *named == path), "{error}");
    }
    std::fs::write(&path, whole).unwrap();
    assert!(checkpoint::find(&folder, &settings).unwrap().damage.is_none());
}

#[test]
fn a_damaged_checkpoint_costs_no_more_than_the_steps_since_the_one_before() {
    let music = music();
    let (_home, whole) = whole(&music);
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("run");
    train(create(&folder, &music), &eager(), &mut stopping_after(5)).unwrap();
    let path = folder.join(STATE_FILE);
    let bytes = std::fs::read(&path).unwrap();
    std::fs::write(&path, &bytes[..bytes.len() - 9]).unwrap();
    let run = resume(&folder);
    assert_eq!(run.progress.place.step, 4);
    assert!(matches!(&run.damage, Some(RunError::Damaged { path: named, .. }) if *named == path));
    // The next checkpoint takes the damaged one's place, not that of the whole one.
    train(run, &options(), &mut stopping_after(1)).unwrap();
    let run = resume(&folder);
    assert_eq!((run.progress.place.step, run.damage.is_none()), (5, true));
    // A program that was killed while it gave the checkpoints their names leaves only the one before.
    drop(run);
    std::fs::remove_file(&path).unwrap();
    let run = resume(&folder);
    assert_eq!((run.progress.place.step, run.damage.is_none()), (4, true));
    train(run, &options(), &mut ()).unwrap();
    assert_same(&folder, &whole, "from the one before");
}

#[test]
fn what_is_kept_for_the_report_does_not_grow() {
    let mut history = history::History::default();
    let part = PartMetric { name: "all".to_owned(), pieces: 1, valid: 1.0, loss: 1.0, is_known: false };
    for step in 1..=10_000 {
        let (rate, gradient, per_second) = (0.1, 1.0, 1.0);
        history.add(Metric::Step(StepMetric {
            step,
            epoch: 1,
            loss: step as f64,
            rate,
            gradient,
            per_second,
        }));
        history.add(Metric::Epoch(EpochMetric {
            epoch: step as u32,
            step,
            loss: 1.0,
            valid: 1.0,
            parts: vec![part.clone()],
            best: step == 1,
            rate,
            seconds: 1.0,
            sample: Vec::new(),
            remarks: Vec::new(),
        }));
    }
    let points = history.loss.points();
    assert!((300..600).contains(&points.len()) && history.epochs.len() <= 200);
    assert_eq!(history.best.map(|best| best.epoch), Some(1));
    // What is drawn is still the curve: each point is the mean of its stretch.
    assert!(points.iter().all(|(x, y)| (x - y).abs() < 1e-6));
    assert!(points.windows(2).all(|pair| pair[0].0 < pair[1].0));
}

#[test]
fn nothing_to_go_on_with_is_said() {
    let home = tempfile::tempdir().unwrap();
    let error = Run::resume(home.path(), &|_| ()).unwrap_err();
    assert!(matches!(error, RunError::NoRun(_)), "{error}");
}

#[test]
fn the_report_shows_the_run_and_nothing_of_it_is_code() {
    let music = music();
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("run");
    let mut new = new_run(&folder, &music);
    new.name = "<b>mine & yours</b>".to_owned();
    train(Run::create(&new, &|_| ()).unwrap(), &options(), &mut Watcher::default()).unwrap();
    let page = std::fs::read_to_string(folder.join(REPORT_FILE)).unwrap();
    assert!(page.contains("&lt;b&gt;mine &amp; yours&lt;/b&gt;"));
    assert!(page.contains("after &lt;3&gt; epochs"));
    assert!(page.contains("Training is over: all epochs are done."));
    assert_eq!(page.matches("<svg").count(), 3);
    assert!(!page.contains("<script") && !page.contains("http"));
    // One row for each epoch beside the headings and the music.
    assert_eq!(page.matches("<tr class=\"best\">").count(), 1);
}
