//! The loop of a run: steps, measurements, saving, stopping.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::checkpoint::{self, Best, Progress};
use super::disk::{Disk, Folder, RealDisk};
use super::learner::means;
use super::metrics::{self, EpochMetric, Metric, StepMetric, Tally};
use super::report::{self, REPORT_FILE};
use super::watch::{Began, Event, Step, Stop, Watch};
use super::{FILES, METRICS_FILE, Run, RunError, STATE_BEFORE_FILE, STATE_FILE, StepReport, Units, text_of};

/// The best model so far, its weights averaged.
pub const BEST_FILE: &str = "best.safetensors";
/// The latest model, its weights averaged.
pub const LAST_FILE: &str = "last.safetensors";

/// How a run is carried out; nothing here changes what it learns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TrainOptions {
    /// Threads that learn.
    pub threads: usize,
    /// The longest time without a checkpoint.
    pub save_every: Duration,
    /// Steps between two lines of the metrics.
    pub line_every: u64,
}

impl Default for TrainOptions {
    /// All processors, a checkpoint a minute, a line every ten steps.
    fn default() -> Self {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        Self { threads, save_every: Duration::from_mins(1), line_every: 10 }
    }
}

/// What a run came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// Why it ended.
    pub stop: Stop,
    /// Steps taken since the beginning.
    pub step: u64,
    /// Epochs finished.
    pub epochs: u32,
    /// The best epoch and its validation in [`super::Units::valid`]. None before the first epoch ends.
    pub best: Option<(u32, f64)>,
    /// How losses are counted.
    pub units: Units,
    /// The model to use: the best one, or the latest where no epoch is over.
    pub model: PathBuf,
    /// Whether it composes; else it can only be measured.
    pub composes: bool,
}

/// Trains a run until its epochs are over, its patience ends or the watcher asks it to stop. Whatever ends it, all
/// that was learnt is saved first; only an error leaves the run at its last checkpoint.
pub fn train(run: Run, options: &TrainOptions, watch: &mut dyn Watch) -> Result<Outcome, RunError> {
    train_on(&mut RealDisk, run, options, watch)
}

pub(super) fn train_on(
    disk: &mut dyn Disk,
    mut run: Run,
    options: &TrainOptions,
    watch: &mut dyn Watch,
) -> Result<Outcome, RunError> {
    run.learner.use_threads(options.threads);
    let progress = std::mem::take(&mut run.progress);
    let now = Instant::now();
    let pace = Pace { loss: 0.0, weight: 0.0, items: 0, steps: 0, since: now };
    let mut trainer = Trainer {
        run,
        progress,
        interval: Tally::default(),
        interval_since: now,
        pace,
        counted: now,
        saved: now,
        disk,
    };
    trainer.begin(watch)?;
    let stop = trainer.go(options, watch)?;
    watch.event(Event::Stopped(stop));
    Ok(trainer.outcome(stop))
}

struct Trainer<'a> {
    run: Run,
    progress: Progress,
    /// The steps since the last line of the metrics.
    interval: Tally,
    interval_since: Instant,
    pace: Pace,
    /// Until when the seconds are counted in the progress.
    counted: Instant,
    saved: Instant,
    disk: &'a mut dyn Disk,
}

