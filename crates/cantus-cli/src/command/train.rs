//! `cantus train`: a model of one's own music.

use cantus::TrainSettings;
use cantus::model::model::Model;
use cantus::model::run::{Began, EpochMetric, Event, Outcome as Trained, Step, Stop, Units, Watch};
use indicatif::{HumanDuration, ProgressBar, ProgressStyle};

use crate::args::TrainArgs;
use crate::exit::{Failure, Outcome};
use crate::printer::Printer;
use crate::stop;

/// Trains, shows how it goes, and names the model to compose with.
pub(crate) fn run(args: TrainArgs, printer: &mut Printer) -> Result<Outcome, Failure> {
    let trained = watched(&args.settings()?, printer)?;
    tell(&trained, printer);
    Ok(Outcome::Done)
}

/// Trains and shows how it goes.
pub(crate) fn watched(settings: &TrainSettings, printer: &Printer) -> Result<Trained, Failure> {
    stop::on_interrupt();
    let files = printer.files_bar();
    let mut watcher = Watcher { printer, bar: ProgressBar::new(0), units: None, epochs: 0 };
    let trained = cantus::train(settings, &|progress| files.show(progress), &mut watcher);
    watcher.bar.finish_and_clear();
    files.end();
    Ok(trained?)
}

fn tell(trained: &Trained, printer: &Printer) {
    let why = match trained.stop {
        Stop::Done => "all epochs are over",
        Stop::Patience => "validation does not get better",
        Stop::Asked => "stopped as asked; --resume goes on",
    };
    let best = trained
        .best
        .map(|(epoch, valid)| format!("; best was epoch {epoch} with {valid:.4} {}", trained.units.valid));
    printer.say(&format!(
        "{why}: {} steps, {} epochs{}",
        trained.step,
        trained.epochs,
        best.unwrap_or_default()
    ));
    if trained.best.is_some_and(|(epoch, _)| epoch == 0) {
        printer.say(
            "nothing learnt here helped on the held-out pieces, so the model begun from is still the best: \
                     it needs more pieces, or pieces more like each other",
        );
    }
    let model = trained.model.display();
    printer.say(&if trained.composes {
        format!("compose with: cantus compose --model {model}")
    } else {
        format!("measure it with: cantus eval {model} --benchmark jsb16 FILE")
    });
}

/// Shows a run on the terminal.
struct Watcher<'a> {
    printer: &'a Printer,
    bar: ProgressBar,
    /// How losses are counted, once training has begun.
    units: Option<Units>,
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
        stop::is_asked()
    }

    fn sample(&mut self, model: &[u8], part: &str) -> Vec<String> {
        Model::from_bytes(model).map(|model| cantus::sample(&model, part, 1)).unwrap_or_default()
    }
}

impl Watcher<'_> {
    fn begin(&mut self, began: Began<'_>) {
        self.epochs = began.epochs;
        self.units = Some(began.units);
        self.say(&began.data.summary);
        let standing = began.data.notes.filter(|_| began.step == 0).and_then(cantus::standing);
        for line in standing.iter().chain(&began.data.advice) {
            self.say(line);
        }
        if let Some(damage) = began.damage {
            self.say(&format!(
                "{damage}; the checkpoint before it is whole, so that only those steps are lost"
            ));
        }
        if began.step > 0 {
            self.say(&format!("going on after step {}", began.step));
        }
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
            "epoch {} loss {:.3} {:.0} {}/s, {} left",
            step.epoch,
            step.loss,
            step.per_second,
            self.units.map_or("", |units| units.items),
            HumanDuration(step.left),
        ));
    }

    fn epoch(&mut self, epoch: &EpochMetric) {
        let best = if epoch.best { ", best so far" } else { "" };
        let (loss, valid) = self.units.map_or(("", ""), |units| (units.loss, units.valid));
        if epoch.epoch == 0 {
            return self.say(&format!("before training: validation {:.4} {valid}", epoch.valid));
        }
        self.say(&format!(
            "epoch {}/{}: loss {:.3} {loss}, validation {:.4} {valid}{best}",
            epoch.epoch, self.epochs, epoch.loss, epoch.valid,
        ));
        for remark in &epoch.remarks {
            self.say(&format!("  {remark}"));
        }
        for line in &epoch.sample {
            self.say(&format!("  {line}"));
        }
    }

    /// Says something above the bar.
    fn say(&self, text: &str) {
        self.bar.suspend(|| self.printer.say(text));
    }
}
