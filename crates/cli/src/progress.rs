//! Progress of a long job, on standard error where a person watches.

use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::output::Output;

/// Shows how much of a known number of bytes is done.
pub(crate) struct Progress {
    bar: ProgressBar,
    /// When it may begin to show, unless it does or never will.
    waiting: Cell<Option<Instant>>,
}

impl Progress {
    /// Work that is done sooner shows no progress.
    const PATIENCE: Duration = Duration::from_millis(500);

    /// Shows progress over files that are read one after the other. The size of standard input
    /// and of pipes is not known: then only the bytes read are shown.
    pub(crate) fn of_files(files: &[PathBuf]) -> Self {
        let size: Option<u64> = files.iter().map(|file| size(file)).sum();
        let template = match size {
            Some(_) => "{bar:30} {bytes} of {total_bytes}, {binary_bytes_per_sec}, {eta} to go",
            None => "{spinner} {bytes}, {binary_bytes_per_sec}",
        };
        let bar = ProgressBar::with_draw_target(size, ProgressDrawTarget::hidden());
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        Self {
            bar,
            waiting: Cell::new(Output::is_watched().then(|| Instant::now() + Self::PATIENCE)),
        }
    }

    /// Never shows anything: it would get between the lines that a person reads or writes.
    pub(crate) fn hidden() -> Self {
        Self {
            bar: ProgressBar::hidden(),
            waiting: Cell::new(None),
        }
    }

    pub(crate) fn set(&self, bytes: u64) {
        if self
            .waiting
            .get()
            .is_some_and(|start| start <= Instant::now())
        {
            self.waiting.set(None);
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
        }
        self.bar.set_position(bytes);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

fn size(file: &Path) -> Option<u64> {
    let metadata = std::fs::metadata(file).ok()?;
    metadata.is_file().then_some(metadata.len())
}
