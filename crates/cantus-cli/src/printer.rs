//! Where all words go: data to standard output, talk to standard error.

use std::fmt;
use std::io::{self, IsTerminal as _, Write as _};
use std::time::Duration;

use cantus::Drawn;
use cantus::model::corpus::Progress;
use indicatif::{ProgressBar, ProgressStyle};
use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme};

/// The widest that pictures are drawn where the terminal does not tell its width.
const WIDTH: usize = 100;

/// Writes to the terminal or to whoever reads the pipe.
pub(crate) struct Printer {
    out: io::Stdout,
    err: io::Stderr,
    colour_out: bool,
    colour_err: bool,
}

impl Printer {
    pub(crate) fn new() -> Self {
        let wanted = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        let (out, err) = (io::stdout(), io::stderr());
        Self { colour_out: wanted && out.is_terminal(), colour_err: wanted && err.is_terminal(), out, err }
    }

    /// Whether colours are seen.
    pub(crate) fn has_colour(&self) -> bool {
        self.colour_out
    }

    /// How many characters fit in a line.
    pub(crate) fn columns(&self) -> usize {
        let told = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
        let size = || console::Term::stdout().size_checked();
        let terminal = || size().filter(|_| self.out.is_terminal()).map(|(_, columns)| columns.into());
        told.or_else(terminal).unwrap_or(WIDTH)
    }

    /// Prints data, as it is.
    pub(crate) fn data(&mut self, text: &str) -> io::Result<()> {
        let mut out = self.out.lock();
        out.write_all(text.as_bytes())?;
        out.flush()
    }

    /// Says something on standard error. That nobody listens there is no reason to fail.
    pub(crate) fn say(&self, text: &str) {
        let _ = writeln!(self.err.lock(), "{text}");
    }

    /// A bar for files being read, on standard error; nothing where that is no terminal.
    #[expect(clippy::unused_self, reason = "all output begins at the printer")]
    pub(crate) fn files_bar(&self) -> FilesBar {
        let bar = ProgressBar::new(0).with_message("reading");
        let style = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len} {per_sec}, {eta} left");
        FilesBar(style.map(|style| bar.clone().with_style(style)).unwrap_or(bar))
    }

    /// A bar for a piece being composed, on standard error; nothing where that is no terminal.
    #[expect(clippy::unused_self, reason = "all output begins at the printer")]
    pub(crate) fn piece_bar(&self) -> PieceBar {
        let bar = ProgressBar::new(0).with_message("composing");
        let style = ProgressStyle::with_template("{msg} {wide_bar} bar {pos} of {len}");
        PieceBar(style.map(|style| bar.clone().with_style(style)).unwrap_or(bar))
    }

    /// A sign of work that cannot tell how far it is, on standard error; nothing where that is no terminal.
    #[expect(clippy::unused_self, reason = "all output begins at the printer")]
    pub(crate) fn spinner(&self, what: &'static str) -> ProgressBar {
        let spinner = ProgressBar::new_spinner().with_message(what);
        spinner.enable_steady_tick(Duration::from_millis(200));
        spinner
    }

    /// Tells of an error of the library.
    pub(crate) fn error(&self, error: &cantus::Error) {
        self.failure(&error.to_string(), error.hint());
    }

    /// Tells what went wrong and what helps.
    pub(crate) fn failure(&self, message: &str, hint: Option<&str>) {
        let report = Report { message: message.to_owned() };
        let theme =
            if self.colour_err { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
        let mut handler = GraphicalReportHandler::new_themed(theme).with_wrap_lines(false);
        if let Some(hint) = hint {
            handler = handler.with_footer(format!("hint: {hint}"));
        }
        let mut text = String::new();
        if handler.render_report(&mut text, &report).is_err() {
            text = report.to_string();
        }
        self.say(text.trim_matches('\n'));
    }
}

/// Shows how many files are read.
pub(crate) struct FilesBar(ProgressBar);

impl FilesBar {
    /// Shows how far reading is.
    pub(crate) fn show(&self, progress: Progress) {
        self.0.set_length(progress.files as u64);
        self.0.set_position(progress.done as u64);
    }

    /// Clears the bar away.
    pub(crate) fn end(&self) {
        self.0.finish_and_clear();
    }
}

/// Shows how many bars of a piece are drawn.
pub(crate) struct PieceBar(ProgressBar);

impl PieceBar {
    /// Shows how far the piece is.
    pub(crate) fn show(&self, drawn: Drawn) {
        self.0.set_length(drawn.bars.into());
        self.0.set_position(drawn.bar.into());
    }

    /// Clears the bar away.
    pub(crate) fn end(&self) {
        self.0.finish_and_clear();
    }
}

/// A message in the form that the report handler takes.
#[derive(Debug)]
struct Report {
    message: String,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Report {}
impl Diagnostic for Report {}
