//! Progress of long work: a bar on a terminal, a few plain lines elsewhere. Always on stderr.

use std::io::IsTerminal;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

/// Work that is done sooner says nothing but its result where there is no terminal.
const PATIENCE: Duration = Duration::from_secs(2);

/// Counts towards a known end.
pub(crate) struct Progress {
    what: &'static str,
    total: u64,
    done: AtomicU64,
    start: Instant,
    bar: Option<ProgressBar>,
}

impl Progress {
    pub(crate) fn new(what: &'static str, total: u64) -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let style = ProgressStyle::with_template("{msg} [{bar:40}] {pos}/{len} {eta}")
                .expect("the template of the bar is sound");
            ProgressBar::new(total).with_style(style).with_message(what)
        });
        Self { what, total, done: AtomicU64::new(0), start: Instant::now(), bar }
    }

    /// Counts `steps` more; from any thread.
    pub(crate) fn advance(&self, steps: u64) {
        let before = self.done.fetch_add(steps, Ordering::Relaxed);
        match &self.bar {
            Some(bar) => bar.inc(steps),
            None => {
                let quarter = |done: u64| 4 * done / self.total.max(1);
                let news = quarter(before) != quarter(before + steps);
                if news && PATIENCE < self.start.elapsed() {
                    eprintln!("{}: {} of {}", self.what, before + steps, self.total);
                }
            }
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
