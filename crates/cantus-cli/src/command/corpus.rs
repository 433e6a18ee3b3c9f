//! `cantus corpus`: music made one file, and what such a file holds.

use std::fmt::Write as _;

use cantus::model::corpus::{Built, CorpusFile, Fault, Making};
use cantus::{Distribution, Overview};

use crate::args::{BuildArgs, CorpusArgs, CorpusCommand, ShowCorpusArgs};
use crate::exit::{Failure, Outcome};
use crate::printer::Printer;

/// Bars of a chart are at most so long.
const LONGEST_BAR: usize = 40;
/// Rows of labels without a piece that are named.
const NAMED_ROWS: usize = 3;

/// Builds or shows.
pub(crate) fn run(args: CorpusArgs, printer: &mut Printer) -> Result<Outcome, Failure> {
    match args.command {
        CorpusCommand::Build(args) => build(args, printer),
        CorpusCommand::Show(args) => show(&args, printer),
    }
}

fn build(args: BuildArgs, printer: &Printer) -> Result<Outcome, Failure> {
    let settings = args.settings();
    let bar = printer.files_bar();
    let built = cantus::build_corpus(&settings, &|progress| bar.show(progress));
    bar.end();
    let built = built?;
    tell(&built, printer);
    let output = settings.output.display();
    printer.say(&format!("wrote {output}: {} pieces, {} bytes", built.pieces, built.bytes));
    printer.say(&format!("next: cantus corpus show {output}, or cantus train {output} -o RUN"));
    Ok(Outcome::Done)
}

fn tell(built: &Built, printer: &Printer) {
    let Making { files, warnings, duplicates, straddling, left_out, faults, .. } = &built.making;
    if built.remembered > 0 {
        printer.say(&format!("{} files had been read before the build was interrupted", built.remembered));
    }
    printer.say(&format!("{files} files read, {warnings} faults forgiven"));
    for (reason, count) in left_out {
        printer.say(&format!("left out: {count:6}  {reason}"));
    }
    printer
        .say(&format!("copies dropped: {duplicates}; relatives of what is held out dropped: {straddling}"));
    let rows = &built.rows_without_piece;
    if !rows.is_empty() {
        let named: Vec<&str> = rows.iter().take(NAMED_ROWS).map(String::as_str).collect();
        let more = if rows.len() > named.len() { " …" } else { "" };
        printer.say(&format!("{} rows of the labels have no piece: {}{more}", rows.len(), named.join(", ")));
    }
    if !faults.is_empty() {
        printer.say(faults_table(faults).trim_end());
    }
}

/// What could not be read, by reason.
fn faults_table(faults: &[Fault]) -> String {
    let mut text = String::from("not read:\n");
    for Fault { reason, count, examples } in faults {
        let example = examples.first().map_or("", String::as_str);
        let _ = writeln!(text, "{count:6}  {reason}\n        such as {example}");
    }
    text
}

fn show(args: &ShowCorpusArgs, printer: &mut Printer) -> Result<Outcome, Failure> {
    let corpus = cantus::open_corpus(&args.corpus)?;
    let overview = cantus::overview_of(&corpus);
    if let Some(path) = &args.output {
        let name = args.corpus.file_name().unwrap_or_default().to_string_lossy();
        cantus::write_file(path, cantus::corpus_picture(&overview, &name).as_bytes())?;
        printer.say(&format!("wrote {}", path.display()));
    }
    if args.pieces {
        list(&corpus, args.json, printer)?;
    } else if args.json {
        let mut line = overview.to_json();
        line["digest"] = corpus.digest.clone().into();
        line["duplicates"] = corpus.making.duplicates.into();
        printer.data(&format!("{line}\n"))?;
    } else {
        printer.data(&as_text(&overview, &corpus))?;
    }
    Ok(Outcome::Done)
}

/// A line a piece.
fn list(corpus: &CorpusFile, json: bool, printer: &mut Printer) -> Result<(), Failure> {
    if json {
        for row in cantus::corpus_rows(corpus) {
            printer.data(&format!("{row}\n"))?;
        }
        return Ok(());
    }
    let mut text = String::new();
    for record in &corpus.records {
        let composer = record.ledger.composer.as_deref().unwrap_or("");
        let rights = record.ledger.terms.rights.as_deref().unwrap_or("");
        let (split, style, title) = (record.split.name(), &record.style, &record.title);
        let _ = writeln!(text, "{split:5}  {style:20}  {rights:13}  {}  {composer}  {title}", record.name);
    }
    printer.data(&text)?;
    Ok(())
}

fn as_text(overview: &Overview, corpus: &CorpusFile) -> String {
    let Overview { pieces, groups, notes, hours, styles, distributions } = overview;
    let mut text =
        format!("{pieces} pieces in {groups} groups of relatives, {notes} notes, {hours:.1} hours\n");
    text.push_str("\nstyle                      train  valid   test\n");
    for (style, [train, valid, test]) in styles {
        let _ = writeln!(text, "{style:24}  {train:6} {valid:6} {test:6}");
    }
    // Styles and splits stand in the table.
    for Distribution { name, bars } in distributions.iter().skip(2) {
        let most = bars.iter().map(|(_, count)| *count).max().unwrap_or(0).max(1);
        let _ = writeln!(text, "\n{name}");
        for (label, count) in bars {
            let long = (count * LONGEST_BAR).div_ceil(most);
            let label: String = label.chars().take(34).collect();
            let _ = writeln!(text, "  {label:34} {count:6} {}", "█".repeat(long));
        }
    }
    let _ = writeln!(text, "\nledger  {}", corpus.digest);
    text
}
