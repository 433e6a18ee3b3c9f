//! How commands end, and the one place that turns that into an exit code.

use std::io;
use std::process::ExitCode;

use crate::printer::Printer;

/// How a command ended well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// All was done.
    Done,
    /// All was done, and something was found that scripts want to know.
    Findings,
    /// Some of it failed, and has been told of already.
    Failed,
}

/// Why a command ended early.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The library could not do it.
    Library(cantus::Error),
    /// What was typed breaks a rule.
    Wish {
        /// The rule, and what was typed.
        message: String,
        /// The command whose help tells what may be asked for.
        command: &'static str,
    },
    /// Standard output does not take the result.
    Output(io::Error),
}

impl From<cantus::Error> for Failure {
    fn from(error: cantus::Error) -> Self {
        Self::Library(error)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

/// 0 where all is done, 1 where it is done with findings, 2 where something failed.
/// A reader that has seen enough and closes the pipe (`cantus show x | head`) is no failure.
pub(crate) fn code(ended: Result<Outcome, Failure>, printer: &Printer) -> ExitCode {
    let code = match ended {
        Ok(Outcome::Done) => 0,
        Ok(Outcome::Findings) => 1,
        Ok(Outcome::Failed) => 2,
        Err(Failure::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => 0,
        Err(Failure::Output(error)) => {
            printer.failure(&format!("the result cannot be written to standard output: {error}"), None);
            2
        }
        Err(Failure::Wish { message, command }) => {
            printer.failure(&message, Some(&format!("`cantus help {command}` lists what may be asked for")));
            2
        }
        Err(Failure::Library(error)) => {
            printer.error(&error);
            2
        }
    };
    ExitCode::from(code)
}
