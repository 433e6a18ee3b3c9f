//! `cantus bench`: fixed works, timed.

use cantus::bench::{self, Machine, Reading, Report};

use crate::args::{BenchArgs, Work};
use crate::exit::{Failure, Outcome};
use crate::printer::Printer;

/// Times a work and prints what it took.
pub(crate) fn run(args: &BenchArgs, printer: &mut Printer) -> Result<Outcome, Failure> {
    let machine = Machine::new(args.threads.into());
    let machine = match &args.simd {
        Some(name) => machine.limited_to(name)?,
        None => machine,
    };
    let spinner = printer.spinner("measuring");
    let reports = reports(&args.work, machine);
    spinner.finish_and_clear();
    for report in reports? {
        let text = if args.json { report.json_lines() } else { format!("{report}\n") };
        printer.data(&text)?;
    }
    Ok(Outcome::Done)
}

fn reports(work: &Work, machine: Machine) -> Result<Vec<Report>, Failure> {
    Ok(match work {
        Work::NnA => vec![bench::nn_a(machine)],
        Work::NnB => vec![bench::nn_b(machine)],
        Work::NnC => bench::nn_c(machine),
        Work::NnD => vec![bench::nn_d(machine)],
        Work::Slices { paths, export } => bench::slices(machine, paths, export.as_deref())?,
        Work::Features => bench::features(),
        Work::Decode { paths } if paths.is_empty() => bench::notes(machine)?,
        Work::Decode { paths } => bench::decode(paths)?,
        Work::Read { paths, sample, keep } => {
            let sample = sample.map(|count| count as usize);
            bench::read(&Reading { paths: paths.clone(), sample, keep: keep.clone() })?
        }
        Work::MidiRead { folder } => vec![bench::midi_read(folder)?],
        Work::MidiEncode { folder } => vec![bench::midi_encode(folder)?],
    })
}
