//! The place that log lines go to.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use crate::sync::lock;

/// Takes the lines of a [`DecisionLog`](crate::DecisionLog).
///
/// Every writer behind a mutex is one, and whatever else the program has: a channel, a thread
/// that writes, a network client.
///
/// ```
/// use std::io;
/// use std::sync::mpsc::SyncSender;
/// use routescope_guard::LogSink;
///
/// /// Hands lines to a thread that writes them, and loses them before it keeps a request waiting.
/// struct Queue(SyncSender<Vec<u8>>);
///
/// impl LogSink for Queue {
///     fn write_line(&self, line: &[u8]) -> io::Result<()> {
///         self.0.try_send(line.to_vec()).map_err(io::Error::other)
///     }
/// }
/// ```
pub trait LogSink: Send + Sync {
    /// Takes a line, its newline included.
    ///
    /// The decision waits for it. An error loses the line and is counted in
    /// [`Counts::log_errors`](crate::Counts::log_errors); so is a panic, which the guard catches
    /// where panics unwind, because a request must get its answer whatever becomes of the log.
    /// (The panic hook of the program has then said so. A sink must not put the line into its
    /// message.)
    ///
    /// It may decide by the same guard, and must not reload it: the line of a reload is written
    /// while the next reload waits.
    ///
    /// # Errors
    ///
    /// The reason why the line was not written.
    fn write_line(&self, line: &[u8]) -> io::Result<()>;
}

/// One call of `write_all` for each line, so that lines of several processes that append to a file
/// stay whole. A thread that panicked while it wrote closes nothing for the others.
impl<W: Write + Send> LogSink for Mutex<W> {
    fn write_line(&self, line: &[u8]) -> io::Result<()> {
        lock(self).write_all(line)
    }
}

impl<S: LogSink + ?Sized> LogSink for Arc<S> {
    fn write_line(&self, line: &[u8]) -> io::Result<()> {
        (**self).write_line(line)
    }
}
