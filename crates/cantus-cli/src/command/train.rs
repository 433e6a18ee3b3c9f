//! `cantus train`: a model of one's own music.

use std::sync::atomic::{AtomicBool, Ordering};

use cantus::model::model::Model;
use cantus::model::run::{Began, EpochMetric, Event, Outcome as Trained, Step, Stop, Summary, Watch};
use indicatif::{HumanDuration, ProgressBar, ProgressStyle};

use crate::args::TrainArgs;
use crate::exit::{Failure, Outcome};
use crate::printer::Printer;

/// Set by Ctrl-C; training looks at it after each step.
static STOP: AtomicBool = AtomicBool::new(false);

/// Trains, shows how it goes, and names the model to compose with.
pub(crate) fn run(args: TrainArgs, printer: &mut Printer) -> Result<Outcome, Failure> {
    let settings = args.settings();
    // Where no handler can be set, Ctrl-C ends the program, and the last checkpoint stands.
    let _ = ctrlc::set_handler(|| STOP.store(true, Ordering::Relaxed));
    let files = printer.files_bar();
    let mut watcher = Watcher { printer, bar: ProgressBar::new(0), epochs: 0 };
    let trained = cantus::train(&settings, &|progress| files.show(progress), &mut watcher);
    watcher.bar.finish_and_clear();
    files.end();
    tell(&trained?, printer);
    Ok(Outcome::Done)
}

fn tell(trained: &Trained, printer: &Printer) {
    let why = match trained.stop {
        Stop::Done => "all epochs are over",
        Stop::Patience => "validation does not get better",
        Stop::Asked => "stopped as asked; --resume goes on",
    };
    let best =
        trained.best.map(|(epoch, nats)| format!("; best was epoch {epoch} with {nats:.4} nats a note"));
    printer.say(&format!(
        "{why}: {} steps, {} epochs{}",
        trained.step,
        trained.epochs,
        best.unwrap_or_default()
    ));
    printer.say(&format!("compose with: cantus compose --model {}", trained.model.display()));
}

/// Shows a run on the terminal.
struct Watcher<'a> {
    printer: &'a Printer,
    bar: ProgressBar,
    epochs: u32,
}

impl Watch for Watcher<'_> {
    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Began(began) => self.begin(began),
            Event::Step(step) => self.step(step),
            Event::Epoch(epoch) => self.epoch(epoch),
            _ => {}
        }
    }

    fn stops(&mut self) -> bool {
        STOP.load(Ordering::Relaxed)
    }

    fn sample(&mut self, model: &Model) -> Vec<String> {
        cantus::sample(model, 1)
    }
}

impl Watcher<'_> {
    fn begin(&mut self, began: Began<'_>) {
        self.epochs = began.epochs;
        let Summary { pieces: [train, valid, test], skipped, duplicates, .. } = *began.music;
        self.say(&format!(
            "{train} pieces to learn from, {valid} to stop by, {test} kept for the end; \
             {duplicates} copies dropped, {skipped} files or tunes skipped",
        ));
        self.say(&format!("{} weights, {} steps an epoch", began.parameters, began.steps_in_epoch));
        self.bar.set_length(u64::from(began.epochs) * began.steps_in_epoch as u64);
        if let Ok(style) = ProgressStyle::with_template("{wide_bar} {pos}/{len} {msg}") {
            self.bar.set_style(style);
        }
    }

    fn step(&mut self, step: Step) {
        self.bar.set_length(step.steps);
        self.bar.set_position(step.step);
        self.bar.set_message(format!(
            "epoch {} loss {:.3} {:.0} slices/s, {} left",
            step.epoch,
            step.loss,
            step.slices_per_second,
            HumanDuration(step.left),
        ));
    }

    fn epoch(&mut self, epoch: &EpochMetric) {
        let best = if epoch.best { ", best so far" } else { "" };
        self.say(&format!(
            "epoch {}/{}: loss {:.3} nats a slice, validation {:.4} nats a note{best}",
            epoch.epoch, self.epochs, epoch.loss, epoch.valid,
        ));
        for line in &epoch.sample {
            self.say(&format!("  {line}"));
        }
    }

    /// Says something above the bar.
    fn say(&self, text: &str) {
        self.bar.suspend(|| self.printer.say(text));
    }
}
