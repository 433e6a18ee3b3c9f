//! Notices what never ends.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// A copy takes milliseconds; on the busiest machine it does not take so long.
const PATIENCE: Duration = Duration::from_mins(2);

/// Ends the program where one copy takes longer than any could.
pub(super) struct Watchdog {
    seed: Arc<AtomicU64>,
}

impl Watchdog {
    /// Begins to watch, until the watchdog is dropped.
    pub(super) fn start() -> Self {
        let seed = Arc::new(AtomicU64::new(u64::MAX));
        let watched = Arc::downgrade(&seed);
        thread::spawn(move || {
            let (mut last, mut since) = (u64::MAX, Instant::now());
            while let Some(seed) = watched.upgrade() {
                let now = seed.load(Ordering::Relaxed);
                if now != last {
                    (last, since) = (now, Instant::now());
                } else if since.elapsed() > PATIENCE {
                    give_up(now);
                }
                drop(seed);
                thread::sleep(Duration::from_secs(1));
            }
        });
        Self { seed }
    }

    /// Tells that the copy of a seed is next.
    pub(super) fn begin(&self, seed: u64) {
        self.seed.store(seed, Ordering::Relaxed);
    }
}

#[allow(clippy::print_stderr, reason = "nothing else can still be done")]
fn give_up(seed: u64) -> ! {
    eprintln!("the copy of seed {seed} takes longer than {} s", PATIENCE.as_secs());
    std::process::exit(101);
}