impl Trainer<'_> {
    fn begin(&mut self, watch: &mut dyn Watch) -> Result<(), RunError> {
        self.folder().tidy(&FILES)?;
        // Lines after the last checkpoint go: those steps are taken again.
        let text = text_of(&self.run.folder.join(METRICS_FILE))?.unwrap_or_default();
        let mut kept = String::new();
        for metric in metrics::read(&text, self.progress.place.step) {
            kept += &metric.write();
            kept.push('\n');
            self.run.history.add(metric);
        }
        self.folder().replace(METRICS_FILE, kept.as_bytes())?;
        watch.event(Event::Began(Began {
            data: &self.run.learner.described(),
            units: self.run.learner.units(),
            parameters: self.run.learner.parameters(),
            steps_in_epoch: self.run.learner.steps_in_epoch(),
            epochs: self.run.learner.epochs(),
            step: self.progress.place.step,
            damage: self.run.damage.as_ref(),
        }));
        Ok(())
    }

    fn go(&mut self, options: &TrainOptions, watch: &mut dyn Watch) -> Result<Stop, RunError> {
        if self.run.learner.begins_learnt() && self.progress.best.is_none() {
            self.end_epoch(watch)?;
        }
        loop {
            if let Some(stop) = self.end() {
                self.report(Some(stop))?;
                return Ok(stop);
            }
            let epoch = self.epoch();
            let report = self.run.learner.step()?;
            if !report.cost.is_finite() {
                return Err(RunError::Diverged { step: report.step, loss: report.loss() });
            }
            self.note(report, options, watch)?;
            let is_over = self.epoch() > epoch;
            if is_over {
                self.end_epoch(watch)?;
            }
            let stops = watch.stops();
            if is_over || stops || self.saved.elapsed() >= options.save_every {
                self.save(watch)?;
            }
            if stops && self.end().is_none() {
                self.report(Some(Stop::Asked))?;
                return Ok(Stop::Asked);
            }
        }
    }

    /// Epochs finished.
    fn epoch(&self) -> u32 {
        self.run.learner.place().epoch
    }

    /// Whether the run is over by itself.
    fn end(&self) -> Option<Stop> {
        let waited = self.progress.best.map_or(0, |best| self.epoch().saturating_sub(best.epoch));
        let is_patient = waited == 0 || waited < self.run.learner.patience();
        if self.epoch() >= self.run.learner.epochs() {
            return Some(Stop::Done);
        }
        (!is_patient).then_some(Stop::Patience)
    }

    /// Takes notice of a step.
    fn note(
        &mut self,
        report: StepReport,
        options: &TrainOptions,
        watch: &mut dyn Watch,
    ) -> Result<(), RunError> {
        self.progress.tally.add(report);
        self.interval.add(report);
        self.pace.add(report);
        let place = self.run.learner.place();
        self.progress.place = place;
        self.progress.seconds += self.counted.elapsed().as_secs_f64();
        self.counted = Instant::now();
        let epoch = place.epoch + u32::from(place.step_in_epoch > 0);
        let steps = self.run.learner.steps_in_epoch() as u64 * u64::from(self.run.learner.epochs());
        watch.event(Event::Step(self.pace.step(place.step, steps, epoch)));
        if place.step.is_multiple_of(options.line_every.max(1)) {
            let seconds = self.interval_since.elapsed().as_secs_f64();
            self.line(Metric::Step(StepMetric {
                step: place.step,
                epoch,
                loss: self.interval.loss(),
                rate: self.run.learner.rate(place.step.saturating_sub(1)),
                gradient: self.interval.gradient(),
                per_second: self.interval.items() as f64 / seconds.max(1e-9),
            }))?;
            (self.interval, self.interval_since) = (Tally::default(), Instant::now());
        }
        Ok(())
    }

    /// Measures the epoch that is over, keeps its model if it is the best, and tells.
    fn end_epoch(&mut self, watch: &mut dyn Watch) -> Result<(), RunError> {
        let parts = self.run.learner.validate()?;
        let (valid, loss) = means(&parts);
        let epoch = self.epoch();
        let is_best = self.progress.best.is_none_or(|best| valid < best.valid);
        let model = self.run.learner.model(&self.run.settings.name, &parts);
        if is_best {
            self.progress.best = Some(Best { epoch, valid });
            self.folder().replace(BEST_FILE, &model)?;
        }
        let largest = parts.iter().filter(|part| !part.is_known).max_by_key(|part| part.pieces);
        let sample = watch.sample(&model, largest.map_or("", |part| part.name.as_str()));
        let metric = EpochMetric {
            epoch,
            step: self.progress.place.step,
            // Before the first step nothing has been trained on yet.
            loss: if epoch == 0 { loss } else { self.progress.tally.loss() },
            valid,
            parts,
            best: is_best,
            rate: self.run.learner.rate(self.progress.place.step.saturating_sub(1)),
            seconds: self.progress.seconds,
            sample,
            remarks: self.run.learner.remarks(),
        };
        self.progress.tally = Tally::default();
        watch.event(Event::Epoch(&metric));
        self.line(Metric::Epoch(metric))?;
        self.report(None)
    }

    /// Writes the latest model, then the state; a model that is newer than the state does no harm.
    fn save(&mut self, watch: &mut dyn Watch) -> Result<(), RunError> {
        let model = self.run.learner.model(&self.run.settings.name, &[]);
        self.folder().replace(LAST_FILE, &model)?;
        let state = checkpoint::write(self.run.learner.state(), &self.run.settings, &self.progress);
        if self.run.damage.take().is_some() {
            // What is damaged must not take the place of the whole one that the run goes on from.
            self.folder().replace(STATE_FILE, &state)?;
        } else {
            self.folder().replace_keeping(STATE_FILE, STATE_BEFORE_FILE, &state)?;
        }
        self.saved = Instant::now();
        watch.event(Event::Saved(&self.run.folder.join(STATE_FILE)));
        Ok(())
    }

    fn line(&mut self, metric: Metric) -> Result<(), RunError> {
        self.folder().append(METRICS_FILE, &metric.write())?;
        self.run.history.add(metric);
        Ok(())
    }

    fn report(&mut self, stop: Option<Stop>) -> Result<(), RunError> {
        let text = report::write(&self.run, stop);
        self.folder().replace(REPORT_FILE, text.as_bytes())
    }

    fn folder(&mut self) -> Folder<'_> {
        Folder { path: &self.run.folder, disk: &mut *self.disk }
    }

    fn outcome(&self, stop: Stop) -> Outcome {
        let best = self.progress.best.map(|best| (best.epoch, best.valid));
        let name = if best.is_some() { BEST_FILE } else { LAST_FILE };
        let model = self.run.folder.join(name);
        Outcome {
            stop,
            step: self.progress.place.step,
            epochs: self.epoch(),
            best,
            units: self.run.learner.units(),
            model,
            composes: self.run.learner.composes(),
        }
    }
}

/// How fast this session goes, and the smoothed loss.
struct Pace {
    loss: f64,
    weight: f64,
    items: usize,
    steps: u64,
    since: Instant,
}

impl Pace {
    /// How much of the smoothed loss stays at a step.
    const KEEP: f64 = 0.95;

    fn add(&mut self, report: StepReport) {
        self.loss = Self::KEEP * self.loss + (1.0 - Self::KEEP) * report.loss();
        self.weight = Self::KEEP * self.weight + (1.0 - Self::KEEP);
        self.items += report.items;
        self.steps += 1;
    }

    fn step(&self, step: u64, steps: u64, epoch: u32) -> Step {
        let seconds = self.since.elapsed().as_secs_f64();
        let left = seconds / self.steps.max(1) as f64 * steps.saturating_sub(step) as f64;
        Step {
            step,
            steps,
            epoch,
            loss: self.loss / self.weight.max(1e-9),
            per_second: self.items as f64 / seconds.max(1e-9),
            left: Duration::try_from_secs_f64(left).unwrap_or_default(),
        }
    }
}
