//! Ctrl-C as a wish: long work looks at it and ends where nothing is lost.

use std::sync::atomic::{AtomicBool, Ordering};

static STOP: AtomicBool = AtomicBool::new(false);

/// Takes notice of Ctrl-C from now on, in place of ending the program.
pub(crate) fn on_interrupt() {
    // Where no handler can be set, Ctrl-C ends the program, and what was saved stands.
    let _ = ctrlc::set_handler(|| STOP.store(true, Ordering::Relaxed));
}

/// Whether Ctrl-C was pressed.
pub(crate) fn is_asked() -> bool {
    STOP.load(Ordering::Relaxed)
}
